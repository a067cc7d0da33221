/* SPDX-License-Identifier: BSD-3-Clause */
#include "over.h"

#include <errno.h>
#include <stdlib.h>

/* Ticks that may lie between a core's last look at its clock and ours. */
#define AGE_MAX 2

/* Where a core's cell is in the tree. */
struct seen {
	uint64_t key;
	struct node *node;
	struct cell *cell; /* of the node; NULL: there was no memory */
	uint32_t generation;
	uint8_t row;
};

size_t
collect_core_bytes(const struct seki_blocks *blocks)
{
	return blocks->room * (sizeof(struct seen) + sizeof(struct seki_cell)) +
	       SEKI_ZONES_MAX * SEKI_N_ROWS * sizeof(struct seki_came);
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

		/* calloc: pages of cells that never come to be are never touched. */
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

/* Four hosts at once, {packets, units} of each; the compiler has instructions for it, or makes do. */
#define LANES 8
typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t)), may_alias, aligned(4)));

#define CHUNKS (HOST_LANES / LANES)

static_assert(sizeof(struct seki_cell) == CHUNKS * sizeof(lanes), "lanes without gaps");
static_assert(sizeof(struct seki_came) * SEKI_N_ROWS == ROW_LANES * sizeof(uint32_t), "likewise");

static inline lanes
lanes_of(const uint32_t pair[2])
{
	return (lanes){pair[0], pair[1], pair[0], pair[1], pair[0], pair[1], pair[0], pair[1]};
}

static inline bool
any(lanes x)
{
	return (x[0] | x[1] | x[2] | x[3] | x[4] | x[5] | x[6] | x[7]) != 0;
}

/* What has come since to a core's cell, which it may be writing to; `before` becomes `now`. Returns the sum. */
static inline struct seki_came
take_difference(const struct seki_cell *now, struct seki_cell *before, lanes came[CHUNKS])
{
	lanes *seen = (lanes *)before, sum = {0};

	for (unsigned i = 0; i < CHUNKS; i++) {
		lanes x = ((const lanes *)now)[i];

		came[i] = x - seen[i];
		seen[i] = x;
		sum += came[i];
	}
	return (struct seki_came){sum[0] + sum[2] + sum[4] + sum[6], sum[1] + sum[3] + sum[5] + sum[7]};
}

/*
 * Adds what has come to the hosts on one core. The first one of a tick (`begin`) takes the place of what came ten ticks
 * ago. Returns whether some host may be over its limit now.
 */
static inline __attribute__((always_inline)) bool
hosts_add(struct hosts *restrict h, const lanes came[CHUNKS], const struct nominee *least, bool begin)
{
	lanes *slot = (lanes *)h->tick[h->at % SPAN_SLOTS], *seconds = (lanes *)h->in_second;
	lanes least_second = lanes_of(least->second), least_tick = lanes_of(least->tick), near = {0};

	for (unsigned i = 0; i < CHUNKS; i++) {
		lanes tick = came[i], second = seconds[i] + came[i];

		if (begin)
			second -= slot[i];
		else
			tick += slot[i];
		slot[i] = tick;
		seconds[i] = second;
		near |= (lanes)(second > least_second) | (lanes)(tick > least_tick);
	}
	return any(near);
}

/* Likewise, and in the tick before. */
static inline bool
hosts_came(struct hosts *h, const lanes came[CHUNKS], const struct nominee *least, uint32_t tick)
{
	if (h->at == tick) {
		h->near |= hosts_add(h, came, least, false);
	} else {
		hosts_open(h, tick);
		h->near = hosts_add(h, came, least, true);
	}
	return h->near || h->was_near;
}

static inline bool
span_near(const struct span *s, uint32_t at, const struct nominee *least, unsigned lane)
{
	return s->in_second > least->second[lane] || s->tick[at % SPAN_SLOTS] > least->tick[lane] ||
	       s->tick[(at + SPAN_SLOTS - 1) % SPAN_SLOTS] > least->tick[lane];
}

/* The block as a whole may be over its limit. */
static inline bool
cell_near(const struct cell *cell, const struct nominee *least)
{
	return span_near(&cell->packets, cell->at, least, 0) || span_near(&cell->units, cell->at, least, 1);
}

/* Where a core's cell is whose key is this one. */
static struct seen *
seen_at(struct collect *c, struct seen_core *core, uint32_t at, uint64_t key)
{
	struct seen *seen = &core->seen[at];
	const struct seki_cell_of *of = &core->blocks->of[at];

	if (seen->key == key && seen->cell != NULL && seen->generation == seen->node->generation)
		return seen;
	*seen = (struct seen){.key = key, .row = of->row};
	seen->node = tree_block(&c->tree, of->zone, of->family, of->address);
	if (seen->node == NULL)
		return seen;
	seen->generation = seen->node->generation;
	seen->cell = tree_cell(&c->tree, seen->node, seen->row, c->tick);
	return seen;
}

static void
read_cell(struct collect *c, struct seen_core *core, uint32_t at, uint64_t key)
{
	struct seen *seen = seen_at(c, core, at, key);
	struct node *node = seen->node;
	struct cell *cell = seen->cell;
	unsigned row = seen->row;
	const struct watched *w;
	lanes came[CHUNKS];
	struct seki_came sum;
	bool near;

	if (cell == NULL)
		return; /* it is read when there is memory again */
	tree_touch(&c->tree, node, c->tick);
	sum = take_difference(&core->blocks->cell[at], &core->before[at], came);
	if (sum.packets == 0)
		return; /* what came in the tick before was read then */
	cell = tree_cell(&c->tree, node, row, c->tick);
	cell_add(cell, sum.packets, sum.units);
	node->parent->delta[2 * row] += sum.packets;
	node->parent->delta[2 * row + 1] += sum.units;
	if (cell->hosts == NULL)
		return;
	w = &c->zone[node->zone];
	near = cell_near(cell, &w->least_block[row]);
	near |= hosts_came(cell->hosts, came, &w->least_host[row], c->tick);
	node->came |= UINT64_C(1) << row;
	node->near |= (uint64_t)near << row;
}

