/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The table against an oracle: a list of everything that was ever put, with what must be true of a cache that may
 * refuse and evict, but only by its rules. Time jumps, wraps and stands still; groups flood each other.
 */
#include "cuckoo.h"
#include "hash.h"
#include "line.h"
#include "suite.h"

/* A state as the test has it: dead 16, group 10, rank 2, a number of the entry's own 36. */
#define STATE(dead, rank, group, own) \
	((uint64_t)(uint16_t)(dead) << 48 | (uint64_t)(group) << 38 | (uint64_t)(rank) << 36 | (own))
#define OWN(state) ((state) & ((UINT64_C(1) << 36) - 1))
#define RANK(state) ((unsigned)((state) >> 36 & 3))
#define GROUP(state) seki_cuckoo_group(state)

/* Of equal rank, whoever dies first is weaker. */
static uint32_t
worth(uint64_t state, uint16_t now)
{
	return (uint32_t)RANK(state) << 16 | (uint16_t)(seki_cuckoo_dead(state) - now);
}

static struct seki_cuckoo *
table_create(uint64_t n_slots, unsigned n_groups)
{
	struct seki_cuckoo *t = calloc(1, sizeof(*t));
	size_t bytes = seki_cuckoo_bytes(n_slots);
	void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);

	memset(memory, 0, bytes);
	seki_cuckoo_init(t, memory, n_slots, worth);
	seki_cuckoo_set_groups(t, n_groups);
	return t;
}

static void
table_destroy(struct seki_cuckoo *t)
{
	free(t->slot);
	free(t);
}

static void
check_table(const struct seki_cuckoo *t)
{
	const char *wrong = seki_cuckoo_check(t);

	ck_assert_msg(wrong == NULL, "%s", wrong);
}

/* One key of the oracle; keys are few, so that they come again and again. */
struct known {
	uint64_t digest, state;
	uint64_t dead; /* tick, without wrap */
	bool there;    /* put, and not seen to be gone */
};

#define N_KEYS 4096

struct oracle {
	struct seki_cuckoo *t;
	struct known key[N_KEYS];
	struct seki_rng rng;
	uint64_t now; /* without wrap: the table sees its low 16 bits */
	uint64_t refused, gone;
};

/* Live in the oracle means live in the table, with the state that was last written, or evicted; never anything else. */
static void
look(struct oracle *o, const unsigned *which, unsigned n)
{
	uint64_t digest[SEKI_CUCKOO_BURST] = {0};
	struct seki_cuckoo_look step;
	uint32_t index[SEKI_CUCKOO_BURST];

	for (unsigned i = 0; i < n; i++)
		digest[i] = o->key[which[i]].digest;
	seki_cuckoo_look_burst(o->t, digest, n, &step);
	seki_cuckoo_find_burst(o->t, digest, n, (uint16_t)o->now, &step, index);
	for (unsigned i = 0; i < n; i++) {
		struct known *k = &o->key[which[i]];
		bool alive = k->there && k->dead > o->now;

		HOLDS(index[i] == seki_cuckoo_find(o->t, k->digest, (uint16_t)o->now),
			"a burst finds what one does not");
		if (index[i] == SEKI_CUCKOO_NONE) {
			o->gone += alive;
			k->there = false;
			continue;
		}
		HOLDS(alive, "what is not there is found");
		HOLDS(seki_cuckoo_slot(o->t, index[i])->state == k->state, "a state is not what was written");
	}
}

static void
put(struct oracle *o, const unsigned *which, unsigned n)
{
	uint64_t digest[SEKI_CUCKOO_BURST], state[SEKI_CUCKOO_BURST];
	uint64_t dead[SEKI_CUCKOO_BURST];
	uint32_t index[SEKI_CUCKOO_BURST], made;

	for (unsigned i = 0; i < n; i++) {
		digest[i] = o->key[which[i]].digest;
		dead[i] = o->now + 1 + seki_rng_below(&o->rng, 40);
		state[i] = STATE(
			dead[i], seki_rng_below(&o->rng, 4), which[i] % 4, seki_rng_below(&o->rng, UINT64_C(1) << 36));
	}
	made = seki_cuckoo_put_burst(o->t, digest, state, n, (uint16_t)o->now, index);
	for (unsigned i = 0; i < n; i++) {
		struct known *k = &o->key[which[i]];
		bool alive = k->there && k->dead > o->now, is_new = made >> i & 1;

		if (index[i] == SEKI_CUCKOO_NONE) {
			o->refused++;
			o->gone += alive; /* it had been evicted before, and found no room now */
			k->there = false;
			continue;
		}
		if (is_new) {
			o->gone += alive;
			*k = (struct known){k->digest, state[i], dead[i], true};
			continue;
		}
		HOLDS(alive, "an entry that was there before is not known");
	}
	/* An entry of the burst may have been moved or evicted by a later one: where it is, only find knows. */
	look(o, which, n);
}

