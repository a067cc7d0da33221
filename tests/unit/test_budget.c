/* SPDX-License-Identifier: BSD-3-Clause */

/* Budgets of one core against exact big-integer GCRA; what a run charges, and what a new lease leaves. */
#include "budget.h"
#include "hash.h"
#include "suite.h"

#include <inttypes.h>

#define NS_PER_S UINT64_C(1000000000)

typedef unsigned __int128 u128;

/* Costs: never below the true cost, and above it by less than one step. */
static const struct {
	const char *about;
	uint64_t rate, share;
} costs[] = {
	{"one a second, alone", 1, SEKI_SHARE_WHOLE},
	{"one a second, a floor of 64 cores", 1, SEKI_SHARE_WHOLE / 512},
	{"three a second: no whole number of steps", 3, SEKI_SHARE_WHOLE},
	{"a kilopacket", 1000, SEKI_SHARE_WHOLE / 8},
	{"ten gigabit", UINT64_C(10000000000), SEKI_SHARE_WHOLE / 7},
	{"ten terabit", UINT64_C(10000000000000), SEKI_SHARE_WHOLE},
	{"a prime and an odd share", UINT64_C(999999937), 12345},
};

START_TEST(cost_is_exact_and_rounded_up)
{
	uint64_t cost = seki_budget_cost_q24(costs[_i].rate, costs[_i].share);
	u128 scaled = (u128)NS_PER_S << 56;
	u128 rate = (u128)costs[_i].rate * costs[_i].share;

	ck_assert_msg((u128)cost * rate >= scaled, "%s: the rate is exceeded", costs[_i].about);
	ck_assert_msg((u128)(cost - 1) * rate < scaled, "%s: not the smallest such cost", costs[_i].about);
}
END_TEST

START_TEST(cost_of_no_limit_is_zero)
{
	ck_assert_uint_eq(seki_budget_cost_q24(0, SEKI_SHARE_WHOLE), 0);
}
END_TEST

/* One core, one limit: a single word against the textbook with rationals (units of ns / rate). */
static const struct {
	const char *about;
	uint64_t rate, burst_ns;
	uint32_t max_units;
	uint64_t mean_gap_ns;
} singles[] = {
	{"1 pps, offered ten times over", 1, 100000000, 1, 100000000},
	{"1 kpps at its rate", 1000, 100000000, 1, 1000000},
	{"1 kpps, no burst, twice over", 1000, 0, 1, 500000},
	{"10 Mbps in frames", 10000000, 50000000, 12144, 600000},
	{"100 Gbps in frames", UINT64_C(100000000000), 1000000, 12144, 30},
};

/* The model's TAT, in ns * rate, so that a unit costs exactly 10^9. */
static bool
model_charge(u128 *tat, uint64_t now, uint64_t rate, uint64_t burst, uint32_t units)
{
	u128 at = (u128)now * rate;

	/* The tolerance is compared in whole nanoseconds. */
	if (*tat >= at + (u128)(burst + 1) * rate)
		return false;
	*tat = (*tat > at ? *tat : at) + (u128)units * NS_PER_S;
	return true;
}

START_TEST(one_core_follows_the_model)
{
	struct seki_budget b = {.cost_q24 = seki_budget_cost_q24(singles[_i].rate, SEKI_SHARE_WHOLE)};
	unsigned n = 200000, agreed = 0, passed = 0;
	uint64_t now = NS_PER_S, asked = 0;
	struct seki_rng rng;
	u128 tat = 0;

	seki_rng_init(&rng, 7);
	for (unsigned i = 0; i < n; i++) {
		uint32_t units = 1 + (uint32_t)seki_rng_below(&rng, singles[_i].max_units);
		bool model = model_charge(&tat, now, singles[_i].rate, singles[_i].burst_ns, units);
		bool real = seki_budget_charge(&b, singles[_i].burst_ns, now, units);

		asked += units;
		agreed += model == real;
		passed += real;
		/* Rounding costs up may refuse a packet that was due in less than a step; then the two part. */
		tat = ((u128)b.tat_ns << 24 | b.tat_frac) * singles[_i].rate >> 24;
		now += seki_rng_below(&rng, 2 * singles[_i].mean_gap_ns + 1);
	}
	ck_assert_uint_eq(b.offered, asked);
	ck_assert_msg(
		passed > 10 && passed < n, "%s: %u of %u passed, so nothing was tested", singles[_i].about, passed, n);
	ck_assert_msg(agreed >= n - n / 10000, "%s: %u of %u disagree", singles[_i].about, n - agreed, n);
}
END_TEST

