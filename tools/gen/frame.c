/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include "frame_l4.h"
#include "sum.h"

#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#define FRAGMENT_ROOM ((GEN_MTU - sizeof(struct iphdr)) / 8 * 8)

static void
put_ethernet(struct gen_frame *frame, bool inbound, unsigned vlan, unsigned family)
{
	uint16_t type = htons(family == 4 ? 0x0800 : 0x86dd);

	gen_put(frame, inbound ? GEN_MAC_INSIDE : GEN_MAC_OUTSIDE, 6);
	gen_put(frame, inbound ? GEN_MAC_OUTSIDE : GEN_MAC_INSIDE, 6);
	if (vlan != 0) {
		uint16_t tag[2] = {htons(0x8100), htons((uint16_t)vlan)};

		gen_put(frame, tag, sizeof(tag));
	}
	gen_put(frame, &type, sizeof(type));
}

/* `from`, `to` by who speaks and not as in the flow. */
struct ends {
	const struct gen_addr *from, *to;
	uint8_t proto, ttl;
	uint16_t ident, fragment;
};

/* An IP header for `n` bytes. */
static void
put_ip(struct gen_frame *frame, unsigned family, const struct ends *ends, uint32_t n)
{
	if (family == 4) {
		struct iphdr ip = {.version = 4, .ihl = 5, .ttl = ends->ttl, .protocol = ends->proto};

		ip.tot_len = htons((uint16_t)(sizeof(ip) + n));
		ip.id = htons(ends->ident);
		ip.frag_off = htons(ends->fragment);
		memcpy(&ip.saddr, ends->from->b, 4);
		memcpy(&ip.daddr, ends->to->b, 4);
		ip.check = gen_checksum(gen_sum(0, &ip, sizeof(ip)));
		gen_put(frame, &ip, sizeof(ip));
	} else {
		struct ip6_hdr ip = {0};

		ip.ip6_flow = htonl(6u << 28);
		ip.ip6_plen = htons((uint16_t)n);
		ip.ip6_nxt = ends->proto;
		ip.ip6_hlim = ends->ttl;
		memcpy(&ip.ip6_src, ends->from->b, 16);
		memcpy(&ip.ip6_dst, ends->to->b, 16);
		gen_put(frame, &ip, sizeof(ip));
	}
}

/* From the outside end to the inside one, quoting the start of what the inside one sent. */
static void
put_icmp_error(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet)
{
	bool v6 = flow->family == 6;
	uint8_t proto = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t head[8] = {packet->icmp_type, packet->icmp_code};
	size_t quote = (v6 ? 40 : 20) + 8;
	struct ends error = {&flow->server, &flow->client, proto, flow->ttl, packet->ident, 0};
	struct ends quoted = {&flow->client, &flow->server, flow->proto, 3, packet->ident, 0};
	uint16_t udp[4] = {htons(flow->cport), htons(flow->sport), htons(8 + 1200), htons(0xbeef)};
	uint32_t l4_off;

	if ((v6 && packet->icmp_type == 2) || (!v6 && packet->icmp_type == 3 && packet->icmp_code == 4))
		head[6] = 1280 >> 8; /* next-hop MTU 1280: both headers have its second lowest byte here */
	put_ip(frame, flow->family, &error, (uint32_t)(sizeof(head) + quote));
	l4_off = frame->len;
	gen_put(frame, head, sizeof(head));
	put_ip(frame, flow->family, &quoted, 8 + 1200);
	gen_put(frame, udp, sizeof(udp));
	gen_l4_sum(frame, flow, proto, l4_off);
}

/* A fragment alone. IPv6 has its own header for that (RFC 8200 4.5). */
static void
put_lone_piece(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet, struct ends *ends)
{
	bool more = packet->fragment & IP_MF;
	uint16_t where = htons((uint16_t)((packet->fragment & IP_OFFMASK) << 3 | (more ? 1 : 0)));
	uint8_t head[8] = {flow->proto, 0, 0, 0, 0, 0, (uint8_t)(packet->ident >> 8), (uint8_t)packet->ident};

	if (flow->family == 4) {
		ends->fragment = packet->fragment;
		put_ip(frame, 4, ends, packet->payload);
		return;
	}
	memcpy(head + 2, &where, sizeof(where));
	ends->proto = IPPROTO_FRAGMENT;
	put_ip(frame, 6, ends, (uint32_t)sizeof(head) + packet->payload);
	gen_put(frame, head, sizeof(head));
}

static uint8_t
ttl_of(const struct gen_flow *flow, bool inbound)
{
	return inbound ? flow->ttl : 63;
}

void
gen_frame_build(const struct gen_flow *flow, const struct gen_packet *packet, uint64_t number, unsigned vlan,
	struct gen_frame *frame)
{
	bool inbound = gen_inbound(flow, packet);
	struct ends ends = {
		.from = packet->from_server ? &flow->server : &flow->client,
		.to = packet->from_server ? &flow->client : &flow->server,
		.proto = flow->proto,
		.ttl = ttl_of(flow, inbound),
		.ident = packet->ident,
	};
	uint32_t l4_off;

	frame->len = 0;
	put_ethernet(frame, inbound, vlan, flow->family);
	frame->l3_off = (uint16_t)frame->len;
	if (packet->kind == GEN_ICMP_ERROR) {
		put_icmp_error(frame, flow, packet);
		return;
	}
	if (packet->kind == GEN_PIECE) {
		put_lone_piece(frame, flow, packet, &ends);
		gen_put_payload(frame, flow->label, number, packet->payload);
		return;
	}
	if (flow->proto == IPPROTO_TCP && gen_stack_of(flow, packet)->finds_mtu)
		ends.fragment = IP_DF;
	put_ip(frame, flow->family, &ends, gen_l4_size(flow, packet) + packet->payload);
	l4_off = frame->len;
	gen_put_l4(frame, flow, packet);
	gen_put_payload(frame, flow->label, number, packet->payload);
	gen_l4_sum(frame, flow, flow->proto, l4_off);
}

unsigned
gen_frame_pieces(const struct gen_frame *frame)
{
	uint32_t l3_len = frame->len - frame->l3_off;

	if (l3_len <= GEN_MTU || frame->data[frame->l3_off] >> 4 != 4)
		return 1;
	return (unsigned)((l3_len - sizeof(struct iphdr) + FRAGMENT_ROOM - 1) / FRAGMENT_ROOM);
}

void
gen_frame_piece(const struct gen_frame *frame, unsigned i, struct gen_frame *piece)
{
	uint32_t head = frame->l3_off + (uint32_t)sizeof(struct iphdr);
	uint32_t from = head + i * (uint32_t)FRAGMENT_ROOM;
	uint32_t n = frame->len - from < FRAGMENT_ROOM ? frame->len - from : (uint32_t)FRAGMENT_ROOM;
	bool more = from + n < frame->len;
	struct iphdr ip;

	memcpy(&ip, frame->data + frame->l3_off, sizeof(ip));
	ip.tot_len = htons((uint16_t)(sizeof(ip) + n));
	ip.frag_off = htons((uint16_t)((more ? IP_MF : 0) | (from - head) / 8));
	ip.check = 0;
	ip.check = gen_checksum(gen_sum(0, &ip, sizeof(ip)));

	piece->len = 0;
	piece->l3_off = frame->l3_off;
	gen_put(piece, frame->data, frame->l3_off);
	gen_put(piece, &ip, sizeof(ip));
	gen_put(piece, frame->data + from, n);
}
