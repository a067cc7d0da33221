/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_SCENARIO_H
#define SEKI_GEN_SCENARIO_H

/* The table of scenarios: ordinary traffic is in each, and beside it an attack, a clean event, or nothing. */

#include "attack.h"
#include "clean.h"

struct gen_scenario {
	const char *name;
	const char *help;
	gen_maker *maker;     /* of an attack; NULL: there is none */
	gen_add_event *event; /* of a clean event; NULL: there is none */
	uint64_t pps;         /* of either, unless the user says otherwise */
	enum gen_over over;
	bool real;            /* sources, of an attack */
	unsigned legit_times; /* people's traffic at its peak, in ordinary ones */
};

/* Row i; NULL: there are no more. Row 0 is the default. */
const struct gen_scenario *gen_scenario_row(unsigned i);

/* NULL: there is none of that name. */
const struct gen_scenario *gen_scenario_find(const char *name);

/* The makers of an attack: one, or with GEN_ROTATE one of each kind, its own first. Returns how many. */
unsigned gen_scenario_makers(
	const struct gen_scenario *scenario, enum gen_shape shape, gen_maker *makers[GEN_MAKERS_MAX]);

#endif
