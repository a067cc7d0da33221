/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The LPM tables against a linear scan: random nested tables, the ends of the address space, a load of 100,000.
 */
#include "eal.h"
#include "hash.h"
#include "lpm.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MEMORY_MB 1024

static uint16_t
oracle(const struct seki_lpm_entry *entry, size_t n, const struct seki_prefix *addr)
{
	const struct seki_lpm_entry *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (seki_prefix_covers(&entry[i].prefix, addr) &&
			(best == NULL || entry[i].prefix.len > best->prefix.len))
			best = &entry[i];
	return best == NULL ? 0 : best->value;
}

static uint16_t
lookup(const struct seki_lpm *lpm, const struct seki_prefix *addr)
{
	uint16_t value = 0xffff;
	uint32_t addr_be;

	memcpy(&addr_be, addr->addr, sizeof(addr_be));
	if (addr->family == 4)
		seki_lpm_lookup4_burst(lpm, &addr_be, &value, 1);
	else
		seki_lpm_lookup6_burst(lpm, (const uint8_t(*)[16])addr->addr, &value, 1);
	return value;
}

static struct seki_lpm_entry
entry_of(const char *text, uint16_t value)
{
	struct seki_lpm_entry entry = {.value = value};

	ck_assert_int_eq(seki_prefix_parse(text, &entry.prefix), 0);
	return entry;
}

static struct seki_lpm *
create_good(const struct seki_lpm_entry *entry, size_t n)
{
	struct seki_lpm *lpm;
	struct seki_err err;

	seki_err_init(&err);
	lpm = seki_lpm_create("test", 0, entry, n, 0, &err);
	seki_err_print(&err, stderr);
	ck_assert_ptr_nonnull(lpm);
	ck_assert_uint_eq(err.n_total, 0);
	seki_err_fini(&err);
	return lpm;
}

/* Few distinct bytes, so that prefixes nest and neighbours touch. */
static struct seki_prefix
random_prefix(struct seki_rng *rng, uint8_t family, bool whole)
{
	static const uint8_t bytes[] = {0, 1, 0x7f, 0x80, 0xfe, 0xff};
	unsigned bits = family == 4 ? 32 : 128;
	struct seki_prefix p = {.family = family, .len = (uint8_t)bits};

	for (unsigned i = 0; i < bits / 8; i++)
		p.addr[i] = seki_rng_below(rng, 4) != 0 ? bytes[seki_rng_below(rng, sizeof(bytes))]
							: (uint8_t)seki_rng_next(rng);
	if (!whole) {
		p.len = (uint8_t)seki_rng_below(rng, bits + 1);
		seki_addr_mask(p.addr, p.len);
	}
	return p;
}

static int
compare_entries(const void *a, const void *b)
{
	return seki_prefix_compare(
		&((const struct seki_lpm_entry *)a)->prefix, &((const struct seki_lpm_entry *)b)->prefix);
}

/* Few values: equal neighbours and parents take other ways through rte_fib than different ones. */
static size_t
random_table(struct seki_rng *rng, struct seki_lpm_entry *entry, size_t n, unsigned values)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t family = seki_rng_below(rng, 2) == 0 ? 4 : 6;

		entry[i].prefix = random_prefix(rng, family, false);
		if (i > 0 && seki_rng_below(rng, 3) == 0) { /* inside an earlier one */
			uint8_t bits;

			entry[i].prefix = entry[seki_rng_below(rng, i)].prefix;
			bits = entry[i].prefix.family == 4 ? 32 : 128;
			entry[i].prefix.len += (uint8_t)seki_rng_below(rng, bits - entry[i].prefix.len + 1u);
		}
		entry[i].value = (uint16_t)(1 + seki_rng_below(rng, values));
	}
	qsort(entry, n, sizeof(*entry), compare_entries);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || compare_entries(&entry[kept - 1], &entry[i]) != 0)
			entry[kept++] = entry[i];
	return kept;
}

/* The first and last address of a prefix, and those beside them, are where a table goes wrong. */
static struct seki_prefix
step(const struct seki_prefix *p, bool last, int by)
{
	unsigned bytes = p->family == 4 ? 4 : 16;
	struct seki_prefix a = *p;

	for (unsigned bit = p->len; last && bit < bytes * 8; bit++)
		a.addr[bit / 8] |= (uint8_t)(0x80 >> (bit % 8));
	for (unsigned i = bytes; by != 0 && i-- > 0;) {
		a.addr[i] = (uint8_t)(a.addr[i] + by);
		if (a.addr[i] != (by > 0 ? 0 : 0xff))
			break;
	}
	a.len = (uint8_t)(bytes * 8);
	return a;
}

