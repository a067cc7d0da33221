/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits of zones: levels between, prefixes and hosts of their own, shares, capacities; by counters of one core. */
#include "carpet.h"
#include "suite.h"

#include <endian.h>
#include <stdlib.h>

#define ZONE 3
#define N_BLOCKS 256
#define T0 UINT64_C(1000000000000)
#define NET 0xc6336400u /* 198.51.100.0 */

static struct seki_blocks blocks;
static struct collect collect;
static struct findings findings;
static struct seki_limits limits;
static void *memory;
static uint64_t now_ns;

static void
begin(void)
{
	struct seki_blocks *core = &blocks;

	memory = aligned_alloc(4096, (seki_blocks_bytes(N_BLOCKS) + 4095) / 4096 * 4096);
	memset(memory, 0, seki_blocks_bytes(N_BLOCKS));
	seki_blocks_init(&blocks, memory, N_BLOCKS, UINT64_C(0x9e3779b97f4a7c15));
	ck_assert_int_eq(collect_init(&collect, &core, 1), 0);
	findings = (struct findings){.n = 0};
	memset(&limits, 0, sizeof(limits));
	now_ns = T0;
}

static void
end(void)
{
	findings_fini(&findings);
	collect_fini(&collect);
	free(memory);
}

/* `n` packets of 1,000 bytes of a vector to one address; known ones are of the vector's class. */
static void
put(uint32_t address, unsigned vector, unsigned n, bool known)
{
	struct pkt pkt = {.arrival_ns = now_ns,
		.zone = ZONE,
		.l3 = PKT_L3_IP4,
		.batch = (uint8_t)1,
		.batch_bytes = 1000,
		.vector = (uint8_t)vector};

	pkt.dst.v4_be = htobe32(address);
	if (known)
		pkt.flow = PKT_FLOW_KNOWN;
	for (unsigned i = 0; i < n; i++) {
		struct seki_blocks_burst burst = {0};

		seki_blocks_look_burst(&blocks, &pkt, 1, false, &burst);
		seki_blocks_count_burst(&blocks, &pkt, 0, &burst);
	}
}

static void
tick(void)
{
	collect_tick(&collect, now_ns);
	findings_make(&findings, &collect);
	now_ns += SEKI_BLOCKS_TICK_NS;
}

/* What was found of a vector by the last tick; NULL: nothing. */
static const struct finding *
found(unsigned vector)
{
	for (unsigned i = 0; i < findings.n; i++)
		if (findings.at[i].zone == ZONE && findings.at[i].vector == vector)
			return &findings.at[i];
	return NULL;
}

static void
limit_all(unsigned vector, uint64_t host, uint64_t zone)
{
	limits.at[SEKI_LEVEL_HOST][vector].pps = host;
	limits.at[SEKI_LEVEL_ZONE][vector].pps = zone;
	seki_limits_between(&limits, vector);
}

START_TEST(levels_between_are_in_equal_ratios)
{
	limit_all(SEKI_VECTOR_UDP, 1000, 16000);
	ck_assert_uint_eq(limits.at[SEKI_LEVEL_BLOCK][SEKI_VECTOR_UDP].pps, 2000);
	ck_assert_uint_eq(limits.at[SEKI_LEVEL_NET][SEKI_VECTOR_UDP].pps, 4000);
	ck_assert_uint_eq(limits.at[SEKI_LEVEL_WIDE][SEKI_VECTOR_UDP].pps, 8000);
	limit_all(SEKI_VECTOR_UDP, 0, 16000);
	ck_assert_uint_eq(limits.at[SEKI_LEVEL_BLOCK][SEKI_VECTOR_UDP].pps, 16000);
	limit_all(SEKI_VECTOR_UDP, 1000, 0);
	ck_assert_uint_eq(limits.at[SEKI_LEVEL_BLOCK][SEKI_VECTOR_UDP].pps, 0);
	limit_all(SEKI_VECTOR_UDP, 1, 100000000000);
	for (unsigned l = SEKI_LEVEL_HOST; l < SEKI_LEVEL_ZONE; l++)
		ck_assert_uint_lt(limits.at[l][SEKI_VECTOR_UDP].pps, limits.at[l + 1][SEKI_VECTOR_UDP].pps);
}
END_TEST

