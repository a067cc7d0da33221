/* SPDX-License-Identifier: BSD-3-Clause */
/* Baselines with a calendar: what a holiday is judged by, and what it does not teach. */
#include "baseline_rig.h"

static struct seki_calendar *calendar;

/* The Thursday of the sixth week: 2026-02-12, in Japan. */
static const struct seki_date thursday = {2026, 2, 12};
#define THURSDAY (MONDAY + 5 * WEEK + 3 * SEKI_DAY_NS - 9 * HOUR)

static void
begin(void)
{
	calendar = seki_calendar_create();
	rig_begin_with(&seki_baseline_defaults, calendar);
}

static void
end(void)
{
	rig_end();
	seki_calendar_destroy(calendar);
}

static void
add_holiday(bool like_known, enum seki_weekday like)
{
	struct seki_holiday holiday = {.date = thursday, .offset_minutes = 540, .like_known = like_known, .like = like};

	ck_assert_int_eq(seki_calendar_add_holiday(calendar, &holiday, NULL), 0);
}

START_TEST(a_holiday_is_like_a_sunday)
{
	rig_weeks(0, 5, 100);
	add_holiday(true, SEKI_SUNDAY);
	/* 12:00 UTC is 21:00 in Japan, still the holiday; by its curve 10,000, and a fifth of it on Sundays. */
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).pps, 4800, 5);
	rig_near(rig_ask(V, THURSDAY + 45 * HOUR).pps, 24000, 5);
	rig_near(rig_ask(V, THURSDAY - 3 * HOUR).pps, 24000, 5);
	/* Nothing of it is learned, and the hours around it are. */
	rig_weeks(5, 1, 100);
	rig_feed(V, MONDAY + 6 * WEEK, 1, 0, 0);
	seki_baseline_set_calendar(base, NULL);
	ck_assert_uint_eq(rig_ask(V, THURSDAY - HOUR).weeks, 6);
	ck_assert_uint_eq(rig_ask(V, THURSDAY).weeks, 5);
	ck_assert_uint_eq(rig_ask(V, THURSDAY + 23 * HOUR).weeks, 5);
	ck_assert_uint_eq(rig_ask(V, THURSDAY + 24 * HOUR).weeks, 6);
	/* Of silent vectors neither. */
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, THURSDAY).weeks, 5);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, THURSDAY - HOUR).weeks, 6);
}
END_TEST

START_TEST(a_holiday_is_like_the_most_of_any_day)
{
	/* Saturdays are quiet, but for this one hour, and Thursdays quieter. */
	for (unsigned w = 0; w < 5; w++)
		for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
			rig_feed(V, MONDAY + w * WEEK + h * HOUR, 3600,
				h == 5 * 24 + 12 ? 9000
				: h / 24 == 3    ? 600
						 : 1000,
				0);
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).pps, 1200, 5);
	add_holiday(false, SEKI_MONDAY);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).pps, 18000, 5);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).bps, UINT64_C(18000) * BITS, 5);
	ck_assert(rig_ask(V, THURSDAY + 21 * HOUR).may_apply);
	/* Two hours later no day knows it. */
	rig_near(rig_ask(V, THURSDAY + 23 * HOUR).pps, 2000, 5);
}
END_TEST

/* One day's packets and another day's bits. */
START_TEST(the_most_is_of_each_unit)
{
	uint64_t pps[SEKI_N_VECTORS] = {0}, bps[SEKI_N_VECTORS] = {0};
	struct seki_baseline_second second = {0, 3600, pps, bps, 0};

	for (unsigned w = 0; w < 5; w++)
		for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++) {
			second.wall_ns = MONDAY + w * WEEK + h * HOUR;
			pps[V] = h / 24 == 1 ? 3000 : 2000;
			bps[V] = h / 24 == 5 ? 90000000 : h / 24 == 6 ? 50000000 : 30000000;
			seki_baseline_feed(base, ZONE, &second);
		}
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	add_holiday(false, SEKI_MONDAY);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).pps, 6000, 5);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).bps, 180000000, 5);
}
END_TEST

/* Of a day that is known and one that is not, the one that may be applied counts. */
START_TEST(the_most_is_of_days_that_are_known)
{
	for (unsigned w = 0; w < 5; w++) {
		rig_feed(V, MONDAY + w * WEEK + 12 * HOUR, 3600, 3000, 0);
		/* Tuesdays are known for three weeks. */
		rig_feed(V, MONDAY + w * WEEK + 36 * HOUR, w < 2 ? 100 : 3600, 9000, 0);
		rig_feed(V, MONDAY + w * WEEK + 60 * HOUR, 1, 0, 0);
	}
	add_holiday(false, SEKI_MONDAY);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).pps, 6000, 5);
	rig_near(rig_ask(V, THURSDAY + 21 * HOUR).bps, UINT64_C(6000) * BITS, 5);
	ck_assert_uint_eq(rig_ask(V, THURSDAY + 21 * HOUR).weeks, 5);
}
END_TEST

/* An event's vector is not learned while it lasts; the others are. */
START_TEST(events_teach_nothing)
{
	const uint64_t noon = MONDAY + 5 * WEEK + 36 * HOUR;
	struct seki_event event = {.zone = "web",
		.vector = V,
		.pps = 500000,
		.approver = "Sato",
		.from = noon + HOUR / 2 - S,
		.until = noon + 2 * HOUR};

	ck_assert_int_eq(seki_calendar_add_event(calendar, &event, NULL), 0);
	rig_weeks(0, 5, 100);
	for (uint64_t at = noon; at < noon + 3 * HOUR; at += S)
		rig_feed(V, at, 1, at < event.from || at >= event.until ? 10000 : 400000, 0);
	rig_feed(V, noon + 3 * HOUR, 1, 0, 0);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 5); /* a second too little was left */
	ck_assert_uint_eq(rig_ask(V, noon + HOUR).weeks, 5);
	ck_assert_uint_eq(rig_ask(V, noon + 2 * HOUR).weeks, 6);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, noon + HOUR).weeks, 6);
	ck_assert_uint_eq(rig_ask(V, noon).held_pps, 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline_days");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, a_holiday_is_like_a_sunday);
	tcase_add_test(tests, a_holiday_is_like_the_most_of_any_day);
	tcase_add_test(tests, the_most_is_of_each_unit);
	tcase_add_test(tests, the_most_is_of_days_that_are_known);
	tcase_add_test(tests, events_teach_nothing);
	return suite_run("baseline_days", tests);
}
