/* SPDX-License-Identifier: BSD-3-Clause */
/* A table's birth, insertion, and the sweep. Lookups are in find.c. */
#include "line.h"
#include "room.h"

#include <assert.h>
#include <string.h>

static_assert(LINE_SLOTS * sizeof(struct seki_cuckoo_slot) == 64, "a line is a cache line");

/* The load up to which shares are given out. */
#define LOAD_PERCENT 85

static uint64_t
lines_for(uint64_t n_slots)
{
	const uint64_t block = BLOCK_LINES * LINE_SLOTS;

	return n_slots == 0 ? BLOCK_LINES : (n_slots + block - 1) / block * BLOCK_LINES;
}

size_t
seki_cuckoo_bytes(uint64_t n_slots)
{
	return lines_for(n_slots) * (LINE_SLOTS * sizeof(struct seki_cuckoo_slot) + sizeof(uint32_t));
}

void
seki_cuckoo_init(struct seki_cuckoo *t, void *memory, uint64_t n_slots, const struct seki_cuckoo_kind *kind)
{
	assert(lines_for(n_slots) <= UINT32_MAX / LINE_SLOTS);
	memset(t, 0, sizeof(*t));
	t->slot = memory;
	t->n_lines = (uint32_t)lines_for(n_slots);
	t->tags = (uint32_t *)(t->slot + (size_t)t->n_lines * LINE_SLOTS);
	t->kind = kind;
	seki_cuckoo_set_groups(t, 1);
}

void
seki_cuckoo_set_side(struct seki_cuckoo *t, void *side, uint32_t size)
{
	t->side = side;
	t->side_size = size;
}

void
seki_cuckoo_set_groups(struct seki_cuckoo *t, unsigned n_groups)
{
	uint64_t all = seki_cuckoo_slots(t) * LOAD_PERCENT / 100;

	t->share = n_groups > 1 ? (uint32_t)(all / 2 / n_groups) : UINT32_MAX;
	t->common = (uint32_t)(all / 2);
	t->common_used = 0;
	for (unsigned g = 0; g < SEKI_CUCKOO_GROUPS; g++)
		t->common_used += t->group[g] > t->share ? t->group[g] - t->share : 0;
}

uint32_t
seki_cuckoo_put_burst(
	struct seki_cuckoo *t, const uint64_t *digest, const uint64_t *state, unsigned n, uint16_t now, uint32_t *index)
{
	struct seki_cuckoo_look look;
	uint32_t made = 0;

	seki_cuckoo_look_burst(t, digest, n, &look);
	seki_cuckoo_find_burst(t, digest, n, now, &look, index);
	for (unsigned i = 0; i < n; i++)
		if (index[i] == SEKI_CUCKOO_NONE)
			room_ask(t, digest[i]);
	for (unsigned i = 0; i < n; i++) {
		bool is_new;

		if (index[i] != SEKI_CUCKOO_NONE)
			continue;
		index[i] = seki_cuckoo_put(t, digest[i], state[i], now, &is_new);
		made |= (uint32_t)is_new << i;
	}
	return made;
}

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

void
seki_cuckoo_sweep(struct seki_cuckoo *t, uint16_t now, unsigned n)
{
	for (; n > 0; n--) {
		__builtin_prefetch(&t->slot[(t->sweep_at + 8) * LINE_SLOTS]);
		for (uint32_t s = 0; s < LINE_SLOTS; s++) {
			uint32_t index = t->sweep_at * LINE_SLOTS + s;

			if (is_empty(t, index) || seki_cuckoo_alive(t->slot[index].state, now))
				continue;
			room_clear(t, index);
			t->stats.swept++;
		}
		if (++t->sweep_at == t->n_lines) {
			t->sweep_at = 0;
			t->stats.sweeps++;
		}
	}
}

void
seki_cuckoo_clear(struct seki_cuckoo *t)
{
	memset(t->tags, 0, t->n_lines * sizeof(*t->tags));
	memset(t->group, 0, sizeof(t->group));
	t->used = t->common_used = 0;
}
