/* SPDX-License-Identifier: BSD-3-Clause */
/* Transport protocols other than TCP and UDP, and the packets that ICMP errors quote. */
#include "control.h"

enum {
	ICMP_QUOTED_L4 = 8, /* all that RFC 792 promises of a quoted transport header; no more is looked at */
};

void
pkt_parse_l4_short_slow(struct pkt *pkt)
{
	bool frag = (pkt->flags & PKT_F_FRAG) != 0;

	/* RFC 1858 3.2.1, RFC 7112: no honest first fragment is too small for the transport header. */
	flaw(pkt, frag ? SEKI_REASON_FRAG_TINY : SEKI_REASON_L4_TRUNCATED);
	pkt->vector = frag ? SEKI_VECTOR_FRAGMENT : SEKI_VECTOR_NONE;
}

/* `end` is inside the packet, and the header that ends there can be read. */
static bool
l4_need(const struct pkt *pkt, struct view *view, uint32_t end)
{
	return end <= (uint32_t)pkt->l4_off + pkt->l4_len && view_need(view, end);
}

static uint8_t
icmp_vector(const struct pkt *pkt)
{
	/* RFC 792; RFC 4443. A redirect of IPv6 is neighbour discovery and quotes in an option. */
	static const uint8_t ip4[] = {
		[0] = SEKI_VECTOR_ICMP_ECHO,
		[3] = SEKI_VECTOR_ICMP_ERROR, /* unreachable */
		[4] = SEKI_VECTOR_ICMP_ERROR, /* source quench */
		[5] = SEKI_VECTOR_ICMP_ERROR, /* redirect */
		[8] = SEKI_VECTOR_ICMP_ECHO,
		[11] = SEKI_VECTOR_ICMP_ERROR, /* time exceeded */
		[12] = SEKI_VECTOR_ICMP_ERROR, /* parameter problem */
	};
	uint8_t type = pkt->icmp_type, vector = SEKI_VECTOR_NONE;

	if (pkt->l3 == PKT_L3_IP4)
		vector = type < sizeof(ip4) ? ip4[type] : SEKI_VECTOR_NONE;
	else if (type >= 1 && type <= 4)
		vector = SEKI_VECTOR_ICMP_ERROR;
	else if (type == 128 || type == 129)
		vector = SEKI_VECTOR_ICMP_ECHO;
	return vector == SEKI_VECTOR_NONE ? SEKI_VECTOR_ICMP_OTHER : vector;
}

/* Offset of the quoted transport header, 0 if the quote has none. Moves payload_off along. */
static uint32_t
quote_ip4(struct pkt *pkt, struct view *view, uint32_t *proto)
{
	uint32_t off = pkt->inner_l3_off, hlen = (view->data[off] & 0x0fu) * 4;

	if (hlen < IP4_HLEN || !l4_need(pkt, view, off + hlen))
		return 0;
	pkt->payload_off = (uint16_t)(off + hlen);
	*proto = view->data[off + 9];
	return (load_be16(view->data + off + 6) & 0x1fff) == 0 ? off + hlen : 0;
}

static uint32_t
quote_ip6(struct pkt *pkt, struct view *view, uint32_t *proto)
{
	uint32_t off = pkt->inner_l3_off;
	struct ip6_walk walk = {
		.off = off + IP6_HLEN,
		.end = (uint32_t)pkt->l4_off + pkt->l4_len,
		.proto = view->data[off + 6],
	};

	pkt_ip6_walk_slow(view, &walk);
	pkt->payload_off = (uint16_t)walk.read;
	*proto = walk.proto;
	return walk.flaw == SEKI_REASON_NONE && walk.frag < 8 ? walk.off : 0;
}

/* Protocols whose first eight bytes are header, and so may be looked at. */
static bool
quote_has_transport(uint32_t proto)
{
	return proto == PROTO_TCP || proto == PROTO_UDP || proto == PROTO_ICMP || proto == PROTO_ICMP6;
}

/* The packet that an error quotes: a piece of one, so nothing about it is a defect. */
static void
parse_quote(struct pkt *pkt, struct view *view)
{
	bool ip4 = pkt->l3 == PKT_L3_IP4;
	uint32_t off = (uint32_t)pkt->l4_off + ICMP_HLEN, size = ip4 ? IP4_HLEN : IP6_HLEN, proto = 0;

	if (!l4_need(pkt, view, off + size))
		return;
	pkt->payload_off = (uint16_t)(off + size);
	if (view->data[off] >> 4 != (ip4 ? 4 : 6))
		return;
	pkt->encap = PKT_ENCAP_ICMP_QUOTE;
	pkt->inner_l3_off = (uint16_t)off;
	off = ip4 ? quote_ip4(pkt, view, &proto) : quote_ip6(pkt, view, &proto);
	if (off == 0 || !quote_has_transport(proto) || !l4_need(pkt, view, off + ICMP_QUOTED_L4))
		return;
	pkt->inner_l4_off = (uint16_t)off;
	pkt->payload_off = (uint16_t)(off + ICMP_QUOTED_L4);
}

