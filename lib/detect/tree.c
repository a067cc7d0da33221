/* SPDX-License-Identifier: BSD-3-Clause */
#include "tree.h"

#include "room.h"

#include <sys/mman.h>

/* Ticks without a packet after which a node goes. */
#define IDLE_TICKS (SPAN_SLOTS * SPAN_TICKS_A_SECOND)

#define SWEEP_BUCKETS (TREE_BUCKETS / 20)

/* Freed memory is kept for the next, linked through its first bytes. */
struct link {
	struct link *next;
};

/* Memory comes in large pages where there are some: what is read here and there is then found translated. */
#define SLAB_BYTES ((size_t)2 << 20)

struct slab {
	struct slab *next;
} __attribute__((aligned(64)));

void
tree_init(struct tree *tree, uint64_t secret)
{
	memset(tree, 0, sizeof(*tree));
	tree->secret = secret | 1;
}

static struct slab *
add_slab(struct tree *tree)
{
	struct slab *slab = aligned_alloc(SLAB_BYTES, SLAB_BYTES);

	if (slab == NULL)
		return NULL;
	(void)madvise(slab, SLAB_BYTES, MADV_HUGEPAGE); /* a wish */
	slab->next = tree->slab;
	tree->slab = slab;
	tree->slab_used = sizeof(*slab);
	return slab;
}

static void *
carve(struct tree *tree, size_t size)
{
	void *at;

	size = (size + 63) / 64 * 64;
	if ((tree->slab == NULL || tree->slab_used + size > SLAB_BYTES) && add_slab(tree) == NULL)
		return NULL;
	at = (char *)tree->slab + tree->slab_used;
	tree->slab_used += size;
	tree->bytes += size;
	return at;
}

static void *
take(struct tree *tree, void *list, size_t size)
{
	struct link **first = list, *taken = *first;

	if (taken == NULL)
		taken = carve(tree, size);
	else
		*first = taken->next;
	if (taken == NULL)
		tree->out_of_memory = true;
	else
		memset(taken, 0, size);
	return taken;
}

static void
give_back(void *list, void *memory)
{
	struct link **first = list, *link = memory;

	link->next = *first;
	*first = link;
}

static void
empty_node(struct tree *tree, struct node *node)
{
	for (unsigned r = 0; r < SEKI_N_ROWS; r++) {
		if (node->cell[r] == NULL)
			continue;
		give_back(&tree->free_cells[node->cell[r]->hosts != NULL], node->cell[r]);
		node->cell[r] = NULL;
	}
}

void
tree_fini(struct tree *tree)
{
	for (struct slab *at = tree->slab, *next; at != NULL; at = next) {
		next = at->next;
		free(at);
	}
	for (unsigned l = 0; l < SEKI_N_LEVELS; l++)
		free(tree->list[l]);
	leaves_fini(&tree->leaves);
}

/* What of a block's address a level keeps. */
static uint64_t
cut(unsigned family, enum seki_level level, uint64_t address)
{
	unsigned bits = family == 6 ? 64 : 32, len = seki_level_len(family, level);

	return len == 0 ? 0 : address >> (bits - len) << (bits - len);
}

static uint32_t
bucket_of(uint64_t secret, uint16_t zone, uint8_t family, enum seki_level level, uint64_t address)
{
	uint64_t x = (address ^ (uint64_t)zone << 48 ^ (uint64_t)(family * 8u + level) << 40) * secret;

	x = (x ^ x >> 32) * secret;
	return (uint32_t)(x >> 32) % TREE_BUCKETS;
}

static struct node *
new_node(struct tree *tree, uint16_t zone, enum seki_level level)
{
	bool block = level == SEKI_LEVEL_BLOCK;
	struct node *node = tree->free_nodes[block];
	uint32_t generation = node == NULL ? 0 : node->generation;
	size_t size = sizeof(*node) + (block ? 0 : ROW_LANES * sizeof(uint32_t));

	if (node != NULL)
		tree->free_nodes[block] = node->next;
	else
		node = take(tree, &(struct link *){NULL}, size);
	if (node == NULL)
		return NULL;
	memset(node, 0, size);
	node->generation = generation + 1;
	node->zone = zone;
	node->level = (uint8_t)level;
	node->delta = block ? NULL : (uint32_t *)(node + 1);
	tree->n_nodes[level]++;
	return node;
}

struct node *
tree_zone(struct tree *tree, uint16_t zone)
{
	if (tree->zone[zone] == NULL)
		tree->zone[zone] = new_node(tree, zone, SEKI_LEVEL_ZONE);
	return tree->zone[zone];
}

/* Of a bucket, the node with that prefix. */
static struct node *
node_in(struct node *bucket, uint16_t zone, uint8_t family, enum seki_level level, uint64_t address)
{
	for (struct node *node = bucket; node != NULL; node = node->next)
		if (node->address == address && node->zone == zone && node->level == level && node->family == family)
			return node;
	return NULL;
}

struct node *
tree_look(const struct tree *tree, uint16_t zone, uint8_t family, enum seki_level level, uint64_t block)
{
	uint64_t address = cut(family, level, block);

	if (level == SEKI_LEVEL_ZONE)
		return tree->zone[zone];
	return node_in(
		tree->bucket[bucket_of(tree->secret, zone, family, level, address)], zone, family, level, address);
}

