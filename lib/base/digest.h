/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DIGEST_H
#define SEKI_DIGEST_H

/*
 * Keyed digests of table keys, a burst at a time.
 *
 * An attacker chooses every key of a flow table. What he must not be able to do is to choose keys that meet in it, so
 * a key is known by a 64-bit digest under a secret of this process. The digest is all the identity that a table keeps:
 * two keys are taken for one with the chance of N/2^64 per lookup among N entries.
 *
 * On CPUs with AES instructions a key of m blocks of 16 bytes is digested by four AES rounds for each block, every
 * round of every block under a round key of its own, and the results are XORed:
 *
 *     digest(b_1 .. b_m) = low 64 bits of  R4_1(b_1) ^ ... ^ R4_m(b_m)
 *
 * That is no MAC and need not be one: no attacker ever sees a digest. What is needed is that two different keys, chosen
 * without knowing the secret, rarely agree, and for four rounds with independent keys that is proven: the chance that
 * any input difference gives any one output difference is at most 1.881 * 2^-114 (Keliher and Sui, 2007), so at most
 * 2^-49 after cutting 128 bits to 64, and for a random function it is 2^-64. docs/adr/0007 has the argument.
 * Elsewhere it is SipHash-2-4 (hash.h) over the same bytes. The two give different digests; nothing depends on which.
 */

#include "hash.h"

#include <stdbool.h>

/* Blocks that one key may have: 1 for IPv4, 3 for IPv6. */
#define SEKI_DIGEST_BLOCKS 3

#define SEKI_DIGEST_ROUNDS 4

/* 16 bytes of a key. Unused bytes are zero, and some byte says what kind of key it is. */
struct seki_block {
	uint64_t q[2];
} __attribute__((aligned(16)));

enum seki_digest_kind {
	SEKI_DIGEST_SIPHASH,
	SEKI_DIGEST_AES,  /* AES-NI, a block at a time */
	SEKI_DIGEST_VAES, /* AVX-512 VAES, four blocks at a time; the same digests as AES */
	SEKI_N_DIGESTS,
};

/* The secret, expanded. Read by any core; constant after init. */
struct seki_digest {
	struct seki_block round[SEKI_DIGEST_BLOCKS][1 + SEKI_DIGEST_ROUNDS]; /* whitening, then the rounds' keys */
	struct seki_key sip;
	enum seki_digest_kind kind;
	void (*burst)(const struct seki_digest *d, const struct seki_block *key, unsigned m, uint64_t *out, unsigned n);
};

/*
 * Expands a secret. `secret` comes from getrandom() where it must be one, from a seed where a run is to be repeated. The
 * best kind that this CPU has.
 */
void seki_digest_init(struct seki_digest *d, const struct seki_key *secret);

/* As above, of one kind. False: the CPU has no instructions for it; `d` is then unusable. */
bool seki_digest_init_kind(struct seki_digest *d, const struct seki_key *secret, enum seki_digest_kind kind);

/* "siphash", "aes", "vaes". */
const char *seki_digest_name(enum seki_digest_kind kind);

/*
 * out[i] = digest of the `m` blocks at key[i * m], m <= SEKI_DIGEST_BLOCKS, i < n. Any core, no state. In cache about 1 ns
 * for one block and 2 ns for three with AES, 15 and 30 ns with SipHash.
 */
static inline void
seki_digest_burst(const struct seki_digest *d, const struct seki_block *key, unsigned m, uint64_t *out, unsigned n)
{
	d->burst(d, key, m, out, n);
}

#endif
