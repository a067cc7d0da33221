/* SPDX-License-Identifier: BSD-3-Clause */
/* The state machine of an attack, from the first packet to its end, against a data plane that obeys. */
#include "detect_world.h"

#define QUIET (2 * SECOND)
#define HOLD (10 * SECOND)
#define HOST "198.18.16.9/32"
#define OTHER_HOST "198.18.32.9/32"
#define NTP SEKI_VECTOR_NTP

/* Times of the limit of a host, and within how many ticks it is seen; 0: never. Attacks come after five seconds of
 * peace, in which a tenth of the limit is usual. */
static const struct {
	const char *about;
	unsigned vector, pct, within;
} rates[] = {
	{"three times", NTP, 300, 2},
	{"three times", SEKI_VECTOR_UDP, 300, 2},
	{"three times", SEKI_VECTOR_TCP_SYN, 300, 2},
	{"three times", SEKI_VECTOR_TCP_ACK, 300, 2},
	{"three times", SEKI_VECTOR_FRAGMENT, 300, 2},
	{"three times", SEKI_VECTOR_ICMP_ECHO, 300, 2},
	{"three times", SEKI_VECTOR_OTHER, 300, 2},
	{"1.2 times", NTP, 120, 10},
	{"1.2 times", SEKI_VECTOR_UDP, 120, 10},
	{"1.2 times", SEKI_VECTOR_TCP_SYN, 120, 10},
	{"nine tenths", NTP, 90, 0},
	{"nine tenths", SEKI_VECTOR_UDP, 90, 0},
	{"nine tenths", SEKI_VECTOR_TCP_SYN, 90, 0},
	{"nine tenths", SEKI_VECTOR_FRAGMENT, 90, 0},
};

START_TEST(seen)
{
	uint64_t limit = w.limits.at[SEKI_LEVEL_HOST][rates[_i].vector].pps;
	struct stream s = {rates[_i].vector, HOST, 1, (uint32_t)limit / 10, .len = 0};
	unsigned after;

	world_run(&w, &s, 1, 5 * SECOND);
	ck_assert_ptr_null(seki_detect_raised(w.d, WORLD_ZONE));
	s.pps = (uint32_t)(limit * rates[_i].pct / 100);
	after = world_until_raised(&w, &s, 1, rates[_i].within == 0 ? 300 : rates[_i].within + 5);
	ck_assert_msg(rates[_i].within == 0 ? after == 0 : after > 0 && after <= rates[_i].within, "%s %s: after %u",
		seki_vector_name(rates[_i].vector), rates[_i].about, after);
	ck_assert_uint_eq(world_incidents(&w), rates[_i].within == 0 ? 0 : 1);
	ck_assert_msg(seki_detect_is_quiet(w.d) == (rates[_i].within == 0), "%s", rates[_i].about);
	if (rates[_i].within == 0)
		return;
	ck_assert_int_eq(world_track(&w, rates[_i].vector)->state, TRACK_MITIGATING);
	ck_assert_uint_eq(world_incident(&w)->n_targets, 1);
	ck_assert_uint_eq(world_incident(&w)->target[0].prefix.len, 32);
	ck_assert_uint_eq(world_incident(&w)->detected_ns, world_wall(&w));
	ck_assert_uint_eq(world_incident(&w)->began_ns, world_wall(&w) - after * RIG_TICK);
}
END_TEST

/* 1.2 times within ten ticks is not by luck: the count of a second is what tells. So one of 1.05 takes as long. */
START_TEST(barely_over)
{
	struct stream s = {NTP, HOST, 1, 1050, .len = 0};

	ck_assert_uint_eq(world_until_raised(&w, &s, 1, 20), 10);
}
END_TEST

/* From above the limit to a rate; what becomes of it. */
static const struct {
	const char *about;
	uint32_t pps;
	enum track_state after_quiet, after_all;
} falls[] = {
	{"a little below the limit", 900, TRACK_MITIGATING, TRACK_MITIGATING},
	{"more than 0.7 of it", 750, TRACK_MITIGATING, TRACK_MITIGATING},
	{"less than that", 650, TRACK_COOLING, TRACK_IDLE},
	{"nothing", 0, TRACK_COOLING, TRACK_IDLE},
};

START_TEST(hysteresis)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};

	world_run(&w, &s, 1, SECOND);
	s.pps = falls[_i].pps;
	world_run(&w, &s, 1, SECOND + QUIET + 2);
	ck_assert_msg(world_track(&w, NTP)->state == falls[_i].after_quiet, "%s", falls[_i].about);
	ck_assert_ptr_nonnull(seki_detect_raised(w.d, WORLD_ZONE));
	world_run(&w, &s, 1, HOLD);
	ck_assert_msg(world_track(&w, NTP)->state == falls[_i].after_all, "%s", falls[_i].about);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_END), falls[_i].after_all == TRACK_IDLE);
}
END_TEST

/* All is taken back when it has been quiet for long enough, not before, and the incident says so. */
START_TEST(ends)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};
	uint64_t last_ns;
	unsigned after = 0, quiet = QUIET;

	world_run(&w, &s, 1, 3 * SECOND);
	last_ns = world_wall(&w);
	w.n_changes = 0;
	while (seki_detect_raised(w.d, WORLD_ZONE) != NULL) {
		world_tick(&w, NULL, 0);
		ck_assert_int_eq(world_incident(&w)->state, ++after <= quiet        ? SEKI_INCIDENT_OPEN
							    : after <= quiet + HOLD ? SEKI_INCIDENT_COOLING
										    : SEKI_INCIDENT_ENDED);
		ck_assert(after > quiet + HOLD || !seki_detect_is_quiet(w.d));
	}
	ck_assert_uint_eq(after, quiet + HOLD + 1);
	ck_assert_uint_eq(w.n_changes, 1);
	ck_assert(seki_detect_is_quiet(w.d));
	ck_assert_uint_eq(world_incident(&w)->ended_ns, world_wall(&w));
	ck_assert_uint_eq(world_incident(&w)->vector[NTP].ended_ns, last_ns);
	world_run(&w, &s, 1, SECOND);
	ck_assert_uint_eq(world_incidents(&w), 2); /* what comes now is another one */
	ck_assert_str_ne(seki_detect_incident(w.d, 0)->id, seki_detect_incident(w.d, 1)->id);
}
END_TEST

/* Two seconds on and eight off: one incident, raised once. */
START_TEST(pulses)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};

	for (unsigned pulse = 0; pulse < 6; pulse++) {
		world_run(&w, &s, 1, 2 * SECOND);
		ck_assert_uint_le(w.passed, 1);
		world_run(&w, NULL, 0, 8 * SECOND);
		ck_assert_ptr_nonnull(seki_detect_raised(w.d, WORLD_ZONE));
	}
	world_run(&w, NULL, 0, 2 * 8 * SECOND + QUIET - 8 * SECOND);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_COOLING); /* for twice the pause that it has had */
	world_run(&w, NULL, 0, 5);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_END), 1);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
}
END_TEST

/* Pauses that are longer than what is held: that is learned, once; and forgotten when the attack stays away. */
static const struct {
	unsigned pause;           /* seconds */
	unsigned incidents, held; /* of five pulses; how long after the last */
} long_pauses[] = {
	{11, 1, 22},
	{14, 2, 28},
	{18, 2, 36},
	{25, 5, 10},
};

