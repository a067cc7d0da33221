/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_TALK_H
#define SEKI_GEN_TALK_H

/*
 * Conversations of people, as seen at the network's edge: packets of the inside end follow at once, those of the outside
 * end a round trip later. Each is whole: what is asked is answered, what is opened is closed, unless the trace ends first.
 */

#include "trace.h"

#define GEN_US UINT64_C(1000)
#define GEN_MS UINT64_C(1000000)

/* What a segment carries at most: with timestamps and IPv6 it is then 1500 bytes. */
#define GEN_MSS 1428

/* Inside hosts by what they do: the last byte of the address, in each /24. */
enum {
	GEN_HOST_WEB = 10,     /* ... 29 */
	GEN_HOST_DNS = 53,     /* of the first /24: authoritative for the zone, and the resolver of the people inside */
	GEN_HOST_GAME = 77,    /* of the first /24 */
	GEN_HOST_BACKUP = 78,  /* of the first /24 */
	GEN_HOST_PEOPLE = 100, /* ... 199 */
};

/* The operator's own servers outside. */
enum {
	GEN_KNOWN_DNS = 53,  /* and 54 */
	GEN_KNOWN_NTP = 123, /* and 124 */
	GEN_KNOWN_STUN = 200,
};

/* A conversation while its packets are made. */
struct talk {
	struct gen_trace *trace;
	uint32_t flow;
	uint64_t now_ns;
	uint64_t rtt_ns; /* between the edge and the outside end */
	bool client_outside;
	uint32_t seq[2]; /* next byte of the client, of the server */
};

/* Adds `flow`; the conversation begins at `at_ns`. */
struct talk talk_start(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns);

uint64_t talk_some(struct talk *talk, uint64_t min, uint64_t max);

/* Time until the next packet of that end is seen, when it answers what was seen last. */
void talk_wait(struct talk *talk, bool server);

void talk_segment(struct talk *talk, bool server, uint8_t flags, uint16_t payload);
void talk_datagram(struct talk *talk, bool server, uint16_t payload);

/* SYN, SYN-ACK, ACK. */
void talk_open(struct talk *talk);

/* FIN by the client, FIN by the server, ACK. */
void talk_close(struct talk *talk);

/* Handshake, some requests with their answers, and an end: by FIN, or one time in twenty by RST. */
void talk_web(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns);

/* QUIC: Initials padded to 1200 bytes both ways (RFC 9000 8.1), then short packets. */
void talk_quic(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns);

/* A question and its answer. */
void talk_ask(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns, uint16_t query, uint16_t answer);

/* Somebody outside and host `host` inside; and somebody inside and a server out there. */
struct gen_flow talk_inward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port);
struct gen_flow talk_outward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port);

/* Half of people's traffic is of the first /24, the rest is spread over all. */
unsigned talk_some_person(struct gen_trace *trace);
unsigned talk_some_web_host(struct gen_trace *trace);

/* Any time of the trace. */
uint64_t talk_any_time(struct gen_trace *trace);

/* TTL of what `addr` sends, at the edge, where its packets start with `initial`. */
uint8_t talk_ttl(uint8_t initial, const struct gen_addr *addr);

#endif
