/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What a zone does not serve gets a small budget of its own, so that a flood at unused ports cannot take more.
 * A budget and not a wall: until flows are known, answers to what the zone's own hosts ask come to such ports.
 */

#include "cm.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>

enum {
	PARAM_PPS,
	PARAM_BPS,
	PARAM_BURST,
	N_PARAMS,
};

static const struct cm_param service_params[N_PARAMS] = {
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 1000,
		"Packets a second to protocols and ports that the zone does not serve; 0 is no limit."},
	[PARAM_BPS] = {"bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0,
		"Bits a second to protocols and ports that the zone does not serve; 0 is no limit."},
	[PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 1000000000,
		"How much of a second's budget may come at once."},
};

enum {
	BUDGET_PPS,
	BUDGET_BPS,
	N_BUDGETS,
};

static const char *
service_budget_name(unsigned i)
{
	return i == BUDGET_PPS ? "pps" : "bps";
}

static void
service_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	(void)conf;
	limit[BUDGET_PPS] = (struct seki_limit){spec->param[PARAM_PPS], spec->param[PARAM_BURST]};
	limit[BUDGET_BPS] = (struct seki_limit){spec->param[PARAM_BPS], spec->param[PARAM_BURST]};
}

/*
 * What hosts need whatever they serve: errors (path MTU discovery stops without them, RFC 1191, RFC 8201), and
 * the neighbour and multicast messages of ICMPv6 (RFC 4890 4.4).
 */
static bool
is_essential(const struct pkt *pkt)
{
	if (pkt->vector == SEKI_VECTOR_ICMP_ERROR)
		return true;
	if (!(pkt->flags & PKT_F_ICMP) || pkt->proto != IPPROTO_ICMPV6)
		return false;
	return (pkt->icmp_type >= MLD_LISTENER_QUERY && pkt->icmp_type <= ND_REDIRECT) || pkt->icmp_type == 143;
}

static void
service_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (cm_is_served(ctx->zone[p->zone].served, p) || is_essential(p))
			continue;
		if (!cm_charge(ctx, p, BUDGET_PPS))
			cm_drop(p, SEKI_REASON_SERVICE_BUDGET);
	}
}

const struct cm_ops cm_service_ops = {
	.name = "service",
	.help = "Holds traffic to protocols and ports that the zone does not serve to a small budget. Does nothing in "
		"a "
		"zone that names no services. ICMP errors and ICMPv6 neighbour and listener messages are exempt.",
	.loses = "Until flows are known, answers to conversations that the zone's own hosts began come to ports that "
		 "it does "
		 "not serve and share the small budget: raise it, or switch this off, for zones of clients. A later "
		 "fragment shows no port and counts as served if anything of its protocol is.",
	.classes = CM_CLASS_ANY,
	.params = service_params,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.compile = service_compile,
	.budget_name = service_budget_name,
	.apply = service_apply,
};
