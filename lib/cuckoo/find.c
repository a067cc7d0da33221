/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Lookups in two steps: the tags of both lines, and then the slots whose tags fit, which have been asked for meanwhile.
 * Whether a digest is found is as random as the keys are, so no branch asks. Eight digests at a time where the CPU has
 * AVX-512, one at a time elsewhere; both say the same.
 */
#include "lanes.h"

#include <string.h>

uint32_t
cuckoo_search(const struct seki_cuckoo *t, uint64_t digest)
{
	struct pair pair = pair_of(t, digest);

	for (uint64_t marks = tagged(pair_tags(t, &pair), tag_of(digest)); marks != 0; marks &= marks - 1) {
		uint32_t index = pair_slot(&pair, lowest(marks));

		if (seki_cuckoo_slot(t, index)->digest == digest)
			return index;
	}
	return SEKI_CUCKOO_NONE;
}

uint32_t
seki_cuckoo_find(const struct seki_cuckoo *t, uint64_t digest, uint16_t now)
{
	uint32_t index = cuckoo_search(t, digest);

	if (index == SEKI_CUCKOO_NONE || !seki_cuckoo_alive(seki_cuckoo_slot(t, index)->state, now))
		return SEKI_CUCKOO_NONE;
	return index;
}

/* Where the slot of the tag held another entry, one in a hundred: it may be in a further slot with that tag. */
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

/* Fewer than this are found one by one: in floods of what is not there, those whose tags fit by chance. */
#define FEW 5

/* The tag of each digest in every byte of its lane. */
static inline __m512i
tag8(__m512i digest)
{
	const __m512i byte4 = _mm512_set4_epi32(0x0c0c0c0c, 0x0c0c0c0c, 0x04040404, 0x04040404);

	return _mm512_max_epu8(_mm512_shuffle_epi8(digest, byte4), _mm512_set1_epi8(1));
}

/* Returns the lanes of `in` where some slot has the tag, and the first such slot of each; 0 in the other lanes. */
static inline __mmask8
look8(const struct seki_cuckoo *t, __m512i digest, __mmask8 in, __m256i *index)
{
	__m512i first = first8(t, digest), second = second8(t, digest, first);
	__m512i fit = equal8(pair_tags8(t, first, second), tag8(digest));
	__mmask8 some = _mm512_mask_test_epi64_mask(in, fit, fit);

	*index = _mm512_cvtepi64_epi32(_mm512_maskz_mov_epi64(some, pair_slot8(first, second, lowest8(fit))));
	return some;
}

/* Of lanes `some`, those whose slot holds the digest; `alive` are those whose entry is not dead. */
static inline __mmask8
find8(const struct seki_cuckoo *t, __m512i digest, __mmask8 some, __m256i index, __m512i now, __mmask8 *alive)
{
	const __m512i zero = _mm512_setzero_si512();
	__m512i at = _mm512_slli_epi64(_mm512_cvtepu32_epi64(index), 1);
	const uint64_t *words = (const uint64_t *)t->slot;
	__m512i there = _mm512_mask_i64gather_epi64(zero, some, at, words, 8);
	__m512i state = _mm512_mask_i64gather_epi64(zero, some, at, words + 1, 8);
	__m512i left = _mm512_sub_epi16(_mm512_srli_epi64(state, 48), now);

	*alive = (__mmask8)_pext_u32(_mm512_cmpgt_epi16_mask(left, zero), 0x11111111);
	return _mm512_mask_cmpeq_epi64_mask(some, there, digest);
}

void
seki_cuckoo_look_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct seki_cuckoo_look *look)
{
	look->some = 0;
	for (unsigned i = 0; i < n; i += LANES) {
		__mmask8 in = lanes_from(i, n);
		__m256i index;

		look->some |= (uint32_t)look8(t, _mm512_maskz_loadu_epi64(in, digest + i), in, &index) << i;
		_mm256_store_si256((__m256i *)(look->index + i), index);
	}
	ask_for_slots(t, look, n);
}

void
seki_cuckoo_find_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, uint16_t now,
	const struct seki_cuckoo_look *look, uint32_t *index)
{
	__m512i now8 = _mm512_set1_epi64(now);
	uint32_t rest = look->some;

	if (__builtin_popcount(rest) < FEW) {
		memset(index, 0xff, n * sizeof(*index));
		find_rest(t, digest, rest, now, index);
		return;
	}
	for (unsigned i = 0; i < n; i += LANES) {
		__mmask8 in = lanes_from(i, n), alive;
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

void
seki_cuckoo_look_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct seki_cuckoo_look *look)
{
	look->some = 0;
	for (unsigned i = 0; i < n; i++) {
		struct pair pair = pair_of(t, digest[i]);
		uint64_t marks = tagged(pair_tags(t, &pair), tag_of(digest[i]));
		unsigned slot = lowest(marks | UINT64_C(1) << 63);
		uint32_t line = choose(slot >= LINE_SLOTS, pair.line[1], pair.line[0]);

		look->index[i] = choose(marks != 0, line * LINE_SLOTS + slot % LINE_SLOTS, 0);
		look->some |= (uint32_t)(marks != 0) << i;
	}
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
