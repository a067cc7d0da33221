/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PARK_H
#define SEKI_PARK_H

/*
 * EAL's interrupt thread, parked, and let run only while no packet core is in a port.
 *
 * Why: net_memif maps and unmaps the memory that it shares with a neighbour in that thread, when the neighbour comes,
 * goes or dies, and nothing keeps it from doing so under a core that is just then receiving or sending: the process
 * then dies of SIGSEGV (DPDK 22.11 to 25.11). There is no event before the unmapping and no lock to take from outside.
 *
 * How: an alarm's callback, which EAL calls in that very thread, waits there until management says go. Management says
 * go only between box_pause and box_resume, and the alarm, set again, brings the thread back after PARK_LAP_US. So
 * whatever drivers do in that thread happens while the cores stand aside. A core may meanwhile look at the shared
 * memory of a neighbour who is dead: the mapping is this process's own, and stays.
 *
 * Cost: where there is memif, a pause of a fraction of a millisecond once a second, and another one each tick while a
 * control socket has something to say. What else EAL would do in that thread (link interrupts of NICs) comes up to a
 * second late. Boxes without memif have none of this. What it is no help against: memory that the neighbour himself
 * writes, in which he may point anywhere. He must be trusted.
 */

#include "err.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct box;

/* How long the thread does its work before it is back. */
#define PARK_LAP_US 200

struct park {
	bool used;      /* some port needs it */
	bool open;      /* cores are paused, and the thread may be at large */
	unsigned quiet; /* ticks since it last was */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool parked, go, leave; /* under lock */
};

/* Parks the thread if a port of `box` needs it. 0 or -errno with a sentence. Before the cores run. */
int park_start(struct box *box, struct seki_err *err);

/* Lets the thread run if it has something to do and the cores can be paused. Main lcore, once a tick. */
void park_tick(struct box *box);

/* Lets it go for good. Legal if it was not started, and twice. No core runs. */
void park_stop(struct box *box);

#endif
