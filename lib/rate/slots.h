/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SLOTS_H
#define SEKI_SLOTS_H

/*
 * Exact windows over counters that only grow: the management core reads a counter once per tick and asks how much it
 * grew over the last k ticks. Ten ticks of 100 ms and ten of a second answer for 100 ms to 10 s. Nothing is estimated:
 * a window is the difference of two readings.
 */

#include <stdint.h>

#define SEKI_SLOTS 10

/* One counter. Zeroed memory is ready: a counter that stood still at 0. */
struct seki_slots {
	uint64_t now;
	uint64_t tick[SEKI_SLOTS];   /* readings of the last ten ticks, a ring */
	uint64_t second[SEKI_SLOTS]; /* readings of every tenth tick, a ring */
	uint32_t n;                  /* ticks so far */
};

/* One tick is over and the counter stands at `value`, which is not below the last one. */
static inline void
seki_slots_push(struct seki_slots *s, uint64_t value)
{
	if (s->n % SEKI_SLOTS == 0)
		s->second[s->n / SEKI_SLOTS % SEKI_SLOTS] = s->now;
	s->tick[s->n++ % SEKI_SLOTS] = s->now;
	s->now = value;
}

/* Growth over the last `k` ticks, 1 <= k <= SEKI_SLOTS; before there were as many, since the start. */
static inline uint64_t
seki_slots_ticks(const struct seki_slots *s, unsigned k)
{
	return s->now - (k <= s->n ? s->tick[(s->n - k) % SEKI_SLOTS] : 0);
}

/*
 * Growth since the k-th last time that ten ticks were complete, 1 <= k <= SEKI_SLOTS, and how many ticks that is: between
 * 10 k - 9 and 10 k, or all there were.
 */
static inline uint64_t
seki_slots_tens(const struct seki_slots *s, unsigned k, unsigned *ticks)
{
	uint32_t tens = (s->n + SEKI_SLOTS - 1) / SEKI_SLOTS;

	if (k > tens) {
		*ticks = s->n;
		return s->now;
	}
	*ticks = s->n - (tens - k) * SEKI_SLOTS;
	return s->now - s->second[(tens - k) % SEKI_SLOTS];
}

#endif
