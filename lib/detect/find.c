/* SPDX-License-Identifier: BSD-3-Clause */
#include "find_atom.h"

#include <errno.h>
#include <math.h>

size_t
seki_find_scratch_bytes(void)
{
	return sizeof(struct seki_find_scratch);
}

double
seki_share_upper(unsigned hits, unsigned n)
{
	/* 95 % of a Poisson variable; beyond the table, where it is nearly normal: Wilson and Hilferty 1931. */
	static const double bounds[] = {3.00, 4.74, 6.30, 7.75, 9.15, 10.51, 11.84, 13.15};
	double k = hits + 1.0, root = 1 - 1 / (9 * k) + 1.645 / (3 * sqrt(k));
	double bound = hits < sizeof(bounds) / sizeof(bounds[0]) ? bounds[hits] : k * root * root * root;

	return n == 0 || bound >= n ? 1 : bound / n;
}

/* Copies those of a vector, at most `max`. */
static unsigned
copy(const struct seki_samples *from, uint8_t vector, unsigned max, struct seki_features *to)
{
	unsigned n = 0;

	for (unsigned i = 0; i < from->n && n < max; i++)
		if (from->at[i].vector == vector)
			to[n++] = from->at[i];
	return n;
}

/*
 * How many samples must be held. Of n samples, a share s is attack, give or take: what is asked for is the coverage of
 * as many as there are but in one case of forty.
 */
static void
set_targets(struct seki_find_scratch *s, const struct seki_find_params *params)
{
	double share = params->attack_share, n = s->n_attack;
	double least = share * n - 2 * sqrt(n * share * (1 - share));

	s->expected = s->left = share * n;
	s->need = s->whole = (unsigned)ceil(params->coverage * least);
	s->weight = (unsigned)ceil(SEKI_FIND_WEIGHT * s->expected);
	s->clean_max = params->clean_max * (s->n_clean + SEKI_FIND_PRIOR);
	s->spent = 0;
	s->n_live = s->n_attack;
	memset(s->live, 0, sizeof(s->live));
	for (unsigned i = 0; i < s->n_attack; i++)
		s->live[i / 64] |= UINT64_C(1) << (i % 64);
}

/* Distance of x from the end of a range: of its upper one, or of its lower one. */
static uint32_t
beyond(const struct seki_signature_test *test, bool up, uint32_t x)
{
	if (up)
		return x > test->min + test->span ? x - (test->min + test->span) : 0;
	return x < test->min ? test->min - x : 0;
}

/*
 * How far one end of a range can move without a clean packet that the other tests hold coming in: to values that the
 * attack has, with no more than a sixteenth of the range between them, and an eighth of it in all. A window leaves out
 * the last hundredths of what it is to hold; this gives them back.
 */
static uint32_t
reach(struct seki_find_scratch *s, const struct seki_signature *others, const struct seki_signature_test *test, bool up)
{
	uint32_t step = 1 + test->span / 16, limit = 1 + test->span / 8, far = 0;
	unsigned n = 0;

	for (unsigned i = 0; i < s->n_clean; i++) {
		uint32_t at = beyond(test, up, seki_feature_at(&s->clean[i], test->place));

		if (at > 0 && at <= limit && seki_signature_match(others, &s->clean[i]))
			limit = at - 1;
	}
	for (unsigned i = 0; i < s->n_attack; i++) {
		uint32_t at = beyond(test, up, seki_feature_at(&s->attack[i], test->place));

		if (at > 0 && at <= limit && find_bit(s->live, i) && seki_signature_match(others, &s->attack[i]))
			s->attack_value[n++] = at;
	}
	find_sort(s->attack_value, n, UINT32_MAX, s->swap);
	for (unsigned i = 0; i < n && s->attack_value[i] - far <= step; i++)
		far = s->attack_value[i];
	return far;
}

static void
widen(struct seki_find_scratch *s, struct seki_signature *signature, unsigned i)
{
	struct seki_signature_test *test = &signature->test[i];
	struct seki_signature others = *signature;
	uint32_t up, down;

	if (test->kind != SEKI_TEST_RANGE || test->span == 0)
		return;
	others.test[i] = others.test[--others.n_tests];
	up = reach(s, &others, test, true);
	down = reach(s, &others, test, false);
	test->min -= down;
	test->span += up + down;
}

