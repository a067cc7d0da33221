/* SPDX-License-Identifier: BSD-3-Clause */
#include "trace.h"

#include <netinet/in.h>

/*
 * Ordinary traffic of a small network that serves the web, mail and DNS and has people behind it. Each generator
 * adds one whole conversation, both directions, seen at the network's edge: packets of the inside end follow at
 * once, those of the outside end a round trip later.
 */

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)

enum {
	FIN = 0x01,
	SYN = 0x02,
	RST = 0x04,
	PSH = 0x08,
	ACK = 0x10,
};

/* Inside hosts by what they do: the last byte of the address. */
enum {
	HOST_WEB = 10,     /* ... 29 */
	HOST_DNS = 53,     /* authoritative for the zone, and the resolver of the people inside */
	HOST_PEOPLE = 100, /* ... 199 */
};

/* The operator's own servers outside. */
enum {
	KNOWN_DNS = 53,  /* and 54 */
	KNOWN_NTP = 123, /* and 124 */
};

#define MSS 1440

/* A conversation while its packets are made. */
struct talk {
	struct gen_trace *trace;
	uint32_t flow;
	uint64_t now_ns;
	uint64_t rtt_ns; /* between the edge and the outside end */
	bool client_outside;
	uint32_t seq[2]; /* next byte of the client, of the server */
};

static uint64_t
some(struct talk *talk, uint64_t min, uint64_t max)
{
	return gen_between(talk->trace, min, max);
}

/* Time until the next packet of that end is seen, when it answers what was seen last. */
static void
wait_for(struct talk *talk, bool server)
{
	bool outside = server != talk->client_outside;

	talk->now_ns += outside ? talk->rtt_ns + some(talk, 0, talk->rtt_ns / 8) : some(talk, 100 * US, 900 * US);
}

static struct talk
start_talk(struct gen_trace *trace, const struct gen_flow *flow)
{
	struct talk talk = {.trace = trace, .client_outside = flow->client_outside};

	talk.flow = gen_add_flow(trace, flow);
	talk.now_ns = gen_between(trace, trace->start_ns, trace->end_ns - 1);
	talk.rtt_ns = gen_between(trace, 4 * MS, 120 * MS);
	talk.seq[0] = (uint32_t)seki_rng_next(&trace->rng);
	talk.seq[1] = (uint32_t)seki_rng_next(&trace->rng);
	return talk;
}

static void
send_segment(struct talk *talk, bool server, uint8_t flags, uint16_t payload)
{
	struct gen_packet packet = {
		.time_ns = talk->now_ns,
		.flow = talk->flow,
		.seq = talk->seq[server],
		.ack = flags & ACK ? talk->seq[!server] : 0,
		.payload = payload,
		.tcp_flags = flags,
		.from_server = server,
	};

	gen_add_packet(talk->trace, &packet);
	talk->seq[server] += payload + ((flags & (SYN | FIN)) != 0);
}

static void
send_datagram(struct talk *talk, bool server, uint16_t payload)
{
	struct gen_packet packet = {
		.time_ns = talk->now_ns, .flow = talk->flow, .payload = payload, .from_server = server};

	gen_add_packet(talk->trace, &packet);
}

/* `n` full segments from the server, acknowledged every second one. */
static void
tcp_response(struct talk *talk, unsigned n)
{
	wait_for(talk, true);
	for (unsigned i = 1; i <= n; i++) {
		bool last = i == n;

		send_segment(talk, true, ACK | (last ? PSH : 0), last ? (uint16_t)some(talk, 40, MSS) : MSS);
		talk->now_ns += some(talk, 12 * US, 60 * US);
		if (i % 2 == 0 || last)
			send_segment(talk, false, ACK, 0);
		if (i % 10 == 0) /* the window opens once a round trip */
			wait_for(talk, false);
	}
}

