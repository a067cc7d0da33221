/* SPDX-License-Identifier: BSD-3-Clause */
/* An operator's word against the machine's: what is raised, for whom, for how long, and what is written down of it. */
#include "detect_rig.h"
#include "override.h"
#include "posture.h"

#include <errno.h>

#define HOST 0xc6336407u  /* 198.51.100.7 */
#define OTHER 0xcb007101u /* 203.0.113.1 */
#define SECOND UINT64_C(1000000000)
#define FLOOD_PPS 1500000 /* so much that what flood lets pass is less than a hundredth */

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

static int
override(uint8_t vector, enum seki_step step, unsigned seconds)
{
	struct seki_override want = {.zone = RIG_ZONE,
		.vector = vector,
		.step = (uint8_t)step,
		.from_ns = rig.now_ns,
		.until_ns = rig.now_ns + seconds * SECOND};
	char why[SEKI_SENTENCE_MAX] = "";
	int ret = seki_detect_override(rig.detect, &want, why);

	ck_assert_msg((ret == 0) == (why[0] == '\0'), "%d: %s", ret, why);
	return ret;
}

static struct seki_vector_posture
posture(uint8_t vector)
{
	struct seki_vector_posture p;

	ck_assert(seki_detect_posture(rig.detect, RIG_ZONE, vector, &p));
	return p;
}

/* What is raised for a packet of the vector to the address; 0: nothing. */
static uint32_t
raised_for(uint8_t vector, uint32_t to, bool ip6)
{
	const struct seki_raised *raised = seki_detect_raised(rig.detect, RIG_ZONE);
	struct pkt pkt = {.l3 = ip6 ? PKT_L3_IP6 : PKT_L3_IP4, .vector = vector};

	pkt.dst.v4_be = htobe32(to);
	return raised != NULL && seki_raised_holds(raised, &pkt) ? raised->cm[vector] : 0;
}

static unsigned
decisions(enum seki_decision_action action)
{
	const struct seki_incident *in = seki_detect_incident(rig.detect, 0);
	unsigned n = 0;

	for (unsigned i = 0; in != NULL && i < in->n_decisions; i++)
		n += in->decision[i].action == action;
	return n;
}

START_TEST(without_an_attack)
{
	rig_tick(&rig);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 2), 0);
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
	rig_tick(&rig);
	ck_assert(rig.changed);
	/* As the machine does it: with the milder steps of the ladder that are ready. In both families, of no other
	 * vector. */
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_UDP, HOST, false), RIG_CM(SEKI_STEP_SOURCE) | RIG_CM(SEKI_STEP_FLOOD));
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, OTHER, false), 0);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, OTHER, true), 0);
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_NTP, HOST, false), 0);
	ck_assert(posture(SEKI_VECTOR_UDP).overridden);
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).n_targets, 0);
	ck_assert(!seki_detect_is_quiet(rig.detect));
	rig_tick(&rig);
	ck_assert(!rig.changed);
	for (unsigned i = 0; i < 17; i++)
		rig_tick(&rig);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
	rig_tick(&rig);
	ck_assert(rig.changed);
	ck_assert_ptr_null(seki_detect_raised(rig.detect, RIG_ZONE));
	ck_assert_ptr_null(seki_detect_override_of(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	ck_assert_ptr_null(seki_detect_incident(rig.detect, 0));
	seki_detect_overrides_said(rig.detect);
	ck_assert_ptr_null(seki_detect_override_at(rig.detect, 0));
	ck_assert(seki_detect_is_quiet(rig.detect));
}
END_TEST

/* Nothing is raised, the machine climbs no further for what then leaks, and takes over at its own step. */
START_TEST(held_back)
{
	uint8_t own;

	rig_run(&rig, 1, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	own = posture(SEKI_VECTOR_UDP).own_step;
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).state, TRACK_MITIGATING);
	ck_assert_uint_ne(own, SEKI_STEP_NONE);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_NONE, 5), 0);
	rig_run(&rig, 49, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert_ptr_null(seki_detect_raised(rig.detect, RIG_ZONE));
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).step, SEKI_STEP_NONE);
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).own_step, own);
	rig_run(&rig, 1, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert(!posture(SEKI_VECTOR_UDP).overridden);
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).step, own);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
	/* Nothing here drops, so by itself it goes on as ever. */
	rig_run(&rig, 30, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert_uint_eq(posture(SEKI_VECTOR_UDP).own_step, SEKI_STEP_PROVEN);
}
END_TEST

