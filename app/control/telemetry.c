/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include "tel_info.h"
#include "tel_reply.h"
#include "tel_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pages that stay below 16 KiB with the longest names and the largest numbers. */
#define PORTS_PER_PAGE 16
#define ZONES_PER_PAGE 20
#define REASONS_PER_PAGE 48
#define VECTORS_PER_PAGE 64
#define CORES_PER_PAGE 8
#define TOPS_PER_PAGE 32

/* One lock for all commands: it guards these two, and that the box is there. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct box *the_box;
static struct seki_stats *the_sum;

/* Zone ids or ports from `first` on, up to `end`: those that a reply sums over. */
struct scope {
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
ports_total(const struct scope *scope)
{
	(void)scope;
	return the_box->n_ports;
}

static int
stats_port(struct rte_tel_data *list, unsigned index, const struct scope *scope)
{
	struct port *port = &the_box->port[index];
	struct rte_tel_data *item = tel_item(list, "port", port->index);
	const struct seki_stats_port *count = &the_sum->port[port->index];
	struct rte_eth_stats eth;

	(void)scope;
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
zones_total(const struct scope *scope)
{
	const struct seki_policy *policy = box_policy(the_box);
	unsigned n = 1;

	(void)scope;
	for (unsigned z = 1; z < policy->zone_id_end; z++)
		if (policy->zone[z].name[0] != '\0')
			zone_id[n++] = (uint16_t)z;
	return n;
}

static int
zone_item(struct rte_tel_data *list, unsigned index, const struct scope *scope)
{
	unsigned id = zone_id[index];
	struct rte_tel_data *item = tel_item(list, "zone", id);
	const struct seki_policy_zone *zone = &box_policy(the_box)->zone[id];
	const struct seki_stats_zone *count = &the_sum->zone[id];
	struct seki_count observed = {0};

	(void)scope;
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

/* Index of the port of this name, or -1. */
static int
find_port(const char *name)
{
	for (unsigned p = 0; p < the_box->n_ports; p++)
		if (strcmp(the_box->port[p].name, name) == 0)
			return (int)p;
	return -1;
}

/* What the first parameter of a command may name, and how the reply calls it. */
struct kind {
	const char *key;
	unsigned n_max;
	int (*find)(const char *name);
};

static const struct kind by_zone = {"zone", SEKI_ZONES_MAX, find_zone};
static const struct kind by_port = {"port", SEKI_PORTS_MAX, find_port};
static const struct kind by_list = {"list", SEKI_N_TOPS, tel_top_find};

/* Takes a name from the parameters: one of the kind, or all if it is empty. 0 or -ENOENT. */
static int
take_scope(const char **params, const struct kind *kind, struct scope *scope)
{
	int id;

	*scope = (struct scope){.end = kind->n_max};
	params_word(params, scope->name, sizeof(scope->name));
	if (scope->name[0] == '\0')
		return 0;
	id = kind->find(scope->name);
	if (id < 0)
		return -ENOENT;
	scope->first = (unsigned)id;
	scope->end = scope->first + 1;
	return 0;
}

/* Reason 0, "none", comes too: a number above 0 there is a bug that must be seen. */
static unsigned
reasons_total(const struct scope *scope)
{
	(void)scope;
	return SEKI_N_REASONS;
}

static int
reason_item(struct rte_tel_data *list, unsigned reason, const struct scope *scope)
{
	struct rte_tel_data *item = tel_dict(list, seki_reason_name(reason));
	struct seki_count ended[SEKI_N_DIRECTIONS] = {0}, all = {0}, observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = scope->first; z < scope->end; z++) {
		for (unsigned dir = 0; dir < SEKI_N_DIRECTIONS; dir++)
			ended[dir] = plus(ended[dir], the_sum->zone[z].by_reason[dir][reason]);
		observed = plus(observed, the_sum->zone[z].observed[reason]);
	}
	for (unsigned dir = 0; dir < SEKI_N_DIRECTIONS; dir++)
		all = plus(all, ended[dir]);
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(seki_reason_verdict(reason)));
	tel_number(item, "packets", all.packets);
	tel_number(item, "bytes", all.bytes);
	tel_number(item, "inbound_packets", ended[SEKI_DIR_INBOUND].packets);
	tel_number(item, "outbound_packets", ended[SEKI_DIR_OUTBOUND].packets);
	tel_number(item, "observed_packets", observed.packets);
	tel_number(item, "observed_bytes", observed.bytes);
	return 0;
}

static int
port_reason_item(struct rte_tel_data *list, unsigned reason, const struct scope *scope)
{
	struct rte_tel_data *item = tel_dict(list, seki_reason_name(reason));

	if (item == NULL)
		return -ENOMEM;
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(seki_reason_verdict(reason)));
	for (unsigned dir = 0; dir < SEKI_DIR_LOCAL; dir++) {
		struct seki_count ended = {0};

		for (unsigned p = scope->first; p < scope->end; p++)
			ended = plus(ended, the_sum->port[p].by_reason[dir][reason]);
		tel_count(item, seki_direction_name(dir), ended);
	}
	return 0;
}

