/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BLOCKS_H
#define SEKI_BLOCKS_H

/*
 * What comes to whom: counters of one RX core by blocks of inside addresses, which detection reads.
 *
 * A block is an IPv4 /28 or an IPv6 /64 of one zone. It has a line for each of its 16 hosts, by coarse classes, and a
 * row of {packets, units} for each vector of *strangers* (packets of no known
 * flow, and of no source that an allow list vouches for) and each class of known ones. IPv6
 * hosts share 16 lines by a keyed hash of their low 64 bits. A unit is SEKI_BLOCK_UNIT bytes, rounded up for each
 * packet: 32 bits of them last 2.7 s at 100 Gbit/s, and a reader that comes more often than that never sees them wrap
 * twice.
 *
 * Blocks are found through a table of fixed size, a cache line for each group of eight neighbours (a /25, or a /61), at a
 * keyed multiplicative hash or close to it: what attacks whole prefixes touches few lines. Blocks in use lie close together, as
 * many as there are. A group has the tick in which each of its blocks was last touched, so the reader sees which have
 * changed without looking into them. What finds no room, because there is none for its group or its zone has had its share, is
 * counted for its zone alone (`rest`). A block that nothing came to for SEKI_BLOCKS_IDLE ticks gives way; its
 * counters are not cleared but go on as those of the newcomer, since by then they have been read.
 *
 * One writer, plain stores; any thread may read, and may see a packet's row before its host line. Cost: a cold line for
 * the bucket, unless few blocks are busy, one for the row and one for the host; all three are asked for a burst ahead.
 */

#include "pkt.h"
#include "stats.h"

#define SEKI_BLOCK_HOSTS 16
#define SEKI_BLOCK_UNIT 8u

/* Rows: vectors of strangers, then classes of known packets. */
#define SEKI_ROW_KNOWN SEKI_N_VECTORS
#define SEKI_N_ROWS (SEKI_N_VECTORS + SEKI_N_CLASSES)

/* Columns of a host's line: strangers by class; ICMP and other protocols together. */
enum seki_host_column {
	SEKI_HOST_SYN,
	SEKI_HOST_TCP,
	SEKI_HOST_UDP,
	SEKI_HOST_OTHER,
	SEKI_HOST_REFLECTION,
	SEKI_HOST_FRAGMENT,
	SEKI_HOST_KNOWN,
	SEKI_HOST_UNITS, /* of all packets */
	SEKI_HOST_COLUMNS,
};

struct seki_block_host {
	uint32_t count[SEKI_HOST_COLUMNS];
};

struct seki_block_row {
	uint32_t packets, units;
};

struct seki_hosts {
	struct seki_block_host host[SEKI_BLOCK_HOSTS];
	struct seki_block_row row[SEKI_N_ROWS];
	uint64_t address; /* what the key was made of: an IPv4 address or the upper half of an IPv6 one, without its
			     host */
	uint16_t zone;
	uint8_t family; /* 4 or 6 */
	uint8_t reserved[77];
} __attribute__((aligned(64)));

/* Of 64 bytes. */
#define SEKI_BLOCK_LINES 17

static_assert(sizeof(struct seki_hosts) == SEKI_BLOCK_LINES * 64,
	"an odd number of lines, or like rows of all blocks would share few sets");

/* What is counted for a zone besides. */
struct seki_block_zone {
	struct seki_hosts rest;                 /* packets of no block; hosts mean nothing here */
	struct seki_count stopped[SEKI_N_ROWS]; /* dropped, or held back by a zone that observes */
	uint64_t completed;                     /* connections of the outside, when they became known */
	uint32_t n_blocks;                      /* that it has in the table */
};

#define SEKI_GROUP_BLOCKS 8

/* Blocks that are neighbours. */
struct seki_group {
	uint64_t key;                     /* 0: there is none */
	uint16_t tick[SEKI_GROUP_BLOCKS]; /* in which the block was last touched; 0: there is none */
	uint32_t at[SEKI_GROUP_BLOCKS];   /* where it is, in lines from the first block on */
} __attribute__((aligned(64)));

static_assert(sizeof(struct seki_group) == 64, "a line");

/* Length of a tick, and ticks after which an untouched block may give way. */
#define SEKI_BLOCKS_TICK_NS UINT64_C(100000000)
#define SEKI_BLOCKS_IDLE 300

/* One core's. */
struct seki_blocks {
	struct seki_group *group;     /* [room] */
	struct seki_hosts *block;     /* [room] */
	struct seki_block_zone *zone; /* [SEKI_ZONES_MAX] */
	uint32_t *free;               /* [room]: blocks that were given back, */
	uint32_t n_free;              /* so many; */
	uint32_t n_ever;              /* from here on none was ever used */
	uint64_t factor;              /* of the hash: odd, secret */
	unsigned shift;               /* hash to group */
	uint32_t room;  /* for blocks, and for groups */
	uint32_t swept; /* groups, up to where */
	uint32_t share; /* blocks that a zone may have when half of what was asked for is taken */
};

static inline uint32_t
seki_blocks_used(const struct seki_blocks *b)
{
	return b->n_ever - b->n_free;
}

/* A burst between look and count. */
struct seki_blocks_burst {
	uint32_t which; /* packets that are to be counted, a bit each; of the k-th of them: */
	uint32_t *host[PKT_BURST]; /* the column of its host's line */
	struct seki_block_row *row[PKT_BURST];
	uint64_t alike_bytes; /* they all were stopped, and are of one zone, vector and kind of flow: frames' bytes; 0: not so */
};

/* What packets of a burst may have come to, or-ed. */
enum seki_ends {
	SEKI_ENDS_STOPPED = 1, /* some are dropped, or held back */
	SEKI_ENDS_MADE = 2,    /* some have made a connection */
	SEKI_ENDS_ALLOWED = 4, /* an allow list vouches for some */
};

/* Column of a host's line for each row. */
extern const uint8_t seki_host_column[SEKI_N_ROWS];

/* Bytes of memory for `n_blocks` blocks at a time: a power of two, 64 or more. Pages that no packet comes to cost
 * nothing. */
size_t seki_blocks_bytes(uint32_t n_blocks);

/* In `memory` (page-aligned, zeroed, seki_blocks_bytes(n_blocks)), the caller's. `secret`: of this process. */
void seki_blocks_init(struct seki_blocks *b, void *memory, uint32_t n_blocks, uint64_t secret);

/* The number of zones has changed, and with it their shares. Owner core. */
void seki_blocks_use(struct seki_blocks *b, unsigned n_zones);

/*
 * Finds the blocks of the packets that `which` names, a bit each, and asks for their memory; those that have none get
 * one. They are for zones, and tracked: pkt.batch is how many packets each stands for. All are of the tick of the first
 * one's arrival. RX core; about 4 ns a packet.
 */
void seki_blocks_look_burst(
	struct seki_blocks *b, const struct pkt *pkt, uint32_t which, struct seki_blocks_burst *burst);

/* Counts them when they are decided. `ends`: SEKI_ENDS_*. RX core; about 2 ns a packet, and in an attack that is stopped 2 more. */
void seki_blocks_count_burst(struct seki_blocks *b, const struct pkt *pkt, unsigned ends, struct seki_blocks_burst *burst);

/* Frees what is idle of the next group. RX core, once per round of its loop. */
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

/* The block that a group says is there. */
static inline uint32_t
seki_group_at(const struct seki_group *group, unsigned member)
{
	return group->at[member] / SEKI_BLOCK_LINES;
}

#endif
