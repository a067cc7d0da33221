/* SPDX-License-Identifier: BSD-3-Clause */
/* The beam search: rules of one test, of two, ... of which the most promising are gone on with. */
#include "find_atom.h"

#include <math.h>

/* In hundredths of the attack: what each test must bring, and a complement, which says nothing of the attack itself. */
#define TEST_WORTH 1
#define COMPLEMENT_WORTH 3
#define NEARLY_ALL 99

/* -ln of the chance that a rule may have by luck. */
#define LUCK 14

/* A rule with one more atom, before anything is stored of it. */
struct step {
	const struct find_rule *from; /* NULL: the empty rule */
	unsigned atom;
	unsigned n;     /* tests */
	unsigned worth; /* hundredths that they must bring */
	unsigned n_attack, n_clean;
	double prior, nature, cost, score;
};

static double
prior_with(const struct find_rule *from, const struct find_atom *atom)
{
	double now;

	if (from == NULL)
		return atom->prior;
	now = from->group_prior[atom->group];
	return atom->prior < now ? from->prior / now * atom->prior : from->prior;
}

static bool
has_feature(const struct seki_find_scratch *s, const struct find_rule *rule, unsigned feature)
{
	for (unsigned i = 0; i < rule->n; i++)
		if (s->atom[rule->atom[i]].test.feature == feature)
			return true;
	return false;
}

/* Gain of a rule: what it holds, times how much more likely that is to be attack. Below half the limit, less is no
 * gain. */
static double
score_of(const struct seki_find_scratch *s, unsigned n_attack, double cost)
{
	double all = s->n_clean + SEKI_FIND_PRIOR, least = s->clean_max / 2;

	return n_attack * log(((double)n_attack / s->n_live) / ((cost > least ? cost : least) / all));
}

/* What comes of one more atom. False: nothing. */
static bool
take_step(const struct seki_find_scratch *s, const struct find_rule *from, unsigned i, struct step *step)
{
	const struct find_atom *atom = &s->atom[i];

	*step = (struct step){.from = from, .atom = i, .n = 1};
	step->worth = atom->test.kind == SEKI_TEST_NOT_IN ? COMPLEMENT_WORTH : TEST_WORTH;
	if (from == NULL) {
		step->n_attack = atom->hits.n_attack;
		step->n_clean = atom->hits.n_clean;
	} else {
		unsigned words = (s->n_attack + 63) / 64;

		if (has_feature(s, from, atom->test.feature))
			return false;
		for (unsigned w = 0; w < words; w++)
			step->n_attack += (unsigned)__builtin_popcountll(from->hits.attack[w] & atom->hits.attack[w]);
		if (step->n_attack < s->weight)
			return false;
		words = (s->n_clean + 63) / 64;
		for (unsigned w = 0; w < words; w++)
			step->n_clean += (unsigned)__builtin_popcountll(from->hits.clean[w] & atom->hits.clean[w]);
		step->n = from->n + 1;
		step->worth += from->worth;
	}
	step->prior = prior_with(from, atom);
	step->nature = from == NULL ? atom->nature : from->nature * atom->nature;
	step->cost = find_cost(step->n_clean, step->prior);
	if (from != NULL && step->cost >= find_cost(from->hits.n_clean, from->prior))
		return false;
	step->score = score_of(s, step->n_attack, step->cost);
	return true;
}

static void
take(const struct seki_find_scratch *s, const struct step *step, struct find_rule *rule)
{
	const struct find_atom *atom = &s->atom[step->atom];

	if (step->from == NULL) {
		*rule = (struct find_rule){.hits = atom->hits};
		for (unsigned g = 0; g < N_GROUPS; g++)
			rule->group_prior[g] = 1;
	} else {
		*rule = *step->from;
		for (unsigned w = 0; w < ATTACK_WORDS; w++)
			rule->hits.attack[w] &= atom->hits.attack[w];
		for (unsigned w = 0; w < CLEAN_WORDS; w++)
			rule->hits.clean[w] &= atom->hits.clean[w];
	}
	rule->atom[rule->n++] = (uint16_t)step->atom;
	rule->hits.n_attack = step->n_attack;
	rule->hits.n_clean = step->n_clean;
	if (atom->prior < rule->group_prior[atom->group])
		rule->group_prior[atom->group] = atom->prior;
	rule->worth = step->worth;
	rule->prior = step->prior;
	rule->nature = step->nature;
	rule->score = step->score;
}

