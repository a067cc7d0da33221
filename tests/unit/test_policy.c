/* SPDX-License-Identifier: BSD-3-Clause */
/* Compiling a specification: ids, zones, lists, postures, domains, peers, references, memory. */
#include "eal.h"
#include "policy.h"

#include <arpa/inet.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <netinet/in.h>

#define MEMORY_MB 1024

/* A specification as lib/conf would leave it: one pair of ports, zones given as "name prefix prefix ...". */
static void
add_zone(struct seki_spec *spec, const char *text)
{
	struct seki_spec_zone *zone;
	char copy[256], *save = NULL;

	spec->zone = realloc(spec->zone, (spec->n_zones + 1) * sizeof(*spec->zone));
	zone = &spec->zone[spec->n_zones++];
	*zone = (struct seki_spec_zone){.mode = CM_MODE_ENFORCE, .line = (int)spec->n_zones * 10};
	zone->prefix = calloc(8, sizeof(*zone->prefix));
	zone->prefix_line = calloc(8, sizeof(*zone->prefix_line));
	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(zone->name, sizeof(zone->name), "%s", strtok_r(copy, " ", &save));
	for (char *word = strtok_r(NULL, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		zone->prefix_line[zone->n_prefixes] = zone->line + 1 + (int)zone->n_prefixes;
		ck_assert_int_eq(seki_prefix_parse(word, &zone->prefix[zone->n_prefixes++]), 0);
	}
	for (unsigned cm = 0; cm < CM_N; cm++) {
		zone->cm_mode[cm] = cm_default_mode[cm];
		for (unsigned i = 0; i < cm_ops[cm]->n_params; i++)
			zone->cm_param[cm][i] = cm_ops[cm]->params[i].def;
	}
}

static void
spec_init(struct seki_spec *spec)
{
	cm_init();
	*spec = (struct seki_spec){.file = strdup("seki.conf"), .n_ports = 2, .n_domains = 1};
	spec->port = calloc(4, sizeof(*spec->port));
	spec->port[0] = (struct seki_spec_port){.side = SEKI_SIDE_OUTSIDE, .peer = 1, .mtu = 1500};
	spec->port[1] = (struct seki_spec_port){.side = SEKI_SIDE_INSIDE, .peer = 0, .mtu = 9000};
	strcpy(spec->domain[0].name, "default");
}

/* Writes a list's file; its path is freed with the spec, the file removed by spec_done. */
static void
add_list(struct seki_spec *spec, const char *text)
{
	char path[] = "/tmp/seki-test-policy-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	spec->list = realloc(spec->list, (spec->n_lists + 1) * sizeof(*spec->list));
	spec->list[spec->n_lists] = (struct seki_spec_list){.path = strdup(path)};
	snprintf(spec->list[spec->n_lists].name, SEKI_NAME_MAX, "list%u", spec->n_lists);
	spec->n_lists++;
}

static void
spec_done(struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->n_lists; i++)
		unlink(spec->list[i].path);
	seki_spec_fini(spec);
}

static struct seki_policy *
create_good(const struct seki_spec *spec, const struct seki_policy *before)
{
	struct seki_policy *policy;
	struct seki_err err;

	seki_err_init(&err);
	policy = seki_policy_create(spec, before, 0, &err);
	seki_err_print(&err, stderr);
	ck_assert_ptr_nonnull(policy);
	ck_assert_uint_eq(err.n_total, 0);
	return policy;
}

/* Fails, with `n` sentences of which the first is at `line` and contains `text`. */
static void
check_refused(const struct seki_spec *spec, unsigned n, int line, const char *text)
{
	size_t before = test_eal_used();
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(seki_policy_create(spec, NULL, 0, &err));
	ck_assert_uint_eq(err.n_total, n);
	ck_assert_int_eq(err.entry[0].line, line);
	ck_assert_msg(strstr(err.entry[0].text, text) != NULL, "%s", err.entry[0].text);
	seki_err_fini(&err);
	ck_assert_uint_eq(test_eal_used(), before);
}

