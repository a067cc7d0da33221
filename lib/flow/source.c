/* SPDX-License-Identifier: BSD-3-Clause */
/* How much comes from whom. Who has proven what is in known.c. */
#include "source.h"

#include "key.h"
#include "known.h"
#include "state.h"

#include <assert.h>
#include <string.h>

/*
 * What of an entry has passed in the two windows of its word: [0] the current one, [1] the one before. The word itself
 * counts the packets that it sent, those that it was refused too: who is worth keeping, and who worth blocking.
 */
struct source_side {
	uint32_t packets[2];
	uint32_t bytes[2];
	uint32_t syns[2];
	uint32_t flows[2];
};

static_assert(sizeof(struct source_side) == 32, "two to a cache line");

/* Sources that one burst may nominate. */
#define NOMINATIONS 4

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

static uint64_t
slots_for(uint64_t n_sources)
{
	uint64_t n = n_sources * 20 / 17;

	return n < 1024 ? 1024 : n;
}

static size_t
aligned(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static size_t
rates_bytes(uint64_t n_sources)
{
	return aligned(seki_cuckoo_bytes(slots_for(n_sources)));
}

/* Bytes of the side array: as many entries as the table has slots. */
static size_t
side_bytes(uint64_t n_sources)
{
	return aligned((slots_for(n_sources) + 63) * sizeof(struct source_side));
}

size_t
seki_sources_bytes(uint64_t n_sources)
{
	return sketch_lines(n_sources) * sizeof(struct seki_sketch_line) + 2 * rates_bytes(n_sources) +
	       side_bytes(n_sources);
}

/* Who sends most stays: a flood of newcomers does not wash out the heavy. All are of one rank. */
static uint32_t
rate_worth(uint64_t word, uint16_t now)
{
	uint32_t current = (uint32_t)word & SEKI_WINDOW_MAX;
	uint32_t previous = (uint32_t)(word >> SEKI_WINDOW_BITS) & SEKI_WINDOW_MAX;
	uint32_t most = current > previous ? current : previous;

	(void)now;
	return most < UINT16_MAX ? most : UINT16_MAX;
}

static_assert(2 * SEKI_WINDOW_BITS == SEKI_CUCKOO_GROUP_SHIFT, "the label of a window is the group of its entry");

void
seki_sources_init(struct seki_sources *s, void *memory, uint64_t n_sources, const struct seki_digest *digest)
{
	char *at = memory;

	memset(s, 0, sizeof(*s));
	s->digest = digest;
	s->sketch = (struct seki_sketch){memory, sketch_lines(n_sources)};
	at += s->sketch.n_lines * sizeof(*s->sketch.line);
	seki_cuckoo_init(&s->rates, at, slots_for(n_sources), rate_worth);
	at += rates_bytes(n_sources);
	seki_cuckoo_init(&s->known, at, slots_for(n_sources), known_worth);
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

/* An entry, and so many times what it is held to. */
struct entry {
	uint64_t digest;
	const struct seki_source_limits *limits; /* NULL: it is only counted */
	uint64_t times;
};

/* One packet's charge, and the entries that it falls under. */
struct charge {
	struct seki_sources *s;
	const struct pkt *pkt;
	const struct seki_source_limits *limits;
	struct seki_window_time t;
	uint32_t packets, bytes, syns, flows;
	struct seki_source_limits block, port; /* of a shared source */
	unsigned n;
	struct entry entry[KEY_N_LEVELS + 2]; /* that are counted exactly: the levels, a block of ports, a port */
};

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

static inline uint32_t
at_most(uint32_t x, uint32_t max)
{
	return x < max ? x : max;
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

/* A digest that the sketch has nominated: judged if it is counted exactly, and then remembered for take(). */
static enum seki_source_verdict
judge_nominated(struct charge *c, uint64_t digest, const struct seki_source_limits *limits, uint64_t times)
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

/* Charges all entries that were judged; an entry that another one's coming has displaced is found again, or is gone. */
static void
take(const struct charge *c)
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

/*
 * Whether a whole round of the flow would be within, now that its last packet is charged. That packet alone says
 * little: of packets that come at one time the first one finds the room that all of the time before has left.
 */
static __attribute__((noinline)) bool
has_room(struct charge *c)
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
	       judge_nominated(c, digest, limits, 1) == SEKI_SOURCE_WITHIN;
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
	uint32_t index = seki_cuckoo_find(&c->s->rates, c->pkt->digest, c->t.window);
	uint64_t much = (uint64_t)c->limits->packets * BLOCK_FACTOR;

	return c->limits->packets != 0 && seki_window_estimate(seki_cuckoo_slot(&c->s->rates, index)->state, c->t) >=
						  (much < SEKI_WINDOW_MAX ? much : SEKI_WINDOW_MAX);
}

/* The packet is refused: its source has sent it all the same. */
static void
count_refused(const struct charge *c)
{
	uint32_t index = seki_cuckoo_find(&c->s->rates, c->pkt->digest, c->t.window);

	if (index != SEKI_CUCKOO_NONE)
		send(c, index);
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
		return l->verified == 0 ? SEKI_SOURCE_WITHIN : judge_nominated(c, c->pkt->digest, l, l->verified);
	if (l->block_ticks != 0 && c->pkt->flow == 0 && sends_far_too_much(c))
		known_block(c->s, c->pkt, l->block_ticks);
	return over;
}

static bool
is_vouched_for(const struct charge *c, bool shared)
{
	return shared || known_source(c->s, c->pkt).verified;
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
			over = judge_nominated(c, digest, c->limits, factor);
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
	if (pkt->l3 == PKT_L3_IP4)
		key_flow4(key, pkt);
	else
		key_flow6(key, pkt);
	seki_digest_burst(c->s->digest, key, pkt->l3 == PKT_L3_IP4 ? 1 : 3, &digest, 1);
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
		over = judge_nominated(&c, pkt->digest, limits, limits->factor[KEY_64]);
		if (over != SEKI_SOURCE_WITHIN)
			over = judge_known(&c, over, shared);
	}
	if (over == SEKI_SOURCE_WITHIN && is_held_by_prefixes(pkt))
		over = judge_prefixes(&c, amount, shared);
	if (over != SEKI_SOURCE_WITHIN) {
		count_refused(&c);
		return over;
	}
	take(&c);
	if (__builtin_expect((~pkt->flow & (PKT_FLOW_ROUND | PKT_FLOW_STRICT)) == 0, 0) && !has_room(&c))
		return SEKI_SOURCE_FULL;
	return SEKI_SOURCE_WITHIN;
}