static void
order_tests(struct seki_signature *signature)
{
	for (unsigned i = 1; i < signature->n_tests; i++) {
		struct seki_signature_test test = signature->test[i];
		unsigned at = i;

		for (; at > 0 && signature->test[at - 1].feature > test.feature; at--)
			signature->test[at] = signature->test[at - 1];
		signature->test[at] = test;
	}
}

/* Makes a part of the rule, and takes what it holds from what lives. */
static void
settle(struct seki_find_scratch *s, const struct find_rule *rule, struct seki_found_part *part)
{
	struct seki_signature *signature = &part->signature;

	*part = (struct seki_found_part){.signature = {.vector = s->attack[0].vector, .n_tests = (uint8_t)rule->n}};
	for (unsigned i = 0; i < rule->n; i++)
		signature->test[i] = s->atom[rule->atom[i]].test;
	order_tests(signature);
	for (unsigned i = 0; i < signature->n_tests; i++)
		widen(s, signature, i);
	for (unsigned i = 0; i < s->n_attack; i++) {
		if (!seki_signature_match(signature, &s->attack[i]))
			continue;
		part->attack_hits++;
		s->n_live -= find_bit(s->live, i);
		s->live[i / 64] &= ~(UINT64_C(1) << (i % 64));
	}
	part->clean_hits = seki_signature_count(signature, s->clean, s->n_clean);
	part->coverage = part->attack_hits < s->expected ? part->attack_hits / s->expected : 1;
	s->spent += find_cost(rule->hits.n_clean, rule->prior);
}

/* Whether any of the signatures holds it. */
static bool
held(const struct seki_found *found, const struct seki_features *features)
{
	bool any = false;

	for (unsigned i = 0; i < found->n; i++)
		any |= seki_signature_match(&found->part[i].signature, features);
	return any;
}

static void
sum_up(const struct seki_find_scratch *s, struct seki_found *out)
{
	out->attack_samples = s->n_attack;
	out->clean_samples = s->n_clean;
	out->attack_hits = s->n_attack - s->n_live;
	for (unsigned i = 0; i < s->n_clean; i++)
		out->clean_hits += held(out, &s->clean[i]);
	out->clean_upper = seki_share_upper(out->clean_hits, s->n_clean);
	out->coverage = out->attack_hits < s->expected ? out->attack_hits / s->expected : 1;
	out->reached = out->attack_hits >= s->whole;
	for (unsigned i = 1; i < out->n; i++)
		for (unsigned k = i; k > 0 && out->part[k].attack_hits > out->part[k - 1].attack_hits; k--) {
			struct seki_found_part part = out->part[k];

			out->part[k] = out->part[k - 1];
			out->part[k - 1] = part;
		}
}

static bool
is_share(double x)
{
	return x > 0 && x <= 1;
}

int
seki_signature_find(const struct seki_samples *attack, const struct seki_samples *clean,
	const struct seki_find_params *params, struct seki_find_scratch *s, struct seki_found *out)
{
	unsigned holds = 0;

	*out = (struct seki_found){0};
	if (!is_share(params->attack_share) || !is_share(params->coverage) || !is_share(params->clean_max))
		return -EINVAL;
	s->n_attack = attack->n == 0 ? 0 : copy(attack, attack->at[0].vector, SEKI_FIND_ATTACK_MAX, s->attack);
	if (s->n_attack < SEKI_FIND_ATTACK_MIN)
		return -ENODATA;
	s->n_clean = copy(clean, s->attack[0].vector, SEKI_FIND_CLEAN_MAX, s->clean);
	set_targets(s, params);
	find_sort_clean(s);
	while (out->n < SEKI_FIND_PARTS && holds < s->whole && s->n_live >= s->weight) {
		struct find_rule rule;

		find_atoms(s);
		if (!find_search(s, &rule))
			break;
		settle(s, &rule, &out->part[out->n++]);
		holds = s->n_attack - s->n_live;
		s->left = s->expected > holds ? s->expected - holds : 0;
		s->need = s->whole > holds ? s->whole - holds : 0;
	}
	if (out->n == 0)
		return -ENOENT;
	sum_up(s, out);
	return 0;
}
