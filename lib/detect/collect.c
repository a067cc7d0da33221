/* SPDX-License-Identifier: BSD-3-Clause */
#include "over.h"

#include <errno.h>
#include <stdlib.h>

/* Ticks that may lie between a core's last look at its clock and ours. */
#define AGE_MAX 2

struct seen {
	uint64_t key;
	struct node *node;
	uint32_t generation;
};

size_t
collect_core_bytes(const struct seki_blocks *blocks)
{
	return blocks->room * (sizeof(struct seen) + sizeof(struct seki_hosts)) +
	       SEKI_ZONES_MAX * SEKI_N_ROWS * sizeof(struct seki_block_row);
}

int
collect_init(struct collect *c, const struct seki_blocks *const *blocks, unsigned n)
{
	memset(c, 0, sizeof(*c));
	tree_init(&c->tree, n == 0 ? 1 : blocks[0]->factor);
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		collect_watch(c, (uint16_t)z, NULL);
	c->zone_end = 0;
	for (c->n_cores = 0; c->n_cores < n; c->n_cores++) {
		struct seen_core *core = &c->core[c->n_cores];

		/* calloc: pages of blocks that never come to be are never touched. */
		core->blocks = blocks[c->n_cores];
		core->seen = calloc(core->blocks->room, sizeof(*core->seen));
		core->before = calloc(core->blocks->room, sizeof(*core->before));
		core->rest = calloc(SEKI_ZONES_MAX, sizeof(*core->rest));
		if (core->seen == NULL || core->before == NULL || core->rest == NULL) {
			c->n_cores++;
			return -ENOMEM;
		}
	}
	return 0;
}

void
collect_fini(struct collect *c)
{
	for (unsigned i = 0; i < c->n_cores; i++) {
		free(c->core[i].seen);
		free(c->core[i].before);
		free(c->core[i].rest);
	}
	free(c->over);
	tree_fini(&c->tree);
}

/* What has come since, in all lanes; `before` becomes `now`. The lanes are a core's counters, which it may be writing.
 */
static inline void
add_difference(uint32_t *restrict to, const uint32_t *restrict now, uint32_t *restrict before, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		uint32_t x = now[i];

		to[i] += x - before[i];
		before[i] = x;
	}
}

/* A host's columns at once; the compiler has instructions for it, or makes do. */
typedef uint32_t lanes __attribute__((vector_size(SEKI_HOST_COLUMNS * sizeof(uint32_t)), may_alias, aligned(4)));

static inline lanes
lanes_at(const void *at, unsigned host)
{
	return ((const lanes *)at)[host];
}

/*
 * What has come to the hosts of a block on one core. On the first one of a tick (`begin`) it takes the place of what
 * came ten ticks ago. Returns whether some host is near a limit. The last two columns have none: theirs is the largest
 * number.
 */
static inline __attribute__((always_inline)) bool
hosts_add(struct hosts *restrict h, const struct seki_hosts *restrict now, struct seki_hosts *restrict before,
	const struct nominee *restrict least, bool begin)
{
	lanes *restrict slot = (lanes *)h->tick[h->at % SPAN_SLOTS], *restrict seconds = (lanes *)h->in_second;
	lanes *restrict seen = (lanes *)before->host, near = {0};
	lanes least_second = lanes_at(least->second, 0), least_tick = lanes_at(least->tick, 0);

	for (unsigned i = 0; i < SEKI_BLOCK_HOSTS; i++) {
		lanes x = lanes_at(now->host, i), tick = x - seen[i], second = seconds[i] + tick;

		if (begin)
			second -= slot[i];
		else
			tick += slot[i];
		seen[i] = x;
		slot[i] = tick;
		seconds[i] = second;
		near |= (lanes)(second > least_second) | (lanes)(tick > least_tick);
	}
	for (unsigned k = 1; k < SEKI_HOST_COLUMNS; k++)
		near[0] |= near[k];
	return near[0] != 0;
}

