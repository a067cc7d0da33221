/* SPDX-License-Identifier: BSD-3-Clause */
#include "write.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <string.h>

struct output {
	pcap_dumper_t *dumper;
	FILE *labels;
	struct gen_totals *totals;
};

static void
put_frame(struct output *out, uint64_t time_ns, const struct gen_frame *frame, char label)
{
	struct pcap_pkthdr header = {
		.ts = {.tv_sec = (time_t)(time_ns / GEN_NS_PER_S), .tv_usec = (suseconds_t)(time_ns % GEN_NS_PER_S)},
		.caplen = frame->len,
		.len = frame->len,
	};

	pcap_dump((u_char *)out->dumper, &header, frame->data);
	if (out->labels != NULL)
		putc(label, out->labels);
	out->totals->packets++;
	out->totals->bytes += frame->len;
	out->totals->attack += label == GEN_ATTACK;
	out->totals->legit += label == GEN_LEGIT;
}

static int
complain(const char *path)
{
	fprintf(stderr, "seki-gen: %s cannot be written: %s\n", path, strerror(errno));
	return -1;
}

/* A full disk may show only now. */
static int
finish(FILE *file, const char *path)
{
	if (fflush(file) == 0 && !ferror(file))
		return 0;
	return complain(path);
}

int
gen_write(struct gen_stream *stream, const char *path, const char *labels, struct gen_totals *totals)
{
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 262144, PCAP_TSTAMP_PRECISION_NANO);
	struct output out = {.totals = totals};
	const struct gen_frame *frame;
	int rc = 0;

	*totals = (struct gen_totals){0};
	out.dumper = pcap == NULL ? NULL : pcap_dump_open(pcap, path);
	if (out.dumper == NULL)
		rc = complain(path);
	if (rc == 0 && labels != NULL) {
		out.labels = fopen(labels, "w");
		if (out.labels == NULL)
			rc = complain(labels);
	}
	if (rc == 0) {
		while ((frame = gen_stream_next(stream)) != NULL)
			put_frame(&out, stream->time_ns, frame, stream->label);
		rc = finish(pcap_dump_file(out.dumper), path);
	}
	if (out.labels != NULL) {
		putc('\n', out.labels);
		rc |= finish(out.labels, labels);
		fclose(out.labels);
	}
	if (out.dumper != NULL)
		pcap_dump_close(out.dumper);
	if (pcap != NULL)
		pcap_close(pcap);
	return rc;
}
