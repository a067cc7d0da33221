/* SPDX-License-Identifier: BSD-3-Clause */
#include "group.h"

#include <endian.h>

/* Places at one of which a group is. */
#define PLACES 8

/* Keys of a run are consecutive: steps of one would lead each group to the places of its neighbours. */
#define PLACE_STEP UINT64_C(0x9e3779b97f4a7c15)

/* Of the first block of a group. */
static inline uint64_t
address_of(const struct pkt *p)
{
	return p->l3 == PKT_L3_IP4 ? be32toh(p->dst.v4_be) / SEKI_BLOCK_HOSTS / SEKI_GROUP_CELLS4 *
					     (SEKI_BLOCK_HOSTS * SEKI_GROUP_CELLS4)
				   : be64toh(p->dst.q[0]) & ~(uint64_t)(SEKI_GROUP_CELLS6 - 1);
}

static inline struct seki_group_of *
of(const struct seki_blocks *b, const struct seki_group *group)
{
	return &b->of[group - b->group];
}

static inline void
set_tick(bool ip4, struct seki_group *group, unsigned member, uint16_t tick)
{
	__atomic_store_n(ip4 ? &group->v4.tick[member] : &group->v6.tick[member], tick, __ATOMIC_RELEASE);
}

static inline void
set_at(bool ip4, struct seki_group *group, unsigned member, uint32_t at)
{
	__atomic_store_n(ip4 ? &group->v4.at[member] : &group->v6.at[member], at, __ATOMIC_RELAXED);
}

/* The k-th place at which a group is looked for. All but the first one are by a keyed hash, and no two groups of a run
 * share them, so that where runs meet, or only each 2^n-th of them comes, there is room all over the table. */
static inline struct seki_group *
place_at(const struct seki_blocks *b, struct seki_group *first, uint64_t key, unsigned k)
{
	uint64_t x = (key + k * PLACE_STEP) * b->factor;

	x = (x ^ x >> 29) * b->factor;
	return k == 0 ? first : &b->group[x >> b->shift];
}

static void
free_cell(struct seki_blocks *b, bool ip4, struct seki_group *group, unsigned member)
{
	b->free[b->n_free++] = seki_group_cell(b, ip4, group, member);
	b->zone[of(b, group)->zone].n_cells--;
	set_tick(ip4, group, member, 0);
}

/* Gives back what is idle of a group, and the group if that is all. Returns whether it is free. */
static bool
free_idle(struct seki_blocks *b, struct seki_group *group, uint16_t tick)
{
	bool ip4 = seki_group_is_ip4(group->key), busy = false;

	if (group->key == 0)
		return true;
	for (unsigned m = 0; m < (ip4 ? SEKI_GROUP_CELLS4 : SEKI_GROUP_CELLS6); m++) {
		uint16_t touched = *seki_group_tick(ip4, group, m);
		bool idle = touched != 0 && seki_blocks_age(touched, tick) > SEKI_BLOCKS_IDLE;

		if (idle)
			free_cell(b, ip4, group, m);
		busy |= touched != 0 && !idle;
	}
	if (!busy)
		__atomic_store_n(&group->key, 0, __ATOMIC_RELAXED);
	return !busy;
}

/* The group with that key, or NULL. */
static struct seki_group *
find_group(const struct seki_blocks *b, struct seki_group *first, uint64_t key)
{
	for (unsigned k = 0; k < PLACES; k++)
		if (place_at(b, first, key, k)->key == key)
			return place_at(b, first, key, k);
	return NULL;
}

/* A place for it; NULL: there is none. */
static struct seki_group *
find_place(struct seki_blocks *b, struct seki_group *first, uint64_t key, uint16_t tick)
{
	for (unsigned k = 0; k < PLACES; k++)
		if (free_idle(b, place_at(b, first, key, k), tick))
			return place_at(b, first, key, k);
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

/* Packets a tick up to which the reader asks for no hosts. */
static uint32_t
whole_of(const struct seki_blocks *b, uint16_t zone, unsigned row)
{
	return __atomic_load_n(&b->zone[zone].whole[row], __ATOMIC_RELAXED);
}

static uint32_t
at_whole(const struct seki_group *group, unsigned member)
{
	return group->v6.whole[member].packets | SEKI_AT_WHOLE;
}

/* A tick begins for a cell that there is: are its hosts to be told apart now? What came in the last one decides, and
 * not how it came in bursts. */
static void
begin_tick(struct seki_blocks *b, bool ip4, struct seki_group *group, unsigned member, uint16_t tick)
{
	if (seki_group_is_whole(ip4, group, member)) {
		const struct seki_group_of *whose = of(b, group);
		uint32_t came = (at_whole(group, member) - group->v6.at[member]) & ~SEKI_AT_WHOLE;

		set_at(ip4, group, member,
			came > whole_of(b, whose->zone, whose->row) ? whose->cell[member] * SEKI_BLOCK_HOSTS
								    : at_whole(group, member));
	}
	set_tick(ip4, group, member, tick);
}

/* A free place becomes that of a key. */
static void
claim_group(struct seki_blocks *b, const struct pkt *p, unsigned row, struct seki_group *group, uint64_t key)
{
	struct seki_group_of *whose = of(b, group);

	memset(group, 0, sizeof(*group));
	*whose = (struct seki_group_of){
		address_of(p), p->zone, p->l3 == PKT_L3_IP4 ? 4 : 6, (uint8_t)row, whose->claims + 1, {0}};
	__atomic_store_n(&group->key, key, __ATOMIC_RELEASE);
}

static void
claim_cell(struct seki_blocks *b, const struct pkt *p, unsigned row, struct seki_group *group, uint16_t tick)
{
	bool ip4 = p->l3 == PKT_L3_IP4;
	unsigned m = group_member(ip4, p);
	uint32_t cell = take_cell(b);

	b->zone[p->zone].n_cells++;
	if (!ip4)
		of(b, group)->cell[m] = cell;
	set_at(ip4, group, m, ip4 || whole_of(b, p->zone, row) == 0 ? cell * SEKI_BLOCK_HOSTS : at_whole(group, m));
	set_tick(ip4, group, m, tick);
}

struct seki_came *
seki_group_touch_slow(
	struct seki_blocks *b, const struct pkt *p, unsigned row, struct seki_group *first, uint64_t key, uint16_t tick)
{
	struct seki_group *group = find_group(b, first, key);
	bool ip4 = p->l3 == PKT_L3_IP4;
	unsigned m = group_member(ip4, p);
	uint16_t touched = group == NULL ? 0 : *seki_group_tick(ip4, group, m);

	if (touched == 0) {
		if (!may_have_more(b, &b->zone[p->zone], tick))
			return NULL;
		if (group == NULL || group->key != key) { /* the sweep may just have freed it */
			group = find_place(b, first, key, tick);
			if (group == NULL)
				return NULL;
			claim_group(b, p, row, group, key);
		}
		claim_cell(b, p, row, group, tick);
	} else if (touched != tick) {
		begin_tick(b, ip4, group, m, tick);
	}
	return seki_group_is_whole(ip4, group, m) ? &group->v6.whole[m] : group_host(b, ip4, group, m, p);
}

void
seki_blocks_whole(struct seki_blocks *b, uint16_t zone, unsigned row, uint32_t packets)
{
	__atomic_store_n(&b->zone[zone].whole[row], packets, __ATOMIC_RELAXED);
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