static void
check_address(const struct seki_lpm *lpm, const struct seki_lpm_entry *entry, size_t n, struct seki_prefix addr)
{
	uint16_t want = oracle(entry, n, &addr), got = lookup(lpm, &addr);
	char text[SEKI_PREFIX_STRLEN];

	ck_assert_msg(want == got, "%s: %u, the scan says %u", seki_prefix_format(&addr, text), got, want);
}

static void
check_table(const struct seki_lpm_entry *entry, size_t n, struct seki_rng *rng)
{
	struct seki_lpm *lpm = create_good(entry, n);

	for (size_t i = 0; i < n; i++) {
		check_address(lpm, entry, n, step(&entry[i].prefix, false, 0));
		check_address(lpm, entry, n, step(&entry[i].prefix, false, -1));
		check_address(lpm, entry, n, step(&entry[i].prefix, true, 0));
		check_address(lpm, entry, n, step(&entry[i].prefix, true, 1));
	}
	for (unsigned i = 0; i < 2000; i++)
		check_address(lpm, entry, n, random_prefix(rng, i % 2 == 0 ? 4 : 6, true));
	seki_lpm_destroy(lpm);
}

START_TEST(test_random_tables)
{
	struct seki_lpm_entry entry[600];
	struct seki_rng rng;

	seki_rng_init(&rng, 0x5e41 + (uint64_t)_i);
	check_table(entry, random_table(&rng, entry, 50 + seki_rng_below(&rng, 550), _i % 2 == 0 ? 3 : 0x7fff), &rng);
}
END_TEST

