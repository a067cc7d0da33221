/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_TALLY_H
#define SEKI_GEN_TALLY_H

/*
 * What was offered and what passed, by label; how long it took; and when the attack was mitigated: from its first packet
 * to the first tenth of a second from which on, for ten tenths in a row in which it was offered at all, less than 1 % of
 * what was offered has passed. Packets count for the tenth in which they were sent.
 */

#include "hist.h"
#include "trace.h"

enum gen_row {
	GEN_ROW_ATTACK,
	GEN_ROW_LEGIT,
	GEN_ROW_OTHER,
	GEN_N_ROWS,
};

#define GEN_TENTH_NS (GEN_NS_PER_S / 10)

/* Sent this long after its time, a packet is late. */
#define GEN_LATE_NS UINT64_C(1000000)

struct gen_count {
	uint64_t packets, bytes;
};

struct gen_tenth {
	uint32_t offered, passed;
};

struct gen_tally {
	struct gen_count offered[GEN_N_ROWS], passed[GEN_N_ROWS];
	struct gen_hist latency[GEN_N_ROWS];
	uint64_t late, worst_late_ns;
	uint64_t unsent;  /* the port would not take them */
	uint64_t unknown; /* received, and nobody sent them, or long ago */
	uint64_t given_up; /* from inside, not seen to come out in time (order.h) */
	uint64_t first_attack_ns, length_ns;
	uint64_t start_wall_ns; /* when the times of this tally begin, since 1970 */
	struct gen_tenth *tenth; /* of the attack, from its first packet on */
	size_t n_tenths, tenth_room;
};

void gen_tally_init(struct gen_tally *tally);
void gen_tally_fini(struct gen_tally *tally);

enum gen_row gen_row_of(char label);

/* A packet of this label and size was sent; times are since the start. */
void gen_tally_sent(struct gen_tally *tally, char label, uint32_t bytes, uint64_t sent_ns);

/* It came out. */
void gen_tally_passed(struct gen_tally *tally, char label, uint32_t bytes, uint64_t sent_ns, uint64_t now_ns);

/* Nanoseconds from the attack's first packet; UINT64_MAX: there was none, or it was not mitigated. */
uint64_t gen_tally_mitigated(const struct gen_tally *tally);

/* `part` in hundredths of a per cent of `whole`, rounded up, so that something is never nothing; 0 where there is nothing. */
uint64_t gen_tally_share(uint64_t part, uint64_t whole);

#endif
