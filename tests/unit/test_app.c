/* SPDX-License-Identifier: BSD-3-Clause */
/* The parts of app/ that need no EAL: link propagation, parameters of telemetry, devices, plans, reload rules. */
#include "device.h"
#include "eal.h"
#include "link.h"
#include "near.h"
#include "plan.h"
#include "port.h"
#include "reload.h"
#include "tel_params.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define SECOND UINT64_C(1000000000)

/* Steps of one story: what the ports say, and what Seki must then order. */
static const struct link_row {
	const char *what;
	bool can_set[2];
	struct {
		unsigned at_s;
		bool up[2];
		enum link_order order[2];
	} step[6];
} link_rows[] = {
	{"both up: nothing to do", {true, true}, {{1, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
	{"a failure is passed on and taken back", {true, true},
		{{1, {true, true}, {LINK_KEEP, LINK_KEEP}}, {2, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}},
			{3, {false, false}, {LINK_KEEP, LINK_KEEP}}, {4, {true, false}, {LINK_KEEP, LINK_RELEASE}},
			{5, {true, false}, {LINK_KEEP, LINK_KEEP}}, {6, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
	{"a side that Seki holds down holds nobody down", {true, true},
		{{1, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}, {2, {false, false}, {LINK_KEEP, LINK_KEEP}},
			{3, {false, false}, {LINK_KEEP, LINK_KEEP}}, {4, {false, true}, {LINK_RELEASE, LINK_KEEP}}}},
	{"a released side may take its time", {true, true},
		{{1, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}}, {2, {true, false}, {LINK_KEEP, LINK_RELEASE}},
			{11, {true, false}, {LINK_KEEP, LINK_KEEP}},
			{12, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}}},
	{"down at start is down", {true, true},
		{{0, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}}, {1, {true, false}, {LINK_KEEP, LINK_RELEASE}}}},
	{"a port that cannot is left alone", {true, false},
		{{1, {false, true}, {LINK_KEEP, LINK_KEEP}}, {2, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}}},
	{"both down at once hold each other for good? no: each comes back by itself", {true, true},
		{{1, {false, false}, {LINK_KEEP, LINK_KEEP}}, {2, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}},
			{3, {false, true}, {LINK_RELEASE, LINK_KEEP}}, {4, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
};

START_TEST(link_orders)
{
	const struct link_row *row = &link_rows[_i];
	struct link_pair pair;

	link_init(&pair, row->can_set[0], row->can_set[1]);
	for (unsigned s = 0; s < 6; s++) {
		enum link_order order[2];
		bool changed[2];

		if (s > 0 && row->step[s].at_s == 0)
			break;
		link_step(&pair, row->step[s].up, row->step[s].at_s * SECOND, order, changed);
		for (unsigned i = 0; i < 2; i++)
			ck_assert_msg(order[i] == row->step[s].order[i], "%s: step %u, side %u: order %d, not %d",
				row->what, s, i, order[i], row->step[s].order[i]);
	}
}
END_TEST

static const struct page_row {
	const char *params;
	int ret;
	uint64_t offset, limit, end; /* of 50 items, at most 20 a page */
} page_rows[] = {
	{NULL, 0, 0, 20, 20},
	{"", 0, 0, 20, 20},
	{"10", 0, 10, 20, 30},
	{"10,5", 0, 10, 5, 15},
	{",5", 0, 0, 5, 5},
	{"40,20", 0, 40, 20, 50},
	{"49", 0, 49, 20, 50},
	{"50", 0, 50, 20, 50},
	{"4000000000", 0, 50, 20, 50},
	{"0,1000", 0, 0, 20, 20},
	{"0,0", 0, 0, 20, 20},
	{"-1", -EINVAL, 0, 0, 0},
	{"1x", -EINVAL, 0, 0, 0},
	{" 1", -EINVAL, 0, 0, 0},
	{"0,abc", -EINVAL, 0, 0, 0},
	{"99999999999999999999", -EINVAL, 0, 0, 0},
	{"18446744073709551617", -EINVAL, 0, 0, 0},
};

START_TEST(page_of_list)
{
	const struct page_row *row = &page_rows[_i];
	const char *params = row->params;
	struct params_page page;

	ck_assert_int_eq(params_page(&params, 50, 20, &page), row->ret);
	if (row->ret != 0)
		return;
	ck_assert_uint_eq(page.offset, row->offset);
	ck_assert_uint_eq(page.limit, row->limit);
	ck_assert_uint_eq(page.end, row->end);
	ck_assert_uint_eq(page.total, 50);
}
END_TEST

START_TEST(words)
{
	const char *params = "a-long-name,,x";
	char buf[7];

	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "a-long");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "x");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "");
}
END_TEST

/* What does not fit is no number, not the largest one. */
START_TEST(numbers)
{
	const char *largest = "18446744073709551615", *above = "18446744073709551616";
	const char *zeros = "0000000000000000000000000007", *last = "7";
	uint64_t value;

	ck_assert_int_eq(params_number(&largest, 0, UINT64_MAX, &value), 0);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_int_eq(params_number(&above, 0, UINT64_MAX, &value), -EINVAL);
	ck_assert_int_eq(params_number(&zeros, 0, UINT64_MAX, &value), -EINVAL);
	ck_assert_int_eq(params_number(&last, 0, 7, &value), 0);
	ck_assert_uint_eq(value, 7);
	ck_assert_int_eq(params_number(&last, 3, 7, &value), 0); /* nothing left: the default */
	ck_assert_uint_eq(value, 3);
}
END_TEST

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

static struct seki_spec_port two_ports[2];

/* Two ports of 1024 descriptors, `n` cores of `role`. */
static struct seki_spec
small_spec(unsigned n, enum seki_role role)
{
	struct seki_spec spec = {.file = "test.conf", .n_ports = 2, .port = two_ports, .n_cores = n, .ring_size = 4096};

	memset(two_ports, 0, sizeof(two_ports));
	for (unsigned i = 0; i < 2; i++) {
		struct seki_spec_port *port = &two_ports[i];

		snprintf(port->name, sizeof(port->name), "p%u", i);
		port->device = "net_null0";
		port->peer = 1 - i;
		port->mtu = 1500;
		port->rx_desc = port->tx_desc = 1024;
		port->side = i == 0 ? SEKI_SIDE_OUTSIDE : SEKI_SIDE_INSIDE;
	}
	for (unsigned i = 0; i < n; i++) {
		spec.core[i].cpu = i;
		spec.core[i].role = role;
	}
	return spec;
}

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

	ck_assert_uint_eq(plan_frame_bytes(&spec, 0), 1500 + 14 + 8 + 4);
	ck_assert_uint_ge(plan_data_room(&spec, 0), 2048 + 128);
	two_ports[0].mtu = 9000;
	ck_assert_uint_ge(plan_data_room(&spec, 0), 9000 + 14 + 8 + 4 + 128);
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

static void
change_nothing(struct seki_spec *spec)
{
	spec->n_zones = 7;
}

static void
change_cpu(struct seki_spec *spec)
{
	spec->core[1].cpu = 9;
}

static void
change_role(struct seki_spec *spec)
{
	spec->core[0].role = SEKI_ROLE_RX;
}

static void
change_ring(struct seki_spec *spec)
{
	spec->ring_size *= 2;
}

static void
change_memory(struct seki_spec *spec)
{
	spec->eal.memory_mb = 1;
}

static void
change_ports(struct seki_spec *spec)
{
	spec->n_ports = 1;
}

static void
change_mtu(struct seki_spec *spec)
{
	spec->port[1].mtu = 9000;
}

static void
change_device(struct seki_spec *spec)
{
	spec->port[0].device = "net_null7";
}

static void
change_telemetry(struct seki_spec *spec)
{
	spec->telemetry = !spec->telemetry;
}

static const struct reload_row {
	const char *what;
	void (*change)(struct seki_spec *spec);
	bool possible;
} reload_rows[] = {
	{"zones may change", change_nothing, true},
	{"a CPU", change_cpu, false},
	{"a role", change_role, false},
	{"the rings", change_ring, false},
	{"memory", change_memory, false},
	{"number of ports", change_ports, false},
	{"an MTU", change_mtu, false},
	{"a device", change_device, false},
	{"telemetry", change_telemetry, false},
};

START_TEST(reload_rule)
{
	const struct reload_row *row = &reload_rows[_i];
	struct seki_spec now = small_spec(2, SEKI_ROLE_RXTX), next = now;
	struct seki_spec_port other[2];
	struct seki_err err;

	memcpy(other, two_ports, sizeof(other));
	next.port = other;
	seki_err_init(&err);
	row->change(&next);
	ck_assert_msg(reload_is_possible(&now, &next, &err) == row->possible, "%s", row->what);
	ck_assert_msg((err.n_total == 0) == row->possible, "%s: %u sentences", row->what, err.n_total);
	seki_err_fini(&err);
}
END_TEST

#define N(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

int
main(void)
{
	Suite *suite = suite_create("app");
	TCase *tcase = tcase_create("app");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tcase, link_orders, 0, N(link_rows));
	tcase_add_loop_test(tcase, page_of_list, 0, N(page_rows));
	tcase_add_test(tcase, words);
	tcase_add_test(tcase, numbers);
	tcase_add_loop_test(tcase, device_text, 0, N(device_rows));
	tcase_add_test(tcase, device_name_is_cut);
	tcase_add_test(tcase, pool_cannot_run_dry);
	tcase_add_loop_test(tcase, pieces_are_the_peers_to_send, 0, N(pieces_rows));
	tcase_add_test(tcase, control_queues_lie_behind_those_for_data);
	tcase_add_test(tcase, jumbo_fits_one_buffer);
	tcase_add_test(tcase, too_many_words_for_eal);
	tcase_add_test(tcase, tables_are_near_the_first_receiver);
	tcase_add_loop_test(tcase, reload_rule, 0, N(reload_rows));
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
