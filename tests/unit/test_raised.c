/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What an incident raises, and what it leaves alone: countermeasures in auto mode through seki_decide_burst. The limits
 * are ten packets a second, so that of forty at once the last is over every one of them.
 */
#include "cm_packets.h"
#include "source_rig.h"

#define HOST "192.0.2.1"
#define BESIDE "192.0.2.16"
#define TARGET "192.0.2.0/28"
#define PORT 9999
#define COUNT 40

/* A countermeasure, and what it objects to. */
static const struct kind {
	unsigned cm;
	enum seki_reason reason;
	struct pkt pkt;
} kinds[] = {
	{CM_REFLECTION, SEKI_REASON_REFLECTION_BUDGET, {FIELDS_FROM(NTP, PORT), .sport = 123}},
	{CM_FRAGMENT, SEKI_REASON_FRAGMENT_BUDGET, {FIELDS_LATER(IPPROTO_UDP)}},
	{CM_TCP_STATE, SEKI_REASON_TCP_STRAY,
		{.proto = IPPROTO_TCP, .flags = PKT_F_PORTS | PKT_F_TCP, .dport = 80, .vector = SEKI_VECTOR_TCP_ACK}},
	{CM_SIGNATURE, SEKI_REASON_SIGNATURE, {FIELDS_UDP(PORT)}},
	{CM_SOURCE_LIMIT, SEKI_REASON_SOURCE_PPS, {FIELDS_UDP(PORT)}},
	{CM_FLOOD, SEKI_REASON_FLOOD, {FIELDS_UDP(PORT)}},
};

enum end {
	PASSES,   /* nobody has said anything */
	OBSERVED, /* counted apart, and passed */
	DROPPED,
	HELD, /* the same, but that the zone observes */
};

/* Where something is raised, and what then becomes of a packet that is over the limit. */
static const struct situation {
	const char *about;
	const char *prefix, *other_prefix; /* for the vector, and for another one */
	bool observes;
	enum end end;
} situations[] = {
	{"peace", NULL, NULL, false, OBSERVED},
	{"raised", TARGET, NULL, false, DROPPED},
	{"raised for the host alone", HOST "/32", NULL, false, DROPPED},
	{"raised for all that there is", "0.0.0.0/0", NULL, false, DROPPED},
	{"raised for another prefix", BESIDE "/28", NULL, false, OBSERVED},
	{"raised for another host", "192.0.2.0/32", NULL, false, OBSERVED},
	{"raised for another vector", NULL, TARGET, false, OBSERVED},
	{"raised elsewhere, and here for another vector", BESIDE "/28", TARGET, false, OBSERVED},
	{"raised here, and elsewhere for another vector", TARGET, BESIDE "/28", false, DROPPED},
	{"raised, of the other family", "2001:db8::/64", NULL, false, OBSERVED},
	{"peace, where the zone observes", NULL, NULL, true, OBSERVED},
	{"raised, where the zone observes", TARGET, NULL, true, HELD},
	{"raised for another prefix, where the zone observes", BESIDE "/28", NULL, true, OBSERVED},
};

static struct bench *b;
static struct sources *sources;
static struct seki_raised raised;

/* `rate`: of every limit that is one of packets; 0: none. */
static void
open_bench(uint64_t rate)
{
	struct config config = {.set = {{"pps", rate}, {"burst", 100 * MS}}, .allow_lists = 1};

	b = bench_create(&config);
	lease(b);
	sources = sources_create(1000, (struct seki_source_limits){0});
	b->pipe.sources = &sources->s;
	memset(&raised, 0, sizeof(raised));
}

static void
close_bench(void)
{
	sources_destroy(sources);
	bench_destroy(b);
}

/* As the policy's: every one of these in auto mode. */
static void
set_auto(uint32_t cms, bool observes)
{
	struct seki_posture *posture = &b->snap.posture[ZONE];

	*posture = (struct seki_posture){.automatic = cms, .observes = observes};
	for (unsigned cm = 0; cm < CM_N; cm++)
		posture->active |= cms & (uint32_t)!cm_ops[cm]->in_attacks << cm;
}

