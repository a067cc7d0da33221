/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"
#include "printable.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rte_version.h>

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *usage; /* arguments, after a blank */
	const char *help;
	bool explains; /* has a --help of its own that says more */
} commands[] = {
	{"run", cmd_run, " -c FILE [-t]", "run the appliance (-t: time every stage of the packet path)", false},
	{"check", cmd_check, " FILE", "check a configuration file and say every mistake in it", false},
	{"replay", cmd_replay, " -c FILE IN.pcap [--write CLEAN.pcap] [--verdicts OUT.tsv] [--json] [--seed N]",
		"put a capture through the same packet path, offline", true},
	{"version", cmd_version, "", "say what this is and what it was built with", false},
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
		fprintf(out, "  seki %s%s\n      %s\n", commands[i].name, commands[i].usage, commands[i].help);
	fprintf(out, "  seki help [COMMAND]\n      say this, or how a command is used\n");
}

static const struct command *
find_command(const char *name)
{
	for (size_t i = 0; i < N_COMMANDS; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

static bool
asks_for_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static int
explain(const struct command *command)
{
	char name[] = "seki", help[] = "--help", *argv[] = {name, help, NULL};

	if (command->explains)
		return command->run(2, argv);
	printf("usage: seki %s%s\n\n%s\n", command->name, command->usage, command->help);
	return SEKI_EXIT_OK;
}

int
main(int argc, char **argv)
{
	const char *word = argc >= 2 ? argv[1] : NULL, *next = argc >= 3 ? argv[2] : NULL;
	char version[] = "version", *ask_version[] = {version, NULL};
	const struct command *command;

	if (word != NULL && argc == 2 && strcmp(word, "--version") == 0)
		return cmd_version(1, ask_version);
	if (word != NULL && (asks_for_help(word) || strcmp(word, "help") == 0)) {
		if (next == NULL) {
			print_usage(stdout);
			return SEKI_EXIT_OK;
		}
		word = next;
		next = "--help";
	}
	command = word == NULL ? NULL : find_command(word);
	if (command != NULL)
		return next != NULL && asks_for_help(next) ? explain(command) : command->run(argc - 1, argv + 1);
	if (word != NULL) {
		fprintf(stderr, "seki: there is no command '");
		seki_printable_put(word, stderr);
		fprintf(stderr, "'\n");
	}
	print_usage(stderr);
	return SEKI_EXIT_USAGE;
}
