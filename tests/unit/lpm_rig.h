/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_LPM_RIG_H
#define SEKI_TEST_LPM_RIG_H

/* Tables of prefixes from text or at random, and the question that they answer, for one address. */
#include "hash.h"
#include "lpm.h"
#include "sets.h"
#include "suite.h"

#include <arpa/inet.h>

static inline struct seki_lpm_entry
entry_of(const char *text, uint16_t value)
{
	return (struct seki_lpm_entry){prefix_of(text), value};
}

static inline struct seki_lpm *
lpm_create_good(const struct seki_lpm_entry *entry, size_t n)
{
	struct seki_lpm *lpm;
	struct seki_err err;

	seki_err_init(&err);
	lpm = seki_lpm_create("test", 0, entry, n, 0, &err);
	check_silent(&err);
	ck_assert_ptr_nonnull(lpm);
	return lpm;
}

/* 0 where there is no table, as classify has it. */
static inline uint16_t
lpm_value(const struct seki_lpm *lpm, const struct seki_prefix *addr)
{
	uint64_t value = 0xffff;
	uint32_t addr_be;

	if (lpm == NULL)
		return 0;
	memcpy(&addr_be, addr->addr, sizeof(addr_be));
	if (addr->family == 4)
		seki_lpm_lookup4_burst(lpm, &(uint32_t){ntohl(addr_be)}, &value, 1);
	else
		seki_lpm_lookup6_burst(lpm, (const uint8_t(*)[16])addr->addr, &value, 1);
	return (uint16_t)value;
}

/* The set of lists that hold the address. */
static inline uint16_t
set_of(const struct seki_sets *sets, const struct seki_prefix *addr)
{
	uint64_t value = 0xffff;
	uint32_t addr_be;

	memcpy(&addr_be, addr->addr, sizeof(addr_be));
	if (addr->family == 4)
		seki_sets_lookup4_burst(sets, &(uint32_t){ntohl(addr_be)}, &value, 1);
	else
		seki_sets_lookup6_burst(sets, (const uint8_t(*)[16])addr->addr, &value, 1);
	return (uint16_t)value;
}

static inline int
compare_entries(const void *a, const void *b)
{
	return seki_prefix_compare(
		&((const struct seki_lpm_entry *)a)->prefix, &((const struct seki_lpm_entry *)b)->prefix);
}

/* Sorts, and leaves one entry of each prefix. Returns how many are left. */
static inline size_t
unique_entries(struct seki_lpm_entry *entry, size_t n)
{
	size_t kept = 0;

	qsort(entry, n, sizeof(*entry), compare_entries);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || compare_entries(&entry[kept - 1], &entry[i]) != 0)
			entry[kept++] = entry[i];
	return kept;
}

#endif
