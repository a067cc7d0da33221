/* SPDX-License-Identifier: BSD-3-Clause */

/* Which step of its ladder an attack needs, by what is known and sampled of it before the step is tried. */
#include "watch.h"

/* An attack may leak so much, in 1/1000, before the next step: reflection, and all else. */
#define LEAK_REFLECTION 1
#define LEAK_OTHER 10

/* At half of that a milder step is enough by far. */
#define LOWER_PART 2

uint64_t
choose_leak_max(unsigned vector)
{
	return seki_ladder_of(vector) == SEKI_LADDER_REFLECTION ? LEAK_REFLECTION : LEAK_OTHER;
}

/* What of an attack a step can be expected to let pass, by what is known now. */
static uint64_t
expected(const struct watch *w, unsigned vector, enum seki_step step, uint64_t attack)
{
	uint64_t allowed = w->track[vector].limit_pps * THIN_PCT / 100, budget = w->budget_pps[vector];
	unsigned n;
	double share;

	switch (step) {
	case SEKI_STEP_SOURCE:
		share = pool_source_share(w, vector, &n);
		return n < SAMPLES_ENOUGH ? attack : (uint64_t)((1 - share) * (double)attack);
	case SEKI_STEP_BUDGET:
		return budget == 0 || budget > attack ? attack : budget;
	case SEKI_STEP_FLOOD:
		return allowed < attack ? allowed : attack;
	default:
		return 0;
	}
}

/* Signatures may still be found, and the zone would use them. */
bool
choose_may_hunt(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	uint32_t steps = watch_steps(d, w, vector);

	return (seki_steps_up_to(vector, SEKI_STEP_STRICT, steps) & SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) != 0 &&
	       w->track[vector].hunt < HUNT_READY && hunt_may_find(d, w, vector);
}

/*
 * Whether a milder step than the last one, which lets so much pass, is tried though that is not expected to be enough:
 * it takes a tick to see. It has to hold the attack to its limit, at least. Not with reflection, of which so little may
 * leak that the tick alone is more; nor where the attack has had its mild step, and comes with the next vector.
 */
static bool
may_try(const struct watch *w, unsigned vector, uint64_t passes)
{
	return passes <= w->track[vector].limit_pps && choose_leak_max(vector) == LEAK_OTHER && !w->rotates &&
	       !w->track[vector].follows;
}

/*
 * The mildest step that should be enough. Where only the last one is, the one before it that lets least pass is tried;
 * or has to do for the time being, while signatures may be found.
 */
enum seki_step
choose_first(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector, bool *enough)
{
	uint64_t attack = watch_attack(watch_rate(d, w, zone, vector)), least = UINT64_MAX;
	uint32_t can = watch_can(d, w, vector);
	enum seki_step step = SEKI_STEP_NONE, best = SEKI_STEP_NONE;

	*enough = false;
	while ((step = seki_step_above(vector, step, can)) != SEKI_STEP_NONE) {
		uint64_t passes = expected(w, vector, step, attack);

		if (step == SEKI_STEP_STRICT && best != SEKI_STEP_NONE &&
			(may_try(w, vector, least) || choose_may_hunt(d, w, vector)))
			return best;
		if (passes * 1000 <= attack * choose_leak_max(vector)) {
			*enough = true;
			return step;
		}
		if (passes < least) {
			least = passes;
			best = step;
		}
	}
	return best;
}

/* The next step above that lets less pass than what is in force. */
enum seki_step
choose_next(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector)
{
	const struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	enum seki_step step = (enum seki_step)t->step;
	uint32_t can = watch_can(d, w, vector);

	while ((step = seki_step_above(vector, step, can)) != SEKI_STEP_NONE)
		if (expected(w, vector, step, watch_attack(rate)) * 10 < watch_leak(rate) * 9)
			return step;
	return SEKI_STEP_NONE;
}

/*
 * The mildest step below the one in force that would be enough by far, as the attack is now: it has grown, and a budget
 * is next to nothing of it, or it comes from few sources now. Not one that has failed, nor `flood`: what that lets pass
 * is made of the tick before, and it meets each new pulse with what the pause allowed.
 */
enum seki_step
choose_milder(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector)
{
	const struct track *t = &w->track[vector];
	uint64_t attack = watch_attack(watch_rate(d, w, zone, vector));
	uint32_t can = watch_can(d, w, vector) & ~t->failed & ~SEKI_STEP_BIT(SEKI_STEP_FLOOD);
	uint32_t below = seki_steps_up_to(vector, (enum seki_step)t->step, can) & ~SEKI_STEP_BIT(t->step);
	enum seki_step step = SEKI_STEP_NONE;

	while ((step = seki_step_above(vector, step, below)) != SEKI_STEP_NONE)
		if (expected(w, vector, step, attack) * 1000 * LOWER_PART <= attack * choose_leak_max(vector))
			return step;
	return SEKI_STEP_NONE;
}