static uint16_t
zone_of(const struct seki_policy *policy, uint16_t domain, const char *text)
{
	struct seki_prefix addr;
	uint32_t addr_be;
	uint16_t zone;

	ck_assert_int_eq(seki_prefix_parse(text, &addr), 0);
	memcpy(&addr_be, addr.addr, sizeof(addr_be));
	if (policy->zone_lpm[domain] == NULL)
		return SEKI_ZONE_NONE;
	if (addr.family == 4)
		seki_lpm_lookup4_burst(policy->zone_lpm[domain], &addr_be, &zone, 1);
	else
		seki_lpm_lookup6_burst(policy->zone_lpm[domain], (const uint8_t(*)[16])addr.addr, &zone, 1);
	return zone;
}

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
	ck_assert_uint_eq(err.n_total, 0);
	spec_done(&spec);
}
END_TEST

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
	struct seki_err err;
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
	seki_err_init(&err);
	ck_assert_ptr_null(seki_policy_create(&spec, first, 0, &err));
	ck_assert_uint_eq(err.n_total, 1);
	ck_assert_ptr_nonnull(strstr(err.entry[0].text, "zone \"new\" takes a restart"));
	seki_err_fini(&err);
	seki_policy_put(first);
	spec_done(&spec);
}
END_TEST

