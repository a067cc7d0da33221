/* SPDX-License-Identifier: BSD-3-Clause */
/* When tcp_state may enforce, by an injected clock: every way to be armed, to be held back, and to begin anew. */
#include "arm.h"
#include "suite.h"

#define N_CORES 2
#define ZONE 1
#define OTHER 2
#define MINUTE UINT64_C(60000000000)
#define AFTER (15 * MINUTE)
#define ENOUGH 100000
#define STATE (1u << CM_TCP_STATE)
#define OTHERS (1u << CM_ZONE_LIMIT | 1u << CM_FRAGMENT)

static struct seki_stats *stats[N_CORES];
static uint64_t offered[N_CORES][SEKI_ZONES_MAX]; /* strays */
static struct seki_policy *policy;
static struct seki_snapshot *snapshot;
static struct arms *arms;
static struct cm_tcp_state conf[SEKI_ZONES_MAX];

static void
setup(void)
{
	struct lease_core core[N_CORES];

	for (unsigned c = 0; c < N_CORES; c++) {
		stats[c] = aligned_alloc(64, sizeof(*stats[c]));
		memset(stats[c], 0, sizeof(*stats[c]));
		memset(offered[c], 0, sizeof(offered[c]));
		core[c] = (struct lease_core){.stats = stats[c], .strays = offered[c]};
	}
	policy = calloc(1, sizeof(*policy));
	policy->cm = calloc(SEKI_ZONES_MAX, sizeof(*policy->cm));
	policy->zone = calloc(SEKI_ZONES_MAX, sizeof(*policy->zone));
	policy->posture = calloc(SEKI_ZONES_MAX, sizeof(*policy->posture));
	policy->zone_id_end = OTHER + 1;
	for (unsigned z = ZONE; z <= OTHER; z++) {
		conf[z].arm_after_ns = AFTER;
		policy->cm[z].conf[CM_TCP_STATE] = &conf[z];
		strcpy(policy->zone[z].name, "zone");
		policy->posture[z] = (struct seki_posture){.active = STATE | OTHERS, .enforce = STATE | OTHERS};
	}
	snapshot = calloc(1, sizeof(*snapshot));
	snapshot->policy = policy;
	arms = arms_create(core, N_CORES);
	ck_assert_ptr_nonnull(arms);
}

static void
teardown(void)
{
	arms_destroy(arms);
	arms_destroy(NULL);
	free(snapshot);
	free(policy->posture);
	free(policy->zone);
	free(policy->cm);
	free(policy);
	for (unsigned c = 0; c < N_CORES; c++)
		free(stats[c]);
}

/* Packets of a vector that came to a zone by a core. */
static void
came(unsigned core, unsigned zone, enum seki_vector vector, uint64_t n)
{
	stats[core]->zone[zone].vector[vector].packets += n;
}

/* Packets of TCP of no known connection, as they are counted: under their vector, and as strays. */
static void
passed(unsigned core, unsigned zone, uint64_t n)
{
	came(core, zone, SEKI_VECTOR_TCP_ACK, n);
	offered[core][zone] += n;
}

/* The same where the budget is spent. */
static void
strayed(unsigned core, unsigned zone, uint64_t n)
{
	passed(core, zone, n);
	stats[core]->zone[zone].observed[SEKI_REASON_TCP_STRAY].packets += n;
}

static void
strays(uint64_t n)
{
	strayed(0, ZONE, n);
}

/* Both zones are shown packets of known connections, just enough of them. */
static void
shown(void)
{
	came(0, ZONE, SEKI_VECTOR_TCP_DATA, ENOUGH);
	came(1, OTHER, SEKI_VECTOR_TCP_DATA, ENOUGH);
}

/* What a snapshot that is published now says of it. Whatever else the zone enforces is never touched. */
static bool
enforces(unsigned zone)
{
	arms_hold(arms, snapshot);
	ck_assert_uint_eq(snapshot->posture[zone].active, policy->posture[zone].active);
	ck_assert_uint_eq(snapshot->posture[zone].enforce & ~STATE, policy->posture[zone].enforce & ~STATE);
	return (snapshot->posture[zone].enforce & STATE) != 0;
}

START_TEST(nothing_is_armed_before_the_first_tick)
{
	ck_assert(!enforces(ZONE) && !enforces(OTHER));
}
END_TEST

