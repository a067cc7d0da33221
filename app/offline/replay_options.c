/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_options.h"

#include "cmd.h"
#include "feed.h"
#include "units.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const struct number {
	const char *name;
	size_t offset;
	uint64_t min, max, def;
	const char *help;
} numbers[] = {
	{"seed", offsetof(struct replay_tuning, seed), 0, UINT64_MAX, 1, "every random choice follows from it"},
	{"burst", offsetof(struct replay_tuning, burst), 1, PKT_BURST, PKT_BURST,
		"packets that the path is given at once"},
	{"cores", offsetof(struct replay_tuning, cores), 1, OFFLINE_CORES_MAX, 1,
		"simulated receiving cores; packets are handed to their owners"},
	{"segment", offsetof(struct replay_tuning, segment), FEED_SEGMENT_MIN, OFFLINE_DATA_ROOM, OFFLINE_DATA_ROOM,
		"cut frames into buffers of so many bytes"},
};
#define N_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static void
print_usage(FILE *out)
{
	fprintf(out,
		"usage: seki replay -c FILE IN.pcap [OPTION...]\n"
		"       seki replay --list LIST [OPTION...]\n\n"
		"Puts a capture (pcap or pcapng, Ethernet) through the packet path that `seki run` uses.\n\n"
		"  -c FILE               the configuration; its ports are not opened\n"
		"  --write CLEAN.pcap    what passed\n"
		"  --verdicts OUT.tsv    a line per packet: number, time, direction, verdict, reason, zone\n"
		"  --incidents DIR       a file for each incident (docs/incident.md)\n"
		"  --json                totals as JSON\n"
		"  --list LIST           many captures in one process, a line each, five fields with tabs between "
		"them:\n"
		"                        configuration, capture, and where to write verdicts, JSON and what passed\n"
		"                        (\"-\": nowhere)\n");
	for (size_t i = 0; i < N_NUMBERS; i++)
		fprintf(out, "  --%-8s N          %s (%llu to %llu, default %llu)\n", numbers[i].name, numbers[i].help,
			(unsigned long long)numbers[i].min, (unsigned long long)numbers[i].max,
			(unsigned long long)numbers[i].def);
	fprintf(out,
		"\nThe sizes of bursts and buffers change no verdict. Nor does the number of cores, but where a budget\n"
		"decides: its limit is leased to the cores in shares. Tests use them.\n");
}

static int
set_number(struct replay_tuning *tuning, const struct number *number, const char *text, struct seki_err *err)
{
	uint64_t value;

	if (seki_unit_parse(SEKI_UNIT_NONE, text, &value) < 0 || value < number->min || value > number->max)
		return seki_err_add(err, "seki replay", 0, "--%s '%s' is no number between %llu and %llu", number->name,
			text, (unsigned long long)number->min, (unsigned long long)number->max);
	memcpy((char *)tuning + number->offset, &value, sizeof(value));
	return 0;
}

enum {
	OPT_WRITE = N_NUMBERS,
	OPT_VERDICTS,
	OPT_INCIDENTS,
	OPT_LIST,
	OPT_JSON,
	OPT_HELP,
	OPT_END,
	OPT_CONF, /* which has no long name */
};

/* getopt's own words would bring whatever stands on the command line to the terminal as it is. */
static int
refuse_option(int option, const char *word, struct seki_err *err)
{
	const char short_option[] = {'-', (char)optopt, '\0'};

	if (option == ':')
		return seki_err_add(err, "seki replay", 0, "%s wants a value", word);
	/* Of a long option optopt is 0, or one of the small numbers below if it takes no value and was given one. */
	return seki_err_add(err, "seki replay", 0, "there is no option '%s'", optopt < ' ' ? word : short_option);
}

/* 0; 1: help was asked for and given; -EINVAL. */
static int
set_option(struct replay_options *options, int option, const char *value, struct seki_err *err)
{
	switch (option) {
	case 'c':
		options->conf = value;
		return 0;
	case OPT_WRITE:
		options->write = value;
		return 0;
	case OPT_VERDICTS:
		options->verdicts = value;
		return 0;
	case OPT_INCIDENTS:
		options->incidents = value;
		return 0;
	case OPT_LIST:
		options->list = value;
		return 0;
	case OPT_JSON:
		options->json = true;
		return 0;
	case OPT_HELP:
		print_usage(stdout);
		return 1;
	default:
		return set_number(&options->tuning, &numbers[option], value, err);
	}
}

static bool
is_complete(const struct replay_options *options, int n_words)
{
	bool single = options->conf != NULL && n_words == 1;
	bool single_only = options->conf != NULL || options->write != NULL || options->verdicts != NULL ||
			   options->json || options->incidents != NULL;

	return options->list == NULL ? single : n_words == 0 && !single_only;
}

