/* SPDX-License-Identifier: BSD-3-Clause */
/* What a packet of the inside makes of whatever is known: it opens, confirms and ends. */
#include "heard.h"
#include "step_common.h"

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
		s->flows->picked_up[pkt->zone]++;
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

uint64_t
flow_step_outbound(struct flow_stepper *s, const struct pkt *pkt, uint64_t digest, uint64_t state)
{
	if (pkt->flags & (PKT_F_ICMP | PKT_F_FRAG_LATER))
		return state;
	if (flow_kind_of(state) == FLOW_FRAGMENTS)
		return state;
	return pkt->flags & PKT_F_TCP ? step_outbound_tcp(s, pkt, state) : step_outbound_other(s, pkt, digest, state);
}
