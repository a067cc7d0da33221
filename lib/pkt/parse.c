/* SPDX-License-Identifier: BSD-3-Clause */
/* The way that nearly all packets go: Ethernet II, IPv4 or IPv6, TCP or UDP. The rest is in the _slow siblings. */
#include "plain.h"

#define PARSED_FIRST offsetof(struct pkt, l3_off)
#define PARSED_END (offsetof(struct pkt, vector) + 1)

static_assert(PARSED_END == offsetof(struct pkt, flags), "reset() clears what parse writes");

/* The burst being parsed. */
struct parser {
	struct pkt *burst;
	uint8_t (*scratch)[PKT_HEADERS_MAX]; /* by packet */
	struct view view;                    /* of view.pkt: the last packet for which one was needed */
};

static struct view *
slow_view(struct parser *parser, struct pkt *pkt, struct near near)
{
	if (parser->view.pkt != pkt)
		parser->view = (struct view){
			.data = near.data,
			.avail = near.avail < PKT_HEADERS_MAX ? near.avail : PKT_HEADERS_MAX,
			.pkt = pkt,
			.scratch = parser->scratch[pkt - parser->burst],
		};
	return &parser->view;
}

/* After a slow sibling has been called: it may have gathered the headers in another place. */
static inline struct near
near_again(const struct parser *parser)
{
	return (struct near){parser->view.data, parser->view.avail};
}

static __attribute__((noinline, cold)) void
extend_slow(struct parser *parser, struct pkt *pkt, struct near near, uint32_t end)
{
	pkt_view_extend_slow(slow_view(parser, pkt, near), end);
}

/* As view_need: after it, near->data may be another place. */
static inline __attribute__((always_inline)) bool
need(struct parser *parser, struct pkt *pkt, struct near *near, uint32_t end)
{
	if (unlikely(end > near->avail)) {
		extend_slow(parser, pkt, *near, end);
		*near = near_again(parser);
	}
	return end <= near->avail;
}

/* Every field of the parser, so that a packet that ends early has nothing of its predecessor. */
static inline void
reset(struct pkt *pkt)
{
	memset((char *)pkt + PARSED_FIRST, 0, PARSED_END - PARSED_FIRST);
	memset(&pkt->src, 0, 2 * sizeof(pkt->src));
	memset(pkt->vlan, 0, sizeof(pkt->vlan));
	pkt->flags &= WIRE_FLAGS;
	pkt->flow = pkt->batch = 0;
}

/* RFC 768. A length below that of the IP packet is legal (RFC 9868); a first fragment carries less than it says. */
static inline bool
udp_length_good(const struct pkt *pkt, uint32_t length, uint32_t l4_len)
{
	return length >= UDP_HLEN && (likely(length <= l4_len) || (pkt->flags & PKT_F_FRAG) != 0);
}