START_TEST(refused_packet_changes_only_the_demand)
{
	struct seki_budget b = {.cost_q24 = seki_budget_cost_q24(10, SEKI_SHARE_WHOLE)}, before;

	ck_assert(seki_budget_charge(&b, 0, NS_PER_S, 1));
	before = b;
	ck_assert(!seki_budget_charge(&b, 0, NS_PER_S + 1, 1));
	ck_assert_uint_eq(b.offered, before.offered + 1);
	before.offered = b.offered;
	before.seen_ns = b.seen_ns;
	ck_assert_int_eq(memcmp(&b, &before, sizeof(b)), 0);
}
END_TEST

/* A core that was lent a large share must not have saved up for it, nor lose what it had. */
static const struct {
	const char *about;
	uint64_t owed_ns;           /* before, with a tolerance of 1000 ns */
	uint64_t cost_before, cost; /* ns per unit */
	uint64_t owed_after_ns;
} relets[] = {
	{"share grows fourfold, idle: a quarter of the burst", 0, 4, 1, 750},
	{"share grows fourfold, half spent", 500, 4, 1, 875},
	{"share grows, all spent", 1000, 4, 1, 1000},
	{"share grows, a packet of 400 ns over: 100 ns over", 1400, 4, 1, 1100},
	{"share shrinks, idle: its whole, smaller burst", 0, 1, 4, 0},
	{"share shrinks, half spent", 500, 1, 4, 500},
	{"share shrinks, a packet of 100 ns over: 400 ns over", 1100, 1, 4, 1400},
	{"share stays", 300, 2, 2, 300},
	{"limited for the first time", 0, 0, 4, 0},
	{"limited no more", 300, 4, 0, 300},
};

/* A run charged at once is a run charged packet by packet: same answer, same state to the bit. */
START_TEST(a_run_is_its_packets)
{
	uint64_t now = NS_PER_S, fitted = 0, refused = 0;
	struct seki_budget b = {0};
	struct seki_rng rng;

	seki_rng_init(&rng, 7);
	for (unsigned round = 0; round < 200000; round++) {
		uint64_t burst = seki_rng_below(&rng, 3000), sum = 0;
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, 32);
		struct seki_budget singly;
		uint32_t units = 0;
		bool all = true, fits;

		if (round % 64 == 0)
			b.cost_q24 =
				seki_rng_below(&rng, 5) == 0
					? 0
					: seki_budget_cost_q24(1 + seki_rng_below(&rng, NS_PER_S), SEKI_SHARE_WHOLE);
		singly = b;
		for (unsigned i = 0; i < n; i++) {
			units = 1 + (uint32_t)seki_rng_below(&rng, 40);
			sum += units;
			all &= seki_budget_charge(&singly, burst, now, units);
		}
		fits = seki_budget_fits(&b, burst, now, sum - units);
		ck_assert_int_eq(fits, all);
		if (fits) {
			seki_budget_take_run(&b, now, sum);
			ck_assert_mem_eq(&b, &singly, sizeof(b));
		}
		b = singly;
		fitted += fits;
		refused += !fits;
		now += seki_rng_below(&rng, 40000);
	}
	ck_assert_uint_gt(fitted, 20000);
	ck_assert_uint_gt(refused, 20000);
}
END_TEST

START_TEST(relet_moves_no_credit)
{
	struct seki_budget b = {
		.tat_ns = 5000 + relets[_i].owed_ns,
		.seen_ns = 5000,
		.cost_seen = relets[_i].cost_before << 24,
	};

	seki_budget_relet(&b, 1000, 5000, relets[_i].cost << 24);
	ck_assert_msg(b.tat_ns == 5000 + relets[_i].owed_after_ns, "%s: owes %" PRId64 " ns", relets[_i].about,
		(int64_t)(b.tat_ns - 5000));
	ck_assert_uint_eq(b.cost_seen, relets[_i].cost << 24);
}
END_TEST

/* A core that was away while its share shrank repays its debt at the small share, not at the one it last saw. */
START_TEST(relet_assumes_the_earliest_loss)
{
	struct seki_budget b = {.tat_ns = 5000 + 1000 + 100, .seen_ns = 5000, .cost_seen = 1 << 24};

	seki_budget_relet(&b, 1000, 5300, 4 << 24);
	ck_assert_uint_eq(b.tat_ns, 5000 + 1000 + 400);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("budget");

	tcase_add_loop_test(tests, cost_is_exact_and_rounded_up, 0, N(costs));
	tcase_add_test(tests, cost_of_no_limit_is_zero);
	tcase_add_loop_test(tests, one_core_follows_the_model, 0, N(singles));
	tcase_add_test(tests, refused_packet_changes_only_the_demand);
	tcase_add_test(tests, a_run_is_its_packets);
	tcase_add_loop_test(tests, relet_moves_no_credit, 0, N(relets));
	tcase_add_test(tests, relet_assumes_the_earliest_loss);
	return suite_run("budget", tests);
}
