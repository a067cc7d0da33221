/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LPM_H
#define SEKI_LPM_H

/*
 * Longest-prefix match from an address to a 16-bit value, on DPDK's rte_fib (DIR24-8) and rte_fib6 (trie).
 *
 * A table is built once and never changed: rte_fib has no RCU in 22.11, so a change builds a shadow and the
 * owner swaps the pointer. Lookups are burst-wise. Memory, all of it EAL's: 32 MiB of first-level table per family
 * (64 MiB from 32,752 second-level groups on), 512 bytes (1 KiB) for each group, and about 400 bytes a prefix for
 * the tree that rte_fib keeps beside. IPv4 needs a group per /24 that holds something longer; an IPv6 prefix
 * reserves one for each byte by which it is longer than 24 bits or than the prefix around it, five for a lone /64.
 * seki_lpm_bytes counts all this before anything is allocated, and building refuses what does not fit with a
 * sentence instead of failing half-way. A default route is legal and costs nothing. Needs EAL.
 */

#include "addr.h"
#include "err.h"
#include "pkt.h"

#include <stddef.h>
#include <stdint.h>

struct seki_lpm; /* both families; opaque; immutable once built */

struct seki_lpm_entry {
	struct seki_prefix prefix;
	uint16_t value; /* 1..SEKI_LPM_VALUE_MAX; lookups give 0 where nothing matches */
};

#define SEKI_LPM_VALUE_MAX 0x7fff

/*
 * Bytes of EAL memory that a table of these entries takes: an upper bound, both families; families without entries
 * cost nothing. SIZE_MAX with a sentence in `err` if there can be no table of them, or there is no memory to sort them.
 * EAL need not run.
 */
size_t seki_lpm_bytes(const char *name, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err);

/*
 * Builds a table. `name` is what messages call it; `entry` has no duplicates (same prefix twice is an error, named
 * in `err`), comes in any order and is not kept. Returns NULL and a sentence in `err` when memory, at most
 * `max_bytes` (0: no bound), does not suffice. Any control thread. About a second for 100,000 mixed prefixes.
 */
struct seki_lpm *seki_lpm_create(const char *name, int socket, const struct seki_lpm_entry *entry, size_t n,
	size_t max_bytes, struct seki_err *err);
void seki_lpm_destroy(struct seki_lpm *lpm); /* NULL is legal; no core may still read it */

/*
 * value[i] = longest match of addr[i]; 0 without one. n <= PKT_BURST. IPv4 addresses in host order, values in 64 bits:
 * as rte_fib wants them, so that nothing is copied here. Any core, concurrently. In cache about 1.5 ns an IPv4 and 3 ns
 * an IPv6 lookup; 10 ns each out of it.
 */
void seki_lpm_lookup4_burst(const struct seki_lpm *lpm, const uint32_t *addr, uint64_t *value, unsigned n);
void seki_lpm_lookup6_burst(const struct seki_lpm *lpm, const uint8_t (*addr)[16], uint64_t *value, unsigned n);

#endif
