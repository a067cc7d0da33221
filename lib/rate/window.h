/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_WINDOW_H
#define SEKI_WINDOW_H

/*
 * A sliding window in one word: how much came within the last W seconds, for as many keys as a table holds.
 *
 *     63      48 47    38 37          19 18           0
 *     [ window+2 | label | previous     | current      ]
 *
 * Time is cut into windows of one length, numbered; the word counts the current window and the one before, and the
 * estimate weighs the latter with what of it is still within W ("sliding window counter", as HAProxy's freq_ctr and
 * Cloudflare's rate limiter do it). The number stands as the first window in which the word says nothing any more, which
 * is what lib/cuckoo takes for the tick of its death. The label is the caller's and stays as it is: the zone.
 *
 * The estimate assumes that what came in the previous window came evenly. If it did not, it is off by no more than
 *
 *     previous * passed  below,    previous * (1 - passed)  above        passed: part of the current window that is over
 *
 * plus 1 + previous/65536 for rounding, and it is exact at the end of each window. Counts saturate at SEKI_WINDOW_MAX and
 * stay there until the window ends. A clock that steps back counts on in the window that it had reached; a word must be
 * seen once in 32,767 windows, or it wraps (a sweep of the table sees to that). No division, no branch, no float.
 */

#include <stdint.h>

#define SEKI_WINDOW_BITS 19
#define SEKI_WINDOW_MAX ((UINT32_C(1) << SEKI_WINDOW_BITS) - 1)
#define SEKI_WINDOW_LABELS 1024

/* A point in time, as windows see it. Made once per burst. */
struct seki_window_time {
	uint16_t window; /* number of the window */
	uint16_t passed; /* of it, in 1/65536 */
};

/* Windows of 2^shift nanoseconds; shift >= 16. 2^30 ns is 1.07 s. */
static inline struct seki_window_time
seki_window_at(uint64_t now_ns, unsigned shift)
{
	return (struct seki_window_time){(uint16_t)(now_ns >> shift), (uint16_t)(now_ns >> (shift - 16))};
}

/* A word that has counted nothing yet. label < SEKI_WINDOW_LABELS. */
static inline uint64_t
seki_window_start(struct seki_window_time t, unsigned label)
{
	return (uint64_t)(uint16_t)(t.window + 2) << 48 | (uint64_t)label << 2 * SEKI_WINDOW_BITS;
}

static inline unsigned
seki_window_label(uint64_t word)
{
	return (unsigned)(word >> 2 * SEKI_WINDOW_BITS) % SEKI_WINDOW_LABELS;
}

/* `x` if `yes`, else 0. */
static inline uint32_t
seki_window_if(int yes, uint32_t x)
{
	return x & -(uint32_t)(yes != 0);
}

/* The word brought to the window of `t`. */
static inline uint64_t
seki_window_roll(uint64_t word, struct seki_window_time t)
{
	int16_t age = (int16_t)(t.window + 2 - (uint16_t)(word >> 48));
	uint32_t current = (uint32_t)word & SEKI_WINDOW_MAX;
	uint32_t previous = (uint32_t)(word >> SEKI_WINDOW_BITS) & SEKI_WINDOW_MAX;

	/* A step back in time does not unroll. */
	age = age < 0 ? 0 : age;
	previous = seki_window_if(age == 0, previous) | seki_window_if(age == 1, current);
	current = seki_window_if(age == 0, current);
	word = (word >> 2 * SEKI_WINDOW_BITS << 2 * SEKI_WINDOW_BITS) + ((uint64_t)(uint16_t)age << 48);
	return word | (uint64_t)previous << SEKI_WINDOW_BITS | current;
}

/* What came within the last W, of a word that was rolled to `t`. At most 2 * SEKI_WINDOW_MAX. */
static inline uint32_t
seki_window_estimate(uint64_t word, struct seki_window_time t)
{
	uint64_t previous = word >> SEKI_WINDOW_BITS & SEKI_WINDOW_MAX;

	return ((uint32_t)word & SEKI_WINDOW_MAX) + (uint32_t)(previous * (65536u - t.passed) >> 16);
}

/* The rolled word with `amount` more. */
static inline uint64_t
seki_window_add(uint64_t word, uint32_t amount)
{
	uint32_t room = SEKI_WINDOW_MAX - ((uint32_t)word & SEKI_WINDOW_MAX);

	return word + (amount < room ? amount : room);
}

#endif
