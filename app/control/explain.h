/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_EXPLAIN_H
#define SEKI_EXPLAIN_H

/*
 * Explanations for operators: why a packet was dropped, and what would become of one. Plain sentences, and with each reason the key of
 * the configuration that decides it.
 *
 * A packet that was dropped is one of the samples that the detector keeps (lib/detect/drops.h): headers and what was known
 * then. What would become of a packet is not guessed: one is made, and the pipeline that judges packets judges it, with
 * the snapshot in force, with tables and budgets of its own that are empty. Once with room in every budget and once
 * with none, which shows what it would draw on.
 *
 * So the answer is for a stranger: whether a flow is known, a client has proven its address or is over its limits is in the
 * tables of the packet cores, which nobody else may touch. Nothing here writes anything down; addresses that are asked about are
 * forgotten with the answer.
 */

#include "addr.h"
#include "drops.h"
#include "levels.h"
#include "policy.h"

#define EXPLAIN_SENTENCES 48
#define EXPLAIN_TEXT 400

struct explanation {
	unsigned n;
	char sentence[EXPLAIN_SENTENCES][EXPLAIN_TEXT];
	/* For programs: of the packet, or of a stranger's first one. */
	uint16_t zone; /* SEKI_ZONE_NONE: none protects it */
	uint8_t vector, verdict, reason, observed;
};

/* What is in force. */
struct explain_world {
	const struct seki_snapshot *snap;
	const struct seki_spec *spec;     /* that the policy is of */
	const struct seki_detect *detect; /* NULL: nothing is looked for */
	uint64_t now_ns;                  /* mono */
	uint64_t policy_ns;               /* mono: since when at the latest the policy is in force */
};

/* Why the sample ended as it did. Control thread, under the box's lock. */
void explain_drop(const struct explain_world *world, const struct seki_drop *drop, struct explanation *out);

/* An inbound packet, as it is asked about. */
struct explain_flow {
	uint8_t proto;
	uint16_t sport, dport;       /* TCP and UDP */
	struct seki_prefix src, dst; /* addresses, of one family */
	char domain[SEKI_NAME_MAX];  /* "": the one that has a zone for it, if there is only one */
};

/* What is known of such a packet, and what would become of a stranger's. 0 or -ENOMEM. Control thread, under the lock; some ms. */
int explain_flow(const struct explain_world *world, const struct explain_flow *flow, struct explanation *out);

/* Internal to explain_*.c: one more sentence; where there is no room, the last one says so. */
void explain_say(struct explanation *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The countermeasure that drops for this reason; CM_N: the box itself. */
unsigned explain_cm(unsigned reason);

/* Which keys of the configuration decide a reason for a zone, and what they are. */
void explain_cause(const struct explain_world *world, uint16_t zone, unsigned vector, unsigned reason,
	struct explanation *out);

/* What is done about a vector that may be the next one of an attack. */
extern const char explain_guard[];

/* What strangers sent of a vector to a host and to each prefix that it is in, and what each may have. `host`: as people
 * call it. */
void explain_levels(const struct seki_level_rate *level, unsigned n, const char *host, struct explanation *out);

/* "5 kpps", "20 Mbps", "5 kpps and 20 Mbps", "none". */
#define EXPLAIN_RATE_TEXT 72
const char *explain_rate(struct seki_rate limit, char text[EXPLAIN_RATE_TEXT]);

/* Where the vector stands in its zone, now. */
void explain_posture(const struct explain_world *world, uint16_t zone, unsigned vector, struct explanation *out);

#endif
