/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_TRACE_H
#define SEKI_GEN_TRACE_H

/*
 * A trace in the making: conversations, and their packets as short descriptions.
 *
 * Generators (legit.c, attack.c) add conversations and packets in any order of time; write.c sorts the packets,
 * builds each frame from its description (frame.c) and writes it. So a million packets cost 40 MB and not their
 * bytes, and every random choice comes from one generator: one seed, one trace, byte for byte.
 *
 * The addresses are those reserved for documentation and benchmarks (RFC 5737, 2544, 3849): nothing in a trace
 * names anybody. The network behind Seki is GEN_INSIDE_*; everybody else is outside.
 */

#include "hash.h"

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
	GEN_OTHER = 'O',
};

struct gen_addr {
	uint8_t b[16]; /* IPv4: the first four bytes */
};

/* A conversation. The client is the one who starts it. */
struct gen_flow {
	struct gen_addr client, server;
	uint16_t cport, sport; /* ICMP echo: cport is the identifier */
	uint8_t family;        /* 4 or 6 */
	uint8_t proto;         /* IP protocol number */
	bool client_outside;
	uint8_t ttl; /* of what comes from outside */
	char label;
};

enum gen_kind {
	GEN_DATA,       /* a packet of the conversation itself */
	GEN_ICMP_ERROR, /* a router outside reports about a packet that the inside end sent */
};

struct gen_packet {
	uint64_t time_ns;
	uint32_t flow;
	uint32_t order; /* of adding: ties in time are broken by it */
	uint32_t seq, ack;
	uint16_t payload;
	uint16_t ident; /* IP identification; ICMP echo: its sequence number */
	uint8_t tcp_flags;
	uint8_t kind; /* enum gen_kind */
	uint8_t icmp_type, icmp_code;
	bool from_server;
};

struct gen_trace {
	struct seki_rng rng;
	uint64_t start_ns, end_ns; /* packets outside [start, end) are not added */
	struct gen_flow *flow;
	size_t n_flows, flow_room;
	struct gen_packet *packet;
	size_t n_packets, packet_room;
};

void gen_trace_init(struct gen_trace *trace, uint64_t seed, uint64_t start_ns, uint64_t end_ns);
void gen_trace_fini(struct gen_trace *trace);

/* Copies `flow` in and returns its index. Ends the program when memory is out: this is a tool. */
uint32_t gen_add_flow(struct gen_trace *trace, const struct gen_flow *flow);

/* Copies `packet` in, unless its time is outside the trace. Sets `order` and `ident`. */
void gen_add_packet(struct gen_trace *trace, const struct gen_packet *packet);

/* By time, then by order of adding. */
void gen_trace_sort(struct gen_trace *trace);

/* Uniform in [min, max]. */
uint64_t gen_between(struct gen_trace *trace, uint64_t min, uint64_t max);

/* Addresses. `host` counts from 0. */
struct gen_addr gen_inside(unsigned family, unsigned host);
struct gen_addr gen_outside_client(struct gen_trace *trace, unsigned family);
struct gen_addr gen_outside_server(struct gen_trace *trace, unsigned family);
struct gen_addr gen_known_server(unsigned family, unsigned host); /* the operator's own resolvers and clocks */
struct gen_addr gen_reflector(struct gen_trace *trace);

/* legit.c: an ordinary mix of about `pps` packets a second over the whole trace. */
void gen_legit(struct gen_trace *trace, uint64_t pps);

/* attack.c: `pps` packets a second from a fifth of the trace to nine tenths of it. */
void gen_carpet(struct gen_trace *trace, uint64_t pps);

#endif
