/* SPDX-License-Identifier: BSD-3-Clause */
#include "baseline_state.h"

#include <stdlib.h>
#include <string.h>

void
baseline_count(struct baseline_vector *v, uint64_t pps, uint64_t bps, uint32_t n)
{
	uint16_t code[BASELINE_UNITS] = {scale_code(pps), scale_code(bps)};

	for (unsigned u = 0; u < BASELINE_UNITS; u++)
		if (code[u] != SCALE_ZERO)
			v->seconds[u][code[u]] = (uint16_t)(v->seconds[u][code[u]] + n);
}

/* The quantile and the most of `n` seconds, of which those that are not in the histogram were silent. */
static void
read_seconds(const uint16_t seconds[SCALE_N], uint32_t n, uint32_t permille, uint16_t *usual, uint16_t *peak)
{
	/* Those that may be above it. */
	uint32_t above = n - (n * permille + 999) / 1000, seen = 0;

	*usual = *peak = SCALE_ZERO;
	for (uint16_t code = SCALE_N - 1; code > SCALE_ZERO; code--) {
		if (seconds[code] == 0)
			continue;
		if (*peak == SCALE_ZERO)
			*peak = code;
		seen += seconds[code];
		if (seen > above) {
			*usual = code;
			return;
		}
	}
}

unsigned
baseline_weeks(const struct baseline_vector *v, unsigned hour)
{
	unsigned n = 0;

	while (n < SEKI_BASELINE_WEEKS && v->kept.hour[hour][n].code[0] != SCALE_NONE)
		n++;
	return n;
}

/* Puts the numbers of an hour into a sorted pool that has `n`. Returns how many it then has. */
static unsigned
pour(const struct baseline_hour *week, enum baseline_number number, uint16_t pool[BASELINE_POOL], unsigned n)
{
	for (unsigned w = 0; w < SEKI_BASELINE_WEEKS && week[w].code[number] != SCALE_NONE; w++) {
		unsigned at = n++;

		for (; at > 0 && pool[at - 1] > week[w].code[number]; at--)
			pool[at] = pool[at - 1];
		pool[at] = week[w].code[number];
	}
	return n;
}

static uint16_t
quartile(const uint16_t pool[BASELINE_POOL], unsigned n)
{
	return n == 0 ? SCALE_NONE : pool[(3 * n + 3) / 4 - 1];
}

uint16_t
baseline_quartile(const struct baseline_vector *v, unsigned hour, enum baseline_number number)
{
	uint16_t pool[BASELINE_POOL];
	unsigned n = 0;

	for (unsigned beside = 0; beside < 3; beside++)
		n = pour(
			v->kept.hour[(hour + SEKI_BASELINE_HOURS - 1 + beside) % SEKI_BASELINE_HOURS], number, pool, n);
	return quartile(pool, n);
}

uint64_t
baseline_asks(const struct seki_baseline_params *p, const struct baseline_vector *v, unsigned hour, unsigned unit)
{
	uint64_t usual = scale_value(baseline_quartile(v, hour, baseline_usual(unit)));
	uint64_t peak = scale_value(baseline_quartile(v, hour, baseline_peak(unit)));
	uint64_t by_usual = baseline_pct(usual, p->headroom_pct), by_peak = baseline_pct(peak, BASELINE_PEAK_PCT);

	return by_usual > by_peak ? by_usual : by_peak;
}

/*
 * The most that a number may teach. It is held against the same hour alone: a quiet hour beside a busy one would else
 * be taught to be busy. `base` is what makes a limit as high as the floor: below it nothing is at stake, and from
 * silence something must be allowed to grow.
 */
static uint64_t
most_taught(const struct seki_baseline_params *p, const struct baseline_vector *v, unsigned hour,
	enum baseline_number number, uint64_t base)
{
	uint16_t pool[BASELINE_POOL];
	uint64_t past = scale_value(quartile(pool, pour(v->kept.hour[hour], number, pool, 0)));
	uint64_t most = baseline_pct(past > base ? past : base, p->growth_pct);
	uint64_t accepted = v->kept.accepted[number / 2];

	return most > accepted ? most : accepted;
}

