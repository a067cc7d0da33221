/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Headers that contradict themselves or the frame. The parser has found what is wrong, and only the first thing
 * that is; here it is only said whether the zone minds.
 */

#include "cm.h"

#include <assert.h>

struct malformed_conf {
	uint64_t minds; /* bit per enum seki_reason */
};

static_assert(SEKI_N_REASONS <= 64, "a bit for each");

enum {
	PARAM_CHECKSUM,
	PARAM_TCP_FLAGS,
	PARAM_PORT_ZERO,
	PARAM_LAND,
	PARAM_FRAGMENTS,
	PARAM_SOURCE_ROUTE,
	N_PARAMS,
};

static const struct cm_param malformed_params[N_PARAMS] = {
	[PARAM_CHECKSUM] = {"checksum", SEKI_UNIT_BOOL, 0, 1, 1, "Drop IPv4 packets whose header checksum is wrong."},
	[PARAM_TCP_FLAGS] = {"tcp_flags", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop TCP segments with a set of flags that no TCP sends (none, SYN with FIN, SYN with RST, ...)."},
	[PARAM_PORT_ZERO] = {"port_zero", SEKI_UNIT_BOOL, 0, 1, 1, "Drop TCP and UDP packets to port zero."},
	[PARAM_LAND] = {"land", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop packets whose source and destination are the same address."},
	[PARAM_FRAGMENTS] = {"fragments", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop fragments that are too small, overlap the headers of the first, or have an impossible length."},
	[PARAM_SOURCE_ROUTE] = {"source_route", SEKI_UNIT_BOOL, 0, 1, 1,
		"Drop packets whose sender prescribes the route: IPv4 LSRR and SSRR (RFC 7126), IPv6 routing header type "
		"0 with segments left (RFC 5095)."},
};

/* What each parameter switches; a defect that is not here (lengths, versions, chains) is always minded. */
static const uint64_t switched[N_PARAMS] = {
	[PARAM_CHECKSUM] = UINT64_C(1) << SEKI_REASON_IP_CHECKSUM,
	[PARAM_TCP_FLAGS] = UINT64_C(1) << SEKI_REASON_TCP_FLAGS,
	[PARAM_PORT_ZERO] = UINT64_C(1) << SEKI_REASON_PORT_ZERO,
	[PARAM_LAND] = UINT64_C(1) << SEKI_REASON_LAND,
	[PARAM_FRAGMENTS] = UINT64_C(1) << SEKI_REASON_FRAG_TINY | UINT64_C(1) << SEKI_REASON_FRAG_OVERLAP |
			    UINT64_C(1) << SEKI_REASON_FRAG_LENGTH,
	[PARAM_SOURCE_ROUTE] = UINT64_C(1) << SEKI_REASON_SOURCE_ROUTE,
};

static void
malformed_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct malformed_conf *c = conf;

	(void)limit;
	c->minds = UINT64_MAX;
	for (unsigned i = 0; i < N_PARAMS; i++)
		if (spec->param[i] == 0)
			c->minds &= ~switched[i];
}

static void
malformed_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct malformed_conf *c = ctx->zone[p->zone].conf[CM_MALFORMED];
		unsigned defect = p->defect != 0 ? p->defect : SEKI_REASON_IP_CHECKSUM;

		if (c->minds >> defect & 1)
			cm_end(ctx, p, defect);
	}
}

const struct cm_ops cm_malformed_ops = {
	.name = "malformed",
	.help = "Drops packets whose headers contradict themselves or the frame: lengths, IPv4 header checksum, TCP "
		"flag sets that no TCP sends, port zero, equal addresses, impossible fragments, source routes.",
	.loses = "Nothing: each packet shows all that is needed. Transport checksums are not looked at, because they "
		 "cover payload. A packet whose destination cannot be read belongs to no zone and passes.",
	.classes = CM_CLASS_DEFECT,
	.params = malformed_params,
	.n_params = N_PARAMS,
	.conf_size = sizeof(struct malformed_conf),
	.compile = malformed_compile,
	.apply = malformed_apply,
};
