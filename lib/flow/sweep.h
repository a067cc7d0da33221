/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_SWEEP_H
#define SEKI_FLOW_SWEEP_H

/* Internal to lib/flow: the pace of sweeping. */

#include "state.h"

/* Longer than any entry lives. */
#define SWEEP_LEAP_NS ((uint64_t)32767 << FLOW_TICK_SHIFT)

/*
 * How many of `n` blocks are due after `elapsed_ns`, a round of all taking 2^32 ns (4.3 seconds); the part of one that is
 * left waits in `rest`. After a round or more: all.
 */
uint32_t sweep_due(uint32_t n, uint64_t elapsed_ns, uint64_t *rest);

#endif
