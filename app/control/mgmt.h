/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_MGMT_H
#define SEKI_MGMT_H

/*
 * The management core: sleeps until the next tick or a signal, never touches a packet.
 *
 *     every LEASE_TICK_NS   leases, link state, retired snapshots, what the RSS probe found
 *     SIGHUP                reload
 *     SIGINT, SIGTERM       return
 *     SIGPIPE               nothing: who read the log, or asked for counters, may go; packets go on
 */

#include "box.h"

/* Blocks the signals above, and ignores the last, for this thread and all it starts. Before EAL starts any. */
void mgmt_take_signals(void);

/* Ticks until SIGINT or SIGTERM. Main lcore. */
void mgmt_run(struct box *box);

#endif
