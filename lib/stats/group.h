/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GROUP_H
#define SEKI_GROUP_H

/* Internal to lib/stats: which cells there are. A group is at its first place, or at another one. RX core. */

#include "blocks.h"

#include <endian.h>

/* Which of its group the cell is. */
static inline unsigned
group_member(bool ip4, const struct pkt *p)
{
	return ip4 ? be32toh(p->dst.v4_be) >> 4 & (SEKI_GROUP_CELLS4 - 1) : p->dst.b[7] & (SEKI_GROUP_CELLS6 - 1);
}

/* The packet's host among those of a cell that has hosts. */
static inline struct seki_came *
group_host(const struct seki_blocks *b, bool ip4, const struct seki_group *group, unsigned member, const struct pkt *p)
{
	return (struct seki_came *)b->cell + (ip4 ? group->v4.at[member] : group->v6.at[member]) +
	       seki_blocks_host(ip4, p->dst.b, b->factor);
}

/*
 * The packet is the first of this tick, or ever, to this row of its block. `first`: where the group with that key is,
 * if its place is not taken. Where it is counted; NULL: there is no room. Up to 16 lines.
 */
struct seki_came *seki_group_touch_slow(struct seki_blocks *b, const struct pkt *p, unsigned row,
	struct seki_group *first, uint64_t key, uint16_t tick);

#endif
