/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_H
#define SEKI_CUCKOO_H

/*
 * The table: from a 64-bit keyed digest (lib/base/digest.h) to 64 bits of state, with expiry built in.
 *
 * Why our own. Per-flow state is where a scrubber's cycles go, and in a flood every key is the attacker's. A general
 * hash table keeps bucket, key and value apart, four cold lines for a hit, and never forgets by itself. Here a slot is
 * {digest, state}, 16 bytes, four slots are a cache line, and a digest may be in one of two lines. Apart from them there
 * is a byte for each slot, its tag: eight bits of the digest, 0 if it is empty. The tags of 1 M slots are 1 MB. So a hit
 * costs one cold line, the one with the value, and a miss costs none but that of the tags.
 *
 *     line 1 = high half of the digest, scaled to the number of lines     any number of blocks, no division
 *     line 2 = one time in two another line of the same block, whose tags are in the same cache line;
 *              else any other line, by the low half: by these the blocks help each other out
 *     tag    = low byte of the high half
 *
 * The digest is the identity: no key is kept, and two keys are taken for one with the chance N/2^64 per lookup among N
 * entries. A miss looks at a slot in vain in 3 of 100 cases.
 *
 * Time is 16 bits of ticks; the tick is the caller's. The top 16 bits of a state say when the entry is dead. A dead
 * entry reads as absent and its slot as free, without anybody having to clear it: `seki_cuckoo_sweep`, a few blocks per
 * burst, does that before ticks wrap. An entry may live up to 32,767 ticks, and a sweep must come round at least once in
 * 16,384.
 *
 * Insertion does bounded work: an empty slot in the emptier of the two lines; else a dead one; else somebody moves to his
 * other line, over two steps at most; else the weakest of the eight gives way, if he is weaker than the newcomer; else the
 * newcomer is refused, and counted. What an entry is worth is the caller's function of its state.
 *
 * Entries belong to groups (zones). Half of what the table holds at 85 % load is theirs in equal shares, the other half is
 * for whoever comes first. A group that has its share, when the common half is taken, makes room among its own entries
 * only; so no group can keep another from its share, whatever it floods with.
 *
 * One writer, who is also the only reader. Works on any memory, 17 bytes a slot. Cuckoo hashing with two choices: Pagh
 * and Rodler 2001, in buckets of four: Dietzfelbinger and Weidling 2007; tags: MemC3, Fan, Andersen and Kaminsky 2013.
 * Operate it at 85 %. docs/adr/0008 has what else was tried.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEKI_CUCKOO_NONE UINT32_MAX /* no slot */

/* Slots that a sweep looks at together; a table has a number of such blocks. */
#define SEKI_CUCKOO_BLOCK 64

/* Largest burst of a lookup. */
#define SEKI_CUCKOO_BURST 32

/* Groups at most; as many as zones. Where in a state the group is. */
#define SEKI_CUCKOO_GROUPS 1024
#define SEKI_CUCKOO_GROUP_SHIFT 38

/* Ranks of entries, from the first to give way to the last; worth = rank << 16 | finer worth. */
#define SEKI_CUCKOO_RANKS 4
/* An entry of this rank or above never gives way to one of its own rank. */
#define SEKI_CUCKOO_RANK_FIRM 2

struct seki_cuckoo_slot {
	uint64_t digest; /* meaningless where the tag is 0 */
	uint64_t state;  /* tick at which it is dead 16 | group 10 | the caller's 38 */
};

/* Between the two steps of a lookup. */
struct seki_cuckoo_look {
	uint32_t index[SEKI_CUCKOO_BURST]; /* of the first slot whose tag fits */
	uint32_t some;                     /* digests that have such a slot, a bit each */
} __attribute__((aligned(64)));

/* What a live entry is worth: rank << 16 | more, the weakest smallest. */
typedef uint32_t seki_cuckoo_worth(uint64_t state, uint16_t now);

struct seki_cuckoo_stats {
	uint64_t inserted;                   /* entries that came in */
	uint64_t moved;                      /* entries that changed lines to make room */
	uint64_t refused;                    /* newcomers that found no room */
	uint64_t evicted[SEKI_CUCKOO_RANKS]; /* live entries that gave way, by rank */
	uint64_t swept;                      /* dead entries that a sweep has cleared */
	uint64_t sweeps;                     /* rounds of the sweep */
};

struct seki_cuckoo {
	struct seki_cuckoo_slot *slot; /* four to a line */
	uint32_t *tags;                /* of each line: a byte for each slot, that of slot 0 the lowest */
	uint32_t n_lines;
	uint32_t used;        /* slots taken, those of the dead that nobody has cleared yet included */
	uint32_t share;       /* slots that are kept for each group */
	uint32_t common;      /* slots that any group may have beyond its share */
	uint32_t common_used; /* those that groups have beyond their shares */
	uint32_t sweep_at;    /* line that the sweep looks at next, the first of a block */
	seki_cuckoo_worth *worth;
	void *side;           /* what the caller keeps beside each slot, by the same index; NULL: nothing */
	uint32_t side_size;   /* bytes of one */
	struct seki_cuckoo_stats stats;
	uint32_t group[SEKI_CUCKOO_GROUPS]; /* slots taken by each group */
};

/* Slots for that many entries at 85 % load; no table has fewer than 1,024. */
static inline uint64_t
seki_cuckoo_slots_for(uint64_t n)
{
	uint64_t slots = n * 20 / 17;

	return slots < 1024 ? 1024 : slots;
}

