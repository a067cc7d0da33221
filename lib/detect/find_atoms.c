/* SPDX-License-Identifier: BSD-3-Clause */
/* Candidates for tests, feature by feature, from the sorted values of both kinds of samples. */
#include "find_atom.h"

#include <math.h>

/* What the habits of clean traffic are worth. */
enum habit {
	HABIT_NONE,       /* they are those of the samples: routes and counters */
	HABIT_EXPECTED,   /* what they do not have is not to be expected */
	HABIT_COMPLEMENT, /* ... and may be asked for, whatever it is */
};

/* What a test on a feature is worth where clean samples do not say. */
static const struct hint {
	uint8_t bits; /* a test makes clean traffic 2^-bits less likely, at most */
	bool number;  /* near values are alike: ranges make sense */
	enum habit habit;
	uint32_t domain; /* values that clean traffic may well have, of a number */
	enum find_group group;
} hints[SEKI_N_FEATURES] = {
	[SEKI_FEATURE_L3] = {0, false, HABIT_NONE, 1, GROUP_FAMILY},
	[SEKI_FEATURE_PROTO] = {0, false, HABIT_COMPLEMENT, 1, GROUP_PROTO},
	[SEKI_FEATURE_LEN] = {6, true, HABIT_EXPECTED, 1500, GROUP_LEN},
	[SEKI_FEATURE_TTL] = {2, true, HABIT_NONE, 256, GROUP_TTL},
	[SEKI_FEATURE_TOS] = {2, false, HABIT_NONE, 1, GROUP_TOS},
	[SEKI_FEATURE_IP_ID] = {6, true, HABIT_NONE, 65536, GROUP_IP_ID},
	[SEKI_FEATURE_DF] = {1, false, HABIT_EXPECTED, 1, GROUP_IP_ID},
	[SEKI_FEATURE_MF] = {1, false, HABIT_EXPECTED, 1, GROUP_IP_ID},
	[SEKI_FEATURE_FRAG_OFF] = {3, true, HABIT_EXPECTED, 1500, GROUP_IP_ID},
	[SEKI_FEATURE_FLOW_LABEL] = {1, false, HABIT_NONE, 1, GROUP_FAMILY},
	[SEKI_FEATURE_SPORT] = {6, true, HABIT_COMPLEMENT, 65536, GROUP_SPORT},
	[SEKI_FEATURE_DPORT] = {0, false, HABIT_COMPLEMENT, 1, GROUP_DPORT}, /* the attack goes where the clients go */
	[SEKI_FEATURE_TCP_FLAGS] = {0, false, HABIT_COMPLEMENT, 1, GROUP_FLAGS},
	[SEKI_FEATURE_TCP_ACK] = {1, false, HABIT_EXPECTED, 1, GROUP_ACK},
	[SEKI_FEATURE_TCP_WINDOW] = {7, true, HABIT_COMPLEMENT, 65536, GROUP_WINDOW},
	[SEKI_FEATURE_TCP_MSS] = {4, true, HABIT_EXPECTED, 1500, GROUP_OPTIONS},
	[SEKI_FEATURE_TCP_OPTIONS_LEN] = {4, true, HABIT_EXPECTED, 40, GROUP_OPTIONS},
	[SEKI_FEATURE_TCP_OPTIONS] = {4, false, HABIT_COMPLEMENT, 1, GROUP_OPTIONS},
	[SEKI_FEATURE_ICMP_TYPE] = {0, false, HABIT_COMPLEMENT, 1, GROUP_ICMP},
	[SEKI_FEATURE_ICMP_CODE] = {0, false, HABIT_EXPECTED, 1, GROUP_ICMP},
};

/* A value, and how many of the attack and of clean samples have it. */
struct run {
	uint32_t value;
	unsigned n_attack, n_clean;
};

/* One feature's values, sorted, and to which of them clean traffic keeps. */
struct column {
	enum seki_feature feature;
	const uint32_t *attack, *clean;
	unsigned n_attack, n_clean;
	uint32_t habit[SEKI_SIGNATURE_VALUES];
	unsigned n_habit;   /* 0: it has none */
	double habit_prior; /* share of clean traffic that is expected outside of it */
};

