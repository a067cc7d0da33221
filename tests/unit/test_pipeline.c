/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classify and decide together, on real tables: where a packet belongs, why it passes, and two properties of the
 * whole, over random traffic with all countermeasures at work on tiny budgets: bursts of 1, 7 and 32 give the
 * same verdicts, and every packet is counted once.
 */
#include "cm_bench.h"
#include "eal.h"
#include "hash.h"
#include "special.h"

#include <netinet/in.h>

/* Ports: 0 faces outside, 1 is its inside peer; 2 and 3 are a second pair. */
#define OUTSIDE 0
#define INSIDE 1
#define ALL ((1u << CM_N) - 1)
#define VLAN_B 100 /* domain 1 on the first pair */

static const struct {
	const char *prefix;
	uint16_t domain, zone;
} prefixes[] = {
	{"192.0.2.0/24", 0, 1},
	{"2001:db8:a::/48", 0, 1},
	{"198.18.0.0/16", 0, 2},
	{"192.0.2.128/25", 0, 2},
	{"192.0.2.0/24", 1, 3},
};

static const struct {
	const char *prefix;
	uint16_t set;
} listed[] = {
	{"203.0.113.0/24", 1},
	{"203.0.113.128/25", 3},
	{"100.0.0.0/8", 2},
	{"2001:db8:bad::/48", 2},
};

static struct seki_lpm *
build_zones(uint16_t domain, const char *name)
{
	struct seki_lpm_entry entry[N(prefixes)];
	struct seki_lpm *lpm;
	size_t n = 0;

	for (size_t i = 0; i < N(prefixes); i++) {
		if (prefixes[i].domain != domain)
			continue;
		ck_assert_int_eq(seki_prefix_parse(prefixes[i].prefix, &entry[n].prefix), 0);
		entry[n++].value = prefixes[i].zone;
	}
	lpm = seki_lpm_create(name, -1, entry, n, 0, NULL);
	ck_assert_ptr_nonnull(lpm);
	return lpm;
}

static struct seki_lpm *
build_lists(void)
{
	struct seki_lpm_entry entry[N(listed)];
	struct seki_lpm *lpm;

	for (size_t i = 0; i < N(listed); i++) {
		ck_assert_int_eq(seki_prefix_parse(listed[i].prefix, &entry[i].prefix), 0);
		entry[i].value = listed[i].set;
	}
	lpm = seki_lpm_create("sets", -1, entry, N(listed), 0, NULL);
	ck_assert_ptr_nonnull(lpm);
	return lpm;
}

static void
build_known(struct seki_coarse *known)
{
	struct seki_prefix p;

	for (size_t i = 0; i < N(prefixes); i++)
		if (seki_prefix_parse(prefixes[i].prefix, &p) == 0)
			seki_coarse_add(known, &p);
	for (size_t i = 0; i < N(listed); i++)
		if (seki_prefix_parse(listed[i].prefix, &p) == 0)
			seki_coarse_add(known, &p);
	for (unsigned i = 0; seki_special_range(i, &p); i++)
		seki_coarse_add(known, &p);
}

static struct bench *
network_create(const struct config *config)
{
	struct bench *b = bench_create(config);
	struct seki_policy *policy = &b->policy;

	for (unsigned p = 0; p < 4; p++) {
		policy->peer_port[p] = (uint16_t)(p ^ 1);
		policy->outside[p] = p % 2 == 0;
		policy->max_frame[p] = 1514;
	}
	policy->zone_lpm[0] = build_zones(0, "zones0");
	policy->zone_lpm[1] = build_zones(1, "zones1");
	policy->vlan_domain[OUTSIDE][VLAN_B] = 1;
	policy->vlan_domain[INSIDE][VLAN_B] = 1;
	policy->vlan_domain[3][0] = 1; /* the other pair: its untagged traffic, seen from inside */
	policy->n_domains = 2;
	build_known(&policy->known);
	policy->sets.lpm = build_lists();
	policy->n_peers = 2;
	seki_prefix_parse("192.0.2.1", &policy->peer[0]);
	seki_prefix_parse("198.51.100.1", &policy->peer[1]);
	return b;
}

