/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LPM_PLAN_H
#define SEKI_LPM_PLAN_H

/*
 * What the tables of some prefixes will take, counted before anything is allocated. Internal to lib/prefix.
 *
 * Entries go in by ascending length. A new prefix then never covers one that is already there, so each insertion
 * writes exactly its own range, and all that a table will ever hold can be counted beforehand.
 */

#include "lpm.h"

/* Groups that an insertion takes for a moment, before it finds them uniform and gives them back. */
#define LPM_GROUPS_SPARE 16

/* What one family's table takes. */
struct lpm_family {
	size_t n;        /* prefixes, without the default route */
	uint64_t groups; /* second-level tables of 256 entries, at most */
	uint16_t def;    /* value of the default route; 0: there is none */
};

struct lpm_plan {
	struct seki_lpm_entry *entry; /* a copy in the order of insertion */
	size_t n;
	struct lpm_family v4, v6;
};

/* Checks and counts. 0, -EINVAL or -ENOMEM with sentences that call the table `name`. */
int lpm_plan_init(
	struct lpm_plan *plan, const char *name, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err);
void lpm_plan_fini(struct lpm_plan *plan);

/* Bytes of EAL memory, upper bound. */
size_t lpm_plan_bytes(const struct lpm_plan *plan);

/* 0, or -EINVAL and a sentence: the tables cannot be numbered, or exceed `max_bytes` (0: no bound). */
int lpm_plan_check(const char *name, const struct lpm_plan *plan, size_t max_bytes, struct seki_err *err);

/* log2 of the bytes of one table entry: 1 or 2. */
unsigned lpm_entry_shift(const struct lpm_family *family);

#endif
