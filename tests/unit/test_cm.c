/* SPDX-License-Identifier: BSD-3-Clause */
/* Countermeasures among each other: budgets apart, their order, observing; and what their tables promise. */
#include "cm_packets.h"

/* Floods of one reflector leave another's budget alone, and those of one zone another zone's. */
START_TEST(budgets_are_apart)
{
	static const struct config config = {.set = {{"pps", 10}, {"burst", 100 * MS}}};
	struct bench *b = bench_create(&config);
	struct pkt flood = inbound((struct pkt){FIELDS_FROM(NTP, 9)}, "198.51.100.7", "192.0.2.1");
	struct pkt other = inbound((struct pkt){FIELDS_FROM(DNS, 9)}, "198.51.100.7", "192.0.2.1");
	struct pkt elsewhere =
		inbound((struct pkt){FIELDS_FROM(NTP, 9), .zone = OTHER_ZONE}, "198.51.100.7", "192.0.2.1");

	bench_mode(b, 1u << CM_REFLECTION, 1u << CM_REFLECTION);
	for (unsigned i = 0; i < 100; i++)
		bench_decide(b, &flood, 1);
	bench_decide(b, &other, 1);
	bench_decide(b, &elsewhere, 1);
	ck_assert_int_eq(flood.reason, SEKI_REASON_REFLECTION_BUDGET);
	ck_assert_int_eq(other.reason, SEKI_REASON_CLEAN);
	ck_assert_int_eq(elsewhere.reason, SEKI_REASON_CLEAN);
	bench_destroy(b);
}
END_TEST

/* What its class refuses does not use up the total. */
START_TEST(refused_packets_charge_nothing)
{
	static const struct config config = {.set = {{"syn_pps", 1}, {"total_pps", 20}, {"burst", 1000 * MS}}};
	struct bench *b = bench_create(&config);
	unsigned passed = 0;

	bench_mode(b, 1u << CM_ZONE_LIMIT, 1u << CM_ZONE_LIMIT);
	for (unsigned i = 0; i < 1000; i++) {
		struct pkt syn = inbound((struct pkt){FIELDS_TCP(80)}, "198.51.100.7", "192.0.2.1");

		bench_decide(b, &syn, 1);
		passed += syn.reason == SEKI_REASON_CLEAN;
	}
	ck_assert_uint_eq(passed, 2);
	for (unsigned i = 0; i < 19; i++) {
		struct pkt udp = inbound((struct pkt){FIELDS_UDP(53)}, "198.51.100.7", "192.0.2.1");

		bench_decide(b, &udp, 1);
		ck_assert_msg(udp.reason == SEKI_REASON_CLEAN, "packet %u meets %s", i, seki_reason_name(udp.reason));
	}
	bench_destroy(b);
}
END_TEST

/* Observing spends what enforcing would: behind an observed drop, later observers see and charge nothing. */
START_TEST(observe_spends_as_enforce_would)
{
	static const struct config config = {.set = {{"total_pps", 10}}, .deny_lists = 1};
	const uint32_t both = 1u << CM_DENY | 1u << CM_ZONE_LIMIT;
	struct bench *b = bench_create(&config);
	struct pkt listed = inbound((struct pkt){FIELDS_TCP(80), .src_set = 1}, "198.51.100.7", "192.0.2.1");
	struct pkt other = inbound((struct pkt){FIELDS_TCP(80)}, "198.51.100.8", "192.0.2.1");

	bench_mode(b, both, 0);
	for (unsigned i = 0; i < 10; i++)
		bench_decide(b, &listed, 1);
	ck_assert_int_eq(listed.observed, SEKI_REASON_DENIED);
	bench_decide(b, &other, 1);
	ck_assert_int_eq(other.observed, SEKI_REASON_NONE);
	/* One that enforces still sees and charges what is only observed before it. */
	bench_mode(b, both, 1u << CM_ZONE_LIMIT);
	for (unsigned i = 0; i < 10; i++)
		bench_decide(b, &listed, 1);
	ck_assert_int_eq(listed.observed, SEKI_REASON_DENIED);
	ck_assert_int_eq(listed.reason, SEKI_REASON_ZONE_PPS);
	bench_destroy(b);
}
END_TEST

