/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame.h"

#include <arpa/inet.h>
#include <assert.h>
#include <endian.h>
#include <netinet/icmp6.h>
#include <netinet/ip.h>
#include <netinet/ip6.h>
#include <netinet/ip_icmp.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <string.h>

#define ETH_HLEN 14
#define VLAN_HLEN 4
#define FRAGMENT_ROOM ((GEN_MTU - sizeof(struct iphdr)) / 8 * 8)

/* Where the next header goes. */
static uint8_t *
put(struct gen_frame *frame, const void *data, size_t n)
{
	uint8_t *at = frame->data + frame->len;

	assert(frame->len + n <= sizeof(frame->data));
	if (data == NULL)
		memset(at, 0, n);
	else
		memcpy(at, data, n);
	frame->len += (uint32_t)n;
	return at;
}

static uint32_t
sum16(uint32_t sum, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] << 8 | p[1];
	return n == 1 ? sum + ((uint32_t)p[0] << 8) : sum;
}

/* RFC 1071, in network order. */
static uint16_t
checksum(uint32_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* With the pseudo-header (RFC 9293 3.1, RFC 8200 8.1). */
static uint16_t
l4_checksum(const struct gen_flow *flow, uint8_t proto, const uint8_t *l4, uint32_t n)
{
	size_t size = flow->family == 4 ? 4 : 16;
	uint32_t sum = proto + (n >> 16) + (n & 0xffff);

	sum = sum16(sum, flow->client.b, size);
	sum = sum16(sum, flow->server.b, size);
	return checksum(sum16(sum, l4, n));
}

static void
put_ethernet(struct gen_frame *frame, bool inbound, unsigned vlan, unsigned family)
{
	uint16_t type = htons(family == 4 ? 0x0800 : 0x86dd);

	put(frame, inbound ? GEN_MAC_INSIDE : GEN_MAC_OUTSIDE, 6);
	put(frame, inbound ? GEN_MAC_OUTSIDE : GEN_MAC_INSIDE, 6);
	if (vlan != 0) {
		uint16_t tag[2] = {htons(0x8100), htons((uint16_t)vlan)};

		put(frame, tag, sizeof(tag));
	}
	put(frame, &type, sizeof(type));
}

/* An IP header for `n` bytes of `proto`. `from`, `to` as in the flow, so that the caller decides who speaks. */
struct ends {
	const struct gen_addr *from, *to;
	uint8_t proto, ttl;
	uint16_t ident;
};

static void
put_ip(struct gen_frame *frame, unsigned family, const struct ends *ends, uint32_t n)
{
	if (family == 4) {
		struct iphdr ip = {.version = 4, .ihl = 5, .ttl = ends->ttl, .protocol = ends->proto};

		ip.tot_len = htons((uint16_t)(sizeof(ip) + n));
		ip.id = htons(ends->ident);
		memcpy(&ip.saddr, ends->from->b, 4);
		memcpy(&ip.daddr, ends->to->b, 4);
		ip.check = checksum(sum16(0, &ip, sizeof(ip)));
		put(frame, &ip, sizeof(ip));
	} else {
		struct ip6_hdr ip = {0};

		ip.ip6_flow = htonl(6u << 28);
		ip.ip6_plen = htons((uint16_t)n);
		ip.ip6_nxt = ends->proto;
		ip.ip6_hlim = ends->ttl;
		memcpy(&ip.ip6_src, ends->from->b, 16);
		memcpy(&ip.ip6_dst, ends->to->b, 16);
		put(frame, &ip, sizeof(ip));
	}
}

/* Bytes that differ from packet to packet and mean nothing; the mark goes first where there is room. */
static void
put_payload(struct gen_frame *frame, char label, uint64_t number, uint32_t n)
{
	uint8_t *at = put(frame, NULL, n);
	struct gen_mark mark = {.magic = {'S', 'E', 'K', 'I'}, .label = label, .number_be = htobe64(number)};
	uint64_t x = number * UINT64_C(0x9e3779b97f4a7c15) | 1;

	for (uint32_t i = 0; i < n; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		at[i] = (uint8_t)x;
	}
	if (n >= sizeof(mark))
		memcpy(at, &mark, sizeof(mark));
}

/* SYNs carry what every stack sends: MSS, SACK permitted, window scale. */
static const uint8_t syn_options[] = {2, 4, 0x05, 0xb4, 4, 2, 1, 1, 1, 3, 3, 7};

static size_t
l4_header_size(const struct gen_flow *flow, const struct gen_packet *packet)
{
	if (flow->proto != IPPROTO_TCP)
		return 8; /* UDP, and ICMP echo */
	return sizeof(struct tcphdr) + (packet->tcp_flags & TH_SYN ? sizeof(syn_options) : 0);
}

static void
put_tcp(struct gen_frame *frame, const struct gen_packet *packet, uint16_t from, uint16_t to)
{
	struct tcphdr tcp = {.th_sport = htons(from), .th_dport = htons(to), .th_seq = htonl(packet->seq)};
	bool syn = packet->tcp_flags & TH_SYN;

	tcp.th_ack = htonl(packet->ack);
	tcp.th_off = (5 + (syn ? sizeof(syn_options) / 4 : 0)) & 0xf;
	tcp.th_flags = packet->tcp_flags;
	tcp.th_win = htons(64240);
	put(frame, &tcp, sizeof(tcp));
	if (syn)
		put(frame, syn_options, sizeof(syn_options));
}

/* The transport header, its checksum still zero. */
static void
put_l4(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet)
{
	uint16_t from = packet->from_server ? flow->sport : flow->cport;
	uint16_t to = packet->from_server ? flow->cport : flow->sport;

	if (flow->proto == IPPROTO_TCP) {
		put_tcp(frame, packet, from, to);
	} else if (flow->proto == IPPROTO_UDP) {
		uint16_t udp[4] = {htons(from), htons(to), htons((uint16_t)(8 + packet->payload)), 0};

		put(frame, udp, sizeof(udp));
	} else {
		uint8_t echo[8] = {packet->icmp_type, packet->icmp_code, 0, 0, (uint8_t)(flow->cport >> 8),
			(uint8_t)flow->cport, (uint8_t)(packet->seq >> 8), (uint8_t)packet->seq};

		put(frame, echo, sizeof(echo));
	}
}

static size_t
checksum_offset(uint8_t proto)
{
	if (proto == IPPROTO_TCP)
		return offsetof(struct tcphdr, th_sum);
	return proto == IPPROTO_UDP ? offsetof(struct udphdr, uh_sum) : 2;
}

static void
set_l4_checksum(struct gen_frame *frame, const struct gen_flow *flow, uint8_t proto, uint32_t l4_off)
{
	uint8_t *l4 = frame->data + l4_off;
	uint32_t n = frame->len - l4_off;
	uint16_t sum = proto == IPPROTO_ICMP ? checksum(sum16(0, l4, n)) : l4_checksum(flow, proto, l4, n);

	if (sum == 0 && proto == IPPROTO_UDP)
		sum = 0xffff; /* RFC 768: zero means that there is none */
	memcpy(l4 + checksum_offset(proto), &sum, sizeof(sum));
}

/* From the outside end to the inside one, quoting the start of what the inside one sent. */
static void
put_icmp_error(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet)
{
	bool v6 = flow->family == 6;
	uint8_t proto = v6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
	uint8_t head[8] = {packet->icmp_type, packet->icmp_code};
	size_t quote = (v6 ? 40 : 20) + 8;
	struct ends error = {&flow->server, &flow->client, proto, flow->ttl, packet->ident};
	struct ends quoted = {&flow->client, &flow->server, flow->proto, 3, packet->ident};
	uint16_t udp[4] = {htons(flow->cport), htons(flow->sport), htons(8 + 1200), htons(0xbeef)};
	uint32_t l4_off;

	if ((v6 && packet->icmp_type == 2) || (!v6 && packet->icmp_type == 3))
		head[6] = 1280 >> 8; /* next-hop MTU 1280: both headers have its second lowest byte here */
	put_ip(frame, flow->family, &error, (uint32_t)(sizeof(head) + quote));
	l4_off = frame->len;
	put(frame, head, sizeof(head));
	put_ip(frame, flow->family, &quoted, 8 + 1200);
	put(frame, udp, sizeof(udp));
	set_l4_checksum(frame, flow, proto, l4_off);
}

void
gen_frame_build(const struct gen_trace *trace, const struct gen_packet *packet, uint64_t number, unsigned vlan,
	struct gen_frame *frame)
{
	const struct gen_flow *flow = &trace->flow[packet->flow];
	bool inbound = packet->from_server != flow->client_outside;
	struct ends ends = {
		.from = packet->from_server ? &flow->server : &flow->client,
		.to = packet->from_server ? &flow->client : &flow->server,
		.proto = flow->proto,
		.ttl = inbound ? flow->ttl : 63,
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
	put_ip(frame, flow->family, &ends, (uint32_t)l4_header_size(flow, packet) + packet->payload);
	l4_off = frame->len;
	put_l4(frame, flow, packet);
	put_payload(frame, flow->label, number, packet->payload);
	set_l4_checksum(frame, flow, flow->proto, l4_off);
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
	ip.check = checksum(sum16(0, &ip, sizeof(ip)));

	piece->len = 0;
	piece->l3_off = frame->l3_off;
	put(piece, frame->data, frame->l3_off);
	put(piece, &ip, sizeof(ip));
	put(piece, frame->data + from, n);
}
