/* SPDX-License-Identifier: BSD-3-Clause */
#include "carpet.h"

#include "room.h"

#include <stdlib.h>

/* What narrowed prefixes hold of the vector, in percent. */
#define HOLD_PCT 97

struct block_rate {
	const struct leaf *leaf;
	uint32_t pps;
};

void
findings_fini(struct findings *f)
{
	free(f->at);
	free(f->item);
	free(f->block);
	*f = (struct findings){.n = 0};
}

size_t
findings_bytes(const struct findings *f)
{
	return f->room * sizeof(*f->at) + f->item_room * sizeof(*f->item) + f->block_room * sizeof(*f->block);
}

static int
by_zone_vector_level(const void *a, const void *b)
{
	const struct over *x = a, *y = b;
	unsigned lx = x->host != HOST_NONE ? SEKI_LEVEL_HOST : x->node->level;
	unsigned ly = y->host != HOST_NONE ? SEKI_LEVEL_HOST : y->node->level;

	if (x->node->zone != y->node->zone)
		return x->node->zone < y->node->zone ? -1 : 1;
	if (x->vector != y->vector)
		return x->vector < y->vector ? -1 : 1;
	return (lx > ly) - (lx < ly);
}

struct seki_target
node_prefix(const struct node *node)
{
	return level_prefix(node->family, node->level, node->address);
}

static struct seki_target
prefix_of(const struct node *node, unsigned host)
{
	struct seki_target t = node_prefix(node);

	if (host != HOST_NONE && node->family == 4) {
		t.net |= (uint64_t)host << 32;
		t.len = 32;
	}
	return t;
}

static void
add_item(struct findings *f, uint32_t *n, struct seki_target prefix)
{
	if (room_for(&f->item, &f->item_room, *n, sizeof(*f->item)))
		f->item[(*n)++] = target_item_of(prefix);
}

static uint32_t
pps_of(const struct node *node, unsigned vector, uint32_t tick)
{
	struct cell *cell = node->cell[vector];
	uint32_t two;

	if (cell == NULL)
		return 0;
	cell_advance(cell, tick);
	two = 5 * span_in_two(&cell->packets, cell->at);
	return cell->packets.in_second > two ? cell->packets.in_second : two;
}

/* What is reported of a node so far, in this finding. */
static uint32_t
covered(const struct findings *f, const struct node *node)
{
	return node->finding == f->passes ? node->covered : 0;
}

static void
cover(const struct findings *f, struct node *node, uint32_t pps)
{
	for (; node != NULL; node = node->parent) {
		node->covered = covered(f, node) + pps;
		node->finding = f->passes;
	}
}

/*
 * The rate of which this holds: blocks that are as busy or busier have `wanted` packets a second between them, and
 * those that are busier have less. A digit at a time, the highest first: as much work whatever the rates are. Where all
 * of them have less than `wanted` it is 0.
 */
static uint32_t
least_rate(const struct block_rate *block, uint32_t n, uint64_t wanted)
{
	uint32_t rate = 0, known = 0;

	for (int shift = 24; shift >= 0; shift -= 8) {
		uint64_t sum[256] = {0};
		int digit = 255;

		for (uint32_t i = 0; i < n; i++)
			if ((block[i].pps & known) == rate)
				sum[block[i].pps >> shift & 255] += block[i].pps;
		for (; digit > 0 && sum[digit] < wanted; digit--)
			wanted -= sum[digit];
		rate |= (uint32_t)digit << shift;
		known |= UINT32_C(255) << shift;
	}
	return rate;
}

