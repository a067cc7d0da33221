/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Samples, and the signatures that are found in them.
 *
 * Strangers of a zone in which nothing goes on are clean; but of the youngest nobody knows yet, since an attack is a
 * quarter of a second old when it is seen, and some begin gently. So they wait for three seconds; if an incident begins
 * meanwhile, those since then are its own, and the others are nobody's.
 *
 * What is found is tried first (shadow): it must hold as much of the samples that come next as of those in which it was
 * found.
 */
#include "watch.h"

#include <stdlib.h>
#include <string.h>

#define FRESH_NS UINT64_C(3000000000)

/* Of one zone in one tick: what SEKI_SAMPLE_EVERY_NS lets through on one core. */
#define TAKEN_MAX 400

#define ENOUGH 256
#define AGAIN_NS UINT64_C(200000000)
#define SHADOW_SAMPLES 64

/* Of the attack, that signatures hold: what is looked for, what is enough to use them, and in new samples. */
#define TARGET 0.995
#define COVERAGE 0.97
#define SHADOW_SHARE 0.93

static void
add_clean(struct watch *w, const struct seki_features *features)
{
	unsigned class = seki_vector_class[features->vector];
	struct features_ring *ring = w->clean[class];

	if (ring == NULL)
		ring = w->clean[class] = calloc(1, sizeof(*ring));
	if (ring != NULL)
		ring->at[ring->n++ % CLEAN_SAMPLES] = *features;
}

static void
add_attack(struct watch *w, const struct seki_sample *sample)
{
	if (w->attack == NULL)
		w->attack = calloc(ATTACK_SAMPLES, sizeof(*w->attack));
	if (w->attack != NULL)
		w->attack[w->n_attack++ % ATTACK_SAMPLES] = *sample;
}

void
hunt_sample(struct seki_detect *d, const struct seki_sample *sample)
{
	struct watch *w = d->zone[sample->zone];

	d->samples++;
	if (w == NULL || !w->used || (sample->flow & PKT_FLOW_KNOWN) != 0 || sample->reason == SEKI_REASON_ALLOWED ||
		w->taken >= TAKEN_MAX)
		return;
	w->taken++;
	if (w->incident != NULL) {
		add_attack(w, sample);
		return;
	}
	if (w->fresh == NULL)
		w->fresh = calloc(FRESH_SAMPLES, sizeof(*w->fresh));
	if (w->fresh == NULL)
		return;
	if (w->fresh_head - w->fresh_tail == FRESH_SAMPLES)
		w->fresh_tail++;
	w->fresh[w->fresh_head++ % FRESH_SAMPLES] = *sample;
}

void
hunt_settle(struct seki_detect *d, struct watch *w)
{
	while (w->fresh_tail != w->fresh_head) {
		const struct seki_sample *sample = &w->fresh[w->fresh_tail % FRESH_SAMPLES];

		if (w->incident == NULL && sample->time_ns + FRESH_NS >= d->now_ns)
			break;
		if (w->incident == NULL)
			add_clean(w, &sample->features);
		else if (sample->time_ns >= w->began_mono_ns)
			add_attack(w, sample);
		w->fresh_tail++;
	}
	w->taken = 0;
}

/* The samples of an attack; before it is one, those that may be. */
static unsigned
n_attack(const struct watch *w)
{
	return w->n_attack < ATTACK_SAMPLES ? w->n_attack : ATTACK_SAMPLES;
}

/* Calls for each young sample of the vector, whether or not it is an attack's already. */
struct young {
	const struct watch *w;
	unsigned i;
	unsigned vector;
};

static const struct seki_sample *
next_young(struct young *y)
{
	const struct watch *w = y->w;
	unsigned old = n_attack(w), n = old + (w->fresh_head - w->fresh_tail);

	while (y->i < n) {
		unsigned i = y->i++;
		const struct seki_sample *s =
			i < old ? &w->attack[i] : &w->fresh[(w->fresh_tail + i - old) % FRESH_SAMPLES];

		if (s->features.vector == y->vector)
			return s;
	}
	return NULL;
}

