/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_RATES_H
#define SEKI_FLOW_RATES_H

/* Internal to lib/flow: the exact entries of sources, prefixes and ports that the sketch has nominated. */

#include "key.h"
#include "source.h"

/*
 * What of an entry has passed in the two windows of its word: [0] the current one, [1] the one before. The word itself
 * counts the packets that it sent, those that it was refused too: who is worth keeping, and who worth blocking.
 */
struct source_side {
	uint32_t packets[2];
	uint32_t bytes[2];
	uint32_t syns[2];
	uint32_t flows[2];
};

static_assert(sizeof(struct source_side) == 32, "two to a cache line");

/* An entry, and so many times what it is held to. */
struct entry {
	uint64_t digest;
	const struct seki_source_limits *limits; /* NULL: it is only counted */
	uint64_t times;
};

/* One packet's charge, and the entries that it falls under. */
struct charge {
	struct seki_sources *s;
	const struct pkt *pkt;
	const struct seki_source_limits *limits;
	struct seki_window_time t;
	uint32_t packets, bytes, syns, flows;
	struct seki_source_limits block, port; /* of a shared source */
	unsigned n;
	struct entry entry[KEY_N_LEVELS + 2]; /* that are counted exactly: the levels, a block of ports, a port */
};

/* The table's: who sends most stays. */
uint32_t rates_worth(uint64_t word, uint16_t now);

/*
 * A digest that the sketch has nominated: whether the charge would bring it over `times` the limits. It is counted exactly
 * from now on, if there is room, and remembered for rates_take. Within, if it is not counted.
 */
enum seki_source_verdict rates_judge(
	struct charge *c, uint64_t digest, const struct seki_source_limits *limits, uint64_t times);

/* Charges all entries that were judged. */
void rates_take(const struct charge *c);

/*
 * Whether a whole round of the flow would be within, now that its last packet is charged. That packet alone says
 * little: of packets that come at one time the first one finds the room that all of the time before has left.
 */
bool rates_have_room(struct charge *c);

/* The packet is refused: its source, if it is counted, has sent it all the same. */
void rates_refuse(const struct charge *c);

/* Packets that the source has sent within the window, as far as it is counted. */
uint32_t rates_sent(const struct charge *c);

#endif
