/* SPDX-License-Identifier: BSD-3-Clause */
/* Who teaches a baseline slowly: how far an attacker gets, and how soon honest growth is followed. */
#include "baseline_rig.h"

#include <errno.h>

/* What 168 hours suggest, at a time. */
struct limits {
	uint64_t pps[SEKI_BASELINE_HOURS];
};

static struct limits
limits_at(uint64_t at)
{
	struct limits l;

	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		l.pps[h] = rig_ask(V, at + h * HOUR).pps;
	return l;
}

/* By how much the limits of a week grew at most, in percent of what they were. */
static unsigned
growth(const struct limits *from, const struct limits *to)
{
	uint64_t most = 0;

	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++) {
		uint64_t pct = to->pps[h] * 100 / from->pps[h];

		most = pct > most ? pct : most;
	}
	return (unsigned)most;
}

/* What the attacker sends in an hour, on top of what is usual. */
typedef uint64_t (*attacker)(uint64_t at, unsigned day);

/* `n` weeks of him, hour by hour, in all 3,600 seconds or in one of them. */
static void
attack(unsigned first, unsigned n, attacker sends, bool bursts)
{
	for (uint64_t at = MONDAY + first * WEEK; at < MONDAY + (first + n) * WEEK; at += HOUR) {
		unsigned day = (unsigned)((at - MONDAY - first * WEEK) / SEKI_DAY_NS);
		uint64_t pps = sends(at, day);

		rig_feed(V, at, 1, pps, 0);
		rig_feed(V, at + S, 3599, bursts ? rig_curve(at) : pps, 0);
	}
	rig_feed(V, MONDAY + (first + n) * WEEK, 1, 0, 0);
}

static uint64_t
sends_usual(uint64_t at, unsigned day)
{
	(void)day;
	return rig_curve(at);
}

/* Everything grows by 5 % a day: 15-fold in eight weeks, without end. */
static uint64_t
sends_more_each_day(uint64_t at, unsigned day)
{
	uint64_t pps = rig_curve(at) * 1000;

	for (unsigned i = 0; i < day && pps < UINT64_C(1) << 50; i++)
		pps += pps / 20;
	return pps / 1000;
}

/* He knows the limit, and sends just that. */
static uint64_t
sends_the_limit(uint64_t at, unsigned day)
{
	(void)day;
	return rig_ask(V, at).pps;
}

/* He does not care: a hundredfold at once. If nothing else noticed, this is what could be learned. */
static uint64_t
sends_a_flood(uint64_t at, unsigned day)
{
	(void)day;
	return rig_curve(at) * 100;
}

/* The bound of baseline.h: within eight weeks no limit has grown by more than half, whoever teaches, in whatever way.
 */
START_TEST(in_eight_weeks_a_limit_grows_by_half)
{
	static const attacker kinds[] = {sends_more_each_day, sends_the_limit, sends_a_flood};

	for (unsigned i = 0; i < N(kinds) * 2; i++) {
		struct limits before, after;

		rig_end();
		rig_begin();
		attack(0, 8, sends_usual, false);
		before = limits_at(MONDAY + 8 * WEEK);
		attack(8, 8, kinds[i / 2], i % 2 == 1);
		after = limits_at(MONDAY + 16 * WEEK);
		/* The scale adds a 32nd. */
		ck_assert_uint_le(growth(&before, &after), 155);
		/* The test means something: he has got somewhere. */
		ck_assert_uint_gt(growth(&before, &after), 110);
	}
}
END_TEST

/* As soon as limits are applied there are fewer weeks to move. */
START_TEST(a_young_limit_does_not_double)
{
	static const attacker kinds[] = {sends_more_each_day, sends_the_limit, sends_a_flood};

	for (unsigned i = 0; i < N(kinds); i++) {
		struct limits before, after;

		rig_end();
		rig_begin();
		attack(0, 4, sends_usual, false);
		before = limits_at(MONDAY + 4 * WEEK);
		attack(4, 8, kinds[i], false);
		after = limits_at(MONDAY + 12 * WEEK);
		ck_assert_uint_lt(growth(&before, &after), 200);
	}
}
END_TEST

/* The limit is nowhere above what a week may add, from one week to the next. */
START_TEST(no_week_adds_more_than_a_quarter)
{
	struct limits before, after;

	attack(0, 4, sends_usual, false);
	before = limits_at(MONDAY + 4 * WEEK);
	for (unsigned w = 4; w < 24; w++) {
		attack(w, 1, sends_a_flood, false);
		after = limits_at(MONDAY + (w + 1) * WEEK);
		ck_assert_uint_le(growth(&before, &after), 125);
		before = after;
	}
}
END_TEST

START_TEST(patience_ends_at_the_ceiling)
{
	struct seki_suggestion s;
	struct limits first, after;

	attack(0, 4, sends_usual, false);
	first = limits_at(MONDAY + 4 * WEEK);
	attack(4, 104, sends_the_limit, false);
	after = limits_at(MONDAY + 108 * WEEK);
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++) {
		uint64_t ceiling = 4 * first.pps[h] > 10 * FLOOR_PPS ? 4 * first.pps[h] : 10 * FLOOR_PPS;

		/* The first limit is kept to a 32nd. */
		ck_assert_uint_le(after.pps[h], ceiling + ceiling / 31);
	}
	/* Two years have led there. */
	s = rig_ask(V, MONDAY + 108 * WEEK + 36 * HOUR);
	rig_near(s.pps, 4 * first.pps[36], 4);
	ck_assert(s.why == SEKI_WHY_CEILING || s.why == SEKI_WHY_HELD);
	ck_assert(s.may_apply);
	/* An operator who vouches for more lifts it. */
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, V, 200000, 200000 * UINT64_C(8000)), 0);
	attack(108, 4, sends_a_flood, false);
	s = rig_ask(V, MONDAY + 112 * WEEK + 36 * HOUR);
	rig_near(s.pps, 400000, 4);
	ck_assert_uint_le(s.pps, 400000);
}
END_TEST

