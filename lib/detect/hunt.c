/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The signatures that are found in samples of an attack.
 *
 * What is found is tried first (shadow): it must hold as much of the samples that come next as of those in which it was
 * found. While it is used that is asked again every second: what no longer holds the attack, as that has changed, ends,
 * and others are looked for.
 */
#include "watch.h"

#include <string.h>

#define ENOUGH 256
#define AGAIN_NS UINT64_C(200000000)
#define SHADOW_SAMPLES 64
#define CHECK_NS UINT64_C(1000000000)
#define FAILED_MAX 8 /* that did not even stand the trial */
#define LOST_MAX 3   /* an attack that changes as often is not followed any further */

/* Of the attack, that signatures hold: what is looked for, what is enough to use them, and in new samples. */
#define TARGET 0.995
#define COVERAGE 0.97
#define SHADOW_SHARE 0.93

/* The latest features of the vector, as the finder wants them. */
static unsigned
attack_features(struct seki_detect *d, const struct watch *w, unsigned vector)
{
	unsigned n = 0, all = pool_n_attack(w);

	for (unsigned back = 1; back <= all && n < SEKI_FIND_ATTACK_MAX / 2; back++) {
		const struct seki_sample *s = &w->attack[(w->n_attack - back) % ATTACK_SAMPLES];

		if (s->time_ns + 2 * SEKI_DETECT_TICK_NS < w->track[vector].hunt_from_ns)
			break; /* of the time before */
		if (s->features.vector == vector)
			d->few[n++] = s->features;
	}
	return n;
}

/* Recent ones. */
static unsigned
clean_features(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	const struct features_ring *ring = w->clean[seki_vector_class[vector]];
	unsigned n = 0, all = ring == NULL ? 0 : ring->n < CLEAN_SAMPLES ? ring->n : CLEAN_SAMPLES;
	uint32_t now = (uint32_t)(d->now_ns / 1000000000);

	for (unsigned i = 0; i < all; i++)
		if (ring->at[i].vector == vector && now - ring->second[i] <= CLEAN_FOR_S)
			d->many[n++] = ring->at[i];
	return n;
}

/* By the rule of three, what hits none of n is known to hit less than 3 / n. */
static bool
is_enough_clean(const struct seki_detect *d, unsigned n)
{
	return n * d->params.collateral_max >= 3;
}

bool
hunt_may_find(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	return is_enough_clean(d, clean_features(d, w, vector));
}

/* Drops the zone's signatures of a vector. `failed`: they did not hold the attack. */
static void
forget(struct seki_detect *d, struct watch *w, unsigned vector, bool failed)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < w->raised.n_signatures; i++)
		if (w->raised.signature[i].vector != vector)
			w->raised.signature[kept++] = w->raised.signature[i];
	w->raised.n_signatures = (uint16_t)kept;
	for (unsigned i = 0; w->incident != NULL && i < w->incident->n_signatures; i++) {
		struct seki_incident_signature *s = &w->incident->signature[i];

		if (s->vector == vector && s->until_ns == 0) {
			s->expired = failed || s->enforced;
			s->until_ns = d->wall_ns;
		}
	}
}

/* Other vectors' signatures leave room for so many. */
static bool
has_room(const struct watch *w, unsigned vector, unsigned n)
{
	for (unsigned i = 0; i < w->raised.n_signatures; i++)
		n += w->raised.signature[i].vector != vector;
	return n <= SEKI_SIGNATURES_MAX;
}

static void
keep(struct seki_detect *d, struct watch *w, unsigned vector)
{
	const struct seki_found *found = &d->found;
	char text[SEKI_SIGNATURE_TEXT];

	forget(d, w, vector, true);
	for (unsigned i = 0; i < found->n && w->raised.n_signatures < SEKI_SIGNATURES_MAX; i++) {
		struct seki_incident *incident = w->incident;

		w->raised.signature[w->raised.n_signatures++] = found->part[i].signature;
		if (incident == NULL || incident->n_signatures == SEKI_INCIDENT_SIGNATURES)
			continue;
		struct seki_incident_signature *s = &incident->signature[incident->n_signatures++];

		*s = (struct seki_incident_signature){
			.vector = (uint8_t)vector,
			.attack_share = found->part[i].coverage,
			.clean_hits = found->part[i].clean_hits,
			.clean_samples = found->clean_samples,
			.from_ns = d->wall_ns,
		};
		seki_signature_text(&found->part[i].signature, text);
		memcpy(s->expression, text, sizeof(s->expression) - 1);
	}
}

static bool
is_good(const struct seki_detect *d)
{
	const struct seki_found *f = &d->found;

	return f->coverage >= COVERAGE && f->clean_upper <= d->params.collateral_max;
}