START_TEST(is_written_down)
{
	const struct seki_incident *in;
	const struct seki_decision *x;

	rig_run(&rig, 4, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_STRICT, 3), 0);
	rig_run(&rig, 1, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	in = seki_detect_incident(rig.detect, 0);
	ck_assert_ptr_nonnull(in);
	x = &in->decision[in->n_decisions - 1];
	ck_assert_uint_eq(x->action, SEKI_DECISION_OVERRIDE);
	ck_assert_uint_eq(x->step, SEKI_STEP_STRICT);
	ck_assert_str_eq(x->why, "an operator wants it so for 3 s");
	/* The same once more is no further decision, but lasts from now on. */
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_STRICT, 3), 0);
	rig_run(&rig, 29, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert_uint_eq(decisions(SEKI_DECISION_OVERRIDE), 1);
	rig_run(&rig, 2, SEKI_VECTOR_UDP, HOST, FLOOD_PPS);
	ck_assert_uint_eq(decisions(SEKI_DECISION_OVERRIDE), 2);
	for (unsigned i = 0; i < in->n_decisions; i++)
		if (in->decision[i].action == SEKI_DECISION_OVERRIDE)
			x = &in->decision[i];
	ck_assert_str_eq(x->why, "the time that an operator set is over");
	ck_assert_uint_eq(x->before, SEKI_STEP_STRICT);
	ck_assert_uint_eq(x->step, posture(SEKI_VECTOR_UDP).own_step);
}
END_TEST

/* For whom it is: those who are attacked when it is made; else the zone, and that widens nothing for other vectors. */
START_TEST(for_whom)
{
	rig_run(&rig, 4, SEKI_VECTOR_NTP, HOST, FLOOD_PPS);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_NTP, HOST, false), 0);
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_NTP, OTHER, false), 0);
	ck_assert_int_eq(override(SEKI_VECTOR_NTP, SEKI_STEP_STRICT, 60), 0);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), 0);
	rig_run(&rig, 1, SEKI_VECTOR_NTP, HOST, FLOOD_PPS);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_NTP, HOST, false), 0);
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_NTP, OTHER, false), 0);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, OTHER, false), 0);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, OTHER, true), 0);
	/* The attack ends; the operator's word stands, where it stood. */
	for (unsigned i = 0; i < 240; i++)
		rig_tick(&rig);
	ck_assert_uint_eq(posture(SEKI_VECTOR_NTP).state, TRACK_IDLE);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_NTP, HOST, false), 0);
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_NTP, OTHER, false), 0);
}
END_TEST

START_TEST(given_back)
{
	ck_assert(!seki_detect_override_end(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), 0);
	rig_tick(&rig);
	ck_assert(seki_detect_override_end(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	rig_tick(&rig);
	ck_assert_ptr_null(seki_detect_raised(rig.detect, RIG_ZONE));
}
END_TEST

/* A reload that takes the step away ends it: what is shown is what is in force. */
START_TEST(step_is_taken_away)
{
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), 0);
	rig_tick(&rig);
	ck_assert_ptr_nonnull(seki_detect_override_of(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	rig_zone(&rig, RIG_ZONE, 0);
	rig_tick(&rig);
	ck_assert_ptr_null(seki_detect_override_of(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	ck_assert_uint_eq(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
}
END_TEST

/* A reload tells of the zone anew; where it is gone, so is the word about it. */
START_TEST(reload)
{
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), 0);
	rig_tick(&rig);
	rig_zone(&rig, RIG_ZONE, UINT32_MAX);
	rig_tick(&rig);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, HOST, false), 0);
	ck_assert_int_eq(seki_detect_zone(rig.detect, RIG_ZONE, NULL), 0);
	ck_assert_ptr_null(seki_detect_override_of(rig.detect, RIG_ZONE, SEKI_VECTOR_UDP));
	rig_tick(&rig);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), -ENOENT);
}
END_TEST

