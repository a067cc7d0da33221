/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CLOCK_H
#define SEKI_CLOCK_H

/*
 * mono_ns from the time stamp counter: one instruction and one multiplication, no division.
 *
 * Counts from clock_init. Monotone on a core, and over cores where the counter is invariant, which EAL demands
 * of the CPUs it supports. The error of the multiplier is below 2^-32.
 */

#include <stdint.h>
#include <time.h>

#include <rte_cycles.h>

struct seki_clock {
	uint64_t base_tsc;
	uint64_t ns_per_tick_q32;
};

/* After rte_eal_init, which measures the counter's frequency. */
static inline void
clock_init(struct seki_clock *clock)
{
	clock->base_tsc = rte_rdtsc();
	clock->ns_per_tick_q32 = (UINT64_C(1000000000) << 32) / rte_get_tsc_hz();
}

static inline uint64_t
clock_mono_ns(const struct seki_clock *clock)
{
	return (uint64_t)((unsigned __int128)(rte_rdtsc() - clock->base_tsc) * clock->ns_per_tick_q32 >> 32);
}

/* The time of day, ns since 1970. */
static inline uint64_t
clock_wall_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
