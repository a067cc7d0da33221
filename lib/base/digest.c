/* SPDX-License-Identifier: BSD-3-Clause */
#include "digest.h"

#include <assert.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static_assert(sizeof(struct seki_block) == 16, "one AES block");

static const char *const names[SEKI_N_DIGESTS] = {
	[SEKI_DIGEST_SIPHASH] = "siphash",
	[SEKI_DIGEST_AES] = "aes",
	[SEKI_DIGEST_VAES] = "vaes",
};

const char *
seki_digest_name(enum seki_digest_kind kind)
{
	return kind < SEKI_N_DIGESTS ? names[kind] : "?";
}

static void
siphash_burst(const struct seki_digest *d, const struct seki_block *key, unsigned m, uint64_t *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		out[i] = seki_siphash(&d->sip, &key[(size_t)i * m], m * sizeof(*key));
}

#if defined(__x86_64__)

__attribute__((target("aes,sse4.1"))) static inline __m128i
rounds(const struct seki_digest *d, unsigned block, const struct seki_block *in)
{
	const __m128i *k = (const __m128i *)d->round[block];
	__m128i x = _mm_xor_si128(_mm_load_si128((const __m128i *)in), k[0]);

	x = _mm_aesenc_si128(x, k[1]);
	x = _mm_aesenc_si128(x, k[2]);
	x = _mm_aesenc_si128(x, k[3]);
	return _mm_aesenc_si128(x, k[4]);
}

/* The keys of a burst are independent of each other, so the rounds of several are under way at a time. */
__attribute__((target("aes,sse4.1"))) static void
aes_burst(const struct seki_digest *d, const struct seki_block *key, unsigned m, uint64_t *out, unsigned n)
{
	for (unsigned i = 0; i < n; i++, key += m) {
		__m128i x = rounds(d, 0, &key[0]);

		for (unsigned b = 1; b < m; b++)
			x = _mm_xor_si128(x, rounds(d, b, &key[b]));
		out[i] = (uint64_t)_mm_cvtsi128_si64(x);
	}
}

#define VAES "vaes,avx512f,avx512vl,avx512bw"

__attribute__((target(VAES))) static inline __m512i
rounds4(const struct seki_digest *d, unsigned block, __m512i x)
{
	const __m128i *k = (const __m128i *)d->round[block];

	x = _mm512_xor_si512(x, _mm512_broadcast_i32x4(k[0]));
	x = _mm512_aesenc_epi128(x, _mm512_broadcast_i32x4(k[1]));
	x = _mm512_aesenc_epi128(x, _mm512_broadcast_i32x4(k[2]));
	x = _mm512_aesenc_epi128(x, _mm512_broadcast_i32x4(k[3]));
	return _mm512_aesenc_epi128(x, _mm512_broadcast_i32x4(k[4]));
}

/* The low halves of the four lanes. */
__attribute__((target(VAES))) static inline void
store4(uint64_t *out, __m512i x)
{
	const __m512i even = _mm512_setr_epi64(0, 2, 4, 6, 0, 2, 4, 6);

	_mm256_storeu_si256((__m256i *)out, _mm512_castsi512_si256(_mm512_permutexvar_epi64(even, x)));
}

/* Block `b` of four keys of `m` blocks each. */
__attribute__((target(VAES))) static inline __m512i
load4(const struct seki_block *key, unsigned m, unsigned b)
{
	__m512i x = _mm512_castsi128_si512(_mm_load_si128((const __m128i *)&key[b]));

	x = _mm512_inserti32x4(x, _mm_load_si128((const __m128i *)&key[m + b]), 1);
	x = _mm512_inserti32x4(x, _mm_load_si128((const __m128i *)&key[2 * m + b]), 2);
	return _mm512_inserti32x4(x, _mm_load_si128((const __m128i *)&key[3 * m + b]), 3);
}

__attribute__((target(VAES))) static void
vaes_burst(const struct seki_digest *d, const struct seki_block *key, unsigned m, uint64_t *out, unsigned n)
{
	for (; n >= 4; n -= 4, key += 4 * m, out += 4) {
		__m512i x;

		if (m == 1) {
			store4(out, rounds4(d, 0, _mm512_loadu_si512(key)));
			continue;
		}
		x = rounds4(d, 0, load4(key, m, 0));
		for (unsigned b = 1; b < m; b++)
			x = _mm512_xor_si512(x, rounds4(d, b, load4(key, m, b)));
		store4(out, x);
	}
	aes_burst(d, key, m, out, n);
}

/* Clang 14 has no name for this feature. (That the system saves AVX-512 registers, the others' names say.) */
static bool
cpu_has_vaes(void)
{
	unsigned a, b, c, d;

	return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (c & 1u << 9) != 0;
}

static bool
cpu_has(enum seki_digest_kind kind)
{
	if (kind == SEKI_DIGEST_VAES &&
		!(cpu_has_vaes() && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")))
		return false;
	return kind == SEKI_DIGEST_SIPHASH || __builtin_cpu_supports("aes");
}

#else

#define aes_burst siphash_burst
#define vaes_burst siphash_burst

static bool
cpu_has(enum seki_digest_kind kind)
{
	return kind == SEKI_DIGEST_SIPHASH;
}

#endif

bool
seki_digest_init_kind(struct seki_digest *d, const struct seki_key *secret, enum seki_digest_kind kind)
{
	uint64_t *word = (uint64_t *)d->round;
	uint64_t counter = 0;

	memset(d, 0, sizeof(*d));
	if (!cpu_has(kind))
		return false;
	/* SipHash as the pseudo-random function that makes many keys of one. */
	for (size_t i = 0; i < sizeof(d->round) / sizeof(*word); i++, counter++)
		word[i] = seki_siphash(secret, &counter, sizeof(counter));
	for (unsigned i = 0; i < 2; i++, counter++)
		d->sip.k[i] = seki_siphash(secret, &counter, sizeof(counter));
	d->kind = kind;
	d->burst = kind == SEKI_DIGEST_VAES ? vaes_burst : kind == SEKI_DIGEST_AES ? aes_burst : siphash_burst;
	return true;
}

void
seki_digest_init(struct seki_digest *d, const struct seki_key *secret)
{
	enum seki_digest_kind kind = SEKI_DIGEST_VAES;

	while (!seki_digest_init_kind(d, secret, kind))
		kind--;
}
