/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sources that cannot be. Which ranges those are is the special-purpose registry of RFC 6890 (and RFC 4291 for
 * IPv6), cut down to what is never a source from outside in any network: ranges that a private network may use
 * are asked for by parameter.
 */

#include "cm.h"

#include <endian.h>

struct antispoof_conf {
	bool martian, multicast, own_zone;
	bool private, documentation;
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
	c->martian = spec->param[PARAM_MARTIAN] != 0;
	c->multicast = spec->param[PARAM_MULTICAST] != 0;
	c->own_zone = spec->param[PARAM_OWN_ZONE] != 0;
	c->private = spec->param[PARAM_PRIVATE] != 0;
	c->documentation = spec->param[PARAM_DOCUMENTATION] != 0;
}

static bool
in4(uint32_t addr, uint32_t prefix, unsigned len)
{
	return (addr ^ prefix) >> (32 - len) == 0;
}

static bool
is_link_local4(uint32_t addr)
{
	return in4(addr, 0xa9fe0000, 16); /* 169.254.0.0/16 */
}

static enum seki_reason
judge4(const struct antispoof_conf *c, const struct pkt *p)
{
	uint32_t src = be32toh(p->src.v4_be);

	if (in4(src, 0xe0000000, 4) || src == 0xffffffff)
		return c->multicast ? SEKI_REASON_SRC_MULTICAST : SEKI_REASON_NONE;
	if (in4(src, 0x00000000, 8) || in4(src, 0x7f000000, 8) || in4(src, 0xf0000000, 4))
		return c->martian ? SEKI_REASON_SRC_MARTIAN : SEKI_REASON_NONE;
	if (is_link_local4(src) && !is_link_local4(be32toh(p->dst.v4_be)))
		return c->martian ? SEKI_REASON_SRC_MARTIAN : SEKI_REASON_NONE;
	if (c->private && (in4(src, 0x0a000000, 8) || in4(src, 0xac100000, 12) || in4(src, 0xc0a80000, 16) ||
				  in4(src, 0x64400000, 10)))
		return SEKI_REASON_SRC_MARTIAN;
	if (c->documentation && (in4(src, 0xc0000200, 24) || in4(src, 0xc6336400, 24) || in4(src, 0xcb007100, 24) ||
					in4(src, 0xc6120000, 15)))
		return SEKI_REASON_SRC_MARTIAN;
	return SEKI_REASON_NONE;
}

/* `prefix` is the high 64 bits. */
static bool
in6(uint64_t high, uint64_t prefix, unsigned len)
{
	return (high ^ prefix) >> (64 - len) == 0;
}

static bool
is_link_local6(uint64_t high)
{
	return in6(high, UINT64_C(0xfe80000000000000), 10);
}

/* ::/96 (unspecified, loopback, IPv4-compatible) and ::ffff:0:0/96 (mapped). */
static bool
is_embedded4(uint64_t high, uint64_t low)
{
	return high == 0 && (low >> 32 == 0 || low >> 32 == 0xffff);
}

static enum seki_reason
judge6(const struct antispoof_conf *c, const struct pkt *p)
{
	uint64_t high = be64toh(p->src.q[0]);
	bool martian;

	if (in6(high, UINT64_C(0xff00000000000000), 8))
		return c->multicast ? SEKI_REASON_SRC_MULTICAST : SEKI_REASON_NONE;
	martian = is_embedded4(high, be64toh(p->src.q[1])) || in6(high, UINT64_C(0xfec0000000000000), 10) ||
		  (is_link_local6(high) && !is_link_local6(be64toh(p->dst.q[0])));
	if (martian)
		return c->martian ? SEKI_REASON_SRC_MARTIAN : SEKI_REASON_NONE;
	if (c->private && in6(high, UINT64_C(0xfc00000000000000), 7))
		return SEKI_REASON_SRC_MARTIAN;
	if (c->documentation &&
		(in6(high, UINT64_C(0x20010db800000000), 32) || in6(high, UINT64_C(0x3fff000000000000), 20) ||
			in6(high, UINT64_C(0x2001000200000000), 48)))
		return SEKI_REASON_SRC_MARTIAN;
	return SEKI_REASON_NONE;
}

static void
antispoof_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	const unsigned own = PKT_F_REAL_DIR | PKT_F_SRC_IN_ZONE;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct antispoof_conf *c = ctx->zone[p->zone].conf[CM_ANTISPOOF];
		enum seki_reason reason = p->l3 == PKT_L3_IP4 ? judge4(c, p) : judge6(c, p);

		if (reason != SEKI_REASON_NONE)
			cm_drop(p, reason);
		else if (c->own_zone && (p->flags & own) == own)
			cm_drop(p, SEKI_REASON_SRC_OWN_ZONE);
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
	.classes = CM_CLASS_ANY,
	.params = antispoof_params,
	.n_params = N_PARAMS,
	.conf_size = sizeof(struct antispoof_conf),
	.compile = antispoof_compile,
	.apply = antispoof_apply,
};
