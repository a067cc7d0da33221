/* SPDX-License-Identifier: BSD-3-Clause */
/* The way that nearly all packets go: Ethernet II, IPv4 or IPv6, TCP or UDP. The rest is in the _slow siblings. */
#include "control.h"
#include "vector.h"

/* Frames ahead whose headers are fetched while one is parsed: about a memory access at 40 cycles a packet. */
#define PREFETCH_AHEAD 6

#define WIRE_FLAGS (PKT_F_CSUM_OK | PKT_F_CSUM_BAD | PKT_F_REAL_DIR)

static_assert(offsetof(struct pkt, vector) + 1 - offsetof(struct pkt, l3) == 10, "reset() clears what parse writes");
static_assert(offsetof(struct pkt, flags) - offsetof(struct pkt, l3_off) == 18, "reset() clears what parse writes");

/* Every field of the parser, so that a packet that ends early has nothing of its predecessor. */
static inline void
reset(struct pkt *pkt)
{
	memset(&pkt->l3_off, 0, 18);
	memset(&pkt->l3, 0, 10);
	memset(&pkt->src, 0, 2 * sizeof(pkt->src));
	memset(pkt->vlan, 0, sizeof(pkt->vlan));
	pkt->flags &= WIRE_FLAGS;
}

/* RFC 1071 over the header, in words of 32 bits and folded: the order of bytes does not matter to it. */
static inline bool
ip4_checksum_good(const uint8_t *p, uint32_t hlen)
{
	uint64_t sum = (uint64_t)load_32(p) + load_32(p + 4) + load_32(p + 8) + load_32(p + 12) + load_32(p + 16);

	for (uint32_t i = IP4_HLEN; unlikely(i < hlen); i += 4)
		sum += load_32(p + i);
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16 & 0xffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum == 0xffff;
}

static inline bool
ip4_header_good(const struct pkt *pkt, const uint8_t *p, uint32_t hlen)
{
	if (pkt->flags & (PKT_F_CSUM_OK | PKT_F_CSUM_BAD))
		return (pkt->flags & PKT_F_CSUM_BAD) == 0;
	return ip4_checksum_good(p, hlen);
}

/* RFC 768. A length below that of the IP packet is legal (RFC 9868); a first fragment carries less than it says. */
static inline bool
udp_length_good(const struct pkt *pkt, uint32_t length)
{
	return length >= UDP_HLEN && (length <= pkt->l4_len || (pkt->flags & PKT_F_FRAG) != 0);
}

static inline void
parse_udp(struct pkt *pkt, struct view *view)
{
	uint32_t off = pkt->l4_off, sport, dport, length;
	const uint8_t *p;

	if (unlikely(pkt->l4_len < UDP_HLEN || !view_need(view, off + UDP_HLEN))) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	p = view->data + off;
	sport = load_be16(p);
	dport = load_be16(p + 2);
	length = load_be16(p + 4);
	pkt->sport = (uint16_t)sport;
	pkt->dport = (uint16_t)dport;
	pkt->payload_off = (uint16_t)(off + UDP_HLEN);
	pkt->vector = vector_udp(sport);
	pkt->flags |= PKT_F_PORTS | dport_udp(dport, pkt->ttl);
	if (unlikely(!udp_length_good(pkt, length)))
		flaw(pkt, SEKI_REASON_UDP_LENGTH);
	if (unlikely(dport == 0))
		flaw(pkt, SEKI_REASON_PORT_ZERO);
}

/* The data offset points out of the header that was read. Returns the length to go on with. */
static __attribute__((noinline, cold)) uint32_t
tcp_header_length_slow(struct pkt *pkt, uint32_t hlen)
{
	if (hlen < TCP_HLEN || (hlen > pkt->l4_len && (pkt->flags & PKT_F_FRAG) == 0))
		flaw(pkt, SEKI_REASON_TCP_HEADER_LENGTH);
	else if (hlen > pkt->l4_len)
		flaw(pkt, SEKI_REASON_FRAG_TINY);
	else
		flaw(pkt, SEKI_REASON_L4_TRUNCATED); /* the capture, not the packet, ends inside the options */
	return TCP_HLEN;
}