/* Raises for a vector and a prefix, as detection and seki_snapshot_raise do. */
static void
raise_for(unsigned vector, const char *text, uint32_t cms)
{
	struct seki_prefix prefix = prefix_of(text);
	struct seki_scope *scope = &raised.scope[raised.n_scopes++];
	uint64_t net;

	memcpy(&net, prefix.addr, sizeof(net));
	net = be64toh(net);
	scope->vectors = UINT64_C(1) << vector;
	scope->target = (struct seki_target){prefix.family == 4 ? net >> 32 << 32 : net, prefix.family, prefix.len};
	raised.vectors |= scope->vectors;
	raised.cm[vector] |= cms;
	raised.any |= cms;
	raised.signature[0] =
		(struct seki_signature){SEKI_VECTOR_UDP, 1, {seki_test_range(SEKI_FEATURE_DPORT, PORT, PORT)}};
	raised.n_signatures = 1;
	b->snap.raised[ZONE] = &raised;
	b->snap.posture[ZONE].active |= raised.any;
}

static struct pkt
packet_of(struct pkt fields, const char *src, const char *dst)
{
	static const uint8_t header[64];
	struct pkt p = inbound(fields, src, dst);

	p.data = header;
	p.batch = 1;
	p.batch_bytes = p.len;
	return p;
}

/* What became of a packet. */
static struct pkt
judge(struct pkt p)
{
	seki_source_look_burst(&sources->s, &p, 1);
	bench_decide(b, &p, 1);
	return p;
}

static void
check_end(const struct pkt *p, enum end end, enum seki_reason reason, const char *about)
{
	enum seki_reason ends = end == DROPPED ? reason : SEKI_REASON_CLEAN;
	enum seki_reason observed = end == OBSERVED || end == HELD ? reason : SEKI_REASON_NONE;

	ck_assert_msg(p->reason == ends && p->verdict == seki_reason_verdict(ends), "%s, %s: ends with %s",
		seki_reason_name(reason), about, seki_reason_name(p->reason));
	ck_assert_msg(p->observed == observed, "%s, %s: observed as %s", seki_reason_name(reason), about,
		seki_reason_name(p->observed));
	ck_assert_msg(((p->flags & PKT_F_HELD) != 0) == (end == HELD), "%s, %s: held back, or not",
		seki_reason_name(reason), about);
}

START_TEST(raised_where_and_for_what_the_attack_is)
{
	const struct kind *kind = &kinds[_i % (int)N(kinds)];
	const struct situation *s = &situations[_i / (int)N(kinds)];
	bool in_attacks = cm_ops[kind->cm]->in_attacks;
	struct pkt p = packet_of(kind->pkt, "198.51.100.7", HOST), last = p;

	open_bench(10);
	set_auto(1u << kind->cm, s->observes);
	if (s->prefix != NULL)
		raise_for(kind->pkt.vector, s->prefix, 1u << kind->cm);
	if (s->other_prefix != NULL)
		raise_for(SEKI_VECTOR_GRE, s->other_prefix, 1u << kind->cm);
	for (unsigned i = 0; i < COUNT; i++) {
		last = judge(p);
		if (i == 0 && !in_attacks)
			check_end(&last, PASSES, kind->reason, "the first");
	}
	/* What has nothing to say in peace observes nothing. */
	check_end(&last, in_attacks && s->end == OBSERVED ? PASSES : s->end, kind->reason, s->about);
	close_bench();
}
END_TEST

/* Another countermeasure is raised for the same packets: this one goes on observing, and the other is still asked. */
START_TEST(what_is_raised_is_asked_after_what_observes)
{
	struct pkt p = packet_of(kinds[0].pkt, "198.51.100.7", HOST);

	open_bench(10);
	set_auto(1u << CM_REFLECTION | 1u << CM_FLOOD, _i != 0);
	raise_for(SEKI_VECTOR_NTP, TARGET, 1u << CM_FLOOD);
	raised.strict[SEKI_VECTOR_NTP] = 1u << CM_FLOOD;
	for (unsigned i = 0; i < COUNT; i++) {
		struct pkt got = judge(p);
		bool over = i >= 2;

		ck_assert_int_eq(got.reason, _i == 0 ? SEKI_REASON_FLOOD : SEKI_REASON_CLEAN);
		ck_assert_int_eq(got.observed, _i != 0 ? SEKI_REASON_FLOOD
					       : over  ? SEKI_REASON_REFLECTION_BUDGET
						       : SEKI_REASON_NONE);
		ck_assert_int_eq((got.flags & PKT_F_HELD) != 0, _i != 0);
	}
	close_bench();
}
END_TEST

