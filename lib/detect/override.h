/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_OVERRIDE_H
#define SEKI_OVERRIDE_H

/*
 * Overrides: an operator's word against the machine's, for one vector of one zone and for a time. A step is forced, or
 * nothing is raised however much comes. Meanwhile the machine goes on beneath: it sees attacks begin and end and finds
 * signatures, but takes no further step of its own, since what leaks is no fault of the step it would have taken. When the
 * time is over, or the operator gives the vector back, what is raised is the machine's again.
 *
 * An override is for the prefixes that are attacked when it is made, and follows them; where none is, for the whole zone. There
 * are few at a time, they outlive a reload, and neither a restart nor their zone.
 *
 * All functions as those of detect.h: not while a tick runs.
 */

#include "detect.h"

#define SEKI_OVERRIDES_MAX 64
#define SEKI_OVERRIDE_SECONDS_MAX 86400

struct seki_override {
	uint16_t zone;
	uint8_t vector;
	uint8_t step;    /* enum seki_step */
	uint8_t n_targets;
	bool whole;      /* for the whole zone, whatever is attacked; targets mean nothing */
	bool fresh;      /* the next tick is to hear of it */
	bool over;       /* nothing but a word to be said */
	bool said;
	uint64_t from_ns, until_ns; /* mono */
	struct seki_target target[SEKI_TARGETS_MAX];
};

/*
 * Holds the vector at `step` (SEKI_STEP_NONE: at nothing) until `until_ns`, from the next tick on; in place of one that there
 * is. 0, or with a sentence: -ENOENT (no such zone is watched), -EINVAL (the step is not on the vector's ladder), -EPERM (the
 * zone's configuration lets no incident raise it, or there is no signature), -ENOSPC.
 */
int seki_detect_override(struct seki_detect *d, const struct seki_override *want, char why[SEKI_SENTENCE_MAX]);

/* Gives the vector back to the machine. False: it has it. */
bool seki_detect_override_end(struct seki_detect *d, uint16_t zone, unsigned vector);

/* The one in force; NULL: none. */
const struct seki_override *seki_detect_override_of(const struct seki_detect *d, uint16_t zone, unsigned vector);

/* All of them, with those that are over and have not been said; NULL: no more. And: all up to now have been said. */
const struct seki_override *seki_detect_override_at(const struct seki_detect *d, unsigned i);
void seki_detect_overrides_said(struct seki_detect *d);

#endif
