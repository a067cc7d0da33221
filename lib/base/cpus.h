/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CPUS_H
#define SEKI_CPUS_H

#include <sched.h>

/* Enough for any set of CPUs. */
#define SEKI_CPUS_TEXT (8 * CPU_SETSIZE)

/*
 * The CPUs that the calling thread may use, as EAL's --lcores has them: "0,1,5". Returns `text`, or NULL if there are
 * more CPUs than a set holds.
 */
const char *seki_cpus_allowed(char text[SEKI_CPUS_TEXT]);

#endif
