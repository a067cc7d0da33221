/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_BASELINE_RIG_H
#define SEKI_TEST_BASELINE_RIG_H

/* A baseline with one zone, "web", a clock, and traffic that follows a day's curve with noise. */
#include "baseline.h"
#include "hash.h"
#include "suite.h"

#define S SEKI_SECOND_NS
#define HOUR (3600 * S)
#define WEEK (7 * SEKI_DAY_NS)

/* A Monday, 00:00 UTC: 2026-01-05. */
#define MONDAY (UINT64_C(1767571200) * S)

#define ZONE 7
#define V SEKI_VECTOR_UDP
#define FLOOR_PPS 1000
#define FLOOR_BPS 8000000
/* Of every packet in these tests. */
#define BITS 8000

static struct seki_baseline *base;
static struct seki_rng noise;
static struct seki_baseline_floor floors[SEKI_N_VECTORS];

static inline void
rig_zone(uint16_t id, const char *name)
{
	ck_assert_int_eq(seki_baseline_zone(base, id, name, floors), 0);
}

static inline void
rig_begin_with(const struct seki_baseline_params *params, const struct seki_calendar *calendar)
{
	struct seki_err err;

	seki_err_init(&err);
	base = seki_baseline_create(params, calendar, &err);
	check_silent(&err);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		floors[v] = (struct seki_baseline_floor){FLOOR_PPS, FLOOR_BPS};
	seki_rng_init(&noise, 1);
	rig_zone(ZONE, "web");
}

static inline void
rig_begin(void)
{
	rig_begin_with(&seki_baseline_defaults, NULL);
}

static inline void
rig_end(void)
{
	seki_baseline_destroy(base);
}

/* `n` seconds from `at` on in which `pps` packets of `vector` come to the zone. */
static inline void
rig_feed(unsigned vector, uint64_t at, uint32_t n, uint64_t pps, uint64_t frozen)
{
	uint64_t all_pps[SEKI_N_VECTORS] = {0}, all_bps[SEKI_N_VECTORS] = {0};
	struct seki_baseline_second second = {at, n, all_pps, all_bps, frozen};

	all_pps[vector] = pps;
	all_bps[vector] = pps * BITS;
	seki_baseline_feed(base, ZONE, &second);
}

/* `pps` and up to a fifth more. */
static inline uint64_t
rig_noisy(uint64_t pps)
{
	return pps + seki_rng_below(&noise, pps / 5 + 1);
}

/* What is usual of a day: 2,000 at night, 10,000 from 8 to 20 o'clock, and hours between. A fifth of it on weekends. */
static inline uint64_t
rig_curve(uint64_t at)
{
	unsigned hour = seki_hour_of_week(at) % 24;
	uint64_t pps = hour < 6 || hour > 21 ? 2000 : hour >= 8 && hour <= 20 ? 10000 : 6000;

	return seki_hour_of_week(at) >= 120 ? pps / 5 : pps;
}

/* Whole weeks from the `first` on, by minutes of equal seconds; `pct` of the curve. */
static inline void
rig_weeks(unsigned first, unsigned n, unsigned pct)
{
	for (uint64_t at = MONDAY + first * WEEK; at < MONDAY + (first + n) * WEEK; at += 60 * S)
		rig_feed(V, at, 60, rig_noisy(rig_curve(at) * pct / 100), 0);
}

static inline struct seki_suggestion
rig_ask(unsigned vector, uint64_t at)
{
	struct seki_suggestion s;

	ck_assert(seki_baseline_suggest(base, ZONE, vector, at, &s));
	return s;
}

/* Within `pct` of what is expected. */
static inline void
rig_near(uint64_t got, uint64_t expected, unsigned pct)
{
	HOLDS(got * 100 >= expected * (100 - pct) && got * 100 <= expected * (100 + pct),
		"%lu is not within %u %% of %lu", got, pct, expected);
}

#endif
