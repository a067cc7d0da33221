/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The conversion of filters against libpcap's own interpreter of classic BPF: on programs made at random, and on each
 * instruction where it has corners. As machine code and without.
 */
#include "program.h"

#include "eal.h"
#include "suite.h"

#include <string.h>

#define PROGRAMS 12000
#define VIEWS 40
#define INSNS_MAX 60

/* A packet as both see it: bpf_filter wants it in one piece. */
static uint8_t packet[FILTER_LEN_MAX + 1];
static struct filter_view view;

static uint64_t seed;

/*
 * DPDK refuses to divide a constant by a constant 0, which libpcap does not write. So a program that is made divides by
 * X or loads constants, and not both.
 */
static bool divides;

/* Knuth's MMIX generator, of which the upper half is good. */
static uint32_t
roll(uint32_t below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)((seed >> 32) * below >> 32);
}

static void
make_view(void)
{
	static const uint32_t lens[] = {0, 1, 20, 40, 511, 512, 513, 514, 515, 516, 1500, FILTER_LEN_MAX};
	uint32_t shown = roll(2) ? roll(80) : roll(FILTER_VIEW_BYTES + 1);

	memset(&view, 0, sizeof(view));
	view.len = roll(3) == 0 ? lens[roll(N(lens))] : roll(120);
	for (uint32_t i = 0; i < shown; i++)
		view.byte[i] = (uint8_t)(roll(3) == 0 ? roll(12) : roll(256));
	memcpy(packet, view.byte, FILTER_VIEW_BYTES);
}

/* A constant: small, near the ends of what matters, or anything. */
static uint32_t
make_k(void)
{
	static const uint32_t edges[] = {0, 1, 31, 32, 508, 509, 510, 511, 512, 513, 65531, 65535, 65536, 0x7fffffff,
		0x80000000, 0xfffffff0, 0xffffffff};

	switch (roll(4)) {
	case 0:
		return edges[roll(N(edges))];
	case 1:
		return roll(0xffffffff);
	default:
		return roll(64);
	}
}

static struct bpf_insn
make_alu(void)
{
	static const uint16_t ops[] = {
		BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_NEG, BPF_MOD, BPF_XOR};
	uint16_t op = ops[roll(N(ops))], source = op != BPF_NEG && roll(2) ? BPF_X : BPF_K;
	uint32_t k = make_k();

	if (op == BPF_DIV || op == BPF_MOD) {
		source = divides ? source : BPF_K;
		k = k == 0 ? 3 : k;
	}
	if ((op == BPF_LSH || op == BPF_RSH) && source == BPF_K)
		k %= 32; /* what bpf_filter does with more, C leaves open */
	return (struct bpf_insn){.code = BPF_ALU | op | source, .k = k};
}

static struct bpf_insn
make_load(void)
{
	static const uint16_t codes[] = {BPF_LD | BPF_ABS | BPF_W, BPF_LD | BPF_ABS | BPF_H, BPF_LD | BPF_ABS | BPF_B,
		BPF_LD | BPF_IND | BPF_W, BPF_LD | BPF_IND | BPF_H, BPF_LD | BPF_IND | BPF_B, BPF_LDX | BPF_MSH | BPF_B,
		BPF_LD | BPF_IMM, BPF_LDX | BPF_IMM, BPF_LD | BPF_LEN, BPF_LDX | BPF_LEN, BPF_LD | BPF_MEM,
		BPF_LDX | BPF_MEM};
	struct bpf_insn insn = {.code = codes[roll(N(codes))], .k = make_k()};

	if (BPF_MODE(insn.code) == BPF_MEM)
		insn.k %= BPF_MEMWORDS;
	if (BPF_MODE(insn.code) == BPF_IMM && divides)
		insn.code = (uint16_t)(BPF_CLASS(insn.code) | BPF_LEN);
	return insn;
}

