/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_OFFLINE_H
#define SEKI_OFFLINE_H

/*
 * The appliance without ports: the packet path of some simulated RX cores in one thread, with a sink where the
 * ports would be.
 *
 * Every line between receiving and transmitting is that of `seki run`. The sink is an ethdev (net_ring) whose TX
 * queues all end in one ring, so emit transmits and counts as it does live; replay reads the ring. Cores hand
 * packets to each other over the same steer rings. Nothing here can be full: the sink holds more than a burst, and
 * it is emptied after each.
 */

#include "arm.h"
#include "emit.h"
#include "guard.h"
#include "lease.h"
#include "path.h"
#include "state.h"
#include "steer.h"

/* Simulated RX cores at most. */
#define OFFLINE_CORES_MAX 8

/* Data room of a buffer: what ports use for frames of the usual MTU. */
#define OFFLINE_DATA_ROOM 2048u

struct offline_core {
	struct path *path;
	struct seki_stats *stats;
	struct seki_budget *budget;
	struct state state;
	struct emit emit;
	struct steer steer;
};

struct offline {
	/* Once per process. */
	bool started;             /* EAL */
	struct rte_mempool *pool; /* its buffers have `priv_size` bytes of the caller's */
	struct rte_ring *sink;
	bool has_port;
	uint16_t port_id;
	struct rte_ring *ring[OFFLINE_CORES_MAX][OFFLINE_CORES_MAX]; /* [from][to] */

	/* Per configuration. */
	const struct seki_spec *spec;
	struct seki_policy *policy;

	/* Per capture. */
	unsigned n_cores;
	struct offline_core core[OFFLINE_CORES_MAX];
	struct steer_owner owner;
	struct seki_digest digest;
	struct seki_snapshot *snapshot;
	struct leases *leases;
	struct arms *arms;
	struct guard *guard; /* NULL: nothing is detected */
	struct seki_stats *sum; /* of several cores, made by offline_total */
};

/*
 * Starts EAL with room for `memory_bytes` of policy, as any user, then makes pool, rings and sink. `spec` gives names
 * and the log level. 0 or -errno with a sentence. Once per process.
 */
int offline_start(struct offline *offline, const struct seki_spec *spec, size_t memory_bytes, size_t priv_size,
	struct seki_err *err);

/* Frees what offline_load left and stops EAL. Legal after a start that failed. */
void offline_stop(struct offline *offline);

/* Compiles `spec`, unless it is the one loaded before. 0 or -errno with a sentence. `spec` stays the caller's. */
int offline_load(struct offline *offline, const struct seki_spec *spec, struct seki_err *err);

/* Makes fresh cores for the loaded policy; `seed` decides the owner function. 0 or -errno with a sentence. */
int offline_open(
	struct offline *offline, const struct seki_spec *spec, unsigned n_cores, uint64_t seed, struct seki_err *err);

/*
 * Begins to detect, where the configuration wants it; incidents go to `incidents` (NULL: to no file). What was learned live is
 * read, and never written: a replay shows what Seki would have done, and teaches nothing. After offline_open.
 * 0 or -errno with a sentence.
 */
int offline_guard(struct offline *offline, const char *incidents, struct seki_err *err);

/* Frees the cores. Legal after an open that failed. */
void offline_close(struct offline *offline);

/* The counters of all cores, until offline_close. Once per capture, at its end. NULL: out of memory. */
const struct seki_stats *offline_total(struct offline *offline);

#endif
