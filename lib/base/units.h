/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_UNITS_H
#define SEKI_UNITS_H

/*
 * Quantities as people write them: "500 kpps", "2 Gbps", "250 ms", "1500". Decimal prefixes (k M G T are powers
 * of 1000), integers or decimal fractions, no sign, no exponent. No float: fractions are exact or refused.
 */

#include <stdint.h>

enum seki_unit {
	SEKI_UNIT_NONE,  /* a plain count */
	SEKI_UNIT_PPS,   /* packets a second: "pps" with a prefix, or a bare number */
	SEKI_UNIT_BPS,   /* bits a second: "bps" with a prefix, or a bare number */
	SEKI_UNIT_NS,    /* a time, kept in nanoseconds: "ns", "us", "ms", "s", "min", "h"; bare: refused */
	SEKI_UNIT_BYTES, /* "B" with a prefix, or a bare number */
	SEKI_UNIT_BOOL,  /* "true", "false" */
};

/* "pps", "bps", "ns", "bytes", "" ... for documentation. */
const char *seki_unit_name(enum seki_unit unit);

/* Returns 0, -EINVAL (not such a quantity), -ERANGE (does not fit 64 bits, or is no whole number of the unit). */
int seki_unit_parse(enum seki_unit unit, const char *text, uint64_t *value);

/* The shortest exact text that seki_unit_parse reads back. Returns `buf` (at least 32 bytes). */
char *seki_unit_format(enum seki_unit unit, uint64_t value, char *buf);

#endif
