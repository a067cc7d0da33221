/* SPDX-License-Identifier: BSD-3-Clause */

/* Windows of the hosts of a block: what becomes of them in ticks without packets, and the longest one. */
#include "tree.h"

/* A tick without packets. */
static void
hosts_step(struct hosts *h)
{
	uint32_t *slot;

	hosts_open(h, ++h->at);
	slot = h->tick[h->at % SPAN_SLOTS];
	for (unsigned i = 0; i < HOST_LANES; i++)
		h->in_second[i] -= slot[i];
	memset(slot, 0, sizeof(h->tick[0]));
}

/* On to a tick, where all of them up to it are without packets, and so are those of the last second. */
static void
hosts_skip(struct hosts *h, uint32_t tick)
{
	uint32_t first = h->at / SPAN_TICKS_A_SECOND + 1, last = tick / SPAN_TICKS_A_SECOND;

	for (uint32_t second = first; second <= last; second++)
		memset(hosts_second_before(h, second * SPAN_TICKS_A_SECOND), 0, sizeof(h->second[0]));
	h->at = tick;
}

void
hosts_advance(struct hosts *h, uint32_t tick)
{
	if (tick - h->at > SPAN_SLOTS * SPAN_TICKS_A_SECOND)
		*h = (struct hosts){.at = tick - 1};
	for (unsigned n = 0; n < SPAN_SLOTS && h->at != tick && h->at + 1 != tick; n++)
		hosts_step(h);
	if (h->at != tick && h->at + 1 != tick)
		hosts_skip(h, tick - 1);
}

void
hosts_bring(struct hosts *h, uint32_t tick)
{
	hosts_advance(h, tick);
	if (h->at != tick)
		hosts_step(h);
}

/* Shares out to one of the two lanes of hosts, in a slot, in proportion to what came to them now, in all `sum`. */
static void
share_out(struct hosts *h, uint32_t *slot, unsigned lane, const uint32_t now[HOST_LANES], uint64_t sum, uint32_t owed)
{
	for (unsigned i = lane; i < HOST_LANES; i += 2) {
		uint32_t part = (uint32_t)((uint64_t)owed * now[i] / sum);

		slot[i] += part;
		h->in_second[i] += part;
	}
}

bool
hosts_settle(struct hosts *h, uint32_t tick)
{
	uint32_t *last = h->tick[tick % SPAN_SLOTS], *before = h->tick[(tick + SPAN_SLOTS - 1) % SPAN_SLOTS];
	bool old = h->old_at + 1 == tick && (h->old[0] | h->old[1]) != 0, told = false;
	uint32_t now[HOST_LANES];

	if ((h->owed[0] | h->owed[1]) == 0 && !old)
		return false;
	memcpy(now, last, sizeof(now));
	for (unsigned lane = 0; lane < 2 && h->at == tick; lane++) {
		uint64_t sum = 0;

		for (unsigned i = lane; i < HOST_LANES; i += 2)
			sum += now[i];
		if (sum == 0)
			continue;
		told = true;
		share_out(h, last, lane, now, sum, h->owed[lane]);
		if (old)
			share_out(h, before, lane, now, sum, h->old[lane]);
	}
	memcpy(h->old, h->owed, sizeof(h->old));
	h->old_at = told ? 0 : tick;
	memset(h->owed, 0, sizeof(h->owed));
	h->near |= told;
	return told;
}

static_assert(SPAN_SLOTS == SPAN_TICKS_A_SECOND, "the slots from the first one on are of this second");

uint64_t
hosts_in_ten(const struct hosts *h, unsigned lane)
{
	uint64_t sum = 0;

	for (unsigned s = 0; s < HOST_SECONDS; s++)
		sum += h->second[s][lane];
	for (unsigned t = 0; t <= h->at % SPAN_TICKS_A_SECOND; t++)
		sum += h->tick[t][lane];
	return sum;
}
