/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_LEGIT_H
#define SEKI_GEN_LEGIT_H

/* Ordinary traffic of a network that serves the web, mail and DNS and has people behind it. */

#include "trace.h"

/* Of 1000 packets of the mix, those of connections to the network's web and mail servers. */
#define GEN_LEGIT_WEB_SHARE 430u

/* An ordinary mix of about `pps` packets a second, both directions, over the whole trace. */
void gen_legit(struct gen_trace *trace, uint64_t pps);

/* One connection to a web or mail server from somewhere outside. */
void gen_legit_web(struct gen_trace *trace, uint64_t at_ns);

#endif
