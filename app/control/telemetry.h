/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TELEMETRY_H
#define SEKI_TELEMETRY_H

/*
 * Counters on the DPDK telemetry socket, for the stock dpdk-telemetry.py, sekictl and the exporter.
 *
 *     /seki/info                            what runs, ports and cores, where the cycles go
 *     /seki/stats[,OFFSET,LIMIT]            totals, directions, ports
 *     /seki/zones[,OFFSET,LIMIT]            counters of each zone; id 0 is the traffic of no zone
 *     /seki/reasons[,ZONE[,OFFSET,LIMIT]]   every reason; of one zone (by name), or of all (empty)
 *     /seki/port_reasons[,PORT[,OFFSET,LIMIT]]
 *                                           every reason by direction, of what came in by a port; likewise
 *     /seki/vectors[,ZONE[,OFFSET,LIMIT]]   what came in for it, judged or not, by vector; likewise
 *
 * A reply is at most 16 KiB, so lists are paged: `total` and `next` (equal to `total` at the end) come with every page,
 * as do the parameters as they were understood. Lists are dicts by id, since replies know no arrays of dicts. All
 * numbers are u64. Every command is a pure read: repeating one is harmless. The library runs a thread per client;
 * all commands take one lock, and none is on the packet path.
 */

#include "box.h"

/* Registers the commands. 0 or -errno. After eal_start with telemetry on. */
int telemetry_open(struct box *box);

/* From here on commands answer with an error. Before box_close. */
void telemetry_close(void);

#endif
