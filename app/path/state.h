/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_APP_STATE_H
#define SEKI_APP_STATE_H

/* What one RX core remembers of flows and sources, and counts for detection: its memory, near the core. */

#include "blocks.h"
#include "flow.h"
#include "sample.h"
#include "source.h"
#include "spec.h"

struct state {
	struct seki_flows *flows; /* NULL: no state is kept */
	struct seki_sources *sources;
	struct seki_sampler *sampler; /* NULL: nothing is detected */
	struct seki_blocks blocks; /* room 0: nothing is detected */
	void *memory;
	size_t bytes;
};

/*
 * Bytes of one core's state, of `n_rx` cores. Clients are dealt to cores by a keyed function, so each needs room for its
 * part and a quarter more. Blocks are of the inside, and each core may see all of them.
 */
size_t state_bytes(const struct seki_spec *spec, unsigned n_rx);

/* The state of a core on `cpu`; none if the configuration wants none. `digest` outlives it. 0 or -ENOMEM. */
int state_open(struct state *state, const struct seki_spec *spec, unsigned n_rx, unsigned cpu,
	const struct seki_digest *digest);

/* The blocks of detection; NULL: nothing is detected. */
static inline struct seki_blocks *
state_blocks(struct state *state)
{
	return state->blocks.room == 0 ? NULL : &state->blocks;
}

/* Connections that were picked up, by zone id; NULL: no state is kept. */
static inline const uint64_t *
state_picked_up(const struct state *state)
{
	return state->flows == NULL ? NULL : state->flows->picked_up;
}

/* Legal after an open that failed, and on zeroed memory. */
void state_close(struct state *state);

#endif
