/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PATH_H
#define SEKI_PATH_H

/*
 * The packet path of one RX core, readable on one page (path.c), used by `seki run` and `seki replay` alike.
 *
 *     path_view    wire: mbufs to struct pkt
 *     path_burst   parse, steer, classify, decide, act, emit, count
 *
 * Live, a burst comes from one port at one time. Offline, replay overwrites arrival_ns, in_port, direction and
 * PKT_F_REAL_DIR of each viewed pkt before path_burst; everything after that is shared.
 */

#include "pipeline.h"

#include <rte_mbuf.h>

/* Further segments of all frames of one burst; a frame in more pieces is seen as ending there. */
#define PATH_SEGS (PKT_BURST * 4)

struct emit;  /* where passed packets go: emit.h */
struct steer; /* rings between RX cores: steer.h; NULL where there is one core or RSS does it */

struct path {
	/* Set once, before the core starts. */
	unsigned id; /* 0-based among RX cores */
	struct seki_pipeline pipe;
	struct seki_stats *stats;
	struct emit *emit;
	struct steer *steer;
	const struct seki_snapshot *const *snapshot; /* the published one; read once per burst (acquire) */

	/* Scratch of one burst. */
	struct pkt pkt[PKT_BURST];
	uint8_t headers[PKT_BURST][PKT_HEADERS_MAX];
	struct pkt_seg segs[PATH_SEGS];
} __attribute__((aligned(64)));

/* Fills path->pkt[0..n) from mbufs received on `in_port` (index into the port table) at `now_ns`. n <= PKT_BURST. */
void path_view(struct path *path, uint16_t in_port, struct rte_mbuf **mbuf, unsigned n, uint64_t now_ns);

/*
 * Takes the n viewed packets through to their end: dropped (freed) or handed to emit or to another core. Owns the
 * mbufs from here on. `steered`: they come from another core's steer ring and stay here.
 */
void path_burst(struct path *path, struct rte_mbuf **mbuf, unsigned n, bool steered);

#endif
