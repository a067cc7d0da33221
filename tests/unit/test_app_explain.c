/* SPDX-License-Identifier: BSD-3-Clause */
/* Explanations: of each reason, of packets that were dropped, and of what would become of others, on a real policy. */
#include "../support/eal.h" /* not app/box/eal.h */
#include "explain.h"
#include "incident.h"
#include "policy_rig.h"
#include "posture.h"

#include <endian.h>
#include <netinet/in.h>

static struct seki_spec spec;
static struct seki_policy *policy;
static struct seki_snapshot *snap;
static struct explain_world world;
static struct explanation said;

#define WEB 1

static void
setup(void)
{
	struct cm_service *service = calloc(2, sizeof(*service));

	spec_init(&spec);
	add_list(&spec, "203.0.113.0/24\n");
	add_list(&spec, "192.0.2.0/24\n192.0.2.7\n");
	add_zone(&spec, "web 198.51.100.0/24 2001:db8:a::/48");
	spec.zone[0].allow_lists = 1;
	spec.zone[0].deny_lists = 2;
	service[0] = (struct cm_service){.proto = IPPROTO_TCP, .port_first = 443, .port_last = 443};
	service[1] = (struct cm_service){.proto = IPPROTO_UDP, .port_first = 443, .port_last = 443};
	spec.zone[0].service = service;
	spec.zone[0].n_services = 2;
	seki_limits_default(&spec.zone[0].limits);
	add_zone(&spec, "lab 198.18.0.0/16");
	spec.zone[1].mode = CM_MODE_OBSERVE;
	spec.zone[1].deny_lists = 2;
	seki_limits_default(&spec.zone[1].limits);
	/* The same prefix in another address space, tagged. */
	spec.n_domains = 2;
	spec.domain[1] = (struct seki_spec_domain){.name = "blue", .outside_port = 0, .vlan = {7}, .n_vlans = 1};
	add_zone(&spec, "twin 198.51.100.64/26");
	spec.zone[2].domain = 1;
	spec.zone[2].deny_lists = 1;
	seki_limits_default(&spec.zone[2].limits);
	policy = create_good(&spec, NULL);
	snap = seki_snapshot_create(policy, 1);
	seki_policy_put(policy);
	world = (struct explain_world){.snap = snap, .spec = &spec, .now_ns = UINT64_C(5000000000)};
}

static void
teardown(void)
{
	seki_snapshot_destroy(snap);
	spec_done(&spec);
}

static bool
is_said(const char *text)
{
	for (unsigned i = 0; i < said.n; i++)
		if (strstr(said.sentence[i], text) != NULL)
			return true;
	return false;
}

static void
check_is_said(const char *text)
{
	if (is_said(text))
		return;
	for (unsigned i = 0; i < said.n; i++)
		fprintf(stderr, "%s\n", said.sentence[i]);
	ck_abort_msg("nothing says \"%s\"", text);
}

static void
ask(uint8_t proto, const char *src, uint16_t sport, const char *dst, uint16_t dport)
{
	struct explain_flow flow = {proto, sport, dport, prefix_of(src), prefix_of(dst), ""};

	ck_assert_int_eq(explain_flow(&world, &flow, &said), 0);
	ck_assert_uint_gt(said.n, 0);
}

