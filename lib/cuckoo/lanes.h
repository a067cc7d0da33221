/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_LANES_H
#define SEKI_CUCKOO_LANES_H

/*
 * Internal to lib/cuckoo: line.h for eight digests at a time, where the CPU has AVX-512. A lane is 64 bits, one digest;
 * what is empty, or fits, is random as the keys are, and so is answered by masks and not by branches. All of this says
 * what the code for other CPUs beside it says.
 */

#include "line.h"

#if defined(__AVX512BW__) && defined(__AVX512CD__) && defined(__AVX512DQ__) && defined(__AVX512VL__) && defined(__BMI2__)
#define BY_EIGHT 1
#include <immintrin.h>

#define LANES 8

/* The lanes of a burst of n that are in use from lane i on. */
static inline __mmask8
lanes_from(unsigned i, unsigned n)
{
	return (__mmask8)_bzhi_u32(UINT8_MAX, n - i);
}

static inline __m512i
scale8(__m512i x, uint32_t n)
{
	return _mm512_srli_epi64(_mm512_mul_epu32(x, _mm512_set1_epi64(n)), 32);
}

static inline __m512i
first8(const struct seki_cuckoo *t, __m512i digest)
{
	return scale8(_mm512_srli_epi64(digest, 32), t->n_lines);
}

static inline __m512i
second8(const struct seki_cuckoo *t, __m512i digest, __m512i first)
{
	__mmask8 is_near = _mm512_test_epi64_mask(digest, _mm512_set1_epi64(NEAR));
	__m512i far = scale8(digest, t->n_lines - 1);
	__m512i near = _mm512_and_si512(digest, _mm512_set1_epi64(BLOCK_LINES - 1));

	far = _mm512_mask_add_epi64(far, _mm512_cmpge_epu64_mask(far, first), far, _mm512_set1_epi64(1));
	return _mm512_mask_xor_epi64(far, is_near, first, near);
}

/* The tags of a line in the low half of each lane. */
static inline __m512i
tags8(const struct seki_cuckoo *t, __m512i line)
{
	return _mm512_cvtepu32_epi64(_mm512_i64gather_epi32(line, t->tags, sizeof(*t->tags)));
}

static inline __m512i
pair_tags8(const struct seki_cuckoo *t, __m512i first, __m512i second)
{
	return _mm512_or_si512(tags8(t, first), _mm512_slli_epi64(tags8(t, second), 32));
}

/* Bytes of all ones where `x` has those of `tag`, and of zeros elsewhere. */
static inline __m512i
equal8(__m512i x, __m512i tag)
{
	return _mm512_movm_epi8(_mm512_cmpeq_epi8_mask(x, tag));
}

/* Of each lane the number of the lowest byte that is all ones, the others being zero; nonsense where all are zero. */
static inline __m512i
lowest8(__m512i x)
{
	__m512i bit = _mm512_and_si512(x, _mm512_sub_epi64(_mm512_setzero_si512(), x));

	return _mm512_srli_epi64(_mm512_sub_epi64(_mm512_set1_epi64(63), _mm512_lzcnt_epi64(bit)), 3);
}

/* The slot of a pair, 0 to 7 in each lane, as an index. */
static inline __m512i
pair_slot8(__m512i first, __m512i second, __m512i slot)
{
	__mmask8 in_second = _mm512_test_epi64_mask(slot, _mm512_set1_epi64(LINE_SLOTS));
	__m512i line = _mm512_mask_mov_epi64(first, in_second, second);

	return _mm512_or_si512(
		_mm512_slli_epi64(line, 2), _mm512_and_si512(slot, _mm512_set1_epi64(LINE_SLOTS - 1)));
}

/* The digests of the entries of two lines. */
static inline __m512i
digests8(const struct seki_cuckoo *t, const struct pair *pair)
{
	const __m512i even = _mm512_set_epi64(14, 12, 10, 8, 6, 4, 2, 0);
	__m512i a = _mm512_load_si512(&t->slot[pair->line[0] * LINE_SLOTS]);
	__m512i b = _mm512_load_si512(&t->slot[pair->line[1] * LINE_SLOTS]);

	return _mm512_permutex2var_epi64(a, even, b);
}

/* The slots of a line whose entries are alive, or would be if there were any, a bit each. */
static inline unsigned
alive8(const struct seki_cuckoo *t, uint32_t line, uint16_t now)
{
	const unsigned states = 0xaa;
	__m512i left = _mm512_sub_epi64(
		_mm512_load_si512(&t->slot[line * LINE_SLOTS]), _mm512_set1_epi64((int64_t)((uint64_t)now << 48)));

	return _pext_u32(_mm512_cmpge_epi64_mask(left, _mm512_set1_epi64(INT64_C(1) << 48)), states);
}

#endif

#endif
