/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SINGLES_H
#define SEKI_SINGLES_H

/*
 * The single addresses of lists: an immutable set in a table of lib/cuckoo.
 *
 * A table of prefixes pays for each address that stands alone: rte_fib a group of 256 entries, rte_fib6 five of them for
 * a /64 and thirteen for an address. A million addresses would take gigabytes. Here each takes 20 bytes, and a source
 * that is not among them costs no more than a look at the tags. Single are IPv4 addresses, IPv6 addresses, and IPv6
 * prefixes of 64 bits: the least that a source owns.
 */

#include "cuckoo.h"
#include "digest.h"
#include "err.h"
#include "lpm.h"

struct seki_singles;

/*
 * Whether entry[i] is single, of n that are sorted (seki_prefix_compare). A /64 is not if there are prefixes within it
 * which are no addresses: they are in the table of prefixes, and the longest must be found first.
 */
bool seki_singles_has(const struct seki_lpm_entry *entry, size_t i, size_t n);

/* Bytes of EAL memory that a set of so many takes, upper bound. */
size_t seki_singles_bytes(size_t n);

/*
 * A set of n > 0 single entries, all different, in EAL's memory on `socket`. NULL and a sentence in `err`: no memory, or no
 * room in the table, which at its load does not happen. Control thread; a second for three million.
 */
struct seki_singles *seki_singles_create(const struct seki_key *secret, int socket, const struct seki_lpm_entry *entry,
	size_t n, struct seki_err *err);
void seki_singles_destroy(struct seki_singles *singles); /* NULL is legal */

/*
 * value[i] = that of the address, or of the /64 around it; left as it is where there is neither. n <= PKT_BURST. Any core,
 * concurrently. A miss costs the tags of its line, for IPv6 of two.
 */
void seki_singles_lookup4_burst(const struct seki_singles *singles, const uint32_t *addr, uint64_t *value, unsigned n);
void seki_singles_lookup6_burst(
	const struct seki_singles *singles, const uint8_t (*addr)[16], uint64_t *value, unsigned n);

#endif