static inline void
parse_tcp(struct pkt *pkt, struct view *view)
{
	uint32_t off = pkt->l4_off, len = pkt->l4_len, sport, dport, hlen, flags;
	const uint8_t *p;

	if (unlikely(len < TCP_HLEN || !view_need(view, off + TCP_HLEN))) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	p = view->data + off;
	sport = load_be16(p);
	dport = load_be16(p + 2);
	hlen = p[12] >> 4 << 2;
	flags = p[13];
	if (unlikely(hlen < TCP_HLEN || hlen > len || !view_need(view, off + hlen)))
		hlen = tcp_header_length_slow(pkt, hlen);
	pkt->sport = (uint16_t)sport;
	pkt->dport = (uint16_t)dport;
	pkt->tcp_flags = (uint8_t)flags;
	pkt->payload_off = (uint16_t)(off + hlen);
	pkt->vector = vector_tcp(flags, len > hlen);
	pkt->flags |= PKT_F_PORTS | PKT_F_TCP | control_tcp(sport, dport);
	if (unlikely(pkt_tcp_flags_impossible >> (flags & 0x3f) & 1))
		flaw(pkt, SEKI_REASON_TCP_FLAGS);
	if (unlikely(dport == 0))
		flaw(pkt, SEKI_REASON_PORT_ZERO);
}

static inline void
parse_l4(struct pkt *pkt, struct view *view)
{
	if (likely(pkt->proto == PROTO_UDP))
		parse_udp(pkt, view);
	else if (pkt->proto == PROTO_TCP)
		parse_tcp(pkt, view);
	else
		pkt_parse_other_slow(pkt, view);
}

/*
 * A BFD echo (RFC 5881 4) is addressed to its own sender, who lets the neighbour return it: with a TTL of 255 on
 * its way there and 254 on its way back. Everything else with two equal addresses is an attack on the stack.
 */
static __attribute__((noinline, cold)) void
land_slow(struct pkt *pkt)
{
	if (pkt->proto == PROTO_UDP && pkt->dport == 3785 && pkt->ttl >= 254)
		return;
	flaw(pkt, SEKI_REASON_LAND);
}

/* What is left once all headers are parsed. */
static inline void
finish(struct pkt *pkt)
{
	if (unlikely(pkt->src.q[0] == pkt->dst.q[0] && pkt->src.q[1] == pkt->dst.q[1]))
		land_slow(pkt);
	if (unlikely(pkt->flags & PKT_F_CONTROL))
		pkt->vector = SEKI_VECTOR_NONE;
}

static __attribute__((noinline, cold)) bool
ip4_frag_slow(struct pkt *pkt, uint32_t field, uint32_t hlen)
{
	struct frag frag = {
		.offset = (field & 0x1fff) * 8,
		.more = (field & 0x2000) != 0,
		.len = pkt->l4_len,
		.before = hlen,
	};

	return pkt_parse_frag_slow(pkt, &frag);
}

static inline void
parse_ip4(struct pkt *pkt, struct view *view)
{
	uint32_t off = pkt->l3_off, hlen = IP4_HLEN, total, frag;
	const uint8_t *p;

	if (unlikely(!view_need(view, off + IP4_HLEN)))
		return flaw(pkt, SEKI_REASON_IP_HEADER_LENGTH);
	p = view->data + off;
	pkt->payload_off = (uint16_t)(off + IP4_HLEN);
	if (unlikely(p[0] >> 4 != 4))
		return flaw(pkt, SEKI_REASON_IP_VERSION);
	pkt->l3 = PKT_L3_IP4;
	pkt->ttl = p[8];
	pkt->proto = p[9];
	pkt->src.q[0] = load_32(p + 12);
	pkt->dst.q[0] = load_32(p + 16);
	if (unlikely(control_ip4_dst(pkt->dst.v4_be)))
		pkt->flags |= PKT_F_CONTROL;
	if (unlikely(p[0] != 0x45)) {
		hlen = pkt_parse_ip4_options_slow(pkt, view);
		if (hlen == 0)
			return;
		p = view->data + off;
	}
	total = load_be16(p + 2);
	if (unlikely(total < hlen || total > pkt->len - off))
		return flaw(pkt, SEKI_REASON_IP_LENGTH);
	pkt->l3_len = (uint16_t)total;
	pkt->l4_off = pkt->payload_off = (uint16_t)(off + hlen);
	pkt->l4_len = (uint16_t)(total - hlen);
	if (unlikely(!ip4_header_good(pkt, p, hlen)))
		flaw(pkt, SEKI_REASON_IP_CHECKSUM);
	frag = load_be16(p + 6) & 0x3fff;
	if (likely(frag == 0) || ip4_frag_slow(pkt, frag, hlen))
		parse_l4(pkt, view);
	finish(pkt);
}

