/* SPDX-License-Identifier: BSD-3-Clause */
/* Between cores: owner, steering, the way out, snapshots. Ports are rings, cores are turns of one thread. */
#include "../support/eal.h" /* not app/eal.h */
#include "emit.h"
#include "fate.h"
#include "publish.h"
#include "steer.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>

#define N_MBUFS 511
#define PORT_ROOM 15 /* packets that the port of these tests takes: a ring of 16 */

static struct rte_mempool *pool;
static struct rte_ring *wire, *control, *data, *hop;
static uint16_t port_id;
static struct seki_stats *stats;
static struct emit emit;
static struct pkt pkt[PKT_BURST];
static struct rte_mbuf *mbuf[PKT_BURST];

static void
setup(void)
{
	static struct seki_stats counters;

	memset(&counters, 0, sizeof(counters));
	stats = &counters;
	emit_init(&emit, stats);
}

/* All mbufs are back: nothing leaked, nothing freed twice. */
static void
check_pool(void)
{
	ck_assert_uint_eq(rte_mempool_avail_count(pool), N_MBUFS);
}

/* n decided packets for port `egress`; packet i is i + 60 bytes long and says so. */
static void
make_burst(unsigned n, uint16_t egress)
{
	memset(pkt, 0, sizeof(pkt));
	ck_assert_int_eq(rte_pktmbuf_alloc_bulk(pool, mbuf, n), 0);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_ptr_nonnull(rte_pktmbuf_append(mbuf[i], (uint16_t)(60 + i)));
		pkt[i].len = 60 + i;
		pkt[i].egress = egress;
		pkt[i].zone = 3;
		pkt[i].verdict = SEKI_VERDICT_PASS;
		pkt[i].reason = SEKI_REASON_CLEAN;
	}
}

static uint64_t
ended(enum seki_reason reason)
{
	ck_assert_uint_eq(stats->zone[3].by_reason[0][reason].packets, stats->port[0].by_reason[0][reason].packets);
	return stats->port[0].by_reason[0][reason].packets;
}

/* Takes what the port sent and checks lengths, in order; frees it. */
static void
check_wire(const unsigned *len, unsigned n)
{
	struct rte_mbuf *got;

	for (unsigned i = 0; i < n; i++) {
		ck_assert_msg(rte_ring_dequeue(wire, (void **)&got) == 0, "packet %u of %u is missing", i, n);
		ck_assert_uint_eq(got->pkt_len, len[i]);
		rte_pktmbuf_free(got);
	}
	ck_assert_uint_eq(rte_ring_count(wire), 0);
}

START_TEST(direct_sends_control_first)
{
	static const unsigned len[] = {61, 63, 60, 64};

	emit_direct(&emit, 1, port_id, 0);
	make_burst(5, 1);
	pkt[1].flags = pkt[3].flags = PKT_F_CONTROL;
	pkt[2].verdict = SEKI_VERDICT_DROP;
	emit_burst(&emit, mbuf, pkt, 5);
	check_wire(len, 4);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 4);
	ck_assert_uint_eq(stats->port[1].tx.packets, 4);
	ck_assert_uint_eq(stats->port[1].tx.bytes, 60 + 61 + 63 + 64);
	rte_pktmbuf_free(mbuf[2]); /* a drop is act's to free */
	check_pool();
}
END_TEST

START_TEST(direct_leaves_drops_alone)
{
	static const unsigned len[] = {61, 63};

	emit_direct(&emit, 1, port_id, 0);
	make_burst(5, 1);
	pkt[0].verdict = pkt[2].verdict = pkt[4].verdict = SEKI_VERDICT_DROP;
	emit_burst(&emit, mbuf, pkt, 5);
	check_wire(len, 2);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 2);
	for (unsigned i = 0; i < 5; i += 2)
		rte_pktmbuf_free(mbuf[i]);
	check_pool();
}
END_TEST

