/* SPDX-License-Identifier: BSD-3-Clause */
/* The LPM tables against a linear scan: random nested tables, the ends of the address space, bursts. */
#include "eal.h"
#include "lpm_rig.h"

#include <sys/wait.h>
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

/* Few values: equal neighbours and parents take other ways through rte_fib than different ones. */
static size_t
random_table(struct seki_rng *rng, struct seki_lpm_entry *entry, size_t n, unsigned values)
{
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
	return unique_entries(entry, n);
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
	uint16_t want = oracle(entry, n, &addr), got = lpm_value(lpm, &addr);
	char text[SEKI_PREFIX_STRLEN];

	ck_assert_msg(want == got, "%s: %u, the scan says %u", seki_prefix_format(&addr, text), got, want);
}

static void
check_table(const struct seki_lpm_entry *entry, size_t n, struct seki_rng *rng)
{
	struct seki_lpm *lpm = lpm_create_good(entry, n);

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
	struct seki_lpm *lpm = lpm_create_good(entry, 4);
	uint32_t addr4[PKT_BURST];
	uint8_t addr6[PKT_BURST][16];
	uint64_t value[PKT_BURST + 1];

	for (unsigned n = 0; n <= PKT_BURST; n++) {
		for (unsigned i = 0; i < n; i++) {
			struct seki_prefix p = entry[i % 2 == 0 ? 1 : 0].prefix, q = entry[i % 2 == 0 ? 3 : 2].prefix;

			memcpy(&addr4[i], p.addr, 4);
			addr4[i] = ntohl(addr4[i]);
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

/* Without AVX-512 the same tables are read by other code. */
static int
run(bool scalar)
{
	TCase *tests = tcase_create("tables");

	if (scalar)
		setenv("SEKI_TEST_EAL_ARGUMENT", "--force-max-simd-bitwidth=256", 1);
	test_eal_start(MEMORY_MB);
	tcase_set_timeout(tests, 240);
	tcase_add_loop_test(tests, test_random_tables, 0, 24);
	tcase_add_loop_test(tests, test_ends, 0, N(ends));
	tcase_add_test(tests, test_bursts);
	return suite_run(scalar ? "lpm, no vector lookup" : "lpm", tests);
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
