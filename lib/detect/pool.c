/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Samples of a zone: which are of an attack, which are clean, and what the incident is told of them.
 *
 * Strangers of a zone in which nothing goes on are clean; but of the youngest nobody knows yet, since an attack is a
 * quarter of a second old when it is seen, and some begin gently. So they wait for three seconds; if an incident begins
 * meanwhile, those since then are its own, and the others are nobody's.
 */
#include "watch.h"

#include <stdlib.h>

#define FRESH_NS UINT64_C(3000000000)

/* Of one zone in one tick: what SEKI_SAMPLE_EVERY_NS lets through on one core. */
#define TAKEN_MAX 400

static void
add_clean(struct watch *w, const struct seki_sample *sample)
{
	unsigned class = seki_vector_class[sample->features.vector];
	struct features_ring *ring = w->clean[class];

	if (ring == NULL)
		ring = w->clean[class] = calloc(1, sizeof(*ring));
	if (ring == NULL)
		return;
	ring->second[ring->n % CLEAN_SAMPLES] = (uint32_t)(sample->time_ns / 1000000000);
	ring->at[ring->n++ % CLEAN_SAMPLES] = sample->features;
}

static void
add_attack(struct watch *w, const struct seki_sample *sample)
{
	if (w->attack == NULL)
		w->attack = calloc(ATTACK_SAMPLES, sizeof(*w->attack));
	if (w->attack != NULL)
		w->attack[w->n_attack++ % ATTACK_SAMPLES] = *sample;
}

size_t
pool_bytes(const struct watch *w)
{
	size_t bytes = 0;

	for (unsigned c = 0; c < SEKI_N_CLASSES; c++)
		bytes += w->clean[c] == NULL ? 0 : sizeof(*w->clean[c]);
	bytes += w->fresh == NULL ? 0 : FRESH_SAMPLES * sizeof(*w->fresh);
	return bytes + (w->attack == NULL ? 0 : ATTACK_SAMPLES * sizeof(*w->attack));
}

/* In the pauses of an attack, and after it, what comes of its vectors is the customers'. */
static bool
is_pause(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector)
{
	const struct seki_incident_vector *v = &w->incident->vector[vector];
	const struct track *t = &w->track[vector];
	uint64_t limit = t->state >= TRACK_MITIGATING ? t->least_pps : v->limit_pps;

	return v->seen && 2 * watch_attack(watch_rate(d, w, zone, vector)) <= limit;
}

void
pool_add(struct seki_detect *d, const struct seki_sample *sample)
{
	struct watch *w = d->zone[sample->zone];

	d->samples++;
	if (w == NULL || !w->used || (sample->flow & PKT_FLOW_KNOWN) != 0 || sample->reason == SEKI_REASON_ALLOWED ||
		w->taken >= TAKEN_MAX)
		return;
	w->taken++;
	if (w->incident != NULL) {
		if (!is_pause(d, w, sample->zone, sample->features.vector))
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
pool_settle(struct seki_detect *d, struct watch *w)
{
	while (w->fresh_tail != w->fresh_head) {
		const struct seki_sample *sample = &w->fresh[w->fresh_tail % FRESH_SAMPLES];

		if (w->incident == NULL && sample->time_ns + FRESH_NS >= d->now_ns)
			break;
		if (w->incident == NULL)
			add_clean(w, sample);
		else if (sample->time_ns >= w->began_mono_ns)
			add_attack(w, sample);
		w->fresh_tail++;
	}
	w->taken = 0;
}

unsigned
pool_n_attack(const struct watch *w)
{
	return w->n_attack < ATTACK_SAMPLES ? w->n_attack : ATTACK_SAMPLES;
}

/* The young samples of a vector, whether or not they are an attack's already: the youngest first. */
struct young {
	const struct watch *w;
	unsigned i;
	unsigned vector;
};

static const struct seki_sample *
next_young(struct young *y)
{
	const struct watch *w = y->w;
	unsigned fresh = w->fresh_head - w->fresh_tail, n = fresh + pool_n_attack(w);

	while (y->i < n) {
		unsigned i = y->i++;
		const struct seki_sample *s = i < fresh ? &w->fresh[(w->fresh_head - 1 - i) % FRESH_SAMPLES]
							: &w->attack[(w->n_attack - 1 - (i - fresh)) % ATTACK_SAMPLES];

		if (s->features.vector == y->vector)
			return s;
	}
	return NULL;
}

double
pool_source_share(const struct watch *w, unsigned vector, unsigned *n)
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

/* The length of the longest run of one number in sorted ones, and that number; `skip`: it does not count. */
static unsigned
longest_run(const uint32_t *x, unsigned n, uint32_t skip, uint32_t *which)
{
	unsigned best = 0, run = 0;

	*which = skip;
	for (unsigned i = 0; i < n; i++) {
		run = i > 0 && x[i] == x[i - 1] ? run + 1 : 1;
		if (x[i] != skip && run > best) {
			best = run;
			*which = x[i];
		}
	}
	return best;
}

double
pool_top_source(const struct watch *w, unsigned vector, uint64_t since_ns, unsigned *n)
{
	struct young young = {.w = w, .vector = vector};
	const struct seki_sample *s;
	uint32_t source[1024], which;

	for (*n = 0; *n < 1024 && (s = next_young(&young)) != NULL && s->time_ns >= since_ns;)
		source[(*n)++] = s->source;
	qsort(source, *n, sizeof(source[0]), by_number);
	return *n == 0 ? 0 : (double)longest_run(source, *n, 0, &which) / *n;
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
	uint32_t value[ATTACK_SAMPLES], most;
	unsigned n = 0, best;

	for (unsigned i = 0; i < pool_n_attack(w); i++)
		if (is_attacks(w, &w->attack[i]))
			value[n++] = seki_feature_value(&w->attack[i].features, feature);
	qsort(value, n, sizeof(value[0]), by_number);
	best = longest_run(value, n, 0, &most);
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

	for (unsigned i = 0; i < pool_n_attack(w); i++) {
		if (!is_attacks(w, &w->attack[i]) || w->attack[i].source == 0)
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
pool_tell(struct watch *w)
{
	if (pool_n_attack(w) == 0)
		return;
	w->incident->n_features = 0;
	for (unsigned f = 0; f < SEKI_N_FEATURES; f++)
		tell_feature(w, (enum seki_feature)f);
	tell_sources(w);
}