double
hunt_source_share(const struct watch *w, unsigned vector, unsigned *n)
{
	struct young young = {.w = w, .vector = vector};
	const struct seki_sample *s;
	unsigned hits = 0;

	for (*n = 0; (s = next_young(&young)) != NULL; ++*n)
		hits += s->observed >= SEKI_REASON_SOURCE_PPS && s->observed <= SEKI_REASON_SOURCE_BLOCKED;
	return *n == 0 ? 0 : (double)hits / *n;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

double
hunt_top_source(const struct watch *w, unsigned vector, unsigned *n)
{
	struct young young = {.w = w, .vector = vector};
	const struct seki_sample *s;
	uint32_t source[1024];
	unsigned best = 0, run = 0;

	for (*n = 0; *n < 1024 && (s = next_young(&young)) != NULL;)
		source[(*n)++] = s->source;
	qsort(source, *n, sizeof(source[0]), by_number);
	for (unsigned i = 0; i < *n; i++) {
		run = i > 0 && source[i] == source[i - 1] ? run + 1 : 1;
		if (source[i] != 0 && run > best)
			best = run;
	}
	return *n == 0 ? 0 : (double)best / *n;
}

/* The latest features of the vector, as the finder wants them. */
static unsigned
attack_features(struct seki_detect *d, const struct watch *w, unsigned vector)
{
	unsigned n = 0, all = n_attack(w);

	for (unsigned back = 1; back <= all && n < SEKI_FIND_ATTACK_MAX / 2; back++) {
		const struct seki_sample *s = &w->attack[(w->n_attack - back) % ATTACK_SAMPLES];

		if (s->time_ns + 2 * SEKI_DETECT_TICK_NS < w->track[vector].start_ns)
			break; /* of the time before */
		if (s->features.vector == vector)
			d->few[n++] = s->features;
	}
	return n;
}

static unsigned
clean_features(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	const struct features_ring *ring = w->clean[seki_vector_class[vector]];
	unsigned n = 0, all = ring == NULL ? 0 : ring->n < CLEAN_SAMPLES ? ring->n : CLEAN_SAMPLES;

	for (unsigned i = 0; i < all; i++)
		if (ring->at[i].vector == vector)
			d->many[n++] = ring->at[i];
	return n;
}

/* By the rule of three, what hits none of n is known to hit less than 3 / n. */
bool
hunt_may_find(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	const struct features_ring *ring = w->clean[seki_vector_class[vector]];
	unsigned n = 0, all = ring == NULL ? 0 : ring->n < CLEAN_SAMPLES ? ring->n : CLEAN_SAMPLES;

	for (unsigned i = 0; i < all; i++)
		n += ring->at[i].vector == vector;
	return n * d->params.collateral_max >= 3;
}

/* Drops the zone's signatures of a vector. */
static void
forget(struct seki_detect *d, struct watch *w, unsigned vector)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < w->raised.n_signatures; i++)
		if (w->raised.signature[i].vector != vector)
			w->raised.signature[kept++] = w->raised.signature[i];
	w->raised.n_signatures = (uint16_t)kept;
	for (unsigned i = 0; w->incident != NULL && i < w->incident->n_signatures; i++) {
		struct seki_incident_signature *s = &w->incident->signature[i];

		if (s->vector == vector && !s->expired) {
			s->expired = true;
			s->until_ns = d->wall_ns;
		}
	}
}