/* Handshake, some requests with their answers, and an end: by FIN, or one time in twenty by RST. */
static void
tcp_talk(struct gen_trace *trace, const struct gen_flow *flow)
{
	struct talk talk = start_talk(trace, flow);

	send_segment(&talk, false, SYN, 0);
	wait_for(&talk, true);
	send_segment(&talk, true, SYN | ACK, 0);
	wait_for(&talk, false);
	send_segment(&talk, false, ACK, 0);
	for (uint64_t requests = some(&talk, 1, 4); requests > 0; requests--) {
		talk.now_ns += some(&talk, 50 * US, 200 * MS);
		send_segment(&talk, false, PSH | ACK, (uint16_t)some(&talk, 60, 900));
		tcp_response(&talk, (unsigned)some(&talk, 1, 24));
		wait_for(&talk, false);
	}
	if (some(&talk, 1, 20) == 1) {
		send_segment(&talk, false, RST | ACK, 0);
		return;
	}
	send_segment(&talk, false, FIN | ACK, 0);
	wait_for(&talk, true);
	send_segment(&talk, true, FIN | ACK, 0);
	wait_for(&talk, false);
	send_segment(&talk, false, ACK, 0);
}

static unsigned
pick_family(struct gen_trace *trace)
{
	return gen_between(trace, 1, 100) <= 35 ? 6 : 4;
}

/* Somebody outside and one of the network's servers. */
static struct gen_flow
inward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port)
{
	unsigned family = pick_family(trace);

	return (struct gen_flow){
		.client = gen_outside_client(trace, family),
		.server = gen_inside(family, host),
		.cport = (uint16_t)gen_between(trace, 1024, 65535),
		.sport = port,
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = true,
		.ttl = (uint8_t)gen_between(trace, 40, 120),
		.label = GEN_LEGIT,
	};
}

/* Somebody inside and a server out there. */
static struct gen_flow
outward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port)
{
	unsigned family = pick_family(trace);

	return (struct gen_flow){
		.client = gen_inside(family, host),
		.server = gen_outside_server(trace, family),
		.cport = (uint16_t)gen_between(trace, 32768, 60999),
		.sport = port,
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = false,
		.ttl = (uint8_t)gen_between(trace, 40, 120),
		.label = GEN_LEGIT,
	};
}

static unsigned
some_person(struct gen_trace *trace)
{
	return HOST_PEOPLE + (unsigned)gen_between(trace, 0, 99);
}

static unsigned
some_web_host(struct gen_trace *trace)
{
	return HOST_WEB + (unsigned)gen_between(trace, 0, 19);
}

static void
tcp_inward(struct gen_trace *trace)
{
	static const uint16_t ports[] = {443, 443, 443, 443, 443, 443, 80, 80, 25, 993};
	struct gen_flow flow = inward(trace, IPPROTO_TCP, some_web_host(trace), ports[gen_between(trace, 0, 9)]);

	tcp_talk(trace, &flow);
}

static void
tcp_outward(struct gen_trace *trace)
{
	struct gen_flow flow = outward(trace, IPPROTO_TCP, some_person(trace), 443);

	tcp_talk(trace, &flow);
}

/* Initials padded to 1200 bytes both ways (RFC 9000 8.1), then short packets. */
static void
quic_talk(struct gen_trace *trace, const struct gen_flow *flow)
{
	struct talk talk = start_talk(trace, flow);

	send_datagram(&talk, false, 1200);
	wait_for(&talk, true);
	for (int i = 0; i < 3; i++) {
		send_datagram(&talk, true, 1200);
		talk.now_ns += some(&talk, 15 * US, 50 * US);
	}
	wait_for(&talk, false);
	send_datagram(&talk, false, 1200);
	send_datagram(&talk, false, (uint16_t)some(&talk, 40, 120));
	for (uint64_t rounds = some(&talk, 2, 8); rounds > 0; rounds--) {
		send_datagram(&talk, false, (uint16_t)some(&talk, 30, 500));
		wait_for(&talk, true);
		for (uint64_t n = some(&talk, 1, 9); n > 0; n--) {
			send_datagram(&talk, true, (uint16_t)some(&talk, 800, 1350));
			talk.now_ns += some(&talk, 15 * US, 50 * US);
		}
		wait_for(&talk, false);
		send_datagram(&talk, false, (uint16_t)some(&talk, 25, 45));
	}
}

static void
quic_inward(struct gen_trace *trace)
{
	struct gen_flow flow = inward(trace, IPPROTO_UDP, some_web_host(trace), 443);

	quic_talk(trace, &flow);
}

static void
quic_outward(struct gen_trace *trace)
{
	struct gen_flow flow = outward(trace, IPPROTO_UDP, some_person(trace), 443);

	quic_talk(trace, &flow);
}

