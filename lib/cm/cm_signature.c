/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What an attack's packets have in common in their headers, and the zone's clean traffic does not: found in samples by
 * the management core (lib/detect/find.h), tried on clean ones, and enforced for the incident's time only. Strangers
 * alone are asked; what belongs to a known flow is no part of it, whatever it looks like.
 */

#include "cm.h"

static bool
matches(const struct seki_raised *raised, const struct pkt *p)
{
	struct seki_features features;

	seki_features_read(p, &features);
	for (unsigned s = 0; s < raised->n_signatures; s++)
		if (raised->signature[s].vector == p->vector && seki_signature_match(&raised->signature[s], &features))
			return true;
	return false;
}

static void
signature_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[idx[i]];

		if (cm_is_raised(ctx, p, CM_SIGNATURE) && matches(ctx->raised[p->zone], p))
			cm_end(ctx, p, SEKI_REASON_SIGNATURE);
	}
}

const struct cm_ops cm_signature_ops = {
	.name = "signature",
	.help = "Where an incident raises it: drops strangers that have the header features of the attack, which the "
		"zone's clean traffic has not.",
	.loses =
		"Nothing; but where no state is kept, or for UDP where only inbound packets are seen, every packet is a "
		"stranger's.",
	.classes = CM_CLASS_STRANGER,
	.in_attacks = true,
	.apply = signature_apply,
};
