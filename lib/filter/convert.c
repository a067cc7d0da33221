/* SPDX-License-Identifier: BSD-3-Clause */
#include "convert.h"

#include "bpf_emit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* As good as `end`, and fit for an instruction: no packet reaches beyond FILTER_LEN_MAX. */
static int32_t
bound_of(uint64_t end)
{
	return end > FILTER_LEN_MAX ? FILTER_LEN_MAX + 1 : (int32_t)end;
}

/* Loads view.byte[off], where `base` points to a view or, with `off` 0, so far behind its beginning. */
static void
emit_fetch(struct emitter *e, uint8_t dst, uint8_t base, uint16_t code, uint32_t off)
{
	emit(e, (struct ebpf_insn){
			.code = (uint8_t)(BPF_LDX | BPF_MEM | BPF_SIZE(code)),
			.dst_reg = dst & 0xf,
			.src_reg = base & 0xf,
			.off = (int16_t)(offsetof(struct filter_view, byte) + off),
		});
	if (filter_load_bytes(code) > 1)
		emit(e, (struct ebpf_insn){
				.code = BPF_ALU | EBPF_END | EBPF_TO_BE,
				.dst_reg = dst & 0xf,
				.imm = (int32_t)filter_load_bytes(code) * 8,
			});
}

static void
load_at(struct emitter *e, uint8_t dst, uint16_t code, uint32_t k)
{
	emit_jump_if(e, EBPF_JLT, REG_LEN, bound_of((uint64_t)k + filter_load_bytes(code)), end_with_0(e));
	if (k < FILTER_VIEW_BYTES)
		emit_fetch(e, dst, REG_VIEW, code, k);
	else
		emit_alu(e, EBPF_MOV, dst, 0);
}

/* REG_MASK: all ones if the register is below `bound`, else 0. */
static void
emit_mask(struct emitter *e, uint8_t reg, int32_t bound)
{
	emit_alu64_reg(e, EBPF_MOV, REG_MASK, reg);
	emit_alu64(e, BPF_ADD, REG_MASK, -bound);
	emit_alu64(e, EBPF_ARSH, REG_MASK, 63);
}

/*
 * At X + k, in 64 bits, so that nothing wraps. What is beyond the view is 0: the mask is all ones in front of its end,
 * and zero from there on. A is a pointer for a moment.
 */
static void
load_at_index(struct emitter *e, uint16_t code, uint32_t k)
{
	emit_alu64_reg(e, EBPF_MOV, REG_TMP, REG_X);
	emit_alu64(e, BPF_ADD, REG_TMP, bound_of((uint64_t)k + filter_load_bytes(code)));
	emit_jump(e, (struct ebpf_insn){.code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = REG_TMP, .src_reg = REG_LEN},
		end_with_0(e));
	emit_alu64(e, BPF_ADD, REG_TMP, -(int32_t)filter_load_bytes(code));
	emit_mask(e, REG_TMP, FILTER_VIEW_BYTES);
	emit_alu64(e, BPF_AND, REG_TMP, FILTER_VIEW_BYTES - 1);
	emit_alu64_reg(e, EBPF_MOV, REG_A, REG_VIEW);
	emit_alu64_reg(e, BPF_ADD, REG_A, REG_TMP);
	emit_fetch(e, REG_A, REG_A, code, 0);
	emit_alu64_reg(e, BPF_AND, REG_A, REG_MASK);
}

/* Four times the low half of a byte: the length of an IPv4 header. */
static void
load_header_length(struct emitter *e, uint32_t k)
{
	load_at(e, REG_X, BPF_B, k);
	emit_alu(e, BPF_AND, REG_X, 0xf);
	emit_alu(e, BPF_LSH, REG_X, 2);
}

static size_t
cell(uint32_t k)
{
	return offsetof(struct filter_view, memory) + 4 * k;
}

static bool
convert_load(struct emitter *e, const struct bpf_insn *in)
{
	uint8_t dst = BPF_CLASS(in->code) == BPF_LD ? REG_A : REG_X;

	switch (in->code) {
	case BPF_LD | BPF_ABS | BPF_W:
	case BPF_LD | BPF_ABS | BPF_H:
	case BPF_LD | BPF_ABS | BPF_B:
		load_at(e, REG_A, in->code, in->k);
		return true;
	case BPF_LD | BPF_IND | BPF_W:
	case BPF_LD | BPF_IND | BPF_H:
	case BPF_LD | BPF_IND | BPF_B:
		load_at_index(e, in->code, in->k);
		return true;
	case BPF_LDX | BPF_MSH | BPF_B:
		load_header_length(e, in->k);
		return true;
	case BPF_LD | BPF_IMM:
	case BPF_LDX | BPF_IMM:
		emit_alu(e, EBPF_MOV, dst, in->k);
		return true;
	case BPF_LD | BPF_LEN:
	case BPF_LDX | BPF_LEN:
		emit_alu_reg(e, EBPF_MOV, dst, REG_LEN);
		return true;
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_MEM:
		emit_get(e, dst, cell(in->k));
		return in->k < BPF_MEMWORDS;
	default:
		return false;
	}
}

