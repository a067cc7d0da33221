/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SETS_H
#define SEKI_SETS_H

/*
 * Membership sets: which lists hold a source, answered by one lookup however many lists there are.
 *
 * Up to 64 lists merge into one LPM whose values are interned sets. A prefix inherits the lists of every prefix
 * that covers it, at compile time: sort, then walk with a stack of covering prefixes. A zone then asks one
 * question of the set's mask: `mask & zone.deny`. A prefix that adds nothing to what it inherits takes no room in
 * the table. Immutable; rebuilt aside and swapped with the policy.
 */

#include "list.h"
#include "lpm.h"

#define SEKI_LISTS_MAX 64

struct seki_sets {
	struct seki_lpm *lpm; /* address -> set id; NULL if all lists are empty */
	uint64_t *mask;       /* set id -> bit per list; mask[0] == 0 */
	unsigned n;           /* set ids */
};

/*
 * Compiles lists[0..n_lists) into `sets`. Returns 0, or -EINVAL/-ENOMEM with a sentence. `name` as for
 * seki_lpm_create. 100,000 mixed prefixes take about a second; nothing on the packet path waits for it. The lists
 * are not kept. `sets` is empty after an error.
 */
int seki_sets_build(struct seki_sets *sets, const char *name, int socket, const struct seki_list *lists,
	unsigned n_lists, struct seki_err *err);
void seki_sets_fini(struct seki_sets *sets);

/*
 * Bytes of EAL memory that seki_sets_build takes, upper bound; SIZE_MAX with a sentence where no memory would help. EAL
 * need not run.
 */
size_t seki_sets_bytes(const char *name, const struct seki_list *lists, unsigned n_lists, struct seki_err *err);

#endif
