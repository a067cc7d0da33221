/* SPDX-License-Identifier: BSD-3-Clause */
/* Which prefixes are attacked: from one host to a carpet over all of a zone. The zone has 198.18.0.0/16 and
 * 2001:db8:51::/48. */
#include "blocks_rig.h"
#include "carpet.h"

#define FLOODS_MAX 4
#define TICKS 12

/* Strangers to every host (IPv6: to every /64) of a prefix, or to each `every`th; `pps` to each of them. */
struct flood {
	unsigned vector;
	const char *prefix;
	unsigned every, pps;
};

static struct blocks_rig rig;
static struct collect *c;
static struct findings *f;
static struct seki_limits limits;

static void
setup(void)
{
	blocks_rig_init(&rig, 16384, 1);
	c = calloc(1, sizeof(*c));
	f = calloc(1, sizeof(*f));
	ck_assert_int_eq(collect_init(c, rig.core, RIG_CORES), 0);
	seki_limits_default(&limits);
	collect_watch(c, 1, &limits);
}

static void
teardown(void)
{
	findings_fini(f);
	collect_fini(c);
	free(f);
	free(c);
	blocks_rig_fini(&rig);
}

static struct seki_target
target_of(const char *text)
{
	struct seki_prefix prefix = prefix_of(text);
	struct place place = place_of(1, text);

	return (struct seki_target){place.net, place.family, prefix.len};
}

/* What of a rate comes in a tick: so that a second has exactly as much as it says. */
static uint32_t
in_tick(unsigned pps, unsigned tick)
{
	return (tick + 1) * pps / 10 - tick * pps / 10;
}

static void
flood_tick(const struct flood *flood, unsigned tick)
{
	struct seki_target target = target_of(flood->prefix);
	uint64_t n = seki_target_space(target), step = target.family == 4 ? UINT64_C(1) << 32 : 1;

	for (uint64_t i = 0; i < n; i += flood->every) {
		uint32_t packets = in_tick(flood->pps, tick + (unsigned)i % 10);

		if (packets > 0)
			come(&rig, (struct place){target.net + i * step, target.family, 1}, flood->vector, packets);
	}
}

/* A second and a little of them, then what is found. */
static void
find(const struct flood *flood, unsigned n)
{
	for (unsigned tick = 0; tick < TICKS; tick++) {
		rig.now_ns += RIG_TICK;
		for (unsigned i = 0; i < n && flood[i].prefix != NULL; i++)
			flood_tick(&flood[i], tick);
		collect_tick(c, rig.now_ns);
		findings_make(f, c);
	}
}

static const struct finding *
finding_of(unsigned vector)
{
	const struct finding *found = NULL;

	for (unsigned i = 0; i < f->n; i++) {
		if (f->at[i].vector != vector)
			continue;
		ck_assert_msg(found == NULL, "two findings of one vector");
		found = &f->at[i];
	}
	return found;
}

static bool
is_held(const struct finding *finding, struct seki_target inner)
{
	bool held = false;

	for (unsigned t = 0; t < finding->n_targets; t++)
		held |= seki_target_holds(finding->target[t], inner);
	return held;
}

/*
 * NTP: 1,000 a second to a host, 1,495 to a /28, 2,236 to a /24, 3,343 to a /20, 5,000 to the zone. What is said is
 * what is found of it: targets, hosts, and the level that noticed.
 */