static bool
convert_store(struct emitter *e, const struct bpf_insn *in)
{
	emit_put(e, cell(in->k), BPF_CLASS(in->code) == BPF_ST ? REG_A : REG_X);
	return (in->code == BPF_ST || in->code == BPF_STX) && in->k < BPF_MEMWORDS;
}

/* A <<= X or A >>= X; eBPF leaves it open what a shift by more than 31 gives. */
static void
shift_by_x(struct emitter *e, uint8_t op)
{
	emit_mask(e, REG_X, 32);
	emit_alu64_reg(e, BPF_AND, REG_A, REG_MASK);
	emit_alu_reg(e, EBPF_MOV, REG_TMP, REG_X);
	emit_alu(e, BPF_AND, REG_TMP, 31);
	emit_alu_reg(e, op, REG_A, REG_TMP);
}

static bool
convert_alu(struct emitter *e, const struct bpf_insn *in)
{
	bool by_x = BPF_SRC(in->code) == BPF_X;
	uint8_t op = BPF_OP(in->code);

	switch (op) {
	case BPF_NEG:
		emit_alu(e, BPF_NEG, REG_A, 0);
		return true;
	case BPF_DIV:
	case BPF_MOD:
		if (by_x)
			emit_jump_if(e, BPF_JEQ, REG_X, 0, end_with_0(e));
		else if (in->k == 0)
			return false;
		break;
	case BPF_LSH:
	case BPF_RSH:
		if (by_x)
			shift_by_x(e, op);
		else if (in->k > 31)
			emit_alu(e, EBPF_MOV, REG_A, 0);
		else
			emit_alu(e, op, REG_A, in->k);
		return true;
	case BPF_ADD:
	case BPF_SUB:
	case BPF_MUL:
	case BPF_OR:
	case BPF_AND:
	case BPF_XOR:
		break;
	default:
		return false;
	}
	if (by_x)
		emit_alu_reg(e, op, REG_A, REG_X);
	else
		emit_alu(e, op, REG_A, in->k);
	return true;
}

static void
jump_to(struct emitter *e, uint64_t target)
{
	if (target != e->at + 1)
		emit_jump(e, (struct ebpf_insn){.code = BPF_JMP | BPF_JA}, (uint32_t)target);
	else
		e->n_ways[target]++;
}

/*
 * What A is compared with: a constant, or a register. Constants from 2^31 on would be compared as negative ones of 64
 * bits, and in 22.11 the machine code of a test of bits (JSET) with a small constant is wrong; a register takes both.
 */
static struct ebpf_insn
comparison(struct emitter *e, const struct bpf_insn *in)
{
	uint8_t op = BPF_OP(in->code);

	if (BPF_SRC(in->code) == BPF_X)
		return (struct ebpf_insn){.code = (uint8_t)in->code, .dst_reg = REG_A, .src_reg = REG_X};
	if (in->k <= INT32_MAX && op != BPF_JSET)
		return (struct ebpf_insn){.code = (uint8_t)in->code, .dst_reg = REG_A, .imm = (int32_t)in->k};
	emit_alu(e, EBPF_MOV, REG_TMP, in->k);
	return (struct ebpf_insn){.code = (uint8_t)(BPF_JMP | op | BPF_X), .dst_reg = REG_A, .src_reg = REG_TMP};
}

static bool
convert_jump(struct emitter *e, const struct bpf_insn *in)
{
	uint64_t next = e->at + 1, yes = next + in->jt, no = next + in->jf;
	uint8_t op = BPF_OP(in->code);

	if (op == BPF_JA) {
		if (next + in->k >= e->n_in) /* backwards, too: k is then a large number */
			return false;
		jump_to(e, next + in->k);
		return true;
	}
	if ((op != BPF_JEQ && op != BPF_JGT && op != BPF_JGE && op != BPF_JSET) || yes >= e->n_in || no >= e->n_in)
		return false;
	emit_jump(e, comparison(e, in), (uint32_t)yes);
	jump_to(e, no);
	return true;
}

static bool
convert_return(struct emitter *e, const struct bpf_insn *in)
{
	if (BPF_RVAL(in->code) == BPF_K)
		emit_alu(e, EBPF_MOV, REG_A, in->k);
	else if (BPF_RVAL(in->code) != BPF_A)
		return false;
	emit_jump(e, (struct ebpf_insn){.code = BPF_JMP | BPF_JA}, end_of(e));
	return true;
}

static bool
convert_insn(struct emitter *e, const struct bpf_insn *in)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
	case BPF_LDX:
		return convert_load(e, in);
	case BPF_ST:
	case BPF_STX:
		return convert_store(e, in);
	case BPF_ALU:
		return convert_alu(e, in);
	case BPF_JMP:
		return convert_jump(e, in);
	case BPF_RET:
		return convert_return(e, in);
	default:
		if (BPF_MISCOP(in->code) == BPF_TAX)
			emit_alu_reg(e, EBPF_MOV, REG_X, REG_A);
		else if (BPF_MISCOP(in->code) == BPF_TXA)
			emit_alu_reg(e, EBPF_MOV, REG_A, REG_X);
		return BPF_MISCOP(in->code) == BPF_TAX || BPF_MISCOP(in->code) == BPF_TXA;
	}
}