/* Cuts what an hour of the week, learned before, may teach; and remembers what it asked, if that was more. */
static void
hold(const struct seki_baseline_params *p, struct baseline_zone *zone, unsigned vector, struct baseline_hour *hour)
{
	struct baseline_vector *v = zone->vector[vector];
	unsigned how = seki_hour_of_week(zone->hour * BASELINE_HOUR_NS);
	uint64_t held[BASELINE_UNITS] = {0};

	for (unsigned k = 0; k < BASELINE_NUMBERS; k++) {
		unsigned unit = k / 2;
		uint32_t pct = k == baseline_usual(unit) ? p->headroom_pct : BASELINE_PEAK_PCT;
		uint64_t base = baseline_floor(zone, vector, unit) * 100 / pct;
		uint64_t most = most_taught(p, v, how, k, base);
		uint64_t asked = scale_value(hour->code[k]);

		if (asked <= most)
			continue;
		hour->code[k] = scale_code_below(most);
		held[unit] = asked; /* the peak, if both */
	}
	if (held[BASELINE_PPS] == 0 && held[BASELINE_BPS] == 0)
		return;
	memcpy(v->kept.held, held, sizeof(held));
	v->kept.held_hour = zone->hour;
}

/* The first limit that may be applied is what later ones are held against. */
static void
remember_first(const struct seki_baseline_params *p, const struct baseline_zone *zone, unsigned vector, unsigned how)
{
	struct baseline_vector *v = zone->vector[vector];

	if (v->kept.first[how][BASELINE_PPS] != SCALE_NONE || baseline_weeks(v, how) < p->apply_weeks)
		return;
	for (unsigned u = 0; u < BASELINE_UNITS; u++) {
		uint64_t asks = baseline_asks(p, v, how, u), floor = baseline_floor(zone, vector, u);

		v->kept.first[how][u] = scale_code(asks > floor ? asks : floor);
	}
}

static void
learn(struct seki_baseline *b, struct baseline_zone *zone, unsigned vector)
{
	const struct seki_baseline_params *p = &b->params;
	struct baseline_vector *v = zone->vector[vector];
	unsigned how = seki_hour_of_week(zone->hour * BASELINE_HOUR_NS);
	uint32_t n = zone->seconds - zone->frozen[vector];
	struct baseline_hour *weeks = v->kept.hour[how], hour;

	v->kept.idle_hours += v->kept.idle_hours < BASELINE_IDLE_HOURS;
	if (n < p->min_seconds)
		return;
	for (unsigned u = 0; u < BASELINE_UNITS; u++)
		read_seconds(v->seconds[u], n, p->quantile_permille, &hour.code[baseline_usual(u)],
			&hour.code[baseline_peak(u)]);
	if (baseline_weeks(v, how) > 0)
		hold(p, zone, vector, &hour);
	memmove(weeks + 1, weeks, (SEKI_BASELINE_WEEKS - 1) * sizeof(*weeks));
	weeks[0] = hour;
	remember_first(p, zone, vector, how);
}

/* Within a week after it was learned, by a clock that has gone back. */
static bool
is_known(const struct baseline_zone *zone)
{
	return zone->hour <= zone->last_hour && zone->last_hour - zone->hour < SEKI_BASELINE_HOURS;
}

/* What an operator has vouched for outlasts silence. */
static bool
is_accepted(const struct baseline_vector *v)
{
	return v->kept.accepted[BASELINE_PPS] != 0 || v->kept.accepted[BASELINE_BPS] != 0;
}

void
baseline_end_hour(struct seki_baseline *b, struct baseline_zone *zone)
{
	bool learns = zone->seconds >= b->params.min_seconds && !is_known(zone);
	unsigned how = seki_hour_of_week(zone->hour * BASELINE_HOUR_NS);

	for (unsigned i = 0; i < SEKI_N_VECTORS; i++) {
		struct baseline_vector *v = zone->vector[i];

		if (v == NULL)
			continue;
		if (learns)
			learn(b, zone, i);
		memset(v->seconds, 0, sizeof(v->seconds));
		if (v->kept.idle_hours < BASELINE_IDLE_HOURS || is_accepted(v))
			continue;
		free(v);
		zone->vector[i] = NULL;
		b->n_vectors--;
	}
	if (learns) {
		zone->learned[how] = (uint8_t)(zone->learned[how] + (zone->learned[how] < SEKI_BASELINE_WEEKS));
		zone->last_hour = zone->hour;
	}
	zone->seconds = 0;
	memset(zone->frozen, 0, sizeof(zone->frozen));
}
