/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_NEAR_H
#define SEKI_NEAR_H

/*
 * Memory near a core, and what to say where core and port are far apart. On machines without NUMA everything is
 * node 0 and all is near.
 */

#include <stdbool.h>
#include <stddef.h>

/*
 * Zeroed, page-aligned memory on the node of `cpu`, outside EAL's memory: pages that are never touched cost nothing,
 * which counters of a thousand zones rely on. NULL: none left.
 */
void *near_alloc(size_t bytes, unsigned cpu);
void near_free(void *memory, size_t bytes); /* NULL is legal */

/* NUMA node of a CPU; 0 where there is only one or nobody knows. */
int cpu_node(unsigned cpu);

#endif