/* The caller's part: a new end, a new number, in place. */
static void
touch(struct oracle *o, unsigned which)
{
	struct known *k = &o->key[which];
	uint32_t index = seki_cuckoo_find(o->t, k->digest, (uint16_t)o->now);

	if (index == SEKI_CUCKOO_NONE)
		return;
	k->dead = o->now + 1 + seki_rng_below(&o->rng, 30);
	k->state = seki_cuckoo_until(k->state ^ 1, (uint16_t)k->dead);
	seki_cuckoo_slot(o->t, index)->state = k->state;
}

/* Time: mostly stands still or walks, now and then leaps, never further than a sweep comes round. */
static void
pass(struct oracle *o)
{
	uint64_t dice = seki_rng_below(&o->rng, 1000);

	if (dice < 50)
		o->now++;
	else if (dice == 50)
		o->now += seki_rng_below(&o->rng, 8000);
	else
		return;
	seki_cuckoo_sweep(
		o->t, (uint16_t)o->now, dice == 50 ? seki_cuckoo_blocks(o->t) : seki_cuckoo_blocks(o->t) / 100 + 1);
}

static void
oracle_run(struct oracle *o, unsigned n_slots, unsigned n_groups, uint64_t operations)
{
	o->t = table_create(n_slots, n_groups);
	for (unsigned i = 0; i < N_KEYS; i++)
		o->key[i].digest = seki_rng_next(&o->rng);
	for (uint64_t done = 0; done < operations;) {
		unsigned which[SEKI_CUCKOO_BURST], n = 1 + (unsigned)seki_rng_below(&o->rng, SEKI_CUCKOO_BURST);

		for (unsigned i = 0; i < n; i++)
			which[i] = (unsigned)seki_rng_below(&o->rng, N_KEYS);
		switch (seki_rng_below(&o->rng, 4)) {
		case 0:
			put(o, which, n);
			break;
		case 1:
			touch(o, which[0]);
			n = 1;
			break;
		default:
			look(o, which, n);
		}
		done += n;
		pass(o);
		if (seki_rng_below(&o->rng, 20000) == 0)
			check_table(o->t);
	}
	check_table(o->t);
}

/* slots for many, for a tight fit, and for few */
static const unsigned oracle_slots[] = {16384, 4200, 1000, 64, 8};

START_TEST(oracle_agrees)
{
	struct oracle *o = calloc(1, sizeof(*o));
	const struct seki_cuckoo_stats *stats;
	uint64_t evicted = 0;

	seki_rng_init(&o->rng, 100 + (uint64_t)_i);
	o->now = 65500; /* the wrap is near */
	oracle_run(o, oracle_slots[_i], 1 + _i % 2 * 3, 2500000);
	stats = &o->t->stats;
	for (unsigned r = 0; r < SEKI_CUCKOO_RANKS; r++)
		evicted += stats->evicted[r];
	/* What went missing alive was evicted, no more and no less but for what nobody asked about since. */
	ck_assert_uint_le(o->gone, evicted);
	ck_assert_uint_eq(o->refused, stats->refused);
	ck_assert_uint_eq(stats->evicted[3], 0);
	if (oracle_slots[_i] < 4000)
		ck_assert(evicted > 1000 && o->gone > 1000 && stats->refused > 1000);
	else
		ck_assert_uint_eq(o->gone + stats->refused, 0);
	if (oracle_slots[_i] > 8 && oracle_slots[_i] < 4000)
		ck_assert_uint_gt(stats->moved, 10);
	table_destroy(o->t);
	free(o);
}
END_TEST

