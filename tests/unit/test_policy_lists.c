/* SPDX-License-Identifier: BSD-3-Clause */
/* Lists of a policy: read, checked against the zones that deny or allow them, and asked. */
#include "policy_rig.h"

/* Lists of a policy: first and second are denied by zone "a", the third is allowed by it. */
static const struct {
	const char *description;
	const char *list[3];
	unsigned n_errors; /* 0: good */
	unsigned at_list;
	int line;
	const char *text;
} lists[] = {
	{"elsewhere", {"198.51.100.0/24\n", "203.0.113.1\n", "198.51.100.1\n"}, 0, 0, 0, NULL},
	{"neighbours", {"192.0.1.0/24\n192.0.3.0/24\n2001:db7::/32\n2001:db9::/32\n", "", ""}, 0, 0, 0, NULL},
	{"allowed own addresses, too", {"", "", "192.0.2.1\n192.0.0.0/16\n"}, 2, 2, 2,
		"192.0.0.0/16 covers 192.0.2.0/24 of the zone \"a\": a list that is denied or allowed must not hold"},
	{"own address", {"198.51.100.1\n192.0.2.1\n", "", ""}, 1, 0, 2,
		"192.0.2.1 lies in 192.0.2.0/24 of the zone \"a\": a list that is denied or allowed must not hold own addresses"},
	{"own prefix", {"192.0.2.0/24\n", "", ""}, 1, 0, 1, "192.0.2.0/24 lies in 192.0.2.0/24 of the zone \"a\""},
	{"around own prefix", {"", "\n\n192.0.0.0/16\n", ""}, 1, 1, 3, "192.0.0.0/16 covers 192.0.2.0/24"},
	{"around a zone that denies nothing", {"10.0.0.0/8\n", "", ""}, 1, 0, 1,
		"covers 10.9.0.0/16 of the zone \"b\""},
	{"in a zone within a zone", {"10.9.1.7\n", "", ""}, 1, 0, 1, "10.9.1.7 lies in 10.9.0.0/16 of the zone \"b\""},
	{"IPv6", {"2001:db8:5::/48\n", "", ""}, 1, 0, 1, "2001:db8:5::/48 lies in 2001:db8::/32 of the zone \"a\""},
	{"every list is reported", {"192.0.2.1\n", "192.0.2.2\n192.0.2.3\n", "x\n"}, 4, 0, 1, "192.0.2.1 lies in"},
	{"a bad line", {"", "192.0.2.1/24\n", ""}, 1, 1, 1, "host bits are set"},
};

static void
spec_with_lists(struct seki_spec *spec, unsigned row)
{
	spec_init(spec);
	add_zone(spec, "a 192.0.2.0/24 2001:db8::/32");
	add_zone(spec, "b 10.9.0.0/16");
	add_zone(spec, "c 10.9.1.0/24");
	for (unsigned i = 0; i < 3; i++)
		add_list(spec, lists[row].list[i]);
	spec->zone[0].deny_lists = 3;
	spec->zone[0].allow_lists = 4;
}

START_TEST(test_lists)
{
	size_t used = test_eal_used();
	struct seki_policy *policy;
	struct seki_spec spec;
	struct seki_err err;

	spec_with_lists(&spec, (unsigned)_i);
	seki_err_init(&err);
	policy = seki_policy_create(&spec, NULL, &(struct seki_key){{1, 2}}, 0, &err);
	ck_assert_uint_eq(err.n_total, lists[_i].n_errors);
	ck_assert_int_eq(policy != NULL, lists[_i].n_errors == 0);
	if (policy == NULL) {
		ck_assert_str_eq(err.entry[0].file, spec.list[lists[_i].at_list].path);
		check_said(&err, lists[_i].n_errors, lists[_i].line, lists[_i].text);
	}
	seki_policy_put(policy);
	ck_assert_uint_eq(test_eal_used(), used);
	spec_done(&spec);
}
END_TEST

