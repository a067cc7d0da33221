/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GROUP_H
#define SEKI_GROUP_H

/* Internal to lib/stats: which blocks there are. A group is at the place that its key says, or in the same set. RX core. */

#include "blocks.h"

#include <endian.h>

/* Which of its group the block is. */
static inline unsigned
group_member(const struct pkt *p)
{
	return p->l3 == PKT_L3_IP4 ? be32toh(p->dst.v4_be) >> 4 & 7 : p->dst.b[7] & 7;
}

/*
 * The packet is the first of this tick to its block, or ever: that block, a new one, or the rest of its zone. `first`: where
 * the group with that key is, if its place is not taken. Up to 16 lines.
 */
struct seki_hosts *seki_group_touch_slow(
	struct seki_blocks *b, const struct pkt *p, struct seki_group *first, uint64_t key, uint16_t tick);

#endif
