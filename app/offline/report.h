/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_REPORT_H
#define SEKI_REPORT_H

/*
 * What a replay tells: one row per packet (TSV), and the totals as a table for people or as JSON.
 *
 * The totals come from the packet path's own counters, the rows from the packets themselves, so that one checks
 * the other (report_check).
 */

#include "detect.h"
#include "policy.h"
#include "stamps.h"
#include "stats.h"

#include <stdio.h>

/* One packet's end. */
struct report_row {
	uint64_t number;  /* 1-based position in the capture */
	uint64_t time_ns; /* the time the packet path saw: the capture's, clamped monotone */
	uint16_t zone;
	uint8_t direction;
	uint8_t verdict;
	uint8_t reason;
	bool cut; /* the capture's snaplen cut it: caplen < len */
};

struct report {
	const char *input;
	const struct seki_policy *policy;
	const struct seki_stats *stats; /* sum over cores */
	const struct seki_detect *detect; /* NULL: nothing was detected */
	uint64_t seed;
	uint64_t packets;  /* read from the capture */
	uint64_t written;  /* handed to the clean side, whether or not a file was asked for */
	uint64_t first_ns; /* time of the first packet */
	uint64_t last_ns;
	struct stamps stamps;                 /* what was odd about the capture's stamps */
	uint64_t by_verdict[SEKI_N_VERDICTS]; /* of the rows */
	uint64_t cut_by_reason[SEKI_N_REASONS]; /* of the rows of cut frames */
	bool complete;                        /* the capture was read to its end */
};

void report_row_header(FILE *out);
void report_row(FILE *out, const struct seki_policy *policy, const struct report_row *row);

/* Counts a row in the totals that come from rows. Once for each packet. */
void report_count(struct report *report, const struct report_row *row);

/*
 * The accounting identity: read == received == passed + dropped + challenged, passed == written, and
 * rows and counters agree. Returns true, or false after naming each violated term on `out`.
 */
bool report_check(const struct report *report, FILE *out);

void report_print(const struct report *report, FILE *out);
void report_json(const struct report *report, FILE *out);

#endif
