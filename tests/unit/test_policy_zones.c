/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiling a specification: zones, domains, services, limits, and the memory that it takes. */
#include "policy_rig.h"

#include <netinet/in.h>

START_TEST(test_zones)
{
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "net 192.0.2.0/24 2001:db8::/32");
	add_zone(&spec, "dns 192.0.2.53 2001:db8::53"); /* a smaller zone inside a larger one */
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(zone_of(policy, 0, "192.0.2.1"), 1);
	ck_assert_uint_eq(zone_of(policy, 0, "192.0.2.53"), 2);
	ck_assert_uint_eq(zone_of(policy, 0, "192.0.3.1"), SEKI_ZONE_NONE);
	ck_assert_uint_eq(zone_of(policy, 0, "2001:db8::1"), 1);
	ck_assert_uint_eq(zone_of(policy, 0, "2001:db8::53"), 2);
	ck_assert_uint_eq(policy->zone_id_end, 3);
	ck_assert_str_eq(policy->zone[2].name, "dns");
	ck_assert_uint_eq(policy->zone[2].spec, 1);
	ck_assert_uint_eq(policy->cm[2].id, 2);
	ck_assert_ptr_nonnull(policy->cm[2].limit);
	ck_assert_uint_eq(policy->generation, 1);
	ck_assert_ptr_null(policy->sets.lpm);
	ck_assert_ptr_null(policy->sets.singles);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

START_TEST(test_nothing)
{
	struct seki_policy *policy;
	struct seki_spec spec;
	struct seki_err err;

	spec_init(&spec);
	policy = create_good(&spec, NULL);
	ck_assert_ptr_null(policy->zone_lpm[0]);
	ck_assert_uint_eq(policy->zone_id_end, 0);
	ck_assert(policy->cm[7].served->any); /* a stale id harms nothing */
	ck_assert_uint_eq(policy->cm[7].limit[0].rate_per_s, 0);
	seki_policy_put(policy);
	seki_policy_put(NULL);
	seki_snapshot_destroy(NULL);
	seki_err_init(&err);
	ck_assert_uint_eq(seki_policy_bytes(&spec, &err), 0);
	check_silent(&err);
	spec_done(&spec);
}
END_TEST

START_TEST(test_overlaps)
{
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8 192.0.2.0/24");
	add_zone(&spec, "b 10.1.0.0/16 192.0.2.0/24 2001:db8::/32 2001:db8::/32");
	check_refused(&spec, NULL, 2, 22, "192.0.2.0/24 of the zone \"b\" is in the zone \"a\" already (line 12)");
	spec_done(&spec);

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8");
	add_zone(&spec, "a 11.0.0.0/8");
	check_refused(&spec, NULL, 1, 20, "a zone called \"a\" is there already");
	spec_done(&spec);
}
END_TEST

