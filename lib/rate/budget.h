/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BUDGET_H
#define SEKI_BUDGET_H

/*
 * Budgets: at most so many packets or bits a second, with so much burst; and their lease to cores.
 *
 * GCRA (ITU-T I.371, "virtual scheduling"): one word, the theoretical arrival time (TAT). A packet of cost c
 * conforms if TAT - now <= tolerance, and then TAT = max(TAT, now) + c. No timer, no division, and the answer
 * depends on nothing but the arrival times. The cost of a unit is kept in 2^-24 ns: one unit in a thousand
 * seconds still fits (a core's floor of a limit of 1 a second), and 10^12 a second keeps four digits. Rounding is
 * always up, so no rate is ever exceeded.
 *
 * A limit holds for the whole box, yet every core decides alone: the management core leases each core a share of
 * the rate (seki_budget_lease), by demand, with a floor so that a quiet core can start at once. The tolerance
 * is a time, so a core's burst shrinks with its share, and shares never sum to more than the limit.
 *
 * A share that moves must not bring a burst with it, or a hot spot that walks over the cores would collect one
 * on each. So when a core first sees a new cost it rescales its TAT (seki_budget_relet) such that what it may
 * still send, in units, does not rise, and what it owes does not fall. From that follows, for any sequence of
 * leases, over any window of length W and all n cores together:
 *
 *     conforming units  <=  rate * (W + burst + 1 ns)  +  one packet for each core
 */

#include <stdbool.h>
#include <stdint.h>

/* What a limit says. rate 0: unlimited. */
struct seki_limit {
	uint64_t rate_per_s; /* units (packets or bits) a second */
	uint64_t burst_ns;   /* tolerance: this much of the rate may come at once */
};

/* One core's part of one budget. The core that owns it writes all but cost; management writes cost. */
struct seki_budget {
	uint64_t tat_ns;
	uint32_t tat_frac; /* 2^-24 ns */
	uint32_t reserved;
	uint64_t offered;   /* units asked for since start, conforming or not: the demand */
	uint64_t cost_seen; /* the lease that tat belongs to */
	uint64_t seen_ns;   /* when that lease was last seen in force */
	uint64_t cost_q24;  /* 2^-24 ns per unit: the lease; 0: unlimited; relaxed atomic access */
};

/*
 * Counts `units` as demand at `now_ns` and says whether they conform; nothing is taken yet, so that a packet
 * that several budgets judge is taken from all of them or from none. `burst_ns` is the limit's. Time should be
 * monotone per budget; a step back only makes the answer stricter. Owner core only.
 */
static inline bool seki_budget_offer(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units);

/* Takes `units` that seki_budget_offer has just found conforming. Owner core only. */
static inline void seki_budget_take(struct seki_budget *b, uint64_t now_ns, uint32_t units);

/*
 * A run of packets of one `now_ns`: true if each would conform when offered and taken singly in order. Packets of one
 * time only ever push the TAT away, so that is so if the last one conforms, which finds it moved by the `before_last`
 * units of the others. Counts nothing and takes nothing. Owner core only.
 */
static inline bool seki_budget_fits(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint64_t before_last);

/* Counts as demand and takes the `units` of a run that seki_budget_fits has just said yes to. Owner core only. */
static inline void seki_budget_take_run(struct seki_budget *b, uint64_t now_ns, uint64_t units);

/*
 * True if no more than half of what may come at once is spent: as in quiet times, when there is no attack to speak of.
 * Owner core only.
 */
static inline bool
seki_budget_is_calm(const struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns)
{
	return b->tat_ns <= now_ns + burst_ns / 2;
}

/* Both at once: true if the units conform, and then they are taken. Owner core only. About 10 cycles. */
static inline bool seki_budget_charge(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units);

/*
 * Brings the TAT over from the lease that it was kept under to `cost`. When the lease changed is not known: a
 * share that shrank is taken to have shrunk right after it was last seen, one that grew to grow now. At most once
 * per lease and budget, so the one division here is no cost of a packet. Called by seki_budget_offer; owner core
 * only.
 */
void seki_budget_relet(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint64_t cost);

/*
 * Cost of one unit for a core that has `share` of SEKI_SHARE_WHOLE of `rate_per_s`, rounded up so that the rate is
 * never exceeded; 0 (unlimited) for rate 0. `share` > 0.
 */
