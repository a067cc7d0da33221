/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_H
#define SEKI_FILTER_H

/*
 * Filters of operators: expressions of tcpdump (pcap-filter(7)), compiled by libpcap, converted to eBPF (convert.h) and
 * run by DPDK's rte_bpf, as machine code where it can make such.
 *
 * A filter sees an IP packet from its IP header on, as long as that says it is, and of that only headers: whatever lies
 * behind them reads as zero, so that no verdict can depend on payload. An expression that asks for payload of every
 * packet that it asks at all is refused (reach.h); one that may find a header there sees zeros where there is none. So
 * `udp[8] = 1` is refused, and of ICMP errors, which have headers where others have payload, `icmp[8] = 0x45` is true.
 * The link layer is not seen, and names of hosts are not looked up: an answer would be somebody else's, would change,
 * and takes its time.
 */

#include "pkt.h"

#include <stdbool.h>
#include <stddef.h>

/* Expressions in one filter, at most. */
#define SEKI_FILTER_MAX 8

struct seki_filter;

/* A filter without expressions, which matches nothing; NULL: no memory. The caller destroys it, when no core runs it.
 */
struct seki_filter *seki_filter_create(void);
void seki_filter_destroy(struct seki_filter *filter); /* NULL is legal */

/*
 * Adds an expression: the filter matches what any of its expressions does. Returns 0, or -EINVAL or -ENOMEM with a
 * sentence in `why` (size bytes). Control thread, while no core runs the filter; needs EAL.
 */
int seki_filter_add(struct seki_filter *filter, const char *expression, char *why, size_t size);

/*
 * Judges an expression as seki_filter_add would; what it says yes to, that one takes, memory permitting. Returns 0, or
 * a negative errno with a sentence in `why`. Control thread; needs no EAL.
 */
int seki_filter_check(const char *expression, char *why, size_t size);

/*
 * Returns which of pkt[idx[0..n)] match, a bit each. They are IP, and n <= PKT_BURST. Reads headers only. RX core.
 * 20 to 30 cycles for a packet and a usual expression, as machine code; 50 to 300 where there is none for the CPU.
 */
uint32_t seki_filter_match_burst(
	const struct seki_filter *filter, const struct pkt *pkt, const uint16_t *idx, unsigned n);

#endif
