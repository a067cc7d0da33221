/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_OUTFILE_H
#define SEKI_OUTFILE_H

/*
 * Where a file is written that may not be there yet, so that two names of one place ("x", "./x", "link/../x") are
 * known for what they are before the second destroys what the first has written. Cold code; asks the file system.
 */

#include <stdbool.h>

/*
 * The path as the file system spells it: of the file if it is there, else of its directory with the name behind; as it
 * was given where neither is. Heap; NULL: no memory.
 */
char *seki_outfile(const char *path);

/* True if two of these are one file; /dev/null may be shared. NULL is no file. */
bool seki_outfile_equal(const char *a, const char *b);

#endif
