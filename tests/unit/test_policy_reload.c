/* SPDX-License-Identifier: BSD-3-Clause */
/* What outlives a policy: the ids of zones; and who holds one: snapshots with their postures. */
#include "policy_rig.h"

/* Ids over four policies: a name keeps its own for good, and what one zone had no other gets. */
START_TEST(test_ids)
{
	struct seki_policy *first, *second, *third, *fourth;
	struct seki_spec spec[4];

	for (unsigned i = 0; i < 4; i++)
		spec_init(&spec[i]);
	add_zone(&spec[0], "a 10.0.1.0/24");
	add_zone(&spec[0], "b 10.0.2.0/24");
	add_zone(&spec[0], "c 10.0.3.0/24");
	add_zone(&spec[1], "new 10.0.4.0/24");
	add_zone(&spec[1], "c 10.0.3.0/24");
	add_zone(&spec[1], "a 10.0.9.0/24");
	add_zone(&spec[2], "other 10.0.5.0/24");
	add_zone(&spec[2], "new 10.0.4.0/24");
	add_zone(&spec[3], "b 10.0.6.0/24");
	first = create_good(&spec[0], NULL);
	second = create_good(&spec[1], first);
	third = create_good(&spec[2], second);
	fourth = create_good(&spec[3], third);
	ck_assert_uint_eq(zone_of(first, 0, "10.0.2.1"), 2);
	ck_assert_uint_eq(zone_of(second, 0, "10.0.9.1"), 1);
	ck_assert_uint_eq(zone_of(second, 0, "10.0.3.1"), 3);
	ck_assert_uint_eq(zone_of(second, 0, "10.0.4.1"), 4); /* not 2, which was b's */
	ck_assert_uint_eq(zone_of(third, 0, "10.0.4.1"), 4);
	ck_assert_uint_eq(zone_of(third, 0, "10.0.5.1"), 5);  /* not 1, 2 or 3: their counters are others' */
	ck_assert_uint_eq(zone_of(fourth, 0, "10.0.6.1"), 2); /* b is back */
	ck_assert_uint_eq(second->zone[4].spec, 0);
	ck_assert_str_eq(second->zone[2].name, "");
	ck_assert_uint_eq(third->generation, 3);
	seki_policy_put(first);
	seki_policy_put(second);
	seki_policy_put(third);
	seki_policy_put(fourth);
	for (unsigned i = 0; i < 4; i++)
		spec_done(&spec[i]);
}
END_TEST

/* All ids in use: those names go on, and one new name is one too many even when another leaves. */
START_TEST(test_all_ids)
{
	struct seki_policy *first, *second;
	struct seki_spec spec;
	char text[64];

	spec_init(&spec);
	for (unsigned i = 1; i < SEKI_ZONES_MAX; i++) {
		snprintf(text, sizeof(text), "z%u 10.%u.%u.0/24", i, i >> 8, i & 255);
		add_zone(&spec, text);
	}
	first = create_good(&spec, NULL);
	second = create_good(&spec, first);
	for (unsigned id = 1; id < SEKI_ZONES_MAX; id++)
		ck_assert_uint_eq(second->zone[id].spec, id - 1);
	seki_policy_put(second);

	strcpy(spec.zone[500].name, "new");
	check_refused(&spec, first, 1, spec.zone[500].line, "zone \"new\" takes a restart");
	seki_policy_put(first);
	spec_done(&spec);
}
END_TEST