/* Another domain's addresses are other machines': what lies in them may be denied here. */
START_TEST(test_list_of_other_domain)
{
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_with_lists(&spec, 6);
	spec.n_domains = 2;
	spec.domain[1] = (struct seki_spec_domain){.name = "blue", .vlan = {7}, .n_vlans = 1};
	spec.zone[1].domain = spec.zone[2].domain = 1;
	policy = create_good(&spec, NULL);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

/* Zones of two domains deny one list, and the prefixes of the two interleave. */
START_TEST(test_list_of_two_domains)
{
	struct seki_spec spec;

	spec_init(&spec);
	spec.n_domains = 2;
	spec.domain[1] = (struct seki_spec_domain){.name = "blue", .vlan = {7}, .n_vlans = 1};
	add_zone(&spec, "a 10.1.0.0/16 10.3.0.0/16 10.5.0.0/16");
	add_zone(&spec, "b 10.0.0.0/16 10.2.0.0/16 10.3.1.0/24");
	spec.zone[1].domain = 1;
	add_list(&spec, "10.0.0.1\n10.1.0.1\n10.2.0.1\n10.3.1.1\n10.4.0.1\n10.5.0.1\n");
	spec.zone[0].deny_lists = spec.zone[1].deny_lists = 1;
	check_refused(&spec, NULL, 5, 1, "10.0.0.1 lies in 10.0.0.0/16 of the zone \"b\"");
	spec_done(&spec);
}
END_TEST

START_TEST(test_list_missing)
{
	struct seki_spec spec;

	spec_init(&spec);
	add_list(&spec, "");
	unlink(spec.list[0].path);
	check_refused(&spec, NULL, 1, 0, "the list cannot be read: No such file or directory");
	spec_done(&spec);
}
END_TEST

/* A list that no zone uses takes no room, and the others keep their places; its mistakes are told all the same. */
START_TEST(test_list_unused)
{
	struct seki_prefix unused = prefix_of("198.51.100.1"), used = prefix_of("203.0.113.1");
	struct seki_policy *policy;
	struct seki_spec spec;

	spec_with_lists(&spec, 0);
	spec.zone[0].deny_lists = 2;
	spec.zone[0].allow_lists = 0;
	ck_assert_uint_eq(seki_spec_lists_used(&spec), 2);
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(set_of(&policy->sets, &unused), 0);
	ck_assert_uint_eq(policy->sets.mask[set_of(&policy->sets, &used)], 2);
	seki_policy_put(policy);
	spec.zone[0].deny_lists = 0;
	spec.zone[2].allow_lists = 1; /* and by an allowing zone */
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(policy->sets.mask[set_of(&policy->sets, &unused)], 1);
	ck_assert_uint_eq(set_of(&policy->sets, &used), 0);
	seki_policy_put(policy);
	spec.zone[2].allow_lists = 0;
	policy = create_good(&spec, NULL);
	ck_assert_ptr_null(policy->sets.lpm);
	ck_assert_ptr_null(policy->sets.singles); /* none at all: no lookup either */
	seki_policy_put(policy);
	spec_done(&spec);

	spec_with_lists(&spec, 10);
	spec.zone[0].deny_lists = spec.zone[0].allow_lists = 0;
	check_refused(&spec, NULL, 1, 1, "host bits are set");
	spec_done(&spec);
}
END_TEST

START_TEST(test_masks)
{
	struct seki_policy *policy;
	struct seki_spec spec;
	struct seki_prefix addr = prefix_of("203.0.113.1");

	spec_with_lists(&spec, 0);
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(policy->sets.mask[set_of(&policy->sets, &addr)], 2);
	ck_assert_uint_eq(policy->cm[1].deny_lists, 3);
	ck_assert_uint_eq(policy->cm[1].allow_lists, 4);
	ck_assert_uint_eq(policy->cm[2].deny_lists, 0);
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("policy_lists");

	test_eal_start(POLICY_MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_loop_test(tests, test_lists, 0, N(lists));
	tcase_add_test(tests, test_list_of_other_domain);
	tcase_add_test(tests, test_list_of_two_domains);
	tcase_add_test(tests, test_list_missing);
	tcase_add_test(tests, test_list_unused);
	tcase_add_test(tests, test_masks);
	return suite_run("policy_lists", tests);
}
