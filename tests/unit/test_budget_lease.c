/* SPDX-License-Identifier: BSD-3-Clause */

/* Many cores under leases against the promise of budget.h, in every window between any two conforming packets. */
#include "budget.h"
#include "hash.h"
#include "suite.h"

#include <inttypes.h>

#define NS_PER_S UINT64_C(1000000000)
#define TICK_NS UINT64_C(100000000)
#define MAX_CORES 8

typedef unsigned __int128 u128;

/* n cores under one limit, and a log of what conformed. */
struct box {
	struct seki_lease lease;
	struct seki_limit limit;
	struct seki_budget budget[MAX_CORES];
	struct seki_budget *core[MAX_CORES];
	unsigned n;
	uint64_t now;
	uint64_t passed[MAX_CORES]; /* units */
};

static void
box_tick(struct box *box)
{
	seki_budget_lease(&box->lease, &box->limit, box->core, box->n);
}

static void
box_init(struct box *box, unsigned n, uint64_t rate, uint64_t burst_ns)
{
	memset(box, 0, sizeof(*box));
	box->n = n;
	box->limit = (struct seki_limit){rate, burst_ns};
	box->now = NS_PER_S;
	for (unsigned i = 0; i < n; i++)
		box->core[i] = &box->budget[i];
	box_tick(box);
}

static bool
box_charge(struct box *box, unsigned core, uint32_t units)
{
	bool conforms = seki_budget_charge(&box->budget[core], box->limit.burst_ns, box->now, units);

	box->passed[core] += conforms ? units : 0;
	return conforms;
}

static uint64_t
box_passed(const struct box *box)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < box->n; i++)
		sum += box->passed[i];
	return sum;
}

/* 1 / cost, as a fraction of the limit in 2^-40, rounded down. */
static uint64_t
rate_in_force(uint64_t cost, uint64_t limit)
{
	return (uint64_t)(((((u128)NS_PER_S << 24) << 40) / cost) / limit);
}

/* What the rates in force sum to; at most `whole`, for costs are rounded up. */
static void
assert_in_force(const uint64_t *cost, unsigned n, uint64_t limit)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < n; i++) {
		ck_assert_uint_ne(cost[i], 0);
		sum += rate_in_force(cost[i], limit);
	}
	ck_assert_uint_le(sum, UINT64_C(1) << 40);
}

START_TEST(first_lease_is_equal)
{
	struct box box;

	box_init(&box, 8, 1000, 0);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_eq(box.budget[i].cost_q24, seki_budget_cost_q24(1000, SEKI_SHARE_WHOLE / 8));
}
END_TEST

/* All traffic on one core: it gets all but the floors of the others, within a few ticks. */
START_TEST(one_hot_core_gets_nearly_all)
{
	static const uint64_t rates[] = {1, 1000, UINT64_C(10000000000)};
	uint64_t rate = rates[_i];
	struct box box;

	box_init(&box, 8, rate, TICK_NS);
	for (unsigned tick = 0; tick < 3; tick++) {
		box_charge(&box, 3, 1);
		box.now += TICK_NS;
		box_tick(&box);
	}
	/* 1 - 7 / 64 */
	ck_assert_uint_ge(rate_in_force(box.budget[3].cost_q24, rate), (UINT64_C(1) << 40) * 889 / 1000);
	for (unsigned i = 0; i < 8; i++)
		ck_assert_uint_ge(rate_in_force(box.budget[i].cost_q24, rate), (UINT64_C(1) << 40) * 156 / 10000);
}
END_TEST

START_TEST(quiet_core_starts_at_once_from_its_floor)
{
	struct box box;

	box_init(&box, 8, 8000, TICK_NS);
	for (unsigned tick = 0; tick < 10; tick++) {
		for (unsigned p = 0; p < 2000; p++, box.now += TICK_NS / 2000)
			box_charge(&box, 0, 1);
		box_tick(&box);
	}
	/* The floor is 125 pps, so its burst of 100 ms is twelve packets. */
	for (unsigned p = 0; p < 12; p++)
		ck_assert_msg(box_charge(&box, 5, 1), "packet %u of a core that was quiet", p);
}
END_TEST

/*
 * The lease moves between calls only. Whatever mix of old and new costs the cores have read while a call runs, the
 * rates sum to no more than the limit.
 */
START_TEST(stale_reads_never_exceed_the_limit)
{
	struct seki_rng rng;
	struct box box;

	seki_rng_init(&rng, 11);
	box_init(&box, MAX_CORES, 1000000, TICK_NS);
	for (unsigned tick = 0; tick < 5000; tick++) {
		uint64_t worst[MAX_CORES];

		for (unsigned i = 0; i < box.n; i++)
			box.budget[i].offered += seki_rng_below(&rng, 4) == 0 ? seki_rng_below(&rng, 1 << 20) : 0;
		for (unsigned i = 0; i < box.n; i++)
			worst[i] = box.budget[i].cost_q24;
		box_tick(&box);
		for (unsigned i = 0; i < box.n; i++)
			if (box.budget[i].cost_q24 < worst[i])
				worst[i] = box.budget[i].cost_q24;
		assert_in_force(worst, box.n, 1000000);
	}
}
END_TEST

