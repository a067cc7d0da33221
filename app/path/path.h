/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PATH_H
#define SEKI_PATH_H

/*
 * The packet path of one RX core, readable on one page (path.c), used by `seki run` and `seki replay` alike.
 *
 *     path_view    wire: mbufs to struct pkt
 *     path_burst   parse, steer, place, classify, decide, act, emit, count
 *
 * Live, a burst comes from one port at one time. Offline, replay overwrites arrival_ns, in_port, direction and
 * PKT_F_REAL_DIR of each viewed pkt before path_burst; everything after that is shared. After path_burst the
 * first n of path->pkt still say how each packet ended (verdict and reason are final: TX_FULL and RING_FULL
 * included); pkt->data must not be followed any more, the mbufs are gone. With steer, packets that went to
 * another core are taken out of the array.
 */

#include "pipeline.h"

#include <rte_cycles.h>
#include <rte_mbuf.h>

/* Further segments of all frames of one burst; a frame in more pieces is seen as ending there. */
#define PATH_SEGS (PKT_BURST * 4)

struct emit;  /* where passed packets go: emit.h */
struct steer; /* rings between RX cores: steer.h; NULL where there is one core */

/* The stages, for timing. */
enum path_stage {
	PATH_VIEW,
	PATH_PARSE,
	PATH_STEER,
	PATH_PLACE,
	PATH_CLASSIFY,
	PATH_DECIDE,
	PATH_ACT,
	PATH_EMIT,
	PATH_STATS,
	PATH_N_STAGES,
};

/* Where the time goes: written by the core, read by management at leisure. */
struct path_timing {
	uint64_t cycles[PATH_N_STAGES];
	uint64_t packets;
	uint64_t bursts;
};

struct path {
	/* Set once by path_init, before the core starts. */
	struct seki_pipeline pipe;
	struct seki_stats *stats;
	struct emit *emit;
	struct steer *steer;
	const struct seki_snapshot *const *snapshot; /* the published one; read once per burst (acquire) */
	struct path_timing *timing;                  /* NULL: stages are not timed */
	bool outside[SEKI_PORTS_MAX];                /* port index -> it faces outside */

	/* Scratch of one burst. */
	unsigned n_segs;
	struct pkt pkt[PKT_BURST];
	uint8_t headers[PKT_BURST][PKT_HEADERS_MAX];
	struct pkt_seg segs[PATH_SEGS];
} __attribute__((aligned(64)));

struct path_config {
	struct seki_stats *stats;   /* this core's, zeroed */
	struct seki_flows *flows;   /* this core's; NULL: no state is kept */
	struct seki_sources *sources;
	struct seki_blocks *blocks; /* this core's; NULL: nothing is detected */
	struct seki_sampler *sampler; /* likewise */
	struct seki_budget *budget; /* this core's, seki_pipeline_budget_bytes(), zeroed */
	struct emit *emit;          /* this core's, see emit.h */
	struct steer *steer;        /* NULL: every packet is this core's own */
	const struct seki_snapshot *const *snapshot;
	struct path_timing *timing; /* NULL: not timed */
	bool guess_direction;       /* offline */
};

/* Fills `path` (64-byte aligned, any content) for the ports of `spec`, which need not outlive the call. */
void path_init(struct path *path, const struct path_config *config, const struct seki_spec *spec);

/* Fills path->pkt[0..n) from mbufs received on `in_port` (index into the port table) at `now_ns`. n <= PKT_BURST. */
void path_view(struct path *path, uint16_t in_port, struct rte_mbuf **mbuf, unsigned n, uint64_t now_ns);

/*
 * Takes the n viewed packets through to their end: dropped (freed) or handed to emit or to another core. Owns the
 * mbufs from here on. `steered`: they come from another core's steer ring and stay here. Returns how many are
 * left in path->pkt with their verdict: n less those that steer took away.
 */
unsigned path_burst(struct path *path, struct rte_mbuf **mbuf, unsigned n, bool steered);

/* "view", "parse", ... */
const char *path_stage_name(unsigned stage);

/* Books the time since *mark under `stage`; compiles to nothing where stages are not timed. */
static inline void
path_lap(struct path_timing *timing, enum path_stage stage, uint64_t *mark)
{
	uint64_t now;

	if (timing == NULL)
		return;
	now = rte_rdtsc();
	timing->cycles[stage] += now - *mark;
	*mark = now;
}

#endif