static void
ask(struct gen_trace *trace, const struct gen_flow *flow, uint16_t query, uint16_t answer)
{
	struct talk talk = start_talk(trace, flow);

	send_datagram(&talk, false, query);
	wait_for(&talk, true);
	send_datagram(&talk, true, answer);
}

static void
dns_inward(struct gen_trace *trace)
{
	struct gen_flow flow = inward(trace, IPPROTO_UDP, HOST_DNS, 53);

	ask(trace, &flow, (uint16_t)gen_between(trace, 28, 70), (uint16_t)gen_between(trace, 60, 480));
}

/* Most questions go to the operator's forwarders, some straight to the authoritative servers of the world. */
static void
dns_outward(struct gen_trace *trace)
{
	struct gen_flow flow = outward(trace, IPPROTO_UDP, HOST_DNS, 53);

	if (gen_between(trace, 1, 100) <= 85)
		flow.server = gen_known_server(flow.family, KNOWN_DNS + (unsigned)gen_between(trace, 0, 1));
	ask(trace, &flow, (uint16_t)gen_between(trace, 28, 70), (uint16_t)gen_between(trace, 60, 900));
}

static void
ntp_outward(struct gen_trace *trace)
{
	struct gen_flow flow = outward(trace, IPPROTO_UDP, some_person(trace), 123);

	flow.server = gen_known_server(flow.family, KNOWN_NTP + (unsigned)gen_between(trace, 0, 1));
	if (gen_between(trace, 0, 1) == 0)
		flow.cport = 123; /* classic daemons ask from the well-known port */
	ask(trace, &flow, 48, 48);
}

static void
ping(struct gen_trace *trace)
{
	bool inside_asks = gen_between(trace, 0, 1) == 0;
	struct gen_flow flow = inside_asks ? outward(trace, IPPROTO_ICMP, some_person(trace), 0)
					   : inward(trace, IPPROTO_ICMP, some_web_host(trace), 0);
	bool v6 = flow.family == 6;

	if (v6)
		flow.proto = IPPROTO_ICMPV6;
	struct talk talk = start_talk(trace, &flow);

	for (int i = 0; i < 4; i++) {
		struct gen_packet packet = {.time_ns = talk.now_ns,
			.flow = talk.flow,
			.payload = 56,
			.icmp_type = v6 ? 128 : 8,
			.seq = (uint32_t)i};

		gen_add_packet(trace, &packet);
		wait_for(&talk, true);
		packet.time_ns = talk.now_ns;
		packet.from_server = true;
		packet.icmp_type = v6 ? 129 : 0;
		gen_add_packet(trace, &packet);
		talk.now_ns += 1000 * MS;
	}
}

/* A packet from inside was too big for a link out there, or ran in a circle: a router says so. */
static void
icmp_error(struct gen_trace *trace)
{
	struct gen_flow flow = outward(trace, IPPROTO_UDP, some_person(trace), 443);
	struct talk talk = start_talk(trace, &flow);
	bool v6 = flow.family == 6, too_big = gen_between(trace, 0, 1) == 0;
	struct gen_packet error = {.flow = talk.flow, .kind = GEN_ICMP_ERROR, .from_server = true};

	send_datagram(&talk, false, 1200);
	wait_for(&talk, true);
	error.time_ns = talk.now_ns;
	if (v6)
		error.icmp_type = too_big ? 2 : 3; /* RFC 4443 3.2, 3.3 */
	else
		error.icmp_type = too_big ? 3 : 11;
	error.icmp_code = !v6 && too_big ? 4 : 0; /* fragmentation needed */
	gen_add_packet(trace, &error);
}

static const struct mix {
	void (*make)(struct gen_trace *trace);
	unsigned share; /* of 1000 packets */
} mix[] = {
	{tcp_inward, 430},
	{tcp_outward, 200},
	{quic_inward, 150},
	{quic_outward, 80},
	{dns_inward, 60},
	{dns_outward, 40},
	{ntp_outward, 12},
	{ping, 20},
	{icmp_error, 8},
};

void
gen_legit(struct gen_trace *trace, uint64_t pps)
{
	uint64_t total = pps * ((trace->end_ns - trace->start_ns) / 1000) / (GEN_NS_PER_S / 1000);

	for (size_t i = 0; i < sizeof(mix) / sizeof(mix[0]); i++) {
		size_t goal = trace->n_packets + total * mix[i].share / 1000;

		while (trace->n_packets < goal)
			mix[i].make(trace);
	}
}
