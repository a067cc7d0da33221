/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * TCP segments that open nothing and belong to no connection that is known. Unknown is not guilty: the connection may
 * be older than Seki, or its packets may have gone another way. So they have a budget, and what passes is judged by the
 * inside: if it answers like an end of that connection, lib/flow knows it from then on; if it answers with RST, there
 * was none. A flood of such segments is over the budget, connections that are known are not touched by it.
 *
 * That needs a table that knows the connections. Until it has shown that it does (management: app/control/arm.h),
 * enforcing is held back to observing.
 */

#include "cm.h"

enum {
	PARAM_PPS,
	PARAM_BURST,
	PARAM_ARM_AFTER,
	N_PARAMS,
};

static const struct cm_param tcp_state_params[N_PARAMS] = {
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"TCP segments a second of no known connection that the zone accepts; 0 is no limit."},
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 1000000000,
		"How much of a second's budget may come at once."},
	[PARAM_ARM_AFTER] = {"arm_after", SEKI_UNIT_NS, 0, UINT64_C(86400000000000), UINT64_C(7500000000000),
		"Enforcing begins when for so long it would have dropped no more than one segment to a million TCP packets of "
		"known connections, no more than one such segment came to a hundred of them, and at least 100,000 of them "
		"came; 0: at once."},
};

static const char *
tcp_state_budget_name(unsigned i)
{
	(void)i;
	return "pps";
}

/* Of all vectors only those of TCP that are no SYN. */
static uint64_t
tcp_state_budget_vectors(unsigned i)
{
	uint64_t vectors = 0;

	(void)i;
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		vectors |= (uint64_t)(seki_vector_class[v] == SEKI_CLASS_TCP) << v;
	return vectors;
}

static void
tcp_state_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct cm_tcp_state *c = conf;

	c->arm_after_ns = spec->param[PARAM_ARM_AFTER];
	limit[0] = (struct seki_limit){spec->param[PARAM_PPS], spec->param[PARAM_BURST]};
}

static void
tcp_state_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (cm_offer(ctx, p, 0, 1))
			cm_take(ctx, p, 0, 1);
		else
			cm_end(ctx, p, SEKI_REASON_TCP_STRAY);
	}
}

const struct cm_ops cm_tcp_state_ops = {
	.name = "tcp_state",
	.help = "Holds TCP segments that open nothing and belong to no known connection to a budget. Enforces only when "
		"next to no segment has been one for a time.",
	.loses =
		"Where only inbound packets are seen, a connection is known from its SYN on and cannot be proven, and one "
		"that is older than Seki is never known: its segments have the budget and no more. Where no state is kept "
		"every segment is unknown: switch this off there.",
	.classes = CM_CLASS_STRAY,
	.params = tcp_state_params,
	.n_params = N_PARAMS,
	.n_budgets = 1,
	.conf_size = sizeof(struct cm_tcp_state),
	.compile = tcp_state_compile,
	.budget_name = tcp_state_budget_name,
	.budget_vectors = tcp_state_budget_vectors,
	.apply = tcp_state_apply,
};
