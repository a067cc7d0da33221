/* SPDX-License-Identifier: BSD-3-Clause */
/* What becomes of `limits`, `holidays` and `events`: the limits of zones, and the rows of the calendar. */
#include "conf_rig.h"

#include <stdio.h>

#define ZONE(limits) \
	"zones: ({ name = \"a\"; prefixes = [\"198.51.100.0/24\", \"10.0.0.0/16\", \"2001:db8:1::/48\"]; " limits \
	" });\n"

static struct seki_spec spec;

static void
read_limits(const char *zone, const char *all)
{
	char text[4096];

	snprintf(text, sizeof(text), PAIR ZONE("%s") "detection: { %s };", zone, all);
	parse_good(text, &spec);
}

static void
end(void)
{
	seki_spec_fini(&spec);
}

/* Host and zone of one vector, in packets and bits; and its share. */
static const struct {
	const char *zone, *all;
	unsigned vector;
	struct seki_rate host, of_zone;
	unsigned share;
	unsigned from;
} cases[] = {
	{"", "", SEKI_VECTOR_UDP, {10000, 0}, {100000, 0}, 0, SEKI_LIMIT_DEFAULT},
	{"limits = ({ vector = \"udp\"; zone = \"300 kpps\"; host = \"20 kpps\"; });", "", SEKI_VECTOR_UDP, {20000, 0},
		{300000, 0}, 0, SEKI_LIMIT_CONFIGURED},
	{"limits = ({ vector = \"udp\"; zone = \"300 kpps\"; host = \"20 kpps\"; });", "", SEKI_VECTOR_NTP, {1000, 0},
		{5000, 0}, 0, SEKI_LIMIT_DEFAULT},
	{"limits = ({ vector = \"udp\"; host_bps = \"200 Mbps\"; });", "", SEKI_VECTOR_UDP, {10000, 200000000},
		{100000, 0}, 0, SEKI_LIMIT_CONFIGURED},
	/* Hosts follow where their zone may have less. */
	{"limits = ({ vector = \"udp\"; zone = 500; });", "", SEKI_VECTOR_UDP, {500, 0}, {500, 0}, 0,
		SEKI_LIMIT_CONFIGURED},
	{"limits = ({ vector = \"all\"; zone = 0; host = 0; });", "", SEKI_VECTOR_ICMP_ECHO, {0, 0}, {0, 0}, 0,
		SEKI_LIMIT_CONFIGURED},
	/* One that names the vector goes before one of all, in whatever order. */
	{"limits = ({ vector = \"udp\"; share = 20; }, { vector = \"all\"; share = 30; zone_bps = 1000000; });", "",
		SEKI_VECTOR_UDP, {10000, 0}, {100000, 1000000}, 20, SEKI_LIMIT_CONFIGURED},
	{"limits = ({ vector = \"udp\"; share = 20; }, { vector = \"all\"; share = 30; });", "", SEKI_VECTOR_GRE,
		{5000, 0}, {50000, 0}, 30, SEKI_LIMIT_CONFIGURED},
	/* The zone's own go before those of all zones, key by key. */
	{"limits = ({ vector = \"all\"; host = 700; });", "limits = ({ vector = \"udp\"; host = 900; zone = 9000; });",
		SEKI_VECTOR_UDP, {700, 0}, {9000, 0}, 0, SEKI_LIMIT_CONFIGURED},
	{"limits = ({ vector = \"ntp\"; share = 0; });", "limits = ({ vector = \"all\"; share = 40; });",
		SEKI_VECTOR_NTP, {1000, 0}, {5000, 0}, 0, SEKI_LIMIT_CONFIGURED},
	{"limits = ({ vector = \"ntp\"; share = 0; });", "limits = ({ vector = \"all\"; share = 40; });",
		SEKI_VECTOR_DNS, {1000, 0}, {5000, 0}, 40, SEKI_LIMIT_CONFIGURED},
};