static inline __attribute__((always_inline)) void
parse_udp(struct parser *parser, struct pkt *pkt, struct near near)
{
	uint32_t off = pkt->l4_off, len = pkt->l4_len, ports, sport, dport, length;
	const uint8_t *p;

	if (unlikely(len < UDP_HLEN || !need(parser, pkt, &near, off + UDP_HLEN))) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	p = near.data + off;
	ports = __builtin_bswap32(load_32(p));
	sport = ports >> 16;
	dport = ports & 0xffff;
	length = load_be16(p + 4);
	pkt->sport = (uint16_t)sport;
	pkt->dport = (uint16_t)dport;
	pkt->payload_off = (uint16_t)(off + UDP_HLEN);
	pkt->vector = vector_udp(sport);
	pkt->flags |= PKT_F_PORTS | dport_udp(dport, pkt->ttl);
	if (unlikely(!udp_length_good(pkt, length, len)))
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

static inline __attribute__((always_inline)) void
parse_tcp(struct parser *parser, struct pkt *pkt, struct near near)
{
	uint32_t off = pkt->l4_off, len = pkt->l4_len, ports, sport, dport, hlen, flags;
	const uint8_t *p;

	if (unlikely(len < TCP_HLEN || !need(parser, pkt, &near, off + TCP_HLEN))) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	p = near.data + off;
	ports = __builtin_bswap32(load_32(p));
	sport = ports >> 16;
	dport = ports & 0xffff;
	hlen = p[12] >> 4 << 2;
	flags = p[13];
	if (unlikely(hlen < TCP_HLEN || hlen > len || !need(parser, pkt, &near, off + hlen)))
		hlen = tcp_header_length_slow(pkt, hlen);
	pkt->sport = (uint16_t)sport;
	pkt->dport = (uint16_t)dport;
	pkt->tcp_flags = (uint8_t)flags;
	pkt->payload_off = (uint16_t)(off + hlen);
	pkt->vector = vector_tcp(flags, len > hlen);
	pkt->flags |= PKT_F_PORTS | PKT_F_TCP | control_tcp(load_32(p));
	if (unlikely(pkt->vector == SEKI_VECTOR_TCP_OTHER))
		flaw(pkt, SEKI_REASON_TCP_FLAGS);
	if (unlikely(dport == 0))
		flaw(pkt, SEKI_REASON_PORT_ZERO);
}

static __attribute__((noinline, cold)) void
parse_other(struct parser *parser, struct pkt *pkt, struct near near)
{
	pkt_parse_other_slow(pkt, slow_view(parser, pkt, near));
}

/* The transport header, at pkt->l4_off. */
static inline void
parse_l4(struct parser *parser, struct pkt *pkt, struct near near)
{
	if (likely(pkt->proto == PROTO_UDP))
		parse_udp(parser, pkt, near);
	else if (pkt->proto == PROTO_TCP)
		parse_tcp(parser, pkt, near);
	else
		parse_other(parser, pkt, near);
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
finish(struct pkt *pkt, bool same_ends)
{
	if (unlikely(same_ends))
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

/* Returns the header's length, 0 if it cannot be read. */
static __attribute__((noinline, cold)) uint32_t
ip4_options_slow(struct parser *parser, struct pkt *pkt, struct near near)
{
	return pkt_parse_ip4_options_slow(pkt, slow_view(parser, pkt, near));
}

/* The packet begins at `off`, which is a constant where this is inlined for frames without tags. */
static inline __attribute__((always_inline)) void
parse_ip4(struct parser *parser, struct pkt *pkt, struct near near, uint32_t off)
{
	uint32_t hlen = IP4_HLEN, total, frag, src, dst;
	const uint8_t *p;

	if (unlikely(!need(parser, pkt, &near, off + IP4_HLEN)))
		return flaw(pkt, SEKI_REASON_IP_HEADER_LENGTH);
	p = near.data + off;
	pkt->payload_off = (uint16_t)(off + IP4_HLEN);
	if (unlikely(p[0] >> 4 != 4))
		return flaw(pkt, SEKI_REASON_IP_VERSION);
	src = load_32(p + 12);
	dst = load_32(p + 16);
	pkt->l3 = PKT_L3_IP4;
	pkt->ttl = p[8];
	pkt->proto = p[9];
	pkt->src.v4_be = src;
	pkt->dst.v4_be = dst;
	if (unlikely(control_ip4_dst(dst)))
		pkt->flags |= PKT_F_CONTROL;
	if (unlikely(p[0] != 0x45)) {
		hlen = ip4_options_slow(parser, pkt, near);
		near = near_again(parser);
		if (hlen == 0)
			return;
		p = near.data + off;
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
		parse_l4(parser, pkt, near);
	finish(pkt, src == dst);
}

/* False: there is no transport header to parse. */
static __attribute__((noinline, cold)) bool
ip6_chain_slow(struct parser *parser, struct pkt *pkt, struct near near)
{
	return pkt_parse_ip6_chain_slow(pkt, slow_view(parser, pkt, near));
}

static inline __attribute__((always_inline)) void
parse_ip6(struct parser *parser, struct pkt *pkt, struct near near, uint32_t off)
{
	bool transport = true;
	uint32_t len;
	const uint8_t *p;

	if (unlikely(!need(parser, pkt, &near, off + IP6_HLEN)))
		return flaw(pkt, SEKI_REASON_IP_HEADER_LENGTH);
	p = near.data + off;
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
	if (unlikely(is_ip6_extension(pkt->proto))) {
		transport = ip6_chain_slow(parser, pkt, near);
		near = near_again(parser);
	}
	if (likely(transport))
		parse_l4(parser, pkt, near);
	finish(pkt, pkt->src.q[0] == pkt->dst.q[0] && pkt->src.q[1] == pkt->dst.q[1]);
}

/* Tags, LLC, groups, anything but IP right behind the addresses. */
static __attribute__((noinline)) void
parse_l2_slow(struct parser *parser, struct pkt *pkt, struct near near)
{
	uint32_t type = pkt_parse_l2_slow(pkt, slow_view(parser, pkt, near));

	if (type == ETH_IP4)
		parse_ip4(parser, pkt, near_again(parser), pkt->l3_off);
	else if (type == ETH_IP6)
		parse_ip6(parser, pkt, near_again(parser), pkt->l3_off);
}

/* Any frame, all the way. */
static __attribute__((noinline)) void
parse_any(struct parser *parser, struct pkt *pkt, struct near near)
{
	uint32_t type = 0;

	reset(pkt);
	pkt->l3_off = pkt->payload_off = ETH_HLEN;
	/* Group addresses go the long way: some of them are control by themselves. */
	if (likely(near.avail >= ETH_HLEN && (near.data[0] & 1) == 0))
		type = load_be16(near.data + ETH_HLEN - 2);
	if (likely(type == ETH_IP4))
		parse_ip4(parser, pkt, near, ETH_HLEN);
	else if (type == ETH_IP6)
		parse_ip6(parser, pkt, near, ETH_HLEN);
	else
		parse_l2_slow(parser, pkt, near);
}

void
pkt_parse_burst(struct pkt *pkt, unsigned n, uint8_t (*scratch)[PKT_HEADERS_MAX])
{
	struct parser parser;

	parser.burst = pkt;
	parser.scratch = scratch;
	parser.view.pkt = NULL;
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];
		struct near near = {p->data, likely(p->linear <= p->len) ? p->linear : p->len};

		if (unlikely(!parse_plain(p, near)))
			parse_any(&parser, p, near);
	}
}
