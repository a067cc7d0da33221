/* SPDX-License-Identifier: BSD-3-Clause */
#include "port.h"

#include "afp.h"
#include "device.h"
#include "near.h"
#include "say.h"
#include "xsk.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_lcore.h>

/* Every RSS type that a packet of a client may have; with L3_SRC_ONLY or L3_DST_ONLY all hash one address. */
#define RSS_TYPES (RTE_ETH_RSS_IP | RTE_ETH_RSS_TCP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_SCTP)

int
port_find(struct port *port, const struct seki_spec *spec, struct plan *plan, unsigned i, struct seki_err *err)
{
	const struct seki_spec_port *conf = &spec->port[i];
	char name[DEVICE_NAME_MAX];
	unsigned n_rxq = plan_rx_queues(plan, spec, i);
	unsigned n_txq = plan_tx_queues(plan, spec, i);
	int ret;

	memset(port, 0, sizeof(*port));
	port->index = (uint16_t)i;
	port->mtu = conf->mtu;
	port->pci = device_is_pci(conf->device);
	snprintf(port->name, sizeof(port->name), "%s", conf->name);
	ret = rte_eth_dev_get_port_by_name(device_name(conf->device, name), &port->port_id);
	if (ret == 0)
		ret = rte_eth_dev_info_get(port->port_id, &port->info);
	if (ret != 0) {
		seki_err_add(err, spec->file, conf->line, "port \"%s\": DPDK has not opened the device \"%s\"",
			conf->name, conf->device);
		return ret;
	}
	if (strcmp(port->info.driver_name, "net_af_packet") == 0)
		afp_find(&port->afp, port->info.if_index);
	port->socket = rte_eth_dev_socket_id(port->port_id);
	port->n_rxq = (uint16_t)RTE_MIN(n_rxq, port->info.max_rx_queues);
	port->n_txq = (uint16_t)RTE_MIN(n_txq, port->info.max_tx_queues);
	/* A virtual device hands each queue to a partner, who may never empty one that he does not expect. */
	port->control_txq = port->pci && port->info.max_tx_queues >= 2 * plan->n_tx;
	if (port->n_rxq == 0 || port->n_txq == 0)
		return seki_err_add(err, spec->file, conf->line, "port \"%s\": the device \"%s\" has no %s queue",
			conf->name, conf->device, port->n_rxq == 0 ? "receive" : "transmit");
	ret = rte_eth_dev_adjust_nb_rx_tx_desc(port->port_id, &plan->rx_desc[i], &plan->tx_desc[i]);
	if (ret != 0)
		seki_err_add(err, spec->file, conf->line, "port \"%s\": the driver takes no %u and %u descriptors: %s",
			conf->name, conf->rx_desc, conf->tx_desc, strerror(-ret));
	return ret;
}

void
port_meet_peer(struct port *port, const struct port *peer)
{
	port->pieces = (port->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER) != 0 &&
		       (peer->info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0;
}

static uint16_t
mbuf_data_room(const struct port *port, const struct seki_spec *spec)
{
	return (uint16_t)(port->pieces ? RTE_MBUF_DEFAULT_BUF_SIZE : plan_data_room(spec, port->index));
}

static int
make_pool(struct port *port, const struct seki_spec *spec, size_t n, struct seki_err *err)
{
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "seki_rx_%u", port->index);
	port->pool = rte_pktmbuf_pool_create(
		name, (unsigned)n, PLAN_POOL_CACHE, 0, mbuf_data_room(port, spec), port->socket);
	if (port->pool != NULL)
		return 0;
	seki_err_add(err, spec->file, spec->port[port->index].line,
		"port \"%s\": no memory for %zu packet buffers of %u bytes: %s (eal.memory_mb sets how much there is)",
		port->name, n, mbuf_data_room(port, spec), rte_strerror(rte_errno));
	return -rte_errno;
}

static uint64_t
rss_types(const struct port *port, const struct seki_spec *spec)
{
	bool outside = spec->port[port->index].side == SEKI_SIDE_OUTSIDE;

	return (RSS_TYPES & port->info.flow_type_rss_offloads) |
	       (outside ? RTE_ETH_RSS_L3_SRC_ONLY : RTE_ETH_RSS_L3_DST_ONLY);
}

/* Bytes that the driver adds to an MTU to get a frame, as ethdev reckons. */
static unsigned
driver_overhead(const struct rte_eth_dev_info *info)
{
	if (info->max_mtu == UINT16_MAX || info->max_rx_pktlen <= info->max_mtu)
		return RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN;
	return info->max_rx_pktlen - info->max_mtu;
}

/*
 * The MTU to tell the driver, or 0 if it takes no such number. Frames carry `needed` bytes on top of the configured
 * ones of IP; a NIC whose own idea of the overhead leaves no room for them is told a larger MTU instead. Virtual
 * devices pass the number on to the kernel or do not look at it, so they get the plain one.
 */
