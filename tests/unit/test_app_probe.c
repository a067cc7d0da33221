/* SPDX-License-Identifier: BSD-3-Clause */
/* What a port says of a packet's hash: when it is believed, and for which packets. */
#include "steer_rig.h"

/* A port that hashes as it should is believed after enough packets; owners are the same before and after. */
START_TEST(probe_believes_what_it_has_checked)
{
	static struct steer steer[2];
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;

	seki_rng_init(&rng, 3);
	make_owner(&owner, 2, true, &rng, key);
	make_steer(steer, &owner);
	steer[0].probe[5][0].trust = STEER_TRUST_PROBING;
	for (unsigned burst = 0; burst < 4; burst++) {
		unsigned stay;

		make_sources(32, 32 * burst);
		for (unsigned i = 0; i < 32; i++) {
			mbuf[i]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
			mbuf[i]->hash.rss = toeplitz_oracle(key, pkt[i].src.b, 4);
		}
		ck_assert_uint_eq(steer[0].probe[5][0].trust,
			burst * 32 < STEER_PROBE_MATCHES ? STEER_TRUST_PROBING : STEER_TRUST_YES);
		stay = steer_burst(&steer[0], &policy, mbuf, pkt, 32);
		for (unsigned i = 0; i < stay; i++)
			ck_assert_uint_eq(steer_owner_core(&owner, &pkt[i], 0, NULL), 0);
		rte_pktmbuf_free_bulk(mbuf, stay);
		steer_discard(&steer[1]);
	}
	check_pool();
}
END_TEST

START_TEST(probe_ends_with_one_lie)
{
	static struct steer steer[2];
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;
	unsigned stay;

	seki_rng_init(&rng, 4);
	make_owner(&owner, 2, true, &rng, key);
	make_steer(steer, &owner);
	steer[0].probe[5][0].trust = STEER_TRUST_PROBING;
	make_sources(32, 0);
	for (unsigned i = 0; i < 32; i++) {
		mbuf[i]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		mbuf[i]->hash.rss = toeplitz_oracle(key, pkt[i].src.b, 4) ^ (i == 20);
	}
	stay = steer_burst(&steer[0], &policy, mbuf, pkt, 32);
	ck_assert_uint_eq(steer[0].probe[5][0].trust, STEER_TRUST_NO);
	for (unsigned i = 0; i < stay; i++)
		ck_assert_uint_eq(steer_owner_core(&owner, &pkt[i], 0, NULL), 0);
	rte_pktmbuf_free_bulk(mbuf, stay);
	steer_discard(&steer[1]);
	check_pool();
}
END_TEST

/* Packets that NICs hash in different ways; the port is believed otherwise. */
static const struct doubt_row {
	const char *what;
	struct pkt pkt;
	bool believed;
} doubt_rows[] = {
	{"UDP", {.flags = PKT_F_PORTS, .proto = IPPROTO_UDP, .dport = 53}, true},
	{"TCP", {.flags = PKT_F_PORTS | PKT_F_TCP, .proto = IPPROTO_TCP, .dport = 443}, true},
	{"TCP to the number of a tunnel", {.flags = PKT_F_PORTS | PKT_F_TCP, .proto = IPPROTO_TCP, .dport = 4789},
		true},
	{"one tag", {.flags = PKT_F_PORTS, .proto = IPPROTO_UDP, .n_vlan = 1}, true},
	{"two tags", {.flags = PKT_F_PORTS, .proto = IPPROTO_UDP, .n_vlan = 2}, false},
	{"first fragment", {.flags = PKT_F_PORTS | PKT_F_FRAG, .proto = IPPROTO_UDP}, false},
	{"later fragment", {.flags = PKT_F_FRAG | PKT_F_FRAG_LATER, .proto = IPPROTO_UDP}, false},
	{"options", {.flags = PKT_F_PORTS | PKT_F_IP_OPTIONS, .proto = IPPROTO_UDP}, false},
	{"wrong checksum", {.flags = PKT_F_PORTS | PKT_F_CSUM_BAD, .proto = IPPROTO_UDP}, false},
	{"defect", {.flags = PKT_F_PORTS, .proto = IPPROTO_UDP, .defect = SEKI_REASON_IP_LENGTH}, false},
	{"GRE", {.proto = IPPROTO_GRE}, false},
	{"IP in IP", {.proto = IPPROTO_IPIP}, false},
	{"ICMP", {.flags = PKT_F_ICMP, .proto = IPPROTO_ICMP}, false},
	{"VXLAN", {.flags = PKT_F_PORTS | PKT_F_TUNNEL, .proto = IPPROTO_UDP, .dport = 4789}, false},
};

