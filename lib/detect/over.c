/* SPDX-License-Identifier: BSD-3-Clause */
#include "over.h"

#include "room.h"

/* Packets and units a second that are more than the limit, by the window of a second or by that of two ticks. */
static inline bool
exceeds(const struct collect *c, uint64_t in_second, uint64_t in_two, uint64_t limit)
{
	return limit != 0 && (in_second * SPAN_TICKS_A_SECOND > limit * c->in_second ||
				     2 * SPAN_TICKS_A_SECOND * in_two > 3 * limit * c->in_two);
}

static inline uint64_t
larger(const struct collect *c, uint64_t in_second, uint64_t in_two)
{
	uint64_t second = in_second * SPAN_TICKS_A_SECOND / c->in_second,
		 two = in_two * SPAN_TICKS_A_SECOND / c->in_two;

	return second > two ? second : two;
}

/* Each zone has its own share of what is reported, or an attack on one would hide that on another. */
static void
report(struct collect *c, struct over over)
{
	bool low = over.host != HOST_NONE || over.node->level == SEKI_LEVEL_BLOCK;
	uint16_t *n = &c->overs_of[over.node->zone];

	if (over.node->level != SEKI_LEVEL_ZONE && *n >= (low ? COLLECT_OVERS / 2 : COLLECT_OVERS)) {
		c->overs_lost++;
		return;
	}
	if (!room_for(&c->over, &c->over_room, c->n_overs, sizeof(*c->over))) {
		c->overs_lost++;
		return;
	}
	++*n;
	c->over[c->n_overs++] = over;
}

bool
over_cell(struct collect *c, struct node *node, unsigned vector, const struct cell *cell, struct seki_rate limit)
{
	uint64_t packets = cell->packets.in_second, units = cell->units.in_second;
	uint64_t packets2 = span_in_two(&cell->packets, cell->at), units2 = span_in_two(&cell->units, cell->at);

	if (!exceeds(c, packets, packets2, limit.pps) && !exceeds(c, units, units2, units_of(limit.bps)))
		return false;
	report(c, (struct over){node, (uint8_t)vector, HOST_NONE, (uint32_t)larger(c, packets, packets2),
			  collect_rate(c, cell->packets.tick[cell->at % SPAN_SLOTS]),
			  larger(c, units, units2) * UNIT_BITS});
	return true;
}

void
over_zone(struct collect *c, struct node *zone, struct watched *w)
{
	held_sum(w, zone, c->tick);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		const struct cell *cell = zone->cell[v];
		struct seki_rate limit;

		if (cell == NULL || over_cell(c, zone, v, cell, w->limits->at[SEKI_LEVEL_ZONE][v]))
			continue;
		limit = held_to(w, zone, HOST_NONE, v);
		if (exceeds(c, cell->packets.in_second, 0, limit.pps) ||
			exceeds(c, cell->units.in_second, 0, units_of(limit.bps)))
			report(c, (struct over){zone, (uint8_t)v, HOST_NONE, cell->packets.in_second,
					  collect_rate(c, cell->packets.tick[cell->at % SPAN_SLOTS]),
					  (uint64_t)cell->units.in_second * UNIT_BITS});
	}
}

void
over_host(struct collect *c, struct node *block, unsigned vector, unsigned host)
{
	const struct watched *w = &c->zone[block->zone];
	const struct hosts *h = block->cell[vector]->hosts;
	const uint32_t *second = &h->in_second[2 * host];
	const uint32_t *last = &h->tick[h->at % SPAN_SLOTS][2 * host];
	const uint32_t *before = &h->tick[(h->at + SPAN_SLOTS - 1) % SPAN_SLOTS][2 * host];
	uint64_t packets2 = (uint64_t)last[0] + before[0], units2 = (uint64_t)last[1] + before[1];
	struct seki_rate limit =
		block->n_own_hosts == 0 ? w->limits->at[SEKI_LEVEL_HOST][vector] : held_to(w, block, host, vector);

	if (exceeds(c, second[0], packets2, limit.pps) || exceeds(c, second[1], units2, units_of(limit.bps)))
		report(c, (struct over){block, (uint8_t)vector, (uint8_t)host, (uint32_t)larger(c, second[0], packets2),
				  collect_rate(c, last[0]), larger(c, second[1], units2) * UNIT_BITS});
}
