/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SPAN_H
#define SEKI_SPAN_H

/*
 * Sliding sums over 200 ms, 1 s and 10 s, in steps of a tick of 100 ms: ten slots of a tick and ten of a second. Exact
 * at ticks: the first two cover the last 2 and 10 ticks, the third the last 90 to 99 and the one that is now filled.
 * Internal to lib/detect.
 */

#include <stdint.h>
#include <string.h>

#define SPAN_SLOTS 10
#define SPAN_TICKS_A_SECOND 10

struct span {
	uint32_t tick[SPAN_SLOTS];
	uint32_t second[SPAN_SLOTS];
	uint32_t in_second; /* of all tick[] */
	uint64_t in_ten;    /* of all second[] */
};

/* Packets and units of one row of one node. `at`: the tick that is being filled. */
struct cell {
	uint32_t at;
	struct hosts *hosts; /* of a vector of a block, behind it in memory; else NULL */
	struct span packets, units;
};

static inline void
span_step(struct span *s, uint32_t tick)
{
	s->in_second -= s->tick[tick % SPAN_SLOTS];
	s->tick[tick % SPAN_SLOTS] = 0;
	if (tick % SPAN_TICKS_A_SECOND == 0) {
		uint32_t second = tick / SPAN_TICKS_A_SECOND % SPAN_SLOTS;

		s->in_ten -= s->second[second];
		s->second[second] = 0;
	}
}

static inline void
span_add(struct span *s, uint32_t tick, uint32_t n)
{
	s->tick[tick % SPAN_SLOTS] += n;
	s->second[tick / SPAN_TICKS_A_SECOND % SPAN_SLOTS] += n;
	s->in_second += n;
	s->in_ten += n;
}

/* Brings it to `tick`, which is not before. */
static inline void
cell_advance(struct cell *c, uint32_t tick)
{
	if (tick - c->at >= SPAN_SLOTS * SPAN_TICKS_A_SECOND) {
		*c = (struct cell){.at = tick, .hosts = c->hosts};
		return;
	}
	while (c->at != tick) {
		c->at++;
		span_step(&c->packets, c->at);
		span_step(&c->units, c->at);
	}
}

static inline void
cell_add(struct cell *c, uint32_t packets, uint32_t units)
{
	span_add(&c->packets, c->at, packets);
	span_add(&c->units, c->at, units);
}

/* What came in the last two ticks. */
static inline uint32_t
span_in_two(const struct span *s, uint32_t at)
{
	return s->tick[at % SPAN_SLOTS] + s->tick[(at + SPAN_SLOTS - 1) % SPAN_SLOTS];
}

#endif
