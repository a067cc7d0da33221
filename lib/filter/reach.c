/* SPDX-License-Identifier: BSD-3-Clause */
#include "reach.h"

#include "convert.h"
#include "pkt.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

/* What a value is, plus value.add where it is a number of bytes. */
enum kind {
	ANY, /* who knows */
	CONSTANT,
	FIRST_BYTE, /* of the packet */
	VERSION,    /* its upper half, where it lies */
	IP4_WORDS,  /* its lower half */
	IP4_LEN,    /* of the IPv4 header; as a place: where its transport header begins */
	PROTO4,     /* the protocol field of IPv4 */
	PROTO6,     /* the next header of the IPv6 header */
	TCP_BYTE,   /* the byte of TCP that holds its length, over IPv4 */
	TCP_UPPER,  /* the upper half of that, where it lies */
	TCP_WORDS,
	TCP_LEN,
	TCP_END, /* where the TCP header ends, over IPv4 */
};

struct value {
	enum kind kind;
	uint32_t add;
};

enum {
	IP4,
	IP6,
	N_FAMILIES,
};

/* What is known at an instruction. */
struct state {
	bool reached;
	bool proto[N_FAMILIES][256]; /* packets of these may get there */
	struct value a, x, memory[BPF_MEMWORDS];
};

struct walk {
	struct state *state; /* by instruction */
	char *why;
	size_t size;
};

/* What becomes of A by an operation with a constant. */
static const struct {
	enum kind from;
	uint16_t op;
	uint32_t k;
	enum kind to;
} steps[] = {
	{FIRST_BYTE, BPF_AND, 0xf0, VERSION},
	{FIRST_BYTE, BPF_AND, 0x0f, IP4_WORDS},
	{IP4_WORDS, BPF_LSH, 2, IP4_LEN},
	{IP4_WORDS, BPF_MUL, 4, IP4_LEN},
	{TCP_BYTE, BPF_AND, 0xf0, TCP_UPPER},
	{TCP_BYTE, BPF_RSH, 4, TCP_WORDS},
	{TCP_UPPER, BPF_RSH, 4, TCP_WORDS},
	{TCP_UPPER, BPF_RSH, 2, TCP_LEN},
	{TCP_UPPER, BPF_DIV, 4, TCP_LEN},
	{TCP_WORDS, BPF_LSH, 2, TCP_LEN},
	{TCP_WORDS, BPF_MUL, 4, TCP_LEN},
};

static bool
counts_bytes(enum kind kind)
{
	return kind == CONSTANT || kind == IP4_LEN || kind == TCP_LEN || kind == TCP_END;
}

static struct value
sum(struct value a, struct value b)
{
	struct value both = {.add = a.add + b.add};

	if (!counts_bytes(a.kind) || !counts_bytes(b.kind))
		return (struct value){.kind = ANY};
	if (a.kind == CONSTANT || b.kind == CONSTANT)
		both.kind = a.kind == CONSTANT ? b.kind : a.kind;
	else if ((a.kind == IP4_LEN && b.kind == TCP_LEN) || (a.kind == TCP_LEN && b.kind == IP4_LEN))
		both.kind = TCP_END;
	return both;
}

static struct value
calculate(const struct state *state, const struct bpf_insn *in)
{
	struct value k = {.kind = CONSTANT, .add = in->k};
	bool by_x = BPF_SRC(in->code) == BPF_X;
	uint16_t op = BPF_OP(in->code);

	if (op == BPF_ADD)
		return sum(state->a, by_x ? state->x : k);
	if (op == BPF_SUB && !by_x)
		return sum(state->a, (struct value){.kind = CONSTANT, .add = -in->k});
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && !by_x; i++)
		if (steps[i].from == state->a.kind && steps[i].op == op && steps[i].k == in->k && state->a.add == 0)
			return (struct value){.kind = steps[i].to};
	return (struct value){.kind = ANY};
}

static bool
may_be(const struct state *state, unsigned family)
{
	return memchr(state->proto[family], true, sizeof(state->proto[family])) != NULL;
}

static bool
is_only(const struct state *state, unsigned family)
{
	return !may_be(state, family == IP4 ? IP6 : IP4);
}

