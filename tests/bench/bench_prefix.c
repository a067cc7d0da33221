/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_prefix load|lookup ROUNDS: one line a round, "<ours> <reference>", order swapped each round. bench_prefix.py
 * runs it.
 *
 *   load     seconds to compile 100,000 mixed prefixes (a list, merged to sets, in an LPM), against the time that
 *            rte_fib and rte_fib6 take to be filled with the same prefixes and nothing else; then "bytes <n>".
 *   lookup   nanoseconds for one IPv4 lookup in bursts of 32, out of 4 M random addresses under the same prefixes,
 *            against rte_lpm.
 */
#include "compat.h"
#include "eal.h"
#include "hash.h"
#include "lpm.h"
#include "sets.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_fib.h>
#include <rte_fib6.h>
#include <rte_lpm.h>

#define MEMORY_MB 2048
#define N_PREFIXES 100000
#define N_ADDRS (1u << 22)
#define TBL8_4 (1u << 15)
#define TBL8_6 (1u << 17)

static double
now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what)
{
	fprintf(stderr, "bench_prefix: %s\n", what);
	exit(1);
}

static int
compare(const void *a, const void *b)
{
	return seki_prefix_compare(a, b);
}

/* Two thirds IPv4 of the lengths that block lists have, one third IPv6; sorted, no duplicates, as a list is. */
static struct seki_list
make_list(void)
{
	static const uint8_t len4[] = {16, 19, 20, 22, 23, 24, 24, 24, 28, 32};
	static const uint8_t len6[] = {29, 32, 32, 36, 40, 44, 48, 48};
	struct seki_list list = {.prefix = calloc(N_PREFIXES, sizeof(*list.prefix)), .line = calloc(N_PREFIXES, 4)};
	struct seki_rng rng;
	size_t n = 0;

	seki_rng_init(&rng, 1);
	for (size_t i = 0; i < N_PREFIXES; i++) {
		struct seki_prefix *p = &list.prefix[i];
		uint64_t bits = seki_rng_next(&rng);

		p->family = i % 3 == 0 ? 6 : 4;
		p->len = p->family == 4 ? len4[bits % sizeof(len4)] : len6[bits % sizeof(len6)];
		bits = seki_rng_next(&rng);
		memcpy(p->addr, &bits, p->family == 4 ? 4 : 8);
		p->addr[0] = p->family == 4 ? (uint8_t)(11 + p->addr[0] % 80) : 0x2a;
		seki_addr_mask(p->addr, p->len);
	}
	qsort(list.prefix, N_PREFIXES, sizeof(*list.prefix), compare);
	for (size_t i = 0; i < N_PREFIXES; i++)
		if (i == 0 || compare(&list.prefix[n - 1], &list.prefix[i]) != 0)
			list.prefix[n++] = list.prefix[i];
	list.n = n;
	return list;
}

static const struct seki_key secret = {{1, 2}};
static struct seki_coarse known;

static double
load_ours(const struct seki_list *list, size_t *bytes)
{
	size_t before = test_eal_used();
	struct seki_sets sets;
	struct seki_err err;
	double start = now_s(), took;

	seki_err_init(&err);
	if (seki_sets_build(&sets, "bench", &secret, 0, list, 1, &known, &err) != 0) {
		seki_err_print(&err, stderr);
		die("the sets cannot be built");
	}
	took = now_s() - start;
	*bytes = test_eal_used() - before;
	seki_sets_fini(&sets);
	return took;
}

static double
load_reference(const struct seki_list *list)
{
	struct rte_fib_conf conf4 = {.type = RTE_FIB_DIR24_8, .max_routes = N_PREFIXES + 1};
	struct rte_fib6_conf conf6 = {.type = RTE_FIB6_TRIE, .max_routes = N_PREFIXES + 1};
	double start = now_s(), took;
	struct rte_fib6 *fib6;
	struct rte_fib *fib;
	int rc = 0;

	conf4.dir24_8.nh_sz = RTE_FIB_DIR24_8_2B;
	conf4.dir24_8.num_tbl8 = TBL8_4 - 1;
	conf6.trie.nh_sz = RTE_FIB6_TRIE_4B;
	conf6.trie.num_tbl8 = TBL8_6;
	fib = rte_fib_create("bench4", 0, &conf4);
	fib6 = rte_fib6_create("bench6", 0, &conf6);
	if (fib == NULL || fib6 == NULL)
		die("rte_fib cannot be created");
	for (size_t i = 0; i < list->n && rc == 0; i++) {
		const struct seki_prefix *p = &list->prefix[i];
		uint32_t addr;

		memcpy(&addr, p->addr, sizeof(addr));
		rc = p->family == 4 ? rte_fib_add(fib, ntohl(addr), p->len, 1)
				    : compat_fib6_add(fib6, p->addr, p->len, 1);
	}
	if (rc != 0)
		die("rte_fib does not take a prefix");
	took = now_s() - start;
	rte_fib_free(fib);
	rte_fib6_free(fib6);
	return took;
}

