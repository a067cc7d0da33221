/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TREE_H
#define SEKI_TREE_H

/*
 * What came to whom, over all cores, by levels: a block (/28, IPv6 /64), then /24 and /20 (/56 and /48), then the zone.
 * A node has a cell for each row that it has seen, and in a block a vector's cell has windows for each of its hosts
 * (of IPv6: since much came to it).
 * Nodes come with the first packet and go when nothing came to them for ten seconds, so memory follows what is attacked
 * or used: 0.6 KiB a node, 0.5 more above blocks, and for each row 200 bytes, or 2.8 KiB for a vector of a block.
 * Internal to lib/detect; management core.
 */

#include "blocks.h"
#include "leaves.h"
#include "span.h"
#include "zone_limits.h"

/* Windows of what of one vector comes to a block's hosts: lanes are {packets, units} of each, as in struct seki_cell.
 * What is added goes to a tick alone; a second is put away as a whole when the next one begins. */
#define HOST_LANES (2 * SEKI_BLOCK_HOSTS)
#define HOST_SECONDS (SPAN_SLOTS - 1)

struct hosts {
	uint32_t in_second[HOST_LANES]; /* of all tick[] */
	uint32_t tick[SPAN_SLOTS][HOST_LANES];
	uint32_t second[HOST_SECONDS][HOST_LANES]; /* those before the one that `at` is in */
	uint32_t at;         /* the tick that is being filled */
	uint32_t owed[2];    /* {packets, units} that came in this tick to the block, nobody knows to which of them; */
	uint32_t old[2];     /* in the tick `old_at` */
	uint32_t old_at;
	bool near, was_near; /* some host may be over a limit, in this tick and in the one before */
};

/* Where the second before that of a tick is. */
static inline uint32_t *
hosts_second_before(struct hosts *h, uint32_t tick)
{
	return h->second[(tick / SPAN_TICKS_A_SECOND + HOST_SECONDS - 1) % HOST_SECONDS];
}

/* A tick begins, the next one. */
static inline void
hosts_open(struct hosts *h, uint32_t tick)
{
	if (tick % SPAN_TICKS_A_SECOND == 0)
		memcpy(hosts_second_before(h, tick), h->in_second, sizeof(h->in_second));
	h->at = tick;
	h->was_near = h->near;
	h->near = false;
}

/* host_windows.c: brings them to `tick`, or to the one before it. */
void hosts_advance(struct hosts *h, uint32_t tick);

/* Brings them to `tick`, in which nothing came to them if they are not there. */
void hosts_bring(struct hosts *h, uint32_t tick);

/* At the end of a tick: what is owed to hosts goes to them in the proportions of what came to them in it. Where nothing
 * did, it waits for the next one. Returns whether they got something. */
bool hosts_settle(struct hosts *h, uint32_t tick);

/* What came in a lane in the last ten seconds. */
uint64_t hosts_in_ten(const struct hosts *h, unsigned lane);

#define ROW_LANES (2 * SEKI_N_ROWS)

struct node {
	struct node *parent; /* NULL: a zone */
	struct node *next;   /* in its bucket, or among the free */
	uint64_t address;    /* as struct seki_group_of has it, cut to the level */
	uint32_t generation; /* another one each time that the memory is used anew */
	uint32_t touched;    /* the tick in which something last came */
	uint32_t n_children;
	uint32_t covered; /* packets a second that are reported already, of the finding with the number `finding` */
	uint64_t finding;
	uint16_t zone;
	uint8_t family;          /* 4, 6; 0: a zone */
	uint8_t level;           /* enum seki_level, none of a host */
	uint32_t told;           /* limits by which the next four were found, see struct watched */
	uint32_t own, own_hosts; /* limits of its own: limits->own[own] and so on; likewise of single hosts in it */
	uint16_t n_own, n_own_hosts;
	uint64_t came, near; /* of a block: rows of which something came in this tick; that may be over a limit */
	uint32_t *delta;     /* [ROW_LANES] of this tick, from below: packets and units by rows; none of a block */
	struct cell *cell[SEKI_N_ROWS];
};

