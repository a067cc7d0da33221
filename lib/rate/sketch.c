/* SPDX-License-Identifier: BSD-3-Clause */
#include "sketch.h"

#include <assert.h>
#include <string.h>

static_assert(sizeof(struct seki_sketch_line) == 64, "a key costs one cache line");

#define COUNTER_MAX UINT16_MAX

/* The key's counter in each row. Ten bits of the digest for each, from the half that did not choose the line. */
static inline void
counters_of(uint64_t digest, unsigned at[SEKI_SKETCH_ROWS])
{
	for (unsigned r = 0; r < SEKI_SKETCH_ROWS; r++)
		at[r] = r * SEKI_SKETCH_WIDTH + (unsigned)((digest >> 10 * r & 1023) * SEKI_SKETCH_WIDTH >> 10);
}

/* Clocks that step back by no more than this many windows count on in the window that they had reached. */
#define STEP_BACK 8

/* Brings the line to the window of `t`. Whatever a line held that nobody touched for longer is forgotten. */
static inline void
roll(struct seki_sketch_line *line, struct seki_window_time t)
{
	uint16_t age = (uint16_t)(t.window - line->window);

	if (__builtin_expect(age == 0 || age > UINT16_MAX - STEP_BACK, 1))
		return;
	if (age == 1)
		memcpy(line->previous, line->current, sizeof(line->previous));
	else
		memset(line->previous, 0, sizeof(line->previous));
	memset(line->current, 0, sizeof(line->current));
	line->window = t.window;
}

/* What of the previous window's count is still within the window. */
static inline uint32_t
still(uint32_t previous, struct seki_window_time t)
{
	return previous * (65536u - t.passed) >> 16;
}

static inline uint32_t
least(const uint16_t *counter, const unsigned at[SEKI_SKETCH_ROWS])
{
	uint32_t min = counter[at[0]];

	for (unsigned r = 1; r < SEKI_SKETCH_ROWS; r++)
		min = counter[at[r]] < min ? counter[at[r]] : min;
	return min;
}

uint32_t
seki_sketch_add(struct seki_sketch_line *line, uint64_t digest, struct seki_window_time t, uint32_t amount)
{
	unsigned at[SEKI_SKETCH_ROWS];
	uint32_t count;

	counters_of(digest, at);
	roll(line, t);
	count = least(line->current, at);
	count = amount < COUNTER_MAX - count ? count + amount : COUNTER_MAX;
	/* Conservative: no counter need be more than the key's own count. */
	for (unsigned r = 0; r < SEKI_SKETCH_ROWS; r++) {
		uint16_t *c = &line->current[at[r]];

		*c = *c < count ? (uint16_t)count : *c;
	}
	return count + still(least(line->previous, at), t);
}

uint32_t
seki_sketch_estimate(const struct seki_sketch_line *line, uint64_t digest, struct seki_window_time t)
{
	struct seki_sketch_line now = *line;
	unsigned at[SEKI_SKETCH_ROWS];

	counters_of(digest, at);
	roll(&now, t);
	return least(now.current, at) + still(least(now.previous, at), t);
}
