/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lookups in two steps: tags of the first bucket, and of the second where it may matter; then the slots whose tags fit,
 * which have been asked for meanwhile. Whether a digest is found is as random as the keys are, so no branch asks. Eight
 * digests at a time where the CPU has AVX-512, one at a time elsewhere; both say the same.
 */
#include "bucket.h"

#if defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512VL__)
#define BY_EIGHT 1
#include <immintrin.h>
#endif

/* Where in the bucket the digest is. */
static inline uint32_t
search_bucket(const struct seki_cuckoo *t, uint32_t bucket, uint64_t digest)
{
	for (uint64_t marks = tagged(t->tags[bucket], tag_of(digest)); marks != 0; marks &= marks - 1) {
		uint32_t index = bucket * BUCKET_SLOTS + lowest(marks);

		if (seki_cuckoo_slot(t, index)->digest == digest)
			return index;
	}
	return SEKI_CUCKOO_NONE;
}

uint32_t
cuckoo_search(const struct seki_cuckoo *t, uint64_t digest)
{
	uint32_t first = first_bucket(t, digest);
	uint32_t index = search_bucket(t, first, digest);

	if (index != SEKI_CUCKOO_NONE || !overflows(t->tags[first]))
		return index;
	return search_bucket(t, second_bucket(t, digest), digest);
}

uint32_t
seki_cuckoo_find(const struct seki_cuckoo *t, uint64_t digest, uint16_t now)
{
	uint32_t index = cuckoo_search(t, digest);

	if (index == SEKI_CUCKOO_NONE || !seki_cuckoo_alive(seki_cuckoo_slot(t, index)->state, now))
		return SEKI_CUCKOO_NONE;
	return index;
}

void
seki_cuckoo_prefetch_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(&t->tags[first_bucket(t, digest[i])]);
}

/* Where the slot of the tag held another entry, five in a hundred: the digest may be in a further slot. */
static void
find_rest(const struct seki_cuckoo *t, const uint64_t *digest, uint32_t which, uint16_t now, uint32_t *index)
{
	for (; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);

		index[i] = seki_cuckoo_find(t, digest[i], now);
	}
}

static inline void
ask_for_slots(const struct seki_cuckoo *t, const struct seki_cuckoo_look *look, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		__builtin_prefetch(seki_cuckoo_slot(t, look->index[i]));
}

#ifdef BY_EIGHT

#define LANES 8

static inline __m512i
scale8(__m512i x, uint32_t n)
{
	return _mm512_srli_epi64(_mm512_mul_epu32(x, _mm512_set1_epi64(n)), 32);
}

static inline __m512i
first8(const struct seki_cuckoo *t, __m512i digest)
{
	return scale8(_mm512_srli_epi64(digest, 32), t->n_buckets);
}

static inline __m512i
second8(const struct seki_cuckoo *t, __m512i digest)
{
	__m512i second = scale8(digest, t->n_buckets - 1);
	__mmask8 behind = _mm512_cmpge_epu64_mask(second, first8(t, digest));

	return _mm512_mask_add_epi64(second, behind, second, _mm512_set1_epi64(1));
}

/* The tag of each digest in every byte of its lane. */
static inline __m512i
tag8(__m512i digest)
{
	const __m512i byte4 = _mm512_set4_epi32(0x0c0c0c0c, 0x0c0c0c0c, 0x04040404, 0x04040404);
	__m512i tag = _mm512_and_si512(_mm512_shuffle_epi8(digest, byte4), _mm512_set1_epi8(0x7f));

	return _mm512_max_epu8(tag, _mm512_set1_epi8(1));
}

/* Lanes of `in` where some slot of the bucket has the tag; the first such slot of each goes to its lane of `index`. */
static inline __mmask8
look8(__mmask8 in, __m512i tag, __m512i bucket, __m512i tags, __m512i *index)
{
	const __m512i plain = _mm512_and_si512(tags, _mm512_set1_epi8(0x7f));
	__m512i fit = _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(plain, tag));
	__m512i slot = _mm512_and_si512(fit, _mm512_sub_epi64(_mm512_setzero_si512(), fit));
	__mmask8 some = _mm512_mask_test_epi64_mask(in, fit, fit);

	/* The lowest bit that is set: 63 less the zeros above it, by eight. */
	slot = _mm512_srli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(slot)), 3);
	*index = _mm512_mask_or_epi64(*index, some, _mm512_slli_epi64(bucket, 3), slot);
	return some;
}

/* Both buckets, though of the second only tags are read that may matter. */
static inline __mmask8
look_at8(const struct seki_cuckoo *t, __m512i digest, __mmask8 in, __m256i *where)
{
	__m512i tag = tag8(digest), index = _mm512_setzero_si512();
	__m512i first = first8(t, digest), second = second8(t, digest);
	__m512i tags = _mm512_i64gather_epi64(first, t->tags, 8);
	__mmask8 some = look8(in, tag, first, tags, &index);
	__mmask8 go_on = _mm512_mask_test_epi64_mask(in & (__mmask8)~some, tags, _mm512_set1_epi64((long long)TOPS));

	/* The others read again what they have: a gather that leaves lanes out takes longer. */
	tags = _mm512_i64gather_epi64(_mm512_mask_mov_epi64(first, go_on, second), t->tags, 8);
	some |= look8(go_on, tag, second, tags, &index);
	*where = _mm512_cvtepi64_epi32(index);
	return some;
}