/* Bytes of what is not cells. */
#define NODE_HEAD offsetof(struct node, cell)

#define TREE_BUCKETS 65536

struct tree {
	struct node *bucket[TREE_BUCKETS];
	struct node *zone[SEKI_ZONES_MAX]; /* NULL: nothing came to it yet */
	struct slab *slab;                 /* the last one that memory was taken from */
	size_t slab_used;                  /* of it */
	struct node *free_nodes[2];        /* [1]: blocks */
	struct cell *free_cells[2];        /* linked through their first bytes; [1]: with hosts */
	struct node **list[SEKI_N_LEVELS]; /* touched in this tick, those above blocks */
	uint32_t n_list[SEKI_N_LEVELS], list_room[SEKI_N_LEVELS];
	struct leaves leaves; /* blocks that were */
	uint32_t n_nodes[SEKI_N_LEVELS];
	uint64_t secret; /* of the hash: whoever knows it can make one bucket of all blocks */
	uint32_t swept;  /* bucket */
	size_t bytes;
	bool out_of_memory; /* something could not be counted, since the last tick */
};

/* `secret`: of this process. */
void tree_init(struct tree *tree, uint64_t secret);
void tree_fini(struct tree *tree);

/* The node of a level that a block of this address is in; NULL: nothing came to it yet, or not for long. */
struct node *tree_look(const struct tree *tree, uint16_t zone, uint8_t family, enum seki_level level, uint64_t block);

/* Such a node, but of no tree. */
struct node tree_nobody(uint16_t zone, uint8_t family, enum seki_level level, uint64_t block);

/* The block's node, with all above it; NULL: out of memory. */
struct node *tree_block(struct tree *tree, uint16_t zone, uint8_t family, uint64_t address);
struct node *tree_zone(struct tree *tree, uint16_t zone);

/* What of a zone has no block: a node below the zone that is no prefix; NULL: out of memory. */
struct node *tree_rest(struct tree *tree, uint16_t zone);

/* The cells of these vectors (1 << vector) of the leaves that come after number `i`, which is looked at now: they are
 * cold, and asked for while others are looked at. Inlined: gcc takes a function that only prefetches for one that does
 * nothing. */
#define LEAVES_AHEAD 8

static inline __attribute__((always_inline)) void
tree_prefetch_cells(struct leaf_range range, uint32_t i, uint64_t vectors)
{
	for (; vectors != 0; vectors &= vectors - 1) {
		unsigned v = (unsigned)__builtin_ctzll(vectors);
		const char *cell = NULL;

		if (i + 2 * LEAVES_AHEAD < range.n)
			__builtin_prefetch(&range.at[i + 2 * LEAVES_AHEAD].node->cell[v]);
		if (i + LEAVES_AHEAD < range.n)
			cell = (const char *)range.at[i + LEAVES_AHEAD].node->cell[v];
		for (unsigned at = 0; cell != NULL && at < offsetof(struct cell, units); at += 64)
			__builtin_prefetch(cell + at, 1);
	}
}

static inline bool
tree_is_rest(const struct node *node)
{
	return node->family == 0 && node->level != SEKI_LEVEL_ZONE;
}

/* Puts it on the list of this tick, or among its leaves; once. */
void tree_touch(struct tree *tree, struct node *node, uint32_t tick);

/* A tick begins, in which nothing is touched yet. */
void tree_open(struct tree *tree);

/*
 * The node's cell for a row, at `tick`, and its hosts at `tick` or the one before; NULL: out of memory. `hosts`: those
 * of the block are wanted from now on. Where they were not before, the cell is another one, and the node's generation,
 * too; what came in the tick before is owed to them.
 */
struct cell *tree_cell(struct tree *tree, struct node *node, unsigned row, bool hosts, uint32_t tick);

/* Frees what is idle in the next few buckets. Once a tick; within two seconds all are seen. */
void tree_sweep(struct tree *tree, uint32_t tick);

#endif
