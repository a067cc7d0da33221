/* SPDX-License-Identifier: BSD-3-Clause */
/* What a baseline learns: quantiles, weeks, silence, and what it does not. */
#include "baseline_rig.h"

#include <errno.h>

static int
compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* Rates of an hour: even, of a heavy tail, two levels, rare bursts out of silence. */
static uint64_t
rate_of(unsigned kind)
{
	uint64_t r = seki_rng_below(&noise, 1000000);

	switch (kind) {
	case 0:
		return r;
	case 1:
		return 2000000000 / (r + 20);
	case 2:
		return r % 10 == 0 ? 50000 : 900;
	default:
		return r % 70 == 0 ? 123456 : 0;
	}
}

/* The usual rate and the peak against a sorted list of all seconds. */
START_TEST(quantiles_are_those_of_a_sorted_list)
{
	static const uint32_t quantile[] = {500, 900, 990, 999, 1000};
	struct seki_baseline_params params = seki_baseline_defaults;
	uint64_t rate[3600];

	for (unsigned q = 0; q < N(quantile); q++)
		for (unsigned kind = 0; kind < 4; kind++) {
			struct seki_suggestion s;
			uint64_t exact;

			rig_end();
			params.quantile_permille = quantile[q];
			rig_begin_with(&params, NULL);
			for (unsigned i = 0; i < 3600; i++) {
				rate[i] = rate_of(kind);
				rig_feed(V, MONDAY + i * S, 1, rate[i], 0);
			}
			rig_feed(V, MONDAY + HOUR, 1, 0, 0);
			qsort(rate, 3600, sizeof(rate[0]), compare);
			s = rig_ask(V, MONDAY);
			exact = rate[(3600 * quantile[q] + 999) / 1000 - 1];
			rig_near(s.usual_pps, exact, 4);
			rig_near(s.usual_bps, exact * BITS, 4);
			rig_near(s.peak_pps, rate[3599], 4);
			rig_near(s.peak_bps, rate[3599] * BITS, 4);
			ck_assert_uint_eq(s.quantile_permille, quantile[q]);
		}
}
END_TEST

/* Eight weeks of 1 s samples. */
START_TEST(weeks_make_a_curve)
{
	struct seki_suggestion s;

	for (uint64_t at = MONDAY; at < MONDAY + 8 * WEEK; at += S)
		rig_feed(V, at, 1, rig_noisy(rig_curve(at)), 0);
	rig_feed(V, MONDAY + 8 * WEEK, 1, 0, 0);
	/* Tuesday at noon, Tuesday at night, Sunday at noon: 1.2 times the curve is the most, and twice that the limit.
	 */
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 36 * HOUR).pps, 24000, 5);
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 27 * HOUR).pps, 4800, 5);
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 156 * HOUR).pps, 4800, 5);
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 156 * HOUR).bps, UINT64_C(4800) * BITS, 5);
	/* At five the busier hour after it counts, too, and at ten in the evening the one before. */
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 29 * HOUR).pps, 14400, 5);
	rig_near(rig_ask(V, MONDAY + 8 * WEEK + 46 * HOUR).pps, 14400, 5);
	s = rig_ask(V, MONDAY + 8 * WEEK + 36 * HOUR);
	ck_assert_uint_eq(s.weeks, 8);
	ck_assert_uint_eq(s.hours, 24);
	ck_assert_int_eq(s.confidence, SEKI_CONFIDENCE_HIGH);
	ck_assert(s.may_apply);
	/* A vector that never came: its floor, and that is well known. */
	s = rig_ask(SEKI_VECTOR_NTP, MONDAY + 8 * WEEK + 36 * HOUR);
	ck_assert_uint_eq(s.pps, FLOOR_PPS);
	ck_assert_uint_eq(s.bps, FLOOR_BPS);
	ck_assert_uint_eq(s.usual_pps, 0);
	ck_assert_int_eq(s.confidence, SEKI_CONFIDENCE_HIGH);
}
END_TEST

START_TEST(it_takes_four_weeks)
{
	static const struct {
		unsigned weeks;
		enum seki_confidence confidence;
		enum seki_suggestion_why why;
	} rows[] = {
		{0, SEKI_CONFIDENCE_NONE, SEKI_WHY_UNKNOWN},
		{1, SEKI_CONFIDENCE_LOW, SEKI_WHY_FEW_WEEKS},
		{2, SEKI_CONFIDENCE_LOW, SEKI_WHY_FEW_WEEKS},
		{3, SEKI_CONFIDENCE_LOW, SEKI_WHY_FEW_WEEKS},
		{4, SEKI_CONFIDENCE_MEDIUM, SEKI_WHY_WEEKS},
		{5, SEKI_CONFIDENCE_MEDIUM, SEKI_WHY_WEEKS},
		{6, SEKI_CONFIDENCE_HIGH, SEKI_WHY_NOTHING},
	};

	for (unsigned i = 0; i < N(rows); i++) {
		struct seki_suggestion s = rig_ask(V, MONDAY + i * WEEK + 36 * HOUR);

		ck_assert_uint_eq(s.weeks, rows[i].weeks);
		ck_assert_int_eq(s.confidence, rows[i].confidence);
		ck_assert_int_eq(s.why, rows[i].why);
		ck_assert_int_eq(s.may_apply, rows[i].weeks >= 4);
		/* It is suggested from the first week on. */
		rig_near(s.pps, rows[i].weeks == 0 ? FLOOR_PPS : 24000, 5);
		rig_weeks(i, 1, 100);
	}
}
END_TEST