/* The blocks of a node that the vector comes to, by their addresses, into f->block. Returns how many there are. */
static uint32_t
gather_blocks(struct findings *f, const struct collect *c, const struct node *node, unsigned vector)
{
	struct leaf_range range = node->level == SEKI_LEVEL_ZONE
					  ? leaves_of_zone(&c->tree.leaves, node->zone)
					  : leaves_in(&c->tree.leaves, node->zone, node_prefix(node));
	uint32_t n = 0;

	for (uint32_t i = 0; i < range.n; i++) {
		uint32_t pps;

		tree_prefetch_cells(range, i, UINT64_C(1) << vector);
		pps = pps_of(range.at[i].node, vector, c->tick);
		if (pps != 0 && room_for(&f->block, &f->block_room, n, sizeof(*f->block)))
			f->block[n++] = (struct block_rate){&range.at[i], pps};
	}
	return n;
}

/* It is in what has no block that too much of the vector comes to the zone: nobody knows to whom. */
static bool
is_in_rest(const struct collect *c, const struct over *over)
{
	struct seki_rate zone = c->zone[over->node->zone].limits->at[SEKI_LEVEL_ZONE][over->vector];
	uint64_t limit = seki_rate_in_packets(zone, over->pps, over->bps);
	const struct node *node = tree_look(&c->tree, over->node->zone, 0, SEKI_LEVEL_WIDE, 0);
	uint32_t rest = node == NULL ? 0 : pps_of(node, over->vector, c->tick);

	return (limit != 0 && rest > limit) || 2 * (uint64_t)rest > over->pps;
}

/*
 * The busiest blocks of a prefix, as many as hold HOLD_PCT of what it is reported for; if blocks do not tell of so much
 * (there was no room for them), the prefix itself, or all of the zone.
 */
static void
narrow(struct findings *f, const struct collect *c, const struct over *over, uint32_t *n_items)
{
	uint64_t sum = 0, wanted = (uint64_t)over->pps * HOLD_PCT / 100;
	uint32_t n, least;

	if (over->node->level == SEKI_LEVEL_ZONE && is_in_rest(c, over)) {
		add_item(f, n_items, (struct seki_target){.family = 4});
		add_item(f, n_items, (struct seki_target){.family = 6});
		return;
	}
	n = gather_blocks(f, c, over->node, over->vector);
	for (uint32_t i = 0; i < n; i++)
		sum += f->block[i].pps;
	if (sum < wanted && over->node->level != SEKI_LEVEL_ZONE) {
		add_item(f, n_items, prefix_of(over->node, HOST_NONE));
		return;
	}
	/* Of those that are as busy as the last one none is left out. */
	least = least_rate(f->block, n, sum * HOLD_PCT / 100);
	for (uint32_t i = 0; i < n; i++)
		if (f->block[i].pps >= least)
			add_item(f, n_items, leaf_prefix(f->block[i].leaf));
}

/* What a place is reported for; nothing if the places below it account for all that is too much. */
static uint32_t
conditioned(const struct findings *f, const struct collect *c, const struct over *over)
{
	struct seki_rate held = held_to(&c->zone[over->node->zone], over->node, HOST_NONE, over->vector);
	uint64_t limit = seki_rate_in_packets(held, over->pps, over->bps);
	uint32_t below = covered(f, over->node), left = over->pps > below ? over->pps - below : 0;

	if (below == 0)
		return over->pps;
	return limit != 0 && left > limit ? left : 0;
}

/* What of these vectors came to the hosts of a block within a second, or-ed: 0 is nothing. */
static void
or_hosts(const struct node *block, uint64_t vectors, uint32_t tick, uint32_t came[SEKI_BLOCK_HOSTS])
{
	for (; vectors != 0; vectors &= vectors - 1) {
		struct cell *cell = block->cell[__builtin_ctzll(vectors)];

		if (cell == NULL)
			continue;
		if (cell->hosts == NULL) { /* not told apart: there is one */
			cell_advance(cell, tick);
			came[0] |= cell->packets.in_second;
			continue;
		}
		hosts_advance(cell->hosts, tick);
		for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
			came[h] |= cell->hosts->in_second[2 * h];
	}
}

