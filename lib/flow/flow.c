/* SPDX-License-Identifier: BSD-3-Clause */
/* Flows through a burst: track and settle. Its first call, look, is in look.c; what a packet does to its flow in
 * step.c. */
#include "flow.h"

#include "flow_state.h"
#include "heard.h"
#include "key.h"
#include "source.h"
#include "step.h"

#include <string.h>

#define HEARD_BYTES ((sizeof(struct flow_heard) + 63) / 64 * 64)

size_t
seki_flows_bytes(uint64_t n_flows)
{
	return HEARD_BYTES + seki_cuckoo_bytes(seki_cuckoo_slots_for(n_flows));
}

/* Of equal rank, whoever would be forgotten first. */
static uint32_t
flow_worth(uint64_t state, uint16_t now)
{
	return (uint32_t)flow_rank_of(state) << 16 | (uint16_t)(seki_cuckoo_dead(state) - now);
}

void
seki_flows_init(struct seki_flows *f, void *memory, uint64_t n_flows, const struct seki_digest *digest)
{
	memset(f, 0, sizeof(*f));
	f->digest = digest;
	f->heard = memory;
	seki_cuckoo_init(&f->table, (char *)memory + HEARD_BYTES, seki_cuckoo_slots_for(n_flows), flow_worth);
}

void
seki_flows_use(struct seki_flows *f, const struct seki_flow_zone *zone, unsigned n_zones, uint64_t list_gen)
{
	f->zone = zone;
	f->list_gen = 1 + (unsigned)(list_gen % (FLOW_GENS - 1));
	f->forget_left = seki_cuckoo_blocks(&f->table);
	seki_cuckoo_set_groups(&f->table, n_zones);
	f->heard->share = HEARD_MARKS / (n_zones == 0 ? 1 : n_zones);
	if (f->heard->share < HEARD_SHARE_MIN)
		f->heard->share = HEARD_SHARE_MIN;
}

/*
 * Whether the packet, of which nothing is known, may find the mark of one before it that has not been settled: an
 * answer of the inside, or a later fragment.
 */
static inline bool
reads_marks(const struct pkt *pkt)
{
	return (pkt->flags & PKT_F_FRAG_LATER) != 0 ||
	       (pkt->direction == SEKI_DIR_OUTBOUND && (pkt->flags & PKT_F_TCP) == 0);
}

/* Whether the segment, where the inside is not seen, is of a connection that one before it has asked for. */
static bool
follows_syn(const struct seki_flows *f, const struct seki_flow_burst *burst, const struct pkt *pkt, unsigned k)
{
	if (!f->zone[pkt->zone].inbound_only || (pkt->flags & PKT_F_TCP) == 0 || (pkt->tcp_flags & PKT_TCP_SYN) != 0)
		return false;
	for (uint32_t left = burst->strangers; left != 0; left &= left - 1) {
		unsigned at = burst->at[__builtin_ctz(left)];

		if (at != FLOW_NO_KEY && burst->digest[at] == burst->digest[k])
			return true;
	}
	return false;
}

/* Whether a later packet of the burst has the same client as packet i, of which something has become known. */
static __attribute__((noinline, cold)) bool
client_follows_slow(const struct pkt *pkt, unsigned i, unsigned n)
{
	bool ip6 = pkt[i].l3 == PKT_L3_IP6;
	uint64_t client = key_client(key_client_of(&pkt[i]), ip6, KEY_64);

	for (unsigned k = i + 1; k < n; k++)
		if (pkt[k].l3 == pkt[i].l3 && key_client(key_client_of(&pkt[k]), ip6, KEY_64) == client)
			return true;
	return false;
}

/*
 * Packet i is the last one of a round: whether it is within its source's limits is yet to be found, and to be told its
 * flow, and a later packet of the inside might begin another flow in its place.
 */
