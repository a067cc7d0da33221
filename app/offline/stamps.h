/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_STAMPS_H
#define SEKI_STAMPS_H

/*
 * The clock of a replay, and what is odd about the stamps that drive it.
 *
 * Time never runs backwards in the packet path, so the clock is the largest stamp so far: a packet that is
 * stamped earlier is judged at that time ("clamped"). A few microseconds of that are ordinary, where a capture joins
 * several queues. But one damaged stamp far ahead stops the clock for all that follows, and with it everything
 * that a budget gives back by time; and a leap of days, damaged or joined from two captures, fills every
 * budget again. Neither may go unsaid.
 */

#include "err.h"

#include <stdint.h>

/* A leap ahead of more than this is a gap: no link is silent so long. */
#define STAMPS_GAP_NS (UINT64_C(86400) * 1000000000)

/* A step back of more than this deserves a warning: it is no matter of queues. */
#define STAMPS_WARN_NS UINT64_C(1000000000)

/* Something odd that `n` stamps have: how far at most, and the first packet that went so far. */
struct stamps_oddity {
	uint64_t n;
	uint64_t largest_ns;
	uint64_t packet; /* 1-based position in the capture */
};

struct stamps {
	uint64_t now_ns;           /* the clock */
	uint64_t n;                /* stamps seen */
	uint64_t leader;           /* packet whose stamp the clock has */
	uint64_t leap_ns;          /* how far that set the clock ahead; 0: it is the first packet */
	struct stamps_oddity back; /* clamped */
	struct stamps_oddity gap;  /* leaps ahead of more than STAMPS_GAP_NS */
	uint64_t ahead_packet;     /* the leader that back.packet was behind, */
	uint64_t ahead_ns;         /* and its leap */
};

/* Sees the next packet's stamp, below 2^63 (capture.h). Returns the clock, at which the packet is judged. */
uint64_t stamps_next(struct stamps *stamps, uint64_t stamp_ns);

/* Adds a sentence about `file` if the clock stood still by more than STAMPS_WARN_NS. */
void stamps_warn(const struct stamps *stamps, const char *file, struct seki_err *warnings);

#endif
