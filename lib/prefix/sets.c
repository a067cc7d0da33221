/* SPDX-License-Identifier: BSD-3-Clause */
#include "sets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Slots of the table that interns masks: twice the ids there can be, so that it never fills. */
#define SLOTS (2u * (SEKI_LPM_VALUE_MAX + 1u))

struct item {
	struct seki_prefix prefix;
	uint64_t mask;
};

/* A merge in progress. */
struct merge {
	struct item *item; /* every list's entries, sorted; equal prefixes follow each other */
	size_t n;
	struct seki_lpm_entry *entry; /* what the tables need: prefixes, and from n_prefixes on single addresses */
	size_t n_entries, n_prefixes;
	uint16_t *slot; /* hash of a mask -> set id; 0: free */
	uint64_t *mask; /* set id -> mask */
	unsigned n_sets;
};

static int
compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	return seki_prefix_compare(&x->prefix, &y->prefix);
}

static void
merge_fini(struct merge *merge)
{
	free(merge->item);
	free(merge->entry);
	free(merge->slot);
	free(merge->mask);
}

static int
merge_init(struct merge *merge, const struct seki_list *lists, unsigned n_lists)
{
	size_t total = 0;

	*merge = (struct merge){.n_sets = 1}; /* set 0 is the empty one */
	for (unsigned i = 0; i < n_lists; i++)
		total += lists[i].n;
	merge->item = malloc((total + 1) * sizeof(*merge->item));
	merge->entry = malloc((total + 1) * sizeof(*merge->entry));
	merge->slot = calloc(SLOTS, sizeof(*merge->slot));
	merge->mask = calloc(SEKI_LPM_VALUE_MAX + 1u, sizeof(*merge->mask));
	if (merge->item == NULL || merge->entry == NULL || merge->slot == NULL || merge->mask == NULL) {
		merge_fini(merge);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < n_lists; i++)
		for (size_t j = 0; j < lists[i].n; j++)
			merge->item[merge->n++] = (struct item){lists[i].prefix[j], 1ull << i};
	qsort(merge->item, merge->n, sizeof(*merge->item), compare_items);
	return 0;
}

/* The id of a mask, a new one if need be; 0 if there are too many. `mask` is not 0. */
static uint16_t
intern(struct merge *merge, uint64_t mask)
{
	/* Which lists overlap is the operator's choice: a multiplicative hash will do. */
	uint32_t at = (uint32_t)((mask * 0x9e3779b97f4a7c15) >> 32) % SLOTS;

	while (merge->slot[at] != 0 && merge->mask[merge->slot[at]] != mask)
		at = (at + 1) % SLOTS;
	if (merge->slot[at] == 0) {
		if (merge->n_sets > SEKI_LPM_VALUE_MAX)
			return 0;
		merge->slot[at] = (uint16_t)merge->n_sets;
		merge->mask[merge->n_sets++] = mask;
	}
	return merge->slot[at];
}

/*
 * Walks the sorted items with the stack of prefixes that cover the current one. A prefix whose set is the one that
 * it inherits anyway is left out of the table.
 */
static int
merge_inherit(struct merge *merge)
{
	struct item *stack[129];
	unsigned depth = 0;

	for (size_t i = 0, next; i < merge->n; i = next) {
		struct item *item = &merge->item[i];
		uint64_t inherited;
		uint16_t id;

		for (next = i + 1; next < merge->n && compare_items(item, &merge->item[next]) == 0; next++)
			item->mask |= merge->item[next].mask;
		while (depth > 0 && !seki_prefix_covers(&stack[depth - 1]->prefix, &item->prefix))
			depth--;
		inherited = depth == 0 ? 0 : stack[depth - 1]->mask;
		item->mask |= inherited;
		if (item->mask == inherited)
			continue;
		stack[depth++] = item;
		id = intern(merge, item->mask);
		if (id == 0)
			return -ENOSPC;
		merge->entry[merge->n_entries++] = (struct seki_lpm_entry){item->prefix, id};
	}
	return 0;
}

/* Prefixes first, single addresses behind them. */
static int
merge_divide(struct merge *merge)
{
	struct seki_lpm_entry *single = malloc((merge->n_entries + 1) * sizeof(*single));
	size_t n_singles = 0;

	if (single == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < merge->n_entries; i++) {
		if (seki_singles_has(merge->entry, i, merge->n_entries))
			single[n_singles++] = merge->entry[i];
		else
			merge->entry[merge->n_prefixes++] = merge->entry[i];
	}
	memcpy(&merge->entry[merge->n_prefixes], single, n_singles * sizeof(*single));
	free(single);
	return 0;
}

