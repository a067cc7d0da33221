/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_BUCKET_H
#define SEKI_CUCKOO_BUCKET_H

/*
 * Internal to lib/cuckoo: where a digest may be, and the tags of a bucket.
 *
 * A bucket's eight tags are one word. The low seven bits of each byte are the tag of a slot, 0 for an empty one. The
 * eight top bits together are a number, which counts the entries that have this bucket for their first and are in their
 * second. Marks are the top bits of bytes that were searched for.
 */

#include "cuckoo.h"

#define BUCKET_SLOTS 8
#define PAIR_SLOTS (2 * BUCKET_SLOTS)
#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Above this the count is not kept any more, and not lowered: misses in such a bucket then look at two for good. */
#define OVERFLOW_MAX 255

/* `x` of 32 bits, as evenly on [0, n). */
static inline uint32_t
scale(uint64_t x, uint32_t n)
{
	return (uint32_t)(x * n >> 32);
}

static inline uint32_t
first_bucket(const struct seki_cuckoo *t, uint64_t digest)
{
	return scale(digest >> 32, t->n_buckets);
}

/* Any of the others, so that no digest has one bucket only. */
static inline uint32_t
second_bucket(const struct seki_cuckoo *t, uint64_t digest)
{
	uint32_t second = scale((uint32_t)digest, t->n_buckets - 1);

	return second + (second >= first_bucket(t, digest));
}

/* The bucket of the two where an entry of `bucket` is not. */
static inline uint32_t
other_bucket(const struct seki_cuckoo *t, uint32_t bucket, uint64_t digest)
{
	uint32_t first = first_bucket(t, digest);

	return first != bucket ? first : second_bucket(t, digest);
}

/* Never 0, which is an empty slot's. */
static inline uint8_t
tag_of(uint64_t digest)
{
	uint8_t tag = (uint8_t)(digest >> 32 & 0x7f);

	return (uint8_t)(tag + (tag == 0));
}

/* Marks of the slots whose tag is `tag`, and no others: with seven bits to a byte nothing is carried into the next. */
static inline uint64_t
tagged(uint64_t tags, uint8_t tag)
{
	return ~(((tags ^ tag * ONES) & ~TOPS) + ~TOPS) & TOPS;
}

static inline uint64_t
empty_slots(uint64_t tags)
{
	return tagged(tags, 0);
}

static inline unsigned
lowest(uint64_t marks)
{
	return (unsigned)__builtin_ctzll(marks) / 8;
}

/* The first empty slot of a bucket that has one. */
static inline uint32_t
empty_slot(const struct seki_cuckoo *t, uint32_t bucket)
{
	return bucket * BUCKET_SLOTS + lowest(empty_slots(t->tags[bucket]));
}

static inline bool
is_empty(const struct seki_cuckoo *t, uint32_t index)
{
	return (t->tags[index / BUCKET_SLOTS] >> index % BUCKET_SLOTS * 8 & 0x7f) == 0;
}

/* `tag` 0 empties it. */
static inline void
set_tag(struct seki_cuckoo *t, uint32_t index, uint8_t tag)
{
	uint64_t *tags = &t->tags[index / BUCKET_SLOTS];
	unsigned at = index % BUCKET_SLOTS * 8;

	*tags = (*tags & ~(UINT64_C(0x7f) << at)) | (uint64_t)tag << at;
}

/* True if a digest whose first bucket this is may be in its second. */
static inline bool
overflows(uint64_t tags)
{
	return (tags & TOPS) != 0;
}

/* The number in the top bits. */
static inline unsigned
overflow(uint64_t tags)
{
	/* The multiplication brings bit 8i + 7 to bit 56 + i: no two of the products' bits meet. */
	return (unsigned)(((tags & TOPS) >> 7) * UINT64_C(0x0102040810204080) >> 56);
}

/* One entry more, or less, of the bucket is in its second. */
static inline void
count_overflow(struct seki_cuckoo *t, uint32_t bucket, int by)
{
	uint64_t *tags = &t->tags[bucket];
	unsigned n = overflow(*tags);

	if (n == OVERFLOW_MAX)
		return;
	n = (unsigned)((int)n + by);
	*tags &= ~TOPS;
	for (unsigned i = 0; n != 0; i++, n >>= 1)
		*tags |= (uint64_t)(n & 1) << (8 * i + 7);
}

/* Where the entry is, dead or alive, or SEKI_CUCKOO_NONE. find.c. */
uint32_t cuckoo_search(const struct seki_cuckoo *t, uint64_t digest);

#endif
