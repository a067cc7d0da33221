/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Properties of what is found, for traffic whose every feature obeys a random law: clean packets that were not seen are
 * hit no more than it says, and where nothing differs nothing is found.
 */
#include "detect_traffic.h"
#include "feature_set.h"
#include "find_atom.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>

#define FRESH 20000

static struct seki_features attack[SEKI_FIND_ATTACK_MAX], clean[SEKI_FIND_CLEAN_MAX];

static int
find(unsigned n_clean, struct seki_found *found)
{
	const struct seki_samples a = {attack, 512}, c = {clean, n_clean};
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_find_scratch *scratch = malloc(seki_find_scratch_bytes());
	int rc;

	memset(scratch, 0xa5, seki_find_scratch_bytes());
	rc = seki_signature_find(&a, &c, &params, scratch, found);
	free(scratch);
	return rc;
}

/* How the values of one feature are spread. */
struct law {
	unsigned kind; /* 0: one value, 1: few, the first more often, 2: a range, 3: anything */
	uint32_t base, span;
};

/* One law for each feature; clients and attack differ in few of them. */
struct laws {
	struct law of[SEKI_N_FEATURES];
};

static struct law
any_law(struct seki_rng *rng, uint32_t mask)
{
	struct law law = {.kind = between(rng, 0, 3)};
	uint32_t parts = between(rng, 2, 64);

	law.span = 1 + (uint32_t)(seki_rng_next(rng) & mask) / parts;
	law.base = (uint32_t)(seki_rng_next(rng) & mask) / 2;
	return law;
}

static uint32_t
obey(const struct law *law, struct seki_rng *rng, uint32_t mask)
{
	switch (law->kind) {
	case 0:
		return law->base;
	case 1:
		return (law->base + law->span * (uint32_t)__builtin_ctzll(seki_rng_next(rng) | 1u << 10)) & mask;
	case 2:
		return (law->base + (uint32_t)seki_rng_below(rng, law->span)) & mask;
	default:
		return (uint32_t)seki_rng_next(rng) & mask;
	}
}

static struct seki_features
lawful(const struct laws *laws, struct seki_rng *rng)
{
	struct seki_features f = {0};

	for (unsigned i = 0; i < SEKI_N_FEATURES; i++)
		feature_set(&f, i, obey(&laws->of[i], rng, seki_feature_places[i].mask));
	f.vector = SEKI_VECTOR_UDP;
	return f;
}

/* Draws both laws; `differ` features of the attack have one of their own. */
static void
draw(struct laws *client, struct laws *tool, unsigned differ, struct seki_rng *rng)
{
	for (unsigned i = 0; i < SEKI_N_FEATURES; i++)
		client->of[i] = any_law(rng, seki_feature_places[i].mask);
	*tool = *client;
	for (unsigned k = 0; k < differ; k++) {
		unsigned i = between(rng, 0, SEKI_N_FEATURES - 1);

		tool->of[i] = any_law(rng, seki_feature_places[i].mask);
	}
}

static void
sample_laws(
	const struct laws *tool, const struct laws *client, unsigned n_attack, unsigned n_clean, struct seki_rng *rng)
{
	for (unsigned i = 0; i < n_attack; i++)
		attack[i] = lawful(chance(rng, 10) ? client : tool, rng);
	for (unsigned i = 0; i < n_clean; i++)
		clean[i] = lawful(client, rng);
}

static double
hurt(const struct seki_found *found, const struct laws *client, struct seki_rng *rng)
{
	unsigned hits = 0;

	for (unsigned i = 0; i < FRESH; i++) {
		struct seki_features f = lawful(client, rng);
		bool any = false;

		for (unsigned k = 0; k < found->n; k++)
			any |= seki_signature_match(&found->part[k].signature, &f);
		hits += any;
	}
	return (double)hits / FRESH;
}

static const unsigned clean_sizes[] = {16, 32, 64, 128, 256, 512, 1024, 4096};

#define ROUNDS 150

/* Of clean packets that it has not seen, what is found hits no more than it says: a bound of 95 % is one of twenty off.
 */
