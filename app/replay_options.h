/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_REPLAY_OPTIONS_H
#define SEKI_REPLAY_OPTIONS_H

/* The command line of `seki replay`, and the list of captures that it may name. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct replay_options {
	const char *conf, *input, *write, *verdicts, *list;
	bool json;
	uint64_t seed, burst, cores, segment;
};

/* One capture to replay: the command line's, or a line of the list. NULL: not wanted. */
struct replay_job {
	const char *conf, *input, *write, *verdicts;
	const char *json; /* file; "-": standard output */
};

/* The jobs of a list file; `text` holds their strings. */
struct replay_jobs {
	char *text;
	struct replay_job *job;
	size_t n;
};

/* 0; 1: help was asked for and given; -EINVAL: said on stderr. `options` is zeroed by the caller. */
int replay_options_read(int argc, char **argv, struct replay_options *options);

/* Reads a list file. Returns an exit code; what is wrong is said on stderr. Free with replay_jobs_fini. */
int replay_jobs_read(const char *path, struct replay_jobs *jobs);
void replay_jobs_fini(struct replay_jobs *jobs);

#endif