START_TEST(no_limit_is_below_its_floor)
{
	rig_weeks(0, 5, 3); /* 300 at noon, 60 at night */
	ck_assert_uint_eq(rig_ask(V, MONDAY + 36 * HOUR).pps, FLOOR_PPS);
	rig_near(rig_ask(V, MONDAY + 36 * HOUR).usual_pps, 360, 5);
	floors[V] = (struct seki_baseline_floor){100, 0};
	rig_zone(ZONE, "web");
	rig_near(rig_ask(V, MONDAY + 36 * HOUR).pps, 720, 5);
	ck_assert_uint_eq(rig_ask(V, MONDAY + 36 * HOUR).bps, 0);
}
END_TEST

/* What comes once in a while counts for what it is: a quantile of all seconds, most of them silent. */
START_TEST(silence_is_learned)
{
	for (uint64_t at = MONDAY; at < MONDAY + 5 * WEEK; at += 600 * S) {
		rig_feed(V, at, 3, 50000, 0); /* half a percent of the time */
		rig_feed(V, at + 3 * S, 597, 0, 0);
	}
	ck_assert_uint_eq(rig_ask(V, MONDAY + 36 * HOUR).usual_pps, 0);
	/* But a job that comes in every hour is no attack. */
	rig_near(rig_ask(V, MONDAY + 36 * HOUR).pps, 62500, 5);
}
END_TEST

/* A vector that first comes late has been silent before; it may grow from its floor. */
START_TEST(a_late_vector_was_silent_before)
{
	struct seki_suggestion s;

	rig_weeks(0, 5, 100);
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 5 * WEEK, 3600, 90000, 0);
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 5 * WEEK + HOUR, 1, 0, 0);
	s = rig_ask(SEKI_VECTOR_NTP, MONDAY + 5 * WEEK + HOUR);
	ck_assert_uint_eq(s.weeks, 5);
	ck_assert_uint_eq(s.usual_pps, 0);
	ck_assert_uint_eq(s.pps, FLOOR_PPS);
	ck_assert_int_eq(s.why, SEKI_WHY_HELD);
	rig_near(s.held_pps, 90000, 4);
	/* Unlike one that came in the first week, which is taken as it is. */
	ck_assert_uint_eq(rig_ask(V, MONDAY + 5 * WEEK + HOUR).weeks, 5);
}
END_TEST

START_TEST(incidents_are_not_learned)
{
	const uint64_t frozen = UINT64_C(1) << V, noon = MONDAY + 4 * WEEK + 36 * HOUR;
	struct seki_suggestion before;

	rig_weeks(0, 4, 100);
	rig_feed(V, MONDAY + 4 * WEEK, 1, 0, 0);
	before = rig_ask(V, noon);
	/* 29 minutes of an attack: the rest is learned. 31 minutes: nothing is. */
	rig_feed(V, noon, 29 * 60, 9000000, frozen);
	rig_feed(V, noon + 29 * 60 * S, 31 * 60, 10000, 0);
	rig_feed(V, noon + HOUR, 31 * 60, 9000000, frozen);
	rig_feed(V, noon + HOUR + 31 * 60 * S, 29 * 60, 10000, 0);
	/* Another vector's incident does not matter. */
	rig_feed(V, noon + 2 * HOUR, 3600, 10000, ~frozen & ((UINT64_C(1) << SEKI_N_VECTORS) - 1));
	rig_feed(V, noon + 3 * HOUR, 1, 0, 0);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 5);
	ck_assert_uint_eq(rig_ask(V, noon + HOUR).weeks, 4);
	ck_assert_uint_eq(rig_ask(V, noon + 2 * HOUR).weeks, 5);
	ck_assert_uint_le(rig_ask(V, noon).pps, before.pps);
	rig_near(rig_ask(V, noon).pps, before.pps, 4);
	ck_assert_uint_eq(rig_ask(V, noon).held_pps, 0);
	/* Of a vector that first comes with an incident nothing is known but that it was silent before. */
	rig_feed(SEKI_VECTOR_NTP, noon + 4 * HOUR, 3600, 9000000, UINT64_C(1) << SEKI_VECTOR_NTP);
	rig_feed(SEKI_VECTOR_NTP, noon + 5 * HOUR, 1, 0, 0);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, noon + 4 * HOUR).weeks, 4);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, noon + 4 * HOUR).pps, FLOOR_PPS);
}
END_TEST