static const struct flow_row {
	uint8_t proto;
	const char *src, *dst;
	uint16_t dport;
	uint8_t verdict, reason, observed;
	const char *says[4];
} flow_rows[] = {
	{IPPROTO_TCP, "8.8.8.8", "198.51.100.7", 443, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, 0,
		{"zone \"web\" of domain \"default\", whose mode is \"enforce\"", "on no list", "The zone serves this",
			"From a stranger it would pass, \"clean\""}},
	{IPPROTO_TCP, "203.0.113.9", "198.51.100.7", 25, SEKI_VERDICT_PASS, SEKI_REASON_ALLOWED, 0,
		{"\"list0\", which the zone allows", "From a stranger it would pass, \"allowed\""}},
	{IPPROTO_TCP, "192.0.2.7", "198.51.100.7", 443, SEKI_VERDICT_DROP, SEKI_REASON_DENIED, 0,
		{"\"list1\", which the zone denies", "dropped by deny, \"denied\"", "zones.deny, and the lists",
			"countermeasures.deny.mode is \"enforce\""}},
	{IPPROTO_UDP, "8.8.8.8", "198.51.100.7", 5000, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, 0,
		{"does not serve this",
			"When the budget or the share that it draws on is spent, it would be dropped by service",
			"countermeasures.service.pps is 1 kpps",
			"vector udp: UDP that comes from no known reflector port."}},
	{IPPROTO_ICMPV6, "2600::1", "2001:db8:a::9", 0, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, 0, {"vector icmp_echo"}},
	{IPPROTO_ICMP, "8.8.8.8", "198.51.100.7", 0, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, 0, {"vector icmp_echo"}},
	{IPPROTO_GRE, "8.8.8.8", "198.51.100.7", 0, SEKI_VERDICT_PASS, SEKI_REASON_UNSCRUBBED, 0, {"vector gre"}},
	{IPPROTO_UDP, "198.51.100.7", "198.51.100.7", 443, SEKI_VERDICT_DROP, SEKI_REASON_LAND, 0,
		{"can only be forged", "countermeasures.malformed.land is true"}},
	{IPPROTO_UDP, "10.1.1.1", "198.51.100.7", 443, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, 0,
		{"Addresses like the source are private"}},
	{IPPROTO_UDP, "127.0.0.1", "198.51.100.7", 443, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, SEKI_REASON_SRC_MARTIAN,
		{"would pass, but be counted as what antispoof would drop", "that countermeasure only observes"}},
	{IPPROTO_UDP, "192.0.2.1", "198.18.7.7", 53, SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, SEKI_REASON_DENIED,
		{"zone \"lab\"", "the zone only observes (zones.mode)"}},
	{IPPROTO_UDP, "8.8.8.8", "9.9.9.9", 53, SEKI_VERDICT_PASS, SEKI_REASON_NO_ZONE, 0,
		{"No zone holds the destination"}},
};

START_TEST(what_would_be)
{
	const struct flow_row *row = &flow_rows[_i];

	ask(row->proto, row->src, 4444, row->dst, row->dport);
	for (unsigned i = 0; i < N(row->says) && row->says[i] != NULL; i++)
		check_is_said(row->says[i]);
	ck_assert_str_eq(seki_reason_name(said.reason), seki_reason_name(row->reason));
	ck_assert_uint_eq(said.verdict, row->verdict);
	ck_assert_str_eq(seki_reason_name(said.observed), seki_reason_name(row->observed));
}
END_TEST

START_TEST(domains)
{
	struct explain_flow flow = {IPPROTO_UDP, 1, 2, prefix_of("203.0.113.1"), prefix_of("198.51.100.70"), ""};

	ck_assert_int_eq(explain_flow(&world, &flow, &said), 0);
	check_is_said("More than one domain has a zone for this destination");
	ck_assert_uint_eq(said.reason, SEKI_REASON_NONE);
	strcpy(flow.domain, "blue");
	ck_assert_int_eq(explain_flow(&world, &flow, &said), 0);
	check_is_said("zone \"twin\" of domain \"blue\"");
	ck_assert_uint_eq(said.reason, SEKI_REASON_DENIED);
	strcpy(flow.domain, "default");
	ck_assert_int_eq(explain_flow(&world, &flow, &said), 0);
	check_is_said("zone \"web\" of domain \"default\"");
	ck_assert_uint_eq(said.reason, SEKI_REASON_ALLOWED);
	strcpy(flow.domain, "red");
	ck_assert_int_eq(explain_flow(&world, &flow, &said), 0);
	check_is_said("No zone of domain red holds the destination");
}
END_TEST

/* Packets that are asked about leave no trace: the hundredth question has the first one's answer. */
START_TEST(again_and_again)
{
	static struct explanation first;

	ask(IPPROTO_TCP, "8.8.8.8", 4444, "198.51.100.7", 443);
	first = said;
	for (unsigned i = 0; i < 20; i++)
		ask(IPPROTO_TCP, "8.8.8.8", 4444, "198.51.100.7", 443);
	ck_assert_mem_eq(&first, &said, sizeof(first));
}
END_TEST

