/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PIPELINE_H
#define SEKI_PIPELINE_H

/*
 * The two stages in the middle of the packet path: classify (which zone, which lists, which way) and decide
 * (verdict and reason). They work on struct pkt alone, so that they run live, offline and in unit tests alike.
 */

#include "control_budget.h"
#include "pkt.h"
#include "policy.h"
#include "stats.h"

/* One RX core's part of the pipeline. Caller's memory, near the core; single writer: that core. */
struct seki_pipeline {
	struct seki_budget *budget; /* SEKI_ZONES_MAX * cm_n_budgets */
	bool guess_direction;       /* offline: direction follows from the addresses where MACs do not tell */
	struct seki_control_budget routed; /* of control between peers */
};

/* Bytes of the budget array. */
size_t seki_pipeline_budget_bytes(void);

/*
 * Domain (by VLAN), direction (offline), zone of the inside address, set of the source, routed control between
 * peers, egress (the peer of the receiving port), `todo`, and the end that the packet comes to unless somebody objects:
 * it passes, for the reason that says what it is. Reads posture and policy of `snap`. pkt is parsed, n > 0. Fills `sum`.
 * RX core. One lookup of a prefix per IP packet for its zone (offline two: of both ends). The source is looked up, in
 * the zones and in the lists, only if the coarse map of the policy says that anything is known of its block and a
 * countermeasure of the zone asks.
 */
void seki_classify_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n,
	struct pkt_sum *sum);

/*
 * Objections: frames that do not fit, countermeasures in table order, each once per burst, observe mode. All packets of
 * the burst are decided as if they had come singly in order. `sum` is of these packets, before and after. Returns how
 * many do not pass. RX core.
 */
unsigned seki_decide_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n,
	struct pkt_sum *sum);

#endif