/* Two ways out in one burst, as in replay or of packets that were steered; order per way is kept. */
START_TEST(direct_sends_each_its_way)
{
	static const unsigned here[] = {60, 63, 64};

	emit_direct(&emit, 1, port_id, 0);
	emit_by_rings(&emit, 2, control, data);
	make_burst(5, 1);
	pkt[1].egress = pkt[2].egress = 2;
	emit_burst(&emit, mbuf, pkt, 5);
	check_wire(here, 3);
	ck_assert_uint_eq(rte_ring_count(data), 2);
	ck_assert_uint_eq(rte_ring_count(control), 0);
	ck_assert_uint_eq(stats->port[1].tx.packets, 3);
	emit_add_source(&emit, control, data);
	ck_assert_uint_eq(emit_discard(&emit), 2);
	check_pool();
}
END_TEST

START_TEST(direct_says_what_the_port_refused)
{
	unsigned len[PORT_ROOM];

	emit_direct(&emit, 1, port_id, 0);
	make_burst(32, 1);
	emit_burst(&emit, mbuf, pkt, 32);
	for (unsigned i = 0; i < 32; i++) {
		bool sent = i < PORT_ROOM;

		ck_assert_uint_eq(pkt[i].verdict, sent ? SEKI_VERDICT_PASS : SEKI_VERDICT_DROP);
		ck_assert_uint_eq(pkt[i].reason, sent ? SEKI_REASON_CLEAN : SEKI_REASON_TX_FULL);
		if (sent)
			len[i] = 60 + i;
	}
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), PORT_ROOM);
	ck_assert_uint_eq(ended(SEKI_REASON_TX_FULL), 0); /* seki_stats_burst counts drops */
	check_wire(len, PORT_ROOM);
	check_pool();
}
END_TEST

START_TEST(fate_travels_through_rings)
{
	static const unsigned len[] = {62, 60, 61, 63};
	struct emit tx;

	emit_by_rings(&emit, 1, control, data);
	emit_init(&tx, stats);
	emit_direct(&tx, 1, port_id, 0);
	emit_add_source(&tx, control, data);
	make_burst(4, 1);
	pkt[2].flags = PKT_F_CONTROL;
	pkt[2].reason = SEKI_REASON_CONTROL;
	emit_burst(&emit, mbuf, pkt, 4);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 0);
	ck_assert_uint_eq(emit_drain(&tx), 4);
	ck_assert_uint_eq(emit_drain(&tx), 0);
	check_wire(len, 4);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 3);
	ck_assert_uint_eq(ended(SEKI_REASON_CONTROL), 1);
	ck_assert_uint_eq(stats->port[1].tx.packets, 4);
	check_pool();
}
END_TEST

/* A data ring that is full takes nothing from control. Rings here hold 31. */
START_TEST(control_has_its_own_room)
{
	struct emit tx;

	emit_by_rings(&emit, 1, control, data);
	make_burst(32, 1);
	emit_burst(&emit, mbuf, pkt, 32);
	ck_assert_uint_eq(pkt[30].verdict, SEKI_VERDICT_PASS);
	ck_assert_uint_eq(pkt[31].verdict, SEKI_VERDICT_DROP);
	ck_assert_uint_eq(pkt[31].reason, SEKI_REASON_RING_FULL);
	make_burst(2, 1);
	pkt[1].flags = PKT_F_CONTROL;
	emit_burst(&emit, mbuf, pkt, 2);
	ck_assert_uint_eq(pkt[0].reason, SEKI_REASON_RING_FULL);
	ck_assert_uint_eq(pkt[1].verdict, SEKI_VERDICT_PASS);
	emit_init(&tx, stats);
	emit_add_source(&tx, control, data);
	ck_assert_uint_eq(emit_discard(&tx), 32);
	ck_assert_uint_eq(ended(SEKI_REASON_SHUTDOWN), 32);
	check_pool();
}
END_TEST

