/* SPDX-License-Identifier: BSD-3-Clause */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
gen_trace_init(struct gen_trace *trace, uint64_t seed, uint64_t start_ns, uint64_t end_ns)
{
	*trace = (struct gen_trace){.start_ns = start_ns, .end_ns = end_ns};
	seki_rng_init(&trace->rng, seed);
}

void
gen_trace_fini(struct gen_trace *trace)
{
	free(trace->flow);
	free(trace->packet);
}

/* Room for one more of `size` bytes. */
static void *
grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room == 0 ? 1024 : *room * 2;
	array = realloc(array, *room * size);
	if (array == NULL) {
		fprintf(stderr, "seki-gen: out of memory: ask for fewer packets\n");
		exit(1);
	}
	return array;
}

uint32_t
gen_add_flow(struct gen_trace *trace, const struct gen_flow *flow)
{
	trace->flow = grow(trace->flow, trace->n_flows, &trace->flow_room, sizeof(*flow));
	trace->flow[trace->n_flows] = *flow;
	return (uint32_t)trace->n_flows++;
}

void
gen_add_packet(struct gen_trace *trace, const struct gen_packet *packet)
{
	struct gen_packet *to;

	if (packet->time_ns < trace->start_ns || packet->time_ns >= trace->end_ns)
		return;
	trace->packet = grow(trace->packet, trace->n_packets, &trace->packet_room, sizeof(*packet));
	to = &trace->packet[trace->n_packets];
	*to = *packet;
	to->order = (uint32_t)trace->n_packets++;
	to->ident = (uint16_t)(to->order * 40503u); /* any that differ: no two datagrams in flight share one */
}

static int
compare(const void *a, const void *b)
{
	const struct gen_packet *p = a, *q = b;

	if (p->time_ns != q->time_ns)
		return p->time_ns < q->time_ns ? -1 : 1;
	return p->order < q->order ? -1 : 1;
}

void
gen_trace_sort(struct gen_trace *trace)
{
	if (trace->n_packets > 0)
		qsort(trace->packet, trace->n_packets, sizeof(*trace->packet), compare);
}

uint64_t
gen_between(struct gen_trace *trace, uint64_t min, uint64_t max)
{
	return min + seki_rng_below(&trace->rng, max - min + 1);
}

/* The first `fixed` bytes of an address and a number in its last four. */
static struct gen_addr
address(unsigned family, const uint8_t *prefix, unsigned fixed, uint32_t host)
{
	struct gen_addr addr = {{0}};
	unsigned size = family == 4 ? 4 : 16;

	memcpy(addr.b, prefix, fixed);
	for (unsigned i = 0; i < 4 && size - 1 - i >= fixed; i++)
		addr.b[size - 1 - i] = (uint8_t)(host >> 8 * i);
	return addr;
}

struct gen_addr
gen_inside(unsigned family, unsigned host)
{
	static const uint8_t v4[] = {198, 51, 100};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x51};

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_outside_client(struct gen_trace *trace, unsigned family)
{
	static const uint8_t v4[] = {198, 18};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x80};
	uint32_t host = (uint32_t)gen_between(trace, 1, 65534);

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_outside_server(struct gen_trace *trace, unsigned family)
{
	static const uint8_t v4[] = {203, 0, 113};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x90};
	uint32_t host = (uint32_t)gen_between(trace, 1, 254);

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_known_server(unsigned family, unsigned host)
{
	static const uint8_t v4[] = {192, 0, 2};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0xa0};

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_reflector(struct gen_trace *trace)
{
	static const uint8_t v4[] = {198, 19};

	/* A booter's list has a few thousand; a stride spreads them over the /16. */
	return address(4, v4, sizeof(v4), (uint32_t)gen_between(trace, 0, 2999) * 21 + 1);
}