START_TEST(bound_holds_for_fresh_packets)
{
	unsigned n_clean = clean_sizes[_i], n_found = 0, n_over = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 100 + n_clean);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct laws client, tool;
		struct seki_found found;
		double share;

		draw(&client, &tool, between(&rng, 1, 3), &rng);
		sample_laws(&tool, &client, 512, n_clean, &rng);
		if (find(n_clean, &found) != 0)
			continue;
		ck_assert_uint_eq(found.clean_samples, n_clean);
		ck_assert(found.clean_upper == seki_share_upper(found.clean_hits, n_clean));
		share = hurt(&found, &client, &rng);
		n_found++;
		n_over += share > found.clean_upper;
		ck_assert_msg(share <= 3 * found.clean_upper, "%u clean: hits %f, says %f", n_clean, share,
			found.clean_upper);
	}
	printf("%u clean samples: found %u of %u, over the bound %u\n", n_clean, n_found, ROUNDS, n_over);
	ck_assert_uint_gt(n_found, ROUNDS / 12);
	ck_assert_uint_le(n_over * 20, n_found);
}
END_TEST

/* Where attack and clean traffic are alike, there is nothing to find, however few samples there are. */
START_TEST(nothing_is_found_where_nothing_differs)
{
	unsigned n_clean = clean_sizes[_i];
	struct seki_rng rng;

	seki_rng_init(&rng, 200 + n_clean);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct laws client, tool;
		struct seki_found found;

		draw(&client, &tool, 0, &rng);
		sample_laws(&tool, &client, 512, n_clean, &rng);
		ck_assert_msg(find(n_clean, &found) == -ENOENT, "%u clean: %u signatures, %f", n_clean, found.n,
			found.coverage);
	}
}
END_TEST

/* As the search begins with 128 samples of an attack, all of them 0. */
static void
start(struct seki_find_scratch *s, unsigned n_clean)
{
	memset(s, 0, seki_find_scratch_bytes());
	s->n_attack = s->n_live = 128;
	s->left = s->expected = 120;
	s->weight = 12;
	s->n_clean = n_clean;
	s->live[0] = s->live[1] = UINT64_MAX;
}

/*
 * What nearly all clean packets keep to is a habit, and its complement a candidate; what most of them keep to is none.
 */
START_TEST(habits)
{
	static const struct {
		unsigned percent;
		bool habit;
	} rows[] = {{100, true}, {98, true}, {90, false}, {50, false}};
	struct seki_find_scratch *s = malloc(seki_find_scratch_bytes());
	struct seki_rng rng;

	seki_rng_init(&rng, 5);
	for (size_t r = 0; r < N(rows); r++) {
		bool found = false;

		start(s, 2000);
		for (unsigned i = 0; i < s->n_attack; i++)
			s->attack[i] = random_udp(&rng);
		for (unsigned i = 0; i < s->n_clean; i++)
			s->clean[i] = (struct seki_features){
				.dport = (uint16_t)(chance(&rng, rows[r].percent) ? 443 : between(&rng, 1024, 65535))};
		find_sort_clean(s);
		find_atoms(s);
		for (unsigned i = 0; i < s->n_atoms; i++)
			found |= s->atom[i].test.feature == SEKI_FEATURE_DPORT &&
				 s->atom[i].test.kind == SEKI_TEST_NOT_IN;
		ck_assert_uint_eq(found, rows[r].habit);
	}
	free(s);
}
END_TEST

/* The range between the lengths of clean packets is a candidate, however wide the attack is spread in it. */
START_TEST(gaps)
{
	struct seki_find_scratch *s = malloc(seki_find_scratch_bytes());
	bool found = false;
	struct seki_rng rng;

	seki_rng_init(&rng, 6);
	start(s, 2000);
	for (unsigned i = 0; i < s->n_attack; i++)
		s->attack[i].l3_len = (uint16_t)(i < 28 ? between(&rng, 40, 1500) : 400 + 5 * i);
	for (unsigned i = 0; i < s->n_clean; i++)
		s->clean[i].l3_len = (uint16_t)(i % 2 == 0 ? between(&rng, 40, 500) : between(&rng, 1100, 1500));
	find_sort_clean(s);
	find_atoms(s);
	for (unsigned i = 0; i < s->n_atoms; i++) {
		const struct find_atom *atom = &s->atom[i];

		found |=
			atom->test.feature == SEKI_FEATURE_LEN && atom->hits.n_clean == 0 && atom->hits.n_attack >= 100;
	}
	ck_assert(found);
	free(s);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("find_laws");

	tcase_add_loop_test(tests, bound_holds_for_fresh_packets, 0, N(clean_sizes));
	tcase_add_loop_test(tests, nothing_is_found_where_nothing_differs, 0, N(clean_sizes));
	tcase_add_test(tests, habits);
	tcase_add_test(tests, gaps);
	tcase_set_timeout(tests, 200);
	return suite_run("find_laws", tests);
}