/* `left` instructions follow, the last of which returns. */
static struct bpf_insn
make_jump(uint32_t left)
{
	static const uint16_t ops[] = {BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET};

	if (roll(8) == 0)
		return (struct bpf_insn){.code = BPF_JMP | BPF_JA, .k = roll(left)};
	return (struct bpf_insn){
		.code = (uint16_t)(BPF_JMP | ops[roll(N(ops))] | (roll(3) ? BPF_K : BPF_X)),
		.jt = (u_char)roll(left < 8 ? left : 8),
		.jf = (u_char)roll(left < 8 ? left : 8),
		.k = make_k(),
	};
}

static struct bpf_insn
make_insn(uint32_t left)
{
	switch (roll(10)) {
	case 0:
	case 1:
		return make_alu();
	case 2:
	case 3:
	case 4:
		return make_load();
	case 5:
	case 6:
		return make_jump(left);
	case 7:
		return (struct bpf_insn){.code = roll(2) ? BPF_ST : BPF_STX, .k = roll(BPF_MEMWORDS)};
	case 8:
		return (struct bpf_insn){.code = BPF_MISC | (roll(2) ? BPF_TAX : BPF_TXA)};
	default:
		return (struct bpf_insn){.code = roll(8) ? BPF_ALU | BPF_ADD | BPF_K : BPF_RET | BPF_A, .k = roll(9)};
	}
}

/* What bpf_filter leaves to chance is set: A, X and the scratch memory. Returns the number of instructions. */
static uint32_t
make_program(struct bpf_insn insn[INSNS_MAX])
{
	uint32_t n = 0, middle = 3 + roll(INSNS_MAX - BPF_MEMWORDS - 8);

	divides = roll(4) == 0;
	insn[n++] = (struct bpf_insn){.code = BPF_LD | BPF_LEN};
	for (uint32_t k = 0; k < BPF_MEMWORDS; k++)
		insn[n++] = (struct bpf_insn){.code = BPF_ST, .k = k};
	insn[n++] = (struct bpf_insn){.code = BPF_LDX | BPF_MSH | BPF_B, .k = roll(4)};
	for (; middle > 0; middle--)
		insn[n++] = make_insn(middle);
	insn[n++] = (struct bpf_insn){.code = BPF_RET | BPF_A};
	return n;
}

static void
show_program(const struct bpf_program *program)
{
	for (u_int i = 0; i < program->bf_len; i++)
		fprintf(stderr, "%s\n", bpf_image(&program->bf_insns[i], (int)i));
}

/* Both say the same of view and packet; returns what. */
static uint32_t
compare(const struct bpf_program *program, const struct filter_program *ours)
{
	uint32_t wants = bpf_filter(program->bf_insns, packet, view.len, view.len);
	uint64_t runs = ours->run == NULL ? wants : ours->run(&view), interpreted = rte_bpf_exec(ours->bpf, &view);

	if (runs != wants || interpreted != wants)
		show_program(program);
	HOLDS(runs == wants, "machine code says %#lx, not %#x, len %u", (unsigned long)runs, wants, view.len);
	HOLDS(interpreted == wants, "rte_bpf_exec says %#lx, not %#x, len %u", (unsigned long)interpreted, wants,
		view.len);
	return wants;
}

static bool
load(const struct bpf_program *program, struct filter_program *ours)
{
	struct filter_code code;
	char why[256] = "";
	bool loaded;

	if (filter_convert(program, &code, why, sizeof(why)) != 0) {
		show_program(program);
		ck_abort_msg("not converted: %s", why);
	}
	loaded = filter_load(&code, ours, why, sizeof(why));
	free(code.insn);
	if (!loaded && !divides) {
		show_program(program);
		ck_abort_msg("not loaded: %s", why);
	}
	return loaded;
}

START_TEST(random_programs)
{
	unsigned n_refused = 0, n_not_zero = 0;

	seed = 20 + (unsigned)_i;
	for (unsigned p = 0; p < PROGRAMS / 8; p++) {
		struct bpf_insn insn[INSNS_MAX];
		struct bpf_program program = {.bf_insns = insn, .bf_len = make_program(insn)};
		struct filter_program ours;

		if (!load(&program, &ours)) {
			n_refused++;
			continue;
		}
		for (unsigned v = 0; v < VIEWS; v++) {
			make_view();
			n_not_zero += compare(&program, &ours) != 0;
		}
		rte_bpf_destroy(ours.bpf);
	}
	ck_assert_msg(n_refused < PROGRAMS / 8 / 100, "%u programs were not loaded", n_refused);
	ck_assert_msg(n_not_zero > PROGRAMS / 8 * VIEWS / 10, "only %u answers were not 0", n_not_zero);
}
END_TEST