START_TEST(pulses_far_apart)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};
	unsigned after = 0;

	for (unsigned pulse = 0; pulse < 5; pulse++) {
		if (pulse > 0)
			world_run(&w, NULL, 0, long_pauses[_i].pause * SECOND);
		world_run(&w, &s, 1, 2 * SECOND);
	}
	ck_assert_uint_eq(world_incidents(&w), long_pauses[_i].incidents);
	while (seki_detect_raised(w.d, WORLD_ZONE) != NULL && ++after < 60 * SECOND)
		world_tick(&w, NULL, 0);
	ck_assert_uint_ge(after, QUIET + long_pauses[_i].held * SECOND);
	ck_assert_uint_le(after, QUIET + long_pauses[_i].held * SECOND + 6);
}
END_TEST

/* While an attack pauses, strangers are not shut out; what that lets pass of the next pulse is next to nothing. */
static const struct {
	const char *about;
	struct stream attack;
	uint32_t newcomers; /* a second */
} shut[] = {
	{"NTP", {NTP, HOST, 1, 15000, .immune_pct = 30}, 30},
	{"SYN", {SEKI_VECTOR_TCP_SYN, HOST, 1, 60000, .len = 0}, 1000},
	{"UDP", {SEKI_VECTOR_UDP, HOST, 1, 100000, .len = 0}, 2000},
};

START_TEST(pauses_let_some_pass)
{
	struct stream s[] = {shut[_i].attack, shut[_i].attack};
	unsigned vector = s[0].vector;
	uint64_t leaked = 0, attack = 0;

	s[1].pps = shut[_i].newcomers;
	world_run(&w, &s[0], 1, 2 * SECOND);
	ck_assert_msg(world_track(&w, vector)->step == SEKI_STEP_STRICT, "%s", shut[_i].about);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->ration[vector], 0);
	for (unsigned pulse = 0; pulse < 3; pulse++) {
		world_run(&w, &s[1], 1, SECOND + 2);
		for (unsigned tick = 0; tick < 5 * SECOND; tick++) {
			world_tick(&w, &s[1], 1);
			ck_assert_msg(w.passed == s[1].pps / 10, "%s: %u of %u pass in a pause", shut[_i].about,
				w.passed, s[1].pps / 10);
		}
		for (unsigned tick = 0; tick < SECOND; tick++) {
			world_tick(&w, &s[0], 1);
			leaked += w.passed;
			attack += s[0].pps / 10;
		}
	}
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), 2); /* a milder one was tried */
	ck_assert_msg(leaked * 1000 <= attack * choose_leak_max(vector), "%s: %u of %u leak", shut[_i].about,
		(unsigned)leaked, (unsigned)attack);
}
END_TEST

/* An attack that changes its vector finds every other one guarded, from its first change on. */
START_TEST(rotation)
{
	static const unsigned vectors[] = {
		NTP, SEKI_VECTOR_UDP, SEKI_VECTOR_TCP_ACK, SEKI_VECTOR_DNS, SEKI_VECTOR_ICMP_ECHO, NTP};
	struct stream s[] = {{NTP, HOST, 1, 15000, .len = 0}, {SEKI_VECTOR_GRE, HOST, 1, 50, .len = 0}};
	struct seki_vector_posture p;
	unsigned guards = 0;

	world_run(&w, &s[1], 1, 20 * SECOND);
	for (unsigned i = 0; i < N(vectors); i++) {
		s[0].vector = vectors[i];
		for (unsigned tick = 0; tick < 3 * SECOND; tick++) {
			world_tick(&w, s, 2);
			if (tick == 0 && i > 1)
				ck_assert_msg(w.passed < 500, "%u of %s pass at first", w.passed,
					seki_vector_name(vectors[i]));
			if (tick > 3)
				ck_assert_uint_ge(w.passed, 5); /* what comes as usual */
		}
	}
	for (unsigned i = 0; i < world_incident(&w)->n_decisions; i++)
		guards += world_incident(&w)->decision[i].action == SEKI_DECISION_GUARD;
	ck_assert_uint_eq(guards, 1);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_END), 0);
	ck_assert_uint_eq(world_track(&w, SEKI_VECTOR_GRE)->state, TRACK_IDLE);
	ck_assert_uint_ne(seki_detect_raised(w.d, WORLD_ZONE)->guarded >> SEKI_VECTOR_GRE & 1, 0);
	ck_assert(seki_detect_posture(w.d, WORLD_ZONE, SEKI_VECTOR_GRE, &p) && p.guarded && !seki_posture_is_news(&p));
	p.passed_pps = p.offered_pps - 1; /* something is held back */
	ck_assert(seki_posture_is_news(&p));
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->guarded >> NTP & 1, 0);
	world_run(&w, &s[1], 1, 3 * SECOND * 2 + QUIET + 40 * SECOND);
	ck_assert_ptr_null(seki_detect_raised(w.d, WORLD_ZONE));
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), world_decided(&w, SEKI_DECISION_END));
	s[0].vector = NTP; /* the next attack has not changed yet */
	world_run(&w, s, 2, SECOND);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->guarded, 0);
}
END_TEST

/* Hosts under attack, and the peak, are told of each second, also of a vector that is over no limit of its own; in
 * pauses there are none. */
START_TEST(hosts_each_second)
{
	struct stream s[] = {{NTP, "198.18.16.0/24", 256, 15000, .len = 0},
		{SEKI_VECTOR_UDP, "198.18.16.0/24", 256, 12000, .len = 0}};
	const struct seki_incident *in;

	world_run(&w, &s[0], 1, 3 * SECOND);
	world_run(&w, &s[1], 1, 6 * SECOND);
	in = world_incident(&w);
	ck_assert_uint_eq(world_track(&w, SEKI_VECTOR_UDP)->follows, true);
	ck_assert_uint_eq(in->second[in->n_seconds - 1].hosts, 256);
	ck_assert_uint_ge(in->vector[SEKI_VECTOR_UDP].peak_pps, 11900);
	ck_assert_uint_le(in->vector[SEKI_VECTOR_UDP].peak_pps, 12500);
	ck_assert_uint_ge(in->vector[SEKI_VECTOR_UDP].peak_bps, 11900 * 640);
	ck_assert_uint_le(in->vector[SEKI_VECTOR_UDP].peak_bps, 12500 * 640);
	world_run(&w, NULL, 0, 2 * SECOND);
	ck_assert_int_ne(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_IDLE);
	ck_assert_uint_eq(in->second[in->n_seconds - 1].hosts, 0);
}
END_TEST

/* What has come before it was seen is told of, too. */
START_TEST(first_second)
{
	struct stream s[] = {{NTP, HOST, 1, 1200, .len = 0}, {SEKI_VECTOR_UDP, "198.18.20.0/24", 256, 500, .len = 0}};
	const struct seki_incident_second *first = NULL;

	world_run(&w, &s[1], 1, 40 * SECOND);
	world_run(&w, s, 2, 3 * SECOND); /* a second until it is over its limit of 1,000 */
	for (unsigned i = 0; i < world_incident(&w)->n_seconds; i++)
		first = world_incident(&w)->second[i].s == 0 ? &world_incident(&w)->second[i] : first;
	ck_assert_ptr_nonnull(first);
	ck_assert_uint_ge(world_incident(&w)->detected_ns - world_incident(&w)->began_ns, SECOND * RIG_TICK * 8 / 10);
	ck_assert_uint_ge(first->offered_packets, 1600);
	ck_assert_uint_le(first->offered_packets, 1800);
	ck_assert_uint_ge(first->attack_packets, 1100);
	ck_assert_uint_le(first->attack_packets, 1300);
}
END_TEST

