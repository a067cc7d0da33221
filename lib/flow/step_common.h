/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_STEP_COMMON_H
#define SEKI_FLOW_STEP_COMMON_H

/* Internal to the steps of both directions: how states begin, last and end. */

#include "step.h"

#include <endian.h>

/* A number of the TCP header, at `off` from its begin: 4 is the sequence number, 8 what is acknowledged. */
static inline uint32_t
tcp_number(const struct pkt *pkt, unsigned off)
{
	uint32_t x;

	memcpy(&x, pkt->data + pkt->l4_off + off, sizeof(x));
	return be32toh(x);
}

#define SEQ 4
#define ACK 8

/* The other side proves that it has received `seq` by acknowledging the one after it. */
static inline uint64_t
expects(const struct pkt *pkt)
{
	return (tcp_number(pkt, SEQ) + 1) & FLOW_EXPECT_MASK;
}

static inline bool
proves(const struct pkt *pkt, uint64_t state)
{
	return ((tcp_number(pkt, ACK) ^ (uint32_t)state) & FLOW_EXPECT_MASK) == 0;
}

/* Ports of services that are asked one question and give one answer. */
static inline bool
is_question(const struct pkt *pkt)
{
	uint16_t port = pkt->direction == SEKI_DIR_OUTBOUND ? pkt->dport : pkt->sport;

	return port == 53 || port == 123;
}

static inline uint64_t
until(const struct pkt *pkt, uint64_t state, enum flow_life life)
{
	return seki_cuckoo_until(state, (uint16_t)(flow_tick(pkt->arrival_ns) + life));
}

/*
 * A new state in place of `old` (0: there was none). An entry stays in the zone that it came in for, as the table's
 * books have it, even if a reload has given its addresses to another one.
 */
static inline uint64_t
fresh(const struct pkt *pkt, uint64_t old, enum flow_kind kind, enum flow_rank rank, enum flow_life life)
{
	unsigned zone = old == 0 ? pkt->zone : flow_zone_of(old);

	return flow_state(kind, rank, zone, (uint16_t)(flow_tick(pkt->arrival_ns) + life));
}

/* A connection that begins. Its first round is charged packet by packet. */
static inline uint64_t
fresh_tcp(const struct pkt *pkt, uint64_t old, enum flow_rank rank)
{
	return fresh(pkt, old, FLOW_TCP, rank, LIFE_TCP) | FLOW_F_BOTH | FLOW_F_STRICT;
}

static inline void
count_closed(struct flow_stepper *s, uint64_t state)
{
	s->flows->stats.closed++;
	if (flow_rank_of(state) == RANK_VERIFIED)
		s->burst->ended |= 1u << s->i;
}

/* The connection has ended. */
static inline uint64_t
closed(struct flow_stepper *s, const struct pkt *pkt, uint64_t state, enum flow_life life)
{
	count_closed(s, state);
	return flow_with_rank(until(pkt, flow_with_kind(state, FLOW_CLOSING), life), RANK_HALF);
}

#endif
