/* SPDX-License-Identifier: BSD-3-Clause */
#include "telemetry.h"

#include "tel_baseline.h"
#include "tel_counts.h"
#include "tel_explain.h"
#include "tel_guard.h"
#include "tel_incident.h"
#include "tel_info.h"
#include "tel_reply.h"
#include "tel_state.h"
#include "tel_subject.h"

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
#define INCIDENTS_PER_PAGE 8
#define POSTURES_PER_PAGE 10
#define SAMPLES_PER_PAGE 24
#define BASELINES_PER_PAGE 12

/* One lock for all commands: it guards these two, and that the box is there. */
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static struct box *the_box;
static struct seki_stats *the_sum;

/* Zone id of a name, or -1. */
static int
find_zone(const char *name)
{
	return tel_find_zone(the_box, name);
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
	bool then_vector; /* the parameter behind it is a vector */
};

static const struct kind by_zone = {"zone", SEKI_ZONES_MAX, find_zone, false};
static const struct kind by_zone_and_vector = {"zone", SEKI_ZONES_MAX, find_zone, true};
static const struct kind by_port = {"port", SEKI_PORTS_MAX, find_port, false};
static const struct kind by_list = {"list", SEKI_N_TOPS, tel_top_find, false};

/* Takes a name from the parameters: one of the kind, or all if it is empty. 0 or -ENOENT. */
static int
take_name(const char **params, const struct kind *kind, struct tel_view *v)
{
	int id;

	v->end = kind->n_max;
	params_word(params, v->name, sizeof(v->name));
	if (v->name[0] == '\0')
		return 0;
	id = kind->find(v->name);
	if (id < 0)
		return -ENOENT;
	v->first = (unsigned)id;
	v->end = v->first + 1;
	return 0;
}

/* Takes the name of a vector, and says it in the reply; empty: all. 0 or -ENOENT. */
static int
take_vector(const char **params, struct tel_view *v, struct rte_tel_data *d)
{
	char name[TEL_VECTOR_MAX];
	int vector;

	params_word(params, name, sizeof(name));
	vector = name[0] == '\0' ? SEKI_VECTOR_NONE : tel_find_vector(name);
	if (vector < 0)
		return -ENOENT;
	v->vector = (unsigned)vector;
	return rte_tel_data_add_dict_string(d, "vector", name);
}

static int
info_head(const struct tel_view *v, struct rte_tel_data *d)
{
	tel_info(v->box, d);
	return 0;
}

static int
info_port(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	return tel_info_port(v->box, list, index);
}

static unsigned
cores_total(const struct tel_view *v)
{
	return v->box->plan.n_rx;
}

static int
state_core(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	return tel_state_core(v->box, list, index);
}

static int
top_head(const struct tel_view *v, struct rte_tel_data *d)
{
	rte_tel_data_add_dict_string(d, "addresses", box_policy(v->box)->names_sources ? "yes" : "no");
	return 0;
}

static unsigned
top_total(const struct tel_view *v)
{
	return tel_top_collect(v->box, v->first, v->end);
}

static int
top_row(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	return tel_top_row(v->box, list, index);
}

/* A reply: perhaps something about the whole, and a page of a list. */
static const struct command {
	const char *name;
	const char *help;
	const char *list;
	unsigned per_page;
	bool counts;           /* needs the counters of all cores */
	const struct kind *by; /* what the first parameter is; NULL: there is none */
	int (*head)(const struct tel_view *v, struct rte_tel_data *d); /* NULL: nothing */
	unsigned (*total)(const struct tel_view *v);
	int (*item)(const struct tel_view *v, struct rte_tel_data *list, unsigned index);
} commands[] = {
	{"/seki/info", "What runs, ports and cores. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE,
		false, NULL, info_head, tel_ports, info_port},
	{"/seki/stats", "Totals, directions, ports. Parameters: [offset,limit] of ports", "ports", PORTS_PER_PAGE, true,
		NULL, tel_totals, tel_ports, tel_port},
	{"/seki/zones", "Counters of each zone. Parameters: [offset,limit]", "zones", ZONES_PER_PAGE, true, NULL, NULL,
		tel_zones, tel_zone},
	{"/seki/reasons", "Packets by reason. Parameters: [zone[,offset,limit]], empty zone: all", "reasons",
		REASONS_PER_PAGE, true, &by_zone, NULL, tel_reasons, tel_reason},
	{"/seki/port_reasons",
		"Packets by reason and direction, of a port. Parameters: [port[,offset,limit]], empty port: all",
		"reasons", REASONS_PER_PAGE, true, &by_port, NULL, tel_reasons, tel_port_reason},
	{"/seki/vectors", "What was offered, by vector. Parameters: [zone[,offset,limit]], empty zone: all", "vectors",
		VECTORS_PER_PAGE, true, &by_zone, NULL, tel_vectors, tel_vector},
	{"/seki/state", "Tables of flows and sources of each RX core. Parameters: [offset,limit]", "cores",
		CORES_PER_PAGE, false, NULL, NULL, cores_total, state_core},
	{"/seki/top",
		"Who sends most, by name, if telemetry.addresses is true. Parameters: [sources|flows[,offset,limit]], empty: both",
		"rows", TOPS_PER_PAGE, false, &by_list, top_head, top_total, top_row},
	{"/seki/incidents", "Attacks, the youngest first. Parameters: [offset,limit]", "incidents", INCIDENTS_PER_PAGE,
		false, NULL, NULL, tel_incidents, tel_incident},
	{"/seki/posture",
		"What is done about which vector in which zone, and since when. Parameters: [zone[,offset,limit]], empty: all",
		"postures", POSTURES_PER_PAGE, false, &by_zone, NULL, tel_postures, tel_posture},
	{"/seki/samples",
		"Samples of what was dropped or held back. Parameters: [zone[,offset,limit]], empty zone: all",
		"samples", SAMPLES_PER_PAGE, false, &by_zone, NULL, tel_samples, tel_sample},
	{"/seki/baseline",
		"What was learned of which vector, and what limit that suggests. Parameters: "
		"[zone[,vector[,offset,limit]]], empty: all",
		"baselines", BASELINES_PER_PAGE, false, &by_zone_and_vector, tel_baseline_head, tel_baselines,
		tel_baseline},
};

