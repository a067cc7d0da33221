/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FUZZ_FLOW_OPS_H
#define SEKI_FUZZ_FLOW_OPS_H

/*
 * What the bytes of an input of fuzz_flow mean: packets between few ends, in both directions, and time. Two bytes say how
 * the packets are cut into bursts, and who judges and whether there are incidents; then come steps of four bytes: what,
 * and three arguments.
 */

#include <stdint.h>

enum {
	OPS_HEAD = 2,
	OPS_STEP = 4,
};

/* First byte of a step, modulo OP_N. */
enum op {
	OP_PACKET,    /* talk and direction, flags and kind, numbers */
	OP_REPEAT,    /* the same, and as often as the fourth byte says */
	OP_HANDSHAKE, /* talk and who begins, whether it is right */
	OP_FLOOD,     /* of one talk with clients that nobody has seen: how many, kind, talk */
	OP_WAIT,      /* within a burst: units of 8 us */
	OP_PAUSE,     /* a number, shifted */
	OP_RELOAD,
	OP_N,
};

/* Second byte of a packet, and of a handshake. */
#define OP_TALKS 128
#define OP_OUT 0x80

/* Third byte of a packet: flags, kind, then whether it acknowledges what was said last. */
#define OP_FLAGS(x) ((x) & 7)
#define OP_KIND(x) ((x) >> 3 & 3)
#define OP_RIGHT 0x20

enum op_flags {
	OP_ACK,
	OP_DATA,
	OP_SYN,
	OP_SYN_ACK,
	OP_FIN,
	OP_RST,
	OP_ACK_AGAIN,
	OP_SYN_ECN,
};

/* Third byte of a flood. */
enum op_flood {
	FLOOD_SYN,          /* requests, each of which the inside answers */
	FLOOD_SYN_DROPPED,  /* and does not */
	FLOOD_ACK,
	FLOOD_REFLECTION,   /* from a reflector's port */
	FLOOD_QUESTIONS,    /* of the inside */
	FLOOD_HANDSHAKES,   /* to their ends */
	FLOOD_N,
};

#endif