START_TEST(test_postures)
{
	static const struct {
		enum cm_mode zone, cm;
		bool active, enforce, would, automatic;
	} cases[] = {
		{CM_MODE_OFF, CM_MODE_ENFORCE, false, false, false, false},
		{CM_MODE_OFF, CM_MODE_AUTO, false, false, false, false},
		{CM_MODE_OBSERVE, CM_MODE_OFF, false, false, false, false},
		{CM_MODE_OBSERVE, CM_MODE_OBSERVE, true, false, false, false},
		{CM_MODE_OBSERVE, CM_MODE_AUTO, true, false, false, true},
		{CM_MODE_OBSERVE, CM_MODE_ENFORCE, true, false, true, true},
		{CM_MODE_ENFORCE, CM_MODE_OFF, false, false, false, false},
		{CM_MODE_ENFORCE, CM_MODE_OBSERVE, true, false, false, false},
		{CM_MODE_ENFORCE, CM_MODE_AUTO, true, false, false, true},
		{CM_MODE_ENFORCE, CM_MODE_ENFORCE, true, true, false, true},
	};
	/* The second is asked only where it is raised. */
	const uint32_t first = 1u << CM_DENY, second = 1u << CM_FLOOD;

	for (unsigned i = 0; i < N(cases); i++) {
		struct seki_policy *policy;
		struct seki_snapshot *snapshot;
		struct seki_spec spec;

		spec_init(&spec);
		add_zone(&spec, "a 10.0.0.0/8");
		spec.zone[0].mode = cases[i].zone;
		for (unsigned cm = 0; cm < CM_N; cm++)
			spec.zone[0].cm_mode[cm] = CM_MODE_OFF;
		spec.zone[0].cm_mode[CM_DENY] = spec.zone[0].cm_mode[CM_FLOOD] = cases[i].cm;
		policy = create_good(&spec, NULL);
		snapshot = seki_snapshot_create(policy, 5);
		ck_assert_uint_eq(snapshot->posture[1].active, cases[i].active ? first : 0);
		ck_assert_uint_eq(snapshot->posture[1].enforce, cases[i].enforce ? first : 0);
		ck_assert_uint_eq(snapshot->posture[1].would, cases[i].would ? first : 0);
		ck_assert_uint_eq(snapshot->posture[1].automatic, cases[i].automatic ? first | second : 0);
		ck_assert_int_eq(snapshot->posture[1].observes, cases[i].zone != CM_MODE_ENFORCE);
		ck_assert_uint_eq(snapshot->posture[2].active, 0);
		ck_assert_uint_eq(snapshot->generation, 5);
		seki_policy_put(policy);
		ck_assert_uint_eq(snapshot->policy->refs, 1);
		seki_snapshot_destroy(snapshot);
		spec_done(&spec);
	}
}
END_TEST

/* What is raised in a zone is active there for as long as that, and the snapshot's own. */
START_TEST(test_raising)
{
	struct seki_raised raised = {.vectors = 2, .any = 1u << CM_FLOOD, .n_scopes = 1};
	struct seki_snapshot *snapshot;
	struct seki_policy *policy;
	struct seki_spec spec;
	uint32_t active;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8");
	add_zone(&spec, "b 11.0.0.0/8");
	policy = create_good(&spec, NULL);
	snapshot = seki_snapshot_create(policy, 1);
	active = policy->posture[1].active;
	ck_assert_uint_eq(active & raised.any, 0);
	ck_assert_ptr_null(snapshot->raised[1]);
	ck_assert_int_eq(seki_snapshot_raise(snapshot, 1, &raised), 0);
	raised.vectors = 0; /* the caller's again */
	ck_assert_uint_eq(snapshot->raised[1]->vectors, 2);
	ck_assert_uint_eq(snapshot->posture[1].active, active | raised.any);
	ck_assert_uint_eq(snapshot->posture[1].enforce, policy->posture[1].enforce);
	ck_assert_ptr_null(snapshot->raised[2]);
	ck_assert_uint_eq(snapshot->posture[2].active, active);
	raised.any = 1u << CM_SIGNATURE;
	ck_assert_int_eq(seki_snapshot_raise(snapshot, 1, &raised), 0);
	ck_assert_uint_eq(snapshot->posture[1].active, active | raised.any);
	ck_assert_int_eq(seki_snapshot_raise(snapshot, 1, NULL), 0);
	ck_assert_ptr_null(snapshot->raised[1]);
	ck_assert_uint_eq(snapshot->posture[1].active, active);
	ck_assert_int_eq(seki_snapshot_raise(snapshot, 2, &raised), 0); /* goes with the snapshot */
	seki_snapshot_destroy(snapshot);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

START_TEST(test_references)
{
	size_t used = test_eal_used();
	struct seki_snapshot *one, *two;
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8");
	policy = create_good(&spec, NULL);
	one = seki_snapshot_create(policy, 1);
	two = seki_snapshot_create(policy, 2);
	ck_assert_uint_eq(policy->refs, 3);
	seki_policy_put(policy);
	seki_snapshot_destroy(one);
	ck_assert_uint_eq(policy->refs, 1);
	ck_assert_uint_gt(test_eal_used(), used);
	ck_assert_uint_eq(zone_of(two->policy, 0, "10.0.0.1"), 1);
	seki_snapshot_destroy(two);
	ck_assert_uint_eq(test_eal_used(), used);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_reload");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, test_ids);
	tcase_add_test(tests, test_all_ids);
	tcase_add_test(tests, test_postures);
	tcase_add_test(tests, test_raising);
	tcase_add_test(tests, test_references);
	return suite_run("policy_reload", tests);
}
