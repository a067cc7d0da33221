/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_RELOAD_H
#define SEKI_RELOAD_H

/*
 * A new configuration while packets flow: read, checked and compiled on a thread of its own, so that the tick goes
 * on; then published in one store. Any mistake, and nothing changes but the log. Ports, cores and EAL are what the box
 * is made of: a file that changes them is refused with a sentence.
 */

#include "box.h"

struct reload {
	struct box *box;
	bool active; /* a thread is at work, or done and not yet collected */
	bool again;  /* asked once more meanwhile */
	pthread_t thread;
	bool done; /* set by the thread (release) when it has finished */
	int result;
	struct seki_spec spec;
	struct seki_policy *policy;
	struct seki_err err;
};

/* Asks for a reload of the running configuration's file. Main lcore. */
void reload_request(struct reload *reload, struct box *box);

/* Publishes a finished reload, or says why not. Returns true if one has ended now. Main lcore, once a tick. */
bool reload_poll(struct reload *reload);

/* Waits for the thread and throws its result away. Main lcore, at the end. */
void reload_cancel(struct reload *reload);

/* True if `next` can replace `now` in a running box; else sentences in `err`. */
bool reload_is_possible(const struct seki_spec *now, const struct seki_spec *next, struct seki_err *err);

#endif
