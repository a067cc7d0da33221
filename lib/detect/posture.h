/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DETECT_POSTURE_H
#define SEKI_DETECT_POSTURE_H

/* Where a vector of a zone stands, for telemetry and explanations. All functions as those of detect.h: not while a tick runs. */

#include "detect.h"

enum track_state {
	TRACK_IDLE,
	TRACK_ALERT,      /* over a limit, and yet no attack as far as can be told */
	TRACK_MITIGATING,
	TRACK_COOLING,    /* over, and guarded still */
	N_TRACK_STATES,
};

struct seki_vector_posture {
	uint8_t state;          /* enum track_state */
	uint8_t step, own_step; /* in force, and the machine's own: they differ where an operator says so */
	bool overridden;
	bool guarded;           /* it does not attack, but may be next: see raise.c */
	uint64_t state_ns;      /* mono: since when it is in this state; 0: it never left idle */
	uint64_t step_ns;       /* wall: since when the step is in force; 0: not known */
	uint64_t until_ns;      /* mono: of the operator's word */
	struct seki_rate limit; /* that was exceeded; where none was, that of the zone */
	uint8_t limit_from;     /* enum seki_limit_from */
	uint64_t offered_pps, passed_pps; /* of strangers, by the last tick */
	uint64_t second_pps, ten_pps;     /* offered, over the last second and the last ten */
	uint32_t hosts;
	unsigned n_targets;     /* that the step is for; 0 where one is in force: the whole zone */
	const struct seki_target *target; /* until the next tick */
};

/* False: the zone is not watched. */
bool seki_detect_posture(const struct seki_detect *d, uint16_t zone, unsigned vector, struct seki_vector_posture *out);

/* What is idle is nothing to tell of, but where an operator has a word in it, or guarding holds something back. */
static inline bool
seki_posture_is_news(const struct seki_vector_posture *p)
{
	return p->state != TRACK_IDLE || p->overridden || (p->guarded && p->passed_pps < p->offered_pps);
}

/* "idle", "alert", "mitigating", "cooling". */
const char *seki_track_state_name(unsigned state);

/* The incident that goes on in a zone; NULL: there is none. */
const struct seki_incident *seki_detect_incident_in(const struct seki_detect *d, uint16_t zone);

#endif
