/* SPDX-License-Identifier: BSD-3-Clause */
/* Room for newcomers: free slots, moves, evictions. And the books of slots by group. */
#include "room.h"

#include "line.h"

#include <string.h>

/* Entries whose other line is looked at before one must give way: those of both lines, and of the next eight. */
#define LOOKED_AT (PAIR_SLOTS + PAIR_SLOTS * LINE_SLOTS)

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

void
room_clear(struct seki_cuckoo *t, uint32_t index)
{
	count_out(t, seki_cuckoo_slot(t, index)->state);
	set_tag(t, index, 0);
}

void
room_take(struct seki_cuckoo *t, uint32_t index, uint64_t digest, uint64_t state)
{
	struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);

	if (!is_empty(t, index))
		count_out(t, slot->state);
	count_in(t, state);
	*slot = (struct seki_cuckoo_slot){digest, state};
	set_tag(t, index, tag_of(digest));
}

/* Moves an entry into an empty slot of its other line. */
static void
move(struct seki_cuckoo *t, uint32_t from, uint32_t to)
{
	struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, to);

	*slot = *seki_cuckoo_slot(t, from);
	set_tag(t, to, tag_of(slot->digest));
	set_tag(t, from, 0);
	t->stats.moved++;
	if (t->side != NULL)
		memcpy((char *)t->side + (size_t)to * t->side_size, (char *)t->side + (size_t)from * t->side_size,
			t->side_size);
}

/* An entry that could go to its other line, and whose place another one would take over. */
struct step {
	uint32_t index; /* of the entry */
	uint32_t other; /* its other line */
	int parent;     /* step whose entry would come here; -1: the newcomer */
};

/* Carries out the moves from the last step to the first. Returns the slot that is empty now, for the newcomer. */
static uint32_t
walk_back(struct seki_cuckoo *t, const struct step *step, int at, uint32_t to)
{
	for (; at >= 0; at = step[at].parent) {
		move(t, step[at].index, to);
		to = step[at].index;
	}
	return to;
}

/* Adds the entries of a full line as steps, from step `n` on. */
static unsigned
add_steps(const struct seki_cuckoo *t, struct step *step, unsigned n, uint32_t line, int parent)
{
	for (unsigned s = 0; s < LINE_SLOTS; s++) {
		uint32_t other = other_line(t, line, t->slot[line * LINE_SLOTS + s].digest);

		__builtin_prefetch(&t->tags[other]);
		step[n++] = (struct step){line * LINE_SLOTS + s, other, parent};
	}
	return n;
}

/* The first of steps [from, to) whose entry could move at once; `to` if none could. */
static unsigned
first_mover(const struct seki_cuckoo *t, const struct step *step, unsigned from, unsigned to)
{
	while (from < to && empty_slots(t, step[from].other) == 0)
		from++;
	return from;
}

static uint32_t
move_along(struct seki_cuckoo *t, const struct step *step, unsigned at)
{
	uint32_t other = step[at].other;

	return walk_back(t, step, (int)at, other * LINE_SLOTS + lowest(empty_slots(t, other)));
}

/*
 * Breadth first over who could move where. Both lines are full of the living. Where there is an empty slot the tags say;
 * of lines it is only read who is in them.
 */
static uint32_t
make_room(struct seki_cuckoo *t, const struct pair *pair)
{
	struct step step[LOOKED_AT];
	unsigned n = add_steps(t, step, 0, pair->line[0], -1), at;

	n = add_steps(t, step, n, pair->line[1], -1);
	at = first_mover(t, step, 0, n);
	if (at < n)
		return move_along(t, step, at);
	for (unsigned i = 0; i < PAIR_SLOTS; i++)
		__builtin_prefetch(&t->slot[step[i].other * LINE_SLOTS]);
	for (unsigned i = 0; i < PAIR_SLOTS; i++)
		n = add_steps(t, step, n, step[i].other, (int)i);
	at = first_mover(t, step, PAIR_SLOTS, n);
	return at < n ? move_along(t, step, at) : SEKI_CUCKOO_NONE;
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

/* The weakest of both lines. */
static uint32_t
evict(struct seki_cuckoo *t, const struct pair *pair, const struct newcomer *who)
{
	uint64_t least = UINT64_MAX;
	uint32_t index = SEKI_CUCKOO_NONE;

	for (unsigned i = 0; i < PAIR_SLOTS; i++) {
		uint64_t worth = worth_to(t, pair_slot(pair, i), who);

		if (worth < least) {
			least = worth;
			index = pair_slot(pair, i);
		}
	}
	if (least > 0 && index != SEKI_CUCKOO_NONE)
		t->stats.evicted[(least - 1) >> 16 & (SEKI_CUCKOO_RANKS - 1)]++;
	return index;
}

/* An empty slot of the emptier line, so that both are seldom full; else one whose entry is dead. */
static uint32_t
free_slot(const struct seki_cuckoo *t, const struct pair *pair, uint16_t now)
{
	uint64_t empty[2] = {empty_slots(t, pair->line[0]), empty_slots(t, pair->line[1])};
	bool second = __builtin_popcountll(empty[1]) > __builtin_popcountll(empty[0]);

	if ((empty[0] | empty[1]) != 0)
		return pair_slot(pair, second * LINE_SLOTS + lowest(empty[second]));
	for (unsigned i = 0; i < PAIR_SLOTS; i++)
		if (!seki_cuckoo_alive(seki_cuckoo_slot(t, pair_slot(pair, i))->state, now))
			return pair_slot(pair, i);
	return SEKI_CUCKOO_NONE;
}

uint32_t
room_find(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now)
{
	struct pair pair = pair_of(t, digest);
	struct newcomer who = {.now = now, .group = t->kind->group(state)};

	who.has_share = t->group[who.group] >= t->share;
	if (!who.has_share || t->common_used < t->common) {
		uint32_t index = free_slot(t, &pair, now);

		if (index == SEKI_CUCKOO_NONE)
			index = make_room(t, &pair);
		if (index != SEKI_CUCKOO_NONE)
			return index;
	}
	who.rank = t->kind->worth(state, now) >> 16;
	return evict(t, &pair, &who);
}

void
room_ask(const struct seki_cuckoo *t, uint64_t digest)
{
	struct pair pair = pair_of(t, digest);
	uint64_t empty[2] = {empty_slots(t, pair.line[0]), empty_slots(t, pair.line[1])};
	bool second = __builtin_popcountll(empty[1]) > __builtin_popcountll(empty[0]);
	bool none = (empty[0] | empty[1]) == 0;

	__builtin_prefetch(&t->slot[pair.line[second] * LINE_SLOTS], 1);
	__builtin_prefetch(&t->slot[pair.line[none ? !second : second] * LINE_SLOTS], 1);
}
