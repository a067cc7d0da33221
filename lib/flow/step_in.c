/* SPDX-License-Identifier: BSD-3-Clause */
/* What a packet from outside does to its flow: it confirms, is counted, and ends nothing by itself. */
#include "step_common.h"

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

uint64_t
flow_step_inbound(struct flow_stepper *s, struct pkt *pkt, uint64_t state)
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
