/* SPDX-License-Identifier: BSD-3-Clause */
#include "over.h"

#include <errno.h>
#include <stdlib.h>

#include <sys/mman.h>

/* Ticks that may lie between a core's last look at its clock and ours. */
#define AGE_MAX 2

/* What is remembered of one core: so many of each, in this order. */
static struct seen_core
seen_core_at(char *memory, struct seki_blocks *blocks)
{
	struct seen_core core = {.blocks = blocks, .before = (struct seki_cell *)memory};

	core.seen = (struct seen *)(core.before + blocks->room);
	core.whole = (struct seen_whole *)(core.seen + blocks->room);
	core.rest = (struct seki_came(*)[SEKI_N_ROWS])(core.whole + blocks->n_groups);
	return core;
}

size_t
collect_core_bytes(const struct seki_blocks *blocks)
{
	return blocks->room * (sizeof(struct seki_cell) + sizeof(struct seen)) +
	       blocks->n_groups * sizeof(struct seen_whole) + SEKI_ZONES_MAX * SEKI_N_ROWS * sizeof(struct seki_came);
}

/* Zeros. Pages of cells that never come to be are never touched; the others are read here and there. */
static void *
take_pages(size_t bytes)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	(void)madvise(memory, bytes, MADV_HUGEPAGE); /* a wish */
	return memory;
}

int
collect_init(struct collect *c, struct seki_blocks *const *blocks, unsigned n)
{
	memset(c, 0, sizeof(*c));
	tree_init(&c->tree, n == 0 ? 1 : blocks[0]->factor);
	for (c->n_cores = 0; c->n_cores < n; c->n_cores++) {
		char *memory = take_pages(collect_core_bytes(blocks[c->n_cores]));

		if (memory == NULL)
			return -ENOMEM;
		c->core[c->n_cores] = seen_core_at(memory, blocks[c->n_cores]);
	}
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		collect_watch(c, (uint16_t)z, NULL);
	c->zone_end = 0;
	return 0;
}

void
collect_fini(struct collect *c)
{
	for (unsigned i = 0; i < c->n_cores; i++)
		munmap(c->core[i].before, collect_core_bytes(c->core[i].blocks));
	free(c->over);
	tree_fini(&c->tree);
}

static_assert(sizeof(struct seki_came) * SEKI_N_ROWS == ROW_LANES * sizeof(uint32_t), "lanes without gaps");

/* What found no cell. */
static void
read_rest(struct collect *c, struct seen_core *core, unsigned zone)
{
	const uint32_t *now = &core->blocks->zone[zone].rest[0].packets;
	uint32_t *before = &core->rest[zone][0].packets;
	struct node *node;

	if (memcmp(now, before, ROW_LANES * sizeof(*now)) == 0)
		return;
	node = tree_rest(&c->tree, (uint16_t)zone);
	if (node == NULL)
		return;
	tree_touch(&c->tree, node, c->tick);
	c->some = true;
	for (unsigned i = 0; i < ROW_LANES; i++) {
		uint32_t x = __atomic_load_n(&now[i], __ATOMIC_RELAXED);

		node->delta[i] += x - before[i];
		before[i] = x;
	}
}

static struct seki_rate
limit_of(const struct watched *w, const struct node *node, unsigned vector)
{
	return node->n_own == 0 ? w->limits->at[node->level][vector] : held_to(w, node, HOST_NONE, vector);
}

/* What came to an IPv6 block as a whole goes to its hosts, where they are told apart by now. */
static void
settle_block(struct collect *c, struct node *block)
{
	for (uint64_t rows = block->came; rows != 0; rows &= rows - 1) {
		unsigned v = (unsigned)__builtin_ctzll(rows);

		if (block->cell[v]->hosts != NULL && hosts_settle(block->cell[v]->hosts, c->tick))
			block->near |= UINT64_C(1) << v;
	}
}

/* A block that may be over a limit, or hosts of it, is held against theirs; one with limits of its own in any case. */
static void
hold_block(struct collect *c, struct node *block)
{
	struct watched *w = &c->zone[block->zone];
	uint64_t rows;

	held_find(w, block);
	if (block->family == 6)
		settle_block(c, block);
	rows = block->n_own + block->n_own_hosts != 0 ? block->came : block->near;
	for (; rows != 0 && w->limits != NULL; rows &= rows - 1) {
		unsigned v = (unsigned)__builtin_ctzll(rows);

		over_cell(c, block, v, block->cell[v], limit_of(w, block, v));
		if (block->cell[v]->hosts != NULL)
			hosts_bring(block->cell[v]->hosts, c->tick);
		for (unsigned host = 0; host < SEKI_BLOCK_HOSTS && block->cell[v]->hosts != NULL; host++)
			over_host(c, block, v, host);
	}
	block->came = block->near = 0;
	tree_touch(&c->tree, block->parent, c->tick);
}

