/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * scramble IN.pcap OUT.pcap: the same capture with every byte of payload replaced, for the property that payload
 * changes no verdict. What payload is says the parser; that it says so truly is what its own tests are for.
 */
#include "pkt.h"

#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 262144

static void
scramble(uint8_t *frame, uint32_t caplen, uint32_t len)
{
	static uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt pkt = {.data = frame, .len = len, .linear = (uint16_t)(caplen > UINT16_MAX ? UINT16_MAX : caplen)};

	pkt_parse_burst(&pkt, 1, scratch);
	for (uint32_t i = pkt.payload_off; i < caplen; i++)
		frame[i] = (uint8_t)~frame[i];
}

int
main(int argc, char **argv)
{
	char text[PCAP_ERRBUF_SIZE] = "";
	static uint8_t frame[FRAME_MAX];
	struct pcap_pkthdr *header;
	pcap_dumper_t *out;
	const u_char *data;
	pcap_t *in;
	int rc;

	in = argc == 3 ? pcap_open_offline_with_tstamp_precision(argv[1], PCAP_TSTAMP_PRECISION_NANO, text) : NULL;
	out = in != NULL ? pcap_dump_open(in, argv[2]) : NULL;
	if (out == NULL) {
		fprintf(stderr, "usage: scramble IN.pcap OUT.pcap %s\n", in == NULL ? text : pcap_geterr(in));
		return 2;
	}
	while ((rc = pcap_next_ex(in, &header, &data)) == 1) {
		memcpy(frame, data, header->caplen);
		scramble(frame, header->caplen, header->len > header->caplen ? header->len : header->caplen);
		pcap_dump((u_char *)out, header, frame);
	}
	pcap_dump_close(out);
	pcap_close(in);
	return rc == PCAP_ERROR_BREAK ? 0 : 1;
}
