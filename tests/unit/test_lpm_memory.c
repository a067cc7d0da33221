/* SPDX-License-Identifier: BSD-3-Clause */
/* What LPM tables take: said before they are built, at most that when they are, all of it back; and refusals. */
#include "eal.h"
#include "lpm_rig.h"

#include <stdio.h>
#include <time.h>

#define MEMORY_MB 1024

static void
check_refused(const struct seki_lpm_entry *entry, size_t n, size_t max_bytes, const char *sentence)
{
	size_t before = test_eal_used();
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(seki_lpm_create("test", 0, entry, n, max_bytes, &err));
	check_said(&err, 1, 0, sentence);
	ck_assert_uint_eq(test_eal_used(), before);
}

START_TEST(test_refusals)
{
	struct seki_lpm_entry twice[] = {
		entry_of("10.0.0.0/8", 1), entry_of("10.0.0.0/9", 1), entry_of("10.0.0.0/8", 2)};
	struct seki_lpm_entry zero = entry_of("10.0.0.0/8", 0), large = entry_of("10.0.0.0/8", SEKI_LPM_VALUE_MAX + 1);

	check_refused(twice, 3, 0, "10.0.0.0/8 is there twice");
	check_refused(&zero, 1, 0, "not within 1..32767");
	check_refused(&large, 1, 0, "not within 1..32767");
	check_refused(twice, 2, 1 << 20, "2 IPv4 and 0 IPv6 prefixes need 33 MiB and 1 MiB are allowed");
}
END_TEST

/* A million /64 without common bytes would take five groups each: said before anything is allocated. */
START_TEST(test_no_memory)
{
	size_t n = 1000000;
	struct seki_lpm_entry *entry = calloc(n, sizeof(*entry));
	struct seki_err err;

	for (size_t i = 0; i < n; i++) {
		entry[i] = (struct seki_lpm_entry){.prefix = {.family = 6, .len = 64}, .value = 1};
		entry[i].prefix.addr[0] = (uint8_t)(i >> 16);
		entry[i].prefix.addr[1] = (uint8_t)(i >> 8);
		entry[i].prefix.addr[2] = (uint8_t)i;
	}
	check_refused(entry, n, 0, "more second-level tables than can be numbered");
	seki_err_init(&err);
	ck_assert_uint_eq(seki_lpm_bytes("test", entry, n, &err), SIZE_MAX);
	check_said(&err, 1, 0, "more second-level tables than can be numbered");
	check_refused(entry, 500000, 0, "more than DPDK's memory has left");
	free(entry);
}
END_TEST

