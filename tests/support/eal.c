/* SPDX-License-Identifier: BSD-3-Clause */
#include "eal.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>

static pid_t eal_owner;

/* EAL leaves its runtime directory behind; children that Check forked must not take it from their parent. */
static void
stop_eal(void)
{
	char dir[256];

	if (getpid() != eal_owner)
		return;
	snprintf(dir, sizeof(dir), "%s", rte_eal_get_runtime_dir());
	rte_eal_cleanup();
	if (rmdir(dir) != 0)
		fprintf(stderr, "%s is not empty and stays\n", dir);
}

static unsigned
first_cpu(void)
{
	cpu_set_t set;
	unsigned cpu = 0;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		while (cpu < CPU_SETSIZE - 1 && !CPU_ISSET(cpu, &set))
			cpu++;
	return cpu;
}

void
test_eal_start(unsigned memory_mb)
{
	char memory[16], cores[16], prefix[48];
	char *argv[] = {"test", "--no-huge", "-m", memory, "--lcores", cores, "--no-pci", "--no-telemetry",
		"--no-shconf", "--file-prefix", prefix, "--log-level=*:error", getenv("SEKI_TEST_EAL_ARGUMENT"), NULL};
	int argc = 0;

	snprintf(memory, sizeof(memory), "%u", memory_mb);
	snprintf(cores, sizeof(cores), "0@%u", first_cpu());
	snprintf(prefix, sizeof(prefix), "seki-test-%d", (int)getpid());
	while (argv[argc] != NULL)
		argc++;
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "EAL does not start here: %s\n", rte_strerror(rte_errno));
		exit(77);
	}
	eal_owner = getpid();
	atexit(stop_eal);
}

size_t
test_eal_used(void)
{
	struct rte_malloc_socket_stats stats;
	size_t used = 0;

	for (int socket = 0; socket < RTE_MAX_NUMA_NODES; socket++)
		if (rte_malloc_get_socket_stats(socket, &stats) == 0)
			used += stats.heap_allocsz_bytes;
	return used;
}
