/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t
read_number(const uint64_t *number)
{
	return __atomic_load_n(number, __ATOMIC_RELAXED);
}

/* Its load, and what became of newcomers. */
static int
add_table(struct rte_tel_data *d, const char *name, const struct seki_cuckoo *table)
{
	static const char *const ranks[SEKI_CUCKOO_RANKS] = {
		"evicted_weak", "evicted_half", "evicted_open", "evicted_verified"};
	struct rte_tel_data *t = tel_dict(d, name);

	if (t == NULL)
		return -ENOMEM;
	tel_number(t, "slots", seki_cuckoo_slots(table));
	tel_number(t, "used", __atomic_load_n(&table->used, __ATOMIC_RELAXED));
	tel_number(t, "inserted", read_number(&table->stats.inserted));
	tel_number(t, "moved", read_number(&table->stats.moved));
	tel_number(t, "refused", read_number(&table->stats.refused));
	for (unsigned r = 0; r < SEKI_CUCKOO_RANKS; r++)
		tel_number(t, ranks[r], read_number(&table->stats.evicted[r]));
	tel_number(t, "swept", read_number(&table->stats.swept));
	return 0;
}

static uint64_t
picked_up(const struct seki_flows *flows)
{
	uint64_t sum = 0;

	for (unsigned zone = 0; zone < SEKI_CUCKOO_GROUPS; zone++)
		sum += read_number(&flows->picked_up[zone]);
	return sum;
}

static void
add_flows(struct rte_tel_data *d, const struct seki_flows *flows)
{
	const struct seki_flow_stats *stats = &flows->stats;

	tel_number(d, "verified", read_number(&stats->verified));
	tel_number(d, "picked_up", picked_up(flows));
	tel_number(d, "asked", read_number(&stats->asked));
	tel_number(d, "answered", read_number(&stats->answered));
	tel_number(d, "closed", read_number(&stats->closed));
	tel_number(d, "fragmented", read_number(&stats->fragmented));
	tel_number(d, "not_tracked", read_number(&stats->refused));
}

static void
add_sources(struct rte_tel_data *d, const struct seki_source_stats *stats)
{
	tel_number(d, "nominated", read_number(&stats->nominated));
	tel_number(d, "not_nominated", read_number(&stats->not_nominated));
	tel_number(d, "sources_verified", read_number(&stats->verified));
	tel_number(d, "sources_blocked", read_number(&stats->blocked));
}

int
tel_state_core(const struct box *box, struct rte_tel_data *list, unsigned index)
{
	const struct worker *w = box->worker[box->plan.rx_core[index]];
	struct rte_tel_data *item = tel_item(list, "core", index);
	int ret;

	if (item == NULL)
		return -ENOMEM;
	tel_number(item, "cpu", box->spec.core[w->core].cpu);
	tel_number(item, "bytes", w->state.bytes);
	if (w->state.flows == NULL)
		return 0;
	add_flows(item, w->state.flows);
	add_sources(item, &w->state.sources->stats);
	ret = add_table(item, "flows", &w->state.flows->table);
	if (ret == 0)
		ret = add_table(item, "rates", &w->state.sources->rates);
	return ret == 0 ? add_table(item, "known", &w->state.sources->known) : ret;
}

static const char *const list_names[SEKI_N_TOPS] = {
	[SEKI_TOP_SOURCES] = "sources",
	[SEKI_TOP_FLOWS] = "flows",
};

int
tel_top_find(const char *name)
{
	for (unsigned i = 0; i < SEKI_N_TOPS; i++)
		if (strcmp(list_names[i], name) == 0)
			return (int)i;
	return -1;
}

/* What was collected last; under the lock that guards all replies. */
static struct heavy {
	struct seki_top_rate rate;
	enum seki_top_list list;
} heavy[SEKI_N_TOPS * SEKI_TOP_ROWS * SEKI_CORES_MAX];

/* By list, then the heaviest first. */
static int
compare(const void *a, const void *b)
{
	const struct heavy *x = a, *y = b;

	if (x->list != y->list)
		return x->list < y->list ? -1 : 1;
	return (x->rate.pps < y->rate.pps) - (x->rate.pps > y->rate.pps);
}

static unsigned
collect_core(const struct seki_sources *sources, enum seki_top_list list, uint64_t now_ns, struct heavy *out)
{
	struct seki_top_rate rate[SEKI_TOP_ROWS];
	unsigned n = seki_top_read(&sources->top[list], now_ns, rate);

	for (unsigned i = 0; i < n; i++)
		out[i] = (struct heavy){rate[i], list};
	return n;
}

unsigned
tel_top_collect(const struct box *box, unsigned first, unsigned end)
{
	uint64_t now_ns = clock_mono_ns(&box->clock);
	unsigned n = 0;

	for (unsigned r = 0; r < box->plan.n_rx; r++) {
		const struct state *state = &box->worker[box->plan.rx_core[r]]->state;

		/* What was written down under an earlier policy is no longer to be told, cleared or not. */
		if (state->sources == NULL || !box_policy(box)->names_sources)
			continue;
		for (unsigned list = first; list < end && list < SEKI_N_TOPS; list++)
			n += collect_core(state->sources, list, now_ns, &heavy[n]);
	}
	qsort(heavy, n, sizeof(heavy[0]), compare);
	return n;
}

static void
add_address(struct rte_tel_data *d, const char *name, const union pkt_addr *addr, uint8_t l3, uint8_t len6)
{
	struct seki_prefix prefix = {.family = l3 == PKT_L3_IP4 ? 4 : 6, .len = l3 == PKT_L3_IP4 ? 32 : len6};
	char text[SEKI_PREFIX_STRLEN];

	memcpy(prefix.addr, addr->b, prefix.len / 8u);
	rte_tel_data_add_dict_string(d, name, seki_prefix_format(&prefix, text));
}

int
tel_top_row(const struct box *box, struct rte_tel_data *list, unsigned index)
{
	const struct heavy *h = &heavy[index];
	const struct seki_top_row *row = &h->rate.row;
	struct rte_tel_data *item = tel_item(list, "row", index);

	if (item == NULL)
		return -ENOMEM;
	rte_tel_data_add_dict_string(item, "list", list_names[h->list]);
	rte_tel_data_add_dict_string(item, "zone", box_policy(box)->zone[row->zone].name);
	tel_number(item, "domain", row->domain);
	add_address(item, "client", &row->client, row->l3, h->list == SEKI_TOP_SOURCES ? 64 : 128);
	if (h->list == SEKI_TOP_FLOWS) {
		tel_number(item, "client_port", row->client_port);
		add_address(item, "inside", &row->inside, row->l3, 128);
		tel_number(item, "inside_port", row->inside_port);
		tel_number(item, "protocol", row->proto);
	}
	tel_number(item, "pps", h->rate.pps);
	tel_number(item, "bps", h->rate.bps);
	return 0;
}