/* Vectors that come together are one blow: nothing else is guarded. And where `flood` may not be raised, nothing is. */
START_TEST(no_rotation)
{
	struct stream s[] = {{NTP, HOST, 1, 15000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 0}};

	world_run(&w, s, 2, 5 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_MITIGATING);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->guarded, 0);
	world_run(&w, NULL, 0, QUIET + HOLD + SECOND);
	w.zone.can = WORLD_ALL & ~WORLD_FLOOD;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s[0], 1, 3 * SECOND);
	world_run(&w, s, 2, 3 * SECOND);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->guarded, 0);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_GUARD), 0);
}
END_TEST

/* SYNs far above the limit, and whether they are an attack. */
static const struct {
	const char *about;
	struct stream syn;
	enum track_state state;
} syns[] = {
	{"handshakes complete", {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .len = 0, .completes = true}, TRACK_ALERT},
	{"they do not", {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .len = 0}, TRACK_MITIGATING},
	{"they do, of one source", {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .few_sources = 1, .completes = true},
		TRACK_MITIGATING},
	{"they do, of two sources", {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .few_sources = 2, .completes = true},
		TRACK_MITIGATING},
	{"they do, of ten sources", {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .few_sources = 10, .completes = true},
		TRACK_ALERT},
};

/* How the sentence ends of what was seen of the last incident. */
static void
check_told(const char *end)
{
	const char *said = world_incident(&w)->decision[0].seen;

	ck_assert_str_eq(said + strlen(said) - strlen(end), end);
}

START_TEST(handshakes)
{
	bool attack = syns[_i].state == TRACK_MITIGATING;

	world_run(&w, &syns[_i].syn, 1, 5 * SECOND);
	ck_assert_msg(world_track(&w, SEKI_VECTOR_TCP_SYN)->state == syns[_i].state, "%s", syns[_i].about);
	ck_assert_msg((seki_detect_raised(w.d, WORLD_ZONE) != NULL) == attack, "%s", syns[_i].about);
	ck_assert_uint_eq(world_incidents(&w), attack);
	ck_assert(!seki_detect_is_quiet(w.d));
	world_run(&w, NULL, 0, QUIET + HOLD + 2 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_IDLE);
	ck_assert(seki_detect_is_quiet(w.d));
}
END_TEST

/* To a small limit few samples come; where all are of one source they tell it all the same. */
static const struct {
	unsigned sources;
	enum track_state state;
} few[] = {{1, TRACK_MITIGATING}, {3, TRACK_ALERT}};

START_TEST(few_samples)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, 300, .few_sources = few[_i].sources, .completes = true};

	w.limits.at[SEKI_LEVEL_HOST][SEKI_VECTOR_TCP_SYN] = (struct seki_rate){60, 0};
	seki_limits_between(&w.limits, SEKI_VECTOR_TCP_SYN);
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, 1); /* thirty */
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, few[_i].state);
}
END_TEST

/* One source of most is seen at once beside a crowd, of which there are samples from before. */
START_TEST(one_in_a_crowd)
{
	struct stream s[] = {{SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .len = 0, .completes = true},
		{SEKI_VECTOR_TCP_SYN, HOST, 1, 40000, .few_sources = 1, .completes = true}};

	world_run(&w, s, 1, 5 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	world_run(&w, s, 2, SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_MITIGATING);
	check_told("; one source asks for most of it");
}
END_TEST

/* A crowd that comes all at once, and whose handshakes take their time. */
static const struct {
	const char *about;
	struct stream crowd;
	unsigned usual;      /* SYNs a second before */
	bool mistaken, ends; /* it looks like an attack; but not for long */
} crowds[] = {
	{"near", {SEKI_VECTOR_TCP_SYN, HOST, 1, 20000, .completes = true}, 100, false, false},
	{"far", {SEKI_VECTOR_TCP_SYN, HOST, 1, 20000, .completes = true, .after = 1}, 100, true, true},
	{"very far", {SEKI_VECTOR_TCP_SYN, HOST, 1, 20000, .completes = true, .after = 3}, 100, true, true},
	{"very far, and much is usual", {SEKI_VECTOR_TCP_SYN, HOST, 1, 20000, .completes = true, .after = 3}, 1500,
		true, true},
	{"none of it", {SEKI_VECTOR_TCP_SYN, HOST, 1, 20000, .len = 0}, 100, true, false},
	{"none of it, and much is usual", {SEKI_VECTOR_TCP_SYN, HOST, 1, 4000, .len = 0}, 1500, true, false},
};

START_TEST(crowds_from_far)
{
	struct stream s[] = {crowds[_i].crowd, crowds[_i].crowd};

	s[1].pps = crowds[_i].usual;
	s[1].completes = true;
	s[1].after = 0;
	world_run(&w, &s[1], 1, 40 * SECOND);
	world_run(&w, s, 2, 3);
	ck_assert_msg(world_incidents(&w) == crowds[_i].mistaken, "%s", crowds[_i].about);
	world_run(&w, s, 2, 2 * SECOND);
	ck_assert_msg((seki_detect_raised(w.d, WORLD_ZONE) != NULL) == (crowds[_i].mistaken && !crowds[_i].ends), "%s",
		crowds[_i].about);
	if (crowds[_i].ends) {
		ck_assert_msg(w.passed == (s[0].pps + s[1].pps) / 10, "%s: %u pass", crowds[_i].about, w.passed);
		ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
		ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
		ck_assert_ptr_nonnull(
			strstr(world_incident(&w)->decision[world_incident(&w)->n_decisions - 1].why, "it is a crowd"));
	}
	world_run(&w, s, 2, 10 * SECOND);
	ck_assert_uint_eq(world_incidents(&w), crowds[_i].mistaken);
	ck_assert_msg(crowds[_i].ends || !crowds[_i].mistaken ||
			      world_track(&w, SEKI_VECTOR_TCP_SYN)->step == SEKI_STEP_STRICT,
		"%s", crowds[_i].about);
	world_run(&w, &s[1], 1, QUIET + HOLD + 2 * SECOND);
	ck_assert(seki_detect_is_quiet(w.d));
}
END_TEST

/* An attack ends beside a crowd that goes on: so does its incident. */
START_TEST(ends_beside_a_crowd)
{
	struct stream s[] = {
		{SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .completes = true}, {NTP, OTHER_HOST, 1, 3000, .len = 0}};

	world_run(&w, s, 1, 5 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	world_run(&w, s, 2, 5 * SECOND);
	ck_assert_uint_eq(world_incidents(&w), 1);
	world_run(&w, s, 1, QUIET + HOLD + 2 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
	ck_assert_ptr_null(seki_detect_raised(w.d, WORLD_ZONE));
}
END_TEST

/* Segments of connections that are not known, as when Seki is put in front of a busy zone, and how many are then. */
static const struct {
	const char *about;
	unsigned vector, picked_up_pct;
	bool attack;
} segments[] = {
	{"all are picked up", SEKI_VECTOR_TCP_ACK, 100, false},
	{"most are", SEKI_VECTOR_TCP_DATA, 60, false},
	{"a few are", SEKI_VECTOR_TCP_DATA, 40, true},
	{"none is", SEKI_VECTOR_TCP_ACK, 0, true},
	{"it is not TCP, whatever is picked up", SEKI_VECTOR_ICMP_ECHO, 100, true},
};

START_TEST(older_connections)
{
	const struct stream s = {
		segments[_i].vector, HOST, 1, 20000, .len = 0, .picked_up_pct = segments[_i].picked_up_pct};
	enum track_state state = segments[_i].attack ? TRACK_MITIGATING : TRACK_ALERT;

	world_run(&w, &s, 1, 2 * SECOND);
	ck_assert_msg(world_track(&w, s.vector)->state == state, "%s", segments[_i].about);
	ck_assert_uint_eq(world_incidents(&w), segments[_i].attack);
	if (segments[_i].attack && seki_ladder_of(s.vector) == SEKI_LADDER_STRAY)
		check_told("; little of it is of connections that the inside has");
}
END_TEST

/*
 * An attack grows until the budget is next to nothing of it: then that is enough, and who is familiar is spared again.
 * If it is not, after all, that is not tried a third time.
 */
static const struct {
	const char *about;
	unsigned immune_pct, lowered, raised;
	enum seki_step last;
} milder[] = {
	{"the budget holds it", 0, 1, 1, SEKI_STEP_BUDGET},
	{"some comes through", 10, 1, 2, SEKI_STEP_STRICT},
};

START_TEST(milder_steps)
{
	struct stream s = {NTP, HOST, 1, 1500, .len = 0, .immune_pct = milder[_i].immune_pct};

	world_run(&w, &s, 1, 2 * SECOND);
	ck_assert_int_eq(world_track(&w, NTP)->step, SEKI_STEP_STRICT);
	s.pps = 8000;
	world_run(&w, &s, 1, 2 * SECOND);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 0); /* it might be a peak */
	world_run(&w, &s, 1, 10 * SECOND);
	ck_assert_msg(world_track(&w, NTP)->step == milder[_i].last, "%s", milder[_i].about);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), milder[_i].lowered);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), milder[_i].raised);
}
END_TEST

