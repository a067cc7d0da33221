/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The last step against a flood that nothing tells from the zone's own traffic: strangers of the vector, to the
 * prefixes that are attacked, share a budget, which is what the vector's limit allows; or, strict, nothing. Who is
 * known is not touched, and who has proven his address in another connection is spared. All others are held alike,
 * customers among them: it is raised when the milder steps have not been enough, and lowered when one of them is.
 */

#include "cm.h"

enum {
	PARAM_BURST,
	N_PARAMS,
};

static const struct cm_param flood_params[N_PARAMS] = {
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 100000000,
		"How much of a second's budget may come at once."},
};

/* Packets and bits of each vector. */
#define N_BUDGETS (2 * SEKI_N_VECTORS)

static const char *
flood_budget_name(unsigned i)
{
	static const char *const name[N_BUDGETS] = {
#define VECTOR(id, name, ...) name "_pps", name "_bps",
#include "vectors.def"
	};

	return name[i];
}

static uint64_t
flood_budget_vectors(unsigned i)
{
	return UINT64_C(1) << (i / 2);
}

static void
flood_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	(void)conf;
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		struct seki_rate rate = spec->limits->at[SEKI_LEVEL_ZONE][v];

		limit[2 * v] = (struct seki_limit){rate.pps, spec->param[PARAM_BURST]};
		limit[2 * v + 1] = (struct seki_limit){rate.bps, spec->param[PARAM_BURST]};
	}
}

static bool
is_exempt(const struct cm_ctx *ctx, const struct pkt *p)
{
	return ctx->sources != NULL && seki_source_is_verified(ctx->sources, p);
}

static void
flood_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (!cm_is_raised(ctx, p, CM_FLOOD) || is_exempt(ctx, p))
			continue;
		if (cm_is_strict(ctx, p, CM_FLOOD) || !cm_charge(ctx, p, 2u * p->vector))
			cm_end(ctx, p, SEKI_REASON_FLOOD);
	}
}

const struct cm_ops cm_flood_ops = {
	.name = "flood",
	.help = "Where an incident raises it: holds strangers of the attack's vector, to the prefixes that are attacked, to "
		"the vector's limit, or lets none of them pass. Sources that have proven their address are spared.",
	.loses = "Where only inbound packets are seen no source is ever proven, and of UDP all are strangers.",
	.classes = CM_CLASS_STRANGER,
	.params = flood_params,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.in_attacks = true,
	.compile = flood_compile,
	.budget_name = flood_budget_name,
	.budget_vectors = flood_budget_vectors,
	.apply = flood_apply,
};
