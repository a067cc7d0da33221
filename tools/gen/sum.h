/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_SUM_H
#define SEKI_GEN_SUM_H

/*
 * The Internet checksum (RFC 1071). It does not mind the order of bytes, so words are added as they lie in memory, four
 * bytes at a time, and the result is stored as it is.
 */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Adds `n` bytes; only the last ones added may be odd in number. */
static inline uint64_t
gen_sum(uint64_t sum, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint32_t word;
	uint16_t half;

	for (; n >= 4; n -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	if (n >= 2) {
		memcpy(&half, p, 2);
		sum += half;
		n -= 2;
		p += 2;
	}
	return n == 1 ? sum + p[0] : sum;
}

static inline uint16_t
gen_checksum(uint64_t sum)
{
	while (sum >> 16 != 0)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

#endif
