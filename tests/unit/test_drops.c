/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples of what was dropped: which are kept, what is known of them, and that no flood pushes others out. */
#include "detect_rig.h"
#include "drops.h"
#include "posture.h"

static struct rig rig;

static void
setup(void)
{
	rig_init(&rig);
}

static void
teardown(void)
{
	rig_fini(&rig);
}

/* An RX core hands over a sample. */
static void
sample(uint8_t vector, uint8_t reason, uint8_t observed)
{
	struct seki_sampler *s = rig.sampler;

	s->ring[s->head++ % SEKI_SAMPLES_IN_RING] = (struct seki_sample){
		.time_ns = rig.now_ns,
		.zone = RIG_ZONE,
		.family = 4,
		.verdict = (uint8_t)seki_reason_verdict(reason),
		.reason = reason,
		.observed = observed,
		.features = {.vector = vector, .l3 = 4, .dport = 443},
	};
}

static unsigned
kept(void)
{
	uint64_t first, last;

	seki_detect_drops(rig.detect, &first, &last);
	return last == 0 ? 0 : (unsigned)(last - first + 1);
}

START_TEST(which_are_kept)
{
	const struct seki_drop *drop;

	sample(SEKI_VECTOR_UDP, SEKI_REASON_CLEAN, SEKI_REASON_NONE);
	rig_tick(&rig);
	ck_assert_uint_eq(kept(), 0);
	ck_assert_ptr_null(seki_detect_drop(rig.detect, 0));
	ck_assert_ptr_null(seki_detect_drop(rig.detect, 1));
	sample(SEKI_VECTOR_UDP, SEKI_REASON_LAND, SEKI_REASON_NONE);
	sample(SEKI_VECTOR_NTP, SEKI_REASON_CLEAN, SEKI_REASON_REFLECTION_BUDGET);
	rig_tick(&rig);
	ck_assert_uint_eq(kept(), 2);
	drop = seki_detect_drop(rig.detect, 1);
	ck_assert_uint_eq(seki_drop_reason(drop), SEKI_REASON_LAND);
	ck_assert_uint_eq(drop->wall_ns, rig_wall(&rig) - SEKI_DETECT_TICK_NS);
	ck_assert_uint_eq(seki_drop_reason(seki_detect_drop(rig.detect, 2)), SEKI_REASON_REFLECTION_BUDGET);
	ck_assert_ptr_null(seki_detect_drop(rig.detect, 3));
}
END_TEST

START_TEST(one_of_a_kind)
{
	for (unsigned i = 0; i < 100; i++)
		sample(SEKI_VECTOR_UDP, SEKI_REASON_FLOOD, SEKI_REASON_NONE);
	sample(SEKI_VECTOR_UDP, SEKI_REASON_DENIED, SEKI_REASON_NONE);
	rig_tick(&rig);
	ck_assert_uint_eq(kept(), 2);
	sample(SEKI_VECTOR_UDP, SEKI_REASON_FLOOD, SEKI_REASON_NONE);
	rig_tick(&rig);
	ck_assert_uint_eq(kept(), 3);
}
END_TEST

START_TEST(oldest_go)
{
	for (unsigned i = 0; i < SEKI_DROPS_MAX + 10; i++) {
		sample(SEKI_VECTOR_UDP, SEKI_REASON_LAND, SEKI_REASON_NONE);
		rig_tick(&rig);
	}
	ck_assert_uint_eq(kept(), SEKI_DROPS_MAX);
	ck_assert_ptr_null(seki_detect_drop(rig.detect, 10));
	ck_assert_uint_eq(seki_detect_drop(rig.detect, 11)->number, 11);
	ck_assert_uint_eq(seki_detect_drop(rig.detect, SEKI_DROPS_MAX + 10)->number, SEKI_DROPS_MAX + 10);
}
END_TEST

START_TEST(what_is_known)
{
	const struct seki_drop *drop;

	rig_run(&rig, 6, SEKI_VECTOR_UDP, 0xc6336407u, 400000);
	sample(SEKI_VECTOR_UDP, SEKI_REASON_SOURCE_PPS, SEKI_REASON_NONE);
	rig_run(&rig, 1, SEKI_VECTOR_UDP, 0xc6336407u, 400000);
	drop = seki_detect_drop(rig.detect, 1);
	ck_assert_uint_eq(drop->state, TRACK_MITIGATING);
	ck_assert_uint_ne(drop->step, SEKI_STEP_NONE);
	ck_assert_uint_eq(drop->offered_pps, 400000);
	ck_assert_uint_eq(drop->n_levels, SEKI_N_LEVELS);
	ck_assert_uint_eq(drop->level[SEKI_LEVEL_ZONE].came[SEKI_WINDOW_FIFTH].pps, 400000);
	ck_assert(!drop->overridden && !drop->observes);
}
END_TEST

/* A sample of a zone that is not watched is nobody's. */
START_TEST(no_zone)
{
	sample(SEKI_VECTOR_UDP, SEKI_REASON_LAND, SEKI_REASON_NONE);
	rig.sampler->ring[0].zone = 7;
	rig_tick(&rig);
	ck_assert_uint_eq(kept(), 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("drops");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, which_are_kept);
	tcase_add_test(tests, one_of_a_kind);
	tcase_add_test(tests, oldest_go);
	tcase_add_test(tests, what_is_known);
	tcase_add_test(tests, no_zone);
	return suite_run("drops", tests);
}
