/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables that are filled aside and then only read, and what must hold of any table. Cold code. */
#include "room.h"

/* Steps of one walk. At 95 % load the mean is about 20. */
#define WALK_MAX 1024

/* Writes the entry in hand into a slot and takes up what was there. */
static void
swap(struct seki_cuckoo *t, uint32_t index, struct seki_cuckoo_slot *hand)
{
	struct seki_cuckoo_slot was = *seki_cuckoo_slot(t, index);

	room_take(t, index, hand->digest, hand->state);
	*hand = was;
}

/*
 * A random walk (Fotakis et al. 2005): the entry in hand goes into one of its lines; if that is full, it takes the
 * place of another one, which goes on to its other line. If it leads nowhere, it is walked back.
 */
bool
seki_cuckoo_build(struct seki_cuckoo *t, uint64_t digest, uint64_t state)
{
	struct seki_cuckoo_slot hand = {digest, state};
	uint32_t path[WALK_MAX], dice = (uint32_t)digest | 1;
	struct pair pair = pair_of(t, digest);
	uint32_t line = pair.line[empty_slots(t, pair.line[0]) == 0];
	unsigned n = 0;

	for (; empty_slots(t, line) == 0 && n < WALK_MAX; n++) {
		dice = dice * 1664525 + 1013904223;
		path[n] = line * LINE_SLOTS + (dice >> 30);
		swap(t, path[n], &hand);
		line = other_line(t, line, hand.digest);
	}
	if (empty_slots(t, line) != 0) {
		room_take(t, line * LINE_SLOTS + lowest(empty_slots(t, line)), hand.digest, hand.state);
		t->stats.inserted++;
		t->stats.moved += n;
		return true;
	}
	while (n > 0)
		swap(t, path[--n], &hand);
	t->stats.refused++;
	return false;
}

const char *
seki_cuckoo_check(const struct seki_cuckoo *t)
{
	static uint32_t group[SEKI_CUCKOO_GROUPS];
	uint64_t common = 0;
	uint32_t used = 0;

	for (unsigned g = 0; g < SEKI_CUCKOO_GROUPS; g++)
		group[g] = 0;
	for (uint32_t index = 0; index < t->n_lines * LINE_SLOTS; index++) {
		const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);
		struct pair pair = pair_of(t, slot->digest);

		if (is_empty(t, index))
			continue;
		if (pair.line[0] != index / LINE_SLOTS && pair.line[1] != index / LINE_SLOTS)
			return "an entry is in neither of its lines";
		if (((const uint8_t *)t->tags)[index] != tag_of(slot->digest))
			return "a tag is not that of its entry";
		used++;
		group[seki_cuckoo_group(slot->state)]++;
	}
	if (used != t->used)
		return "the number of slots taken is wrong";
	for (unsigned g = 0; g < SEKI_CUCKOO_GROUPS; g++) {
		common += group[g] > t->share ? group[g] - t->share : 0;
		if (group[g] != t->group[g])
			return "the number of slots of a group is wrong";
	}
	return common == t->common_used ? NULL : "the number of slots beyond the shares is wrong";
}
