/* SPDX-License-Identifier: BSD-3-Clause */
#include "legit.h"

#include "talk.h"

#include <netinet/in.h>

void
gen_legit_web(struct gen_trace *trace, uint64_t at_ns)
{
	static const uint16_t ports[] = {443, 443, 443, 443, 443, 443, 80, 80, 25, 993};
	uint16_t port = ports[gen_between(&trace->rng, 0, 9)];
	struct gen_flow flow = talk_inward(trace, IPPROTO_TCP, talk_some_web_host(trace), port);

	talk_web(trace, &flow, at_ns);
}

static void
tcp_outward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_TCP, talk_some_person(trace), 443);

	talk_web(trace, &flow, at_ns);
}

static void
quic_inward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_inward(trace, IPPROTO_UDP, talk_some_web_host(trace), 443);

	talk_quic(trace, &flow, at_ns);
}

static void
quic_outward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_UDP, talk_some_person(trace), 443);

	talk_quic(trace, &flow, at_ns);
}

static void
dns_inward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_inward(trace, IPPROTO_UDP, GEN_HOST_DNS, 53);
	uint16_t query = (uint16_t)gen_between(&trace->rng, 28, 70);

	talk_ask(trace, &flow, at_ns, query, (uint16_t)gen_between(&trace->rng, 60, 480));
}

/* Most questions go to the operator's forwarders, some straight to the authoritative servers of the world. */
static void
dns_outward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_UDP, GEN_HOST_DNS, 53);
	uint16_t query = (uint16_t)gen_between(&trace->rng, 28, 70);

	if (gen_between(&trace->rng, 1, 100) <= 85)
		flow.server = gen_known_server(flow.family, GEN_KNOWN_DNS + (unsigned)gen_between(&trace->rng, 0, 1));
	talk_ask(trace, &flow, at_ns, query, (uint16_t)gen_between(&trace->rng, 60, 900));
}

static void
ntp_outward(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_UDP, talk_some_person(trace), 123);

	flow.server = gen_known_server(flow.family, GEN_KNOWN_NTP + (unsigned)gen_between(&trace->rng, 0, 1));
	if (gen_between(&trace->rng, 0, 1) == 0)
		flow.cport = 123; /* classic daemons ask from the well-known port */
	talk_ask(trace, &flow, at_ns, 48, 48);
}

/* Four echo requests a second apart, each answered. */
static void
ping(struct gen_trace *trace, uint64_t at_ns)
{
	bool inside_asks = gen_between(&trace->rng, 0, 1) == 0;
	struct gen_flow flow = inside_asks ? talk_outward(trace, IPPROTO_ICMP, talk_some_person(trace), 0)
					   : talk_inward(trace, IPPROTO_ICMP, talk_some_web_host(trace), 0);
	bool v6 = flow.family == 6;

	if (v6)
		flow.proto = IPPROTO_ICMPV6;
	struct talk talk = talk_start(trace, &flow, at_ns);

	for (int i = 0; i < 4; i++) {
		struct gen_packet packet = {.time_ns = talk.now_ns,
			.flow = talk.flow,
			.payload = 56,
			.icmp_type = v6 ? 128 : 8,
			.seq = (uint32_t)i};

		gen_add_packet(trace, &packet);
		talk_wait(&talk, true);
		packet.time_ns = talk.now_ns;
		packet.from_server = true;
		packet.icmp_type = v6 ? 129 : 0;
		gen_add_packet(trace, &packet);
		talk.now_ns += 1000 * GEN_MS;
	}
}

/* A packet from inside was too big for a link out there, or ran in a circle: a router says so. */
static void
icmp_error(struct gen_trace *trace, uint64_t at_ns)
{
	struct gen_flow flow = talk_outward(trace, IPPROTO_UDP, talk_some_person(trace), 443);
	struct talk talk = talk_start(trace, &flow, at_ns);
	bool v6 = flow.family == 6, too_big = gen_between(&trace->rng, 0, 1) == 0;
	struct gen_packet error = {.flow = talk.flow, .kind = GEN_ICMP_ERROR, .from_server = true};

	talk_datagram(&talk, false, 1200);
	talk_wait(&talk, true);
	error.time_ns = talk.now_ns;
	if (v6)
		error.icmp_type = too_big ? 2 : 3; /* RFC 4443 3.2, 3.3 */
	else
		error.icmp_type = too_big ? 3 : 11;
	error.icmp_code = !v6 && too_big ? 4 : 0; /* fragmentation needed */
	gen_add_packet(trace, &error);
}

static const struct mix {
	void (*make)(struct gen_trace *trace, uint64_t at_ns);
	unsigned share; /* of 1000 packets */
} mix[] = {
	{gen_legit_web, GEN_LEGIT_WEB_SHARE},
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
			mix[i].make(trace, talk_any_time(trace));
	}
}
