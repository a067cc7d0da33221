/* SPDX-License-Identifier: BSD-3-Clause */

/* Lists that a zone trusts. Comes after the checks that no list should override, before all others. */

#include "cm.h"

static void
allow_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (ctx->set_mask[p->src_set] & ctx->zone[p->zone].allow_lists)
			cm_end(ctx, p, SEKI_REASON_ALLOWED);
	}
}

const struct cm_ops cm_allow_ops = {
	.name = "allow",
	.help = "Passes packets whose source is on a list that the zone allows; no later countermeasure is asked.",
	.loses = "Nothing: it needs the source address alone. An attacker who forges an allowed source gets past all "
		 "later countermeasures, so allow only what cannot be forged on your link, and keep antispoof on.",
	.classes = CM_CLASS_LISTED,
	.apply = allow_apply,
};