/* What a table takes is at most what was said, and not absurdly less; it all comes back. */
static void
check_bytes(const char *what, const struct seki_lpm_entry *entry, size_t n)
{
	size_t before = test_eal_used(), said = seki_lpm_bytes("test", entry, n, NULL), used;
	struct timespec a, b;
	struct seki_lpm *lpm;

	clock_gettime(CLOCK_MONOTONIC, &a);
	lpm = lpm_create_good(entry, n);
	clock_gettime(CLOCK_MONOTONIC, &b);
	used = test_eal_used() - before;
	printf("%s: %zu prefixes, %.0f ms, %.1f MiB used of %.1f said\n", what, n,
		(double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6, (double)used / 0x1p20,
		(double)said / 0x1p20);
	ck_assert_uint_le(used, said);
	ck_assert_uint_ge(used * 4, said * 3);
	seki_lpm_destroy(lpm);
	ck_assert_uint_eq(test_eal_used(), before);
}

/* A /64 inside a /48 inside a /32 needs the groups of the /64 alone. */
START_TEST(test_nested_bytes)
{
	size_t n = 1000, alone, nested;
	struct seki_lpm_entry *entry = calloc(3 * n, sizeof(*entry));

	for (size_t i = 0; i < n; i++) {
		static const uint8_t len[] = {64, 48, 32};

		for (size_t k = 0; k < 3; k++)
			entry[k * n + i] = (struct seki_lpm_entry){
				.prefix = {{0x20, 1, (uint8_t)(i >> 8), (uint8_t)i}, 6, len[k]},
				.value = (uint16_t)(k + 1),
			};
	}
	alone = seki_lpm_bytes("test", entry, n, NULL);
	nested = seki_lpm_bytes("test", entry, 3 * n, NULL);
	ck_assert_uint_gt(nested, alone);
	ck_assert_uint_lt(nested, alone + (1 << 20));
	seki_lpm_destroy(lpm_create_good(entry, 3 * n)); /* and it goes in */
	free(entry);
}
END_TEST

enum shape {
	SHAPE_MIXED,   /* as routing tables and feeds: IPv4 /8../32, IPv6 /29../64 */
	SHAPE_HOSTS,   /* single addresses */
	SHAPE_SUBNETS, /* IPv6 /64 with nothing in common */
	SHAPE_NESTED,  /* IPv4 within few /8 */
};

static const struct {
	const char *what;
	enum shape shape;
	size_t n;
} loads[] = {
	{"mixed 100", SHAPE_MIXED, 100},
	{"mixed", SHAPE_MIXED, 111000},
	{"IPv4 addresses", SHAPE_HOSTS, 100000},
	{"IPv6 /64", SHAPE_SUBNETS, 60000},
	{"nested", SHAPE_NESTED, 170000},
};

static struct seki_prefix
shaped_prefix(struct seki_rng *rng, enum shape shape)
{
	bool v6 = shape == SHAPE_SUBNETS || (shape == SHAPE_MIXED && seki_rng_below(rng, 10) < 3);
	struct seki_prefix p = {.family = v6 ? 6 : 4};

	for (unsigned i = 0; i < (v6 ? 16u : 4u); i++)
		p.addr[i] = (uint8_t)seki_rng_next(rng);
	if (shape == SHAPE_NESTED)
		p.addr[0] = (uint8_t)(p.addr[0] & 3);
	p.len = v6 ? 64 : 32;
	if (shape == SHAPE_MIXED)
		p.len = (uint8_t)(v6 ? 29 + seki_rng_below(rng, 36) : 8 + seki_rng_below(rng, 25));
	if (shape == SHAPE_NESTED)
		p.len = (uint8_t)(8 + seki_rng_below(rng, 25));
	seki_addr_mask(p.addr, p.len);
	return p;
}

START_TEST(test_loads)
{
	struct seki_lpm_entry *entry = calloc(loads[_i].n, sizeof(*entry));
	struct seki_rng rng;

	seki_rng_init(&rng, 11);
	for (size_t i = 0; i < loads[_i].n; i++)
		entry[i] = (struct seki_lpm_entry){shaped_prefix(&rng, loads[_i].shape), (uint16_t)(1 + i % 1000)};
	check_bytes(loads[_i].what, entry, unique_entries(entry, loads[_i].n));
	free(entry);
}
END_TEST

/* Building, swapping and dropping many tables leaves no names or memory behind; names may repeat. */
START_TEST(test_swaps)
{
	struct seki_lpm_entry entry[] = {entry_of("10.0.0.0/8", 1), entry_of("2001:db8::/32", 2)};
	size_t before = test_eal_used();
	struct seki_lpm *live = lpm_create_good(entry, 2);

	for (unsigned i = 0; i < 20; i++) {
		struct seki_lpm *shadow = lpm_create_good(entry, 2);

		seki_lpm_destroy(live);
		live = shadow;
		ck_assert_uint_eq(lpm_value(live, &entry[0].prefix), 1);
	}
	seki_lpm_destroy(live);
	seki_lpm_destroy(NULL);
	ck_assert_uint_eq(test_eal_used(), before);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("lpm_memory");

	test_eal_start(MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_test(tests, test_refusals);
	tcase_add_test(tests, test_no_memory);
	tcase_add_loop_test(tests, test_loads, 0, N(loads));
	tcase_add_test(tests, test_nested_bytes);
	tcase_add_test(tests, test_swaps);
	return suite_run("lpm_memory", tests);
}
