/* SPDX-License-Identifier: BSD-3-Clause */
/* The table of vectors, and the levels between host and zone. */
#include "hash.h"
#include "suite.h"
#include "zone_limits.h"

#include <math.h>

/* From below to above, in equal ratios, to a part in a hundred (of small numbers: to one). */
static void
check_between(const struct seki_limits *limits, unsigned vector)
{
	double host = (double)limits->at[SEKI_LEVEL_HOST][vector].pps;
	double ratio = pow((double)limits->at[SEKI_LEVEL_ZONE][vector].pps / host, 0.25), wanted = host;

	for (unsigned l = SEKI_LEVEL_BLOCK; l < SEKI_LEVEL_ZONE; l++) {
		uint64_t is = limits->at[l][vector].pps;

		wanted *= ratio;
		HOLDS(fabs((double)is - wanted) <= wanted / 100 + 1, "%s: level %u is %llu, not %.0f",
			seki_vector_name(vector), l, (unsigned long long)is, wanted);
		HOLDS(is >= limits->at[l - 1][vector].pps && is <= limits->at[l + 1][vector].pps, "%s: level %u",
			seki_vector_name(vector), l);
	}
}

/* Every vector that has a ladder has limits, from the table. */
START_TEST(defaults)
{
	struct seki_limits limits;

	memset(&limits, 0xff, sizeof(limits));
	seki_limits_default(&limits);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		ck_assert_uint_eq(limits.from[v], SEKI_LIMIT_DEFAULT);
		ck_assert_uint_eq(limits.share_pct[v], 0);
		if (v == SEKI_VECTOR_NONE) {
			for (unsigned l = 0; l < SEKI_N_LEVELS; l++)
				ck_assert_uint_eq(limits.at[l][v].pps, 0);
			continue;
		}
		ck_assert_uint_gt(limits.at[SEKI_LEVEL_HOST][v].pps, 0);
		check_between(&limits, v);
	}
}
END_TEST

static const struct {
	const char *about;
	uint64_t host, zone, between[3];
} rows[] = {
	{"as the header says", 1000, 16000, {2000, 4000, 8000}},
	{"no limit at all", 0, 0, {0, 0, 0}},
	{"the zone has one", 0, 500, {500, 500, 500}},
	{"a host has one", 500, 0, {0, 0, 0}},
	{"both the same", 700, 700, {700, 700, 700}},
	{"the zone has less than a host", 700, 300, {300, 300, 300}},
	{"one packet", 1, 1, {1, 1, 1}},
};

START_TEST(special_ones)
{
	struct seki_limits limits = {0};

	limits.at[SEKI_LEVEL_HOST][SEKI_VECTOR_UDP] = (struct seki_rate){rows[_i].host, rows[_i].host};
	limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP] = (struct seki_rate){rows[_i].zone, rows[_i].zone};
	seki_limits_between(&limits, SEKI_VECTOR_UDP);
	for (unsigned l = 0; l < 3; l++) {
		struct seki_rate is = limits.at[SEKI_LEVEL_BLOCK + l][SEKI_VECTOR_UDP];
		uint64_t wanted = rows[_i].between[l];

		ck_assert_msg(is.pps == is.bps, "%s", rows[_i].about);
		ck_assert_msg(is.pps <= wanted && is.pps + wanted / 200 >= wanted, "%s: level %u is %llu",
			rows[_i].about, l, (unsigned long long)is.pps);
	}
}
END_TEST

/* Up to what no link carries; where the zone may have 8 million times what a host may, ratios need not be equal. */
START_TEST(random_ones)
{
	struct seki_limits limits = {0};
	struct seki_rng rng;

	seki_rng_init(&rng, 11);
	for (unsigned n = 0; n < 200000; n++) {
		uint64_t host = 1 + (seki_rng_next(&rng) >> (24 + seki_rng_below(&rng, 40)));
		uint64_t zone = host + (seki_rng_next(&rng) >> (24 + seki_rng_below(&rng, 40)));

		limits.at[SEKI_LEVEL_HOST][SEKI_VECTOR_UDP].pps = host;
		limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP].pps = zone;
		seki_limits_between(&limits, SEKI_VECTOR_UDP);
		if (zone / host < 1 << 23)
			check_between(&limits, SEKI_VECTOR_UDP);
		for (unsigned l = SEKI_LEVEL_BLOCK; l <= SEKI_LEVEL_ZONE; l++)
			HOLDS(limits.at[l][SEKI_VECTOR_UDP].pps >= limits.at[l - 1][SEKI_VECTOR_UDP].pps, "level %u",
				l);
	}
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(seki_limit_from_name(SEKI_LIMIT_DEFAULT), "default");
	ck_assert_str_eq(seki_limit_from_name(SEKI_LIMIT_EVENT), "event");
	ck_assert_str_eq(seki_limit_from_name(SEKI_N_LIMIT_FROM), "?");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("limit_levels");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, defaults);
	tcase_add_loop_test(tests, special_ones, 0, N(rows));
	tcase_add_test(tests, random_ones);
	tcase_add_test(tests, names);
	return suite_run("limit_levels", tests);
}