static_assert(sizeof(struct seki_block_host) * SEKI_BLOCK_HOSTS == HOST_LANES * sizeof(uint32_t), "lanes without gaps");
static_assert(sizeof(struct seki_block_row) * SEKI_N_ROWS == ROW_LANES * sizeof(uint32_t), "likewise");

/* The node of a block whose key is this one. */
static struct node *
node_of(struct collect *c, struct seen_core *core, uint32_t at, uint64_t key)
{
	struct seen *seen = &core->seen[at];

	if (seen->key != key || seen->node == NULL || seen->generation != seen->node->generation) {
		const struct seki_hosts *block = &core->blocks->block[at];

		*seen = (struct seen){key, tree_block(&c->tree, block->zone, block->family, block->address), 0};
		seen->generation = seen->node == NULL ? 0 : seen->node->generation;
	}
	return seen->node;
}

static void
read_block(struct collect *c, struct seen_core *core, uint32_t at, uint64_t key)
{
	const struct seki_hosts *now = &core->blocks->block[at];
	struct seki_hosts *before = &core->before[at];
	struct node *node = node_of(c, core, at, key);
	struct hosts *hosts = node == NULL ? NULL : tree_hosts(&c->tree, node, c->tick);
	const struct nominee *least = &c->zone[node == NULL ? SEKI_ZONE_NONE : node->zone].least;

	if (hosts == NULL)
		return; /* it is read when there is memory again */
	tree_touch(&c->tree, node, c->tick);
	add_difference(node->delta, &now->row[0].packets, &before->row[0].packets, ROW_LANES);
	if (hosts->at == c->tick) {
		hosts->near |= hosts_add(hosts, now, before, least, false);
		return;
	}
	hosts_open(hosts, c->tick);
	hosts->near = hosts_add(hosts, now, before, least, true);
}

/* Blocks are cold; the next ones are asked for while these are added up. */
#define AHEAD 12

struct touched {
	uint64_t key; /* of its group, and which it is */
	uint32_t at;
};

static inline void
prefetch_block(const struct seen_core *core, uint32_t at)
{
	const char *now = (const char *)&core->blocks->block[at], *before = (const char *)&core->before[at];
	const struct node *node = core->seen[at].node;

	for (size_t i = 0; i < sizeof(struct seki_hosts); i += 64) {
		__builtin_prefetch(now + i);
		__builtin_prefetch(before + i, 1);
	}
	if (node != NULL)
		__builtin_prefetch(node->hosts, 1);
}

/* The next blocks from *at on, a group, to which something came. Returns how many. */
static unsigned
next_touched(const struct collect *c, const struct seen_core *core, uint32_t *at, struct touched found[AHEAD])
{
	const struct seki_blocks *blocks = core->blocks;
	unsigned n = 0;

	for (; *at < blocks->room && n + SEKI_GROUP_BLOCKS <= AHEAD; ++*at) {
		const struct seki_group *group = &blocks->group[*at];
		uint64_t key = __atomic_load_n(&group->key, __ATOMIC_RELAXED);

		for (unsigned m = 0; m < SEKI_GROUP_BLOCKS && key != 0; m++) {
			uint16_t tick = __atomic_load_n(&group->tick[m], __ATOMIC_ACQUIRE);

			if (tick == 0 || seki_blocks_age(tick, c->stamp) > c->age_max)
				continue;
			found[n] = (struct touched){key << 3 | m, seki_group_at(group, m)};
			prefetch_block(core, found[n++].at);
		}
	}
	return n;
}

static void
read_core(struct collect *c, struct seen_core *core)
{
	struct touched found[2][AHEAD];
	uint32_t at = 0;
	unsigned n[2] = {next_touched(c, core, &at, found[0])};

	for (unsigned k = 0; n[k] > 0; k ^= 1) {
		n[k ^ 1] = next_touched(c, core, &at, found[k ^ 1]);
		for (unsigned i = 0; i < n[k]; i++)
			read_block(c, core, found[k][i].at, found[k][i].key);
	}
}

