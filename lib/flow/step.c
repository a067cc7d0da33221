/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one packet does to its flow: the state machine of flow.h. Most packets are of a connection and change only its
 * end and its counts; for them there is flow_step_middle in step.h. All the others come here.
 */
#include "step.h"

#include "heard.h"
#include "key.h"
#include "source.h"

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
static uint64_t
fresh(const struct pkt *pkt, uint64_t old, enum flow_kind kind, enum flow_rank rank, enum flow_life life)
{
	unsigned zone = old == 0 ? pkt->zone : flow_zone_of(old);

	return flow_state(kind, rank, zone, (uint16_t)(flow_tick(pkt->arrival_ns) + life));
}

/* A connection that begins. Its first round is charged packet by packet. */
static uint64_t
fresh_tcp(const struct pkt *pkt, uint64_t old, enum flow_rank rank)
{
	return fresh(pkt, old, FLOW_TCP, rank, LIFE_TCP) | FLOW_F_BOTH | FLOW_F_STRICT;
}

/* What an open flow says of its packet. */
static inline void
tell(struct pkt *pkt, uint64_t state, unsigned list_gen)
{
	pkt->flow = flow_says(state, list_gen);
}

/*
 * What a flow says of an ICMP error about one of its packets: that the inside has sent it. Who reports it is not the
 * flow's client, so what is known of the client is not said.
 */
static inline void
tell_reporter(struct pkt *pkt, uint64_t state)
{
	enum flow_kind kind = flow_kind_of(state);
	bool asked = flow_is_open(state) ? (state & FLOW_F_ASKED) != 0 : kind == FLOW_OPENING;
	bool known = flow_is_open(state) || kind == FLOW_OPENING || kind == FLOW_OPENED;

	pkt->flow = (uint8_t)(known * PKT_FLOW_KNOWN | asked * PKT_FLOW_ASKED);
}

/*
 * Counts an inbound packet of an open flow. Its source is charged for a round of them at its end: packet by packet it
 * would cost a line each time, and over a second it comes to the same. Of a strict flow it is charged packet by packet:
 * of a new one in its first round, so that many short flows are not free, and later by what the end of the round before
 * has found. A round ends early where its bytes are more than can be counted.
 */
static inline uint64_t
count(const struct seki_flows *f, struct pkt *pkt, uint64_t state)
{
	const uint64_t counts = (FLOW_ROUND - 1) << FLOW_PACKETS_SHIFT | FLOW_BYTES_MAX;
	uint32_t packets = ((uint32_t)state >> FLOW_PACKETS_SHIFT & (FLOW_ROUND - 1)) + 1;
	uint32_t units = ((uint32_t)state & FLOW_BYTES_MAX) + (pkt->len + FLOW_BYTES_UNIT - 1) / FLOW_BYTES_UNIT;
	bool strict = (state & FLOW_F_STRICT) != 0 || f->zone[pkt->zone].singly;
	bool last = packets == FLOW_ROUND || (!strict && units >= FLOW_BYTES_MAX);

	pkt->batch = (uint8_t)(strict ? 1 : last ? packets : 0);
	pkt->batch_bytes = strict ? pkt->len : last ? units * FLOW_BYTES_UNIT : 0;
	pkt->flow |= (uint8_t)(strict * PKT_FLOW_STRICT | last * PKT_FLOW_ROUND);
	state &= ~counts;
	if (last)
		return (state & ~(uint64_t)FLOW_F_STRICT) | ((state & FLOW_F_OVER) != 0) * (uint64_t)FLOW_F_STRICT;
	return state | packets << FLOW_PACKETS_SHIFT | (strict ? 0 : units);
}

static void
count_closed(struct flow_stepper *s, uint64_t state)
{
	s->flows->stats.closed++;
	if (flow_rank_of(state) == RANK_VERIFIED)
		s->burst->ended |= 1u << s->i;
}

