/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SIGNATURE_H
#define SEKI_SIGNATURE_H

/*
 * Signatures: what the packets of an attack have in common in their headers, as a vector and up to six tests that must
 * all hold. A test is on one feature (feature.h): it lies in a range, is one of some values, or is none of some.
 *
 * A signature is asked for every stranger of its vector while an attack lasts, so a test is two loads and a comparison,
 * or four comparisons of four values each, and what comes out does not depend on a branch on the packet. It can be said in a line
 * that reads like a filter of tcpdump.
 */

#include "feature.h"

#include <stdbool.h>
#include <stdint.h>

#define SEKI_SIGNATURE_TESTS 6
#define SEKI_SIGNATURE_VALUES 16

enum seki_test_kind {
	SEKI_TEST_RANGE,
	SEKI_TEST_IN,
	SEKI_TEST_NOT_IN,
};

struct seki_signature_test {
	struct seki_feature_place place;
	uint8_t feature;  /* enum seki_feature */
	uint8_t kind;     /* enum seki_test_kind */
	uint8_t n_values; /* of IN and NOT_IN, at least 1 */
	uint32_t min;     /* RANGE */
	uint32_t span;    /* RANGE: largest less smallest */
	/* IN and NOT_IN: ascending; the last one again in the places that are left. */
	uint32_t value[SEKI_SIGNATURE_VALUES];
};

struct seki_signature {
	uint8_t vector; /* enum seki_vector */
	uint8_t n_tests;
	struct seki_signature_test test[SEKI_SIGNATURE_TESTS];
};

/* Tests to be put together: a feature from `min` to `max`; one of n values, or none of them (1 to 16, any order). */
struct seki_signature_test seki_test_range(enum seki_feature feature, uint32_t min, uint32_t max);
struct seki_signature_test seki_test_values(enum seki_feature feature, enum seki_test_kind kind, const uint32_t *value,
	unsigned n);

/* Four values side by side, which every 64-bit CPU compares at once. */
typedef uint32_t seki_four __attribute__((vector_size(16)));

static inline bool
seki_test_holds_value(const struct seki_signature_test *test, uint32_t x)
{
	seki_four equal = {0}, xs = {x, x, x, x};
	uint64_t any[2];

	if (test->kind == SEKI_TEST_RANGE)
		return x - test->min <= test->span;
	for (unsigned i = 0; i < SEKI_SIGNATURE_VALUES; i += 4) {
		seki_four values;

		memcpy(&values, &test->value[i], sizeof(values));
		equal |= (seki_four)(values == xs);
	}
	memcpy(any, &equal, sizeof(any));
	return ((any[0] | any[1]) != 0) == (test->kind == SEKI_TEST_IN);
}

static inline bool
seki_test_holds(const struct seki_signature_test *test, const struct seki_features *features)
{
	return seki_test_holds_value(test, seki_feature_at(features, test->place));
}

/* All tests hold. Any thread. About 2 ns a test. */
bool seki_signature_match(const struct seki_signature *signature, const struct seki_features *features);

/* How many of n packets it holds. Any thread. */
unsigned seki_signature_count(const struct seki_signature *signature, const struct seki_features *features, unsigned n);

/* Room for the longest line that six tests can make, each of another feature. */
#define SEKI_SIGNATURE_TEXT 2048

/*
 * Says it: "udp and len 1042 to 1050 and ttl 240 or more and not dst port 53, 443". Tests stand in the order of
 * features.def, whatever order they have in `signature`, so that equal ones read alike. Returns `text`. Any thread.
 */
char *seki_signature_text(const struct seki_signature *signature, char text[SEKI_SIGNATURE_TEXT]);

#endif
