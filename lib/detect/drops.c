/* SPDX-License-Identifier: BSD-3-Clause */
#include "drops.h"

#include "watch.h"

#include <endian.h>

/* Of this tick the zone has no sample yet that says the same. */
static bool
is_new(struct drops_zone *z, uint32_t tick, uint8_t reason)
{
	uint64_t bit = UINT64_C(1) << reason;
	bool fresh;

	if (z->tick != tick)
		*z = (struct drops_zone){.tick = tick};
	fresh = (z->reasons & bit) == 0;
	z->reasons |= bit;
	return fresh;
}

/* Of IPv6 the host is not in a sample. */
static struct seki_prefix
inside_of(const struct seki_sample *sample)
{
	struct seki_prefix of = {.family = sample->family, .len = sample->family == 4 ? 32 : 64};
	uint64_t net = htobe64(sample->net);

	memcpy(of.addr, &net, sizeof(net));
	return of;
}

void
drops_keep(struct seki_detect *d, const struct seki_sample *sample)
{
	struct seki_drop drop = {.sample = *sample};
	struct seki_prefix of = inside_of(sample);
	struct seki_vector_posture p;

	if (seki_drop_reason(&drop) == SEKI_REASON_NONE ||
		!seki_detect_posture(d, sample->zone, sample->features.vector, &p) ||
		!is_new(&d->drops.zone[sample->zone], d->collect.tick, seki_drop_reason(&drop)))
		return;
	drop.number = ++d->drops.n;
	drop.wall_ns = d->wall_ns - (d->now_ns > sample->time_ns ? d->now_ns - sample->time_ns : 0);
	drop.state = p.state;
	drop.step = p.step;
	drop.overridden = p.overridden;
	drop.guarded = p.guarded;
	drop.observes = d->zone[sample->zone]->observes;
	drop.offered_pps = p.offered_pps;
	drop.passed_pps = p.passed_pps;
	drop.n_levels = (uint8_t)seki_detect_levels(d, sample->zone, &of, sample->features.vector, drop.level);
	d->drops.ring[drop.number % SEKI_DROPS_MAX] = drop;
}

void
seki_detect_drops(const struct seki_detect *d, uint64_t *first, uint64_t *last)
{
	*last = d->drops.n;
	*first = d->drops.n > SEKI_DROPS_MAX ? d->drops.n - SEKI_DROPS_MAX + 1 : d->drops.n > 0;
}

const struct seki_drop *
seki_detect_drop(const struct seki_detect *d, uint64_t number)
{
	uint64_t first, last;

	seki_detect_drops(d, &first, &last);
	return number != 0 && number >= first && number <= last ? &d->drops.ring[number % SEKI_DROPS_MAX] : NULL;
}
