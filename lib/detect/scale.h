/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SCALE_H
#define SEKI_SCALE_H

/*
 * Internal to lib/detect: rates on a logarithmic scale, in ten bits.
 *
 * Sixteen steps to an octave, evenly spaced within it (the scale of HDR histograms): up to 31 every number has a step
 * of its own, above a step is read as its middle, which is off by 1/32 (3.2 %) at most. So a histogram of all rates
 * up to 17.6 T is 656 counters, and a learned rate is two bytes. Codes are ordered as what they stand for.
 */

#include <stdint.h>

#define SCALE_NONE 0 /* no number: nothing is known */
#define SCALE_ZERO 1
#define SCALE_BITS 44 /* what is beyond counts as the last step */
#define SCALE_N (1 + 16 * (SCALE_BITS - 4) + 16)

/* Room for the text of any code, with the zero. */
#define SCALE_TEXT_MAX 8

/* The step of a number. Any thread; a few instructions. */
static inline uint16_t
scale_code(uint64_t value)
{
	unsigned up;

	if (value >> SCALE_BITS != 0)
		return SCALE_N - 1;
	up = value < 16 ? 0 : 59 - (unsigned)__builtin_clzll(value);
	return (uint16_t)(SCALE_ZERO + 16 * up + (value >> up));
}

/* What a code stands for; 0 for SCALE_NONE. scale_code() of it is the code again. */
uint64_t scale_value(uint16_t code);

/* The last code that stands for no more than `value`. */
uint16_t scale_code_below(uint64_t value);

/* What a code stands for, in three digits that units.h reads back to the same code: "0", "744", "1.18k", "11.5M". */
void scale_text(uint16_t code, char text[SCALE_TEXT_MAX]);

#endif
