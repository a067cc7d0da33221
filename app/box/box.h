/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BOX_H
#define SEKI_BOX_H

/*
 * The running appliance: everything that `seki run` wires together, in the order in which it is built.
 *
 *     box_open     ports, queues, pools; cores with their counters, rings and steering; the first policy
 *     box_start    ports up, cores running
 *     (mgmt.h)     the tick, until a signal
 *     box_stop     receive no more, let out what is inside, halt; what is still inside then is SHUTDOWN
 *     box_close    free
 *
 * Main lcore only, except where a member says otherwise.
 */

#include "arm.h"
#include "clock.h"
#include "err.h"
#include "guard.h"
#include "lease.h"
#include "link.h"
#include "park.h"
#include "plan.h"
#include "port.h"
#include "publish.h"
#include "steer.h"
#include "worker.h"

#include <pthread.h>

struct box {
	struct seki_spec spec; /* what runs now; zones and lists change with a reload */
	struct plan plan;
	int table_node; /* where policies are compiled to: plan_table_node */
	struct seki_clock clock;
	bool timed; /* measure the stages of the packet path */

	unsigned n_ports;
	struct port port[SEKI_PORTS_MAX];
	struct port_rss rss;
	struct steer_owner owner;
	struct seki_digest digest; /* of the keys of flows and sources, on all cores */
	struct seki_key list_secret; /* of the digests of single addresses on lists */
	struct link_pair link[SEKI_PORTS_MAX]; /* by the pair's outside port */

	struct worker *worker[SEKI_CORES_MAX]; /* by index into spec.core */
	unsigned n_workers;
	unsigned phase; /* enum worker_phase; workers read it */
	bool running;
	struct leases *leases;
	struct arms *arms;
	struct guard *guard; /* NULL: nothing is detected */
	struct {
		uint64_t last_ns, max_ns, n;
	} guard_ticks; /* how long they took; under lock */
	struct park park; /* of DPDK's interrupt thread, where a port needs that */

	bool posture_waits; /* to be published; management core */
	struct publish publish;
	/*
	 * Held by whoever follows publish.current outside a packet core (telemetry threads), and by management while
	 * it publishes, reclaims or replaces spec. Never held for longer than a merge of counters.
	 */
	pthread_mutex_t lock;
	uint64_t n_reloads;        /* under lock */
	uint64_t n_reloads_failed; /* under lock */
};

/*
 * Builds the box from `spec` (taken over, and emptied), after eal_start. 0, or -errno with sentences in `err`;
 * box_close then frees what there is.
 */
int box_open(struct box *box, struct seki_spec *spec, bool timed, struct seki_err *err);

int box_start(struct box *box, struct seki_err *err);

/* Legal at any time after box_open, also twice. Takes at most about a second. */
void box_stop(struct box *box);

void box_close(struct box *box);

/* Policy in force. Under lock, or from the main lcore. */
static inline struct seki_policy *
box_policy(const struct box *box)
{
	return box->publish.current->policy;
}

/*
 * What RX cores know of port `p`'s hash, as the one that trusts it least: of IPv6 or of IPv4. enum steer_trust. Any
 * thread.
 */
unsigned box_trust(const struct box *box, unsigned p, bool ip6);

/* Sums the counters of all cores into `sum`. Any thread; up to a burst behind the cores. */
void box_count(const struct box *box, struct seki_stats *sum);

#endif
