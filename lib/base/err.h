/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ERR_H
#define SEKI_ERR_H

/*
 * What went wrong, for a person: a bounded list of "file:line: sentence".
 *
 * Cold code returns -errno and adds one entry per mistake, so that a user sees every mistake of a
 * configuration at once. The packet path never touches this. Not thread-safe; the caller owns the list.
 *
 * File names and what sentences quote were chosen by others, so entries are kept in their printable form
 * (printable.h): no message brings a control byte to a terminal, or a second line to a log.
 */

#include <stdbool.h>
#include <stdio.h>

/* More mistakes than this in one go help nobody; further ones are only counted. */
#define SEKI_ERR_MAX 200

struct seki_err_entry {
	char *file; /* NULL: no file to point at */
	int line;   /* 0: the file as a whole */
	char *text; /* one sentence, no newline */
};

struct seki_err {
	unsigned n;       /* entries kept, at most SEKI_ERR_MAX */
	unsigned n_total; /* entries added */
	struct seki_err_entry *entry;
};

/* An empty list; owns no memory yet. */
void seki_err_init(struct seki_err *err);

/* Frees what the list holds and leaves it empty. */
void seki_err_fini(struct seki_err *err);

/*
 * Adds one entry (printf rules) and returns -EINVAL, so that a caller can write
 * `return seki_err_add(err, file, line, "...")`. `err` NULL: the sentence is dropped, the return is the same.
 */
int seki_err_add(struct seki_err *err, const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* One line per entry, "file:line: sentence", in the order they were added; then how many were left out. */
void seki_err_print(const struct seki_err *err, FILE *out);

#endif