static void
network_destroy(struct bench *b)
{
	seki_lpm_destroy(b->policy.zone_lpm[0]);
	seki_lpm_destroy(b->policy.zone_lpm[1]);
	seki_lpm_destroy(b->policy.sets.lpm);
	bench_destroy(b);
}

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
#define IN SEKI_DIR_INBOUND
#define OUT SEKI_DIR_OUTBOUND

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
		seki_classify_burst(&b->pipe, &b->snap, pkt, 1);
		seki_decide_burst(&b->pipe, &b->snap, pkt, 1);
		check_place(&places[i], &pkt[0]);
	}
	for (size_t first = 0; first + PKT_BURST <= N(places); first++) {
		if (places[first].guess || places[first + PKT_BURST - 1].guess)
			continue;
		for (unsigned i = 0; i < PKT_BURST; i++)
			pkt[i] = place_packet(&places[first + i]);
		b->pipe.guess_direction = false;
		seki_classify_burst(&b->pipe, &b->snap, pkt, PKT_BURST);
		seki_decide_burst(&b->pipe, &b->snap, pkt, PKT_BURST);
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
	uint32_t any = 1u << CM_SERVICE | 1u << CM_ZONE_LIMIT;
	struct pkt unknown;

	bench_mode(b, ALL, 0);
	seki_classify_burst(&b->pipe, &b->snap, &p, 1);
	ck_assert_uint_eq(p.todo, any | 1u << CM_ANTISPOOF | 1u << CM_ALLOW | 1u << CM_DENY);
	unknown = p;
	set_addr(&unknown.src, "8.8.8.8");
	seki_classify_burst(&b->pipe, &b->snap, &unknown, 1);
	ck_assert_uint_eq(unknown.todo, any);
	p.vector = SEKI_VECTOR_DNS;
	p.flags |= PKT_F_FRAG | PKT_F_CSUM_BAD;
	seki_classify_burst(&b->pipe, &b->snap, &p, 1);
	ck_assert_uint_eq(p.todo, ALL);
	bench_mode(b, 1u << CM_SERVICE, 0);
	seki_classify_burst(&b->pipe, &b->snap, &p, 1);
	ck_assert_uint_eq(p.todo, 1u << CM_SERVICE);
	ck_assert_uint_eq(p.src_set, 0);
	bench_mode(b, 0, 0);
	seki_classify_burst(&b->pipe, &b->snap, &p, 1);
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
	seki_classify_burst(&b->pipe, &b->snap, &p, 1);
	seki_decide_burst(&b->pipe, &b->snap, &p, 1);
	ck_assert_int_eq(p.reason, SEKI_REASON_NO_ZONE);
	bench_destroy(b);
}
END_TEST

#define N_TRAFFIC 30000

static const char *const sources[] = {
	"8.8.8.8",
	"127.0.0.1",
	"224.0.0.9",
	"203.0.113.1",
	"203.0.113.200",
	"100.1.1.1",
	"198.18.0.1",
	"9.8.7.6",
};
static const char *const targets[] = {"192.0.2.1", "192.0.2.129", "198.18.3.4", "9.9.9.9"};

/* Enough of everything that every reason of every countermeasure turns up. */
static struct pkt
random_packet(struct seki_rng *rng, uint64_t now)
{
	static const uint8_t defects[] = {SEKI_REASON_IP_LENGTH, SEKI_REASON_TCP_FLAGS, SEKI_REASON_FRAG_TINY};
	bool inbound = seki_rng_below(rng, 5) != 0;
	bool tagged = seki_rng_below(rng, 8) == 0;
	struct pkt p = {
		.arrival_ns = now,
		.len = (uint32_t)(60 + seki_rng_below(rng, 1460)),
		.in_port = inbound ? OUTSIDE : INSIDE,
		.direction = inbound ? IN : OUT,
		.flags = PKT_F_REAL_DIR,
		.l3 = PKT_L3_IP4,
		.vector = (uint8_t)(1 + seki_rng_below(rng, SEKI_N_VECTORS - 1)),
		.proto = seki_rng_below(rng, 2) ? IPPROTO_TCP : IPPROTO_UDP,
		.dport = (uint16_t)(seki_rng_below(rng, 2) ? 80 : 9),
		.n_vlan = tagged,
		.vlan = {tagged ? VLAN_B : 0},
		.defect = seki_rng_below(rng, 20) == 0 ? defects[seki_rng_below(rng, N(defects))] : 0,
	};

	if (p.vector == SEKI_VECTOR_FRAGMENT)
		p.flags |= PKT_F_FRAG | PKT_F_FRAG_LATER;
	else
		p.flags |= PKT_F_PORTS;
	if (seki_rng_below(rng, 50) == 0)
		p.flags |= PKT_F_CONTROL;
	set_addr(&p.src, sources[seki_rng_below(rng, 3) == 0 ? seki_rng_below(rng, N(sources)) : 0]);
	set_addr(&p.dst, targets[seki_rng_below(rng, N(targets))]);
	return p;
}