/* The port says a hash that leads to the other core. It is followed where it is believed, and nowhere else. */
START_TEST(lies_about_what_was_not_probed)
{
	const struct doubt_row *row = &doubt_rows[_i];
	static struct steer steer[2];
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;
	unsigned stay, mine = 0;

	seki_rng_init(&rng, 5);
	make_owner(&owner, 2, true, &rng, key);
	make_steer(steer, &owner);
	steer[0].probe[5][0].trust = STEER_TRUST_YES;
	make_sources(15, 0);
	for (unsigned i = 0; i < 15; i++) {
		struct pkt p = row->pkt;

		p.l3 = PKT_L3_IP4;
		p.len = pkt[i].len;
		p.in_port = 5;
		p.src = pkt[i].src;
		pkt[i] = p;
		mbuf[i]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
		mbuf[i]->hash.rss = toeplitz_oracle(key, p.src.b, 4) ^ 1;
		mine += steer_owner_core(&owner, &p, 0, NULL) == 0;
	}
	ck_assert(mine > 0 && mine < 15); /* an odd number has no half: the lie shows in how many stay */
	stay = steer_burst(&steer[0], &policy, mbuf, pkt, 15);
	ck_assert_msg(stay == (row->believed ? 15 - mine : mine), "%s: %u of 15 stay", row->what, stay);
	ck_assert_uint_eq(steer[0].probe[5][0].trust, STEER_TRUST_YES);
	rte_pktmbuf_free_bulk(mbuf, stay);
	steer_discard(&steer[1]);
	check_pool();
}
END_TEST

/* What the probe would not believe, it does not learn from either: such packets end nobody's trust. */
START_TEST(probe_passes_over_doubts)
{
	const struct doubt_row *row = &doubt_rows[_i];
	static struct steer steer[2];
	uint8_t key[STEER_RSS_KEY_MAX];
	struct steer_owner owner;
	struct seki_rng rng;
	unsigned stay;

	seki_rng_init(&rng, 6);
	make_owner(&owner, 2, true, &rng, key);
	make_steer(steer, &owner);
	steer[0].probe[5][0].trust = STEER_TRUST_PROBING;
	make_sources(1, 0);
	pkt[0].flags = row->pkt.flags;
	pkt[0].proto = row->pkt.proto;
	pkt[0].sport = row->pkt.sport;
	pkt[0].dport = row->pkt.dport;
	pkt[0].n_vlan = row->pkt.n_vlan;
	pkt[0].defect = row->pkt.defect;
	mbuf[0]->ol_flags |= RTE_MBUF_F_RX_RSS_HASH;
	mbuf[0]->hash.rss = toeplitz_oracle(key, pkt[0].src.b, 4) ^ 1;
	stay = steer_burst(&steer[0], &policy, mbuf, pkt, 1);
	ck_assert_uint_eq(steer[0].probe[5][0].trust, row->believed ? STEER_TRUST_NO : STEER_TRUST_PROBING);
	rte_pktmbuf_free_bulk(mbuf, stay);
	steer_discard(&steer[1]);
	check_pool();
}
END_TEST

#define N_ROWS ((int)(sizeof(doubt_rows) / sizeof(doubt_rows[0])))

static void
add_tests(TCase *tcase)
{
	tcase_add_test(tcase, probe_believes_what_it_has_checked);
	tcase_add_test(tcase, probe_ends_with_one_lie);
	tcase_add_loop_test(tcase, lies_about_what_was_not_probed, 0, N_ROWS);
	tcase_add_loop_test(tcase, probe_passes_over_doubts, 0, N_ROWS);
}

int
main(void)
{
	return steer_rig_main("app_probe", add_tests);
}
