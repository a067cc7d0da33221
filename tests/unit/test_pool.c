/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples of several cores: each core's count, whichever comes first. */
#define WORLD_CORES 2
#include "detect_world.h"

#define HOST "198.18.16.9/32"
#define SYNS 8000
#define A_TICK 400 /* what a zone keeps; each core has as many */

/* `one`: of one source; else of as many as there are. */
static void
samples(unsigned core, bool one)
{
	struct seki_sampler *s = w.sampler[core];

	for (unsigned i = 0; i < A_TICK; i++)
		s->ring[s->head++ % SEKI_SAMPLES_IN_RING] = (struct seki_sample){.time_ns = w.rig.now_ns,
			.zone = WORLD_ZONE,
			.family = 4,
			.source = one ? 7 : 1 + (uint32_t)seki_rng_below(&w.rng, UINT32_MAX - 1),
			.verdict = SEKI_VERDICT_PASS,
			.features = {.vector = SEKI_VECTOR_TCP_SYN, .l3 = 4}};
}

/* Half of the SYNs are one source's, and all of that come by one core. */
START_TEST(of_all_cores)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, SYNS, .few_sources = 0, .completes = true};

	for (unsigned tick = 0; tick < SECOND; tick++) {
		samples((unsigned)_i, true);
		samples(1 - (unsigned)_i, false);
		world_run(&w, &s, 1, 1);
	}
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_MITIGATING);
}
END_TEST

/* Sources that nobody charges are not known, and not all the same one. */
START_TEST(no_source)
{
	struct stream s = {SEKI_VECTOR_TCP_SYN, HOST, 1, SYNS, .few_sources = 0, .completes = true};

	for (unsigned tick = 0; tick < SECOND; tick++) {
		world_run(&w, &s, 1, 1);
		for (unsigned i = 0; i < A_TICK; i++)
			w.sampler[0]->ring[w.sampler[0]->head++ % SEKI_SAMPLES_IN_RING] =
				(struct seki_sample){.time_ns = w.rig.now_ns,
					.zone = WORLD_ZONE,
					.family = 4,
					.verdict = SEKI_VERDICT_PASS,
					.features = {.vector = SEKI_VECTOR_TCP_SYN, .l3 = 4}};
	}
	ck_assert_int_eq(world_track(&w, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
}
END_TEST

/* What a stream has of each, about. */
static void
check_samples(unsigned n, unsigned expected)
{
	ck_assert_uint_ge(n + 20, expected);
	ck_assert_uint_le(n, expected + 20);
}

/* The clean samples of the last three seconds wait: of an attack's first moments nobody knows yet whose they are. When
 * it is found, those since it began are its own, and those before are nobody's. */
START_TEST(young_ones_wait)
{
	struct stream s[] = {{SEKI_VECTOR_UDP, HOST, 1, 2000, .len = 0}, {SEKI_VECTOR_UDP, HOST, 1, 60000, .len = 999}};
	struct watch *watch = w.d->zone[WORLD_ZONE];
	const struct features_ring *clean;
	unsigned n_clean, n_attack = 0;

	/* 200 samples in a tick: all of its packets. */
	world_run(&w, s, 1, 40);
	clean = watch->clean[seki_vector_class[SEKI_VECTOR_UDP]];
	check_samples(watch->fresh_head - watch->fresh_tail, 30 * 200);
	check_samples(clean->n, 10 * 200);
	n_clean = clean->n;
	ck_assert_uint_ge(world_until_raised(&w, s, 2, 3), 1);
	ck_assert_uint_eq(watch->fresh_head, watch->fresh_tail);
	check_samples(clean->n, n_clean + 200);
	for (unsigned i = 0; i < pool_n_attack(watch); i++) {
		ck_assert_uint_ge(watch->attack[i].time_ns, watch->began_mono_ns);
		n_attack += watch->attack[i].features.l3_len == 999;
	}
	ck_assert_uint_gt(pool_n_attack(watch), 200);
	ck_assert_uint_gt(10 * n_attack, 9 * pool_n_attack(watch));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("pool");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, world_setup, world_teardown);
	tcase_add_loop_test(tests, of_all_cores, 0, 2);
	tcase_add_test(tests, no_source);
	tcase_add_test(tests, young_ones_wait);
	return suite_run("pool", tests);
}
