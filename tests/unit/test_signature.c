/* SPDX-License-Identifier: BSD-3-Clause */
/* Signatures: what they hold, and how they read. */
#include "detect_traffic.h"
#include "feature_set.h"
#include "signature.h"
#include "suite.h"

#include <stdio.h>

/* A test as the rows have it: kind, and its numbers. */
struct asked {
	enum seki_feature feature;
	enum seki_test_kind kind;
	uint32_t value[SEKI_SIGNATURE_VALUES];
	unsigned n; /* 0: there are no more tests */
};

static const struct row {
	const char *text;
	enum seki_vector vector;
	struct asked test[SEKI_SIGNATURE_TESTS];
} rows[] = {
	{"udp", SEKI_VECTOR_UDP, {{0}}},
	{"udp and len 1042 to 1050 and ttl 240 or more and not dst port 53, 443", SEKI_VECTOR_UDP,
		{{SEKI_FEATURE_DPORT, SEKI_TEST_NOT_IN, {443, 53}, 2},
			{SEKI_FEATURE_TTL, SEKI_TEST_RANGE, {240, 255}, 2},
			{SEKI_FEATURE_LEN, SEKI_TEST_RANGE, {1042, 1050}, 2}}},
	{"udp and src port 123 and len 468", SEKI_VECTOR_NTP, {{SEKI_FEATURE_LEN, SEKI_TEST_RANGE, {468, 468}, 2}}},
	{"tcp syn and window 512 and options none", SEKI_VECTOR_TCP_SYN,
		{{SEKI_FEATURE_TCP_WINDOW, SEKI_TEST_RANGE, {512, 512}, 2},
			{SEKI_FEATURE_TCP_OPTIONS, SEKI_TEST_RANGE, {0, 0}, 2}}},
	{"tcp syn and not options mss,sack,ts,nop,ws or mss,nop,ws,nop,nop,sack", SEKI_VECTOR_TCP_SYN,
		{{SEKI_FEATURE_TCP_OPTIONS, SEKI_TEST_NOT_IN, {SHAPE_LINUX, SHAPE_WINDOWS}, 2}}},
	{"tcp ack and not df and flags ack+ece and ack number", SEKI_VECTOR_TCP_ACK,
		{{SEKI_FEATURE_TCP_ACK, SEKI_TEST_RANGE, {1, 1}, 2}, {SEKI_FEATURE_DF, SEKI_TEST_RANGE, {0, 0}, 2},
			{SEKI_FEATURE_TCP_FLAGS, SEKI_TEST_RANGE, {0x50, 0x50}, 2}}},
	{"icmp echo and len 28, 92, 1028", SEKI_VECTOR_ICMP_ECHO,
		{{SEKI_FEATURE_LEN, SEKI_TEST_IN, {1028, 28, 92}, 3}}},
	{"fragment and mf and offset 1480 or more", SEKI_VECTOR_FRAGMENT,
		{{SEKI_FEATURE_MF, SEKI_TEST_RANGE, {1, 1}, 2},
			{SEKI_FEATURE_FRAG_OFF, SEKI_TEST_RANGE, {1480, 65535}, 2}}},
	{"gre and ip 6 and not tos 0, 184 and flow label", SEKI_VECTOR_GRE,
		{{SEKI_FEATURE_L3, SEKI_TEST_RANGE, {6, 6}, 2}, {SEKI_FEATURE_FLOW_LABEL, SEKI_TEST_RANGE, {1, 1}, 2},
			{SEKI_FEATURE_TOS, SEKI_TEST_NOT_IN, {184, 0}, 2}}},
};

static struct seki_signature
signature_of(const struct row *row)
{
	struct seki_signature signature = {.vector = (uint8_t)row->vector};

	for (unsigned i = 0; i < SEKI_SIGNATURE_TESTS && row->test[i].n > 0; i++) {
		const struct asked *t = &row->test[i];

		signature.test[signature.n_tests++] = t->kind == SEKI_TEST_RANGE
							      ? seki_test_range(t->feature, t->value[0], t->value[1])
							      : seki_test_values(t->feature, t->kind, t->value, t->n);
	}
	return signature;
}

