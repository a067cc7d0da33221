/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LPM_H
#define SEKI_LPM_H

/*
 * Longest-prefix match from an address to a 16-bit value, on DPDK's rte_fib (DIR24-8) and rte_fib6 (trie).
 *
 * A table is built once and never changed: rte_fib has no RCU in 22.11, so a change builds a shadow and the
 * owner swaps the pointer. Lookups are burst-wise. Memory: 32 MiB of first-level table per family plus what long
 * prefixes need; seki_lpm_bytes says how much before anything is allocated, and building refuses what does not
 * fit with a sentence instead of failing half-way (an IPv6 /64 may need five groups of 512 bytes). Needs EAL.
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

/* Bytes that a table of these entries takes (upper bound, both families); families without entries cost nothing. */
size_t seki_lpm_bytes(const struct seki_lpm_entry *entry, size_t n);

/*
 * Builds a table. `name` is unique among live tables (EAL names); `entry` has no duplicates (same prefix twice is
 * an error, named in `err`) and is not kept. Returns NULL and a sentence in `err` when memory, at most
 * `max_bytes` (0: no bound), does not suffice. Any control thread. About a second for 100,000 mixed prefixes.
 */
struct seki_lpm *seki_lpm_create(const char *name, int socket, const struct seki_lpm_entry *entry, size_t n,
	size_t max_bytes, struct seki_err *err);
void seki_lpm_destroy(struct seki_lpm *lpm); /* NULL is legal; no core may still read it */

/*
 * value[i] = longest match of addr[i]; 0 without one. n <= PKT_BURST. IPv4: addresses in network order.
 * Any core, concurrently. About 5 ns an IPv4 lookup in cache.
 */
void seki_lpm_lookup4_burst(const struct seki_lpm *lpm, const uint32_t *addr_be, uint16_t *value, unsigned n);
void seki_lpm_lookup6_burst(const struct seki_lpm *lpm, const uint8_t (*addr)[16], uint16_t *value, unsigned n);

#endif
