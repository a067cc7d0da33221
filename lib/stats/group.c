/* SPDX-License-Identifier: BSD-3-Clause */
#include "group.h"

#include <endian.h>

/* Neighbouring places at one of which a group is. */
#define GROUPS_IN_SET 8

/* What a block's key is made of. */
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
free_block(struct seki_blocks *b, struct seki_group *group, unsigned member)
{
	uint32_t at = seki_group_at(group, member);

	b->zone[b->block[at].zone].n_blocks--;
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
	for (unsigned m = 0; m < SEKI_GROUP_BLOCKS; m++) {
		if (group->tick[m] != 0 && seki_blocks_age(group->tick[m], tick) > SEKI_BLOCKS_IDLE)
			free_block(b, group, m);
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
	b->swept = (b->swept + 1) % b->room;
}

/* The zone may have one block more. Where all are taken, one group is looked through for idle ones. */
static bool
may_have_more(struct seki_blocks *b, const struct seki_block_zone *zone, uint16_t tick)
{
	if (seki_blocks_used(b) >= b->room / 4 && zone->n_blocks >= b->share)
		return false;
	if (seki_blocks_used(b) == b->room)
		sweep(b, tick);
	return seki_blocks_used(b) < b->room;
}

/* Blocks that were given back go first, so that those in use lie close together. */
static uint32_t
take_block(struct seki_blocks *b)
{
	return b->n_free > 0 ? b->free[--b->n_free] : b->n_ever++;
}

/* A new block. */
static struct seki_hosts *
claim(struct seki_blocks *b, const struct pkt *p, struct seki_group *group, uint64_t key, uint16_t tick)
{
	uint32_t at = take_block(b);
	struct seki_hosts *block = &b->block[at];
	unsigned m = group_member(p);

	block->address = address_of(p);
	block->zone = p->zone;
	block->family = p->l3 == PKT_L3_IP4 ? 4 : 6;
	b->zone[p->zone].n_blocks++;
	group->at[m] = at * SEKI_BLOCK_LINES;
	group->key = key;
	__atomic_store_n(&group->tick[m], tick, __ATOMIC_RELEASE);
	return block;
}

struct seki_hosts *
seki_group_touch_slow(struct seki_blocks *b, const struct pkt *p, struct seki_group *first, uint64_t key, uint16_t tick)
{
	struct seki_block_zone *zone = &b->zone[p->zone];
	struct seki_group *group = find_group(b, first, key);
	unsigned m = group_member(p);

	if (group != NULL && group->tick[m] != 0) {
		__atomic_store_n(&group->tick[m], tick, __ATOMIC_RELAXED);
		return &b->block[seki_group_at(group, m)];
	}
	if (!may_have_more(b, zone, tick))
		return &zone->rest;
	if (group == NULL)
		group = find_place(b, first, tick);
	return group == NULL ? &zone->rest : claim(b, p, group, key, tick);
}

void
seki_blocks_sweep(struct seki_blocks *b, uint64_t now_ns)
{
	sweep(b, seki_blocks_tick(now_ns));
}
