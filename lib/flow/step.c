/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one packet does to its flow: the state machine of flow.h. Most packets are of a connection and change only its
 * end and its counts; for them there is flow_step_middle in step.h. All the others come here, and go on in step_in.c or
 * step_out.c.
 */
#include "step.h"

/* No flow: what the inside sends makes one. A packet from outside makes none: the way of floods. */
static __attribute__((noinline)) void
step_unknown_slow(struct flow_stepper *s, struct pkt *pkt, uint64_t digest)
{
	struct seki_flows *f = s->flows;
	uint64_t state = pkt->direction == SEKI_DIR_OUTBOUND ? flow_step_outbound(s, pkt, digest, 0) : 0;
	bool is_new;

	if (state == 0)
		return;
	if (seki_cuckoo_put(&f->table, digest, state, flow_tick(pkt->arrival_ns), &is_new) == SEKI_CUCKOO_NONE)
		f->stats.refused++;
	s->burst->moved = true;
}

/* The entry as it is now: those that came since the lookup may have moved it, or be it. */
static inline uint32_t
find_again(const struct seki_cuckoo *table, uint64_t digest, uint32_t index, uint16_t tick)
{
	if (index != SEKI_CUCKOO_NONE && seki_cuckoo_slot(table, index)->digest == digest)
		return index;
	return seki_cuckoo_find(table, digest, tick);
}

static void
step_known(struct flow_stepper *s, struct pkt *pkt, uint64_t digest, uint64_t *state)
{
	uint64_t next;

	if (pkt->direction == SEKI_DIR_INBOUND) {
		*state = flow_step_inbound(s, pkt, *state);
	} else {
		next = flow_step_outbound(s, pkt, digest, *state);
		*state = next == 0 ? *state : next; /* an entry is never without a zone, for the books of the table */
	}
}

void
flow_step(struct flow_stepper *s, struct pkt *pkt, uint64_t digest, uint32_t index)
{
	struct seki_flows *f = s->flows;
	uint16_t tick = flow_tick(pkt->arrival_ns);
	uint64_t *state;

	if (s->burst->moved)
		index = find_again(&f->table, digest, index, tick);
	if (index == SEKI_CUCKOO_NONE) {
		if (pkt->direction == SEKI_DIR_OUTBOUND)
			step_unknown_slow(s, pkt, digest);
		return;
	}
	state = &seki_cuckoo_slot(&f->table, index)->state;
	if (seki_cuckoo_alive(*state, tick))
		step_known(s, pkt, digest, state);
	else
		/* Alive when the burst was looked up, and not at this packet: time passes within a burst offline. */
		step_unknown_slow(s, pkt, digest);
}
