/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include "compat.h"
#include "tel_params.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pages that stay below 16 KiB with the longest names and the largest numbers. */
#define PORTS_PER_PAGE 16
#define ZONES_PER_PAGE 20
#define REASONS_PER_PAGE 64

/* One lock for all commands: it guards these two, and that the box is there. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct box *the_box;
static struct seki_stats *the_sum;

static int
add_number(struct rte_tel_data *d, const char *name, uint64_t value)
{
	return rte_tel_data_add_dict_uint(d, name, value);
}

static void
add_count(struct rte_tel_data *d, const char *name, struct seki_count count)
{
	char key[64];

	snprintf(key, sizeof(key), "%s_packets", name);
	add_number(d, key, count.packets);
	snprintf(key, sizeof(key), "%s_bytes", name);
	add_number(d, key, count.bytes);
}

/* A dict in a dict; the library frees it. */
static struct rte_tel_data *
add_dict(struct rte_tel_data *d, const char *name)
{
	struct rte_tel_data *child = rte_tel_data_alloc();

	if (child == NULL)
		return NULL;
	rte_tel_data_start_dict(child);
	if (rte_tel_data_add_dict_container(d, name, child, 0) == 0)
		return child;
	rte_tel_data_free(child);
	return NULL;
}

static struct rte_tel_data *
add_item(struct rte_tel_data *list, const char *kind, unsigned id)
{
	char key[32];

	snprintf(key, sizeof(key), "%s%u", kind, id);
	return add_dict(list, key);
}

static void
add_page(struct rte_tel_data *d, const struct params_page *page)
{
	add_number(d, "offset", page->offset);
	add_number(d, "limit", page->limit);
	add_number(d, "total", page->total);
	add_number(d, "next", page->end);
}

static struct seki_count
plus(struct seki_count a, struct seki_count b)
{
	return (struct seki_count){a.packets + b.packets, a.bytes + b.bytes};
}

/* Of by_reason[SEKI_N_REASONS], those whose reason stands for `verdict`. */
static struct seki_count
sum_verdict(const struct seki_count *by_reason, enum seki_verdict verdict)
{
	struct seki_count sum = {0};

	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (seki_reason_verdict(r) == verdict)
			sum = plus(sum, by_reason[r]);
	return sum;
}

static int
stats_totals(struct rte_tel_data *d)
{
	struct seki_balance balance;

	seki_stats_balance(the_sum, &balance);
	add_number(d, "rx", balance.rx);
	add_number(d, "generated", balance.generated);
	add_number(d, "tx", balance.tx);
	add_number(d, "dropped", balance.dropped);
	add_number(d, "challenged", balance.challenged);
	for (unsigned dir = 0; dir < SEKI_DIR_LOCAL; dir++) {
		struct rte_tel_data *way = add_dict(d, seki_direction_name(dir));
		struct seki_count passed = {0}, dropped = {0};

		if (way == NULL)
			return -ENOMEM;
		for (unsigned p = 0; p < the_box->n_ports; p++) {
			passed = plus(passed, sum_verdict(the_sum->port[p].by_reason[dir], SEKI_VERDICT_PASS));
			dropped = plus(dropped, sum_verdict(the_sum->port[p].by_reason[dir], SEKI_VERDICT_DROP));
		}
		add_count(way, "pass", passed);
		add_count(way, "drop", dropped);
	}
	return 0;
}

static int
stats_port(struct rte_tel_data *list, const struct port *port)
{
	struct rte_tel_data *item = add_item(list, "port", port->index);
	const struct seki_stats_port *count = &the_sum->port[port->index];
	struct rte_eth_stats eth = {0};

	if (item == NULL)
		return -ENOMEM;
	rte_eth_stats_get(port->port_id, &eth);
	rte_tel_data_add_dict_string(item, "name", port->name);
	add_count(item, "rx", count->rx);
	add_count(item, "tx", count->tx);
	add_count(item, "generated", count->generated);
	add_number(item, "imissed", eth.imissed);
	add_number(item, "ierrors", eth.ierrors);
	add_number(item, "rx_nombuf", eth.rx_nombuf);
	add_number(item, "oerrors", eth.oerrors);
	return 0;
}

static int
tell_stats(const char *params, struct rte_tel_data *d)
{
	struct params_page page;
	struct rte_tel_data *list;
	int ret = params_page(&params, the_box->n_ports, PORTS_PER_PAGE, &page);

	if (ret != 0)
		return ret;
	box_count(the_box, the_sum);
	add_page(d, &page);
	ret = stats_totals(d);
	list = add_dict(d, "ports");
	for (uint64_t p = page.offset; p < page.end && ret == 0; p++)
		ret = list == NULL ? -ENOMEM : stats_port(list, &the_box->port[p]);
	return ret;
}