START_TEST(test_domains)
{
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	spec.n_ports = 4;
	spec.port[2] = (struct seki_spec_port){.side = SEKI_SIDE_INSIDE, .peer = 3, .mtu = 1500};
	spec.port[3] = (struct seki_spec_port){.side = SEKI_SIDE_OUTSIDE, .peer = 2, .mtu = 1500};
	spec.n_domains = 5;
	spec.domain[1] = (struct seki_spec_domain){.name = "blue", .outside_port = 0, .vlan = {7, 4094}, .n_vlans = 2};
	spec.domain[2] = (struct seki_spec_domain){.name = "pair", .outside_port = 3};
	spec.domain[3] = (struct seki_spec_domain){.name = "red", .outside_port = 3, .vlan = {7}, .n_vlans = 1};
	spec.domain[4] = (struct seki_spec_domain){.name = "rest", .outside_port = 0};
	add_zone(&spec, "a 10.0.0.0/8");
	add_zone(&spec, "b 10.0.0.0/8"); /* the same prefix, another address space */
	spec.zone[1].domain = 1;
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(zone_of(policy, 0, "10.1.2.3"), 1);
	ck_assert_uint_eq(zone_of(policy, 1, "10.1.2.3"), 2);
	ck_assert_ptr_null(policy->zone_lpm[2]);
	for (unsigned port = 0; port < 2; port++) {
		ck_assert_uint_eq(policy->vlan_domain[port][0], 4);
		ck_assert_uint_eq(policy->vlan_domain[port][7], 1);
		ck_assert_uint_eq(policy->vlan_domain[port][4094], 1);
		ck_assert_uint_eq(policy->vlan_domain[port][8], 4);
		ck_assert_uint_eq(policy->vlan_domain[port + 2][0], 2);
		ck_assert_uint_eq(policy->vlan_domain[port + 2][7], 3);
		ck_assert_uint_eq(policy->vlan_domain[port + 2][4095], 2);
	}
	ck_assert(policy->outside[0] && !policy->outside[1] && !policy->outside[2] && policy->outside[3]);
	ck_assert_uint_eq(policy->peer_port[0], 1);
	ck_assert_uint_eq(policy->peer_port[3], 2);
	ck_assert_uint_eq(policy->max_frame[0], 1514);
	ck_assert_uint_eq(policy->max_frame[1], 9014);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

START_TEST(test_services)
{
	static const struct cm_service https = {IPPROTO_TCP, false, 443, 443};
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.1.0/24");
	add_zone(&spec, "b 10.0.2.0/24");
	add_zone(&spec, "c 10.0.3.0/24");
	add_zone(&spec, "d 10.0.4.0/24");
	for (unsigned i = 1; i < 3; i++) {
		spec.zone[i].service = malloc(sizeof(https));
		*spec.zone[i].service = https;
		spec.zone[i].n_services = 1;
	}
	policy = create_good(&spec, NULL);
	ck_assert(policy->cm[1].served->any);
	ck_assert_ptr_eq(policy->cm[1].served, policy->cm[4].served);
	ck_assert_ptr_eq(policy->cm[2].served, policy->cm[3].served);
	ck_assert(!policy->cm[2].served->any);
	ck_assert_uint_eq(policy->cm[2].served->tcp[443 / 64], UINT64_C(1) << (443 % 64));
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

/* Parameters reach the limits of the right countermeasure: each compiled alone must give the same. */
START_TEST(test_limits)
{
	struct seki_limit *alone;
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.1.0/24");
	for (unsigned cm = 0; cm < CM_N; cm++)
		for (unsigned i = 0; i < cm_ops[cm]->n_params; i++)
			if (cm_ops[cm]->params[i].unit == SEKI_UNIT_PPS)
				spec.zone[0].cm_param[cm][i] = 1000 * (cm + 1) + i;
	policy = create_good(&spec, NULL);
	for (unsigned cm = 0; cm < CM_N; cm++) {
		struct cm_zone_spec one = {.param = spec.zone[0].cm_param[cm]};
		size_t n = cm_ops[cm]->n_budgets;
		char *conf = calloc(1, cm_ops[cm]->conf_size + 1);

		alone = calloc(n + 1, sizeof(*alone));
		if (cm_ops[cm]->compile != NULL)
			cm_ops[cm]->compile(&one, conf, alone);
		ck_assert_mem_eq(&policy->cm[1].limit[cm_budget_base[cm]], alone, n * sizeof(*alone));
		ck_assert_int_eq(policy->cm[1].conf[cm] == NULL, cm_ops[cm]->conf_size == 0);
		if (cm_ops[cm]->conf_size != 0)
			ck_assert_mem_eq(policy->cm[1].conf[cm], conf, cm_ops[cm]->conf_size);
		free(alone);
		free(conf);
	}
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

/* What EAL gives is at most what was said. */
START_TEST(test_bytes)
{
	size_t before = test_eal_used(), said, used;
	struct seki_policy *policy;
	struct seki_spec spec;
	struct seki_err err;
	char text[64], *list = malloc(20000 * 24);
	size_t at = 0;

	spec_init(&spec);
	spec.n_domains = 2;
	spec.domain[1] = (struct seki_spec_domain){.name = "blue", .vlan = {7}, .n_vlans = 1};
	for (unsigned i = 0; i < 500; i++) {
		snprintf(text, sizeof(text), "z%u 10.%u.%u.%u/32 2001:db8:%x::/64", i, i >> 8, i & 255, i & 7, i);
		add_zone(&spec, text);
		spec.zone[i].domain = (uint16_t)(i % 2);
	}
	for (unsigned i = 0; i < 20000; i++)
		at += (size_t)snprintf(list + at, 24, "%u.%u.%u.1\n", 20 + i % 100, i >> 8, i & 255);
	add_list(&spec, list);
	spec.zone[0].deny_lists = 1;
	free(list);
	seki_err_init(&err);
	said = seki_policy_bytes(&spec, &err);
	check_silent(&err);
	policy = create_good(&spec, NULL);
	used = test_eal_used() - before;
	printf("policy: %.1f MiB used of %.1f said\n", (double)used / 0x1p20, (double)said / 0x1p20);
	ck_assert_uint_le(used, said);
	ck_assert_uint_ge(used * 10, said * 9);
	seki_policy_put(policy);
	spec.zone[3].prefix[0] = spec.zone[1].prefix[0];
	ck_assert_uint_eq(seki_policy_bytes(&spec, &err), 0);
	ck_assert_uint_eq(err.n_total, 1);
	seki_err_fini(&err);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_zones");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, test_zones);
	tcase_add_test(tests, test_nothing);
	tcase_add_test(tests, test_overlaps);
	tcase_add_test(tests, test_domains);
	tcase_add_test(tests, test_services);
	tcase_add_test(tests, test_limits);
	tcase_add_test(tests, test_bytes);
	return suite_run("policy_zones", tests);
}
