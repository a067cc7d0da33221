/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PIPELINE_H
#define SEKI_PIPELINE_H

/*
 * The stages in the middle of the packet path: place (which zone, which way), classify (which flow, which lists),
 * decide (verdict and reason) and settle (what that leaves behind). They work on struct pkt alone, so that they run
 * live, offline and in unit tests alike.
 */

#include "blocks.h"
#include "control_budget.h"
#include "pkt.h"
#include "policy.h"
#include "sample.h"
#include "stats.h"

/* One RX core's part of the pipeline. Caller's memory, near the core; single writer: that core. */
struct seki_pipeline {
	struct seki_budget *budget;        /* SEKI_ZONES_MAX * cm_n_budgets */
	struct seki_flows *flows;          /* NULL: no state is kept */
	struct seki_sources *sources;      /* NULL if flows is */
	struct seki_sampler *sampler; /* NULL if blocks is */
	struct seki_blocks *blocks;        /* NULL: nothing is detected */
	bool guess_direction;              /* offline: direction follows from the addresses where MACs do not tell */
	uint64_t policy_seen;              /* generation of the policy that flows were told of; 0: none */
	struct seki_control_budget routed; /* of control between peers */
	struct seki_flow_burst burst;      /* between place and settle */
	struct seki_blocks_burst to;       /* between classify and count */
	unsigned ends;                     /* SEKI_ENDS_*, of it */
	bool same_flow;                    /* of it, who is counted is of known flows, or nobody is */
	bool one_domain;                   /* the burst between place and settle is of one */
	enum pkt_l3 family;                /* it is all of that family; PKT_L3_NONE: it is not */
	struct cm_let let[SEKI_ZONES_MAX][SEKI_N_VECTORS];
	uint64_t strays[SEKI_ZONES_MAX];   /* CM_CLASS_STRAY, where `tcp_state` is active; read by management (arm.h) */
};

/* Bytes of the budget array. */
size_t seki_pipeline_budget_bytes(void);

/*
 * Offline, before packets are handed to their owners: which end is the client, where no MAC address tells. pkt is
 * parsed. place finds the same once more.
 */
void seki_guess_burst(const struct seki_policy *policy, struct pkt *pkt, unsigned n);

/*
 * Where the packets of a burst belong: domain (by VLAN), direction (offline), zone of the inside address, routed
 * control between peers; and the memory of their flows is asked for. pkt is parsed, n > 0. RX core. One lookup of a
 * prefix per IP packet for its zone (offline two: of both ends).
 */
void seki_place_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n);

/*
 * What is known of pkt[from..n): flow, set of the source, egress (the peer of the receiving port), `todo`, and the end
 * that the packet comes to unless somebody objects: it passes, for the reason that says what it is. Reads posture and
 * policy of `snap`. The source is looked up, in the zones and in the lists, only if the coarse map of the policy says
 * that anything is known of its block and a countermeasure of the zone asks.
 *
 * Returns up to where: mostly n. Where a packet depends on what becomes of those before it, they are to be decided and
 * settled first, and classify is called again from there. `sum` is of those that it has classified. RX core.
 */
unsigned seki_classify_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt,
	unsigned from, unsigned n, struct pkt_sum *sum);

/* What passes of the classified leaves its marks in the state. After decide, while the packets' data is there. RX core.
 */
void seki_settle_burst(struct seki_pipeline *pipe, const struct pkt *pkt);

/*
 * Counts for detection, where there is any, what classify has found is to be counted, now that it is decided. The last
 * thing that is done with a packet, since the memory is asked for long before. RX core.
 */
static inline void
seki_count_burst(struct seki_pipeline *pipe, const struct pkt *burst)
{
	if (pipe->to.which == 0)
		return;
	seki_sample_burst(pipe->sampler, burst, pipe->to.which);
	seki_blocks_count_burst(pipe->blocks, burst, pipe->ends, &pipe->to);
}

/* What is due of the upkeep of state. RX core, once per round of its loop. */
void seki_pipeline_sweep(struct seki_pipeline *pipe, uint64_t now_ns);

/*
 * Objections: frames that do not fit, countermeasures in table order, each once per burst, observe mode. All packets of
 * the burst are decided as if they had come singly in order. `sum` is of these packets, before and after. Returns how
 * many do not pass. RX core.
 */
unsigned seki_decide_burst(
	struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n, struct pkt_sum *sum);

#endif
