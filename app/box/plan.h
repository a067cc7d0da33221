/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PLAN_H
#define SEKI_PLAN_H

/*
 * Arithmetic before anything is opened: which core has which part, how many buffers a port needs, how much memory
 * EAL must be given.
 *
 * The rule for buffers: each port receives into a pool of its own, and the pool holds more than everything that
 * can keep one of its packets at the same time (descriptors on both sides, rings, caches, bursts in hand). So a
 * pool cannot run dry, whatever is full, and a flood on one port takes no buffer from another: control traffic
 * always finds one.
 */

#include "err.h"
#include "spec.h"

#include <stddef.h>

/* Room of the control ring of one (RX, TX) pair. */
#define PLAN_CONTROL_RING 512

/* Buffers that one lcore may cache per pool. */
#define PLAN_POOL_CACHE 256

struct plan {
	unsigned n_rx;                    /* cores that receive */
	unsigned n_tx;                    /* cores that transmit */
	unsigned rx_core[SEKI_CORES_MAX]; /* RX index -> index into spec.core */
	unsigned tx_core[SEKI_CORES_MAX]; /* TX index -> index into spec.core */
	int rx_of[SEKI_CORES_MAX];        /* index into spec.core -> RX index, or -1 */
	int tx_of[SEKI_CORES_MAX];        /* ... -> TX index, or -1 */
	size_t keeps[SEKI_PORTS_MAX];     /* buffers that the driver keeps, per RX queue */
	uint16_t rx_desc[SEKI_PORTS_MAX]; /* per queue: as configured, until port_find has asked the driver */
	uint16_t tx_desc[SEKI_PORTS_MAX];
};

/* Reads roles and devices of `spec`. */
void plan_init(struct plan *plan, const struct seki_spec *spec);

/*
 * NUMA node for what all RX cores read, zones and lists: that of the first RX core. `nodes` is a bit for each node that
 * has an RX core: more than one, and the others read across.
 */
int plan_table_node(const struct plan *plan, const struct seki_spec *spec, uint64_t *nodes);

/*
 * RX and TX queues that port `i` is asked to have, control not counted: one for every core, or as many as configured.
 * Shared memory has one each way unless `rx_queues` says that its partner has more (device_is_memif).
 */
unsigned plan_rx_queues(const struct plan *plan, const struct seki_spec *spec, unsigned i);
unsigned plan_tx_queues(const struct plan *plan, const struct seki_spec *spec, unsigned i);

/* Buffers for port `i` with `n_rxq` RX queues whose packets leave by `n_txq` TX queues of its peer, all counted. */
size_t plan_mbufs(const struct plan *plan, const struct seki_spec *spec, unsigned i, unsigned n_rxq, unsigned n_txq);

/* Bytes of the largest frame of port `i`: MTU, Ethernet header, two VLAN tags, what is not IP, FCS. */
unsigned plan_frame_bytes(const struct seki_spec *spec, unsigned i);

/* Data room of a buffer that holds a whole frame of port `i`. */
unsigned plan_data_room(const struct seki_spec *spec, unsigned i);

/* What memory is for, in bytes, upper bounds with what alignment and the heap's own headers take; all but `state` is EAL's. */
struct plan_memory {
	size_t eal;     /* DPDK itself, its drivers */
	size_t buffers; /* packets: all pools at their largest */
	size_t rings;   /* between cores */
	size_t policy;  /* the tables of zones and lists */
	size_t reload;  /* the same again, since a reload compiles beside the live ones, and room for larger lists */
	size_t state;   /* of flows and sources, on all cores */
	size_t machine; /* what this machine has */
};

/* `policy_bytes` is what seki_policy_bytes says. */
void plan_memory(
	struct plan_memory *memory, const struct plan *plan, const struct seki_spec *spec, size_t policy_bytes);

/* All that is EAL's; and what there is no starting without: all but `reload`. */
size_t plan_memory_full(const struct plan_memory *memory);
size_t plan_memory_least(const struct plan_memory *memory);

/*
 * Holds eal.memory_mb against what is needed, where huge pages cannot bring more later, and what EAL would be given
 * against what the machine has: EAL does not survive being given more. Too little and too much are refused: -EINVAL with a
 * sentence that says how much it takes and what for. 0: it will do.
 */
int plan_check_memory(const struct plan_memory *memory, const struct seki_spec *spec, struct seki_err *err);

#endif
