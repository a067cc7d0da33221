/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_SWEEP_H
#define SEKI_FLOW_SWEEP_H

/* Internal to lib/flow: the pace of sweeping. */

#include "flow_state.h"

/*
 * Longer than any entry lives, and shorter than half the circle of ticks by more than a round: what had died, and was not
 * swept yet, would seem alive after that half.
 */
#define SWEEP_LEAP_TICKS 30000
#define SWEEP_LEAP_NS ((uint64_t)SWEEP_LEAP_TICKS << FLOW_TICK_SHIFT)

static_assert(LIFE_TCP < SWEEP_LEAP_TICKS && SWEEP_LEAP_TICKS < 32767 - 2 * 16, "a round is 16 ticks");

/*
 * How many of `n` blocks are due after `elapsed_ns`, a round of all taking 2^32 ns (4.3 seconds); the part of one that is
 * left waits in `rest`. After a round or more: all.
 */
uint32_t sweep_due(uint32_t n, uint64_t elapsed_ns, uint64_t *rest);

#endif