/* Replies that are no list. */
static const struct {
	const char *name;
	const char *help;
	int (*tell)(struct box *box, const char *params, struct rte_tel_data *d);
} others[] = {
	{"/seki/detect", "Figures of the detector itself. Parameters: none", tel_detect},
	{"/seki/incident", "One attack. Parameters: id[,vectors|targets|decisions|timeline|drops[,offset,limit]]",
		tel_one_incident},
	{"/seki/explain",
		"Why a sample was dropped, or what would become of a packet. Parameters: number, or "
		"proto,src,sport,dst,dport[,domain]",
		tel_explain},
	{"/seki/override",
		"Sets what is done about a vector, for a time. Parameters: "
		"zone,vector,step|none|auto,seconds",
		tel_override},
	{"/seki/baseline_accept",
		"Vouches for a rate of clean traffic of a vector. Parameters: zone,vector,accept,pps[,bps]; 0: no more "
		"than is learned",
		tel_baseline_accept},
	{"/seki/baseline_forget", "Forgets what was learned of a vector. Parameters: zone,vector,forget",
		tel_baseline_forget},
};

static int
tell(const struct command *command, const char *params, struct rte_tel_data *d)
{
	struct tel_view v = {.box = the_box, .sum = the_sum};
	struct rte_tel_data *list;
	struct params_page page;
	int ret = command->by != NULL ? take_name(&params, command->by, &v) : 0;

	if (ret == 0 && command->by != NULL && command->by->then_vector)
		ret = take_vector(&params, &v, d);
	if (ret == 0)
		ret = params_page(&params, command->total(&v), command->per_page, &page);
	if (ret != 0)
		return ret;
	if (command->counts)
		box_count(the_box, the_sum);
	if (command->by != NULL)
		rte_tel_data_add_dict_string(d, command->by->key, v.name);
	tel_page(d, &page);
	if (command->head != NULL)
		ret = command->head(&v, d);
	list = tel_dict(d, command->list);
	for (uint64_t i = page.offset; i < page.end && ret == 0; i++)
		ret = list == NULL ? -ENOMEM : command->item(&v, list, (unsigned)i);
	return ret;
}

/* By the command's name, under the locks. */
static int
tell_any(const char *name, const char *params, struct rte_tel_data *d)
{
	for (unsigned i = 0; i < RTE_DIM(commands); i++)
		if (strcmp(commands[i].name, name) == 0)
			return tell(&commands[i], params, d);
	for (unsigned i = 0; i < RTE_DIM(others); i++)
		if (strcmp(others[i].name, name) == 0)
			return others[i].tell(the_box, params == NULL ? "" : params, d);
	return -ENOENT;
}

static int
answer(const char *name, const char *params, struct rte_tel_data *d)
{
	int ret = -ENOENT;

	rte_tel_data_start_dict(d);
	pthread_mutex_lock(&gate);
	if (the_box != NULL) {
		pthread_mutex_lock(&the_box->lock);
		ret = tell_any(name, params, d);
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
	for (unsigned i = 0; i < RTE_DIM(others) && ret == 0; i++)
		ret = rte_telemetry_register_cmd(others[i].name, answer, others[i].help);
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
