/* SPDX-License-Identifier: BSD-3-Clause */
#include "state.h"

#include "near.h"

#include <errno.h>

static uint64_t
part(uint64_t n, unsigned n_rx)
{
	return n_rx == 1 ? n : n / n_rx + n / n_rx / 4;
}

static size_t
aligned(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static size_t
flows_bytes(const struct seki_spec *spec, unsigned n_rx)
{
	return aligned(seki_flows_bytes(part(spec->state.flows, n_rx)));
}

static size_t
tables_bytes(const struct seki_spec *spec, unsigned n_rx)
{
	if (spec->state.flows == 0)
		return 0;
	return aligned(sizeof(struct seki_flows)) + aligned(sizeof(struct seki_sources)) + flows_bytes(spec, n_rx) +
	       seki_sources_bytes(part(spec->state.sources, n_rx));
}

static size_t
blocks_bytes(const struct seki_spec *spec)
{
	return spec->detect.enable ? seki_blocks_bytes(spec->detect.blocks) + aligned(sizeof(struct seki_sampler)) : 0;
}

size_t
state_bytes(const struct seki_spec *spec, unsigned n_rx)
{
	return tables_bytes(spec, n_rx) + blocks_bytes(spec);
}

static void
open_tables(
	struct state *state, char *at, const struct seki_spec *spec, unsigned n_rx, const struct seki_digest *digest)
{
	state->flows = (struct seki_flows *)at;
	at += aligned(sizeof(*state->flows));
	state->sources = (struct seki_sources *)at;
	at += aligned(sizeof(*state->sources));
	seki_flows_init(state->flows, at, part(spec->state.flows, n_rx), digest);
	at += flows_bytes(spec, n_rx);
	seki_sources_init(state->sources, at, part(spec->state.sources, n_rx), digest);
	state->flows->sources = state->sources;
}

int
state_open(struct state *state, const struct seki_spec *spec, unsigned n_rx, unsigned cpu,
	const struct seki_digest *digest)
{
	char *at;

	*state = (struct state){.bytes = state_bytes(spec, n_rx)};
	if (state->bytes == 0)
		return 0;
	at = state->memory = near_alloc(state->bytes, cpu);
	if (at == NULL)
		return -ENOMEM;
	if (spec->detect.enable) {
		seki_blocks_init(&state->blocks, at, spec->detect.blocks, digest->sip.k[0]);
		state->sampler = (struct seki_sampler *)(at + seki_blocks_bytes(spec->detect.blocks));
		at += blocks_bytes(spec);
	}
	if (spec->state.flows != 0)
		open_tables(state, at, spec, n_rx, digest);
	return 0;
}

void
state_close(struct state *state)
{
	near_free(state->memory, state->bytes);
	*state = (struct state){0};
}
