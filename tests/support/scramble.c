/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scramble IN.pcap OUT.pcap: the same classic capture with every byte of payload replaced, for the property that
 * payload changes no verdict. What payload is says the parser; that it says so truly is what its own tests are for.
 * Headers of file and packets are copied as they are, damaged or not.
 */
#include "pkt.h"

#include <byteswap.h>
#include <stdio.h>
#include <string.h>

#define FILE_HEADER 24
#define FRAME_MAX 262144

/* Seconds, fraction, bytes here, bytes on the wire. */
struct record {
	uint32_t field[4];
};

static void
scramble(uint8_t *frame, uint32_t caplen, uint32_t len)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt pkt = {.data = frame, .len = len, .linear = (uint16_t)(caplen > UINT16_MAX ? UINT16_MAX : caplen)};

	pkt_parse_burst(&pkt, 1, scratch);
	for (uint32_t i = pkt.payload_off; i < caplen; i++)
		frame[i] = (uint8_t)~frame[i];
}

static int
copy(FILE *in, FILE *out)
{
	static uint8_t frame[FRAME_MAX];
	struct record record;
	bool swapped;

	if (fread(frame, FILE_HEADER, 1, in) != 1)
		return 1;
	swapped = frame[0] == 0xa1; /* the magic's first byte in the other order */
	fwrite(frame, FILE_HEADER, 1, out);
	while (fread(&record, sizeof(record), 1, in) == 1) {
		uint32_t caplen = swapped ? bswap_32(record.field[2]) : record.field[2];
		uint32_t len = swapped ? bswap_32(record.field[3]) : record.field[3];

		if (caplen > FRAME_MAX || fread(frame, 1, caplen, in) != caplen)
			return 1;
		scramble(frame, caplen, len > caplen ? len : caplen);
		fwrite(&record, sizeof(record), 1, out);
		fwrite(frame, 1, caplen, out);
	}
	return ferror(in) || ferror(out);
}

int
main(int argc, char **argv)
{
	FILE *in = argc == 3 ? fopen(argv[1], "rb") : NULL;
	FILE *out = in != NULL ? fopen(argv[2], "wb") : NULL;
	int rc;

	if (out == NULL) {
		fprintf(stderr, "usage: scramble IN.pcap OUT.pcap\n");
		return 2;
	}
	rc = copy(in, out);
	fclose(in);
	return fclose(out) == 0 ? rc : 1;
}