START_TEST(armed_after_the_time_and_not_before)
{
	const uint64_t start = 77 * MINUTE;

	ck_assert(!arms_tick(arms, policy, start));
	came(0, ZONE, SEKI_VECTOR_TCP_ACK, 5000000);
	ck_assert(!arms_tick(arms, policy, start + AFTER - 1));
	ck_assert(!enforces(ZONE));
	ck_assert(arms_tick(arms, policy, start + AFTER));
	ck_assert(enforces(ZONE));
	/* Said once: a snapshot is published once. */
	ck_assert(!arms_tick(arms, policy, start + AFTER + 1));
	ck_assert(enforces(ZONE));
}
END_TEST

/* A clock that begins at 0, and one that has run for long. */
START_TEST(at_once_where_no_time_is_asked_for)
{
	conf[ZONE].arm_after_ns = 0;
	ck_assert(arms_tick(arms, policy, _i == 0 ? 0 : UINT64_MAX - 1));
	ck_assert(enforces(ZONE));
	ck_assert(!enforces(OTHER));
}
END_TEST

/* A zone that nobody speaks with shows nothing, however long; nor does one that is sent SYNs, UDP, or just too little.
 */
START_TEST(silence_is_no_evidence)
{
	static const struct {
		enum seki_vector vector;
		uint64_t n;
	} noise[] = {{SEKI_VECTOR_TCP_ACK, 0}, {SEKI_VECTOR_TCP_SYN, 100 * ENOUGH}, {SEKI_VECTOR_UDP, 100 * ENOUGH},
		{SEKI_VECTOR_TCP_ACK, ENOUGH - 1}};

	arms_tick(arms, policy, 0);
	came(1, ZONE, noise[_i].vector, noise[_i].n);
	for (uint64_t now = AFTER; now < 100 * AFTER; now += AFTER)
		ck_assert(!arms_tick(arms, policy, now));
	came(0, ZONE, SEKI_VECTOR_TCP_SYNACK, ENOUGH);
	ck_assert(arms_tick(arms, policy, 100 * AFTER));
	ck_assert(enforces(ZONE) && !enforces(OTHER));
}
END_TEST

/* It may come at any time while the zone is sound, and takes it no time more. */
START_TEST(evidence_is_of_the_time_in_which_it_is_sound)
{
	shown();
	arms_tick(arms, policy, 0); /* before anybody looked */
	ck_assert(!arms_tick(arms, policy, AFTER));
	shown();
	strays(1);
	ck_assert(!arms_tick(arms, policy, 2 * AFTER) || !enforces(ZONE)); /* before it was sound */
	ck_assert(enforces(OTHER));
	ck_assert(!arms_tick(arms, policy, 4 * AFTER));
	shown();
	ck_assert(arms_tick(arms, policy, 4 * AFTER + 1));
	ck_assert(enforces(ZONE));
}
END_TEST

/* All is strays, and few enough for the budget: nothing would have been dropped. */
START_TEST(a_quiet_time_of_strays_is_not_sound)
{
	arms_tick(arms, policy, 0);
	for (uint64_t now = MINUTE; now <= 3 * AFTER; now += MINUTE) {
		passed(0, ZONE, 60 * 900);
		ck_assert(!arms_tick(arms, policy, now));
	}
	ck_assert(!enforces(ZONE));
}
END_TEST

/* What scanners send, within the budget: one of a hundred, exactly, and one more. */
START_TEST(some_strays_there_are_always)
{
	arms_tick(arms, policy, 0);
	came(0, ZONE, SEKI_VECTOR_TCP_ACK, ENOUGH);
	came(0, OTHER, SEKI_VECTOR_TCP_ACK, ENOUGH);
	passed(0, ZONE, ENOUGH / 100);
	passed(1, OTHER, ENOUGH / 100 + 1);
	arms_tick(arms, policy, AFTER);
	ck_assert(enforces(ZONE));
	ck_assert(!enforces(OTHER));
}
END_TEST

/*
 * One to a million of known connections, exactly, and one packet less. Those are TCP, but SYNs and strays, on all
 * cores, and nothing else. `ack` does not count the strays.
 */
static const struct {
	uint64_t syn, ack, udp, stray;
	bool sound;
} ratios[] = {
	{0, 1000000, 0, 1, true},
	{0, 999999, 0, 1, false},
	{500000, 500000, 0, 1, false},
	{100000000, 999999, 0, 1, false},
	{0, 999999, 1000000, 1, false},
	{0, 0, 1000000, 1, false},
	{0, 0, 0, 1, false},
	{0, 3000000, 0, 3, true},
	{0, 3000000, 0, 4, false},
	{0, 1000000, 0, 1000000, false},
	{0, ENOUGH, 0, 0, true},
};

