/* SPDX-License-Identifier: BSD-3-Clause */
#include "cpus.h"

#include <stdio.h>

const char *
seki_cpus_allowed(char text[SEKI_CPUS_TEXT])
{
	size_t n = 0;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return NULL;
	text[0] = '\0';
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &set))
			n += (size_t)snprintf(text + n, SEKI_CPUS_TEXT - n, "%s%d", n == 0 ? "" : ",", cpu);
	return text;
}
