/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include "tel_info.h"
#include "tel_reply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Pages that stay below 16 KiB with the longest names and the largest numbers. */
#define PORTS_PER_PAGE 16
#define ZONES_PER_PAGE 20
#define REASONS_PER_PAGE 64
#define VECTORS_PER_PAGE 64

/* One lock for all commands: it guards these two, and that the box is there. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct box *the_box;
static struct seki_stats *the_sum;

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
	tel_number(d, "rx", balance.rx);
	tel_number(d, "generated", balance.generated);
	tel_number(d, "tx", balance.tx);
	tel_number(d, "dropped", balance.dropped);
	tel_number(d, "challenged", balance.challenged);
	for (unsigned dir = 0; dir < SEKI_DIR_LOCAL; dir++) {
		struct rte_tel_data *way = tel_dict(d, seki_direction_name(dir));
		struct seki_count passed = {0}, dropped = {0};

		if (way == NULL)
			return -ENOMEM;
		for (unsigned p = 0; p < the_box->n_ports; p++) {
			passed = plus(passed, sum_verdict(the_sum->port[p].by_reason[dir], SEKI_VERDICT_PASS));
			dropped = plus(dropped, sum_verdict(the_sum->port[p].by_reason[dir], SEKI_VERDICT_DROP));
		}
		tel_count(way, "pass", passed);
		tel_count(way, "drop", dropped);
	}
	return 0;
}

static int
stats_port(struct rte_tel_data *list, const struct port *port)
{
	struct rte_tel_data *item = tel_item(list, "port", port->index);
	const struct seki_stats_port *count = &the_sum->port[port->index];
	struct rte_eth_stats eth = {0};

	if (item == NULL)
		return -ENOMEM;
	rte_eth_stats_get(port->port_id, &eth);
	rte_tel_data_add_dict_string(item, "name", port->name);
	tel_count(item, "rx", count->rx);
	tel_count(item, "tx", count->tx);
	tel_count(item, "generated", count->generated);
	tel_number(item, "imissed", eth.imissed);
	tel_number(item, "ierrors", eth.ierrors);
	tel_number(item, "rx_nombuf", eth.rx_nombuf);
	tel_number(item, "oerrors", eth.oerrors);
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
	tel_page(d, &page);
	ret = stats_totals(d);
	list = tel_dict(d, "ports");
	for (uint64_t p = page.offset; p < page.end && ret == 0; p++)
		ret = list == NULL ? -ENOMEM : stats_port(list, &the_box->port[p]);
	return ret;
}

static int
zone_item(struct rte_tel_data *list, unsigned id)
{
	struct rte_tel_data *item = tel_item(list, "zone", id);
	const struct seki_policy_zone *zone = &box_policy(the_box)->zone[id];
	const struct seki_stats_zone *count = &the_sum->zone[id];
	struct seki_count observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		observed = plus(observed, count->observed[r]);
	tel_number(item, "id", id);
	rte_tel_data_add_dict_string(item, "name", id == SEKI_ZONE_NONE ? "" : zone->name);
	rte_tel_data_add_dict_string(item, "mode", id == SEKI_ZONE_NONE ? "off" : cm_mode_name(zone->mode));
	tel_number(item, "domain", zone->domain);
	tel_count(item, "inbound_pass", sum_verdict(count->by_reason[SEKI_DIR_INBOUND], SEKI_VERDICT_PASS));
	tel_count(item, "inbound_drop", sum_verdict(count->by_reason[SEKI_DIR_INBOUND], SEKI_VERDICT_DROP));
	tel_count(item, "inbound_observed", observed);
	tel_count(item, "outbound_pass", sum_verdict(count->by_reason[SEKI_DIR_OUTBOUND], SEKI_VERDICT_PASS));
	tel_count(item, "outbound_drop", sum_verdict(count->by_reason[SEKI_DIR_OUTBOUND], SEKI_VERDICT_DROP));
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
	tel_page(d, &page);
	list = tel_dict(d, "zones");
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

/* Zone ids from `first` on, up to `end`. */
struct zones {
	char name[SEKI_NAME_MAX];
	unsigned first, end;
};

/* Takes "ZONE" from the parameters: one by name, or all if it is empty. 0 or -ENOENT. */
static int
take_zones(const char **params, struct zones *zones)
{
	int id;

	*zones = (struct zones){.end = SEKI_ZONES_MAX};
	params_word(params, zones->name, sizeof(zones->name));
	if (zones->name[0] == '\0')
		return 0;
	id = find_zone(zones->name);
	if (id < 0)
		return -ENOENT;
	zones->first = (unsigned)id;
	zones->end = zones->first + 1;
	return 0;
}

static int
reason_item(struct rte_tel_data *list, unsigned reason, const struct zones *zones)
{
	struct rte_tel_data *item = tel_dict(list, seki_reason_name(reason));
	struct seki_count ended = {0}, observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = zones->first; z < zones->end; z++) {
		const struct seki_stats_zone *zone = &the_sum->zone[z];

		for (unsigned dir = 0; dir < SEKI_N_DIRECTIONS; dir++)
			ended = plus(ended, zone->by_reason[dir][reason]);
		observed = plus(observed, zone->observed[reason]);
	}
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(seki_reason_verdict(reason)));
	tel_number(item, "packets", ended.packets);
	tel_number(item, "bytes", ended.bytes);
	tel_number(item, "observed_packets", observed.packets);
	tel_number(item, "observed_bytes", observed.bytes);
	return 0;
}

static int
tell_reasons(const char *params, struct rte_tel_data *d)
{
	struct params_page page;
	struct rte_tel_data *list;
	struct zones zones;
	int ret = take_zones(&params, &zones);

	if (ret != 0)
		return ret;
	/* Reason 0, "none", comes too: a number above 0 there is a bug that must be seen. */
	ret = params_page(&params, SEKI_N_REASONS, REASONS_PER_PAGE, &page);
	if (ret != 0)
		return ret;
	box_count(the_box, the_sum);
	rte_tel_data_add_dict_string(d, "zone", zones.name);
	tel_page(d, &page);
	list = tel_dict(d, "reasons");
	for (uint64_t r = page.offset; r < page.end && ret == 0; r++)
		ret = list == NULL ? -ENOMEM : reason_item(list, (unsigned)r, &zones);
	return ret;
}

static int
tell_vectors(const char *params, struct rte_tel_data *d)
{
	struct params_page page;
	struct rte_tel_data *list;
	struct zones zones;
	int ret = take_zones(&params, &zones);

	if (ret == 0)
		ret = params_page(&params, SEKI_N_VECTORS, VECTORS_PER_PAGE, &page);
	if (ret != 0)
		return ret;
	box_count(the_box, the_sum);
	rte_tel_data_add_dict_string(d, "zone", zones.name);
	tel_page(d, &page);
	list = tel_dict(d, "vectors");
	for (uint64_t v = page.offset; v < page.end && ret == 0; v++) {
		struct rte_tel_data *item = list == NULL ? NULL : tel_dict(list, seki_vector_name((unsigned)v));
		struct seki_count offered = {0};

		for (unsigned z = zones.first; z < zones.end; z++)
			offered = plus(offered, the_sum->zone[z].vector[v]);
		if (item == NULL)
			return -ENOMEM;
		tel_number(item, "packets", offered.packets);
		tel_number(item, "bytes", offered.bytes);
	}
	return ret;
}

static int
tell_info(const char *params, struct rte_tel_data *d)
{
	return tel_info(the_box, params, d);
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
	{"/seki/vectors", "What was offered, by vector. Parameters: [zone[,offset,limit]], empty zone: all",
		tell_vectors},
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
