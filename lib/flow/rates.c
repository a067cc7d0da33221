/* SPDX-License-Identifier: BSD-3-Clause */
/* Exact windows, and what is held against them. */
#include "rates.h"

#include "flow_state.h"

#include <assert.h>

/* Sources that one burst may nominate. */
#define NOMINATIONS 4

/* Who sends most stays: a flood of newcomers does not wash out the heavy. All are of one rank. */
uint32_t
rates_worth(uint64_t word, uint16_t now)
{
	uint32_t current = (uint32_t)word & SEKI_WINDOW_MAX;
	uint32_t previous = (uint32_t)(word >> SEKI_WINDOW_BITS) & SEKI_WINDOW_MAX;
	uint32_t most = current > previous ? current : previous;

	(void)now;
	return most < UINT16_MAX ? most : UINT16_MAX;
}

static_assert(2 * SEKI_WINDOW_BITS == SEKI_CUCKOO_GROUP_SHIFT, "the label of a window is the group of its entry");

/* True if one more may be nominated in this burst. */
static bool
may_nominate(struct seki_sources *s, uint64_t now_ns)
{
	if (s->nominated_ns != now_ns) {
		s->nominated_ns = now_ns;
		s->nominated = 0;
	}
	return s->nominated < NOMINATIONS;
}

/* An entry's counts brought to the present. */
static void
roll(const struct charge *c, uint32_t index)
{
	uint64_t *word = &seki_cuckoo_slot(&c->s->rates, index)->state, rolled = seki_window_roll(*word, c->t);
	uint16_t age = (uint16_t)(seki_cuckoo_dead(rolled) - seki_cuckoo_dead(*word));
	struct source_side *side = &c->s->side[index];

	*word = rolled;
	if (age == 1)
		*side = (struct source_side){
			{0, side->packets[0]}, {0, side->bytes[0]}, {0, side->syns[0]}, {0, side->flows[0]}};
	else if (age > 1)
		*side = (struct source_side){{0}, {0}, {0}, {0}};
}

/* The exact entry of a digest, made if need be, brought to the present. SEKI_CUCKOO_NONE: there is none. */
static uint32_t
entry_of(const struct charge *c, uint64_t digest)
{
	struct seki_sources *s = c->s;
	uint32_t index = seki_cuckoo_find(&s->rates, digest, c->t.window);
	bool is_new;

	if (index != SEKI_CUCKOO_NONE) {
		roll(c, index);
		return index;
	}
	if (may_nominate(s, c->pkt->arrival_ns))
		index = seki_cuckoo_put(&s->rates, digest, seki_window_start(c->t, c->pkt->zone), c->t.window, &is_new);
	if (index == SEKI_CUCKOO_NONE) {
		s->stats.not_nominated++;
		return index;
	}
	s->nominated++;
	s->stats.nominated++;
	s->side[index] = (struct source_side){{0}, {0}, {0}, {0}};
	return index;
}

/* `current` and what of `previous` is still within the window. */
static inline uint64_t
estimate(const struct charge *c, uint64_t current, uint64_t previous)
{
	return current + (previous * (65536u - c->t.passed) >> 16);
}

static inline bool
is_over(uint64_t have, uint32_t more, uint64_t limit)
{
	return more != 0 && limit != 0 && have + more > limit;
}

/* The entry has sent that, whether it may or not. */
static inline void
send(const struct charge *c, uint32_t index)
{
	uint64_t *word = &seki_cuckoo_slot(&c->s->rates, index)->state;

	*word = seki_window_add(*word, c->packets);
}

/* Whether the charge would bring the entry over `times` the limits. */
static enum seki_source_verdict
judge(const struct charge *c, uint32_t index, const struct seki_source_limits *l, uint64_t times)
{
	const struct source_side *side = &c->s->side[index];

	if (is_over(estimate(c, side->packets[0], side->packets[1]), c->packets, l->packets * times))
		return SEKI_SOURCE_PACKETS;
	if (is_over(estimate(c, side->bytes[0], side->bytes[1]), c->bytes, l->bytes * times))
		return SEKI_SOURCE_BYTES;
	if (is_over(estimate(c, side->syns[0], side->syns[1]), c->syns, l->syns * times))
		return SEKI_SOURCE_SYNS;
	if (is_over(estimate(c, side->flows[0], side->flows[1]), c->flows, l->flows * times))
		return SEKI_SOURCE_FLOWS;
	return SEKI_SOURCE_WITHIN;
}

enum seki_source_verdict
rates_judge(struct charge *c, uint64_t digest, const struct seki_source_limits *limits, uint64_t times)
{
	uint32_t index = entry_of(c, digest);
	enum seki_source_verdict over;

	if (index == SEKI_CUCKOO_NONE)
		return SEKI_SOURCE_WITHIN;
	over = judge(c, index, limits, times);
	assert(c->n < sizeof(c->entry) / sizeof(c->entry[0]));
	if (over == SEKI_SOURCE_WITHIN)
		c->entry[c->n++] = (struct entry){digest, limits, times};
	return over;
}

/* An entry that another one's coming has displaced is found again, or is gone. */
void
rates_take(const struct charge *c)
{
	for (unsigned i = 0; i < c->n; i++) {
		uint32_t index = seki_cuckoo_find(&c->s->rates, c->entry[i].digest, c->t.window);
		struct source_side *side;

		if (index == SEKI_CUCKOO_NONE)
			continue;
		send(c, index);
		side = &c->s->side[index];
		side->packets[0] += c->packets;
		side->bytes[0] += c->bytes;
		side->syns[0] += c->syns;
		side->flows[0] += c->flows;
	}
}

bool
rates_have_room(struct charge *c)
{
	c->packets = FLOW_ROUND;
	c->bytes *= FLOW_ROUND;
	for (unsigned i = 0; i < c->n; i++) {
		const struct entry *e = &c->entry[i];
		uint32_t index = seki_cuckoo_find(&c->s->rates, e->digest, c->t.window);

		if (e->limits != NULL && index != SEKI_CUCKOO_NONE &&
			judge(c, index, e->limits, e->times) != SEKI_SOURCE_WITHIN)
			return false;
	}
	return true;
}

void
rates_refuse(const struct charge *c)
{
	uint32_t index = seki_cuckoo_find(&c->s->rates, c->pkt->digest, c->t.window);

	if (index != SEKI_CUCKOO_NONE)
		send(c, index);
}

uint32_t
rates_sent(const struct charge *c)
{
	uint32_t index = seki_cuckoo_find(&c->s->rates, c->pkt->digest, c->t.window);

	return index == SEKI_CUCKOO_NONE ? 0 : seki_window_estimate(seki_cuckoo_slot(&c->s->rates, index)->state, c->t);
}
