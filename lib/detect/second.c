/* SPDX-License-Identifier: BSD-3-Clause */
/* What baselines learn from: seconds of zones. */
#include "watch.h"

bool
seki_detect_second(struct seki_detect *d, uint16_t zone, struct seki_detect_second *out)
{
	const struct watch *w = d->zone[zone];
	struct node *node = d->collect.tree.zone[zone];

	memset(out, 0, sizeof(*out));
	if (w == NULL)
		return false;
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		struct cell *cell = node == NULL ? NULL : node->cell[v];

		out->frozen |= (uint64_t)(w->track[v].state != TRACK_IDLE) << v;
		if (cell == NULL)
			continue;
		cell_advance(cell, d->collect.tick);
		out->pps[v] = cell->packets.in_second;
		out->bps[v] = (uint64_t)cell->units.in_second * SEKI_BLOCK_UNIT * 8;
	}
	out->incident = w->incident != NULL;
	if (out->incident)
		out->frozen = UINT64_MAX;
	return true;
}

bool
seki_detect_is_silent(const struct seki_detect *d)
{
	for (uint32_t z = 1; z < d->zone_end; z++) {
		const struct node *node = d->collect.tree.zone[z];

		if (d->zone[z] != NULL && node != NULL && d->collect.tick - node->touched < SPAN_TICKS_A_SECOND)
			return false;
	}
	return true;
}
