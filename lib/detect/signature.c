/* SPDX-License-Identifier: BSD-3-Clause */
#include "signature.h"

#include <stdarg.h>
#include <stdio.h>

struct seki_signature_test
seki_test_range(enum seki_feature feature, uint32_t min, uint32_t max)
{
	return (struct seki_signature_test){
		.place = seki_feature_places[feature],
		.feature = (uint8_t)feature,
		.kind = SEKI_TEST_RANGE,
		.min = min,
		.span = max - min,
	};
}

struct seki_signature_test
seki_test_values(enum seki_feature feature, enum seki_test_kind kind, const uint32_t *value, unsigned n)
{
	struct seki_signature_test test = {
		.place = seki_feature_places[feature],
		.feature = (uint8_t)feature,
		.kind = (uint8_t)kind,
		.n_values = (uint8_t)n,
	};

	for (unsigned i = 0; i < n; i++) {
		unsigned at = i;

		for (; at > 0 && test.value[at - 1] > value[i]; at--)
			test.value[at] = test.value[at - 1];
		test.value[at] = value[i];
	}
	for (unsigned i = n; i < SEKI_SIGNATURE_VALUES; i++)
		test.value[i] = test.value[n - 1];
	return test;
}

bool
seki_signature_match(const struct seki_signature *signature, const struct seki_features *features)
{
	bool all = signature->vector == features->vector;

	for (unsigned i = 0; i < signature->n_tests; i++)
		all &= seki_test_holds(&signature->test[i], features);
	return all;
}

unsigned
seki_signature_count(const struct seki_signature *signature, const struct seki_features *features, unsigned n)
{
	unsigned hits = 0;

	for (unsigned i = 0; i < n; i++)
		hits += seki_signature_match(signature, &features[i]);
	return hits;
}

static __attribute__((format(printf, 2, 3))) void
say(char text[SEKI_SIGNATURE_TEXT], const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list args;

	va_start(args, fmt);
	vsnprintf(text + n, SEKI_SIGNATURE_TEXT - n, fmt, args);
	va_end(args);
}

/* What is there or is not, rather than so much: "df", "not df". */
static bool
say_yes_or_no(char text[SEKI_SIGNATURE_TEXT], const struct seki_signature_test *test)
{
	switch (test->feature) {
	case SEKI_FEATURE_DF:
	case SEKI_FEATURE_MF:
	case SEKI_FEATURE_TCP_ACK:
	case SEKI_FEATURE_FLOW_LABEL:
		if (test->kind != SEKI_TEST_RANGE || test->span != 0)
			return false;
		say(text, "%s%s", test->min == 0 ? "not " : "", seki_feature_name(test->feature));
		return true;
	default:
		return false;
	}
}

static void
say_range(char text[SEKI_SIGNATURE_TEXT], const struct seki_signature_test *test)
{
	char min[SEKI_FEATURE_TEXT], max[SEKI_FEATURE_TEXT];

	seki_feature_format(test->feature, test->min, min);
	seki_feature_format(test->feature, test->min + test->span, max);
	say(text, "%s %s", seki_feature_name(test->feature), min);
	if (test->span == 0)
		return;
	if (test->min + test->span == test->place.mask)
		say(text, " or more");
	else
		say(text, " to %s", max);
}

static void
say_values(char text[SEKI_SIGNATURE_TEXT], const struct seki_signature_test *test)
{
	/* The options of TCP have commas of their own. */
	const char *between = test->feature == SEKI_FEATURE_TCP_OPTIONS ? " or " : ", ";
	char value[SEKI_FEATURE_TEXT];

	say(text, "%s%s", test->kind == SEKI_TEST_NOT_IN ? "not " : "", seki_feature_name(test->feature));
	for (unsigned i = 0; i < test->n_values; i++)
		say(text, "%s%s", i == 0 ? " " : between, seki_feature_format(test->feature, test->value[i], value));
}

/* "tcp syn", "udp", "udp and src port 123". */
static void
say_vector(char text[SEKI_SIGNATURE_TEXT], unsigned vector)
{
	if (seki_vector_port(vector) != 0) {
		say(text, "udp and src port %u", seki_vector_port(vector));
		return;
	}
	say(text, "%s", seki_vector_name(vector));
	for (char *c = text; *c != '\0'; c++)
		if (*c == '_')
			*c = ' ';
}

char *
seki_signature_text(const struct seki_signature *signature, char text[SEKI_SIGNATURE_TEXT])
{
	text[0] = '\0';
	say_vector(text, signature->vector);
	for (unsigned feature = 0; feature < SEKI_N_FEATURES; feature++) {
		for (unsigned i = 0; i < signature->n_tests; i++) {
			const struct seki_signature_test *test = &signature->test[i];

			if (test->feature != feature)
				continue;
			say(text, " and ");
			if (say_yes_or_no(text, test))
				continue;
			if (test->kind == SEKI_TEST_RANGE)
				say_range(text, test);
			else
				say_values(text, test);
		}
	}
	return text;
}
