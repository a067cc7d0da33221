/* SPDX-License-Identifier: BSD-3-Clause */
/* What clients have proven, and blocks. Entries have the words of flows (state.h), with kinds of their own. */
#include "known.h"

#include "flow_state.h"
#include "key.h"

/* After the last handshake or round of packets, after the last answer. */
#define VERIFIED_TICKS FLOW_TICKS(3600)
#define FAMILIAR_TICKS FLOW_TICKS(7200)

/* After the last packet that was charged. */
#define SPARED_TICKS FLOW_TICKS(60)

#define CONNECTIONS_MAX 0xffffu

uint32_t
known_worth(uint64_t state, uint16_t now)
{
	return (uint32_t)flow_rank_of(state) << 16 | (uint16_t)(seki_cuckoo_dead(state) - now);
}

static uint64_t
digest_of(const struct seki_sources *s, enum key_kind kind, const struct pkt *pkt, uint16_t more)
{
	struct seki_block key;
	uint64_t digest;

	key_source(&key, kind, pkt, KEY_64, more);
	seki_digest_burst(s->digest, &key, 1, &digest, 1);
	return digest;
}

/* The state of the entry, or NULL. */
static uint64_t *
find(const struct seki_sources *s, enum key_kind kind, const struct pkt *pkt, uint16_t more)
{
	uint32_t index = seki_cuckoo_find(&s->known, digest_of(s, kind, pkt, more), flow_tick(pkt->arrival_ns));

	return index == SEKI_CUCKOO_NONE ? NULL : &seki_cuckoo_slot(&s->known, index)->state;
}

/* The state of the entry, made if need be (*is_new), and living for `ticks` from now. NULL: no room. */
static uint64_t *
keep(struct seki_sources *s, enum key_kind kind, const struct pkt *pkt, uint16_t more, uint64_t state, uint16_t ticks,
	bool *is_new)
{
	uint16_t now = flow_tick(pkt->arrival_ns), dead = (uint16_t)(now + ticks);
	uint64_t *kept;
	uint32_t index;

	index = seki_cuckoo_put(&s->known, digest_of(s, kind, pkt, more), seki_cuckoo_until(state, dead), now, is_new);
	if (index == SEKI_CUCKOO_NONE)
		return NULL;
	kept = &seki_cuckoo_slot(&s->known, index)->state;
	*kept = seki_cuckoo_until(*kept, dead);
	return kept;
}

void
seki_source_verified(struct seki_sources *s, const struct pkt *pkt)
{
	uint64_t state = flow_state(KNOWN_VERIFIED, RANK_VERIFIED, pkt->zone, 0), *kept;
	bool is_new;

	kept = keep(s, KEY_VERIFIED, pkt, 0, state, VERIFIED_TICKS, &is_new);
	if (kept == NULL)
		return;
	s->stats.verified += is_new;
	*kept = flow_with_rank(*kept, RANK_VERIFIED);
	*kept += (*kept & CONNECTIONS_MAX) < CONNECTIONS_MAX;
}

void
known_lives(struct seki_sources *s, const struct pkt *pkt)
{
	uint64_t *state = find(s, KEY_VERIFIED, pkt, 0);

	if (state != NULL)
		*state = seki_cuckoo_until(*state, (uint16_t)(flow_tick(pkt->arrival_ns) + VERIFIED_TICKS));
}

void
seki_source_closed(struct seki_sources *s, const struct pkt *pkt)
{
	uint64_t *state = find(s, KEY_VERIFIED, pkt, 0);

	if (state == NULL)
		return;
	*state -= (*state & CONNECTIONS_MAX) > 0;
	if ((*state & CONNECTIONS_MAX) == 0)
		*state = flow_with_rank(*state, RANK_HALF);
}

struct known_source
known_source(const struct seki_sources *s, const struct pkt *pkt)
{
	const uint64_t *state = find(s, KEY_VERIFIED, pkt, 0);

	return (struct known_source){state != NULL, state == NULL ? 0 : (uint32_t)(*state & CONNECTIONS_MAX)};
}

bool
seki_source_is_verified(const struct seki_sources *s, const struct pkt *pkt)
{
	return find(s, KEY_VERIFIED, pkt, 0) != NULL;
}