/* Equal digests in one burst are one entry; the first of them makes it. */
START_TEST(burst_is_as_if_singly)
{
	struct seki_cuckoo *t = table_create(64, 1);
	uint64_t digest[4] = {UINT64_C(0x123456789abcdef0), 8, UINT64_C(0x123456789abcdef0), 8};
	uint64_t state[4] = {STATE(5, 0, 0, 1), STATE(5, 0, 0, 2), STATE(5, 0, 0, 3), STATE(5, 0, 0, 4)};
	uint32_t index[4];

	ck_assert_uint_eq(seki_cuckoo_put_burst(t, digest, state, 4, 1, index), 3);
	ck_assert_uint_eq(index[0], index[2]);
	ck_assert_uint_eq(index[1], index[3]);
	ck_assert_uint_eq(seki_cuckoo_slot(t, index[0])->state, state[0]);
	ck_assert_uint_eq(t->used, 2);
	table_destroy(t);
}
END_TEST

/* Both sides of life: dead at its tick and not before, by lookup alone. */
START_TEST(death_is_exact)
{
	static const uint16_t begins[] = {0, 1, 32767, 32768, 65535};
	static const uint16_t lives[] = {1, 2, 32767};

	for (size_t b = 0; b < N(begins); b++) {
		for (size_t l = 0; l < N(lives); l++) {
			struct seki_cuckoo *t = table_create(64, 1);
			uint16_t born = begins[b], dead = (uint16_t)(born + lives[l]);
			bool is_new;
			uint32_t index = seki_cuckoo_put(t, 12345678, STATE(dead, 0, 0, 0), born, &is_new);

			ck_assert(is_new && index != SEKI_CUCKOO_NONE);
			ck_assert_uint_eq(seki_cuckoo_find(t, 12345678, born), index);
			ck_assert_uint_eq(seki_cuckoo_find(t, 12345678, (uint16_t)(dead - 1)), index);
			ck_assert_uint_eq(seki_cuckoo_find(t, 12345678, dead), SEKI_CUCKOO_NONE);
			ck_assert_uint_eq(seki_cuckoo_find(t, 12345678, (uint16_t)(dead + 32000)), SEKI_CUCKOO_NONE);
			/* In place: the same slot serves again. */
			ck_assert_uint_eq(seki_cuckoo_put(t, 12345678, STATE(dead + 5, 1, 0, 9), dead, &is_new), index);
			ck_assert(is_new);
			ck_assert_uint_eq(t->used, 1);
			seki_cuckoo_sweep(t, (uint16_t)(dead + 5), seki_cuckoo_blocks(t));
			ck_assert_uint_eq(t->used, 0);
			ck_assert_uint_eq(t->stats.swept, 1);
			check_table(t);
			table_destroy(t);
		}
	}
}
END_TEST

/* Fills with live entries of a rank and group until `n` are in. */
static void
fill(struct seki_cuckoo *t, struct seki_rng *rng, unsigned n, uint64_t state)
{
	for (uint32_t before = t->used; t->used < before + n;) {
		bool is_new;

		seki_cuckoo_put(t, seki_rng_next(rng), state, 0, &is_new);
	}
}

/* A flood of what is weaker evicts nothing firm, and what is firm evicts the weak only. */
START_TEST(ranks_hold)
{
	struct seki_cuckoo *t = table_create(4096, 1);
	struct seki_rng rng;
	bool is_new;

	seki_rng_init(&rng, 5);
	fill(t, &rng, 3000, STATE(1000, 3, 0, 0));
	fill(t, &rng, 900, STATE(900, 0, 0, 0));
	for (unsigned i = 0; i < 200000; i++)
		seki_cuckoo_put(t, seki_rng_next(&rng), STATE(100 + i % 100, i % 2, 0, 0), 0, &is_new);
	ck_assert_uint_eq(t->stats.evicted[3], 0);
	ck_assert_uint_gt(t->stats.evicted[0] + t->stats.evicted[1], 10000);
	for (unsigned i = 0; i < 20000; i++)
		seki_cuckoo_put(t, seki_rng_next(&rng), STATE(1000, 2, 0, 0), 0, &is_new);
	ck_assert_uint_eq(t->stats.evicted[3] + t->stats.evicted[2], 0); /* nor does the firm evict its like */
	ck_assert_uint_gt(t->stats.refused, 1000);
	check_table(t);
	table_destroy(t);
}
END_TEST

