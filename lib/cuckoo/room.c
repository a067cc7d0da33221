/* SPDX-License-Identifier: BSD-3-Clause */
/* Room for newcomers: free slots, moves, evictions. And the books: slots by group, entries in their second buckets. */
#include "room.h"

#include "bucket.h"

/* Entries whose other bucket is looked at before one must give way: those of both buckets, and of the next four. */
#define FIRST_STEPS PAIR_SLOTS
#define NEXT_BUCKETS 4
#define LOOKED_AT (FIRST_STEPS + NEXT_BUCKETS * BUCKET_SLOTS)

static inline void
count_in(struct seki_cuckoo *t, uint64_t state)
{
	unsigned group = t->kind->group(state);

	t->used++;
	t->common_used += t->group[group]++ >= t->share;
}

static inline void
count_out(struct seki_cuckoo *t, uint64_t state)
{
	unsigned group = t->kind->group(state);

	t->used--;
	t->common_used -= t->group[group]-- > t->share;
}

/* An entry comes into a slot, or leaves it: its tag, and the count of its first bucket if this is its second. */
static inline void
mark(struct seki_cuckoo *t, uint32_t index, uint64_t digest, bool comes)
{
	uint32_t first = first_bucket(t, digest);

	set_tag(t, index, comes ? tag_of(digest) : 0);
	if (first != index / BUCKET_SLOTS)
		count_overflow(t, first, comes ? 1 : -1);
}

void
room_clear(struct seki_cuckoo *t, uint32_t index)
{
	const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);

	count_out(t, slot->state);
	mark(t, index, slot->digest, false);
}

void
room_take(struct seki_cuckoo *t, uint32_t index, uint64_t digest, uint64_t state)
{
	if (!is_empty(t, index))
		room_clear(t, index);
	count_in(t, state);
	*seki_cuckoo_slot(t, index) = (struct seki_cuckoo_slot){digest, state};
	mark(t, index, digest, true);
}

/* Moves an entry into an empty slot of its other bucket. */
static void
move(struct seki_cuckoo *t, uint32_t from, uint32_t to)
{
	struct seki_cuckoo_slot entry = *seki_cuckoo_slot(t, from);

	mark(t, from, entry.digest, false);
	*seki_cuckoo_slot(t, to) = entry;
	mark(t, to, entry.digest, true);
	t->stats.moved++;
}

/* An entry that could go to its other bucket, and whose place another one would take over. */
struct step {
	uint32_t index; /* of the entry */
	uint32_t other; /* its other bucket */
	int parent;     /* step whose entry would come here; -1: the newcomer */
};

/* Carries out the moves from a step back to the first. Returns the slot that is empty then, for the newcomer. */
static uint32_t
walk_back(struct seki_cuckoo *t, const struct step *step, int at)
{
	uint32_t to = empty_slot(t, step[at].other);

	for (; at >= 0; at = step[at].parent) {
		move(t, step[at].index, to);
		to = step[at].index;
	}
	return to;
}

/* Adds the entries of a full bucket as steps n to n + 7. Returns the first that could move at once, or -1. */
static int
add_steps(const struct seki_cuckoo *t, struct step *step, unsigned n, uint32_t bucket, int parent)
{
	for (unsigned s = 0; s < BUCKET_SLOTS; s++) {
		uint32_t other = other_bucket(t, bucket, t->slot[bucket * BUCKET_SLOTS + s].digest);

		__builtin_prefetch(&t->tags[other]);
		step[n + s] = (struct step){bucket * BUCKET_SLOTS + s, other, parent};
	}
	for (unsigned s = 0; s < BUCKET_SLOTS; s++)
		if (empty_slots(t->tags[step[n + s].other]) != 0)
			return (int)(n + s);
	return -1;
}

static void
ask_for_bucket(const struct seki_cuckoo *t, uint32_t bucket)
{
	__builtin_prefetch(&t->slot[bucket * BUCKET_SLOTS]);
	__builtin_prefetch(&t->slot[bucket * BUCKET_SLOTS + BUCKET_SLOTS / 2]);
}

/*
 * Breadth first over who could move where. Both buckets are full of the living. Where there is an empty slot the tags
 * say; of buckets it is only read who is in them.
 */
