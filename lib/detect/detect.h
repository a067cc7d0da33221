/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DETECT_H
#define SEKI_DETECT_H

/*
 * Detection: the tick that reads the counters of all cores, sees attacks, and decides what is raised against them.
 *
 *     collect (what came to whom) → carpet (which prefixes, by which vectors) → tracks (one state machine for each zone and
 *     vector) → what is raised in each zone, and the record of the incident
 *
 * A track is idle, alert (over a limit, but that alone is no attack: SYNs whose handshakes complete), mitigating at a step of the vector's
 * ladder, or cooling (over, but its step stays raised for a while, since attacks come back). See track.c for when it goes from one to another.
 *
 * Zones that observe go through all of it; what is raised there holds nothing back (lib/pipeline/decide.c), and the incident
 * says what would have been.
 *
 * Everything here is the management core's, but for blocks, samplers and counters, which it only reads. It takes times as
 * arguments and knows no clock, so a replay sees what the appliance would have seen.
 */

#include "blocks.h"
#include "incident.h"
#include "raised.h"
#include "sample.h"

/* How often to tick. */
#define SEKI_DETECT_TICK_NS SEKI_BLOCKS_TICK_NS

#define SEKI_DETECT_CORES 64

/* What of a core detection reads; blocks are told what is asked of them. All of it outlives the detector. */
struct seki_detect_core {
	struct seki_blocks *blocks;
	const struct seki_stats *stats;
	struct seki_sampler *sampler;
	const uint64_t *picked_up; /* by zone id, of seki_flows; NULL: no state is kept */
};

/* What a step of a ladder is made of: countermeasures as bits of pkt.todo, and those of them that are strict. */
struct seki_step_cms {
	uint32_t raised, strict;
};

struct seki_detect_params {
	const struct seki_detect_core *core;
	unsigned n_cores;
	struct seki_step_cms (*cms)[SEKI_N_STEPS]; /* [SEKI_N_LADDERS] */
	uint32_t raise_after_ticks; /* a step has so long to show what it does */
	uint64_t quiet_ns;          /* after so long without too much the attack is thought to be over, ... */
	uint64_t hold_ns;           /* ... and after so long more nothing is raised any more; longer where it has come back */
	double collateral_max;      /* of clean traffic that a signature may hold, at most */
};

#define SEKI_DETECT_PARAMS \
	((struct seki_detect_params){.raise_after_ticks = 1, \
		.quiet_ns = UINT64_C(2000000000), \
		.hold_ns = UINT64_C(10000000000), \
		.collateral_max = 0.05})

/* A zone as the policy has it. */
struct seki_detect_zone {
	const char *name, *domain;
	const struct seki_limits *limits; /* outlive the next call for this zone */
	bool observes;
	uint32_t can; /* countermeasures that may be raised: bits as in pkt.todo */
	uint64_t budget_pps[SEKI_N_VECTORS]; /* what SEKI_STEP_BUDGET lets pass; 0: all */
};

struct seki_detect;

/* NULL: out of memory. What `params` points to is copied, but for the cores' memory. */
struct seki_detect *seki_detect_create(const struct seki_detect_params *params);
void seki_detect_destroy(struct seki_detect *d); /* NULL is legal */

/* The zone is there now, or is another; `zone` NULL: it is gone, and its incident with it. Between ticks. 0 or -ENOMEM. */
int seki_detect_zone(struct seki_detect *d, uint16_t id, const struct seki_detect_zone *zone);

/*
 * Once every SEKI_DETECT_TICK_NS, of which a second call changes nothing. Returns true if what is raised somewhere has changed: a snapshot with it is to be published.
 * At most some ms where 65,536 hosts of a zone are busy (tools/bench detect_tick).
 */
bool seki_detect_tick(struct seki_detect *d, uint64_t mono_ns, uint64_t wall_ns);

/* What is raised in a zone; NULL: nothing. Until the next tick. */
const struct seki_raised *seki_detect_raised(const struct seki_detect *d, uint16_t zone);

/* What strangers sent to a zone in the last second. */
struct seki_detect_second {
	uint64_t pps[SEKI_N_VECTORS], bps[SEKI_N_VECTORS];
	uint64_t frozen; /* a bit for each vector that is not to be learned: all of them in an incident */
	bool incident;
};

/* False: the zone is not watched. After a tick. */
bool seki_detect_second(struct seki_detect *d, uint16_t zone, struct seki_detect_second *out);

/* True if nothing came to any zone for a second: that of every zone is silence until packets come. */
bool seki_detect_is_silent(const struct seki_detect *d);

/* True if nothing is going on: until packets come, ticks will change nothing. */
bool seki_detect_is_quiet(const struct seki_detect *d);

/* Incidents that are kept at a time: one of each zone that goes on, and so many that have ended; half a megabyte each. */
#define SEKI_INCIDENTS_ENDED 64
#define SEKI_INCIDENTS_MAX (SEKI_ZONES_MAX + SEKI_INCIDENTS_ENDED)

/* Incidents that are going on, and the last ones that have ended, oldest first. NULL: there are no more. Until the next
 * tick. */
const struct seki_incident *seki_detect_incident(const struct seki_detect *d, unsigned i);

/* Its file was asked for, as it is now; and what has become of that. What changes meanwhile is not filed. */
void seki_detect_file_asked(struct seki_detect *d, unsigned i);
void seki_detect_file_done(struct seki_detect *d, const char *id, bool good);

/* Incidents are numbered from `n` on: a restart does not give a number again. Before the first tick. */
void seki_detect_number_from(struct seki_detect *d, uint64_t n);

/* Its decisions up to now have been said, or its end. */
void seki_detect_said(struct seki_detect *d, unsigned i);

/* Figures of the detector itself. */
struct seki_detect_figures {
	size_t bytes; /* set aside; what was never used of it takes no memory */
	uint32_t blocks, nets, wides, zones; /* nodes */
	uint64_t overs_lost;
	uint64_t ticks_short; /* that something could not be counted in, as there was no memory */
	uint64_t samples, samples_lost;
};
void seki_detect_figures(const struct seki_detect *d, struct seki_detect_figures *out);

#endif
