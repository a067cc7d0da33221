/* SPDX-License-Identifier: BSD-3-Clause */

/* Vectors that follow one that is mitigated already. */
#include "watch.h"

#include <string.h>

/* What follows an attack is too much at such a part of a host's limit, if it is so many times what is usual. */
#define FOLLOW_PART 10
#define FOLLOW_TIMES 4

bool
watch_is_led(const struct watch *w, unsigned vector, bool by_leaders)
{
	for (unsigned v = 1; v < SEKI_N_VECTORS; v++)
		if (v != vector && w->track[v].state == TRACK_MITIGATING && !(by_leaders && w->track[v].follows))
			return true;
	return false;
}

void
watch_sizes(const struct seki_detect *d, uint16_t zone, unsigned vector, uint64_t *pps, uint64_t *bps)
{
	const struct node *node = d->collect.tree.zone[zone];
	struct cell *cell = node == NULL ? NULL : node->cell[vector];

	*pps = *bps = 0;
	if (cell == NULL)
		return;
	cell_advance(cell, d->collect.tick);
	*pps = cell->packets.in_second;
	*bps = (uint64_t)cell->units.in_second * UNIT_BITS;
}

/* Blocks of several hosts that are targets count once. */
static bool
is_in_any(const struct seki_target *target, unsigned n, const struct leaf *leaf)
{
	for (unsigned t = 0; t < n; t++)
		if (seki_targets_overlap(target[t], leaf_prefix(leaf)))
			return true;
	return false;
}

uint64_t
watch_at(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct seki_target *target, unsigned n)
{
	uint64_t sum = 0;

	for (unsigned t = 0; t < n; t++) {
		struct leaf_range range = leaves_in(&d->collect.tree.leaves, zone, target[t]);

		for (uint32_t i = 0; i < range.n; i++) {
			const struct cell *cell = range.at[i].node->cell[vector];

			tree_prefetch_cells(range, i, UINT64_C(1) << vector);
			if (cell != NULL && cell->at == d->collect.tick && !is_in_any(target, t, &range.at[i]))
				sum += cell->packets.tick[cell->at % SPAN_SLOTS];
		}
	}
	return collect_rate(&d->collect, sum);
}

/* Packets a second beyond which a vector may be part of an attack on the zone; 0: none are too many. */
static uint64_t
limit_of(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	uint64_t pps, bps;

	watch_sizes(d, zone, vector, &pps, &bps);
	return seki_rate_in_packets(d->zone[zone]->limits->at[SEKI_LEVEL_HOST][vector], pps, bps) / FOLLOW_PART;
}

uint64_t
follow_least(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	uint64_t limit = limit_of(d, zone, vector), calm = watch_calm(d->zone[zone], vector);

	if (limit == 0)
		return 0;
	return (limit + calm > FOLLOW_TIMES * calm ? limit + calm : FOLLOW_TIMES * calm) / SPAN_TICKS_A_SECOND + 1;
}

/*
 * An attack seldom comes alone: large answers come in fragments, and who sees one vector fail tries the next. So while
 * one is mitigated, a part of a host's limit suffices for the others, if they come to its targets and are far more than
 * usual.
 */
bool
follow_find(const struct seki_detect *d, uint16_t zone, unsigned vector, struct finding *finding)
{
	const struct watch *w = d->zone[zone];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	struct seki_rate limit = {.pps = limit_of(d, zone, vector)};

	*finding = (struct finding){.zone = zone,
		.vector = (uint8_t)vector,
		.limit = limit,
		.pps = watch_attack(rate),
		.limit_from = SEKI_LIMIT_COMPANION,
		.follows = true,
		.n_targets = (uint8_t)w->raised.n_scopes};
	for (unsigned t = 0; t < w->raised.n_scopes; t++)
		finding->target[t] = w->raised.scope[t].target;
	return limit.pps != 0 && watch_is_led(w, vector, false) && watch_attack(rate) > limit.pps &&
	       watch_attack(rate) >= FOLLOW_TIMES * rate.calm &&
	       watch_at(d, zone, vector, finding->target, finding->n_targets) > limit.pps + rate.calm;
}
