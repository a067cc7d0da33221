/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LEAVES_H
#define SEKI_LEAVES_H

/*
 * The blocks to which something came in a tick. Once they are sorted those of a prefix lie side by side, so whoever asks
 * for a prefix looks at its blocks alone; and their nodes, which are cold, can be asked for ahead. Internal to
 * lib/detect; management core.
 */

#include "target.h"

#include <stddef.h>

struct node;

struct leaf {
	struct node *node;
	uint64_t address; /* this and the next are the node's */
	uint16_t zone;
	uint8_t family;
};

struct leaves {
	struct leaf *at, *spare; /* [room], [spare_room]; the second is for sorting */
	uint32_t n, room, spare_room;
};

/* Leaves that lie side by side. */
struct leaf_range {
	const struct leaf *at;
	uint32_t n;
};

/* False: there is no memory, and it is not there. `l` zeroed before its first use. */
bool leaves_add(struct leaves *l, struct leaf leaf);
void leaves_fini(struct leaves *l);

/* By zone, family and address. As much work whatever the order is (radix sort), less where they are in order. */
void leaves_sort(struct leaves *l);

/* Of what is sorted. A prefix narrower than a block is in one. log n. */
struct leaf_range leaves_of_zone(const struct leaves *l, uint16_t zone);
struct leaf_range leaves_in(const struct leaves *l, uint16_t zone, struct seki_target prefix);

/* The prefix of a level (enum seki_level) at an address as leaves and nodes have it; and the one that a block is. */
struct seki_target level_prefix(uint8_t family, unsigned level, uint64_t address);
struct seki_target leaf_prefix(const struct leaf *leaf);

#endif