/* Without limits, so that nothing but strictness drops. */
START_TEST(strict_drops_the_first)
{
	static const struct kind *const strict[] = {&kinds[0], &kinds[1], &kinds[5]};
	const struct kind *kind = strict[_i];
	struct pkt here = packet_of(kind->pkt, "198.51.100.7", HOST),
		   beside = packet_of(kind->pkt, "198.51.100.7", BESIDE);
	struct pkt got;

	open_bench(0);
	set_auto(1u << kind->cm, false);
	raise_for(kind->pkt.vector, TARGET, 1u << kind->cm);
	raised.pass_q16[kind->pkt.vector] = UINT16_MAX; /* `flood` lets all of them pass */
	raised.ration[kind->pkt.vector] = SEKI_RATION_ALL;
	got = judge(here);
	check_end(&got, PASSES, kind->reason, "raised");
	raised.strict[kind->pkt.vector] = 1u << kind->cm;
	raised.ration[kind->pkt.vector] = 0;
	got = judge(here);
	check_end(&got, DROPPED, kind->reason, "strict");
	got = judge(beside);
	check_end(&got, PASSES, kind->reason, "beside what is strict");
	set_auto(1u << kind->cm, true);
	b->snap.posture[ZONE].active |= raised.any;
	got = judge(here);
	check_end(&got, HELD, kind->reason, "strict, where the zone observes");
	close_bench();
}
END_TEST

/* Of strangers `flood` lets the share pass that it is told, evenly, of each vector for itself. */
START_TEST(flood_thins_out)
{
	static const uint16_t shares[] = {0, 1, 6553, 32768, 60000, UINT16_MAX};
	struct pkt udp = packet_of(kinds[5].pkt, "198.51.100.7", HOST),
		   ntp = packet_of(kinds[0].pkt, "198.51.100.7", HOST);
	unsigned passed[2] = {0, 0};

	open_bench(0);
	set_auto(1u << CM_FLOOD, false);
	raise_for(udp.vector, TARGET, 1u << CM_FLOOD);
	raise_for(ntp.vector, TARGET, 1u << CM_FLOOD);
	raised.ration[udp.vector] = raised.ration[ntp.vector] = SEKI_RATION_ALL;
	raised.pass_q16[udp.vector] = shares[_i];
	raised.pass_q16[ntp.vector] = 32768;
	for (unsigned i = 0; i < 10000; i++) {
		passed[0] += judge(udp).verdict == SEKI_VERDICT_PASS;
		passed[1] += judge(ntp).verdict == SEKI_VERDICT_PASS;
	}
	ck_assert_uint_le(passed[0], 10000u * shares[_i] / UINT16_MAX + 1);
	ck_assert_uint_ge(passed[0] + 1, 10000u * shares[_i] / UINT16_MAX);
	ck_assert_uint_eq(passed[1], 5000);
	close_bench();
}
END_TEST

/* A ration is for all of a tick, and there is another one in the next; `flood` has one for what a share lets pass, too.
 */
START_TEST(rations)
{
	static const struct kind *const strict[] = {&kinds[0], &kinds[1], &kinds[5], &kinds[5]};
	const struct kind *kind = strict[_i];
	struct pkt p = packet_of(kind->pkt, "198.51.100.7", HOST);
	bool thins = _i == 3;
	unsigned passed;

	open_bench(0);
	set_auto(1u << kind->cm, false);
	raise_for(p.vector, TARGET, 1u << kind->cm);
	raised.strict[p.vector] = thins ? 0 : 1u << kind->cm;
	raised.ration[p.vector] = 5;
	raised.pass_q16[p.vector] = thins ? UINT16_MAX / 2 : 0;
	for (unsigned tick = 0; tick < 20; tick++) {
		p.arrival_ns += 100 * MS;
		passed = 0;
		for (unsigned i = 0; i < (thins ? tick : 20); i++)
			passed += judge(p).verdict == SEKI_VERDICT_PASS;
		ck_assert_uint_le(passed, 5);
		ck_assert_uint_ge(passed, !thins ? 5 : tick / 2 < 5 ? tick / 2 : 5);
	}
	close_bench();
}
END_TEST