/* What found no block. */
static void
read_rest(struct collect *c, struct seen_core *core, unsigned zone)
{
	const uint32_t *now = &core->blocks->zone[zone].rest.row[0].packets;
	uint32_t *before = &core->rest[zone][0].packets;
	struct node *node;

	if (memcmp(now, before, ROW_LANES * sizeof(*now)) == 0)
		return;
	node = tree_rest(&c->tree, (uint16_t)zone);
	if (node == NULL)
		return;
	tree_touch(&c->tree, node, c->tick);
	add_difference(node->delta, now, before, ROW_LANES);
}

/* A node's changes go into its windows, to the node above, and are held against the limits of its level, or its own. */
static void
roll_up(struct collect *c, struct node *node)
{
	struct watched *w = &c->zone[node->zone];
	const struct seki_limits *limits = w->limits;
	bool whole = node->level == SEKI_LEVEL_ZONE && (w->shares || w->capacity);

	held_find(w, node);
	for (unsigned row = 0; row < SEKI_N_ROWS; row++) {
		uint32_t packets = node->delta[2 * row], units = node->delta[2 * row + 1];
		struct cell *cell;

		if ((packets | units) == 0)
			continue;
		cell = tree_cell(&c->tree, node, row, c->tick);
		if (cell == NULL)
			continue;
		cell_add(cell, packets, units);
		if (limits != NULL && row < SEKI_N_VECTORS && !whole && !tree_is_rest(node))
			over_cell(c, node, row, cell,
				node->n_own == 0 ? limits->at[node->level][row] : held_to(w, node, HOST_NONE, row));
	}
	if (whole)
		over_zone(c, node, w);
	if (node->parent != NULL) {
		tree_touch(&c->tree, node->parent, c->tick);
		tree_hang(node, c->tick);
		for (unsigned i = 0; i < ROW_LANES; i++)
			node->parent->delta[i] += node->delta[i];
	}
	memset(node->delta, 0, sizeof(node->delta));
}

void
collect_watch(struct collect *c, uint16_t zone, const struct seki_limits *limits)
{
	held_watch(&c->zone[zone], limits);
	if (zone >= c->zone_end)
		c->zone_end = zone + 1u;
}

static void
roll_up_blocks(struct collect *c)
{
	for (uint32_t i = 0; i < c->tree.n_list[SEKI_LEVEL_BLOCK]; i++) {
		struct node *block = c->tree.list[SEKI_LEVEL_BLOCK][i];
		bool near;

		roll_up(c, block);
		near = block->hosts->near || block->hosts->was_near || block->n_own_hosts != 0;
		for (unsigned host = 0; c->zone[block->zone].limits != NULL && near && host < SEKI_BLOCK_HOSTS; host++)
			over_host(c, block, host);
	}
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
	bool some = c->tree.n_list[SEKI_LEVEL_BLOCK] + c->tree.n_list[SEKI_LEVEL_WIDE] > 0;

	for (uint32_t i = 1; i <= passed && i <= SPAN_SLOTS; i++)
		c->ticks[(c->tick + SPAN_SLOTS - passed % SPAN_SLOTS + i) % SPAN_SLOTS] = 0;
	c->ticks[c->tick % SPAN_SLOTS] = some ? at_least(passed, 1) : 1;
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
	c->tree.out_of_memory = false;
	memset(c->overs_of, 0, sizeof(c->overs_of));
	memset(c->tree.n_list, 0, sizeof(c->tree.n_list));
	for (unsigned i = 0; i < c->n_cores; i++)
		read_core(c, &c->core[i]);
	for (unsigned i = 0; i < c->n_cores; i++)
		for (unsigned z = 1; z < c->zone_end; z++)
			read_rest(c, &c->core[i], z);
	open_slot(c, passed);
	roll_up_blocks(c);
	for (unsigned l = SEKI_LEVEL_NET; l <= SEKI_LEVEL_ZONE; l++)
		for (uint32_t i = 0; i < c->tree.n_list[l]; i++)
			roll_up(c, c->tree.list[l][i]);
	tree_sweep(&c->tree, c->tick);
	c->last = c->tick;
}
