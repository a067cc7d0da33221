/* SPDX-License-Identifier: BSD-3-Clause */
/* Baselines at their edges: gaps, clocks that are set, room that is taken. */
#include "baseline_rig.h"

#include <errno.h>

START_TEST(gaps_are_not_silence)
{
	const uint64_t noon = MONDAY + 5 * WEEK + 36 * HOUR;
	struct seki_suggestion s;

	rig_weeks(0, 5, 100);
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	ck_assert(rig_ask(V, noon + 8 * WEEK - 2 * SEKI_DAY_NS).may_apply);
	/* Off for years: what was learned is still there, but it is old. */
	s = rig_ask(V, noon + 150 * WEEK);
	ck_assert_int_eq(s.why, SEKI_WHY_STALE);
	ck_assert(!s.may_apply);
	rig_near(s.pps, 24000, 5);
	/* One hour later it is not: it goes on where it was. */
	rig_feed(V, noon + 150 * WEEK, 3600, 10000, 0);
	rig_feed(V, noon + 150 * WEEK + HOUR, 1, 0, 0);
	s = rig_ask(V, noon + 150 * WEEK + HOUR);
	ck_assert(s.may_apply);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 6);
	rig_near(rig_ask(V, noon).pps, 24000, 5);
	/* An hour of which little was seen is not learned. */
	rig_feed(V, noon + 151 * WEEK, 1799, 0, 0);
	rig_feed(V, noon + 151 * WEEK + HOUR, 1800, 10000, 0);
	rig_feed(V, noon + 151 * WEEK + 2 * HOUR, 1, 0, 0);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 6);
	ck_assert_uint_eq(rig_ask(V, noon + HOUR).weeks, 6);
}
END_TEST

START_TEST(clocks_may_be_set)
{
	const uint64_t noon = MONDAY + 5 * WEEK + 36 * HOUR;
	struct seki_baseline_counts counts;

	rig_weeks(0, 5, 100);
	/* Seconds that come twice count once, be they one or an hour. */
	rig_feed(V, noon, 3600, 10000, 0);
	rig_feed(V, noon + 3599 * S, 1, 9000000, 0);
	rig_feed(V, noon, 3600, 9000000, 0);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.late_seconds, 3601);
	rig_feed(V, noon + HOUR, 1, 10000, 0);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 6);
	ck_assert_uint_eq(rig_ask(V, noon).held_pps, 0);
	/* A leap of ten years and back forgets nothing, and teaches nothing twice. */
	rig_feed(V, noon + 520 * WEEK, 1, 10000, 0);
	rig_feed(V, noon - 10 * HOUR, 10 * 3600, 10000, 0);
	rig_feed(V, noon, 3600, 9000000, 0);
	rig_feed(V, noon + HOUR, 3600, 10000, 0);
	rig_feed(V, noon + 2 * HOUR, 1, 10000, 0);
	ck_assert_uint_eq(rig_ask(V, noon).weeks, 6);
	rig_near(rig_ask(V, noon).pps, 24000, 5);
	ck_assert_uint_eq(rig_ask(V, noon + HOUR).weeks, 6);
	/* Where the clock was ahead for hours, learning goes on after it was set right; what is ahead is not applied.
	 */
	rig_feed(V, noon + 520 * WEEK, 3600, 10000, 0);
	rig_feed(V, noon + 2 * HOUR, 1, 10000, 0);
	ck_assert_int_eq(rig_ask(V, noon + 2 * HOUR).why, SEKI_WHY_STALE);
	rig_feed(V, noon + 2 * HOUR + S, 3599, 10000, 0);
	rig_feed(V, noon + 3 * HOUR, 1, 10000, 0);
	ck_assert_uint_eq(rig_ask(V, noon + 2 * HOUR).weeks, 6);
	ck_assert(rig_ask(V, noon + 3 * HOUR).may_apply);
	/* The ends of time. */
	rig_feed(V, UINT64_MAX, UINT32_MAX / 4096, 1, 0);
	rig_feed(V, 0, 2, 1, 0);
	rig_near(rig_ask(V, noon).pps, 24000, 5);
}
END_TEST