#define NTP SEKI_VECTOR_NTP
static const struct {
	const char *about;
	struct flood flood[FLOODS_MAX];
	const char *targets;
	uint32_t hosts;
	enum seki_level level;
	uint64_t pps;
} rows[] = {
	{"nothing much", {{NTP, "198.18.16.0/26", 1, 20}}, "", 0, 0, 0},
	{"one host", {{NTP, "198.18.16.5/32", 1, 3000}}, "198.18.16.5/32", 1, SEKI_LEVEL_HOST, 3000},
	{"one /64", {{NTP, "2001:db8:51:7::/64", 1, 3000}}, "2001:db8:51:7::/64", 1, SEKI_LEVEL_HOST, 3000},
	{"three hosts of a /28", {{NTP, "198.18.16.0/28", 6, 3000}}, "198.18.16.0/32 198.18.16.6/32 198.18.16.12/32", 3,
		SEKI_LEVEL_HOST, 9000},
	{"three below their limits", {{NTP, "198.18.16.0/28", 6, 700}}, "198.18.16.0/28", 3, SEKI_LEVEL_BLOCK, 2100},
	{"a /24, each at a tenth", {{NTP, "198.18.16.0/24", 1, 100}}, "198.18.16.0/24", 256, SEKI_LEVEL_BLOCK, 25600},
	{"a /22, each at a tenth", {{NTP, "198.18.16.0/22", 1, 100}}, "198.18.16.0/22", 1024, SEKI_LEVEL_BLOCK, 102400},
	{"a /20, each at a tenth", {{NTP, "198.18.16.0/20", 1, 100}}, "198.18.16.0/20", 4096, SEKI_LEVEL_BLOCK, 409600},
	{"a /24, each at a twentieth", {{NTP, "198.18.16.0/24", 1, 50}}, "198.18.16.0/24", 256, SEKI_LEVEL_NET, 12800},
	{"a /22, seen by the /20 alone", {{NTP, "198.18.16.0/22", 1, 4}}, "198.18.16.0/22", 1024, SEKI_LEVEL_WIDE,
		4096},
	{"a /18, seen by the zone alone", {{NTP, "198.18.64.0/18", 16, 6}}, "198.18.64.0/18", 1024, SEKI_LEVEL_ZONE,
		6144},
	{"a /56, each at a tenth", {{NTP, "2001:db8:51::/56", 1, 100}}, "2001:db8:51::/56", 256, SEKI_LEVEL_NET, 25600},
	{"a /48, here and there", {{NTP, "2001:db8:51::/48", 128, 100}}, NULL, 512, SEKI_LEVEL_WIDE, 51200},
	{"half of a /24", {{NTP, "198.18.16.128/25", 1, 50}}, "198.18.16.128/25", 128, SEKI_LEVEL_NET, 6400},
	{"two carpets", {{NTP, "198.18.16.0/24", 1, 50}, {NTP, "198.18.32.0/23", 1, 50}},
		"198.18.16.0/24 198.18.32.0/23", 768, SEKI_LEVEL_NET, 38400},
	{"both families", {{NTP, "198.18.16.0/24", 1, 50}, {NTP, "2001:db8:51::/56", 1, 50}},
		"198.18.16.0/24 2001:db8:51::/56", 512, SEKI_LEVEL_NET, 25600},
	{"a host beside a carpet", {{NTP, "198.18.16.0/24", 1, 40}, {NTP, "198.18.20.9/32", 1, 5000}},
		"198.18.16.0/24 198.18.20.9/32", 257, SEKI_LEVEL_NET, 15240},
	{"a host in a carpet", {{NTP, "198.18.16.0/24", 1, 40}, {NTP, "198.18.16.9/32", 1, 5000}}, "198.18.16.0/24",
		256, SEKI_LEVEL_NET, 15240},
	{"a host in a crowd that is none", {{NTP, "198.18.16.0/24", 1, 4}, {NTP, "198.18.16.9/32", 1, 5000}},
		"198.18.16.9/32", 1, SEKI_LEVEL_HOST, 5004},
	{"a block in a crowd that is none", {{NTP, "198.18.16.0/24", 1, 4}, {NTP, "198.18.16.64/28", 1, 300}},
		"198.18.16.64/28", 16, SEKI_LEVEL_BLOCK, 4864},
	{"noise in the zone", {{NTP, "198.18.16.0/24", 1, 50}, {NTP, "198.18.128.0/17", 64, 2}}, "198.18.16.0/24", 256,
		SEKI_LEVEL_NET, 12800},
	{"noise in the /20 that notices", {{NTP, "198.18.16.0/22", 1, 4}, {NTP, "198.18.24.0/21", 64, 2}},
		"198.18.16.0/22", 1024, SEKI_LEVEL_WIDE, 4160},
	{"a faint edge", {{NTP, "198.18.16.0/24", 1, 50}, {NTP, "198.18.17.0/24", 8, 10}}, "198.18.16.0/24", 256,
		SEKI_LEVEL_NET, 12800},
	{"an edge that is a part of it", {{NTP, "198.18.16.0/22", 1, 4}, {NTP, "198.18.20.0/24", 8, 10}},
		"198.18.16.0/22 198.18.20.0/24", 1056, SEKI_LEVEL_WIDE, 4416},
	{"another vector beside", {{NTP, "198.18.16.0/24", 1, 50}, {SEKI_VECTOR_UDP, "198.18.32.0/24", 1, 30}},
		"198.18.16.0/24", 256, SEKI_LEVEL_NET, 12800},
};