/* A node's changes go into its windows, to the node above, and are held against the limits of its level, or its own. */
static void
roll_up(struct collect *c, struct node *node)
{
	struct watched *w = &c->zone[node->zone];
	bool whole = node->level == SEKI_LEVEL_ZONE && (w->shares || w->capacity);

	held_find(w, node);
	for (unsigned row = 0; row < SEKI_N_ROWS; row++) {
		uint32_t packets = node->delta[2 * row], units = node->delta[2 * row + 1];
		struct cell *cell;

		if ((packets | units) == 0)
			continue;
		cell = tree_cell(&c->tree, node, row, false, c->tick);
		if (cell == NULL)
			continue;
		cell_add(cell, packets, units);
		if (w->limits != NULL && row < SEKI_N_VECTORS && !whole && !tree_is_rest(node))
			over_cell(c, node, row, cell, limit_of(w, node, row));
	}
	if (whole)
		over_zone(c, node, w);
	if (node->parent != NULL) {
		tree_touch(&c->tree, node->parent, c->tick);
		for (unsigned i = 0; i < ROW_LANES; i++)
			node->parent->delta[i] += node->delta[i];
	}
	memset(node->delta, 0, ROW_LANES * sizeof(*node->delta));
}

static void
hold_blocks(struct collect *c)
{
	const struct leaves *leaves = &c->tree.leaves;

	for (uint32_t i = 0; i < leaves->n; i++) {
		for (unsigned at = 0; at < NODE_HEAD && i + LEAVES_AHEAD < leaves->n; at += 64)
			__builtin_prefetch((char *)leaves->at[i + LEAVES_AHEAD].node + at, 1);
		hold_block(c, leaves->at[i].node);
	}
}

void
collect_watch(struct collect *c, uint16_t zone, const struct seki_limits *limits)
{
	held_watch(&c->zone[zone], limits);
	for (unsigned i = 0; i < c->n_cores; i++)
		for (unsigned row = 0; row < SEKI_N_ROWS; row++)
			seki_blocks_whole(c->core[i].blocks, zone, row, held_whole(&c->zone[zone], row) / c->n_cores);
	if (zone >= c->zone_end)
		c->zone_end = zone + 1u;
}

static uint32_t
at_least(uint32_t x, uint32_t least)
{
	return x > least ? x : least;
}

/* How long it is since the last tick, and what that makes of the windows: all that is read now is of that time. Of a
 * time in which nothing came it does not matter (offline it may have been years). */
static void
open_slot(struct collect *c, uint32_t passed)
{
	for (uint32_t i = 1; i <= passed && i <= SPAN_SLOTS; i++)
		c->ticks[(c->tick + SPAN_SLOTS - passed % SPAN_SLOTS + i) % SPAN_SLOTS] = 0;
	c->ticks[c->tick % SPAN_SLOTS] = c->some ? at_least(passed, 1) : 1;
	c->in_second = 0;
	for (unsigned i = 0; i < SPAN_SLOTS; i++)
		c->in_second += c->ticks[i];
	c->in_second = at_least(c->in_second, SPAN_TICKS_A_SECOND);
	c->in_two = at_least(c->ticks[c->tick % SPAN_SLOTS] + c->ticks[(c->tick + SPAN_SLOTS - 1) % SPAN_SLOTS], 2);
}

void
collect_tick(struct collect *c, uint64_t now_ns)
{
	uint32_t passed;

	c->tick = (uint32_t)(now_ns / SEKI_BLOCKS_TICK_NS);
	c->stamp = seki_blocks_tick(now_ns);
	passed = c->last == 0 ? 1 : c->tick - c->last;
	c->age_max = (uint16_t)(passed < SEKI_BLOCKS_IDLE ? passed + AGE_MAX - 1 : SEKI_BLOCKS_IDLE);
	c->n_overs = 0;
	c->some = false;
	memset(c->overs_of, 0, sizeof(c->overs_of));
	tree_open(&c->tree);
	for (unsigned i = 0; i < c->n_cores; i++)
		collect_read(c, &c->core[i]);
	for (unsigned i = 0; i < c->n_cores; i++)
		for (unsigned z = 1; z < c->zone_end; z++)
			read_rest(c, &c->core[i], z);
	open_slot(c, passed);
	leaves_sort(&c->tree.leaves);
	hold_blocks(c);
	for (unsigned l = SEKI_LEVEL_NET; l <= SEKI_LEVEL_ZONE; l++)
		for (uint32_t i = 0; i < c->tree.n_list[l]; i++)
			roll_up(c, c->tree.list[l][i]);
	tree_sweep(&c->tree, c->tick);
	c->ticks_short += c->tree.out_of_memory;
	c->last = c->tick;
}