START_TEST(limits_of_vectors)
{
	const struct seki_limits *limits;
	struct seki_limits wanted;
	unsigned v = cases[_i].vector;

	read_limits(cases[_i].zone, cases[_i].all);
	limits = &spec.zone[0].limits;
	wanted = *limits;
	wanted.at[SEKI_LEVEL_HOST][v] = cases[_i].host;
	wanted.at[SEKI_LEVEL_ZONE][v] = cases[_i].of_zone;
	seki_limits_between(&wanted, v);
	for (unsigned l = 0; l < SEKI_N_LEVELS; l++)
		ck_assert_msg(
			limits->at[l][v].pps == wanted.at[l][v].pps && limits->at[l][v].bps == wanted.at[l][v].bps,
			"%s %s: level %u: %lu pps, %lu bps", cases[_i].zone, cases[_i].all, l, limits->at[l][v].pps,
			limits->at[l][v].bps);
	ck_assert_uint_eq(limits->share_pct[v], cases[_i].share);
	ck_assert_uint_eq(limits->from[v], cases[_i].from);
	ck_assert_uint_eq(limits->n_own, 0);
}
END_TEST

/* What the zone has for a prefix; NULL: nothing of its own. */
static const struct seki_own_limit *
own(unsigned family, enum seki_level level, uint64_t address, unsigned vector)
{
	const struct seki_limits *limits = &spec.zone[0].limits;

	for (unsigned i = 0; i < limits->n_own; i++) {
		const struct seki_own_limit *o = &limits->own[i];

		ck_assert(i == 0 || seki_own_limit_compare(o - 1, o) < 0);
		if (o->family == family && o->level == level && o->address == address && o->vector == vector)
			return o;
	}
	return NULL;
}

START_TEST(limits_of_prefixes)
{
	read_limits("limits = ({ vector = \"udp\"; prefix = \"198.51.100.16/28\"; limit = \"50 kpps\"; },"
		    " { vector = \"udp\"; prefix = \"198.51.100.17\"; limit = \"40 kpps\"; limit_bps = \"1 Mbps\"; },"
		    " { vector = \"udp\"; prefix = \"10.0.16.0/20\"; limit = 300; });",
		"");
	ck_assert_uint_eq(own(4, SEKI_LEVEL_BLOCK, 0xc6336410, SEKI_VECTOR_UDP)->rate.pps, 50000);
	ck_assert_uint_eq(own(4, SEKI_LEVEL_BLOCK, 0xc6336410, SEKI_VECTOR_UDP)->rate.bps, SEKI_RATE_OF_LEVEL);
	ck_assert(!own(4, SEKI_LEVEL_BLOCK, 0xc6336410, SEKI_VECTOR_UDP)->at_least);
	ck_assert_uint_eq(own(4, SEKI_LEVEL_HOST, 0xc6336411, SEKI_VECTOR_UDP)->rate.bps, 1000000);
	/* Around them: as much as the larger of the two. */
	ck_assert_uint_eq(own(4, SEKI_LEVEL_NET, 0xc6336400, SEKI_VECTOR_UDP)->rate.pps, 50000);
	ck_assert(own(4, SEKI_LEVEL_NET, 0xc6336400, SEKI_VECTOR_UDP)->at_least);
	ck_assert_uint_eq(own(4, SEKI_LEVEL_WIDE, 0xc6336000, SEKI_VECTOR_UDP)->rate.pps, 50000);
	ck_assert_uint_eq(own(4, SEKI_LEVEL_WIDE, 0x0a001000, SEKI_VECTOR_UDP)->rate.pps, 300);
	ck_assert_uint_eq(spec.zone[0].limits.n_own, 5);
	ck_assert_uint_eq(spec.zone[0].limits.from[SEKI_VECTOR_UDP], SEKI_LIMIT_DEFAULT);
}
END_TEST

