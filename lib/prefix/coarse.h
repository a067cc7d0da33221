/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_COARSE_H
#define SEKI_COARSE_H

/*
 * A coarse map of address space: which blocks of 16 bits (IPv4 /16, IPv6 /16) hold anything that tables know of.
 *
 * Of most sources no list and no zone knows anything, and a lookup that finds nothing costs as much as one that
 * does: a cache miss in a table of 32 MiB. One bit per block, 8 KiB a family, stays in the first-level cache and
 * says "certainly nothing" in a few instructions; only the rest are looked up. It may say yes where an exact table says
 * no, never the other way round.
 */

#include "addr.h"
#include "pkt.h"

struct seki_coarse {
	uint64_t bits[2][65536 / 64]; /* [IPv6][first two bytes as they lie in memory] */
};

/* Marks every block that the prefix touches. Cold; at most 65,536 steps. */
void seki_coarse_add(struct seki_coarse *coarse, const struct seki_prefix *prefix);

/* True if something was added that may hold `addr`, of a packet with l3 IP4 or IP6. Any core; about 6 instructions. */
static inline bool
seki_coarse_has(const struct seki_coarse *coarse, uint8_t l3, const union pkt_addr *addr)
{
	uint16_t block;

	memcpy(&block, addr->b, sizeof(block));
	return coarse->bits[l3 == PKT_L3_IP6][block / 64] >> (block % 64) & 1;
}

#endif
