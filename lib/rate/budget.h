/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BUDGET_H
#define SEKI_BUDGET_H

/*
 * Budgets: at most so many packets or bits a second, with so much burst; and their lease to cores.
 *
 * GCRA (ITU-T I.371, "virtual scheduling"): one word, the theoretical arrival time (TAT). A packet of cost c
 * conforms if TAT - now <= tolerance, and then TAT = max(TAT, now) + c. No timer, no division, and the answer
 * depends on nothing but the arrival times. The cost of a unit is kept in 2^-32 ns, so rates from 1 a second to
 * 10^12 a second keep nine digits.
 *
 * A limit holds for the whole box, yet every core decides alone: the management core leases each core a share of
 * the rate (seki_budget_lease), by demand, with a floor so that a quiet core can start at once. The tolerance
 * is a time, so a core's burst shrinks with its share, and shares never sum to more than the limit.
 */

#include <stdbool.h>
#include <stdint.h>

/* What a limit says. rate 0: unlimited. */
struct seki_limit {
	uint64_t rate_per_s; /* units (packets or bits) a second */
	uint64_t burst_ns;   /* tolerance: this much of the rate may come at once */
};

/* One core's part of one budget. The core that owns it writes tat and offered; management writes cost. */
struct seki_budget {
	uint64_t tat_ns;
	uint32_t tat_frac;     /* 2^-32 ns */
	uint32_t reserved;
	uint64_t offered;      /* units asked for since start, conforming or not: the demand */
	uint64_t cost_q32;     /* 2^-32 ns per unit: the lease; 0: unlimited; relaxed atomic access */
};

/*
 * Charges `units` at `now_ns` (monotone per budget). True: conforms, and the TAT has moved. False: does not, and
 * nothing but `offered` changed. `burst_ns` is the limit's. Owner core only. About 10 cycles.
 */
static inline bool seki_budget_charge(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units);

/* Cost of one unit at `rate_per_s`, rounded up so that the rate is never exceeded; 0 for rate 0. */
uint64_t seki_budget_cost_q32(uint64_t rate_per_s);

/* Cores at most that one lease divides a limit among. */
#define SEKI_LEASE_CORES 64

/*
 * One budget's lease over n cores: management's side. Keep one per budget between ticks.
 */
struct seki_lease {
	uint64_t share[SEKI_LEASE_CORES];   /* units a second now granted to each core */
	uint64_t offered[SEKI_LEASE_CORES]; /* `offered` of each core at the last tick */
};

/*
 * Divides `limit` anew among `n` cores by what each was offered since the last call. `core[i]` is core i's part.
 * Every core keeps at least a floor of limit / (8 n). Shares that shrink take effect in this call; shares that
 * grow are granted only from what an earlier call has already taken back, so that the sum of all costs in force
 * never exceeds the limit, whatever a core has read so far. First call: equal shares. Management core only.
 */
void seki_budget_lease(struct seki_lease *lease, const struct seki_limit *limit, struct seki_budget *const *core,
	unsigned n);

static inline bool
seki_budget_charge(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units)
{
	uint64_t cost = __atomic_load_n(&b->cost_q32, __ATOMIC_RELAXED);
	unsigned __int128 tat;

	b->offered += units;
	if (cost == 0)
		return true;
	if (b->tat_ns > now_ns && b->tat_ns - now_ns > burst_ns)
		return false;
	tat = b->tat_ns >= now_ns ? (unsigned __int128)b->tat_ns << 32 | b->tat_frac : (unsigned __int128)now_ns << 32;
	tat += (unsigned __int128)cost * units;
	b->tat_ns = (uint64_t)(tat >> 32);
	b->tat_frac = (uint32_t)tat;
	return true;
}

#endif
