/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a zone does not serve gets a small budget of its own, so that a flood at unused ports cannot take more. Answers
 * to what the inside was seen to ask are exempt, ICMP errors about it are not. A budget and not a wall: where the
 * question took another way, or is older than Seki, its answer comes to such a port and nobody knows of it.
 */

#include "cm.h"

enum {
	PARAM_PPS,
	PARAM_BPS,
	PARAM_ERROR_PPS,
	PARAM_KNOWN_ERROR_PPS,
	PARAM_BURST,
	N_PARAMS,
};

static const struct cm_param service_params[N_PARAMS] = {
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"Packets a second to protocols and ports that the zone does not serve; 0 is no limit."},
	[PARAM_BPS] = {"bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0,
		"Bits a second to protocols and ports that the zone does not serve; 0 is no limit."},
	[PARAM_ERROR_PPS] = {"error_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"ICMP and ICMPv6 errors a second about no known flow that the zone accepts, unless it serves ICMP; 0 is no "
		"limit."},
	[PARAM_KNOWN_ERROR_PPS] = {"known_error_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"ICMP and ICMPv6 errors a second about known flows that the zone accepts, unless it serves ICMP; 0 is no "
		"limit."},
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 1000000000,
		"How much of a second's budget may come at once."},
};

enum {
	BUDGET_PPS,
	BUDGET_BPS,
	BUDGET_ERROR_PPS,
	BUDGET_KNOWN_ERROR_PPS,
	N_BUDGETS,
};

static const char *
service_budget_name(unsigned i)
{
	static const char *const name[N_BUDGETS] = {"pps", "bps", "error_pps", "known_error_pps"};

	return name[i];
}

static void
service_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	(void)conf;
	limit[BUDGET_PPS] = (struct seki_limit){spec->param[PARAM_PPS], spec->param[PARAM_BURST]};
	limit[BUDGET_BPS] = (struct seki_limit){spec->param[PARAM_BPS], spec->param[PARAM_BURST]};
	limit[BUDGET_ERROR_PPS] = (struct seki_limit){spec->param[PARAM_ERROR_PPS], spec->param[PARAM_BURST]};
	limit[BUDGET_KNOWN_ERROR_PPS] =
		(struct seki_limit){spec->param[PARAM_KNOWN_ERROR_PPS], spec->param[PARAM_BURST]};
}

/*
 * Errors are needed whatever a zone serves: path MTU discovery stops without them (RFC 1191, RFC 8201). Anybody can
 * send them, so they have a budget, but one that other unserved traffic cannot spend. (Neighbour discovery and
 * what else is sent on the link is control traffic and never comes here.)
 *
 * Errors about a packet that the zone did send, by the flow that they quote, have another one: a flood of invented ones
 * takes nothing from them. They are not free, since whoever opens one connection can send any number that quote it.
 */
static void
judge_error(struct cm_ctx *ctx, struct pkt *pkt)
{
	unsigned budget = pkt->flow & PKT_FLOW_KNOWN ? BUDGET_KNOWN_ERROR_PPS : BUDGET_ERROR_PPS;

	if (cm_offer(ctx, pkt, budget, 1))
		cm_take(ctx, pkt, budget, 1);
	else
		cm_end(ctx, pkt, SEKI_REASON_ICMP_ERROR_BUDGET);
}

/* A packet that the zone does not serve. */
static void
judge_unserved(struct cm_ctx *ctx, struct pkt *p)
{
	if (p->vector == SEKI_VECTOR_ICMP_ERROR)
		judge_error(ctx, p);
	else if (!cm_charge(ctx, p, BUDGET_PPS))
		cm_end(ctx, p, SEKI_REASON_SERVICE_BUDGET);
}

static void
service_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	uint16_t zone = pkt[idx[0]].zone;
	const struct cm_served *served = ctx->zone[zone].served;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (p->zone != zone) {
			zone = p->zone;
			served = ctx->zone[zone].served;
		}
		if (!cm_is_served(served, p))
			judge_unserved(ctx, p);
	}
}

const struct cm_ops cm_service_ops = {
	.name = "service",
	.help = "Holds traffic to protocols and ports that the zone does not serve to a small budget, and ICMP errors "
		"to two others: about known flows, and about none. Answers to conversations that the zone's own hosts began are none of it. Does nothing "
		"in a zone that names no services.",
	.loses =
		"Where only inbound packets are seen, answers to conversations that the zone's own hosts began come to "
		"ports that it does not serve and share the small budget: raise it there, or switch this off. A later "
		"fragment shows no port and counts as served if anything of its protocol is.",
	.classes = CM_CLASS_UNSERVED,
	.params = service_params,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.compile = service_compile,
	.budget_name = service_budget_name,
	.apply = service_apply,
};
