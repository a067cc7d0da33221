/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_REPORT_H
#define SEKI_GEN_REPORT_H

/* What a live run has come to, for people and for machines. */

#include "options.h"
#include "tally.h"

#include <stdio.h>

/* Counts as of the last line. */
struct gen_tally_mark {
	uint64_t at_ns;
	uint64_t offered[GEN_N_ROWS], passed[GEN_N_ROWS];
};

/* One line: rates since the last one. */
void gen_report_interval(FILE *out, const struct gen_tally *tally, struct gen_tally_mark *mark, uint64_t now_ns);

/* The whole, to stdout; what it must be read with, to stderr. Returns 0, or 1 if it could not be written. */
int gen_report(const struct gen_options *options, const struct gen_tally *tally, bool interrupted);

#endif