START_TEST(one_of_a_million)
{
	arms_tick(arms, policy, 0);
	came(0, ZONE, SEKI_VECTOR_TCP_SYN, ratios[_i].syn);
	came(1, ZONE, SEKI_VECTOR_TCP_ACK, ratios[_i].ack);
	came(1, ZONE, SEKI_VECTOR_UDP, ratios[_i].udp);
	strayed(1, ZONE, ratios[_i].stray);
	came(1, OTHER, SEKI_VECTOR_TCP_ACK, ENOUGH);
	arms_tick(arms, policy, AFTER);
	ck_assert_int_eq(enforces(ZONE), ratios[_i].sound);
	ck_assert(enforces(OTHER));
}
END_TEST

START_TEST(cores_are_added_up)
{
	arms_tick(arms, policy, 0);
	for (unsigned c = 0; c < N_CORES; c++) {
		came(c, ZONE, SEKI_VECTOR_TCP_ACK, 900000);
		strayed(c, ZONE, 1);
	}
	arms_tick(arms, policy, AFTER);
	ck_assert_msg(!enforces(ZONE), "two strays of 1.8 million");
}
END_TEST

/* What would have been dropped for another reason is no matter. */
START_TEST(strays_only)
{
	arms_tick(arms, policy, 0);
	shown();
	stats[0]->zone[ZONE].observed[SEKI_REASON_ZONE_PPS].packets += 500;
	ck_assert(arms_tick(arms, policy, AFTER));
	ck_assert(enforces(ZONE));
}
END_TEST

/* What was counted before the first tick, or by another zone, is not held against it. */
START_TEST(from_the_first_tick_on)
{
	strays(1000);
	strayed(0, OTHER, 1);
	arms_tick(arms, policy, 0);
	strayed(0, OTHER, 1);
	shown();
	arms_tick(arms, policy, AFTER);
	ck_assert(enforces(ZONE));
	ck_assert(!enforces(OTHER));
}
END_TEST

/* A stray in time begins the time anew, at the tick that sees it; what has been counted up to there is forgiven. */
START_TEST(a_stray_begins_the_time_anew)
{
	arms_tick(arms, policy, 0);
	strays(1);
	arms_tick(arms, policy, AFTER - MINUTE);
	shown();
	ck_assert(!arms_tick(arms, policy, AFTER) || !enforces(ZONE));
	ck_assert(!arms_tick(arms, policy, 2 * AFTER - MINUTE - 1));
	ck_assert(!enforces(ZONE));
	ck_assert(arms_tick(arms, policy, 2 * AFTER - MINUTE));
	ck_assert(enforces(ZONE));
}
END_TEST

START_TEST(again_and_again)
{
	uint64_t now = 0;

	arms_tick(arms, policy, now);
	for (unsigned i = 0; i < 10; i++) {
		strays(1);
		came(0, ZONE, SEKI_VECTOR_TCP_ACK, 10000);
		now += AFTER / 2;
		arms_tick(arms, policy, now);
		ck_assert(!enforces(ZONE));
	}
	shown();
	arms_tick(arms, policy, now + AFTER);
	ck_assert(enforces(ZONE));
}
END_TEST

/* The packets of the time that is judged count, not those before. */
START_TEST(old_packets_vouch_for_nothing)
{
	came(0, ZONE, SEKI_VECTOR_TCP_ACK, 100000000);
	arms_tick(arms, policy, 0);
	shown();
	strays(1);
	arms_tick(arms, policy, AFTER);
	ck_assert(!enforces(ZONE));
}
END_TEST

/* What it drops later is what it is for. */
START_TEST(once_armed_it_stays)
{
	arms_tick(arms, policy, 0);
	shown();
	arms_tick(arms, policy, AFTER);
	strays(1000000);
	ck_assert(!arms_tick(arms, policy, AFTER + MINUTE));
	ck_assert(enforces(ZONE));
}
END_TEST

/* It has missed connections meanwhile. */
START_TEST(after_an_absence_it_begins_anew)
{
	arms_tick(arms, policy, 0);
	shown();
	arms_tick(arms, policy, AFTER);
	policy->posture[ZONE].active &= ~STATE;
	arms_tick(arms, policy, AFTER + MINUTE);
	policy->posture[ZONE].active |= STATE;
	ck_assert(!arms_tick(arms, policy, AFTER + 2 * MINUTE));
	ck_assert(!enforces(ZONE) && enforces(OTHER));
	shown();
	ck_assert(!arms_tick(arms, policy, 2 * AFTER + 2 * MINUTE - 1));
	ck_assert(arms_tick(arms, policy, 2 * AFTER + 2 * MINUTE));
	ck_assert(enforces(ZONE));
}
END_TEST