static const struct config tiny = {
	.set = {{"pps", 3}, {"total_pps", 900}, {"udp_pps", 20}, {"tcp_bps", 100000}, {"burst", 4 * MS}},
	.service = {{IPPROTO_TCP, false, 80, 80}},
	.n_services = 1,
	.allow_lists = 1,
	.deny_lists = 2,
};

static struct bench *
traffic_bench(bool guess)
{
	struct bench *b = network_create(&tiny);

	b->pipe.guess_direction = guess;
	b->snap.posture[1] = (struct seki_posture){ALL, ALL};
	b->snap.posture[2] = (struct seki_posture){ALL, 1u << CM_ZONE_LIMIT};
	b->snap.posture[3] = (struct seki_posture){ALL & ~(1u << CM_SERVICE), ALL};
	return b;
}

static void
make_traffic(struct pkt *traffic, unsigned n, bool guess)
{
	uint64_t now = 1000 * MS;
	struct seki_rng rng;

	seki_rng_init(&rng, 17);
	for (unsigned i = 0; i < n; i++) {
		traffic[i] = random_packet(&rng, now);
		if (guess && seki_rng_below(&rng, 2) == 0)
			traffic[i].flags &= (uint16_t)~PKT_F_REAL_DIR;
		/* Live, the packets of a burst have one time. */
		if (seki_rng_below(&rng, 8) == 0)
			now += seki_rng_below(&rng, 4 * MS);
	}
}

static void
run_traffic(struct bench *b, struct pkt *pkt, unsigned n, unsigned burst)
{
	for (unsigned i = 0; i < n; i += burst) {
		unsigned m = n - i < burst ? n - i : burst;

		seki_classify_burst(&b->pipe, &b->snap, &pkt[i], m);
		seki_decide_burst(&b->pipe, &b->snap, &pkt[i], m);
	}
}

/* What the random traffic must have met, or the properties were tested on nothing. */
static const enum seki_reason met[] = {SEKI_REASON_CLEAN, SEKI_REASON_OUTBOUND, SEKI_REASON_CONTROL,
	SEKI_REASON_NO_ZONE, SEKI_REASON_ALLOWED, SEKI_REASON_IP_LENGTH, SEKI_REASON_TCP_FLAGS, SEKI_REASON_SRC_MARTIAN,
	SEKI_REASON_SRC_MULTICAST, SEKI_REASON_SRC_OWN_ZONE, SEKI_REASON_DENIED, SEKI_REASON_SERVICE_BUDGET,
	SEKI_REASON_REFLECTION_BUDGET, SEKI_REASON_FRAGMENT_BUDGET, SEKI_REASON_CLASS_PPS, SEKI_REASON_CLASS_BPS};

static void
check_met(const struct pkt *pkt, unsigned n)
{
	unsigned ended[SEKI_N_REASONS] = {0}, observed[SEKI_N_REASONS] = {0};

	for (unsigned i = 0; i < n; i++) {
		ended[pkt[i].reason]++;
		observed[pkt[i].observed]++;
	}
	ck_assert_uint_eq(ended[SEKI_REASON_NONE], 0);
	for (size_t i = 0; i < N(met); i++)
		ck_assert_msg(ended[met[i]] > 0, "no packet ended with %s", seki_reason_name(met[i]));
	ck_assert(observed[SEKI_REASON_DENIED] > 0 && observed[SEKI_REASON_SERVICE_BUDGET] > 0);
}

