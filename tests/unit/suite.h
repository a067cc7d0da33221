/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_SUITE_H
#define SEKI_TEST_SUITE_H

/* What unit tests have in common: the run of a suite, rows of a table, what was said about a mistake. */
#include "addr.h"
#include "err.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

#define N(table) (sizeof(table) / sizeof((table)[0]))

/* As ck_assert_msg, for what is asked millions of times: Check writes to a pipe each time that it is asked. */
#define HOLDS(condition, ...) \
	do { \
		if (!(condition)) \
			ck_abort_msg(__VA_ARGS__); \
	} while (0)

/* Runs these as the environment (CK_*) says. Returns what main returns. */
static inline int
suite_run_cases(const char *name, TCase *const *tests, unsigned n)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	for (unsigned i = 0; i < n; i++)
		suite_add_tcase(suite, tests[i]);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static inline int
suite_run(const char *name, TCase *tests)
{
	return suite_run_cases(name, &tests, 1);
}

static inline struct seki_prefix
prefix_of(const char *text)
{
	struct seki_prefix prefix;

	ck_assert_msg(seki_prefix_parse(text, &prefix) == 0, "%s is no prefix", text);
	return prefix;
}

/* `n` mistakes were found; the first is at `line` and its sentence contains `text`. Frees them. */
static inline void
check_said(struct seki_err *err, unsigned n, int line, const char *text)
{
	ck_assert_uint_eq(err->n_total, n);
	ck_assert_int_eq(err->entry[0].line, line);
	ck_assert_msg(strstr(err->entry[0].text, text) != NULL, "%s", err->entry[0].text);
	seki_err_fini(err);
}

/* Nothing was; if something was, it is shown. */
static inline void
check_silent(struct seki_err *err)
{
	seki_err_print(err, stderr);
	ck_assert_uint_eq(err->n_total, 0);
	seki_err_fini(err);
}

#endif
