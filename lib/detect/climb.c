/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Up and down the ladder while an attack lasts.
 *
 * The first step is the mildest one that can be expected to be enough by what is known (choose.c). A step has
 * raise_after_ticks to show its effect; if more than leak_max of the attack passes after that, the next one is taken.
 * When signatures of the attack are found, what is above them on the ladder is given up; and so is what is above a
 * milder step that would have been enough for some seconds.
 */
#include "watch.h"

#include <math.h>
#include <stdio.h>

/* Packets in a tick that are no leak, whatever share of the attack they are. */
#define LEAK_IN_TICK 1

/* What is known of a step is of its last so many ticks of attack. */
#define EFFECT_TICKS 10

/* A milder step is taken when it would have been enough in so many ticks of the attack in a row. */
#define LOWER_TICKS (3 * SPAN_TICKS_A_SECOND)

/* How long signatures are waited for before strangers are shut out. */
#define HUNT_NS UINT64_C(1000000000)
#define HUNT_LEAK_NS UINT64_C(150000000)

/* After so long at the last step the one below it is tried again. */
#define PROVEN_NS UINT64_C(60000000000)

/* Ticks of a pulse in which a ration of what is strict may still be in force. */
#define RATION_TICKS 3

void
climb_take(struct seki_detect *d, uint16_t zone, unsigned vector, enum seki_decision_action action, enum seki_step step,
	const char *why)
{
	struct track *t = &d->zone[zone]->track[vector];
	enum seki_step before = (enum seki_step)t->step;

	t->step = (uint8_t)step;
	t->step_ns = d->now_ns;
	t->mild_ticks = 0;
	t->effect = (struct effect){.ticks = 0};
	record_decision(d, zone, vector, action, before, why);
	t->tried |= SEKI_STEP_BIT(step);
	d->changed = true;
}

uint64_t
climb_ticks_since(const struct seki_detect *d, uint64_t ns)
{
	return (d->now_ns - ns + SEKI_DETECT_TICK_NS / 2) / SEKI_DETECT_TICK_NS;
}

/* Adds a tick to what is known of the step. */
static void
watch_effect(struct track *t, struct flow_rate rate, uint64_t calm)
{
	if (t->effect.ticks >= EFFECT_TICKS) {
		t->effect.ticks /= 2;
		t->effect.attack /= 2;
		t->effect.leaked /= 2;
		t->effect.calm /= 2;
	}
	t->effect.ticks++;
	t->effect.attack += (double)watch_attack(rate) / SPAN_TICKS_A_SECOND;
	t->effect.leaked += ((double)rate.passed - (double)rate.calm) / SPAN_TICKS_A_SECOND;
	t->effect.calm += (double)calm / SPAN_TICKS_A_SECOND;
}

/* More passes than may, and than what is usual varies by: three standard deviations. */
static bool
leaks(const struct track *t, unsigned vector)
{
	const struct effect *e = &t->effect;

	return e->attack > 0 && e->leaked * 1000 > e->attack * (double)choose_leak_max(vector) &&
	       e->leaked > e->ticks * LEAK_IN_TICK + 3 * sqrt(e->calm);
}

/* Signatures may still be found, and what passes meanwhile is no more than some tenths of a second of the attack. */
static bool
waits_for_hunt(const struct seki_detect *d, uint16_t zone, unsigned vector, struct flow_rate rate)
{
	const struct watch *w = d->zone[zone];
	uint64_t waited = d->now_ns - w->track[vector].start_ns;

	return waited < HUNT_NS && waited / HUNT_LEAK_NS * watch_leak(rate) < watch_attack(rate) &&
	       choose_may_hunt(d, w, vector);
}

/* Signatures hold the attack: what is above them on the ladder is no longer needed. */
static bool
can_lower(const struct track *t, unsigned vector, uint32_t can)
{
	bool above = t->step != SEKI_STEP_SIGNATURE && (seki_steps_up_to(vector, (enum seki_step)t->step, UINT32_MAX) &
							       SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) != 0;

	return above && (can & SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) != 0 &&
	       (t->failed & SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) == 0;
}

