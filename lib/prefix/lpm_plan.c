/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mempool.h>

#define TBL24_ENTRIES ((size_t)1 << 24)
#define GROUP_ENTRIES ((size_t)256)

/* A two-byte entry numbers groups with 15 bits; more of them make every entry four bytes. */
#define GROUPS_2B_MAX 0x7fff

/* rte_fib6 computes entry numbers (group * 256) in an int. */
#define GROUPS_MAX 4000000

/* rte_rib's nodes are opaque: 40 (IPv4) and 56 bytes in 22.11, with room to grow. */
#define RIB_NODE_BYTES 64

/* Small allocations of a table: its names, handles, pool headers, and their padding. */
#define OVERHEAD_BYTES ((size_t)64 << 10)

static int
compare_entries(const void *a, const void *b)
{
	const struct seki_lpm_entry *x = a, *y = b;

	return seki_prefix_compare(&x->prefix, &y->prefix);
}

static int
compare_insertion(const void *a, const void *b)
{
	const struct seki_lpm_entry *x = a, *y = b;

	if (x->prefix.len != y->prefix.len)
		return x->prefix.len < y->prefix.len ? -1 : 1;
	return seki_prefix_compare(&x->prefix, &y->prefix);
}

/* Bytes of a prefix that index tables, the first of which takes three. */
static unsigned
table_bytes(uint8_t len)
{
	return len <= 24 ? 3 : (len + 7u) / 8;
}

/* One group for each /24 that holds something longer. `entry` is sorted, so equal /24s follow each other. */
static uint64_t
count_groups4(const struct seki_lpm_entry *entry, size_t n)
{
	const uint8_t *last = NULL;
	uint64_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		const struct seki_prefix *p = &entry[i].prefix;

		if (p->family != 4 || p->len <= 24 || (last != NULL && memcmp(last, p->addr, 3) == 0))
			continue;
		last = p->addr;
		groups++;
	}
	return groups;
}

/*
 * rte_fib6 reserves, for each prefix, a group per byte that it is longer than the prefix that covers it, whether
 * or not siblings share the groups: what must be provided is the sum of that, which the groups in use never exceed.
 */
static uint64_t
count_groups6(const struct seki_lpm_entry *entry, size_t n)
{
	const struct seki_prefix *cover[129];
	unsigned depth = 0;
	uint64_t groups = 0;

	for (size_t i = 0; i < n; i++) {
		const struct seki_prefix *p = &entry[i].prefix;

		if (p->family != 6 || p->len == 0)
			continue;
		while (depth > 0 && !seki_prefix_covers(cover[depth - 1], p))
			depth--;
		groups += table_bytes(p->len) - (depth == 0 ? 3 : table_bytes(cover[depth - 1]->len));
		cover[depth++] = p;
	}
	return groups;
}

static int
check_entries(const char *name, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err)
{
	char text[SEKI_PREFIX_STRLEN];
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		seki_prefix_format(&entry[i].prefix, text);
		if (entry[i].value == 0 || entry[i].value > SEKI_LPM_VALUE_MAX)
			rc = seki_err_add(err, NULL, 0, "prefix table '%s': the value of %s is not within 1..%u", name,
				text, SEKI_LPM_VALUE_MAX);
		if (i > 0 && compare_entries(&entry[i - 1], &entry[i]) == 0)
			rc = seki_err_add(err, NULL, 0, "prefix table '%s': %s is there twice", name, text);
	}
	return rc;
}

static void
plan_families(struct lpm_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct lpm_family *family = plan->entry[i].prefix.family == 4 ? &plan->v4 : &plan->v6;

		if (plan->entry[i].prefix.len == 0)
			family->def = plan->entry[i].value;
		else
			family->n++;
	}
	plan->v4.groups = count_groups4(plan->entry, plan->n);
	plan->v6.groups = count_groups6(plan->entry, plan->n);
}

int
lpm_plan_init(
	struct lpm_plan *plan, const char *name, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err)
{
	int rc;

	*plan = (struct lpm_plan){.n = n};
	if (n == 0)
		return 0;
	plan->entry = malloc(n * sizeof(*entry));
	if (plan->entry == NULL) {
		seki_err_add(err, NULL, 0, "prefix table '%s': no memory for %zu prefixes", name, n);
		return -ENOMEM;
	}
	memcpy(plan->entry, entry, n * sizeof(*entry));
	qsort(plan->entry, n, sizeof(*entry), compare_entries);
	rc = check_entries(name, plan->entry, n, err);
	plan_families(plan);
	qsort(plan->entry, n, sizeof(*entry), compare_insertion);
	if (rc < 0)
		lpm_plan_fini(plan);
	return rc;
}

void
lpm_plan_fini(struct lpm_plan *plan)
{
	free(plan->entry);
	plan->entry = NULL;
}

unsigned
lpm_entry_shift(const struct lpm_family *family)
{
	return family->groups + LPM_GROUPS_SPARE <= GROUPS_2B_MAX ? 1 : 2;
}

/* What the route tree beside the table takes: two nodes a prefix in a mempool. */
static size_t
rib_bytes(size_t n)
{
	size_t object = rte_mempool_calc_obj_size(RIB_NODE_BYTES, 0, NULL);
	size_t nodes = 2 * (n + 1);

	/* No object crosses a page where huge pages are missing. */
	size_t pages = nodes / (4096 / object) + 2;

	return pages * 4096 + sizeof(void *) * 2 * (nodes + 1) + OVERHEAD_BYTES;
}

static size_t
family_bytes(const struct lpm_family *family)
{
	unsigned shift = lpm_entry_shift(family);
	size_t groups = family->groups + LPM_GROUPS_SPARE + 64;

	if (family->n == 0)
		return 0;
	/* With a group, the word that keeps it among the free ones. */
	return (TBL24_ENTRIES << shift) + groups * ((GROUP_ENTRIES << shift) + sizeof(uint32_t)) +
	       rib_bytes(family->n) + OVERHEAD_BYTES;
}

size_t
lpm_plan_bytes(const struct lpm_plan *plan)
{
	return family_bytes(&plan->v4) + family_bytes(&plan->v6);
}

int
lpm_plan_check(const char *name, const struct lpm_plan *plan, size_t max_bytes, struct seki_err *err)
{
	size_t bytes = lpm_plan_bytes(plan);

	if (plan->v4.groups > GROUPS_MAX || plan->v6.groups > GROUPS_MAX || plan->n > INT32_MAX / 4)
		return seki_err_add(err, NULL, 0,
			"prefix table '%s': %zu prefixes need more second-level tables than can be numbered", name,
			plan->n);
	if (max_bytes != 0 && bytes > max_bytes)
		return seki_err_add(err, NULL, 0,
			"prefix table '%s': %zu IPv4 and %zu IPv6 prefixes need %zu MiB and %zu MiB are allowed", name,
			plan->v4.n, plan->v6.n, (bytes + 0xfffff) >> 20, max_bytes >> 20);
	return 0;
}
