/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_COLLECT_H
#define SEKI_COLLECT_H

/*
 * The tick's first part: reads what has changed in the blocks of all cores, adds it up by levels, and says where more
 * came than the limits allow. Internal to lib/detect; management core.
 *
 * Cores are never waited for. A counter may be read in the middle of a burst, so a tick may see a packet only in the
 * next one; nothing is lost or counted twice. A core's cell that gives way to another one goes on counting from where
 * it was, and nothing of the old one is left unread by then, unless nobody has read for as long (SEKI_BLOCKS_IDLE).
 *
 * A tick may be late, and then reads what has come since the last one: what is in a window is held against as much time
 * as it has come in, so that a busy management core sees no attacks in clean traffic.
 */

#include "held.h"

#define COLLECT_CORES 64

/* A place where a vector is over its limit: a node or, if `host` is not HOST_NONE, one host of a block. */
struct over {
	struct node *node;
	uint8_t vector;
	uint8_t host;
	uint32_t pps; /* by the window that shows more */
	uint32_t now; /* a second, in this tick alone */
	uint64_t bps;
};

#define HOST_NONE SEKI_BLOCK_HOSTS

/* Places of a zone at most that one tick reports, of hosts and blocks half of that; more are as good as one more. The
 * zone itself is always reported. */
#define COLLECT_OVERS 4096

/* Where a core's cell is in the tree. */
struct seen {
	uint64_t key;
	struct node *node;
	struct cell *cell; /* of the node; NULL: there was no memory */
	uint32_t generation;
	uint8_t row;
};

static_assert(sizeof(struct seen) == 32, "never of two lines");

/* What was seen of the blocks of an IPv6 group that are counted as a whole. It goes with the place, as their counters do:
 * a cell that gave way and came back goes on from where it was, by whatever number. */
struct seen_whole {
	uint32_t claims; /* of the place, when this was seen: each begins at zero */
	struct seki_came came[SEKI_GROUP_CELLS6];
};

/* What was seen of one core. */
struct seen_core {
	struct seki_blocks *blocks;
	struct seen *seen;                     /* [room] */
	struct seki_cell *before;              /* [room] */
	struct seen_whole *whole;              /* [n_groups] */
	struct seki_came (*rest)[SEKI_N_ROWS]; /* [SEKI_ZONES_MAX] */
};

struct collect {
	struct seen_core core[COLLECT_CORES];
	unsigned n_cores;
	struct tree tree;
	struct watched zone[SEKI_ZONES_MAX];
	unsigned zone_end;          /* ids below it are watched */
	uint32_t tick;              /* of windows */
	uint16_t stamp;             /* as groups have it */
	uint32_t last;              /* the tick before this one; 0: there was none */
	uint16_t age_max;           /* of a cell that may have something new */
	uint32_t ticks[SPAN_SLOTS]; /* how many came in the last of them together: more than one if it was late */
	uint32_t in_two, in_second; /* ticks that the last two and the last ten slots are of */
	bool some;                  /* came in this tick */
	uint32_t n_overs, over_room;
	struct over *over;
	uint16_t overs_of[SEKI_ZONES_MAX]; /* places of a zone among them */
	uint64_t overs_lost;
	uint64_t ticks_short; /* of memory: something could not be counted */
};

/* Bytes of memory that reading the blocks of one core takes at most, beside the tree's. */
size_t collect_core_bytes(const struct seki_blocks *blocks);

/* For the cores whose blocks these are, which outlive it and are told what is asked of them. 0 or -ENOMEM. */
int collect_init(struct collect *c, struct seki_blocks *const *blocks, unsigned n);
void collect_fini(struct collect *c); /* legal after an init that failed */

/* From now on the zone is held to these limits, which outlive it or the next call; whenever they have changed. NULL: to
 * none. */
void collect_watch(struct collect *c, uint16_t zone, const struct seki_limits *limits);

/* Once every SEKI_BLOCKS_TICK_NS. */
void collect_tick(struct collect *c, uint64_t now_ns);

/* collect_read.c: reads what a core's cells have got in this tick, adds it to their windows and to the nodes above, and notes
 * which blocks may be over a limit. */
void collect_read(struct collect *c, struct seen_core *core);

/* What came in this tick, a second. */
static inline uint32_t
collect_rate(const struct collect *c, uint64_t in_tick)
{
	return (uint32_t)(in_tick * SPAN_TICKS_A_SECOND / c->ticks[c->tick % SPAN_SLOTS]);
}

#endif
