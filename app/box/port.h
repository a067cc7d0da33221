/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PORT_H
#define SEKI_PORT_H

/*
 * Ports: from a line of the configuration to a started ethdev, and what was found out about it on the way.
 *
 * A port's index is its place in the configuration; counters, policy and egress use that. Its port_id is
 * ethdev's. Whatever a port cannot do and somebody might expect (checksum offload, MTU, link down, RSS) is said
 * in one line at start.
 */

#include "err.h"
#include "plan.h"
#include "sockets.h"
#include "spec.h"
#include "steer.h"

#include <rte_ethdev.h>
#include <rte_mempool.h>

struct port {
	uint16_t index;
	uint16_t port_id;
	uint16_t n_rxq, n_txq; /* n_txq: for data, one per transmitting core, as far as they go round */
	bool control_txq;      /* beside each of them, n_txq further on, is one for control */
	bool pieces;           /* it may deliver frames in several buffers: it can, and its peer can send them */
	int socket;            /* NUMA node, or SOCKET_ID_ANY */
	bool pci;              /* a NIC, not a virtual device */
	bool rss;              /* hashes over the client address alone; the probe has yet to confirm it */
	bool can_set_link;
	bool checksum; /* checks IPv4 header checksums */
	bool mtu_set;
	uint16_t reta_size;
	uint16_t mtu;
	char name[SEKI_NAME_MAX]; /* the configuration's */
	struct rte_mempool *pool;
	struct rte_eth_dev_info info;
	struct sockets xsk; /* of AF_XDP: one per receive queue */
	struct sockets afp; /* of AF_PACKET: likewise */
	uint64_t afp_lost;  /* what those have told so far; whoever asks adds to it */
};

/* The owner function's NIC side: one key for all ports. */
struct port_rss {
	uint8_t key[STEER_RSS_KEY_MAX];
	uint16_t reta_size; /* the smallest of the ports that hash; 0: none does */
};

/*
 * Finds port `i` of `spec` among EAL's, reads what it can, and fixes its number of queues and, in `plan`, their
 * descriptors. 0 or -errno with a sentence. Main lcore, after eal_start; ports in order.
 */
int port_find(struct port *port, const struct seki_spec *spec, struct plan *plan, unsigned i, struct seki_err *err);

/* Settles what depends on the port that its frames leave by: whether they may come in pieces. Both are found. */
void port_meet_peer(struct port *port, const struct port *peer);

/* TX queues for data and for control together. */
static inline unsigned
port_tx_queues(const struct port *port)
{
	return port->control_txq ? 2u * port->n_txq : port->n_txq;
}

/* The queue for control beside queue `data`; the same one where the port has none to spare. */
static inline uint16_t
port_control_queue(const struct port *port, uint16_t data)
{
	return port->control_txq ? (uint16_t)(port->n_txq + data) : data;
}

/* Decides which of n ports hash in hardware and draws the key. After port_find of all. */
void port_choose_rss(struct port *ports, unsigned n, unsigned n_rx, struct port_rss *rss);

/* Configures queues, offloads, MTU; makes the pool. `n_txq_peer`: TX queues that the port's packets leave by. */
int port_configure(struct port *port, const struct seki_spec *spec, const struct plan *plan, unsigned n_txq_peer,
	const struct port_rss *rss, struct seki_err *err);

/* Starts it, promiscuous as configured, and sets the redirection table. */
int port_start(struct port *port, const struct seki_spec *spec, const struct plan *plan, const struct port_rss *rss,
	struct seki_err *err);

/* Sets the redirection table: hash -> queue, the low bits that `reta_size` counts, in turn over n_rx queues. */
void port_set_reta(struct port *port, unsigned n_rx, uint16_t reta_size);

/*
 * ethdev's own counters; imissed with what the drivers of AF_XDP and AF_PACKET leave out of it. Any thread, between
 * port_configure and port_close.
 */
void port_stats(struct port *port, struct rte_eth_stats *stats);

/*
 * What the kernel has dropped before the port, as far as ethdev does not say. To be asked for more often than 32 bits
 * of losses go by. As port_stats.
 */
uint64_t port_lost(struct port *port);

/* Says in one line what the port is and what it cannot do. */
void port_describe(const struct port *port, const struct seki_spec *spec);

/* Stops and closes; frees the pool. Legal on a port that was not found (zeroed). No core may use it. */
void port_close(struct port *port);

#endif