static int
zone_item(struct rte_tel_data *list, unsigned id)
{
	struct rte_tel_data *item = add_item(list, "zone", id);
	const struct seki_policy_zone *zone = &box_policy(the_box)->zone[id];
	const struct seki_stats_zone *count = &the_sum->zone[id];
	struct seki_count observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		observed = plus(observed, count->observed[r]);
	add_number(item, "id", id);
	rte_tel_data_add_dict_string(item, "name", id == SEKI_ZONE_NONE ? "" : zone->name);
	rte_tel_data_add_dict_string(item, "mode", id == SEKI_ZONE_NONE ? "off" : cm_mode_name(zone->mode));
	add_number(item, "domain", zone->domain);
	add_count(item, "inbound_pass", sum_verdict(count->by_reason[SEKI_DIR_INBOUND], SEKI_VERDICT_PASS));
	add_count(item, "inbound_drop", sum_verdict(count->by_reason[SEKI_DIR_INBOUND], SEKI_VERDICT_DROP));
	add_count(item, "inbound_observed", observed);
	add_count(item, "outbound_pass", sum_verdict(count->by_reason[SEKI_DIR_OUTBOUND], SEKI_VERDICT_PASS));
	add_count(item, "outbound_drop", sum_verdict(count->by_reason[SEKI_DIR_OUTBOUND], SEKI_VERDICT_DROP));
	return 0;
}

static int
tell_zones(const char *params, struct rte_tel_data *d)
{
	const struct seki_policy *policy = box_policy(the_box);
	uint16_t id[SEKI_ZONES_MAX] = {SEKI_ZONE_NONE};
	unsigned n = 1;
	struct params_page page;
	struct rte_tel_data *list;
	int ret;

	for (unsigned z = 1; z < policy->zone_id_end; z++)
		if (policy->zone[z].name[0] != '\0')
			id[n++] = (uint16_t)z;
	ret = params_page(&params, n, ZONES_PER_PAGE, &page);
	if (ret != 0)
		return ret;
	box_count(the_box, the_sum);
	add_page(d, &page);
	list = add_dict(d, "zones");
	for (uint64_t i = page.offset; i < page.end && ret == 0; i++)
		ret = list == NULL ? -ENOMEM : zone_item(list, id[i]);
	return ret;
}

/* Zone id of a name, or -1. */
static int
find_zone(const char *name)
{
	const struct seki_policy *policy = box_policy(the_box);

	for (unsigned z = 1; z < policy->zone_id_end; z++)
		if (strcmp(policy->zone[z].name, name) == 0)
			return (int)z;
	return -1;
}

static int
reason_item(struct rte_tel_data *list, unsigned reason, unsigned zone_first, unsigned zone_end)
{
	struct rte_tel_data *item = add_dict(list, seki_reason_name(reason));
	struct seki_count ended = {0}, observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = zone_first; z < zone_end; z++) {
		const struct seki_stats_zone *zone = &the_sum->zone[z];

		for (unsigned dir = 0; dir < SEKI_N_DIRECTIONS; dir++)
			ended = plus(ended, zone->by_reason[dir][reason]);
		observed = plus(observed, zone->observed[reason]);
	}
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(seki_reason_verdict(reason)));
	add_number(item, "packets", ended.packets);
	add_number(item, "bytes", ended.bytes);
	add_number(item, "observed_packets", observed.packets);
	add_number(item, "observed_bytes", observed.bytes);
	return 0;
}

static int
tell_reasons(const char *params, struct rte_tel_data *d)
{
	char name[SEKI_NAME_MAX];
	unsigned first = 0, end = SEKI_ZONES_MAX;
	struct params_page page;
	struct rte_tel_data *list;
	int ret;

	params_word(&params, name, sizeof(name));
	if (name[0] != '\0') {
		int zone = find_zone(name);

		if (zone < 0)
			return -ENOENT;
		first = (unsigned)zone;
		end = first + 1;
	}
	/* Reason 0, "none", comes too: a number above 0 there is a bug that must be seen. */
	ret = params_page(&params, SEKI_N_REASONS, REASONS_PER_PAGE, &page);
	if (ret != 0)
		return ret;
	box_count(the_box, the_sum);
	rte_tel_data_add_dict_string(d, "zone", name);
	add_page(d, &page);
	list = add_dict(d, "reasons");
	for (uint64_t r = page.offset; r < page.end && ret == 0; r++)
		ret = list == NULL ? -ENOMEM : reason_item(list, (unsigned)r, first, end);
	return ret;
}

static void
info_timing(struct rte_tel_data *d)
{
	struct rte_tel_data *stages = add_dict(d, "cycles");
	uint64_t packets = 0;

	for (unsigned s = 0; s < PATH_N_STAGES && stages != NULL; s++) {
		uint64_t cycles = 0;

		packets = 0;
		for (unsigned i = 0; i < the_box->n_workers; i++) {
			cycles += the_box->worker[i]->timing->cycles[s];
			packets += the_box->worker[i]->timing->packets;
		}
		add_number(stages, path_stage_name(s), cycles);
	}
	add_number(d, "cycles_packets", packets);
}