/* What an attack has raised, for whom it is. */
START_TEST(is_raised)
{
	static struct seki_raised raised;

	raised = (struct seki_raised){.vectors = UINT64_C(1) << SEKI_VECTOR_UDP,
		.any = UINT32_C(1) << CM_FLOOD,
		.n_scopes = 1,
		.scope = {{{UINT64_C(0xc633640000000000), 4, 25}, UINT64_C(1) << SEKI_VECTOR_UDP}}};
	raised.cm[SEKI_VECTOR_UDP] = raised.strict[SEKI_VECTOR_UDP] = UINT32_C(1) << CM_FLOOD;
	ck_assert_int_eq(seki_snapshot_raise(snap, WEB, &raised), 0);
	ask(IPPROTO_UDP, "8.8.8.8", 4444, "198.51.100.7", 443);
	check_is_said("flood is raised for packets of this vector to this destination, strictly");
	ck_assert(!is_said("pass of a core"));
	check_is_said("would be dropped by flood");
	check_is_said("What decides it is the vector's limit, zones.limits or detection.limits, in the configuration.");
	ck_assert_uint_eq(said.verdict, SEKI_VERDICT_DROP);
	ask(IPPROTO_UDP, "8.8.8.8", 4444, "198.51.100.200", 443);
	check_is_said("Nothing is raised for packets of this vector to this destination");
	ck_assert_uint_eq(said.verdict, SEKI_VERDICT_PASS);
	ask(IPPROTO_TCP, "8.8.8.8", 4444, "198.51.100.7", 443);
	check_is_said("Nothing is raised");
	/* In a pause. */
	raised.ration[SEKI_VECTOR_UDP] = 7;
	ck_assert_int_eq(seki_snapshot_raise(snap, WEB, &raised), 0);
	ask(IPPROTO_UDP, "8.8.8.8", 4444, "198.51.100.7", 443);
	check_is_said("no more than 7 packets pass of a core in a tenth of a second, while the attack pauses.");
	check_is_said("From a stranger it would pass");
	check_is_said("is spent, it would be dropped by flood");
	/* It may be the next one. */
	raised.strict[SEKI_VECTOR_UDP] = 0;
	raised.guarded = raised.vectors;
	raised.pass_q16[SEKI_VECTOR_UDP] = UINT16_MAX;
	ck_assert_int_eq(seki_snapshot_raise(snap, WEB, &raised), 0);
	ask(IPPROTO_UDP, "8.8.8.8", 4444, "198.51.100.7", 443);
	check_is_said("no more than 7 packets pass of a core in a tenth of a second.");
	/* Thinned out, and not shut out. */
	raised.guarded = 0;
	raised.ration[SEKI_VECTOR_UDP] = SEKI_RATION_ALL;
	raised.pass_q16[SEKI_VECTOR_UDP] = UINT16_MAX / 4;
	ck_assert_int_eq(seki_snapshot_raise(snap, WEB, &raised), 0);
	ask(IPPROTO_UDP, "8.8.8.8", 4444, "198.51.100.7", 443);
	check_is_said("Of strangers' packets it now lets 25 in a hundred pass.");
	check_is_said("From a stranger it would pass");
	check_is_said("is spent, it would be dropped by flood");
	ck_assert_uint_eq(said.verdict, SEKI_VERDICT_PASS);
}
END_TEST

