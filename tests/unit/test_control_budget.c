/* SPDX-License-Identifier: BSD-3-Clause */
/* What routed control may have of its privilege: per domain and direction, a limit that a reload moves. */
#include "control_budget.h"
#include "suite.h"

#define MS UINT64_C(1000000)
#define PPS 1000
#define BURST_MS 10
/* What conforms at one instant: the tolerance is inclusive, and the first packet needs none of it. */
#define AT_ONCE (PPS * BURST_MS / 1000 + 1)

static struct seki_policy policy; /* port 0 faces outside, port 1 inside */
static struct seki_control_budget budget;

static void
limit(uint64_t pps)
{
	policy.routed = (struct seki_limit){.rate_per_s = pps, .burst_ns = BURST_MS * MS};
	policy.routed_cost_q24 = seki_budget_cost_q24(pps, SEKI_SHARE_WHOLE);
}

static void
start(void)
{
	memset(&policy, 0, sizeof(policy));
	memset(&budget, 0, sizeof(budget));
	policy.outside[0] = true;
	limit(PPS);
}

/* How many of `n` packets at `now_ns` keep the privilege. */
static unsigned
take(uint16_t domain, uint16_t port, uint64_t now_ns, unsigned n)
{
	const struct pkt pkt = {.domain = domain, .in_port = port, .arrival_ns = now_ns};
	unsigned taken = 0;

	for (unsigned i = 0; i < n; i++)
		taken += seki_control_budget_take(&budget, &policy, &pkt);
	return taken;
}

START_TEST(beyond_the_limit_the_privilege_is_gone)
{
	start();
	ck_assert_uint_eq(take(0, 0, 1000 * MS, 100), AT_ONCE);
	ck_assert_uint_eq(budget.refused[0], 100 - AT_ONCE);
	ck_assert_uint_eq(budget.refused[1], 0);
	/* And it comes back with time, at the rate of the limit. */
	ck_assert_uint_eq(take(0, 0, 1005 * MS, 100), 5);
	ck_assert_uint_eq(take(0, 0, 9000 * MS, 100), AT_ONCE);
}
END_TEST

/* A second of a thousand times the limit, evenly: what passes is the limit and one burst, no more and no less. */
START_TEST(a_flood_gets_the_limit)
{
	unsigned taken = 0;

	start();
	for (uint64_t us = 0; us < 1000000; us++)
		taken += take(0, 0, 1000 * MS + us * 1000, 1);
	ck_assert_uint_ge(taken, PPS + AT_ONCE - 1);
	ck_assert_uint_le(taken, PPS + AT_ONCE);
	ck_assert_uint_eq(taken + budget.refused[0], 1000000);
}
END_TEST

START_TEST(directions_and_domains_do_not_share)
{
	start();
	take(0, 0, 1000 * MS, 100000);
	ck_assert_uint_eq(take(0, 0, 1000 * MS, 1), 0);
	ck_assert_uint_eq(take(0, 1, 1000 * MS, 100), AT_ONCE);
	ck_assert_uint_eq(take(1, 0, 1000 * MS, 100), AT_ONCE);
	ck_assert_uint_eq(take(SEKI_DOMAINS_MAX - 1, 1, 1000 * MS, 100), AT_ONCE);
	ck_assert_uint_eq(budget.refused[1], 2 * (100 - AT_ONCE));
}
END_TEST

START_TEST(no_limit)
{
	start();
	limit(0);
	ck_assert_uint_eq(take(0, 0, 1000 * MS, 100000), 100000);
	ck_assert_uint_eq(budget.refused[0], 0);
}
END_TEST

/* A new policy's limit holds from its first packet on, and brings no burst with it (budget.h). */
START_TEST(a_reload_moves_the_limit)
{
	start();
	take(0, 0, 1000 * MS, 100);
	limit(10 * PPS);
	ck_assert_uint_le(take(0, 0, 1001 * MS, 1000), AT_ONCE);
	ck_assert_uint_eq(take(0, 0, 1100 * MS, 1000), 10 * (AT_ONCE - 1) + 1);
	limit(0);
	ck_assert_uint_eq(take(0, 0, 1100 * MS, 1000), 1000);
	limit(PPS);
	ck_assert_uint_eq(take(0, 0, 1200 * MS, 1000), AT_ONCE);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("control_budget");

	tcase_add_test(tests, beyond_the_limit_the_privilege_is_gone);
	tcase_add_test(tests, a_flood_gets_the_limit);
	tcase_add_test(tests, directions_and_domains_do_not_share);
	tcase_add_test(tests, no_limit);
	tcase_add_test(tests, a_reload_moves_the_limit);
	return suite_run("control_budget", tests);
}
