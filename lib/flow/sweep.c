/* SPDX-License-Identifier: BSD-3-Clause */

/* Sweeping: the dead are cleared, and what flows remember of lists that are gone, before numbers come round again. */
#include "sweep.h"

#include "source.h"
#include "step.h"

#define ROUND_SHIFT 32

uint32_t
sweep_due(uint32_t n, uint64_t elapsed_ns, uint64_t *rest)
{
	unsigned __int128 parts = (unsigned __int128)elapsed_ns * n + *rest;

	if (elapsed_ns >> ROUND_SHIFT != 0) {
		*rest = 0;
		return n;
	}
	*rest = (uint64_t)parts & ((UINT64_C(1) << ROUND_SHIFT) - 1);
	return (uint32_t)(parts >> ROUND_SHIFT);
}

/*
 * In the next blocks, for one round after the policy has changed: flows that were checked under another policy than
 * that in force are unchecked. Wherever policies change faster than a round takes, it goes on, and so comes by
 * everywhere.
 */
static void
forget_lists(struct seki_flows *f, uint32_t n)
{
	for (; n > 0 && f->forget_left > 0; n--, f->forget_left--) {
		uint32_t first = f->forget_at * SEKI_CUCKOO_BLOCK;

		f->forget_at = (f->forget_at + 1) % seki_cuckoo_blocks(&f->table);
		for (unsigned s = 0; s < SEKI_CUCKOO_BLOCK; s++) {
			uint64_t *state = &seki_cuckoo_slot(&f->table, first + s)->state;

			if (flow_is_open(*state) && flow_gen_of(*state) != f->list_gen)
				*state = flow_with_gen(*state, 0);
		}
	}
}

void
seki_flows_sweep(struct seki_flows *f, uint64_t now_ns)
{
	uint64_t elapsed = now_ns > f->swept_ns ? now_ns - f->swept_ns : 0;
	uint32_t n;

	if (elapsed == 0)
		return;
	f->swept_ns = now_ns;
	if (elapsed >= SWEEP_LEAP_NS)
		seki_cuckoo_clear(&f->table); /* nobody is alive, though after so long ticks may say so */
	n = sweep_due(seki_cuckoo_blocks(&f->table), elapsed, &f->sweep_rest);
	forget_lists(f, n);
	seki_cuckoo_sweep(&f->table, flow_tick(now_ns), n);
	if (f->sources != NULL)
		seki_sources_sweep(f->sources, now_ns, elapsed);
}

void
seki_sources_sweep(struct seki_sources *s, uint64_t now_ns, uint64_t elapsed_ns)
{
	uint32_t n = sweep_due(seki_cuckoo_blocks(&s->rates), elapsed_ns, &s->rates_rest);

	for (unsigned i = 0; i < SEKI_N_TOPS && s->names; i++)
		seki_top_forget(&s->top[i], now_ns);
	if (elapsed_ns >= SWEEP_LEAP_NS) {
		/* Nobody is alive, though after so long ticks may say so. */
		seki_cuckoo_clear(&s->rates);
		seki_cuckoo_clear(&s->known);
	}
	seki_cuckoo_sweep(&s->rates, (uint16_t)(now_ns >> SEKI_SOURCE_SHIFT), n);
	n = sweep_due(seki_cuckoo_blocks(&s->known), elapsed_ns, &s->known_rest);
	seki_cuckoo_sweep(&s->known, flow_tick(now_ns), n);
}