START_TEST(every_core_keeps_its_floor)
{
	struct seki_rng rng;
	struct box box;

	seki_rng_init(&rng, 12);
	box_init(&box, MAX_CORES, 1000000, TICK_NS);
	for (unsigned tick = 0; tick < 5000; tick++) {
		box.budget[seki_rng_below(&rng, box.n)].offered += seki_rng_below(&rng, UINT64_C(1) << 40);
		box_tick(&box);
		for (unsigned i = 0; i < box.n; i++)
			ck_assert_uint_ge(box.lease.share[i], SEKI_SHARE_WHOLE / 8 / box.n);
	}
}
END_TEST

/* How demand moves over the cores. */
enum pattern {
	PATTERN_ONE_CORE,
	PATTERN_WALK,      /* a hot spot that goes to the next core every few ticks */
	PATTERN_WALK_FAST, /* ... every tick */
	PATTERN_RANDOM,
	PATTERN_ALL,
	PATTERN_LURE, /* a few packets draw the share to a core, then the flood comes and the next core is lured */
};

static unsigned
pick_core(enum pattern pattern, unsigned tick, unsigned n, struct seki_rng *rng)
{
	switch (pattern) {
	case PATTERN_ONE_CORE:
		return 0;
	case PATTERN_LURE:
		return tick / 8 % n;
	case PATTERN_WALK:
		return tick / 4 % n;
	case PATTERN_WALK_FAST:
		return tick % n;
	case PATTERN_RANDOM:
		return (unsigned)(seki_rng_below(rng, 8) == 0 ? seki_rng_below(rng, n) : tick / 3 * 7 % n);
	case PATTERN_ALL:
		break;
	}
	return (unsigned)seki_rng_below(rng, n);
}

static bool
is_quiet(enum pattern pattern, unsigned tick, unsigned packet)
{
	return pattern == PATTERN_LURE && tick % 8 != 7 && packet > 20;
}

static const struct {
	const char *about;
	enum pattern pattern;
	unsigned cores;
	uint64_t rate, burst_ns;
	uint32_t units;         /* of one packet */
	unsigned per_tick;      /* packets offered in a tick */
	unsigned least_percent; /* of the limit that must get through in the long run */
} floods[] = {
	{"all on one core", PATTERN_ONE_CORE, 8, 1000, TICK_NS, 1, 400, 88},
	{"all on one core, bits", PATTERN_ONE_CORE, 8, 100000000, TICK_NS, 12000, 4000, 88},
	{"all on one core, 1 pps", PATTERN_ONE_CORE, 8, 1, TICK_NS, 1, 10, 80},
	{"a hot spot that walks", PATTERN_WALK, 8, 1000, TICK_NS, 1, 400, 20},
	{"a hot spot that walks, long burst", PATTERN_WALK, 8, 1000, 10 * NS_PER_S, 1, 2000, 20},
	{"a hot spot that runs", PATTERN_WALK_FAST, 8, 1000, TICK_NS, 1, 400, 3},
	{"a hot spot that runs, 2 cores", PATTERN_WALK_FAST, 2, 1000, NS_PER_S, 1, 400, 25},
	{"a hot spot that walks, 1 pps", PATTERN_WALK, 8, 1, TICK_NS, 1, 10, 5},
	{"random demand", PATTERN_RANDOM, 5, 5000, TICK_NS, 1, 2000, 30},
	{"random demand, bits", PATTERN_RANDOM, 5, 10000000, TICK_NS, 9000, 1000, 30},
	{"a share lured to an idle core, then a flood", PATTERN_LURE, 8, 1000, 10 * NS_PER_S, 1, 4000, 10},
	{"even demand", PATTERN_ALL, 8, 10000, TICK_NS, 1, 3000, 90},
	{"one core alone", PATTERN_ONE_CORE, 1, 1000, TICK_NS, 1, 400, 99},
};

/*
 * Over any window that starts and ends with a conforming packet: units <= rate * (W + burst + 1 ns) + a packet
 * for each core. Checked for all windows at once: with s(t) = units so far - rate * t, s may never rise by more than
 * the slack above its minimum before.
 */
struct window_check {
	__int128 low, slack; /* units * 10^9 */
	bool started;
};

static void
window_pass(struct window_check *check, const struct box *box, uint32_t units, const char *about)
{
	__int128 now = (__int128)box->now * (__int128)box->limit.rate_per_s;
	__int128 after = (__int128)box_passed(box) * (__int128)NS_PER_S - now;
	__int128 before = after - (__int128)units * (__int128)NS_PER_S;

	if (!check->started || before < check->low)
		check->low = before;
	check->started = true;
	ck_assert_msg(after - check->low <= check->slack, "%s: over the limit after %" PRIu64 " ns", about, box->now);
}

