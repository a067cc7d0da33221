/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_counts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

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
control_refused(const struct tel_view *v, unsigned way)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < v->box->n_workers; i++)
		sum += __atomic_load_n(&v->box->worker[i]->path.pipe.routed.refused[way], __ATOMIC_RELAXED);
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

int
tel_totals(const struct tel_view *v, struct rte_tel_data *d)
{
	struct seki_balance balance;

	seki_stats_balance(v->sum, &balance);
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
		for (unsigned p = 0; p < v->box->n_ports; p++) {
			passed = plus(passed, sum_verdict(v->sum->port[p].by_reason[dir], SEKI_VERDICT_PASS));
			dropped = plus(dropped, sum_verdict(v->sum->port[p].by_reason[dir], SEKI_VERDICT_DROP));
		}
		tel_count(way, "pass", passed);
		tel_count(way, "drop", dropped);
		tel_number(way, "control_refused", control_refused(v, dir));
	}
	return 0;
}

unsigned
tel_ports(const struct tel_view *v)
{
	return v->box->n_ports;
}

int
tel_port(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	struct port *port = &v->box->port[index];
	struct rte_tel_data *item = tel_item(list, "port", port->index);
	const struct seki_stats_port *count = &v->sum->port[port->index];
	struct rte_eth_stats eth;

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

unsigned
tel_zones(const struct tel_view *v)
{
	const struct seki_policy *policy = box_policy(v->box);
	unsigned n = 1;

	for (unsigned z = 1; z < policy->zone_id_end; z++)
		if (policy->zone[z].name[0] != '\0')
			zone_id[n++] = (uint16_t)z;
	return n;
}

int
tel_zone(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	unsigned id = zone_id[index];
	struct rte_tel_data *item = tel_item(list, "zone", id);
	const struct seki_policy_zone *zone = &box_policy(v->box)->zone[id];
	const struct seki_stats_zone *count = &v->sum->zone[id];
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

/* Reason 0, "none", comes too: a number above 0 there is a bug that must be seen. */
unsigned
tel_reasons(const struct tel_view *v)
{
	(void)v;
	return SEKI_N_REASONS;
}

int
tel_reason(const struct tel_view *v, struct rte_tel_data *list, unsigned reason)
{
	struct rte_tel_data *item = tel_dict(list, seki_reason_name(reason));
	struct seki_count ended[SEKI_N_DIRECTIONS] = {0}, all = {0}, observed = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = v->first; z < v->end; z++) {
		for (unsigned dir = 0; dir < SEKI_N_DIRECTIONS; dir++)
			ended[dir] = plus(ended[dir], v->sum->zone[z].by_reason[dir][reason]);
		observed = plus(observed, v->sum->zone[z].observed[reason]);
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

int
tel_port_reason(const struct tel_view *v, struct rte_tel_data *list, unsigned reason)
{
	struct rte_tel_data *item = tel_dict(list, seki_reason_name(reason));

	if (item == NULL)
		return -ENOMEM;
	rte_tel_data_add_dict_string(item, "verdict", seki_verdict_name(seki_reason_verdict(reason)));
	for (unsigned dir = 0; dir < SEKI_DIR_LOCAL; dir++) {
		struct seki_count ended = {0};

		for (unsigned p = v->first; p < v->end; p++)
			ended = plus(ended, v->sum->port[p].by_reason[dir][reason]);
		tel_count(item, seki_direction_name(dir), ended);
	}
	return 0;
}

unsigned
tel_vectors(const struct tel_view *v)
{
	(void)v;
	return SEKI_N_VECTORS;
}

int
tel_vector(const struct tel_view *v, struct rte_tel_data *list, unsigned vector)
{
	struct rte_tel_data *item = tel_dict(list, seki_vector_name(vector));
	struct seki_count offered = {0};

	if (item == NULL)
		return -ENOMEM;
	for (unsigned z = v->first; z < v->end; z++)
		offered = plus(offered, v->sum->zone[z].vector[vector]);
	tel_number(item, "packets", offered.packets);
	tel_number(item, "bytes", offered.bytes);
	return 0;
}