/* A program in front of RET A, the packet of six bytes 45 00 81 02 03 04, and what it returns. */
static const struct row {
	const char *about;
	struct bpf_insn insn[5];
	uint32_t wants;
} rows[] = {
	{"a byte", {{BPF_LD | BPF_ABS | BPF_B, 0, 0, 0}}, 0x45},
	{"two", {{BPF_LD | BPF_ABS | BPF_H, 0, 0, 2}}, 0x8102},
	{"four, up to the end", {{BPF_LD | BPF_ABS | BPF_W, 0, 0, 2}}, 0x81020304},
	{"one too many", {{BPF_LD | BPF_ABS | BPF_W, 0, 0, 3}}, 0},
	{"by index", {{BPF_LDX | BPF_IMM, 0, 0, 2}, {BPF_LD | BPF_IND | BPF_H, 0, 0, 2}}, 0x0304},
	{"by index, one too many", {{BPF_LDX | BPF_IMM, 0, 0, 3}, {BPF_LD | BPF_IND | BPF_H, 0, 0, 2}}, 0},
	{"by an index that would wrap", {{BPF_LDX | BPF_IMM, 0, 0, 0xffffffff}, {BPF_LD | BPF_IND | BPF_B, 0, 0, 1}},
		0},
	{"by an offset that would wrap", {{BPF_LDX | BPF_IMM, 0, 0, 1}, {BPF_LD | BPF_IND | BPF_B, 0, 0, 0xffffffff}},
		0},
	{"a header's length", {{BPF_LDX | BPF_MSH | BPF_B, 0, 0, 0}, {BPF_MISC | BPF_TXA, 0, 0, 0}}, 20},
	{"the length", {{BPF_LD | BPF_LEN, 0, 0, 0}}, 6},
	{"a large constant equals",
		{{BPF_LD | BPF_ABS | BPF_W, 0, 0, 2}, {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 0x81020304},
			{BPF_LD | BPF_IMM, 0, 0, 7}},
		7},
	{"a large constant is larger",
		{{BPF_LD | BPF_ABS | BPF_W, 0, 0, 2}, {BPF_JMP | BPF_JGT | BPF_K, 1, 0, 0x90000000},
			{BPF_LD | BPF_IMM, 0, 0, 7}},
		7},
	{"the highest bit is set",
		{{BPF_LD | BPF_ABS | BPF_W, 0, 0, 2}, {BPF_JMP | BPF_JSET | BPF_K, 0, 1, 0x80000000},
			{BPF_LD | BPF_IMM, 0, 0, 7}},
		7},
	{"a shift by 31", {{BPF_LD | BPF_IMM, 0, 0, 3}, {BPF_ALU | BPF_LSH | BPF_K, 0, 0, 31}}, 0x80000000},
	{"a shift by 32", {{BPF_LD | BPF_IMM, 0, 0, 3}, {BPF_ALU | BPF_LSH | BPF_K, 0, 0, 32}}, 0},
	{"a shift to the right by 40", {{BPF_LD | BPF_IMM, 0, 0, 3}, {BPF_ALU | BPF_RSH | BPF_K, 0, 0, 40}}, 0},
	{"a shift by X = 33",
		{{BPF_LD | BPF_IMM, 0, 0, 3}, {BPF_LDX | BPF_IMM, 0, 0, 33}, {BPF_ALU | BPF_LSH | BPF_X, 0, 0, 0}}, 0},
	{"a difference below zero", {{BPF_LD | BPF_IMM, 0, 0, 3}, {BPF_ALU | BPF_SUB | BPF_K, 0, 0, 4}}, 0xffffffff},
	{"a quotient without sign", {{BPF_LD | BPF_IMM, 0, 0, 0xfffffffe}, {BPF_ALU | BPF_DIV | BPF_K, 0, 0, 2}},
		0x7fffffff},
	{"a division by X = 0",
		{{BPF_LD | BPF_ABS | BPF_B, 0, 0, 0}, {BPF_LDX | BPF_MSH | BPF_B, 0, 0, 1},
			{BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0}},
		0},
	{"scratch memory that nobody has written", {{BPF_LD | BPF_MEM, 0, 0, 15}}, 0},
	{"an instruction that nothing reaches",
		{{BPF_LD | BPF_IMM, 0, 0, 7}, {BPF_JMP | BPF_JA, 0, 0, 1}, {BPF_LD | BPF_IMM, 0, 0, 8}}, 7},
};