/* Pauses of pulses are no evidence: a budget is tried when it would have been enough in three seconds of attack. */
START_TEST(milder_steps_in_pulses)
{
	struct stream s = {NTP, HOST, 1, 1500, .len = 0};

	world_run(&w, &s, 1, SECOND);
	s.pps = 8000;
	world_run(&w, &s, 1, 2 * SECOND);
	world_run(&w, NULL, 0, 8 * SECOND);
	world_run(&w, &s, 1, SECOND / 2);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 0);
	world_run(&w, &s, 1, SECOND);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 1);
}
END_TEST

/* What became known while nobody watched the zone says nothing of what comes when it is watched again. */
START_TEST(watched_again)
{
	struct stream s = {SEKI_VECTOR_TCP_ACK, HOST, 1, 20000, .len = 0};

	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, NULL), 0);
	w.picked_up[WORLD_ZONE] += 1000000;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	ck_assert_uint_le(world_until_raised(&w, &s, 1, 10), 2);
	ck_assert_uint_eq(world_incidents(&w), 1);
}
END_TEST

/* An attack from one source says nothing of who comes when it is over. */
START_TEST(customers_after_an_attack)
{
	struct stream one = {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .few_sources = 1, .completes = true}, many = one;

	many.few_sources = 0;
	world_run(&w, &one, 1, 20 * SECOND);
	world_run(&w, NULL, 0, QUIET + HOLD + 2 * SECOND);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
	world_run(&w, &many, 1, 5 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	ck_assert_uint_eq(world_incidents(&w), 1);
}
END_TEST

/* Handshakes that complete for a while, and then no more: alert, then an attack. */
START_TEST(from_alert)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .len = 0, .completes = true};

	world_run(&w, &s, 1, 3 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	s.completes = false;
	ck_assert_uint_le(world_until_raised(&w, &s, 1, SECOND), 6);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_MITIGATING);
}
END_TEST

/* A zone that observes decides at the same times what one that enforces does. */
START_TEST(observing)
{
	static struct world other;
	const struct stream s[] = {
		{NTP, HOST, 1, 3000, .immune_pct = 5}, {SEKI_VECTOR_UDP, OTHER_HOST, 1, 30000, .len = 0}};
	const struct seki_incident *a, *b;

	world_init(&other);
	other.zone.observes = true;
	ck_assert_int_eq(seki_detect_zone(other.d, WORLD_ZONE, &other.zone), 0);
	for (unsigned part = 0; part < 3; part++) {
		world_run(&w, s, part % 2 == 0 ? 2 : 1, 3 * SECOND);
		world_run(&other, s, part % 2 == 0 ? 2 : 1, 3 * SECOND);
	}
	world_run(&w, NULL, 0, QUIET + HOLD + SECOND);
	world_run(&other, NULL, 0, QUIET + HOLD + SECOND);
	a = world_incident(&w);
	b = seki_detect_incident(other.d, 0);
	ck_assert(!a->observes && b->observes);
	ck_assert_uint_ge(a->n_decisions, 4);
	ck_assert_uint_eq(a->n_decisions, b->n_decisions);
	for (unsigned i = 0; i < a->n_decisions; i++) {
		ck_assert_uint_eq(a->decision[i].at_ns, b->decision[i].at_ns);
		ck_assert_uint_eq(a->decision[i].vector, b->decision[i].vector);
		ck_assert_uint_eq(a->decision[i].action, b->decision[i].action);
		ck_assert_uint_eq(a->decision[i].step, b->decision[i].step);
		ck_assert_uint_eq(a->decision[i].passed_pps, b->decision[i].passed_pps);
		ck_assert_str_eq(a->decision[i].why, b->decision[i].why);
	}
	ck_assert_uint_eq(a->mitigated_ns, b->mitigated_ns);
	ck_assert_uint_eq(a->ended_ns, b->ended_ns);
	world_fini(&other);
}
END_TEST

/* A zone that goes leaves its incident behind; what was raised is to be taken back. */
START_TEST(zone_goes)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};

	world_run(&w, &s, 1, SECOND);
	ck_assert_ptr_nonnull(seki_detect_raised(w.d, WORLD_ZONE));
	w.n_changes = 0;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, NULL), 0);
	ck_assert_ptr_null(seki_detect_raised(w.d, WORLD_ZONE));
	world_tick(&w, &s, 1);
	ck_assert_uint_eq(w.n_changes, 1);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_INTERRUPTED);
	ck_assert(!world_incident(&w)->filed);
	ck_assert_uint_ne(world_incident(&w)->ended_ns, 0);
	ck_assert(seki_detect_is_quiet(w.d));
	world_run(&w, &s, 1, 5 * SECOND);
	ck_assert_uint_eq(w.n_changes, 1);
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, SECOND);
	ck_assert_uint_eq(world_incidents(&w), 2);
	ck_assert_int_eq(seki_detect_incident(w.d, 0)->state, SEKI_INCIDENT_INTERRUPTED);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_OPEN);
}
END_TEST

