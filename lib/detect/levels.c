/* SPDX-License-Identifier: BSD-3-Clause */
#include "levels.h"

#include "watch.h"

#include <endian.h>

/* Up: little is not nothing. */
static struct seki_rate
a_second(uint64_t packets, uint64_t units, uint64_t ticks)
{
	return (struct seki_rate){(packets * SPAN_TICKS_A_SECOND + ticks - 1) / ticks,
		(units * UNIT_BITS * SPAN_TICKS_A_SECOND + ticks - 1) / ticks};
}

/* Ticks that the window of ten seconds is of. */
static uint32_t
in_ten(const struct collect *c)
{
	return (SPAN_SLOTS - 1) * SPAN_TICKS_A_SECOND + c->tick % SPAN_TICKS_A_SECOND + 1;
}

void
levels_came(const struct collect *c, const struct node *node, unsigned vector, struct seki_rate came[SEKI_N_WINDOWS])
{
	struct cell cell;

	memset(came, 0, SEKI_N_WINDOWS * sizeof(*came));
	if (node == NULL || node->cell[vector] == NULL)
		return;
	cell = *node->cell[vector];
	cell_advance(&cell, c->tick);
	came[SEKI_WINDOW_FIFTH] =
		a_second(span_in_two(&cell.packets, cell.at), span_in_two(&cell.units, cell.at), c->in_two);
	came[SEKI_WINDOW_SECOND] = a_second(cell.packets.in_second, cell.units.in_second, c->in_second);
	came[SEKI_WINDOW_TEN] = a_second(cell.packets.in_ten, cell.units.in_ten, in_ten(c));
}

/* Where a block's hosts are not told apart, what came to all of them, which is not much. */
static void
host_came(const struct collect *c, const struct node *block, unsigned vector, unsigned host,
	struct seki_rate came[SEKI_N_WINDOWS])
{
	unsigned packets = 2 * host, units = packets + 1;
	const uint32_t *last, *before;
	struct hosts h;

	if (block == NULL || block->cell[vector] == NULL || block->cell[vector]->hosts == NULL) {
		levels_came(c, block, vector, came);
		return;
	}
	h = *block->cell[vector]->hosts;
	hosts_bring(&h, c->tick);
	last = h.tick[c->tick % SPAN_SLOTS];
	before = h.tick[(c->tick + SPAN_SLOTS - 1) % SPAN_SLOTS];
	came[SEKI_WINDOW_FIFTH] =
		a_second((uint64_t)last[packets] + before[packets], (uint64_t)last[units] + before[units], c->in_two);
	came[SEKI_WINDOW_SECOND] = a_second(h.in_second[packets], h.in_second[units], c->in_second);
	came[SEKI_WINDOW_TEN] = a_second(hosts_in_ten(&h, packets), hosts_in_ten(&h, units), in_ten(c));
}

/* As the tree has it: of IPv6 the upper half. */
static uint64_t
address_of(const struct seki_prefix *of)
{
	uint32_t v4;
	uint64_t v6;

	memcpy(&v4, of->addr, sizeof(v4));
	memcpy(&v6, of->addr, sizeof(v6));
	return of->family == 4 ? be32toh(v4) : be64toh(v6);
}

/* The place of a level that the address is in, as nothing has come to it. */
static struct node
place_of(uint16_t zone, const struct seki_prefix *of, unsigned level)
{
	return tree_nobody(zone, of->family, level == SEKI_LEVEL_HOST ? SEKI_LEVEL_BLOCK : level, address_of(of));
}

static struct seki_level_rate
at_level(const struct seki_detect *d, uint16_t zone, const struct seki_prefix *of, unsigned level, unsigned vector)
{
	const struct watched *w = &d->collect.zone[zone];
	struct node place = place_of(zone, of, level);
	const struct node *node = tree_look(&d->collect.tree, zone, of->family, place.level, address_of(of));
	struct seki_level_rate out = {.level = (uint8_t)level, .prefix = node_prefix(&place)};
	unsigned host = HOST_NONE;

	if (level == SEKI_LEVEL_HOST) {
		host = seki_blocks_host(of->family == 4, of->addr, d->core[0].blocks->factor);
		host_came(&d->collect, node, vector, host, out.came);
		if (of->family == 4)
			out.prefix = (struct seki_target){address_of(of) << 32, 4, 32};
	} else {
		levels_came(&d->collect, node, vector, out.came);
	}
	if (node != NULL)
		place = *node;
	held_find(w, &place);
	out.limit = held_to(w, &place, host, vector);
	out.limit_from = (uint8_t)held_from(w, &place, host, vector);
	return out;
}

unsigned
seki_detect_levels(const struct seki_detect *d, uint16_t zone, const struct seki_prefix *of, unsigned vector,
	struct seki_level_rate out[SEKI_N_LEVELS])
{
	bool single = of->len == (of->family == 4 ? 32 : 128);
	unsigned n = 0;

	if (zone >= SEKI_ZONES_MAX || d->zone[zone] == NULL || d->params.n_cores == 0)
		return 0;
	for (unsigned level = single ? SEKI_LEVEL_HOST : SEKI_LEVEL_BLOCK; level <= SEKI_LEVEL_ZONE; level++)
		out[n++] = at_level(d, zone, of, level, vector);
	return n;
}
