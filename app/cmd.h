/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CMD_H
#define SEKI_CMD_H

/* The subcommands of `seki`. argv[0] is the subcommand's own name; each returns the exit code. */

/* Exit codes, as sysexits(3) has them where it has them. */
enum {
	SEKI_EXIT_OK = 0,
	SEKI_EXIT_FAILURE = 1, /* it started and could not go on; stderr says why */
	SEKI_EXIT_USAGE = 2,
	SEKI_EXIT_CONFIG = 78, /* EX_CONFIG: the configuration is wrong; stderr has file:line: sentence */
};

int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_version(int argc, char **argv);

#endif
