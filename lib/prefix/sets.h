/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SETS_H
#define SEKI_SETS_H

/*
 * Membership sets: which lists hold a source, answered by one lookup however many lists there are.
 *
 * Up to 64 lists merge into one table whose values are interned sets. A prefix inherits the lists of every prefix
 * that covers it, at compile time: sort, then walk with a stack of covering prefixes. A zone then asks one
 * question of the set's mask: `mask & zone.deny`. A prefix that adds nothing to what it inherits takes no room in
 * the table. Immutable; rebuilt aside and swapped with the policy.
 *
 * The table has two parts: prefixes are in an LPM, addresses that stand alone in a set of their own (singles.h), which
 * is asked last and has the last word, since nothing is longer than an address.
 */

#include "coarse.h"
#include "list.h"
#include "lpm.h"
#include "singles.h"

#define SEKI_LISTS_MAX 64

struct seki_sets {
	struct seki_lpm *lpm;         /* address -> set id; NULL if the lists hold no prefixes */
	struct seki_singles *singles; /* NULL if they hold no addresses */
	uint64_t *mask;               /* set id -> bit per list; mask[0] == 0 */
	unsigned n;                   /* set ids */
};

/*
 * Compiles lists[0..n_lists) into `sets`. Returns 0, or -EINVAL/-ENOMEM with a sentence. `name` as for
 * seki_lpm_create, `secret` for the digests of single addresses. Marks in `known` the blocks of all prefixes, but not
 * those of single addresses, which would soon mark all. 100,000 mixed prefixes and a million addresses take about two
 * seconds; nothing on the packet path waits for it. The lists are not kept. `sets` is empty after an error.
 */
int seki_sets_build(struct seki_sets *sets, const char *name, const struct seki_key *secret, int socket,
	const struct seki_list *lists, unsigned n_lists, struct seki_coarse *known, struct seki_err *err);
void seki_sets_fini(struct seki_sets *sets);

/*
 * value[i] = set id of addr[i], 0 if no list holds it. n <= PKT_BURST, IPv4 in host order; any core, concurrently. The
 * price is that of seki_lpm_lookup and seki_singles_lookup.
 */
void seki_sets_lookup4_burst(const struct seki_sets *sets, const uint32_t *addr, uint64_t *value, unsigned n);
void seki_sets_lookup6_burst(const struct seki_sets *sets, const uint8_t (*addr)[16], uint64_t *value, unsigned n);

/*
 * Bytes of EAL memory that seki_sets_build takes, upper bound; SIZE_MAX with a sentence where no memory would help. EAL
 * need not run.
 */
size_t seki_sets_bytes(const char *name, const struct seki_list *lists, unsigned n_lists, struct seki_err *err);

#endif
