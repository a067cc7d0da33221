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
end(struct pkt *p, enum seki_verdict verdict, enum seki_reason reason)
{
	p->verdict = (uint8_t)verdict;
	p->reason = (uint8_t)reason;
	p->todo = 0;
}

/* What the packets of a burst want: the countermeasures that some of them, and those that all of them ask for. */
struct wanted {
	uint32_t any, all;
};

/* Frames that the egress port could not send whatever anyone says of them. A port of unknown size (0) sends all. */
static inline bool
is_oversize(const struct seki_policy *policy, const struct pkt *p)
{
	uint32_t max = policy->max_frame[p->egress];

	return __builtin_expect(p->len > max, 0) && max != 0 && p->len - max > VLAN_TAG_BYTES * p->n_vlan;
}

/* Starts with no verdict, but for oversized frames. */
static struct wanted
open_burst(const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	struct wanted wanted = {.any = 0, .all = UINT32_MAX};

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];

		p->verdict = SEKI_VERDICT_NONE;
		p->reason = SEKI_REASON_NONE;
		p->observed = SEKI_REASON_NONE;
		p->hit = SEKI_REASON_NONE;
		if (is_oversize(policy, p))
			end(p, SEKI_VERDICT_DROP, SEKI_REASON_OVERSIZE);
		wanted.any |= p->todo;
		wanted.all &= p->todo;
	}
	return wanted;
}

static void
settle(struct pkt *p, const struct seki_posture *posture, unsigned cm)
{
	enum seki_reason hit = p->hit;

	p->hit = SEKI_REASON_NONE;
	if (posture->enforce >> cm & 1) {
		end(p, seki_reason_verdict(hit), hit);
		return;
	}
	if (seki_reason_verdict(hit) == SEKI_VERDICT_DROP)
		p->observed = (uint8_t)hit;
	p->todo &= posture->enforce;
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

/* Returns whether the countermeasure had something to say. */
static bool
judge_burst(struct cm_ctx *ctx, const struct seki_snapshot *snap, unsigned cm, struct pkt *pkt, unsigned n, bool all)
{
	uint16_t picked[PKT_BURST];
	const uint16_t *idx = all ? every : picked;
	unsigned m = all ? n : pick(cm, pkt, n, picked);

	ctx->budget_base = cm_budget_base[cm];
	ctx->n_hits = 0;
	if (m > 0)
		cm_ops[cm]->apply(ctx, pkt, idx, m);
	if (ctx->n_hits == 0)
		return false;
	for (unsigned k = 0; k < m; k++)
		if (pkt[idx[k]].hit != SEKI_REASON_NONE)
			settle(&pkt[idx[k]], &snap->posture[pkt[idx[k]].zone], cm);
	return true;
}

static inline enum seki_reason
non_ip_reason(const struct pkt *p)
{
	if (p->encap == PKT_ENCAP_OPAQUE)
		return SEKI_REASON_UNSCRUBBED;
	/* Meant to be IP, but its addresses cannot be read: it cannot belong to a zone. */
	return p->defect != 0 ? SEKI_REASON_NO_ZONE : SEKI_REASON_NON_IP;
}

/* Why a packet passes that was not judged, or whose inside nobody has seen. */
static enum seki_reason
other_pass_reason(const struct pkt *p)
{
	if (p->flags & PKT_F_CONTROL)
		return SEKI_REASON_CONTROL;
	if (p->direction == SEKI_DIR_OUTBOUND)
		return SEKI_REASON_OUTBOUND;
	if (p->l3 == PKT_L3_NONE)
		return non_ip_reason(p);
	if (p->direction == SEKI_DIR_INBOUND)
		return p->zone == SEKI_ZONE_NONE ? SEKI_REASON_NO_ZONE : SEKI_REASON_UNSCRUBBED;
	return p->direction == SEKI_DIR_LOCAL ? SEKI_REASON_LOCAL : SEKI_REASON_TRANSIT;
}

/* The headers that countermeasures see are sound and within bounds; those inside a tunnel nobody has seen. */
static inline enum seki_reason
pass_reason(const struct pkt *p)
{
	bool judged = (p->direction == SEKI_DIR_INBOUND) & (p->zone != SEKI_ZONE_NONE);

	if (__builtin_expect(judged && (p->flags & (PKT_F_CONTROL | PKT_F_TUNNEL)) == 0, 1))
		return SEKI_REASON_CLEAN;
	return other_pass_reason(p);
}

/* Ends what no countermeasure has ended. Returns how many do not pass. */
static unsigned
close_burst(struct pkt *pkt, unsigned n)
{
	unsigned n_stopped = 0;

	for (unsigned i = 0; i < n; i++) {
		if (pkt[i].verdict == SEKI_VERDICT_NONE)
			end(&pkt[i], SEKI_VERDICT_PASS, pass_reason(&pkt[i]));
		else
			n_stopped += pkt[i].verdict != SEKI_VERDICT_PASS;
	}
	return n_stopped;
}

unsigned
seki_decide_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n)
{
	struct cm_ctx ctx = {
		.zone = snap->policy->cm,
		.budget = pipe->budget,
		.set_mask = snap->policy->sets.mask,
		.n_budgets = cm_n_budgets,
	};
	struct wanted wanted = open_burst(snap->policy, pkt, n);

	for (; wanted.any != 0; wanted.any &= wanted.any - 1) {
		unsigned cm = (unsigned)__builtin_ctz(wanted.any);

		/* Once one has been heard, some packets may want no more. */
		if (judge_burst(&ctx, snap, cm, pkt, n, wanted.all >> cm & 1))
			wanted.all = 0;
	}
	return close_burst(pkt, n);
}
