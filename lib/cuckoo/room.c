/* SPDX-License-Identifier: BSD-3-Clause */
/* Room for newcomers: free slots, moves, evictions. And the books of slots by group. */
#include "room.h"

#include "lanes.h"

#include <string.h>

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

/* The entries of two full lines: where their other lines are, and which of these have an empty slot, a bit each. */
struct around {
	uint32_t other[PAIR_SLOTS];
	unsigned can;
} __attribute__((aligned(64)));

#ifdef BY_EIGHT

static inline void
look_around(const struct seki_cuckoo *t, const struct pair *pair, struct around *around)
{
	__m512i digest = digests8(t, pair), first = first8(t, digest), other = second8(t, digest, first), empty;
	__m512i here =
		_mm512_mask_blend_epi64(0xf0, _mm512_set1_epi64(pair->line[0]), _mm512_set1_epi64(pair->line[1]));

	other = _mm512_mask_mov_epi64(first, _mm512_cmpeq_epi64_mask(first, here), other);
	empty = equal8(
		_mm512_or_si512(tags8(t, other), _mm512_set1_epi64(~(int64_t)UINT32_MAX)), _mm512_setzero_si512());
	around->can = _mm512_test_epi64_mask(empty, empty);
	_mm256_store_si256((__m256i *)around->other, _mm512_cvtepi64_epi32(other));
}

#else

static inline void
look_around(const struct seki_cuckoo *t, const struct pair *pair, struct around *around)
{
	around->can = 0;
	for (unsigned i = 0; i < PAIR_SLOTS; i++) {
		uint32_t index = pair_slot(pair, i);

		around->other[i] = other_line(t, index / LINE_SLOTS, seki_cuckoo_slot(t, index)->digest);
		around->can |= (unsigned)(empty_slots(t, around->other[i]) != 0) << i;
	}
}

#endif

/* The slots of a line that are taken by the dead, a bit each. */
static inline unsigned
dead_slots(const struct seki_cuckoo *t, uint32_t line, uint16_t now)
{
#ifdef BY_EIGHT
	return ~alive8(t, line, now) & ~_pext_u32((uint32_t)empty_slots(t, line), (uint32_t)TOPS) & 15;
#else
	const struct seki_cuckoo_slot *slot = &t->slot[line * LINE_SLOTS];
	unsigned dead = 0;

	for (unsigned s = 0; s < LINE_SLOTS; s++)
		dead |= (unsigned)!(seki_cuckoo_alive(slot[s].state, now) | is_empty(t, line * LINE_SLOTS + s)) << s;
	return dead;
#endif
}

uint64_t
room_dead(const struct seki_cuckoo *t, uint32_t line, uint16_t now)
{
	uint64_t dead = 0;

	for (unsigned i = 0; i < BLOCK_LINES; i++)
		dead |= (uint64_t)dead_slots(t, line + i, now) << i * LINE_SLOTS;
	return dead;
}

/* `yes` or `no`, without a branch. */
static inline uint32_t
choose(bool which, uint32_t yes, uint32_t no)
{
	return no ^ ((yes ^ no) & -(uint32_t)which);
}

/* An entry of the two lines that is dead, else the first that can move. */
static inline struct room_offer
offer_of(const struct seki_cuckoo *t, const struct pair *pair, const struct around *around, unsigned dead)
{
	unsigned which = (unsigned)__builtin_ctz(dead | 1u << PAIR_SLOTS) % PAIR_SLOTS;
	unsigned mover = (unsigned)__builtin_ctz(around->can | 1u << PAIR_SLOTS) % PAIR_SLOTS;
	uint32_t other = around->other[mover], slot, to;

	slot = pair_slot(pair, choose(dead != 0, which, mover));
	to = other * LINE_SLOTS + lowest(empty_slots(t, other) | UINT64_C(1) << 63) % LINE_SLOTS;
	return (struct room_offer){
		.slot = choose((dead | around->can) != 0, slot, SEKI_CUCKOO_NONE),
		.to = choose(dead != 0, SEKI_CUCKOO_NONE, to),
		.digest = seki_cuckoo_slot(t, slot)->digest,
	};
}

/* Entries i and i + 1 of the two lines cannot move: the lines that they would move to, for room_further. */
static inline void
ask_for_two(const struct seki_cuckoo *t, const struct around *around, unsigned i)
{
	__builtin_prefetch(&t->slot[around->other[i] * LINE_SLOTS]);
	__builtin_prefetch(&t->slot[around->other[i + 1] * LINE_SLOTS]);
}

