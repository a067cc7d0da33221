/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BLOCKS_H
#define SEKI_BLOCKS_H

/*
 * What comes to whom: counters of one RX core by blocks of inside addresses, which detection reads.
 *
 * A block is an IPv4 /28 or an IPv6 /64 of one zone. What comes to it is of a row: a vector of *strangers* (packets of
 * no known flow, and of no source that an allow list vouches for), or a class of known ones. A cell is a row of a
 * block. A unit is SEKI_BLOCK_UNIT bytes, rounded up for each packet: 32 bits of them last 2.7 s at 100 Gbit/s, and a
 * reader that comes more often than that never sees them wrap twice.
 *
 * A cell counts {packets, units} for each of its block's 16 hosts. IPv6 hosts share the 16 by a keyed hash of their low
 * 64 bits, and are told apart only where it matters: a cell of IPv6 counts its block as a whole, until more comes to it in
 * a tick than the reader asked to see hosts of (seki_blocks_whole). From the next tick on it counts them, until it is
 * idle. So strangers may visit a /64 each and never touch more than the line by which the cell is found.
 *
 * Cells are found through a table of fixed size, a cache line for each group: a row of neighbouring blocks (eight
 * /28, or four /64), at the place that its run and its number say, or at one of seven others by a keyed hash. Cells
 * in use lie close together, as many as there are. So what attacks whole prefixes touches few lines: a packet needs
 * one of its hosts, and a part of one to find it. A group has the tick in which each of its cells was last touched,
 * so the reader sees which have changed without looking into them. What finds no room, because there is none for its
 * group or its zone has had its share, is counted for its zone alone (`rest`). A cell that nothing came to for
 * SEKI_BLOCKS_IDLE ticks gives way; its hosts' counters are not cleared but go on as those of the newcomer, since by
 * then they have been read.
 *
 * One writer, plain stores; any thread may read. What the reader asks for is another's to write.
 */

#include "pkt.h"
#include "stats.h"

#define SEKI_BLOCK_HOSTS 16
#define SEKI_BLOCK_UNIT 8u

/* Rows: vectors of strangers, then classes of known packets. */
#define SEKI_ROW_KNOWN SEKI_N_VECTORS
#define SEKI_N_ROWS (SEKI_N_VECTORS + SEKI_N_CLASSES)

struct seki_came {
	uint32_t packets, units;
};

/* The hosts of a cell. */
struct seki_cell {
	struct seki_came host[SEKI_BLOCK_HOSTS];
} __attribute__((aligned(64)));

static_assert(sizeof(struct seki_cell) == 128, "two lines");

/* What is counted for a zone besides. */
struct seki_block_zone {
	struct seki_came rest[SEKI_N_ROWS];     /* packets of no cell */
	struct seki_count stopped[SEKI_N_ROWS]; /* dropped, or held back by a zone that observes */
	uint64_t completed;                     /* connections of the outside, when they became known */
	uint32_t n_cells;                       /* that it has in the table */
	uint32_t whole[SEKI_N_ROWS];            /* the reader's: packets a tick; see seki_blocks_whole */
} __attribute__((aligned(64)));

/* Blocks of a group, by family. */
#define SEKI_GROUP_CELLS4 8
#define SEKI_GROUP_CELLS6 4

/* One row of blocks that are neighbours. Of each cell: the tick in which it was last touched (0: there is none), and
 * where its hosts are, in hosts from those of the first cell on. */
struct seki_group {
	uint64_t key; /* 0: there is none */
	union {
		struct {
			uint16_t tick[SEKI_GROUP_CELLS4];
			uint32_t at[SEKI_GROUP_CELLS4];
		} v4;
		struct {
			uint16_t tick[SEKI_GROUP_CELLS6];
			uint32_t at[SEKI_GROUP_CELLS6]; /* or SEKI_AT_WHOLE, and whole[].packets before this tick */
			struct seki_came whole[SEKI_GROUP_CELLS6]; /* what is not counted by hosts */
		} v6;
	};
} __attribute__((aligned(64)));

static_assert(sizeof(struct seki_group) == 64, "a line");

/* The cell has no hosts, but counts its block as a whole. */
#define SEKI_AT_WHOLE (UINT32_C(1) << 31)

/* Whose a group is. */
struct seki_group_of {
	uint64_t address; /* of its first block: an IPv4 address or the upper half of an IPv6 one */
	uint16_t zone;
	uint8_t family; /* 4 or 6 */
	uint8_t row;
	uint32_t claims; /* how often the place was taken: whose it was, and what it counted, is gone then */
	uint32_t cell[SEKI_GROUP_CELLS6]; /* of IPv6: the number of each cell, with hosts or without */
};

/* Length of a tick, and ticks after which an untouched block may give way. */
#define SEKI_BLOCKS_TICK_NS UINT64_C(100000000)
#define SEKI_BLOCKS_IDLE 300

#define SEKI_BLOCKS_SWEEP_NS UINT64_C(10000000000)

