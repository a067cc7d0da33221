/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FILING_H
#define SEKI_FILING_H

/*
 * Files of one directory. Each is written aside, synced and renamed, so whoever reads one finds it whole; and by a
 * thread of its own, in the order in which it was asked for, since no tick may wait for a disk. All functions are
 * management's, and only filing_flush and filing_close wait.
 */

#include "err.h"

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct filing;

/*
 * `alone`: the directory is locked as long as it is open, and there is a thread. Otherwise what is asked for is done at
 * once, and waited for: for who has nobody else to serve. NULL with a sentence: not usable, no memory or no thread.
 */
struct filing *filing_open(const char *directory, bool alone, struct seki_err *err);

/* After all that was asked for. NULL is legal. */
void filing_close(struct filing *filing);

/* Where it is, as the file system spells it. */
const char *filing_directory(const struct filing *filing);

/* Of the directory, to read in it; while nothing is under way. */
int filing_fd(const struct filing *filing);

/*
 * Asks for a file with this text, which is the filing's from now on, as is `about` (heap; filing_done gives it back).
 * False: no memory, and both are freed.
 */
bool filing_write(struct filing *filing, const char *name, char *text, size_t n, void *about);

/* Asks for a file's removal. Whether there was one nobody is told. Without memory it stays. */
void filing_remove(struct filing *filing, const char *name);

/* True if a file of that name was asked for and filing_done has not told yet what has become of it. */
bool filing_awaits(const struct filing *filing, const char *name);

/* What has become of one file that was asked for, in order, once each: true, with 0 or an error number, and `about`,
 * which is the caller's now. False: of none yet. */
bool filing_done(struct filing *filing, int *error, void **about);

/* Waits until all that was asked for is done. */
void filing_flush(struct filing *filing);

/* Name of the file while it is written: it begins with a dot. */
#define FILING_PART_SUFFIX ".part"

#endif
