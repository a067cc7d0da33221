/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one source may send: packets, bits, requests for connections, conversations begun. lib/flow counts; here are the
 * limits, and the names of what went over them.
 */

#include "cm.h"

enum {
	PARAM_PPS,
	PARAM_BPS,
	PARAM_SYN_PPS,
	PARAM_FLOWS,
	PARAM_VERIFIED,
	PARAM_SHARED_FROM,
	PARAM_PORTS_PPS,
	PARAM_V6_56,
	PARAM_V6_48,
	PARAM_BLOCK,
	N_PARAMS,
};

/* What one core could not receive from one source; and a rate of which a window can count four times as much, or
 * nearly. */
#define SOURCE_PPS_MAX 450000
#define SOURCE_BPS_MAX UINT64_C(200000000000)
#define BLOCK_MAX_NS UINT64_C(7200000000000)

static const struct cm_param source_limit_params[N_PARAMS] = {
	[PARAM_PPS] = {"pps", SEKI_UNIT_PPS, 0, SOURCE_PPS_MAX, 50000,
		"Packets a second from one source; 0 is no limit."},
	[PARAM_BPS] = {"bps", SEKI_UNIT_BPS, 0, SOURCE_BPS_MAX, 0, "Bits a second from one source; 0 is no limit."},
	[PARAM_SYN_PPS] = {"syn_pps", SEKI_UNIT_PPS, 0, 50000, 500,
		"Requests for TCP connections a second from one source; 0 is no limit."},
	[PARAM_FLOWS] = {"flows_pps", SEKI_UNIT_PPS, 0, 50000, 500,
		"Conversations a second that one source may begin; 0 is no limit."},
	[PARAM_VERIFIED] = {"verified_factor", SEKI_UNIT_NONE, 0, 1000, 10,
		"A source that has proven its address may send so many times that; 0: as much as it likes."},
	[PARAM_SHARED_FROM] = {"shared_from", SEKI_UNIT_NONE, 0, 65535, 256,
		"Connections at a time, all proven, from which a source is many people behind one address; 0: never."},
	[PARAM_PORTS_PPS] = {"ports_pps", SEKI_UNIT_PPS, 0, SOURCE_PPS_MAX, 20000,
		"Packets a second from each block of 256 ports of such a source, instead of all other limits; 0 is no limit."},
	[PARAM_V6_56] = {"v6_56_factor", SEKI_UNIT_NONE, 0, 65535, 4,
		"An IPv6 /56 may send so many times what one source, a /64, may; 0 is no limit."},
	[PARAM_V6_48] = {"v6_48_factor", SEKI_UNIT_NONE, 0, 65535, 16,
		"An IPv6 /48 may send so many times what one source, a /64, may; 0 is no limit."},
	[PARAM_BLOCK] = {"block", SEKI_UNIT_NS, 0, BLOCK_MAX_NS, 0,
		"A source over four times its packets that has proven nothing is blocked for so long; 0: it is not."},
};

static void
source_limit_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct seki_source_limits *l = conf;

	(void)limit;
	l->packets = seki_source_amount(spec->param[PARAM_PPS], 1);
	l->bytes = seki_source_amount(spec->param[PARAM_BPS], 8 * SEKI_SOURCE_UNIT);
	l->syns = seki_source_amount(spec->param[PARAM_SYN_PPS], 1);
	l->flows = seki_source_amount(spec->param[PARAM_FLOWS], 1);
	l->verified = (uint32_t)spec->param[PARAM_VERIFIED];
	l->shared_from = (uint32_t)spec->param[PARAM_SHARED_FROM];
	l->ports = seki_source_amount(spec->param[PARAM_PORTS_PPS], 1);
	l->factor[0] = 1;
	l->factor[1] = (uint16_t)spec->param[PARAM_V6_56];
	l->factor[2] = (uint16_t)spec->param[PARAM_V6_48];
	l->block_ticks = (uint16_t)((spec->param[PARAM_BLOCK] >> 28) + (spec->param[PARAM_BLOCK] != 0));
	seki_source_weigh(l);
}

static const uint8_t reason_of[] = {
	[SEKI_SOURCE_WITHIN] = SEKI_REASON_NONE,
	[SEKI_SOURCE_FULL] = SEKI_REASON_NONE,
	[SEKI_SOURCE_PACKETS] = SEKI_REASON_SOURCE_PPS,
	[SEKI_SOURCE_BYTES] = SEKI_REASON_SOURCE_BPS,
	[SEKI_SOURCE_SYNS] = SEKI_REASON_SOURCE_SYN,
	[SEKI_SOURCE_FLOWS] = SEKI_REASON_SOURCE_FLOWS,
	[SEKI_SOURCE_PORTS] = SEKI_REASON_SOURCE_PORTS,
	[SEKI_SOURCE_BLOCKED] = SEKI_REASON_SOURCE_BLOCKED,
};

static void
source_limit_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n && ctx->sources != NULL; i++) {
		struct pkt *p = &pkt[idx[i]];
		const struct cm_zone *zone = &ctx->zone[p->zone];
		bool shared = p->src_set != 0 && (ctx->set_mask[p->src_set] & zone->shared_lists) != 0;
		enum seki_source_verdict verdict =
			seki_source_charge(ctx->sources, p, zone->conf[CM_SOURCE_LIMIT], shared);

		if (__builtin_expect(verdict > SEKI_SOURCE_FULL, 0))
			cm_end(ctx, p, reason_of[verdict]);
		/* A flow whose source is over a limit is charged packet by packet, until it is not any more. */
		if ((p->flow & PKT_FLOW_ROUND) != 0 &&
			__builtin_expect(verdict != SEKI_SOURCE_WITHIN || (p->flow & PKT_FLOW_STRICT) != 0, 0))
			seki_flow_set_over(ctx->flows, p, verdict != SEKI_SOURCE_WITHIN);
	}
}

const struct cm_ops cm_source_limit_ops = {
	.name = "source_limit",
	.help = "Holds each source to a rate of packets, bits, requests for connections and conversations. One that has "
		"proven its address has more; one that many people share is held by blocks of its ports; IPv6 prefixes "
		"of 56 and 48 bits have limits of their own. Packets of known flows and all others are held to the limits "
		"apart, since the others may be forged.",
	.loses =
		"Where only inbound packets are seen, no source is ever proven. A flood from invented addresses is below "
		"every source's limit: that is for the others. Where no state is kept this does nothing.",
	.classes = CM_CLASS_CHARGED,
	.params = source_limit_params,
	.n_params = N_PARAMS,
	.conf_size = sizeof(struct seki_source_limits),
	.compile = source_limit_compile,
	.apply = source_limit_apply,
};