/* Fragments below their own limit, beside an attack of NTP on HOST. */
static const struct {
	const char *about;
	struct stream before, with;
	bool follows;
} seconds[] = {
	{"to its target", {SEKI_VECTOR_FRAGMENT, HOST, 1, 0, .len = 0}, {SEKI_VECTOR_FRAGMENT, HOST, 1, 200, .len = 0},
		true},
	{"next to nothing", {SEKI_VECTOR_FRAGMENT, HOST, 1, 0, .len = 0}, {SEKI_VECTOR_FRAGMENT, HOST, 1, 80, .len = 0},
		false},
	{"to others", {SEKI_VECTOR_FRAGMENT, HOST, 1, 0, .len = 0},
		{SEKI_VECTOR_FRAGMENT, OTHER_HOST, 1, 400, .len = 0}, false},
	{"as usual", {SEKI_VECTOR_FRAGMENT, HOST, 1, 200, .len = 0}, {SEKI_VECTOR_FRAGMENT, HOST, 1, 200, .len = 0},
		false},
	{"without an attack", {SEKI_VECTOR_FRAGMENT, HOST, 1, 0, .len = 0}, {NTP, HOST, 1, 200, .len = 0}, false},
};

START_TEST(second_vector)
{
	struct stream s[] = {seconds[_i].before, {NTP, HOST, 1, 3000, .len = 0}};

	world_run(&w, s, 1, 30 * SECOND);
	ck_assert_uint_eq(world_incidents(&w), 0);
	world_run(&w, s, 2, 2 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_FRAGMENT)->state, TRACK_IDLE);
	s[0] = seconds[_i].with;
	world_run(&w, s, 2, 2 * SECOND);
	ck_assert_msg((world_track(&w, SEKI_VECTOR_FRAGMENT)->state == TRACK_MITIGATING) == seconds[_i].follows, "%s",
		seconds[_i].about);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert(world_incident(&w)->vector[SEKI_VECTOR_FRAGMENT].seen == seconds[_i].follows);
	ck_assert(!seconds[_i].follows ||
		  (seki_detect_raised(w.d, WORLD_ZONE)->vectors >> SEKI_VECTOR_FRAGMENT & 1) != 0);
}
END_TEST

/* What a step leaks, and where the ladder of reflection is then. */
static const struct {
	const char *about;
	unsigned immune_pct, on, off; /* ticks */
	enum seki_step step;
} leaks[] = {
	{"nothing", 0, 50, 0, SEKI_STEP_BUDGET},
	{"a twentieth", 5, 50, 0, SEKI_STEP_STRICT},
	{"nothing, with pauses", 0, 3, 4, SEKI_STEP_BUDGET},
	{"nothing, in single ticks", 0, 1, 2, SEKI_STEP_BUDGET},
};

START_TEST(raised_further)
{
	struct stream s = {NTP, HOST, 1, 3000, .immune_pct = leaks[_i].immune_pct};
	unsigned raises = leaks[_i].step == SEKI_STEP_BUDGET ? 1 : 2;

	for (unsigned n = 0; n < 20; n++) {
		world_run(&w, &s, 1, leaks[_i].on);
		world_run(&w, NULL, 0, leaks[_i].off);
	}
	ck_assert_msg(world_track(&w, NTP)->step == leaks[_i].step, "%s: %s", leaks[_i].about,
		seki_step_name(world_track(&w, NTP)->step));
	ck_assert_msg(world_decided(&w, SEKI_DECISION_RAISE) == raises, "%s", leaks[_i].about);
	if (raises == 2) {
		ck_assert_uint_eq(world_incident(&w)->decision[1].tried, SEKI_STEP_BIT(SEKI_STEP_BUDGET));
		ck_assert_uint_eq(world_incident(&w)->decision[1].before, SEKI_STEP_BUDGET);
		ck_assert_ptr_nonnull(strstr(world_incident(&w)->decision[1].why, "still passes"));
	}
}
END_TEST

/* A flood of connections: its sources have proven their addresses, and are spared until that is what leaks. */
START_TEST(connections)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, 8000, .few_sources = 1, .proven = true, .completes = true};
	const struct seki_decision *last;

	world_run(&w, &s, 1, 2 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->step, SEKI_STEP_PROVEN);
	last = &world_incident(&w)->decision[world_incident(&w)->n_decisions - 1];
	ck_assert_uint_eq(last->before, SEKI_STEP_STRICT);
	ck_assert_uint_eq(last->tried, SEKI_STEP_BIT(SEKI_STEP_FLOOD) | SEKI_STEP_BIT(SEKI_STEP_STRICT));
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->proven, UINT64_C(1) << SEKI_VECTOR_TCP_SYN);
	ck_assert_uint_eq(
		seki_detect_raised(w.d, WORLD_ZONE)->ration_proven[SEKI_VECTOR_TCP_SYN], 181); /* 0.9 of 2,000 */
	world_run(&w, &s, 1, 5 * SECOND);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 0);
}
END_TEST

/* What is left of an attack that is over leaks, all of it; but it is little, and no reason for the next step. */
START_TEST(not_raised_for_the_rest)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};

	world_run(&w, &s, 1, 3 * SECOND);
	ck_assert_int_eq(world_track(&w, NTP)->step, SEKI_STEP_BUDGET);
	s.pps = 300;
	s.immune_pct = 100;
	world_run(&w, &s, 1, 5 * SECOND);
	ck_assert_int_eq(world_track(&w, NTP)->step, SEKI_STEP_BUDGET);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), 1);
}
END_TEST

/* The first step, by what is known of the attack. */
static const struct {
	const char *about;
	struct stream s;
	uint32_t can;
	uint64_t budget;
	enum seki_step step;
} firsts[] = {
	{"strong sources", {SEKI_VECTOR_UDP, HOST, 1, 30000, .strong_pct = 100}, WORLD_ALL, 0, SEKI_STEP_SOURCE},
	{"weak ones", {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 0}, WORLD_ALL, 0, SEKI_STEP_FLOOD},
	{"weak ones, and no flood", {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 0}, WORLD_SOURCE, 0, SEKI_STEP_SOURCE},
	{"a small budget", {NTP, HOST, 1, 3000, .len = 0}, WORLD_ALL, 2, SEKI_STEP_BUDGET},
	{"a budget that is no hindrance", {NTP, HOST, 1, 3000, .len = 0}, WORLD_ALL, 2000, SEKI_STEP_STRICT},
	{"nothing may be raised", {NTP, HOST, 1, 3000, .len = 0}, 0, 2, SEKI_STEP_NONE},
	{"strays", {SEKI_VECTOR_TCP_ACK, HOST, 1, 15000, .len = 0}, WORLD_ALL, 100, SEKI_STEP_BUDGET},
	{"strays, where state is not sure", {SEKI_VECTOR_TCP_ACK, HOST, 1, 15000, .len = 0}, WORLD_ALL & ~WORLD_BUDGET,
		100, SEKI_STEP_FLOOD},
};

