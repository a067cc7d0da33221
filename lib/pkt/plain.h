/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_PLAIN_H
#define SEKI_PKT_PLAIN_H

/* Internal to lib/pkt: the shortcut of the parser for the packets that most packets are, and what both ways share. */

#include "control.h"
#include "vector.h"

/* Flags that the wire wrote, and that parse keeps. */
#define WIRE_FLAGS (PKT_F_CSUM_OK | PKT_F_CSUM_BAD | PKT_F_REAL_DIR)

/*
 * The readable prefix of a frame, in two registers. The plain way tests against `avail` and reads at `data`; the
 * struct view of the slow siblings, who take its address, is made only when the first of them is called.
 */
struct near {
	const uint8_t *data;
	uint32_t avail;
};

/* One's complement: what does not fit comes in again. */
static inline uint64_t
add_with_carry(uint64_t a, uint64_t b)
{
	return a + b + (a + b < a);
}

/* RFC 1071 over the header, in words of 64 bits and folded: the order of bytes does not matter to it. */
static inline bool
ip4_checksum_good(const uint8_t *p, uint32_t hlen)
{
	uint64_t sum = add_with_carry(add_with_carry(load_64(p), load_64(p + 8)), load_32(p + 16));

	for (uint32_t i = IP4_HLEN; unlikely(i < hlen); i += 4)
		sum = add_with_carry(sum, load_32(p + i));
	/* One's complement: the sum is right if it is a multiple of 2^16 - 1, and it is not 0 (p[0] is not). */
	return sum % 0xffff == 0;
}

static inline bool
ip4_header_good(const struct pkt *pkt, const uint8_t *p, uint32_t hlen)
{
	if (pkt->flags & (PKT_F_CSUM_OK | PKT_F_CSUM_BAD))
		return (pkt->flags & PKT_F_CSUM_BAD) == 0;
	return ip4_checksum_good(p, hlen);
}

/* Fields that lie in one word are written as one: `x` at `field` of the word that begins with `first`. */
#define IN_WORD(first, field, x) ((uint64_t)(x) << 8 * (offsetof(struct pkt, field) - offsetof(struct pkt, first)))

static inline void
put_word(struct pkt *pkt, size_t first, uint64_t word)
{
	memcpy((char *)pkt + first, &word, sizeof(word));
}

static_assert(offsetof(struct pkt, l4_len) == offsetof(struct pkt, l3_off) + 8 &&
		      offsetof(struct pkt, dport) == offsetof(struct pkt, l4_len) + 8 &&
		      offsetof(struct pkt, l3) == offsetof(struct pkt, dport) + 8,
	"four words hold all that parse writes but for addresses and tags");

/* What tells one plain packet from another beside its addresses and ports. */
struct plain {
	uint32_t l3, l3_len;
	uint32_t l4_off, l4_len; /* l4_off is a constant of the family */
	uint32_t ttl_proto;   /* the one, and the other in the next byte */
	uint32_t payload_off; /* where its transport header ends */
	uint32_t tcp_flags, vector, flags;
};

/* All that parse writes of a plain packet, but for its addresses. */
static inline __attribute__((always_inline)) void
set_plain(struct pkt *pkt, const uint8_t *frame, struct plain plain)
{
	uint32_t ports = __builtin_bswap32(load_32(frame + plain.l4_off));

	put_word(pkt, offsetof(struct pkt, l3_off),
		IN_WORD(l3_off, l3_off, ETH_HLEN) | IN_WORD(l3_off, l4_off, plain.l4_off) |
			IN_WORD(l3_off, payload_off, plain.payload_off) | IN_WORD(l3_off, l3_len, plain.l3_len));
	put_word(pkt, offsetof(struct pkt, l4_len),
		IN_WORD(l4_len, l4_len, plain.l4_len) | IN_WORD(l4_len, sport, ports >> 16));
	put_word(pkt, offsetof(struct pkt, dport),
		IN_WORD(dport, dport, ports & UINT16_MAX) | IN_WORD(dport, tcp_flags, plain.tcp_flags) |
			IN_WORD(dport, ttl, plain.ttl_proto));
	put_word(pkt, offsetof(struct pkt, l3),
		PKT_WHAT(l3, plain.l3) | PKT_WHAT(vector, plain.vector) | PKT_WHAT(flags, plain.flags));
	pkt->vlan[0] = pkt->vlan[1] = 0;
}

