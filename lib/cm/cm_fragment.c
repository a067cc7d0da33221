/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Fragments without reassembly: all of them refused, or held to a budget. Later fragments whose first one has passed
 * are not counted again; all others are, so a flood of fragments of one kind cannot hide behind the other.
 */

#include "cm.h"

struct fragment_conf {
	bool deny;
};

enum {
	PARAM_DENY,
	PARAM_PPS,
	PARAM_BPS,
	PARAM_BURST,
	N_PARAMS,
};

static const struct cm_param fragment_params[N_PARAMS] = {
	[PARAM_DENY] = {"deny", SEKI_UNIT_BOOL, 0, 1, 0, "Drop every fragment; for zones that never receive any."},
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 10000,
		"Fragments a second that the zone accepts, first ones and those of packets whose first one was not seen to pass; "
		"0 is no limit."},
	[PARAM_BPS] = {"bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0,
		"Bits a second in fragments that the zone accepts; 0 is no limit."},
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 1000000000,
		"How much of a second's budget may come at once."},
};

enum {
	BUDGET_PPS,
	BUDGET_BPS,
	N_BUDGETS,
};

static const char *
fragment_budget_name(unsigned i)
{
	return i == BUDGET_PPS ? "pps" : "bps";
}

static void
fragment_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct fragment_conf *c = conf;

	c->deny = spec->param[PARAM_DENY] != 0;
	limit[BUDGET_PPS] = (struct seki_limit){spec->param[PARAM_PPS], spec->param[PARAM_BURST]};
	limit[BUDGET_BPS] = (struct seki_limit){spec->param[PARAM_BPS], spec->param[PARAM_BURST]};
}

static void
fragment_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct fragment_conf *c = ctx->zone[p->zone].conf[CM_FRAGMENT];

		if (c->deny)
			cm_end(ctx, p, SEKI_REASON_FRAGMENT_DENIED);
		else if (cm_is_shut(ctx, p, CM_FRAGMENT) || !cm_charge(ctx, p, BUDGET_PPS))
			cm_end(ctx, p, SEKI_REASON_FRAGMENT_BUDGET);
	}
}

const struct cm_ops cm_fragment_ops = {
	.name = "fragment",
	.help = "Holds fragments to a budget, or refuses them all. Later fragments follow the first one of their packet.",
	.loses = "Fragments that overtake their first one, or come another way, are held to the budget with those of a "
		 "flood. Where the zone denies fragments, those that follow a first one are denied with it.",
	.classes = CM_CLASS_FRAGMENT,
	.params = fragment_params,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.conf_size = sizeof(struct fragment_conf),
	.compile = fragment_compile,
	.budget_name = fragment_budget_name,
	.apply = fragment_apply,
};
