/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What of strangers is let pass while something is raised against them.
 *
 * `flood` lets a share pass, of which what came in the last tick makes a little less than the limit; and a ration of as
 * much, since more may come in the next one. What is strict lets nothing pass while the attack goes on. In its pauses,
 * and until it is known to be over, there is a ration, so that customers who are strangers are not shut out for
 * nothing: so small that what it lets pass of a new pulse, in the two ticks until it is taken back, is half of what may
 * leak of a second of the attack at its peak. An operator who says "strict" means it.
 */
#include "watch.h"

#define PULSE_TICKS (2 * 2) /* two ticks, and half */

struct pass {
	uint16_t share, ration, proven;
};

uint16_t
pass_as_ration(uint64_t n)
{
	return n < SEKI_RATION_ALL ? (uint16_t)n : SEKI_RATION_ALL;
}

uint16_t
pass_ration(const struct seki_detect *d, uint64_t per_tick)
{
	unsigned n = d->params.n_cores == 0 ? 1 : d->params.n_cores;

	return pass_as_ration((per_tick + n / 2) / n);
}

/* Packets a second of the vector that are a little less than the limit. 0: there is no limit. */
static uint64_t
allowed(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct watch *w = d->zone[zone];
	const struct track *t = &w->track[vector];

	return (t->limit_pps != 0 ? t->limit_pps : w->limits->at[SEKI_LEVEL_ZONE][vector].pps) * THIN_PCT / 100;
}

static struct pass
of_flood(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct track *t = &d->zone[zone]->track[vector];
	uint64_t may = allowed(d, zone, vector), offered = watch_at(d, zone, vector, t->target, t->n_targets);

	if (may == 0)
		return (struct pass){UINT16_MAX, SEKI_RATION_ALL, SEKI_RATION_ALL};
	/* All of it for each core: which of them gets how much nobody knows. */
	return (struct pass){offered <= may ? UINT16_MAX : (uint16_t)(may * UINT16_MAX / offered),
		pass_as_ration(may / SPAN_TICKS_A_SECOND + 1), SEKI_RATION_ALL};
}

static uint16_t
least(uint16_t a, uint16_t b)
{
	return a < b ? a : b;
}

static struct pass
of_strict(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct track *t = &d->zone[zone]->track[vector];
	bool pauses = t->hot_ns != d->now_ns && seki_detect_override_of(d, zone, vector) == NULL;
	uint64_t may = allowed(d, zone, vector), few = t->peak_pps * choose_leak_max(vector) / 1000 / PULSE_TICKS;
	struct pass pass = {0, 0, SEKI_RATION_ALL};

	few = may != 0 && few > may / SPAN_TICKS_A_SECOND ? may / SPAN_TICKS_A_SECOND : few;
	if (pauses)
		pass.ration = least(pass_ration(d, few), SEKI_RATION_ALL - 1); /* strict it is all the same */
	if (watch_step(d, zone, vector) == SEKI_STEP_PROVEN && may != 0)
		pass.proven = pass_ration(d, may / SPAN_TICKS_A_SECOND + 1);
	return pass;
}

/* A new snapshot is worth a change of a twentieth. */
static bool
differ(uint16_t a, uint16_t b)
{
	uint16_t less = a < b ? a : b, more = a < b ? b : a;

	return (more - less) * 20 > more || (more != less && more == SEKI_RATION_ALL);
}

bool
pass_tick(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];
	enum seki_step step = watch_step(d, zone, vector);
	struct pass pass = {UINT16_MAX, SEKI_RATION_ALL, SEKI_RATION_ALL};

	if (step == SEKI_STEP_FLOOD)
		pass = of_flood(d, zone, vector);
	else if (step >= SEKI_STEP_STRICT)
		pass = of_strict(d, zone, vector);
	if (!differ(pass.share, t->pass_q16) && !differ(pass.ration, t->ration) &&
		!differ(pass.proven, t->ration_proven))
		return false;
	t->pass_q16 = pass.share;
	t->ration = pass.ration;
	t->ration_proven = pass.proven;
	return true;
}