/* Bytes of `memory` for a table of at least n_slots slots (up to 2^31). */
size_t seki_cuckoo_bytes(uint64_t n_slots);

/*
 * An empty table in `memory` (64-byte aligned, zeroed, seki_cuckoo_bytes(n_slots)), which stays the caller's; huge pages
 * are worth having. `worth` may be NULL where nobody gives way: for seki_cuckoo_build. All of it is for one group. Any thread; then the owner's alone.
 */
void seki_cuckoo_init(struct seki_cuckoo *t, void *memory, uint64_t n_slots, seki_cuckoo_worth *worth);

/*
 * `side` is an array of as many elements as there are slots, `size` bytes each: what belongs to an entry and is seldom
 * wanted. The table moves an element when it moves the entry, and does nothing else with it: a new entry finds there
 * what was there. Not for tables that are built aside.
 */
void seki_cuckoo_set_side(struct seki_cuckoo *t, void *side, uint32_t size);

/* From now on `n_groups` groups share it; 0 or 1: there are no shares. Owner only; a walk over all groups. */
void seki_cuckoo_set_groups(struct seki_cuckoo *t, unsigned n_groups);

static inline uint64_t
seki_cuckoo_slots(const struct seki_cuckoo *t)
{
	return (uint64_t)t->n_lines * 4;
}

/* The slot of an index that find or put returned. Valid until the next put or sweep. */
static inline struct seki_cuckoo_slot *
seki_cuckoo_slot(const struct seki_cuckoo *t, uint32_t index)
{
	return &t->slot[index];
}

/* When a state is dead, and the same state with another end. `dead` - now in 1..32767. */
static inline uint16_t
seki_cuckoo_dead(uint64_t state)
{
	return (uint16_t)(state >> 48);
}

static inline uint64_t
seki_cuckoo_until(uint64_t state, uint16_t dead)
{
	return (state & (UINT64_MAX >> 16)) | (uint64_t)dead << 48;
}

static inline unsigned
seki_cuckoo_group(uint64_t state)
{
	return (unsigned)(state >> SEKI_CUCKOO_GROUP_SHIFT) % SEKI_CUCKOO_GROUPS;
}

static inline bool
seki_cuckoo_alive(uint64_t state, uint16_t now)
{
	return (int16_t)(seki_cuckoo_dead(state) - now) > 0;
}

/*
 * First step of a lookup of n digests, n <= SEKI_CUCKOO_BURST: reads their tags and asks for the slots of those that may
 * be there. The second step comes as soon as the caller has nothing else to do meanwhile; no put or sweep in between.
 * With AVX-512 about 7 cycles each beside what memory takes.
 */
void seki_cuckoo_look_burst(
	const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct seki_cuckoo_look *look);

/*
 * Second step, for the same digests: index[i] = slot of the live entry digest[i], or SEKI_CUCKOO_NONE. Changes nothing.
 * About 4 cycles each beside what memory takes.
 */
void seki_cuckoo_find_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, uint16_t now,
	const struct seki_cuckoo_look *look, uint32_t *index);

/* One entry, both steps. */
uint32_t seki_cuckoo_find(const struct seki_cuckoo *t, uint64_t digest, uint16_t now);

/*
 * The slot of the live entry `digest`, or of a new one with `state`, whose death is in the future. *is_new says which.
 * SEKI_CUCKOO_NONE: refused. Who gives way, if neither line has room and nobody can move: the entry of least worth among
 * the eight, provided that its rank is below the newcomer's, or equal and below SEKI_CUCKOO_RANK_FIRM, and
 *
 *   - that it is of the newcomer's own group, or
 *   - that the newcomer's group has less than its share, and the other's more.
 *
 * Where the newcomer's group has its share, and all that is common is taken, free slots are not for it either: then it
 * can only replace an entry of its own group. At most 10 lines are looked at and the tags of 42.
 */
uint32_t seki_cuckoo_put(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now, bool *is_new);

/*
 * Both steps of a lookup for all, then put for those that were not found, in order, so that equal digests of one burst
 * become one entry; their slots are asked for before. An index is that of the entry when it was put: a later one of the
 * burst may have moved it. Bit i of the result is set where entry i is new.
 */
uint32_t seki_cuckoo_put_burst(struct seki_cuckoo *t, const uint64_t *digest, const uint64_t *state, unsigned n,
	uint16_t now, uint32_t *index);

/* Clears the dead of the next n blocks. About 3 ns for 4 slots, 10 ns for each that is cleared. */
void seki_cuckoo_sweep(struct seki_cuckoo *t, uint16_t now, unsigned n);

/* Blocks of the table: so many make a round of the sweep. */
static inline uint32_t
seki_cuckoo_blocks(const struct seki_cuckoo *t)
{
	return t->n_lines / (SEKI_CUCKOO_BLOCK / 4);
}

/* Empties the table; a walk over all tags. */
void seki_cuckoo_clear(struct seki_cuckoo *t);

/*
 * For tables that are built aside and then only read: puts an entry over any number of moves (about a thousand). False:
 * there was no room, and nothing has changed; below 95 % load that does not happen. The entries are all different and
 * alive; worth and shares play no part. Cold.
 */
bool seki_cuckoo_build(struct seki_cuckoo *t, uint64_t digest, uint64_t state);

/* Checks every invariant of the table, for tests. NULL: all hold; else what does not. */
const char *seki_cuckoo_check(const struct seki_cuckoo *t);

#endif
