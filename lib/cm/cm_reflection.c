/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Traffic from the ports of known reflectors that the inside has not asked for, each kind under its own budget: a flood
 * of memcached answers leaves the answers of DNS alone. A reflector's port is evidence, not a verdict, and that nobody
 * was seen to ask is not much more: the question may have gone another way. So a budget is all that it earns, and
 * sources that sent such answers in quiet times, as the zone's own resolvers and clocks did, have a small one each when
 * the common one is spent. All of them together have one more: whoever has time can make thousands of reflectors
 * familiar in peace, a few packets each.
 */

#include "cm.h"

#include <stdio.h>

enum {
	PARAM_PPS,
	PARAM_BPS,
	PARAM_BURST,
	PARAM_FAMILIAR,
	PARAM_FAMILIAR_TOTAL,
	PARAM_OWN, /* one per reflector from here on */
	N_PARAMS = PARAM_OWN + SEKI_N_REFLECTORS,
};

/*
 * Ports that carry bulk traffic of ordinary users beside reflection: tunnels, calls, remote desktops and games. Held
 * to the common budget, one branch office behind NAT would lose its VPN.
 */
#define BULK_PPS 50000
#define PPS_FEW 0
#define PPS_BULK BULK_PPS

static const struct cm_param reflection_params[N_PARAMS] = {
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"Packets a second that the zone accepts from each kind of reflector that has no budget of its own "
		"below; 0 is no limit."},
	[PARAM_BPS] = {"bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0,
		"Bits a second that the zone accepts from each kind of reflector; 0 is no limit."},
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 1000000000,
		"How much of a second's budget may come at once."},
	[PARAM_FAMILIAR] = {"familiar_pps", SEKI_UNIT_PPS, 0, 10000, 200,
		"Packets a second from each source that sent such in quiet times, not only once, when the budget is spent; "
		"0: none."},
	[PARAM_FAMILIAR_TOTAL] = {"familiar_total_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 10000,
		"Packets a second that all such sources together may send, of every kind, when the budget is spent; 0 is no "
		"limit."},
#define REFLECTOR(id, name, port, weight, description) \
	[PARAM_OWN + SEKI_VECTOR_##id - SEKI_VECTOR_REFLECTOR_FIRST] = {name "_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, \
		PPS_##weight, "Packets a second from UDP port " #port " (" name "); 0 is as `pps` says."},
#include "vectors.def"
};

static_assert(N_PARAMS <= CM_PARAMS_MAX, "every reflector has a parameter");

struct reflection_conf {
	uint32_t familiar; /* units of time from packet to packet of one familiar source; 0: it has no budget */
};

/* Two budgets for each reflector: packets, bits. Then one of packets for all familiar sources. */
enum {
	BUDGET_FAMILIAR = 2 * SEKI_N_REFLECTORS,
	N_BUDGETS,
};

static const char *
reflection_budget_name(unsigned i)
{
	static const char *const name[N_BUDGETS] = {
#define REFLECTOR(id, name, port, weight, description) name "_pps", name "_bps",
#include "vectors.def"
		"familiar_total_pps",
	};

	return name[i];
}

/* Each reflector's pair is its own; what the familiar have in common, any reflector may spend. */
static uint64_t
reflection_budget_vectors(unsigned i)
{
	if (i == BUDGET_FAMILIAR)
		return ((UINT64_C(1) << SEKI_N_REFLECTORS) - 1) << SEKI_VECTOR_REFLECTOR_FIRST;
	return UINT64_C(1) << (SEKI_VECTOR_REFLECTOR_FIRST + i / 2);
}

static void
reflection_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct reflection_conf *c = conf;

	c->familiar = seki_source_interval(spec->param[PARAM_FAMILIAR]);
	for (unsigned r = 0; r < SEKI_N_REFLECTORS; r++) {
		uint64_t own = spec->param[PARAM_OWN + r];

		limit[2 * r] = (struct seki_limit){own != 0 ? own : spec->param[PARAM_PPS], spec->param[PARAM_BURST]};
		limit[2 * r + 1] = (struct seki_limit){spec->param[PARAM_BPS], spec->param[PARAM_BURST]};
	}
	limit[BUDGET_FAMILIAR] = (struct seki_limit){spec->param[PARAM_FAMILIAR_TOTAL], spec->param[PARAM_BURST]};
}

/* Where the familiar take part in an attack, all of them have what its limit allows. */
static bool
may_familiar(struct cm_ctx *ctx, const struct pkt *p)
{
	const struct seki_raised *raised = ctx->raised[p->zone];

	return !cm_is_strict(ctx, p, CM_REFLECTION) || (raised->proven >> p->vector & 1) == 0 ||
	       cm_take_ration(ctx, p, true);
}

/*
 * Over the common budget: what a familiar source may send still passes, as far as there is room for all of them. The
 * source is asked first, so that strangers do not count as demand for what the familiar share.
 */
static bool
charge_familiar(struct cm_ctx *ctx, const struct pkt *p)
{
	const struct reflection_conf *c = ctx->zone[p->zone].conf[CM_REFLECTION];
	/* In an attack as in quiet times: it is for attacks that this is here. */
	uint64_t burst_ns = ctx->zone[p->zone].limit[ctx->budget_base + BUDGET_FAMILIAR].burst_ns;

	if (ctx->sources == NULL || c->familiar == 0 || !seki_source_charge_familiar(ctx->sources, p, c->familiar) ||
		!may_familiar(ctx, p) ||
		!seki_budget_offer(cm_budget(ctx, p, BUDGET_FAMILIAR), burst_ns, p->arrival_ns, 1))
		return false;
	cm_take(ctx, p, BUDGET_FAMILIAR, 1);
	return true;
}

static void
judge_unasked(struct cm_ctx *ctx, struct pkt *p)
{
	unsigned budget = 2u * (p->vector - SEKI_VECTOR_REFLECTOR_FIRST);

	if (cm_is_shut(ctx, p, CM_REFLECTION) || !cm_charge(ctx, p, budget)) {
		if (!charge_familiar(ctx, p))
			cm_end(ctx, p, SEKI_REASON_REFLECTION_BUDGET);
		return;
	}
	if (ctx->sources != NULL &&
		seki_budget_is_calm(cm_budget(ctx, p, budget), cm_burst_ns(ctx, p, budget), p->arrival_ns))
		seki_source_make_familiar(ctx->sources, p);
}

static void
reflection_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct cm_served *served = ctx->zone[p->zone].served;

		if (!served->any && cm_is_served(served, p))
			continue;
		judge_unasked(ctx, p);
	}
}

const struct cm_ops cm_reflection_ops = {
	.name = "reflection",
	.help = "Holds UDP from each kind of reflector (DNS, NTP, memcached, ...) that the inside has not asked for to a "
		"budget of its own. Traffic to a port that the zone serves is exempt. Where an incident has raised the step `proven`, "
		"since familiar sources attack, all of them share what the vector's limit allows.",
	.loses =
		"Where only inbound packets are seen, an answer that the zone asked for and one that an attacker asked for "
		"in its name look alike: over the budget only sources that sent such in quiet times pass. Set the budget "
		"above what your resolvers and clocks receive, or name the ports that they ask from as services.",
	.classes = CM_CLASS_REFLECTOR,
	.params = reflection_params,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.conf_size = sizeof(struct reflection_conf),
	.compile = reflection_compile,
	.budget_name = reflection_budget_name,
	.budget_vectors = reflection_budget_vectors,
	.apply = reflection_apply,
};
