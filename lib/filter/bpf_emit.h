/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILTER_EMIT_H
#define SEKI_FILTER_EMIT_H

/*
 * eBPF instructions, written one after the other while the classic ones are gone through. Internal to convert.c.
 *
 * Jumps name the classic instruction that they go to. Where that begins is known when all are written, and then they
 * are aimed. What no jump and no predecessor reaches is not written, since rte_bpf refuses programs with such.
 */

#include "convert.h"

#include <stdbool.h>

/* Which registers hold what. The packet's view is what the program is called with. A is also what it returns. */
enum {
	REG_A = EBPF_REG_0,
	REG_VIEW = EBPF_REG_1,
	REG_X = EBPF_REG_2,
	REG_TMP = EBPF_REG_3,
	REG_MASK = EBPF_REG_4,
	REG_LEN = EBPF_REG_5,
};

enum {
	PER_INSN_MAX = 20, /* eBPF instructions that one classic instruction becomes, at most: emit_meeting, load_at_index */
	AROUND_MAX = 3 + BPF_MEMWORDS + 2, /* those in front of all and behind */
	N_ENDS = 2,
	JUMP_MAX = INT16_MAX,
	NOWHERE = -1,
};

struct emitter {
	const struct bpf_insn *in;
	uint32_t n_in;
	uint32_t at;     /* the one that is being converted */
	uint32_t *n_ways; /* by classic instruction, and then the two ends: ways that get there so far */
	uint32_t *start; /* likewise: where it begins in `out` */
	struct ebpf_insn *out;
	int32_t *target; /* of each in `out`: the classic instruction that it jumps to, or NOWHERE */
	uint32_t n_out;
};

/* Where the program returns 0, and where it returns A. Both follow on the last classic instruction. */
static inline uint32_t
end_with_0(const struct emitter *e)
{
	return e->n_in;
}

static inline uint32_t
end_of(const struct emitter *e)
{
	return e->n_in + 1;
}

static inline void
emit(struct emitter *e, struct ebpf_insn insn)
{
	e->target[e->n_out] = NOWHERE;
	e->out[e->n_out++] = insn;
}

/* A jump to a classic instruction that follows, or to an end. */
static inline void
emit_jump(struct emitter *e, struct ebpf_insn insn, uint32_t target)
{
	e->target[e->n_out] = (int32_t)target;
	e->n_ways[target]++;
	e->out[e->n_out++] = insn;
}

/* `dst` op= `imm`, in 32 bits: what is above them becomes 0. */
static inline void
emit_alu(struct emitter *e, uint8_t op, uint8_t dst, uint32_t imm)
{
	emit(e, (struct ebpf_insn){.code = BPF_ALU | op | BPF_K, .dst_reg = dst & 0xf, .imm = (int32_t)imm});
}

static inline void
emit_alu_reg(struct emitter *e, uint8_t op, uint8_t dst, uint8_t src)
{
	emit(e, (struct ebpf_insn){.code = BPF_ALU | op | BPF_X, .dst_reg = dst & 0xf, .src_reg = src & 0xf});
}

static inline void
emit_alu64_reg(struct emitter *e, uint8_t op, uint8_t dst, uint8_t src)
{
	emit(e, (struct ebpf_insn){.code = EBPF_ALU64 | op | BPF_X, .dst_reg = dst & 0xf, .src_reg = src & 0xf});
}

/* Of all 64 bits; `imm` is extended by its sign. */
static inline void
emit_alu64(struct emitter *e, uint8_t op, uint8_t dst, int32_t imm)
{
	emit(e, (struct ebpf_insn){.code = EBPF_ALU64 | op | BPF_K, .dst_reg = dst & 0xf, .imm = imm});
}

/* A word of the view, and a register. */
static inline void
emit_get(struct emitter *e, uint8_t dst, size_t off)
{
	emit(e, (struct ebpf_insn){
			.code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = dst & 0xf, .src_reg = REG_VIEW, .off = (int16_t)off});
}

static inline void
emit_put(struct emitter *e, size_t off, uint8_t src)
{
	emit(e, (struct ebpf_insn){
			.code = BPF_STX | BPF_MEM | BPF_W, .dst_reg = REG_VIEW, .src_reg = src & 0xf, .off = (int16_t)off});
}

/* `imm` is below 2^31: a comparison extends its sign to 64 bits. */
static inline void
emit_jump_if(struct emitter *e, uint8_t op, uint8_t reg, int32_t imm, uint32_t target)
{
	emit_jump(e, (struct ebpf_insn){.code = BPF_JMP | op | BPF_K, .dst_reg = reg & 0xf, .imm = imm}, target);
}

#endif
