/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_STEP_H
#define SEKI_FLOW_STEP_H

/* Internal to lib/flow: what one packet does to its flow. */

#include "flow.h"
#include "flow_state.h"

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

/* What an open flow says of its packet: PKT_FLOW_*. */
static inline uint8_t
flow_says(uint64_t state, unsigned list_gen)
{
	return (uint8_t)(PKT_FLOW_KNOWN | ((state & FLOW_F_ASKED) != 0) * PKT_FLOW_ASKED |
			 (flow_rank_of(state) == RANK_VERIFIED) * PKT_FLOW_VERIFIED |
			 (flow_gen_of(state) == list_gen) * PKT_FLOW_CHECKED);
}

/*
 * A segment that says nothing of its connection's begin or end, and is none that is charged to its source; of a
 * connection that is no newcomer's in a zone that is seen from one side.
 */
static inline bool
flow_is_middle(const struct pkt *pkt, uint64_t state)
{
	const uint64_t last = (uint64_t)(FLOW_ROUND - 1) << FLOW_PACKETS_SHIFT;
	const uint64_t kind = (uint64_t)15 << FLOW_KIND_SHIFT | FLOW_F_STRICT;
	const uint64_t rank = (uint64_t)3 << FLOW_RANK_SHIFT;
	unsigned edge = pkt->tcp_flags & (PKT_TCP_SYN | PKT_TCP_FIN | PKT_TCP_RST);

	return (state & kind) == (uint64_t)FLOW_TCP << FLOW_KIND_SHIFT && (~state & last) != 0 && (state & rank) != 0 &&
	       ((pkt->flags & (PKT_F_ICMP | PKT_F_FRAG)) | edge) == 0;
}

/* What came without a flow is charged to its source packet by packet, and so is all that is not counted by its flow. */
static inline void
flow_charge_singly(struct pkt *pkt)
{
	pkt->flow = 0;
	pkt->batch = 1;
	pkt->batch_bytes = pkt->len;
}

/*
 * The way of most packets: one in the middle of its connection, which changes only when that ends and what it counts.
 * The packet is of a zone that is tracked, from or to it, and nothing has moved since the burst was looked up. False, and
 * nothing has been done: it is none of these.
 */
static inline bool
flow_step_middle(struct seki_flows *f, struct pkt *pkt, uint32_t index)
{
	uint16_t tick = flow_tick(pkt->arrival_ns);
	uint64_t *word, state, bytes;

	if (index == SEKI_CUCKOO_NONE)
		return false;
	word = &seki_cuckoo_slot(&f->table, index)->state;
	state = *word;
	if (!seki_cuckoo_alive(state, tick) || !flow_is_middle(pkt, state))
		return false;
	state = seki_cuckoo_until(state, (uint16_t)(tick + LIFE_TCP));
	if (pkt->direction == SEKI_DIR_OUTBOUND) {
		if (flow_rank_of(state) < RANK_OPEN)
			return false;
		flow_charge_singly(pkt);
		*word = state;
		return true;
	}
	bytes = (state & FLOW_BYTES_MAX) + (pkt->len + FLOW_BYTES_UNIT - 1) / FLOW_BYTES_UNIT;
	if (bytes >= FLOW_BYTES_MAX)
		return false;
	pkt->flow = flow_says(state, f->list_gen);
	pkt->batch = 0;
	pkt->batch_bytes = 0;
	*word = ((state & ~(uint64_t)FLOW_BYTES_MAX) | bytes) + (1u << FLOW_PACKETS_SHIFT);
	return true;
}

/* All others; step.c. `digest` and `index` are what the burst's lookup said. */
void flow_step(struct flow_stepper *stepper, struct pkt *pkt, uint64_t digest, uint32_t index);

/*
 * The two directions of it: the new state of a flow, from the one before. A packet from outside is told what its flow
 * says of it; one of the inside may find no flow (state 0), and what makes none returns 0.
 */
uint64_t flow_step_inbound(struct flow_stepper *stepper, struct pkt *pkt, uint64_t state);
uint64_t flow_step_outbound(struct flow_stepper *stepper, const struct pkt *pkt, uint64_t digest, uint64_t state);

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

/* The inbound packet, tracked, asks for a connection, and what the inside says to it will not be seen. */
static inline bool
flow_asks_unseen(const struct seki_flows *f, const struct pkt *pkt)
{
	return f->zone[pkt->zone].inbound_only & (pkt->direction == SEKI_DIR_INBOUND) & (pkt->flow == 0) &
	       ((pkt->flags & (PKT_F_TCP | PKT_F_FRAG_LATER)) == PKT_F_TCP) &
	       ((pkt->tcp_flags & (PKT_TCP_SYN | PKT_TCP_ACK)) == PKT_TCP_SYN);
}

/* True if settle has to look at the packet once it has passed. */
static inline bool
flow_leaves_mark(const struct seki_flows *f, const struct pkt *pkt)
{
	return (unsigned)flow_leads_fragments(pkt) | (unsigned)flow_opens(pkt) | (unsigned)flow_asks_unseen(f, pkt);
}

#endif
