/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FLOW_FRAMES_H
#define SEKI_TEST_FLOW_FRAMES_H

/* Frames of conversations, written as fast as they are judged: headers only, since payload is never read. */
#include "pkt.h"

#include <arpa/inet.h>
#include <netinet/in.h>

/* Bytes that any frame of these takes. */
#define FRAME_ROOM 192

/* Who talks with whom. */
struct talk {
	bool ip6;
	uint8_t proto;
	uint16_t domain, zone;
	union pkt_addr inside, client;
	uint16_t inside_port, client_port;
};

enum word_kind {
	WORD_PACKET,
	WORD_FIRST, /* fragment */
	WORD_LATER, /* fragment */
	WORD_ERROR, /* of ICMP, about a packet of the conversation from the other side */
};

/* One packet of it. */
struct word {
	bool out; /* the inside says it */
	enum word_kind kind;
	uint8_t tcp_flags;
	uint32_t seq, ack;
	uint32_t id;                    /* of a fragmented packet; IPv4 has 16 bits of it */
	uint16_t payload;               /* bytes, a few more in a first fragment, whose length is a multiple of 8 */
	const union pkt_addr *reporter; /* of an error; NULL: the end that it comes from */
	const union pkt_addr *told;     /* likewise; NULL: the end that it goes to */
};

static inline uint8_t *
put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static inline uint8_t *
put32(uint8_t *at, uint32_t value)
{
	return put16(put16(at, value >> 16), value);
}

static inline uint8_t *
put_zeros(uint8_t *at, unsigned n)
{
	memset(at, 0, n);
	return at + n;
}

/* Transport header of a packet whose payload follows; protocols without ports have what the parser needs to see. */
static inline uint8_t *
put_l4(uint8_t *at, const struct talk *t, const struct word *w)
{
	uint16_t sport = w->out ? t->inside_port : t->client_port, dport = w->out ? t->client_port : t->inside_port;

	switch (t->proto) {
	case IPPROTO_TCP:
		at = put32(put32(put16(put16(at, sport), dport), w->seq), w->ack);
		*at++ = 5 << 4;
		*at++ = w->tcp_flags;
		return put_zeros(put16(at, 65535), 4);
	case IPPROTO_UDP:
		return put16(put16(put16(put16(at, sport), dport), 8u + w->payload), 0);
	case IPPROTO_ICMP:
		*at++ = w->out ? 8 : 0;
		return put_zeros(at, 7);
	case IPPROTO_ICMPV6:
		*at++ = w->out ? 128 : 129;
		return put_zeros(at, 7);
	case IPPROTO_GRE:
		return put16(put16(at, 0), 0x0800);
	default:
		return at;
	}
}

static inline void
checksum_ip4(uint8_t *ip)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 20; i += 2)
		sum += (uint32_t)(ip[i] << 8 | ip[i + 1]);
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	put16(ip + 10, ~sum & 0xffff);
}

/* Network header for `proto` and `len` bytes behind it; `frag` is the field of offset and more-fragments of IPv6. */
static inline uint8_t *
put_ip4(uint8_t *at, const union pkt_addr *src, const union pkt_addr *dst, uint8_t proto, uint32_t len,
	const uint32_t frag[2])
{
	uint8_t *ip = at;

	at = put16(put16(at, 0x4500), 20 + len);
	at = put16(put16(at, frag[1]), (frag[0] & 1) << 13 | frag[0] >> 3);
	*at++ = 64;
	*at++ = proto;
	at = put16(at, 0);
	memcpy(at, src->b, 4);
	memcpy(at + 4, dst->b, 4);
	checksum_ip4(ip);
	return at + 8;
}