uint32_t
node_active_hosts(const struct node *block, struct seki_target target, uint64_t vectors, uint32_t tick)
{
	uint32_t came[SEKI_BLOCK_HOSTS] = {0}, n = 0;

	or_hosts(block, vectors, tick, came);
	if (target.len > seki_level_len(target.family, SEKI_LEVEL_BLOCK)) /* one host, of IPv4 */
		return came[target.net >> 32 & (SEKI_BLOCK_HOSTS - 1)] != 0;
	for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
		n += came[h] != 0;
	return n;
}

uint32_t
targets_count_hosts(
	const struct collect *c, uint16_t zone, unsigned vector, const struct seki_target *target, unsigned n)
{
	uint32_t hosts = 0;

	for (unsigned t = 0; t < n; t++) {
		struct leaf_range range = leaves_in(&c->tree.leaves, zone, target[t]);

		for (uint32_t i = 0; i < range.n; i++) {
			tree_prefetch_cells(range, i, UINT64_C(1) << vector);
			hosts += node_active_hosts(range.at[i].node, target[t], UINT64_C(1) << vector, c->tick);
		}
	}
	return hosts;
}

/* What came to a place in this tick, of the part `pps` that it is reported for. */
static uint64_t
now_of(const struct over *over, uint32_t pps)
{
	return over->pps == 0 ? 0 : (uint64_t)over->now * pps / over->pps;
}

static uint64_t
excess_of(const struct over *over, uint32_t pps, struct seki_rate held)
{
	uint64_t limit = seki_rate_in_packets(held, over->pps, over->bps), now = now_of(over, pps);

	return limit != 0 && now > limit ? now - limit : 0;
}

/* All places of one zone and vector, from hosts upwards. */
static void
make_one(struct findings *f, struct collect *c, const struct over *over, uint32_t n)
{
	const struct watched *w = &c->zone[over->node->zone];
	struct finding *finding;
	uint32_t n_items = 0;

	if (!room_for(&f->at, &f->room, f->n, sizeof(*f->at)))
		return;
	finding = &f->at[f->n];
	*finding = (struct finding){.zone = over->node->zone, .vector = over->vector};
	f->passes++;
	for (uint32_t i = 0; i < n; i++) {
		bool host = over[i].host != HOST_NONE;
		unsigned level = host ? SEKI_LEVEL_HOST : over[i].node->level;
		uint32_t pps = host ? over[i].pps : conditioned(f, c, &over[i]);

		if (pps == 0)
			continue;
		if (host || level == SEKI_LEVEL_BLOCK)
			add_item(f, &n_items, prefix_of(over[i].node, over[i].host));
		else
			narrow(f, c, &over[i], &n_items);
		cover(f, over[i].node, pps);
		finding->pps += pps;
		finding->bps += over[i].pps == 0 ? over[i].bps : over[i].bps * pps / over[i].pps;
		finding->excess += excess_of(&over[i], pps, w->limits->at[level][over->vector]);
		finding->level = (uint8_t)level;
		finding->limit = held_to(w, over[i].node, over[i].host, finding->vector);
		finding->goes_on |=
			now_of(&over[i], pps) > seki_rate_in_packets(finding->limit, over[i].pps, over[i].bps);
		finding->limit_from = (uint8_t)held_from(w, over[i].node, over[i].host, finding->vector);
	}
	n_items = n_items == 0 ? 0 : target_merge(f->item, n_items, SEKI_TARGETS_MAX);
	finding->n_targets = (uint8_t)n_items;
	for (uint32_t i = 0; i < n_items; i++)
		finding->target[i] = f->item[i].prefix;
	f->n++;
}

void
findings_make(struct findings *f, struct collect *c)
{
	f->n = 0;
	if (c->n_overs > 0)
		qsort(c->over, c->n_overs, sizeof(*c->over), by_zone_vector_level);
	for (uint32_t from = 0, end; from < c->n_overs; from = end) {
		for (end = from + 1; end < c->n_overs; end++)
			if (c->over[end].node->zone != c->over[from].node->zone ||
				c->over[end].vector != c->over[from].vector)
				break;
		make_one(f, c, &c->over[from], end - from);
	}
}
