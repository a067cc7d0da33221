/* SPDX-License-Identifier: BSD-3-Clause */

/* The targets of an incident: those of its tracks, merged into few prefixes, and what has come to each. */
#include "watch.h"

#include <string.h>

static void
merge_targets(struct seki_incident *in, const struct watch *w)
{
	struct target_item item[(1 + SEKI_N_VECTORS) * SEKI_TARGETS_MAX];
	struct seki_incident_target before[SEKI_TARGETS_MAX];
	unsigned n = 0, n_before = in->n_targets;

	memcpy(before, in->target, sizeof(before));
	for (unsigned i = 0; i < in->n_targets; i++)
		item[n++] = target_item_of(in->target[i].prefix);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		for (unsigned i = 0; w->track[v].state >= TRACK_MITIGATING && i < w->track[v].n_targets; i++)
			item[n++] = target_item_of(w->track[v].target[i]);
	n = target_merge(item, n, SEKI_TARGETS_MAX);
	in->n_targets = n;
	for (unsigned i = 0; i < n; i++) {
		struct seki_incident_target *t = &in->target[i];

		*t = (struct seki_incident_target){.prefix = item[i].prefix};
		for (unsigned k = 0; k < n_before; k++)
			if (seki_target_holds(t->prefix, before[k].prefix)) {
				t->vectors |= before[k].vectors;
				t->packets += before[k].packets;
				t->hosts = before[k].hosts > t->hosts ? before[k].hosts : t->hosts;
			}
	}
}

void
record_targets_add(struct seki_incident *in, const struct watch *w, unsigned vector)
{
	const struct track *t = &w->track[vector];

	for (unsigned i = 0; i < t->n_targets; i++) {
		bool in_one = false;

		for (unsigned k = 0; k < in->n_targets; k++)
			if (seki_target_holds(in->target[k].prefix, t->target[i])) {
				in->target[k].vectors |= UINT64_C(1) << vector;
				in_one = true;
			}
		if (in_one)
			continue;
		merge_targets(in, w);
		i--; /* now it is in one */
	}
}

/* What came of its vectors to the block, in which the target has a part. Returns how many of its hosts got some. */
static uint32_t
count_block(struct seki_incident_target *t, const struct node *block, uint32_t tick)
{
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		if ((t->vectors >> v & 1) == 0 || block->cell[v] == NULL)
			continue;
		cell_advance(block->cell[v], tick);
		t->packets += block->cell[v]->packets.in_second;
	}
	return node_active_hosts(block, t->prefix, t->vectors, tick);
}

void
record_targets_count(struct seki_detect *d, uint16_t zone)
{
	struct seki_incident *in = d->zone[zone]->incident;

	for (unsigned i = 0; i < in->n_targets; i++) {
		struct seki_incident_target *t = &in->target[i];
		struct leaf_range range = leaves_in(&d->collect.tree.leaves, zone, t->prefix);
		uint32_t hosts = 0;

		for (uint32_t k = 0; k < range.n; k++) {
			tree_prefetch_cells(range, k, t->vectors);
			hosts += count_block(t, range.at[k].node, d->collect.tick);
		}
		t->hosts = hosts > t->hosts ? hosts : t->hosts;
	}
}
