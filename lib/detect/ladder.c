/* SPDX-License-Identifier: BSD-3-Clause */
#include "ladder.h"

#define STEPS_MAX 6

static const uint8_t ladders[SEKI_N_LADDERS][STEPS_MAX] = {
#define LADDER(id, ...) {__VA_ARGS__},
#include "ladders.def"
};

static const uint8_t ladder_of[SEKI_N_VECTORS] = {
#define VECTOR(id, name, class, ladder, ...) SEKI_LADDER_##ladder,
#include "vectors.def"
};

static const struct {
	const char *name, *sentence;
} steps[SEKI_N_STEPS] = {
#define STEP(id, name, sentence) {name, sentence},
#include "ladders.def"
};

enum seki_ladder
seki_ladder_of(unsigned vector)
{
	return vector < SEKI_N_VECTORS ? (enum seki_ladder)ladder_of[vector] : SEKI_LADDER_NONE;
}

enum seki_step
seki_step_above(unsigned vector, enum seki_step step, uint32_t can)
{
	const uint8_t *ladder = ladders[seki_ladder_of(vector)];
	unsigned i = 0;

	while (step != SEKI_STEP_NONE && i < STEPS_MAX && ladder[i] != step)
		i++;
	for (i += step != SEKI_STEP_NONE; i < STEPS_MAX && ladder[i] != SEKI_STEP_NONE; i++)
		if (can & SEKI_STEP_BIT(ladder[i]))
			return (enum seki_step)ladder[i];
	return SEKI_STEP_NONE;
}

uint32_t
seki_steps_up_to(unsigned vector, enum seki_step step, uint32_t can)
{
	const uint8_t *ladder = ladders[seki_ladder_of(vector)];
	uint32_t bits = 0;

	for (unsigned i = 0; step != SEKI_STEP_NONE && i < STEPS_MAX && ladder[i] != SEKI_STEP_NONE; i++) {
		bits |= SEKI_STEP_BIT(ladder[i]);
		if (ladder[i] == step)
			break;
	}
	return bits & can;
}

const char *
seki_step_name(unsigned step)
{
	return step < SEKI_N_STEPS ? steps[step].name : "?";
}

const char *
seki_step_sentence(unsigned step)
{
	return step < SEKI_N_STEPS ? steps[step].sentence : "?";
}
