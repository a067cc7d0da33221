/* SPDX-License-Identifier: BSD-3-Clause */
/* Between cores: the way out, snapshots. Ports are rings, cores are turns of one thread. */
#include "app_rig.h"
#include "emit.h"
#include "publish.h"
#include "sum.h"

#include <rte_eth_ring.h>
#include <rte_ethdev.h>

#define PORT_ROOM 15 /* packets that the port of these tests takes: a ring of 16 */

static struct rte_ring *wire, *apart, *control, *data;
static uint16_t port_id;
static struct emit emit;

static void
setup(void)
{
	rig_zero();
	emit_init(&emit, stats);
}

static uint64_t
ended(enum seki_reason reason)
{
	ck_assert_uint_eq(stats->zone[3].by_reason[0][reason].packets, stats->port[0].by_reason[0][reason].packets);
	return stats->port[0].by_reason[0][reason].packets;
}

/* Sends the first `n` packets. What was refused must show in the sum, or it would be counted with the others. */
static void
emit_these(unsigned n)
{
	struct pkt_sum sum = sum_of(pkt, n);
	bool alike = sum.differs == 0;

	emit_burst(&emit, mbuf, pkt, n, &sum);
	if (alike)
		ck_assert(sum.differs == 0 || sum_of(pkt, n).differs != 0);
	if (sum.differs == 0)
		ck_assert_uint_eq(sum_of(pkt, n).differs, 0);
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

	emit_direct(&emit, 1, port_id, 0, 0);
	make_burst(5, 1);
	pkt[1].reason = pkt[3].reason = SEKI_REASON_CONTROL;
	pkt[2].verdict = SEKI_VERDICT_DROP;
	emit_these(5);
	check_wire(len, 4);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 2);
	ck_assert_uint_eq(ended(SEKI_REASON_CONTROL), 2);
	ck_assert_uint_eq(stats->port[1].tx.packets, 4);
	ck_assert_uint_eq(stats->port[1].tx.bytes, 60 + 61 + 63 + 64);
	rte_pktmbuf_free(mbuf[2]); /* a drop is act's to free */
	check_pool();
}
END_TEST

START_TEST(direct_leaves_drops_alone)
{
	static const unsigned len[] = {61, 63};

	emit_direct(&emit, 1, port_id, 0, 0);
	make_burst(5, 1);
	pkt[0].verdict = pkt[2].verdict = pkt[4].verdict = SEKI_VERDICT_DROP;
	emit_these(5);
	check_wire(len, 2);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), 2);
	for (unsigned i = 0; i < 5; i += 2)
		rte_pktmbuf_free(mbuf[i]);
	check_pool();
}
END_TEST

/*
 * Where the port has a queue for control, data that fills its own takes nothing from it: neither on the direct way
 * nor from rings. Queue 1 of the port leads to `apart`.
 */
START_TEST(direct_control_has_its_own_queue)
{
	struct rte_mbuf *got;

	emit_direct(&emit, 1, port_id, 0, 1);
	make_burst(32, 1);
	emit_these(32);
	ck_assert_uint_eq(pkt[31].reason, SEKI_REASON_TX_FULL);
	make_burst(3, 1);
	pkt[1].reason = pkt[2].reason = SEKI_REASON_CONTROL;
	emit_these(3);
	ck_assert_uint_eq(pkt[0].reason, SEKI_REASON_TX_FULL);
	ck_assert_uint_eq(pkt[1].verdict, SEKI_VERDICT_PASS);
	ck_assert_uint_eq(pkt[2].verdict, SEKI_VERDICT_PASS);
	ck_assert_uint_eq(rte_ring_count(apart), 2);
	while (rte_ring_dequeue(wire, (void **)&got) == 0 || rte_ring_dequeue(apart, (void **)&got) == 0)
		rte_pktmbuf_free(got);
	check_pool();
}
END_TEST

START_TEST(drained_control_has_its_own_queue)
{
	struct rte_mbuf *got;
	struct emit tx;

	emit_by_rings(&emit, 1, control, data);
	emit_init(&tx, stats);
	emit_direct(&tx, 1, port_id, 0, 1);
	emit_add_source(&tx, control, data);
	make_burst(24, 1);
	pkt[7].reason = pkt[20].reason = SEKI_REASON_CONTROL;
	emit_these(24);
	ck_assert_uint_eq(emit_drain(&tx), 24);
	ck_assert_uint_eq(rte_ring_count(apart), 2);
	ck_assert_uint_eq(rte_ring_count(wire), PORT_ROOM);
	ck_assert_uint_eq(ended(SEKI_REASON_TX_FULL), 22 - PORT_ROOM);
	ck_assert_uint_eq(stats->port[1].tx.packets, PORT_ROOM + 2);
	while (rte_ring_dequeue(wire, (void **)&got) == 0 || rte_ring_dequeue(apart, (void **)&got) == 0)
		rte_pktmbuf_free(got);
	check_pool();
}
END_TEST