/* Of equal rank the one of the eight that would die first gives way. */
START_TEST(weakest_gives_way)
{
	struct seki_cuckoo *t = table_create(64, 1);
	unsigned evictions = 0, still = 0;
	struct seki_rng rng;
	bool is_new;

	seki_rng_init(&rng, 9);
	for (unsigned i = 0; i < 3000; i++) {
		uint64_t digest = seki_rng_next(&rng);
		struct pair pair = pair_of(t, digest);
		uint16_t least = UINT16_MAX;
		uint64_t before = t->stats.evicted[0];
		uint32_t index;

		for (unsigned k = 0; k < PAIR_SLOTS; k++) {
			uint16_t dead = seki_cuckoo_dead(seki_cuckoo_slot(t, pair_slot(&pair, k))->state);

			least = dead < least ? dead : least;
		}
		index = seki_cuckoo_put(t, digest, STATE(50 + seki_rng_below(&rng, 10000), 0, 0, 1), 0, &is_new);
		ck_assert(is_new && index != SEKI_CUCKOO_NONE);
		if (t->stats.evicted[0] == before)
			continue;
		evictions++;
		/* Whoever was least is not among the eight any more; deaths are so many that few are equal. */
		for (unsigned k = 0; k < PAIR_SLOTS; k++) {
			uint32_t at = pair_slot(&pair, k);

			still += at != index && seki_cuckoo_dead(seki_cuckoo_slot(t, at)->state) == least;
		}
		ck_assert_uint_eq(t->used, 64);
	}
	ck_assert_uint_gt(evictions, 2000);
	ck_assert_uint_lt(still, 20);
	table_destroy(t);
}
END_TEST

#define SHARE 108 /* of four groups in 1,024 slots */
#define STAYS 8

/*
 * Two lines full of one group's entries, all of which are at home in both, so that none can move: does one of them give
 * way to a newcomer? Each group has so many elsewhere.
 */
static const struct {
	const char *about;
	unsigned group, rank, more; /* of those that are there */
	unsigned to_group, to_rank, to_more;
	bool gives_way;
} full[] = {
	{"weaker, its own group", 1, 0, 0, 1, 1, 0, true},
	{"far weaker, its own group", 1, 0, 0, 1, 3, 0, true},
	{"firm, and weaker", 1, 2, 0, 1, 3, 0, true},
	{"equal and weak", 1, 1, 0, 1, 1, 0, true},
	{"equal and firm", 1, 2, 0, 1, 2, 0, false},
	{"equal and firmest", 1, 3, 0, 1, 3, 0, false},
	{"stronger", 1, 1, 0, 1, 0, 0, false},
	{"its own group, which has more than its share", 1, 0, 2 * SHARE, 1, 1, 0, true},
	{"another group with less than its share", 1, 0, 0, 2, 3, 0, false},
	{"another group with just its share", 1, 0, SHARE - STAYS, 2, 3, 0, false},
	{"another group with one more than its share", 1, 0, SHARE - STAYS + 1, 2, 3, 0, true},
	{"another group with more, equal and weak", 1, 1, SHARE, 2, 1, 0, true},
	{"another group with more, equal and firm", 1, 2, SHARE, 2, 2, 0, false},
	{"another group with more, but stronger", 1, 1, SHARE, 2, 0, 0, false},
	{"the newcomer's has nearly its share", 1, 0, SHARE, 2, 3, SHARE - 1, true},
	{"the newcomer's has its share", 1, 0, SHARE, 2, 3, SHARE, false},
	{"the newcomer's has more", 1, 0, SHARE, 2, 3, SHARE + 1, false},
};

static uint64_t
digest_at(const struct seki_cuckoo *t, struct seki_rng *rng, const struct pair *lines)
{
	for (;;) {
		uint64_t digest = seki_rng_next(rng);
		struct pair p = pair_of(t, digest);

		if (p.line[0] == lines->line[0] && p.line[1] == lines->line[1])
			return digest;
	}
}

/* None of them has anything to do with the two lines. */
static void
put_elsewhere(struct seki_cuckoo *t, struct seki_rng *rng, const struct pair *lines, unsigned n, uint64_t state)
{
	for (bool is_new; n > 0;) {
		uint64_t digest = seki_rng_next(rng);
		struct pair p = pair_of(t, digest);

		if (p.line[0] == lines->line[0] || p.line[0] == lines->line[1] || p.line[1] == lines->line[0] ||
			p.line[1] == lines->line[1])
			continue;
		n -= seki_cuckoo_put(t, digest, state, 0, &is_new) != SEKI_CUCKOO_NONE;
	}
}