START_TEST(no_window_exceeds_the_limit)
{
	unsigned ticks = floods[_i].rate == 1 ? 5000 : 600;
	struct seki_rng rng;
	struct window_check check = {.started = false};
	struct box box;
	uint64_t due;

	seki_rng_init(&rng, 21 + (uint64_t)_i);
	box_init(&box, floods[_i].cores, floods[_i].rate, floods[_i].burst_ns);
	check.slack = (__int128)floods[_i].rate * (__int128)(floods[_i].burst_ns + 1) +
		      (__int128)floods[_i].cores * floods[_i].units * (__int128)NS_PER_S;
	for (unsigned tick = 0; tick < ticks; tick++) {
		for (unsigned p = 0; p < floods[_i].per_tick; p++, box.now += TICK_NS / floods[_i].per_tick)
			if (!is_quiet(floods[_i].pattern, tick, p) &&
				box_charge(&box, pick_core(floods[_i].pattern, tick, box.n, &rng), floods[_i].units))
				window_pass(&check, &box, floods[_i].units, floods[_i].about);
		box_tick(&box);
	}
	due = floods[_i].rate * ticks / 10;
	ck_assert_msg(box_passed(&box) >= due * floods[_i].least_percent / 100,
		"%s: only %" PRIu64 " of %" PRIu64 " units passed", floods[_i].about, box_passed(&box), due);
}
END_TEST

/* A reload changes the limit under load: at once for all cores, and never above the larger of the two. */
START_TEST(new_limit_holds_at_once)
{
	static const struct {
		uint64_t before, after;
	} change[] = {{100000, 1000}, {1000, 100000}, {100000, 1}, {7, 13}};
	struct seki_rng rng;
	struct box box;

	seki_rng_init(&rng, 31);
	box_init(&box, 6, change[_i].before, TICK_NS);
	for (unsigned tick = 0; tick < 200; tick++) {
		uint64_t cost[MAX_CORES];

		if (tick == 100)
			box.limit.rate_per_s = change[_i].after;
		for (unsigned p = 0; p < 500; p++, box.now += TICK_NS / 500)
			box_charge(&box, pick_core(PATTERN_RANDOM, tick, box.n, &rng), 1);
		box_tick(&box);
		for (unsigned i = 0; i < box.n; i++)
			cost[i] = box.budget[i].cost_q24;
		assert_in_force(cost, box.n, box.limit.rate_per_s);
	}
}
END_TEST

/* After the cut to `after`, no more than the new limit and one packet for each core. */
START_TEST(lowered_limit_holds_over_time)
{
	struct box box;
	uint64_t before;

	box_init(&box, 4, 100000, TICK_NS);
	for (unsigned tick = 0; tick < 20; tick++, box_tick(&box))
		for (unsigned p = 0; p < 20000; p++, box.now += TICK_NS / 20000)
			box_charge(&box, 0, 1);
	box.limit.rate_per_s = 100;
	box_tick(&box);
	before = box_passed(&box);
	for (unsigned tick = 0; tick < 100; tick++, box_tick(&box))
		for (unsigned p = 0; p < 20000; p++, box.now += TICK_NS / 20000)
			box_charge(&box, 0, 1);
	ck_assert_uint_le(box_passed(&box) - before, 100 * 10 + 10 + 4);
	ck_assert_uint_ge(box_passed(&box) - before, 100 * 10 * 8 / 10);
}
END_TEST

START_TEST(limit_can_be_lifted_and_set_again)
{
	struct box box;

	box_init(&box, 4, 100, 0);
	box_charge(&box, 1, 1);
	box.limit.rate_per_s = 0;
	box_tick(&box);
	for (unsigned p = 0; p < 1000; p++)
		ck_assert(box_charge(&box, 1, 1));
	box.limit.rate_per_s = 100;
	box_tick(&box);
	for (unsigned i = 0; i < 4; i++)
		ck_assert_uint_eq(box.budget[i].cost_q24, seki_budget_cost_q24(100, SEKI_SHARE_WHOLE / 4));
}
END_TEST

START_TEST(unlimited_lease_writes_nothing)
{
	static const struct seki_limit none = {0, TICK_NS};
	struct seki_lease lease = {.share = {0}}, before = lease;
	struct seki_budget b = {.offered = 5}, *core = &b;

	seki_budget_lease(&lease, &none, &core, 1);
	ck_assert_int_eq(memcmp(&lease, &before, sizeof(lease)), 0);
	ck_assert_uint_eq(b.cost_q24, 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("budget_lease");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, first_lease_is_equal);
	tcase_add_loop_test(tests, one_hot_core_gets_nearly_all, 0, 3);
	tcase_add_test(tests, quiet_core_starts_at_once_from_its_floor);
	tcase_add_test(tests, stale_reads_never_exceed_the_limit);
	tcase_add_test(tests, every_core_keeps_its_floor);
	tcase_add_loop_test(tests, no_window_exceeds_the_limit, 0, N(floods));
	tcase_add_loop_test(tests, new_limit_holds_at_once, 0, 4);
	tcase_add_test(tests, lowered_limit_holds_over_time);
	tcase_add_test(tests, limit_can_be_lifted_and_set_again);
	tcase_add_test(tests, unlimited_lease_writes_nothing);
	return suite_run("budget_lease", tests);
}
