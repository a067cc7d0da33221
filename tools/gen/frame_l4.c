/* SPDX-License-Identifier: BSD-3-Clause */
#include "frame_l4.h"

#include "stack.h"
#include "sum.h"

#include <arpa/inet.h>
#include <endian.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>

/* A power of two, and twice the largest payload. */
#define NOISE 16384u

static_assert(NOISE >= 2 * GEN_PAYLOAD_MAX, "half of the noise is room for the start of a payload");

#define GRE_SIZE (4 + 20 + 8)
#define TIMESTAMP_SIZE 12

void
gen_put_payload(struct gen_frame *frame, char label, uint64_t number, uint32_t n)
{
	static uint64_t noise[NOISE / sizeof(uint64_t)];
	struct gen_mark mark = {.magic = {'S', 'E', 'K', 'I'}, .label = label, .number_be = htobe64(number)};
	uint8_t *at;

	if (noise[0] == 0)
		for (size_t i = 0; i < NOISE / sizeof(noise[0]); i++)
			noise[i] = gen_mix(i + 1);
	at = gen_put(frame, (const uint8_t *)noise + gen_mix(number) % (NOISE / 2), n);
	if (n >= sizeof(mark))
		memcpy(at, &mark, sizeof(mark));
}

const struct gen_stack *
gen_stack_of(const struct gen_flow *flow, const struct gen_packet *packet)
{
	return packet->from_server ? gen_stack_answer(flow->stack) : &gen_stacks[flow->stack];
}

static uint32_t
options_size(const struct gen_flow *flow, const struct gen_packet *packet)
{
	if (packet->tcp_flags & GEN_SYN)
		return gen_stack_of(flow, packet)->n_options;
	return gen_stacks[flow->stack].timestamps && !(packet->tcp_flags & GEN_RST) ? TIMESTAMP_SIZE : 0;
}

uint32_t
gen_l4_size(const struct gen_flow *flow, const struct gen_packet *packet)
{
	switch (flow->proto) {
	case IPPROTO_TCP:
		return (uint32_t)sizeof(struct tcphdr) + options_size(flow, packet);
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 8;
	case IPPROTO_GRE:
		return GRE_SIZE;
	default:
		return 0;
	}
}

/* RFC 7323: milliseconds of the sender, who began at some other time, and what he heard last. */
static void
fill_timestamp(uint8_t *option, const struct gen_flow *flow, const struct gen_packet *packet)
{
	uint32_t ms = (uint32_t)(packet->time_ns / 1000000);
	uint32_t client = (uint32_t)gen_mix(flow->cport), server = (uint32_t)gen_mix(flow->sport + 65536u);
	uint32_t value = htonl(ms + (packet->from_server ? server : client));
	uint32_t echo = htonl(ms - 1 + (packet->from_server ? client : server));

	memcpy(option + 2, &value, sizeof(value));
	if (packet->tcp_flags & GEN_ACK)
		memcpy(option + 6, &echo, sizeof(echo));
}

static void
put_options(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet, uint32_t n)
{
	static const uint8_t timestamp[TIMESTAMP_SIZE] = {1, 1, 8, 10};
	bool syn = packet->tcp_flags & GEN_SYN;
	uint8_t *at = gen_put(frame, syn ? gen_stack_of(flow, packet)->options : timestamp, n);

	for (uint32_t i = 0; i < n; i += at[i] < 2 ? 1u : at[i + 1])
		if (at[i] == 8)
			fill_timestamp(at + i, flow, packet);
}

static void
put_tcp(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet, const uint16_t port[2])
{
	struct tcphdr tcp = {.th_sport = port[0], .th_dport = port[1], .th_seq = htonl(packet->seq)};
	const struct gen_stack *stack = gen_stack_of(flow, packet);
	uint32_t n = options_size(flow, packet);

	tcp.th_ack = htonl(packet->ack);
	tcp.th_off = (5 + n / 4) & 0xf;
	tcp.th_flags = packet->tcp_flags;
	tcp.th_win = htons(packet->tcp_flags & GEN_SYN ? stack->syn_window : stack->window);
	gen_put(frame, &tcp, sizeof(tcp));
	if (n > 0)
		put_options(frame, flow, packet, n);
}

/* As the bots of the Mirai family do: IPv4 and UDP in it, to the same victim from a random address. */
static void
put_gre(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet)
{
	static const uint8_t gre[4] = {0, 0, 0x08, 0x00};
	uint16_t udp[4] = {htons(flow->cport), htons(flow->sport), htons((uint16_t)(8 + packet->payload)),
		0}; /* without checksum */
	uint64_t inner = gen_mix(packet->ident | (uint64_t)flow->cport << 16);
	struct iphdr ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP, .id = htons(packet->ident)};

	ip.tot_len = htons((uint16_t)(sizeof(ip) + sizeof(udp) + packet->payload));
	memcpy(&ip.saddr, &inner, 4);
	memcpy(&ip.daddr, flow->family == 4 ? flow->server.b : flow->server.b + 12, 4);
	ip.check = gen_checksum(gen_sum(0, &ip, sizeof(ip)));
	gen_put(frame, gre, sizeof(gre));
	gen_put(frame, &ip, sizeof(ip));
	gen_put(frame, udp, sizeof(udp));
}

void
gen_put_l4(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet)
{
	uint16_t port[2] = {htons(packet->from_server ? flow->sport : flow->cport),
		htons(packet->from_server ? flow->cport : flow->sport)};
	uint16_t udp[4] = {port[0], port[1], htons((uint16_t)(8 + packet->payload)), 0};
	uint8_t echo[8] = {packet->icmp_type, packet->icmp_code, 0, 0, (uint8_t)(flow->cport >> 8),
		(uint8_t)flow->cport, (uint8_t)(packet->seq >> 8), (uint8_t)packet->seq};

	switch (flow->proto) {
	case IPPROTO_TCP:
		put_tcp(frame, flow, packet, port);
		break;
	case IPPROTO_UDP:
		gen_put(frame, udp, sizeof(udp));
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		gen_put(frame, echo, sizeof(echo));
		break;
	case IPPROTO_GRE:
		put_gre(frame, flow, packet);
		break;
	default:
		break;
	}
}

/* Where the checksum is in that header; 0: it has none that is set here. */
static size_t
checksum_offset(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return offsetof(struct tcphdr, th_sum);
	case IPPROTO_UDP:
		return offsetof(struct udphdr, uh_sum);
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return 2;
	default:
		return 0;
	}
}

void
gen_l4_sum(struct gen_frame *frame, const struct gen_flow *flow, uint8_t proto, uint32_t l4_off)
{
	size_t size = flow->family == 4 ? 4 : 16, at = checksum_offset(proto);
	uint32_t n = frame->len - l4_off;
	uint8_t *l4 = frame->data + l4_off;
	uint64_t sum = 0;
	uint16_t check;

	if (at == 0)
		return;
	if (proto != IPPROTO_ICMP) { /* a pseudo-header (RFC 9293 3.1, RFC 8200 8.1) */
		sum = (uint64_t)htons(proto) + htons((uint16_t)n);
		sum = gen_sum(gen_sum(sum, flow->client.b, size), flow->server.b, size);
	}
	check = gen_checksum(gen_sum(sum, l4, n));
	if (check == 0 && proto == IPPROTO_UDP)
		check = 0xffff; /* RFC 768: zero means that there is none */
	memcpy(l4 + at, &check, sizeof(check));
}