static unsigned
vectors_total(const struct scope *scope)
{
	(void)scope;
	return SEKI_N_VECTORS;
}

static int
vector_item(struct rte_tel_data *list, unsigned vector, const struct scope *scope)
{
	struct rte_tel_data *item = tel_dict(list, seki_vector_name(vector));
	struct seki_count offered = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = scope->first; z < scope->end; z++)
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
info_port(struct rte_tel_data *list, unsigned index, const struct scope *scope)
{
	(void)scope;
	return tel_info_port(the_box, list, index);
}

static unsigned
cores_total(const struct scope *scope)
{
	(void)scope;
	return the_box->plan.n_rx;
}

static int
state_core(struct rte_tel_data *list, unsigned index, const struct scope *scope)
{
	(void)scope;
	return tel_state_core(the_box, list, index);
}

static int
top_head(struct rte_tel_data *d)
{
	rte_tel_data_add_dict_string(d, "addresses", box_policy(the_box)->names_sources ? "yes" : "no");
	return 0;
}

static unsigned
top_total(const struct scope *scope)
{
	return tel_top_collect(the_box, scope->first, scope->end);
}

static int
top_row(struct rte_tel_data *list, unsigned index, const struct scope *scope)
{
	(void)scope;
	return tel_top_row(the_box, list, index);
}

/* A reply: perhaps something about the whole, and a page of a list. */
static const struct command {
	const char *name;
	const char *help;
	const char *list;
	unsigned per_page;
	bool counts;                         /* needs the counters of all cores */
	const struct kind *by;               /* what the first parameter is; NULL: there is none */
	int (*head)(struct rte_tel_data *d); /* NULL: nothing */
	unsigned (*total)(const struct scope *scope);
	int (*item)(struct rte_tel_data *list, unsigned index, const struct scope *scope);
} commands[] = {
	{"/seki/info", "What runs, ports and cores. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE,
		false, NULL, info_head, ports_total, info_port},
	{"/seki/stats", "Totals, directions, ports. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE, true,
		NULL, stats_totals, ports_total, stats_port},
	{"/seki/zones", "Counters of each zone. Parameters: [offset,limit]", "zones", ZONES_PER_PAGE, true, NULL, NULL,
		zones_total, zone_item},
	{"/seki/reasons", "Packets by reason. Parameters: [zone[,offset,limit]], empty zone: all", "reasons",
		REASONS_PER_PAGE, true, &by_zone, NULL, reasons_total, reason_item},
	{"/seki/port_reasons",
		"Packets by reason and direction, of a port. Parameters: [port[,offset,limit]], empty port: all",
		"reasons", REASONS_PER_PAGE, true, &by_port, NULL, reasons_total, port_reason_item},
	{"/seki/vectors", "What was offered, by vector. Parameters: [zone[,offset,limit]], empty zone: all", "vectors",
		VECTORS_PER_PAGE, true, &by_zone, NULL, vectors_total, vector_item},
	{"/seki/state", "Tables of flows and sources of each RX core. Parameters: [offset,limit]", "cores",
		CORES_PER_PAGE, false, NULL, NULL, cores_total, state_core},
	{"/seki/top",
		"Who sends most, by name, if telemetry.addresses is true. Parameters: [sources|flows[,offset,limit]], empty: both",
		"rows", TOPS_PER_PAGE, false, &by_list, top_head, top_total, top_row},
};

static int
tell(const struct command *command, const char *params, struct rte_tel_data *d)
{
	struct scope scope = {0};
	struct rte_tel_data *list;
	struct params_page page;
	int ret = command->by != NULL ? take_scope(&params, command->by, &scope) : 0;

	if (ret == 0)
		ret = params_page(&params, command->total(&scope), command->per_page, &page);
	if (ret != 0)
		return ret;
	if (command->counts)
		box_count(the_box, the_sum);
	if (command->by != NULL)
		rte_tel_data_add_dict_string(d, command->by->key, scope.name);
	tel_page(d, &page);
	if (command->head != NULL)
		ret = command->head(d);
	list = tel_dict(d, command->list);
	for (uint64_t i = page.offset; i < page.end && ret == 0; i++)
		ret = list == NULL ? -ENOMEM : command->item(list, (unsigned)i, &scope);
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