static inline uint8_t *
put_ip6(uint8_t *at, const union pkt_addr *src, const union pkt_addr *dst, uint8_t proto, uint32_t len,
	const uint32_t frag[2])
{
	at = put16(put32(at, 6u << 28), len + (frag[0] != 0) * 8);
	*at++ = frag[0] != 0 ? IPPROTO_FRAGMENT : proto;
	*at++ = 64;
	memcpy(at, src->b, 16);
	memcpy(at + 16, dst->b, 16);
	at += 32;
	if (frag[0] == 0)
		return at;
	*at++ = proto;
	*at++ = 0;
	return put32(put16(at, frag[0]), frag[1]);
}

static inline uint8_t *
put_ip(uint8_t *at, bool ip6, const union pkt_addr *src, const union pkt_addr *dst, uint8_t proto, uint32_t len,
	const uint32_t frag[2])
{
	return ip6 ? put_ip6(at, src, dst, proto, len, frag) : put_ip4(at, src, dst, proto, len, frag);
}

/* An ICMP error with the packet that it is about: one that the other side has sent. */
static inline uint8_t *
put_error(uint8_t *at, const struct talk *t, const struct word *w)
{
	static const uint32_t whole[2] = {0, 0};
	const struct word quoted = {.out = !w->out, .payload = 64};
	const union pkt_addr *from = w->out ? &t->inside : &t->client, *to = w->out ? &t->client : &t->inside;
	uint8_t l4[64], *end = put_l4(l4, t, &quoted);
	uint32_t n = (uint32_t)(end - l4) < 8 ? (uint32_t)(end - l4) : 8;

	at = put_ip(at, t->ip6, w->reporter != NULL ? w->reporter : from, w->told != NULL ? w->told : to,
		t->ip6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP, 8 + (t->ip6 ? 40 : 20) + n, whole);
	*at++ = t->ip6 ? 1 : 3;
	at = put_zeros(at, 7);
	at = put_ip(at, t->ip6, to, from, t->proto, 200, whole);
	memcpy(at, l4, n);
	return at + n;
}

#define LATER_OFFSET 1480

/* The frame's headers; *len becomes its length on the wire. Returns how many bytes were written. */
static inline uint16_t
frame_of(uint8_t *out, const struct talk *t, const struct word *w, uint32_t *len)
{
	const union pkt_addr *src = w->out ? &t->inside : &t->client, *dst = w->out ? &t->client : &t->inside;
	uint32_t frag[2] = {0, w->id}, payload = w->payload;
	uint8_t *at = out, l4[64], *end = l4;

	memcpy(at, "\2\0\0\0\0\2\2\0\0\0\0\1", 12);
	at = put16(at + 12, t->ip6 ? 0x86dd : 0x0800);
	if (w->kind == WORD_ERROR) {
		at = put_error(at, t, w);
		*len = (uint32_t)(at - out);
		return (uint16_t)*len;
	}
	if (w->kind != WORD_PACKET)
		frag[0] = w->kind == WORD_FIRST ? 1 : LATER_OFFSET;
	if (w->kind != WORD_LATER)
		end = put_l4(l4, t, w);
	if (w->kind == WORD_FIRST)
		payload += (uint32_t)(8 - (end - l4) % 8) % 8;
	at = put_ip(at, t->ip6, src, dst, t->proto, (uint32_t)(end - l4) + payload, frag);
	memcpy(at, l4, (size_t)(end - l4));
	at += end - l4;
	*len = (uint32_t)(at - out) + payload;
	return (uint16_t)(at - out);
}

/* As the wire and the port would have it, at the frame's place. */
static inline void
pkt_of(struct pkt *p, uint8_t *frame, const struct talk *t, const struct word *w, uint64_t now)
{
	uint32_t len;
	uint16_t linear = frame_of(frame, t, w, &len);

	p->data = frame;
	p->arrival_ns = now;
	p->len = len;
	p->linear = linear;
	p->flags = PKT_F_REAL_DIR;
	p->segs = NULL;
	p->in_port = w->out;
	p->direction = w->out ? SEKI_DIR_OUTBOUND : SEKI_DIR_INBOUND;
}

#endif
