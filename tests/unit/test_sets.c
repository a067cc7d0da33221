/* SPDX-License-Identifier: BSD-3-Clause */
/* Membership sets against asking every list in turn. */
#include "eal.h"
#include "lpm_rig.h"
#include "sets.h"

#include <stdio.h>
#include <time.h>

#define MEMORY_MB 768

static int
compare(const void *a, const void *b)
{
	return seki_prefix_compare(a, b);
}

/* What seki_list_parse promises of a list: sorted, no prefix twice. */
static const struct seki_key secret = {{1, 2}};
static struct seki_coarse known;

static struct seki_list
list_of(struct seki_prefix *prefix, size_t n)
{
	struct seki_list list = {.prefix = prefix};

	qsort(prefix, n, sizeof(*prefix), compare);
	for (size_t i = 0; i < n; i++)
		if (list.n == 0 || compare(&prefix[list.n - 1], &prefix[i]) != 0)
			prefix[list.n++] = prefix[i];
	list.line = calloc(n + 1, sizeof(*list.line));
	return list;
}

static struct seki_list
list_of_text(const char *text)
{
	struct seki_prefix *prefix = calloc(16, sizeof(*prefix));
	char copy[512], *save = NULL;
	size_t n = 0;

	snprintf(copy, sizeof(copy), "%s", text);
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		prefix[n++] = prefix_of(word);
	return list_of(prefix, n);
}

static uint64_t
oracle(const struct seki_list *lists, unsigned n, const struct seki_prefix *addr)
{
	uint64_t mask = 0;

	for (unsigned i = 0; i < n; i++)
		for (size_t j = 0; j < lists[i].n; j++)
			if (seki_prefix_covers(&lists[i].prefix[j], addr))
				mask |= 1ull << i;
	return mask;
}

static uint64_t
ask(const struct seki_sets *sets, const struct seki_prefix *addr)
{
	uint16_t id = set_of(sets, addr);

	ck_assert_uint_lt(id, sets->n);
	return sets->mask[id];
}

static void
check_address(const struct seki_sets *sets, const struct seki_list *lists, unsigned n, struct seki_prefix addr)
{
	uint64_t want, got;
	char text[SEKI_PREFIX_STRLEN];

	addr.len = addr.family == 4 ? 32 : 128;
	want = oracle(lists, n, &addr);
	got = ask(sets, &addr);
	ck_assert_msg(want == got, "%s: %#lx, the lists say %#lx", seki_prefix_format(&addr, text), (unsigned long)got,
		(unsigned long)want);
}

/* Addresses and lengths from few values, so that lists overlap and nest. */
static struct seki_prefix
random_prefix(struct seki_rng *rng)
{
	bool v6 = seki_rng_below(rng, 2) == 0;
	struct seki_prefix p = {.family = v6 ? 6 : 4};
	unsigned bytes = v6 ? 16 : 4;

	for (unsigned i = 0; i < bytes; i++)
		p.addr[i] = (uint8_t)(seki_rng_below(rng, 3) * 0x55);
	p.len = (uint8_t)(v6 ? 16 + seki_rng_below(rng, 113) : 8 + seki_rng_below(rng, 25));
	seki_addr_mask(p.addr, p.len);
	return p;
}

static struct seki_sets
build_good(const struct seki_list *lists, unsigned n)
{
	struct seki_sets sets;
	struct seki_err err;
	int rc;

	seki_err_init(&err);
	rc = seki_sets_build(&sets, "test", &secret, 0, lists, n, &known, &err);
	check_silent(&err);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(sets.mask[0], 0);
	return sets;
}

static void
lists_fini(struct seki_list *lists, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		seki_list_fini(&lists[i]);
}

