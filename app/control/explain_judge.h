/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_EXPLAIN_JUDGE_H
#define SEKI_EXPLAIN_JUDGE_H

/* Internal to explain_flow.c: a packet is made, and judged by the pipeline with empty tables of its own. */

#include "explain.h"
#include "pipeline.h"

/* Where in the network it comes in. */
struct place {
	unsigned port;
	uint16_t vlan, domain, zone;
};

struct judge;

/* NULL: no memory. */
struct judge *judge_open(void);
void judge_close(struct judge *judge); /* NULL is legal */

/* The packet that is judged from now on: the flow's, with these flags if it is TCP, as it comes in there. */
void judge_frame(struct judge *judge, const struct explain_flow *flow, const struct place *place, uint8_t tcp_flags);

/* Judges it, with room in all budgets of its zone, or with none. Until the next call. */
const struct pkt *judge_packet(struct judge *judge, const struct explain_world *world, const struct place *place, bool spent);

#endif
