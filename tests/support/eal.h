/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_EAL_H
#define SEKI_TEST_EAL_H

/*
 * EAL for a unit test: no huge pages, no devices, no telemetry socket, one lcore, a runtime directory of its own.
 *
 * Call once in main(), before the suite runs: Check forks each test, and a fork inherits what EAL has set up.
 * Exits with 77 (skipped, in meson's words) and a sentence where EAL cannot start. SEKI_TEST_EAL_ARGUMENT in the
 * environment is one more argument for EAL.
 */
#include <stddef.h>

void test_eal_start(unsigned memory_mb);

/* Bytes that rte_malloc and memzones now hold, over all sockets. */
size_t test_eal_used(void);

#endif
