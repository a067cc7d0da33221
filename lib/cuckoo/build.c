/* SPDX-License-Identifier: BSD-3-Clause */
/* Tables that are filled aside and then only read, and what must hold of any table. Cold code. */
#include "bucket.h"
#include "room.h"

/* Steps of one walk; at 95 % load few take more than ten. */
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
 * A random walk (Fotakis et al. 2005): the entry in hand goes into one of its buckets; if that is full, it takes the
 * place of another one, which goes on to its other bucket. If it leads nowhere, it is walked back.
 */
bool
seki_cuckoo_build(struct seki_cuckoo *t, uint64_t digest, uint64_t state)
{
	struct seki_cuckoo_slot hand = {digest, state};
	uint32_t path[WALK_MAX], bucket = first_bucket(t, digest), dice = (uint32_t)digest | 1;
	unsigned n = 0;

	if (empty_slots(t->tags[bucket]) == 0)
		bucket = second_bucket(t, digest);
	for (; empty_slots(t->tags[bucket]) == 0 && n < WALK_MAX; n++) {
		dice = dice * 1664525 + 1013904223;
		path[n] = bucket * BUCKET_SLOTS + (dice >> 29);
		swap(t, path[n], &hand);
		bucket = other_bucket(t, bucket, hand.digest);
	}
	if (empty_slots(t->tags[bucket]) != 0) {
		room_take(t, empty_slot(t, bucket), hand.digest, hand.state);
		t->stats.inserted++;
		t->stats.moved += n;
		return true;
	}
	while (n > 0)
		swap(t, path[--n], &hand);
	t->stats.refused++;
	return false;
}

/* The entries that are in their second bucket, against what their first buckets count. */
static const char *
check_overflow(const struct seki_cuckoo *t)
{
	uint64_t counted = 0, there = 0;
	bool saturated = false;

	for (uint32_t bucket = 0; bucket < t->n_buckets; bucket++) {
		unsigned n = overflow(t->tags[bucket]);

		saturated |= n == OVERFLOW_MAX;
		counted += n;
	}
	for (uint32_t index = 0; index < t->n_buckets * BUCKET_SLOTS; index++) {
		uint32_t first = first_bucket(t, seki_cuckoo_slot(t, index)->digest);

		if (is_empty(t, index) || first == index / BUCKET_SLOTS)
			continue;
		there++;
		if (!overflows(t->tags[first]))
			return "an entry is in its second bucket, and its first does not say so";
	}
	return counted == there || saturated ? NULL : "the counts of overflow are wrong";
}

const char *
seki_cuckoo_check(const struct seki_cuckoo *t)
{
	static uint32_t group[SEKI_CUCKOO_GROUPS];
	uint64_t common = 0;
	uint32_t used = 0;

	for (unsigned g = 0; g < SEKI_CUCKOO_GROUPS; g++)
		group[g] = 0;
	for (uint32_t index = 0; index < t->n_buckets * BUCKET_SLOTS; index++) {
		const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, index);
		uint32_t bucket = index / BUCKET_SLOTS;
		uint64_t mark = UINT64_C(0x80) << index % BUCKET_SLOTS * 8;

		if (is_empty(t, index))
			continue;
		if (first_bucket(t, slot->digest) != bucket && second_bucket(t, slot->digest) != bucket)
			return "an entry is in neither of its buckets";
		if ((tagged(t->tags[bucket], tag_of(slot->digest)) & mark) == 0)
			return "a tag is not that of its entry";
		used++;
		group[t->kind->group(slot->state)]++;
	}
	if (used != t->used)
		return "the number of slots taken is wrong";
	for (unsigned g = 0; g < SEKI_CUCKOO_GROUPS; g++) {
		common += group[g] > t->share ? group[g] - t->share : 0;
		if (group[g] != t->group[g])
			return "the number of slots of a group is wrong";
	}
	return common == t->common_used ? check_overflow(t) : "the number of slots beyond the shares is wrong";
}
