/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ARM_H
#define SEKI_ARM_H

/*
 * When `tcp_state` may enforce. A table that has just begun to watch knows few connections, and so does one past which
 * half of the packets go: enforcing then would cut what is sound. So in each zone it observes first, and is armed when it
 * has been sound for as long as the zone's `arm_after` says, and 100,000 packets of known connections have come in that time.
 * Sound is a zone in which it would have dropped no more than one packet to a million of those, and to which no more than
 * one stray came to a hundred: in a quiet time the budget lets all strays pass, and that says nothing; and some there are
 * always, from scanners and from those who answer forged addresses. Packets of known connections are TCP packets
 * that are neither SYNs, of which an attacker sends any number, nor strays. Silence is no evidence, and does not arm. With an
 * `arm_after` of 0 it is armed at once, on the operator's word.
 *
 * Once armed it stays so, since what it drops later is what it is for: until Seki stops, or the zone or its `tcp_state` is
 * switched off or gone for a tick. What comes back has missed connections, and begins anew.
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

/* `tcp_state` may enforce in the zone. */
bool arms_is_armed(const struct arms *arms, uint16_t zone);

/* Takes `tcp_state` back to observing in the zones that are not armed. For every snapshot, before it is published. */
void arms_hold(const struct arms *arms, struct seki_snapshot *snapshot);

#endif
