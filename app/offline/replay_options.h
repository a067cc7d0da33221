/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_REPLAY_OPTIONS_H
#define SEKI_REPLAY_OPTIONS_H

/* The command line of `seki replay`, and the list of captures that it may name. */

#include "err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The numbers that may be set. */
struct replay_tuning {
	uint64_t seed, burst, cores, segment;
};

struct replay_options {
	const char *conf, *input, *write, *verdicts, *incidents, *list;
	bool json;
	struct replay_tuning tuning;
};

/* One capture to replay: the command line's, or a line of the list. NULL: not wanted. */
struct replay_job {
	const char *conf, *input, *write, *verdicts, *incidents;
	const char *json; /* file; "-": standard output */
	struct replay_tuning tuning;
};

/* The jobs of a list file; `text` holds their strings. */
struct replay_jobs {
	char *text;
	struct replay_job *job;
	size_t n;
};

/*
 * 0; 1: help was asked for and given; -EINVAL: a sentence in `err`, or the usage on stderr. `options` is zeroed by the
 * caller.
 */
int replay_options_read(int argc, char **argv, struct replay_options *options, struct seki_err *err);

/* What the command line asks for: one job, or those of the list. An exit code; what is wrong goes to `err`. */
int replay_jobs_read(const struct replay_options *options, struct replay_jobs *jobs, struct seki_err *err);
void replay_jobs_fini(struct replay_jobs *jobs);

#endif