static const struct {
	const char *description;
	const char *prefix[5];
} ends[] = {
	{"nothing", {NULL}},
	{"one address each", {"192.0.2.1", "2001:db8::1"}},
	{"default routes only", {"0.0.0.0/0", "::/0"}},
	{"default routes and inside them", {"0.0.0.0/0", "::/0", "10.0.0.0/8", "2001:db8::/32"}},
	{"the first addresses", {"0.0.0.0", "0.0.0.0/8", "::", "::/16", "::/127"}},
	{"the last addresses",
		{"255.255.255.255", "255.0.0.0/8", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::/8"}},
	{"last /24 and /25", {"255.255.255.0/24", "255.255.255.128/25", "ffff:ffff:ffff:ffff::/64"}},
	{"adjacent halves of a /24", {"192.0.2.0/25", "192.0.2.128/25", "2001:db8::/33", "2001:db8:8000::/33"}},
	{"adjacent /24s", {"192.0.2.0/24", "192.0.3.0/24", "2001:db8::/64", "2001:db8:0:1::/64"}},
	{"both /1", {"0.0.0.0/1", "128.0.0.0/1", "::/1", "8000::/1"}},
	{"nested to the end", {"192.0.2.0/24", "192.0.2.1", "2001:db8::/32", "2001:db8::/127", "2001:db8::1"}},
};

START_TEST(test_ends)
{
	struct seki_lpm_entry entry[5];
	struct seki_rng rng;
	size_t n = 0;

	for (; n < 5 && ends[_i].prefix[n] != NULL; n++) {
		entry[n] = entry_of(ends[_i].prefix[n], (uint16_t)(n + 1));
		if (n > 0 && compare_entries(&entry[n - 1], &entry[n]) == 0)
			break;
	}
	seki_rng_init(&rng, 7);
	check_table(entry, n, &rng);
}
END_TEST

START_TEST(test_bursts)
{
	struct seki_lpm_entry entry[] = {entry_of("10.0.0.0/8", 1), entry_of("10.1.2.128/25", 0x7fff),
		entry_of("2001:db8::/32", 2), entry_of("2001:db8::5", 3)};
	struct seki_lpm *lpm = create_good(entry, 4);
	uint32_t addr4[PKT_BURST];
	uint8_t addr6[PKT_BURST][16];
	uint16_t value[PKT_BURST + 1];

	for (unsigned n = 0; n <= PKT_BURST; n++) {
		for (unsigned i = 0; i < n; i++) {
			struct seki_prefix p = entry[i % 2 == 0 ? 1 : 0].prefix, q = entry[i % 2 == 0 ? 3 : 2].prefix;

			memcpy(&addr4[i], p.addr, 4);
			memcpy(addr6[i], q.addr, 16);
		}
		value[n] = 0xbeef;
		seki_lpm_lookup4_burst(lpm, addr4, value, n);
		for (unsigned i = 0; i < n; i++)
			ck_assert_uint_eq(value[i], i % 2 == 0 ? 0x7fff : 1);
		seki_lpm_lookup6_burst(lpm, (const uint8_t(*)[16])addr6, value, n);
		for (unsigned i = 0; i < n; i++)
			ck_assert_uint_eq(value[i], i % 2 == 0 ? 3 : 2);
		ck_assert_uint_eq(value[n], 0xbeef);
	}
	seki_lpm_destroy(lpm);
}
END_TEST

static void
check_refused(const struct seki_lpm_entry *entry, size_t n, size_t max_bytes, const char *sentence)
{
	size_t before = test_eal_used();
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(seki_lpm_create("test", 0, entry, n, max_bytes, &err));
	ck_assert_uint_ge(err.n, 1);
	ck_assert_msg(strstr(err.entry[0].text, sentence) != NULL, "%s", err.entry[0].text);
	seki_err_fini(&err);
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

	for (size_t i = 0; i < n; i++) {
		entry[i] = (struct seki_lpm_entry){.prefix = {.family = 6, .len = 64}, .value = 1};
		entry[i].prefix.addr[0] = (uint8_t)(i >> 16);
		entry[i].prefix.addr[1] = (uint8_t)(i >> 8);
		entry[i].prefix.addr[2] = (uint8_t)i;
	}
	check_refused(entry, n, 0, "more second-level tables than can be numbered");
	check_refused(entry, 500000, 0, "more than DPDK's memory has left");
	free(entry);
}
END_TEST

/* What a table takes is at most what was said, and not absurdly less; it all comes back. */
static void
check_bytes(const char *what, const struct seki_lpm_entry *entry, size_t n)
{
	size_t before = test_eal_used(), said = seki_lpm_bytes(entry, n), used;
	struct timespec a, b;
	struct seki_lpm *lpm;

	clock_gettime(CLOCK_MONOTONIC, &a);
	lpm = create_good(entry, n);
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
	alone = seki_lpm_bytes(entry, n);
	nested = seki_lpm_bytes(entry, 3 * n);
	ck_assert_uint_gt(nested, alone);
	ck_assert_uint_lt(nested, alone + (1 << 20));
	seki_lpm_destroy(create_good(entry, 3 * n)); /* and it goes in */
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
	size_t kept = 0;

	seki_rng_init(&rng, 11);
	for (size_t i = 0; i < loads[_i].n; i++)
		entry[i] = (struct seki_lpm_entry){shaped_prefix(&rng, loads[_i].shape), (uint16_t)(1 + i % 1000)};
	qsort(entry, loads[_i].n, sizeof(*entry), compare_entries);
	for (size_t i = 0; i < loads[_i].n; i++)
		if (kept == 0 || compare_entries(&entry[kept - 1], &entry[i]) != 0)
			entry[kept++] = entry[i];
	check_bytes(loads[_i].what, entry, kept);
	free(entry);
}
END_TEST

/* Building, swapping and dropping many tables leaves no names or memory behind; names may repeat. */
START_TEST(test_swaps)
{
	struct seki_lpm_entry entry[] = {entry_of("10.0.0.0/8", 1), entry_of("2001:db8::/32", 2)};
	size_t before = test_eal_used();
	struct seki_lpm *live = create_good(entry, 2);

	for (unsigned i = 0; i < 20; i++) {
		struct seki_lpm *shadow = create_good(entry, 2);

		seki_lpm_destroy(live);
		live = shadow;
		ck_assert_uint_eq(lookup(live, &entry[0].prefix), 1);
	}
	seki_lpm_destroy(live);
	seki_lpm_destroy(NULL);
	ck_assert_uint_eq(test_eal_used(), before);
}
END_TEST

/* Without AVX-512 the same tables are read by other code, and only that needs to be looked at again. */
static int
run(bool scalar)
{
	Suite *suite = suite_create(scalar ? "lpm, no vector lookup" : "lpm");
	TCase *tables = tcase_create("tables");
	SRunner *runner;
	int failed;

	if (scalar)
		setenv("SEKI_TEST_EAL_ARGUMENT", "--force-max-simd-bitwidth=256", 1);
	test_eal_start(MEMORY_MB);
	tcase_set_timeout(tables, 240);
	tcase_add_loop_test(tables, test_random_tables, 0, 24);
	tcase_add_loop_test(tables, test_ends, 0, sizeof(ends) / sizeof(ends[0]));
	tcase_add_test(tables, test_bursts);
	if (!scalar) {
		tcase_add_test(tables, test_refusals);
		tcase_add_test(tables, test_no_memory);
		tcase_add_loop_test(tables, test_loads, 0, sizeof(loads) / sizeof(loads[0]));
		tcase_add_test(tables, test_nested_bytes);
		tcase_add_test(tables, test_swaps);
	}
	suite_add_tcase(suite, tables);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}

/* EAL starts once in a process: the scalar run takes one of its own. */
int
main(void)
{
	pid_t child = fork();
	int status = 1, rc;

	if (child == 0)
		return run(true);
	if (child < 0 || waitpid(child, &status, 0) != child)
		return 1;
	rc = run(false);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0 ? rc : 1;
}
