/* SPDX-License-Identifier: BSD-3-Clause */
#include "trace.h"
#include "write.h"

#include "target.h"
#include "units.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 2026-01-01 00:00:00 UTC: the same on every run, so that output depends on nothing but the arguments. */
#define START_NS (UINT64_C(1767225600) * GEN_NS_PER_S)

/* Descriptions of more packets than this would not fit the memory of a small machine. */
#define PACKETS_MAX UINT64_C(100000000)

struct options {
	const char *out, *labels;
	uint64_t seed, seconds, legit_pps, attack_pps, vlan;
	const struct scenario *scenario;
};

static const struct scenario {
	const char *name;
	void (*make)(struct gen_trace *trace, uint64_t pps); /* NULL: nothing but ordinary traffic */
	const char *help;
} scenarios[] = {
	{"carpet", gen_carpet, "reflection off NTP, DNS, CLDAP and memcached over every host of a /24 (default)"},
	{"none", NULL, "no attack"},
};
#define N_SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

/* The numeric options: one row each for reading and for help. */
static const struct number {
	const char *name;
	size_t offset;
	enum seki_unit unit;
	uint64_t min, max;
	const char *help;
} numbers[] = {
	{"seed", offsetof(struct options, seed), SEKI_UNIT_NONE, 0, UINT64_MAX,
		"every random choice follows from it; same arguments, same bytes (default 1)"},
	{"seconds", offsetof(struct options, seconds), SEKI_UNIT_NONE, 1, 86400, "length of the trace (default 10)"},
	{"legit-pps", offsetof(struct options, legit_pps), SEKI_UNIT_PPS, 0, 10000000,
		"ordinary packets a second, both directions (default 4000)"},
	{"attack-pps", offsetof(struct options, attack_pps), SEKI_UNIT_PPS, 0, 10000000,
		"attack packets a second, from 20 % to 90 % of the trace (default 12000)"},
	{"vlan", offsetof(struct options, vlan), SEKI_UNIT_NONE, 1, 4094, "tag every frame with this VLAN id"},
};
#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void
print_usage(FILE *out)
{
	fprintf(out,
		"usage: seki-gen --out FILE.pcap [--labels FILE.labels] [OPTION...]\n\n"
		"Writes a capture of an ordinary network's edge, with an attack in it, and for each packet whether it\n"
		"is part of the attack (A) or legitimate (L). Payloads of 16 bytes and more begin with a mark: "
		"\"SEKI\",\n"
		"the label, three zero bytes, and the packet's number as 64 bits in network order.\n\n"
		"Protected: 198.51.100.0/24 and 2001:db8:51::/48. Everybody else is outside.\n\n");
	for (size_t i = 0; i < N_NUMBERS; i++)
		fprintf(out, "  --%-12s %s\n", numbers[i].name, numbers[i].help);
	fprintf(out, "  --%-12s one of:\n", "scenario");
	for (size_t i = 0; i < N_SCENARIOS; i++)
		fprintf(out, "      %-10s %s\n", scenarios[i].name, scenarios[i].help);
}

static int
set_number(struct options *options, const struct number *number, const char *text)
{
	uint64_t value;

	if (seki_unit_parse(number->unit, text, &value) < 0 || value < number->min || value > number->max) {
		fprintf(stderr, "seki-gen: --%s '%s' is no number between %" PRIu64 " and %" PRIu64 "\n", number->name,
			text, number->min, number->max);
		return -1;
	}
	memcpy((char *)options + number->offset, &value, sizeof(value));
	return 0;
}

static int
set_scenario(struct options *options, const char *name)
{
	for (size_t i = 0; i < N_SCENARIOS; i++)
		if (strcmp(scenarios[i].name, name) == 0) {
			options->scenario = &scenarios[i];
			return 0;
		}
	fprintf(stderr, "seki-gen: there is no scenario '%s'\n", name);
	return -1;
}

enum {
	OPT_OUT = N_NUMBERS,
	OPT_LABELS,
	OPT_SCENARIO,
	OPT_HELP,
	OPT_END,
};

static int
set_option(struct options *options, int option, const char *value)
{
	switch (option) {
	case OPT_OUT:
		options->out = value;
		return 0;
	case OPT_LABELS:
		options->labels = value;
		return 0;
	case OPT_SCENARIO:
		return set_scenario(options, value);
	case OPT_HELP:
		print_usage(stdout);
		exit(0);
	default:
		return option >= 0 && option < (int)N_NUMBERS ? set_number(options, &numbers[option], value) : -1;
	}
}

static bool
is_one_file(const char *a, const char *b)
{
	char *x = seki_target(a), *y = b == NULL ? NULL : seki_target(b);
	bool same = seki_target_equal(x, y);

	free(x);
	free(y);
	return same;
}

static int
read_options(int argc, char **argv, struct options *options)
{
	struct option table[OPT_END + 1] = {
		[OPT_OUT] = {"out", required_argument, NULL, OPT_OUT},
		[OPT_LABELS] = {"labels", required_argument, NULL, OPT_LABELS},
		[OPT_SCENARIO] = {"scenario", required_argument, NULL, OPT_SCENARIO},
		[OPT_HELP] = {"help", no_argument, NULL, OPT_HELP},
	};
	int option;

	for (int i = 0; i < (int)N_NUMBERS; i++)
		table[i] = (struct option){numbers[i].name, required_argument, NULL, i};
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		if (set_option(options, option, optarg) < 0)
			return -1;
	if (optind < argc || options->out == NULL) {
		print_usage(stderr);
		return -1;
	}
	if (is_one_file(options->out, options->labels)) {
		fprintf(stderr, "seki-gen: --out and --labels name the same file\n");
		return -1;
	}
	if ((options->legit_pps + options->attack_pps) * options->seconds > PACKETS_MAX) {
		fprintf(stderr, "seki-gen: that would be more than %" PRIu64 " packets\n", PACKETS_MAX);
		return -1;
	}
	return 0;
}

int
main(int argc, char **argv)
{
	struct options options = {
		.seed = 1, .seconds = 10, .legit_pps = 4000, .attack_pps = 12000, .scenario = &scenarios[0]};
	struct gen_totals totals;
	struct gen_trace trace;
	int rc;

	if (read_options(argc, argv, &options) < 0)
		return 2;
	gen_trace_init(&trace, options.seed, START_NS, START_NS + options.seconds * GEN_NS_PER_S);
	gen_legit(&trace, options.legit_pps);
	if (options.scenario->make != NULL)
		options.scenario->make(&trace, options.attack_pps);
	gen_trace_sort(&trace);
	rc = gen_write(&trace, options.out, options.labels, (unsigned)options.vlan, &totals);
	gen_trace_fini(&trace);
	if (rc < 0)
		return 1;
	printf("%s: %" PRIu64 " packets, %" PRIu64 " bytes, %" PRIu64 " of the attack, %" PRIu64 " legitimate\n",
		options.out, totals.packets, totals.bytes, totals.attack, totals.legit);
	return 0;
}
