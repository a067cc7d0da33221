/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DETECT_LEVELS_H
#define SEKI_DETECT_LEVELS_H

/*
 * What comes to an address, and to each prefix that it is counted in, against what each may have: for explanations. All
 * functions as those of detect.h: not while a tick runs.
 */

#include "addr.h"
#include "target.h"
#include "zone_limits.h"

/* Sliding windows of 200 ms, of a second, and of the last nine seconds and what there is of this one. */
enum seki_window {
	SEKI_WINDOW_FIFTH,
	SEKI_WINDOW_SECOND,
	SEKI_WINDOW_TEN,
	SEKI_N_WINDOWS,
};

struct seki_level_rate {
	struct seki_target prefix;             /* of a host of IPv6 its /64 */
	struct seki_rate came[SEKI_N_WINDOWS]; /* of strangers, a second */
	struct seki_rate limit;
	uint8_t level;      /* enum seki_level */
	uint8_t limit_from; /* enum seki_limit_from */
};

struct seki_detect;

/*
 * From the host up to the zone; of an IPv6 prefix longer than /64 and not an address, or shorter, from the /64 up. A host
 * of IPv6 shares its counter with a sixteenth of its /64. Returns how many; 0: the zone is not watched.
 */
unsigned seki_detect_levels(const struct seki_detect *d, uint16_t zone, const struct seki_prefix *of, unsigned vector,
	struct seki_level_rate out[SEKI_N_LEVELS]);

/* Internal to lib/detect: what of a vector came to a node; NULL: nothing. */
struct collect;
struct node;
void levels_came(const struct collect *c, const struct node *node, unsigned vector, struct seki_rate came[SEKI_N_WINDOWS]);

#endif