static __attribute__((noinline, cold)) bool
inside_follows_slow(const struct pkt *pkt, unsigned i, unsigned n)
{
	for (unsigned k = i + 1; k < n; k++)
		if (pkt[k].direction == SEKI_DIR_OUTBOUND)
			return true;
	return false;
}

/* Its zone keeps flows, and it comes from there or goes there. */
static inline bool
is_tracked(const struct seki_flows *f, const struct pkt *pkt)
{
	return f->zone[pkt->zone].track & (pkt->direction <= SEKI_DIR_OUTBOUND);
}

/* And its flow's packets are charged to their source by the round. */
static inline bool
is_charged_together(const struct seki_flows *f, const struct pkt *pkt)
{
	return is_tracked(f, pkt) & !f->zone[pkt->zone].singly;
}

unsigned
seki_flow_track_burst(struct seki_flows *f, struct pkt *pkt, unsigned from, unsigned n, struct seki_flow_burst *burst)
{
	struct flow_stepper stepper = {.flows = f, .burst = burst};
	uint32_t where = pkt_where(&pkt[from]);
	bool tracked = is_tracked(f, &pkt[from]), together = is_charged_together(f, &pkt[from]);

	if (from == 0)
		seki_cuckoo_find_burst(
			&f->table, burst->digest, burst->n, flow_tick(pkt->arrival_ns), &burst->look, burst->index);
	for (unsigned i = from; i < n; i++) {
		struct pkt *p = &pkt[i];
		unsigned k = burst->at[i];

		if (pkt_where(p) != where) {
			where = pkt_where(p);
			tracked = is_tracked(f, p);
			together = is_charged_together(f, p);
		}
		if (__builtin_expect(together && !burst->moved && k != FLOW_NO_KEY, 1) &&
			__builtin_expect(flow_step_middle(f, p, burst->index[k]), 1))
			continue;
		flow_charge_singly(p);
		if (!tracked)
			continue;
		if (__builtin_expect(k == FLOW_NO_KEY, 0)) {
			burst->strangers |= (uint32_t)(key_has(p) && flow_leads_fragments(p)) << i;
			continue;
		}
		if (__builtin_expect(burst->strangers != 0, 0) && (reads_marks(p) || follows_syn(f, burst, p, k)))
			return i;
		stepper.i = i;
		flow_step(&stepper, p, burst->digest[k], burst->index[k]);
		burst->strangers |= (uint32_t)flow_leaves_mark(f, p) << i;
		if (__builtin_expect(((burst->proven | burst->ended) >> i & 1) != 0, 0) &&
			client_follows_slow(pkt, i, n))
			return i + 1;
		if (__builtin_expect((p->flow & PKT_FLOW_ROUND) != 0, 0) && inside_follows_slow(pkt, i, n))
			return i + 1;
	}
	return n;
}

/* The first fragment has passed, so the others may. */
static __attribute__((noinline, cold)) void
follow_slow(struct seki_flows *f, const struct pkt *pkt)
{
	uint16_t tick = flow_tick(pkt->arrival_ns);
	struct seki_block key[3];
	bool is_new;
	uint16_t dead = (uint16_t)(tick + LIFE_FRAGMENTS);
	uint64_t digest, state = flow_state(FLOW_FRAGMENTS, RANK_WEAK, pkt->zone, dead);
	uint32_t index;

	if (pkt->flow & PKT_FLOW_ASKED)
		state |= FLOW_F_ASKED;
	seki_digest_burst(f->digest, key, key_fragment(key, pkt), &digest, 1);
	index = seki_cuckoo_put(&f->table, digest, state, tick, &is_new);
	if (index == SEKI_CUCKOO_NONE) {
		f->stats.refused++;
		return;
	}
	/* A number comes round sooner than it is forgotten: it is this packet's from now on. */
	if (!is_new) {
		uint64_t *kept = &seki_cuckoo_slot(&f->table, index)->state;

		/* In the zone that it came in for, as the table's books have it. */
		*kept = flow_state(FLOW_FRAGMENTS, RANK_WEAK, flow_zone_of(*kept), dead) | (state & FLOW_F_ASKED);
	}
	f->stats.fragmented += is_new;
}

