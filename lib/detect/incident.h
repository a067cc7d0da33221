/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_INCIDENT_H
#define SEKI_INCIDENT_H

/*
 * The record of an incident (事案): one attack on one zone, from its first signal to its end. What was seen, what was decided and
 * why, what came of it, second by second. Written by the detector, read by whoever tells of it (incident_json.c,
 * telemetry); management core. docs/incident.md says what becomes of it on disk.
 *
 * It is bounded: so many decisions, so many seconds (neighbours are put together beyond), so many targets.
 */

#include "ladder.h"
#include "signature.h"
#include "target.h"
#include "zone_limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define SEKI_INCIDENT_ID_MAX 96
#define SEKI_INCIDENT_DECISIONS 512
#define SEKI_INCIDENT_SECONDS 1024
#define SEKI_INCIDENT_BEFORE 10 /* seconds of the timeline before it began */
#define SEKI_INCIDENT_SIGNATURES 32
#define SEKI_INCIDENT_FEATURES 12
#define SEKI_SENTENCE_MAX 256

enum seki_incident_state {
	SEKI_INCIDENT_OPEN,
	SEKI_INCIDENT_COOLING, /* over, but guarded still */
	SEKI_INCIDENT_ENDED,
	SEKI_INCIDENT_INTERRUPTED, /* Seki stopped before its end */
};

/* What has become of its file. */
enum seki_filed {
	SEKI_FILED_NOT, /* it is not on disk as it is here */
	SEKI_FILED_ASKED,
	SEKI_FILED,
};

enum seki_decision_action {
	SEKI_DECISION_NONE, /* it is an attack, and nothing is raised */
	SEKI_DECISION_RAISE,
	SEKI_DECISION_LOWER,
	SEKI_DECISION_END,
	SEKI_DECISION_SIGNATURE,
	SEKI_DECISION_OVERRIDE,
	SEKI_DECISION_GUARD, /* against what may be its next vector */
	SEKI_N_DECISION_ACTIONS,
};

struct seki_decision {
	uint64_t at_ns; /* wall */
	uint8_t vector;
	uint8_t action;       /* enum seki_decision_action */
	uint8_t step, before; /* enum seki_step */
	uint32_t tried;       /* milder steps that were taken before: SEKI_STEP_BIT */
	uint64_t rate_pps, limit_pps, passed_pps;
	char seen[SEKI_SENTENCE_MAX];
	char why[SEKI_SENTENCE_MAX];
};

/* What happened in `n` seconds from `s` on; amounts are of all of them together. */
struct seki_incident_second {
	int32_t s; /* since it began */
	uint32_t n;
	uint64_t offered_packets, offered_bytes;
	uint64_t dropped_packets, dropped_bytes;
	uint64_t attack_packets; /* estimate */
	uint64_t observed_packets;
	uint32_t dropped[SEKI_N_REASONS]; /* packets */
	uint32_t hosts;
	uint8_t step;
};

struct seki_incident_vector {
	bool seen;
	uint8_t from; /* enum seki_limit_from */
	uint32_t steps; /* taken: SEKI_STEP_BIT */
	uint64_t limit_pps, limit_bps, peak_pps, peak_bps;
	uint64_t packets; /* of the attack, estimate */
	uint64_t began_ns, ended_ns; /* wall; 0: not yet */
};

struct seki_incident_target {
	struct seki_target prefix;
	uint64_t vectors; /* a bit each */
	uint32_t hosts;
	uint64_t packets;
};

struct seki_incident_signature {
	uint8_t vector;
	bool enforced, expired;
	double attack_share;
	unsigned clean_hits, clean_samples;
	uint64_t from_ns, until_ns;
	char expression[512];
};

struct seki_incident_feature {
	uint8_t feature; /* enum seki_feature */
	uint32_t value;
	double share;
};

/* A share with an interval that holds the true one. */
struct seki_estimate {
	bool known;
	double value, low, high;
};

/* Sums that the estimates are made of. In packets. */
struct seki_incident_sums {
	double attack;       /* of the attack, since it was mitigated; before that, since it was detected */
	double attack_low, attack_high;
	double leaked;       /* of them, passed */
	double leaked_low, leaked_high;
	double legit;        /* legitimate, since it began */
	double lost;         /* of them, dropped */
	double lost_high;
};

struct seki_incident {
	char id[SEKI_INCIDENT_ID_MAX];
	char zone_name[32], domain[32];
	uint16_t zone;
	bool observes;
	uint8_t filed;     /* enum seki_filed */
	uint64_t gone_ns; /* mono: when it ended, or was left behind */
	unsigned n_said; /* decisions that were told of; one more: its end, too */
	bool lost_said;  /* and that some have no room */
	enum seki_incident_state state;
	uint64_t began_ns, detected_ns, mitigated_ns, ended_ns; /* wall; 0: not yet */
	uint32_t unheld_ms; /* since it was mitigated, in which more passed of a vector than its limit */
	struct seki_incident_vector vector[SEKI_N_VECTORS];
	unsigned n_targets;
	struct seki_incident_target target[SEKI_TARGETS_MAX];
	uint32_t hosts_peak;
	unsigned n_decisions, decisions_lost;
	struct seki_decision decision[SEKI_INCIDENT_DECISIONS];
	unsigned n_seconds;
	struct seki_incident_second second[SEKI_INCIDENT_SECONDS];
	uint64_t drop_packets[SEKI_N_REASONS], drop_bytes[SEKI_N_REASONS];
	uint64_t observed_packets[SEKI_N_REASONS], observed_bytes[SEKI_N_REASONS];
	struct seki_incident_sums sums;
	unsigned n_signatures;
	struct seki_incident_signature signature[SEKI_INCIDENT_SIGNATURES];
	unsigned n_features;
	struct seki_incident_feature feature[SEKI_INCIDENT_FEATURES];
	unsigned sources_seen, source_samples;
	double top1_share, top10_share, ip4_share;
};

/* Attack that passed since it was mitigated (if it never was, detected), of all of it; legitimate traffic that was dropped since it began. */
struct seki_estimate seki_incident_leak(const struct seki_incident *incident);
struct seki_estimate seki_incident_collateral(const struct seki_incident *incident);

/* Adds a decision; beyond SEKI_INCIDENT_DECISIONS it is only counted. Returns where it is to be filled in, or NULL. */
struct seki_decision *seki_incident_decide(struct seki_incident *incident);

/* Adds a second; where there are too many, neighbours are put together. Returns where it is to be filled in. */
struct seki_incident_second *seki_incident_second(struct seki_incident *incident, int32_t s);

/* "open", "cooling", "ended", "interrupted"; "raise", ... */
const char *seki_incident_state_name(unsigned state);
const char *seki_decision_action_name(unsigned action);

/* Writes it as docs/incident.md says. */
void seki_incident_json(const struct seki_incident *incident, FILE *out);

/* A time as RFC 3339 with milliseconds, UTC. Returns `text`. */
#define SEKI_WALL_TEXT 32
char *seki_wall_text(uint64_t wall_ns, char text[SEKI_WALL_TEXT]);

#endif
