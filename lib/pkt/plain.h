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
static_assert(offsetof(struct pkt, proto) == offsetof(struct pkt, ttl) + 1, "as they lie in the header");

/* What tells one plain packet from another beside its addresses and ports. */
struct plain {
	uint32_t total;       /* length of the IP packet */
	uint32_t payload_off; /* where its transport header ends */
	uint32_t tcp_flags, vector, flags;
};

/* All that parse writes of a plain packet. */
static inline void
set_plain(struct pkt *pkt, const uint8_t *ip, struct plain plain)
{
	uint32_t ports = __builtin_bswap32(load_32(ip + IP4_HLEN));

	put_word(pkt, offsetof(struct pkt, l3_off), IN_WORD(l3_off, l3_off, ETH_HLEN) | IN_WORD(l3_off, l4_off, ETH_HLEN + IP4_HLEN) |
				       IN_WORD(l3_off, payload_off, plain.payload_off) |
				       IN_WORD(l3_off, l3_len, plain.total));
	put_word(pkt, offsetof(struct pkt, l4_len),
		IN_WORD(l4_len, l4_len, plain.total - IP4_HLEN) | IN_WORD(l4_len, sport, ports >> 16));
	put_word(pkt, offsetof(struct pkt, dport), IN_WORD(dport, dport, ports & UINT16_MAX) | IN_WORD(dport, tcp_flags, plain.tcp_flags) |
				      IN_WORD(dport, ttl, load_16(ip + 8)));
	put_word(pkt, offsetof(struct pkt, l3),
		PKT_WHAT(l3, PKT_L3_IP4) | PKT_WHAT(vector, plain.vector) | PKT_WHAT(flags, plain.flags));
	pkt->src.q[0] = load_32(ip + 12);
	pkt->src.q[1] = 0;
	pkt->dst.q[0] = load_32(ip + 16);
	pkt->dst.q[1] = 0;
	pkt->vlan[0] = pkt->vlan[1] = 0;
}

/* Bytes 12 to 14: IPv4 without options, right behind the MAC addresses. */
#define PLAIN_TYPE (UINT64_C(0x450008) << 32)
#define PLAIN_TYPE_MASK (UINT64_C(0xffffff) << 32)
#define PLAIN_BYTES (ETH_HLEN + IP4_HLEN + TCP_HLEN)

/* Bytes 4 to 7 of the IPv4 header as they lie in memory: more-fragments, and the offset. */
#define FRAG_MASK 0xff3f0000u

/*
 * The shortcut: a frame of one piece without tags, IPv4 without options and not a fragment, UDP or TCP, nothing wrong
 * with it and nothing special about its ends. Such a packet is known by few comparisons, and all its fields follow.
 * False: it is anything else, and nothing was written that parse_any does not write. Both say the same of every packet;
 * tests hold them against each other, since frames in pieces never go this way.
 */
static inline bool
parse_plain(struct pkt *pkt, struct near near)
{
	const uint8_t *ip = near.data + ETH_HLEN, *l4 = ip + IP4_HLEN;
	uint32_t src, dst, wire = pkt->flags & WIRE_FLAGS;
	struct plain plain;

	if (near.avail < PLAIN_BYTES || (load_64(near.data + 8) & PLAIN_TYPE_MASK) != PLAIN_TYPE)
		return false;
	plain.total = load_be16(ip + 2);
	src = load_32(ip + 12);
	dst = load_32(ip + 16);
	if (unlikely((near.data[0] & 1) != 0 || (load_32(ip + 4) & FRAG_MASK) != 0 || plain.total > pkt->len - ETH_HLEN))
		return false;
	if (unlikely(src == dst || control_ip4_dst(dst) || !ip4_header_good(pkt, ip, IP4_HLEN)))
		return false;
	if (ip[9] == PROTO_UDP) {
		uint32_t length = load_be16(l4 + 4);

		if (unlikely(length < UDP_HLEN || length + IP4_HLEN > plain.total || load_16(l4 + 2) == 0))
			return false;
		plain.payload_off = ETH_HLEN + IP4_HLEN + UDP_HLEN;
		plain.tcp_flags = 0;
		plain.vector = vector_udp(load_be16(l4));
		plain.flags = wire | PKT_F_PORTS | dport_udp(load_be16(l4 + 2), ip[8]);
		if (unlikely(plain.flags & PKT_F_CONTROL))
			plain.vector = SEKI_VECTOR_NONE;
	} else if (ip[9] == PROTO_TCP) {
		uint32_t hlen = l4[12] >> 4 << 2;

		plain.payload_off = ETH_HLEN + IP4_HLEN + hlen;
		plain.tcp_flags = l4[13];
		if (unlikely(hlen < TCP_HLEN || IP4_HLEN + hlen > plain.total || plain.payload_off > near.avail ||
			     load_16(l4 + 2) == 0))
			return false;
		plain.vector = vector_tcp(plain.tcp_flags, plain.total > IP4_HLEN + hlen);
		if (unlikely(plain.vector == SEKI_VECTOR_TCP_OTHER))
			return false;
		plain.flags = wire | PKT_F_PORTS | PKT_F_TCP | control_tcp(load_32(l4));
	} else {
		return false;
	}
	set_plain(pkt, ip, plain);
	return true;
}

#endif
