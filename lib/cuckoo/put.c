/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Insertion. One entry at a time it is a search and then the slot that room.c finds. In a burst, most newcomers get the
 * slot that they had in view while their line was on its way; where another one has changed the tags since, or both
 * lines are full, they take the way of one at a time.
 */
#include "lanes.h"
#include "room.h"

uint32_t
seki_cuckoo_put(struct seki_cuckoo *t, uint64_t digest, uint64_t state, uint16_t now, bool *is_new)
{
	uint32_t index = cuckoo_search(t, digest);

	*is_new = false;
	if (index != SEKI_CUCKOO_NONE && seki_cuckoo_alive(seki_cuckoo_slot(t, index)->state, now))
		return index;
	if (index == SEKI_CUCKOO_NONE)
		index = room_find(t, digest, state, now);
	if (index == SEKI_CUCKOO_NONE) {
		t->stats.refused++;
		return SEKI_CUCKOO_NONE;
	}
	room_take(t, index, digest, state);
	t->stats.inserted++;
	*is_new = true;
	return index;
}

/* What newcomers have in view. */
struct view {
	uint32_t line[2][SEKI_CUCKOO_BURST];
	uint32_t slot[SEKI_CUCKOO_BURST]; /* an empty one of the emptier line; any, where there is none */
	uint64_t tags[SEKI_CUCKOO_BURST]; /* of both lines */
	uint32_t full;                    /* where there is none, a bit each */
} __attribute__((aligned(64)));

#ifdef BY_EIGHT

/* The emptier half of each lane, of two that have bytes of all ones for what is empty; the other half is zero. */
static inline __m512i
emptier8(__m512i empty)
{
	__m512i low = _mm512_and_si512(empty, _mm512_set1_epi64(UINT32_MAX)), high = _mm512_xor_si512(empty, low);
	/* Four bytes of all ones are four ones: a sum by multiplication. */
	__m512i n = _mm512_sad_epu8(_mm512_and_si512(low, _mm512_set1_epi8(1)), _mm512_setzero_si512());
	__m512i m = _mm512_sad_epu8(_mm512_and_si512(high, _mm512_set1_epi8(1)), _mm512_setzero_si512());

	return _mm512_mask_mov_epi64(low, _mm512_cmpgt_epi64_mask(m, n), high);
}

static inline void
view_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct view *view)
{
	view->full = 0;
	for (unsigned i = 0; i < n; i += LANES) {
		__m512i d = _mm512_maskz_loadu_epi64(lanes_from(i, n), digest + i);
		__m512i first = first8(t, d), second = second8(t, d, first);
		__m512i tags = pair_tags8(t, first, second);
		__m512i empty = emptier8(equal8(tags, _mm512_setzero_si512()));
		__m512i slot = pair_slot8(first, second, _mm512_and_si512(lowest8(empty), _mm512_set1_epi64(7)));

		view->full |= (uint32_t)_mm512_testn_epi64_mask(empty, empty) << i;
		_mm256_store_si256((__m256i *)(view->line[0] + i), _mm512_cvtepi64_epi32(first));
		_mm256_store_si256((__m256i *)(view->line[1] + i), _mm512_cvtepi64_epi32(second));
		_mm256_store_si256((__m256i *)(view->slot + i), _mm512_cvtepi64_epi32(slot));
		_mm512_store_si512(view->tags + i, tags);
	}
}

#else

static inline void
view_burst(const struct seki_cuckoo *t, const uint64_t *digest, unsigned n, struct view *view)
{
	view->full = 0;
	for (unsigned i = 0; i < n; i++) {
		struct pair pair = pair_of(t, digest[i]);
		uint64_t empty[2] = {empty_slots(t, pair.line[0]), empty_slots(t, pair.line[1])};
		bool second = __builtin_popcountll(empty[1]) > __builtin_popcountll(empty[0]);
		unsigned slot = lowest(empty[second] | UINT64_C(1) << 63) % LINE_SLOTS;

		view->line[0][i] = pair.line[0];
		view->line[1][i] = pair.line[1];
		view->slot[i] = pair.line[second] * LINE_SLOTS + slot;
		view->tags[i] = pair_tags(t, &pair);
		view->full |= (uint32_t)((empty[0] | empty[1]) == 0) << i;
	}
}

#endif

/* Lines that will be written; where both are full, that will be read. */
static inline void
ask_for_lines(const struct seki_cuckoo *t, const struct view *view, uint32_t which)
{
	for (; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);

		if (__builtin_expect(view->full >> i & 1, 0)) {
			__builtin_prefetch(&t->slot[view->line[0][i] * LINE_SLOTS], 1);
			__builtin_prefetch(&t->slot[view->line[1][i] * LINE_SLOTS], 1);
		} else {
			__builtin_prefetch(&t->slot[view->slot[i]], 1);
		}
	}
}