/* Where the familiar attack, all of them have a ration; in the next tick again. */
START_TEST(familiar_who_attack)
{
	struct pkt p = packet_of(kinds[0].pkt, "198.51.100.7", HOST), got;

	open_bench(0);
	set_auto(1u << CM_REFLECTION, false);
	seki_source_make_familiar(&sources->s, &p);
	p.arrival_ns += 20 * SECOND;
	seki_source_make_familiar(&sources->s, &p);
	raise_for(SEKI_VECTOR_NTP, TARGET, 1u << CM_REFLECTION);
	raised.strict[SEKI_VECTOR_NTP] = 1u << CM_REFLECTION;
	raised.proven = UINT64_C(1) << SEKI_VECTOR_NTP;
	raised.ration_proven[SEKI_VECTOR_NTP] = 3;
	for (unsigned i = 0; i < 12; i++) {
		got = judge(p);
		check_end(&got, i % 6 < 3 ? PASSES : DROPPED, SEKI_REASON_REFLECTION_BUDGET, "who is familiar");
		p.arrival_ns += i == 5 ? 100 * MS : 0;
	}
	raised.proven = 0;
	close_bench();
}
END_TEST

/* Who sent such in quiet times has what a familiar source may send, from the port that he sent it from. */
START_TEST(strict_spares_the_familiar)
{
	struct pkt p = packet_of(kinds[0].pkt, "198.51.100.7", HOST),
		   other = packet_of(kinds[0].pkt, "198.51.100.8", HOST);
	struct pkt got, later = p;

	open_bench(0);
	set_auto(1u << CM_REFLECTION, false);
	seki_source_make_familiar(&sources->s, &p);
	later.arrival_ns = other.arrival_ns = p.arrival_ns + 20 * SECOND;
	seki_source_make_familiar(&sources->s, &later);
	raise_for(SEKI_VECTOR_NTP, TARGET, 1u << CM_REFLECTION);
	raised.strict[SEKI_VECTOR_NTP] = 1u << CM_REFLECTION;
	got = judge(other);
	check_end(&got, DROPPED, SEKI_REASON_REFLECTION_BUDGET, "a stranger");
	for (unsigned i = 0; i < 200; i++) { /* familiar_pps */
		got = judge(later);
		check_end(&got, PASSES, SEKI_REASON_REFLECTION_BUDGET, "who is familiar");
	}
	got = judge(later);
	check_end(&got, DROPPED, SEKI_REASON_REFLECTION_BUDGET, "who is familiar, and sends too much");
	later.sport = 124;
	got = judge(later);
	check_end(&got, DROPPED, SEKI_REASON_REFLECTION_BUDGET, "from another port");
	close_bench();
}
END_TEST

/* Who has proven his address, and whatever belongs to a known flow. */
START_TEST(strict_spares_the_verified)
{
	struct pkt p = packet_of(kinds[5].pkt, "198.51.100.7", HOST),
		   other = packet_of(kinds[5].pkt, "198.51.100.8", HOST);
	struct pkt got;

	open_bench(0);
	set_auto(1u << CM_FLOOD, false);
	seki_source_verified(&sources->s, &p);
	raise_for(SEKI_VECTOR_UDP, TARGET, 1u << CM_FLOOD);
	raised.strict[SEKI_VECTOR_UDP] = 1u << CM_FLOOD;
	got = judge(p);
	check_end(&got, PASSES, SEKI_REASON_FLOOD, "who is verified");
	got = judge(other);
	check_end(&got, DROPPED, SEKI_REASON_FLOOD, "a stranger");
	other.flow = PKT_FLOW_KNOWN;
	got = judge(other);
	check_end(&got, PASSES, SEKI_REASON_FLOOD, "of a known flow");
	close_bench();
}
END_TEST

