/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CARPET_H
#define SEKI_CARPET_H

/*
 * From places that are over their limits to attacks: which prefixes, how much, how many hosts.
 *
 * Hierarchical heavy hitters (Cormode, Korn, Muthukrishnan, Srivastava 2003), exact: from hosts upwards, a place is
 * reported if what comes to it is over the limit of its level even without what is reported below it. So a flood of one
 * host is that host and not also its /28, its /24 and its zone, and what a thousand hosts each see a little of is the
 * prefix that has them all. A prefix that is reported is then narrowed to the blocks in it that hold 97 % of the
 * vector, and what is left of neighbours is put together again: a carpet over a /22 is a /22, whichever level has
 * noticed. Internal to lib/detect; management core.
 */

#include "collect.h"
#include "target.h"

/* What one vector does to one zone. */
struct finding {
	uint64_t pps, bps;      /* to its targets */
	uint64_t excess;        /* of the last tick, a second: what is over the limits of its places, all summed up */
	struct seki_rate limit; /* of the level that it was found at */
	uint16_t zone;
	uint8_t vector;
	uint8_t level;      /* enum seki_level: the highest one that reported */
	uint8_t limit_from; /* enum seki_limit_from */
	bool goes_on;       /* in the last tick, too, some place was over its limit: windows outlast what was in them */
	bool follows;       /* it is over a part of its limit, as another vector attacks the same targets */
	uint8_t n_targets;
	struct seki_target target[SEKI_TARGETS_MAX];
};

struct findings {
	uint32_t n, room;
	struct finding *at;
	struct target_item *item; /* scratch */
	uint32_t item_room;
	struct block_rate *block; /* scratch */
	uint32_t block_room;
	uint64_t passes; /* numbers the findings, see struct node */
};

void findings_fini(struct findings *f);
size_t findings_bytes(const struct findings *f);

/* Hosts of these targets that got some of the vector within a second. */
uint32_t targets_count_hosts(const struct collect *c, uint16_t zone, unsigned vector, const struct seki_target *target, unsigned n);

/* The prefix that a node is. */
struct seki_target node_prefix(const struct node *node);

/* Hosts of a block, which is in the target or holds it, within the target, to which something of these vectors (1 << vector) came within a second before
 * `tick`. */
uint32_t node_active_hosts(const struct node *block, struct seki_target target, uint64_t vectors, uint32_t tick);

/* Finds, from the overs of the last collect_tick. `f` zeroed before its first use. */
void findings_make(struct findings *f, struct collect *c);

#endif
