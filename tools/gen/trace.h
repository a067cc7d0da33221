/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_TRACE_H
#define SEKI_GEN_TRACE_H

/*
 * A trace in the making: conversations, and their packets as short descriptions.
 *
 * What people do (legit.c, clean*.c) is added in any order of time and sorted; attacks (attack.h) make their packets one
 * after another and are never kept. stream.h merges the two; frame.h builds each frame from its description. So a
 * million packets of people cost 40 MB and not their bytes, an attack costs nothing, and every random choice comes from
 * generators seeded by one number: one seed, one trace, byte for byte. People's traffic is the same whatever the attack.
 */

#include "place.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GEN_NS_PER_S UINT64_C(1000000000)

/* Largest IP packet that leaves in one piece; larger IPv4 datagrams are fragmented. */
#define GEN_MTU 1500u

/* Largest UDP payload of a description. */
#define GEN_PAYLOAD_MAX 8000u

/* At the start of a payload that has room for it. */
struct gen_mark {
	char magic[4]; /* "SEKI" */
	char label;    /* enum gen_label */
	uint8_t zero[3];
	uint64_t number_be; /* of the packet in the capture, from 1 */
} __attribute__((packed));

enum gen_label {
	GEN_ATTACK = 'A',
	GEN_LEGIT = 'L',
	GEN_OTHER = 'O', /* nobody misses it and it is no attack: scans, what the inside answers to an attack */
};

enum {
	GEN_FIN = 0x01,
	GEN_SYN = 0x02,
	GEN_RST = 0x04,
	GEN_PSH = 0x08,
	GEN_ACK = 0x10,
	GEN_URG = 0x20,
};

/* A conversation. The client is the one who starts it. */
struct gen_flow {
	struct gen_addr client, server;
	uint16_t cport, sport; /* ICMP echo: cport is the identifier */
	uint8_t family;        /* 4 or 6 */
	uint8_t proto;         /* IP protocol number */
	bool client_outside;
	uint8_t ttl;   /* of what comes from outside */
	uint8_t stack; /* enum gen_stack_id: what made the client's segments; servers are as GEN_LINUX */
	char label;
};

enum gen_kind {
	GEN_DATA,       /* a packet of the conversation itself */
	GEN_ICMP_ERROR, /* a router outside reports about a packet that the inside end sent */
	GEN_PIECE,      /* a fragment that belongs to nothing: `fragment` and payload, no transport header */
};

struct gen_packet {
	uint64_t time_ns;
	uint32_t flow;
	uint32_t order; /* of adding: ties in time are broken by it */
	uint32_t seq, ack;
	uint16_t payload;
	uint16_t ident;    /* IP identification; ICMP echo: its sequence number */
	uint16_t fragment; /* GEN_PIECE: offset in units of 8 bytes, 0x2000 if more follow */
	uint8_t tcp_flags;
	uint8_t kind; /* enum gen_kind */
	uint8_t icmp_type, icmp_code;
	bool from_server;
};

struct gen_trace {
	struct seki_rng rng;
	uint64_t start_ns, end_ns; /* packets outside [start, end) are not added */
	uint64_t rtt_ns;           /* of the outside ends that are farthest off */
	struct gen_flow *flow;
	size_t n_flows, flow_room;
	struct gen_packet *packet;
	size_t n_packets, packet_room;
	size_t n_asked; /* packets that were to be added, those outside the trace included */
};

#define GEN_RTT_USUAL UINT64_C(120000000)

void gen_trace_init(struct gen_trace *trace, uint64_t seed, uint64_t start_ns, uint64_t end_ns);
void gen_trace_fini(struct gen_trace *trace);

/* Zeroed memory. Ends the program when there is none: this is a tool. So does whatever else here grows. */
void *gen_zalloc(size_t n, size_t size);

/* Room for one more of `size` bytes. */
void *gen_grow(void *array, size_t n, size_t *room, size_t size);

/* Copies `flow` in and returns its index. */
uint32_t gen_add_flow(struct gen_trace *trace, const struct gen_flow *flow);

/* Copies `packet` in, unless its time is outside the trace. Sets `order` and `ident`. */
void gen_add_packet(struct gen_trace *trace, const struct gen_packet *packet);

/* By time, then by order of adding. */
void gen_trace_sort(struct gen_trace *trace);

#endif