/* Order of the table: what a zone allows is judged by none after it, but by those before. */
static const struct {
	const char *about;
	enum seki_reason defect;
	uint32_t active, enforce;
	enum seki_reason reason, observed;
} orders[] = {
	{"allowed and denied: allowed", 0, ~0u, ~0u, SEKI_REASON_ALLOWED, 0},
	{"allowed but malformed: dropped", SEKI_REASON_IP_LENGTH, ~0u, ~0u, SEKI_REASON_IP_LENGTH, 0},
	{"allow observes: observation ends there, denied by what enforces", 0, ~0u, ~0u & ~(1u << CM_ALLOW),
		SEKI_REASON_DENIED, 0},
	{"all observe, allowed and denied: allowed, so no drop was held back", 0, ~0u, 0, SEKI_REASON_CLEAN, 0},
	{"all observe, malformed and denied: the first is recorded", SEKI_REASON_IP_LENGTH, ~0u, 0, SEKI_REASON_CLEAN,
		SEKI_REASON_IP_LENGTH},
	{"malformed observes, allow enforces", SEKI_REASON_IP_LENGTH, ~0u, ~0u & ~(1u << CM_MALFORMED),
		SEKI_REASON_ALLOWED, SEKI_REASON_IP_LENGTH},
	{"deny alone", 0, 1u << CM_DENY, 1u << CM_DENY, SEKI_REASON_DENIED, 0},
};

START_TEST(table_order_holds)
{
	static const struct config config = {.allow_lists = 1, .deny_lists = 2};
	struct bench *b = bench_create(&config);
	struct pkt p = inbound((struct pkt){FIELDS_TCP(80), .src_set = 3}, "198.51.100.7", "192.0.2.1");

	p.defect = (uint8_t)orders[_i].defect;
	bench_mode(b, orders[_i].active & ((1u << CM_N) - 1), orders[_i].enforce);
	bench_decide(b, &p, 1);
	ck_assert_msg(p.reason == orders[_i].reason && p.observed == orders[_i].observed, "%s: %s, observed %s",
		orders[_i].about, seki_reason_name(p.reason), seki_reason_name(p.observed));
	bench_destroy(b);
}
END_TEST

/* What the tables promise to those who generate from them. */
START_TEST(tables_are_complete)
{
	const struct cm_ops *ops = cm_ops[_i];

	cm_init();
	ck_assert_msg(ops->help[0] != '\0' && ops->loses[0] != '\0', "%s is not documented", ops->name);
	ck_assert_uint_le(ops->n_params, CM_PARAMS_MAX);
	ck_assert_uint_ne(ops->classes, 0);
	ck_assert_ptr_nonnull(ops->apply);
	ck_assert((ops->n_budgets == 0) == (ops->budget_name == NULL));
	for (unsigned i = 0; i < ops->n_params; i++) {
		const struct cm_param *param = &ops->params[i];
		size_t n = strlen(param->help);

		ck_assert_msg(
			param->name != NULL && n > 0 && param->help[n - 1] == '.', "%s parameter %u", ops->name, i);
		ck_assert(param->min <= param->def && param->def <= param->max);
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(param->name, ops->params[j].name);
	}
	for (unsigned i = 0; i < ops->n_budgets; i++)
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(ops->budget_name(i), ops->budget_name(j));
	ck_assert_uint_le(cm_budget_base[_i] + ops->n_budgets, cm_n_budgets);
}
END_TEST

START_TEST(class_limit_above_total_is_refused)
{
	const struct cm_ops *ops = cm_ops[CM_ZONE_LIMIT];
	static const struct config good = {.set = {{"udp_pps", 10}, {"total_pps", 10}}};
	static const struct config bad = {.set = {{"udp_pps", 11}, {"total_pps", 10}, {"tcp_bps", 99}}};
	uint64_t param[CM_PARAMS_MAX];
	struct cm_zone_spec spec = {.param = param};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_uint_eq(fill_params(param, ops, &good), 0);
	ck_assert_int_eq(ops->check(&spec, "x.conf", 7, &err), 0);
	check_silent(&err);
	ck_assert_uint_eq(fill_params(param, ops, &bad), 0);
	ck_assert_int_ne(ops->check(&spec, "x.conf", 7, &err), 0);
	check_said(&err, 1, 7, "udp_pps is 11");
}
END_TEST

START_TEST(mode_names)
{
	ck_assert_str_eq(cm_mode_name(CM_MODE_OFF), "off");
	ck_assert_str_eq(cm_mode_name(CM_MODE_OBSERVE), "observe");
	ck_assert_str_eq(cm_mode_name(CM_MODE_ENFORCE), "enforce");
	ck_assert_str_eq(cm_mode_name(9), "?");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("cm");

	tcase_add_test(tests, budgets_are_apart);
	tcase_add_test(tests, refused_packets_charge_nothing);
	tcase_add_test(tests, observe_spends_as_enforce_would);
	tcase_add_loop_test(tests, table_order_holds, 0, N(orders));
	tcase_add_loop_test(tests, tables_are_complete, 0, CM_N);
	tcase_add_test(tests, class_limit_above_total_is_refused);
	tcase_add_test(tests, mode_names);
	return suite_run("cm", tests);
}
