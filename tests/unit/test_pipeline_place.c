/* SPDX-License-Identifier: BSD-3-Clause */

/* Classify and decide, packet by packet: where it belongs, whom it is asked of, why it passes. */
#include "pipeline_net.h"

/* What a packet is, and what must become of it with every countermeasure in `active` observing. */
struct place {
	const char *about;
	bool guess;
	const char *src, *dst; /* NULL: not IP */
	struct pkt pkt;
	uint8_t direction;
	uint16_t zone;
	enum seki_reason reason;
	uint16_t flags; /* must be set of SRC_IN_ZONE and CONTROL */
	uint16_t src_set;
};

#define LIVE_IN_AND(flag) .flags = PKT_F_REAL_DIR | (flag), .in_port = OUTSIDE, .direction = SEKI_DIR_INBOUND
#define LIVE_IN LIVE_IN_AND(0)
#define LIVE_OUT .flags = PKT_F_REAL_DIR, .in_port = INSIDE, .direction = SEKI_DIR_OUTBOUND

static const struct place places[] = {
	{"to a zone", false, "8.8.8.8", "192.0.2.1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0, 0},
	{"to a more specific zone", false, "8.8.8.8", "192.0.2.200", {LIVE_IN}, IN, 2, SEKI_REASON_CLEAN, 0, 0},
	{"to a zone over IPv6", false, "2a00::1", "2001:db8:a:5::1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0, 0},
	{"to no zone", false, "8.8.8.8", "9.9.9.9", {LIVE_IN}, IN, 0, SEKI_REASON_NO_ZONE, 0, 0},
	{"to no zone, malformed: nothing was asked of it", false, "8.8.8.8", "9.9.9.9",
		{LIVE_IN, .defect = SEKI_REASON_IP_LENGTH}, IN, 0, SEKI_REASON_NO_ZONE, 0, 0},
	{"multicast belongs to no zone", false, "8.8.8.8", "224.0.0.5", {LIVE_IN}, IN, 0, SEKI_REASON_NO_ZONE, 0, 0},
	{"from inside", false, "192.0.2.1", "8.8.8.8", {LIVE_OUT}, OUT, 1, SEKI_REASON_OUTBOUND, 0, 0},
	{"from inside, malformed", false, "192.0.2.1", "8.8.8.8", {LIVE_OUT, .defect = SEKI_REASON_LAND}, OUT, 1,
		SEKI_REASON_OUTBOUND, 0, 0},
	{"from inside, a source of no zone", false, "9.9.9.9", "192.0.2.1", {LIVE_OUT}, OUT, 0, SEKI_REASON_OUTBOUND, 0,
		0},
	{"from outside, a source of a zone", false, "198.18.0.1", "192.0.2.1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN,
		PKT_F_SRC_IN_ZONE, 0},
	{"an allowed source", false, "203.0.113.1", "192.0.2.1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0, 1},
	{"a source on two lists", false, "203.0.113.129", "192.0.2.1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0, 3},
	{"a denied source over IPv6", false, "2001:db8:bad::9", "2001:db8:a::1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0,
		2},
	{"a listed source to no zone is not looked up", false, "203.0.113.1", "9.9.9.9", {LIVE_IN}, IN, 0,
		SEKI_REASON_NO_ZONE, 0, 0},
	{"a listed address from inside is not looked up", false, "203.0.113.1", "192.0.2.1", {LIVE_OUT}, OUT, 0,
		SEKI_REASON_OUTBOUND, 0, 0},
	{"control to a zone, even if malformed", false, "8.8.8.8", "192.0.2.1",
		{LIVE_IN_AND(PKT_F_CONTROL), .defect = SEKI_REASON_IP_LENGTH}, IN, 1, SEKI_REASON_CONTROL,
		PKT_F_CONTROL, 0},
	{"BGP between peers", false, "198.51.100.1", "192.0.2.1", {LIVE_IN_AND(PKT_F_ROUTED_CONTROL)}, IN, 1,
		SEKI_REASON_CONTROL, PKT_F_CONTROL, 0},
	{"BGP from no peer", false, "198.51.100.2", "192.0.2.1", {LIVE_IN_AND(PKT_F_ROUTED_CONTROL)}, IN, 1,
		SEKI_REASON_CLEAN, 0, 0},
	{"peers, but no routing protocol", false, "198.51.100.1", "192.0.2.1", {LIVE_IN}, IN, 1, SEKI_REASON_CLEAN, 0,
		0},
	{"ARP", false, NULL, NULL, {LIVE_IN_AND(PKT_F_CONTROL)}, IN, 0, SEKI_REASON_CONTROL, PKT_F_CONTROL, 0},
	{"not IP", false, NULL, NULL, {LIVE_IN}, IN, 0, SEKI_REASON_NON_IP, 0, 0},
	{"not IP, from inside", false, NULL, NULL, {LIVE_OUT}, OUT, 0, SEKI_REASON_OUTBOUND, 0, 0},
	{"MPLS", false, NULL, NULL, {LIVE_IN, .encap = PKT_ENCAP_OPAQUE}, IN, 0, SEKI_REASON_UNSCRUBBED, 0, 0},
	{"a tunnel to a zone", false, "8.8.8.8", "192.0.2.1", {LIVE_IN_AND(PKT_F_TUNNEL)}, IN, 1,
		SEKI_REASON_UNSCRUBBED, 0, 0},
	{"a tunnel to no zone", false, "8.8.8.8", "9.9.9.9", {LIVE_IN_AND(PKT_F_TUNNEL)}, IN, 0, SEKI_REASON_NO_ZONE, 0,
		0},
	{"a tunnel between peers that speak BGP in it is no control", false, "198.51.100.1", "192.0.2.1",
		{LIVE_IN_AND(PKT_F_TUNNEL)}, IN, 1, SEKI_REASON_UNSCRUBBED, 0, 0},
	{"IP whose addresses cannot be read", false, NULL, NULL, {LIVE_IN, .defect = SEKI_REASON_IP_HEADER_LENGTH}, IN,
		0, SEKI_REASON_NO_ZONE, 0, 0},
	{"a VLAN of another domain", false, "8.8.8.8", "192.0.2.200", {LIVE_IN, .n_vlan = 1, .vlan = {VLAN_B}}, IN, 3,
		SEKI_REASON_CLEAN, 0, 0},
	{"that VLAN from inside", false, "192.0.2.200", "8.8.8.8", {LIVE_OUT, .n_vlan = 1, .vlan = {VLAN_B}}, OUT, 3,
		SEKI_REASON_OUTBOUND, 0, 0},
	{"the outer tag counts", false, "8.8.8.8", "192.0.2.200", {LIVE_IN, .n_vlan = 2, .vlan = {7, VLAN_B}}, IN, 2,
		SEKI_REASON_CLEAN, 0, 0},
	{"that VLAN on the other pair", false, "8.8.8.8", "192.0.2.200",
		{.flags = PKT_F_REAL_DIR, .in_port = 2, .direction = IN, .n_vlan = 1, .vlan = {VLAN_B}}, IN, 2,
		SEKI_REASON_CLEAN, 0, 0},
	{"untagged traffic of a pair that is a domain", false, "192.0.2.200", "8.8.8.8",
		{.flags = PKT_F_REAL_DIR, .in_port = 3, .direction = OUT}, OUT, 3, SEKI_REASON_OUTBOUND, 0, 0},
	{"own addresses of one domain are strangers in another", false, "198.18.0.1", "192.0.2.200",
		{LIVE_IN, .n_vlan = 1, .vlan = {VLAN_B}}, IN, 3, SEKI_REASON_CLEAN, 0, 0},
	{"the largest frame", false, "8.8.8.8", "192.0.2.1", {LIVE_IN, .len = 1514}, IN, 1, SEKI_REASON_CLEAN, 0, 0},
	{"a larger frame", false, "8.8.8.8", "192.0.2.1", {LIVE_IN, .len = 1515}, IN, 1, SEKI_REASON_OVERSIZE, 0, 0},
	{"two tags make room", false, "8.8.8.8", "192.0.2.1", {LIVE_IN, .len = 1522, .n_vlan = 2}, IN, 1,
		SEKI_REASON_CLEAN, 0, 0},
	{"but no more", false, "8.8.8.8", "192.0.2.1", {LIVE_IN, .len = 1523, .n_vlan = 2}, IN, 1, SEKI_REASON_OVERSIZE,
		0, 0},
	{"MACsec adds to what it carries", false, NULL, NULL, {LIVE_IN, .len = 1546, .encap = PKT_ENCAP_OPAQUE}, IN, 0,
		SEKI_REASON_UNSCRUBBED, 0, 0},
	{"and tags to that", false, NULL, NULL, {LIVE_IN, .len = 1550, .n_vlan = 1, .encap = PKT_ENCAP_OPAQUE}, IN, 0,
		SEKI_REASON_UNSCRUBBED, 0, 0},
	{"but not more", false, NULL, NULL, {LIVE_IN, .len = 1547, .encap = PKT_ENCAP_OPAQUE}, IN, 0,
		SEKI_REASON_OVERSIZE, 0, 0},
	{"outbound likewise", false, NULL, NULL, {LIVE_OUT, .len = 1546}, OUT, 0, SEKI_REASON_OUTBOUND, 0, 0},
	{"IP that cannot be read adds nothing", false, NULL, NULL,
		{LIVE_IN, .len = 1515, .defect = SEKI_REASON_IP_HEADER_LENGTH}, IN, 0, SEKI_REASON_OVERSIZE, 0, 0},
	{"control that cannot be sent", false, NULL, NULL, {LIVE_IN_AND(PKT_F_CONTROL), .len = 9000}, IN, 0,
		SEKI_REASON_OVERSIZE, PKT_F_CONTROL, 0},
	{"outbound that cannot be sent", false, "192.0.2.1", "8.8.8.8", {LIVE_OUT, .len = 9000}, OUT, 1,
		SEKI_REASON_OVERSIZE, 0, 0},

	{"guess: to a zone", true, "8.8.8.8", "192.0.2.1", {.flags = 0}, IN, 1, SEKI_REASON_CLEAN, 0, 0},
	{"guess: from a zone", true, "192.0.2.1", "8.8.8.8", {.flags = 0}, OUT, 1, SEKI_REASON_OUTBOUND, 0, 0},
	{"guess: between zones", true, "192.0.2.1", "198.18.0.1", {.flags = 0}, SEKI_DIR_LOCAL, 2, SEKI_REASON_LOCAL, 0,
		0},
	{"guess: neither", true, "8.8.8.8", "9.9.9.9", {.flags = 0}, SEKI_DIR_TRANSIT, 0, SEKI_REASON_TRANSIT, 0, 0},
	{"guess: neither, over IPv6", true, "2a00::1", "2a00::2", {.flags = 0}, SEKI_DIR_TRANSIT, 0,
		SEKI_REASON_TRANSIT, 0, 0},
	{"guess: not IP", true, NULL, NULL, {.flags = 0}, SEKI_DIR_TRANSIT, 0, SEKI_REASON_NON_IP, 0, 0},
	{"a MAC address outweighs the guess", true, "192.0.2.1", "198.18.0.1", {LIVE_IN}, IN, 2, SEKI_REASON_CLEAN,
		PKT_F_SRC_IN_ZONE, 0},
	{"a MAC address outweighs the guess, outbound", true, "192.0.2.1", "198.18.0.1", {LIVE_OUT}, OUT, 1,
		SEKI_REASON_OUTBOUND, 0, 0},
};

static struct pkt
place_packet(const struct place *place)
{
	struct pkt p = place->pkt;

	p.arrival_ns = 1000 * MS;
	p.len = p.len != 0 ? p.len : 60;
	p.vector = SEKI_VECTOR_TCP_SYN;
	/* Left over from the packet that was here before. */
	p.verdict = SEKI_VERDICT_DROP;
	p.reason = SEKI_REASON_LAND;
	p.observed = SEKI_REASON_LAND;
	p.todo = ~0u;
	p.zone = 77;
	p.src_set = 2;
	if (place->src != NULL) {
		p.l3 = strchr(place->src, ':') != NULL ? PKT_L3_IP6 : PKT_L3_IP4;
		set_addr(&p.src, place->src);
		set_addr(&p.dst, place->dst);
	}
	return p;
}

static void
check_place(const struct place *place, const struct pkt *p)
{
	const uint16_t seen = PKT_F_SRC_IN_ZONE | PKT_F_CONTROL;

	ck_assert_msg(p->direction == place->direction, "%s: %s", place->about, seki_direction_name(p->direction));
	ck_assert_msg(p->zone == place->zone, "%s: zone %u", place->about, p->zone);
	ck_assert_msg(p->reason == place->reason, "%s: %s", place->about, seki_reason_name(p->reason));
	ck_assert_msg(p->verdict == seki_reason_verdict(place->reason), "%s: verdict", place->about);
	ck_assert_msg((p->flags & seen) == place->flags, "%s: flags %x", place->about, p->flags & seen);
	/* Only what ends as clean was asked about; the rest leaves no trace in any countermeasure. */
	if (place->reason != SEKI_REASON_CLEAN)
		ck_assert_msg(p->observed == SEKI_REASON_NONE, "%s: observed %s", place->about,
			seki_reason_name(p->observed));
	ck_assert_msg(p->src_set == place->src_set, "%s: set %u", place->about, p->src_set);
	ck_assert_uint_eq(p->egress, p->in_port ^ 1u);
	ck_assert_uint_eq(p->hit, 0);
}

START_TEST(every_packet_has_its_place)
{
	static const struct config config = {.allow_lists = 1, .deny_lists = 2};
	struct bench *b = network_create(&config);
	struct pkt pkt[PKT_BURST];

	bench_mode(b, ALL, 0);
	/* Each alone, then all of one kind of direction in one burst: neighbours must not matter. */
	for (size_t i = 0; i < N(places); i++) {
		pkt[0] = place_packet(&places[i]);
		b->pipe.guess_direction = places[i].guess;
		network_judge(b, pkt, 1);
		check_place(&places[i], &pkt[0]);
	}
	for (size_t first = 0; first + PKT_BURST <= N(places); first++) {
		if (places[first].guess || places[first + PKT_BURST - 1].guess)
			continue;
		for (unsigned i = 0; i < PKT_BURST; i++)
			pkt[i] = place_packet(&places[first + i]);
		b->pipe.guess_direction = false;
		network_judge(b, pkt, PKT_BURST);
		for (unsigned i = 0; i < PKT_BURST; i++)
			check_place(&places[first + i], &pkt[i]);
	}
	network_destroy(b);
}
END_TEST

/* Which countermeasures are asked, as the posture of the packet's zone has it. */
START_TEST(todo_follows_posture_and_class)
{
	static const struct config config = {.allow_lists = 1};
	struct bench *b = network_create(&config);
	const struct place place = {.src = "203.0.113.1", .dst = "192.0.2.1", .pkt = {LIVE_IN}};
	struct pkt p = place_packet(&place);
	/* Of a stranger. */
	uint32_t any = 1u << CM_FILTER | 1u << CM_SERVICE | 1u << CM_SIGNATURE | 1u << CM_FLOOD | 1u << CM_ZONE_LIMIT;
	struct pkt_sum sum;
	struct pkt unknown;

	bench_mode(b, ALL, 0);
	seki_place_burst(&b->pipe, &b->snap, &p, 1);
	seki_classify_burst(&b->pipe, &b->snap, &p, 0, 1, &sum);
	ck_assert_uint_eq(p.todo, any | 1u << CM_ANTISPOOF | 1u << CM_ALLOW | 1u << CM_DENY);
	unknown = p;
	set_addr(&unknown.src, "8.8.8.8");
	seki_place_burst(&b->pipe, &b->snap, &unknown, 1);
	seki_classify_burst(&b->pipe, &b->snap, &unknown, 0, 1, &sum);
	ck_assert_uint_eq(unknown.todo, any);
	p.vector = SEKI_VECTOR_DNS;
	p.flags |= PKT_F_FRAG | PKT_F_CSUM_BAD;
	seki_place_burst(&b->pipe, &b->snap, &p, 1);
	seki_classify_burst(&b->pipe, &b->snap, &p, 0, 1, &sum);
	/* But what asks for a TCP segment, or for a source that is charged. */
	ck_assert_uint_eq(p.todo, ALL & ~(1u << CM_TCP_STATE | 1u << CM_SOURCE_LIMIT));
	bench_mode(b, 1u << CM_SERVICE, 0);
	seki_place_burst(&b->pipe, &b->snap, &p, 1);
	seki_classify_burst(&b->pipe, &b->snap, &p, 0, 1, &sum);
	ck_assert_uint_eq(p.todo, 1u << CM_SERVICE);
	ck_assert_uint_eq(p.src_set, 0);
	bench_mode(b, 0, 0);
	seki_place_burst(&b->pipe, &b->snap, &p, 1);
	seki_classify_burst(&b->pipe, &b->snap, &p, 0, 1, &sum);
	ck_assert_uint_eq(p.todo, 0);
	network_destroy(b);
}
END_TEST

/* No zones, no lists: all passes. */
START_TEST(empty_policy_passes_all)
{
	static const struct config config = {.n_services = 0};
	struct bench *b = bench_create(&config);
	const struct place place = {.src = "8.8.8.8", .dst = "192.0.2.1", .pkt = {LIVE_IN, .len = 60000}};
	struct pkt p = place_packet(&place);

	b->policy.sets.mask = NULL;
	bench_mode(b, ALL, ALL);
	network_judge(b, &p, 1);
	ck_assert_int_eq(p.reason, SEKI_REASON_NO_ZONE);
	bench_destroy(b);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("pipeline_place");

	test_eal_start(512);
	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, every_packet_has_its_place);
	tcase_add_test(tests, todo_follows_posture_and_class);
	tcase_add_test(tests, empty_policy_passes_all);
	return suite_run("pipeline_place", tests);
}