/* Where proven sources attack, each has a little of the vector, and all of them what is theirs of a tick. */
START_TEST(proven_have_a_little)
{
	struct pkt p = packet_of(kinds[5].pkt, "198.51.100.7", HOST), q = packet_of(kinds[5].pkt, "198.51.100.8", HOST),
		   other = packet_of(kinds[5].pkt, "198.51.100.9", HOST);
	unsigned passed[3] = {0};
	bool listed = _i == 1, rationed = _i == 2;

	open_bench(0);
	((struct cm_zone *)(uintptr_t)&b->snap.policy->cm[ZONE])->shared_lists = listed ? 1 : 0;
	set_auto(1u << CM_FLOOD, false);
	seki_source_verified(&sources->s, &p);
	seki_source_verified(&sources->s, &q);
	raise_for(SEKI_VECTOR_UDP, TARGET, 1u << CM_FLOOD);
	raised.strict[SEKI_VECTOR_UDP] = 1u << CM_FLOOD;
	raised.proven = raised.vectors;
	raised.ration_proven[SEKI_VECTOR_UDP] = rationed ? 1 : SEKI_RATION_ALL;
	p.src_set = listed ? 1 : 0;
	for (unsigned tick = 0; tick < 20; tick++) {
		p.arrival_ns += 100 * MS;
		q.arrival_ns = other.arrival_ns = p.arrival_ns;
		for (unsigned i = 0; i < 50; i++) {
			passed[0] += judge(p).verdict == SEKI_VERDICT_PASS;
			passed[1] += judge(q).verdict == SEKI_VERDICT_PASS;
			passed[2] += judge(other).verdict == SEKI_VERDICT_PASS;
		}
	}
	/* Ten a second, and a second's worth at once. */
	ck_assert_uint_ge(passed[0], rationed ? 20 : listed ? 16 * 28 : 28);
	ck_assert_uint_le(passed[0], rationed ? 20 : listed ? 16 * 30 : 30);
	ck_assert_uint_ge(passed[1], rationed ? 0 : 28);
	ck_assert_uint_le(passed[1], rationed ? 0 : 30);
	ck_assert_uint_eq(passed[2], 0);
	close_bench();
}
END_TEST

/* Whatever is raised, and however strictly. */
START_TEST(allowed_is_allowed)
{
	const struct kind *kind = &kinds[_i];
	struct pkt p = packet_of(kind->pkt, "198.51.100.7", HOST);

	open_bench(10);
	set_auto(1u << kind->cm | 1u << CM_ALLOW, false);
	b->snap.posture[ZONE].enforce = 1u << CM_ALLOW;
	raise_for(kind->pkt.vector, TARGET, 1u << kind->cm);
	raised.strict[kind->pkt.vector] = 1u << kind->cm;
	for (unsigned i = 0; i < COUNT; i++) {
		struct pkt listed = p;

		judge(p);
		listed.src_set = 1;
		ck_assert_int_eq(judge(listed).reason, SEKI_REASON_ALLOWED);
	}
	ck_assert_int_eq(judge(p).reason, kind->reason);
	close_bench();
}
END_TEST

/* A burst of NTP that is strictly forbidden to the target, to which so many of four packets go. */
static void
open_burst(struct pkt pkt[PKT_BURST], unsigned of_four)
{
	open_bench(0);
	set_auto(1u << CM_REFLECTION, false);
	raise_for(SEKI_VECTOR_NTP, TARGET, 1u << CM_REFLECTION);
	raised.strict[SEKI_VECTOR_NTP] = 1u << CM_REFLECTION;
	for (unsigned i = 0; i < PKT_BURST; i++) {
		pkt[i] = packet_of(kinds[0].pkt, "198.51.100.7", i % 4 < of_four ? HOST : BESIDE);
		bench_open(b, &pkt[i]);
	}
}

/* Packets of one burst, attacked and not: each has its own end. _i of four go to the target. */
START_TEST(each_packet_of_a_burst_for_itself)
{
	struct pkt pkt[PKT_BURST];
	struct pkt_sum sum;

	open_burst(pkt, (unsigned)_i);
	sum = sum_of(pkt, PKT_BURST);
	ck_assert_uint_eq(seki_decide_burst(&b->pipe, &b->snap, pkt, PKT_BURST, &sum), (unsigned)_i * PKT_BURST / 4);
	for (int i = 0; i < PKT_BURST; i++)
		check_end(&pkt[i], i % 4 < _i ? DROPPED : PASSES, SEKI_REASON_REFLECTION_BUDGET, "in a burst");
	close_bench();
}
END_TEST

/* What is stopped to the last packet, and all of a kind, is counted at once; what has made a connection never is. */
static const struct {
	const char *about;
	unsigned hosts; /* of four packets, those that are stopped */
	uint32_t which;
	unsigned ends;
	bool same_flow, alike;
} stopped[] = {
	{"all", 4, UINT32_MAX, 0, true, true},
	{"three of four", 3, UINT32_MAX, 0, true, false},
	{"some are not counted", 4, UINT32_MAX >> 1, 0, true, false},
	{"some have made a connection", 4, UINT32_MAX, SEKI_ENDS_MADE, true, false},
	{"some are of known flows", 4, UINT32_MAX, 0, false, false},
};