START_TEST(who_gives_way)
{
	const struct pair lines = {{3, 5}};
	uint64_t there[STAYS], digest, gone = 0;
	struct seki_cuckoo *t = table_create(1024, 4);
	struct seki_rng rng;
	bool is_new, came;

	ck_assert_uint_eq(t->share, SHARE);
	seki_rng_init(&rng, 11);
	for (unsigned i = 0; i < STAYS; i++) {
		there[i] = digest_at(t, &rng, &lines);
		seki_cuckoo_put(t, there[i], STATE(100 + i, full[_i].rank, full[_i].group, 0), 0, &is_new);
	}
	put_elsewhere(t, &rng, &lines, full[_i].more, STATE(100, 3, full[_i].group, 0));
	put_elsewhere(t, &rng, &lines, full[_i].to_more, STATE(100, 3, full[_i].to_group, 0));
	digest = digest_at(t, &rng, &lines);
	came = seki_cuckoo_put(t, digest, STATE(50, full[_i].to_rank, full[_i].to_group, 0), 0, &is_new) !=
	       SEKI_CUCKOO_NONE;
	ck_assert_msg(came == full[_i].gives_way, "%s", full[_i].about);
	for (unsigned i = 0; i < STAYS; i++)
		gone |= (uint64_t)(seki_cuckoo_find(t, there[i], 0) == SEKI_CUCKOO_NONE) << i;
	/* He who would have died first. */
	ck_assert_msg(gone == full[_i].gives_way, "%s: gone 0x%x", full[_i].about, (unsigned)gone);
	ck_assert_uint_eq(t->stats.evicted[full[_i].rank], full[_i].gives_way);
	ck_assert_uint_eq(t->stats.refused, !full[_i].gives_way);
	check_table(t);
	table_destroy(t);
}
END_TEST

/* The side array goes along when entries move. */
START_TEST(side_follows)
{
	struct seki_cuckoo *t = table_create(4096, 1);
	uint64_t *side = calloc(seki_cuckoo_slots(t), sizeof(*side)), *digest = calloc(4096, sizeof(*digest));
	struct seki_rng rng;
	unsigned n = 0;
	bool is_new;

	seki_cuckoo_set_side(t, side, sizeof(*side));
	seki_rng_init(&rng, 10);
	for (unsigned i = 0; i < 3900; i++) {
		uint32_t index;

		digest[n] = seki_rng_next(&rng);
		index = seki_cuckoo_put(t, digest[n], STATE(100, 2, 0, 0), 0, &is_new);
		if (index != SEKI_CUCKOO_NONE)
			side[index] = digest[n++];
	}
	ck_assert_uint_gt(t->stats.moved, 300);
	for (unsigned i = 0; i < n; i++)
		ck_assert_uint_eq(side[seki_cuckoo_find(t, digest[i], 0)], digest[i]);
	seki_cuckoo_clear(t);
	ck_assert_uint_eq(t->used, 0);
	ck_assert_uint_eq(seki_cuckoo_find(t, digest[0], 0), SEKI_CUCKOO_NONE);
	check_table(t);
	free(side);
	free(digest);
	table_destroy(t);
}
END_TEST

/*
 * One of four groups floods with whatever is hardest to evict. The others, within their shares, lose nothing and are
 * refused nothing, whether their entries are weak or firm.
 */
static void
flood(struct seki_cuckoo *t, struct seki_rng *rng, unsigned n, uint64_t state, bool in_bursts)
{
	uint64_t digest[SEKI_CUCKOO_BURST], states[SEKI_CUCKOO_BURST];
	unsigned burst = in_bursts ? SEKI_CUCKOO_BURST : 1;
	uint32_t index[SEKI_CUCKOO_BURST];

	for (unsigned done = 0; done < n; done += burst) {
		bool is_new;

		for (unsigned i = 0; i < burst; i++) {
			digest[i] = seki_rng_next(rng);
			states[i] = state;
		}
		if (in_bursts)
			seki_cuckoo_put_burst(t, digest, states, burst, 0, index);
		else
			seki_cuckoo_put(t, digest[0], state, 0, &is_new);
	}
}