static void
keep(struct seki_detect *d, struct watch *w, unsigned vector)
{
	const struct seki_found *found = &d->found;
	char text[SEKI_SIGNATURE_TEXT];

	forget(d, w, vector);
	for (unsigned i = 0; i < found->n && w->raised.n_signatures < SEKI_SIGNATURES_MAX; i++) {
		struct seki_incident *incident = w->incident;

		w->raised.signature[w->raised.n_signatures++] = found->part[i].signature;
		if (incident->n_signatures == SEKI_INCIDENT_SIGNATURES)
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

	if (!hunt_may_find(d, w, vector)) {
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
		if (d->now_ns - t->start_ns > 3 * AGAIN_NS)
			t->hunt = HUNT_FAILED;
		return;
	}
	keep(d, w, vector);
	t->clean_share = d->found.clean_samples == 0 ? 0 : (double)d->found.clean_hits / d->found.clean_samples;
	t->clean_upper = d->found.clean_upper;
	t->hunt = HUNT_SHADOW;
	t->hunt_ns = d->now_ns;
	t->shadow_hits = t->shadow_samples = 0;
	record_decision(d, zone, vector, SEKI_DECISION_SIGNATURE, (enum seki_step)t->step,
		"found in samples of the attack and clean traffic; it is tried first");
}

/* Whether signatures hold the samples that have come since they were found. */
static void
try(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	double share = rate.offered == 0 ? 0 : (double)watch_attack(rate) / (double)rate.offered;

	t->shadow_hits = t->shadow_samples = 0;
	for (unsigned back = 1; back <= n_attack(w); back++) {
		const struct seki_sample *s = &w->attack[(w->n_attack - back) % ATTACK_SAMPLES];
		bool hit = false;

		if (s->time_ns <= t->hunt_ns)
			break;
		if (s->features.vector != vector)
			continue;
		for (unsigned i = 0; i < w->raised.n_signatures; i++)
			hit |= w->raised.signature[i].vector == vector &&
			       seki_signature_match(&w->raised.signature[i], &s->features);
		t->shadow_hits += hit;
		t->shadow_samples++;
	}
	if (t->shadow_samples < SHADOW_SAMPLES)
		return;
	if (t->shadow_hits < SHADOW_SHARE * share * t->shadow_samples) {
		forget(d, w, vector);
		t->hunt = HUNT_ON;
		t->hunt_ns = d->now_ns + AGAIN_NS;
		return;
	}
	t->hunt = HUNT_READY;
	d->changed = true;
	for (unsigned i = 0; i < w->incident->n_signatures; i++)
		w->incident->signature[i].enforced |=
			w->incident->signature[i].vector == vector && !w->incident->signature[i].expired;
}

void
hunt_tick(struct seki_detect *d, uint16_t zone, unsigned vector)
{
	struct track *t = &d->zone[zone]->track[vector];

	if (seki_step_above(vector, SEKI_STEP_NONE, SEKI_STEP_BIT(SEKI_STEP_SIGNATURE)) == SEKI_STEP_NONE)
		return;
	if (t->hunt == HUNT_ON && !d->hunted && d->now_ns >= t->hunt_ns)
		look(d, zone, vector);
	else if (t->hunt == HUNT_SHADOW)
		try(d, zone, vector);
}

void
hunt_end(struct seki_detect *d, struct watch *w, unsigned vector)
{
	forget(d, w, vector);
}

/* The sample is of a vector that attacks, or has attacked. */
static bool
is_attacks(const struct watch *w, const struct seki_sample *sample)
{
	return w->incident->vector[sample->features.vector].seen;
}

/* The most frequent value of a feature among the samples. */
static void
tell_feature(struct watch *w, enum seki_feature feature)
{
	struct seki_incident *in = w->incident;
	uint32_t value[ATTACK_SAMPLES];
	unsigned n = 0, best = 0, run = 0;
	uint32_t most = 0;

	for (unsigned i = 0; i < n_attack(w); i++)
		if (is_attacks(w, &w->attack[i]))
			value[n++] = seki_feature_value(&w->attack[i].features, feature);
	qsort(value, n, sizeof(value[0]), by_number);
	for (unsigned i = 0; i < n; i++) {
		run = i > 0 && value[i] == value[i - 1] ? run + 1 : 1;
		if (run > best) {
			best = run;
			most = value[i];
		}
	}
	if (best * 2 > n && most != 0 && in->n_features < SEKI_INCIDENT_FEATURES)
		in->feature[in->n_features++] =
			(struct seki_incident_feature){(uint8_t)feature, most, (double)best / n};
}

static int
by_number_down(const void *a, const void *b)
{
	return -by_number(a, b);
}

static void
tell_sources(struct watch *w)
{
	struct seki_incident *in = w->incident;
	uint32_t source[ATTACK_SAMPLES], count[ATTACK_SAMPLES];
	unsigned n = 0, groups = 0, ip4 = 0, top = 0;

	for (unsigned i = 0; i < n_attack(w); i++) {
		if (!is_attacks(w, &w->attack[i]))
			continue;
		source[n++] = w->attack[i].source;
		ip4 += w->attack[i].family == 4;
	}
	qsort(source, n, sizeof(source[0]), by_number);
	for (unsigned i = 0; i < n; i++) {
		if (i == 0 || source[i] != source[i - 1])
			count[groups++] = 0;
		count[groups - 1]++;
	}
	qsort(count, groups, sizeof(count[0]), by_number_down);
	for (unsigned i = 0; i < groups && i < 10; i++)
		top += count[i];
	in->sources_seen = groups;
	in->source_samples = n;
	in->top1_share = n == 0 ? 0 : (double)count[0] / n;
	in->top10_share = n == 0 ? 0 : (double)top / n;
	in->ip4_share = n == 0 ? 0 : (double)ip4 / n;
}

void
hunt_tell(struct watch *w)
{
	if (n_attack(w) == 0)
		return;
	w->incident->n_features = 0;
	for (unsigned f = 0; f < SEKI_N_FEATURES; f++)
		tell_feature(w, (enum seki_feature)f);
	tell_sources(w);
}
