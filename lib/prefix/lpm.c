/* SPDX-License-Identifier: BSD-3-Clause */
#include "lpm.h"

#include "compat.h"
#include "lpm_plan.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_errno.h>
#include <rte_fib.h>

struct seki_lpm {
	struct rte_fib *fib4;  /* NULL: every IPv4 address has default4 */
	struct rte_fib6 *fib6; /* likewise */
	uint16_t default4;
	uint16_t default6;
} __attribute__((aligned(64)));

/* EAL's names are short and must differ among all live tables, old and new: they are numbers. */
static void
eal_name(char name[16], char family)
{
	static atomic_uint serial;

	snprintf(name, 16, "seki%c_%x", family, atomic_fetch_add(&serial, 1));
}

static int
create4(struct seki_lpm *lpm, int socket, const struct lpm_family *family)
{
	struct rte_fib_conf conf = {
		.type = RTE_FIB_DIR24_8,
		.default_nh = family->def,
		.max_routes = (int)family->n + 1,
	};
	char name[16];

	lpm->default4 = family->def;
	if (family->n == 0)
		return 0;
	conf.dir24_8.nh_sz = lpm_entry_shift(family) == 1 ? RTE_FIB_DIR24_8_2B : RTE_FIB_DIR24_8_4B;
	conf.dir24_8.num_tbl8 = (uint32_t)family->groups + LPM_GROUPS_SPARE;
	eal_name(name, '4');
	lpm->fib4 = rte_fib_create(name, socket, &conf);
	return lpm->fib4 == NULL ? -rte_errno : 0;
}

/*
 * rte_fib6's AVX-512 lookup takes 3 ns in cache and 11 ns out of it where the scalar one takes 5 and 27 (100,000
 * prefixes, bursts of 32). DPDK offers it only under a limit of 512 bits, which it does not set by itself and which
 * would change drivers too: so it is raised for this choice alone. IPv4 gains nothing from it. Where the CPU or the
 * command line says no, the scalar lookup stays.
 */
static void
choose_lookup6(struct rte_fib6 *fib)
{
	uint16_t limit = compat_simd_bits();

	if (limit < RTE_VECT_SIMD_512 && compat_set_simd_bits(RTE_VECT_SIMD_512) != 0)
		return;
	rte_fib6_select_lookup(fib, RTE_FIB6_LOOKUP_TRIE_VECTOR_AVX512);
	compat_set_simd_bits(limit);
}

static int
create6(struct seki_lpm *lpm, int socket, const struct lpm_family *family)
{
	struct rte_fib6_conf conf = {
		.type = RTE_FIB6_TRIE,
		.default_nh = family->def,
		.max_routes = (int)family->n + 1,
	};
	char name[16];

	lpm->default6 = family->def;
	if (family->n == 0)
		return 0;
	conf.trie.nh_sz = lpm_entry_shift(family) == 1 ? RTE_FIB6_TRIE_2B : RTE_FIB6_TRIE_4B;
	conf.trie.num_tbl8 = (uint32_t)family->groups + LPM_GROUPS_SPARE;
	eal_name(name, '6');
	lpm->fib6 = rte_fib6_create(name, socket, &conf);
	if (lpm->fib6 == NULL)
		return -rte_errno;
	choose_lookup6(lpm->fib6);
	return 0;
}

static int
add_entry(struct seki_lpm *lpm, const struct seki_lpm_entry *entry)
{
	const struct seki_prefix *p = &entry->prefix;
	uint32_t addr_be;

	if (p->len == 0)
		return 0; /* the table's default */
	if (p->family == 6)
		return compat_fib6_add(lpm->fib6, p->addr, p->len, entry->value);
	memcpy(&addr_be, p->addr, sizeof(addr_be));
	return rte_fib_add(lpm->fib4, rte_be_to_cpu_32(addr_be), p->len, entry->value);
}

static int
fill(struct seki_lpm *lpm, const char *name, const struct lpm_plan *plan, struct seki_err *err)
{
	char text[SEKI_PREFIX_STRLEN];

	for (size_t i = 0; i < plan->n; i++) {
		int rc = add_entry(lpm, &plan->entry[i]);

		if (rc < 0)
			return seki_err_add(err, NULL, 0, "prefix table '%s': %s does not go in: %s", name,
				seki_prefix_format(&plan->entry[i].prefix, text), strerror(-rc));
	}
	return 0;
}

static struct seki_lpm *
build(const char *name, int socket, const struct lpm_plan *plan, struct seki_err *err)
{
	struct seki_lpm *lpm;

	if (posix_memalign((void **)&lpm, 64, sizeof(*lpm)) != 0) {
		seki_err_add(err, NULL, 0, "prefix table '%s': no memory", name);
		return NULL;
	}
	*lpm = (struct seki_lpm){0};
	if (create4(lpm, socket, &plan->v4) < 0 || create6(lpm, socket, &plan->v6) < 0) {
		seki_err_add(err, NULL, 0,
			"prefix table '%s': %zu IPv4 and %zu IPv6 prefixes need %zu MiB, more than DPDK's memory has "
			"left",
			name, plan->v4.n, plan->v6.n, (lpm_plan_bytes(plan) + 0xfffff) >> 20);
		goto no_table;
	}
	if (fill(lpm, name, plan, err) < 0)
		goto no_table;
	return lpm;

no_table:
	seki_lpm_destroy(lpm);
	return NULL;
}

size_t
seki_lpm_bytes(const char *name, const struct seki_lpm_entry *entry, size_t n, struct seki_err *err)
{
	struct lpm_plan plan;
	size_t bytes;

	if (lpm_plan_init(&plan, name, entry, n, err) < 0)
		return SIZE_MAX;
	bytes = lpm_plan_check(name, &plan, 0, err) == 0 ? lpm_plan_bytes(&plan) : SIZE_MAX;
	lpm_plan_fini(&plan);
	return bytes;
}

struct seki_lpm *
seki_lpm_create(const char *name, int socket, const struct seki_lpm_entry *entry, size_t n, size_t max_bytes,
	struct seki_err *err)
{
	struct seki_lpm *lpm = NULL;
	struct lpm_plan plan;

	if (lpm_plan_init(&plan, name, entry, n, err) < 0)
		return NULL;
	if (lpm_plan_check(name, &plan, max_bytes, err) == 0)
		lpm = build(name, socket, &plan, err);
	lpm_plan_fini(&plan);
	return lpm;
}

void
seki_lpm_destroy(struct seki_lpm *lpm)
{
	if (lpm == NULL)
		return;
	rte_fib_free(lpm->fib4);
	rte_fib6_free(lpm->fib6);
	free(lpm);
}

/* A family without a table: one answer for every address. */
static void
answer_default(uint64_t *value, uint16_t def, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		value[i] = def;
}

void
seki_lpm_lookup4_burst(const struct seki_lpm *lpm, const uint32_t *addr, uint64_t *value, unsigned n)
{
	if (lpm->fib4 == NULL)
		answer_default(value, lpm->default4, n);
	else
		rte_fib_lookup_bulk(lpm->fib4, (uint32_t *)(uintptr_t)addr, value, (int)n);
}

void
seki_lpm_lookup6_burst(const struct seki_lpm *lpm, const uint8_t (*addr)[16], uint64_t *value, unsigned n)
{
	if (lpm->fib6 == NULL)
		answer_default(value, lpm->default6, n);
	else
		compat_fib6_lookup_bulk(lpm->fib6, addr, value, n);
}