/* Bytes that headers can have behind the IP header, with no extension header between. -1: it may be one. */
static int
transport_max(unsigned family, unsigned proto)
{
	enum {
		PORTS_AND_LENGTHS = 8,
		TCP_MAX = 60,
		GRE_MAX = 20,
		ICMP_MAX = 8 + 60 + 8, /* its own header, and of what an error quotes */
	};

	switch (proto) {
	case IPPROTO_TCP:
		return TCP_MAX;
	case IPPROTO_UDP:
		return PORTS_AND_LENGTHS;
	case IPPROTO_GRE:
		return GRE_MAX;
	case IPPROTO_ICMP:
		return family == IP4 ? ICMP_MAX : -1;
	default:
		return family == IP4 ? 0 : -1;
	}
}

/* Whether headers of such a packet can reach to `end`, a place of this kind plus so many bytes. */
static bool
can_reach(unsigned family, unsigned proto, enum kind kind, int64_t end)
{
	enum {
		ETHERNET = 14,
		IP4_MAX = 60,
		IP6_LEN = 40,
	};
	int max = transport_max(family, proto);

	if (kind == CONSTANT && (max < 0 || end > PKT_HEADERS_MAX - ETHERNET))
		return end <= PKT_HEADERS_MAX - ETHERNET;
	if (kind == CONSTANT)
		return end <= (family == IP4 ? IP4_MAX : IP6_LEN) + max;
	if (kind == IP4_LEN && family == IP4)
		return end <= max;
	return kind != TCP_END || family != IP4 || proto != IPPROTO_TCP || end <= 0;
}

static const char *
place_name(enum kind kind)
{
	return kind == IP4_LEN ? " behind the IPv4 header" : kind == TCP_END ? " behind the TCP header" : "";
}

/* A load of `size` bytes at a place. */
static int
check_load(const struct walk *walk, const struct state *state, struct value place, uint32_t size)
{
	int64_t from = (int32_t)place.add, end = from + size;

	if (place.kind == CONSTANT && from < 0) {
		snprintf(walk->why, walk->size,
			"it asks for what only an interface knows of a packet (such as inbound, outbound or ifindex)");
		return -EINVAL;
	}
	for (unsigned family = 0; family < N_FAMILIES; family++)
		for (unsigned proto = 0; proto < 256; proto++)
			if (state->proto[family][proto] && can_reach(family, proto, place.kind, end))
				return 0;
	if (!may_be(state, IP4) && !may_be(state, IP6))
		return 0; /* nothing gets there */
	snprintf(walk->why, walk->size,
		"it asks for byte %lld%s, where none of the packets that it asks has a header; payload is never looked at",
		(long long)end - 1, place_name(place.kind));
	return -EINVAL;
}

/* What is loaded, of a place. */
static struct value
loaded(const struct state *state, struct value place, uint32_t size)
{
	enum kind kind = ANY;

	if (size != 1)
		return (struct value){.kind = ANY};
	if (place.kind == CONSTANT && place.add == 0)
		kind = FIRST_BYTE;
	else if (place.kind == CONSTANT && place.add == 9 && is_only(state, IP4))
		kind = PROTO4;
	else if (place.kind == CONSTANT && place.add == 6 && is_only(state, IP6))
		kind = PROTO6;
	else if (place.kind == IP4_LEN && place.add == 12)
		kind = TCP_BYTE;
	return (struct value){.kind = kind};
}

/* BPF_LD and BPF_LDX. */
static int
walk_load(const struct walk *walk, struct state *state, const struct bpf_insn *in)
{
	struct value *to = BPF_CLASS(in->code) == BPF_LD ? &state->a : &state->x;
	struct value place = {.kind = CONSTANT, .add = in->k};
	uint32_t size = filter_load_bytes(in->code);
	int rc = 0;

	switch (BPF_MODE(in->code)) {
	case BPF_IMM:
		*to = place;
		break;
	case BPF_MEM:
		*to = state->memory[in->k];
		break;
	case BPF_IND:
		place = sum(state->x, place);
		/* fall through */
	case BPF_ABS:
		rc = check_load(walk, state, place, size);
		*to = loaded(state, place, size);
		break;
	case BPF_MSH:
		rc = check_load(walk, state, place, size);
		to->kind = in->k == 0 ? IP4_LEN : ANY;
		to->add = 0;
		break;
	default:
		to->kind = ANY;
	}
	return rc;
}

