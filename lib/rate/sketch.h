/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SKETCH_H
#define SEKI_SKETCH_H

/*
 * How much came from each of any number of keys within a sliding window, in fixed memory: a count-min sketch (Cormode and
 * Muthukrishnan, 2005) with conservative update (Estan and Varghese, 2002), blocked, so that a key costs one cache line.
 *
 * A flood whose sources are invented has a new key for every packet. A table of keys would be filled with them; here they
 * only raise counters a little. So the sketch is asked first, and only keys of which it says much are worth an exact
 * entry ("nomination"). It never says too little, so no heavy key escapes; it may say too much, so it alone decides nothing.
 *
 * A line is one key's block: the number of its window, and 3 rows of 5 counters for that window and for the one before.
 * A key has one counter in each row, and its count is the least of them. A line is brought to the present when it is
 * touched; nothing has to be cleared. (One that nobody touched for 65,528 to 65,535 windows says what it said then.)
 *
 * Error. Let T be what all other keys of the line got in the two windows. A counter has of it T/5 on average, hence more
 * than 2T/5 with a chance of at most 1/2 (Markov), and the rows are independent of each other:
 *
 *     never below the truth;    more than 2T/5 above it with a chance of at most 1/8
 *
 * T is itself about 1/n_lines of all traffic. Counters saturate at 65,535. Over the window it estimates as window.h does.
 */

#include "window.h"

#include <stddef.h>

#define SEKI_SKETCH_ROWS 3
#define SEKI_SKETCH_WIDTH 5
#define SEKI_SKETCH_COUNTERS (SEKI_SKETCH_ROWS * SEKI_SKETCH_WIDTH)

struct seki_sketch_line {
	uint16_t window;
	uint16_t current[SEKI_SKETCH_COUNTERS]; /* row by row */
	uint16_t previous[SEKI_SKETCH_COUNTERS];
	uint16_t reserved;
} __attribute__((aligned(64)));

struct seki_sketch {
	struct seki_sketch_line *line; /* the caller's memory, zeroed */
	uint32_t n_lines;              /* any number above 0 */
};

/* The line of a key, known by its keyed digest (lib/base/digest.h). For prefetching, some time before it is counted. */
static inline struct seki_sketch_line *
seki_sketch_line(const struct seki_sketch *sketch, uint64_t digest)
{
	return &sketch->line[(digest >> 32) * sketch->n_lines >> 32];
}

/*
 * Counts `amount` for the key in its line and returns the estimate of what came within the window, that amount included.
 * Owner only. About 25 cycles in cache.
 */
uint32_t seki_sketch_add(
	struct seki_sketch_line *line, uint64_t digest, struct seki_window_time t, uint32_t amount);

/* The estimate, without counting anything. */
uint32_t seki_sketch_estimate(const struct seki_sketch_line *line, uint64_t digest, struct seki_window_time t);

#endif
