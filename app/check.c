/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmd.h"
int cmd_check(int argc, char **argv) { (void)argc; (void)argv; return SEKI_EXIT_FAILURE; }
