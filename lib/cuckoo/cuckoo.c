/* SPDX-License-Identifier: BSD-3-Clause */
/* A table's birth, its shares, and the sweep. Lookups are in find.c, insertion in put.c. */
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
seki_cuckoo_init(struct seki_cuckoo *t, void *memory, uint64_t n_slots, seki_cuckoo_worth *worth)
{
	assert(lines_for(n_slots) <= UINT32_MAX / LINE_SLOTS);
	memset(t, 0, sizeof(*t));
	t->slot = memory;
	t->n_lines = (uint32_t)lines_for(n_slots);
	t->tags = (uint32_t *)(t->slot + (size_t)t->n_lines * LINE_SLOTS);
	t->worth = worth;
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

void
seki_cuckoo_sweep(struct seki_cuckoo *t, uint16_t now, unsigned n)
{
	for (; n > 0; n--) {
		uint64_t dead = room_dead(t, t->sweep_at, now);

		t->stats.swept += (unsigned)__builtin_popcountll(dead);
		for (; dead != 0; dead &= dead - 1)
			room_clear(t, t->sweep_at * LINE_SLOTS + (unsigned)__builtin_ctzll(dead));
		t->sweep_at += BLOCK_LINES;
		if (t->sweep_at == t->n_lines) {
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
