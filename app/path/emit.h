/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_EMIT_H
#define SEKI_EMIT_H

/*
 * The way out: from a passed packet to a port's TX queue.
 *
 * Egress is an index into a table, one row per port today (row i leaves by port i); replies, tunnels and routed
 * return add rows. A core that holds a TX queue of the port transmits itself, at the end of the burst. A core that
 * does not hands the packet to one that does, over two single-producer single-consumer rings per (RX, TX) pair:
 * one for control traffic, which the TX core always empties first, and one for the rest. So a flood that fills
 * the data ring cannot take the room of BGP. On the port it is the same: control has a TX queue of its own beside the
 * core's queue for data, where the port has that many. Nobody waits: a full ring is RING_FULL, a port that does not
 * take a packet after a few tries is TX_FULL.
 *
 * A pass is counted where it ends: by the core whose tx_burst was accepted. What it must know for that, struct
 * seki_fate, is taken from struct pkt on the direct way and travels in an mbuf dynamic field through the rings.
 * Within a burst control packets are transmitted first; otherwise packets keep their order per egress.
 */

#include "stats.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

/* Times that tx_burst is tried for one batch. The port drains meanwhile; more would let RX overflow instead. */
#define EMIT_TRIES 8

/* RX cores whose rings one core may drain; a pair of rings each. */
#define EMIT_RINGS_MAX 64

struct emit_egress {
	uint16_t port;            /* index into the port table, for counting; rows not in use: EMIT_NO_PORT */
	uint16_t port_id;         /* ethdev */
	uint16_t queue[2];        /* [enum emit_class], of this core alone; used if the rings are NULL */
	struct rte_ring *control; /* to the core that transmits; SP/SC */
	struct rte_ring *data;
};

/* What goes first, and the rest. */
enum emit_class {
	EMIT_CONTROL,
	EMIT_DATA,
};

#define EMIT_NO_PORT UINT16_MAX

/* One core's way out. Near the core, used by it alone. */
struct emit {
	struct seki_stats *stats; /* this core's */
	struct emit_egress egress[SEKI_PORTS_MAX];

	/* TX role: rings from other cores. */
	unsigned n_rings;
	struct rte_ring *control[EMIT_RINGS_MAX];
	struct rte_ring *data[EMIT_RINGS_MAX];
};

/* An empty table. Then set rows: emit_direct, or emit_by_rings (which needs fate_setup). */
void emit_init(struct emit *emit, struct seki_stats *stats);

/*
 * Row `port` (index into the port table): this core transmits on two queues of port_id, which no other core uses;
 * equal where the port has none to spare for control.
 */
void emit_direct(struct emit *emit, uint16_t port, uint16_t port_id, uint16_t data_queue, uint16_t control_queue);

/* Row `port`: the core at the other end of these rings transmits. */
void emit_by_rings(struct emit *emit, uint16_t port, struct rte_ring *control, struct rte_ring *data);

/* This core empties the two rings of one RX core. */
void emit_add_source(struct emit *emit, struct rte_ring *control, struct rte_ring *data);

/*
 * Sends those of pkt[0..n), n > 0, whose verdict is PASS. A packet that finds no room becomes a DROP with its reason
 * and its mbuf is freed; seki_stats_burst then counts it. Takes over the mbufs of passing packets, no others. `sum` is of
 * these packets, before and after.
 */
void emit_burst(struct emit *emit, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n, struct pkt_sum *sum);

/* Moves at most one burst per ring to the ports, control rings first. Returns packets moved. TX core. */
unsigned emit_drain(struct emit *emit);

/* Frees what is left in the rings that `emit` drains and counts it as SHUTDOWN. No core may run. */
unsigned emit_discard(struct emit *emit);

#endif