/* Nine weeks of silence, and nine more, take no operator's word away; its end is nobody's. */
START_TEST(what_is_accepted_outlasts_silence)
{
	ck_assert(!seki_baseline_knows(base, ZONE, V));
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, V, 0, 70000), 0);
	ck_assert(seki_baseline_knows(base, ZONE, V));
	rig_feed(V, MONDAY, 18 * 7 * 86400 + 3601, 0, 0);
	ck_assert_uint_eq(rig_ask(V, MONDAY).accepted_bps, 70000);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, V, 0, 0), 0);
	rig_feed(V, MONDAY + 18 * WEEK + 2 * HOUR, 3600, 0, 0);
	ck_assert(!seki_baseline_knows(base, ZONE, V));
	ck_assert(!seki_baseline_knows(base, ZONE + 1, V));
	ck_assert(!seki_baseline_knows(base, ZONE, SEKI_N_VECTORS));
}
END_TEST

START_TEST(memory_is_bounded)
{
	struct seki_baseline_params params = seki_baseline_defaults;
	struct seki_baseline_counts counts;

	rig_end();
	params.max_vectors = 2;
	rig_begin_with(&params, NULL);
	/* Less than a sixteenth of the floor is as good as nothing. */
	rig_feed(SEKI_VECTOR_DNS, MONDAY, 3600, FLOOR_PPS / 16, 0);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.vectors, 0);
	ck_assert_uint_eq(counts.zones, 1);
	for (unsigned v = SEKI_VECTOR_UDP; v < SEKI_N_VECTORS; v++)
		rig_feed(v, MONDAY + v * HOUR, 3600, 5000, 0);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.vectors, 2);
	ck_assert_uint_lt(counts.bytes, 160000);
	ck_assert_uint_gt(counts.refused_vectors, 0);
	/* Who found no room is not taken for silent, not even later. */
	ck_assert_int_eq(rig_ask(SEKI_VECTOR_NTP, MONDAY).why, SEKI_WHY_NO_ROOM);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, MONDAY).pps, FLOOR_PPS);
	ck_assert(!rig_ask(SEKI_VECTOR_NTP, MONDAY).may_apply);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, SEKI_VECTOR_SIP, 1, 1), -ENOSPC);
	/* Nine weeks of silence give the room back. */
	rig_feed(SEKI_VECTOR_UDP, MONDAY + 2 * WEEK, 1, 5000, 0);
	rig_feed(SEKI_VECTOR_ICMP_ECHO, MONDAY + 2 * WEEK + S, 3599, 5000, 0);
	rig_feed(V, MONDAY + 2 * WEEK + HOUR, 9 * 7 * 86400 - 3600, 0, 0);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.vectors, 2);
	rig_feed(V, MONDAY + 11 * WEEK, 3601, 0, 0);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.vectors, 0);
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 12 * WEEK, 3601, 90000, 0);
	ck_assert_uint_eq(rig_ask(SEKI_VECTOR_NTP, MONDAY).weeks, 1);
}
END_TEST

START_TEST(zones_without_an_id_give_way)
{
	struct seki_baseline_counts counts;
	char name[SEKI_BASELINE_NAME_MAX];

	/* Id 1 has had so many names that all places are taken; "web" and the last name have ids. */
	for (unsigned i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "zone%u", i);
		rig_zone(1, name);
	}
	rig_weeks(0, 1, 100);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.zones, SEKI_ZONES_MAX);
	ck_assert_uint_eq(rig_ask(V, MONDAY + HOUR).weeks, 1);
	ck_assert_int_eq(seki_baseline_zone(base, 0, "a", floors), -EINVAL);
	ck_assert_int_eq(seki_baseline_zone(base, SEKI_ZONES_MAX, "a", floors), -EINVAL);
	ck_assert_int_eq(seki_baseline_zone(base, 1, "", floors), -EINVAL);
	ck_assert_int_eq(seki_baseline_zone(base, 1, "a b", floors), -EINVAL);
	ck_assert_int_eq(seki_baseline_zone(base, 1, "a23456789012345678901234567890123", floors), -EINVAL);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline_bounds");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, rig_begin, rig_end);
	tcase_add_test(tests, gaps_are_not_silence);
	tcase_add_test(tests, clocks_may_be_set);
	tcase_add_test(tests, what_is_accepted_outlasts_silence);
	tcase_add_test(tests, memory_is_bounded);
	tcase_add_test(tests, zones_without_an_id_give_way);
	return suite_run("baseline_bounds", tests);
}
