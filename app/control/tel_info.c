/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_info.h"

#include "compat.h"
#include "tel_reply.h"

#include <errno.h>

static void
info_timing(const struct box *box, struct rte_tel_data *d)
{
	struct rte_tel_data *stages = tel_dict(d, "cycles");
	uint64_t packets = 0;

	for (unsigned s = 0; s < PATH_N_STAGES && stages != NULL; s++) {
		uint64_t cycles = 0;

		packets = 0;
		for (unsigned i = 0; i < box->n_workers; i++) {
			cycles += box->worker[i]->timing->cycles[s];
			packets += box->worker[i]->timing->packets;
		}
		tel_number(stages, path_stage_name(s), cycles);
	}
	tel_number(d, "cycles_packets", packets);
}

int
tel_info_port(const struct box *box, struct rte_tel_data *list, unsigned index)
{
	const struct port *port = &box->port[index];
	static const char *const trust_names[] = {"no", "probing", "yes"};
	struct rte_tel_data *item = tel_item(list, "port", port->index);
	struct rte_eth_link link = {0};

	if (item == NULL)
		return -ENOMEM;
	rte_eth_link_get_nowait(port->port_id, &link);
	rte_tel_data_add_dict_string(item, "name", port->name);
	rte_tel_data_add_dict_string(
		item, "side", box->spec.port[port->index].side == SEKI_SIDE_OUTSIDE ? "outside" : "inside");
	rte_tel_data_add_dict_string(item, "link", link.link_status == RTE_ETH_LINK_UP ? "up" : "down");
	rte_tel_data_add_dict_string(item, "rss_ip4", trust_names[box_trust(box, port->index, 0)]);
	rte_tel_data_add_dict_string(item, "rss_ip6", trust_names[box_trust(box, port->index, 1)]);
	rte_tel_data_add_dict_string(item, "sets_link", port->can_set_link ? "yes" : "no");
	tel_number(item, "port_id", port->port_id);
	tel_number(item, "rx_queues", port->n_rxq);
	tel_number(item, "tx_queues", port_tx_queues(port));
	rte_tel_data_add_dict_string(item, "control_queue", port->control_txq ? "yes" : "no");
	tel_number(item, "mtu", port->mtu);
	tel_number(item, "buffers", port->pool->size);
	tel_number(item, "buffers_free", rte_mempool_avail_count(port->pool));
	return 0;
}

void
tel_info(const struct box *box, struct rte_tel_data *d)
{
	rte_tel_data_add_dict_string(d, "version", SEKI_VERSION);
	rte_tel_data_add_dict_string(d, "dpdk", rte_version());
	rte_tel_data_add_dict_string(d, "cpu", SEKI_CPU);
	tel_number(d, "uptime_ns", clock_mono_ns(&box->clock));
	tel_number(d, "rx_cores", box->plan.n_rx);
	tel_number(d, "tx_cores", box->plan.n_tx);
	tel_number(d, "zones", box->spec.n_zones);
	tel_number(d, "lists", box->spec.n_lists);
	tel_number(d, "policy_generation", box_policy(box)->generation);
	tel_number(d, "snapshot_generation", box->publish.generation);
	tel_number(d, "snapshots_retired", box->publish.n_retired);
	tel_number(d, "reloads", box->n_reloads);
	tel_number(d, "reloads_failed", box->n_reloads_failed);
	rte_tel_data_add_dict_string(d, "owner", box->owner.toeplitz ? "rss" : "software");
	if (box->timed)
		info_timing(box, d);
}