struct node
tree_nobody(uint16_t zone, uint8_t family, enum seki_level level, uint64_t block)
{
	return (struct node){.zone = zone,
		.family = level == SEKI_LEVEL_ZONE ? 0 : family,
		.level = (uint8_t)level,
		.address = cut(family, level, block)};
}

/* As tree_look, and where there is none one is made. */
static struct node *
find_node(struct tree *tree, uint16_t zone, uint8_t family, enum seki_level level, uint64_t block)
{
	uint64_t address = cut(family, level, block);
	struct node **bucket = &tree->bucket[bucket_of(tree->secret, zone, family, level, address)], *node, *parent;

	node = node_in(*bucket, zone, family, level, address);
	if (node != NULL)
		return node;
	parent = level + 1 == SEKI_LEVEL_ZONE ? tree_zone(tree, zone) : find_node(tree, zone, family, level + 1, block);
	node = parent == NULL ? NULL : new_node(tree, zone, level);
	if (node == NULL)
		return NULL;
	node->address = address;
	node->family = family;
	node->parent = parent;
	parent->n_children++;
	node->next = *bucket;
	*bucket = node;
	return node;
}

struct node *
tree_block(struct tree *tree, uint16_t zone, uint8_t family, uint64_t address)
{
	return find_node(tree, zone, family, SEKI_LEVEL_BLOCK, address);
}

struct node *
tree_rest(struct tree *tree, uint16_t zone)
{
	return find_node(tree, zone, 0, SEKI_LEVEL_WIDE, 0);
}

static bool
list_node(struct tree *tree, struct node *node)
{
	uint32_t *n = &tree->n_list[node->level];

	if (!room_for(&tree->list[node->level], &tree->list_room[node->level], *n, sizeof(node)))
		return false;
	tree->list[node->level][(*n)++] = node;
	return true;
}

void
tree_touch(struct tree *tree, struct node *node, uint32_t tick)
{
	bool listed;

	if (node->touched == tick)
		return;
	listed = node->level == SEKI_LEVEL_BLOCK
			 ? leaves_add(&tree->leaves, (struct leaf){node, node->address, node->zone, node->family})
			 : list_node(tree, node);
	if (listed)
		node->touched = tick;
	else
		tree->out_of_memory = true;
}

void
tree_open(struct tree *tree)
{
	memset(tree->n_list, 0, sizeof(tree->n_list));
	tree->leaves.n = 0;
	tree->out_of_memory = false;
}

static struct cell *
new_cell(struct tree *tree, bool hosts, uint32_t tick)
{
	struct cell *cell = take(tree, &tree->free_cells[hosts], sizeof(*cell) + hosts * sizeof(struct hosts));

	if (cell == NULL)
		return NULL;
	cell->at = tick;
	if (hosts) {
		cell->hosts = (struct hosts *)(cell + 1);
		cell->hosts->at = tick - 1;
	}
	return cell;
}

/* The block's hosts are told apart from now on: the cell moves, since they lie behind it. Returns it, or where there is
 * no memory the one that there was. */
static struct cell *
tell_hosts(struct tree *tree, struct node *node, unsigned row, uint32_t tick)
{
	struct cell *old = node->cell[row], *cell = new_cell(tree, true, tick);
	struct hosts *hosts;

	if (cell == NULL)
		return old;
	hosts = cell->hosts;
	*cell = *old;
	cell->hosts = hosts;
	hosts->old[0] = cell->packets.tick[(tick + SPAN_SLOTS - 1) % SPAN_SLOTS];
	hosts->old[1] = cell->units.tick[(tick + SPAN_SLOTS - 1) % SPAN_SLOTS];
	hosts->old_at = tick - 1;
	/* What other cores have brought in this tick already. */
	hosts->owed[0] = cell->packets.tick[tick % SPAN_SLOTS];
	hosts->owed[1] = cell->units.tick[tick % SPAN_SLOTS];
	node->cell[row] = cell;
	node->generation++;
	give_back(&tree->free_cells[false], old);
	return cell;
}

struct cell *
tree_cell(struct tree *tree, struct node *node, unsigned row, bool hosts, uint32_t tick)
{
	struct cell *cell = node->cell[row];

	if (cell == NULL)
		cell = node->cell[row] = new_cell(tree, hosts, tick);
	if (cell == NULL)
		return NULL;
	cell_advance(cell, tick);
	if (hosts && cell->hosts == NULL)
		cell = tell_hosts(tree, node, row, tick);
	if (cell->hosts != NULL)
		hosts_advance(cell->hosts, tick);
	return cell;
}

void
tree_sweep(struct tree *tree, uint32_t tick)
{
	for (unsigned n = 0; n < SWEEP_BUCKETS; n++) {
		struct node **link = &tree->bucket[tree->swept], *node;

		tree->swept = (tree->swept + 1) % TREE_BUCKETS;
		while ((node = *link) != NULL) {
			if (node->n_children > 0 || tick - node->touched < IDLE_TICKS) {
				link = &node->next;
				continue;
			}
			*link = node->next;
			node->parent->n_children--;
			tree->n_nodes[node->level]--;
			empty_node(tree, node);
			node->generation++;
			node->next = tree->free_nodes[node->level == SEKI_LEVEL_BLOCK];
			tree->free_nodes[node->level == SEKI_LEVEL_BLOCK] = node;
		}
	}
}
