/* SPDX-License-Identifier: BSD-3-Clause */
/* What a specification makes of cores, ports, pools and nodes, before EAL runs. */
#include "app_spec.h"
#include "device.h"
#include "eal.h"
#include "near.h"
#include "plan.h"
#include "port.h"
#include "suite.h"

static const struct device_row {
	const char *device;
	bool pci;
	const char *name;
} device_rows[] = {
	{"0000:01:00.0", true, "0000:01:00.0"},
	{"0000:af:1f.7,representor=0", true, "0000:af:1f.7"},
	{"01:00.0", true, "01:00.0"},
	{"10000:01:00.0", true, "10000:01:00.0"},
	{"net_tap0,iface=x", false, "net_tap0"},
	{"net_pcap0,rx_pcap=/0000:01:00.0", false, "net_pcap0"},
	{"0000:01:00", false, "0000:01:00"},
	{"", false, ""},
};

START_TEST(device_text)
{
	const struct device_row *row = &device_rows[_i];
	char name[DEVICE_NAME_MAX];

	ck_assert_msg(device_is_pci(row->device) == row->pci, "%s", row->device);
	ck_assert_str_eq(device_name(row->device, name), row->name);
	ck_assert_uint_eq(device_keeps_mbufs(row->device), 0);
}
END_TEST

START_TEST(device_name_is_cut)
{
	char device[200], name[DEVICE_NAME_MAX];

	memset(device, 'x', sizeof(device) - 1);
	device[sizeof(device) - 1] = '\0';
	ck_assert_uint_eq(strlen(device_name(device, name)), DEVICE_NAME_MAX - 1);
}
END_TEST

/* The pool must hold all that can keep a packet at one time. */
START_TEST(pool_cannot_run_dry)
{
	struct seki_spec spec = small_spec(4, SEKI_ROLE_RXTX);
	struct plan plan;
	size_t held;

	spec.core[2].role = SEKI_ROLE_RX;
	spec.core[3].role = SEKI_ROLE_TX;
	plan_init(&plan, &spec);
	ck_assert_uint_eq(plan.n_rx, 3);
	ck_assert_uint_eq(plan.n_tx, 3);
	ck_assert_int_eq(plan.rx_of[3], -1);
	ck_assert_int_eq(plan.tx_of[2], -1);
	ck_assert_uint_eq(plan.rx_core[2], 2);
	ck_assert_uint_eq(plan.tx_core[2], 3);
	held = 3 * 1024 + 6 * 1024;                        /* descriptors; of the other port also those for control */
	held += 3 * (4096 + PLAN_CONTROL_RING);            /* one pair of rings per RX core */
	held += 3 * 2 * 4096;                              /* steering */
	held += 5 * (PLAN_POOL_CACHE * 3 / 2 + PKT_BURST); /* caches and hands */
	ck_assert_uint_ge(plan_mbufs(&plan, &spec, 0, 3, 6), held);
	plan.rx_desc[0] += 512; /* the driver wants more */
	plan.tx_desc[1] += 256;
	ck_assert_uint_ge(plan_mbufs(&plan, &spec, 0, 3, 6), held + 3 * 512 + 6 * 256);
}
END_TEST

/* A frame in pieces leaves by the other port: it must be able to send what this one can receive. */
static const struct pieces_row {
	uint64_t rx, tx, peer_rx, peer_tx;
	bool pieces;
} pieces_rows[] = {
	{0, 0, 0, 0, false},
	{RTE_ETH_RX_OFFLOAD_SCATTER, 0, 0, RTE_ETH_TX_OFFLOAD_MULTI_SEGS, true},
	{RTE_ETH_RX_OFFLOAD_SCATTER, RTE_ETH_TX_OFFLOAD_MULTI_SEGS, RTE_ETH_RX_OFFLOAD_SCATTER, 0, false},
	{0, RTE_ETH_TX_OFFLOAD_MULTI_SEGS, RTE_ETH_RX_OFFLOAD_SCATTER, RTE_ETH_TX_OFFLOAD_MULTI_SEGS, false},
};

START_TEST(pieces_are_the_peers_to_send)
{
	const struct pieces_row *row = &pieces_rows[_i];
	struct port port = {.info = {.rx_offload_capa = row->rx, .tx_offload_capa = row->tx}};
	struct port peer = {.info = {.rx_offload_capa = row->peer_rx, .tx_offload_capa = row->peer_tx}};

	port_meet_peer(&port, &peer);
	ck_assert(port.pieces == row->pieces);
}
END_TEST

START_TEST(control_queues_lie_behind_those_for_data)
{
	struct port port = {.n_txq = 3, .control_txq = true};

	ck_assert_uint_eq(port_tx_queues(&port), 6);
	ck_assert_uint_eq(port_control_queue(&port, 0), 3);
	ck_assert_uint_eq(port_control_queue(&port, 2), 5);
	port.control_txq = false;
	ck_assert_uint_eq(port_tx_queues(&port), 3);
	ck_assert_uint_eq(port_control_queue(&port, 2), 2);
}
END_TEST

START_TEST(jumbo_fits_one_buffer)
{
	struct seki_spec spec = small_spec(1, SEKI_ROLE_RXTX);

	ck_assert_uint_eq(plan_frame_bytes(&spec, 0), 1500 + 14 + 8 + 32 + 4);
	ck_assert_uint_ge(plan_data_room(&spec, 0), 2048 + 128);
	two_ports[0].mtu = 9000;
	ck_assert_uint_ge(plan_data_room(&spec, 0), 9000 + 14 + 8 + 32 + 4 + 128);
}
END_TEST

