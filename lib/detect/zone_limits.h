/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ZONE_LIMITS_H
#define SEKI_ZONE_LIMITS_H

/*
 * Limits: how much of each vector strangers may send to a host, to a zone, and to the prefixes in between.
 *
 * A vector has two limits in a zone, for one host and for all of it, from the configuration, learned, or by the
 * vector's row in vectors.def. The prefixes between have limits between, in equal ratios: where a host may have 1,000 a
 * second and the zone 16,000, a /28 may have 2,000, a /24 4,000 and a /20 8,000. So what is spread over many hosts of a
 * small prefix is found long before it is much for the zone.
 *
 * Three kinds of limits are for the configuration alone. A prefix may have one of its own, in place of its level's. A
 * vector may have a share of all packets to the zone that it may be at most, by the window of a second; what is below
 * SEKI_SHARE_FLOOR_PPS is no attack whatever its share, so that a quiet zone does not alarm. And a zone may have a
 * capacity: where all that comes to it is more, the vector that there is most of is over its limit.
 */

#include "verdict.h"

#include <stdbool.h>
#include <stdint.h>

/* Packets a second of a vector that no share is too much for. */
#define SEKI_SHARE_FLOOR_PPS 100

enum seki_level {
	SEKI_LEVEL_HOST,
	SEKI_LEVEL_BLOCK, /* /28, IPv6 /64 */
	SEKI_LEVEL_NET,   /* /24, /56 */
	SEKI_LEVEL_WIDE,  /* /20, /48 */
	SEKI_LEVEL_ZONE,
	SEKI_N_LEVELS,
};

/* A second. 0: no limit. */
struct seki_rate {
	uint64_t pps, bps;
};

/* What a limit allows, in packets of the size that packets have where `pps` of them are `bps`. 0: all. */
static inline uint64_t
seki_rate_in_packets(struct seki_rate limit, uint64_t pps, uint64_t bps)
{
	unsigned __int128 bits = (unsigned __int128)limit.bps * pps;
	uint64_t by_bits = limit.bps == 0 || bps == 0 ? UINT64_MAX : (uint64_t)(bits / bps) + (bits < bps);
	uint64_t allowed = limit.pps != 0 && limit.pps < by_bits ? limit.pps : by_bits;

	return allowed == UINT64_MAX ? 0 : allowed;
}

enum seki_limit_from {
	SEKI_LIMIT_DEFAULT,
	SEKI_LIMIT_CONFIGURED,
	SEKI_LIMIT_LEARNED,
	SEKI_LIMIT_EVENT,
	SEKI_LIMIT_COMPANION, /* a tenth of a host's, beside another vector's attack */
	SEKI_N_LIMIT_FROM,
};

/* Of a limit of one's own: for this unit that of the level holds. */
#define SEKI_RATE_OF_LEVEL UINT64_MAX

/* What one prefix is held to. */
struct seki_own_limit {
	uint64_t address; /* IPv4: in the lower 32 bits; IPv6: the upper half */
	uint8_t family;
	uint8_t level; /* none of a zone, and of IPv6 none of a host: those are not counted apart */
	uint8_t vector;
	bool at_least; /* the level's limit holds if it is higher: a smaller prefix in it may have so much */
	struct seki_rate rate;
};

/* What a zone is held to. */
struct seki_limits {
	struct seki_rate at[SEKI_N_LEVELS][SEKI_N_VECTORS];
	uint8_t share_pct[SEKI_N_VECTORS]; /* of all packets to the zone, at most; 0: no such limit */
	uint8_t from[SEKI_N_VECTORS];      /* enum seki_limit_from */
	uint8_t host_from[SEKI_N_VECTORS]; /* likewise, of a host's */
	struct seki_rate capacity;         /* of the zone, all packets; 0: not stated */
	const struct seki_own_limit *own;  /* [n_own], sorted by seki_own_limit_compare; outlives the limits */
	unsigned n_own;
};

/* Of the table of vectors. */
void seki_limits_default(struct seki_limits *limits);

/* Fills the levels between host and zone. After `at` of those two was changed. */
void seki_limits_between(struct seki_limits *limits, unsigned vector);

/* Bits of an address that are the prefix of a level; 0 of a zone. */
unsigned seki_level_len(unsigned family, enum seki_level level);

/* Orders by family, level, address and vector. */
int seki_own_limit_compare(const struct seki_own_limit *a, const struct seki_own_limit *b);

/* "default", "configured", "learned", "event". */
const char *seki_limit_from_name(unsigned from);

#endif
