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

/* Odd and large, so that the key of one member is none of another group's. */
#define KEY_OF_MEMBER UINT64_C(0x9e3779b97f4a7c15)

/* A cell that something may have come to. */
struct touched {
	uint64_t key;
	uint32_t group; /* and which of it: */
	uint32_t member;
	uint32_t cell;
	bool ip4;
	bool whole; /* it has no hosts */
};

static inline uint64_t
block_address(const struct seki_group_of *of, unsigned member)
{
	return of->address + member * (of->family == 4 ? SEKI_BLOCK_HOSTS : 1);
}

/* Where a core's cell is. */
static struct seen *
find_seen(struct collect *c, const struct seen_core *core, const struct touched *t)
{
	struct seen *seen = &core->seen[t->cell];
	const struct seki_group_of *of;

	if (seen->key == t->key && seen->cell != NULL && seen->generation == seen->node->generation &&
		(t->ip4 || t->whole || seen->cell->hosts != NULL || seen->row >= SEKI_N_VECTORS))
		return seen;
	of = &core->blocks->of[t->group];
	*seen = (struct seen){.key = t->key, .row = of->row};
	seen->node = tree_block(&c->tree, of->zone, of->family, block_address(of, t->member));
	if (seen->node == NULL)
		return seen;
	seen->cell = tree_cell(&c->tree, seen->node, of->row, !t->whole && of->row < SEKI_N_VECTORS, c->tick);
	seen->generation = seen->node->generation;
	return seen;
}

/* What has come to an IPv6 block as a whole. */
static struct seki_came
take_whole(const struct seen_core *core, const struct touched *t)
{
	const struct seki_came *now = &core->blocks->group[t->group].v6.whole[t->member];
	uint32_t packets = __atomic_load_n(&now->packets, __ATOMIC_RELAXED), claims = core->blocks->of[t->group].claims;
	uint32_t units = __atomic_load_n(&now->units, __ATOMIC_RELAXED);
	struct seen_whole *seen = &core->whole[t->group];
	struct seki_came *before = &seen->came[t->member], came;

	if (seen->claims != claims)
		*seen = (struct seen_whole){.claims = claims};
	came = (struct seki_came){packets - before->packets, units - before->units};
	*before = (struct seki_came){packets, units};
	return came;
}

/* Of a vector's cell that something came to: are hosts over a limit, or may the block be? */
static void
read_hosts(struct collect *c, const struct touched *t, struct node *node, unsigned row, const lanes came[CHUNKS],
	struct seki_came whole)
{
	const struct watched *w = &c->zone[node->zone];
	struct cell *cell = node->cell[row];
	bool near = cell_near(cell, &w->least_block[row]);

	if (!t->whole && cell->hosts != NULL)
		near |= hosts_came(cell->hosts, came, &w->least_host[row], c->tick);
	if (!t->ip4 && cell->hosts != NULL) {
		cell->hosts->owed[0] += whole.packets;
		cell->hosts->owed[1] += whole.units;
	}
	node->came |= UINT64_C(1) << row;
	node->near |= (uint64_t)near << row;
}

static void
read_cell(struct collect *c, struct seen_core *core, const struct touched *t)
{
	struct seen *seen = find_seen(c, core, t);
	struct seki_came whole = {0}, sum = {0};
	struct node *node = seen->node;
	lanes came[CHUNKS] = {{0}};
	unsigned row = seen->row;

	if (seen->cell == NULL)
		return; /* it is read when there is memory again */
	tree_touch(&c->tree, node, c->tick);
	if (!t->ip4)
		whole = take_whole(core, t);
	if (!t->whole)
		sum = take_difference(&core->blocks->cell[t->cell], &core->before[t->cell], came);
	sum.packets += whole.packets;
	sum.units += whole.units;
	if ((sum.packets | sum.units) == 0)
		return; /* what came in the tick before was read then */
	c->some = true;
	cell_add(tree_cell(&c->tree, node, row, false, c->tick), sum.packets, sum.units);
	node->parent->delta[2 * row] += sum.packets;
	node->parent->delta[2 * row + 1] += sum.units;
	if (row < SEKI_N_VECTORS)
		read_hosts(c, t, node, row, came, whole);
}

/* Cells are cold. While some are added up, it is asked for the windows of the next, and for the counters of those after
 * them. */
#define AHEAD 16

struct batch {
	unsigned n;
	struct touched cell[AHEAD];
};

/* Inlined, all of them: gcc takes a function that only prefetches for one that does nothing. */
static inline __attribute__((always_inline)) void
prefetch_lines(const void *from, size_t bytes)
{
	for (const char *at = from; at < (const char *)from + bytes; at += 64)
		__builtin_prefetch(at, 1);
}

static inline __attribute__((always_inline)) void
prefetch_counters(const struct seen_core *core, const struct touched *t)
{
	__builtin_prefetch(&core->seen[t->cell]);
	if (!t->ip4)
		__builtin_prefetch(&core->whole[t->group]);
	if (t->whole)
		return;
	prefetch_lines(&core->blocks->cell[t->cell], sizeof(struct seki_cell));
	prefetch_lines(&core->before[t->cell], sizeof(struct seki_cell));
}

/* The cells of a group to which something came. Whose it is says the key, which was there before what was touched: if
 * it is another one by then, the next tick reads it. */
static void
find_in_group(const struct collect *c, const struct seen_core *core, uint32_t g, struct batch *batch)
{
	const struct seki_group *group = &core->blocks->group[g];
	uint64_t key = __atomic_load_n(&group->key, __ATOMIC_RELAXED);
	bool ip4 = seki_group_is_ip4(key);

	if (key == 0)
		return;
	for (unsigned m = 0; m < (ip4 ? SEKI_GROUP_CELLS4 : SEKI_GROUP_CELLS6); m++) {
		uint16_t tick = __atomic_load_n(seki_group_tick(ip4, group, m), __ATOMIC_ACQUIRE);
		struct touched *t = &batch->cell[batch->n];

		if (tick == 0 || seki_blocks_age(tick, c->stamp + AHEAD_MAX) > c->age_max + AHEAD_MAX ||
			__atomic_load_n(&group->key, __ATOMIC_RELAXED) != key)
			continue;
		*t = (struct touched){key + m * KEY_OF_MEMBER, g, m, seki_group_cell(core->blocks, ip4, group, m), ip4,
			seki_group_is_whole(ip4, group, m)};
		if (t->cell >= core->blocks->room)
			continue; /* the place became another's as it was read */
		prefetch_counters(core, t);
		batch->n++;
	}
}

/* The next cells from *at on, a group, to which something came. */
static void
find_touched(const struct collect *c, const struct seen_core *core, uint32_t *at, struct batch *batch)
{
	batch->n = 0;
	for (; *at < core->blocks->n_groups && batch->n + SEKI_GROUP_CELLS4 <= AHEAD; ++*at)
		find_in_group(c, core, *at, batch);
}

static inline __attribute__((always_inline)) void
prefetch_windows(const struct collect *c, const struct seen_core *core, const struct batch *batch)
{
	for (unsigned i = 0; i < batch->n; i++) {
		const struct touched *t = &batch->cell[i];
		const struct seen *seen = &core->seen[t->cell];
		const struct hosts *hosts;

		if (seen->cell == NULL)
			continue;
		hosts = (const struct hosts *)(seen->cell + 1);
		prefetch_lines(seen->node, 64);
		prefetch_lines(seen->cell, sizeof(*seen->cell) + (t->whole ? 0 : sizeof(hosts->in_second)));
		if (!t->whole)
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
			read_cell(c, core, &batch[k].cell[i]);
	}
}