static uint16_t
driver_mtu(const struct port *port, unsigned needed)
{
	const struct rte_eth_dev_info *info = &port->info;
	unsigned overhead = driver_overhead(info);
	unsigned mtu = port->mtu;

	if (mtu > info->max_mtu || mtu + overhead > info->max_rx_pktlen)
		return 0;
	if (port->pci && overhead < needed)
		mtu = RTE_MIN(mtu + needed - overhead, RTE_MIN(info->max_mtu, info->max_rx_pktlen - overhead));
	return (uint16_t)mtu;
}

/* With room for all that Seki would pass. */
static uint16_t
full_mtu(const struct port *port, const struct seki_spec *spec)
{
	return driver_mtu(port, plan_frame_bytes(spec, port->index) - port->mtu);
}

/*
 * Tells the driver; without room for what is not IP where it will not have so much, as a virtual function whose host
 * allows no more.
 */
static int
set_mtu(struct port *port, const struct seki_spec *spec)
{
	uint16_t mtu = full_mtu(port, spec);
	uint16_t least = driver_mtu(port, plan_frame_bytes(spec, port->index) - port->mtu - SEKI_BELOW_IP_ROOM);
	int ret;

	if (mtu == 0)
		return 0;
	ret = rte_eth_dev_set_mtu(port->port_id, mtu);
	if (ret != 0 && ret != -ENOTSUP && least < mtu) {
		ret = rte_eth_dev_set_mtu(port->port_id, least);
		if (ret == 0)
			say("port \"%s\": the driver leaves no room for MACsec, MPLS and the like in frames of full size",
				port->name);
	}
	port->mtu_set = ret == 0;
	return ret == -ENOTSUP ? 0 : ret;
}

