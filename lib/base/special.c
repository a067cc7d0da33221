/* SPDX-License-Identifier: BSD-3-Clause */
#include "special.h"

#include <endian.h>
#include <string.h>

/* 128 bits in host order; IPv4 in the highest 32. */
struct row {
	uint64_t high, low;
	uint8_t family, len;
	uint8_t special;
};

#define ROW4(address, len, kind) \
	{ \
		(uint64_t)(address) << 32, 0, 4, len, SEKI_SPECIAL_##kind \
	}
#define ROW6(high, low, len, kind) \
	{ \
		UINT64_C(high), UINT64_C(low), 6, len, SEKI_SPECIAL_##kind \
	}

/* The first row that matches counts. */
static const struct row rows[] = {
	ROW4(0xe0000000, 4, MULTICAST),      /* 224.0.0.0/4 */
	ROW4(0xffffffff, 32, MULTICAST),     /* limited broadcast */
	ROW4(0x00000000, 8, MARTIAN),        /* this network */
	ROW4(0x7f000000, 8, MARTIAN),        /* loopback */
	ROW4(0xf0000000, 4, MARTIAN),        /* reserved */
	ROW4(0xa9fe0000, 16, LINK_LOCAL),    /* 169.254.0.0/16 */
	ROW4(0x0a000000, 8, PRIVATE),        /* RFC 1918 */
	ROW4(0xac100000, 12, PRIVATE),       /* RFC 1918: 172.16.0.0/12 */
	ROW4(0xc0a80000, 16, PRIVATE),       /* RFC 1918: 192.168.0.0/16 */
	ROW4(0x64400000, 10, PRIVATE),       /* RFC 6598: 100.64.0.0/10 */
	ROW4(0xc0000200, 24, DOCUMENTATION), /* RFC 5737: 192.0.2.0/24 */
	ROW4(0xc6336400, 24, DOCUMENTATION), /* RFC 5737: 198.51.100.0/24 */
	ROW4(0xcb007100, 24, DOCUMENTATION), /* RFC 5737: 203.0.113.0/24 */
	ROW4(0xc6120000, 15, DOCUMENTATION), /* RFC 2544: 198.18.0.0/15 */
	ROW6(0xff00000000000000, 0, 8, MULTICAST),
	ROW6(0x0000000000000000, 0, 96, MARTIAN),                  /* unspecified, loopback, IPv4-compatible */
	ROW6(0x0000000000000000, 0x0000ffff00000000, 96, MARTIAN), /* IPv4-mapped */
	ROW6(0xfec0000000000000, 0, 10, MARTIAN),                  /* site-local, withdrawn by RFC 3879 */
	ROW6(0xfe80000000000000, 0, 10, LINK_LOCAL), ROW6(0xfc00000000000000, 0, 7, PRIVATE), /* RFC 4193 */
	ROW6(0x20010db800000000, 0, 32, DOCUMENTATION),                                       /* RFC 3849 */
	ROW6(0x3fff000000000000, 0, 20, DOCUMENTATION),                                       /* RFC 9637 */
	ROW6(0x2001000200000000, 0, 48, DOCUMENTATION),                                       /* RFC 5180 */
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* The highest `len` bits of 64. */
static inline uint64_t
mask_of(unsigned len)
{
	return len == 0 ? 0 : len >= 64 ? UINT64_MAX : ~(UINT64_MAX >> len);
}

enum seki_special
seki_special_find(unsigned family, const uint8_t addr[16])
{
	uint64_t q[2];

	memcpy(q, addr, sizeof(q));
	q[0] = be64toh(q[0]);
	q[1] = be64toh(q[1]);
	for (unsigned i = 0; i < N_ROWS; i++) {
		const struct row *row = &rows[i];
		uint64_t high = (q[0] ^ row->high) & mask_of(row->len);
		uint64_t low = (q[1] ^ row->low) & mask_of(row->len < 64 ? 0 : row->len - 64u);

		if (row->family == family && (high | low) == 0)
			return row->special;
	}
	return SEKI_SPECIAL_NONE;
}

bool
seki_special_range(unsigned i, struct seki_prefix *range)
{
	uint64_t q[2];

	if (i >= N_ROWS)
		return false;
	q[0] = htobe64(rows[i].high);
	q[1] = htobe64(rows[i].low);
	*range = (struct seki_prefix){.family = rows[i].family, .len = rows[i].len};
	memcpy(range->addr, q, sizeof(range->addr));
	return true;
}