/*
 * Within the limits: not too much of clean traffic, and if it is not the whole attack, not by luck. The whole attack
 * together is not a choice that was made among many, and the prior speaks for it.
 */
static bool
allowed(const struct seki_find_scratch *s, const struct step *step)
{
	double share = (double)step->n_attack / s->n_attack;

	if (s->spent + step->cost > s->clean_max)
		return false;
	return step->n_attack >= s->whole || share >= 1 || -log(1 - share) * s->n_clean >= LUCK;
}

/*
 * What a rule holds of the attack, in hundredths, less what its tests should have brought. What it holds beyond what is
 * thought to be attack is not; and the last hundredths are in doubt.
 */
static int
value_of(const struct seki_find_scratch *s, const struct step *step)
{
	double holds = 100 * step->n_attack / s->left;

	return (int)(holds < NEARLY_ALL ? holds : NEARLY_ALL) - (int)step->worth;
}

/*
 * Of two rules within the limits: one that holds all that is needed; of two such, the one that hits less of clean
 * traffic; else the one that holds more; of equals, the narrower one.
 */
static bool
better(const struct seki_find_scratch *s, const struct step *a, const struct step *b)
{
	bool a_whole = a->n_attack >= s->need, b_whole = b->n_attack >= s->need;

	if (a_whole != b_whole)
		return a_whole;
	if (a_whole && a->n_clean != b->n_clean)
		return a->n_clean < b->n_clean;
	if (value_of(s, a) != value_of(s, b))
		return value_of(s, a) > value_of(s, b);
	return a->nature < b->nature;
}

/* Keeps the best BEAM steps by score; of those that hold as many and cost the same, the first. */
static unsigned
keep(struct step *kept, unsigned n, const struct step *step)
{
	unsigned at = n;

	for (unsigned i = 0; i < n; i++)
		if (kept[i].n_attack == step->n_attack && kept[i].cost == step->cost)
			return n;
	for (; at > 0 && kept[at - 1].score < step->score; at--)
		if (at < BEAM)
			kept[at] = kept[at - 1];
	if (at == BEAM)
		return n;
	kept[at] = *step;
	return n < BEAM ? n + 1 : n;
}

/* All steps from `from`; the best rule so far and the beam to come are kept. */
static unsigned
expand(const struct seki_find_scratch *s, const struct find_rule *from, struct step *kept, unsigned n,
	struct step *best)
{
	for (unsigned i = 0; i < s->n_atoms; i++) {
		struct step step;

		if (!take_step(s, from, i, &step))
			continue;
		if (allowed(s, &step) && (best->n == 0 || better(s, &step, best)))
			*best = step;
		n = keep(kept, n, &step);
	}
	return n;
}

bool
find_search(struct seki_find_scratch *s, struct find_rule *best)
{
	struct step found = {0};
	unsigned n_beam = 0;

	for (unsigned depth = 0; depth < SEKI_SIGNATURE_TESTS; depth++) {
		struct find_rule *beam = s->beam[depth % 2], *next = s->beam[(depth + 1) % 2];
		struct step kept[BEAM];
		unsigned n = 0;

		if (depth == 0)
			n = expand(s, NULL, kept, 0, &found);
		for (unsigned i = 0; depth > 0 && i < n_beam; i++)
			n = expand(s, &beam[i], kept, n, &found);
		/* The rule that it goes on from is written over two levels later. */
		if (found.n == depth + 1)
			take(s, &found, best);
		for (unsigned i = 0; i < n; i++)
			take(s, &kept[i], &next[i]);
		n_beam = n;
	}
	return found.n > 0;
}