static void
fill_conf(struct port *port, const struct seki_spec *spec, const struct port_rss *rss, struct rte_eth_conf *conf)
{
	/* A virtual device would compute it in software, and with it the L4 checksum over the payload. */
	uint64_t rx_wanted = port->pci ? RTE_ETH_RX_OFFLOAD_IPV4_CKSUM : 0;

	if (mbuf_data_room(port, spec) < plan_data_room(spec, port->index))
		rx_wanted |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (port->rss) {
		rx_wanted |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_key = (uint8_t *)(uintptr_t)rss->key;
		conf->rx_adv_conf.rss_conf.rss_key_len = port->info.hash_key_size != 0 ? port->info.hash_key_size : 40;
		conf->rx_adv_conf.rss_conf.rss_hf = rss_types(port, spec);
	}
	conf->rxmode.mtu = full_mtu(port, spec);
	conf->rxmode.offloads = rx_wanted & port->info.rx_offload_capa;
	conf->txmode.offloads = RTE_ETH_TX_OFFLOAD_MULTI_SEGS & port->info.tx_offload_capa;
	port->checksum = (conf->rxmode.offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0;
}

/*
 * With queues for control, or without where the driver will not have so many after all: some find out only now, as
 * a virtual function whose host gives it fewer.
 */
static int
configure_queues(struct port *port, const struct rte_eth_conf *conf)
{
	uint16_t n_txq = (uint16_t)port_tx_queues(port);
	int ret = rte_eth_dev_configure(port->port_id, port->n_rxq, n_txq, conf);

	if (ret == 0 || !port->control_txq)
		return ret;
	port->control_txq = false;
	return rte_eth_dev_configure(port->port_id, port->n_rxq, port->n_txq, conf);
}

static int
setup_queues(const struct port *port, const struct plan *plan, const struct rte_eth_conf *conf)
{
	uint16_t n_rxd = plan->rx_desc[port->index], n_txd = plan->tx_desc[port->index];
	struct rte_eth_rxconf rxconf = port->info.default_rxconf;
	struct rte_eth_txconf txconf = port->info.default_txconf;
	unsigned socket = (unsigned)port->socket;
	int ret = 0;

	rxconf.offloads = conf->rxmode.offloads;
	txconf.offloads = conf->txmode.offloads;
	for (uint16_t q = 0; ret == 0 && q < port->n_rxq; q++)
		ret = rte_eth_rx_queue_setup(port->port_id, q, n_rxd, socket, &rxconf, port->pool);
	for (uint16_t q = 0; ret == 0 && q < port_tx_queues(port); q++)
		ret = rte_eth_tx_queue_setup(port->port_id, q, n_txd, socket, &txconf);
	return ret;
}

int
port_configure(struct port *port, const struct seki_spec *spec, const struct plan *plan, unsigned n_txq_peer,
	const struct port_rss *rss, struct seki_err *err)
{
	const struct seki_spec_port *line = &spec->port[port->index];
	struct rte_eth_conf conf = {0};
	struct sockets before;
	int ret;

	if (port->pci && full_mtu(port, spec) == 0)
		return seki_err_add(err, spec->file, line->line, "port \"%s\": its device carries no MTU of %u",
			port->name, port->mtu);
	fill_conf(port, spec, rss, &conf);
	ret = configure_queues(port, &conf);
	if (ret == 0)
		ret = set_mtu(port, spec);
	if (ret != 0) {
		seki_err_add(err, spec->file, line->line,
			"port \"%s\": the driver refuses %u receive and %u transmit queues with MTU %u: %s", port->name,
			port->n_rxq, port->n_txq, port->mtu, strerror(-ret));
		return ret;
	}
	ret = make_pool(port, spec, plan_mbufs(plan, spec, port->index, port->n_rxq, n_txq_peer), err);
	if (ret != 0)
		return ret;
	xsk_find(&before);
	ret = setup_queues(port, plan, &conf);
	xsk_find(&port->xsk);
	sockets_subtract(&port->xsk, &before);
	if (ret != 0)
		seki_err_add(err, spec->file, line->line, "port \"%s\": the driver refuses a queue: %s", port->name,
			strerror(-ret));
	return ret;
}

int
port_start(struct port *port, const struct seki_spec *spec, const struct plan *plan, const struct port_rss *rss,
	struct seki_err *err)
{
	const struct seki_spec_port *line = &spec->port[port->index];
	int ret = rte_eth_dev_start(port->port_id);

	if (ret != 0) {
		seki_err_add(err, spec->file, line->line, "port \"%s\" does not start: %s", port->name, strerror(-ret));
		return ret;
	}
	if (line->promiscuous) {
		ret = rte_eth_promiscuous_enable(port->port_id);
		if (ret != 0 && ret != -ENOTSUP)
			say("port \"%s\" does not go promiscuous: %s", port->name, strerror(-ret));
	} else if (rte_eth_allmulticast_enable(port->port_id) != 0) {
		say("port \"%s\" may not receive multicast control traffic: the driver cannot enable it", port->name);
	}
	if (port->rss)
		port_set_reta(port, plan->n_rx, rss->reta_size);
	port->can_set_link = rte_eth_dev_set_link_up(port->port_id) != -ENOTSUP;
	return 0;
}

uint64_t
port_lost(struct port *port)
{
	uint64_t more = afp_lost(&port->afp);

	return __atomic_add_fetch(&port->afp_lost, more, __ATOMIC_RELAXED) + xsk_ring_full(&port->xsk);
}

void
port_stats(struct port *port, struct rte_eth_stats *stats)
{
	/* Asked first: a driver that came to ask its sockets by itself would leave nothing. */
	uint64_t lost = port_lost(port);

	memset(stats, 0, sizeof(*stats));
	rte_eth_stats_get(port->port_id, stats);
	stats->imissed += lost;
}

/* Who sees to the MTU, where it is not the driver. */
static void
describe_mtu(const struct port *port, const struct seki_spec *spec)
{
	if (port->mtu_set)
		return;
	if (full_mtu(port, spec) == 0)
		say("port \"%s\": the driver speaks of frames up to %u bytes, so larger ones may not pass", port->name,
			port->info.max_rx_pktlen);
	else if (port->mtu != RTE_ETHER_MTU)
		say("port \"%s\": the driver cannot set the MTU of %u, the other end of the device has to", port->name,
			port->mtu);
}

void
port_describe(const struct port *port, const struct seki_spec *spec)
{
	const struct seki_spec_port *conf = &spec->port[port->index];

	say("port \"%s\" (%s, %s): %u receive and %u transmit queues, %u buffers, MTU %u%s%s", port->name,
		conf->side == SEKI_SIDE_OUTSIDE ? "outside" : "inside", conf->device, port->n_rxq, port_tx_queues(port),
		port->pool->size, port->mtu, port->checksum ? ", checks IPv4 checksums" : "",
		port->rss ? ", hashes clients to cores" : "");
	describe_mtu(port, spec);
	if (port->xsk.n > 0)
		say("port \"%s\" is AF_XDP: the kernel holds %u frames per queue while a core is away, and what it drops "
		    "beyond counts as imissed",
			port->name, RTE_MIN(conf->rx_desc, XSK_FRAMES_MAX));
	if (port->afp.n > 0)
		say("port \"%s\" is AF_PACKET: the kernel joins fragments of IPv4, holds as many frames as its ring "
		    "(framecnt) has places while a core is away, and what it drops beyond counts as imissed",
			port->name);
	if (!port->control_txq)
		say("port \"%s\" has no transmit queue to spare for control traffic: when it is full, that is dropped "
		    "too",
			port->name);
	if (!port->can_set_link)
		say("port \"%s\" cannot set its link down: a failure of the other side does not show here", port->name);
	if (!device_sees_link(conf->device))
		say("port \"%s\" does not see its own link fail: that will not show on the other side", port->name);
	for (unsigned i = 0; i < spec->n_cores; i++)
		if (port->socket >= 0 && cpu_node(spec->core[i].cpu) != port->socket)
			say("port \"%s\" is on NUMA node %d, CPU %u on node %d: packets between them cost a detour",
				port->name, port->socket, spec->core[i].cpu, cpu_node(spec->core[i].cpu));
}

void
port_close(struct port *port)
{
	if (port->info.device == NULL)
		return;
	rte_eth_dev_stop(port->port_id);
	rte_eth_dev_close(port->port_id);
	rte_mempool_free(port->pool);
	memset(port, 0, sizeof(*port));
}