START_TEST(first_step)
{
	w.zone.can = firsts[_i].can;
	w.zone.budget_pps[firsts[_i].s.vector] = firsts[_i].budget;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	for (unsigned tick = 0; tick < 5 && world_incidents(&w) == 0; tick++)
		world_tick(&w, &firsts[_i].s, 1);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_msg(world_track(&w, firsts[_i].s.vector)->step == firsts[_i].step, "%s: %s", firsts[_i].about,
		seki_step_name(world_track(&w, firsts[_i].s.vector)->step));
	ck_assert_msg((seki_detect_raised(w.d, WORLD_ZONE) == NULL) == (firsts[_i].step == SEKI_STEP_NONE), "%s",
		firsts[_i].about);
	ck_assert_int_eq(world_incident(&w)->decision[0].action,
		firsts[_i].step == SEKI_STEP_NONE ? SEKI_DECISION_NONE : SEKI_DECISION_RAISE);
}
END_TEST

/* A tool among many clients: strangers share a limit until signatures of it are found, and are spared then. */
START_TEST(signatures)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};
	const struct seki_raised *raised;
	unsigned enforced = 0;

	world_run(&w, s, 1, 30 * SECOND);
	ck_assert_uint_eq(world_incidents(&w), 0);
	world_run(&w, s, 2, 2);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_FLOOD);
	world_run(&w, s, 2, 3 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_SIGNATURE);
	ck_assert_uint_ge(world_decided(&w, SEKI_DECISION_SIGNATURE), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 1);
	raised = seki_detect_raised(w.d, WORLD_ZONE);
	ck_assert_uint_ge(raised->n_signatures, 1);
	ck_assert_uint_eq(raised->cm[SEKI_VECTOR_UDP], WORLD_SOURCE | WORLD_SIGNATURE);
	ck_assert_uint_ge(w.passed, 195); /* of 200 clean ones in a tick */
	ck_assert_uint_le(w.passed, 205);
	for (unsigned i = 0; i < world_incident(&w)->n_signatures; i++)
		enforced += world_incident(&w)->signature[i].enforced;
	ck_assert_uint_ge(enforced, 1);
	world_run(&w, s, 1, QUIET + HOLD + SECOND);
	ck_assert_ptr_null(seki_detect_raised(w.d, WORLD_ZONE));
	for (unsigned i = 0; i < world_incident(&w)->n_signatures; i++)
		ck_assert(world_incident(&w)->signature[i].expired && world_incident(&w)->signature[i].until_ns != 0);
}
END_TEST

/* A tool that changes what its packets look like: signatures of the old ones end, others are found; not without end. */
START_TEST(signatures_follow_changes)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};
	unsigned n;

	world_run(&w, s, 1, 30 * SECOND);
	for (n = 0; n < 4; n++) {
		s[1].len = 999 - n * 100;
		world_run(&w, s, 2, 5 * SECOND);
		ck_assert_msg(
			world_track(&w, SEKI_VECTOR_UDP)->step == (n < 3 ? SEKI_STEP_SIGNATURE : SEKI_STEP_STRICT),
			"change %u: %s", n, seki_step_name(world_track(&w, SEKI_VECTOR_UDP)->step));
		if (n < 3)
			ck_assert_uint_ge(w.passed, 195);
	}
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 3);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->n_signatures, 0);
	n = 0;
	for (unsigned i = 0; i < world_incident(&w)->n_signatures; i++)
		n += world_incident(&w)->signature[i].enforced && world_incident(&w)->signature[i].expired;
	ck_assert_uint_ge(n, 3);
}
END_TEST

/* A tool that looks different as soon as signatures of it were found: in the trial they do not hold what comes, and are
 * never used. After so many trials nobody tries again. */
START_TEST(signatures_on_trial)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};
	unsigned found = 0;

	world_run(&w, s, 1, 30 * SECOND);
	for (unsigned tick = 0; tick < 20 * SECOND; tick++) {
		world_tick(&w, s, 2);
		ck_assert_int_ne(world_track(&w, SEKI_VECTOR_UDP)->hunt, HUNT_READY);
		if (world_track(&w, SEKI_VECTOR_UDP)->hunt == HUNT_SHADOW) {
			s[1].len = 999 - ++found * 10;
			w.rig.now_ns += RIG_TICK / 2; /* what came with the old one in this tick is past */
		}
	}
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->hunt, HUNT_FAILED);
	ck_assert_uint_eq(found, 8);
	ck_assert_uint_eq(world_incident(&w)->n_signatures, found);
	for (unsigned i = 0; i < found; i++)
		ck_assert(!world_incident(&w)->signature[i].enforced && world_incident(&w)->signature[i].expired);
}
END_TEST

/* What comes in the pauses of an attack is no evidence that signatures do not hold it. */
START_TEST(signatures_outlast_pauses)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};

	world_run(&w, s, 1, 30 * SECOND);
	for (unsigned pulse = 0; pulse < 4; pulse++) {
		world_run(&w, s, 2, 2 * SECOND);
		ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_SIGNATURE);
		world_run(&w, s, 1, (pulse % 2 == 0 ? 1 : 8) * SECOND);
	}
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_SIGNATURE), 1);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_RAISE), 1);
}
END_TEST

/* Clean traffic of two hours ago says nothing of the clean traffic of now. */
START_TEST(clean_samples_age)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};

	world_run(&w, s, 1, 30 * SECOND);
	w.rig.now_ns += (_i == 0 ? 50 : 61) * 60 * SECOND * RIG_TICK;
	world_tick(&w, NULL, 0);
	world_run(&w, &s[1], 1, 3 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, _i == 0 ? SEKI_STEP_SIGNATURE : SEKI_STEP_STRICT);
}
END_TEST

/* After a late tick the next one may come in the same tenth of a second: it changes nothing, and no attack. */
START_TEST(two_in_one_tick)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, 3000, .completes = true};

	for (unsigned tick = 0; tick < 30 * SECOND; tick++) {
		world_tick(&w, &s, 1);
		ck_assert(!seki_detect_tick(w.d, w.rig.now_ns + RIG_TICK / 3, world_wall(&w) + RIG_TICK / 3));
	}
	ck_assert_uint_eq(world_incidents(&w), 0);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
}
END_TEST

/* What is told of a vector: by the last tick, over a second, and over ten. */
START_TEST(windows_are_told)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};
	struct seki_vector_posture p;

	world_run(&w, &s, 1, 20 * SECOND);
	s.pps = 13000;
	world_run(&w, &s, 1, SECOND);
	s.pps = 1000;
	world_run(&w, &s, 1, 1);
	ck_assert(seki_detect_posture(w.d, WORLD_ZONE, NTP, &p));
	ck_assert_uint_eq(p.offered_pps, 1000);
	ck_assert_uint_eq(p.second_pps, 900 * 13 + 100);
	ck_assert_uint_ge(p.ten_pps, 3700); /* 8.1 to 9 s of 3,000 */
	ck_assert_uint_le(p.ten_pps, 4200);
}
END_TEST