START_TEST(refused)
{
	ck_assert_int_eq(override(SEKI_N_VECTORS, SEKI_STEP_FLOOD, 60), -ENOENT);
	ck_assert_int_eq(override(SEKI_VECTOR_NONE, SEKI_STEP_NONE, 60), -ENOENT);
	ck_assert_int_eq(override(SEKI_VECTOR_NTP, SEKI_STEP_FLOOD, 60), -EINVAL);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_SIGNATURE, 60), -EPERM);
	rig_zone(&rig, RIG_ZONE, ~RIG_CM(SEKI_STEP_FLOOD));
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), -EPERM);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_SOURCE, 60), 0);
	for (unsigned v = 1; v < SEKI_N_VECTORS; v++)
		ck_assert_int_eq(override((uint8_t)v, SEKI_STEP_NONE, 60), 0);
	rig_zone(&rig, 2, UINT32_MAX);
	for (unsigned i = SEKI_N_VECTORS - 1; i < SEKI_OVERRIDES_MAX; i++) {
		struct seki_override want = {
			.zone = 2, .vector = (uint8_t)(1 + i - (SEKI_N_VECTORS - 1)), .until_ns = UINT64_MAX};
		char why[SEKI_SENTENCE_MAX];

		ck_assert_int_eq(seki_detect_override(rig.detect, &want, why), 0);
	}
	{
		struct seki_override want = {.zone = 2, .vector = SEKI_N_VECTORS - 1, .until_ns = UINT64_MAX};
		char why[SEKI_SENTENCE_MAX];

		ck_assert_int_eq(seki_detect_override(rig.detect, &want, why), -ENOSPC);
	}
}
END_TEST

/* Sixteen targets and the whole zone for another vector: there is room for both. */
START_TEST(room_for_the_zone)
{
	for (unsigned t = 0; t < 8; t++) {
		for (unsigned k = 0; k < SEKI_TARGETS_MAX; k++)
			rig_packets(&rig, SEKI_VECTOR_NTP, HOST + (k << 28), FLOOD_PPS / 10);
		rig_tick(&rig);
	}
	ck_assert_uint_eq(seki_detect_raised(rig.detect, RIG_ZONE)->n_scopes, SEKI_TARGETS_MAX);
	ck_assert_int_eq(override(SEKI_VECTOR_UDP, SEKI_STEP_FLOOD, 60), 0);
	rig_tick(&rig);
	ck_assert_uint_le(seki_detect_raised(rig.detect, RIG_ZONE)->n_scopes, SEKI_TARGETS_MAX);
	ck_assert_uint_ge(seki_detect_raised(rig.detect, RIG_ZONE)->n_scopes, SEKI_TARGETS_MAX - 2);
	ck_assert_uint_ne(raised_for(SEKI_VECTOR_UDP, OTHER, true), 0);
	for (unsigned k = 0; k < SEKI_TARGETS_MAX; k++)
		ck_assert_uint_ne(raised_for(SEKI_VECTOR_NTP, HOST + (k << 28), false), 0);
}
END_TEST

/* Prefixes of no length: all there is, in both families. */
START_TEST(no_length)
{
	struct seki_target all4 = {.family = 4}, all6 = {.family = 6},
			   host = {.net = (uint64_t)HOST << 32, .family = 4, .len = 32};
	struct target_item item[3] = {target_item_of(all6), target_item_of(host), target_item_of(all4)};

	ck_assert_uint_eq(seki_target_mask(0), 0);
	ck_assert_uint_eq(target_item_of(all4).covered, UINT64_C(1) << 32);
	ck_assert_uint_eq(target_item_of(all6).covered, UINT64_MAX);
	ck_assert(seki_target_holds(all4, host) && !seki_target_holds(all6, host));
	ck_assert_uint_eq(target_merge(item, 3, SEKI_TARGETS_MAX), 2);
	ck_assert(item[0].prefix.family == 4 && item[0].prefix.len == 0);
	ck_assert(item[1].prefix.family == 6 && item[1].prefix.len == 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("override");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, without_an_attack);
	tcase_add_test(tests, held_back);
	tcase_add_test(tests, is_written_down);
	tcase_add_test(tests, for_whom);
	tcase_add_test(tests, given_back);
	tcase_add_test(tests, reload);
	tcase_add_test(tests, step_is_taken_away);
	tcase_add_test(tests, refused);
	tcase_add_test(tests, room_for_the_zone);
	tcase_add_test(tests, no_length);
	return suite_run("override", tests);
}