/* A request for a connection has passed, and nobody will see the answer. */
static __attribute__((noinline)) void
hear(struct seki_flows *f, const struct pkt *pkt, uint64_t digest)
{
	uint16_t tick = flow_tick(pkt->arrival_ns);
	bool is_new;

	if (seki_cuckoo_put(&f->table, digest,
		    flow_state(FLOW_HEARD, RANK_WEAK, pkt->zone, (uint16_t)(tick + LIFE_HEARD)), tick,
		    &is_new) == SEKI_CUCKOO_NONE)
		f->stats.refused++;
}

static void
settle_marks(struct seki_flows *f, const struct pkt *pkt, struct seki_flow_burst *burst)
{
	for (uint32_t left = burst->strangers; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		const struct pkt *p = &pkt[i];

		if (p->verdict != SEKI_VERDICT_PASS)
			continue;
		flow_heard_advance(f->heard, p->arrival_ns);
		if ((p->flags & PKT_F_FRAG) != 0) {
			follow_slow(f, p);
			burst->moved = true;
		}
		if (flow_asks_unseen(f, p)) {
			hear(f, p, burst->digest[burst->at[i]]);
			burst->moved = true;
		}
		if (flow_opens(p))
			flow_heard_mark(f->heard, p->zone, burst->digest[burst->at[i]]);
	}
}

static __attribute__((noinline, cold)) void
settle_clients_slow(struct seki_flows *f, const struct pkt *pkt, const struct seki_flow_burst *burst)
{
	for (uint32_t left = burst->proven | burst->ended; left != 0 && f->sources != NULL; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (burst->proven >> i & 1)
			seki_source_verified(f->sources, &pkt[i]);
		else
			seki_source_closed(f->sources, &pkt[i]);
	}
}

void
seki_flow_settle_burst(struct seki_flows *f, const struct pkt *pkt, struct seki_flow_burst *burst)
{
	if (burst->strangers != 0)
		settle_marks(f, pkt, burst);
	if (__builtin_expect((burst->proven | burst->ended) != 0, 0))
		settle_clients_slow(f, pkt, burst);
	burst->strangers = burst->proven = burst->ended = 0;
}

/* The digest of a packet that has a flow, once more. */
static uint64_t
digest_of(const struct seki_flows *f, const struct pkt *pkt)
{
	struct seki_block key[3];
	uint64_t digest;

	seki_digest_burst(f->digest, key, key_flow(key, pkt), &digest, 1);
	return digest;
}

/* The state of the flow that the packet is of by its own ends, or NULL. */
static uint64_t *
state_of(struct seki_flows *f, const struct pkt *pkt)
{
	uint32_t index;

	if (pkt->flags & (PKT_F_ICMP | PKT_F_FRAG_LATER))
		return NULL;
	index = seki_cuckoo_find(&f->table, digest_of(f, pkt), flow_tick(pkt->arrival_ns));
	return index == SEKI_CUCKOO_NONE ? NULL : &seki_cuckoo_slot(&f->table, index)->state;
}

void
seki_flow_checked(struct seki_flows *f, const struct pkt *pkt)
{
	uint64_t *state = state_of(f, pkt);

	/* A later packet of the burst may have begun another flow in its place, which the inside has not asked for. */
	if (state != NULL && flow_is_open(*state) &&
		((*state & FLOW_F_ASKED) != 0 || (pkt->flow & PKT_FLOW_ASKED) == 0))
		*state = flow_with_gen(*state, f->list_gen);
}

void
seki_flow_set_over(struct seki_flows *f, const struct pkt *pkt, bool over)
{
	uint64_t *state = state_of(f, pkt);

	if (state != NULL && flow_is_open(*state))
		*state = over ? *state | FLOW_F_OVER : *state & ~(uint64_t)FLOW_F_OVER;
}