void
seki_cuckoo_look_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct seki_cuckoo_look *look)
{
	look->some = 0;
	for (unsigned i = 0; i < n; i += LANES) {
		__mmask8 in = (__mmask8)_bzhi_u32(UINT8_MAX, n - i);
		__m256i where;

		look->some |= (uint32_t)look_at8(t, _mm512_maskz_loadu_epi64(in, digest + i), in, &where) << i;
		_mm256_store_si256((__m256i *)(look->index + i), where);
	}
	ask_for_slots(t, look, n);
}

/* Of lanes `some`, those whose slot holds the digest; `alive` are those whose entry is not dead. */
static inline __mmask8
find8(const struct seki_cuckoo *t, __m512i digest, __mmask8 some, __m256i index, __m512i now, __mmask8 *alive)
{
	const __m512i zero = _mm512_setzero_si512();
	__m512i at = _mm512_slli_epi64(_mm512_cvtepu32_epi64(index), 1);
	const uint64_t *words = (const uint64_t *)t->slot;
	__m512i there = _mm512_i64gather_epi64(at, words, 8);
	__m512i state = _mm512_i64gather_epi64(at, words + 1, 8);
	__m512i left = _mm512_sub_epi16(_mm512_srli_epi64(state, 48), now);

	*alive = (__mmask8)_pext_u32(_mm512_cmpgt_epi16_mask(left, zero), 0x11111111);
	return _mm512_mask_cmpeq_epi64_mask(some, there, digest);
}

void
seki_cuckoo_find_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, uint16_t now,
	const struct seki_cuckoo_look *look, uint32_t *index)
{
	__m512i now8 = _mm512_set1_epi64(now);
	uint32_t rest = look->some;

	for (unsigned i = 0; i < n; i += LANES) {
		__mmask8 in = (__mmask8)_bzhi_u32(UINT8_MAX, n - i), alive;
		__m256i where = _mm256_load_si256((const __m256i *)(look->index + i));
		__mmask8 same = find8(
			t, _mm512_maskz_loadu_epi64(in, digest + i), (__mmask8)(look->some >> i), where, now8, &alive);

		where = _mm256_mask_mov_epi32(_mm256_set1_epi32(-1), same & alive, where);
		_mm256_mask_storeu_epi32(index + i, in, where);
		rest &= ~((uint32_t)same << i);
	}
	find_rest(t, digest, rest, now, index);
}

#else

/* `yes` or `no`, without a branch. */
static inline uint32_t
choose(bool which, uint32_t yes, uint32_t no)
{
	return no ^ ((yes ^ no) & -(uint32_t)which);
}

/* The first slot of the bucket that has the digest's tag goes to look->index[i]; true if there is one. */
static inline bool
look_at_bucket(const struct seki_cuckoo *t, uint64_t digest, uint32_t bucket, unsigned i, struct seki_cuckoo_look *look)
{
	uint64_t marks = tagged(t->tags[bucket], tag_of(digest));
	bool some = marks != 0;

	look->index[i] = choose(some, bucket * BUCKET_SLOTS + lowest(marks | UINT64_C(1) << 63), 0);
	look->some |= (uint32_t)some << i;
	return some;
}

void
seki_cuckoo_look_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct seki_cuckoo_look *look)
{
	uint8_t second[SEKI_CUCKOO_BURST];
	unsigned n_second = 0;

	look->some = 0;
	for (unsigned i = 0; i < n; i++) {
		uint32_t bucket = first_bucket(t, digest[i]);
		bool some = look_at_bucket(t, digest[i], bucket, i, look);

		second[n_second] = (uint8_t)i;
		n_second += !some & overflows(t->tags[bucket]);
	}
	for (unsigned k = 0; k < n_second; k++)
		look_at_bucket(t, digest[second[k]], second_bucket(t, digest[second[k]]), second[k], look);
	ask_for_slots(t, look, n);
}

void
seki_cuckoo_find_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, uint16_t now,
	const struct seki_cuckoo_look *look, uint32_t *index)
{
	uint32_t rest = look->some;

	for (unsigned i = 0; i < n; i++) {
		const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, look->index[i]);
		bool same = (look->some >> i & 1) & (slot->digest == digest[i]);

		index[i] = choose(same & seki_cuckoo_alive(slot->state, now), look->index[i], SEKI_CUCKOO_NONE);
		rest &= ~((uint32_t)same << i);
	}
	find_rest(t, digest, rest, now, index);
}

#endif
