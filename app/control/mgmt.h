/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_MGMT_H
#define SEKI_MGMT_H

/*
 * The management core: sleeps until the next tick or a signal, never touches a packet.
 *
 *     every LEASE_TICK_NS   leases, link state, retired snapshots, what the RSS probe found
 *     SIGHUP                reload
 *     SIGINT, SIGTERM       return
 */

#include "box.h"

/* Blocks the signals above for this thread and all it starts. First thing in the process. */
void mgmt_block_signals(void);

/* Ticks until SIGINT or SIGTERM. Main lcore. */
void mgmt_run(struct box *box);

#endif
