/* SPDX-License-Identifier: BSD-3-Clause */
#include "write.h"

#include "frame.h"

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

static void
put_packets(struct output *out, const struct gen_trace *trace, unsigned vlan)
{
	struct gen_frame whole, piece;

	for (size_t i = 0; i < trace->n_packets; i++) {
		const struct gen_packet *packet = &trace->packet[i];
		char label = trace->flow[packet->flow].label;
		unsigned pieces;

		gen_frame_build(trace, packet, out->totals->packets + 1, vlan, &whole);
		pieces = gen_frame_pieces(&whole);
		if (pieces == 1)
			put_frame(out, packet->time_ns, &whole, label);
		for (unsigned p = 0; pieces > 1 && p < pieces; p++) {
			gen_frame_piece(&whole, p, &piece);
			put_frame(out, packet->time_ns, &piece, label);
		}
	}
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
gen_write(const struct gen_trace *trace, const char *path, const char *labels, unsigned vlan, struct gen_totals *totals)
{
	pcap_t *pcap = pcap_open_dead_with_tstamp_precision(DLT_EN10MB, 262144, PCAP_TSTAMP_PRECISION_NANO);
	struct output out = {.totals = totals};
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
		put_packets(&out, trace, vlan);
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