static uint32_t
hosts_of(const struct finding *finding)
{
	return targets_count_hosts(c, finding->zone, finding->vector, finding->target, finding->n_targets);
}

START_TEST(found)
{
	const struct finding *finding;
	char text[SEKI_TARGET_TEXT], targets[SEKI_TARGETS_MAX * SEKI_TARGET_TEXT] = "";

	find(rows[_i].flood, FLOODS_MAX);
	finding = finding_of(NTP);
	ck_assert_msg((finding == NULL) == (rows[_i].pps == 0) && f->n == (rows[_i].pps != 0), "%s: %u findings",
		rows[_i].about, f->n);
	if (finding == NULL)
		return;
	for (unsigned t = 0; t < finding->n_targets; t++) {
		strcat(targets, t == 0 ? "" : " ");
		strcat(targets, seki_target_text(finding->target[t], text));
		ck_assert_msg(rows[_i].targets != NULL ||
				      seki_target_holds(target_of(rows[_i].flood[0].prefix), finding->target[t]),
			"%s: %s", rows[_i].about, text);
	}
	ck_assert_msg(
		rows[_i].targets == NULL || strcmp(targets, rows[_i].targets) == 0, "%s: %s", rows[_i].about, targets);
	ck_assert_msg(hosts_of(finding) == rows[_i].hosts, "%s: %u hosts", rows[_i].about, hosts_of(finding));
	ck_assert_msg(finding->level == rows[_i].level, "%s: level %u", rows[_i].about, finding->level);
	ck_assert_msg(finding->limit.pps == limits.at[rows[_i].level][NTP].pps, "%s", rows[_i].about);
	/* Of rates that are no multiple of ten two ticks may show a little more. */
	ck_assert_msg(finding->pps >= rows[_i].pps && finding->pps <= rows[_i].pps * 6 / 5, "%s: %llu", rows[_i].about,
		(unsigned long long)finding->pps);
	ck_assert_msg(finding->bps == finding->pps * 640, "%s", rows[_i].about);
}
END_TEST

START_TEST(two_vectors)
{
	static const struct flood flood[] = {
		{NTP, "198.18.16.0/24", 1, 50}, {SEKI_VECTOR_DNS, "198.18.17.0/24", 1, 50}};

	find(flood, 2);
	ck_assert_uint_eq(f->n, 2);
	ck_assert_uint_eq(finding_of(NTP)->n_targets, 1);
	ck_assert(is_held(finding_of(NTP), target_of("198.18.16.0/24")));
	ck_assert(!is_held(finding_of(NTP), target_of("198.18.17.0/24")));
	ck_assert(is_held(finding_of(SEKI_VECTOR_DNS), target_of("198.18.17.0/24")));
	ck_assert(!is_held(finding_of(SEKI_VECTOR_DNS), target_of("198.18.16.0/24")));
}
END_TEST

/* Where a host is over its limit in packets, a carpet around it that is over one in bits is still seen. */
START_TEST(bits_beside_packets)
{
	static const struct flood flood[] = {{NTP, "198.18.16.0/24", 1, 40}, {NTP, "198.18.16.9/32", 1, 5000}};

	limits.at[SEKI_LEVEL_HOST][NTP] = (struct seki_rate){1000, 0};
	limits.at[SEKI_LEVEL_ZONE][NTP] = (struct seki_rate){0, 5000 * 640};
	seki_limits_between(&limits, NTP);
	collect_watch(c, 1, &limits);
	find(flood, 2);
	ck_assert_uint_eq(f->n, 1);
	ck_assert(is_held(finding_of(NTP), target_of("198.18.16.0/24")));
	ck_assert_uint_eq(hosts_of(finding_of(NTP)), 256);
}
END_TEST

