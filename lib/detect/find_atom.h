/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FIND_ATOM_H
#define SEKI_FIND_ATOM_H

/* Internal to lib/detect: what find.c, find_atoms.c and find_search.c share. */

#include "find.h"

#define ATOMS_MAX 512
#define ATTACK_WORDS (SEKI_FIND_ATTACK_MAX / 64)
#define CLEAN_WORDS (SEKI_FIND_CLEAN_MAX / 64)

/* Tests of one group speak of one fact. */
enum find_group {
	GROUP_FAMILY,
	GROUP_PROTO,
	GROUP_LEN,
	GROUP_TTL,
	GROUP_TOS,
	GROUP_IP_ID, /* with what else says how the sender fragments */
	GROUP_SPORT,
	GROUP_DPORT,
	GROUP_FLAGS,
	GROUP_ACK,
	GROUP_WINDOW,
	GROUP_OPTIONS,
	GROUP_ICMP,
	N_GROUPS,
};

/* A set of samples, a bit each, and how many are in it. */
struct find_hits {
	unsigned n_attack;
	unsigned n_clean;
	uint64_t attack[ATTACK_WORDS];
	uint64_t clean[CLEAN_WORDS];
};

/* A candidate for a test, and whom it holds. */
struct find_atom {
	struct seki_signature_test test;
	enum find_group group;
	double nature; /* share of any traffic that it would hold */
	double prior;  /* share of clean traffic that is expected of it where samples do not say */
	struct find_hits hits;
};

/* Tests that belong together. */
struct find_rule {
	unsigned n;
	unsigned worth; /* hundredths of the attack that its tests must bring */
	uint16_t atom[SEKI_SIGNATURE_TESTS];
	double group_prior[N_GROUPS];
	double prior;  /* product of these */
	double nature; /* product of those of all tests */
	double score;  /* how well it may be gone on with */
	struct find_hits hits;
};

#define BEAM 16

struct seki_find_scratch {
	unsigned n_attack, n_clean; /* samples */
	unsigned n_live;            /* of the attack's samples, that no signature holds yet */
	uint64_t live[ATTACK_WORDS];
	double expected;  /* samples that are attack, of all */
	double left;      /* ... of those that live */
	unsigned whole;   /* samples that must be held, to reach the coverage */
	unsigned need;    /* ... of those that live */
	unsigned weight;  /* live samples that a signature holds at least */
	double clean_max; /* samples that may be hit, of n_clean + SEKI_FIND_PRIOR */
	double spent;     /* of these, by the signatures found before */

	unsigned n_atoms;
	struct find_atom atom[ATOMS_MAX];
	struct find_rule beam[2][BEAM];
	uint32_t attack_value[SEKI_FIND_ATTACK_MAX], swap[SEKI_FIND_CLEAN_MAX];
	uint32_t clean_value[SEKI_N_FEATURES][SEKI_FIND_CLEAN_MAX]; /* sorted once */
	struct seki_features attack[SEKI_FIND_ATTACK_MAX], clean[SEKI_FIND_CLEAN_MAX];
};

static inline bool
find_bit(const uint64_t *words, unsigned i)
{
	return words[i / 64] >> (i % 64) & 1;
}

/* Clean packets that would be hit, those of the prior with them. */
static inline double
find_cost(unsigned clean_hits, double prior)
{
	return clean_hits + prior * SEKI_FIND_PRIOR;
}

/* Sorts n values that fit into `mask`; `swap` is as long. */
void find_sort(uint32_t *value, unsigned n, uint32_t mask, uint32_t *swap);

/* Share of any traffic that a test would hold; 1 for a complement. */
double find_nature(const struct seki_signature_test *test);

/* Sorts clean_value; to be called once. */
void find_sort_clean(struct seki_find_scratch *s);

/* Fills atom[] with candidates for the samples that live. */
void find_atoms(struct seki_find_scratch *s);

/* The best rule of these atoms within the limits. False: there is none. */
bool find_search(struct seki_find_scratch *s, struct find_rule *best);

#endif