/* One bad week, undetected and let in (before there is a past to hold it against), does not matter. */
START_TEST(one_bad_week_does_not_matter)
{
	rig_weeks(0, 1, 900);
	rig_weeks(1, 4, 100);
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	rig_near(rig_ask(V, MONDAY + 36 * HOUR).pps, 24000, 5);
	ck_assert_int_eq(rig_ask(V, MONDAY + 5 * WEEK).why, SEKI_WHY_SPREAD);
}
END_TEST

START_TEST(rates_of_any_size)
{
	for (unsigned w = 0; w < 5; w++)
		rig_feed(V, MONDAY + w * WEEK, 3601, UINT64_MAX / BITS, 0);
	ck_assert_uint_ge(rig_ask(V, MONDAY).pps, UINT64_C(1) << 44);
	ck_assert_uint_ge(rig_ask(V, MONDAY).bps, UINT64_C(1) << 44);
}
END_TEST

START_TEST(what_is_forgotten_is_learned_anew)
{
	rig_weeks(0, 5, 100);
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	ck_assert_int_eq(seki_baseline_forget(base, ZONE, V), 0);
	ck_assert_int_eq(rig_ask(V, MONDAY).why, SEKI_WHY_UNKNOWN);
	rig_weeks(6, 1, 500);
	rig_near(rig_ask(V, MONDAY + 36 * HOUR).pps, 120000, 5);
	ck_assert_uint_eq(rig_ask(V, MONDAY + 36 * HOUR).weeks, 1);
	ck_assert_int_eq(seki_baseline_forget(base, ZONE + 1, V), -EINVAL);
	ck_assert_int_eq(seki_baseline_forget(base, ZONE, SEKI_N_VECTORS), -EINVAL);
}
END_TEST

START_TEST(strangers_are_ignored)
{
	uint64_t rates[SEKI_N_VECTORS] = {0};
	struct seki_baseline_second second = {MONDAY, 1, rates, rates, 0};
	struct seki_suggestion s;

	seki_baseline_feed(base, ZONE + 1, &second);
	seki_baseline_feed(base, 0xffff, &second);
	ck_assert(!seki_baseline_suggest(base, ZONE + 1, V, MONDAY, &s));
	ck_assert(!seki_baseline_suggest(base, 0xffff, V, MONDAY, &s));
	ck_assert(!seki_baseline_suggest(base, ZONE, SEKI_N_VECTORS, MONDAY, &s));
}
END_TEST

START_TEST(parameters_have_ranges)
{
	struct seki_baseline_params bad = {0};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(seki_baseline_create(&bad, NULL, &err));
	check_said(&err, 8, 0, "the quantile (in thousandths) of baselines is 0, which is not from 500 to 1000");
}
END_TEST

START_TEST(suggestions_are_sentences)
{
	char text[SEKI_SUGGESTION_TEXT_MAX];
	struct seki_suggestion s;

	rig_weeks(0, 5, 100);
	s = rig_ask(V, MONDAY + 5 * WEEK + 36 * HOUR);
	s.pps = 24000;
	s.bps = 0;
	ck_assert_str_eq(seki_suggestion_text(&s, text),
		"24.0 kpps and any bps, from 5 weeks of this hour (15 hours with those beside it, quantile 99.0 %); "
		"confidence is medium: it is the work of a few weeks.");
	for (s.why = 0; s.why <= SEKI_WHY_NOTHING; s.why++) {
		size_t n = strlen(seki_suggestion_text(&s, text));

		ck_assert_uint_gt(n, 100);
		ck_assert_uint_lt(n, SEKI_SUGGESTION_TEXT_MAX - 1);
		ck_assert_int_eq(text[n - 1], '.');
	}
	ck_assert_str_eq(seki_confidence_name(SEKI_CONFIDENCE_HIGH), "high");
	ck_assert_str_eq(seki_confidence_name(9), "?");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, rig_begin, rig_end);
	tcase_add_test(tests, quantiles_are_those_of_a_sorted_list);
	tcase_add_test(tests, weeks_make_a_curve);
	tcase_add_test(tests, it_takes_four_weeks);
	tcase_add_test(tests, no_limit_is_below_its_floor);
	tcase_add_test(tests, silence_is_learned);
	tcase_add_test(tests, a_late_vector_was_silent_before);
	tcase_add_test(tests, incidents_are_not_learned);
	tcase_add_test(tests, one_bad_week_does_not_matter);
	tcase_add_test(tests, rates_of_any_size);
	tcase_add_test(tests, what_is_forgotten_is_learned_anew);
	tcase_add_test(tests, strangers_are_ignored);
	tcase_add_test(tests, parameters_have_ranges);
	tcase_add_test(tests, suggestions_are_sentences);
	return suite_run("baseline", tests);
}