/* The cells of scratch memory that the program reads or writes, a bit each. */
static uint32_t
cells_of(const struct bpf_insn *in, uint32_t n)
{
	uint32_t cells = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint16_t class = BPF_CLASS(in[i].code);
		bool load = (class == BPF_LD || class == BPF_LDX) && BPF_MODE(in[i].code) == BPF_MEM;

		if ((load || class == BPF_ST || class == BPF_STX) && in[i].k < BPF_MEMWORDS)
			cells |= UINT32_C(1) << in[i].k;
	}
	return cells;
}

/* What holds when a program begins: A, X and the scratch memory are 0. */
static void
emit_beginning(struct emitter *e)
{
	emit_alu(e, EBPF_MOV, REG_A, 0);
	emit_alu(e, EBPF_MOV, REG_X, 0);
	emit_get(e, REG_LEN, offsetof(struct filter_view, len));
	for (uint32_t left = cells_of(e->in, e->n_in); left != 0; left &= left - 1)
		emit_put(e, cell((uint32_t)__builtin_ctz(left)), REG_A);
}

/* Where ways meet, the verifier is to know the same of the registers, whichever it has come. */
static void
emit_meeting(struct emitter *e)
{
	emit_put(e, offsetof(struct filter_view, a), REG_A);
	emit_put(e, offsetof(struct filter_view, x), REG_X);
	emit_get(e, REG_A, offsetof(struct filter_view, a));
	emit_get(e, REG_X, offsetof(struct filter_view, x));
	emit_get(e, REG_LEN, offsetof(struct filter_view, len));
	emit_alu(e, EBPF_MOV, REG_TMP, 0);
	emit_alu(e, EBPF_MOV, REG_MASK, 0);
}

/*
 * rte_bpf refuses what can never be reached, so nothing of that is written. Every jump goes forward, and there is one
 * exit, at the end: in 22.11 the machine code of a short jump backward, as to an exit that has been, may miss by 256
 * bytes.
 */
static int
emit_all(struct emitter *e, char *why, size_t size)
{
	emit_beginning(e);
	e->n_ways[0] = 1;
	for (e->at = 0; e->at < e->n_in; e->at++) {
		const struct bpf_insn *in = &e->in[e->at];
		uint16_t class = BPF_CLASS(in->code);

		e->start[e->at] = e->n_out;
		if (e->n_ways[e->at] == 0)
			continue;
		if (e->n_ways[e->at] > 1 && class != BPF_RET)
			emit_meeting(e);
		if (!convert_insn(e, in)) {
			snprintf(why, size,
				class == BPF_JMP ? "it takes a loop (protochain), and filters have none"
						 : "its instruction %u (code %u) is not known",
				e->at, in->code);
			return -EINVAL;
		}
		if (class == BPF_JMP || class == BPF_RET)
			continue;
		if (e->at + 1 == e->n_in) {
			snprintf(why, size, "the program has no end");
			return -EINVAL;
		}
		e->n_ways[e->at + 1]++;
	}
	e->start[end_with_0(e)] = e->n_out;
	if (e->n_ways[end_with_0(e)] > 0)
		emit_alu(e, EBPF_MOV, REG_A, 0);
	e->start[end_of(e)] = e->n_out;
	emit(e, (struct ebpf_insn){.code = BPF_JMP | EBPF_EXIT});
	return 0;
}

static int
aim_jumps(struct emitter *e, char *why, size_t size)
{
	for (uint32_t i = 0; i < e->n_out; i++) {
		uint32_t off;

		if (e->target[i] == NOWHERE)
			continue;
		off = e->start[e->target[i]] - (i + 1);
		if (off > JUMP_MAX) {
			snprintf(why, size, "it is too long: it takes %u instructions", e->n_out);
			return -EINVAL;
		}
		e->out[i].off = (int16_t)off;
	}
	return 0;
}

int
filter_convert(const struct bpf_program *program, struct filter_code *code, char *why, size_t size)
{
	uint32_t n = program->bf_len, room = n * PER_INSN_MAX + AROUND_MAX;
	struct emitter e = {
		.in = program->bf_insns,
		.n_in = n,
		.n_ways = calloc(n + N_ENDS, sizeof(*e.n_ways)),
		.start = calloc(n + N_ENDS, sizeof(*e.start)),
		.target = calloc(room, sizeof(*e.target)),
		.out = calloc(room, sizeof(*e.out)),
	};
	int rc = -ENOMEM;

	if (e.n_ways == NULL || e.start == NULL || e.target == NULL || e.out == NULL)
		snprintf(why, size, "not enough memory");
	else
		rc = emit_all(&e, why, size);
	if (rc == 0)
		rc = aim_jumps(&e, why, size);
	free(e.n_ways);
	free(e.start);
	free(e.target);
	if (rc != 0) {
		free(e.out);
		e.out = NULL;
	}
	*code = (struct filter_code){.insn = e.out, .n = e.n_out};
	return rc;
}