/* A limit in bits alone is held to as one in packets, of the size that they have. */
START_TEST(limit_of_bits)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999}};
	const struct seki_rate limit[] = {{10000, 0}, {0, 10000 * 640}, {50000, 10000 * 640}};
	static const char *const text[] = {"is 10.0 kpps (", "is 6400 kbps (", "is 6400 kbps ("};
	const struct track *t;
	unsigned share;

	w.limits.at[SEKI_LEVEL_HOST][SEKI_VECTOR_UDP] = limit[_i];
	w.limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP] = (struct seki_rate){0, 0};
	seki_limits_between(&w.limits, SEKI_VECTOR_UDP);
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, s, 1, 30 * SECOND);
	ck_assert_uint_eq(world_incidents(&w), 0);
	world_run(&w, s, 2, 2);
	t = world_track(&w, SEKI_VECTOR_UDP);
	ck_assert_int_eq(t->step, SEKI_STEP_FLOOD);
	ck_assert_uint_ge(t->limit_pps, 9990);
	ck_assert_uint_le(t->limit_pps, 10010);
	share = seki_detect_raised(w.d, WORLD_ZONE)->pass_q16[SEKI_VECTOR_UDP];
	ck_assert_uint_ge(share, UINT16_MAX * 26 / 100); /* 9 of 32 */
	ck_assert_uint_le(share, UINT16_MAX * 30 / 100);
	ck_assert_uint_eq(world_incident(&w)->decision[0].limit_pps, t->limit_pps);
	ck_assert_ptr_nonnull(strstr(world_incident(&w)->decision[0].seen, text[_i]));
	ck_assert_ptr_nonnull(strstr(world_incident(&w)->decision[0].seen, _i == 0 ? "pps of udp" : "bps of udp"));
	ck_assert_uint_eq(world_wall(&w) - world_incident(&w)->began_ns, 2 * RIG_TICK);
	world_run(&w, s, 2, 2 * SECOND);
	ck_assert_uint_gt(world_incident(&w)->mitigated_ns, 0);
	s[1].pps = 4000; /* with the others six tenths */
	world_run(&w, s, 2, SECOND + QUIET + HOLD + 2);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_IDLE);
	ck_assert_uint_eq(world_incidents(&w), 1);
}
END_TEST

/* A limit in bits is one of more packets when they are smaller: what is left of an attack of large ones is none. */
START_TEST(sizes_change)
{
	struct stream s = {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999};

	w.limits.at[SEKI_LEVEL_HOST][SEKI_VECTOR_UDP] = (struct seki_rate){0, 10000 * 640};
	w.limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP] = (struct seki_rate){0, 0};
	seki_limits_between(&w.limits, SEKI_VECTOR_UDP);
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, 3 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_MITIGATING);
	s.pps = 12000;
	s.small = true;
	world_run(&w, &s, 1, 2 * SECOND);
	ck_assert_uint_ge(world_track(&w, SEKI_VECTOR_UDP)->limit_pps, 70000);
	world_run(&w, &s, 1, QUIET + HOLD + 2);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_IDLE);
}
END_TEST

/* An attack that moves from host to host: that the new one gets all of it is no failure of the step; and after some
 * moves who may be next is a target already. */
START_TEST(moves_about)
{
	static const char *const hosts[] = {"198.18.16.9/32", "198.18.20.70/32", "198.18.17.200/32", "198.18.23.5/32"};
	struct stream s = {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 0};

	for (unsigned i = 0; i < 6; i++) {
		s.to = hosts[i % 4];
		world_run(&w, &s, 1, SECOND);
	}
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->state, TRACK_MITIGATING);
	ck_assert_int_lt(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_PROVEN);
	s.to = "198.18.22.129/32";
	w.passed = 0;
	world_run(&w, &s, 1, 1);
	ck_assert_uint_lt(w.passed, 150); /* of 3,000 */
	ck_assert_uint_eq(world_incidents(&w), 1);
}
END_TEST

/* While known connections take more than a zone's capacity, requests for others are held to what is left; not after. */
START_TEST(capacity)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, 300, .len = 0, .completes = true};
	struct pkt known = packet_to(&w.rig, place_of(WORLD_ZONE, HOST), SEKI_VECTOR_TCP_DATA);

	known.flow = PKT_FLOW_KNOWN;
	known.batch = 200;
	w.limits.capacity.pps = 10000;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, 2 * SECOND);
	for (unsigned i = 0; i < 5 * SECOND; i++) {
		known.arrival_ns = w.rig.now_ns;
		for (unsigned k = 0; k < 10; k++)
			comes(&w.rig, 0, &known);
		world_run(&w, &s, 1, 1);
	}
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_MITIGATING);
	ck_assert_uint_lt(world_track(&w, SEKI_VECTOR_TCP_SYN)->limit_pps, 300);
	check_told("; the zone is over its capacity");
	world_run(&w, &s, 1, QUIET + HOLD + 2 * SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_IDLE);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
	w.limits.capacity.pps = 0;
}
END_TEST

/* Without clean samples none is used, however alike the attack's packets are. */
START_TEST(no_signatures_without_clean_samples)
{
	struct stream s = {SEKI_VECTOR_UDP, HOST, 1, 30000, .len = 999};

	world_run(&w, &s, 1, 5 * SECOND);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_SIGNATURE), 0);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->n_signatures, 0);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_STRICT);
}
END_TEST

/* A reload with other limits keeps the incident; one that forbids what is raised takes it back at once. */
START_TEST(reload)
{
	struct stream s = {NTP, HOST, 1, 3000, .len = 0};
	struct seki_limits other;

	world_run(&w, &s, 1, SECOND);
	seki_limits_default(&other);
	other.from[NTP] = SEKI_LIMIT_CONFIGURED;
	w.zone.limits = &other;
	w.n_changes = 0;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, SECOND);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_OPEN);
	ck_assert_uint_eq(w.n_changes, 0);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->cm[NTP], WORLD_BUDGET);
	w.zone.can = WORLD_FLOOD;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_tick(&w, &s, 1);
	ck_assert_uint_eq(w.n_changes, 1);
	ck_assert(seki_detect_raised(w.d, WORLD_ZONE) == NULL);
	ck_assert_uint_eq(world_incidents(&w), 1);
	ck_assert_int_eq(world_track(&w, NTP)->step, SEKI_STEP_NONE);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_NONE), 1);
	w.zone.can = WORLD_ALL;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, &s, 1, 4);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->cm[NTP], WORLD_BUDGET);
	w.zone.limits = &w.limits;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
}
END_TEST

/* A reload takes away the step that holds the attack: the best that is left is taken, and the record says so. */
START_TEST(step_is_taken_away)
{
	struct stream s = {SEKI_VECTOR_UDP, HOST, 1, 50000, .len = 0, .strong_pct = 60};

	world_run(&w, &s, 1, SECOND);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_STRICT);
	w.zone.can = WORLD_SOURCE;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_tick(&w, &s, 1);
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_UDP)->step, SEKI_STEP_SOURCE);
	ck_assert_uint_eq(world_decided(&w, SEKI_DECISION_LOWER), 1);
	ck_assert_uint_eq(seki_detect_raised(w.d, WORLD_ZONE)->cm[SEKI_VECTOR_UDP], WORLD_SOURCE);
	world_tick(&w, &s, 1);
	ck_assert_uint_lt(w.passed, 2500);
}
END_TEST

/* Nothing may be raised: that the attack ends by itself is no success. */
START_TEST(never_held)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 500, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 50000, .len = 999}};

	w.zone.can = 0;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, s, 1, 10 * SECOND);
	world_run(&w, s, 2, 3 * SECOND);
	world_run(&w, s, 1, QUIET + HOLD + SECOND);
	ck_assert_int_eq(world_incident(&w)->state, SEKI_INCIDENT_ENDED);
	ck_assert_uint_eq(world_incident(&w)->mitigated_ns, 0);
	ck_assert_uint_eq(world_incident(&w)->unheld_ms, 0);
	ck_assert_double_gt(seki_incident_leak(world_incident(&w)).value, 0.95);
}
END_TEST

