/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_EAL_H
#define SEKI_EAL_H

/*
 * EAL from the configuration: lcore 0 is management on cores.main, lcore i + 1 is spec.core[i]; two lcores may share a
 * CPU. Only the devices that the configuration names are opened. Without huge pages the memory is the one that
 * plan_memory computed.
 */

#include "err.h"
#include "spec.h"

#include <stddef.h>

struct eal_request {
	const struct seki_spec *spec;
	size_t memory_bytes; /* with --no-huge, unless spec says otherwise */
	/* Offline: no devices, one lcore, no telemetry, nothing in the runtime directory that collides. */
	bool offline;
};

/* lcore of spec.core[i]. */
static inline unsigned
eal_lcore(unsigned i)
{
	return i + 1;
}

/* Starts EAL. 0, or -errno with a sentence in `err`. Once per process, before any other thread. */
int eal_start(const struct eal_request *request, struct seki_err *err);

#endif
