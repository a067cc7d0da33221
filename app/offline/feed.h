/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FEED_H
#define SEKI_FEED_H

/*
 * From a capture through the packet path: bursts, time, and what became of each packet.
 *
 * Time is the capture's, clamped monotone (stamps.h). Ticks happen at exact virtual times, every LEASE_TICK_NS from the first
 * packet on, before any packet of that time or later; a burst never reaches over a tick. So neither the size of
 * bursts nor how fast the machine is can change a verdict. Idle time is skipped: a tick that changes nothing and
 * sees no demand would repeat itself for ever (lease.h), so years cost no more than two ticks.
 *
 * Frames longer than a buffer become chains of them, as a port delivers them.
 */

#include "capture.h"
#include "direction.h"
#include "offline.h"
#include "report.h"

/* Shortest first pieces that leave every header within reach of one burst's pieces (PATH_SEGS). */
#define FEED_SEGMENT_MIN 16u

struct feed {
	/* Set by the caller. */
	struct offline *offline;
	const struct seki_spec *spec;
	struct capture *capture;
	struct capture_writer *writer; /* NULL: passed packets are only counted */
	FILE *rows;                    /* NULL: not wanted */
	struct report *report;
	unsigned burst;   /* 1..PKT_BURST */
	uint32_t segment; /* bytes of a buffer that are used, FEED_SEGMENT_MIN..OFFLINE_DATA_ROOM */

	/* The feed's own. */
	struct capture_packet next; /* read ahead by one */
	uint64_t now_ns;            /* of `next`: the replay's clock */
	uint64_t tick_ns;           /* the next tick */
	uint64_t n_bursts;
	unsigned n_rows;
	struct report_row row[PKT_BURST]; /* of the burst in hand */
};

/* Bytes that the feed wants in each buffer (offline_start). */
size_t feed_priv_size(void);

/*
 * Feeds the whole capture. Fills report: packets, written, times, stamps, cut frames, by_verdict, complete. 0; -EIO if the capture is
 * damaged (what came before is processed); -ENOMEM. Sentence in `err`.
 */
int feed_run(struct feed *feed, struct seki_err *err);

#endif
