/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PUBLISH_H
#define SEKI_PUBLISH_H

/*
 * Snapshots to the packet path: publishing is one pointer store; the old one is freed when every RX core has since
 * been seen between two bursts (rte_rcu_qsbr). Nobody waits for that: publish_reclaim polls once a tick. RX
 * cores report on every round of their loop, so idle ones hold nothing back.
 */

#include "policy.h"

#include <rte_rcu_qsbr.h>

/* Retired snapshots that may wait at a time; ten a second are published at most, and a round takes microseconds. */
#define PUBLISH_RETIRED_MAX 64

struct publish {
	const struct seki_snapshot *current; /* read by RX cores with acquire */
	uint64_t generation;                 /* of the snapshot published last */
	struct rte_rcu_qsbr *rcu;            /* thread ids: RX index */
	unsigned n_retired;
	struct {
		struct seki_snapshot *snapshot;
		uint64_t token;
	} retired[PUBLISH_RETIRED_MAX];
};

/* For n RX cores, each of which registers itself (publish_join). 0 or -ENOMEM. */
int publish_init(struct publish *publish, unsigned n_rx);

/* Frees all, the current snapshot included. No core may run. */
void publish_fini(struct publish *publish);

/*
 * Makes `snapshot` the current one and retires the one before. Takes ownership. Returns 0, or -EBUSY when too many
 * retired ones still wait (nothing is published, the snapshot stays the caller's). Management core.
 */
int publish_swap(struct publish *publish, struct seki_snapshot *snapshot);

/* Frees the retired snapshots that no core can still read. Returns how many wait on. Management core. */
unsigned publish_reclaim(struct publish *publish);

/* Retired snapshots that keep a policy which is no longer the current one. Management core. */
unsigned publish_old_policies(const struct publish *publish);

/* RX core `id` begins and ends to read snapshots; in between it reports with rte_rcu_qsbr_quiescent. */
void publish_join(struct publish *publish, unsigned id);
void publish_leave(struct publish *publish, unsigned id);

#endif
