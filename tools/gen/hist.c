/* SPDX-License-Identifier: BSD-3-Clause */
#include "hist.h"

/* Values below GEN_HIST_STEPS have a step each; above, the highest bit and the five behind it say which. */
static unsigned
step_of(uint64_t value)
{
	unsigned shift;

	if (value < GEN_HIST_STEPS)
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - 5u;
	return (shift + 1) * GEN_HIST_STEPS + (unsigned)(value >> shift) - GEN_HIST_STEPS;
}

/* The middle of a step. */
static uint64_t
value_of(unsigned step)
{
	unsigned shift = step / GEN_HIST_STEPS;

	if (shift == 0)
		return step;
	shift--;
	return ((uint64_t)(step % GEN_HIST_STEPS + GEN_HIST_STEPS) << shift) + (UINT64_C(1) << shift) / 2;
}

void
gen_hist_add(struct gen_hist *hist, uint64_t value)
{
	hist->count[step_of(value)]++;
	if (hist->n++ == 0 || value < hist->min)
		hist->min = value;
}

uint64_t
gen_hist_at(const struct gen_hist *hist, unsigned permille)
{
	uint64_t rank = (hist->n * permille + 999) / 1000, below = 0;

	for (unsigned i = 0; hist->n > 0 && i < 64 * GEN_HIST_STEPS; i++) {
		below += hist->count[i];
		if (below >= rank && below > 0)
			return value_of(i) > hist->min ? value_of(i) : hist->min;
	}
	return 0;
}
