/* SPDX-License-Identifier: BSD-3-Clause */
/* How much comes from whom: what is charged, to whom, by which limits. Exact windows are in rates.c, proofs in known.c.
 */
#include "source.h"

#include "key.h"
#include "known.h"
#include "rates.h"

#include <string.h>

/* An unverified source that sends so many times its packets is blocked, where the zone wants that. */
#define BLOCK_FACTOR 4

/* Ports of one block of a shared source, and what of the block's limits one port may take. */
#define PORTS_SHIFT 8
#define PORT_PART 2

/*
 * The sketch counts in parts of what a source may send: that many are all of it, and who has sent a quarter is
 * nominated. It counts to twice NOMINATE_MAX, so a prefix, whatever it may send, is nominated from there on.
 */
#define SKETCH_LIMIT 8192u
#define NOMINATE (SKETCH_LIMIT / 4)
#define NOMINATE_MAX 32768u

/* Parts have as many bits behind the point. */
#define WEIGHT_SHIFT 16

/* Sources of a flood are many to a line: a line for four exact entries keeps them apart well enough. */
static uint32_t
sketch_lines(uint64_t n_sources)
{
	return (uint32_t)(n_sources / 4 < 1024 ? 1024 : n_sources / 4);
}

static size_t
aligned(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static size_t
rates_bytes(uint64_t n_sources)
{
	return aligned(seki_cuckoo_bytes(seki_cuckoo_slots_for(n_sources)));
}

/* Bytes of the side array: as many entries as the table has slots. */
static size_t
side_bytes(uint64_t n_sources)
{
	return aligned((seki_cuckoo_slots_for(n_sources) + 63) * sizeof(struct source_side));
}

size_t
seki_sources_bytes(uint64_t n_sources)
{
	return sketch_lines(n_sources) * sizeof(struct seki_sketch_line) + 2 * rates_bytes(n_sources) +
	       side_bytes(n_sources);
}

void
seki_sources_init(struct seki_sources *s, void *memory, uint64_t n_sources, const struct seki_digest *digest)
{
	char *at = memory;

	memset(s, 0, sizeof(*s));
	s->digest = digest;
	s->sketch = (struct seki_sketch){memory, sketch_lines(n_sources)};
	at += s->sketch.n_lines * sizeof(*s->sketch.line);
	seki_cuckoo_init(&s->rates, at, seki_cuckoo_slots_for(n_sources), rates_worth);
	at += rates_bytes(n_sources);
	seki_cuckoo_init(&s->known, at, seki_cuckoo_slots_for(n_sources), known_worth);
	at += rates_bytes(n_sources);
	s->side = (struct source_side *)at;
	seki_cuckoo_set_side(&s->rates, s->side, sizeof(*s->side));
}

void
seki_sources_use(struct seki_sources *s, unsigned n_zones, bool names)
{
	seki_cuckoo_set_groups(&s->rates, n_zones);
	seki_cuckoo_set_groups(&s->known, n_zones);
	s->names = names;
	for (unsigned i = 0; i < SEKI_N_TOPS && !names; i++)
		seki_top_clear(&s->top[i]);
}

/*
 * The key of what a packet is charged to. What belongs to no flow may be forged, and is held to the limits apart from
 * what does: whoever writes a client's address on his packets takes nothing from what stands between it and the inside.
 */
static inline void
key_charged(struct seki_block *key, enum key_kind kind, const struct pkt *pkt, enum key_level level, uint16_t more)
{
	key_source(key, kind, pkt, level, more);
	key->q[1] |= (uint64_t)((pkt->flow & PKT_FLOW_KNOWN) == 0) << KEY_SOURCE_FREE_BIT;
}

/* Prefixes hold together what nobody has vouched for. */
static inline bool
is_held_by_prefixes(const struct pkt *pkt)
{
	return pkt->l3 == PKT_L3_IP6 && (pkt->flow & PKT_FLOW_VERIFIED) == 0;
}

/* The lines of the prefixes around sources; their digests are made once more where they are counted. */
static __attribute__((noinline)) void
look_at_prefixes(const struct seki_sources *s, const struct pkt *pkt, uint32_t which)
{
	struct seki_block key[PKT_BURST];
	uint64_t digest[PKT_BURST];

	for (enum key_level level = KEY_56; level < KEY_N_LEVELS; level++) {
		unsigned n = 0;

		for (uint32_t left = which; left != 0; left &= left - 1)
			key_charged(&key[n++], KEY_SOURCE, &pkt[__builtin_ctz(left)], level, 0);
		seki_digest_burst(s->digest, key, 1, digest, n);
		for (unsigned k = 0; k < n; k++)
			__builtin_prefetch(seki_sketch_line(&s->sketch, digest[k]), 1);
	}
}

void
seki_source_look_burst(const struct seki_sources *s, struct pkt *pkt, uint32_t which)
{
	struct seki_block key[PKT_BURST];
	uint64_t digest[PKT_BURST];
	uint32_t by_prefix = 0;
	unsigned n = 0;

	if (which == 0)
		return;
	for (uint32_t left = which; left != 0; left &= left - 1) {
		const struct pkt *p = &pkt[__builtin_ctz(left)];

		key_charged(&key[n++], KEY_SOURCE, p, KEY_64, 0);
		by_prefix |= is_held_by_prefixes(p) ? left & -left : 0;
	}
	seki_digest_burst(s->digest, key, 1, digest, n);
	for (unsigned k = 0; k < n; k++, which &= which - 1) {
		pkt[__builtin_ctz(which)].digest = digest[k];
		__builtin_prefetch(seki_sketch_line(&s->sketch, digest[k]), 1);
	}
	if (by_prefix != 0)
		look_at_prefixes(s, pkt, by_prefix);
}

/* What only some packets need is left as it is. */
static inline void
charge_begin(struct charge *c, struct seki_sources *s, const struct pkt *pkt, const struct seki_source_limits *limits)
{
	c->s = s;
	c->pkt = pkt;
	c->limits = limits;
	c->t = seki_window_at(pkt->arrival_ns, SEKI_SOURCE_SHIFT);
	c->packets = pkt->batch;
	c->bytes = (pkt->batch_bytes + SEKI_SOURCE_UNIT - 1) / SEKI_SOURCE_UNIT;
	c->syns = pkt->vector == SEKI_VECTOR_TCP_SYN;
	c->flows = (pkt->flow & (PKT_FLOW_NEW | PKT_FLOW_ASKED)) == PKT_FLOW_NEW;
	c->n = 0;
}

/* Parts of a limit that one of `limit` comes to. 0: nothing is limited. */
static uint32_t
weight_of(uint32_t limit)
{
	return limit == 0 ? 0 : (uint32_t)((((uint64_t)SKETCH_LIMIT << WEIGHT_SHIFT) + limit - 1) / limit);
}

void
seki_source_weigh(struct seki_source_limits *limits)
{
	limits->weight.packet = weight_of(limits->packets);
	limits->weight.unit = weight_of(limits->bytes);
	limits->weight.syn = weight_of(limits->syns);
	limits->weight.flow = weight_of(limits->flows);
	limits->weight.port = weight_of(limits->ports);
}

/* In whole parts. What was sent is never less. */
static inline uint32_t
parts(uint64_t weighed)
{
	return (uint32_t)((weighed + (1 << WEIGHT_SHIFT) - 1) >> WEIGHT_SHIFT);
}

static inline uint64_t
greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The largest part of a limit that the charge comes to, where a packet weighs that. */
static inline uint32_t
greatest_part(const struct charge *c, uint32_t packet)
{
	const struct seki_source_limits *l = c->limits;
	uint64_t most = greater((uint64_t)c->packets * packet, (uint64_t)c->bytes * l->weight.unit);

	most = greater(most, seki_window_if((int)c->syns, l->weight.syn));
	most = greater(most, seki_window_if((int)c->flows, l->weight.flow));
	return parts(most);
}

/* Counts in the sketch. Returns what it estimates. */
static inline uint32_t
sketch(const struct charge *c, uint64_t digest, uint32_t amount)
{
	return seki_sketch_add(seki_sketch_line(&c->s->sketch, digest), digest, c->t, amount);
}

/* A limit's part that one port may take; 0: no limit. */
static inline uint32_t
part_of(uint32_t limit)
{
	return limit == 0 ? 0 : limit < PORT_PART ? 1 : limit / PORT_PART;
}

/* Some of a shared source's ports: are they within `limits`? */
static bool
judge_some_ports(struct charge *c, enum key_kind kind, uint16_t ports, const struct seki_source_limits *limits)
{
	struct seki_block key;
	uint64_t digest;

	key_charged(&key, kind, c->pkt, KEY_64, ports);
	seki_digest_burst(c->s->digest, &key, 1, &digest, 1);
	return sketch(c, digest, greatest_part(c, c->limits->weight.port)) < NOMINATE ||
	       rates_judge(c, digest, limits, 1) == SEKI_SOURCE_WITHIN;
}

/*
 * A source that is many people: what comes from one block of its ports has windows of its own, with what a source may
 * send but for packets; and of that one port, a person's flow, may take a part.
 */
static enum seki_source_verdict
judge_ports(struct charge *c)
{
	const struct seki_source_limits *l = c->limits;
	uint16_t sport = c->pkt->sport;

	if (l->ports == 0)
		return SEKI_SOURCE_WITHIN;
	c->block =
		(struct seki_source_limits){.packets = l->ports, .bytes = l->bytes, .syns = l->syns, .flows = l->flows};
	c->port = (struct seki_source_limits){.packets = part_of(l->ports), .bytes = part_of(l->bytes)};
	if (!judge_some_ports(c, KEY_PORT, sport, &c->port) ||
		!judge_some_ports(c, KEY_PORTS, (uint16_t)(sport >> PORTS_SHIFT), &c->block))
		return SEKI_SOURCE_PORTS;
	/* What passes is the source's all the same, or so much of each window would pass without being any block's. */
	c->entry[c->n++] = (struct entry){.digest = c->pkt->digest};
	return SEKI_SOURCE_WITHIN;
}

/* Whether the source, which is counted exactly, sends so much that it is worth blocking. */
static bool
sends_far_too_much(const struct charge *c)
{
	uint64_t much = (uint64_t)c->limits->packets * BLOCK_FACTOR;

	return much != 0 && rates_sent(c) >= (much < SEKI_WINDOW_MAX ? much : SEKI_WINDOW_MAX);
}

/* Over the limits of a source of which nothing is known. What is known may raise them. */
static enum seki_source_verdict
judge_known(struct charge *c, enum seki_source_verdict over, bool shared)
{
	const struct seki_source_limits *l = c->limits;
	struct known_source known = known_source(c->s, c->pkt);

	if (shared || (l->shared_from != 0 && known.connections >= l->shared_from))
		return judge_ports(c);
	if (known.verified)
		return l->verified == 0 ? SEKI_SOURCE_WITHIN : rates_judge(c, c->pkt->digest, l, l->verified);
	if (l->block_ticks != 0 && c->pkt->flow == 0 && sends_far_too_much(c))
		known_block(c->s, c->pkt, l->block_ticks);
	return over;
}

static bool
is_vouched_for(const struct charge *c, bool shared)
{
	return shared || known_source(c->s, c->pkt).verified;
}

static inline uint32_t
at_most(uint32_t x, uint32_t max)
{
	return x < max ? x : max;
}

/* IPv6: the prefixes around the source, as far as they are nominated. */
static enum seki_source_verdict
judge_prefixes(struct charge *c, uint32_t amount, bool shared)
{
	enum seki_source_verdict over = SEKI_SOURCE_WITHIN;

	for (enum key_level level = KEY_56; level < KEY_N_LEVELS && over == SEKI_SOURCE_WITHIN; level++) {
		uint32_t factor = c->limits->factor[level];
		struct seki_block key;
		uint64_t digest;

		if (factor == 0)
			continue;
		key_charged(&key, KEY_SOURCE, c->pkt, level, 0);
		seki_digest_burst(c->s->digest, &key, 1, &digest, 1);
		if (sketch(c, digest, amount) >= at_most(NOMINATE * factor, NOMINATE_MAX))
			over = rates_judge(c, digest, c->limits, factor);
	}
	/* But whoever has proven himself, and whoever is many people, answers for himself alone. */
	return over == SEKI_SOURCE_WITHIN || is_vouched_for(c, shared) ? SEKI_SOURCE_WITHIN : over;
}

/* Is the source among the heaviest, and is the packet's flow? */
static __attribute__((noinline)) void
name_heavy(struct charge *c)
{
	struct seki_top *top = c->s->top;
	const struct pkt *pkt = c->pkt;
	struct seki_block key[3];
	uint64_t digest;

	key_source(key, KEY_NAMED, pkt, KEY_64, 0);
	seki_digest_burst(c->s->digest, key, 1, &digest, 1);
	if (!seki_top_count(&top[SEKI_TOP_SOURCES], SEKI_TOP_SOURCES, pkt, digest, c->t, sketch(c, digest, c->packets),
		    c->packets, pkt->batch_bytes) ||
		(pkt->flags & PKT_F_PORTS) == 0)
		return;
	seki_digest_burst(c->s->digest, key, key_flow(key, pkt), &digest, 1);
	seki_top_count(&top[SEKI_TOP_FLOWS], SEKI_TOP_FLOWS, pkt, digest, c->t, sketch(c, digest, c->packets),
		c->packets, pkt->batch_bytes);
}

enum seki_source_verdict
seki_source_charge(struct seki_sources *s, const struct pkt *pkt, const struct seki_source_limits *limits, bool shared)
{
	enum seki_source_verdict over = SEKI_SOURCE_WITHIN;
	struct charge c;
	uint32_t amount;

	charge_begin(&c, s, pkt, limits);
	if (__builtin_expect((~pkt->flow & (PKT_FLOW_ROUND | PKT_FLOW_VERIFIED)) == 0, 0))
		known_lives(s, pkt);
	amount = greatest_part(&c, limits->weight.packet);
	if (__builtin_expect(s->names, 0))
		name_heavy(&c);
	if (__builtin_expect(pkt->arrival_ns < s->blocked_until_ns, 0) && pkt->flow == 0 && !shared &&
		known_blocked(s, pkt))
		return SEKI_SOURCE_BLOCKED;
	if (sketch(&c, pkt->digest, amount) >= NOMINATE) {
		over = rates_judge(&c, pkt->digest, limits, limits->factor[KEY_64]);
		if (over != SEKI_SOURCE_WITHIN)
			over = judge_known(&c, over, shared);
	}
	if (over == SEKI_SOURCE_WITHIN && is_held_by_prefixes(pkt))
		over = judge_prefixes(&c, amount, shared);
	if (over != SEKI_SOURCE_WITHIN) {
		rates_refuse(&c);
		return over;
	}
	rates_take(&c);
	if (__builtin_expect((~pkt->flow & (PKT_FLOW_ROUND | PKT_FLOW_STRICT)) == 0, 0) && !rates_have_room(&c))
		return SEKI_SOURCE_FULL;
	return SEKI_SOURCE_WITHIN;
}
