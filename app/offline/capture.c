/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NS_PER_S UINT64_C(1000000000)

struct capture {
	char *path;
	pcap_t *pcap;
	uint64_t n_read;
};

struct capture_writer {
	char *path;
	pcap_t *pcap;
	pcap_dumper_t *dumper;
};

static bool
is_empty_file(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 0;
}

/* The link type as libpcap's users know it; types without a name by number. */
static int
check_link_type(const char *path, pcap_t *pcap, struct seki_err *err)
{
	int type = pcap_datalink(pcap);
	const char *name = pcap_datalink_val_to_name(type);
	const char *description = pcap_datalink_val_to_description_or_dlt(type);

	if (type == DLT_EN10MB)
		return 0;
	if (name == NULL)
		return seki_err_add(err, path, 0, "link type %d; only Ethernet (EN10MB) can be replayed", type);
	return seki_err_add(
		err, path, 0, "link type %s (%s); only Ethernet (EN10MB) can be replayed", name, description);
}

struct capture *
capture_open(const char *path, struct seki_err *err)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	struct capture *capture;
	pcap_t *pcap;

	if (is_empty_file(path)) {
		seki_err_add(err, path, 0, "the file is empty");
		return NULL;
	}
	pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, text);
	if (pcap == NULL) {
		/* libpcap names the file only sometimes. */
		size_t n = strlen(path);
		bool named = strncmp(text, path, n) == 0 && strncmp(text + n, ": ", 2) == 0;

		seki_err_add(err, path, 0, "%s", named ? text + n + 2 : text);
		return NULL;
	}
	capture = calloc(1, sizeof(*capture));
	if (capture == NULL || check_link_type(path, pcap, err) < 0) {
		free(capture);
		pcap_close(pcap);
		return NULL;
	}
	capture->path = strdup(path);
	capture->pcap = pcap;
	return capture;
}

void
capture_close(struct capture *capture)
{
	if (capture == NULL)
		return;
	pcap_close(capture->pcap);
	free(capture->path);
	free(capture);
}

/* libpcap hands a classic file's unsigned 32 bits over as signed: seconds from 2038 on, and damaged fractions. */
static uint64_t
unsigned_again(int64_t n)
{
	if (n >= 0)
		return (uint64_t)n;
	return n >= INT32_MIN ? (uint32_t)n : 0;
}

/* A damaged file can hold any seconds and any fraction; the result stays below 2^63. */
static uint64_t
stamp_ns(const struct timeval *ts)
{
	const uint64_t max_s = INT64_MAX / NS_PER_S - 1;
	uint64_t s = unsigned_again(ts->tv_sec);
	uint64_t ns = unsigned_again(ts->tv_usec); /* nanoseconds: so it was opened */

	if (s > max_s)
		s = max_s;
	if (ns >= NS_PER_S)
		ns = NS_PER_S - 1;
	return s * NS_PER_S + ns;
}

int
capture_next(struct capture *capture, struct capture_packet *packet, struct seki_err *err)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int rc = pcap_next_ex(capture->pcap, &header, &data);

	if (rc == PCAP_ERROR_BREAK)
		return 0;
	if (rc != 1) {
		seki_err_add(err, capture->path, 0, "damaged after packet %llu: %s",
			(unsigned long long)capture->n_read, pcap_geterr(capture->pcap));
		return -EIO;
	}
	capture->n_read++;
	if (header->caplen > CAPTURE_FRAME_MAX) {
		seki_err_add(err, capture->path, 0, "damaged: packet %llu has %u bytes, and no frame more than %u",
			(unsigned long long)capture->n_read, header->caplen, CAPTURE_FRAME_MAX);
		return -EIO;
	}
	packet->data = data;
	packet->caplen = header->caplen;
	packet->len = header->len > header->caplen ? header->len : header->caplen;
	packet->time_ns = stamp_ns(&header->ts);
	return 1;
}

bool
capture_same_file(const char *a, const char *b)
{
	struct stat sa, sb;
	int ra = strcmp(a, "-") == 0 ? fstat(STDIN_FILENO, &sa) : stat(a, &sa);

	/* A device swallows what is written to it; nothing that is read is lost. */
	return ra == 0 && stat(b, &sb) == 0 && S_ISREG(sa.st_mode) && sa.st_dev == sb.st_dev && sa.st_ino == sb.st_ino;
}

struct capture_writer *
capture_writer_open(const char *path, struct seki_err *err)
{
	struct capture_writer *writer = calloc(1, sizeof(*writer));

	if (writer == NULL) {
		seki_err_add(err, path, 0, "out of memory");
		return NULL;
	}
	writer->path = strdup(path);
	writer->pcap =
		pcap_open_dead_with_tstamp_precision(DLT_EN10MB, (int)CAPTURE_FRAME_MAX, PCAP_TSTAMP_PRECISION_NANO);
	if (writer->path != NULL && writer->pcap != NULL)
		writer->dumper = pcap_dump_open(writer->pcap, path);
	if (writer->dumper == NULL) {
		seki_err_add(err, path, 0, "cannot be written: %s", strerror(errno));
		capture_writer_close(writer, NULL);
		return NULL;
	}
	return writer;
}

void
capture_writer_put(struct capture_writer *writer, const struct capture_packet *packet)
{
	struct pcap_pkthdr header = {
		.ts = {.tv_sec = (time_t)(packet->time_ns / NS_PER_S),
			.tv_usec = (suseconds_t)(packet->time_ns % NS_PER_S)},
		.caplen = packet->caplen,
		.len = packet->len,
	};

	pcap_dump((u_char *)writer->dumper, &header, packet->data);
}

int
capture_writer_close(struct capture_writer *writer, struct seki_err *err)
{
	int rc = 0;

	if (writer == NULL)
		return 0;
	if (writer->dumper != NULL) {
		errno = 0;
		if (pcap_dump_flush(writer->dumper) != 0 || ferror(pcap_dump_file(writer->dumper))) {
			seki_err_add(err, writer->path, 0, "is incomplete: %s", strerror(errno == 0 ? EIO : errno));
			rc = -EIO;
		}
		pcap_dump_close(writer->dumper);
	}
	if (writer->pcap != NULL)
		pcap_close(writer->pcap);
	free(writer->path);
	free(writer);
	return rc;
}
