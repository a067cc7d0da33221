/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_HEARD_H
#define SEKI_FLOW_HEARD_H

/*
 * Internal to lib/flow: conversations that the outside has opened of late, as far as its packets passed.
 *
 * A pinhole is for answers to what the inside asked. Whether it asked, or answers somebody whose packet left no state,
 * only memory can tell. So every inbound packet of no known flow that passes leaves a mark here, and an outbound packet
 * that finds its mark earns no pinhole. The marks are a Bloom filter (two bits a packet, in one word) in two slices of
 * time: a mark lasts for one to two slices. What a budget drops leaves none, so a flood cannot fill it.
 *
 * False marks are possible, forgotten ones are not (within a slice): the error is on the side of caution.
 */

#include <stdint.h>

/* Slices of 2^32 ns, 4.3 s. */
#define HEARD_SLICE_SHIFT 32

/* Words of one slice: 2^20 marks. A hundred thousand packets in a slice leave 4 of 100 others marked falsely. */
#define HEARD_WORDS 16384

struct flow_heard {
	uint64_t bits[2][HEARD_WORDS];
	uint64_t slice; /* number of the slice that is written */
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
flow_heard_mark(struct flow_heard *heard, uint64_t digest)
{
	uint32_t word;
	uint64_t bits = heard_bits(digest, &word);

	heard->bits[heard->slice & 1][word] |= bits;
}

static inline int
flow_heard_has(const struct flow_heard *heard, uint64_t digest)
{
	uint32_t word;
	uint64_t bits = heard_bits(digest, &word);

	return (heard->bits[0][word] & bits) == bits || (heard->bits[1][word] & bits) == bits;
}

#endif