static void
bench_load(unsigned rounds)
{
	struct seki_list list = make_list();
	double ours, reference;
	size_t bytes = 0;

	for (unsigned r = 0; r < rounds; r++) {
		if (r % 2 == 0) {
			ours = load_ours(&list, &bytes);
			reference = load_reference(&list);
		} else {
			reference = load_reference(&list);
			ours = load_ours(&list, &bytes);
		}
		printf("%.6f %.6f\n", ours, reference);
	}
	printf("bytes %zu\n", bytes);
	seki_list_fini(&list);
}

static volatile uint64_t sink; /* keeps the compiler from removing lookups whose answer nobody reads */

static double
lookup_ours(const struct seki_lpm *lpm, const uint32_t *addr_be)
{
	uint64_t value[PKT_BURST];
	uint32_t addr[PKT_BURST];
	double start = now_s();

	for (size_t i = 0; i < N_ADDRS; i += PKT_BURST) {
		for (unsigned j = 0; j < PKT_BURST; j++)
			addr[j] = ntohl(addr_be[i + j]);
		seki_lpm_lookup4_burst(lpm, addr, value, PKT_BURST);
		sink += value[i % PKT_BURST];
	}
	return (now_s() - start) * 1e9 / N_ADDRS;
}

static double
lookup_reference(const struct rte_lpm *lpm, const uint32_t *addr_be)
{
	uint32_t addr[PKT_BURST], value[PKT_BURST];
	double start = now_s();

	for (size_t i = 0; i < N_ADDRS; i += PKT_BURST) {
		for (unsigned j = 0; j < PKT_BURST; j++)
			addr[j] = ntohl(addr_be[i + j]);
		rte_lpm_lookup_bulk(lpm, addr, value, PKT_BURST);
		sink += value[i % PKT_BURST];
	}
	return (now_s() - start) * 1e9 / N_ADDRS;
}

/* The list's IPv4 prefixes in both tables. */
static struct seki_lpm *
fill_both(struct rte_lpm *reference)
{
	struct seki_list list = make_list();
	struct seki_lpm_entry *entry = calloc(list.n, sizeof(*entry));
	struct seki_lpm *ours;
	struct seki_err err;
	size_t n = 0;

	seki_err_init(&err);
	for (size_t i = 0; i < list.n; i++) {
		uint32_t addr;

		if (list.prefix[i].family != 4)
			continue;
		memcpy(&addr, list.prefix[i].addr, sizeof(addr));
		entry[n] = (struct seki_lpm_entry){list.prefix[i], (uint16_t)(1 + n % 1000)};
		if (rte_lpm_add(reference, ntohl(addr), list.prefix[i].len, 1 + n % 1000) != 0)
			die("rte_lpm does not take a prefix");
		n++;
	}
	ours = seki_lpm_create("bench", 0, entry, n, 0, &err);
	if (ours == NULL)
		die("the table cannot be built");
	free(entry);
	seki_list_fini(&list);
	return ours;
}

static void
bench_lookup(unsigned rounds)
{
	struct rte_lpm_config conf = {.max_rules = N_PREFIXES, .number_tbl8s = TBL8_4};
	struct rte_lpm *theirs = rte_lpm_create("bench_lpm", 0, &conf);
	uint32_t *addr_be = calloc(N_ADDRS, sizeof(*addr_be));
	struct seki_lpm *ours;
	struct seki_rng rng;
	double a, b;

	if (theirs == NULL || addr_be == NULL)
		die("no memory");
	ours = fill_both(theirs);
	seki_rng_init(&rng, 2);
	for (size_t i = 0; i < N_ADDRS; i++)
		addr_be[i] = htonl(
			(uint32_t)(11 + seki_rng_below(&rng, 80)) << 24 | (uint32_t)seki_rng_below(&rng, 1 << 24));
	for (unsigned r = 0; r < rounds; r++) {
		if (r % 2 == 0) {
			a = lookup_ours(ours, addr_be);
			b = lookup_reference(theirs, addr_be);
		} else {
			b = lookup_reference(theirs, addr_be);
			a = lookup_ours(ours, addr_be);
		}
		printf("%.4f %.4f\n", a, b);
	}
	free(addr_be);
	rte_lpm_free(theirs);
	seki_lpm_destroy(ours);
}

int
main(int argc, char **argv)
{
	unsigned rounds = argc == 3 ? (unsigned)atoi(argv[2]) : 0;

	if (rounds == 0 || (strcmp(argv[1], "load") != 0 && strcmp(argv[1], "lookup") != 0)) {
		fprintf(stderr, "usage: bench_prefix load|lookup ROUNDS\n");
		return 2;
	}
	test_eal_start(MEMORY_MB);
	if (strcmp(argv[1], "load") == 0)
		bench_load(rounds);
	else
		bench_lookup(rounds);
	return 0;
}
