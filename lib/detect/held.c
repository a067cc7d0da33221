/* SPDX-License-Identifier: BSD-3-Clause */
#include "held.h"

/* What is not more than the limit in a second, nor than one and a half times it in two ticks, is within it. */
static void
nominate_lane(struct nominee *least, unsigned lane, uint64_t limit)
{
	bool none = limit == 0 || limit > UINT32_MAX;

	least->second[lane] = none ? UINT32_MAX : (uint32_t)limit;
	least->tick[lane] = none ? UINT32_MAX : (uint32_t)(3 * limit / 20);
}

static struct nominee
nominate(const struct seki_limits *limits, enum seki_level level, unsigned vector)
{
	struct seki_rate limit = limits == NULL ? (struct seki_rate){0} : limits->at[level][vector];
	struct nominee least;

	nominate_lane(&least, 0, limit.pps);
	nominate_lane(&least, 1, units_of(limit.bps));
	return least;
}

void
held_watch(struct watched *w, const struct seki_limits *limits)
{
	*w = (struct watched){.limits = limits, .told = w->told + 1};
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		w->least_host[v] = nominate(limits, SEKI_LEVEL_HOST, v);
		w->least_block[v] = nominate(limits, SEKI_LEVEL_BLOCK, v);
		w->shares |= limits != NULL && limits->share_pct[v] != 0;
	}
	w->capacity = limits != NULL && (limits->capacity.pps | limits->capacity.bps) != 0;
}

/* The largest frame, without its checksum. */
#define FULL_UNITS ((PKT_MTU_MAX + 14 + SEKI_BLOCK_UNIT - 1) / SEKI_BLOCK_UNIT)

uint32_t
held_whole(const struct watched *w, unsigned row)
{
	uint32_t packets, units;

	if (row >= SEKI_N_VECTORS)
		return UINT32_MAX;
	/* A third of one and a half times the limit. */
	packets = w->least_host[row].tick[0] / 3;
	units = w->least_host[row].tick[1] / 3;
	return packets < units / FULL_UNITS ? packets : units / FULL_UNITS;
}

