/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_OPTIONS_H
#define SEKI_GEN_OPTIONS_H

/* The command line, of both commands: a scenario to a capture, and a scenario to live ports. */

#include "scenario.h"

#define GEN_PPS_USUAL UINT64_MAX

struct gen_options {
	bool live;
	/* To a capture. */
	const char *out, *labels;
	/* Live. */
	const char *device[2]; /* outside, inside (NULL: none) */
	uint64_t wait_ns, linger_ns;
	bool interval, json;
	/* The scenario. */
	uint64_t seed, seconds, legit_pps, pps, vlan, machines, from_ns, until_ns, rtt_ns;
	const struct gen_scenario *scenario;
	const struct gen_reflector *vector;
	enum gen_sources sources;
	enum gen_over over;
	enum gen_shape shape;
	bool mimic;
};

/*
 * Reads the words behind the program's name. Returns 0, or -1 after saying on stderr what is wrong. --help ends the
 * program.
 */
int gen_options_read(int argc, char **argv, struct gen_options *options);

#endif