static int
merge_lists(struct merge *merge, const struct seki_list *lists, unsigned n_lists, struct seki_err *err)
{
	int rc;

	if (n_lists > SEKI_LISTS_MAX)
		return seki_err_add(err, NULL, 0, "%u lists, and %d are possible", n_lists, SEKI_LISTS_MAX);
	rc = merge_init(merge, lists, n_lists);
	if (rc < 0) {
		seki_err_add(err, NULL, 0, "no memory to merge %u lists", n_lists);
		return rc;
	}
	rc = merge_inherit(merge);
	if (rc < 0)
		rc = seki_err_add(err, NULL, 0, "the %u lists overlap in more than %d different ways", n_lists,
			SEKI_LPM_VALUE_MAX);
	else if ((rc = merge_divide(merge)) < 0)
		seki_err_add(err, NULL, 0, "no memory to divide %zu prefixes", merge->n_entries);
	if (rc < 0)
		merge_fini(merge);
	return rc;
}

static int
build_tables(struct seki_sets *sets, const char *name, const struct seki_key *secret, int socket,
	const struct merge *merge, struct seki_err *err)
{
	size_t n_singles = merge->n_entries - merge->n_prefixes;

	if (merge->n_prefixes > 0) {
		sets->lpm = seki_lpm_create(name, socket, merge->entry, merge->n_prefixes, 0, err);
		if (sets->lpm == NULL)
			return -ENOMEM;
	}
	if (n_singles > 0) {
		sets->singles = seki_singles_create(secret, socket, &merge->entry[merge->n_prefixes], n_singles, err);
		if (sets->singles == NULL)
			return -ENOMEM;
	}
	return 0;
}

int
seki_sets_build(struct seki_sets *sets, const char *name, const struct seki_key *secret, int socket,
	const struct seki_list *lists, unsigned n_lists, struct seki_coarse *known, struct seki_err *err)
{
	struct merge merge;
	uint64_t *mask;
	int rc;

	*sets = (struct seki_sets){0};
	rc = merge_lists(&merge, lists, n_lists, err);
	if (rc < 0)
		return rc;
	/* What is kept is as short as the sets found; shrinking does not fail, and would do no harm. */
	mask = realloc(merge.mask, merge.n_sets * sizeof(*mask));
	sets->mask = mask == NULL ? merge.mask : mask;
	sets->n = merge.n_sets;
	merge.mask = NULL;
	rc = build_tables(sets, name, secret, socket, &merge, err);
	for (size_t i = 0; i < merge.n_prefixes; i++)
		seki_coarse_add(known, &merge.entry[i].prefix);
	merge_fini(&merge);
	if (rc < 0)
		seki_sets_fini(sets);
	return rc;
}

void
seki_sets_lookup4_burst(const struct seki_sets *sets, const uint32_t *addr, uint64_t *value, unsigned n)
{
	if (sets->lpm != NULL)
		seki_lpm_lookup4_burst(sets->lpm, addr, value, n);
	else
		memset(value, 0, n * sizeof(*value));
	if (sets->singles != NULL)
		seki_singles_lookup4_burst(sets->singles, addr, value, n);
}

void
seki_sets_lookup6_burst(const struct seki_sets *sets, const uint8_t (*addr)[16], uint64_t *value, unsigned n)
{
	if (sets->lpm != NULL)
		seki_lpm_lookup6_burst(sets->lpm, addr, value, n);
	else
		memset(value, 0, n * sizeof(*value));
	if (sets->singles != NULL)
		seki_singles_lookup6_burst(sets->singles, addr, value, n);
}

void
seki_sets_fini(struct seki_sets *sets)
{
	seki_lpm_destroy(sets->lpm);
	seki_singles_destroy(sets->singles);
	free(sets->mask);
	*sets = (struct seki_sets){0};
}

size_t
seki_sets_bytes(const char *name, const struct seki_list *lists, unsigned n_lists, struct seki_err *err)
{
	struct merge merge;
	size_t bytes;

	if (merge_lists(&merge, lists, n_lists, err) < 0)
		return SIZE_MAX;
	bytes = seki_lpm_bytes(name, merge.entry, merge.n_prefixes, err);
	if (bytes != SIZE_MAX)
		bytes += seki_singles_bytes(merge.n_entries - merge.n_prefixes);
	merge_fini(&merge);
	return bytes;
}