void
find_sort(uint32_t *value, unsigned n, uint32_t mask, uint32_t *swap)
{
	for (unsigned shift = 0; shift < 32 && mask >> shift != 0; shift += 16) {
		for (unsigned byte = 0; byte < 16; byte += 8) {
			unsigned start[257] = {0};

			for (unsigned i = 0; i < n; i++)
				start[(value[i] >> (shift + byte) & 255) + 1]++;
			for (unsigned b = 0; b < 255; b++)
				start[b + 1] += start[b];
			for (unsigned i = 0; i < n; i++)
				swap[start[value[i] >> (shift + byte) & 255]++] = value[i];
			/* Two passes a turn: after the second, they are back where they were. */
			uint32_t *other = value;

			value = swap;
			swap = other;
		}
	}
}

/* Of one value. That something is absent says nothing. */
static double
least_nature(const struct seki_signature_test *test)
{
	return seki_test_holds_value(test, 0) ? 1 : ldexp(1, -hints[test->feature].bits);
}

double
find_nature(const struct seki_signature_test *test)
{
	double least = least_nature(test), share;

	if (test->kind == SEKI_TEST_NOT_IN)
		return 1;
	if (test->kind == SEKI_TEST_IN)
		share = test->n_values * least;
	else
		share = hints[test->feature].number ? (test->span + 1.0) / hints[test->feature].domain : 0;
	return share > 1 ? 1 : share > least ? share : least;
}

/* Whom a test holds, of those that live and of clean samples. */
static void
hold(const struct seki_find_scratch *s, const struct seki_signature_test *test, struct find_hits *hits)
{
	*hits = (struct find_hits){0};
	for (unsigned i = 0; i < s->n_attack; i++)
		hits->attack[i / 64] |= (uint64_t)seki_test_holds(test, &s->attack[i]) << (i % 64);
	for (unsigned i = 0; i < s->n_clean; i++)
		hits->clean[i / 64] |= (uint64_t)seki_test_holds(test, &s->clean[i]) << (i % 64);
	for (unsigned w = 0; w < ATTACK_WORDS; w++) {
		hits->attack[w] &= s->live[w];
		hits->n_attack += (unsigned)__builtin_popcountll(hits->attack[w]);
	}
	for (unsigned w = 0; w < CLEAN_WORDS; w++)
		hits->n_clean += (unsigned)__builtin_popcountll(hits->clean[w]);
}

static bool
same_test(const struct seki_signature_test *a, const struct seki_signature_test *b)
{
	return a->feature == b->feature && a->kind == b->kind && a->min == b->min && a->span == b->span &&
	       memcmp(a->value, b->value, sizeof(a->value)) == 0;
}

static enum find_group
group_of(const struct seki_find_scratch *s, enum seki_feature feature)
{
	uint8_t class = seki_vector_class[s->attack[0].vector];

	/* A segment without data is as long as its options. */
	if (feature == SEKI_FEATURE_LEN && (class == SEKI_CLASS_SYN || class == SEKI_CLASS_TCP))
		return GROUP_OPTIONS;
	return hints[feature].group;
}

/*
 * Its nature, or more if clean samples show more. Where clean traffic keeps to a habit, all that lies outside has no
 * more than what is expected outside.
 */
static double
prior_of(const struct column *c, const struct find_atom *atom)
{
	const struct seki_signature_test *test = &atom->test;
	double shown = c->n_clean > 0 ? (double)atom->hits.n_clean / c->n_clean : 0;
	double nature = atom->nature > shown ? atom->nature : shown;

	if (c->n_habit == 0 || hints[c->feature].habit == HABIT_NONE || c->habit_prior >= nature)
		return nature;
	for (unsigned i = 0; i < c->n_habit; i++)
		if (seki_test_holds_value(test, c->habit[i]))
			return nature;
	return c->habit_prior;
}

