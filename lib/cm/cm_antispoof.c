/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sources that cannot be. lib/base/special.c says which ranges those are; those that a private network may use are
 * asked for by parameter. Most sources are in no such range and in no zone, and classify knows that before anybody
 * asks.
 */

#include "cm.h"

#include "special.h"

struct antispoof_conf {
	uint8_t reason[SEKI_N_SPECIALS]; /* enum seki_special -> what a source of the kind is dropped for; 0: not at all
					  */
	bool own_zone;
};

enum {
	PARAM_MARTIAN,
	PARAM_MULTICAST,
	PARAM_OWN_ZONE,
	PARAM_PRIVATE,
	PARAM_DOCUMENTATION,
	N_PARAMS,
};

static const struct cm_param antispoof_params[N_PARAMS] = {
	[PARAM_MARTIAN] = {"martian", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop sources that are never valid on a link: this-network, loopback, link-local to elsewhere, "
		"reserved, mapped."},
	[PARAM_MULTICAST] = {"multicast", SEKI_UNIT_BOOL, 0, 1, 1, "Drop multicast and broadcast sources."},
	[PARAM_OWN_ZONE] = {"own_zone", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop packets from outside whose source is inside a zone; needs a real direction."},
	[PARAM_PRIVATE] = {"private", SEKI_UNIT_BOOL, 0, 1, 0,
		"Drop private and shared sources (RFC 1918, RFC 6598, RFC 4193); for links to the Internet."},
	[PARAM_DOCUMENTATION] = {"documentation", SEKI_UNIT_BOOL, 0, 1, 0,
		"Drop documentation and benchmarking sources (RFC 5737, RFC 3849, RFC 9637, RFC 2544, RFC 5180)."},
};

static void
antispoof_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct antispoof_conf *c = conf;

	(void)limit;
	c->own_zone = spec->param[PARAM_OWN_ZONE] != 0;
	if (spec->param[PARAM_MULTICAST] != 0)
		c->reason[SEKI_SPECIAL_MULTICAST] = SEKI_REASON_SRC_MULTICAST;
	if (spec->param[PARAM_MARTIAN] != 0)
		c->reason[SEKI_SPECIAL_MARTIAN] = c->reason[SEKI_SPECIAL_LINK_LOCAL] = SEKI_REASON_SRC_MARTIAN;
	if (spec->param[PARAM_PRIVATE] != 0)
		c->reason[SEKI_SPECIAL_PRIVATE] = SEKI_REASON_SRC_MARTIAN;
	if (spec->param[PARAM_DOCUMENTATION] != 0)
		c->reason[SEKI_SPECIAL_DOCUMENTATION] = SEKI_REASON_SRC_MARTIAN;
}

static enum seki_reason
judge_source(const struct antispoof_conf *c, const struct pkt *p)
{
	unsigned family = p->l3 == PKT_L3_IP4 ? 4 : 6;
	enum seki_special special = seki_special_find(family, p->src.b);

	/* Neighbours talk to each other so. */
	if (special == SEKI_SPECIAL_LINK_LOCAL && seki_special_find(family, p->dst.b) == SEKI_SPECIAL_LINK_LOCAL)
		return SEKI_REASON_NONE;
	return c->reason[special];
}

static void
antispoof_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	const unsigned own = PKT_F_REAL_DIR | PKT_F_SRC_IN_ZONE;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct antispoof_conf *c = ctx->zone[p->zone].conf[CM_ANTISPOOF];
		enum seki_reason reason = judge_source(c, p);

		if (reason != SEKI_REASON_NONE)
			cm_end(ctx, p, reason);
		else if (c->own_zone && (p->flags & own) == own)
			cm_end(ctx, p, SEKI_REASON_SRC_OWN_ZONE);
	}
}

const struct cm_ops cm_antispoof_ops = {
	.name = "antispoof",
	.help = "Drops packets whose source cannot be one: never valid on a link, multicast, or, coming from outside, "
		"inside a protected zone.",
	.loses = "The check for own-zone sources needs a real direction (ports, or the MAC addresses of the routers); "
		 "in a capture without one it is silent. Where a zone's hosts may also reach the box from outside "
		 "(multihoming, anycast, a scrubbed return path) that check finds legitimate packets: watch it in "
		 "observe mode first.",
	.classes = CM_CLASS_KNOWN,
	.params = antispoof_params,
	.n_params = N_PARAMS,
	.conf_size = sizeof(struct antispoof_conf),
	.compile = antispoof_compile,
	.apply = antispoof_apply,
};
