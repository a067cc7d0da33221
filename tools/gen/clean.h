/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_CLEAN_H
#define SEKI_GEN_CLEAN_H

/*
 * Events that look large and are no attack, beside the ordinary mix: nothing of them may raise an incident. Each adds
 * whole conversations, labelled legitimate; what nobody misses (scans, answers that nobody asked for) is labelled other.
 */

#include "trace.h"

struct gen_event {
	uint64_t pps;             /* packets a second of the event, both directions; crowds go by legit_pps instead */
	uint64_t legit_pps;       /* of the ordinary mix */
	uint64_t from_ns, until_ns;
};

typedef void gen_add_event(struct gen_trace *trace, const struct gen_event *event);

gen_add_event gen_flash, gen_sale;                       /* clean_crowd.c */
gen_add_event gen_cgnat, gen_resolver, gen_scanner;      /* clean_many.c */
gen_add_event gen_speedtest, gen_backup, gen_game, gen_call; /* clean_stream.c */

#endif
