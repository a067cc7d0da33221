/* SPDX-License-Identifier: BSD-3-Clause */

/* What the detector says of itself. */
#include "watch.h"

/* Of the tree, of what is sorted and found in a tick, and of what was seen of the cores. */
static size_t
collect_bytes(const struct seki_detect *d)
{
	const struct tree *tree = &d->collect.tree;
	size_t bytes = tree->bytes + ((size_t)tree->leaves.room + tree->leaves.spare_room) * sizeof(struct leaf);

	for (unsigned l = 0; l < SEKI_N_LEVELS; l++)
		bytes += tree->list_room[l] * sizeof(struct node *);
	for (unsigned c = 0; c < d->params.n_cores; c++)
		bytes += collect_core_bytes(d->core[c].blocks);
	return bytes + d->collect.over_room * sizeof(struct over) + findings_bytes(&d->findings);
}

static size_t
watch_bytes(const struct watch *w)
{
	return w == NULL ? 0 : sizeof(*w) + pool_bytes(w);
}

void
seki_detect_figures(const struct seki_detect *d, struct seki_detect_figures *out)
{
	const struct tree *tree = &d->collect.tree;

	*out = (struct seki_detect_figures){
		.bytes = sizeof(*d) + seki_find_scratch_bytes() +
			 (SEKI_FIND_ATTACK_MAX + SEKI_FIND_CLEAN_MAX) * sizeof(struct seki_features) +
			 collect_bytes(d) + d->n_incidents * sizeof(struct seki_incident),
		.blocks = tree->n_nodes[SEKI_LEVEL_BLOCK],
		.nets = tree->n_nodes[SEKI_LEVEL_NET],
		.wides = tree->n_nodes[SEKI_LEVEL_WIDE],
		.zones = tree->n_nodes[SEKI_LEVEL_ZONE],
		.overs_lost = d->collect.overs_lost,
		.ticks_short = d->collect.ticks_short,
		.samples = d->samples,
	};
	for (unsigned z = 0; z < d->zone_end; z++)
		out->bytes += watch_bytes(d->zone[z]);
	for (unsigned c = 0; c < d->params.n_cores; c++)
		out->samples_lost += d->core[c].sampler->lost;
}
