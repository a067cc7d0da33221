/* SPDX-License-Identifier: BSD-3-Clause */
#include "talk.h"

#include "stack.h"

#include <string.h>

uint64_t
talk_some(struct talk *talk, uint64_t min, uint64_t max)
{
	return gen_between(&talk->trace->rng, min, max);
}

uint64_t
talk_any_time(struct gen_trace *trace)
{
	return gen_between(&trace->rng, trace->start_ns, trace->end_ns - 1);
}

void
talk_wait(struct talk *talk, bool server)
{
	bool outside = server != talk->client_outside;

	talk->now_ns += outside ? talk->rtt_ns + talk_some(talk, 0, talk->rtt_ns / 8)
				: talk_some(talk, 100 * GEN_US, 900 * GEN_US);
}

struct talk
talk_start(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns)
{
	struct talk talk = {.trace = trace, .client_outside = flow->client_outside, .now_ns = at_ns};

	talk.flow = gen_add_flow(trace, flow);
	talk.rtt_ns = talk_some(&talk, trace->rtt_ns / 30, trace->rtt_ns);
	talk.seq[0] = (uint32_t)seki_rng_next(&trace->rng);
	talk.seq[1] = (uint32_t)seki_rng_next(&trace->rng);
	return talk;
}

void
talk_segment(struct talk *talk, bool server, uint8_t flags, uint16_t payload)
{
	struct gen_packet packet = {
		.time_ns = talk->now_ns,
		.flow = talk->flow,
		.seq = talk->seq[server],
		.ack = flags & GEN_ACK ? talk->seq[!server] : 0,
		.payload = payload,
		.tcp_flags = flags,
		.from_server = server,
	};

	gen_add_packet(talk->trace, &packet);
	talk->seq[server] += payload + ((flags & (GEN_SYN | GEN_FIN)) != 0);
}

void
talk_datagram(struct talk *talk, bool server, uint16_t payload)
{
	struct gen_packet packet = {
		.time_ns = talk->now_ns, .flow = talk->flow, .payload = payload, .from_server = server};

	gen_add_packet(talk->trace, &packet);
}

void
talk_open(struct talk *talk)
{
	talk_segment(talk, false, GEN_SYN, 0);
	talk_wait(talk, true);
	talk_segment(talk, true, GEN_SYN | GEN_ACK, 0);
	talk_wait(talk, false);
	talk_segment(talk, false, GEN_ACK, 0);
}

void
talk_close(struct talk *talk)
{
	talk_segment(talk, false, GEN_FIN | GEN_ACK, 0);
	talk_wait(talk, true);
	talk_segment(talk, true, GEN_FIN | GEN_ACK, 0);
	talk_wait(talk, false);
	talk_segment(talk, false, GEN_ACK, 0);
}

/* `n` full segments from the server, acknowledged every second one. */
static void
response(struct talk *talk, unsigned n)
{
	talk_wait(talk, true);
	for (unsigned i = 1; i <= n; i++) {
		bool last = i == n;

		talk_segment(talk, true, GEN_ACK | (last ? GEN_PSH : 0),
			last ? (uint16_t)talk_some(talk, 40, GEN_MSS) : GEN_MSS);
		talk->now_ns += talk_some(talk, 12 * GEN_US, 60 * GEN_US);
		if (i % 2 == 0 || last)
			talk_segment(talk, false, GEN_ACK, 0);
		if (i % 10 == 0) /* the window opens once a round trip */
			talk_wait(talk, false);
	}
}

void
talk_web(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns)
{
	struct talk talk = talk_start(trace, flow, at_ns);

	talk_open(&talk);
	for (uint64_t requests = talk_some(&talk, 1, 4); requests > 0; requests--) {
		talk.now_ns += talk_some(&talk, 50 * GEN_US, 200 * GEN_MS);
		talk_segment(&talk, false, GEN_PSH | GEN_ACK, (uint16_t)talk_some(&talk, 60, 900));
		response(&talk, (unsigned)talk_some(&talk, 1, 24));
		talk_wait(&talk, false);
	}
	if (talk_some(&talk, 1, 20) == 1)
		talk_segment(&talk, false, GEN_RST | GEN_ACK, 0);
	else
		talk_close(&talk);
}

