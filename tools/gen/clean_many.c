/* SPDX-License-Identifier: BSD-3-Clause */
#include "clean.h"

#include "stack.h"
#include "talk.h"

#include <netinet/in.h>

/* Many small conversations of few addresses. */

/* Addresses of the carrier's gateway, people behind it, and ports that each of them has. */
#define NAT_ADDRESSES 8u
#define NAT_PEOPLE 4000u
#define NAT_PORTS 112u

/* Packets that the event has still to add by now. */
static bool
behind(const struct gen_trace *trace, size_t begun, const struct gen_event *event)
{
	uint64_t ms = (event->until_ns - event->from_ns) / GEN_MS;

	return trace->n_asked - begun < event->pps * ms / 1000;
}

static uint64_t
any_time(struct gen_trace *trace, const struct gen_event *event)
{
	return gen_between(&trace->rng, event->from_ns, event->until_ns - 1);
}

/* Four thousand people of one carrier, behind eight addresses, each with a block of ports of his own. */
void
gen_cgnat(struct gen_trace *trace, const struct gen_event *event)
{
	size_t begun = trace->n_asked;

	while (behind(trace, begun, event)) {
		bool quic = gen_between(&trace->rng, 1, 4) == 1;
		unsigned person = (unsigned)gen_between(&trace->rng, 0, NAT_PEOPLE - 1);
		unsigned block = person / NAT_ADDRESSES * NAT_PORTS,
			 at = (unsigned)gen_between(&trace->rng, 0, NAT_PORTS - 1);
		struct gen_flow flow =
			talk_inward(trace, quic ? IPPROTO_UDP : IPPROTO_TCP, talk_some_web_host(trace), 443);

		flow.family = 4;
		flow.client = gen_client(4, person % NAT_ADDRESSES);
		flow.server = gen_inside(4, talk_some_web_host(trace));
		flow.cport = (uint16_t)(1024 + block + at);
		flow.ttl = talk_ttl(gen_stacks[flow.stack].ttl, &flow.client);
		(quic ? talk_quic : talk_web)(trace, &flow, any_time(trace, event));
	}
}

/*
 * A question of the resolver. Of a hundred, 94 are answered at once, some of these by datagrams of several fragments; 3
 * are answered when the resolver has long given up, 2 never, and to one there is a second answer from elsewhere.
 */
static void
resolve(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_UDP, GEN_HOST_DNS, 53);
	struct talk talk;
	uint64_t luck = gen_between(&trace->rng, 1, 100);
	bool large = flow.family == 4 && gen_between(&trace->rng, 1, 50) == 1;
	uint16_t answer = (uint16_t)(large ? gen_between(&trace->rng, 1600, 3500) : gen_between(&trace->rng, 60, 1232));

	flow.cport = (uint16_t)gen_between(&trace->rng, 1024, 65535);
	talk = talk_start(trace, &flow, at_ns);
	talk_datagram(&talk, false, (uint16_t)gen_between(&trace->rng, 28, 80));
	if (luck > 98)
		return;
	talk_wait(&talk, true);
	if (luck > 95)
		talk.now_ns += gen_between(&trace->rng, 2 * GEN_NS_PER_S, 8 * GEN_NS_PER_S);
	talk_datagram(&talk, true, answer);
	if (luck == 95) {
		flow.server = gen_outside_server(&trace->rng, flow.family);
		flow.label = GEN_OTHER;
		talk.flow = gen_add_flow(trace, &flow);
		talk_datagram(&talk, true, answer);
	}
}

void
gen_resolver(struct gen_trace *trace, const struct gen_event *event)
{
	size_t begun = trace->n_asked;

	while (behind(trace, begun, event))
		resolve(trace, any_time(trace, event));
}

/* A SYN to an open port is answered, and the scanner's own kernel, which knows of nothing, resets that. */
static void
probe_tcp(struct gen_trace *trace, struct gen_flow *flow, uint64_t at_ns)
{
	static const uint16_t ports[] = {22, 23, 80, 443, 445, 1433, 2323, 3389, 5900, 6379, 8080, 8443};
	bool common = gen_between(&trace->rng, 0, 1) == 0;
	unsigned host = (unsigned)(flow->server.b[3]);
	bool web = host >= GEN_HOST_WEB && host < GEN_HOST_WEB + 20;
	struct talk talk;

	flow->sport = common ? ports[gen_between(&trace->rng, 0, sizeof(ports) / sizeof(ports[0]) - 1)]
			     : (uint16_t)gen_between(&trace->rng, 1, 65535);
	talk = talk_start(trace, flow, at_ns);
	talk_segment(&talk, false, GEN_SYN, 0);
	talk_wait(&talk, true);
	if (web && (flow->sport == 80 || flow->sport == 443)) {
		talk_segment(&talk, true, GEN_SYN | GEN_ACK, 0);
		talk_wait(&talk, false);
		talk_segment(&talk, false, GEN_RST, 0);
	} else if (web) {
		talk_segment(&talk, true, GEN_RST | GEN_ACK, 0);
	}
}

static void
probe(struct gen_trace *trace, uint64_t at_ns)
{
	static const uint16_t ports[] = {53, 123, 161, 389, 1900, 5060, 5683, 11211};
	uint64_t kind = gen_between(&trace->rng, 1, 100);
	uint8_t proto = kind <= 75 ? IPPROTO_TCP : kind <= 95 ? IPPROTO_UDP : IPPROTO_ICMP;
	struct gen_flow flow = talk_inward(trace, proto, 0, 0);
	struct talk talk;

	flow.family = 4;
	flow.client = gen_machine(4, (unsigned)gen_between(&trace->rng, 0, 199));
	flow.server = gen_inside(4, (unsigned)gen_between(&trace->rng, 0, GEN_INSIDE_HOSTS - 1));
	flow.stack = GEN_SCANNER;
	flow.ttl = talk_ttl(255, &flow.client);
	flow.label = GEN_OTHER;
	if (proto == IPPROTO_TCP) {
		probe_tcp(trace, &flow, at_ns);
		return;
	}
	flow.sport = ports[gen_between(&trace->rng, 0, sizeof(ports) / sizeof(ports[0]) - 1)];
	talk = talk_start(trace, &flow, at_ns);
	if (proto == IPPROTO_UDP) {
		talk_datagram(&talk, false, (uint16_t)gen_between(&trace->rng, 8, 60));
	} else {
		struct gen_packet echo = {.time_ns = at_ns, .flow = talk.flow, .payload = 8, .icmp_type = 8};

		gen_add_packet(trace, &echo);
	}
}

/* Background radiation: scanners that try every address and many ports. */
void
gen_scanner(struct gen_trace *trace, const struct gen_event *event)
{
	size_t begun = trace->n_asked;

	while (behind(trace, begun, event))
		probe(trace, any_time(trace, event));
}
