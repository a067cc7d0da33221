/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_WORKER_H
#define SEKI_WORKER_H

/*
 * One packet core: what it owns and its endless round.
 *
 *     rx    poll every RX queue that is this core's, then what other cores steered here; then report quiescence
 *     tx    empty the rings to this core
 *
 * A core of role rxtx does both. Everything in here is written by that core alone, except `phase`, and lives near
 * it. It never sleeps, allocates, locks or logs.
 */

#include "clock.h"
#include "emit.h"
#include "path.h"
#include "publish.h"
#include "state.h"
#include "steer.h"

/* What cores are to do; management raises it step by step. */
enum worker_phase {
	WORKER_RUN,
	WORKER_NO_RX, /* take nothing more from ports; what is inside goes on to its end */
	WORKER_FLUSH, /* the same once more: what was between two rings has moved on */
	WORKER_STOP,
};

struct worker_queue {
	uint16_t port; /* index */
	uint16_t port_id;
	uint16_t queue;
};

struct worker {
	/* Set before it starts. */
	unsigned core; /* index into spec.core */
	int node;      /* NUMA node of its CPU */
	int rx_id;     /* -1: does not receive */
	int tx_id;     /* -1: does not transmit */
	const struct seki_clock *clock;
	struct publish *publish;
	const unsigned *phase; /* enum worker_phase, shared */
	struct seki_stats *stats;
	struct seki_budget *budget;
	struct state state; /* of flows and sources, if it receives */
	struct path_timing *timing; /* NULL: not timed */
	unsigned n_rxq;
	struct worker_queue rxq[SEKI_PORTS_MAX];
	unsigned n_steer; /* RX cores, if packets are steered; else 0 */

	/* Written by the core, read by management. */
	unsigned phase_seen __attribute__((aligned(64))); /* one full round was made since this phase was ordered */

	struct emit emit __attribute__((aligned(64)));
	struct steer steer;
	struct path path;
};

/* The round, until WORKER_STOP. lcore main function; `arg` is a struct worker. */
int worker_run(void *arg);

#endif