int
replay_options_read(int argc, char **argv, struct replay_options *options, struct seki_err *err)
{
	struct option table[OPT_END + 1] = {
		[OPT_WRITE] = {"write", required_argument, NULL, OPT_WRITE},
		[OPT_VERDICTS] = {"verdicts", required_argument, NULL, OPT_VERDICTS},
		[OPT_INCIDENTS] = {"incidents", required_argument, NULL, OPT_INCIDENTS},
		[OPT_LIST] = {"list", required_argument, NULL, OPT_LIST},
		[OPT_JSON] = {"json", no_argument, NULL, OPT_JSON},
		[OPT_HELP] = {"help", no_argument, NULL, OPT_HELP},
	};
	uint32_t given = 0;
	int option, which, rc;

	for (int i = 0; i < (int)N_NUMBERS; i++) {
		table[i] = (struct option){numbers[i].name, required_argument, NULL, i};
		memcpy((char *)&options->tuning + numbers[i].offset, &numbers[i].def, sizeof(numbers[i].def));
	}
	/* The leading colon keeps getopt silent. */
	while ((option = getopt_long(argc, argv, ":c:", table, NULL)) != -1) {
		if (option == '?' || option == ':')
			return refuse_option(option, argv[optind - 1], err);
		which = option == 'c' ? OPT_CONF : option;
		if (given >> which & 1)
			return seki_err_add(err, "seki replay", 0, "%s%s is given twice", which == OPT_CONF ? "" : "--",
				which == OPT_CONF ? "-c" : table[which].name);
		given |= UINT32_C(1) << which;
		rc = set_option(options, option, optarg, err);
		if (rc != 0)
			return rc;
	}
	if (!is_complete(options, argc - optind)) {
		print_usage(stderr);
		return -EINVAL;
	}
	options->input = argv[optind];
	return 0;
}

static const char *
next_field(char **line)
{
	const char *field = strsep(line, "\t");

	return field == NULL || strcmp(field, "-") == 0 ? NULL : field;
}

/* "burst=7 cores=2" */
static bool
tune_job(struct replay_job *job, char *words, struct seki_err *err)
{
	char *word;

	while ((word = strsep(&words, " ")) != NULL) {
		char *value = strchr(word, '=');
		bool known = false;

		if (value == NULL)
			return false;
		*value++ = '\0';
		for (size_t i = 0; i < N_NUMBERS && !known; i++)
			known = strcmp(word, numbers[i].name) == 0 &&
				set_number(&job->tuning, &numbers[i], value, err) == 0;
		if (!known)
			return false;
	}
	return true;
}

static bool
add_job(struct replay_jobs *jobs, const struct replay_tuning *tuning, char *line, struct seki_err *err)
{
	struct replay_job *job;

	jobs->job = realloc(jobs->job, (jobs->n + 1) * sizeof(*jobs->job));
	if (jobs->job == NULL)
		return false;
	job = &jobs->job[jobs->n++];
	job->tuning = *tuning;
	job->conf = next_field(&line);
	job->input = next_field(&line);
	job->verdicts = next_field(&line);
	job->json = next_field(&line);
	job->incidents = NULL;
	job->write = next_field(&line);
	return job->conf != NULL && job->input != NULL && (line == NULL || tune_job(job, line, err));
}

static char *
read_text(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t room = 0;

	/* A text file has no zero byte: reading to one reads it all. */
	if (file == NULL || (getdelim(&text, &room, '\0', file) < 0 && !feof(file))) {
		free(text);
		text = NULL;
	}
	if (file != NULL)
		fclose(file);
	return text;
}

static int
read_list(const struct replay_options *options, struct replay_jobs *jobs, struct seki_err *err)
{
	char *rest, *line;

	jobs->text = read_text(options->list);
	if (jobs->text == NULL) {
		seki_err_add(err, options->list, 0, "cannot be read: %s", strerror(errno));
		return SEKI_EXIT_FAILURE;
	}
	rest = jobs->text;
	for (int number = 1; (line = strsep(&rest, "\n")) != NULL; number++) {
		if (*line == '\0' || add_job(jobs, &options->tuning, line, err))
			continue;
		seki_err_add(err, options->list, number,
			"a line has five fields with tabs between them, of which the first two name files, and perhaps "
			"a sixth with numbers");
		return SEKI_EXIT_USAGE;
	}
	return SEKI_EXIT_OK;
}

int
replay_jobs_read(const struct replay_options *options, struct replay_jobs *jobs, struct seki_err *err)
{
	if (options->list != NULL)
		return read_list(options, jobs, err);
	jobs->job = calloc(1, sizeof(*jobs->job));
	if (jobs->job == NULL) {
		seki_err_add(err, NULL, 0, "out of memory");
		return SEKI_EXIT_FAILURE;
	}
	jobs->n = 1;
	jobs->job[0] = (struct replay_job){
		.conf = options->conf,
		.input = options->input,
		.write = options->write,
		.verdicts = options->verdicts,
		.incidents = options->incidents,
		.json = options->json ? "-" : NULL,
		.tuning = options->tuning,
	};
	return SEKI_EXIT_OK;
}

void
replay_jobs_fini(struct replay_jobs *jobs)
{
	free(jobs->job);
	free(jobs->text);
}
