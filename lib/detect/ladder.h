/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LADDER_H
#define SEKI_LADDER_H

/* Steps and ladders: ladders.def. Any thread, constant data. */

#include "verdict.h"

#include <stdint.h>

enum seki_step {
#define STEP(id, name, sentence) SEKI_STEP_##id,
#include "ladders.def"
	SEKI_N_STEPS,
};

enum seki_ladder {
#define LADDER(id, ...) SEKI_LADDER_##id,
#include "ladders.def"
	SEKI_N_LADDERS,
};

#define SEKI_STEP_BIT(step) (UINT32_C(1) << (step))

/* The ladder of a vector. */
enum seki_ladder seki_ladder_of(unsigned vector);

/*
 * The next step above `step` on the vector's ladder that is in `can`, the steps that the zone allows and that are
 * ready; SEKI_STEP_NONE: there is none. From SEKI_STEP_NONE the first.
 */
enum seki_step seki_step_above(unsigned vector, enum seki_step step, uint32_t can);

/* All steps of the ladder up to this one, as bits, that are in `can`. */
uint32_t seki_steps_up_to(unsigned vector, enum seki_step step, uint32_t can);

/* "source"; "each source is held to its limit". */
const char *seki_step_name(unsigned step);
const char *seki_step_sentence(unsigned step);

#endif
