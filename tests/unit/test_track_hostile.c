/* SPDX-License-Identifier: BSD-3-Clause */
/* Attacks that are made for the state machine: to be let go, to be held too mildly, or to have others held. */
#include "detect_world.h"

#define HOST "198.18.16.9/32"
#define SYN SEKI_VECTOR_TCP_SYN
#define UDP SEKI_VECTOR_UDP

/* Runs; returns what passes, in percent. */
static unsigned
passes(const struct stream *s, unsigned n, unsigned ticks)
{
	uint64_t passed = 0, came = 0;

	for (unsigned t = 0; t < ticks; t++) {
		world_tick(&w, s, n);
		passed += w.passed;
		came += w.in_tick;
	}
	return (unsigned)(passed * 100 / came);
}

/*
 * A flood with some real connections among it, whose sources are spared: that those complete says nothing of the
 * others, whether the zone enforces or observes.
 */
START_TEST(real_ones_among_forged)
{
	const struct stream s[] = {{SYN, HOST, 1, 100, .completes = true}, {SYN, HOST, 1, 8000, .len = 0},
		{SYN, HOST, 1, 980, .proven = true, .completes = true}};

	w.zone.observes = _i == 1;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, s, 1, 30 * SECOND);
	ck_assert_uint_le(passes(s, 3, 20 * SECOND), 13);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_int_eq(world_track(&w, SYN)->step, SEKI_STEP_STRICT);
}
END_TEST

/* Who is taken for a crowd by the way he begins is not so a second time. */
START_TEST(a_crowd_only_once)
{
	struct stream s[] = {
		{SYN, HOST, 1, 100, .completes = true}, {SYN, HOST, 1, 20000, .completes = true, .after = 3}};

	world_run(&w, s, 1, 30 * SECOND);
	for (unsigned n = 0; n < 5; n++) {
		s[1].completes = true;
		world_run(&w, s, 2, 2 * SECOND);
		s[1].completes = false;
		world_run(&w, s, 2, 5 * SECOND);
	}
	ck_assert_uint_le(world_incidents(&w), 2);
	ck_assert_ptr_nonnull(seki_detect_raised(w.d, WORLD_ZONE));
}
END_TEST

/* First a network by sources that their own limits hold, then one host of it by others, at less than the network may
 * have. */
START_TEST(on_to_a_smaller_target)
{
	const struct stream network = {UDP, "198.18.16.0/32", 256, 120000, .strong_pct = 100},
			    host = {UDP, HOST, 1, 31000, .len = 0};

	world_run(&w, &network, 1, 2 * SECOND);
	ck_assert_int_eq(world_track(&w, UDP)->step, SEKI_STEP_SOURCE);
	ck_assert_uint_gt(world_track(&w, UDP)->limit_pps, 31000);
	ck_assert_uint_le(passes(&host, 1, 20 * SECOND), 5);
}
END_TEST

/* Ticks are never exactly as long as they should be: what takes so many of them takes as many. */
START_TEST(late_ticks)
{
	const struct stream s = {SYN, HOST, 1, 8000, .few_sources = 1, .proven = true, .completes = true};
	unsigned n = 0;

	w.jitter_ns = _i == 0 ? 0 : 200000;
	while (n++ < 20 && world_track(&w, SYN)->step != SEKI_STEP_PROVEN)
		world_tick(&w, &s, 1);
	ck_assert_uint_le(n, 8);
}
END_TEST

/* A crowd beside an attack that changes its vector is let be, though vectors that may be next are guarded against. */
START_TEST(crowd_beside_a_rotation)
{
	const struct stream s[] = {{SYN, HOST, 1, 200, .completes = true, .after = 1}, {UDP, HOST, 1, 60000, .len = 0},
		{SEKI_VECTOR_ICMP_ECHO, HOST, 1, 20000, .len = 0}, {SYN, HOST, 1, 6000, .completes = true, .after = 1}};
	uint32_t crowd = 0;

	world_run(&w, s, 1, 30 * SECOND);
	world_run(&w, s, 2, 3 * SECOND);
	world_run(&w, s, 3, 3 * SECOND);
	ck_assert_uint_ne(seki_detect_raised(w.d, WORLD_ZONE)->guarded >> SYN & 1, 0);
	world_run(&w, s, 4, 3 * SECOND);
	for (unsigned t = 0; t < SECOND; t++) {
		world_tick(&w, s, 4);
		crowd += w.passed;
	}
	ck_assert_uint_ge(crowd, 6000);
	ck_assert_int_eq(world_track(&w, SYN)->step, SEKI_STEP_NONE);
}
END_TEST

/* A short peak does not make the pauses' ration one that lets later pulses pass. */
START_TEST(peak_then_pulses)
{
	struct stream s = {UDP, HOST, 1, 3000000, .len = 0};
	uint64_t passed = 0, came = 0;

	world_run(&w, &s, 1, 2);
	s.pps = 75000;
	world_run(&w, &s, 1, SECOND);
	for (unsigned pulse = 0; pulse < 10; pulse++) {
		world_run(&w, NULL, 0, 3 * SECOND);
		ck_assert_uint_le(seki_detect_raised(w.d, WORLD_ZONE)->ration[UDP], 900); /* 0.9 of 10,000 */
		for (unsigned t = 0; t < SECOND; t++) {
			world_tick(&w, &s, 1);
			passed += w.passed;
			came += w.in_tick;
		}
	}
	ck_assert_uint_le(passed * 100, came * 2);
}
END_TEST

/* Where a limit is of more packets than a ration can say, there is none. */
START_TEST(large_limits)
{
	const struct stream s = {UDP, HOST, 1, 1500000, .len = 0};

	for (unsigned level = 0; level < SEKI_N_LEVELS; level++)
		w.limits.at[level][UDP].pps = 800000;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, 2);
	ck_assert_int_eq(world_track(&w, UDP)->step, SEKI_STEP_FLOOD);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->ration[UDP], SEKI_RATION_ALL);
}
END_TEST

/* What does not come when the attack is over takes nothing back of what has leaked. */
START_TEST(leaked_stays_leaked)
{
	struct stream s[] = {{UDP, "198.18.16.0/32", 256, 20000, .len = 0}, {UDP, HOST, 1, 60000, .immune_pct = 0}};
	double leaked;

	world_run(&w, s, 1, 30 * SECOND);
	world_run(&w, s, 2, 3 * SECOND);
	leaked = world_incident(&w)->sums.leaked;
	ck_assert_double_gt(leaked, 0);
	s[0].pps = 0;
	world_run(&w, s, 1, 5 * SECOND);
	ck_assert_double_ge(world_incident(&w)->sums.leaked, leaked);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("track_hostile");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, world_setup, world_teardown);
	tcase_add_loop_test(tests, real_ones_among_forged, 0, 2);
	tcase_add_test(tests, a_crowd_only_once);
	tcase_add_test(tests, on_to_a_smaller_target);
	tcase_add_loop_test(tests, late_ticks, 0, 2);
	tcase_add_test(tests, crowd_beside_a_rotation);
	tcase_add_test(tests, peak_then_pulses);
	tcase_add_test(tests, large_limits);
	tcase_add_test(tests, leaked_stays_leaked);
	return suite_run("track_hostile", tests);
}
