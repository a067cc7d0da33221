/* SPDX-License-Identifier: BSD-3-Clause */
#include "coarse.h"

#include <endian.h>

void
seki_coarse_add(struct seki_coarse *coarse, const struct seki_prefix *prefix)
{
	uint32_t first = (uint32_t)prefix->addr[0] << 8 | prefix->addr[1];
	uint32_t n = prefix->len >= 16 ? 1 : 1u << (16 - prefix->len);

	for (uint32_t i = first; i < first + n; i++) {
		uint16_t block = htobe16((uint16_t)i);

		coarse->bits[prefix->family == 6][block / 64] |= UINT64_C(1) << (block % 64);
	}
}
