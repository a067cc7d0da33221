/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_OPTIONS_H
#define SEKI_GEN_OPTIONS_H

/* The command line: which scenario, and where it goes. */

#include "scenario.h"

#define GEN_PPS_USUAL UINT64_MAX

struct gen_options {
	const char *out, *labels;
	uint64_t seed, seconds, legit_pps, pps, vlan, machines, from_ns, until_ns;
	const struct gen_scenario *scenario;
	const struct gen_reflector *vector;
	enum gen_sources sources;
	enum gen_over over;
	enum gen_shape shape;
	bool mimic;
};

/* Reads the words behind the program's name. Returns 0, or -1 after saying on stderr what is wrong. --help ends the program. */
int gen_options_read(int argc, char **argv, struct gen_options *options);

#endif
