/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FILTER_RIG_H
#define SEKI_TEST_FILTER_RIG_H

/*
 * Filters beside libpcap's own interpreter: both judge the same packet, of which libpcap is shown the headers and zeros
 * for the rest. As machine code and without; and with the payload away, so that the address sanitizer sees a read of it.
 */
#include "program.h"

#include "suite.h"

#include <string.h>

struct pair {
	const char *expression;
	struct bpf_program theirs;
	struct seki_filter *ours;
	struct filter_program program; /* of ours */
	unsigned n, n_matched;
};

static inline struct pair
pair_create(const char *expression)
{
	struct pair pair = {.expression = expression, .ours = seki_filter_create()};
	pcap_t *pcap = pcap_open_dead(DLT_RAW, FILTER_LEN_MAX);
	char why[256] = "";

	ck_assert_msg(pcap_compile(pcap, &pair.theirs, expression, 1, PCAP_NETMASK_UNKNOWN) == 0, "%s: %s", expression,
		pcap_geterr(pcap));
	ck_assert_msg(
		seki_filter_add(pair.ours, expression, why, sizeof(why)) == 0, "%s: %s", expression, why);
	pair.program = pair.ours->program[0];
	pcap_close(pcap);
	return pair;
}

static inline void
pair_destroy(struct pair *pair)
{
	seki_filter_destroy(pair->ours);
	pcap_freecode(&pair->theirs);
}

/* What libpcap says of the IP packet as a filter is to see it. */
static inline bool
pair_wants(const struct pair *pair, const struct pkt *pkt)
{
	static uint8_t whole[FILTER_LEN_MAX + 1];
	uint32_t headers = (uint32_t)pkt->payload_off - pkt->l3_off, len = pkt->l3_len;

	if (len == 0) /* nonsense, so what the frame carries */
		len = pkt->len - pkt->l3_off > FILTER_LEN_MAX ? FILTER_LEN_MAX : pkt->len - pkt->l3_off;
	memcpy(whole, pkt->data + pkt->l3_off, headers);
	memset(whole + headers, 0, len > headers ? len - headers : 0);
	return bpf_filter(pair->theirs.bf_insns, whole, len, len) != 0;
}

/* `about` names the packet, which was parsed and is IP. */
static inline void
pair_judge(struct pair *pair, const struct pkt *parsed, const char *about)
{
	static const uint16_t first[] = {0};
	bool wants = pair_wants(pair, parsed), says, interpreted;
	struct pkt pkt = *parsed;
	uint8_t *headers = malloc(parsed->payload_off);

	memcpy(headers, parsed->data, parsed->payload_off);
	pkt.data = headers;
	says = seki_filter_match_burst(pair->ours, &pkt, first, 1) != 0;
	pair->ours->program[0].run = NULL;
	interpreted = seki_filter_match_burst(pair->ours, &pkt, first, 1) != 0;
	pair->ours->program[0].run = pair->program.run;
	free(headers);
	HOLDS(says == wants, "%s: %s: %d, not %d", pair->expression, about, says, wants);
	HOLDS(interpreted == wants, "%s: %s: %d without machine code, not %d", pair->expression, about, interpreted, wants);
	pair->n++;
	pair->n_matched += wants;
}

#endif
