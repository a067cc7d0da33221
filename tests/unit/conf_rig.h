/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_CONF_RIG_H
#define SEKI_TEST_CONF_RIG_H

/* Configurations from text. */
#include "conf.h"
#include "suite.h"

#include <errno.h>

#define PAIR \
	"ports: ({ name = \"o\"; device = \"d0\"; side = \"outside\"; peer = \"i\"; }," \
	" { name = \"i\"; device = \"d1\"; side = \"inside\"; peer = \"o\"; });\n"

/* Parses `text` on a machine of CPUs 0 to 7. */
static inline int
parse(const char *text, struct seki_spec *spec, struct seki_err *err)
{
	struct seki_conf_source source = {.name = "test.conf", .dir = "", .text = text, .size = strlen(text)};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (int i = 0; i < 8; i++)
		CPU_SET(i, &cpus);
	source.cpus = &cpus;
	seki_err_init(err);
	return seki_conf_parse_source(&source, spec, err);
}

static inline void
parse_good(const char *text, struct seki_spec *spec)
{
	struct seki_err err;
	int rc = parse(text, spec, &err);

	check_silent(&err);
	ck_assert_int_eq(rc, 0);
}

/* Parses `text`, wants it refused, and leaves its sentences in `err`. */
static inline void
parse_bad(const char *text, struct seki_err *err)
{
	static const struct seki_spec empty;
	struct seki_spec spec;

	ck_assert_int_eq(parse(text, &spec, err), -EINVAL);
	ck_assert_uint_gt(err->n, 0);
	ck_assert_int_eq(memcmp(&spec, &empty, sizeof(spec)), 0);
}

#endif
