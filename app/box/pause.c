/* SPDX-License-Identifier: BSD-3-Clause */
#include "pause.h"

#include "box.h"
#include "wiring.h"

#include <rte_cycles.h>

/* Between two looks at the cores. */
#define LOOK_US 20

/* Every core's last full round was made under `phase`. */
static bool
all_in(const struct box *box, unsigned phase)
{
	for (unsigned i = 0; i < box->n_workers; i++)
		if (__atomic_load_n(&box->worker[i]->phase_seen, __ATOMIC_ACQUIRE) != phase)
			return false;
	return true;
}

static bool
reach(struct box *box, enum worker_phase phase, uint64_t until_ns)
{
	__atomic_store_n(&box->phase, phase, __ATOMIC_RELEASE);
	while (!(all_in(box, phase) && wire_is_empty(box))) {
		if (clock_mono_ns(&box->clock) >= until_ns)
			return false;
		rte_delay_us_sleep(LOOK_US);
	}
	return true;
}

bool
box_pause(struct box *box, uint64_t limit_ns)
{
	uint64_t until_ns = clock_mono_ns(&box->clock) + limit_ns;

	/* A core that still shows a phase of the last pause would be taken for one that has seen this one. */
	if (!all_in(box, WORKER_RUN))
		return false;
	if (reach(box, WORKER_NO_RX, until_ns) && reach(box, WORKER_FLUSH, until_ns) &&
		reach(box, WORKER_NO_RX, until_ns))
		return true;
	box_resume(box);
	return false;
}

void
box_resume(struct box *box)
{
	__atomic_store_n(&box->phase, WORKER_RUN, __ATOMIC_RELEASE);
}
