/* SPDX-License-Identifier: BSD-3-Clause */
/* Whose routed control traffic goes first: between which addresses, from which side, in which domain. */
#include "policy_rig.h"

#include <netinet/in.h>

static const struct {
	const char *src, *dst;
	bool peers;
} ends[] = {
	{"192.0.2.1", "192.0.2.2", true},
	{"192.0.2.2", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.3", false},
	{"192.0.2.3", "192.0.2.1", false},
	{"192.0.2.0", "192.0.2.1", false},
	{"10.5.0.0", "10.5.255.255", true},
	{"10.4.255.255", "10.5.0.0", false},
	{"10.6.0.0", "10.5.0.0", false},
	{"192.0.2.1", "224.0.0.5", true},
	{"192.0.2.9", "224.0.0.5", false},
	{"192.0.2.1", "224.0.1.5", false},
	{"224.0.0.5", "192.0.2.1", false},
	{"2001:db8::1", "2001:db8::2", true},
	{"2001:db8::1", "2001:db8::3", false},
	{"2001:db8::3", "2001:db8::1", false},
	{"fe80::1", "ff02::5", true},
	{"fe80::1", "fe80::2", true},
	{"fec0::1", "ff02::5", false},
	{"fe80::1", "ff05::5", false},
	{"::", "2001:db8::1", false},
};

START_TEST(test_peers)
{
	static const char *const peer[] = {"2001:db8::2", "192.0.2.2", "fe80::/10", "10.5.1.0/24", "10.5.0.0/16",
		"192.0.2.1", "2001:db8::1", "192.0.2.1"};
	struct seki_prefix src, dst;
	struct seki_policy *policy;
	struct pkt pkt = {0};
	struct seki_spec spec;

	spec_init(&spec);
	for (; spec.n_peers < N(peer); spec.n_peers++)
		spec.peer[spec.n_peers] =
			(struct seki_spec_peer){.addr = prefix_of(peer[spec.n_peers]), .domain = SEKI_DOMAIN_ANY};
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(policy->n_peers, N(peer));
	ck_assert_uint_eq(policy->routed_cost_q24, 0); /* no limit was set */
	for (unsigned i = 0; i < N(ends); i++) {
		src = prefix_of(ends[i].src);
		dst = prefix_of(ends[i].dst);
		pkt.l3 = src.family == 4 ? PKT_L3_IP4 : PKT_L3_IP6;
		memcpy(pkt.src.b, src.addr, 16);
		memcpy(pkt.dst.b, dst.addr, 16);
		ck_assert_msg(seki_policy_peers(policy, &pkt) == ends[i].peers, "%s %s", ends[i].src, ends[i].dst);
	}
	pkt.l3 = PKT_L3_NONE;
	ck_assert(!seki_policy_peers(policy, &pkt));
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

#define ANY SEKI_DOMAIN_ANY
#define B 1 /* a domain of its own: VLAN 100 */
#define VLAN_B 100

/*
 * Peers of a box with two domains. In zones are 192.0.2.0/24 and 2001:db8:a::/48, in B
 * 198.51.100.0/24 and 2001:db8:b::/48.
 */
static const struct {
	const char *addr;
	enum seki_peer_side side;
	uint16_t domain;
} located[] = {
	{"203.0.113.1", SEKI_PEER_OUTSIDE, ANY},
	{"203.0.113.2", SEKI_PEER_INSIDE, ANY},
	{"203.0.113.3", SEKI_PEER_EITHER, ANY},
	{"203.0.113.4", SEKI_PEER_EITHER, 0},
	{"203.0.113.5", SEKI_PEER_EITHER, B},
	{"203.0.113.6", SEKI_PEER_OUTSIDE, 0}, /* two routers of one address */
	{"203.0.113.6", SEKI_PEER_INSIDE, B},
	{"10.0.0.0/8", SEKI_PEER_INSIDE, ANY},
	{"10.1.0.0/16", SEKI_PEER_OUTSIDE, 0},
	{"192.0.2.1", SEKI_PEER_EITHER, ANY},
	{"192.0.2.2", SEKI_PEER_OUTSIDE, ANY},
	{"2001:db8:a::1", SEKI_PEER_EITHER, 0}, /* all of the family's are in zones: one of them is outside */
	{"2001:db8:a::2", SEKI_PEER_EITHER, 0},
	{"2001:db8:f::1", SEKI_PEER_INSIDE, 0},
	{"2001:db8:b::1", SEKI_PEER_EITHER, B},
	{"2001:db8:c::1", SEKI_PEER_EITHER, B},
};

#define IN SEKI_DIR_INBOUND
#define OUT SEKI_DIR_OUTBOUND
#define GUESS SEKI_DIR_TRANSIT

static const struct {
	const char *about;
	const char *src, *dst;
	uint8_t direction; /* GUESS: no port or MAC address tells */
	uint16_t vlan;
	bool peers;
} flights[] = {
	{"from outside to inside", "203.0.113.1", "203.0.113.2", IN, 0, true},
	{"from inside to outside", "203.0.113.2", "203.0.113.1", OUT, 0, true},
	{"an inside router's address from outside", "203.0.113.2", "203.0.113.1", IN, 0, false},
	{"... to a router of either side", "203.0.113.2", "203.0.113.3", IN, 0, false},
	{"... to a group of the link", "203.0.113.2", "224.0.0.5", IN, 0, false},
	{"an outside router's address from inside", "203.0.113.1", "203.0.113.3", OUT, 0, false},
	{"from outside to what is outside", "203.0.113.3", "203.0.113.1", IN, 0, false},
	{"from inside to what is inside", "203.0.113.3", "203.0.113.2", OUT, 0, false},
	{"no side is known offline", "203.0.113.2", "203.0.113.1", GUESS, 0, true},
	{"... of neither end", "203.0.113.1", "203.0.113.2", GUESS, 0, true},
	{"either side, from outside", "203.0.113.3", "203.0.113.2", IN, 0, true},
	{"either side, from inside", "203.0.113.3", "203.0.113.1", OUT, 0, true},
	{"to a group of the link", "203.0.113.1", "224.0.0.5", IN, 0, true},

	{"in its domain", "203.0.113.4", "203.0.113.3", IN, 0, true},
	{"in another domain", "203.0.113.4", "203.0.113.3", IN, VLAN_B, false},
	{"a destination of another domain", "203.0.113.3", "203.0.113.4", IN, VLAN_B, false},
	{"in its own VLAN", "203.0.113.5", "203.0.113.3", IN, VLAN_B, true},
	{"outside of its VLAN", "203.0.113.5", "203.0.113.3", IN, 0, false},
	{"in a VLAN of no domain", "203.0.113.5", "203.0.113.3", IN, 7, false},
	{"every domain's, in a VLAN of no domain", "203.0.113.1", "203.0.113.3", IN, 7, true},
	{"one address in two domains: outside here", "203.0.113.6", "203.0.113.3", IN, 0, true},
	{"... and never inside", "203.0.113.6", "203.0.113.3", OUT, 0, false},
	{"... inside there", "203.0.113.6", "203.0.113.3", OUT, VLAN_B, true},
	{"... and never outside", "203.0.113.6", "203.0.113.3", IN, VLAN_B, false},
	{"the narrowest prefix decides", "10.1.2.3", "203.0.113.3", IN, 0, true},
	{"... of those that belong to the domain", "10.1.2.3", "203.0.113.3", IN, VLAN_B, false},
	{"the wide prefix around the narrow one", "10.2.0.0", "203.0.113.3", OUT, 0, true},
	{"... from outside", "10.2.0.0", "203.0.113.3", IN, 0, false},

	{"in a zone, so inside", "192.0.2.1", "203.0.113.1", OUT, 0, true},
	{"in a zone, from outside", "192.0.2.1", "203.0.113.3", IN, 0, false},
	{"no zone of that domain", "192.0.2.1", "203.0.113.3", IN, VLAN_B, true},
	{"in a zone, yet said to be outside", "192.0.2.2", "192.0.2.1", IN, 0, true},
	{"all in zones: either may be outside", "2001:db8:a::1", "2001:db8:a::2", IN, 0, true},
	{"... or inside", "2001:db8:a::1", "2001:db8:a::2", OUT, 0, true},
	{"in a zone of IPv6, while another is not", "2001:db8:b::1", "2001:db8:c::1", IN, VLAN_B, false},
	{"... from inside", "2001:db8:b::1", "2001:db8:c::1", OUT, VLAN_B, true},
};

static struct seki_policy *
located_policy(struct seki_spec *spec)
{
	spec_init(spec);
	spec->domain[B] = (struct seki_spec_domain){.name = "b", .vlan = {VLAN_B}, .n_vlans = 1};
	spec->n_domains = 2;
	add_zone(spec, "web 192.0.2.0/24 2001:db8:a::/48");
	add_zone(spec, "b 198.51.100.0/24 2001:db8:b::/48");
	spec->zone[1].domain = B;
	for (; spec->n_peers < N(located); spec->n_peers++)
		spec->peer[spec->n_peers] = (struct seki_spec_peer){
			.addr = prefix_of(located[spec->n_peers].addr),
			.side = located[spec->n_peers].side,
			.domain = located[spec->n_peers].domain,
		};
	return create_good(spec, NULL);
}

static struct pkt
flight(const char *src, const char *dst, uint8_t direction)
{
	struct seki_prefix from = prefix_of(src), to = prefix_of(dst);
	struct pkt pkt = {
		.l3 = from.family == 4 ? PKT_L3_IP4 : PKT_L3_IP6,
		.direction = direction,
		.in_port = direction == OUT,
		.flags = direction == GUESS ? 0 : PKT_F_REAL_DIR,
	};

	memcpy(pkt.src.b, from.addr, 16);
	memcpy(pkt.dst.b, to.addr, 16);
	return pkt;
}

START_TEST(test_sides_and_domains)
{
	struct seki_spec spec;
	struct seki_policy *policy = located_policy(&spec);

	for (unsigned i = 0; i < N(flights); i++) {
		struct pkt pkt = flight(flights[i].src, flights[i].dst, flights[i].direction);

		pkt.vlan[0] = flights[i].vlan;
		ck_assert_msg(seki_policy_peers(policy, &pkt) == flights[i].peers, "%s: %s to %s", flights[i].about,
			flights[i].src, flights[i].dst);
	}
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

/* What a router sends to itself over its neighbour; anything else between equal addresses is an attack. */
static const struct {
	const char *about, *addr;
	uint8_t direction, proto, ttl;
	uint16_t dport;
	bool peers;
} echoes[] = {
	{"an outside router's echo, sent back by the inside", "203.0.113.1", OUT, IPPROTO_UDP, 254, 3785, true},
	{"an inside router's, sent back by the outside", "203.0.113.2", IN, IPPROTO_UDP, 254, 3785, true},
	{"sent back to where it cannot have come from", "203.0.113.1", IN, IPPROTO_UDP, 254, 3785, false},
	{"either side", "203.0.113.3", IN, IPPROTO_UDP, 254, 3785, true},
	{"from afar", "203.0.113.2", IN, IPPROTO_UDP, 253, 3785, false},
	{"another port", "203.0.113.2", IN, IPPROTO_UDP, 254, 3784, false},
	{"another protocol", "203.0.113.2", IN, IPPROTO_TCP, 254, 3785, false},
	{"no peer's", "203.0.113.9", IN, IPPROTO_UDP, 254, 3785, false},
};

START_TEST(test_echo)
{
	struct seki_spec spec;
	struct seki_policy *policy = located_policy(&spec);

	for (unsigned i = 0; i < N(echoes); i++) {
		struct pkt pkt = flight(echoes[i].addr, echoes[i].addr, echoes[i].direction);

		pkt.proto = echoes[i].proto;
		pkt.ttl = echoes[i].ttl;
		pkt.dport = echoes[i].dport;
		ck_assert_msg(seki_policy_peers(policy, &pkt) == echoes[i].peers, "%s", echoes[i].about);
	}
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_peers");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, test_peers);
	tcase_add_test(tests, test_sides_and_domains);
	tcase_add_test(tests, test_echo);
	return suite_run("policy_peers", tests);
}
