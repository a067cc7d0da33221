/* SPDX-License-Identifier: BSD-3-Clause */

/* What a zone's operator drops by expressions of his own. */

#include "cm.h"

/* The packets of idx that the zone's filter matches. */
static void
apply_in_zone(struct cm_ctx *ctx, const struct seki_filter *filter, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	if (filter == NULL)
		return;
	for (uint32_t left = seki_filter_match_burst(filter, pkt, idx, n); left != 0; left &= left - 1)
		cm_end(ctx, &pkt[idx[__builtin_ctz(left)]], SEKI_REASON_FILTERED);
}

static void
filter_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned at = 0, end; at < n; at = end) {
		uint16_t zone = pkt[idx[at]].zone;

		for (end = at + 1; end < n && pkt[idx[end]].zone == zone;)
			end++;
		apply_in_zone(ctx, ctx->zone[zone].filter, pkt, &idx[at], end - at);
	}
}

const struct cm_ops cm_filter_ops = {
	.name = "filter",
	.help = "Drops packets that the zone's `filter` matches: expressions as tcpdump takes them, over headers and lengths "
		"alone. Takes no time in a zone without one.",
	.loses =
		"Nothing: it needs one packet's headers. It knows no flows, and so drops what it matches of established "
		"connections, too.",
	.classes = CM_CLASS_ANY,
	.apply = filter_apply,
};
