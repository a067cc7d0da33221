/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_STREAM_H
#define SEKI_GEN_STREAM_H

/* A whole scenario, frame by frame in order of time: people's traffic and the attack merged, large datagrams cut. */

#include "attack.h"
#include "frame.h"
#include "options.h"

struct gen_stream {
	struct gen_trace trace;
	size_t at; /* in the trace */
	struct gen_attack *attack; /* NULL: none */
	bool have; /* `item` is the attack's next */
	struct gen_item item;
	unsigned vlan;
	uint64_t number; /* of the last frame */
	unsigned piece, n_pieces; /* of `whole`, if that is being cut */
	struct gen_frame whole, cut;
	/* The last frame's. */
	uint64_t time_ns;
	char label;
	bool inbound;
};

/* Makes people's traffic, all of it. */
void gen_stream_init(struct gen_stream *stream, const struct gen_options *options);
void gen_stream_fini(struct gen_stream *stream);

/* The next frame, good until the next call; NULL: that was all. */
const struct gen_frame *gen_stream_next(struct gen_stream *stream);

#endif
