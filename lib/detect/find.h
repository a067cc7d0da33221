/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FIND_H
#define SEKI_FIND_H

/*
 * Finds the signature of an attack: the few tests on headers that hold nearly all of the attack and as little as
 * possible of the clean traffic of the zone.
 *
 * It compares samples. Those of the incident are strangers of one vector, of which only a share is attack, and nobody
 * knows which. Those of clean traffic are from before. From both come candidates for tests (atoms): values, sets of
 * values and narrowest ranges that hold many of the attack; ranges in which no clean packet lies; and, where clean
 * traffic keeps to few values (ports served, options of real stacks), whatever is none of these. A beam search puts
 * them together (CN2: Clark and Niblett 1989; its gain is that of FOIL: Quinlan 1990); what is left over is searched
 * again, so that an attack of several tools has several signatures. Each test must bring something; of rules that hold as
 * much and hit as little, the one of fewest tests is taken, and of these the narrowest.
 *
 * Not to find what is not there:
 *   - A value counts if enough packets of the attack have it; one that is random in the attack gives nothing but the
 *     complement of what clean traffic keeps to.
 *   - Values that clean traffic has shown only once are no habit: what lies outside of its habits is counted as it is,
 * and that tells how often clean traffic will leave them (Good 1953).
 *   - Samples that say nothing yet are replaced by an expectation: each signature starts with SEKI_FIND_PRIOR clean
 *     packets that were never seen, of which it hits as many as its tests would by their nature. So with few clean
 * samples a signature must be narrow, with many it may be wide. Tests on one and the same fact count once.
 *   - A signature of a part of the attack must be more than luck: if clean packets were hit as often as those of the
 *     attack, the chance of so few hits is below one in a million.
 *
 * Cost: 1 to 2 ms for 512 samples against 1,024, 3 ms for as many as are looked at. No allocation, no randomness: equal samples
 * give equal signatures. Limits: it knows nothing of addresses, and nothing of order in time. An attack that looks like
 * clean traffic in every header has no signature.
 */

#include "signature.h"

#include <stddef.h>

/* Fewer samples of the attack are too few; of more, those at the end are not looked at. */
#define SEKI_FIND_ATTACK_MIN 64
#define SEKI_FIND_ATTACK_MAX 1024
#define SEKI_FIND_CLEAN_MAX 4096

#define SEKI_FIND_PRIOR 8

/* Signatures of one attack, at most. Each holds a tenth of it at least. */
#define SEKI_FIND_PARTS 4
#define SEKI_FIND_WEIGHT 0.1

struct seki_samples {
	const struct seki_features *at;
	unsigned n;
};

/* Shares, 0 to 1. */
struct seki_find_params {
	double attack_share; /* of the incident's samples, that are attack */
	double coverage;     /* of the attack, that is to be held */
	double clean_max;    /* of clean traffic, that may be hit: of samples and prior together, by all signatures */
};

#define SEKI_FIND_DEFAULTS ((struct seki_find_params){.attack_share = 0.9, .coverage = 0.97, .clean_max = 1e-3})

struct seki_found_part {
	struct seki_signature signature;
	double coverage;      /* share of the attack that it holds, estimated */
	unsigned attack_hits; /* of the incident's samples */
	unsigned clean_hits;  /* of the clean samples */
};

/* An attack's signatures: a packet that one of them holds is thought to be of it. */
struct seki_found {
	unsigned n; /* of part[], the heaviest first */
	struct seki_found_part part[SEKI_FIND_PARTS];

	/* All of them together. */
	bool reached;    /* params.coverage was reached; else there is more attack that they do not hold */
	double coverage; /* share of the attack, estimated */
	unsigned attack_hits;
	unsigned attack_samples; /* looked at */
	unsigned clean_hits;
	unsigned clean_samples; /* looked at, of the vector: 0 to SEKI_FIND_CLEAN_MAX */
	double clean_upper;     /* seki_share_upper of these two; 1 without samples */
};

/* Where the search works; about a megabyte that the caller keeps. */
struct seki_find_scratch;
size_t seki_find_scratch_bytes(void);

/*
 * Signatures that hold the attack of which `attack` are samples, all of the vector of the first; others are left out,
 * as are clean samples of another vector. Few clean samples, or none, are no error: clean_samples and clean_upper say
 * what a result is worth. `scratch`: seki_find_scratch_bytes(), 8-byte aligned, of one caller at a time.
 *
 *   0         *out is filled, out->n > 0; whether the coverage was reached is in it
 *   -ENODATA  fewer than SEKI_FIND_ATTACK_MIN samples of the attack
 *   -ENOENT   nothing separates them from clean traffic
 *   -EINVAL   params out of range: shares above 0 and up to 1
 *
 * Management core.
 */
int seki_signature_find(const struct seki_samples *attack, const struct seki_samples *clean,
	const struct seki_find_params *params, struct seki_find_scratch *scratch, struct seki_found *out);

/*
 * Upper bound, with 95 % confidence, of the share that `hits` of n random samples stand for (Poisson; without hits the
 * rule of three, 3 / n: Hanley, Lippman-Hand 1983). 1 if n is 0. Any thread.
 */
double seki_share_upper(unsigned hits, unsigned n);

#endif