/* One core's. */
struct seki_blocks {
	struct seki_group *group;     /* [n_groups] */
	struct seki_group_of *of;     /* [n_groups] */
	struct seki_cell *cell;       /* [room] */
	struct seki_block_zone *zone; /* [SEKI_ZONES_MAX] */
	uint32_t *free;               /* [room]: cells that were given back, */
	uint32_t n_free;              /* so many; */
	uint32_t n_ever;              /* from here on none was ever used */
	uint64_t factor;              /* of the hash: odd, secret */
	unsigned shift;               /* hash to group */
	uint32_t room, n_groups;
	uint32_t swept;    /* groups, up to where, */
	uint64_t swept_ns; /* and when */
	uint32_t share;    /* cells that a zone may have when half of what was asked for is taken */
};

static inline uint32_t
seki_blocks_used(const struct seki_blocks *b)
{
	return b->n_ever - b->n_free;
}

/* A burst between look and count. */
struct seki_blocks_burst {
	uint32_t which;                    /* packets that are to be counted, a bit each; of the k-th of them: */
	struct seki_came *came[PKT_BURST]; /* to its host */
	uint64_t alike_bytes; /* they all were stopped, and are of one zone, vector and kind of flow: frames' bytes; 0:
				 not so */
};

/* What packets of a burst may have come to, or-ed. */
enum seki_ends {
	SEKI_ENDS_STOPPED = 1, /* some are dropped, or held back */
	SEKI_ENDS_MADE = 2,    /* some have made a connection */
	SEKI_ENDS_ALLOWED = 4, /* an allow list vouches for some */
};

/* Cells that there is room for on behalf of each block: traffic of few kinds comes to most. */
#define SEKI_BLOCK_CELLS 4

/* Bytes of memory for the cells of `n_blocks` busy blocks: a power of two, 64 or more. Pages that no packet comes to
 * cost nothing. */
size_t seki_blocks_bytes(uint32_t n_blocks);

/* In `memory` (page-aligned, zeroed, seki_blocks_bytes(n_blocks)), the caller's. `secret`: of this process. */
void seki_blocks_init(struct seki_blocks *b, void *memory, uint32_t n_blocks, uint64_t secret);

/* The number of zones has changed, and with it their shares. Owner core. */
void seki_blocks_use(struct seki_blocks *b, unsigned n_zones);

/* From now on the hosts of an IPv6 block of the zone are told apart where more packets than these come to its row in a
 * tick, on this core. 0, as it begins: all are. The reader's thread. */
void seki_blocks_whole(struct seki_blocks *b, uint16_t zone, unsigned row, uint32_t packets);

/*
 * Finds the cells of the packets that `which` names, a bit each, and asks for their memory; those that have none get
 * one. They are for zones, and tracked: pkt.batch is how many packets each stands for. All are of the tick of the first
 * one's arrival. `alike`: those of the burst are of one zone, family, vector and kind of flow. RX core; about 4 ns a packet.
 */
void seki_blocks_look_burst(
	struct seki_blocks *b, const struct pkt *pkt, uint32_t which, bool alike, struct seki_blocks_burst *burst);

/* Counts them when they are decided. `ends`: SEKI_ENDS_*. RX core; about 2 ns a packet, and in an attack that is
 * stopped 2 more. */
void seki_blocks_count_burst(
	struct seki_blocks *b, const struct pkt *pkt, unsigned ends, struct seki_blocks_burst *burst);

/* Frees what is idle of the next groups, all of them within SEKI_BLOCKS_SWEEP_NS. RX core, once per round of its loop.
 */
void seki_blocks_sweep(struct seki_blocks *b, uint64_t now_ns);

/* The tick of a time, as groups have it. Never 0. */
static inline uint16_t
seki_blocks_tick(uint64_t now_ns)
{
	return (uint16_t)(now_ns / SEKI_BLOCKS_TICK_NS % UINT16_MAX + 1);
}

/* Ticks from one to another. */
static inline uint16_t
seki_blocks_age(uint16_t from, uint16_t to)
{
	return (uint16_t)(to - from);
}

/* Which host of its block an address (as in packets) is: of IPv4 its last four bits; of IPv6, where a block has more
 * hosts than that, the one of 16 that it shares with others. */
static inline unsigned
seki_blocks_host(bool ip4, const uint8_t addr[16], uint64_t factor)
{
	uint64_t low;

	memcpy(&low, addr + 8, sizeof(low));
	return ip4 ? addr[3] & (SEKI_BLOCK_HOSTS - 1) : (unsigned)(low * factor >> 60);
}

#define SEKI_KEY_IP6 (UINT64_C(1) << 63) /* of keys of groups of IPv6 alone */

static inline bool
seki_group_is_ip4(uint64_t key)
{
	return (key & SEKI_KEY_IP6) == 0;
}

static inline const uint16_t *
seki_group_tick(bool ip4, const struct seki_group *group, unsigned member)
{
	return ip4 ? &group->v4.tick[member] : &group->v6.tick[member];
}

static inline bool
seki_group_is_whole(bool ip4, const struct seki_group *group, unsigned member)
{
	return !ip4 && (__atomic_load_n(&group->v6.at[member], __ATOMIC_RELAXED) & SEKI_AT_WHOLE) != 0;
}

/* The number of a cell that there is. */
static inline uint32_t
seki_group_cell(const struct seki_blocks *b, bool ip4, const struct seki_group *group, unsigned member)
{
	return ip4 ? group->v4.at[member] / SEKI_BLOCK_HOSTS : b->of[group - b->group].cell[member];
}

#endif
