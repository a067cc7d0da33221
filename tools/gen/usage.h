/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_USAGE_H
#define SEKI_GEN_USAGE_H

/* Internal to options.c: the table of options, for reading and for help. */

#include "options.h"

#include <stdio.h>

enum gen_option_kind {
	GEN_TEXT,
	GEN_NUMBER,
	GEN_RATE,
	GEN_TIME, /* bare: seconds */
	GEN_FLAG,
	GEN_CHOICE,
	GEN_SCENARIO,
	GEN_VECTOR,
	GEN_HELP,
};

enum gen_option_where {
	GEN_BOTH,
	GEN_CAPTURE,
	GEN_LIVE,
};

struct gen_option {
	const char *name;
	enum gen_option_kind kind;
	enum gen_option_where where;
	size_t offset; /* of what it sets in struct gen_options */
	uint64_t min, max;
	const char *const *words; /* of GEN_CHOICE; the enum's values count from the first one */
	const char *help;
};

extern const struct gen_option gen_option_rows[];
extern const unsigned gen_n_options;

void gen_usage(FILE *out);

#endif
