/* SPDX-License-Identifier: BSD-3-Clause */
#include "group.h"

#include <endian.h>

/* Neighbouring places at one of which a group is. */
#define GROUPS_IN_SET 8

/* Of a block. */
static inline uint64_t
address_of(const struct pkt *p)
{
	return p->l3 == PKT_L3_IP4 ? be32toh(p->dst.v4_be) & ~UINT32_C(15) : be64toh(p->dst.q[0]);
}

/* The k-th place at which a group is looked for: around in the set of the first. */
static inline struct seki_group *
place_at(const struct seki_blocks *b, const struct seki_group *first, unsigned k)
{
	size_t at = (size_t)(first - b->group);

	return &b->group[(at & ~(size_t)(GROUPS_IN_SET - 1)) | ((at + k) & (GROUPS_IN_SET - 1))];
}

static void
free_cell(struct seki_blocks *b, struct seki_group *group, unsigned member)
{
	uint32_t at = seki_group_at(group, member);

	b->zone[b->of[at].zone].n_cells--;
	b->free[b->n_free++] = at;
	__atomic_store_n(&group->tick[member], 0, __ATOMIC_RELAXED);
}

/* Gives back what is idle of a group, and the group if that is all. Returns whether it is free. */
static bool
free_idle(struct seki_blocks *b, struct seki_group *group, uint16_t tick)
{
	bool busy = false;

	if (group->key == 0)
		return true;
	for (unsigned m = 0; m < SEKI_GROUP_CELLS; m++) {
		if (group->tick[m] != 0 && seki_blocks_age(group->tick[m], tick) > SEKI_BLOCKS_IDLE)
			free_cell(b, group, m);
		busy |= group->tick[m] != 0;
	}
	if (!busy)
		__atomic_store_n(&group->key, 0, __ATOMIC_RELAXED);
	return !busy;
}

/* The group with that key, or NULL. */
static struct seki_group *
find_group(const struct seki_blocks *b, struct seki_group *first, uint64_t key)
{
	for (unsigned k = 0; k < GROUPS_IN_SET; k++)
		if (place_at(b, first, k)->key == key)
			return place_at(b, first, k);
	return NULL;
}

/* A place for it; NULL: there is none. */
static struct seki_group *
find_place(struct seki_blocks *b, struct seki_group *first, uint16_t tick)
{
	for (unsigned k = 0; k < GROUPS_IN_SET; k++)
		if (free_idle(b, place_at(b, first, k), tick))
			return place_at(b, first, k);
	return NULL;
}

static void
sweep(struct seki_blocks *b, uint16_t tick)
{
	free_idle(b, &b->group[b->swept], tick);
	b->swept = (b->swept + 1) % b->n_groups;
}

/* The zone may have one cell more. Where all are taken, one group is looked through for idle ones. */
static bool
may_have_more(struct seki_blocks *b, const struct seki_block_zone *zone, uint16_t tick)
{
	if (seki_blocks_used(b) >= b->room / 4 && zone->n_cells >= b->share)
		return false;
	if (seki_blocks_used(b) == b->room)
		sweep(b, tick);
	return seki_blocks_used(b) < b->room;
}

/* Those that were given back go first, so that those in use lie close together. */
static uint32_t
take_cell(struct seki_blocks *b)
{
	return b->n_free > 0 ? b->free[--b->n_free] : b->n_ever++;
}

static struct seki_cell *
claim(struct seki_blocks *b, const struct pkt *p, unsigned row, struct seki_group *group, uint16_t tick)
{
	uint32_t at = take_cell(b);
	unsigned m = group_member(p->l3 == PKT_L3_IP4, p);

	b->of[at] = (struct seki_cell_of){address_of(p), p->zone, p->l3 == PKT_L3_IP4 ? 4 : 6, (uint8_t)row};
	b->zone[p->zone].n_cells++;
	group->at[m] = at * SEKI_BLOCK_HOSTS;
	__atomic_store_n(&group->tick[m], tick, __ATOMIC_RELEASE);
	return &b->cell[at];
}

struct seki_cell *
seki_group_touch_slow(
	struct seki_blocks *b, const struct pkt *p, unsigned row, struct seki_group *first, uint64_t key, uint16_t tick)
{
	struct seki_group *group = find_group(b, first, key);
	unsigned m = group_member(p->l3 == PKT_L3_IP4, p);

	if (group != NULL && group->tick[m] != 0) {
		__atomic_store_n(&group->tick[m], tick, __ATOMIC_RELAXED);
		return &b->cell[seki_group_at(group, m)];
	}
	if (!may_have_more(b, &b->zone[p->zone], tick))
		return NULL;
	if (group == NULL)
		group = find_place(b, first, tick);
	if (group == NULL)
		return NULL;
	group->key = key;
	return claim(b, p, row, group, tick);
}

void
seki_blocks_sweep(struct seki_blocks *b, uint64_t now_ns)
{
	uint64_t each_ns = SEKI_BLOCKS_SWEEP_NS / b->n_groups, due;

	if (now_ns < b->swept_ns + each_ns)
		return;
	due = (now_ns - b->swept_ns) / each_ns;
	b->swept_ns += due * each_ns;
	for (uint64_t i = 0; i < due && i < b->n_groups; i++)
		sweep(b, seki_blocks_tick(now_ns));
}