/* Every row: limits, then 10 ticks of packets to one host; is it found, at which level, by which limit? */
static const struct {
	const char *what;
	uint64_t host, zone;
	struct seki_own_limit own[2];
	unsigned n_own;
	unsigned in_tick; /* packets to 198.51.100.17 */
	bool found;
	unsigned level;
	uint64_t limit;
} cases[] = {
	{"below all limits", 300, 10000, {{0}}, 0, 20, false, 0, 0},
	{"over the host's", 300, 10000, {{0}}, 0, 40, true, SEKI_LEVEL_HOST, 300},
	{"a host with less", 300, 10000,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, true,
		SEKI_LEVEL_HOST, 100},
	{"another host with less", 300, 10000,
		{{NET + 18, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, false, 0,
		0},
	{"a host with less of another vector", 300, 10000,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_NTP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, false, 0,
		0},
	{"a host with more", 300, 10000,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {1000, SEKI_RATE_OF_LEVEL}}}, 1, 40, false, 0,
		0},
	{"a host without a limit", 300, 10000,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {0, SEKI_RATE_OF_LEVEL}}}, 1, 40, false, 0, 0},
	{"a host with less in bits", 300, 10000,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {SEKI_RATE_OF_LEVEL, 1000000}}}, 1, 20, true,
		SEKI_LEVEL_HOST, 300},
	{"a block with less", 300, 10000,
		{{NET + 16, 4, SEKI_LEVEL_BLOCK, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, true,
		SEKI_LEVEL_BLOCK, 100},
	{"its neighbour with less", 300, 10000,
		{{NET + 32, 4, SEKI_LEVEL_BLOCK, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, false, 0,
		0},
	{"a /24 with less", 300, 10000, {{NET, 4, SEKI_LEVEL_NET, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}},
		1, 20, true, SEKI_LEVEL_NET, 100},
	{"a /20 with less", 300, 10000,
		{{0xc6336000u, 4, SEKI_LEVEL_WIDE, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, true,
		SEKI_LEVEL_WIDE, 100},
	{"a host with more in a block with as much", 300, 600,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {500, SEKI_RATE_OF_LEVEL}},
			{NET + 16, 4, SEKI_LEVEL_BLOCK, SEKI_VECTOR_UDP, true, {500, SEKI_RATE_OF_LEVEL}}},
		2, 42, false, 0, 0},
	{"a host with more in a block that has not", 300, 600,
		{{NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {500, SEKI_RATE_OF_LEVEL}}}, 1, 42, true,
		SEKI_LEVEL_BLOCK, 356},
	{"at least less than the level has", 300, 10000,
		{{NET + 16, 4, SEKI_LEVEL_BLOCK, SEKI_VECTOR_UDP, true, {100, SEKI_RATE_OF_LEVEL}}}, 1, 20, false, 0,
		0},
};

static void
sort_own(struct seki_own_limit *own, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (seki_own_limit_compare(&own[i - 1], &own[i]) > 0) {
			struct seki_own_limit first = own[i];

			own[i] = own[i - 1];
			own[i - 1] = first;
		}
}

START_TEST(prefixes_have_their_own)
{
	struct seki_own_limit own[2];

	memcpy(own, cases[_i].own, sizeof(own));
	sort_own(own, cases[_i].n_own);
	limit_all(SEKI_VECTOR_UDP, cases[_i].host, cases[_i].zone);
	limits.own = own;
	limits.n_own = cases[_i].n_own;
	collect_watch(&collect, ZONE, &limits);
	for (unsigned t = 0; t < 10; t++) {
		put(NET + 17, SEKI_VECTOR_UDP, cases[_i].in_tick, false);
		tick();
	}
	ck_assert_msg((found(SEKI_VECTOR_UDP) != NULL) == cases[_i].found, "%s", cases[_i].what);
	if (!cases[_i].found)
		return;
	ck_assert_msg(found(SEKI_VECTOR_UDP)->level == cases[_i].level, "%s: level %u", cases[_i].what,
		found(SEKI_VECTOR_UDP)->level);
	ck_assert_msg(found(SEKI_VECTOR_UDP)->limit.pps == cases[_i].limit, "%s: limit %lu", cases[_i].what,
		found(SEKI_VECTOR_UDP)->limit.pps);
	ck_assert_int_eq(found(SEKI_VECTOR_UDP)->limit_from,
		cases[_i].n_own == 1 && cases[_i].limit == cases[_i].own[0].rate.pps ? SEKI_LIMIT_CONFIGURED
		: cases[_i].own[0].rate.bps == 1000000                               ? SEKI_LIMIT_CONFIGURED
										     : SEKI_LIMIT_DEFAULT);
}
END_TEST

/* Limits that change are found anew by nodes that are there. */
START_TEST(other_limits_are_seen)
{
	struct seki_own_limit own = {NET + 17, 4, SEKI_LEVEL_HOST, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}};
	struct seki_limits other;

	limit_all(SEKI_VECTOR_UDP, 1000, 10000);
	other = limits;
	other.own = &own;
	other.n_own = 1;
	for (unsigned round = 0; round < 3; round++) {
		collect_watch(&collect, ZONE, round == 1 ? &other : &limits);
		for (unsigned t = 0; t < 10; t++) {
			put(NET + 17, SEKI_VECTOR_UDP, 20, false);
			tick();
		}
		ck_assert_int_eq(found(SEKI_VECTOR_UDP) != NULL, round == 1);
	}
}
END_TEST

/* IPv6: a /64 of its own. */
START_TEST(prefixes_of_ipv6)
{
	struct seki_own_limit own = {
		UINT64_C(0x20010db800010002), 6, SEKI_LEVEL_BLOCK, SEKI_VECTOR_UDP, false, {100, SEKI_RATE_OF_LEVEL}};
	struct pkt pkt = {.zone = ZONE, .l3 = PKT_L3_IP6, .batch = 1, .batch_bytes = 100, .vector = SEKI_VECTOR_UDP};

	limit_all(SEKI_VECTOR_UDP, 1000, 10000);
	limits.own = &own;
	limits.n_own = 1;
	collect_watch(&collect, ZONE, &limits);
	for (unsigned net = 1; net <= 2; net++) {
		static const uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

		memcpy(&pkt.dst, address, 16);
		((uint8_t *)&pkt.dst)[7] = (uint8_t)net;
		for (unsigned t = 0; t < 10; t++) {
			pkt.arrival_ns = now_ns;
			for (unsigned i = 0; i < 20; i++) {
				struct seki_blocks_burst burst = {0};

				seki_blocks_look_burst(&blocks, &pkt, 1, false, &burst);
				seki_blocks_count_burst(&blocks, &pkt, 0, &burst);
			}
			tick();
		}
		ck_assert_int_eq(found(SEKI_VECTOR_UDP) != NULL, net == 2);
	}
	ck_assert_int_eq(found(SEKI_VECTOR_UDP)->target[0].family, 6);
	ck_assert_int_eq(found(SEKI_VECTOR_UDP)->target[0].len, 64);
}
END_TEST

/* DNS by strangers and known TCP in each tick; may DNS be a fifth? */
static const struct {
	const char *what;
	unsigned dns, rest;
	bool found;
	uint64_t limit;
} shares[] = {
	{"nine in a hundred", 20, 200, false, 0},
	{"a fifth", 50, 200, false, 0},
	{"a quarter", 60, 180, true, 480},
	{"all there is", 60, 0, true, 120},
	{"all there is, and next to nothing", 9, 0, false, 0},
	{"just over the floor", 12, 10, true, SEKI_SHARE_FLOOR_PPS},
};

START_TEST(shares_of_the_zone)
{
	limits.share_pct[SEKI_VECTOR_DNS] = 20;
	limits.from[SEKI_VECTOR_DNS] = SEKI_LIMIT_CONFIGURED;
	collect_watch(&collect, ZONE, &limits);
	for (unsigned t = 0; t < 15; t++) {
		put(NET + 1 + t, SEKI_VECTOR_DNS, shares[_i].dns, false);
		put(NET + 1 + t, SEKI_VECTOR_TCP_DATA, shares[_i].rest, true);
		tick();
	}
	ck_assert_msg((found(SEKI_VECTOR_DNS) != NULL) == shares[_i].found, "%s", shares[_i].what);
	ck_assert_ptr_null(found(SEKI_VECTOR_TCP_DATA));
	if (!shares[_i].found)
		return;
	ck_assert_msg(found(SEKI_VECTOR_DNS)->limit.pps == shares[_i].limit, "%s: limit %lu", shares[_i].what,
		found(SEKI_VECTOR_DNS)->limit.pps);
	ck_assert_int_eq(found(SEKI_VECTOR_DNS)->level, SEKI_LEVEL_ZONE);
	ck_assert_int_eq(found(SEKI_VECTOR_DNS)->limit_from, SEKI_LIMIT_CONFIGURED);
	ck_assert_int_gt(found(SEKI_VECTOR_DNS)->n_targets, 0);
}
END_TEST

/* A limit in packets is reported once, though the share is exceeded, too; and it is the lower one that counts. */
START_TEST(share_beside_a_limit)
{
	limits.share_pct[SEKI_VECTOR_DNS] = 50;
	limit_all(SEKI_VECTOR_DNS, 0, 200);
	collect_watch(&collect, ZONE, &limits);
	for (unsigned t = 0; t < 10; t++) {
		put(NET + 1, SEKI_VECTOR_DNS, 60, false);
		tick();
	}
	ck_assert_ptr_nonnull(found(SEKI_VECTOR_DNS));
	ck_assert_uint_eq(found(SEKI_VECTOR_DNS)->pps, 600);
	ck_assert_uint_eq(found(SEKI_VECTOR_DNS)->limit.pps, 200);
}
END_TEST

/* UDP and SYNs of strangers and known TCP in each tick, to a zone whose capacity is 3,000 packets a second. */
static const struct {
	const char *what;
	unsigned udp, syn, tcp, known_udp;
	unsigned over; /* vector; 0: none */
} capacities[] = {
	{"within it", 100, 50, 140, 0, 0},
	{"most of it UDP", 200, 50, 140, 0, SEKI_VECTOR_UDP},
	{"most of it connections", 50, 20, 300, 0, SEKI_VECTOR_TCP_SYN},
	{"most of it known UDP", 50, 20, 50, 300, 0},
};

START_TEST(capacity_of_the_zone)
{
	limits.capacity = (struct seki_rate){.pps = 3000};
	collect_watch(&collect, ZONE, &limits);
	for (unsigned t = 0; t < 10; t++) {
		put(NET + 1, SEKI_VECTOR_UDP, capacities[_i].udp, false);
		put(NET + 2, SEKI_VECTOR_TCP_SYN, capacities[_i].syn, false);
		put(NET + 3, SEKI_VECTOR_TCP_DATA, capacities[_i].tcp, true);
		put(NET + 4, SEKI_VECTOR_UDP, capacities[_i].known_udp, true);
		tick();
	}
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		ck_assert_msg((found(v) != NULL) == (capacities[_i].over != 0 && v == capacities[_i].over), "%s: %s",
			capacities[_i].what, seki_vector_name(v));
	ck_assert_uint_eq(collect.zone[ZONE].largest, capacities[_i].over);
	if (capacities[_i].over != SEKI_VECTOR_UDP)
		return;
	/* 2,000 of 3,900 come to 3,000. */
	ck_assert_uint_eq(found(SEKI_VECTOR_UDP)->limit.pps, 3000 * 2000 / 3900 + 1);
}
END_TEST

START_TEST(capacity_in_bits)
{
	limits.capacity = (struct seki_rate){.bps = 8000 * 1000};
	collect_watch(&collect, ZONE, &limits);
	for (unsigned t = 0; t < 10; t++) {
		put(NET + 1, SEKI_VECTOR_UDP, 110, false);
		tick();
	}
	ck_assert_ptr_nonnull(found(SEKI_VECTOR_UDP));
	ck_assert_uint_le(found(SEKI_VECTOR_UDP)->limit.bps, 8000 * 1000 + 1);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("limits");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, levels_between_are_in_equal_ratios);
	tcase_add_loop_test(tests, prefixes_have_their_own, 0, sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tests, other_limits_are_seen);
	tcase_add_test(tests, prefixes_of_ipv6);
	tcase_add_loop_test(tests, shares_of_the_zone, 0, sizeof(shares) / sizeof(shares[0]));
	tcase_add_test(tests, share_beside_a_limit);
	tcase_add_loop_test(tests, capacity_of_the_zone, 0, sizeof(capacities) / sizeof(capacities[0]));
	tcase_add_test(tests, capacity_in_bits);
	return suite_run("limits", tests);
}
