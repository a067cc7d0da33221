/* SPDX-License-Identifier: BSD-3-Clause */
#include "budget.h"

#include <assert.h>

#define NS_PER_S UINT64_C(1000000000)
#define COST_FRAC_BITS 24
#define SHARE_BITS 32

/* A core keeps at least this part of an equal share. */
#define FLOOR_DIVISOR 8

static_assert(SEKI_SHARE_WHOLE == UINT64_C(1) << SHARE_BITS, "costs are scaled by shares");

/* a * b / c without overflow, rounded down or up; the result fits 64 bits or saturates. */
static uint64_t
mul_div(uint64_t a, uint64_t b, uint64_t c, bool up)
{
	unsigned __int128 q = ((unsigned __int128)a * b + (up ? c - 1 : 0)) / c;

	return q > UINT64_MAX ? UINT64_MAX : (uint64_t)q;
}

uint64_t
seki_budget_cost_q24(uint64_t rate_per_s, uint64_t share)
{
	unsigned __int128 den = (unsigned __int128)rate_per_s * share;
	unsigned __int128 num = (unsigned __int128)NS_PER_S << (COST_FRAC_BITS + SHARE_BITS);
	unsigned __int128 cost;

	if (rate_per_s == 0)
		return 0;
	cost = (num + den - 1) / den;
	return cost > UINT64_MAX ? UINT64_MAX : (uint64_t)cost;
}

/* tat = base + burst + over, at most the end of time. */
static void
owe(struct seki_budget *b, uint64_t base_ns, uint64_t burst_ns, uint64_t over_ns)
{
	unsigned __int128 tat = (unsigned __int128)base_ns + burst_ns + over_ns;

	b->tat_ns = tat > UINT64_MAX ? UINT64_MAX : (uint64_t)tat;
}

void
seki_budget_relet(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint64_t cost)
{
	uint64_t before = b->cost_seen;
	uint64_t since = cost < before || b->seen_ns > now_ns ? now_ns : b->seen_ns;
	uint64_t owed = b->tat_ns > since ? b->tat_ns - since + (b->tat_frac != 0) : 0;

	b->cost_seen = cost;
	if (before == 0 || cost == 0)
		return;
	if (owed > burst_ns) {
		/* Over the tolerance by less than a packet; that debt is in units and stays. */
		b->tat_frac = 0;
		owe(b, since, burst_ns, mul_div(owed - burst_ns, cost, before, true));
	} else if (cost < before) {
		/* The share grew: the credit, in units, does not. */
		b->tat_frac = 0;
		b->tat_ns = now_ns + burst_ns - mul_div(burst_ns - owed, cost, before, false);
	}
	/* Else the share shrank: the credit, in time, stays, and so is less in units. */
}

static void
set_cost(struct seki_budget *b, uint64_t cost)
{
	if (b->cost_q24 != cost)
		__atomic_store_n(&b->cost_q24, cost, __ATOMIC_RELAXED);
}

/* From limited to unlimited. */
static bool
lift(struct seki_lease *lease, struct seki_budget *const *core, unsigned n)
{
	if (lease->share[0] == 0)
		return false;
	for (unsigned i = 0; i < n; i++) {
		set_cost(core[i], 0);
		lease->share[i] = 0;
	}
	return true;
}

/* What each core asked for lately. False: nobody asked for anything since the last call. */
static bool
update_demand(struct seki_lease *lease, struct seki_budget *const *core, unsigned n)
{
	bool asked = false;

	for (unsigned i = 0; i < n; i++)
		asked |= __atomic_load_n(&core[i]->offered, __ATOMIC_RELAXED) != lease->offered[i];
	for (unsigned i = 0; asked && i < n; i++) {
		uint64_t offered = __atomic_load_n(&core[i]->offered, __ATOMIC_RELAXED);

		lease->demand[i] = lease->demand[i] / 2 + (offered - lease->offered[i]);
		lease->offered[i] = offered;
	}
	return asked;
}

/* What each core should have: a floor, and the rest by demand. */
static void
wanted_shares(const uint64_t *demand, uint64_t *want, unsigned n)
{
	uint64_t floor = SEKI_SHARE_WHOLE / FLOOR_DIVISOR / n;
	unsigned __int128 total = 0;

	for (unsigned i = 0; i < n; i++)
		total += demand[i];
	for (unsigned i = 0; i < n; i++)
		want[i] = floor + (uint64_t)((SEKI_SHARE_WHOLE - n * floor) * (unsigned __int128)demand[i] / total);
}

/*
 * `free` is what earlier calls took back and nobody has: only that is granted now. What shrinking frees here may
 * still be in use by a core that has not read its new cost, and waits for the next call.
 */
static void
move_shares(uint64_t *share, const uint64_t *want, unsigned n)
{
	uint64_t free = SEKI_SHARE_WHOLE;
	uint64_t missing = 0;

	for (unsigned i = 0; i < n; i++) {
		free -= share[i];
		missing += want[i] > share[i] ? want[i] - share[i] : 0;
	}
	for (unsigned i = 0; i < n; i++) {
		if (want[i] <= share[i])
			share[i] = want[i];
		else if (missing <= free)
			share[i] = want[i];
		else
			share[i] += mul_div(want[i] - share[i], free, missing, false);
	}
}

bool
seki_budget_lease(struct seki_lease *lease, const struct seki_limit *limit, struct seki_budget *const *core, unsigned n)
{
	uint64_t want[SEKI_LEASE_CORES];
	bool first, asked;

	assert(n > 0 && n <= SEKI_LEASE_CORES);
	if (limit->rate_per_s == 0)
		return lift(lease, core, n);
	first = lease->share[0] == 0;
	asked = update_demand(lease, core, n);
	/* The shares that are in force, at the rate that they are in force for: a division for each core saved. */
	if (!first && !asked && lease->rate_per_s == limit->rate_per_s)
		return false;
	lease->rate_per_s = limit->rate_per_s;
	if (first) {
		for (unsigned i = 0; i < n; i++)
			lease->share[i] = SEKI_SHARE_WHOLE / n;
	} else if (asked) {
		wanted_shares(lease->demand, want, n);
		move_shares(lease->share, want, n);
	}
	for (unsigned i = 0; i < n; i++)
		set_cost(core[i], seki_budget_cost_q24(limit->rate_per_s, lease->share[i]));
	return first || asked;
}
