/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_HASH_H
#define SEKI_HASH_H

/*
 * Keyed hashing and a small reproducible generator.
 *
 * Whatever an attacker can choose as a key is hashed under a secret: SipHash-2-4 (Aumasson, Bernstein, 2012)
 * here; the flow table brings AES rounds of its own. Never CRC, never the RSS hash (they are linear).
 */

#include <stddef.h>
#include <stdint.h>

struct seki_key {
	uint64_t k[2];
};

/* SipHash-2-4 of `n` bytes. Any thread, no state. About 1.5 cycles a byte plus 25. */
uint64_t seki_siphash(const struct seki_key *key, const void *data, size_t n);

/*
 * xoshiro256** (Blackman, Vigna, 2018) seeded by splitmix64: for tests, traffic and seeds from one number.
 * Not a source of secrets: those come from getrandom().
 */
struct seki_rng {
	uint64_t s[4];
};

void seki_rng_init(struct seki_rng *rng, uint64_t seed);
uint64_t seki_rng_next(struct seki_rng *rng);

/* Uniform in [0, bound), bound > 0, without modulo bias (Lemire 2019). */
uint64_t seki_rng_below(struct seki_rng *rng, uint64_t bound);

#endif
