/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_SUM_H
#define SEKI_TEST_SUM_H

/* Bursts that no classify has summed. */
#include "stats.h"

static inline struct pkt_sum
sum_of(const struct pkt *p, unsigned n)
{
	struct pkt_sum sum = PKT_SUM_NONE;

	for (unsigned i = 0; i < n; i++)
		pkt_sum_add(&sum, &p[0], &p[i]);
	return sum;
}

static inline void
count_burst(struct seki_stats *to, const struct pkt *p, unsigned n)
{
	struct pkt_sum sum = sum_of(p, n);

	seki_stats_burst(to, p, n, &sum);
}

#endif