/* Two ways out in one burst, as in replay or of packets that were steered; order per way is kept. */
START_TEST(direct_sends_each_its_way)
{
	static const unsigned here[] = {60, 63, 64};

	emit_direct(&emit, 1, port_id, 0, 0);
	emit_by_rings(&emit, 2, control, data);
	make_burst(5, 1);
	pkt[1].egress = pkt[2].egress = 2;
	emit_these(5);
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
	uint64_t bytes = 0;

	emit_direct(&emit, 1, port_id, 0, 0);
	make_burst(32, 1);
	emit_these(32);
	for (unsigned i = 0; i < 32; i++) {
		bool sent = i < PORT_ROOM;

		ck_assert_uint_eq(pkt[i].verdict, sent ? SEKI_VERDICT_PASS : SEKI_VERDICT_DROP);
		ck_assert_uint_eq(pkt[i].reason, sent ? SEKI_REASON_CLEAN : SEKI_REASON_TX_FULL);
		if (!sent)
			continue;
		len[i] = 60 + i;
		bytes += len[i];
	}
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), PORT_ROOM);
	ck_assert_uint_eq(stats->port[1].tx.packets, PORT_ROOM);
	ck_assert_uint_eq(stats->port[1].tx.bytes, bytes);
	ck_assert_uint_eq(stats->port[0].by_reason[0][SEKI_REASON_CLEAN].bytes, bytes);
	ck_assert_uint_eq(stats->zone[3].by_reason[0][SEKI_REASON_CLEAN].bytes, bytes);
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
	emit_direct(&tx, 1, port_id, 0, 0);
	emit_add_source(&tx, control, data);
	make_burst(4, 1);
	pkt[2].reason = SEKI_REASON_CONTROL;
	pkt[2].reason = SEKI_REASON_CONTROL;
	emit_these(4);
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
	emit_these(32);
	ck_assert_uint_eq(pkt[30].verdict, SEKI_VERDICT_PASS);
	ck_assert_uint_eq(pkt[31].verdict, SEKI_VERDICT_DROP);
	ck_assert_uint_eq(pkt[31].reason, SEKI_REASON_RING_FULL);
	make_burst(2, 1);
	pkt[1].reason = SEKI_REASON_CONTROL;
	emit_these(2);
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
	emit_direct(&tx, 1, port_id, 0, 0);
	emit_add_source(&tx, control, data);
	make_burst(20, 1);
	emit_these(20);
	ck_assert_uint_eq(emit_drain(&tx), 20);
	ck_assert_uint_eq(ended(SEKI_REASON_CLEAN), PORT_ROOM);
	ck_assert_uint_eq(ended(SEKI_REASON_TX_FULL), 20 - PORT_ROOM);
	while (rte_ring_dequeue(wire, (void **)&got) == 0)
		rte_pktmbuf_free(got);
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

/* Many snapshots of the current policy may wait, and no reload need wait for them; one of an older policy counts. */
START_TEST(old_policies_are_not_old_snapshots)
{
	static struct publish publish;
	static struct seki_policy policy[2];
	struct seki_snapshot *last;

	ck_assert_int_eq(publish_init(&publish, 1), 0);
	publish_join(&publish, 0);
	for (unsigned i = 0; i < 10; i++) {
		last = calloc(1, sizeof(*last));
		last->policy = &policy[0];
		policy[0].refs = policy[1].refs = 100; /* never freed */
		ck_assert_int_eq(publish_swap(&publish, last), 0);
	}
	ck_assert_uint_eq(publish.n_retired, 9);
	ck_assert_uint_eq(publish_old_policies(&publish), 0);
	last = calloc(1, sizeof(*last));
	last->policy = &policy[1];
	ck_assert_int_eq(publish_swap(&publish, last), 0);
	ck_assert_uint_eq(publish_old_policies(&publish), 10);
	rte_rcu_qsbr_quiescent(publish.rcu, 0);
	publish_reclaim(&publish);
	ck_assert_uint_eq(publish_old_policies(&publish), 0);
	publish_leave(&publish, 0);
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
	struct rte_ring *out[2];
	int id;

	rig_open();
	wire = out[0] = rig_ring("wire", 16);
	apart = out[1] = rig_ring("apart", 16);
	control = rig_ring("control", 32);
	data = rig_ring("data", 32);
	id = rte_eth_from_rings("wires", out, 1, out, 2, 0);
	if (id < 0 || rte_eth_dev_configure((uint16_t)id, 1, 2, &conf) != 0 ||
		rte_eth_rx_queue_setup((uint16_t)id, 0, 16, 0, NULL, pool) != 0 ||
		rte_eth_tx_queue_setup((uint16_t)id, 0, 16, 0, NULL) != 0 ||
		rte_eth_tx_queue_setup((uint16_t)id, 1, 16, 0, NULL) != 0 || rte_eth_dev_start((uint16_t)id) != 0)
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
	tcase_add_test(tcase, direct_control_has_its_own_queue);
	tcase_add_test(tcase, drained_control_has_its_own_queue);
	tcase_add_test(tcase, direct_says_what_the_port_refused);
	tcase_add_test(tcase, fate_travels_through_rings);
	tcase_add_test(tcase, control_has_its_own_room);
	tcase_add_test(tcase, drain_counts_what_the_port_refused);
	tcase_add_test(tcase, snapshots_wait_for_every_core);
	tcase_add_test(tcase, old_policies_are_not_old_snapshots);
	tcase_add_test(tcase, snapshots_are_bounded);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
