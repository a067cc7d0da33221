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
	bool wanted; /* asked for and not yet begun; several requests in a row are one */
	pthread_t thread;
	bool done; /* set by the thread (release) when it has finished */
	int result;
	struct seki_policy *before; /* in force at the beginning; a reference is held, as snapshots may come and go */
	struct seki_spec spec;
	struct seki_policy *policy;
	struct seki_err err;
};

/* Asks for a reload of the running configuration's file. Main lcore. */
void reload_request(struct reload *reload);

/*
 * Publishes a finished reload, or says why not; begins one that is wanted, as soon as no earlier policy is left in
 * memory: it is computed for two. Main lcore, once a tick, after publish_reclaim.
 */
void reload_poll(struct reload *reload, struct box *box);

/* Waits for the thread and throws its result away. Main lcore, at the end. */
void reload_cancel(struct reload *reload);

/* True if `next` can replace `now` in a running box; else sentences in `err`. */
bool reload_is_possible(const struct seki_spec *now, const struct seki_spec *next, struct seki_err *err);

/*
 * True if tables of `need` bytes fit into the `free` ones of `total` that EAL has set aside, or huge pages can bring
 * more; else a sentence in `err` that names eal.memory_mb.
 */
bool reload_fits(const struct seki_spec *next, size_t need, size_t free, size_t total, struct seki_err *err);

#endif