START_TEST(drain_counts_what_the_port_refused)
{
	struct emit tx;
	struct rte_mbuf *got;

	emit_by_rings(&emit, 1, control, data);
	emit_init(&tx, stats);
	emit_direct(&tx, 1, port_id, 0);
	emit_add_source(&tx, control, data);
	make_burst(20, 1);
	emit_burst(&emit, mbuf, pkt, 20);
	ck_assert_uint_eq(emit_drain(&tx), 20);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), PORT_ROOM);
	ck_assert_uint_eq(ended(SEKI_REASON_TX_FULL), 20 - PORT_ROOM);
	while (rte_ring_dequeue(wire, (void **)&got) == 0)
		rte_pktmbuf_free(got);
	check_pool();
}
END_TEST

/* Toeplitz as its definition reads: bit by bit. */
static uint32_t
toeplitz_oracle(const uint8_t *key, const uint8_t *in, unsigned n)
{
	uint32_t hash = 0;

	for (unsigned bit = 0; bit < 8 * n; bit++) {
		uint32_t window = 0;

		if ((in[bit / 8] & (0x80 >> bit % 8)) == 0)
			continue;
		for (unsigned k = bit; k < bit + 32; k++)
			window = window << 1 | (key[k / 8] >> (7 - k % 8) & 1);
		hash ^= window;
	}
	return hash;
}

static const struct seki_key secret = {{0x0123456789abcdef, 0xfedcba9876543210}};

static void
random_bytes(struct seki_rng *rng, uint8_t *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = (uint8_t)seki_rng_next(rng);
}

static void
make_owner(struct steer_owner *owner, unsigned n, bool rss, struct seki_rng *rng, uint8_t key[STEER_RSS_KEY_MAX])
{
	steer_owner_init(owner, n, &secret);
	random_bytes(rng, key, STEER_RSS_KEY_MAX);
	if (rss)
		steer_owner_use_rss(owner, key, STEER_RSS_KEY_MAX, 128);
}

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

/* Two cores, one ring from 0 to 1; sources 10.0.0.i. */
static void
make_steer(struct steer *steer, const struct steer_owner *owner)
{
	memset(steer, 0, 2 * sizeof(*steer));
	for (unsigned c = 0; c < 2; c++) {
		steer[c].owner = owner;
		steer[c].id = c;
		steer[c].stats = stats;
	}
	steer[0].to[1] = hop;
	steer[1].from[0] = hop;
}

static void
make_sources(unsigned n, unsigned first)
{
	make_burst(n, 1);
	for (unsigned i = 0; i < n; i++) {
		pkt[i].l3 = PKT_L3_IP4;
		pkt[i].in_port = 5;
		pkt[i].src.b[0] = 10;
		pkt[i].src.b[2] = (uint8_t)((first + i) >> 8);
		pkt[i].src.b[3] = (uint8_t)(first + i);
	}
}

START_TEST(steer_closes_gaps)
{
	static struct steer steer[2];
	struct rte_mbuf *taken[PKT_BURST];
	struct steer_owner owner;
	unsigned stay, n, last = 0;

	steer_owner_init(&owner, 2, &secret);
	make_steer(steer, &owner);
	make_sources(32, 0);
	stay = steer_burst(&steer[0], mbuf, pkt, 32);
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
		stay = steer_burst(&steer[0], mbuf, pkt, 32);
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
		stay = steer_burst(&steer[0], mbuf, pkt, 32);
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
	stay = steer_burst(&steer[0], mbuf, pkt, 32);
	ck_assert_uint_eq(steer[0].probe[5][0].trust, STEER_TRUST_NO);
	for (unsigned i = 0; i < stay; i++)
		ck_assert_uint_eq(steer_owner_core(&owner, &pkt[i], 0, NULL), 0);
	rte_pktmbuf_free_bulk(mbuf, stay);
	steer_discard(&steer[1]);
	check_pool();
}
END_TEST

