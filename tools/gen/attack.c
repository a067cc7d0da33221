/* SPDX-License-Identifier: BSD-3-Clause */
#include "trace.h"

#include <netinet/in.h>

/*
 * Carpet bombing by reflection: answers from servers that were asked in the victims' names, spread evenly over
 * every address of the /24, so that no host alone sees anything worth an alarm.
 */

/* Answers as the servers give them: NTP monlist packets hold six items, the others fill an Ethernet frame or, with
 * DNS and CLDAP, a datagram of several fragments. */
static const struct reflector {
	uint16_t port;
	unsigned weight; /* of 100 */
	uint16_t payload_min, payload_max;
} reflectors[] = {
	{123, 40, 440, 440},
	{53, 22, 1100, 1450},
	{53, 8, 2800, 3900},
	{389, 12, 1300, 1460},
	{389, 5, 2600, 3000},
	{11211, 13, 1400, 1432},
};

static const struct reflector *
pick_reflector(struct gen_trace *trace)
{
	unsigned at = (unsigned)gen_between(trace, 0, 99), i = 0;

	while (at >= reflectors[i].weight)
		at -= reflectors[i++].weight;
	return &reflectors[i];
}

/* IP packets that a UDP payload becomes. */
static unsigned
pieces(unsigned payload)
{
	const unsigned room = (GEN_MTU - 20) / 8 * 8;

	return payload + 8 + 20 <= GEN_MTU ? 1 : (payload + 8 + room - 1) / room;
}

void
gen_carpet(struct gen_trace *trace, uint64_t pps)
{
	uint64_t length = trace->end_ns - trace->start_ns;
	uint64_t from = trace->start_ns + length / 5;
	uint64_t to = trace->start_ns + length / 10 * 9;

	for (uint64_t i = 0; pps > 0 && from + i * GEN_NS_PER_S / pps < to;) {
		const struct reflector *reflector = pick_reflector(trace);
		uint16_t payload = (uint16_t)gen_between(trace, reflector->payload_min, reflector->payload_max);
		/* The victim's port is the one that the forged request came from: anything, often 80. */
		uint16_t port = gen_between(trace, 0, 3) == 0 ? 80 : (uint16_t)gen_between(trace, 1024, 65535);
		struct gen_flow flow = {
			.client = gen_reflector(trace),
			.server = gen_inside(4, (unsigned)gen_between(trace, 0, 255)),
			.cport = reflector->port,
			.sport = port,
			.family = 4,
			.proto = IPPROTO_UDP,
			.client_outside = true,
			.ttl = (uint8_t)gen_between(trace, 40, 120),
			.label = GEN_ATTACK,
		};
		struct gen_packet packet = {
			.time_ns = from + i * GEN_NS_PER_S / pps + gen_between(trace, 0, GEN_NS_PER_S / pps),
			.payload = payload,
		};

		packet.flow = gen_add_flow(trace, &flow);
		gen_add_packet(trace, &packet);
		i += pieces(payload);
	}
}