/* Keeps a candidate if it holds enough, separates at all, and is new. */
static void
add(struct seki_find_scratch *s, const struct column *c, const struct seki_signature_test *test)
{
	struct find_atom *atom = &s->atom[s->n_atoms];
	double clean_share;

	if (s->n_atoms == ATOMS_MAX)
		return;
	for (unsigned i = s->n_atoms; i > 0 && s->atom[i - 1].test.feature == test->feature; i--)
		if (same_test(&s->atom[i - 1].test, test))
			return;
	atom->test = *test;
	atom->group = group_of(s, test->feature);
	atom->nature = find_nature(test);
	hold(s, test, &atom->hits);
	atom->prior = prior_of(c, atom);
	clean_share = find_cost(atom->hits.n_clean, atom->prior) / (s->n_clean + SEKI_FIND_PRIOR);
	if (atom->hits.n_attack >= s->weight && clean_share < 0.95 * atom->hits.n_attack / s->n_live)
		s->n_atoms++;
}

static void
add_range(struct seki_find_scratch *s, const struct column *c, uint32_t min, uint32_t max)
{
	struct seki_signature_test test = seki_test_range(c->feature, min, max);

	add(s, c, &test);
}

/* Steps over the next value of both columns. False: there is none. */
static bool
next_run(const struct column *c, unsigned *attack, unsigned *clean, struct run *run)
{
	bool any_attack = *attack < c->n_attack, any_clean = *clean < c->n_clean;

	if (!any_attack && !any_clean)
		return false;
	*run = (struct run){.value = any_attack ? c->attack[*attack] : UINT32_MAX};
	if (any_clean && c->clean[*clean] < run->value)
		run->value = c->clean[*clean];
	for (; *attack < c->n_attack && c->attack[*attack] == run->value; (*attack)++)
		run->n_attack++;
	for (; *clean < c->n_clean && c->clean[*clean] == run->value; (*clean)++)
		run->n_clean++;
	return true;
}

/* The heaviest `max` runs, heaviest first, by weight(): 0 leaves one out. Equal ones in the order of their values. */
static unsigned
heaviest(const struct column *c, struct run *top, unsigned max, unsigned (*weight)(const struct column *, struct run))
{
	unsigned n = 0, attack = 0, clean = 0;
	struct run run;

	while (next_run(c, &attack, &clean, &run)) {
		unsigned w = weight(c, run), at = n;

		if (w == 0)
			continue;
		for (; at > 0 && weight(c, top[at - 1]) < w; at--)
			if (at < max)
				top[at] = top[at - 1];
		if (at < max) {
			top[at] = run;
			n += n < max;
		}
	}
	return n;
}

/* Of the attack, four times as often as of clean traffic, and not by chance. */
static unsigned
weight_of_attack(const struct column *c, struct run run)
{
	bool supported = run.n_attack >= 4 && run.n_attack >= c->n_attack / 16;
	bool more = (double)run.n_attack * (c->n_clean + 4.0) >= 4.0 * c->n_attack * run.n_clean;

	return supported && more ? run.n_attack : 0;
}

/* A value that one packet has had is no habit. */
static unsigned
weight_of_habit(const struct column *c, struct run run)
{
	(void)c;
	return run.n_clean > 1 ? run.n_clean : 0;
}

static unsigned
weight_of_value(const struct column *c, struct run run)
{
	(void)c;
	return run.n_attack >= 4 ? run.n_attack : 0;
}

static void
add_values(struct seki_find_scratch *s, const struct column *c)
{
	struct run top[8];
	unsigned n = heaviest(c, top, 4, weight_of_value);
	uint32_t value[8];

	for (unsigned i = 0; i < n; i++)
		add_range(s, c, top[i].value, top[i].value);
	n = heaviest(c, top, 8, weight_of_attack);
	for (unsigned i = 0; i < n; i++) {
		struct seki_signature_test test;

		value[i] = top[i].value;
		if (i == 0)
			add_range(s, c, value[0], value[0]);
		if (i != 1 && i != 3 && (i == 0 || i + 1 != n))
			continue;
		test = seki_test_values(c->feature, SEKI_TEST_IN, value, i + 1);
		add(s, c, &test);
	}
}

