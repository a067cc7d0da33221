/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_HIST_H
#define SEKI_GEN_HIST_H

/* A histogram of times: 32 steps to each doubling, so what it tells is right to 3 %; the smallest one is exact. */

#include <stdint.h>

#define GEN_HIST_STEPS 32u

struct gen_hist {
	uint64_t n, min;
	uint64_t count[64 * GEN_HIST_STEPS];
};

void gen_hist_add(struct gen_hist *hist, uint64_t value);

/* The value that `permille` thousandths are not above; 0 where there is nothing. */
uint64_t gen_hist_at(const struct gen_hist *hist, unsigned permille);

#endif