void
talk_quic(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns)
{
	struct talk talk = talk_start(trace, flow, at_ns);

	talk_datagram(&talk, false, 1200);
	talk_wait(&talk, true);
	for (int i = 0; i < 3; i++) {
		talk_datagram(&talk, true, 1200);
		talk.now_ns += talk_some(&talk, 15 * GEN_US, 50 * GEN_US);
	}
	talk_wait(&talk, false);
	talk_datagram(&talk, false, 1200);
	talk_datagram(&talk, false, (uint16_t)talk_some(&talk, 40, 120));
	for (uint64_t rounds = talk_some(&talk, 2, 8); rounds > 0; rounds--) {
		talk_datagram(&talk, false, (uint16_t)talk_some(&talk, 30, 500));
		talk_wait(&talk, true);
		for (uint64_t n = talk_some(&talk, 1, 9); n > 0; n--) {
			talk_datagram(&talk, true, (uint16_t)talk_some(&talk, 800, 1350));
			talk.now_ns += talk_some(&talk, 15 * GEN_US, 50 * GEN_US);
		}
		talk_wait(&talk, false);
		talk_datagram(&talk, false, (uint16_t)talk_some(&talk, 25, 45));
	}
}

void
talk_ask(struct gen_trace *trace, const struct gen_flow *flow, uint64_t at_ns, uint16_t query, uint16_t answer)
{
	struct talk talk = talk_start(trace, flow, at_ns);

	talk_datagram(&talk, false, query);
	talk_wait(&talk, true);
	talk_datagram(&talk, true, answer);
}

static unsigned
pick_family(struct gen_trace *trace)
{
	return gen_between(&trace->rng, 1, 100) <= 35 ? 6 : 4;
}

uint8_t
talk_ttl(uint8_t initial, const struct gen_addr *addr)
{
	uint64_t who[2];

	memcpy(who, addr->b, sizeof(who));
	return gen_stack_ttl(initial, who[0] ^ who[1]);
}

struct gen_flow
talk_inward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port)
{
	unsigned family = pick_family(trace);
	struct gen_flow flow = {
		.client = gen_outside_client(&trace->rng, family),
		.server = gen_inside(family, host),
		.cport = (uint16_t)gen_between(&trace->rng, 1024, 65535),
		.sport = port,
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = true,
		.stack = (uint8_t)gen_stack_pick(&trace->rng),
		.label = GEN_LEGIT,
	};

	flow.ttl = talk_ttl(gen_stacks[flow.stack].ttl, &flow.client);
	return flow;
}

struct gen_flow
talk_outward(struct gen_trace *trace, uint8_t proto, unsigned host, uint16_t port)
{
	unsigned family = pick_family(trace);
	struct gen_flow flow = {
		.client = gen_inside(family, host),
		.server = gen_outside_server(&trace->rng, family),
		.cport = (uint16_t)gen_between(&trace->rng, 32768, 60999),
		.sport = port,
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = false,
		.stack = (uint8_t)gen_stack_pick(&trace->rng),
		.label = GEN_LEGIT,
	};

	flow.ttl = talk_ttl(gen_stacks[GEN_LINUX].ttl, &flow.server);
	return flow;
}

static unsigned
some_host(struct gen_trace *trace, unsigned first, unsigned n)
{
	unsigned net = gen_between(&trace->rng, 0, 1) == 0 ? 0 : (unsigned)gen_between(&trace->rng, 0, 15);

	return net * 256 + first + (unsigned)gen_between(&trace->rng, 0, n - 1);
}

unsigned
talk_some_person(struct gen_trace *trace)
{
	return some_host(trace, GEN_HOST_PEOPLE, 100);
}

unsigned
talk_some_web_host(struct gen_trace *trace)
{
	return some_host(trace, GEN_HOST_WEB, 20);
}