static bool
holds(uint16_t op, uint32_t a, uint32_t k)
{
	switch (op) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	default:
		return (a & k) != 0;
	}
}

/* Leaves the packets for which the comparison turns out as `taken`. */
static void
narrow(struct state *state, const struct bpf_insn *in, bool taken)
{
	uint16_t op = BPF_OP(in->code);

	if (BPF_SRC(in->code) == BPF_X)
		return;
	for (unsigned proto = 0; proto < 256; proto++) {
		if (state->a.kind == VERSION) {
			state->proto[IP4][proto] &= holds(op, 0x40, in->k) == taken;
			state->proto[IP6][proto] &= holds(op, 0x60, in->k) == taken;
		}
		if (state->a.kind == PROTO4)
			state->proto[IP4][proto] &= holds(op, proto, in->k) == taken;
		if (state->a.kind == PROTO6)
			state->proto[IP6][proto] &= holds(op, proto, in->k) == taken;
	}
}

static struct value
either(struct value a, struct value b)
{
	return a.kind == b.kind && a.add == b.add ? a : (struct value){.kind = ANY};
}

/* Packets that get to `at` this way, beside others. */
static void
arrive(const struct walk *walk, uint32_t at, const struct state *from)
{
	struct state *to = &walk->state[at];

	if (!to->reached) {
		*to = *from;
		to->reached = true;
		return;
	}
	for (unsigned family = 0; family < N_FAMILIES; family++)
		for (unsigned proto = 0; proto < 256; proto++)
			to->proto[family][proto] |= from->proto[family][proto];
	to->a = either(to->a, from->a);
	to->x = either(to->x, from->x);
	for (unsigned k = 0; k < BPF_MEMWORDS; k++)
		to->memory[k] = either(to->memory[k], from->memory[k]);
}

static void
walk_jump(const struct walk *walk, const struct state *state, const struct bpf_insn *in, uint32_t next)
{
	struct state yes = *state, no = *state;

	if (BPF_OP(in->code) == BPF_JA) {
		arrive(walk, next + in->k, state);
		return;
	}
	narrow(&yes, in, true);
	narrow(&no, in, false);
	arrive(walk, next + in->jt, &yes);
	arrive(walk, next + in->jf, &no);
}

/* Of all but jumps and returns: what is known behind it. */
static int
walk_on(const struct walk *walk, struct state *state, const struct bpf_insn *in)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
	case BPF_LDX:
		return walk_load(walk, state, in);
	case BPF_ST:
		state->memory[in->k] = state->a;
		break;
	case BPF_STX:
		state->memory[in->k] = state->x;
		break;
	case BPF_ALU:
		state->a = calculate(state, in);
		break;
	default:
		if (BPF_MISCOP(in->code) == BPF_TAX)
			state->x = state->a;
		else
			state->a = state->x;
	}
	return 0;
}

int
filter_reach(const struct bpf_program *program, char *why, size_t size)
{
	struct walk walk = {.state = calloc(program->bf_len, sizeof(*walk.state)), .why = why, .size = size};
	int rc = 0;

	if (walk.state == NULL) {
		snprintf(why, size, "not enough memory");
		return -ENOMEM;
	}
	walk.state[0].reached = true;
	memset(walk.state[0].proto, true, sizeof(walk.state[0].proto));
	for (uint32_t i = 0; rc == 0 && i < program->bf_len; i++) {
		const struct bpf_insn *in = &program->bf_insns[i];
		struct state *state = &walk.state[i];

		if (!state->reached || BPF_CLASS(in->code) == BPF_RET)
			continue;
		if (BPF_CLASS(in->code) == BPF_JMP) {
			walk_jump(&walk, state, in, i + 1);
			continue;
		}
		rc = walk_on(&walk, state, in);
		if (rc == 0)
			arrive(&walk, i + 1, state);
	}
	free(walk.state);
	return rc;
}