/* What found no block is the zone's: nobody can say whose it is, and nothing is said to be attacked. */
START_TEST(without_room)
{
	for (unsigned tick = 0; tick < 3; tick++) {
		rig.now_ns += RIG_TICK;
		for (unsigned core = 0; core < RIG_CORES; core++)
			rig.b[core].zone[1].rest[NTP].packets += 10000;
		collect_tick(c, rig.now_ns);
		findings_make(f, c);
	}
	ck_assert_uint_eq(f->n, 1);
	ck_assert_uint_eq(f->at[0].level, SEKI_LEVEL_ZONE);
	/* Nobody knows who: all of the zone, in both families. */
	ck_assert_uint_eq(f->at[0].n_targets, 2);
	ck_assert_uint_eq(f->at[0].target[0].len, 0);
	ck_assert_uint_eq(f->at[0].target[1].len, 0);
}
END_TEST

/* Every place that is over its limit, host or block, is in a target of its vector; and no target is without. */
static void
check_laws(void)
{
	bool some[64][SEKI_TARGETS_MAX] = {{false}};

	for (uint32_t i = 0; i < c->n_overs; i++) {
		const struct over *over = &c->over[i];
		const struct finding *finding = finding_of(over->vector);
		struct seki_target place = node_prefix(over->node);

		HOLDS(finding != NULL, "%s is over, and not found", seki_vector_name(over->vector));
		if (over->host != HOST_NONE && place.family == 4)
			place = (struct seki_target){place.net | (uint64_t)over->host << 32, 4, 32};
		HOLDS(over->node->level != SEKI_LEVEL_BLOCK || over->host == HOST_NONE || is_held(finding, place),
			"a host is over its limit, and no target");
		for (unsigned t = 0; t < finding->n_targets; t++)
			some[finding - f->at][t] |= over->node->level == SEKI_LEVEL_ZONE ||
						    seki_target_holds(finding->target[t], place) ||
						    seki_target_holds(place, finding->target[t]);
	}
	for (unsigned i = 0; i < f->n; i++) {
		HOLDS(f->at[i].n_targets >= 1 && f->at[i].n_targets <= SEKI_TARGETS_MAX, "%u targets",
			f->at[i].n_targets);
		for (unsigned t = 0; t < f->at[i].n_targets; t++) {
			HOLDS(some[i][t], "a target, and nothing in it is over its limit");
			HOLDS(hosts_of(&f->at[i]) > 0, "no host got anything");
		}
	}
}

/* Floods of random places, sizes and rates. */
START_TEST(random_ones)
{
	static const uint8_t vector[] = {NTP, SEKI_VECTOR_UDP, SEKI_VECTOR_TCP_SYN, SEKI_VECTOR_FRAGMENT};
	struct seki_rng rng;
	unsigned many = 0;

	seki_rng_init(&rng, (uint64_t)_i);
	for (unsigned round = 0; round < 20; round++) {
		struct place place[60];
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, N(place)), v = vector[seki_rng_below(&rng, N(vector))];
		uint32_t packets[N(place)];

		for (unsigned i = 0; i < n; i++) {
			uint64_t near = seki_rng_below(&rng, UINT64_C(1) << (4 + seki_rng_below(&rng, 12)));

			place[i] = seki_rng_below(&rng, 4) == 0
					   ? (struct place){UINT64_C(0x20010db800510000) + near, 6, 1}
					   : (struct place){(0xc6120000 + near) << 32, 4, 1};
			packets[i] = 1 + (uint32_t)seki_rng_below(&rng, limits.at[SEKI_LEVEL_HOST][v].pps / 4);
		}
		for (unsigned tick = 0; tick < 4; tick++) {
			rig.now_ns += RIG_TICK;
			for (unsigned i = 0; i < n; i++)
				come(&rig, place[i], v, packets[i]);
			collect_tick(c, rig.now_ns);
			findings_make(f, c);
			check_laws();
		}
		many += f->n > 0 && f->at[0].n_targets > 8;
		rig.now_ns += 20 * RIG_TICK;
	}
	ck_assert_uint_gt(many, 0); /* or merging was not tried */
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("carpet");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, found, 0, N(rows));
	tcase_add_test(tests, two_vectors);
	tcase_add_test(tests, bits_beside_packets);
	tcase_add_test(tests, without_room);
	tcase_add_loop_test(tests, random_ones, 0, 10);
	return suite_run("carpet", tests);
}
