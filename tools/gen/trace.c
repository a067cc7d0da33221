/* SPDX-License-Identifier: BSD-3-Clause */
#include "trace.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
gen_trace_init(struct gen_trace *trace, uint64_t seed, uint64_t start_ns, uint64_t end_ns)
{
	*trace = (struct gen_trace){.start_ns = start_ns, .end_ns = end_ns, .rtt_ns = GEN_RTT_USUAL};
	seki_rng_init(&trace->rng, seed);
}

void
gen_trace_fini(struct gen_trace *trace)
{
	free(trace->flow);
	free(trace->packet);
}

static void *
must(void *memory)
{
	if (memory == NULL) {
		fprintf(stderr, "seki-gen: out of memory: ask for fewer packets\n");
		exit(1);
	}
	return memory;
}

void *
gen_zalloc(size_t n, size_t size)
{
	return must(calloc(n, size));
}

void *
gen_grow(void *array, size_t n, size_t *room, size_t size)
{
	if (n < *room)
		return array;
	*room = *room == 0 ? 1024 : *room * 2;
	return must(realloc(array, *room * size));
}

uint32_t
gen_add_flow(struct gen_trace *trace, const struct gen_flow *flow)
{
	trace->flow = gen_grow(trace->flow, trace->n_flows, &trace->flow_room, sizeof(*flow));
	trace->flow[trace->n_flows] = *flow;
	return (uint32_t)trace->n_flows++;
}

void
gen_add_packet(struct gen_trace *trace, const struct gen_packet *packet)
{
	struct gen_packet *to;

	trace->n_asked++;
	if (packet->time_ns < trace->start_ns || packet->time_ns >= trace->end_ns)
		return;
	trace->packet = gen_grow(trace->packet, trace->n_packets, &trace->packet_room, sizeof(*packet));
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
