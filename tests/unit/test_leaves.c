/* SPDX-License-Identifier: BSD-3-Clause */
#include "leaves.h"
#include "suite.h"
#include "zone_limits.h"

#include <stdlib.h>

static struct seki_target
random_prefix(void)
{
	struct seki_target t = {.family = random() % 2 == 0 ? 4 : 6};

	t.len = (uint8_t)(random() % (t.family == 4 ? 33 : 65));
	t.net = ((uint64_t)random() << 60 | (uint64_t)(random() % 4) << 36) & seki_target_mask(t.len);
	return t;
}

/* Few bits differ, so that prefixes have several. */
static struct leaf
random_leaf(void)
{
	uint64_t bits = (uint64_t)(random() % 16) << 28 | (uint64_t)(random() % 64) << 4;
	uint8_t family = random() % 2 == 0 ? 4 : 6;

	return (struct leaf){NULL, family == 4 ? bits & UINT32_MAX : bits << 32, (uint16_t)(random() % 3), family};
}

static void
fill(struct leaves *l, unsigned n)
{
	l->n = 0;
	for (unsigned i = 0; i < n; i++)
		ck_assert(leaves_add(l, random_leaf()));
	leaves_sort(l);
}

/* How many of them are so. */
static uint32_t
count(const struct leaves *l, uint16_t zone, const struct seki_target *prefix)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < l->n; i++)
		n += l->at[i].zone == zone && (prefix == NULL || seki_targets_overlap(*prefix, leaf_prefix(&l->at[i])));
	return n;
}

static uint64_t
sum(const struct leaves *l)
{
	uint64_t all = 0;

	for (uint32_t i = 0; i < l->n; i++)
		all += l->at[i].address * 3 + l->at[i].zone * 5 + l->at[i].family * 7;
	return all;
}

/* Whatever order they came in: they are in order, and the same. */
START_TEST(sorts)
{
	struct leaves l = {.n = 0};
	unsigned n = (unsigned)(_i * _i);
	uint64_t all;

	srandom((unsigned)_i + 1);
	for (unsigned i = 0; i < n; i++) {
		struct leaf leaf = random_leaf();

		if (_i % 3 == 1) /* runs of one after the other */
			leaf = (struct leaf){NULL, i % 17 * 1000 + i / 17, 1, 4};
		if (_i % 3 == 2) /* backwards */
			leaf = (struct leaf){NULL, n - i, 1, 6};
		ck_assert(leaves_add(&l, leaf));
	}
	all = sum(&l);
	leaves_sort(&l);
	ck_assert_uint_eq(l.n, n);
	ck_assert_uint_eq(sum(&l), all);
	for (uint32_t i = 1; i < l.n; i++) {
		const struct leaf *a = &l.at[i - 1], *b = &l.at[i];

		ck_assert_uint_le(a->zone, b->zone);
		ck_assert(a->zone < b->zone || a->family <= b->family);
		ck_assert(a->zone < b->zone || a->family < b->family || a->address <= b->address);
	}
	leaves_fini(&l);
}
END_TEST

/* A range has all of a prefix, and nothing else; likewise of a zone. */
START_TEST(ranges)
{
	struct leaves l = {.n = 0};
	unsigned some = 0;

	srandom(7);
	for (unsigned round = 0; round < 200; round++) {
		fill(&l, (unsigned)(random() % 300));
		for (uint16_t zone = 0; zone < 4; zone++) {
			struct seki_target prefix = random_prefix();
			struct leaf_range range = leaves_in(&l, zone, prefix);

			for (uint32_t i = 0; i < range.n; i++) {
				ck_assert_uint_eq(range.at[i].zone, zone);
				ck_assert(seki_targets_overlap(prefix, leaf_prefix(&range.at[i])));
			}
			ck_assert_uint_eq(range.n, count(&l, zone, &prefix));
			some += range.n > 0 && range.n < l.n;
			range = leaves_of_zone(&l, zone);
			ck_assert_uint_eq(range.n, count(&l, zone, NULL));
			ck_assert(range.n == 0 || range.at[0].zone == zone);
		}
	}
	ck_assert_uint_gt(some, 100);
	leaves_fini(&l);
}
END_TEST

/* All of IPv4 and of IPv6, and what lies at their ends. */
START_TEST(ends)
{
	struct leaves l = {.n = 0};
	const uint64_t last[2] = {UINT32_MAX & ~15u, UINT64_MAX};

	for (unsigned f = 0; f < 2; f++) {
		ck_assert(leaves_add(&l, (struct leaf){NULL, 0, 2, (uint8_t)(4 + 2 * f)}));
		ck_assert(leaves_add(&l, (struct leaf){NULL, last[f], 2, (uint8_t)(4 + 2 * f)}));
	}
	leaves_sort(&l);
	ck_assert_uint_eq(leaves_in(&l, 2, (struct seki_target){.family = 4}).n, 2);
	ck_assert_uint_eq(leaves_in(&l, 2, (struct seki_target){.family = 6}).n, 2);
	ck_assert_uint_eq(leaves_in(&l, 2, (struct seki_target){UINT64_MAX, 6, 64}).n, 1);
	ck_assert_uint_eq(leaves_in(&l, 2, (struct seki_target){UINT64_C(0xffffffff) << 32, 4, 32}).n, 1);
	ck_assert_uint_eq(leaves_in(&l, 2, (struct seki_target){0, 4, 32}).n, 1);
	ck_assert_uint_eq(leaves_of_zone(&l, 2).n, 4);
	ck_assert_uint_eq(leaves_of_zone(&l, 1).n + leaves_of_zone(&l, 3).n, 0);
	leaves_fini(&l);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("leaves");

	tcase_add_loop_test(tests, sorts, 0, 40);
	tcase_add_test(tests, ranges);
	tcase_add_test(tests, ends);
	return suite_run("leaves", tests);
}
