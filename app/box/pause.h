/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PAUSE_H
#define SEKI_PAUSE_H

/*
 * All packet cores out of all ports for a moment, without losing a packet.
 *
 * Cores are told to receive no more, and then asked three times for a full round. After the first nobody receives, so
 * nothing goes into the rings between RX cores any more; once those are seen empty and a second round is over, nothing
 * goes into the rings to TX cores; once those are seen empty and a third round is over, nobody has a packet in hand.
 * From then on no core calls a driver until it is told to run again. What arrives meanwhile waits in the ports' queues.
 */

#include <stdbool.h>
#include <stdint.h>

struct box;

/*
 * True: every core is out. False: within `limit_ns` one did not come round, or has not come back from the last pause;
 * then all of them run. Main lcore, while the box runs.
 */
bool box_pause(struct box *box, uint64_t limit_ns);

void box_resume(struct box *box);

#endif
