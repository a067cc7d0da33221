/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_APP_LEARN_H
#define SEKI_APP_LEARN_H

/*
 * The limits that hold now: those of the policy, over them what was learned of this hour, and over that what an event
 * says. And the learning itself: baselines (lib/detect/baseline.h) are fed a second of each zone in each second, and
 * kept in a file.
 *
 * Limits change when an hour begins, when an event or a holiday begins or ends, and when the policy is another one.
 * While an incident lasts in a zone only the last changes them: what an attack is held to must not move under it.
 *
 * Learned is the limit of a zone, and with it those of the prefixes between; that of a host stays. An event's limit is
 * that of the zone and of each of its hosts, since what is planned comes to one host more often than to all.
 *
 * The same for the management core and for replay. Replay has a clock that jumps over silence, so there the seconds
 * that were left out are learned as silent ones; and it never writes.
 */

#include "baseline.h"
#include "detect.h"
#include "policy.h"

struct learn_conf {
	const char *path; /* of the file; NULL: none */
	bool learns;      /* else there are events only */
	bool offline;     /* replay */
};

struct learn;

/*
 * Reads the file, if there is one. One that is damaged is refused in replay, and else set aside under the name
 * <path>.bad, which is said: what it held is lost, and Seki must run. NULL with sentences: out of memory, a file that
 * cannot be read, or a directory that cannot be written to.
 */
struct learn *learn_create(const struct learn_conf *conf, struct seki_err *err);

/* Writes what was learned, and waits for the disk. NULL is legal. */
void learn_destroy(struct learn *learn);

/* The policy is another one. Its calendar outlives the next call. */
void learn_policy(struct learn *learn, const struct seki_policy *policy);

/* The zone is there, or is another; `zone` of that policy; NULL: it is gone. */
void learn_zone(struct learn *learn, uint16_t id, const struct seki_policy_zone *zone, uint64_t wall_ns);

/*
 * In each tick, for each zone that is there: learns a second, in one tick of ten. True: its limits have changed. Of an
 * hour that ends some 10 us, else less than one.
 */
struct learn_now {
	uint64_t tick; /* counts SEKI_DETECT_TICK_NS */
	uint64_t wall_ns;
};
bool learn_tick(struct learn *learn, struct seki_detect *detect, uint16_t id, struct learn_now now);

/* The limits that hold in the zone; until the next call for it. NULL: there is none. */
const struct seki_limits *learn_limits(const struct learn *learn, uint16_t id);

/* Once in a while: has the file written every two hours, and says if that fails. */
void learn_save(struct learn *learn, uint64_t mono_ns);

/* Whether silence has something to teach: then ticks must not be left out before a second of it. */
bool learn_learns(const struct learn *learn);

/* Whether something is kept of a vector (seki_baseline_knows). */
bool learn_knows(const struct learn *learn, uint16_t id, unsigned vector);

/* What the hour of `wall_ns` suggests. False: nothing is learned, or there is no such zone or vector. */
bool learn_suggest(
	const struct learn *learn, uint16_t id, unsigned vector, uint64_t wall_ns, struct seki_suggestion *out);

/*
 * An operator's word (seki_baseline_accept, seki_baseline_forget). Limits follow in the next tick, or at
 * the end of the incident that there is; the file when it is next written. 0, or -EPERM (nothing is learned), -ENOENT (there is
 * no such zone), -EDOM (the zone has no limit of the vector in a unit that is not 0), -EINVAL (no such vector), -ENOMEM, -ENOSPC
 * (there is no room to learn one more vector). Under the lock that guards ticks.
 */
int learn_accept(struct learn *learn, uint16_t id, unsigned vector, struct seki_rate rate);
int learn_forget(struct learn *learn, uint16_t id, unsigned vector);

#endif