START_TEST(burst_size_changes_nothing)
{
	static const unsigned bursts[] = {1, 7, 32};
	struct pkt *run[N(bursts)];
	bool guess = _i != 0;

	for (size_t r = 0; r < N(bursts); r++) {
		struct bench *b = traffic_bench(guess);

		run[r] = aligned_alloc(64, N_TRAFFIC * sizeof(struct pkt));
		make_traffic(run[r], N_TRAFFIC, guess);
		run_traffic(b, run[r], N_TRAFFIC, bursts[r]);
		network_destroy(b);
		for (unsigned i = 0; i < N_TRAFFIC; i++)
			ck_assert_msg(memcmp(&run[r][i], &run[0][i], sizeof(struct pkt)) == 0,
				"packet %u: %s singly, %s in bursts of %u", i, seki_reason_name(run[0][i].reason),
				seki_reason_name(run[r][i].reason), bursts[r]);
	}
	check_met(run[0], N_TRAFFIC);
	for (size_t r = 0; r < N(bursts); r++)
		free(run[r]);
}
END_TEST

/* The accounting identity over the pipeline, every pass sent but a few that die late. */
START_TEST(identity_holds)
{
	struct bench *b = traffic_bench(false);
	struct seki_stats *stats = aligned_alloc(64, sizeof(*stats));
	struct pkt *pkt = aligned_alloc(64, N_TRAFFIC * sizeof(*pkt));
	struct seki_balance balance;
	uint64_t observed = 0, counted = 0;

	memset(stats, 0, sizeof(*stats));
	make_traffic(pkt, N_TRAFFIC, false);
	run_traffic(b, pkt, N_TRAFFIC, PKT_BURST);
	for (unsigned i = 0; i < N_TRAFFIC; i++) {
		struct seki_fate fate = pkt_fate(&pkt[i]);

		seki_stats_burst(stats, &pkt[i], 1);
		observed += pkt[i].observed != 0;
		if (pkt[i].verdict != SEKI_VERDICT_PASS)
			continue;
		if (i % 100 == 0)
			fate.reason = SEKI_REASON_TX_FULL;
		else
			stats->port[pkt[i].egress].tx.packets++;
		seki_stats_end(stats, fate, pkt[i].len);
	}
	seki_stats_balance(stats, &balance);
	ck_assert_uint_eq(balance.rx, N_TRAFFIC);
	ck_assert_uint_gt(balance.dropped, N_TRAFFIC / 10);
	ck_assert_uint_eq(balance.rx + balance.generated, balance.tx + balance.dropped + balance.challenged);
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		for (unsigned r = 0; r < SEKI_N_REASONS; r++)
			counted += stats->zone[z].observed[r].packets;
	ck_assert_uint_eq(counted, observed);
	free(stats);
	free(pkt);
	network_destroy(b);
}
END_TEST

/* One zone's flood takes nothing from another zone: its packets meet the same verdicts with and without. */
START_TEST(zones_do_not_share_budgets)
{
	struct pkt *traffic = aligned_alloc(64, N_TRAFFIC * sizeof(*traffic));
	struct pkt *alone = aligned_alloc(64, N_TRAFFIC * sizeof(*alone));
	struct bench *b = traffic_bench(false), *c;
	unsigned n = 0;

	make_traffic(traffic, N_TRAFFIC, false);
	make_traffic(alone, N_TRAFFIC, false);
	run_traffic(b, traffic, N_TRAFFIC, PKT_BURST);
	network_destroy(b);
	c = traffic_bench(false);
	for (unsigned i = 0; i < N_TRAFFIC; i++) {
		if (traffic[i].zone != 1)
			continue;
		run_traffic(c, &alone[i], 1, 1);
		ck_assert_int_eq(alone[i].reason, traffic[i].reason);
		n++;
	}
	ck_assert_uint_gt(n, N_TRAFFIC / 10);
	network_destroy(c);
	free(traffic);
	free(alone);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("pipeline");
	SRunner *runner = srunner_create(suite);
	TCase *place = tcase_create("place");
	TCase *property = tcase_create("properties");
	int failed;

	test_eal_start(512);
	tcase_set_timeout(place, 60);
	tcase_add_test(place, every_packet_has_its_place);
	tcase_add_test(place, todo_follows_posture_and_class);
	tcase_add_test(place, empty_policy_passes_all);
	suite_add_tcase(suite, place);

	tcase_set_timeout(property, 60);
	tcase_add_loop_test(property, burst_size_changes_nothing, 0, 2);
	tcase_add_test(property, identity_holds);
	tcase_add_test(property, zones_do_not_share_budgets);
	suite_add_tcase(suite, property);

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
