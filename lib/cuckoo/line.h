/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_LINE_H
#define SEKI_CUCKOO_LINE_H

/*
 * Internal to lib/cuckoo: where a digest may be, and the tags of a line.
 *
 * The four tags of a line are a word, those of both lines of a digest two words side by side; a byte of them that equals
 * a tag is found for all eight at a time. Marks are the top bits of such bytes.
 */

#include "cuckoo.h"

#define LINE_SLOTS 4
#define PAIR_SLOTS (2 * LINE_SLOTS)
#define ONES UINT64_C(0x0101010101010101)
#define TOPS UINT64_C(0x8080808080808080)

/* Lines whose tags are one cache line: a block. */
#define BLOCK_LINES 16

/*
 * The bit of a digest that says whether its second line is in the block of its first, or anywhere. One in two is anywhere:
 * with fewer, full blocks are not helped out by the others (with one in four a table is full at 78 % already, with one
 * in two at 96 %).
 */
#define NEAR UINT64_C(1)

/* `x` of 32 bits, as evenly on [0, n). */
static inline uint32_t
scale(uint64_t x, uint32_t n)
{
	return (uint32_t)(x * n >> 32);
}

/* Never 0, which is an empty slot's. */
static inline uint8_t
tag_of(uint64_t digest)
{
	uint8_t tag = (uint8_t)(digest >> 32);

	return (uint8_t)(tag + (tag == 0));
}

/* The two lines of a digest, which are different ones. */
struct pair {
	uint32_t line[2];
};

static inline struct pair
pair_of(const struct seki_cuckoo *t, uint64_t digest)
{
	uint32_t first = scale(digest >> 32, t->n_lines), far = scale((uint32_t)digest, t->n_lines - 1);
	uint32_t near = first ^ (digest & (BLOCK_LINES - 1)); /* another one, since NEAR is a bit of it */

	far += far >= first;
	return (struct pair){{first, digest & NEAR ? near : far}};
}

/* The i-th slot of both, i < PAIR_SLOTS. */
static inline uint32_t
pair_slot(const struct pair *pair, unsigned i)
{
	return pair->line[i / LINE_SLOTS] * LINE_SLOTS + i % LINE_SLOTS;
}

static inline uint64_t
pair_tags(const struct seki_cuckoo *t, const struct pair *pair)
{
	return t->tags[pair->line[0]] | (uint64_t)t->tags[pair->line[1]] << 32;
}

/* The line of the two where an entry of `line` is not. */
static inline uint32_t
other_line(const struct seki_cuckoo *t, uint32_t line, uint64_t digest)
{
	struct pair pair = pair_of(t, digest);

	return pair.line[pair.line[0] == line];
}

/* Marks where a byte is `tag`, and nowhere else: what an empty slot held before must not be taken for an entry. */
static inline uint64_t
tagged(uint64_t tags, uint8_t tag)
{
	uint64_t x = tags ^ tag * ONES;

	return ~(((x & ~TOPS) + ~TOPS) | x) & TOPS;
}

static inline unsigned
lowest(uint64_t marks)
{
	return (unsigned)__builtin_ctzll(marks) / 8;
}

/* Marks of the empty slots of one line. */
static inline uint64_t
empty_slots(const struct seki_cuckoo *t, uint32_t line)
{
	return tagged(t->tags[line], 0) & UINT32_MAX;
}

static inline bool
is_empty(const struct seki_cuckoo *t, uint32_t index)
{
	return ((const uint8_t *)t->tags)[index] == 0;
}

/* `tag` 0 empties it. */
static inline void
set_tag(struct seki_cuckoo *t, uint32_t index, uint8_t tag)
{
	((uint8_t *)t->tags)[index] = tag;
}

/* Where the entry is, dead or alive, or SEKI_CUCKOO_NONE. find.c. */
uint32_t cuckoo_search(const struct seki_cuckoo *t, uint64_t digest);

#endif
