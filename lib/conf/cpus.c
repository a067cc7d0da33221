/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <pthread.h>
#include <unistd.h>

static cpu_set_t machine;

static void
find_cpus(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (sched_getaffinity(0, sizeof(machine), &machine) == 0)
		return;
	/* A machine with more CPUs than cpu_set_t holds: take those that it does hold. */
	CPU_ZERO(&machine);
	for (long i = 0; i < n && i < CPU_SETSIZE; i++)
		CPU_SET(i, &machine);
}

/*
 * Asked once, at the first configuration: later EAL pins the asking thread to one CPU, and a reload would find
 * only that.
 */
const cpu_set_t *
conf_machine_cpus(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_cpus);
	return &machine;
}
