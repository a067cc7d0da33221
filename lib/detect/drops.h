/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DROPS_H
#define SEKI_DROPS_H

/*
 * The last samples of packets that were dropped, or held back where something only observes, with what was known when the
 * detector took them up: so that an operator who asks why gets an answer.
 *
 * They are out of what lib/detect/sample.h hands over, and of each zone and reason at most one a tick: so a flood does
 * not push out what else happens, and one zone not another's. Numbers count from 1 and never come again until a restart.
 */

#include "levels.h"
#include "sample.h"

#include <stdbool.h>
#include <stdint.h>

#define SEKI_DROPS_MAX 1024

struct seki_drop {
	uint64_t number;
	uint64_t wall_ns;
	struct seki_sample sample;
	/* Of its vector in its zone: what is raised since the tick before, and what came in the one that it was taken up in. */
	uint8_t state; /* enum track_state */
	uint8_t step;  /* enum seki_step: in force */
	bool overridden;
	bool guarded;
	bool observes; /* the zone */
	uint64_t offered_pps, passed_pps;
	uint8_t n_levels;
	struct seki_level_rate level[SEKI_N_LEVELS]; /* of the one that it was for, and of the prefixes that he is in */
};

/* Of the reasons of a zone, those that have had their sample in this tick. */
struct drops_zone {
	uint32_t tick;
	uint64_t reasons;
};

/* Internal to lib/detect. */
struct drops {
	uint64_t n; /* kept ever: the number of the youngest */
	struct seki_drop ring[SEKI_DROPS_MAX];
	struct drops_zone zone[SEKI_ZONES_MAX];
};

static_assert(SEKI_N_REASONS <= 64, "a bit for each reason");

struct seki_detect;

/* Numbers of the oldest and the youngest that are kept; 0 and 0: none. Not while a tick runs. */
void seki_detect_drops(const struct seki_detect *d, uint64_t *first, uint64_t *last);

/* NULL: it is not kept (any more). Until the next tick. */
const struct seki_drop *seki_detect_drop(const struct seki_detect *d, uint64_t number);

/* The reason that it was dropped for, or would have been. */
static inline uint8_t
seki_drop_reason(const struct seki_drop *drop)
{
	return drop->sample.verdict == SEKI_VERDICT_DROP ? drop->sample.reason : drop->sample.observed;
}

#endif