START_TEST(test_random)
{
	struct seki_list lists[SEKI_LISTS_MAX];
	struct seki_sets sets;
	struct seki_rng rng;
	unsigned n;

	seki_rng_init(&rng, 0x5e75 + (uint64_t)_i);
	n = _i == 0 ? SEKI_LISTS_MAX : 1 + (unsigned)seki_rng_below(&rng, 12);
	for (unsigned i = 0; i < n; i++) {
		size_t entries = seki_rng_below(&rng, 60);
		struct seki_prefix *prefix = calloc(entries + 1, sizeof(*prefix));

		for (size_t j = 0; j < entries; j++)
			prefix[j] = random_prefix(&rng);
		lists[i] = list_of(prefix, entries);
	}
	sets = build_good(lists, n);
	for (unsigned i = 0; i < n; i++)
		for (size_t j = 0; j < lists[i].n; j++)
			check_address(&sets, lists, n, lists[i].prefix[j]);
	for (unsigned i = 0; i < 3000; i++)
		check_address(&sets, lists, n, random_prefix(&rng));
	seki_sets_fini(&sets);
	lists_fini(lists, n);
}
END_TEST

/* Lists, an address, and which lists hold it. */
static const struct {
	const char *description;
	const char *list[3];
	const char *addr;
	uint64_t mask;
} cases[] = {
	{"on no list", {"10.0.0.0/8", "", ""}, "11.0.0.1", 0},
	{"on the first list", {"10.0.0.0/8", "", ""}, "10.255.255.255", 1},
	{"on the last list", {"", "", "10.1.2.3"}, "10.1.2.3", 4},
	{"same prefix on all lists", {"10.0.0.0/8", "10.0.0.0/8", "10.0.0.0/8"}, "10.0.0.0", 7},
	{"inherits from what covers it", {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"}, "10.1.2.3", 7},
	{"only as far as it is covered", {"10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24"}, "10.1.3.3", 3},
	{"a sibling does not inherit", {"10.0.0.0/9", "10.128.0.0/9", ""}, "10.128.0.0", 2},
	{"inherits through a prefix that adds nothing", {"10.0.0.0/8 10.1.0.0/16 10.1.1.0/24", "10.1.1.1", ""},
		"10.1.1.1", 3},
	{"IPv6 inherits", {"2001:db8::/32", "2001:db8:1::/48", "2001:db8:1::1"}, "2001:db8:1::1", 7},
	{"a /64 that stands alone", {"2001:db8::/32", "2001:db8:0:1::/64", ""}, "2001:db8:0:1:8000::1", 3},
	{"an address in a /64", {"2001:db8:0:1::/64", "2001:db8:0:1::7", ""}, "2001:db8:0:1::7", 3},
	{"beside the address in a /64", {"2001:db8:0:1::/64", "2001:db8:0:1::7", ""}, "2001:db8:0:1::8", 1},
	{"a longer prefix in a /64", {"2001:db8:0:1::/64", "2001:db8:0:1:8000::/66", ""}, "2001:db8:0:1:8000::1", 3},
	{"an address in a longer prefix in a /64",
		{"2001:db8:0:1::/64", "2001:db8:0:1:8000::/66", "2001:db8:0:1:8000::1"}, "2001:db8:0:1:8000::1", 7},
	{"beside the longer prefix in a /64", {"2001:db8:0:1::/64", "2001:db8:0:1:8000::/66", ""}, "2001:db8:0:1::1",
		1},
	{"the families are apart", {"::/16", "0.0.0.0/8", ""}, "::", 1},
	{"as wide as bogons come", {"224.0.0.0/3", "239.1.2.3", "240.0.0.0/4"}, "239.1.2.3", 3},
	{"up to the last address", {"224.0.0.0/3", "239.1.2.3", "240.0.0.0/4"}, "255.255.255.255", 5},
	{"and not before the first", {"224.0.0.0/3", "239.1.2.3", "240.0.0.0/4"}, "223.255.255.255", 0},
	{"IPv6 as wide", {"8000::/1 4000::/2", "fc00::/7", ""}, "fdff:ffff::1", 3},
	{"up to the last one", {"8000::/1 4000::/2", "fc00::/7", ""}, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 1},
	{"and not before", {"8000::/1 4000::/2", "fc00::/7", ""}, "3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 0},
	{"all lists empty", {"", "", ""}, "10.0.0.1", 0},
};

START_TEST(test_cases)
{
	struct seki_list lists[3];
	struct seki_prefix addr;
	struct seki_sets sets;

	for (unsigned i = 0; i < 3; i++)
		lists[i] = list_of_text(cases[_i].list[i]);
	sets = build_good(lists, 3);
	ck_assert_int_eq(seki_prefix_parse(cases[_i].addr, &addr), 0);
	ck_assert_uint_eq(ask(&sets, &addr), cases[_i].mask);
	seki_sets_fini(&sets);
	lists_fini(lists, 3);
}
END_TEST

/* What is inherited anyway takes no entry: 100,000 addresses inside a listed /8 cost what the /8 costs. */
START_TEST(test_redundant)
{
	size_t n = 100000;
	struct seki_prefix *prefix = calloc(n + 1, sizeof(*prefix));
	struct seki_list list, one = list_of_text("10.0.0.0/8");

	for (size_t i = 0; i < n; i++)
		prefix[i] = (struct seki_prefix){{10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i}, 4, 32};
	prefix[n] = one.prefix[0];
	list = list_of(prefix, n + 1);
	ck_assert_uint_eq(list.n, n + 1);
	ck_assert_uint_eq(seki_sets_bytes("test", &list, 1, NULL), seki_sets_bytes("test", &one, 1, NULL));
	seki_list_fini(&list);
	seki_list_fini(&one);
}
END_TEST

static struct seki_prefix
feed_prefix(struct seki_rng *rng)
{
	bool v6 = seki_rng_below(rng, 10) < 3;
	struct seki_prefix p = {.family = v6 ? 6 : 4};

	for (unsigned i = 0; i < (v6 ? 16u : 4u); i++)
		p.addr[i] = (uint8_t)seki_rng_next(rng);
	p.len = (uint8_t)(v6 ? 29 + seki_rng_below(rng, 36) : 16 + seki_rng_below(rng, 17));
	seki_addr_mask(p.addr, p.len);
	return p;
}

START_TEST(test_load)
{
	struct seki_list lists[8];
	size_t before = test_eal_used(), per_list = 12500, said, used;
	struct timespec a, b;
	struct seki_sets sets;
	struct seki_rng rng;

	seki_rng_init(&rng, 3);
	for (unsigned i = 0; i < 8; i++) {
		struct seki_prefix *prefix = calloc(per_list, sizeof(*prefix));

		for (size_t j = 0; j < per_list; j++)
			prefix[j] = feed_prefix(&rng);
		lists[i] = list_of(prefix, per_list);
	}
	said = seki_sets_bytes("test", lists, 8, NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	sets = build_good(lists, 8);
	clock_gettime(CLOCK_MONOTONIC, &b);
	used = test_eal_used() - before;
	printf("8 lists of %zu: %u sets, %.0f ms, %.1f MiB used of %.1f said\n", per_list, sets.n,
		(double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, (double)used / 0x1p20,
		(double)said / 0x1p20);
	ck_assert_uint_le(used, said);
	for (unsigned i = 0; i < 200; i++) {
		const struct seki_list *list = &lists[i % 8];

		check_address(&sets, lists, 8, list->prefix[seki_rng_below(&rng, list->n)]);
	}
	seki_sets_fini(&sets);
	lists_fini(lists, 8);
	ck_assert_uint_eq(test_eal_used(), before);
}
END_TEST

/* A feed's single address: mostly IPv4, else a /64 or an address. */
static struct seki_prefix
single(struct seki_rng *rng)
{
	uint64_t bits = seki_rng_next(rng);
	bool v6 = bits % 10 == 0;
	struct seki_prefix p = {.family = v6 ? 6 : 4, .len = v6 ? (bits & 1024 ? 64 : 128) : 32};

	for (unsigned i = 0; i < p.len / 8u; i++)
		p.addr[i] = (uint8_t)seki_rng_next(rng);
	return p;
}

/* The scale that is promised: a million single addresses beside 100,000 prefixes, and what a reload holds beside that.
 */
START_TEST(test_million)
{
	size_t n = 1000000, n_prefixes = 100000, before = test_eal_used(), said, used;
	struct seki_prefix *prefix = calloc(n + n_prefixes, sizeof(*prefix));
	struct seki_list list;
	struct timespec a, b;
	struct seki_sets sets;
	struct seki_rng rng;

	seki_rng_init(&rng, 7);
	for (size_t i = 0; i < n; i++)
		prefix[i] = single(&rng);
	for (size_t i = 0; i < n_prefixes; i++) {
		prefix[n + i] = feed_prefix(&rng);
		if (prefix[n + i].family == 6) {
			prefix[n + i].len = 48;
			seki_addr_mask(prefix[n + i].addr, 48);
		}
	}
	list = list_of(prefix, n + n_prefixes);
	said = seki_sets_bytes("test", &list, 1, NULL);
	clock_gettime(CLOCK_MONOTONIC, &a);
	sets = build_good(&list, 1);
	clock_gettime(CLOCK_MONOTONIC, &b);
	used = test_eal_used() - before;
	printf("%zu addresses and prefixes: %.0f ms, %.1f MiB used of %.1f said\n", list.n,
		(double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, (double)used / 0x1p20,
		(double)said / 0x1p20);
	ck_assert_uint_le(used, said);
	for (size_t i = 0; i < list.n; i++) /* each is found, and so is a neighbour only by chance */
		ck_assert_uint_eq(set_of(&sets, &list.prefix[i]), 1);
	for (unsigned i = 0; i < 300; i++) {
		struct seki_prefix p = list.prefix[seki_rng_below(&rng, list.n)];

		p.addr[p.family == 4 ? 3 : 15] ^= 1;
		check_address(&sets, &list, 1, p);
	}
	seki_sets_fini(&sets);
	seki_list_fini(&list);
	ck_assert_uint_eq(test_eal_used(), before);
}
END_TEST

START_TEST(test_refusals)
{
	static struct seki_list lists[SEKI_LISTS_MAX + 1];
	struct seki_sets sets;
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_lt(seki_sets_build(&sets, "test", &secret, 0, lists, SEKI_LISTS_MAX + 1, &known, &err), 0);
	check_said(&err, 1, 0, "65 lists, and 64 are possible");
	ck_assert_uint_eq(seki_sets_bytes("test", lists, SEKI_LISTS_MAX + 1, &err), SIZE_MAX);
	check_said(&err, 1, 0, "65 lists, and 64 are possible");
}
END_TEST

/* Sixteen lists in all combinations are 65,535 sets, more than there are ids. */
START_TEST(test_too_many_sets)
{
	struct seki_list lists[16];
	struct seki_sets sets;
	struct seki_err err;

	for (unsigned i = 0; i < 16; i++) {
		struct seki_prefix *prefix = calloc(65536, sizeof(*prefix));
		size_t n = 0;

		for (unsigned j = 1; j < 65536; j++)
			if (j >> i & 1)
				prefix[n++] = (struct seki_prefix){{10, (uint8_t)(j >> 8), (uint8_t)j, 0}, 4, 24};
		lists[i] = list_of(prefix, n);
	}
	seki_err_init(&err);
	ck_assert_int_eq(seki_sets_build(&sets, "test", &secret, 0, lists, 16, &known, &err), -22);
	check_said(&err, 1, 0, "the 16 lists overlap in more than 32767 different ways");
	ck_assert_ptr_null(sets.mask);
	sets = build_good(lists, 14); /* 16,383 sets fit */
	ck_assert_uint_eq(sets.n, 16384);
	seki_sets_fini(&sets);
	lists_fini(lists, 16);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("sets");

	test_eal_start(MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_loop_test(tests, test_random, 0, 12);
	tcase_add_loop_test(tests, test_cases, 0, N(cases));
	tcase_add_test(tests, test_redundant);
	tcase_add_test(tests, test_load);
	tcase_add_test(tests, test_million);
	tcase_add_test(tests, test_refusals);
	tcase_add_test(tests, test_too_many_sets);
	return suite_run("sets", tests);
}
