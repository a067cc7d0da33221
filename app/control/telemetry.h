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
 *     /seki/state[,OFFSET,LIMIT]            tables of flows and sources of each RX core
 *     /seki/top[,LIST[,OFFSET,LIMIT]]       who sends most, by address, where telemetry.addresses lets it
 *     /seki/incidents[,OFFSET,LIMIT]        attacks, the youngest first, with those of earlier runs
 *     /seki/incident,ID[,PART[,OFFSET,LIMIT]]
 *                                           one of them; a part is vectors, targets, decisions, timeline or drops
 *     /seki/posture[,ZONE[,OFFSET,LIMIT]]   what is done about which vector, since when, and for whom
 *     /seki/detect                          figures of the detector itself
 *     /seki/samples[,ZONE[,OFFSET,LIMIT]]   samples of what was dropped or held back, the youngest first
 *     /seki/explain,NUMBER                  why that one was
 *     /seki/explain,PROTO,SRC,SPORT,DST,DPORT[,DOMAIN]
 *                                           what would become of such a packet
 *     /seki/override,ZONE,VECTOR,STEP,SECONDS
 *                                           an operator's word for a time; STEP "auto" takes it back
 *     /seki/baseline[,ZONE[,VECTOR[,OFFSET,LIMIT]]]
 *                                           what was learned of which vector, and what limit that suggests
 *     /seki/baseline_accept,ZONE,VECTOR,accept,PPS[,BPS]
 *                                           an operator vouches for so much clean traffic
 *     /seki/baseline_forget,ZONE,VECTOR,forget
 *                                           it is learned anew
 *
 * A reply is at most 16 KiB, so lists are paged: `total` and `next` (equal to `total` at the end) come with every page,
 * as do the parameters as they were understood. Lists are dicts by id, since replies know no arrays of dicts. All
 * numbers are u64, but for seconds before an incident. A string has 127 bytes at most, so sentences and paths are lists
 * of pieces, to be joined as they are.
 *
 * Every command but `override`, `baseline_accept` and `baseline_forget` is a pure read, and those can be repeated, and have a
 * word among their parameters that no other command's have: so all are harmless when the library, which runs a thread per
 * client and lets them share what splits parameters, gives one the parameters of another. All commands take one lock, and
 * none is on the packet path.
 */

#include "box.h"

/* Registers the commands. 0 or -errno. After eal_start with telemetry on. */
int telemetry_open(struct box *box);

/* From here on commands answer with an error. Before box_close. */
void telemetry_close(void);

#endif
