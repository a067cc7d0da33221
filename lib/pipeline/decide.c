/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Decide: every packet gets its one verdict and reason.
 *
 * Countermeasures run in table order, each once for the whole burst. That gives what single packets in arrival
 * order would give, because no countermeasure shares state with another: each has budgets of its own and sees its
 * packets in order.
 *
 * Observe mode shows what enforcing would do, so it spends what enforcing would spend. The first countermeasure
 * in observe mode that has something to say ends the observation: the later ones in observe mode are not asked any
 * more, since enforced, they would not have seen the packet. Those that enforce still are. What is recorded is a drop
 * that was held back; an allowed source passes either way, so there is nothing to record.
 *
 * A countermeasure in auto mode observes, except for packets for which an incident has raised it: for those it
 * enforces.
 *
 * In a zone that observes, what enforces, and what is raised, ends the packet as it would elsewhere, but that it
 * passes: its reason is recorded, in place of that of one which only observes, and the packet counts as stopped
 * (PKT_F_HELD), so that detection sees what would have come of its steps.
 *
 * Only packets from outside to a zone are judged. So a defective or forged packet that belongs to no zone, or comes
 * from inside, passes with the reason that says which of the two it is: what nobody asked Seki to protect is
 * forwarded as a wire would.
 */

#include "pipeline.h"

/* Without FCS, a tag adds so much to the largest frame of a port. */
#define VLAN_TAG_BYTES 4

size_t
seki_pipeline_budget_bytes(void)
{
	return (size_t)SEKI_ZONES_MAX * cm_n_budgets * sizeof(struct seki_budget);
}

static inline void
end(struct pkt *p, enum seki_reason reason)
{
	p->verdict = (uint8_t)seki_reason_verdict(reason);
	p->reason = (uint8_t)reason;
	p->todo = 0;
}

/* What the frame may have beyond an untagged one of plain IP. */
static uint32_t
room_for(const struct pkt *p)
{
	bool below_ip = p->l3 == PKT_L3_NONE && p->defect == SEKI_REASON_NONE;

	return VLAN_TAG_BYTES * p->n_vlan + (below_ip ? SEKI_BELOW_IP_ROOM : 0);
}

/* Frames that the egress port could not send whatever anyone says of them. A port of unknown size (0) sends all. */
static __attribute__((noinline, cold)) bool
drop_oversize_slow(const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	bool some = false;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];
		uint32_t max = policy->max_frame[p->egress];

		if (max == 0 || p->len <= max + room_for(p))
			continue;
		end(p, SEKI_REASON_OVERSIZE);
		some = true;
	}
	return some;
}

/* What attacks have raised for the packet. */
static __attribute__((noinline)) uint32_t
raised_for_slow(const struct seki_raised *raised, const struct pkt *p)
{
	return seki_raised_holds(raised, p) ? raised->cm[p->vector] : 0;
}

/*
 * A countermeasure has had its say. Where its word stands the packet ends; where it would stand if the zone did not
 * observe, the end is only written down, and so is what others say that observe or wait to be raised.
 */
static void
settle(struct pkt *p, const struct seki_snapshot *snap, unsigned cm)
{
	const struct seki_posture *posture = &snap->posture[p->zone];
	const struct seki_raised *raised = snap->raised[p->zone];
	uint32_t stands = posture->enforce | posture->would | (raised == NULL ? 0 : raised_for_slow(raised, p));
	enum seki_reason hit = p->hit;

	p->hit = SEKI_REASON_NONE;
	if ((stands >> cm & 1) == 0) {
		if (seki_reason_verdict(hit) == SEKI_VERDICT_DROP)
			p->observed = (uint8_t)hit;
		p->todo &= stands;
		return;
	}
	if (!posture->observes || seki_reason_verdict(hit) == SEKI_VERDICT_PASS) {
		end(p, hit);
		return;
	}
	p->observed = (uint8_t)hit;
	p->flags |= PKT_F_HELD;
	p->todo = 0;
}

static const uint16_t every[PKT_BURST] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
	22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

static unsigned
pick(unsigned cm, const struct pkt *pkt, unsigned n, uint16_t idx[PKT_BURST])
{
	unsigned m = 0;

	for (unsigned i = 0; i < n; i++) {
		idx[m] = (uint16_t)i;
		m += pkt[i].todo >> cm & 1;
	}
	return m;
}

