/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_OVER_H
#define SEKI_OVER_H

/*
 * Holds what was collected against the limits, and reports the places that are over theirs in `collect.over`. A limit
 * is exceeded by the window of a second, or by that of two ticks at one and a half times it. Internal to lib/detect;
 * management core, within collect_tick.
 */

#include "collect.h"

/* A vector of a node against this limit. True: it is over, and was reported. */
bool over_cell(struct collect *c, struct node *node, unsigned vector, const struct cell *cell, struct seki_rate limit);

/*
 * A zone that has shares or a capacity, which limit it by what else comes to it: by the window of a second alone, since
 * the rest may come in bursts.
 */
void over_zone(struct collect *c, struct node *zone, struct watched *w);

/* One host of a block, which has hosts of this vector at this tick. */
void over_host(struct collect *c, struct node *block, unsigned vector, unsigned host);

#endif
