/* SPDX-License-Identifier: BSD-3-Clause */

/* What has come to the cells of a core since the last tick. */
#include "collect.h"

/* And those that a core may be ahead: ours goes on while this is read, and stamps leave out one number where they begin
 * anew. */
#define AHEAD_MAX 2

/* Four hosts at once, {packets, units} of each; the compiler has instructions for it, or makes do. */
#define LANES 8
typedef uint32_t lanes __attribute__((vector_size(LANES * sizeof(uint32_t)), may_alias, aligned(4)));

#define CHUNKS (HOST_LANES / LANES)

static_assert(sizeof(struct seki_cell) == CHUNKS * sizeof(lanes), "lanes without gaps");

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
	if ((sum.packets | sum.units) == 0)
		return; /* what came in the tick before was read then */
	c->some = true;
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

/* Odd and large, so that the key of one member is none of another group's. */
#define KEY_OF_MEMBER UINT64_C(0x9e3779b97f4a7c15)

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

			if (tick == 0 || seki_blocks_age(tick, c->stamp + AHEAD_MAX) > c->age_max + AHEAD_MAX)
				continue;
			batch->cell[batch->n].key = key + m * KEY_OF_MEMBER;
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

void
collect_read(struct collect *c, struct seen_core *core)
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
