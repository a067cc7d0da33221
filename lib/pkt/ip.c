/* SPDX-License-Identifier: BSD-3-Clause */
/* The rarer parts of the network layer: IPv4 options, IPv6 extension headers, fragments. */
#include "control.h"

enum {
	IP_LENGTH_MAX = 65535,
	EXTENSION_HLEN = 8, /* every extension header is at least this long */
	FRAG_MORE = 1,

	/* Fragmentable bytes of a first IPv6 fragment that can be headers: those beyond are never accepted as such. */
	IP6_CHAIN_MAX = PKT_HEADERS_MAX - ETH_HLEN - IP6_HLEN - EXTENSION_HLEN,
};

enum {
	OPTION_END = 0,
	OPTION_NOP = 1,
	OPTION_LSRR = 131,
	OPTION_SSRR = 137,
};

/* RFC 791 3.1: types 0 and 1 are one byte, all others say their length. A list that does not add up is left alone. */
static bool
has_source_route(const uint8_t *option, uint32_t n)
{
	for (uint32_t i = 0; i < n && option[i] != OPTION_END;) {
		if (option[i] == OPTION_LSRR || option[i] == OPTION_SSRR)
			return true;
		if (option[i] == OPTION_NOP)
			i++;
		else if (i + 1 < n && option[i + 1] >= 2)
			i += option[i + 1];
		else
			return false;
	}
	return false;
}

uint32_t
pkt_parse_ip4_options_slow(struct pkt *pkt, struct view *view)
{
	uint32_t hlen = (view->data[pkt->l3_off] & 0x0fu) * 4;

	if (hlen < IP4_HLEN || !view_need(view, pkt->l3_off + hlen)) {
		flaw(pkt, SEKI_REASON_IP_HEADER_LENGTH);
		return 0;
	}
	pkt->payload_off = (uint16_t)(pkt->l3_off + hlen);
	pkt->flags |= PKT_F_IP_OPTIONS;
	/* RFC 7126 4.3, 4.4: the one real use of these is to get around a filter. */
	if (has_source_route(view->data + pkt->l3_off + IP4_HLEN, hlen - IP4_HLEN))
		flaw(pkt, SEKI_REASON_SOURCE_ROUTE);
	return hlen;
}

/*
 * Bytes from offset 0 on that are headers of the first fragment, so that no honest later one begins in them.
 *
 * RFC 3128: a fragment at offset 8 rewrites the flags that a filter saw in the first. No link has an MTU (RFC 791: 68)
 * at which an honest sender would cut a TCP header below its 20 bytes.
 *
 * In IPv6 the protocol that a later fragment names binds nobody (RFC 8200 4.5: the first one's counts), so whatever it
 * names, TCP may be there. If it names an extension header, the chain that the first fragment holds (RFC 7112) may be
 * as long as any that is accepted; with an MTU of 1280 at least, nobody needs to cut there.
 */
static uint32_t
headers_of_first(const struct pkt *pkt)
{
	if (pkt->l3 == PKT_L3_IP4)
		return pkt->proto == PROTO_TCP ? TCP_HLEN : 0;
	return is_ip6_extension(pkt->proto) ? IP6_CHAIN_MAX : TCP_HLEN;
}

bool
pkt_parse_frag_slow(struct pkt *pkt, const struct frag *frag)
{
	pkt->flags |= PKT_F_FRAG;
	/* RFC 791 3.2 and RFC 8200 4.5: only the last may have an odd length; what is reassembled has a length. */
	if (frag->len == 0 || (frag->more && frag->len % 8 != 0) ||
		frag->before + frag->offset + frag->len > IP_LENGTH_MAX)
		flaw(pkt, SEKI_REASON_FRAG_LENGTH);
	if (frag->offset == 0)
		return true;
	if (frag->offset < headers_of_first(pkt))
		flaw(pkt, SEKI_REASON_FRAG_OVERLAP);
	pkt->flags |= PKT_F_FRAG_LATER | pkt_tunnel_proto(pkt->proto);
	pkt->vector = SEKI_VECTOR_FRAGMENT;
	return false;
}

/* The header at walk->off ends at `end`, if that is inside the packet and can be read. */
static bool
extension_fits(struct view *view, struct ip6_walk *walk, uint32_t end)
{
	/* RFC 7112: the first fragment holds the whole chain. */
	walk->flaw = end > walk->end && walk->frag != 0 ? SEKI_REASON_FRAG_TINY : SEKI_REASON_IP6_CHAIN;
	if (end > walk->end || end > PKT_HEADERS_MAX - L4_HLEN_MAX || !view_need(view, end))
		return false;
	walk->read = end;
	walk->flaw = SEKI_REASON_NONE;
	return true;
}