/* The time in which it did not look has shown nothing: a reload takes it, or its zone, out, and puts it back. */
START_TEST(what_does_not_look_does_not_count)
{
	arms_tick(arms, policy, 0);
	if (_i == 0)
		policy->posture[ZONE].active &= ~STATE;
	else
		policy->zone[ZONE].name[0] = '\0';
	shown();
	for (uint64_t now = MINUTE; now <= 2 * AFTER; now += MINUTE)
		arms_tick(arms, policy, now);
	ck_assert(!enforces(ZONE));
	policy->posture[ZONE].active |= STATE;
	strcpy(policy->zone[ZONE].name, "zone");
	arms_tick(arms, policy, 2 * AFTER + MINUTE);
	shown();
	ck_assert_msg(!enforces(ZONE), "armed by the time in which it was away");
	arms_tick(arms, policy, 3 * AFTER + MINUTE - 1);
	ck_assert(!enforces(ZONE));
	arms_tick(arms, policy, 3 * AFTER + MINUTE);
	ck_assert(enforces(ZONE));
}
END_TEST

/* As when all zones are taken out by the one reload that takes the last: ids end below them. */
START_TEST(ids_may_end_sooner)
{
	arms_tick(arms, policy, 0);
	shown();
	policy->zone_id_end = ZONE;
	arms_tick(arms, policy, AFTER);
	policy->zone_id_end = OTHER + 1;
	arms_tick(arms, policy, 2 * AFTER);
	ck_assert(!enforces(ZONE) && !enforces(OTHER));
}
END_TEST

/* Armed is what may enforce; whether it does is the zone's posture. */
START_TEST(an_observing_zone_goes_on_observing)
{
	policy->posture[ZONE].enforce &= ~STATE;
	arms_tick(arms, policy, 0);
	shown();
	ck_assert(arms_tick(arms, policy, AFTER));
	ck_assert(!enforces(ZONE));
	policy->posture[ZONE].enforce |= STATE;
	ck_assert(enforces(ZONE));
}
END_TEST

START_TEST(another_time_by_a_reload)
{
	arms_tick(arms, policy, 0);
	shown();
	conf[ZONE].arm_after_ns = 2 * AFTER;
	arms_tick(arms, policy, AFTER);
	ck_assert(!enforces(ZONE) && enforces(OTHER));
	conf[ZONE].arm_after_ns = MINUTE;
	ck_assert(arms_tick(arms, policy, AFTER + 1));
	ck_assert(enforces(ZONE));
}
END_TEST

START_TEST(only_so_many_cores)
{
	static struct lease_core none[SEKI_LEASE_CORES + 1];

	ck_assert_ptr_null(arms_create(none, SEKI_LEASE_CORES + 1));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_arm");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, nothing_is_armed_before_the_first_tick);
	tcase_add_test(tests, armed_after_the_time_and_not_before);
	tcase_add_loop_test(tests, at_once_where_no_time_is_asked_for, 0, 2);
	tcase_add_loop_test(tests, silence_is_no_evidence, 0, 4);
	tcase_add_test(tests, evidence_is_of_the_time_in_which_it_is_sound);
	tcase_add_test(tests, a_quiet_time_of_strays_is_not_sound);
	tcase_add_test(tests, some_strays_there_are_always);
	tcase_add_loop_test(tests, one_of_a_million, 0, N(ratios));
	tcase_add_test(tests, cores_are_added_up);
	tcase_add_test(tests, strays_only);
	tcase_add_test(tests, from_the_first_tick_on);
	tcase_add_test(tests, a_stray_begins_the_time_anew);
	tcase_add_test(tests, again_and_again);
	tcase_add_test(tests, old_packets_vouch_for_nothing);
	tcase_add_test(tests, once_armed_it_stays);
	tcase_add_test(tests, after_an_absence_it_begins_anew);
	tcase_add_loop_test(tests, what_does_not_look_does_not_count, 0, 2);
	tcase_add_test(tests, ids_may_end_sooner);
	tcase_add_test(tests, an_observing_zone_goes_on_observing);
	tcase_add_test(tests, another_time_by_a_reload);
	tcase_add_test(tests, only_so_many_cores);
	return suite_run("app_arm", tests);
}
