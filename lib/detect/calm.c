/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What is usual of each vector that nothing is wrong with: a mean that forgets in a quarter of a minute, and of that
 * the least of the last minute: an attack that grows slowly is not to become what is usual.
 */
#include "watch.h"

#include <string.h>

/* Seconds in which a mean forgets, at first and later; and after which it is put down. */
#define CALM_FIRST 2
#define CALM_MEAN 16
#define CALM_EVERY 10

void
calm_begin(struct watch *w)
{
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		memset(w->calm[v].was, 0xff, sizeof(w->calm[v].was));
}

static uint32_t
least_calm(const struct watch *w, unsigned vector)
{
	const struct calm *calm = &w->calm[vector];
	uint32_t least = calm->now;

	for (unsigned i = 0; i < CALM_SLOTS; i++)
		least = calm->was[i] < least ? calm->was[i] : least;
	return least;
}

uint64_t
watch_calm(const struct watch *w, unsigned vector)
{
	return least_calm(w, vector) / CALM_PART;
}

double
watch_calm_in_tick(const struct watch *w, unsigned vector)
{
	return (double)least_calm(w, vector) / CALM_PART / SPAN_TICKS_A_SECOND;
}

/* What a mean over `n` seconds becomes by `seconds` more, of which `pps` came in the last. */
static uint32_t
calm_after(uint32_t mean, uint64_t pps, uint32_t n, uint32_t seconds)
{
	for (uint32_t s = 1; s < seconds && mean >= CALM_MEAN; s++)
		mean -= (mean + CALM_MEAN - 1) / CALM_MEAN;
	return (uint32_t)(((n - 1) * (uint64_t)mean + CALM_PART * pps) / n);
}

/* Puts the mean down, for each time at which it was due; not while it is one of few seconds. */
static void
put_down(struct calm *calm, uint32_t before, uint32_t seconds)
{
	uint32_t from = before / CALM_EVERY, to = seconds / CALM_EVERY;

	for (uint32_t n = 0; n < to - from && n < CALM_SLOTS && before >= CALM_MEAN; n++)
		calm->was[(to - 1 - n) % CALM_SLOTS] = calm->now;
}

/* Once a second; ticks that were left out, since nothing came, are made up for. */
void
calm_learn(struct seki_detect *d, uint16_t zone, uint32_t seconds)
{
	struct watch *w = d->zone[zone];
	const struct node *node = d->collect.tree.zone[zone];
	uint32_t before = w->calm_seconds, n;

	w->calm_seconds += seconds;
	n = w->calm_seconds < CALM_FIRST ? CALM_FIRST : w->calm_seconds < CALM_MEAN ? w->calm_seconds : CALM_MEAN;
	for (unsigned v = 0; v < SEKI_N_VECTORS && node != NULL; v++) {
		const struct cell *cell = node->cell[v];
		uint64_t now = cell == NULL || d->collect.tick - cell->at >= SPAN_SLOTS ? 0 : cell->packets.in_second;

		if (w->track[v].state != TRACK_IDLE)
			continue;
		w->calm[v].now = calm_after(w->calm[v].now, now, n, seconds);
		put_down(&w->calm[v], before, w->calm_seconds);
	}
}
