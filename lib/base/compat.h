/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_COMPAT_H
#define SEKI_COMPAT_H

/*
 * Every difference between the DPDK versions that Seki builds with: 22.11 (Debian 12), 24.11 (Debian 13), 25.11.
 *
 * The rest of the tree is written as for the newest version, and nothing else looks at RTE_VERSION. Each block
 * says since when the newer form exists, so that it can go when the older version does.
 */

#include <rte_fib6.h>
#include <rte_telemetry.h>
#include <rte_vect.h>
#include <rte_version.h>

#include <stdint.h>

/* 23.03 renamed the unsigned telemetry types; 25.11 has the new names only. */
#if RTE_VERSION < RTE_VERSION_NUM(23, 3, 0, 0)
#define RTE_TEL_UINT_VAL RTE_TEL_U64_VAL
#define rte_tel_data_add_array_uint rte_tel_data_add_array_u64
#define rte_tel_data_add_dict_uint rte_tel_data_add_dict_u64
#endif

/* 24.11 gave IPv6 addresses a type of their own (same bytes), and made what is only read const. */
static inline int
compat_fib6_add(struct rte_fib6 *fib, const uint8_t addr[16], uint8_t len, uint64_t next_hop)
{
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
	return rte_fib6_add(fib, addr, len, next_hop);
#else
	return rte_fib6_add(fib, (const struct rte_ipv6_addr *)addr, len, next_hop);
#endif
}

static inline int
compat_fib6_lookup_bulk(struct rte_fib6 *fib, const uint8_t (*addr)[16], uint64_t *next_hop, unsigned n)
{
#if RTE_VERSION < RTE_VERSION_NUM(24, 11, 0, 0)
	return rte_fib6_lookup_bulk(fib, (uint8_t(*)[16])(uintptr_t)addr, next_hop, (int)n);
#else
	return rte_fib6_lookup_bulk(fib, (const struct rte_ipv6_addr *)addr, next_hop, (int)n);
#endif
}

/* 22.11 calls these experimental, though they have not changed since. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
static inline uint16_t
compat_simd_bits(void)
{
	return rte_vect_get_max_simd_bitwidth();
}

static inline int
compat_set_simd_bits(uint16_t bits)
{
	return rte_vect_set_max_simd_bitwidth(bits);
}
#pragma GCC diagnostic pop

#endif
