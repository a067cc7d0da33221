/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_HELD_H
#define SEKI_HELD_H

/*
 * What a place is held to: the limit of its level, or one of its own; and the zone as a whole, to shares and to its
 * capacity. Limits of their own are found once for a node, and again when the limits of its zone have changed: zones
 * that have none, which are most, pay a comparison for it. Internal to lib/detect; management core.
 */

#include "tree.h"

#define UNIT_BITS (SEKI_BLOCK_UNIT * 8)

/* Up, so that a limit is never none. */
static inline uint64_t
units_of(uint64_t bps)
{
	return bps / UNIT_BITS + (bps % UNIT_BITS != 0);
}

/* What may come of one vector before the place is looked at: {packets, units}, the largest number where there is no
 * limit.
 */
struct nominee {
	uint32_t second[2];
	uint32_t tick[2]; /* in one tick of two */
};

/* What a zone is held to; `limits` NULL: to nothing. */
struct watched {
	const struct seki_limits *limits;
	struct nominee least_host[SEKI_N_VECTORS], least_block[SEKI_N_VECTORS];
	uint32_t told;   /* counts changes of limits; never 0 */
	bool shares;     /* some vector has a limit of its share */
	bool capacity;   /* one is stated */
	uint8_t largest; /* the vector that is over its limit since the zone is over its capacity; 0: it is not */
	uint64_t
		pps; /* of all packets to the zone, by the window of a second; only if there are shares or a capacity */
	uint64_t bps;
};

/* From now on the zone is held to these, which outlive it or the next call. NULL: to none. */
void held_watch(struct watched *w, const struct seki_limits *limits);

/* Packets a tick to an IPv6 block of which no host can be near its limit: half of what the limit is, and no fewer units
 * in packets of full size. No limit of its own is any IPv6 host's. */
uint32_t held_whole(const struct watched *w, unsigned row);

/* Finds the limits that the node has of its own, if that was not done since they last changed. */
void held_find(const struct watched *w, struct node *node);

/* The limit of a node, or of one host of a block: `host` HOST_NONE is the node. What is over a limit was found by it.
 */
#define HOST_NONE SEKI_BLOCK_HOSTS
struct seki_rate held_to(const struct watched *w, const struct node *node, unsigned host, unsigned vector);

/* From where that limit is: enum seki_limit_from. */
unsigned held_from(const struct watched *w, const struct node *node, unsigned host, unsigned vector);

/* Adds up what comes to the zone. After its cells were brought to `tick`, or had nothing to be brought there. */
void held_sum(struct watched *w, struct node *zone, uint32_t tick);

#endif
