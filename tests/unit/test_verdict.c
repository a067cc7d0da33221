/* SPDX-License-Identifier: BSD-3-Clause */
#include "suite.h"
#include "verdict.h"

/* Names are an interface: present, unique, in the letters that telemetry allows; sentences are sentences. */
START_TEST(words)
{
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		const char *sentence = seki_reason_sentence(r);

		ck_assert(strspn(seki_reason_name(r), "abcdefghijklmnopqrstuvwxyz0123456789_") ==
			  strlen(seki_reason_name(r)));
		ck_assert_msg(sentence[strlen(sentence) - 1] == '.', "%s", seki_reason_name(r));
		for (unsigned other = 0; other < r; other++)
			ck_assert_str_ne(seki_reason_name(r), seki_reason_name(other));
	}
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		ck_assert_uint_lt(seki_vector_class[v], SEKI_N_CLASSES);
		ck_assert_uint_eq(seki_vector_port(v) != 0, v >= SEKI_VECTOR_REFLECTOR_FIRST);
		ck_assert_uint_eq(seki_vector_class[v] == SEKI_CLASS_REFLECTION, v >= SEKI_VECTOR_REFLECTOR_FIRST);
		ck_assert_uint_gt(strlen(seki_vector_description(v)), 0);
		for (unsigned other = 0; other < v; other++)
			ck_assert_str_ne(seki_vector_name(v), seki_vector_name(other));
	}
	ck_assert_uint_eq(SEKI_N_REFLECTORS, 39);
	ck_assert_uint_eq(seki_vector_port(SEKI_VECTOR_NTP), 123);
	ck_assert_str_eq(seki_vector_name(SEKI_VECTOR_MEMCACHED), "memcached");
	ck_assert_str_eq(seki_reason_name(SEKI_REASON_LAND), "land");
	ck_assert_uint_eq(seki_reason_verdict(SEKI_REASON_CONTROL), SEKI_VERDICT_PASS);
	ck_assert_uint_eq(seki_reason_verdict(SEKI_REASON_LAND), SEKI_VERDICT_DROP);
	ck_assert_str_eq(seki_class_name(SEKI_CLASS_REFLECTION), "reflection");
	ck_assert_str_eq(seki_verdict_name(SEKI_VERDICT_DROP), "drop");
	ck_assert_str_eq(seki_direction_name(SEKI_DIR_OUTBOUND), "outbound");
}
END_TEST

START_TEST(words_out_of_range)
{
	ck_assert_str_eq(seki_reason_name(SEKI_N_REASONS), "?");
	ck_assert_str_eq(seki_reason_sentence(9999), "?");
	ck_assert_str_eq(seki_vector_name(SEKI_N_VECTORS), "?");
	ck_assert_str_eq(seki_vector_description(9999), "?");
	ck_assert_str_eq(seki_class_name(SEKI_N_CLASSES), "?");
	ck_assert_str_eq(seki_verdict_name(SEKI_N_VERDICTS), "?");
	ck_assert_str_eq(seki_direction_name(SEKI_N_DIRECTIONS), "?");
	ck_assert_uint_eq(seki_reason_verdict(9999), SEKI_VERDICT_PASS);
	ck_assert_uint_eq(seki_vector_port(9999), 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("verdict");

	tcase_add_test(tests, words);
	tcase_add_test(tests, words_out_of_range);
	return suite_run("verdict", tests);
}
