/* SPDX-License-Identifier: BSD-3-Clause */
#include "override.h"

#include "watch.h"

#include <errno.h>
#include <string.h>

static struct seki_override *
find(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	for (unsigned i = 0; i < d->n_overrides; i++) {
		const struct seki_override *o = &d->override[i];

		if (o->zone == zone && o->vector == vector && !o->over)
			return (struct seki_override *)(uintptr_t)o;
	}
	return NULL;
}

const struct seki_override *
seki_detect_override_of(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	return find(d, zone, vector);
}

const struct seki_override *
seki_detect_override_at(const struct seki_detect *d, unsigned i)
{
	return i < d->n_overrides ? &d->override[i] : NULL;
}

void
seki_detect_overrides_said(struct seki_detect *d)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < d->n_overrides; i++) {
		d->override[i].said = true;
		if (!d->override[i].over)
			d->override[kept++] = d->override[i];
	}
	d->n_overrides = kept;
}

enum seki_step
watch_step(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct seki_override *o = find(d, zone, vector);

	return (enum seki_step)(o != NULL ? o->step : d->zone[zone]->track[vector].step);
}

unsigned
watch_targets(const struct seki_detect *d, uint16_t zone, unsigned vector, const struct seki_target **target)
{
	const struct seki_override *o = find(d, zone, vector);
	const struct track *t = &d->zone[zone]->track[vector];

	*target = o != NULL ? o->target : t->target;
	if (o != NULL)
		return o->whole ? 0 : o->n_targets;
	return t->n_targets;
}

static int
refuse(char why[SEKI_SENTENCE_MAX], int error, const char *sentence)
{
	snprintf(why, SEKI_SENTENCE_MAX, "%s", sentence);
	return error;
}

static int
check(const struct seki_detect *d, const struct seki_override *want, char why[SEKI_SENTENCE_MAX])
{
	const struct watch *w = want->zone < SEKI_ZONES_MAX ? d->zone[want->zone] : NULL;
	uint32_t bit = SEKI_STEP_BIT(want->step);

	if (w == NULL || want->vector == SEKI_VECTOR_NONE || want->vector >= SEKI_N_VECTORS)
		return refuse(why, -ENOENT, "nothing is looked for there: the zone is off, or there is no such vector");
	if (want->step == SEKI_STEP_NONE)
		return 0;
	if (seki_step_above(want->vector, SEKI_STEP_NONE, bit) == SEKI_STEP_NONE)
		return refuse(why, -EINVAL, "the vector's ladder does not have this step");
	if ((watch_can(d, w, want->vector) & bit) != 0)
		return 0;
	if (want->step == SEKI_STEP_SIGNATURE && w->track[want->vector].hunt != HUNT_READY)
		return refuse(why, -EPERM, "there is no signature of an attack of this vector on the zone");
	return refuse(why, -EPERM,
		"the zone's configuration does not let the countermeasure of this step be raised: its mode is neither \"auto\" nor \"enforce\", or it does not know the connections yet");
}

/* What is raised is for those who are attacked now, if somebody is. */
static void
aim(struct seki_override *o, const struct track *t)
{
	o->whole = t->n_targets == 0;
	o->n_targets = t->n_targets;
	memcpy(o->target, t->target, sizeof(o->target));
}

int
seki_detect_override(struct seki_detect *d, const struct seki_override *want, char why[SEKI_SENTENCE_MAX])
{
	struct seki_override *o = find(d, want->zone, want->vector);
	int ret = check(d, want, why);
	bool same = o != NULL && o->step == want->step;

	if (ret < 0)
		return ret;
	if (o == NULL && d->n_overrides == SEKI_OVERRIDES_MAX)
		return refuse(why, -ENOSPC, "there are as many overrides as there can be: give one back first");
	if (o == NULL) {
		o = &d->override[d->n_overrides++];
		*o = (struct seki_override){.zone = want->zone, .vector = want->vector};
		aim(o, &d->zone[want->zone]->track[want->vector]);
	}
	if (!same) {
		o->from_ns = want->from_ns;
		o->fresh = true;
	}
	o->step = want->step;
	o->until_ns = want->until_ns;
	o->said = false;
	return 0;
}

bool
seki_detect_override_end(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct seki_override *o = find(d, zone, vector);

	if (o != NULL)
		o->until_ns = 0; /* the next tick ends it, as if its time were over */
	return o != NULL;
}

void
override_forget(struct seki_detect *d, uint16_t zone)
{
	for (unsigned i = 0; i < d->n_overrides; i++)
		if (d->override[i].zone == zone && !d->override[i].over) {
			d->override[i].over = true;
			d->override[i].said = false;
		}
}

static void
finish(struct seki_detect *d, struct seki_override *o)
{
	struct track *t = &d->zone[o->zone]->track[o->vector];
	const char *why = o->until_ns == 0          ? "an operator gives the vector back"
			  : o->until_ns > d->now_ns ? "the configuration no longer allows what an operator wants"
						    : "the time that an operator set is over";

	o->over = true;
	o->said = false;
	/* The machine's step has its time to show what it does. */
	t->step_ns = d->now_ns;
	t->effect = (struct effect){.ticks = 0};
	record_decision(d, o->zone, o->vector, SEKI_DECISION_OVERRIDE, (enum seki_step)o->step, why);
}

/* A reload may have taken its step away. */
static bool
is_allowed(const struct seki_detect *d, const struct seki_override *o)
{
	return o->step == SEKI_STEP_NONE || (watch_steps(d, d->zone[o->zone], o->vector) & SEKI_STEP_BIT(o->step)) != 0;
}

static void
begin(struct seki_detect *d, struct seki_override *o)
{
	char why[SEKI_SENTENCE_MAX];

	snprintf(why, sizeof(why), "an operator wants it so for %u s",
		(unsigned)((o->until_ns - o->from_ns) / 1000000000));
	o->fresh = false;
	record_decision(d, o->zone, o->vector, SEKI_DECISION_OVERRIDE,
		(enum seki_step)d->zone[o->zone]->track[o->vector].step, why);
}

/* Who is attacked may have changed; when nobody is any more, it stays where it was. */
static bool
follow(struct seki_override *o, const struct track *t)
{
	size_t bytes = t->n_targets * sizeof(t->target[0]);

	if (o->whole || t->n_targets == 0 || (o->n_targets == t->n_targets && memcmp(o->target, t->target, bytes) == 0))
		return false;
	o->n_targets = t->n_targets;
	memcpy(o->target, t->target, bytes);
	return true;
}

bool
override_tick(struct seki_detect *d, uint16_t zone)
{
	bool changed = false;

	for (unsigned i = 0; i < d->n_overrides; i++) {
		struct seki_override *o = &d->override[i];

		if (o->zone != zone || o->over)
			continue;
		changed |= o->fresh;
		if (o->fresh && o->until_ns > d->now_ns)
			begin(d, o);
		changed |= follow(o, &d->zone[zone]->track[o->vector]);
		changed |= pass_tick(d, zone, o->vector);
		if (o->until_ns > d->now_ns && is_allowed(d, o))
			continue;
		finish(d, o);
		changed = true;
	}
	return changed;
}
