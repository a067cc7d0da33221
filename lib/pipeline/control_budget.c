/* SPDX-License-Identifier: BSD-3-Clause */
#include "control_budget.h"

bool
seki_control_budget_take(struct seki_control_budget *budget, const struct seki_policy *policy, const struct pkt *pkt)
{
	unsigned direction = policy->outside[pkt->in_port] ? SEKI_DIR_INBOUND : SEKI_DIR_OUTBOUND;
	struct seki_budget *way = &budget->way[pkt->domain][direction];

	/* Nobody leases these: the core itself takes over what a new policy says. */
	way->cost_q24 = policy->routed_cost_q24;
	if (seki_budget_charge(way, policy->routed.burst_ns, pkt->arrival_ns, 1))
		return true;
	budget->refused[direction]++;
	return false;
}
