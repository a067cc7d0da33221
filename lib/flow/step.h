/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_STEP_H
#define SEKI_FLOW_STEP_H

/* Internal to lib/flow: what one packet does to its flow. */

#include "flow.h"
#include "state.h"

/* The burst as it goes: at packet `i`. */
struct flow_stepper {
	struct seki_flows *flows;
	struct seki_flow_burst *burst;
	unsigned i;
};

/* Kinds whose words hold list_gen, flags and counts. */
static inline bool
flow_is_open(uint64_t state)
{
	enum flow_kind kind = flow_kind_of(state);

	return kind >= FLOW_TCP && kind <= FLOW_ANSWERED;
}

/* The way of packets that change nothing but counts; step.c. `digest` and `index` are what the burst's lookup said. */
void flow_step(struct flow_stepper *stepper, struct pkt *pkt, uint64_t digest, uint32_t index);

/* The inbound packet is the first fragment of one whose others may follow it. */
static inline bool
flow_leads_fragments(const struct pkt *pkt)
{
	return (pkt->direction == SEKI_DIR_INBOUND) & ((pkt->flags & (PKT_F_FRAG | PKT_F_FRAG_LATER)) == PKT_F_FRAG);
}

/* The inbound packet, tracked, is of no flow, and an answer of the inside might make one. */
static inline bool
flow_opens(const struct pkt *pkt)
{
	return (pkt->direction == SEKI_DIR_INBOUND) & (pkt->flow == 0) &
	       ((pkt->flags & (PKT_F_TCP | PKT_F_ICMP | PKT_F_FRAG_LATER)) == 0);
}

/* True if settle has to look at the packet once it has passed. */
static inline bool
flow_leaves_mark(const struct pkt *pkt)
{
	return flow_leads_fragments(pkt) | flow_opens(pkt);
}

#endif