/* What was held and is not any more: for how long is told. */
START_TEST(held_no_longer)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 500, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 50000, .len = 999}};

	world_run(&w, s, 1, 10 * SECOND);
	world_run(&w, s, 2, SECOND);
	ck_assert_uint_gt(world_incident(&w)->mitigated_ns, 0);
	ck_assert_uint_eq(world_incident(&w)->unheld_ms, 0);
	w.zone.can = 0;
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, s, 2, 2 * SECOND);
	world_run(&w, s, 1, QUIET + HOLD + SECOND);
	ck_assert_uint_ge(world_incident(&w)->unheld_ms, 1900);
	ck_assert_uint_le(world_incident(&w)->unheld_ms, 2100);
}
END_TEST

/* An attack on one host stops, or pauses, and little goes on to come to its neighbours: they are no targets, whatever
 * windows still hold. The same of what is told of the attack's packets. */
START_TEST(neighbours_go_on)
{
	struct stream s[] = {{NTP, "198.18.16.64/32", 200, 200, .len = 76}, {NTP, HOST, 1, 20000, .len = 468}};
	const struct seki_incident *in;

	world_run(&w, s, 1, 10 * SECOND);
	for (unsigned pulse = 0; pulse < 2; pulse++) {
		world_run(&w, s, 2, 2 * SECOND);
		world_run(&w, s, 1, 5 * SECOND);
		in = world_incident(&w);
		ck_assert_uint_eq(in->n_targets, 1);
		ck_assert_uint_eq(in->target[0].prefix.len, 32);
		ck_assert_uint_eq(world_track(&w, NTP)->n_targets, 1);
		ck_assert_uint_eq(world_track(&w, NTP)->target[0].len, 32);
		for (unsigned i = 0; i < in->n_features; i++)
			ck_assert(in->feature[i].feature != SEKI_FEATURE_LEN ||
				  (in->feature[i].value == 468 && in->feature[i].share > 0.9));
	}
	ck_assert_uint_gt(in->n_features, 0);
}
END_TEST

/* Places with less than others: an attack that is over their limits, and not over those of others, takes on what joins.
 */
START_TEST(own_limits_go_on)
{
	struct seki_own_limit own[] = {
		{.address = 0xc6121000, .family = 4, .level = SEKI_LEVEL_BLOCK, .vector = NTP, .rate = {100, 0}},
		{.address = 0xc6121040, .family = 4, .level = SEKI_LEVEL_BLOCK, .vector = NTP, .rate = {100, 0}}};
	struct stream s[] = {{NTP, HOST, 1, 400, .len = 468}, {NTP, "198.18.16.70/32", 1, 400, .len = 468}};
	const struct seki_target other = {UINT64_C(0xc6121046) << 32, 4, 32};
	const struct track *t = world_track(&w, NTP);
	bool in = false;

	w.limits.own = own;
	w.limits.n_own = N(own);
	ck_assert_int_eq(seki_detect_zone(w.d, WORLD_ZONE, &w.zone), 0);
	world_run(&w, s, 1, 2 * SECOND);
	ck_assert_int_eq(t->state, TRACK_MITIGATING);
	ck_assert_uint_eq(world_incident(&w)->vector[NTP].peak_pps, 400);
	world_run(&w, s, 2, 2 * SECOND);
	for (unsigned i = 0; i < t->n_targets; i++)
		in |= seki_target_holds(t->target[i], other);
	ck_assert(in);
	ck_assert_uint_ge(world_incident(&w)->vector[NTP].peak_pps, 800);
	w.limits.n_own = 0;
}
END_TEST

/* Ticks that are left out, since nothing came, are like ticks with nothing. */
START_TEST(ticks_left_out)
{
	struct stream s = {NTP, HOST, 1, 300, .len = 0};

	world_run(&w, &s, 1, 20 * SECOND);
	ck_assert(seki_detect_is_quiet(w.d));
	w.rig.now_ns += 1000 * RIG_TICK;
	s.pps = 0;
	world_tick(&w, &s, 1); /* as replay does it: the last of those that are left out is not */
	s.pps = 3000;
	ck_assert_uint_eq(world_until_raised(&w, &s, 1, 10), 2);
	ck_assert_uint_eq(world_incident(&w)->began_ns, world_wall(&w) - 2 * RIG_TICK);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("track");

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, world_setup, world_teardown);
	tcase_add_loop_test(tests, seen, 0, N(rates));
	tcase_add_test(tests, barely_over);
	tcase_add_loop_test(tests, hysteresis, 0, N(falls));
	tcase_add_test(tests, ends);
	tcase_add_test(tests, pulses);
	tcase_add_loop_test(tests, pulses_far_apart, 0, N(long_pauses));
	tcase_add_loop_test(tests, pauses_let_some_pass, 0, N(shut));
	tcase_add_test(tests, rotation);
	tcase_add_test(tests, hosts_each_second);
	tcase_add_test(tests, first_second);
	tcase_add_test(tests, no_rotation);
	tcase_add_loop_test(tests, few_samples, 0, N(few));
	tcase_add_test(tests, one_in_a_crowd);
	tcase_add_loop_test(tests, handshakes, 0, N(syns));
	tcase_add_loop_test(tests, crowds_from_far, 0, N(crowds));
	tcase_add_test(tests, ends_beside_a_crowd);
	tcase_add_loop_test(tests, older_connections, 0, N(segments));
	tcase_add_loop_test(tests, milder_steps, 0, N(milder));
	tcase_add_test(tests, milder_steps_in_pulses);
	tcase_add_test(tests, watched_again);
	tcase_add_test(tests, customers_after_an_attack);
	tcase_add_test(tests, from_alert);
	tcase_add_test(tests, observing);
	tcase_add_test(tests, zone_goes);
	tcase_add_loop_test(tests, second_vector, 0, N(seconds));
	tcase_add_loop_test(tests, raised_further, 0, N(leaks));
	tcase_add_test(tests, not_raised_for_the_rest);
	tcase_add_test(tests, connections);
	tcase_add_loop_test(tests, first_step, 0, N(firsts));
	tcase_add_test(tests, signatures);
	tcase_add_test(tests, signatures_follow_changes);
	tcase_add_test(tests, signatures_on_trial);
	tcase_add_test(tests, signatures_outlast_pauses);
	tcase_add_loop_test(tests, clean_samples_age, 0, 2);
	tcase_add_test(tests, moves_about);
	tcase_add_test(tests, capacity);
	tcase_add_test(tests, no_signatures_without_clean_samples);
	tcase_add_test(tests, two_in_one_tick);
	tcase_add_test(tests, sizes_change);
	tcase_add_test(tests, windows_are_told);
	tcase_add_loop_test(tests, limit_of_bits, 0, 3);
	tcase_add_test(tests, reload);
	tcase_add_test(tests, step_is_taken_away);
	tcase_add_test(tests, never_held);
	tcase_add_test(tests, held_no_longer);
	tcase_add_test(tests, neighbours_go_on);
	tcase_add_test(tests, own_limits_go_on);
	tcase_add_test(tests, ticks_left_out);
	return suite_run("track", tests);
}
