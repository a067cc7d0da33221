/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_LIVE_H
#define SEKI_GEN_LIVE_H

/*
 * A scenario over live ports, at its own pace: what comes from outside goes into the outside port, what comes from inside
 * into the inside port, and whatever comes out of either is told by seen.h. One thread does it all, in the order of the
 * trace's time, so the inside's answers follow what they answer. It polls; give it a CPU of its own for latencies to mean
 * something.
 */

#include "options.h"

/* Sends all of it, or until SIGINT or SIGTERM, and reports. Returns the exit code: 0, or 1 after saying what went wrong. */
int gen_live(const struct gen_options *options);

#endif