static inline struct pair
viewed_pair(const struct view *view, unsigned i)
{
	return (struct pair){{view->line[0][i], view->line[1][i]}};
}

/* Whether nobody has come into, or gone from, newcomer i's two lines: then he has not come himself either. */
static inline bool
is_as_viewed(const struct seki_cuckoo *t, const struct view *view, unsigned i)
{
	const struct pair pair = viewed_pair(view, i);

	return pair_tags(t, &pair) == view->tags[i];
}

/* A burst of newcomers. */
struct arrival {
	const uint64_t *digest, *state;
	uint32_t *index;
	uint32_t made; /* those that have come, a bit each */
	uint16_t now;
	struct view view;
};

static inline void
come(struct seki_cuckoo *t, struct arrival *a, unsigned i, uint32_t slot)
{
	room_take(t, slot, a->digest[i], a->state[i]);
	t->stats.inserted++;
	a->index[i] = slot;
	a->made |= 1u << i;
}

static __attribute__((noinline)) void
come_slowly(struct seki_cuckoo *t, struct arrival *a, unsigned i)
{
	bool is_new;

	a->index[i] = seki_cuckoo_put(t, a->digest[i], a->state[i], a->now, &is_new);
	a->made |= (uint32_t)is_new << i;
}

/* Whether newcomer i may still have what he was offered when he looked. */
static inline bool
may_come(const struct seki_cuckoo *t, const struct arrival *a, unsigned i)
{
	return is_as_viewed(t, &a->view, i) && room_is_for(t, seki_cuckoo_group(a->state[i]));
}

/* Those that see an empty slot. */
static void
come_to_empty(struct seki_cuckoo *t, struct arrival *a, uint32_t which)
{
	for (; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);

		if (__builtin_expect(may_come(t, a, i), 1))
			come(t, a, i, a->view.slot[i]);
		else
			come_slowly(t, a, i);
	}
}

/*
 * Those whose lines are full: what all of them are offered is looked up first, so that they wait together. Returns
 * those who were offered nothing.
 */
static uint32_t
come_to_full(struct seki_cuckoo *t, struct arrival *a, uint32_t which)
{
	struct room_offer offer[SEKI_CUCKOO_BURST];
	uint32_t none = 0;

	for (uint32_t left = which; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);
		const struct pair pair = viewed_pair(&a->view, i);

		offer[i] = room_look(t, &pair, a->now);
		none |= (uint32_t)(offer[i].slot == SEKI_CUCKOO_NONE) << i;
	}
	for (which &= ~none; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);

		if (__builtin_expect(may_come(t, a, i) && room_still(t, &offer[i], a->now), 1)) {
			room_accept(t, &offer[i]);
			come(t, a, i, offer[i].slot);
		} else {
			come_slowly(t, a, i);
		}
	}
	return none;
}

/* Those who were offered nothing: somebody moves for somebody who moves for them. */
static void
come_further(struct seki_cuckoo *t, struct arrival *a, uint32_t which)
{
	for (; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);
		const struct pair pair = viewed_pair(&a->view, i);
		uint32_t slot = may_come(t, a, i) ? room_further(t, &pair) : SEKI_CUCKOO_NONE;

		if (slot != SEKI_CUCKOO_NONE)
			come(t, a, i, slot);
		else
			come_slowly(t, a, i);
	}
}

uint32_t
seki_cuckoo_put_burst(
	struct seki_cuckoo *t, const uint64_t *digest, const uint64_t *state, unsigned n, uint16_t now, uint32_t *index)
{
	struct arrival a = {.digest = digest, .state = state, .index = index, .now = now};
	struct seki_cuckoo_look look;
	uint32_t missing = 0;

	seki_cuckoo_look_burst(t, digest, n, &look);
	seki_cuckoo_find_burst(t, digest, n, now, &look, index);
	for (unsigned i = 0; i < n; i++)
		missing |= (uint32_t)(index[i] == SEKI_CUCKOO_NONE) << i;
	if (missing == 0)
		return 0;
	view_burst(t, digest, n, &a.view);
	ask_for_lines(t, &a.view, missing);
	come_to_empty(t, &a, missing & ~(a.view.full | look.some));
	come_further(t, &a, come_to_full(t, &a, missing & a.view.full & ~look.some));
	/* Where a tag fits, the entry may be there, and dead. */
	for (uint32_t rest = missing & look.some; rest != 0; rest &= rest - 1)
		come_slowly(t, &a, (unsigned)__builtin_ctz(rest));
	return a.made;
}
