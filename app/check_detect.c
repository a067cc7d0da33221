/* SPDX-License-Identifier: BSD-3-Clause */
#include "check_detect.h"

#include "printable.h"
#include "units.h"

#include <stdio.h>
#include <string.h>

/* Names of vectors in one line; of more it says how many. */
#define NAMES_MAX 6

#define TEXT_MAX 256

/* ", zone 2 kpps" after what is there. */
static void
put_rate(char text[TEXT_MAX], const char *what, enum seki_unit unit, uint64_t rate)
{
	char buf[32];
	size_t n = strlen(text);

	snprintf(text + n, TEXT_MAX - n, "%s%s%s", n == 0 ? "" : ", ", what,
		rate == 0 ? (unit == SEKI_UNIT_PPS ? "any pps" : "any bps") : seki_unit_format(unit, rate, buf));
}

/* What of a vector's limits is not as by default; empty: nothing. */
static void
describe(const struct seki_limits *limits, const struct seki_limits *usual, unsigned v, char text[TEXT_MAX])
{
	static const struct {
		enum seki_level level;
		const char *what;
	} levels[] = {{SEKI_LEVEL_ZONE, "zone "}, {SEKI_LEVEL_HOST, "host "}};

	text[0] = '\0';
	for (unsigned i = 0; i < 2; i++) {
		struct seki_rate rate = limits->at[levels[i].level][v], was = usual->at[levels[i].level][v];

		if (rate.pps != was.pps)
			put_rate(text, levels[i].what, SEKI_UNIT_PPS, rate.pps);
		if (rate.bps != was.bps)
			put_rate(text, levels[i].what, SEKI_UNIT_BPS, rate.bps);
	}
	if (limits->share_pct[v] != 0)
		snprintf(text + strlen(text), TEXT_MAX - strlen(text), "%s%u %% of all packets",
			*text == '\0' ? "" : ", ", limits->share_pct[v]);
}

/* Vectors that have the same limits as `first`, which is the first of them, in one line. */
static void
print_alike(const struct seki_limits *limits, const struct seki_limits *usual, unsigned first, const char *text)
{
	unsigned n = 0;
	char other[TEXT_MAX];

	printf("             limits   ");
	for (unsigned v = first; v < SEKI_N_VECTORS; v++) {
		describe(limits, usual, v, other);
		if (strcmp(other, text) == 0 && n++ < NAMES_MAX)
			printf("%s%s", n == 1 ? "" : ", ", seki_vector_name(v));
	}
	if (n > NAMES_MAX)
		printf(" and %u more", n - NAMES_MAX);
	printf(": %s\n", text);
}

static void
print_own(const struct seki_spec_limit *limit)
{
	char prefix[SEKI_PREFIX_STRLEN], text[TEXT_MAX] = "";

	if (limit->own.pps != SEKI_SPEC_UNSAID)
		put_rate(text, "", SEKI_UNIT_PPS, limit->own.pps);
	if (limit->own.bps != SEKI_SPEC_UNSAID)
		put_rate(text, "", SEKI_UNIT_BPS, limit->own.bps);
	printf("             limits   %s to %s: %s\n",
		limit->vector == SEKI_VECTOR_ALL ? "each vector" : seki_vector_name(limit->vector),
		seki_prefix_format(&limit->prefix, prefix), text);
}

void
check_print_limits(const struct seki_spec_zone *zone)
{
	struct seki_limits usual;
	char text[TEXT_MAX], before[TEXT_MAX];

	seki_limits_default(&usual);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		bool said = false;

		describe(&zone->limits, &usual, v, text);
		for (unsigned k = 0; k < v && !said; k++) {
			describe(&zone->limits, &usual, k, before);
			said = strcmp(before, text) == 0;
		}
		if (*text != '\0' && !said)
			print_alike(&zone->limits, &usual, v, text);
	}
	for (unsigned i = 0; i < zone->n_limits; i++)
		if (zone->limit[i].has_prefix)
			print_own(&zone->limit[i]);
	text[0] = '\0';
	if (zone->limits.capacity.pps != 0)
		put_rate(text, "", SEKI_UNIT_PPS, zone->limits.capacity.pps);
	if (zone->limits.capacity.bps != 0)
		put_rate(text, "", SEKI_UNIT_BPS, zone->limits.capacity.bps);
	if (*text != '\0')
		printf("             capacity %s\n", text);
}

void
check_print_detection(const struct seki_spec *spec)
{
	static const char *const learns[] = {
		[SEKI_LEARN_OFF] = "learns nothing",
		[SEKI_LEARN_SUGGEST] = "learns what is usual and suggests limits",
		[SEKI_LEARN_APPLY] = "learns what is usual and applies limits of zones",
	};

	if (!spec->detect.enable) {
		printf("  detection  off: attacks are not looked for\n");
		return;
	}
	printf("  detection  %u blocks of addresses; %s", spec->detect.blocks, learns[spec->detect.learn]);
	if (spec->detect.learn != SEKI_LEARN_OFF) {
		printf(", kept %s", spec->detect.baseline == NULL ? "until Seki stops" : "in ");
		if (spec->detect.baseline != NULL)
			seki_printable_put(spec->detect.baseline, stdout);
	}
	printf("\n             incidents %s", spec->detect.incidents == NULL ? "are kept until Seki stops" : "in ");
	if (spec->detect.incidents != NULL)
		seki_printable_put(spec->detect.incidents, stdout);
	if (spec->detect.n_holidays > 0)
		printf("; %u holiday%s", spec->detect.n_holidays, spec->detect.n_holidays == 1 ? "" : "s");
	if (spec->detect.n_events > 0)
		printf("; %u event%s", spec->detect.n_events, spec->detect.n_events == 1 ? "" : "s");
	printf("\n");
}
