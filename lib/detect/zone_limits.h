/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ZONE_LIMITS_H
#define SEKI_ZONE_LIMITS_H

/*
 * Limits: how much of each vector strangers may send to a host, to a zone, and to the prefixes in between.
 *
 * A vector has two limits in a zone, for one host and for all of it, from the configuration, learned, or by the
 * vector's row in vectors.def. The prefixes between have limits between, in equal ratios: where a host may have 1,000 a
 * second and the zone 16,000, a /28 may have 2,000, a /24 4,000 and a /20 8,000. So what is spread over many hosts of a
 * small prefix is found long before it is much for the zone. A limit for a prefix of its own replaces that of its
 * level.
 */

#include "verdict.h"

#include <stdint.h>

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

enum seki_limit_from {
	SEKI_LIMIT_DEFAULT,
	SEKI_LIMIT_CONFIGURED,
	SEKI_LIMIT_LEARNED,
	SEKI_LIMIT_EVENT,
	SEKI_N_LIMIT_FROM,
};

/* What a zone is held to. */
struct seki_limits {
	struct seki_rate at[SEKI_N_LEVELS][SEKI_N_VECTORS];
	uint8_t share_pct[SEKI_N_VECTORS]; /* of all packets to the zone, at most; 0: no such limit */
	uint8_t from[SEKI_N_VECTORS];      /* enum seki_limit_from */
};

/* Of the table of vectors. */
void seki_limits_default(struct seki_limits *limits);

/* Fills the levels between host and zone. After `at` of those two was changed. */
void seki_limits_between(struct seki_limits *limits, unsigned vector);

/* "default", "configured", "learned", "event". */
const char *seki_limit_from_name(unsigned from);

#endif