/* The first limit that is not before `wanted`. */
static unsigned
first_from(const struct seki_limits *limits, const struct seki_own_limit *wanted)
{
	unsigned low = 0, high = limits->n_own;

	while (low < high) {
		unsigned middle = low + (high - low) / 2;

		if (seki_own_limit_compare(&limits->own[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Limits of a level whose addresses are from `from` to `to`. Returns how many; *first is the first one. */
static uint16_t
find_range(const struct seki_limits *limits, struct seki_own_limit from, uint64_t to, uint32_t *first)
{
	unsigned at = first_from(limits, &from), end = at;

	while (end < limits->n_own && limits->own[end].family == from.family && limits->own[end].level == from.level &&
		limits->own[end].address <= to)
		end++;
	*first = at;
	return (uint16_t)(end - at);
}

void
held_find(const struct watched *w, struct node *node)
{
	struct seki_own_limit from = {.address = node->address, .family = node->family, .level = node->level};

	if (node->told == w->told)
		return;
	node->told = w->told;
	node->n_own = node->n_own_hosts = 0;
	if (w->limits == NULL || w->limits->n_own == 0 || node->level == SEKI_LEVEL_ZONE)
		return;
	node->n_own = find_range(w->limits, from, node->address, &node->own);
	if (node->level != SEKI_LEVEL_BLOCK || node->family != 4)
		return;
	from.level = SEKI_LEVEL_HOST;
	node->n_own_hosts = find_range(w->limits, from, node->address + SEKI_BLOCK_HOSTS - 1, &node->own_hosts);
}

/* The limit of its own that the place has for this vector; NULL: none. */
static const struct seki_own_limit *
own_limit(const struct watched *w, const struct node *node, unsigned host, unsigned vector)
{
	const struct seki_own_limit *own = w->limits->own + (host == HOST_NONE ? node->own : node->own_hosts);
	unsigned n = host == HOST_NONE ? node->n_own : node->n_own_hosts;
	uint64_t address = node->address + (host == HOST_NONE ? 0 : host);

	for (unsigned i = 0; i < n; i++)
		if (own[i].vector == vector && own[i].address == address)
			return &own[i];
	return NULL;
}

/* 0 is no limit. */
static uint64_t
lower(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Of a zone that is over its capacity as much of a vector is within it as the vector has of all. */
static uint64_t
within(uint64_t capacity, uint64_t part, uint64_t all)
{
	unsigned __int128 share = (unsigned __int128)capacity * part;

	return capacity == 0 || all <= capacity ? 0 : (uint64_t)(share / all) + 1;
}

static struct seki_rate
zone_limit(const struct watched *w, const struct node *zone, unsigned vector)
{
	struct seki_rate limit = w->limits->at[SEKI_LEVEL_ZONE][vector];
	unsigned pct = w->limits->share_pct[vector];
	const struct cell *cell = zone->cell[vector];

	if (pct != 0) {
		uint64_t share = w->pps * pct / 100;

		limit.pps = lower(limit.pps, share > SEKI_SHARE_FLOOR_PPS ? share : SEKI_SHARE_FLOOR_PPS);
	}
	if (w->largest == vector && vector != SEKI_VECTOR_NONE && cell != NULL) {
		limit.pps = lower(limit.pps, within(w->limits->capacity.pps, cell->packets.in_second, w->pps));
		limit.bps = lower(limit.bps,
			within(w->limits->capacity.bps, (uint64_t)cell->units.in_second * UNIT_BITS, w->bps));
	}
	return limit;
}

static uint64_t
of_both(uint64_t own, uint64_t level, bool at_least)
{
	if (own == SEKI_RATE_OF_LEVEL)
		return level;
	if (!at_least)
		return own;
	return own == 0 || level == 0 ? 0 : own > level ? own : level;
}

struct seki_rate
held_to(const struct watched *w, const struct node *node, unsigned host, unsigned vector)
{
	struct seki_rate level = w->limits->at[host != HOST_NONE ? SEKI_LEVEL_HOST : node->level][vector];
	const struct seki_own_limit *own;

	if (node->level == SEKI_LEVEL_ZONE)
		return zone_limit(w, node, vector);
	own = own_limit(w, node, host, vector);
	if (own == NULL)
		return level;
	return (struct seki_rate){
		of_both(own->rate.pps, level.pps, own->at_least), of_both(own->rate.bps, level.bps, own->at_least)};
}

unsigned
held_from(const struct watched *w, const struct node *node, unsigned host, unsigned vector)
{
	if (node->level != SEKI_LEVEL_ZONE && own_limit(w, node, host, vector) != NULL)
		return SEKI_LIMIT_CONFIGURED;
	if (node->level == SEKI_LEVEL_ZONE && w->largest == vector)
		return SEKI_LIMIT_CONFIGURED;
	return host != HOST_NONE ? w->limits->host_from[vector] : w->limits->from[vector];
}

/*
 * The vector that answers for a row: its own, or of known TCP that of requests for connections, the only thing of
 * theirs that can be refused without a customer's connection being cut. Other known packets have none.
 */
static unsigned
answers_for(unsigned row)
{
	if (row < SEKI_N_VECTORS)
		return row;
	return row - SEKI_ROW_KNOWN == SEKI_CLASS_TCP || row - SEKI_ROW_KNOWN == SEKI_CLASS_SYN ? SEKI_VECTOR_TCP_SYN
												: SEKI_VECTOR_NONE;
}

void
held_sum(struct watched *w, struct node *zone, uint32_t tick)
{
	struct seki_rate capacity = w->limits->capacity;
	unsigned most_packets = 0, most_units = 0;
	uint32_t packets = 0, units = 0;

	w->pps = w->bps = 0;
	for (unsigned row = 0; row < SEKI_N_ROWS; row++) {
		struct cell *cell = zone->cell[row];

		if (cell == NULL)
			continue;
		cell_advance(cell, tick);
		w->pps += cell->packets.in_second;
		w->bps += (uint64_t)cell->units.in_second * UNIT_BITS;
		if (cell->packets.in_second > packets) {
			packets = cell->packets.in_second;
			most_packets = row;
		}
		if (cell->units.in_second > units) {
			units = cell->units.in_second;
			most_units = row;
		}
	}
	w->largest = SEKI_VECTOR_NONE;
	if (capacity.pps != 0 && w->pps > capacity.pps)
		w->largest = (uint8_t)answers_for(most_packets);
	else if (capacity.bps != 0 && w->bps > capacity.bps)
		w->largest = (uint8_t)answers_for(most_units);
}
