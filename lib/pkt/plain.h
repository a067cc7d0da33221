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

/* RFC 1071 over the header, in words of 32 bits and folded: the order of bytes does not matter to it. */
static inline bool
ip4_checksum_good(const uint8_t *p, uint32_t hlen)
{
	uint64_t sum = (uint64_t)load_32(p) + load_32(p + 4) + load_32(p + 8) + load_32(p + 12) + load_32(p + 16);

	for (uint32_t i = IP4_HLEN; unlikely(i < hlen); i += 4)
		sum += load_32(p + i);
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

/* All that parse writes of a plain packet; its transport header ends at `payload_off`. */
static inline void
set_plain(struct pkt *pkt, const uint8_t *ip, uint32_t total, uint32_t payload_off)
{
	uint32_t ports = __builtin_bswap32(load_32(ip + IP4_HLEN));

	pkt->l3_off = ETH_HLEN;
	pkt->l4_off = ETH_HLEN + IP4_HLEN;
	pkt->payload_off = (uint16_t)payload_off;
	pkt->l3_len = (uint16_t)total;
	pkt->l4_len = (uint16_t)(total - IP4_HLEN);
	pkt->inner_l3_off = pkt->inner_l4_off = 0;
	pkt->sport = (uint16_t)(ports >> 16);
	pkt->dport = (uint16_t)ports;
	pkt->l3 = PKT_L3_IP4;
	pkt->tcp_flags = 0;
	pkt->ttl = ip[8];
	pkt->proto = ip[9];
	pkt->icmp_type = pkt->icmp_code = 0;
	pkt->n_vlan = pkt->encap = pkt->defect = 0;
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
	uint32_t total, src, dst, wire = pkt->flags & WIRE_FLAGS;

	if (near.avail < PLAIN_BYTES || (load_64(near.data + 8) & PLAIN_TYPE_MASK) != PLAIN_TYPE)
		return false;
	total = load_be16(ip + 2);
	src = load_32(ip + 12);
	dst = load_32(ip + 16);
	if (unlikely((near.data[0] & 1) != 0 || (load_32(ip + 4) & FRAG_MASK) != 0 || total > pkt->len - ETH_HLEN))
		return false;
	if (unlikely(src == dst || control_ip4_dst(dst) || !ip4_header_good(pkt, ip, IP4_HLEN)))
		return false;
	if (ip[9] == PROTO_UDP) {
		uint32_t length = load_be16(l4 + 4);

		if (unlikely(length < UDP_HLEN || length + IP4_HLEN > total || load_16(l4 + 2) == 0))
			return false;
		set_plain(pkt, ip, total, ETH_HLEN + IP4_HLEN + UDP_HLEN);
		pkt->vector = vector_udp(pkt->sport);
		pkt->flags = (uint16_t)(wire | PKT_F_PORTS | dport_udp(pkt->dport, ip[8]));
	} else if (ip[9] == PROTO_TCP) {
		uint32_t flags = l4[13], hlen = l4[12] >> 4 << 2, end = ETH_HLEN + IP4_HLEN + hlen;

		if (unlikely(hlen < TCP_HLEN || IP4_HLEN + hlen > total || end > near.avail || load_16(l4 + 2) == 0))
			return false;
		if (unlikely(pkt_tcp_flags_impossible >> (flags & 0x3f) & 1))
			return false;
		set_plain(pkt, ip, total, end);
		pkt->tcp_flags = (uint8_t)flags;
		pkt->vector = vector_tcp(flags, total > IP4_HLEN + hlen);
		pkt->flags = (uint16_t)(wire | PKT_F_PORTS | PKT_F_TCP | control_tcp(pkt->sport, pkt->dport));
	} else {
		return false;
	}
	if (unlikely(pkt->flags & PKT_F_CONTROL))
		pkt->vector = SEKI_VECTOR_NONE;
	return true;
}

#endif