/* The connection has ended. */
static uint64_t
closed(struct flow_stepper *s, const struct pkt *pkt, uint64_t state, enum flow_life life)
{
	count_closed(s, state);
	return flow_with_rank(until(pkt, flow_with_kind(state, FLOW_CLOSING), life), RANK_HALF);
}

/* A handshake is complete. */
static uint64_t
verified(struct flow_stepper *s, uint64_t state)
{
	s->flows->stats.verified++;
	s->burst->proven |= 1u << s->i;
	return flow_with_rank(state, RANK_VERIFIED);
}

static uint64_t
step_inbound_opening(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	const unsigned both = PKT_TCP_SYN | PKT_TCP_ACK;

	if ((pkt->tcp_flags & PKT_TCP_ACK) == 0 || !proves(pkt, state))
		return state;
	if (pkt->tcp_flags & PKT_TCP_RST) {
		pkt->flow = PKT_FLOW_KNOWN | PKT_FLOW_ASKED; /* it refuses */
		return state;
	}
	if ((pkt->tcp_flags & both) != both)
		return state;
	state = fresh_tcp(pkt, state, RANK_VERIFIED) | FLOW_F_ASKED;
	state = verified(s, state);
	tell(pkt, state, s->flows->list_gen);
	return state;
}

static uint64_t
step_inbound_opened(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if ((pkt->tcp_flags & (PKT_TCP_SYN | PKT_TCP_RST | PKT_TCP_ACK)) != PKT_TCP_ACK || !proves(pkt, state))
		return state;
	state = verified(s, fresh_tcp(pkt, state, RANK_VERIFIED));
	if (pkt->tcp_flags & PKT_TCP_FIN)
		state |= FLOW_F_FIN_IN;
	tell(pkt, state, s->flows->list_gen);
	pkt->flow |= PKT_FLOW_NEW;
	return state;
}

/*
 * Inbound-only: a segment after a SYN. Nothing proves anything, so the connection gives way to all others, and lives
 * for a minute, until a round of packets has come.
 */
static uint64_t
step_inbound_heard(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if (pkt->tcp_flags & (PKT_TCP_SYN | PKT_TCP_RST))
		return state;
	state = until(pkt, fresh_tcp(pkt, state, RANK_WEAK), LIFE_OPENING);
	tell(pkt, state, s->flows->list_gen);
	pkt->flow |= PKT_FLOW_NEW;
	return state;
}

/*
 * The client says that it has given the connection up. Anybody can have said so, and the connection stands; but until
 * the inside has spoken again, it is no more than one that nobody has answered in.
 */
static uint64_t
doubted(struct flow_stepper *s, uint64_t state)
{
	if (flow_rank_of(state) == RANK_VERIFIED)
		s->burst->ended |= 1u << s->i;
	return flow_rank_of(state) > RANK_HALF ? flow_with_rank(state, RANK_HALF) : state;
}

/* A SYN belongs to no connection, unless it is the answer to the inside's own, sent again because the ACK was lost. */
static uint64_t
step_inbound_syn(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if ((pkt->tcp_flags & PKT_TCP_ACK) != 0 && (state & FLOW_F_ASKED) != 0)
		tell(pkt, state, s->flows->list_gen);
	return state;
}

/* How long a connection lives on after an inbound segment; see step_inbound_heard. */
static enum flow_life
life_of(uint64_t state)
{
	return flow_rank_of(state) == RANK_WEAK ? LIFE_OPENING : LIFE_TCP;
}

/* A flag that matters, from a client: anybody can have sent it, so it alone ends nothing. */
static uint64_t
step_inbound_tcp(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if (pkt->tcp_flags & PKT_TCP_SYN)
		return step_inbound_syn(s, pkt, state);
	if (pkt->tcp_flags & PKT_TCP_FIN)
		state |= FLOW_F_FIN_IN;
	tell(pkt, state, s->flows->list_gen);
	if (pkt->tcp_flags & PKT_TCP_RST)
		state = doubted(s, state);
	state = count(s->flows, pkt, until(pkt, state, life_of(state)));
	if (flow_rank_of(state) == RANK_WEAK && (pkt->flow & PKT_FLOW_ROUND) != 0)
		state = flow_with_rank(until(pkt, state, LIFE_TCP), RANK_HALF);
	return (state & FLOW_F_FIN_OUT) != 0 && (state & FLOW_F_FIN_IN) != 0 ? closed(s, pkt, state, LIFE_CLOSING)
									     : state;
}