#define SEKI_SHARE_WHOLE (UINT64_C(1) << 32)
uint64_t seki_budget_cost_q24(uint64_t rate_per_s, uint64_t share);

/* Cores at most that one lease divides a limit among. */
#define SEKI_LEASE_CORES 64

/* One budget's lease over n cores: management's side. Keep one per budget between ticks; starts zeroed. */
struct seki_lease {
	uint64_t rate_per_s;                /* of the limit that the costs in force belong to */
	uint64_t share[SEKI_LEASE_CORES];   /* of SEKI_SHARE_WHOLE, now granted to each core; all 0: none yet */
	uint64_t offered[SEKI_LEASE_CORES]; /* `offered` of each core at the last tick */
	uint64_t demand[SEKI_LEASE_CORES];  /* units asked for, halved at every tick that saw any */
};

/*
 * Divides `limit` anew among `n` cores by what each was offered of late. `core[i]` is core i's part. A tick in
 * which nobody asked for anything changes nothing. Only a core that has asked since the last call gains share.
 * Every core keeps at least a floor of limit / (8 n). Shares that shrink take effect in this call; shares that
 * grow are granted only from what an earlier call has already taken back, so that the rates in force never sum
 * to more than the limit, whatever a core has read so far. First call: equal shares. A new limit (a reload)
 * applies to all cores in this call, under the shares they have. Call it once before cores start, or a budget
 * is unlimited until the first tick. An unlimited budget that was never limited costs one read. Returns whether
 * shares or demand changed; the next call may differ from this one only if they did, or the limit, or the offer.
 * Management core only.
 */
bool seki_budget_lease(
	struct seki_lease *lease, const struct seki_limit *limit, struct seki_budget *const *core, unsigned n);

static inline bool
seki_budget_offer(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units)
{
	uint64_t cost = __atomic_load_n(&b->cost_q24, __ATOMIC_RELAXED);

	b->offered += units;
	if (__builtin_expect(cost != b->cost_seen, 0))
		seki_budget_relet(b, burst_ns, now_ns, cost);
	b->seen_ns = now_ns;
	return cost == 0 || b->tat_ns <= now_ns || b->tat_ns - now_ns <= burst_ns;
}

/* The TAT, in 2^-24 ns, after `units` more at `now_ns`. */
static inline unsigned __int128
seki_budget_tat_after(const struct seki_budget *b, uint64_t now_ns, uint64_t units)
{
	unsigned __int128 tat = (unsigned __int128)now_ns << 24;

	if (b->tat_ns >= now_ns)
		tat = (unsigned __int128)b->tat_ns << 24 | b->tat_frac;
	return tat + (unsigned __int128)b->cost_seen * units;
}

static inline void
seki_budget_take(struct seki_budget *b, uint64_t now_ns, uint32_t units)
{
	unsigned __int128 tat = seki_budget_tat_after(b, now_ns, units);

	b->tat_ns = (uint64_t)(tat >> 24);
	b->tat_frac = (uint32_t)tat & 0xffffff;
}

static inline bool
seki_budget_fits(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint64_t before_last)
{
	uint64_t cost = __atomic_load_n(&b->cost_q24, __ATOMIC_RELAXED);

	if (__builtin_expect(cost != b->cost_seen, 0))
		seki_budget_relet(b, burst_ns, now_ns, cost);
	if (cost == 0)
		return true;
	return (uint64_t)(seki_budget_tat_after(b, now_ns, before_last) >> 24) - now_ns <= burst_ns;
}

static inline void
seki_budget_take_run(struct seki_budget *b, uint64_t now_ns, uint64_t units)
{
	unsigned __int128 tat = seki_budget_tat_after(b, now_ns, units);

	b->offered += units;
	b->seen_ns = now_ns;
	b->tat_ns = (uint64_t)(tat >> 24);
	b->tat_frac = (uint32_t)tat & 0xffffff;
}

static inline bool
seki_budget_charge(struct seki_budget *b, uint64_t burst_ns, uint64_t now_ns, uint32_t units)
{
	if (!seki_budget_offer(b, burst_ns, now_ns, units))
		return false;
	seki_budget_take(b, now_ns, units);
	return true;
}

#endif