/*
 * The low half of a familiar source's word is a theoretical arrival time, in units that come round after 4.9 hours,
 * twice as long as it can go without being brought to the present. Until the source is familiar (KNOWN_FAMILIAR) it is
 * the time at which it was first heard.
 */
#define FAMILIAR_AFTER (uint32_t)(UINT64_C(10000000000) >> SEKI_FAMILIAR_SHIFT)

static uint32_t
familiar_now(const struct pkt *pkt)
{
	return (uint32_t)(pkt->arrival_ns >> SEKI_FAMILIAR_SHIFT);
}

static uint32_t
familiar_ahead(uint64_t state, uint32_t now)
{
	int32_t ahead = (int32_t)((uint32_t)state - now);

	return ahead > 0 ? (uint32_t)ahead : 0;
}

static uint64_t
with_low(uint64_t state, uint32_t low)
{
	return (state & ~(uint64_t)UINT32_MAX) | low;
}

void
seki_source_make_familiar(struct seki_sources *s, const struct pkt *pkt)
{
	uint32_t now = familiar_now(pkt);
	uint64_t *kept;
	bool is_new;

	kept = keep(s, KEY_FAMILIAR, pkt, pkt->sport, flow_state(KNOWN_SEEN, RANK_HALF, pkt->zone, 0) | now,
		FAMILIAR_TICKS, &is_new);
	if (kept == NULL || is_new)
		return;
	if (flow_kind_of(*kept) == KNOWN_FAMILIAR)
		*kept = with_low(*kept, now + familiar_ahead(*kept, now));
	else if (now - (uint32_t)*kept >= FAMILIAR_AFTER)
		*kept = with_low(flow_with_kind(*kept, KNOWN_FAMILIAR), now);
}

/* One packet against the time in the low half of the state. */
static bool
charge(uint64_t *state, uint32_t now, uint32_t interval)
{
	const uint32_t second = 1000000000 >> SEKI_FAMILIAR_SHIFT;
	uint32_t ahead = familiar_ahead(*state, now);

	if (ahead + interval > second) {
		*state = with_low(*state, now + ahead);
		return false;
	}
	*state = with_low(*state, now + ahead + interval);
	return true;
}

bool
seki_source_charge_familiar(struct seki_sources *s, const struct pkt *pkt, uint32_t interval)
{
	uint64_t *state = find(s, KEY_FAMILIAR, pkt, pkt->sport);

	if (state == NULL || flow_kind_of(*state) != KNOWN_FAMILIAR)
		return false;
	*state = seki_cuckoo_until(*state, (uint16_t)(flow_tick(pkt->arrival_ns) + FAMILIAR_TICKS));
	return charge(state, familiar_now(pkt), interval);
}

bool
seki_source_charge_proven(struct seki_sources *s, const struct pkt *pkt, uint32_t interval)
{
	uint32_t now = familiar_now(pkt);
	uint64_t *state;
	bool is_new;

	if (interval == 0 || find(s, KEY_VERIFIED, pkt, 0) == NULL)
		return false;
	state = keep(s, KEY_SPARED, pkt, pkt->vector, flow_state(KNOWN_SPARED, RANK_HALF, pkt->zone, 0) | now,
		SPARED_TICKS, &is_new);
	return state != NULL && charge(state, now, interval);
}

void
known_block(struct seki_sources *s, const struct pkt *pkt, uint16_t ticks)
{
	uint64_t until_ns = pkt->arrival_ns + ((uint64_t)(ticks + 1) << FLOW_TICK_SHIFT);
	bool is_new;

	if (keep(s, KEY_BLOCKED, pkt, 0, flow_state(KNOWN_BLOCKED, RANK_HALF, pkt->zone, 0), ticks, &is_new) == NULL)
		return;
	s->stats.blocked += is_new;
	s->blocked_until_ns = until_ns > s->blocked_until_ns ? until_ns : s->blocked_until_ns;
}

bool
known_blocked(const struct seki_sources *s, const struct pkt *pkt)
{
	return find(s, KEY_BLOCKED, pkt, 0) != NULL && find(s, KEY_VERIFIED, pkt, 0) == NULL;
}
