/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BENCH_H
#define SEKI_BENCH_H

/* What the benchmark programs share: DPDK's heap, the clock, an end with a reason. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

static inline __attribute__((noreturn)) void
bench_die(const char *what)
{
	fprintf(stderr, "bench: %s: %s\n", what, rte_strerror(rte_errno));
	exit(1);
}

/* Zeroed, from DPDK's heap. */
static inline void *
bench_alloc(size_t bytes)
{
	void *p = rte_zmalloc("bench", bytes, 64);

	if (p == NULL)
		bench_die("no memory");
	return p;
}

/* EAL with so many megabytes, of huge pages if there is a directory for them. Libraries say nothing but what is fatal. */
static inline void
bench_start_eal(const char *megabytes, const char *huge_dir)
{
	static char memory[16], pages[256], prefix[64];
	char *argv[] = {"bench", "-m", memory, "--no-pci", "--no-telemetry", "--no-shconf", "--file-prefix", prefix,
		"--log-level=*:critical", "--lcores", "0", pages, NULL};

	snprintf(memory, sizeof(memory), "%s", megabytes);
	snprintf(prefix, sizeof(prefix), "seki-bench-%d", (int)getpid());
	snprintf(pages, sizeof(pages), huge_dir == NULL ? "--no-huge" : "--huge-dir=%s", huge_dir);
	if (rte_eal_init(12, argv) < 0)
		bench_die("EAL does not start");
}

static inline double
bench_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

#endif