static const struct {
	uint8_t reason;
	const char *cm, *key;
} cause_rows[] = {
	{SEKI_REASON_L2_TRUNCATED, "malformed", "mode"},
	{SEKI_REASON_IP_VERSION, "malformed", "mode"},
	{SEKI_REASON_IP_HEADER_LENGTH, "malformed", "mode"},
	{SEKI_REASON_IP_LENGTH, "malformed", "mode"},
	{SEKI_REASON_IP_CHECKSUM, "malformed", "checksum"},
	{SEKI_REASON_IP6_CHAIN, "malformed", "mode"},
	{SEKI_REASON_L4_TRUNCATED, "malformed", "mode"},
	{SEKI_REASON_TCP_HEADER_LENGTH, "malformed", "mode"},
	{SEKI_REASON_TCP_FLAGS, "malformed", "tcp_flags"},
	{SEKI_REASON_UDP_LENGTH, "malformed", "mode"},
	{SEKI_REASON_PORT_ZERO, "malformed", "port_zero"},
	{SEKI_REASON_LAND, "malformed", "land"},
	{SEKI_REASON_FRAG_TINY, "malformed", "fragments"},
	{SEKI_REASON_FRAG_OVERLAP, "malformed", "fragments"},
	{SEKI_REASON_FRAG_LENGTH, "malformed", "fragments"},
	{SEKI_REASON_SOURCE_ROUTE, "malformed", "source_route"},
	{SEKI_REASON_SRC_MARTIAN, "antispoof", "martian"},
	{SEKI_REASON_SRC_MULTICAST, "antispoof", "multicast"},
	{SEKI_REASON_SRC_OWN_ZONE, "antispoof", "own_zone"},
	{SEKI_REASON_DENIED, "deny", "mode"},
	{SEKI_REASON_FILTERED, "filter", "mode"},
	{SEKI_REASON_SERVICE_BUDGET, "service", "pps"},
	{SEKI_REASON_ICMP_ERROR_BUDGET, "service", "error_pps"},
	{SEKI_REASON_REFLECTION_BUDGET, "reflection", "pps"},
	{SEKI_REASON_FRAGMENT_DENIED, "fragment", "deny"},
	{SEKI_REASON_FRAGMENT_BUDGET, "fragment", "pps"},
	{SEKI_REASON_TCP_STRAY, "tcp_state", "pps"},
	{SEKI_REASON_SIGNATURE, "signature", "mode"},
	{SEKI_REASON_FLOOD, "flood", "proven_pps"},
	{SEKI_REASON_SOURCE_PPS, "source_limit", "pps"},
	{SEKI_REASON_SOURCE_BPS, "source_limit", "bps"},
	{SEKI_REASON_SOURCE_SYN, "source_limit", "syn_pps"},
	{SEKI_REASON_SOURCE_FLOWS, "source_limit", "flows_pps"},
	{SEKI_REASON_SOURCE_PORTS, "source_limit", "ports_pps"},
	{SEKI_REASON_SOURCE_BLOCKED, "source_limit", "block"},
	{SEKI_REASON_ZONE_PPS, "zone_limit", "total_pps"},
	{SEKI_REASON_ZONE_BPS, "zone_limit", "total_bps"},
	{SEKI_REASON_CLASS_PPS, "zone_limit", "udp_pps"},
	{SEKI_REASON_CLASS_BPS, "zone_limit", "udp_bps"},
	{SEKI_REASON_OVERSIZE, NULL, "ports.mtu"},
	{SEKI_REASON_STEER_FULL, NULL, "cores.ring_size"},
	{SEKI_REASON_RING_FULL, NULL, "cores.ring_size"},
	{SEKI_REASON_TX_FULL, NULL, "ports.tx_desc"},
	{SEKI_REASON_SHUTDOWN, NULL, NULL},
};

/* Every reason to drop has its countermeasure, and the key that decides it, which there is. */
START_TEST(causes)
{
	unsigned cm = explain_cm(cause_rows[_i].reason);
	char key[64];

	memset(&said, 0, sizeof(said));
	explain_cause(&world, WEB, SEKI_VECTOR_UDP, cause_rows[_i].reason, &said);
	if (cause_rows[_i].cm == NULL) {
		ck_assert_uint_eq(cm, CM_N);
		ck_assert_uint_eq(said.n, cause_rows[_i].key != NULL);
		if (said.n > 0)
			check_is_said(cause_rows[_i].key);
		return;
	}
	ck_assert_str_eq(cm_ops[cm]->name, cause_rows[_i].cm);
	snprintf(key, sizeof(key), "countermeasures.%s.%s is ", cause_rows[_i].cm, cause_rows[_i].key);
	check_is_said(key);
}
END_TEST

START_TEST(all_causes)
{
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		unsigned n = 0;

		for (unsigned i = 0; i < N(cause_rows); i++)
			n += cause_rows[i].reason == r;
		ck_assert_msg(n == (seki_reason_verdict(r) == SEKI_VERDICT_DROP), "%s: %u", seki_reason_name(r), n);
		if (seki_reason_verdict(r) == SEKI_VERDICT_PASS)
			ck_assert_uint_eq(explain_cm(r), CM_N);
	}
}
END_TEST

/* The budget of a reflector is its own, if it has one. */
START_TEST(own_budget)
{
	memset(&said, 0, sizeof(said));
	explain_cause(&world, WEB, SEKI_VECTOR_STUN, SEKI_REASON_REFLECTION_BUDGET, &said);
	check_is_said("countermeasures.reflection.stun_pps is 50 kpps");
	memset(&said, 0, sizeof(said));
	explain_cause(&world, WEB, SEKI_VECTOR_NTP, SEKI_REASON_REFLECTION_BUDGET, &said);
	check_is_said("countermeasures.reflection.pps is 1 kpps");
}
END_TEST

static struct seki_drop
drop_of(uint8_t verdict, uint8_t reason, uint8_t observed)
{
	return (struct seki_drop){
		.number = 7,
		.wall_ns = UINT64_C(1764180780250000000),
		.state = TRACK_MITIGATING,
		.step = SEKI_STEP_FLOOD,
		.offered_pps = 212000,
		.passed_pps = 99000,
		.sample = {.time_ns = 100,
			.net = UINT64_C(0xc633640700000000),
			.family = 4,
			.zone = WEB,
			.verdict = verdict,
			.reason = reason,
			.observed = observed,
			.src_set = 1,
			.features = {.vector = SEKI_VECTOR_UDP,
				.l3 = 4,
				.proto = 17,
				.l3_len = 512,
				.ttl = 54,
				.sport = 99,
				.dport = 443}},
	};
}

