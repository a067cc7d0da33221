/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "usage.h"

#include "outfile.h"
#include "units.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Descriptions of more packets than this would not fit the memory of a small machine. */
#define PACKETS_MAX UINT64_C(100000000)

static const char *const sources_words[] = {"usual", "spoofed", "real", NULL};
static const char *const over_words[] = {"usual", "host", "/24", "/22", "/20", "v6-host", "v6-64", "v6-48", NULL};
static const char *const shape_words[] = {"steady", "pulse", "ramp", "rotate", NULL};

#define AT(field) offsetof(struct gen_options, field)
#define DAY_NS (86400 * GEN_NS_PER_S)

const struct gen_option gen_option_rows[] = {
	{"out", GEN_TEXT, GEN_CAPTURE, AT(out), .help = "the capture to write"},
	{"labels", GEN_TEXT, GEN_CAPTURE, AT(labels), .help = "what each packet is: A, L or O, one character each"},
	{"device", GEN_TEXT, GEN_LIVE, AT(device[0]),
		.help = "outside port, as for DPDK's --vdev (net_memif0,role=client,...)"},
	{"device2", GEN_TEXT, GEN_LIVE, AT(device[1]),
		.help = "inside port; without it what the inside sends is left out"},
	{"wait", GEN_TIME, GEN_LIVE, AT(wait_ns), 0, DAY_NS,
		.help = "for the links to come up, at most (default 10 s)"},
	{"linger", GEN_TIME, GEN_LIVE, AT(linger_ns), 0, DAY_NS,
		.help = "after the last packet, for what is still under way (default 500 ms)"},
	{"interval", GEN_FLAG, GEN_LIVE, AT(interval), .help = "a line each second: rates offered and passed"},
	{"json", GEN_FLAG, GEN_LIVE, AT(json), .help = "the report as JSON; lines of --interval then go to stderr"},
	{"seed", GEN_NUMBER, GEN_BOTH, AT(seed), 0, UINT64_MAX,
		.help = "every random choice follows from it; same arguments, same bytes (default 1)"},
	{"seconds", GEN_NUMBER, GEN_BOTH, AT(seconds), 1, 86400, .help = "length of the trace (default 10)"},
	{"legit-pps", GEN_RATE, GEN_BOTH, AT(legit_pps), 0, 10000000,
		.help = "ordinary packets a second, both directions (default 4000)"},
	{"attack-pps", GEN_RATE, GEN_BOTH, AT(pps), 0, 100000000,
		.help = "packets a second of the attack (default 12000)"},
	{"pps", GEN_RATE, GEN_BOTH, AT(pps), 0, 100000000, .help = "the same, for attacks and clean events"},
	{"from", GEN_TIME, GEN_BOTH, AT(from_ns), 0, DAY_NS,
		.help = "when attack or event begins: \"2\" or \"2500 ms\" (default: at 20 % of the trace)"},
	{"until", GEN_TIME, GEN_BOTH, AT(until_ns), 0, DAY_NS, .help = "when it ends (default: at 90 %)"},
	{"rtt", GEN_TIME, GEN_BOTH, AT(rtt_ns), 1000, DAY_NS,
		.help = "round trip of the ordinary outside ends that are farthest off (default 120 ms)"},
	{"vlan", GEN_NUMBER, GEN_BOTH, AT(vlan), 1, 4094, .help = "tag every frame with this VLAN id"},
	{"scenario", GEN_SCENARIO, GEN_BOTH, AT(scenario), .help = "see below"},
	{"vector", GEN_VECTOR, GEN_BOTH, AT(vector), .help = "of scenario reflect: see below (default ntp)"},
	{"sources", GEN_CHOICE, GEN_BOTH, AT(sources), .words = sources_words,
		.help = "of an attack: a random address for each packet, or machines that keep theirs"},
	{"machines", GEN_NUMBER, GEN_BOTH, AT(machines), 1, 65535,
		.help = "bots or reflectors that there are (default 3000)"},
	{"over", GEN_CHOICE, GEN_BOTH, AT(over), .words = over_words,
		.help = "whom it hits: one host, or all of a prefix in turn"},
	{"shape", GEN_CHOICE, GEN_BOTH, AT(shape), .words = shape_words,
		.help = "2 s on and 8 s off; over 60 s from nothing; another vector every 3 s"},
	{"mimic", GEN_FLAG, GEN_BOTH, AT(mimic),
		.help = "SYN floods have the options, windows and TTLs of people's SYNs"},
	{"help", GEN_HELP, GEN_BOTH, 0, .help = "this text"},
};

enum { N_ROWS = sizeof(gen_option_rows) / sizeof(gen_option_rows[0]) };

const unsigned gen_n_options = N_ROWS;

static int
complain(const char *name, const char *text, const char *what)
{
	fprintf(stderr, "seki-gen: --%s '%s' is %s\n", name, text, what);
	return -1;
}

