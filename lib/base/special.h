/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SPECIAL_H
#define SEKI_SPECIAL_H

/*
 * Special-purpose addresses: what they may not be used for, from the registries that RFC 6890 set up, cut down to
 * the question that a filter on a link asks of a source. One table says it to the countermeasure that judges
 * such sources and to the bitmap that finds the packets worth asking about.
 */

#include "addr.h"

enum seki_special {
	SEKI_SPECIAL_NONE,
	SEKI_SPECIAL_MULTICAST,     /* multicast and limited broadcast: never a source */
	SEKI_SPECIAL_MARTIAN,       /* this-network, loopback, reserved, mapped, ...: never a source on a link */
	SEKI_SPECIAL_LINK_LOCAL,    /* a source to its own link only */
	SEKI_SPECIAL_PRIVATE,       /* private and shared: not on the Internet (RFC 1918, 6598, 4193) */
	SEKI_SPECIAL_DOCUMENTATION, /* documentation and benchmarking: not on the Internet */
	SEKI_N_SPECIALS,
};

/* What `addr` (layout as in struct seki_prefix) of `family` 4 or 6 is. Any thread; a walk of at most 20 rows. */
enum seki_special seki_special_find(unsigned family, const uint8_t addr[16]);

/* The i-th range, in the order in which seki_special_find asks; false behind the last. */
bool seki_special_range(unsigned i, struct seki_prefix *range);

#endif
