/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_STACK_H
#define SEKI_GEN_STACK_H

/*
 * What TCP segments look like, by who made them: the stacks that people's machines have, and the tools of attackers,
 * which build their segments by hand. Initial TTL, windows, options of a SYN, timestamps or none.
 */

#include "trace.h"

enum gen_stack_id {
	GEN_LINUX,
	GEN_WINDOWS,
	GEN_APPLE,
	GEN_N_CLIENT_STACKS, /* those above are of people */
	GEN_HPING = GEN_N_CLIENT_STACKS,
	GEN_MIRAI,
	GEN_SCANNER,
	GEN_SERVER, /* that was offered no options */
	GEN_N_STACKS,
};

#define GEN_TCP_OPTIONS_MAX 24

struct gen_stack {
	uint8_t ttl;
	bool timestamps; /* in every segment, where both ends have them */
	bool finds_mtu;  /* sets DF (RFC 1191) */
	uint16_t syn_window, window;
	uint8_t n_options; /* of the SYN */
	uint8_t options[GEN_TCP_OPTIONS_MAX];
};

extern const struct gen_stack gen_stacks[GEN_N_STACKS];

/* What a server answers a SYN of `client` with; it offers no more than it was offered. */
const struct gen_stack *gen_stack_answer(enum gen_stack_id client);

/* One of people's, as they are spread. */
enum gen_stack_id gen_stack_pick(struct seki_rng *rng);

/* TTL at the edge of somebody far away who starts with `initial`: the same each time for the same `who`. */
uint8_t gen_stack_ttl(uint8_t initial, uint64_t who);

#endif
