/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include "tel_info.h"
#include "tel_reply.h"

#include <errno.h>
#include <stdio.h>
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

/* Zone ids from `first` on, up to `end`: those that a reply sums over. */
struct zones {
	char name[SEKI_NAME_MAX];
	unsigned first, end;
};

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

/* Packets between peers that were more than control.pps, and so were judged; `way` is the direction. */
static uint64_t
control_refused(unsigned way)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < the_box->n_workers; i++)
		sum += __atomic_load_n(&the_box->worker[i]->path.pipe.routed.refused[way], __ATOMIC_RELAXED);
	return sum;
}

/* A term of the identity: packets under its own name, and bytes. */
static void
stats_term(struct rte_tel_data *d, const char *name, struct seki_count count)
{
	char bytes[32];

	tel_number(d, name, count.packets);
	snprintf(bytes, sizeof(bytes), "%s_bytes", name);
	tel_number(d, bytes, count.bytes);
}

static int
stats_totals(struct rte_tel_data *d)
{
	struct seki_balance balance;

	seki_stats_balance(the_sum, &balance);
	stats_term(d, "rx", balance.rx);
	stats_term(d, "generated", balance.generated);
	stats_term(d, "tx", balance.tx);
	stats_term(d, "dropped", balance.dropped);
	stats_term(d, "challenged", balance.challenged);
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
		tel_number(way, "control_refused", control_refused(dir));
	}
	return 0;
}

static unsigned
ports_total(void)
{
	return the_box->n_ports;
}

static int
stats_port(struct rte_tel_data *list, unsigned index, const struct zones *zones)
{
	struct port *port = &the_box->port[index];
	struct rte_tel_data *item = tel_item(list, "port", port->index);
	const struct seki_stats_port *count = &the_sum->port[port->index];
	struct rte_eth_stats eth;

	(void)zones;
	if (item == NULL)
		return -ENOMEM;
	port_stats(port, &eth);
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

/* Zones by their place in the list: no zone, then all that have a name. */
static uint16_t zone_id[SEKI_ZONES_MAX];

static unsigned
zones_total(void)
{
	const struct seki_policy *policy = box_policy(the_box);
	unsigned n = 1;

	for (unsigned z = 1; z < policy->zone_id_end; z++)
		if (policy->zone[z].name[0] != '\0')
			zone_id[n++] = (uint16_t)z;
	return n;
}

static int
zone_item(struct rte_tel_data *list, unsigned index, const struct zones *zones)
{
	unsigned id = zone_id[index];
	struct rte_tel_data *item = tel_item(list, "zone", id);
	const struct seki_policy_zone *zone = &box_policy(the_box)->zone[id];
	const struct seki_stats_zone *count = &the_sum->zone[id];
	struct seki_count observed = {0};

	(void)zones;
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

/* Reason 0, "none", comes too: a number above 0 there is a bug that must be seen. */
static unsigned
reasons_total(void)
{
	return SEKI_N_REASONS;
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

static unsigned
vectors_total(void)
{
	return SEKI_N_VECTORS;
}

static int
vector_item(struct rte_tel_data *list, unsigned vector, const struct zones *zones)
{
	struct rte_tel_data *item = tel_dict(list, seki_vector_name(vector));
	struct seki_count offered = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = zones->first; z < zones->end; z++)
		offered = plus(offered, the_sum->zone[z].vector[vector]);
	tel_number(item, "packets", offered.packets);
	tel_number(item, "bytes", offered.bytes);
	return 0;
}

static int
info_head(struct rte_tel_data *d)
{
	tel_info(the_box, d);
	return 0;
}

static int
info_port(struct rte_tel_data *list, unsigned index, const struct zones *zones)
{
	(void)zones;
	return tel_info_port(the_box, list, index);
}

/* A reply: perhaps something about the whole, and a page of a list. */
static const struct command {
	const char *name;
	const char *help;
	const char *list;
	unsigned per_page;
	bool counts;                         /* needs the counters of all cores */
	bool by_zone;                        /* the first parameter is a zone */
	int (*head)(struct rte_tel_data *d); /* NULL: nothing */
	unsigned (*total)(void);
	int (*item)(struct rte_tel_data *list, unsigned index, const struct zones *zones);
} commands[] = {
	{"/seki/info", "What runs, ports and cores. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE,
		false, false, info_head, ports_total, info_port},
	{"/seki/stats", "Totals, directions, ports. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE, true,
		false, stats_totals, ports_total, stats_port},
	{"/seki/zones", "Counters of each zone. Parameters: [offset,limit]", "zones", ZONES_PER_PAGE, true, false, NULL,
		zones_total, zone_item},
	{"/seki/reasons", "Packets by reason. Parameters: [zone[,offset,limit]], empty zone: all", "reasons",
		REASONS_PER_PAGE, true, true, NULL, reasons_total, reason_item},
	{"/seki/vectors", "What was offered, by vector. Parameters: [zone[,offset,limit]], empty zone: all", "vectors",
		VECTORS_PER_PAGE, true, true, NULL, vectors_total, vector_item},
};

static int
tell(const struct command *command, const char *params, struct rte_tel_data *d)
{
	struct zones zones = {.end = SEKI_ZONES_MAX};
	struct rte_tel_data *list;
	struct params_page page;
	int ret = command->by_zone ? take_zones(&params, &zones) : 0;

	if (ret == 0)
		ret = params_page(&params, command->total(), command->per_page, &page);
	if (ret != 0)
		return ret;
	if (command->counts)
		box_count(the_box, the_sum);
	if (command->by_zone)
		rte_tel_data_add_dict_string(d, "zone", zones.name);
	tel_page(d, &page);
	if (command->head != NULL)
		ret = command->head(d);
	list = tel_dict(d, command->list);
	for (uint64_t i = page.offset; i < page.end && ret == 0; i++)
		ret = list == NULL ? -ENOMEM : command->item(list, (unsigned)i, &zones);
	return ret;
}

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
		ret = tell(&commands[i], params, d);
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
