/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LEASE_H
#define SEKI_LEASE_H

/*
 * The tick's part of budgets: every budget of every zone is divided anew among the RX cores, by demand. Used by
 * the management core ten times a second and by replay at the same virtual times, so both decide alike.
 *
 * A lease depends on nothing but its own last state and the demand since. So once a tick without demand changes
 * nothing, no later one will until packets come: that is what lets replay skip an idle year.
 */

#include "policy.h"

/* Time between ticks. */
#define LEASE_TICK_NS 100000000ull

struct leases;

/* For n cores; core[i] is core i's budget array (seki_pipeline_budget_bytes()). NULL: out of memory. */
struct leases *leases_create(struct seki_budget *const *core, unsigned n);
void leases_destroy(struct leases *leases); /* NULL is legal */

/*
 * Leases all budgets of all zones of `policy`. The first tick must come before the first packet: an unleased
 * budget is unlimited. Returns 1 if any lease or demand changed, 0 if not, -ENOMEM. Management core only.
 */
int leases_tick(struct leases *leases, const struct seki_policy *policy);

#endif
