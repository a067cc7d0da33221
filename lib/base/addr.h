/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ADDR_H
#define SEKI_ADDR_H

/* Addresses and prefixes as people write them. Cold code: configuration, lists, reports. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for any address or prefix as text, with the terminating zero. */
#define SEKI_PREFIX_STRLEN 64

struct seki_prefix {
	uint8_t addr[16]; /* network order, host bits zero; IPv4 in the first four bytes, the rest zero */
	uint8_t family;   /* 4 or 6 */
	uint8_t len;      /* 0..32 or 0..128 */
};

/*
 * Reads "192.0.2.0/24", "192.0.2.1", "2001:db8::/32" or "2001:db8::1" (no length: one address). Nothing may
 * follow. An IPv4-mapped IPv6 address stays IPv6. Returns 0, -EINVAL (not an address or length), or -EDOM
 * (host bits are set below the length: "192.0.2.1/24"; `out` is then filled with the bits cleared).
 */
int seki_prefix_parse(const char *text, struct seki_prefix *out);

/* Writes the canonical text (RFC 5952 for IPv6); a single address gets no length. Returns `buf`. */
char *seki_prefix_format(const struct seki_prefix *prefix, char buf[SEKI_PREFIX_STRLEN]);

/* Clears the bits of `addr` (16 bytes, layout as in struct seki_prefix) below `len`. */
void seki_addr_mask(uint8_t addr[16], uint8_t len);

/* Orders by family, then address, then length: a prefix sorts right before what it covers. */
int seki_prefix_compare(const struct seki_prefix *a, const struct seki_prefix *b);

/* True if every address of `inner` is in `outer`. */
bool seki_prefix_covers(const struct seki_prefix *outer, const struct seki_prefix *inner);

#endif