START_TEST(test_overlaps)
{
	struct seki_spec spec;

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8 192.0.2.0/24");
	add_zone(&spec, "b 10.1.0.0/16 192.0.2.0/24 2001:db8::/32 2001:db8::/32");
	check_refused(&spec, 2, 22, "192.0.2.0/24 of the zone \"b\" is in the zone \"a\" already (line 12)");
	spec_done(&spec);

	spec_init(&spec);
	add_zone(&spec, "a 10.0.0.0/8");
	add_zone(&spec, "a 11.0.0.0/8");
	check_refused(&spec, 1, 20, "a zone called \"a\" is there already");
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

START_TEST(test_postures)
{
	static const struct {
		enum cm_mode zone, cm;
		bool active, enforce;
	} cases[] = {
		{CM_MODE_OFF, CM_MODE_ENFORCE, false, false},
		{CM_MODE_OBSERVE, CM_MODE_OFF, false, false},
		{CM_MODE_OBSERVE, CM_MODE_OBSERVE, true, false},
		{CM_MODE_OBSERVE, CM_MODE_ENFORCE, true, false},
		{CM_MODE_ENFORCE, CM_MODE_OFF, false, false},
		{CM_MODE_ENFORCE, CM_MODE_OBSERVE, true, false},
		{CM_MODE_ENFORCE, CM_MODE_ENFORCE, true, true},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct seki_policy *policy;
		struct seki_snapshot *snapshot;
		struct seki_spec spec;

		spec_init(&spec);
		add_zone(&spec, "a 10.0.0.0/8");
		spec.zone[0].mode = cases[i].zone;
		for (unsigned cm = 0; cm < CM_N; cm++)
			spec.zone[0].cm_mode[cm] = CM_MODE_OFF;
		spec.zone[0].cm_mode[CM_DENY] = cases[i].cm;
		policy = create_good(&spec, NULL);
		snapshot = seki_snapshot_create(policy, 5);
		ck_assert_uint_eq(snapshot->posture[1].active, cases[i].active ? 1u << CM_DENY : 0);
		ck_assert_uint_eq(snapshot->posture[1].enforce, cases[i].enforce ? 1u << CM_DENY : 0);
		ck_assert_uint_eq(snapshot->posture[2].active, 0);
		ck_assert_uint_eq(snapshot->generation, 5);
		seki_policy_put(policy);
		ck_assert_uint_eq(snapshot->policy->refs, 1);
		seki_snapshot_destroy(snapshot);
		spec_done(&spec);
	}
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
	{"allowed own addresses are fine", {"", "", "192.0.2.1\n192.0.0.0/16\n"}, 0, 0, 0, NULL},
	{"own address", {"198.51.100.1\n192.0.2.1\n", "", ""}, 1, 0, 2,
		"192.0.2.1 lies in 192.0.2.0/24 of the zone \"a\": a list that is denied must not hold own addresses"},
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
	policy = seki_policy_create(&spec, NULL, 0, &err);
	ck_assert_uint_eq(err.n_total, lists[_i].n_errors);
	ck_assert_int_eq(policy != NULL, lists[_i].n_errors == 0);
	if (policy == NULL) {
		ck_assert_str_eq(err.entry[0].file, spec.list[lists[_i].at_list].path);
		ck_assert_int_eq(err.entry[0].line, lists[_i].line);
		ck_assert_msg(strstr(err.entry[0].text, lists[_i].text) != NULL, "%s", err.entry[0].text);
	}
	seki_err_fini(&err);
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
	check_refused(&spec, 5, 1, "10.0.0.1 lies in 10.0.0.0/16 of the zone \"b\"");
	spec_done(&spec);
}
END_TEST

START_TEST(test_list_missing)
{
	struct seki_spec spec;

	spec_init(&spec);
	add_list(&spec, "");
	unlink(spec.list[0].path);
	check_refused(&spec, 1, 0, "the list cannot be read: No such file or directory");
	spec_done(&spec);
}
END_TEST

START_TEST(test_masks)
{
	struct seki_policy *policy;
	struct seki_spec spec;
	uint32_t addr_be = inet_addr("203.0.113.1");
	uint16_t set;

	spec_with_lists(&spec, 0);
	policy = create_good(&spec, NULL);
	seki_lpm_lookup4_burst(policy->sets.lpm, &addr_be, &set, 1);
	ck_assert_uint_eq(policy->sets.mask[set], 2);
	ck_assert_uint_eq(policy->cm[1].deny_lists, 3);
	ck_assert_uint_eq(policy->cm[1].allow_lists, 4);
	ck_assert_uint_eq(policy->cm[2].deny_lists, 0);
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
	free(list);
	seki_err_init(&err);
	said = seki_policy_bytes(&spec, &err);
	ck_assert_uint_eq(err.n_total, 0);
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

static const struct {
	const char *src, *dst;
	bool peers;
} ends[] = {
	{"192.0.2.1", "192.0.2.2", true},
	{"192.0.2.2", "192.0.2.1", true},
	{"192.0.2.1", "192.0.2.3", false},
	{"192.0.2.3", "192.0.2.1", false},
	{"192.0.2.0", "192.0.2.1", false},
	{"10.5.0.0", "10.5.255.255", true},
	{"10.4.255.255", "10.5.0.0", false},
	{"10.6.0.0", "10.5.0.0", false},
	{"192.0.2.1", "224.0.0.5", true},
	{"192.0.2.9", "224.0.0.5", false},
	{"192.0.2.1", "224.0.1.5", false},
	{"224.0.0.5", "192.0.2.1", false},
	{"2001:db8::1", "2001:db8::2", true},
	{"2001:db8::1", "2001:db8::3", false},
	{"2001:db8::3", "2001:db8::1", false},
	{"fe80::1", "ff02::5", true},
	{"fe80::1", "fe80::2", true},
	{"fec0::1", "ff02::5", false},
	{"fe80::1", "ff05::5", false},
	{"::", "2001:db8::1", false},
};

START_TEST(test_peers)
{
	static const char *const peer[] = {"2001:db8::2", "192.0.2.2", "fe80::/10", "10.5.1.0/24", "10.5.0.0/16",
		"192.0.2.1", "2001:db8::1", "192.0.2.1"};
	struct seki_prefix src, dst;
	struct seki_policy *policy;
	struct pkt pkt = {0};
	struct seki_spec spec;

	spec_init(&spec);
	for (; spec.n_peers < 8; spec.n_peers++)
		ck_assert_int_eq(seki_prefix_parse(peer[spec.n_peers], &spec.peer[spec.n_peers]), 0);
	policy = create_good(&spec, NULL);
	ck_assert_uint_eq(policy->n_peers, 6);
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		ck_assert_int_eq(seki_prefix_parse(ends[i].src, &src), 0);
		ck_assert_int_eq(seki_prefix_parse(ends[i].dst, &dst), 0);
		pkt.l3 = src.family == 4 ? PKT_L3_IP4 : PKT_L3_IP6;
		memcpy(pkt.src.b, src.addr, 16);
		memcpy(pkt.dst.b, dst.addr, 16);
		ck_assert_msg(seki_policy_peers(policy, &pkt) == ends[i].peers, "%s %s", ends[i].src, ends[i].dst);
	}
	pkt.l3 = PKT_L3_NONE;
	ck_assert(!seki_policy_peers(policy, &pkt));
	seki_policy_put(policy);
	spec_done(&spec);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("policy");
	TCase *tcase = tcase_create("policy");
	SRunner *runner;
	int failed;

	test_eal_start(MEMORY_MB);
	tcase_set_timeout(tcase, 240);
	tcase_add_test(tcase, test_zones);
	tcase_add_test(tcase, test_nothing);
	tcase_add_test(tcase, test_ids);
	tcase_add_test(tcase, test_all_ids);
	tcase_add_test(tcase, test_overlaps);
	tcase_add_test(tcase, test_domains);
	tcase_add_test(tcase, test_postures);
	tcase_add_test(tcase, test_references);
	tcase_add_test(tcase, test_services);
	tcase_add_test(tcase, test_limits);
	tcase_add_loop_test(tcase, test_lists, 0, sizeof(lists) / sizeof(lists[0]));
	tcase_add_test(tcase, test_list_of_other_domain);
	tcase_add_test(tcase, test_list_of_two_domains);
	tcase_add_test(tcase, test_list_missing);
	tcase_add_test(tcase, test_masks);
	tcase_add_test(tcase, test_bytes);
	tcase_add_test(tcase, test_peers);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