START_TEST(groups_keep_their_shares)
{
	const unsigned rank = _i % 4;
	const bool in_bursts = _i / 4;
	struct seki_cuckoo *t = table_create(16384, 4);
	uint64_t *own[4];
	struct seki_rng rng;
	bool is_new;
	unsigned n = t->share * 9 / 10;

	seki_rng_init(&rng, 6);
	flood(t, &rng, 60000, STATE(2000, 3, 0, 0), in_bursts);
	ck_assert_uint_ge(t->group[0], t->share);
	ck_assert_uint_le(t->group[0], t->share + t->common);
	for (unsigned g = 1; g < 4; g++) {
		own[g] = calloc(n, sizeof(*own[g]));
		for (unsigned i = 0; i < n; i++) {
			own[g][i] = seki_rng_next(&rng);
			ck_assert_uint_ne(
				seki_cuckoo_put(t, own[g][i], STATE(1000, rank, g, 0), 0, &is_new), SEKI_CUCKOO_NONE);
			/* The flood goes on between. */
			flood(t, &rng, 1, STATE(2000, 3, 0, 0), in_bursts);
			flood(t, &rng, 1, STATE(2000, 0, 0, 0), in_bursts);
		}
	}
	for (unsigned g = 1; g < 4; g++) {
		for (unsigned i = 0; i < n; i++)
			ck_assert_uint_ne(seki_cuckoo_find(t, own[g][i], 0), SEKI_CUCKOO_NONE);
		free(own[g]);
	}
	check_table(t);
	table_destroy(t);
}
END_TEST

/* Any size, and every slot of it can be filled offline up to 95 %. */
START_TEST(build_reaches_95_percent)
{
	static const unsigned slots[] = {8, 100, 4096, 5000, 100003, 1 << 20};

	for (size_t i = 0; i < N(slots); i++) {
		struct seki_cuckoo *t = table_create(slots[i], 1);
		unsigned n = (unsigned)(seki_cuckoo_slots(t) * 95 / 100);
		struct seki_rng rng;

		seki_rng_init(&rng, 7);
		for (unsigned k = 0; k < n; k++)
			HOLDS(seki_cuckoo_build(t, seki_rng_next(&rng), STATE(32767, 0, 0, k)),
				"%u slots: full at %u of %u", slots[i], k, n);
		check_table(t);
		seki_rng_init(&rng, 7);
		for (unsigned k = 0; k < n; k++) {
			uint32_t index = seki_cuckoo_find(t, seki_rng_next(&rng), 0);

			HOLDS(index != SEKI_CUCKOO_NONE && OWN(seki_cuckoo_slot(t, index)->state) == k, "entry %u", k);
		}
		table_destroy(t);
	}
}
END_TEST

/* Where there is no room, building changes nothing. */
START_TEST(build_that_fails_changes_nothing)
{
	struct seki_cuckoo *t = table_create(64, 1);
	struct seki_rng rng;
	uint64_t in[64];
	unsigned n = 0, refused = 0;

	seki_rng_init(&rng, 8);
	while (refused < 20) {
		uint64_t digest = seki_rng_next(&rng);

		if (seki_cuckoo_build(t, digest, STATE(9, 0, 0, n)))
			in[n++] = digest;
		else
			refused++;
		check_table(t);
		for (unsigned i = 0; i < n; i++)
			ck_assert_uint_eq(OWN(seki_cuckoo_slot(t, seki_cuckoo_find(t, in[i], 0))->state), i);
	}
	ck_assert_uint_ge(n, 60);
	table_destroy(t);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("cuckoo");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, oracle_agrees, 0, N(oracle_slots));
	tcase_add_test(tests, burst_is_as_if_singly);
	tcase_add_test(tests, death_is_exact);
	tcase_add_test(tests, ranks_hold);
	tcase_add_test(tests, weakest_gives_way);
	tcase_add_loop_test(tests, who_gives_way, 0, N(full));
	tcase_add_test(tests, side_follows);
	tcase_add_loop_test(tests, groups_keep_their_shares, 0, 8);
	tcase_add_test(tests, build_reaches_95_percent);
	tcase_add_test(tests, build_that_fails_changes_nothing);
	return suite_run("cuckoo", tests);
}
