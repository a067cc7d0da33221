/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ARM_H
#define SEKI_ARM_H

/*
 * When `tcp_state` may enforce. A table that has just begun to watch knows few connections, and so does one past which
 * half of the packets go: enforcing then would cut what is sound. So in each zone it observes first, and is armed when for
 * as long as the zone's `arm_after` says it would have dropped no more than one of a million TCP packets. Once armed it
 * stays so until Seki stops, since what it drops later is what it is for. The time in which a zone was away, or did
 * without `tcp_state`, shows nothing and does not count.
 *
 * The part of the tick that judges this; used by the management core and by replay alike.
 */

#include "lease.h"
#include "policy.h"

struct arms;

/* For the same cores as the leases. NULL: out of memory. */
struct arms *arms_create(const struct lease_core *core, unsigned n);
void arms_destroy(struct arms *arms); /* NULL is legal */

/*
 * Looks at every zone at `now_ns`. Returns true if one was armed: a snapshot with the new posture is to be published.
 * Management core.
 */
bool arms_tick(struct arms *arms, const struct seki_policy *policy, uint64_t now_ns);

/* Takes `tcp_state` back to observing in the zones that are not armed. For every snapshot, before it is published. */
void arms_hold(const struct arms *arms, struct seki_snapshot *snapshot);

#endif
