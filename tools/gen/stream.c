/* SPDX-License-Identifier: BSD-3-Clause */
#include "stream.h"

#include "clean.h"
#include "legit.h"

/* 2026-01-01 00:00:00 UTC: the same on every run, so that output depends on nothing but the arguments. */
#define START_NS (UINT64_C(1767225600) * GEN_NS_PER_S)

static struct gen_attack *
start_attack(const struct gen_options *options, const struct gen_event *when)
{
	const struct gen_scenario *scenario = options->scenario;
	struct gen_attack_spec spec = {
		.seed = options->seed,
		.pps = when->pps,
		.from_ns = when->from_ns,
		.until_ns = when->until_ns,
		.end_ns = START_NS + options->seconds * GEN_NS_PER_S,
		.n_machines = (unsigned)options->machines,
		.over = options->over == GEN_OVER_USUAL ? scenario->over : options->over,
		.shape = options->shape,
		.real = options->sources == GEN_SOURCES_USUAL ? scenario->real : options->sources == GEN_SOURCES_REAL,
		.mimic = options->mimic,
		.vector = options->vector,
	};

	spec.n_makers = gen_scenario_makers(scenario, options->shape, spec.maker);
	return gen_attack_create(&spec);
}

void
gen_stream_init(struct gen_stream *stream, const struct gen_options *options)
{
	const struct gen_scenario *scenario = options->scenario;
	struct gen_event when = {
		.pps = options->pps == GEN_PPS_USUAL ? scenario->pps : options->pps,
		.legit_pps = options->legit_pps,
		.from_ns = START_NS + options->from_ns,
		.until_ns = START_NS + options->until_ns,
	};

	/* Field by field: the frames need no zeros. */
	stream->at = 0;
	stream->attack = NULL;
	stream->have = false;
	stream->vlan = (unsigned)options->vlan;
	stream->number = 0;
	stream->piece = stream->n_pieces = 0;
	gen_trace_init(&stream->trace, options->seed, START_NS, START_NS + options->seconds * GEN_NS_PER_S);
	stream->trace.rtt_ns = options->rtt_ns;
	gen_legit(&stream->trace, options->legit_pps);
	if (scenario->event != NULL)
		scenario->event(&stream->trace, &when);
	gen_trace_sort(&stream->trace);
	if (scenario->maker != NULL && when.from_ns < when.until_ns)
		stream->attack = start_attack(options, &when);
}

void
gen_stream_fini(struct gen_stream *stream)
{
	gen_trace_fini(&stream->trace);
	gen_attack_destroy(stream->attack);
}

/* Builds the next packet whole. False: there is none. */
static bool
build_next(struct gen_stream *stream)
{
	const struct gen_trace *trace = &stream->trace;
	const struct gen_packet *packet = stream->at < trace->n_packets ? &trace->packet[stream->at] : NULL;
	const struct gen_flow *flow = packet != NULL ? &trace->flow[packet->flow] : NULL;

	if (!stream->have && stream->attack != NULL)
		stream->have = gen_attack_next(stream->attack, &stream->item);
	if (stream->have && (packet == NULL || stream->item.packet.time_ns < packet->time_ns)) {
		packet = &stream->item.packet;
		flow = &stream->item.flow;
		stream->have = false;
	} else if (packet != NULL) {
		stream->at++;
	} else {
		return false;
	}
	gen_frame_build(flow, packet, stream->number + 1, stream->vlan, &stream->whole);
	stream->time_ns = packet->time_ns;
	stream->label = flow->label;
	stream->inbound = gen_inbound(flow, packet);
	stream->piece = 0;
	stream->n_pieces = gen_frame_pieces(&stream->whole);
	return true;
}

const struct gen_frame *
gen_stream_next(struct gen_stream *stream)
{
	if (stream->piece == stream->n_pieces && !build_next(stream))
		return NULL;
	stream->number++;
	if (stream->n_pieces == 1) {
		stream->piece = 1;
		return &stream->whole;
	}
	gen_frame_piece(&stream->whole, stream->piece++, &stream->cut);
	return &stream->cut;
}
