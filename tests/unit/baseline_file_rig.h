/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_BASELINE_FILE_RIG_H
#define SEKI_TEST_BASELINE_FILE_RIG_H

/* The rig of baselines with a directory of its own for what was learned. */
#include "baseline_rig.h"

#include <stdio.h>
#include <unistd.h>

static char dir[] = "/tmp/seki-baseline-XXXXXX";
static char path[64], new_path[64];

static inline void
file_begin(void)
{
	strcpy(dir + strlen(dir) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/learned", dir);
	snprintf(new_path, sizeof(new_path), "%s/learned.new", dir);
	rig_begin();
}

static inline void
file_end(void)
{
	rig_end();
	unlink(path);
	unlink(new_path);
	ck_assert_int_eq(rmdir(dir), 0);
}

static inline void
file_save(void)
{
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_save(base, path, &err), 0);
	check_silent(&err);
}

/* Heap, with a zero behind. */
static inline char *
file_read(size_t *n)
{
	FILE *in = fopen(path, "r");
	char *text;

	fseek(in, 0, SEEK_END);
	*n = (size_t)ftell(in);
	rewind(in);
	text = calloc(1, *n + 1);
	ck_assert_uint_eq(fread(text, 1, *n, in), *n);
	fclose(in);
	return text;
}

#endif
