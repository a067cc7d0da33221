/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CUCKOO_ROOM_H
#define SEKI_CUCKOO_ROOM_H

/* Internal to lib/cuckoo: finding a slot for a newcomer, and keeping the books of slots. */

#include "line.h"

/*
 * A slot where the newcomer may be written (room_take): free, or made free by a move or an eviction. Its entry may still
 * stand there. SEKI_CUCKOO_NONE: refused.
 */
uint32_t room_find(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now);

/*
 * What two full lines have to offer: a slot whose entry is dead (to: none), or one whose entry moves to an empty slot of
 * its other line. slot: SEKI_CUCKOO_NONE if neither.
 */
struct room_offer {
	uint32_t slot, to;
	uint64_t digest; /* of the entry that moves */
};

struct room_offer room_look(const struct seki_cuckoo *t, const struct pair *pair, uint16_t now);

/*
 * Two steps, where there is nothing to offer: somebody moves to the place of somebody in his other line, who moves on.
 * Returns the slot that is empty now, or SEKI_CUCKOO_NONE: nobody could, and nothing has changed.
 */
uint32_t room_further(struct seki_cuckoo *t, const struct pair *pair);

/* Whether it still stands after others have come. */
bool room_still(const struct seki_cuckoo *t, const struct room_offer *offer, uint16_t now);

/* Takes it: the entry moves. The slot may then be written (room_take). */
void room_accept(struct seki_cuckoo *t, const struct room_offer *offer);

/* The slots of the BLOCK_LINES lines from `line` on that are taken by the dead, a bit each. */
uint64_t room_dead(const struct seki_cuckoo *t, uint32_t line, uint16_t now);

/* Whether free slots are for the group: it has less than its share, or not all that is common is taken. */
static inline bool
room_is_for(const struct seki_cuckoo *t, unsigned group)
{
	return (t->group[group] < t->share) | (t->common_used < t->common);
}

static inline void
room_count_out(struct seki_cuckoo *t, uint64_t state)
{
	unsigned group = seki_cuckoo_group(state);

	t->used--;
	t->common_used -= t->group[group]-- > t->share;
}

/* Empties a slot that holds an entry. */
static inline void
room_clear(struct seki_cuckoo *t, uint32_t index)
{
	room_count_out(t, seki_cuckoo_slot(t, index)->state);
	set_tag(t, index, 0);
}

/* Writes an entry over whatever is in the slot. */
static inline void
room_take(struct seki_cuckoo *t, uint32_t index, uint64_t digest, uint64_t state)
{
	struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);
	unsigned group = seki_cuckoo_group(state);

	if (!is_empty(t, index))
		room_count_out(t, slot->state);
	t->used++;
	t->common_used += t->group[group]++ >= t->share;
	*slot = (struct seki_cuckoo_slot){digest, state};
	set_tag(t, index, tag_of(digest));
}

#endif