/* Nothing wrong with the transport header, or false. `flags` are the wire's. */
static inline __attribute__((always_inline)) bool
plain_l4(struct plain *plain, struct near near, uint32_t flags)
{
	const uint8_t *l4 = near.data + plain->l4_off;
	uint32_t proto = plain->ttl_proto >> 8, hlen;

	if (unlikely(load_16(l4 + 2) == 0))
		return false;
	if (proto == PROTO_UDP) {
		uint32_t length = load_be16(l4 + 4);

		if (unlikely(length < UDP_HLEN || length > plain->l4_len))
			return false;
		plain->payload_off = plain->l4_off + UDP_HLEN;
		plain->tcp_flags = 0;
		plain->vector = vector_udp(load_be16(l4));
		plain->flags = flags | PKT_F_PORTS | dport_udp(load_be16(l4 + 2), plain->ttl_proto & UINT8_MAX);
		if (unlikely(plain->flags & PKT_F_CONTROL))
			plain->vector = SEKI_VECTOR_NONE;
		return true;
	}
	hlen = (l4[12] & 0xf0) >> 2;
	plain->payload_off = plain->l4_off + hlen;
	if (unlikely(proto != PROTO_TCP || hlen < TCP_HLEN || hlen > plain->l4_len || plain->payload_off > near.avail))
		return false;
	plain->tcp_flags = l4[13];
	plain->vector = vector_tcp(plain->tcp_flags, plain->l4_len > hlen);
	plain->flags = flags | PKT_F_PORTS | PKT_F_TCP | control_tcp(load_32(l4));
	return likely(plain->vector != SEKI_VECTOR_TCP_OTHER);
}

/* Bytes 12 to 14: IPv4 without options, right behind the MAC addresses; 12 and 13: IPv6. */
#define PLAIN_TYPE4 (UINT64_C(0x450008) << 32)
#define PLAIN_TYPE4_MASK (UINT64_C(0xffffff) << 32)
#define PLAIN_TYPE6 (UINT64_C(0x60dd86) << 32)
#define PLAIN_TYPE6_MASK (UINT64_C(0xf0ffff) << 32)

/* Bytes 4 to 7 of the IPv4 header as they lie in memory: more-fragments, and the offset. */
#define FRAG_MASK 0xff3f0000u

static inline __attribute__((always_inline)) bool
parse_plain4(struct pkt *pkt, struct near near)
{
	const uint8_t *ip = near.data + ETH_HLEN;
	uint32_t src = load_32(ip + 12), dst = load_32(ip + 16);
	struct plain plain = {
		.l3 = PKT_L3_IP4,
		.l3_len = load_be16(ip + 2),
		.l4_off = ETH_HLEN + IP4_HLEN,
		.ttl_proto = load_16(ip + 8),
	};

	plain.l4_len = plain.l3_len - IP4_HLEN;
	/* Between the smallest header and the end of the frame, which is longer than that: one comparison for both. */
	if (unlikely((load_32(ip + 4) & FRAG_MASK) != 0 || plain.l3_len - IP4_HLEN > pkt->len - ETH_HLEN - IP4_HLEN))
		return false;
	if (unlikely(src == dst || control_ip4_dst(dst) || !ip4_header_good(pkt, ip, IP4_HLEN)))
		return false;
	if (!plain_l4(&plain, near, pkt->flags & WIRE_FLAGS))
		return false;
	set_plain(pkt, near.data, plain);
	pkt->src.q[0] = src;
	pkt->src.q[1] = 0;
	pkt->dst.q[0] = dst;
	pkt->dst.q[1] = 0;
	return true;
}

static inline __attribute__((always_inline)) bool
parse_plain6(struct pkt *pkt, struct near near)
{
	const uint8_t *ip = near.data + ETH_HLEN;
	struct plain plain = {
		.l3 = PKT_L3_IP6,
		.l4_off = ETH_HLEN + IP6_HLEN,
		.l4_len = load_be16(ip + 4),
		.ttl_proto = load_be16(ip + 6),
	};

	plain.l3_len = plain.l4_len + IP6_HLEN;
	if (unlikely(plain.l3_len > pkt->len - ETH_HLEN || plain.l3_len > UINT16_MAX || control_ip6_dst(ip + 24)))
		return false;
	if (unlikely(load_64(ip + 8) == load_64(ip + 24) && load_64(ip + 16) == load_64(ip + 32)))
		return false;
	if (!plain_l4(&plain, near, pkt->flags & WIRE_FLAGS))
		return false;
	set_plain(pkt, near.data, plain);
	memcpy(&pkt->src, ip + 8, 2 * sizeof(pkt->src));
	return true;
}

/*
 * The shortcut: a frame of one piece without tags, IPv4 without options or IPv6 without extension headers and not a
 * fragment, UDP or TCP, nothing wrong with it and nothing special about its ends. Such a packet is known by few
 * comparisons, and all its fields follow. False: it is anything else, and nothing was written that parse_any does not
 * write. Both say the same of every packet; tests hold them against each other, since frames in pieces never go this way.
 */
static inline __attribute__((always_inline)) bool
parse_plain(struct pkt *pkt, struct near near)
{
	uint64_t type;

	if (unlikely(near.avail < ETH_HLEN + IP4_HLEN + TCP_HLEN || (near.data[0] & 1) != 0))
		return false;
	type = load_64(near.data + 8);
	if (likely((type & PLAIN_TYPE4_MASK) == PLAIN_TYPE4))
		return parse_plain4(pkt, near);
	return (type & PLAIN_TYPE6_MASK) == PLAIN_TYPE6 && near.avail >= ETH_HLEN + IP6_HLEN + TCP_HLEN &&
	       parse_plain6(pkt, near);
}

#endif
