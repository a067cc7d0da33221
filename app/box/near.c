/* SPDX-License-Identifier: BSD-3-Clause */
#include "near.h"

#include <sys/mman.h>

#include <numa.h>

/* From so many bytes on large pages are asked for; counters of zones that nobody uses stay in small ones. */
#define HUGE_BYTES ((size_t)16 << 20)

int
cpu_node(unsigned cpu)
{
	int node = numa_available() < 0 ? 0 : numa_node_of_cpu((int)cpu);

	return node < 0 ? 0 : node;
}

void *
near_alloc(size_t bytes, unsigned cpu)
{
	void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return NULL;
	/* Tables are read here and there: with large pages most lookups find the address translated. */
	if (bytes >= HUGE_BYTES)
		madvise(memory, bytes, MADV_HUGEPAGE);
	/* A wish, not an order: memory from the far node is slower, none at all is worse. */
	if (numa_available() >= 0)
		numa_tonode_memory(memory, bytes, cpu_node(cpu));
	return memory;
}

void
near_free(void *memory, size_t bytes)
{
	if (memory != NULL)
		munmap(memory, bytes);
}