/* Words that do not fit are not left out: EAL is not started at all. (Else the test would end here.) */
START_TEST(too_many_words_for_eal)
{
	struct seki_spec spec = small_spec(1, SEKI_ROLE_RXTX);
	struct eal_request request = {.spec = &spec};
	struct seki_err err;
	char extra[2 * 500 + 1];

	for (unsigned i = 0; i < 500; i++)
		memcpy(&extra[2 * i], "x ", 3);
	spec.eal.extra = extra;
	spec.eal.file_prefix = "test";
	spec.eal.log_level = "error";
	seki_err_init(&err);
	ck_assert_int_eq(eal_start(&request, &err), -E2BIG);
	ck_assert_uint_eq(err.n_total, 1);
	seki_err_fini(&err);
}
END_TEST

START_TEST(tables_are_near_the_first_receiver)
{
	struct seki_spec spec = small_spec(2, SEKI_ROLE_RXTX);
	uint64_t nodes = 0;
	struct plan plan;
	int node;

	spec.core[0].role = SEKI_ROLE_TX;
	plan_init(&plan, &spec);
	node = plan_table_node(&plan, &spec, &nodes);
	ck_assert_int_eq(node, cpu_node(spec.core[1].cpu));
	ck_assert_uint_eq(nodes, UINT64_C(1) << node); /* one RX core, so one node */
}
END_TEST

/* eal.memory_mb may be the least and no less; what is computed has room for a reload. */
START_TEST(memory_that_is_too_little)
{
	struct seki_spec spec = small_spec(2, SEKI_ROLE_RXTX);
	struct plan_memory memory;
	struct plan plan;
	struct seki_err err;
	char least[32];

	plan_init(&plan, &spec);
	plan_memory(&memory, &plan, &spec, 100 << 20);
	ck_assert_uint_gt(memory.buffers, 2 * 2048 * (size_t)2048); /* descriptors of two cores and two ports */
	ck_assert_uint_ge(memory.policy, 100 << 20);
	ck_assert_uint_ge(memory.reload, memory.policy + (32 << 20));
	ck_assert_uint_eq(plan_memory_full(&memory), plan_memory_least(&memory) + memory.reload);
	seki_err_init(&err);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0); /* 0: computed */
	spec.eal.memory_line = 7;
	spec.eal.memory_mb = (uint32_t)(plan_memory_least(&memory) >> 20) + 1;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0);
	snprintf(least, sizeof(least), "it takes %u MB to start", spec.eal.memory_mb--);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	ck_assert_msg(strstr(err.entry[0].text, "for the tables of zones and lists") != NULL, "%s", err.entry[0].text);
	check_said(&err, 1, 7, least);
	spec.eal.huge = true; /* more comes with the next huge page */
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0);
}
END_TEST

/* EAL dies of being given more than there is, whether that was asked for or computed. */
START_TEST(memory_that_is_not_there)
{
	static const size_t mb = 1 << 20;
	struct seki_spec spec = small_spec(1, SEKI_ROLE_RXTX);
	struct plan_memory memory;
	struct plan plan;
	struct seki_err err;

	plan_init(&plan, &spec);
	plan_memory(&memory, &plan, &spec, 100 * mb);
	ck_assert_uint_gt(memory.machine, 64 * mb);
	spec.eal.memory_line = 7;
	memory.machine = plan_memory_full(&memory) + mb;
	seki_err_init(&err);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0);
	spec.eal.memory_mb = (uint32_t)(memory.machine / mb);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0);
	spec.eal.memory_mb++;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	check_said(&err, 1, 7, " MB that this machine has");
	spec.eal.huge = true;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	check_said(&err, 1, 7, " MB that this machine has");
	spec.eal.memory_mb = 0;
	memory.machine = plan_memory_least(&memory);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0); /* as many pages as are needed, no more */
	spec.eal.huge = false;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	check_said(&err, 1, 7, "to reload, too, and 1 MB for the state of flows and sources, which is more than the ");
	/* State is beside what EAL has. */
	memory.machine = plan_memory_full(&memory) + mb;
	spec.state.flows = 1000000;
	spec.state.sources = 65536;
	plan_memory(&memory, &plan, &spec, 100 * mb);
	ck_assert_uint_gt(memory.state, 20 * mb);
	memory.machine = plan_memory_full(&memory) + memory.state - mb;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	memory.machine += 2 * mb;
	seki_err_fini(&err);
	seki_err_init(&err);
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), 0);
	spec.eal.huge = true;
	memory.machine = memory.state - mb;
	ck_assert_int_eq(plan_check_memory(&memory, &spec, &err), -EINVAL);
	check_said(&err, 1, 0, "state: 1000000 flows and 65536 sources take ");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_plan");

	tcase_add_loop_test(tests, device_text, 0, N(device_rows));
	tcase_add_test(tests, device_name_is_cut);
	tcase_add_test(tests, pool_cannot_run_dry);
	tcase_add_loop_test(tests, pieces_are_the_peers_to_send, 0, N(pieces_rows));
	tcase_add_test(tests, control_queues_lie_behind_those_for_data);
	tcase_add_test(tests, jumbo_fits_one_buffer);
	tcase_add_test(tests, too_many_words_for_eal);
	tcase_add_test(tests, tables_are_near_the_first_receiver);
	tcase_add_test(tests, memory_that_is_too_little);
	tcase_add_test(tests, memory_that_is_not_there);
	return suite_run("app_plan", tests);
}