static void
look(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_samples attack = {d->few, attack_features(d, w, vector)},
			    clean = {d->many, clean_features(d, w, vector)};

	if (!is_enough_clean(d, clean.n)) {
		t->hunt = HUNT_FAILED;
		return;
	}
	if (attack.n < ENOUGH || rate.offered == 0)
		return;
	t->hunt_ns = d->now_ns + AGAIN_NS;
	d->hunted = true;
	params.coverage = TARGET;
	params.clean_max = d->params.collateral_max / 5;
	params.attack_share = (double)watch_attack(rate) / (double)rate.offered;
	if (params.attack_share < 0.05)
		return;
	if (seki_signature_find(&attack, &clean, &params, d->scratch, &d->found) != 0 || !is_good(d)) {
		if (d->now_ns - t->hunt_from_ns > 3 * AGAIN_NS)
			t->hunt = HUNT_FAILED;
		return;
	}
	if (!has_room(w, vector, d->found.n)) {
		t->hunt = HUNT_FAILED;
		return;
	}
	keep(d, w, vector);
	t->clean_share = d->found.clean_samples == 0 ? 0 : (double)d->found.clean_hits / d->found.clean_samples;
	t->clean_upper = d->found.clean_upper;
	t->hunt = HUNT_SHADOW;
	t->hunt_ns = d->now_ns;
	t->failed &= ~SEKI_STEP_BIT(SEKI_STEP_SIGNATURE); /* they are others */
	record_decision(d, zone, vector, SEKI_DECISION_SIGNATURE, (enum seki_step)t->step,
		"found in samples of the attack and clean traffic; it is tried first");
}

static bool
is_hit(const struct watch *w, unsigned vector, const struct seki_features *features)
{
	bool hit = false;

	for (unsigned i = 0; i < w->raised.n_signatures; i++)
		hit |= w->raised.signature[i].vector == vector &&
		       seki_signature_match(&w->raised.signature[i], features);
	return hit;
}

/* Samples of the vector since hunt_ns, and those that its signatures hold. Returns how many there are. */
static unsigned
count_hits(const struct watch *w, unsigned vector, unsigned *hits)
{
	unsigned n = 0;

	*hits = 0;
	for (unsigned back = 1; back <= pool_n_attack(w); back++) {
		const struct seki_sample *s = &w->attack[(w->n_attack - back) % ATTACK_SAMPLES];

		if (s->time_ns <= w->track[vector].hunt_ns)
			break;
		if (s->features.vector != vector)
			continue;
		*hits += is_hit(w, vector, &s->features);
		n++;
	}
	return n;
}

static void
use(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct seki_incident *in = d->zone[zone]->incident;

	d->zone[zone]->track[vector].hunt = HUNT_READY;
	d->changed = true;
	for (unsigned i = 0; in != NULL && i < in->n_signatures; i++)
		in->signature[i].enforced |= in->signature[i].vector == vector && in->signature[i].until_ns == 0;
}

/* Whether signatures hold the samples that have come since they were found, or since that was last asked. */
static void
try(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	double share = rate.offered == 0 ? 0 : (double)watch_attack(rate) / (double)rate.offered;
	unsigned hits, n = count_hits(w, vector, &hits);
	bool used = t->hunt == HUNT_READY;

	if (n < SHADOW_SAMPLES)
		return;
	t->hunt_ns = d->now_ns;
	if (hits >= SHADOW_SHARE * share * n) {
		if (!used)
			use(d, zone, vector);
		return;
	}
	if (used)
		record_decision(d, zone, vector, SEKI_DECISION_SIGNATURE, (enum seki_step)t->step,
			"the attack has changed and they no longer hold it: others are looked for");
	forget(d, w, vector, true);
	t->hunts_lost += used;
	t->hunts_failed += !used;
	t->hunt = t->hunts_lost < LOST_MAX && t->hunts_failed < FAILED_MAX ? HUNT_ON : HUNT_FAILED;
	t->hunt_from_ns = d->now_ns;
	t->hunt_ns = d->now_ns + AGAIN_NS;
	d->changed |= used;
}

void
hunt_tick(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];

	if (seki_step_above(vector, SEKI_STEP_NONE, SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) == SEKI_STEP_NONE)
		return;
	if (t->hunt == HUNT_ON && !d->hunted && d->now_ns >= t->hunt_ns)
		look(d, zone, vector);
	else if (t->hunt != HUNT_ON && watch_rate(d, d->zone[zone], zone, vector).offered <= t->least_pps)
		t->hunt_ns = d->now_ns; /* a pause: what comes in it is not the attack */
	else if (t->hunt == HUNT_SHADOW || (t->hunt == HUNT_READY && d->now_ns >= t->hunt_ns + CHECK_NS))
		try(d, zone, vector);
}

void
hunt_end(struct seki_detect *d, struct watch *w, unsigned vector)
{
	forget(d, w, vector, false);
}
