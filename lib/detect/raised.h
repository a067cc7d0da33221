/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_RAISED_H
#define SEKI_RAISED_H

/*
 * What is done about the attacks on a zone, as the packet path sees it: part of the snapshot, immutable, there only
 * while there is an attack. For each vector: the countermeasures that are raised, those of them that are strict, and to
 * which prefixes that applies.
 */

#include "pkt.h"
#include "signature.h"
#include "target.h"

#include <endian.h>

#define SEKI_SIGNATURES_MAX 8 /* of a zone, at a time */

#define SEKI_RATION_ALL UINT16_MAX /* no ration: as much as comes */

/* Prefixes that are attacked, and by which vectors. */
struct seki_scope {
	struct seki_target target;
	uint64_t vectors; /* a bit each */
};

struct seki_raised {
	uint64_t vectors;                /* for which something is raised, a bit each */
	uint64_t proven;                 /* of them, those of which proven sources have only a little */
	uint64_t guarded;                /* of them, those that do not attack, but may be next */
	uint32_t any;                    /* countermeasures that are raised for some vector: bits as in pkt.todo */
	uint32_t cm[SEKI_N_VECTORS];     /* ... for this one */
	uint32_t strict[SEKI_N_VECTORS]; /* of them, those whose budget is nothing */
	uint16_t pass_q16[SEKI_N_VECTORS]; /* of strangers, the share that `flood` lets pass */
	uint16_t ration[SEKI_N_VECTORS];   /* and of all that it, or what is strict, may let pass of a core in a tick */
	uint16_t ration_proven[SEKI_N_VECTORS]; /* the same for proven sources, where they have only a little */
	uint16_t n_scopes;
	uint16_t n_signatures;
	struct seki_scope scope[SEKI_TARGETS_MAX];
	struct seki_signature signature[SEKI_SIGNATURES_MAX];
};

static_assert(SEKI_N_VECTORS <= 64, "a bit for each vector");

/* The packet, which is to the zone, is of an attack's vector and to one of its targets. A few ns, and only in an
 * attack. */
static inline bool
seki_raised_holds(const struct seki_raised *raised, const struct pkt *pkt)
{
	uint64_t net = pkt->l3 == PKT_L3_IP4 ? (uint64_t)be32toh(pkt->dst.v4_be) << 32 : be64toh(pkt->dst.q[0]);
	uint8_t family = pkt->l3 == PKT_L3_IP4 ? 4 : 6;
	bool holds = false;

	if ((raised->vectors >> pkt->vector & 1) == 0)
		return false;
	for (unsigned i = 0; i < raised->n_scopes; i++) {
		const struct seki_scope *s = &raised->scope[i];

		holds |= (s->vectors >> pkt->vector & 1) & (s->target.family == family) &
			 (((s->target.net ^ net) & seki_target_mask(s->target.len)) == 0);
	}
	return holds;
}

#endif
