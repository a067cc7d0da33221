/* SPDX-License-Identifier: BSD-3-Clause */
/* Between cores: the owner of a packet, and how it gets there. Cores are turns of one thread. */
#include "steer_rig.h"

START_TEST(toeplitz_is_toeplitz)
{
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;

	seki_rng_init(&rng, 1);
	make_owner(&owner, 4, true, &rng, key);
	for (unsigned i = 0; i < 1000; i++) {
		union pkt_addr addr;
		bool ip6 = i % 2 != 0;

		random_bytes(&rng, addr.b, sizeof(addr.b));
		ck_assert_uint_eq(steer_toeplitz(&owner, &addr, ip6), toeplitz_oracle(key, addr.b, ip6 ? 16 : 4));
	}
}
END_TEST

/* _i: software or RSS. A client has one owner both ways, and owners are shared out evenly. */
START_TEST(owner_is_one_both_ways)
{
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;
	unsigned hits[4] = {0};

	seki_rng_init(&rng, 2);
	make_owner(&owner, 4, _i == 1, &rng, key);
	for (unsigned i = 0; i < 8000; i++) {
		struct pkt in = {.l3 = i % 2 == 0 ? PKT_L3_IP4 : PKT_L3_IP6, .direction = SEKI_DIR_INBOUND}, out;
		unsigned core;

		random_bytes(&rng, in.src.b, i % 2 == 0 ? 4 : 16);
		random_bytes(&rng, in.dst.b, i % 2 == 0 ? 4 : 16);
		out = in;
		out.src = in.dst;
		out.dst = in.src;
		out.direction = SEKI_DIR_OUTBOUND;
		core = steer_owner_core(&owner, &in, 9, NULL);
		ck_assert_uint_lt(core, 4);
		ck_assert_uint_eq(core, steer_owner_core(&owner, &out, 9, NULL));
		hits[core]++;
	}
	for (unsigned c = 0; c < 4; c++)
		ck_assert_msg(hits[c] > 1800 && hits[c] < 2200, "core %u owns %u of 8000", c, hits[c]);
}
END_TEST

/* A client's prefix as far as it has `bytes`, then anything: how many cores own such addresses. */
static unsigned
count_owners(const struct steer_owner *owner, bool ip6, unsigned bytes)
{
	unsigned cores = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 3);
	for (unsigned i = 0; i < 1000; i++) {
		struct pkt p = {.l3 = ip6 ? PKT_L3_IP6 : PKT_L3_IP4, .direction = SEKI_DIR_INBOUND};
		unsigned len = ip6 ? 16 : 4;

		memcpy(p.src.b, "\x2a\0\x12\x34\x56\x78", bytes);
		random_bytes(&rng, p.src.b + bytes, len - bytes);
		cores |= 1u << steer_owner_core(owner, &p, 9, NULL);
	}
	return (unsigned)__builtin_popcount(cores);
}

/* Limits above one address are an IPv6 /48's at most: it has one owner, and its neighbours have others. */
START_TEST(a_prefix_of_ip6_has_one_owner)
{
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;

	seki_rng_init(&rng, 2);
	make_owner(&owner, 4, false, &rng, key);
	ck_assert_uint_eq(count_owners(&owner, true, 6), 1);
	ck_assert_uint_eq(count_owners(&owner, true, 5), 4);
	ck_assert_uint_eq(count_owners(&owner, false, 3), 4);
	/* A NIC would take all of the address, and so the owner is that everywhere. */
	make_owner(&owner, 4, true, &rng, key);
	ck_assert_uint_eq(count_owners(&owner, true, 6), 4);
}
END_TEST

START_TEST(no_address_stays)
{
	struct steer_owner owner;
	struct pkt arp = {.l3 = PKT_L3_NONE};

	steer_owner_init(&owner, 4, &secret);
	for (unsigned self = 0; self < 4; self++)
		ck_assert_uint_eq(steer_owner_core(&owner, &arp, self, NULL), self);
}
END_TEST

/* An unreachable from a router on the way, about a packet that 10.0.0.1 sent to the client. */
START_TEST(icmp_error_goes_to_the_quoted_client)
{
	static const uint8_t frame[] = {
		2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0,                               /* Ethernet */
		0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1, 0, 0, 192, 0, 2, 99, 10, 0, 0, 1,    /* from a router */
		3, 1, 0, 0, 0, 0, 0, 0,                                                 /* unreachable */
		0x45, 0, 0, 100, 0, 0, 0, 0, 60, 17, 0, 0, 10, 0, 0, 1, 203, 0, 113, 7, /* quoted */
		0, 53, 0, 99, 0, 80, 0, 0,                                              /* UDP */
	};
	uint8_t scratch[1][PKT_HEADERS_MAX];
	struct pkt error = {.data = frame, .len = sizeof(frame), .linear = sizeof(frame)};
	struct pkt plain = {.l3 = PKT_L3_IP4, .src = {.b = {203, 0, 113, 7}}};
	struct pkt router = {.l3 = PKT_L3_IP4, .src = {.b = {192, 0, 2, 99}}};
	struct steer_owner owner;

	steer_owner_init(&owner, 64, &secret);
	pkt_parse_burst(&error, 1, scratch);
	ck_assert_uint_eq(error.encap, PKT_ENCAP_ICMP_QUOTE);
	ck_assert_uint_ne(steer_owner_core(&owner, &plain, 0, NULL), steer_owner_core(&owner, &router, 0, NULL));
	ck_assert_uint_eq(steer_owner_core(&owner, &error, 0, NULL), steer_owner_core(&owner, &plain, 0, NULL));
}
END_TEST