START_TEST(why_dropped)
{
	struct seki_drop drop = drop_of(SEKI_VERDICT_DROP, SEKI_REASON_FLOOD, SEKI_REASON_NONE);

	explain_drop(&world, &drop, &said);
	check_is_said(
		"At 2025-11-26T18:13:00.250Z a packet came to zone \"web\" of domain \"default\", for 198.51.100.7/32.");
	check_is_said("vector udp (IP protocol 17, 512 bytes, TTL 54, from port 99 to port 443)");
	check_is_said("It was dropped by flood, reason \"flood\": The zone is flooded");
	check_is_said("sent 212000 packets a second of the vector to the zone, and 99000 passed.");
	check_is_said("state was \"mitigating\"; the step in force, the detector's own, was \"flood\"");
	check_is_said("Its source was on the list \"list");
	ck_assert(!is_said("changes its vector"));
	drop.guarded = true;
	explain_drop(&world, &drop, &said);
	check_is_said("An attack on the zone changes its vector: this one is held");
	/* Numbers of sets are of one policy. */
	world.policy_ns = 200;
	explain_drop(&world, &drop, &said);
	check_is_said("of a configuration that is no longer in force");
}
END_TEST

START_TEST(why_held_back)
{
	struct seki_drop drop = drop_of(SEKI_VERDICT_PASS, SEKI_REASON_CLEAN, SEKI_REASON_TCP_STRAY);

	explain_drop(&world, &drop, &said);
	check_is_said("It passed (\"clean\"), and would have been dropped by tcp_state");
	check_is_said("only observes, or was not raised for the packet");
	drop.observes = true;
	explain_drop(&world, &drop, &said);
	check_is_said("since the zone only observes: zones.mode");
}
END_TEST

/* What came where, and bits where they are limited. */
START_TEST(levels)
{
	const struct seki_level_rate level[] = {
		{.level = SEKI_LEVEL_HOST, .came = {{50, 1}, {40, 2}, {7, 3}}, .limit = {5000, 0}},
		{.level = SEKI_LEVEL_BLOCK,
			.prefix = {UINT64_C(0xc633640000000000), 4, 28},
			.came = {{50, 1}, {40, 2}, {7, 3}},
			.limit = {5000, 20000000},
			.limit_from = SEKI_LIMIT_CONFIGURED},
		{.level = SEKI_LEVEL_ZONE},
	};

	memset(&said, 0, sizeof(said));
	explain_levels(level, N(level), "the host", &said);
	ck_assert_uint_eq(said.n, N(level));
	check_is_said(
		"To the host: packets a second 50 over 200 ms, 40 over 1 s, 7 over 10 s, from strangers; the limit there "
		"is 5 kpps (default).");
	check_is_said("To 198.51.100.0/28: packets a second 50 (1 bps) over 200 ms, 40 (2 bps) over 1 s, 7 (3 bps) "
		      "over 10 s, from strangers; the limit there is 5 kpps and 20 Mbps (configured).");
	check_is_said("To the zone: nothing within 10 s, from strangers; the limit there is none (default).");
}
END_TEST

/* Sentences beyond the last are not lost in silence. */
START_TEST(no_room)
{
	memset(&said, 0, sizeof(said));
	for (unsigned i = 0; i < 2 * EXPLAIN_SENTENCES; i++)
		explain_say(&said, "%u", i);
	ck_assert_uint_eq(said.n, EXPLAIN_SENTENCES);
	ck_assert_str_eq(said.sentence[0], "0");
	ck_assert_str_eq(said.sentence[EXPLAIN_SENTENCES - 1], "There is more to say than there is room for.");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("explain");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, what_would_be, 0, N(flow_rows));
	tcase_add_test(tests, domains);
	tcase_add_test(tests, again_and_again);
	tcase_add_test(tests, is_raised);
	tcase_add_loop_test(tests, causes, 0, N(cause_rows));
	tcase_add_test(tests, all_causes);
	tcase_add_test(tests, own_budget);
	tcase_add_test(tests, why_dropped);
	tcase_add_test(tests, why_held_back);
	tcase_add_test(tests, levels);
	tcase_add_test(tests, no_room);
	return suite_run("explain", tests);
}