START_TEST(corners)
{
	static const uint8_t bytes[] = {0x45, 0x00, 0x81, 0x02, 0x03, 0x04};
	const struct row *row = &rows[_i];
	struct bpf_insn insn[6];
	struct bpf_program program = {.bf_insns = insn};
	struct filter_program ours;

	while (program.bf_len < N(row->insn) && row->insn[program.bf_len].code + row->insn[program.bf_len].k != 0) {
		insn[program.bf_len] = row->insn[program.bf_len];
		program.bf_len++;
	}
	insn[program.bf_len++] = (struct bpf_insn){.code = BPF_RET | BPF_A};
	view = (struct filter_view){.len = sizeof(bytes)};
	memcpy(view.byte, bytes, sizeof(bytes));
	ck_assert(load(&program, &ours));
	ck_assert_msg(ours.run == NULL || ours.run(&view) == row->wants, "%s: machine code", row->about);
	ck_assert_msg(rte_bpf_exec(ours.bpf, &view) == row->wants, "%s", row->about);
	rte_bpf_destroy(ours.bpf);
}
END_TEST

static const struct {
	const char *about;
	struct bpf_insn insn[2];
	const char *why;
} refused[] = {
	{"a loop", {{BPF_JMP | BPF_JA, 0, 0, 0xffffffff}, {BPF_RET | BPF_K, 0, 0, 0}}, "takes a loop"},
	{"a jump past the end", {{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "takes a loop"},
	{"no end", {{BPF_LD | BPF_IMM, 0, 0, 0}, {BPF_LD | BPF_IMM, 0, 0, 0}}, "no end"},
	{"a division by zero", {{BPF_ALU | BPF_DIV | BPF_K, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"memory that there is not", {{BPF_LD | BPF_MEM, 0, 0, 16}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"a write to no memory", {{BPF_ST, 0, 0, 16}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"an unknown load", {{BPF_LDX | BPF_ABS | BPF_W, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"an unknown operation", {{BPF_ALU | 0xb0, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"an unknown jump", {{BPF_JMP | 0x50, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "takes a loop"},
	{"an unknown return", {{BPF_RET | BPF_X, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
	{"an unknown move", {{BPF_MISC | 0x40, 0, 0, 0}, {BPF_RET | BPF_K, 0, 0, 0}}, "instruction 0"},
};

START_TEST(what_is_no_program_is_refused)
{
	struct bpf_insn insn[2];
	struct bpf_program program = {.bf_insns = insn, .bf_len = 2};
	struct filter_code code;
	char why[256] = "";

	memcpy(insn, refused[_i].insn, sizeof(insn));
	ck_assert_msg(filter_convert(&program, &code, why, sizeof(why)) < 0, "%s", refused[_i].about);
	ck_assert_msg(strstr(why, refused[_i].why) != NULL, "%s: %s", refused[_i].about, why);
	ck_assert_ptr_null(code.insn);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("filter_convert");

	test_eal_start(64);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, random_programs, 0, 8);
	tcase_add_loop_test(tests, corners, 0, N(rows));
	tcase_add_loop_test(tests, what_is_no_program_is_refused, 0, N(refused));
	return suite_run("filter_convert", tests);
}
