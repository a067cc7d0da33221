/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GUARD_H
#define SEKI_GUARD_H

/*
 * Detection as the appliance and replay run it: the detector of lib/detect, told of the zones of the policy in force,
 * what it raises brought into snapshots, and incidents on disk. The same for the management core and for replay.
 */

#include "archive.h"
#include "arm.h"
#include "detect.h"
#include "learn.h"
#include "policy.h"

struct guard;

struct guard_conf {
	const struct seki_detect_core *core; /* whose counters these are */
	unsigned n_cores;
	const char *incidents; /* directory; NULL: they are not kept */
	unsigned keep;         /* how many of those that have ended: archive_open */
	unsigned signature_pct; /* of clean traffic, that signatures may hold */
	struct learn_conf learn;
};

/*
 * NULL: out of memory, the directory of incidents cannot be used, or the file of baselines cannot; with a sentence. On
 * the management core.
 */
struct guard *guard_create(const struct guard_conf *conf, struct seki_err *err);
void guard_destroy(struct guard *guard); /* NULL is legal */

/*
 * A tick. The first one with another policy tells the detector of its zones; so it must come before the old one is
 * freed. True: a snapshot with another posture is to be published.
 */
bool guard_tick(struct guard *guard, const struct seki_policy *policy, const struct arms *arms, uint64_t mono_ns,
	uint64_t wall_ns);

/* What is learned, and the limits that hold now: for telemetry. Under the lock that guards ticks. */
struct learn *guard_learn(const struct guard *guard);

/* Says what has been decided since the last call, by Seki or by operators. Management core; replay says nothing. */
void guard_say(struct guard *guard, const struct seki_policy *policy);

/* Adds to a snapshot what is raised, after arms_hold. 0 or -ENOMEM. */
int guard_raise(const struct guard *guard, struct seki_snapshot *snapshot);

/* True if ticks will change nothing until packets come, but for what silence teaches, which is made up for. */
bool guard_is_quiet(const struct guard *guard);

/* The detector, for telemetry and reports. */
struct seki_detect *guard_detect(const struct guard *guard);

/* The incidents on disk, for telemetry. NULL: none are kept. */
const struct archive *guard_archive(const struct guard *guard);

/* Since when it knows the policy in force, mono. */
uint64_t guard_policy_ns(const struct guard *guard);

#endif
