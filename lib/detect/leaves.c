/* SPDX-License-Identifier: BSD-3-Clause */
#include "leaves.h"

#include "room.h"
#include "zone_limits.h"

static bool
is_before(const struct leaf *a, const struct leaf *b)
{
	if (a->zone != b->zone)
		return a->zone < b->zone;
	return a->family != b->family ? a->family < b->family : a->address < b->address;
}

bool
leaves_add(struct leaves *l, struct leaf leaf)
{
	if (!room_for(&l->at, &l->room, l->n, sizeof(leaf)) || !room_for(&l->spare, &l->spare_room, l->n, sizeof(leaf)))
		return false;
	l->at[l->n++] = leaf;
	return true;
}

void
leaves_fini(struct leaves *l)
{
	free(l->at);
	free(l->spare);
	*l = (struct leaves){.n = 0};
}

static bool
is_sorted(const struct leaves *l)
{
	for (uint32_t i = 1; i < l->n; i++)
		if (is_before(&l->at[i], &l->at[i - 1]))
			return false;
	return true;
}

/* Of what they are sorted by, the least digit first. */
#define DIGITS 11

static uint8_t
digit_of(const struct leaf *leaf, unsigned digit)
{
	if (digit < 8)
		return (uint8_t)(leaf->address >> 8 * digit);
	return digit == 8 ? leaf->family : (uint8_t)(leaf->zone >> 8 * (digit - 9));
}

/* By one digit; those with the same one stay in their order. */
static void
sort_by(struct leaves *l, unsigned digit)
{
	uint32_t begin[256] = {0}, sum = 0;
	struct leaf *sorted = l->spare;
	uint32_t room = l->spare_room;

	for (uint32_t i = 0; i < l->n; i++)
		begin[digit_of(&l->at[i], digit)]++;
	if (begin[digit_of(&l->at[0], digit)] == l->n)
		return;
	for (unsigned d = 0; d < 256; d++) {
		uint32_t n = begin[d];

		begin[d] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < l->n; i++)
		sorted[begin[digit_of(&l->at[i], digit)]++] = l->at[i];
	l->spare = l->at;
	l->spare_room = l->room;
	l->at = sorted;
	l->room = room;
}

void
leaves_sort(struct leaves *l)
{
	if (is_sorted(l))
		return;
	for (unsigned digit = 0; digit < DIGITS; digit++)
		sort_by(l, digit);
}

/* How many are before this one. */
static uint32_t
count_before(const struct leaves *l, struct leaf leaf)
{
	uint32_t low = 0, high = l->n;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (is_before(&l->at[middle], &leaf))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct leaf_range
between(const struct leaves *l, struct leaf first, struct leaf last)
{
	uint32_t from = count_before(l, first), to = count_before(l, last);

	to += to < l->n && !is_before(&last, &l->at[to]);
	return (struct leaf_range){l->at + from, to - from};
}

struct leaf_range
leaves_of_zone(const struct leaves *l, uint16_t zone)
{
	return between(l, (struct leaf){.zone = zone},
		(struct leaf){.zone = zone, .family = UINT8_MAX, .address = UINT64_MAX});
}

struct leaf_range
leaves_in(const struct leaves *l, uint16_t zone, struct seki_target prefix)
{
	unsigned block = seki_level_len(prefix.family, SEKI_LEVEL_BLOCK), shift = prefix.family == 4 ? 32 : 0;
	uint64_t mask = seki_target_mask(prefix.len < block ? prefix.len : block);
	struct leaf first = {.zone = zone, .family = prefix.family, .address = (prefix.net & mask) >> shift};
	struct leaf last = first;

	last.address |= ~mask >> shift;
	return between(l, first, last);
}

struct seki_target
level_prefix(uint8_t family, unsigned level, uint64_t address)
{
	return (struct seki_target){
		.net = family == 4 ? address << 32 : address,
		.family = family,
		.len = (uint8_t)seki_level_len(family, level),
	};
}

struct seki_target
leaf_prefix(const struct leaf *leaf)
{
	return level_prefix(leaf->family, SEKI_LEVEL_BLOCK, leaf->address);
}