/* Finds what clean traffic keeps to, if it does: all but a twentieth of it has one of few values. */
static void
find_habit(struct column *c)
{
	struct run top[SEKI_SIGNATURE_VALUES];
	unsigned n = heaviest(c, top, SEKI_SIGNATURE_VALUES, weight_of_habit), outside = c->n_clean;

	for (unsigned i = 0; i < n; i++) {
		c->habit[i] = top[i].value;
		outside -= top[i].n_clean;
	}
	c->n_habit = outside <= c->n_clean / 20 ? n : 0;
	c->habit_prior = (outside + 1.0) / (c->n_clean + 1.0);
}

/* The narrowest ranges that hold such shares of what is thought to be attack. */
static void
add_windows(struct seki_find_scratch *s, const struct column *c)
{
	static const double shares[] = {0.12, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 0.95, 0.985, 1};

	for (size_t k = 0; k < sizeof(shares) / sizeof(shares[0]); k++) {
		unsigned m = (unsigned)ceil(s->left * shares[k]), best = 0;

		if (m > c->n_attack)
			m = c->n_attack;
		if (m < s->weight)
			continue;
		for (unsigned i = 0; i + m <= c->n_attack; i++)
			if (c->attack[i + m - 1] - c->attack[i] < c->attack[best + m - 1] - c->attack[best])
				best = i;
		add_range(s, c, c->attack[best], c->attack[best + m - 1]);
	}
}

#define GAPS 4

/* The ranges between two clean values next to each other that hold most of the attack. */
static void
add_gaps(struct seki_find_scratch *s, const struct column *c)
{
	struct gap {
		unsigned first, n;
	} top[GAPS];
	unsigned n = 0, from = 0, attack = 0, clean = 0;
	struct run run;
	bool more = true;

	while (more) {
		unsigned end = c->n_attack, next = end, at = n;

		/* Up to the next value that clean traffic has. */
		while ((more = next_run(c, &attack, &clean, &run)) && run.n_clean == 0)
			;
		if (more) {
			end = attack - run.n_attack;
			next = attack;
		}
		for (; at > 0 && top[at - 1].n < end - from; at--)
			if (at < GAPS)
				top[at] = top[at - 1];
		if (at < GAPS && end > from) {
			top[at] = (struct gap){from, end - from};
			n += n < GAPS;
		}
		from = next;
	}
	for (unsigned i = 0; i < n && top[i].n >= s->weight; i++)
		add_range(s, c, c->attack[top[i].first], c->attack[top[i].first + top[i].n - 1]);
}

static void
read_column(struct seki_find_scratch *s, enum seki_feature feature, struct column *c)
{
	*c = (struct column){
		.feature = feature,
		.attack = s->attack_value,
		.clean = s->clean_value[feature],
		.n_clean = s->n_clean,
	};
	for (unsigned i = 0; i < s->n_attack; i++)
		if (find_bit(s->live, i))
			s->attack_value[c->n_attack++] = seki_feature_value(&s->attack[i], feature);
	find_sort(s->attack_value, c->n_attack, seki_feature_places[feature].mask, s->swap);
}

void
find_sort_clean(struct seki_find_scratch *s)
{
	for (unsigned feature = 0; feature < SEKI_N_FEATURES; feature++) {
		for (unsigned i = 0; i < s->n_clean; i++)
			s->clean_value[feature][i] = seki_feature_value(&s->clean[i], feature);
		find_sort(s->clean_value[feature], s->n_clean, seki_feature_places[feature].mask, s->swap);
	}
}

void
find_atoms(struct seki_find_scratch *s)
{
	s->n_atoms = 0;
	for (unsigned feature = 0; feature < SEKI_N_FEATURES; feature++) {
		struct column column;

		read_column(s, feature, &column);
		find_habit(&column);
		add_values(s, &column);
		if (hints[feature].habit == HABIT_COMPLEMENT && column.n_habit > 0) {
			struct seki_signature_test test =
				seki_test_values(feature, SEKI_TEST_NOT_IN, column.habit, column.n_habit);

			add(s, &column, &test);
		}
		if (!hints[feature].number)
			continue;
		add_windows(s, &column);
		add_gaps(s, &column);
	}
}
