/* SPDX-License-Identifier: BSD-3-Clause */
/* Ladders: every vector's, up and down, whatever of it may be raised. */
#include "ladder.h"
#include "suite.h"

/* The steps of a ladder as the decision says them: docs/adr/0011-detection.md. */
static const struct {
	const char *vector, *steps;
} rows[] = {
	{"tcp_syn", "source signature flood strict proven"},
	{"tcp_ack", "budget signature flood strict proven"},
	{"tcp_other", "budget signature flood strict proven"},
	{"udp", "source signature flood strict proven"},
	{"icmp_error", "source signature flood strict proven"},
	{"gre", "source signature flood strict proven"},
	{"other", "source signature flood strict proven"},
	{"fragment", "budget strict"},
	{"ntp", "budget strict proven"},
	{"netis", "budget strict proven"},
	{"none", ""},
};

static unsigned
vector_named(const char *name)
{
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		if (strcmp(seki_vector_name(v), name) == 0)
			return v;
	ck_abort_msg("there is no vector %s", name);
}

START_TEST(steps_in_order)
{
	unsigned vector = vector_named(rows[_i].vector);
	enum seki_step step = SEKI_STEP_NONE;
	char text[128] = "";

	while ((step = seki_step_above(vector, step, UINT32_MAX)) != SEKI_STEP_NONE) {
		if (text[0] != '\0')
			strcat(text, " ");
		strcat(text, seki_step_name(step));
	}
	ck_assert_str_eq(text, rows[_i].steps);
}
END_TEST

/* Steps grow on each ladder, end with strict, and those up to a step are those that were gone over on the way to it,
 * whatever may be raised. */
/* Where `flood` spares who has proven its address, that has an end, too. */
static enum seki_step
last_of(unsigned vector)
{
	switch (seki_ladder_of(vector)) {
	case SEKI_LADDER_NONE:
		return SEKI_STEP_NONE;
	case SEKI_LADDER_FRAGMENT:
		return SEKI_STEP_STRICT;
	default:
		return SEKI_STEP_PROVEN;
	}
}

START_TEST(every_vector)
{
	ck_assert_int_eq(
		seki_ladder_of((unsigned)_i), _i == SEKI_VECTOR_NONE ? SEKI_LADDER_NONE : seki_ladder_of((unsigned)_i));
	for (uint32_t can = 0; can < SEKI_STEP_BIT(SEKI_N_STEPS); can++) {
		enum seki_step step = SEKI_STEP_NONE, next;
		uint32_t gone = 0;

		while ((next = seki_step_above((unsigned)_i, step, can)) != SEKI_STEP_NONE) {
			ck_assert_int_gt(next, step); /* so that the timeline's "highest in force" is one */
			ck_assert_uint_ne(can & SEKI_STEP_BIT(next), 0);
			gone |= SEKI_STEP_BIT(next);
			ck_assert_uint_eq(seki_steps_up_to((unsigned)_i, next, can), gone);
			step = next;
		}
		ck_assert_int_eq(seki_step_above((unsigned)_i, step, can), SEKI_STEP_NONE);
		ck_assert_uint_eq(seki_steps_up_to((unsigned)_i, SEKI_STEP_NONE, can), 0);
		if (can == SEKI_STEP_BIT(SEKI_N_STEPS) - 1)
			ck_assert_int_eq(step, last_of((unsigned)_i));
	}
}
END_TEST

START_TEST(names)
{
	for (unsigned s = 0; s < SEKI_N_STEPS; s++)
		for (unsigned other = 0; other < s; other++)
			ck_assert_str_ne(seki_step_name(s), seki_step_name(other));
	ck_assert_str_eq(seki_step_name(SEKI_STEP_STRICT), "strict");
	ck_assert_str_eq(seki_step_sentence(SEKI_STEP_SOURCE), "each source is held to its limit");
	ck_assert_str_eq(seki_step_name(SEKI_N_STEPS), "?");
	ck_assert_str_eq(seki_step_sentence(SEKI_N_STEPS), "?");
	ck_assert_int_eq(seki_ladder_of(SEKI_N_VECTORS), SEKI_LADDER_NONE);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("ladder");

	tcase_add_loop_test(tests, steps_in_order, 0, N(rows));
	tcase_add_loop_test(tests, every_vector, 0, SEKI_N_VECTORS);
	tcase_add_test(tests, names);
	return suite_run("ladder", tests);
}