static int
info_port(struct rte_tel_data *list, const struct port *port)
{
	static const char *const trust_names[] = {"no", "probing", "yes"};
	const struct worker *w = the_box->worker[the_box->plan.rx_core[0]];
	struct rte_tel_data *item = add_item(list, "port", port->index);
	struct rte_eth_link link = {0};

	if (item == NULL)
		return -ENOMEM;
	rte_eth_link_get_nowait(port->port_id, &link);
	rte_tel_data_add_dict_string(item, "name", port->name);
	rte_tel_data_add_dict_string(
		item, "side", the_box->spec.port[port->index].side == SEKI_SIDE_OUTSIDE ? "outside" : "inside");
	rte_tel_data_add_dict_string(item, "link", link.link_status == RTE_ETH_LINK_UP ? "up" : "down");
	rte_tel_data_add_dict_string(item, "rss", trust_names[w->steer.probe[port->index][0].trust]);
	rte_tel_data_add_dict_string(item, "sets_link", port->can_set_link ? "yes" : "no");
	add_number(item, "port_id", port->port_id);
	add_number(item, "rx_queues", port->n_rxq);
	add_number(item, "tx_queues", port->n_txq);
	add_number(item, "mtu", port->mtu);
	add_number(item, "buffers", port->pool->size);
	add_number(item, "buffers_free", rte_mempool_avail_count(port->pool));
	return 0;
}

static int
tell_info(const char *params, struct rte_tel_data *d)
{
	const struct box *box = the_box;
	struct params_page page;
	struct rte_tel_data *list;
	int ret = params_page(&params, box->n_ports, PORTS_PER_PAGE, &page);

	if (ret != 0)
		return ret;
	rte_tel_data_add_dict_string(d, "version", SEKI_VERSION);
	rte_tel_data_add_dict_string(d, "dpdk", rte_version());
	rte_tel_data_add_dict_string(d, "cpu", SEKI_CPU);
	add_number(d, "uptime_ns", clock_mono_ns(&box->clock));
	add_number(d, "rx_cores", box->plan.n_rx);
	add_number(d, "tx_cores", box->plan.n_tx);
	add_number(d, "zones", box->spec.n_zones);
	add_number(d, "lists", box->spec.n_lists);
	add_number(d, "policy_generation", box_policy(box)->generation);
	add_number(d, "snapshot_generation", box->publish.generation);
	add_number(d, "snapshots_retired", box->publish.n_retired);
	add_number(d, "reloads", box->n_reloads);
	add_number(d, "reloads_failed", box->n_reloads_failed);
	rte_tel_data_add_dict_string(d, "owner", box->owner.toeplitz ? "rss" : "software");
	if (box->timed)
		info_timing(d);
	add_page(d, &page);
	list = add_dict(d, "ports");
	for (uint64_t p = page.offset; p < page.end && ret == 0; p++)
		ret = list == NULL ? -ENOMEM : info_port(list, &box->port[p]);
	return ret;
}

static const struct command {
	const char *name;
	const char *help;
	int (*tell)(const char *params, struct rte_tel_data *d);
} commands[] = {
	{"/seki/info", "What runs, ports and cores. Parameters: [offset,limit] of ports", tell_info},
	{"/seki/stats", "Totals, directions, ports. Parameters: [offset,limit] of ports", tell_stats},
	{"/seki/zones", "Counters of each zone. Parameters: [offset,limit]", tell_zones},
	{"/seki/reasons", "Packets by reason. Parameters: [zone[,offset,limit]], empty zone: all", tell_reasons},
};

static int
answer(const char *name, const char *params, struct rte_tel_data *d)
{
	int ret = -ENOENT;

	rte_tel_data_start_dict(d);
	pthread_mutex_lock(&gate);
	for (unsigned i = 0; i < RTE_DIM(commands) && the_box != NULL; i++) {
		if (strcmp(commands[i].name, name) != 0)
			continue;
		pthread_mutex_lock(&the_box->lock);
		ret = commands[i].tell(params, d);
		pthread_mutex_unlock(&the_box->lock);
	}
	pthread_mutex_unlock(&gate);
	return ret;
}

int
telemetry_open(struct box *box)
{
	int ret = 0;

	the_sum = aligned_alloc(64, sizeof(*the_sum));
	if (the_sum == NULL)
		return -ENOMEM;
	the_box = box;
	for (unsigned i = 0; i < RTE_DIM(commands) && ret == 0; i++)
		ret = rte_telemetry_register_cmd(commands[i].name, answer, commands[i].help);
	return ret;
}

void
telemetry_close(void)
{
	pthread_mutex_lock(&gate);
	the_box = NULL;
	free(the_sum);
	the_sum = NULL;
	pthread_mutex_unlock(&gate);
}
