/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_WRITE_H
#define SEKI_GEN_WRITE_H

/* A sorted trace to a capture and its labels. */

#include "trace.h"

struct gen_totals {
	uint64_t packets, bytes;
	uint64_t attack, legit;
};

/*
 * Writes `trace` to the capture `path`, and to `labels` (NULL: not wanted) one character per packet and a newline.
 * Returns 0, or -1 after saying on stderr what went wrong.
 */
int gen_write(
	const struct gen_trace *trace, const char *path, const char *labels, unsigned vlan, struct gen_totals *totals);

#endif