static void
parse_icmp(struct pkt *pkt, struct view *view)
{
	const uint8_t *p;

	if (!l4_need(pkt, view, (uint32_t)pkt->l4_off + ICMP_HLEN)) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	p = view->data + pkt->l4_off;
	pkt->flags |= PKT_F_ICMP;
	pkt->icmp_type = p[0];
	pkt->icmp_code = p[1];
	pkt->payload_off = (uint16_t)(pkt->l4_off + ICMP_HLEN);
	pkt->vector = icmp_vector(pkt);
	if (pkt->vector == SEKI_VECTOR_ICMP_ERROR)
		parse_quote(pkt, view);
}

/* RFC 2784, 2890 (version 0) and RFC 2637 (version 1): 4 bytes, and 4 more for each of the optional fields. */
static uint32_t
gre_header_length(const uint8_t *p)
{
	uint32_t fields = ((p[0] & 0xc0) != 0) + ((p[0] & 0x20) != 0) + ((p[0] & 0x10) != 0);

	if ((p[1] & 7) == 1)
		fields += (p[1] & 0x80) != 0;
	return GRE_HLEN + fields * 4;
}

static void
parse_gre(struct pkt *pkt, struct view *view)
{
	uint32_t off = pkt->l4_off, hlen;

	if (!l4_need(pkt, view, off + GRE_HLEN)) {
		pkt_parse_l4_short_slow(pkt);
		return;
	}
	pkt->vector = SEKI_VECTOR_GRE;
	pkt->payload_off = (uint16_t)(off + GRE_HLEN);
	hlen = gre_header_length(view->data + off);
	if (l4_need(pkt, view, off + hlen))
		pkt->payload_off = (uint16_t)(off + hlen);
	else
		flaw(pkt, SEKI_REASON_L4_TRUNCATED);
}

void
pkt_parse_other_slow(struct pkt *pkt, struct view *view)
{
	uint32_t icmp = pkt->l3 == PKT_L3_IP4 ? PROTO_ICMP : PROTO_ICMP6;

	if (pkt->proto == icmp)
		parse_icmp(pkt, view);
	else if (pkt->proto == PROTO_GRE)
		parse_gre(pkt, view);
	else
		pkt->vector = SEKI_VECTOR_OTHER;
	pkt->flags |= pkt_control_proto(pkt) | pkt_tunnel_proto(pkt->proto);
	if (pkt_control_is_void(pkt))
		pkt->flags &= (uint16_t)~PKT_F_CONTROL;
}

bool
pkt_quoted_addrs(const struct pkt *pkt, union pkt_addr *src, union pkt_addr *dst)
{
	const uint8_t *p = pkt->data + pkt->inner_l3_off;

	*src = *dst = (union pkt_addr){.q = {0, 0}};
	if (pkt->encap != PKT_ENCAP_ICMP_QUOTE)
		return false;
	if (pkt->l3 == PKT_L3_IP4) {
		src->v4_be = load_32(p + 12);
		dst->v4_be = load_32(p + 16);
	} else {
		memcpy(src->b, p + 8, sizeof(src->b));
		memcpy(dst->b, p + 24, sizeof(dst->b));
	}
	return true;
}

bool
pkt_quoted_ports(const struct pkt *pkt, uint8_t *proto, uint16_t *sport, uint16_t *dport)
{
	const uint8_t *ip = pkt->data + pkt->inner_l3_off, *l4 = pkt->data + pkt->inner_l4_off;

	if (pkt->encap != PKT_ENCAP_ICMP_QUOTE || pkt->inner_l4_off == 0)
		return false;
	if (pkt->l3 == PKT_L3_IP6 && pkt->inner_l4_off != pkt->inner_l3_off + IP6_HLEN)
		return false;
	*proto = pkt->l3 == PKT_L3_IP4 ? ip[9] : ip[6];
	if (*proto != PROTO_TCP && *proto != PROTO_UDP)
		return false;
	*sport = (uint16_t)load_be16(l4);
	*dport = (uint16_t)load_be16(l4 + 2);
	return true;
}