/* Steps over one extension header. False: walk->flaw says why not. */
static bool
extension_step(struct view *view, struct ip6_walk *walk)
{
	uint32_t proto = walk->proto, size = EXTENSION_HLEN;
	const uint8_t *p;

	if (!extension_fits(view, walk, walk->off + EXTENSION_HLEN))
		return false;
	p = view->data + walk->off;
	walk->proto = p[0];
	if (proto == PROTO_FRAGMENT) {
		if (walk->frag_off != 0) {
			walk->flaw = SEKI_REASON_IP6_CHAIN;
			return false;
		}
		walk->frag_off = walk->off;
		walk->frag = load_be16(p + 2) & (0xfff8u | FRAG_MORE);
	} else {
		/* RFC 4302 2.2 counts in fours less two, all others in eights less one. */
		size = proto == PROTO_AH ? (p[1] + 2u) * 4 : (p[1] + 1u) * 8;
		/* RFC 5095: with segments left, type 0 is discarded; without, it is passed over. */
		walk->source_route |= proto == PROTO_ROUTING && p[2] == 0 && p[3] != 0;
		if (size > EXTENSION_HLEN && !extension_fits(view, walk, walk->off + size))
			return false;
	}
	walk->off += size;
	return true;
}

void
pkt_ip6_walk_slow(struct view *view, struct ip6_walk *walk)
{
	walk->read = walk->off;
	for (unsigned n = 0; is_ip6_extension(walk->proto); n++) {
		/* RFC 8200 4.1 fixes one place only: hop-by-hop options come first. */
		if (n == PKT_EXT_MAX || (n > 0 && walk->proto == PROTO_HOPOPTS)) {
			walk->flaw = SEKI_REASON_IP6_CHAIN;
			return;
		}
		if (!extension_step(view, walk))
			return;
		if (walk->frag > FRAG_MORE) /* a later fragment: data follows, whatever proto says */
			return;
	}
}

bool
pkt_parse_ip6_chain_slow(struct pkt *pkt, struct view *view)
{
	uint32_t first = pkt->l4_off;
	struct ip6_walk walk = {.off = first, .end = first + pkt->l4_len, .proto = pkt->proto};
	bool transport = true;

	pkt_ip6_walk_slow(view, &walk);
	pkt->flags |= PKT_F_IP_OPTIONS;
	pkt->proto = (uint8_t)walk.proto;
	pkt->payload_off = (uint16_t)walk.read;
	pkt->l4_off = (uint16_t)walk.off;
	pkt->l4_len = (uint16_t)(walk.end - walk.off);
	if (walk.frag != 0) {
		struct frag frag = {
			.offset = walk.frag & ~7u,
			.more = (walk.frag & FRAG_MORE) != 0,
			.len = walk.end - (walk.frag_off + EXTENSION_HLEN),
			.before = walk.frag_off - first,
		};

		transport = pkt_parse_frag_slow(pkt, &frag);
	} else if (walk.frag_off != 0) {
		pkt->flags |= PKT_F_ATOMIC;
	}
	if (walk.source_route)
		flaw(pkt, SEKI_REASON_SOURCE_ROUTE);
	if (walk.flaw != SEKI_REASON_NONE) {
		flaw(pkt, walk.flaw);
		pkt->vector = (pkt->flags & PKT_F_FRAG) ? SEKI_VECTOR_FRAGMENT : SEKI_VECTOR_NONE;
		return false;
	}
	return transport;
}

/*
 * Again, since parsing has passed over it: it is in what was found readable, and is the first header of that type.
 */
const uint8_t *
pkt_ip6_frag_header(const struct pkt *pkt)
{
	uint32_t off = (uint32_t)pkt->l3_off + IP6_HLEN, proto = pkt->data[pkt->l3_off + 6];

	for (unsigned n = 0; n < PKT_EXT_MAX && is_ip6_extension(proto) && off + EXTENSION_HLEN <= pkt->payload_off;
		n++) {
		const uint8_t *p = pkt->data + off;

		if (proto == PROTO_FRAGMENT)
			return p;
		off += proto == PROTO_AH ? (p[1] + 2u) * 4 : (p[1] + 1u) * 8;
		proto = p[0];
	}
	return NULL;
}

uint32_t
pkt_frag_id(const struct pkt *pkt)
{
	const uint8_t *header;

	if (pkt->l3 != PKT_L3_IP6)
		return load_16(pkt->data + pkt->l3_off + 4);
	header = pkt_ip6_frag_header(pkt);
	return header == NULL ? 0 : load_32(header + 4);
}