static inline void
parse_ip6(struct pkt *pkt, struct view *view)
{
	uint32_t off = pkt->l3_off, len;
	const uint8_t *p;

	if (unlikely(!view_need(view, off + IP6_HLEN)))
		return flaw(pkt, SEKI_REASON_IP_HEADER_LENGTH);
	p = view->data + off;
	pkt->payload_off = (uint16_t)(off + IP6_HLEN);
	if (unlikely(p[0] >> 4 != 6))
		return flaw(pkt, SEKI_REASON_IP_VERSION);
	len = load_be16(p + 4);
	pkt->l3 = PKT_L3_IP6;
	pkt->proto = p[6];
	pkt->ttl = p[7];
	memcpy(&pkt->src, p + 8, 2 * sizeof(pkt->src));
	if (unlikely(control_ip6_dst(p + 24)))
		pkt->flags |= PKT_F_CONTROL;
	/* A payload of 0 with hop-by-hop options claims to be a jumbogram (RFC 2675), which no Ethernet carries. */
	if (unlikely(len > pkt->len - off - IP6_HLEN || (len == 0 && pkt->proto == PROTO_HOPOPTS)))
		return flaw(pkt, SEKI_REASON_IP_LENGTH);
	pkt->l3_len = (uint16_t)(len + IP6_HLEN < 65535 ? len + IP6_HLEN : 65535);
	pkt->l4_off = pkt->payload_off;
	pkt->l4_len = (uint16_t)len;
	if (likely(!is_ip6_extension(pkt->proto)) || pkt_parse_ip6_chain_slow(pkt, view))
		parse_l4(pkt, view);
	finish(pkt);
}

static inline void
parse(struct pkt *pkt, uint8_t *scratch)
{
	uint32_t linear = pkt->linear < pkt->len ? pkt->linear : pkt->len, type = 0;
	struct view view = {
		.data = pkt->data,
		.avail = linear < PKT_HEADERS_MAX ? linear : PKT_HEADERS_MAX,
		.pkt = pkt,
		.scratch = scratch,
	};

	reset(pkt);
	pkt->l3_off = pkt->payload_off = ETH_HLEN;
	/* Group addresses go the long way too: some of them are control by themselves. */
	if (likely(view.avail >= ETH_HLEN && (view.data[0] & 1) == 0))
		type = load_be16(view.data + ETH_HLEN - 2);
	if (unlikely(type != ETH_IP4 && type != ETH_IP6))
		type = pkt_parse_l2_slow(pkt, &view);
	if (likely(type == ETH_IP4))
		parse_ip4(pkt, &view);
	else if (type == ETH_IP6)
		parse_ip6(pkt, &view);
}

void
pkt_parse_burst(struct pkt *pkt, unsigned n, uint8_t (*scratch)[PKT_HEADERS_MAX])
{
	for (unsigned i = 0; i < n && i < PREFETCH_AHEAD; i++)
		__builtin_prefetch(pkt[i].data);
	for (unsigned i = 0; i < n; i++) {
		if (i + PREFETCH_AHEAD < n)
			__builtin_prefetch(pkt[i + PREFETCH_AHEAD].data);
		parse(&pkt[i], scratch[i]);
	}
}

void
pkt_parse_slow(struct pkt *pkt, uint8_t scratch[PKT_HEADERS_MAX])
{
	parse(pkt, scratch);
}