/* Returns whether the countermeasure had something to say. `all` packets want it. */
static bool
judge_burst(struct cm_ctx *ctx, const struct seki_snapshot *snap, unsigned cm, struct pkt *pkt, unsigned n, bool all)
{
	uint16_t picked[PKT_BURST];
	const uint16_t *idx = all ? every : picked;
	unsigned m = all ? n : pick(cm, pkt, n, picked);

	ctx->cm = (uint8_t)cm;
	ctx->budget_base = cm_budget_base[cm];
	ctx->n_hits = 0;
	if (m > 0)
		cm_ops[cm]->apply(ctx, pkt, idx, m);
	if (ctx->n_hits == 0)
		return false;
	for (unsigned k = 0; k < m; k++)
		if (pkt[idx[k]].hit != SEKI_REASON_NONE)
			settle(&pkt[idx[k]], snap, cm);
	return true;
}

/* The sum of packets of which some were objected to. Returns how many do not pass. */
static unsigned
sum_again(struct pkt_sum *sum, const struct pkt *pkt, unsigned n)
{
	unsigned n_stopped = 0;

	*sum = PKT_SUM_NONE;
	for (unsigned i = 0; i < n; i++) {
		pkt_sum_add(sum, &pkt[0], &pkt[i]);
		n_stopped += pkt[i].verdict != SEKI_VERDICT_PASS;
	}
	return n_stopped;
}

/*
 * Strays that were offered, whatever becomes of them: what another countermeasure stops, or the budget lets pass, is no
 * less a sign of connections that are not known.
 */
static void
count_strays(struct seki_pipeline *pipe, const struct pkt *pkt, unsigned n, const struct pkt_sum *sum)
{
	if ((sum->todo_all >> CM_TCP_STATE & 1) != 0 && sum->differs == 0) {
		pipe->strays[pkt->zone] += n;
		return;
	}
	for (unsigned i = 0; i < n; i++)
		pipe->strays[pkt[i].zone] += pkt[i].todo >> CM_TCP_STATE & 1;
}

void
seki_settle_burst(struct seki_pipeline *pipe, const struct pkt *pkt)
{
	if (pipe->flows != NULL)
		seki_flow_settle_burst(pipe->flows, pkt, &pipe->burst);
}

void
seki_pipeline_sweep(struct seki_pipeline *pipe, uint64_t now_ns)
{
	if (pipe->flows != NULL)
		seki_flows_sweep(pipe->flows, now_ns);
	if (pipe->blocks != NULL)
		seki_blocks_sweep(pipe->blocks, now_ns);
}

unsigned
seki_decide_burst(
	struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n, struct pkt_sum *sum)
{
	struct cm_ctx ctx = {
		.zone = snap->policy->cm,
		.budget = pipe->budget,
		.set_mask = snap->policy->sets.mask,
		.flows = pipe->flows,
		.sources = pipe->sources,
		.n_budgets = cm_n_budgets,
		.raised = (const struct seki_raised *const *)snap->raised,
		.let = pipe->let,
	};
	uint32_t all = sum->todo_all;
	bool objected = false;
	unsigned stopped;

	pipe->to.alike_bytes = 0;
	if (__builtin_expect((sum->todo_any >> CM_TCP_STATE & 1) != 0, 0))
		count_strays(pipe, pkt, n, sum);
	if (__builtin_expect(sum->longest > snap->policy->max_frame_least, 0))
		objected = drop_oversize_slow(snap->policy, pkt, n);
	pipe->ends |= objected ? SEKI_ENDS_STOPPED : 0;
	for (uint32_t left = sum->todo_any; left != 0; left &= left - 1) {
		unsigned cm = (unsigned)__builtin_ctz(left);

		/* Once one has been heard, some packets may want no more, and be alike no more. */
		ctx.alike = !objected && (all >> cm & 1) != 0 && sum->differs == 0 ? sum : NULL;
		if (!judge_burst(&ctx, snap, cm, pkt, n, !objected && (all >> cm & 1) != 0))
			continue;
		objected = true;
		pipe->ends |= cm == CM_ALLOW ? SEKI_ENDS_ALLOWED : SEKI_ENDS_STOPPED;
	}
	if (!objected)
		return 0;
	stopped = sum_again(sum, pkt, n);
	if (stopped == n && sum->differs == 0 && pipe->same_flow && pipe->ends == SEKI_ENDS_STOPPED &&
		(unsigned)__builtin_popcount(pipe->to.which) == n)
		pipe->to.alike_bytes = sum->bytes;
	return stopped;
}
