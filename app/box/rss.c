/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The part of port.h about receive-side scaling: who can, the key, the table.
 *
 * What is hashed is a whole address, as no NIC can be told to hash the first 48 bits of one. So the addresses of an
 * IPv6 /64 are of many cores, each of which holds it to its limits alone (steer.h, docs/threat-model.md).
 */
#include "port.h"

#include "say.h"

#include <string.h>
#include <sys/random.h>

/* Entries of the largest redirection table that is set here. */
#define RETA_MAX 4096

/* The port can hash the client's address alone, over as many queues as there are RX cores. */
static bool
can_hash(const struct port *port, unsigned n_rx)
{
	uint64_t types = port->info.flow_type_rss_offloads;
	uint64_t one_address = RTE_ETH_RSS_L3_SRC_ONLY | RTE_ETH_RSS_L3_DST_ONLY;
	uint16_t reta = port->info.reta_size;

	return port->n_rxq == n_rx && (types & one_address) == one_address && (types & RTE_ETH_RSS_IPV4) != 0 &&
	       (types & RTE_ETH_RSS_IPV6) != 0 && (port->info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH) != 0 &&
	       reta >= n_rx && reta <= RETA_MAX && (reta & (reta - 1)) == 0 &&
	       port->info.hash_key_size <= STEER_RSS_KEY_MAX;
}

void
port_choose_rss(struct port *ports, unsigned n, unsigned n_rx, struct port_rss *rss)
{
	memset(rss, 0, sizeof(*rss));
	if (n_rx < 2)
		return;
	if (getrandom(rss->key, sizeof(rss->key), 0) != sizeof(rss->key)) {
		say("no random key to be had: owner cores are chosen in software");
		return;
	}
	for (unsigned i = 0; i < n; i++) {
		ports[i].rss = can_hash(&ports[i], n_rx);
		ports[i].reta_size = ports[i].info.reta_size;
		if (ports[i].rss && (rss->reta_size == 0 || ports[i].reta_size < rss->reta_size))
			rss->reta_size = ports[i].reta_size;
	}
	if (rss->reta_size > STEER_RETA_MAX)
		rss->reta_size = STEER_RETA_MAX;
}

void
port_set_reta(struct port *port, unsigned n_rx, uint16_t reta_size)
{
	struct rte_eth_rss_reta_entry64 reta[RETA_MAX / RTE_ETH_RETA_GROUP_SIZE] = {0};

	for (unsigned i = 0; i < port->reta_size; i++) {
		struct rte_eth_rss_reta_entry64 *group = &reta[i / RTE_ETH_RETA_GROUP_SIZE];

		group->mask |= UINT64_C(1) << (i % RTE_ETH_RETA_GROUP_SIZE);
		group->reta[i % RTE_ETH_RETA_GROUP_SIZE] = (uint16_t)(i % reta_size % n_rx);
	}
	if (rte_eth_dev_rss_reta_update(port->port_id, reta, port->reta_size) == 0)
		return;
	say("port \"%s\" refuses its redirection table: its packets are steered in software", port->name);
	port->rss = false;
}
