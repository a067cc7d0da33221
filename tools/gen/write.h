/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_WRITE_H
#define SEKI_GEN_WRITE_H

/* A scenario to a capture and its labels. */

#include "stream.h"

struct gen_totals {
	uint64_t packets, bytes;
	uint64_t attack, legit;
};

/*
 * Writes all of `stream` to the capture `path`, and to `labels` (NULL: not wanted) one character per packet and a newline.
 * Returns 0, or -1 after saying on stderr what went wrong.
 */
int gen_write(struct gen_stream *stream, const char *path, const char *labels, struct gen_totals *totals);

#endif
