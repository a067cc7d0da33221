/* SPDX-License-Identifier: BSD-3-Clause */

/* Lists that a zone refuses. */

#include "cm.h"

static void
deny_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (ctx->set_mask[p->src_set] & ctx->zone[p->zone].deny_lists)
			cm_end(ctx, p, SEKI_REASON_DENIED);
	}
}

const struct cm_ops cm_deny_ops = {
	.name = "deny",
	.help = "Drops packets whose source is on a list that the zone denies.",
	.loses = "Nothing: it needs the source address alone. It also drops the answers of listed sources to "
		 "conversations that the zone began.",
	.classes = CM_CLASS_LISTED,
	.apply = deny_apply,
};