START_TEST(steer_closes_gaps)
{
	static struct steer steer[2];
	struct rte_mbuf *taken[PKT_BURST];
	struct steer_owner owner;
	unsigned stay, n, last = 0;

	steer_owner_init(&owner, 2, &secret);
	make_steer(steer, &owner);
	make_sources(32, 0);
	stay = steer_burst(&steer[0], &policy, mbuf, pkt, 32);
	ck_assert_uint_gt(stay, 4);
	ck_assert_uint_lt(stay, 28);
	for (unsigned i = 0; i < stay; i++) {
		ck_assert_uint_eq(steer_owner_core(&owner, &pkt[i], 0, NULL), 0);
		ck_assert_uint_eq(pkt[i].len, mbuf[i]->pkt_len); /* view and mbuf still belong together */
		ck_assert_uint_ge(pkt[i].len, last);
		last = pkt[i].len;
	}
	n = steer_take(&steer[1], 0, taken);
	ck_assert_uint_eq(n, 32 - stay);
	ck_assert_uint_eq(steer_take(&steer[1], 1, taken + n), 0);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(fate_of(taken[i])->in_port, 5);
	rte_pktmbuf_free_bulk(mbuf, stay);
	rte_pktmbuf_free_bulk(taken, n);
	check_pool();
}
END_TEST

/* The ring holds 31; the rest is counted as received and dropped, by the core that could not hand it over. */
START_TEST(steer_ring_full)
{
	static struct steer steer[2];
	struct steer_owner owner;
	uint64_t away = 0;

	steer_owner_init(&owner, 2, &secret);
	make_steer(steer, &owner);
	for (unsigned burst = 0; burst < 4; burst++) {
		unsigned stay;

		make_sources(32, 32 * burst);
		stay = steer_burst(&steer[0], &policy, mbuf, pkt, 32);
		away += 32 - stay;
		rte_pktmbuf_free_bulk(mbuf, stay);
	}
	ck_assert_uint_gt(away, 31);
	ck_assert_uint_eq(stats->port[5].rx.packets, away - 31);
	ck_assert_uint_eq(stats->port[5].by_reason[0][SEKI_REASON_STEER_FULL].packets, away - 31);
	ck_assert_uint_eq(steer_discard(&steer[1]), 31);
	ck_assert_uint_eq(stats->port[5].rx.packets, away);
	ck_assert_uint_eq(stats->port[5].by_reason[0][SEKI_REASON_SHUTDOWN].packets, 31);
	check_pool();
}
END_TEST

/*
 * Control of the link, and of routers that are peers, takes no part in the crowd on the ring: it stays where it came
 * in, whoever owns its address. Packet 3k is of the link, 3k + 1 between peers, 3k + 2 says only that it is BGP.
 */
START_TEST(control_needs_no_ring)
{
	static struct steer steer[2];
	struct steer_owner owner;
	unsigned stay, n_links = 0, n_peers = 0, n_others = 0, n_dropped;

	steer_owner_init(&owner, 2, &secret);
	make_steer(steer, &owner);
	while (rte_ring_free_count(hop) > 0) {
		make_sources(1, 0);
		*fate_of(mbuf[0]) = (struct seki_fate){.in_port = 7};
		rte_ring_enqueue(hop, mbuf[0]);
	}
	make_sources(30, 0);
	for (unsigned i = 0; i < 30; i++) {
		pkt[i].flags = i % 3 == 0 ? PKT_F_CONTROL : PKT_F_PORTS | PKT_F_ROUTED_CONTROL;
		pkt[i].src.b[1] = i % 3 == 1 ? 255 : 0;
		pkt[i].dst = pkt[i].src;
		pkt[i].dst.b[3] ^= 0x80; /* another router of the same network */
		n_others += i % 3 == 2 && steer_owner_core(&owner, &pkt[i], 0, NULL) == 0;
	}
	stay = steer_burst(&steer[0], &policy, mbuf, pkt, 30);
	n_dropped = 30 - stay;
	ck_assert_uint_lt(n_others, 10); /* else the test shows nothing */
	for (unsigned i = 0; i < stay; i++) {
		n_links += pkt[i].src.b[3] % 3 == 0;
		n_peers += pkt[i].src.b[3] % 3 == 1;
		ck_assert_uint_eq(pkt[i].len, mbuf[i]->pkt_len);
	}
	ck_assert_uint_eq(n_links, 10);
	ck_assert_uint_eq(n_peers, 10);
	ck_assert_uint_eq(stay, 20 + n_others);
	ck_assert_uint_eq(stats->port[5].by_reason[0][SEKI_REASON_STEER_FULL].packets, n_dropped);
	rte_pktmbuf_free_bulk(mbuf, stay);
	ck_assert_uint_eq(steer_discard(&steer[1]), 31);
	check_pool();
}
END_TEST

static void
add_tests(TCase *tcase)
{
	tcase_add_test(tcase, toeplitz_is_toeplitz);
	tcase_add_loop_test(tcase, owner_is_one_both_ways, 0, 2);
	tcase_add_test(tcase, a_prefix_of_ip6_has_one_owner);
	tcase_add_test(tcase, no_address_stays);
	tcase_add_test(tcase, icmp_error_goes_to_the_quoted_client);
	tcase_add_test(tcase, steer_closes_gaps);
	tcase_add_test(tcase, steer_ring_full);
	tcase_add_test(tcase, control_needs_no_ring);
}

int
main(void)
{
	return steer_rig_main("app_steer", add_tests);
}