static uint32_t
make_room(struct seki_cuckoo *t, uint32_t first, uint32_t second)
{
	struct step step[LOOKED_AT];
	int at = add_steps(t, step, 0, first, -1);

	if (at < 0)
		at = add_steps(t, step, BUCKET_SLOTS, second, -1);
	for (unsigned i = 0; at < 0 && i < NEXT_BUCKETS; i++)
		ask_for_bucket(t, step[i].other);
	for (unsigned i = 0; at < 0 && i < NEXT_BUCKETS; i++)
		at = add_steps(t, step, FIRST_STEPS + i * BUCKET_SLOTS, step[i].other, (int)i);
	return at < 0 ? SEKI_CUCKOO_NONE : walk_back(t, step, at);
}

/* A newcomer in search of somebody who gives way. */
struct newcomer {
	uint16_t now;
	unsigned group;
	uint32_t rank;
	bool has_share; /* its group takes from no other */
};

/* How much the entry is worth, or UINT64_MAX if it does not give way. */
static uint64_t
worth_to(const struct seki_cuckoo *t, uint32_t index, const struct newcomer *who)
{
	const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);
	unsigned group = t->kind->group(slot->state);
	uint32_t worth, rank;

	if (is_empty(t, index))
		return UINT64_MAX; /* it is not for this group */
	if (group != who->group && (who->has_share || t->group[group] <= t->share))
		return UINT64_MAX;
	if (!seki_cuckoo_alive(slot->state, who->now))
		return 0;
	worth = t->kind->worth(slot->state, who->now);
	rank = worth >> 16;
	if (rank > who->rank || (rank == who->rank && rank >= SEKI_CUCKOO_RANK_FIRM))
		return UINT64_MAX;
	return 1 + (uint64_t)worth;
}

/* The i-th slot of both buckets, i < PAIR_SLOTS. */
static inline uint32_t
pair_slot(uint32_t first, uint32_t second, unsigned i)
{
	return i < BUCKET_SLOTS ? first * BUCKET_SLOTS + i : second * BUCKET_SLOTS + i - BUCKET_SLOTS;
}

/* The weakest of both buckets. */
static uint32_t
evict(struct seki_cuckoo *t, uint32_t first, uint32_t second, const struct newcomer *who)
{
	uint64_t least = UINT64_MAX;
	uint32_t index = SEKI_CUCKOO_NONE;

	for (unsigned i = 0; i < PAIR_SLOTS; i++) {
		uint64_t worth = worth_to(t, pair_slot(first, second, i), who);

		if (worth < least) {
			least = worth;
			index = pair_slot(first, second, i);
		}
	}
	if (least > 0 && index != SEKI_CUCKOO_NONE)
		t->stats.evicted[(least - 1) >> 16 & (SEKI_CUCKOO_RANKS - 1)]++;
	return index;
}

/* A slot that is empty, or whose entry is dead; the first bucket's rather than the second's. */
static uint32_t
free_slot(const struct seki_cuckoo *t, uint32_t first, uint32_t second, uint16_t now)
{
	if (empty_slots(t->tags[first]) != 0)
		return empty_slot(t, first);
	if (empty_slots(t->tags[second]) != 0)
		return empty_slot(t, second);
	for (unsigned i = 0; i < PAIR_SLOTS; i++)
		if (!seki_cuckoo_alive(seki_cuckoo_slot(t, pair_slot(first, second, i))->state, now))
			return pair_slot(first, second, i);
	return SEKI_CUCKOO_NONE;
}

uint32_t
room_find(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now)
{
	uint32_t first = first_bucket(t, digest), second = second_bucket(t, digest);
	struct newcomer who = {.now = now, .group = t->kind->group(state)};

	who.has_share = t->group[who.group] >= t->share;
	if (!who.has_share || t->common_used < t->common) {
		uint32_t index = free_slot(t, first, second, now);

		if (index == SEKI_CUCKOO_NONE)
			index = make_room(t, first, second);
		if (index != SEKI_CUCKOO_NONE)
			return index;
	}
	who.rank = t->kind->worth(state, now) >> 16;
	return evict(t, first, second, &who);
}

void
room_ask(const struct seki_cuckoo *t, uint64_t digest)
{
	uint32_t first = first_bucket(t, digest), second = second_bucket(t, digest);
	uint64_t empty = empty_slots(t->tags[first]);

	if (empty == 0) {
		first = second;
		empty = empty_slots(t->tags[second]);
	}
	__builtin_prefetch(&t->slot[first * BUCKET_SLOTS + (empty == 0 ? 0 : lowest(empty))], 1);
}