/* Proven sources may have left the attack: after a minute, then two, four, ... it is seen whether they have. */
static void
retry_strict(const struct seki_detect *d, struct track *t)
{
	if (t->step != SEKI_STEP_PROVEN || d->now_ns - t->proven_ns < PROVEN_NS << t->proven_retries)
		return;
	t->failed &= ~SEKI_STEP_BIT(SEKI_STEP_STRICT);
	t->proven_ns = d->now_ns;
	t->proven_retries += t->proven_retries < 16;
}

/* Takes a milder step, if one would have been enough for a while. */
static bool
lower(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];
	enum seki_step milder;

	retry_strict(d, t);
	milder = choose_milder(d, d->zone[zone], zone, vector);
	t->mild_ticks = milder == SEKI_STEP_NONE ? 0 : t->mild_ticks + 1;
	if (t->mild_ticks < LOWER_TICKS)
		return false;
	climb_take(d, zone, vector, SEKI_DECISION_LOWER, milder, "as the attack is now, a milder step is enough");
	return true;
}

void
climb_obey(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	enum seki_decision_action action = SEKI_DECISION_RAISE;
	enum seki_step step;
	bool enough;

	if (t->step == SEKI_STEP_NONE || (watch_steps(d, w, vector) & SEKI_STEP_BIT(t->step)) != 0)
		return;
	step = choose_first(d, w, zone, vector, &enough);
	if (step == SEKI_STEP_NONE)
		action = SEKI_DECISION_NONE;
	else if ((seki_steps_up_to(vector, (enum seki_step)t->step, UINT32_MAX) & SEKI_STEP_BIT(step)) != 0)
		action = SEKI_DECISION_LOWER;
	climb_take(d, zone, vector, action, step, "the configuration no longer allows the step before");
}

void
climb_reconsider(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	uint32_t can = watch_can(d, w, vector);
	uint64_t age = climb_ticks_since(d, t->step_ns);
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	enum seki_step next;
	char why[SEKI_SENTENCE_MAX];

	if (can_lower(t, vector, can)) {
		climb_take(d, zone, vector, SEKI_DECISION_LOWER, SEKI_STEP_SIGNATURE,
			"signatures hold the attack, and spare strangers that are not part of it");
		return;
	}
	if (seki_detect_override_of(d, zone, vector) != NULL)
		return; /* what leaks says nothing of the step that is not in force */
	if (age < 1 || rate.offered <= t->least_pps)
		return; /* nothing has been seen of it, or there is little to see: the attack pauses, or is over */
	if (lower(d, zone, vector))
		return;
	if (t->step >= SEKI_STEP_STRICT && climb_ticks_since(d, t->heat_ns) < RATION_TICKS)
		return; /* a new pulse finds the ration of the pause */
	if (t->moved_ns != 0 && climb_ticks_since(d, t->moved_ns) <= 1)
		return; /* what passes goes to others than those whom the step is for */
	watch_effect(t, rate, watch_calm(w, vector));
	if (age < d->params.raise_after_ticks)
		return;
	next = choose_next(d, w, zone, vector);
	if (next == SEKI_STEP_STRICT &&
		(waits_for_hunt(d, zone, vector, rate) || (!w->rotates && evidence_is_young(d, zone, vector))))
		return;
	if (next == SEKI_STEP_PROVEN && watch_leak(rate) <= t->limit_pps)
		next = SEKI_STEP_NONE; /* who is spared does not attack */
	if (!leaks(t, vector) || next == SEKI_STEP_NONE)
		return;
	snprintf(why, sizeof(why), "%u.%u %% of the attack still passes",
		(unsigned)(t->effect.leaked * 100 / t->effect.attack),
		(unsigned)(t->effect.leaked * 1000 / t->effect.attack) % 10);
	t->failed |= SEKI_STEP_BIT(t->step);
	t->proven_ns = d->now_ns;
	climb_take(d, zone, vector, SEKI_DECISION_RAISE, next, why);
}