/* A fifth more from week to week, which is let in. */
static uint64_t
sends_more_each_week(uint64_t at, unsigned day)
{
	uint64_t pps = rig_curve(at);

	for (unsigned week = 0; week < day / 7; week++)
		pps += pps / 5;
	return pps;
}

/* What counts is the limit that could first be applied, not the one of the first week. */
START_TEST(the_ceiling_is_set_in_the_fourth_week)
{
	uint64_t first;

	attack(0, 4, sends_more_each_week, false);
	first = rig_ask(V, MONDAY + 4 * WEEK + 36 * HOUR).pps;
	rig_near(first, 2 * 14400, 4);
	attack(4, 104, sends_the_limit, false);
	rig_near(rig_ask(V, MONDAY + 108 * WEEK + 36 * HOUR).pps, 4 * first, 4);
}
END_TEST

static uint64_t
sends_nothing(uint64_t at, unsigned day)
{
	(void)at;
	(void)day;
	return 0;
}

START_TEST(out_of_silence_he_gets_ten_floors)
{
	attack(0, 8, sends_nothing, false);
	attack(8, 8, sends_the_limit, false);
	ck_assert_uint_le(rig_ask(V, MONDAY + 16 * WEEK).pps, 2 * FLOOR_PPS);
	attack(16, 104, sends_the_limit, false);
	ck_assert_uint_eq(rig_ask(V, MONDAY + 120 * WEEK + 36 * HOUR).pps, 10 * FLOOR_PPS);
	ck_assert_uint_eq(rig_ask(V, MONDAY + 120 * WEEK + 36 * HOUR).bps, 10 * FLOOR_BPS);
}
END_TEST

static uint64_t
sends_two_fifths_more(uint64_t at, unsigned day)
{
	(void)day;
	return rig_curve(at) * 14 / 10;
}

/* Honest growth within the headroom is no incident, and has its headroom again after some weeks. */
START_TEST(honest_growth_is_followed)
{
	unsigned weeks = 0;

	attack(0, 8, sends_usual, false);
	for (; rig_ask(V, MONDAY + (8 + weeks) * WEEK + 36 * HOUR).pps < 27000; weeks++) {
		for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++) {
			uint64_t at = MONDAY + (8 + weeks) * WEEK + h * HOUR;

			ck_assert_uint_lt(sends_two_fifths_more(at, 0), rig_ask(V, at).pps);
		}
		attack(8 + weeks, 1, sends_two_fifths_more, false);
	}
	ck_assert_uint_le(weeks, 8);
	rig_near(rig_ask(V, MONDAY + (8 + weeks) * WEEK + 36 * HOUR).pps, 28000, 5);
}
END_TEST

static uint64_t
sends_threefold(uint64_t at, unsigned day)
{
	(void)day;
	return rig_curve(at) * 3;
}

/* A leap beyond the headroom takes a person; from then on it takes as long as the quartile needs. */
START_TEST(a_leap_takes_a_person)
{
	struct seki_suggestion s;

	attack(0, 8, sends_usual, false);
	attack(8, 1, sends_threefold, false);
	s = rig_ask(V, MONDAY + 9 * WEEK + 36 * HOUR);
	ck_assert_int_eq(s.why, SEKI_WHY_HELD);
	ck_assert_uint_gt(s.held_pps, 0);
	rig_near(s.pps, 20000, 5);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, V, 30000, 30000 * UINT64_C(8000)), 0);
	attack(9, 3, sends_threefold, false);
	s = rig_ask(V, MONDAY + 12 * WEEK + 36 * HOUR);
	rig_near(s.pps, 60000, 5);
	ck_assert(s.may_apply);
	/* It was vouched for by day and by night, but the night is learned as it is. */
	rig_near(rig_ask(V, MONDAY + 12 * WEEK + 27 * HOUR).pps, 12000, 5);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE + 1, V, 1, 1), -EINVAL);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, SEKI_N_VECTORS, 1, 1), -EINVAL);
}
END_TEST

/* A limit falls when traffic does, and never below the floor. */
START_TEST(limits_fall_again)
{
	attack(0, 8, sends_threefold, false);
	attack(8, 8, sends_usual, false);
	rig_near(rig_ask(V, MONDAY + 16 * WEEK + 36 * HOUR).pps, 20000, 5);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline_slow");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, rig_begin, rig_end);
	tcase_add_test(tests, in_eight_weeks_a_limit_grows_by_half);
	tcase_add_test(tests, a_young_limit_does_not_double);
	tcase_add_test(tests, no_week_adds_more_than_a_quarter);
	tcase_add_test(tests, patience_ends_at_the_ceiling);
	tcase_add_test(tests, the_ceiling_is_set_in_the_fourth_week);
	tcase_add_test(tests, out_of_silence_he_gets_ten_floors);
	tcase_add_test(tests, honest_growth_is_followed);
	tcase_add_test(tests, a_leap_takes_a_person);
	tcase_add_test(tests, limits_fall_again);
	return suite_run("baseline_slow", tests);
}
