/* SPDX-License-Identifier: BSD-3-Clause */
#include "target.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <endian.h>

static int
by_address(const void *a, const void *b)
{
	const struct target_item *x = a, *y = b;

	if (x->prefix.family != y->prefix.family)
		return x->prefix.family < y->prefix.family ? -1 : 1;
	if (x->prefix.net != y->prefix.net)
		return x->prefix.net < y->prefix.net ? -1 : 1;
	return (x->prefix.len > y->prefix.len) - (x->prefix.len < y->prefix.len);
}

/* The longest prefix that holds both, which are of one family. */
static struct seki_target
common(struct seki_target a, struct seki_target b)
{
	uint64_t differs = a.net ^ b.net;
	unsigned len = differs == 0 ? 64 : (unsigned)__builtin_clzll(differs);

	len = len < a.len ? len : a.len;
	len = len < b.len ? len : b.len;
	a.len = (uint8_t)len;
	a.net &= seki_target_mask(len);
	return a;
}

static struct target_item
joined(struct target_item a, struct target_item b)
{
	uint64_t sum = a.covered + b.covered;
	struct target_item both = {common(a.prefix, b.prefix), sum < a.covered ? UINT64_MAX : sum};

	/* One that lies in the other adds nothing to it. */
	if (both.prefix.len == a.prefix.len && both.prefix.net == a.prefix.net)
		both.covered = a.covered > b.covered ? a.covered : b.covered;
	if (a.covered == seki_target_space(a.prefix) && seki_target_holds(a.prefix, b.prefix))
		both.covered = a.covered;
	return both;
}

static bool
is_dense(struct target_item item)
{
	return item.covered >= seki_target_space(item.prefix) / 2;
}

/* As a parser does: each item joins what stands before it as long as that makes something dense. */
static unsigned
merge_dense(struct target_item *item, unsigned n)
{
	unsigned top = 0;

	for (unsigned i = 0; i < n; i++) {
		item[top++] = item[i];
		while (top >= 2 && item[top - 2].prefix.family == item[top - 1].prefix.family) {
			struct target_item both = joined(item[top - 2], item[top - 1]);

			if (!seki_target_holds(item[top - 2].prefix, item[top - 1].prefix) && !is_dense(both))
				break;
			item[top - 2] = both;
			top--;
		}
	}
	return top;
}

/* Of two families. */
#define GAP_FAMILY 65

/* How little two neighbours have in common: bits behind it, or GAP_FAMILY. */
static unsigned
gap(const struct target_item *a, const struct target_item *b)
{
	if (a->prefix.family != b->prefix.family)
		return GAP_FAMILY;
	return (a->prefix.family == 4 ? 32u : 64u) - common(a->prefix, b->prefix).len;
}

/* Joins across the narrowest gaps, as many as are too many; of equal ones the first. `max` < n, and 2 or more. */
static unsigned
merge_close(struct target_item *item, unsigned n, unsigned max)
{
	unsigned count[GAP_FAMILY + 1] = {0}, stay = max - 1, widest = GAP_FAMILY, top = 0;
	struct target_item before = item[0];

	for (unsigned i = 1; i < n; i++)
		count[gap(&item[i - 1], &item[i])]++;
	for (; count[widest] <= stay; widest--)
		stay -= count[widest];
	/* Wider ones stay; of those that are as wide as this, so many go. */
	count[widest] -= stay;
	for (unsigned i = 1; i < n; i++) {
		struct target_item next = item[i];
		unsigned width = gap(&before, &next);
		bool goes = width < widest || (width == widest && count[widest] > 0);

		count[widest] -= goes && width == widest;
		before = next;
		if (!goes) {
			item[++top] = next;
			continue;
		}
		/* Neither lies in the other any more. */
		item[top].prefix = common(item[top].prefix, next.prefix);
		item[top].covered += next.covered;
	}
	return top + 1;
}

static bool
is_sorted(const struct target_item *item, unsigned n)
{
	for (unsigned i = 1; i < n; i++)
		if (by_address(&item[i - 1], &item[i]) > 0)
			return false;
	return true;
}

unsigned
target_merge(struct target_item *item, unsigned n, unsigned max)
{
	if (!is_sorted(item, n)) /* a carpet's targets mostly are */
		qsort(item, n, sizeof(*item), by_address);
	n = merge_dense(item, n);
	return n > max ? merge_close(item, n, max) : n;
}

char *
seki_target_text(struct seki_target target, char text[SEKI_TARGET_TEXT])
{
	char addr[INET6_ADDRSTRLEN];
	uint64_t net[2] = {htobe64(target.net), 0};

	inet_ntop(target.family == 4 ? AF_INET : AF_INET6, net, addr, sizeof(addr));
	snprintf(text, SEKI_TARGET_TEXT, "%s/%u", addr, target.len);
	return text;
}