START_TEST(limits_of_prefixes_for_all_vectors)
{
	read_limits("limits = ({ vector = \"ntp\"; prefix = \"2001:db8:1:7::/64\"; limit = 7; },"
		    " { vector = \"all\"; prefix = \"2001:db8:1:7::/64\"; limit = 70; });",
		"");
	ck_assert_uint_eq(own(6, SEKI_LEVEL_BLOCK, UINT64_C(0x20010db800010007), SEKI_VECTOR_NTP)->rate.pps, 7);
	ck_assert_uint_eq(own(6, SEKI_LEVEL_BLOCK, UINT64_C(0x20010db800010007), SEKI_VECTOR_UDP)->rate.pps, 70);
	ck_assert_uint_eq(own(6, SEKI_LEVEL_WIDE, UINT64_C(0x20010db800010000), SEKI_VECTOR_UDP)->rate.pps, 70);
	ck_assert_uint_eq(spec.zone[0].limits.n_own, 3 * (SEKI_N_VECTORS - 1));
}
END_TEST

START_TEST(capacity_of_a_zone)
{
	read_limits(
		"capacity_pps = \"800 kpps\"; capacity_bps = \"9 Gbps\"; limits = ({ vector = \"udp\"; share = 3; });",
		"");
	ck_assert_uint_eq(spec.zone[0].limits.capacity.pps, 800000);
	ck_assert_uint_eq(spec.zone[0].limits.capacity.bps, UINT64_C(9000000000));
}
END_TEST

START_TEST(holidays_and_events)
{
	const struct seki_holiday *h;
	const struct seki_event *e;

	read_limits("",
		"learn = \"apply\"; holidays = (\"2026-12-25\", { date = \"2027-01-01\"; zone = \"a\"; like = \"sunday\"; },"
		" { date = \"2027-01-02\"; utc_offset = \"Z\"; }); utc_offset = \"+09:00\";"
		" events = ({ vector = \"udp\"; bps = \"2 Gbps\"; approver = \"K. Sato\"; note = \"sale\";"
		" from = \"2026-12-24T10:00:00+09:00\"; until = \"2026-12-24T12:00:00+09:00\"; });");
	ck_assert_int_eq(spec.detect.learn, SEKI_LEARN_APPLY);
	ck_assert_uint_eq(spec.detect.n_holidays, 3);
	h = spec.detect.holiday;
	ck_assert(h[0].date.year == 2026 && h[0].date.month == 12 && h[0].date.day == 25);
	ck_assert(h[0].offset_minutes == 540 && !h[0].like_known && h[0].zone == NULL);
	ck_assert(h[1].offset_minutes == 540 && h[1].like_known && h[1].like == SEKI_SUNDAY);
	ck_assert_str_eq(h[1].zone, "a");
	ck_assert_int_eq(h[2].offset_minutes, 0);
	ck_assert_uint_eq(spec.detect.n_events, 1);
	e = spec.detect.event;
	ck_assert(e->zone == NULL && e->vector == SEKI_VECTOR_UDP && e->pps == 0 && e->bps == 2000000000);
	ck_assert_str_eq(e->approver, "K. Sato");
	ck_assert_str_eq(e->note, "sale");
	ck_assert_uint_eq(e->until - e->from, UINT64_C(7200000000000));
	ck_assert_uint_eq(e->from, UINT64_C(1798074000000000000));
}
END_TEST

START_TEST(defaults)
{
	read_limits("", "");
	ck_assert_int_eq(spec.detect.learn, SEKI_LEARN_SUGGEST);
	ck_assert_ptr_null(spec.detect.baseline);
	ck_assert_uint_eq(spec.detect.n_events + spec.detect.n_holidays + spec.detect.n_limits, 0);
	ck_assert_uint_eq(spec.zone[0].limits.capacity.pps, 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("conf_limits");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, NULL, end);
	tcase_add_loop_test(tests, limits_of_vectors, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, limits_of_prefixes);
	tcase_add_test(tests, limits_of_prefixes_for_all_vectors);
	tcase_add_test(tests, capacity_of_a_zone);
	tcase_add_test(tests, holidays_and_events);
	tcase_add_test(tests, defaults);
	return suite_run("conf_limits", tests);
}
