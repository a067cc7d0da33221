/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_HEARD_H
#define SEKI_FLOW_HEARD_H

/*
 * Internal to lib/flow: conversations that the outside has opened of late, as far as its packets passed.
 *
 * A pinhole is for answers to what the inside asked. Whether it asked, or answers somebody whose packet left no state,
 * only memory can tell. So every inbound packet of no known flow that passes leaves a mark here, and an outbound packet
 * that finds its mark earns no pinhole. The marks are a Bloom filter (two bits a packet, in one word) in two slices of
 * time: a mark lasts for one to two slices. What a budget drops leaves none. Each zone has a share of the marks; where
 * more passes, as a zone that only observes lets a flood pass, all of that zone counts as marked, and no other.
 *
 * False marks are possible, forgotten ones are not (within a slice): the error is on the side of caution.
 */

#include "cuckoo.h"

#include <stdint.h>

/* Slices of 2^32 ns, 4.3 s. */
#define HEARD_SLICE_SHIFT 32

/* Words of one slice: 2^20 bits. A hundred thousand packets in a slice leave 4 of 100 others marked falsely. */
#define HEARD_WORDS 16384
#define HEARD_MARKS 100000

/* The least share of a zone: a dozen may be flooded at a time. */
#define HEARD_SHARE_MIN 8192

struct flow_heard {
	uint64_t bits[2][HEARD_WORDS];
	uint32_t marks[2][SEKI_CUCKOO_GROUPS]; /* by zone */
	uint32_t share;                        /* of a zone in a slice */
	uint64_t slice;                        /* number of the slice that is written */
};

/* The digest's word and its two bits in it. */
static inline uint64_t
heard_bits(uint64_t digest, uint32_t *word)
{
	*word = (uint32_t)(digest >> 32) % HEARD_WORDS;
	return UINT64_C(1) << (digest & 63) | UINT64_C(1) << (digest >> 6 & 63);
}

/* Begins a new slice if it is time; clears 128 KiB at most once in four seconds. */
void flow_heard_advance(struct flow_heard *heard, uint64_t now_ns);

static inline void
flow_heard_mark(struct flow_heard *heard, unsigned zone, uint64_t digest)
{
	uint32_t *marks = &heard->marks[heard->slice & 1][zone], word;
	uint64_t bits = heard_bits(digest, &word);

	if (*marks > heard->share || (heard->bits[heard->slice & 1][word] & bits) == bits)
		return;
	++*marks;
	heard->bits[heard->slice & 1][word] |= bits;
}

static inline int
flow_heard_has(const struct flow_heard *heard, unsigned zone, uint64_t digest)
{
	uint32_t word;
	uint64_t bits = heard_bits(digest, &word);

	if (heard->marks[0][zone] > heard->share || heard->marks[1][zone] > heard->share)
		return 1;
	return (heard->bits[0][word] & bits) == bits || (heard->bits[1][word] & bits) == bits;
}

#endif
