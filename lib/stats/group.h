/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GROUP_H
#define SEKI_GROUP_H

/* Internal to lib/stats: which cells there are. A group is at the place that its key says, or in the same set. RX core.
 */

#include "blocks.h"

#include <endian.h>

/* Which of its group the cell is. */
static inline unsigned
group_member(bool ip4, const struct pkt *p)
{
	return ip4 ? be32toh(p->dst.v4_be) >> 4 & 7 : p->dst.b[7] & 7;
}

/*
 * The packet is the first of this tick, or ever, to this row of its block. `first`: where the group with that key is,
 * if its place is not taken. The cell, found or new; NULL: there is no room. Up to 16 lines.
 */
struct seki_cell *seki_group_touch_slow(struct seki_blocks *b, const struct pkt *p, unsigned row,
	struct seki_group *first, uint64_t key, uint16_t tick);

#endif
