/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LEASE_H
#define SEKI_LEASE_H

/*
 * The tick's part of budgets: every budget that was asked for is divided anew among the RX cores, by demand. Used by
 * the management core ten times a second and by replay at the same virtual times, so both decide alike.
 *
 * A lease depends on nothing but its own last state and the demand since. So once a tick without demand changes
 * nothing, no later one will until packets come: that is what lets replay skip an idle year. It is also what lets a
 * tick look at few budgets: 1,000 zones on 16 cores have two million, each a cache line that some core writes. What
 * was not asked for needs no look, and the counters that cores keep anyway tell what may have been: a budget is asked
 * for only by packets that are then counted under their zone and vector (seki_stats_burst).
 *
 * A tick with 1,000 zones and 16 cores takes 1 to 2 ms where nothing came in or one zone is attacked, and 13 ms where
 * every zone was sent eight vectors; leasing every budget takes 16 to 20 (tools/bench tick_lease).
 */

#include "policy.h"
#include "stats.h"

/* Time between ticks. */
#define LEASE_TICK_NS 100000000ull

struct leases;

/*
 * One RX core: its budgets (seki_pipeline_budget_bytes()), the counters that seki_stats_burst keeps there, and, for
 * app/control/arm.h alone, the strays of seki_pipeline.
 */
struct lease_core {
	struct seki_budget *budget;
	const struct seki_stats *stats;
	const uint64_t *strays; /* by zone id */
};

/* For n cores; what `core` points to must outlive the leases. After cm_init. NULL: out of memory. */
struct leases *leases_create(const struct lease_core *core, unsigned n);
void leases_destroy(struct leases *leases); /* NULL is legal */

/*
 * From the next tick on the budgets of the countermeasure `flood` are these limits of the zone, which outlive the
 * leases or the next call, and not those of the policy: what was learned, or an event. NULL: those of the policy.
 */
void leases_follow(struct leases *leases, uint16_t zone, const struct seki_limits *limits);

/*
 * Leases all budgets of `policy` that may have been asked for since the last tick, and all of them where the policy is
 * another one. The first tick must come before the first packet: an unleased budget is unlimited. What a core is in
 * the middle of may wait for the next tick. Returns 1 if any lease or demand changed, 0 if not, -ENOMEM. Management
 * core only.
 */
int leases_tick(struct leases *leases, const struct seki_policy *policy);

#endif