struct room_offer
room_look(const struct seki_cuckoo *t, const struct pair *pair, uint16_t now)
{
	unsigned dead = dead_slots(t, pair->line[0], now) | dead_slots(t, pair->line[1], now) << LINE_SLOTS;
	struct around around;

	look_around(t, pair, &around);
	if (__builtin_expect((dead | around.can) == 0, 0))
		ask_for_two(t, &around, 0);
	return offer_of(t, pair, &around, dead);
}

bool
room_still(const struct seki_cuckoo *t, const struct room_offer *offer, uint16_t now)
{
	const struct seki_cuckoo_slot *slot = seki_cuckoo_slot(t, offer->slot);

	if (offer->to == SEKI_CUCKOO_NONE)
		return !seki_cuckoo_alive(slot->state, now);
	return is_empty(t, offer->to) & (slot->digest == offer->digest);
}

void
room_accept(struct seki_cuckoo *t, const struct room_offer *offer)
{
	if (offer->to != SEKI_CUCKOO_NONE)
		move(t, offer->slot, offer->to);
}

uint32_t
room_further(struct seki_cuckoo *t, const struct pair *pair)
{
	struct around around, further;
	struct room_offer offer;

	look_around(t, pair, &around);
	if (__builtin_expect(around.can != 0, 0)) { /* others have come since it could not */
		offer = offer_of(t, pair, &around, 0);
		room_accept(t, &offer);
		return offer.slot;
	}
	for (unsigned i = 0; i < PAIR_SLOTS; i += 2) {
		const struct pair others = {{around.other[i], around.other[i + 1]}};
		uint32_t mover;

		if (i + 2 < PAIR_SLOTS)
			ask_for_two(t, &around, i + 2);
		look_around(t, &others, &further);
		offer = offer_of(t, &others, &further, 0);
		if (offer.slot == SEKI_CUCKOO_NONE)
			continue;
		room_accept(t, &offer);
		mover = pair_slot(pair, i + (offer.slot / LINE_SLOTS != others.line[0]));
		move(t, mover, offer.slot);
		return mover;
	}
	return SEKI_CUCKOO_NONE;
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
	unsigned group = seki_cuckoo_group(slot->state);
	uint32_t worth, rank;

	if (is_empty(t, index))
		return UINT64_MAX; /* it is not for this group */
	if (group != who->group && (who->has_share || t->group[group] <= t->share))
		return UINT64_MAX;
	if (!seki_cuckoo_alive(slot->state, who->now))
		return 0;
	worth = t->worth(slot->state, who->now);
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

/* An empty slot of the emptier line, so that both are seldom full. */
static uint32_t
empty_slot(const struct seki_cuckoo *t, const struct pair *pair)
{
	uint64_t empty[2] = {empty_slots(t, pair->line[0]), empty_slots(t, pair->line[1])};
	bool second = __builtin_popcountll(empty[1]) > __builtin_popcountll(empty[0]);

	return (empty[0] | empty[1]) == 0 ? SEKI_CUCKOO_NONE
					  : pair_slot(pair, second * LINE_SLOTS + lowest(empty[second]));
}

/* A free slot, or one that is made free without anybody giving way. */
static uint32_t
free_slot(struct seki_cuckoo *t, const struct pair *pair, uint16_t now)
{
	uint32_t index = empty_slot(t, pair);
	struct room_offer offer;

	if (index != SEKI_CUCKOO_NONE)
		return index;
	offer = room_look(t, pair, now);
	if (offer.slot == SEKI_CUCKOO_NONE)
		return room_further(t, pair);
	room_accept(t, &offer);
	return offer.slot;
}

uint32_t
room_find(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now)
{
	struct pair pair = pair_of(t, digest);
	struct newcomer who = {.now = now, .group = seki_cuckoo_group(state)};
	uint32_t index = SEKI_CUCKOO_NONE;

	if (room_is_for(t, who.group))
		index = free_slot(t, &pair, now);
	if (index != SEKI_CUCKOO_NONE)
		return index;
	who.has_share = t->group[who.group] >= t->share;
	who.rank = t->worth(state, now) >> 16;
	return evict(t, &pair, &who);
}