START_TEST(rows_read_as_expected)
{
	char text[SEKI_SIGNATURE_TEXT];
	struct seki_signature signature = signature_of(&rows[_i]);

	memset(text, 'x', sizeof(text));
	ck_assert_str_eq(seki_signature_text(&signature, text), rows[_i].text);
}
END_TEST

/* Said another way. */
static bool
expected(const struct row *row, const struct seki_features *features)
{
	for (unsigned i = 0; i < SEKI_SIGNATURE_TESTS && row->test[i].n > 0; i++) {
		const struct asked *t = &row->test[i];
		uint32_t x = seki_feature_value(features, t->feature);
		bool in = false;

		for (unsigned k = 0; k < t->n; k++)
			in |= t->value[k] == x;
		if (t->kind == SEKI_TEST_RANGE)
			in = x >= t->value[0] && x <= t->value[1];
		if (in == (t->kind == SEKI_TEST_NOT_IN))
			return false;
	}
	return features->vector == row->vector;
}

/* Every feature that a row asks for gets the values of the row and those beside them, and any; the vector mostly fits.
 */
static struct seki_features
features_for(const struct row *row, struct seki_rng *rng)
{
	struct seki_features features;
	uint64_t bits;

	for (size_t i = 0; i < sizeof(features); i++) {
		bits = seki_rng_next(rng);
		((uint8_t *)&features)[i] = (uint8_t)bits;
	}
	features.vector = (uint8_t)(chance(rng, 90) ? row->vector : between(rng, 0, SEKI_N_VECTORS - 1));
	for (unsigned i = 0; i < SEKI_SIGNATURE_TESTS && row->test[i].n > 0; i++) {
		const struct asked *t = &row->test[i];
		uint32_t x = t->value[between(rng, 0, t->n - 1)] + between(rng, 0, 2) - 1;

		if (chance(rng, 90))
			feature_set(&features, t->feature, x);
	}
	return features;
}

START_TEST(rows_hold_what_they_say)
{
	const struct row *row = &rows[_i];
	struct seki_signature signature = signature_of(row);
	static struct seki_features features[2000];
	unsigned holds = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 1);
	for (unsigned i = 0; i < N(features); i++) {
		bool want;

		features[i] = features_for(row, &rng);
		want = expected(row, &features[i]);
		holds += want;
		ck_assert_uint_eq(seki_signature_match(&signature, &features[i]), want);
	}
	ck_assert_uint_gt(holds, 10);
	ck_assert_uint_lt(holds, N(features));
	ck_assert_uint_eq(seki_signature_count(&signature, features, N(features)), holds);
	ck_assert_uint_eq(seki_signature_count(&signature, features, 0), 0);
}
END_TEST

/* Six tests of the longest values there are. */
START_TEST(longest_line_fits)
{
	static const enum seki_feature longest[] = {SEKI_FEATURE_TCP_OPTIONS, SEKI_FEATURE_TCP_FLAGS,
		SEKI_FEATURE_SPORT, SEKI_FEATURE_DPORT, SEKI_FEATURE_IP_ID, SEKI_FEATURE_TCP_WINDOW};
	struct seki_signature signature = {.vector = SEKI_VECTOR_BITTORRENT};
	char text[SEKI_SIGNATURE_TEXT];
	uint32_t value[SEKI_SIGNATURE_VALUES];

	for (unsigned i = 0; i < N(longest); i++) {
		uint32_t mask = seki_feature_places[longest[i]].mask;

		for (unsigned k = 0; k < N(value); k++)
			value[k] = longest[i] == SEKI_FEATURE_TCP_OPTIONS ? 0x55555555 : mask - k % 2;
		signature.test[signature.n_tests++] =
			seki_test_values(longest[i], SEKI_TEST_NOT_IN, value, SEKI_SIGNATURE_VALUES);
	}
	seki_signature_text(&signature, text);
	ck_assert_uint_lt(strlen(text), SEKI_SIGNATURE_TEXT - 1);
	ck_assert_ptr_nonnull(strstr(text, "blocks or blocks"));
	ck_assert_str_eq(text + strlen(text) - 7, ",blocks");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("signature");

	tcase_add_loop_test(tests, rows_read_as_expected, 0, N(rows));
	tcase_add_loop_test(tests, rows_hold_what_they_say, 0, N(rows));
	tcase_add_test(tests, longest_line_fits);
	return suite_run("signature", tests);
}