/* Cells are cold. While some are added up, it is asked for the windows of the next, and for the counters of those after
 * them. */
#define AHEAD 16

struct batch {
	unsigned n;
	struct {
		uint64_t key; /* of its group, and which it is */
		uint32_t at;
	} cell[AHEAD];
};

static inline void
prefetch_lines(const void *from, size_t bytes)
{
	for (const char *at = from; at < (const char *)from + bytes; at += 64)
		__builtin_prefetch(at, 1);
}

/* The next cells from *at on, a group, to which something came. */
static void
find_touched(const struct collect *c, const struct seen_core *core, uint32_t *at, struct batch *batch)
{
	const struct seki_blocks *blocks = core->blocks;

	batch->n = 0;
	for (; *at < blocks->n_groups && batch->n + SEKI_GROUP_CELLS <= AHEAD; ++*at) {
		const struct seki_group *group = &blocks->group[*at];
		uint64_t key = __atomic_load_n(&group->key, __ATOMIC_RELAXED);

		for (unsigned m = 0; m < SEKI_GROUP_CELLS && key != 0; m++) {
			uint16_t tick = __atomic_load_n(&group->tick[m], __ATOMIC_ACQUIRE);
			uint32_t cell = seki_group_at(group, m);

			if (tick == 0 || seki_blocks_age(tick, c->stamp) > c->age_max)
				continue;
			batch->cell[batch->n].key = key << 3 | m;
			batch->cell[batch->n++].at = cell;
			__builtin_prefetch(&core->seen[cell]);
			prefetch_lines(&blocks->cell[cell], sizeof(struct seki_cell));
			prefetch_lines(&core->before[cell], sizeof(struct seki_cell));
		}
	}
}

static void
prefetch_windows(const struct collect *c, const struct seen_core *core, const struct batch *batch)
{
	for (unsigned i = 0; i < batch->n; i++) {
		const struct seen *seen = &core->seen[batch->cell[i].at];
		const struct hosts *hosts;

		if (seen->cell == NULL)
			continue;
		hosts = (const struct hosts *)(seen->cell + 1);
		prefetch_lines(seen->node, 64);
		prefetch_lines(seen->cell, sizeof(*seen->cell) + sizeof(hosts->in_second));
		prefetch_lines(hosts->tick[c->tick % SPAN_SLOTS], sizeof(hosts->tick[0]));
	}
}

static void
read_core(struct collect *c, struct seen_core *core)
{
	struct batch batch[3];
	uint32_t at = 0;

	find_touched(c, core, &at, &batch[0]);
	find_touched(c, core, &at, &batch[1]);
	prefetch_windows(c, core, &batch[0]);
	for (unsigned k = 0; batch[k].n > 0; k = (k + 1) % 3) {
		find_touched(c, core, &at, &batch[(k + 2) % 3]);
		prefetch_windows(c, core, &batch[(k + 1) % 3]);
		for (unsigned i = 0; i < batch[k].n; i++)
			read_cell(c, core, batch[k].cell[i].at, batch[k].cell[i].key);
	}
}

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

/* The node above is of this tick, too. */
static void
touch_parent(struct collect *c, struct node *node)
{
	tree_touch(&c->tree, node->parent, c->tick);
	tree_hang(node, c->tick);
}

/* A block that may be over a limit, or hosts of it, is held against theirs; one with limits of its own in any case. */
static void
hold_block(struct collect *c, struct node *block)
{
	struct watched *w = &c->zone[block->zone];
	uint64_t rows;

	held_find(w, block);
	rows = block->n_own + block->n_own_hosts != 0 ? block->came : block->near;
	for (; rows != 0 && w->limits != NULL; rows &= rows - 1) {
		unsigned v = (unsigned)__builtin_ctzll(rows);

		over_cell(c, block, v, block->cell[v], limit_of(w, block, v));
		for (unsigned host = 0; host < SEKI_BLOCK_HOSTS; host++)
			over_host(c, block, v, host);
	}
	block->came = block->near = 0;
	touch_parent(c, block);
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
		cell = tree_cell(&c->tree, node, row, c->tick);
		if (cell == NULL)
			continue;
		cell_add(cell, packets, units);
		if (w->limits != NULL && row < SEKI_N_VECTORS && !whole && !tree_is_rest(node))
			over_cell(c, node, row, cell, limit_of(w, node, row));
	}
	if (whole)
		over_zone(c, node, w);
	if (node->parent != NULL) {
		touch_parent(c, node);
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
	for (uint32_t i = 0; i < c->tree.n_list[SEKI_LEVEL_BLOCK]; i++)
		hold_block(c, c->tree.list[SEKI_LEVEL_BLOCK][i]);
	for (unsigned l = SEKI_LEVEL_NET; l <= SEKI_LEVEL_ZONE; l++)
		for (uint32_t i = 0; i < c->tree.n_list[l]; i++)
			roll_up(c, c->tree.list[l][i]);
	tree_sweep(&c->tree, c->tick);
	c->last = c->tick;
}