static uint64_t
step_inbound_other(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if ((state & FLOW_F_BOTH) == 0) {
		state = flow_with_rank(
			state | FLOW_F_BOTH | FLOW_F_STRICT, (state & FLOW_F_ASKED) ? RANK_OPEN : RANK_HALF);
		tell(pkt, state, s->flows->list_gen);
		pkt->flow |= PKT_FLOW_NEW;
		return until(pkt, state, is_question(pkt) ? LIFE_QUESTION : LIFE_BOTH);
	}
	tell(pkt, state, s->flows->list_gen);
	return count(s->flows, pkt, is_question(pkt) ? state : until(pkt, state, LIFE_BOTH));
}

/* A fragment whose first one has passed: it goes with it, as many as one packet can have. */
static uint64_t
step_fragment(struct pkt *pkt, uint64_t state)
{
	if ((state & FLOW_FOLLOWERS_MASK) == FLOW_FOLLOWERS_MAX)
		return state;
	pkt->flow = (uint8_t)(PKT_FLOW_KNOWN | ((state & FLOW_F_ASKED) != 0) * PKT_FLOW_ASKED);
	return state + 1;
}

static __attribute__((noinline)) uint64_t
step_inbound_slow(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
{
	if (pkt->flags & PKT_F_ICMP) {
		tell_reporter(pkt, state); /* no sign of life */
		return state;
	}
	switch (flow_kind_of(state)) {
	case FLOW_OPENING:
		return step_inbound_opening(s, pkt, state);
	case FLOW_OPENED:
		return step_inbound_opened(s, pkt, state);
	case FLOW_HEARD:
		return step_inbound_heard(s, pkt, state);
	case FLOW_TCP:
		return step_inbound_tcp(s, pkt, state);
	case FLOW_CLOSING:
		if ((pkt->tcp_flags & PKT_TCP_SYN) == 0)
			tell(pkt, state, s->flows->list_gen);
		return state;
	case FLOW_ASKED:
	case FLOW_ANSWERED:
		return step_inbound_other(s, pkt, state);
	case FLOW_FRAGMENTS:
		return step_fragment(pkt, state);
	default:
		return state;
	}
}

static inline bool
carries_data(const struct pkt *pkt)
{
	return pkt->l4_len > pkt->payload_off - pkt->l4_off;
}

/* What the inside's TCP segment makes of whatever is known. */
static uint64_t
step_outbound_tcp(struct flow_stepper *s, const struct pkt *pkt, uint64_t state)
{
	const unsigned flags = pkt->tcp_flags, both = PKT_TCP_SYN | PKT_TCP_ACK;
	const uint64_t ended = FLOW_F_FIN_IN | FLOW_F_FIN_OUT;
	enum flow_kind kind = flow_kind_of(state);
	bool connected = kind == FLOW_TCP;

	if (flags & PKT_TCP_RST) {
		/* There is no such connection, or no longer. What never was need not be remembered. */
		if (connected)
			return closed(s, pkt, state, LIFE_RESET);
		return state == 0 ? 0 : fresh(pkt, state, FLOW_CLOSING, RANK_WEAK, LIFE_RESET);
	}
	if ((flags & both) == both) {
		/* Sent again because the ACK got lost behind us: the connection stands. */
		return connected && flow_rank_of(state) == RANK_VERIFIED && (state & ended) == 0
			       ? state
			       : fresh(pkt, state, FLOW_OPENED, RANK_HALF, LIFE_OPENING) | expects(pkt);
	}
	if (flags & PKT_TCP_SYN) {
		if (connected)
			count_closed(s, state);
		return fresh(pkt, state, FLOW_OPENING, RANK_HALF, LIFE_OPENING) | expects(pkt);
	}
	/* An ACK of a FIN; one before the client's, who will prove himself, unless his way was not past here. */
	if (kind == FLOW_CLOSING || (kind == FLOW_OPENED && !carries_data(pkt)))
		return state;
	if (kind != FLOW_TCP) {
		/* After a SYN the inside acknowledges only a SYN-ACK that it has found right, seen here or not. */
		s->flows->stats.picked_up++;
		state = fresh_tcp(pkt, state, RANK_OPEN) | (kind == FLOW_OPENING ? FLOW_F_ASKED : 0);
	}
	if (flow_rank_of(state) < RANK_OPEN)
		state = flow_with_rank(state, RANK_OPEN); /* it was doubted, or is seen from both sides now */
	if (flags & PKT_TCP_FIN)
		state |= FLOW_F_FIN_OUT;
	if ((state & FLOW_F_FIN_OUT) != 0 && (state & FLOW_F_FIN_IN) != 0)
		return closed(s, pkt, state, LIFE_CLOSING);
	return until(pkt, state, LIFE_TCP);
}

/* A packet of the inside, of another protocol. */
static uint64_t
step_outbound_other(struct flow_stepper *s, const struct pkt *pkt, uint64_t digest, uint64_t state)
{
	struct seki_flows *f = s->flows;
	const uint64_t *served = f->zone[pkt->zone].udp_served;

	if (flow_kind_of(state) == FLOW_ASKED || flow_kind_of(state) == FLOW_ANSWERED) {
		bool both = (state & FLOW_F_BOTH) != 0;

		return until(pkt, state,
			is_question(pkt)                    ? LIFE_QUESTION
			: both                              ? LIFE_BOTH
			: flow_kind_of(state) == FLOW_ASKED ? LIFE_ASKED
							    : LIFE_ANSWERED);
	}
	if (served != NULL && (pkt->flags & PKT_F_PORTS) != 0 &&
		(served[pkt->sport / 64] >> pkt->sport % 64 & 1) != 0) {
		/* A server's answer. Of one that answers everybody once, as DNS does, nothing is kept. */
		if (pkt->sport == 53 || pkt->sport == 123)
			return 0;
		f->stats.answered++;
		return fresh(pkt, state, FLOW_ANSWERED, RANK_WEAK, LIFE_ANSWERED);
	}
	flow_heard_advance(f->heard, pkt->arrival_ns);
	if (flow_heard_has(f->heard, pkt->zone, digest)) {
		f->stats.answered++;
		return fresh(pkt, state, FLOW_ANSWERED, RANK_WEAK, LIFE_ANSWERED);
	}
	f->stats.asked++;
	return fresh(pkt, state, FLOW_ASKED, RANK_HALF, is_question(pkt) ? LIFE_QUESTION : LIFE_ASKED) | FLOW_F_ASKED;
}

static __attribute__((noinline)) uint64_t
step_outbound_slow(struct flow_stepper *s, const struct pkt *pkt, uint64_t digest, uint64_t state)
{
	if (pkt->flags & (PKT_F_ICMP | PKT_F_FRAG_LATER))
		return state;
	if (flow_kind_of(state) == FLOW_FRAGMENTS)
		return state;
	return pkt->flags & PKT_F_TCP ? step_outbound_tcp(s, pkt, state) : step_outbound_other(s, pkt, digest, state);
}

/* No flow: what the inside sends makes one. A packet from outside makes none: the way of floods. */
static __attribute__((noinline)) void
step_unknown_slow(struct flow_stepper *s, struct pkt *pkt, uint64_t digest)
{
	struct seki_flows *f = s->flows;
	uint64_t state = pkt->direction == SEKI_DIR_OUTBOUND ? step_outbound_slow(s, pkt, digest, 0) : 0;
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
		*state = step_inbound_slow(s, pkt, *state);
	} else {
		next = step_outbound_slow(s, pkt, digest, *state);
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
