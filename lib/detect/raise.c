/* SPDX-License-Identifier: BSD-3-Clause */

/* What is raised in a zone: for each vector the countermeasures of its ladder up to its step, and for which prefixes.
 */
#include "watch.h"

#include <string.h>

static void
raise_steps(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	enum seki_ladder ladder = seki_ladder_of(vector);
	uint32_t steps = seki_steps_up_to(vector, watch_step(d, zone, vector), watch_can(d, w, vector));

	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++) {
		if ((steps & SEKI_STEP_BIT(s)) == 0)
			continue;
		w->raised.cm[vector] |= d->cms[ladder][s].raised;
		w->raised.strict[vector] |= d->cms[ladder][s].strict;
	}
	w->raised.proven |= (uint64_t)(watch_step(d, zone, vector) == SEKI_STEP_PROVEN) << vector;
	w->raised.pass_q16[vector] = w->track[vector].pass_q16;
	w->raised.ration[vector] = w->track[vector].ration;
	w->raised.ration_proven[vector] = w->track[vector].ration_proven;
	if (w->raised.cm[vector] != 0)
		w->raised.vectors |= UINT64_C(1) << vector;
	w->raised.any |= w->raised.cm[vector];
}

/* What is usual does not come to all cores alike, nor evenly. */
#define GUARD_LEAST 4
#define GUARD_TIMES 2

static uint16_t
guard_ration(const struct seki_detect *d, uint16_t zone, unsigned vector, uint64_t least)
{
	/* One client may send all of what is usual, and is of one core. */
	uint64_t usual = watch_calm(d->zone[zone], vector) / SPAN_TICKS_A_SECOND;
	uint64_t ration = GUARD_TIMES * usual + pass_ration(d, GUARD_TIMES * (least - usual));

	return ration < GUARD_LEAST ? GUARD_LEAST : pass_as_ration(ration);
}

bool
raise_may_guard(const struct seki_detect *d, const struct watch *w)
{
	uint32_t flood = d->cms[SEKI_LADDER_FLOOD][SEKI_STEP_FLOOD].raised;

	return flood != 0 && (flood & ~w->cms) == 0;
}

/*
 * An attack that has changed its vector will do so again, and what comes next would pass until the next tick sees it.
 * So none of the vectors that do not attack may send the targets more in a tick than what would make it part of the
 * attack.
 */
static void
raise_guard(const struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];
	struct seki_raised *raised = &w->raised;

	for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++) {
		uint64_t least = follow_least(d, zone, v);

		/* What is over its limit and no attack is a crowd, and is let be. */
		if (least == 0 || w->track[v].state == TRACK_ALERT || (raised->vectors >> v & 1) != 0 ||
			seki_detect_override_of(d, zone, v) != NULL)
			continue;
		raised->cm[v] = d->cms[SEKI_LADDER_FLOOD][SEKI_STEP_FLOOD].raised;
		raised->pass_q16[v] = UINT16_MAX;
		raised->ration[v] = guard_ration(d, zone, v, least);
		raised->guarded |= UINT64_C(1) << v;
		raised->any |= raised->cm[v];
	}
	raised->vectors |= raised->guarded;
	for (unsigned i = 0; i < raised->n_scopes; i++)
		raised->scope[i].vectors |= raised->guarded;
}

/* Where nobody in particular is attacked: all of the zone, and for these vectors alone. */
static void
raise_everywhere(struct watch *w, uint64_t vectors)
{
	static const uint8_t families[] = {4, 6};

	for (unsigned f = 0; f < 2 && vectors != 0; f++)
		w->raised.scope[w->raised.n_scopes++] =
			(struct seki_scope){.target = {.family = families[f]}, .vectors = vectors};
}

/* The targets of all vectors, put together where they are too many. */
static void
raise_scopes(const struct seki_detect *d, uint16_t zone)
{
	struct target_item item[SEKI_N_VECTORS * SEKI_TARGETS_MAX];
	struct seki_raised *raised = &d->zone[zone]->raised;
	const struct seki_target *target;
	unsigned n = 0, n_targets;
	uint64_t everywhere = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		n_targets = (raised->vectors >> v & 1) != 0 ? watch_targets(d, zone, v, &target) : 0;
		for (unsigned i = 0; i < n_targets; i++)
			item[n++] = target_item_of(target[i]);
		if (n_targets == 0)
			everywhere |= raised->vectors & UINT64_C(1) << v;
	}
	n = target_merge(item, n, SEKI_TARGETS_MAX - (everywhere != 0 ? 2 : 0));
	raised->n_scopes = (uint16_t)n;
	for (unsigned i = 0; i < n; i++) {
		struct seki_scope *scope = &raised->scope[i];

		*scope = (struct seki_scope){.target = item[i].prefix};
		for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
			n_targets = (raised->vectors >> v & 1) != 0 ? watch_targets(d, zone, v, &target) : 0;
			for (unsigned k = 0; k < n_targets; k++)
				if (seki_target_holds(scope->target, target[k]))
					scope->vectors |= UINT64_C(1) << v;
		}
	}
	if (d->zone[zone]->rotates && raise_may_guard(d, d->zone[zone]))
		raise_guard(d, zone);
	raise_everywhere(d->zone[zone], everywhere);
}

void
raise_zone(const struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];

	w->raised.vectors = w->raised.guarded = w->raised.proven = 0;
	w->raised.any = 0;
	memset(w->raised.cm, 0, sizeof(w->raised.cm));
	memset(w->raised.strict, 0, sizeof(w->raised.strict));
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		if (watch_step(d, zone, v) != SEKI_STEP_NONE)
			raise_steps(d, zone, v);
	raise_scopes(d, zone);
}
