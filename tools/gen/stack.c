/* SPDX-License-Identifier: BSD-3-Clause */
#include "stack.h"

/* Options as bytes, their values filled in where they are constants (RFC 9293 3.2, 7323, 2018). */
#define MSS(n) 2, 4, (n) >> 8, (n)&0xff
#define SACK 4, 2
#define TIMESTAMP 8, 10, 0, 0, 0, 0, 0, 0, 0, 0
#define NOP 1
#define SCALE(n) 3, 3, (n)
#define END 0

const struct gen_stack gen_stacks[GEN_N_STACKS] = {
	[GEN_LINUX] = {64, true, true, 64240, 502, 20, {MSS(1460), SACK, TIMESTAMP, NOP, SCALE(7)}},
	[GEN_WINDOWS] = {128, false, true, 64240, 1026, 12, {MSS(1460), NOP, SCALE(8), NOP, NOP, SACK}},
	[GEN_APPLE] = {64, true, true, 65535, 2058, 24,
		{MSS(1460), NOP, SCALE(6), NOP, NOP, TIMESTAMP, SACK, END, END}},
	/* hping3 as it is: a window of 512 and nothing else. */
	[GEN_HPING] = {64, false, false, 512, 512, 0, {0}},
	[GEN_MIRAI] = {64, true, true, 29200, 229, 20, {MSS(1414), SACK, TIMESTAMP, NOP, SCALE(6)}},
	[GEN_SCANNER] = {255, false, false, 1024, 1024, 4, {MSS(1460)}},
	[GEN_SERVER] = {64, false, true, 64240, 502, 4, {MSS(1460)}},
};

const struct gen_stack *
gen_stack_answer(enum gen_stack_id client)
{
	static const struct gen_stack scaled = {
		64, false, true, 64240, 502, 12, {MSS(1460), NOP, NOP, SACK, NOP, SCALE(7)}};

	if (gen_stacks[client].timestamps)
		return &gen_stacks[GEN_LINUX];
	return client == GEN_WINDOWS ? &scaled : &gen_stacks[GEN_SERVER];
}

enum gen_stack_id
gen_stack_pick(struct seki_rng *rng)
{
	uint64_t at = gen_between(rng, 1, 100);

	return at <= 40 ? GEN_WINDOWS : at <= 70 ? GEN_APPLE : GEN_LINUX;
}

uint8_t
gen_stack_ttl(uint8_t initial, uint64_t who)
{
	return (uint8_t)(initial - 6 - gen_mix(who ^ UINT64_C(0x7474)) % 20);
}
