/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The last step against a flood that nothing tells from the zone's own traffic: strangers of the vector, to the
 * prefixes that are attacked, are thinned out to what the limit there allows; or, strict, all of them are dropped. Who
 * is known is not touched, and who has proven his address in another connection is spared. All others are held alike,
 * customers among them: it is raised when the milder steps have not been enough, and lowered when one of them is.
 *
 * Which share passes the management core says ten times a second, by what was offered. Each core lets that share of its
 * own packets pass, evenly: shares are summed up, and a packet passes when the sum overflows. So no core has to know
 * what the others do, and no attacker can tell which packet will be next. What comes faster than anything did in the
 * tick before meets a ration: no core lets more than that pass in a tick. It is what strictness lets pass, too, while
 * the attack pauses.
 *
 * Who floods a zone with connections has proven its address with the first of them. Where that is the attack, each such
 * source has a small rate of its own and nothing more, and all of them together
 * have what the limit allows.
 */

#include "cm.h"

enum {
	PARAM_PROVEN,
	N_PARAMS,
};

static const struct cm_param flood_params[N_PARAMS] = {
	[PARAM_PROVEN] = {"proven_pps", SEKI_UNIT_PPS, 0, 1000, 10,
		"Packets a second of an attack's vector that each source which has proven its address may send, where such sources "
		"take part in the attack (step `proven`), a second's worth at once; 16 times that on a list of `shared`; 0: "
		"none."},
};

/* People behind one address that a list names. */
#define SHARED_TIMES 16

struct flood_conf {
	uint32_t one, shared; /* seki_source_interval() */
};

static void
flood_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	uint64_t pps = spec->param[PARAM_PROVEN];

	(void)limit;
	*(struct flood_conf *)conf =
		(struct flood_conf){seki_source_interval(pps), seki_source_interval(SHARED_TIMES * pps)};
}

/* Many connections at a time do not make a source shared here: they may be the attack. */
static bool
charge_proven(struct cm_ctx *ctx, const struct pkt *p)
{
	const struct cm_zone *zone = &ctx->zone[p->zone];
	const struct flood_conf *c = zone->conf[CM_FLOOD];
	bool shared = p->src_set != 0 && (ctx->set_mask[p->src_set] & zone->shared_lists) != 0;

	return seki_source_charge_proven(ctx->sources, p, shared ? c->shared : c->one) && cm_take_ration(ctx, p, true);
}

static bool
is_exempt(struct cm_ctx *ctx, const struct pkt *p)
{
	if (ctx->sources == NULL)
		return false;
	return (ctx->raised[p->zone]->proven >> p->vector & 1) != 0 ? charge_proven(ctx, p)
								    : seki_source_is_verified(ctx->sources, p);
}

/* Whether the packet is of the share that passes. */
static bool
passes(struct cm_ctx *ctx, const struct pkt *p)
{
	uint16_t *sum = &ctx->let[p->zone][p->vector].sum, share = ctx->raised[p->zone]->pass_q16[p->vector];

	*sum = (uint16_t)(*sum + share);
	return (*sum < share || share == UINT16_MAX) && cm_take_ration(ctx, p, false);
}

static void
flood_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		bool let;

		if (!cm_is_raised(ctx, p, CM_FLOOD))
			continue;
		let = cm_is_strict(ctx, p, CM_FLOOD) ? cm_take_ration(ctx, p, false) : passes(ctx, p);
		/* A source is looked up only where its packet would not pass otherwise. */
		if (!let && !is_exempt(ctx, p))
			cm_end(ctx, p, SEKI_REASON_FLOOD);
	}
}

const struct cm_ops cm_flood_ops = {
	.name = "flood",
	.help = "Where an incident raises it: thins out strangers of the attack's vector, to the prefixes that are attacked, to "
		"what the limit there allows, or lets none of them pass, or, while the attack pauses, a ration. Sources that have proven "
		"their address are spared, but at the step `proven`. Where an attack changes its vector, it holds the other ones to what is not yet an attack.",
	.loses = "Where only inbound packets are seen no source is ever proven, and of UDP all are strangers.",
	.classes = CM_CLASS_STRANGER,
	.in_attacks = true,
	.params = flood_params,
	.n_params = N_PARAMS,
	.conf_size = sizeof(struct flood_conf),
	.compile = flood_compile,
	.apply = flood_apply,
};