/* A snapshot is freed when both cores have been seen, and not before. (The sanitizer sees if it is not freed.) */
START_TEST(snapshots_wait_for_every_core)
{
	static struct publish publish;
	struct seki_snapshot *snapshot[3];

	ck_assert_int_eq(publish_init(&publish, 2), 0);
	for (unsigned i = 0; i < 3; i++) {
		snapshot[i] = calloc(1, sizeof(*snapshot[i]));
		snapshot[i]->generation = i + 1;
	}
	ck_assert_int_eq(publish_swap(&publish, snapshot[0]), 0);
	publish_join(&publish, 0);
	publish_join(&publish, 1);
	ck_assert_int_eq(publish_swap(&publish, snapshot[1]), 0);
	ck_assert_ptr_eq(publish.current, snapshot[1]);
	ck_assert_uint_eq(publish_reclaim(&publish), 1);
	rte_rcu_qsbr_quiescent(publish.rcu, 0);
	ck_assert_uint_eq(publish_reclaim(&publish), 1);
	ck_assert_int_eq(publish_swap(&publish, snapshot[2]), 0);
	rte_rcu_qsbr_quiescent(publish.rcu, 1);
	ck_assert_uint_eq(publish_reclaim(&publish), 1); /* core 0 has yet to see the third */
	publish_leave(&publish, 0);
	ck_assert_uint_eq(publish_reclaim(&publish), 0); /* who has left, reads nothing */
	ck_assert_uint_eq(publish.generation, 3);
	publish_leave(&publish, 1);
	publish_fini(&publish);
}
END_TEST

START_TEST(snapshots_are_bounded)
{
	static struct publish publish;
	struct seki_snapshot *last;
	unsigned n = 0;

	ck_assert_int_eq(publish_init(&publish, 1), 0);
	publish_join(&publish, 0);
	while (publish_swap(&publish, last = calloc(1, sizeof(*last))) == 0)
		n++;
	ck_assert_uint_eq(n, PUBLISH_RETIRED_MAX + 1);
	free(last);
	publish_leave(&publish, 0);
	publish_fini(&publish);
}
END_TEST

static void
start_ports(void)
{
	struct rte_eth_conf conf = {0};
	int id;

	test_eal_start(64);
	pool = rte_pktmbuf_pool_create("test", N_MBUFS, 0, 0, 512, SOCKET_ID_ANY);
	wire = rte_ring_create("wire", 16, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	control = rte_ring_create("control", 32, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	data = rte_ring_create("data", 32, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	hop = rte_ring_create("hop", 32, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
	id = rte_eth_from_ring(wire);
	if (fate_setup() != 0 || pool == NULL || wire == NULL || control == NULL || data == NULL || hop == NULL ||
		id < 0 || rte_eth_dev_configure((uint16_t)id, 1, 1, &conf) != 0 ||
		rte_eth_rx_queue_setup((uint16_t)id, 0, 16, 0, NULL, pool) != 0 ||
		rte_eth_tx_queue_setup((uint16_t)id, 0, 16, 0, NULL) != 0 || rte_eth_dev_start((uint16_t)id) != 0)
		abort();
	port_id = (uint16_t)id;
}

int
main(void)
{
	Suite *suite = suite_create("app_path");
	TCase *tcase = tcase_create("app_path");
	SRunner *runner;
	int failed;

	start_ports();
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, direct_sends_control_first);
	tcase_add_test(tcase, direct_leaves_drops_alone);
	tcase_add_test(tcase, direct_sends_each_its_way);
	tcase_add_test(tcase, direct_says_what_the_port_refused);
	tcase_add_test(tcase, fate_travels_through_rings);
	tcase_add_test(tcase, control_has_its_own_room);
	tcase_add_test(tcase, drain_counts_what_the_port_refused);
	tcase_add_test(tcase, toeplitz_is_toeplitz);
	tcase_add_loop_test(tcase, owner_is_one_both_ways, 0, 2);
	tcase_add_test(tcase, no_address_stays);
	tcase_add_test(tcase, icmp_error_goes_to_the_quoted_client);
	tcase_add_test(tcase, steer_closes_gaps);
	tcase_add_test(tcase, steer_ring_full);
	tcase_add_test(tcase, probe_believes_what_it_has_checked);
	tcase_add_test(tcase, probe_ends_with_one_lie);
	tcase_add_test(tcase, snapshots_wait_for_every_core);
	tcase_add_test(tcase, snapshots_are_bounded);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
