/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_STATE_H
#define SEKI_FLOW_STATE_H

/*
 * Internal to lib/flow: the 64 bits that are known of a flow.
 *
 *     63  48 47  38 37  36 35  32 31                                             0
 *     [ dead | zone | rank  | kind  | by kind                                     ]
 *                             opening: the acknowledgement number that proves the other side
 *                             open: list_gen 8 | flags 6 | packets 5 | bytes 13
 *                             fragments: flags (ASKED) | how many have followed
 *
 * Ranks are those of lib/cuckoo: who gives way to whom where there is no room.
 */

#include "cuckoo.h"

#include <assert.h>

enum flow_kind {
	FLOW_NONE,
	FLOW_OPENING,   /* the inside has sent SYN */
	FLOW_OPENED,    /* the inside has answered a SYN */
	FLOW_HEARD,     /* a SYN came in, and what the inside says is not seen (inbound-only) */
	FLOW_TCP,       /* a connection */
	FLOW_CLOSING,   /* it has ended from both sides, or by an RST of the inside */
	FLOW_ASKED,     /* of another protocol: the inside spoke first */
	FLOW_ANSWERED,  /* of another protocol: the inside has answered what may have come first */
	FLOW_FRAGMENTS, /* further fragments of a packet that passed */

	/* Of the table of clients; known.c. */
	KNOWN_VERIFIED,
	KNOWN_SEEN, /* may become familiar */
	KNOWN_FAMILIAR,
	KNOWN_BLOCKED,
	KNOWN_SPARED, /* what it has sent while proven sources are held back */
};

enum flow_rank {
	RANK_WEAK,     /* anybody can have made it */
	RANK_HALF,     /* the inside has spoken, the outside not yet */
	RANK_OPEN,     /* both have */
	RANK_VERIFIED, /* and the outside returned what could not be guessed */
};

/* Flags of an open flow. */
enum {
	FLOW_F_FIN_IN = 1u << 18,
	FLOW_F_FIN_OUT = 1u << 19,
	FLOW_F_BOTH = 1u << 20,    /* both ends have spoken */
	FLOW_F_ASKED = 1u << 21,   /* the inside spoke first */
	FLOW_F_STRICT = 1u << 22,  /* every packet is charged to the source at once */
	FLOW_F_OVER = 1u << 23,    /* the source was over a limit at the end of the last round */
};

#define FLOW_KIND_SHIFT 32
#define FLOW_ZONE_SHIFT SEKI_CUCKOO_GROUP_SHIFT
#define FLOW_RANK_SHIFT 36
#define FLOW_GEN_SHIFT 24
#define FLOW_GENS 256
#define FLOW_PACKETS_SHIFT 13
#define FLOW_ROUND 32        /* packets of a flow that are charged to its source together, at most */
#define FLOW_BYTES_MAX 8191u /* in units of FLOW_BYTES_UNIT */
#define FLOW_BYTES_UNIT 16u
#define FLOW_EXPECT_MASK 0xffffffffu

/* Fragments that follow a first one: of the longest packet in pieces for the smallest MTU of IPv4, 576 (RFC 791). */
#define FLOW_FOLLOWERS_MAX 128u
#define FLOW_FOLLOWERS_MASK 0xffffu

/* Ticks of 2^28 ns, 0.27 s: 16 bits of them are 4.9 hours, and an entry may live half as long. */
#define FLOW_TICK_SHIFT 28
#define FLOW_TICKS(seconds) ((uint16_t)(((uint64_t)(seconds)*1000000000 >> FLOW_TICK_SHIFT) + 1))

/*
 * How long an entry lives after the last packet. An established connection may be silent for two hours and four minutes
 * (RFC 5382 REQ-5), UDP for five (RFC 4787 REQ-5). Handshakes are repeated for about a minute, fragments are waited
 * for up to one (RFC 8200 4.5).
 */
enum flow_life {
	LIFE_OPENING = FLOW_TICKS(60),
	LIFE_HEARD = FLOW_TICKS(10),
	LIFE_TCP = FLOW_TICKS(7440 + 60),
	LIFE_CLOSING = FLOW_TICKS(60),
	LIFE_RESET = FLOW_TICKS(5),
	LIFE_ASKED = FLOW_TICKS(60),    /* until there is an answer */
	LIFE_BOTH = FLOW_TICKS(300),    /* both have spoken */
	LIFE_QUESTION = FLOW_TICKS(30), /* DNS, NTP: one question, one answer */
	LIFE_ANSWERED = FLOW_TICKS(30),
	LIFE_FRAGMENTS = FLOW_TICKS(60),
};

static_assert(FLOW_TICKS(7500) < 32767, "half the circle of ticks");

static inline uint16_t
flow_tick(uint64_t now_ns)
{
	return (uint16_t)(now_ns >> FLOW_TICK_SHIFT);
}

static inline uint64_t
flow_state(enum flow_kind kind, enum flow_rank rank, unsigned zone, uint16_t dead)
{
	return (uint64_t)dead << 48 | (uint64_t)rank << FLOW_RANK_SHIFT | (uint64_t)zone << FLOW_ZONE_SHIFT |
	       (uint64_t)kind << FLOW_KIND_SHIFT;
}

static inline enum flow_kind
flow_kind_of(uint64_t state)
{
	return (enum flow_kind)(state >> FLOW_KIND_SHIFT & 15);
}

static inline unsigned
flow_zone_of(uint64_t state)
{
	return seki_cuckoo_group(state);
}

static inline unsigned
flow_rank_of(uint64_t state)
{
	return (unsigned)(state >> FLOW_RANK_SHIFT & 3);
}

static inline unsigned
flow_gen_of(uint64_t state)
{
	return (unsigned)(state >> FLOW_GEN_SHIFT) % FLOW_GENS;
}

static inline uint64_t
flow_with_gen(uint64_t state, unsigned gen)
{
	return (state & ~((uint64_t)(FLOW_GENS - 1) << FLOW_GEN_SHIFT)) | (uint64_t)gen << FLOW_GEN_SHIFT;
}

static inline uint64_t
flow_with_kind(uint64_t state, enum flow_kind kind)
{
	return (state & ~(UINT64_C(15) << FLOW_KIND_SHIFT)) | (uint64_t)kind << FLOW_KIND_SHIFT;
}

static inline uint64_t
flow_with_rank(uint64_t state, enum flow_rank rank)
{
	return (state & ~(UINT64_C(3) << FLOW_RANK_SHIFT)) | (uint64_t)rank << FLOW_RANK_SHIFT;
}

#endif
