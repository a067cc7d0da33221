/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include <rte_version.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage; /* arguments */
	const char *help;
} commands[] = {
	{"run", cmd_run, "-c FILE [-t]", "run the appliance (-t: time every stage of the packet path)"},
	{"check", cmd_check, "FILE", "check a configuration file and say every mistake in it"},
	{"replay", cmd_replay, "-c FILE IN.pcap [--write CLEAN.pcap] [--verdicts OUT.tsv] [--json] [--seed N]",
		"put a capture through the same packet path, offline"},
	{"version", cmd_version, "", "say what this is and what it was built with"},
};
#define N_COMMANDS (sizeof(commands) / sizeof(commands[0]))

int
cmd_version(int argc, char **argv)
{
	(void)argv;
	if (argc != 1) {
		fprintf(stderr, "usage: seki version\n");
		return SEKI_EXIT_USAGE;
	}
	printf("seki %s, %s, built for %s\n", SEKI_VERSION, rte_version(), SEKI_CPU);
	return SEKI_EXIT_OK;
}

static void
print_usage(FILE *out)
{
	fprintf(out, "usage: seki COMMAND ...\n\n");
	for (size_t i = 0; i < N_COMMANDS; i++)
		fprintf(out, "  seki %s %s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
}

int
main(int argc, char **argv)
{
	if (argc >= 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		print_usage(stdout);
		return SEKI_EXIT_OK;
	}
	for (size_t i = 0; argc >= 2 && i < N_COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (argc >= 2)
		fprintf(stderr, "seki: there is no command '%s'\n", argv[1]);
	print_usage(stderr);
	return SEKI_EXIT_USAGE;
}
