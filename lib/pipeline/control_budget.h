/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CONTROL_BUDGET_H
#define SEKI_CONTROL_BUDGET_H

/*
 * How much routed control may have of its privilege.
 *
 * Peers are known by addresses, which anybody can forge whose packets the upstream lets in. What passes for routed
 * control is never judged and goes first, so without a bound a flood of it would be the one flood that nothing stops.
 * Routers say little to each other: BFD sends tens of packets a second, and a BGP session that transfers a full table
 * needs 20,000 of them only at 240 Mbit/s. Beyond the limit a packet is not dropped, it only loses the privilege and is
 * judged like any other: the least that stops the abuse, and a session that is really that busy still passes where
 * nothing else objects.
 *
 * A budget for each domain, so that a flood in one tenant's address space costs the others nothing, and for each
 * direction, so that one from outside does not silence the routers inside. Per RX core and not leased: the limit is a
 * bound on harm, not on a resource, and each core has its own rings to protect. Link-scope control has no budget: who
 * can send it is on the link.
 */

#include "budget.h"
#include "pkt.h"
#include "policy.h"

/* One RX core's. Zeroed memory is ready. Written by that core; `refused` is read by management at any time. */
struct seki_control_budget {
	struct seki_budget way[SEKI_DOMAINS_MAX][2]; /* [domain][direction: inbound, outbound] */
	uint64_t refused[2];                         /* [direction]: packets that lost the privilege, since start */
};

static_assert(SEKI_DIR_INBOUND == 0 && SEKI_DIR_OUTBOUND == 1, "two directions, by the port that a packet came in by");

/*
 * Takes one packet at its arrival_ns from the budget of its domain (pkt->domain, written) and of the side of its port.
 * False: the budget is spent, the packet is counted as refused and is none of control's. Call it once for a packet that
 * seki_policy_peers has said yes to. RX core; about 15 cycles.
 */
bool seki_control_budget_take(
	struct seki_control_budget *budget, const struct seki_policy *policy, const struct pkt *pkt);

#endif