START_TEST(stopped_alike)
{
	struct pkt pkt[PKT_BURST];
	struct pkt_sum sum;

	open_burst(pkt, stopped[_i].hosts);
	sum = sum_of(pkt, PKT_BURST);
	b->pipe.to.which = stopped[_i].which;
	b->pipe.ends = stopped[_i].ends;
	b->pipe.same_flow = stopped[_i].same_flow;
	seki_decide_burst(&b->pipe, &b->snap, pkt, PKT_BURST, &sum);
	ck_assert_msg(b->pipe.to.alike_bytes == (stopped[_i].alike ? sum.bytes : 0), "%s", stopped[_i].about);
	close_bench();
}
END_TEST

/* An incident of one zone is none of another's. */
START_TEST(other_zones_have_peace)
{
	struct pkt p = packet_of(kinds[0].pkt, "198.51.100.7", HOST), got;

	open_bench(0);
	set_auto(1u << CM_REFLECTION, false);
	b->snap.posture[OTHER_ZONE] = b->snap.posture[ZONE];
	raise_for(SEKI_VECTOR_NTP, TARGET, 1u << CM_REFLECTION);
	raised.strict[SEKI_VECTOR_NTP] = 1u << CM_REFLECTION;
	p.zone = OTHER_ZONE;
	got = judge(p);
	check_end(&got, PASSES, SEKI_REASON_REFLECTION_BUDGET, "in another zone");
	close_bench();
}
END_TEST

static const struct {
	const char *prefix, *dst;
	bool holds;
} holds[] = {
	{"192.0.2.0/24", "192.0.2.0", true},
	{"192.0.2.0/24", "192.0.2.255", true},
	{"192.0.2.0/24", "192.0.3.0", false},
	{"192.0.2.0/24", "192.0.1.255", false},
	{"192.0.2.128/25", "192.0.2.127", false},
	{"192.0.2.7/32", "192.0.2.7", true},
	{"192.0.2.7/32", "192.0.2.6", false},
	{"0.0.0.0/0", "255.255.255.255", true},
	{"2001:db8:1:2::/64", "2001:db8:1:2:ffff:ffff:ffff:ffff", true},
	{"2001:db8:1:2::/64", "2001:db8:1:3::", false},
	{"2001:db8::/48", "2001:db8:0:ffff::1", true},
	{"2001:db8::/48", "2001:db8:1::", false},
	{"::/0", "192.0.2.1", false},
	{"0.0.0.0/0", "::1", false},
};

START_TEST(a_prefix_holds_its_addresses)
{
	struct pkt p = packet_of((struct pkt){FIELDS_UDP(PORT)},
		strchr(holds[_i].dst, ':') != NULL ? "2001:db8:f::7" : "198.51.100.7", holds[_i].dst);

	open_bench(0);
	raise_for(SEKI_VECTOR_UDP, holds[_i].prefix, 1u << CM_FLOOD);
	ck_assert_msg(seki_raised_holds(&raised, &p) == holds[_i].holds, "%s in %s", holds[_i].dst, holds[_i].prefix);
	p.vector = SEKI_VECTOR_NTP;
	ck_assert(!seki_raised_holds(&raised, &p));
	close_bench();
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("raised");

	tcase_add_loop_test(tests, raised_where_and_for_what_the_attack_is, 0, N(situations) * N(kinds));
	tcase_add_loop_test(tests, what_is_raised_is_asked_after_what_observes, 0, 2);
	tcase_add_loop_test(tests, strict_drops_the_first, 0, 3);
	tcase_add_loop_test(tests, flood_thins_out, 0, 6);
	tcase_add_loop_test(tests, rations, 0, 4);
	tcase_add_test(tests, strict_spares_the_familiar);
	tcase_add_test(tests, familiar_who_attack);
	tcase_add_test(tests, strict_spares_the_verified);
	tcase_add_loop_test(tests, proven_have_a_little, 0, 3);
	tcase_add_loop_test(tests, allowed_is_allowed, 0, N(kinds));
	tcase_add_loop_test(tests, each_packet_of_a_burst_for_itself, 0, 5);
	tcase_add_loop_test(tests, stopped_alike, 0, N(stopped));
	tcase_add_test(tests, other_zones_have_peace);
	tcase_add_loop_test(tests, a_prefix_holds_its_addresses, 0, N(holds));
	return suite_run("raised", tests);
}