static int
set_number(const struct gen_option *row, const char *text, void *field)
{
	char what[96];
	uint64_t value;
	int rc = seki_unit_parse(row->kind == GEN_RATE ? SEKI_UNIT_PPS : SEKI_UNIT_NONE, text, &value);

	if (row->kind == GEN_TIME && rc == 0 && value <= UINT64_MAX / GEN_NS_PER_S)
		value *= GEN_NS_PER_S;
	else if (row->kind == GEN_TIME)
		rc = seki_unit_parse(SEKI_UNIT_NS, text, &value);
	if (rc < 0 || value < row->min || value > row->max) {
		if (row->kind == GEN_TIME)
			return complain(row->name, text, "no time of up to a day");
		snprintf(what, sizeof(what), "no number between %" PRIu64 " and %" PRIu64, row->min, row->max);
		return complain(row->name, text, what);
	}
	memcpy(field, &value, sizeof(value));
	return 0;
}

static int
set_choice(const struct gen_option *row, const char *text, void *field)
{
	for (int i = 0; row->words[i] != NULL; i++)
		if (strcmp(row->words[i], text) == 0) {
			memcpy(field, &i, sizeof(i));
			return 0;
		}
	return complain(row->name, text, "none of its words: see --help");
}

/* A pointer to what has this name; NULL is refused. */
static int
set_found(const struct gen_option *row, const char *text, void *field, const void *found)
{
	if (found == NULL) {
		fprintf(stderr, "seki-gen: there is no %s '%s'\n", row->name, text);
		return -1;
	}
	memcpy(field, &found, sizeof(found));
	return 0;
}

static int
set_option(struct gen_options *options, const struct gen_option *row, const char *text)
{
	void *field = (char *)options + row->offset;

	if (row->where != GEN_BOTH && (row->where == GEN_LIVE) != options->live) {
		fprintf(stderr, "seki-gen: --%s is for %s\n", row->name, options->live ? "captures" : "seki-gen live");
		return -1;
	}
	switch (row->kind) {
	case GEN_TEXT:
		memcpy(field, &text, sizeof(text));
		return 0;
	case GEN_FLAG:
		*(bool *)field = true;
		return 0;
	case GEN_CHOICE:
		return set_choice(row, text, field);
	case GEN_SCENARIO:
		return set_found(row, text, field, gen_scenario_find(text));
	case GEN_VECTOR:
		return set_found(row, text, field, gen_reflector_find(text));
	case GEN_HELP:
		gen_usage(stdout);
		exit(0);
	default:
		return set_number(row, text, field);
	}
}

static bool
is_one_file(const char *a, const char *b)
{
	char *x = seki_outfile(a), *y = b == NULL ? NULL : seki_outfile(b);
	bool same = seki_outfile_equal(x, y);

	free(x);
	free(y);
	return same;
}

/* What options mean together. */
static int
check(const struct gen_options *options)
{
	const struct gen_scenario *scenario = options->scenario;
	uint64_t event_pps = options->pps == GEN_PPS_USUAL ? scenario->pps : options->pps;

	if (!options->live && is_one_file(options->out, options->labels)) {
		fprintf(stderr, "seki-gen: --out and --labels name the same file\n");
		return -1;
	}
	if (options->from_ns >= options->until_ns || options->until_ns > options->seconds * GEN_NS_PER_S) {
		fprintf(stderr, "seki-gen: --from must be before --until, and both within --seconds\n");
		return -1;
	}
	if ((options->legit_pps * scenario->legit_times + (scenario->event != NULL ? event_pps : 0)) *
			options->seconds >
		PACKETS_MAX) {
		fprintf(stderr, "seki-gen: that would be more than %" PRIu64 " packets of people\n", PACKETS_MAX);
		return -1;
	}
	return 0;
}

static int
read_words(int argc, char **argv, struct gen_options *options)
{
	struct option table[N_ROWS + 1] = {0};
	int option;

	for (int i = 0; i < N_ROWS; i++) {
		enum gen_option_kind kind = gen_option_rows[i].kind;

		table[i] = (struct option){gen_option_rows[i].name,
			kind == GEN_FLAG || kind == GEN_HELP ? no_argument : required_argument, NULL, i};
	}
	while ((option = getopt_long(argc, argv, "", table, NULL)) != -1)
		if (option < 0 || option >= N_ROWS || set_option(options, &gen_option_rows[option], optarg) < 0)
			return -1;
	if (optind < argc || (options->live ? options->device[0] : options->out) == NULL) {
		gen_usage(stderr);
		return -1;
	}
	return 0;
}

int
gen_options_read(int argc, char **argv, struct gen_options *options)
{
	*options = (struct gen_options){
		.live = argc > 1 && strcmp(argv[1], "live") == 0,
		.wait_ns = 10 * GEN_NS_PER_S,
		.linger_ns = GEN_NS_PER_S / 2,
		.seed = 1,
		.seconds = 10,
		.legit_pps = 4000,
		.pps = GEN_PPS_USUAL,
		.machines = 3000,
		.rtt_ns = GEN_RTT_USUAL,
		.from_ns = UINT64_MAX,
		.until_ns = UINT64_MAX,
		.scenario = gen_scenario_row(0),
		.vector = gen_reflector_find("ntp"),
	};
	if (options->live) {
		argc--;
		argv++;
	}
	if (read_words(argc, argv, options) < 0)
		return -1;
	if (options->from_ns == UINT64_MAX)
		options->from_ns = options->seconds * GEN_NS_PER_S / 5;
	if (options->until_ns == UINT64_MAX)
		options->until_ns = options->seconds * GEN_NS_PER_S / 10 * 9;
	return check(options);
}
