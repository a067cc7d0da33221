/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_table MODE SIZE ROUNDS [HUGEDIR]: the table and the digest against what is on the shelf, measured in turn. One
 * line a round: "<ours> <reference>...", nanoseconds an operation, one reference for each way to use it; then notes,
 * "<word> <number>". bench_table.py runs it and takes the reference's best way.
 *
 *   hit, miss, half N   look up in bursts of 32, and count in the value of what is found. N slots, 85 % of them live.
 *                       Reference: rte_hash_lookup_bulk and an array of values, prefetched; with entries = the power of
 *                       two and = what is live, each with its own hash and with precomputed hashes.
 *   churn PERCENT       at that load, the 32 oldest expire and 32 new come, over and over. Reference: delete, add.
 *   add PERCENT         the 99.9th percentile of one insertion under that churn. Reference: rte_hash_add_key.
 *   flood N             put 65,536 tuples that collide under CRC32, and find them; reference: random tuples in the same
 *                       table. Notes: how many each table refused. (N is not used.)
 *   digest M            digest of M blocks of 16 bytes. Reference: rte_hash_crc, rte_jhash.
 *   memory N            notes: bytes an entry at 85 % load, and the load that building reached, in percent.
 *
 * Both sides get their memory from DPDK's heap, in huge pages where HUGEDIR is given.
 */
#include "bench.h"
#include "cuckoo.h"
#include "digest.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_hash.h>
#include <rte_hash_crc.h>
#include <rte_jhash.h>

#define BURST 32
#define MEMORY_MB "6144"
#define LOAD 0.85
#define LIFE 120  /* ticks that an entry of the churn lives */
#define SWEEPS 12 /* rounds of the sweep in that time */

static struct seki_digest digest_key;
static struct seki_rng rng;

/* An IPv4 flow key as lib/flow has it: 16 bytes, random where an attacker chooses. */
static struct seki_block
random_key(void)
{
	return (struct seki_block){
		{seki_rng_next(&rng), (seki_rng_next(&rng) & 0xffffffff) | UINT64_C(0x0001110400) << 32}};
}

static struct seki_block *
random_keys(size_t n)
{
	struct seki_block *key = bench_alloc(n * sizeof(*key));

	for (size_t i = 0; i < n; i++)
		key[i] = random_key();
	return key;
}

/* The table. */

static uint32_t
worth(uint64_t state, uint16_t now)
{
	return (uint16_t)(seki_cuckoo_dead(state) - now);
}

static struct seki_cuckoo *
make_table(uint64_t n_slots)
{
	struct seki_cuckoo *t = bench_alloc(sizeof(*t));

	seki_cuckoo_init(t, bench_alloc(seki_cuckoo_bytes(n_slots)), n_slots, worth);
	return t;
}

static void
fill_table(struct seki_cuckoo *t, const struct seki_block *key, size_t n)
{
	uint64_t digest;

	for (size_t i = 0; i < n; i++) {
		seki_digest_burst(&digest_key, &key[i], 1, &digest, 1);
		if (!seki_cuckoo_build(t, digest, seki_cuckoo_until(i, 30000)))
			bench_die("the table refused an entry");
	}
}

/* rte_hash, its values beside it, in one of the ways to use it. */

struct reference {
	struct rte_hash *hash;
	uint64_t *value;
	bool precomputed; /* hashes of the probes are known */
};

static struct rte_hash *
make_hash(uint32_t entries)
{
	static unsigned serial;
	char name[32];
	struct rte_hash_parameters p = {
		.name = name,
		.entries = entries,
		.key_len = sizeof(struct seki_block),
		.hash_func = rte_hash_crc,
		.socket_id = SOCKET_ID_ANY,
	};
	struct rte_hash *hash;

	snprintf(name, sizeof(name), "bench%u", serial++);
	hash = rte_hash_create(&p);
	if (hash == NULL)
		bench_die("rte_hash_create");
	return hash;
}

static void
fill_hash(struct rte_hash *hash, const struct seki_block *key, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (rte_hash_add_key(hash, &key[i]) < 0)
			bench_die("rte_hash refused an entry");
}

/* Keys to look up, and their hashes. */
struct probes {
	struct seki_block *key;
	hash_sig_t *sig;
	size_t n;
};

/* `hits` of 16 are of key[0..n), the others of no table. */
static struct probes
make_probes(const struct seki_block *key, size_t n, unsigned hits)
{
	struct probes p = {.n = n < (1 << 16) ? 1 << 19 : 1 << 21};

	p.key = bench_alloc(p.n * sizeof(*p.key));
	p.sig = bench_alloc(p.n * sizeof(*p.sig));
	for (size_t i = 0; i < p.n; i++) {
		p.key[i] = seki_rng_below(&rng, 16) < hits ? key[seki_rng_below(&rng, n)] : random_key();
		p.sig[i] = rte_hash_crc(&p.key[i], sizeof(p.key[i]), 0);
	}
	return p;
}

/* What one burst of lookups has between its steps. */
struct stage {
	uint64_t digest[BURST];
	struct seki_cuckoo_look look;
};

static inline void
first_step(struct seki_cuckoo *t, const struct seki_block *key, struct stage *stage)
{
	seki_digest_burst(&digest_key, key, 1, stage->digest, BURST);
	seki_cuckoo_look_burst(t, stage->digest, BURST, &stage->look);
}

/* As a packet path does it, something else goes on between the two steps: here it is the next burst's first one. */
static double
look_ours(struct seki_cuckoo *t, const struct probes *p, size_t *found)
{
	double begin = bench_now_ns();
	struct stage stage[2];

	*found = 0;
	first_step(t, p->key, &stage[0]);
	for (size_t i = 0; i < p->n; i += BURST) {
		const struct stage *now = &stage[i / BURST % 2];
		uint32_t index[BURST];

		if (i + BURST < p->n)
			first_step(t, &p->key[i + BURST], &stage[(i / BURST + 1) % 2]);
		seki_cuckoo_find_burst(t, now->digest, BURST, 1, &now->look, index);
		for (unsigned k = 0; k < BURST; k++) {
			if (index[k] == SEKI_CUCKOO_NONE)
				continue;
			seki_cuckoo_slot(t, index[k])->state++;
			++*found;
		}
	}
	return (bench_now_ns() - begin) / (double)p->n;
}

static double
look_theirs(const struct reference *r, const struct probes *p, size_t *found)
{
	double begin = bench_now_ns();

	*found = 0;
	for (size_t i = 0; i < p->n; i += BURST) {
		const void *key[BURST];
		int32_t at[BURST];

		for (unsigned k = 0; k < BURST; k++)
			key[k] = &p->key[i + k];
		if (r->precomputed)
			rte_hash_lookup_with_hash_bulk(r->hash, key, &p->sig[i], BURST, at);
		else
			rte_hash_lookup_bulk(r->hash, key, BURST, at);
		for (unsigned k = 0; k < BURST; k++)
			if (at[k] >= 0)
				__builtin_prefetch(&r->value[at[k]], 1);
		for (unsigned k = 0; k < BURST; k++) {
			if (at[k] < 0)
				continue;
			r->value[at[k]]++;
			++*found;
		}
	}
	return (bench_now_ns() - begin) / (double)p->n;
}

static uint32_t
power_of_two(size_t n)
{
	uint32_t p = 1;

	while (p < n)
		p *= 2;
	return p;
}

static void
bench_look(size_t slots, unsigned hits, unsigned rounds)
{
	size_t n = (size_t)((double)slots * LOAD);
	struct seki_block *key = random_keys(n);
	struct probes probes = make_probes(key, n, hits);
	struct seki_cuckoo *t = make_table(slots);
	uint32_t entries[2] = {power_of_two(n), (uint32_t)n};
	struct reference ref[4];

	fill_table(t, key, n);
	for (unsigned i = 0; i < 4; i += 2) {
		ref[i].hash = make_hash(entries[i / 2]);
		ref[i].value = bench_alloc((entries[i / 2] + 16) * sizeof(uint64_t));
		ref[i].precomputed = false;
		fill_hash(ref[i].hash, key, n);
		ref[i + 1] = ref[i];
		ref[i + 1].precomputed = true;
	}
	for (unsigned r = 0; r < rounds; r++) {
		size_t ours = 0, theirs = 0;
		double ns[5];

		for (unsigned i = 0; i < 5; i++) {
			unsigned which = (i + r) % 5;

			ns[which] = which == 0 ? look_ours(t, &probes, &ours)
					       : look_theirs(&ref[which - 1], &probes, &theirs);
		}
		if (ours != theirs)
			bench_die("the two did not find the same");
		printf("%.3f %.3f %.3f %.3f %.3f\n", ns[0], ns[1], ns[2], ns[3], ns[4]);
	}
}

/* Churn. Keys come from a ring that is long enough for all to be dead before they come again. */
struct churn {
	struct seki_block *key;
	hash_sig_t *sig;
	size_t n, live, at; /* of the ring; entries alive; key that comes next */
};

static struct churn
make_churn(size_t slots, unsigned percent)
{
	struct churn c = {.live = slots * percent / 100};

	c.n = (c.live * 2 + BURST) / BURST * BURST;
	c.key = random_keys(c.n);
	c.sig = bench_alloc(c.n * sizeof(*c.sig));
	for (size_t i = 0; i < c.n; i++)
		c.sig[i] = rte_hash_crc(&c.key[i], sizeof(c.key[i]), 0);
	return c;
}

/* The tick in which the i-th entry ever comes. */
static uint16_t
tick_of(const struct churn *c, uint64_t i)
{
	return (uint16_t)(i * LIFE / c->live);
}

/* Puts `n` more, and sweeps. */
static double
churn_ours(struct seki_cuckoo *t, struct churn *c, uint64_t *came, size_t n, uint64_t *slowest)
{
	double due = 0, per_burst = (double)seki_cuckoo_blocks(t) * SWEEPS * BURST / (double)c->live;
	double begin = bench_now_ns();

	for (size_t done = 0; done < n; done += BURST, *came += BURST) {
		uint64_t digest[BURST], state[BURST];
		uint32_t index[BURST];
		uint16_t now = tick_of(c, *came);
		const struct seki_block *key = &c->key[*came % c->n];

		for (unsigned k = 0; k < BURST; k++)
			state[k] = seki_cuckoo_until(k, (uint16_t)(now + LIFE));
		seki_digest_burst(&digest_key, key, 1, digest, BURST);
		if (slowest == NULL) {
			seki_cuckoo_put_burst(t, digest, state, BURST, now, index);
		} else {
			for (unsigned k = 0; k < BURST; k++) {
				uint64_t t0 = rte_rdtsc_precise();
				bool is_new;

				seki_cuckoo_put(t, digest[k], state[k], now, &is_new);
				slowest[done + k] = rte_rdtsc_precise() - t0;
			}
		}
		due += per_burst;
		seki_cuckoo_sweep(t, now, (unsigned)due);
		due -= (unsigned)due;
	}
	return (bench_now_ns() - begin) / (double)n;
}

static double
churn_theirs(struct rte_hash *hash, struct churn *c, uint64_t *came, size_t n, uint64_t *slowest, uint64_t *refused)
{
	double begin = bench_now_ns();

	for (size_t done = 0; done < n; done += BURST, *came += BURST) {
		for (unsigned k = 0; k < BURST; k++) {
			size_t old = (*came + k + c->n - c->live) % c->n;

			rte_hash_del_key_with_hash(hash, &c->key[old], c->sig[old]);
		}
		for (unsigned k = 0; k < BURST; k++) {
			size_t i = (*came + k) % c->n;
			uint64_t t0 = slowest == NULL ? 0 : rte_rdtsc_precise();

			*refused += rte_hash_add_key_with_hash(hash, &c->key[i], c->sig[i]) < 0;
			if (slowest != NULL)
				slowest[done + k] = rte_rdtsc_precise() - t0;
		}
	}
	return (bench_now_ns() - begin) / (double)n;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The 99.9th percentile, in nanoseconds. */
static double
percentile(uint64_t *cycles, size_t n)
{
	qsort(cycles, n, sizeof(*cycles), by_size);
	return (double)cycles[n - n / 1000] * 1e9 / (double)rte_get_tsc_hz();
}

static void
bench_churn(unsigned percent, bool slowest, unsigned rounds)
{
	size_t slots = 1 << 20, n = 1 << 20;
	struct churn c = make_churn(slots, percent);
	struct seki_cuckoo *t = make_table(slots);
	struct rte_hash *hash = make_hash((uint32_t)slots);
	uint64_t *cycles = slowest ? bench_alloc(n * sizeof(*cycles)) : NULL;
	uint64_t ours_came = 0, theirs_came = 0, refused = 0;

	churn_ours(t, &c, &ours_came, c.live / BURST * BURST, NULL);
	fill_hash(hash, c.key, c.live / BURST * BURST);
	theirs_came = c.live / BURST * BURST;
	c.live = c.live / BURST * BURST;
	for (unsigned r = 0; r < rounds; r++) {
		double ours = 0, theirs = 0;

		for (unsigned i = 0; i < 2; i++) {
			if ((r + i) % 2 == 0) {
				ours = churn_ours(t, &c, &ours_came, n, cycles);
				ours = slowest ? percentile(cycles, n) : ours;
			} else {
				theirs = churn_theirs(hash, &c, &theirs_came, n, cycles, &refused);
				theirs = slowest ? percentile(cycles, n) : theirs;
			}
		}
		printf("%.3f %.3f\n", ours, theirs);
	}
	printf("refused %llu\nrefusedtheirs %llu\nevicted %llu\nmoved %llu\n", (unsigned long long)t->stats.refused,
		(unsigned long long)refused, (unsigned long long)t->stats.evicted[0],
		(unsigned long long)t->stats.moved);
}

/*
 * Tuples that collide under CRC32: it is linear, so what maps to zero is a vector space, and any key moved along it
 * keeps its checksum. 16 vectors of that space make 65,536 keys. They are found by elimination over the checksums of
 * single bits.
 */
static void
colliding_keys(struct seki_block *key, unsigned n_bits)
{
	const struct seki_block zero = {{0, 0}};
	struct seki_block basis[32], kernel[96];
	uint32_t crc_zero = rte_hash_crc(&zero, sizeof(zero), 0), image[32];
	unsigned rank = 0, n = 0;

	for (unsigned bit = 0; bit < 96 && n < n_bits; bit++) { /* what an attacker writes: addresses and ports */
		struct seki_block v = {{0, 0}};
		uint32_t crc;

		v.q[bit / 64] = UINT64_C(1) << bit % 64;
		crc = rte_hash_crc(&v, sizeof(v), 0) ^ crc_zero;
		for (unsigned i = 0; i < rank && crc != 0; i++) {
			if ((crc ^ image[i]) < crc) {
				crc ^= image[i];
				v.q[0] ^= basis[i].q[0];
				v.q[1] ^= basis[i].q[1];
			}
		}
		if (crc != 0) {
			image[rank] = crc;
			basis[rank++] = v;
		} else {
			kernel[n++] = v;
		}
	}
	key[0] = random_key();
	for (size_t i = 1; i < (size_t)1 << n_bits; i++) {
		unsigned top = 63 - (unsigned)__builtin_clzll(i);
		const struct seki_block *base = &key[i - ((size_t)1 << top)];

		key[i] = (struct seki_block){{base->q[0] ^ kernel[top].q[0], base->q[1] ^ kernel[top].q[1]}};
		if (rte_hash_crc(&key[i], sizeof(key[i]), 0) != rte_hash_crc(&key[0], sizeof(key[0]), 0))
			bench_die("the crafted keys do not collide");
	}
}

/* Puts all, then finds all, in an empty table. */
static double
flood_ours(struct seki_cuckoo *t, const struct seki_block *key, size_t n)
{
	double begin;

	memset(t->slot, 0, seki_cuckoo_bytes(seki_cuckoo_slots(t)));
	seki_cuckoo_init(t, t->slot, seki_cuckoo_slots(t), worth);
	begin = bench_now_ns();
	for (unsigned pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < n; i += BURST) {
			uint64_t digest[BURST], state[BURST];
			uint32_t index[BURST];

			for (unsigned k = 0; k < BURST; k++)
				state[k] = seki_cuckoo_until(k, 100);
			seki_digest_burst(&digest_key, &key[i], 1, digest, BURST);
			seki_cuckoo_put_burst(t, digest, state, BURST, 1, index);
		}
	}
	return (bench_now_ns() - begin) / (double)(2 * n);
}

static void
bench_flood(unsigned rounds)
{
	size_t n = 1 << 16;
	struct seki_block *crafted = bench_alloc(n * sizeof(*crafted)), *random = random_keys(n);
	struct seki_cuckoo *t = make_table((uint64_t)((double)n / LOAD));
	struct rte_hash *hash = make_hash((uint32_t)n * 2);
	unsigned refused = 0, refused_theirs = 0;

	colliding_keys(crafted, 16);
	for (unsigned r = 0; r < rounds; r++) {
		double ns[2] = {0, 0};

		for (unsigned i = 0; i < 2; i++) {
			bool ours = (r + i) % 2 == 0;

			ns[!ours] = flood_ours(t, ours ? crafted : random, n);
			refused += ours ? (unsigned)t->stats.refused : 0;
		}
		printf("%.3f %.3f\n", ns[0], ns[1]);
	}
	for (size_t i = 0; i < n; i++)
		refused_theirs += rte_hash_add_key(hash, &crafted[i]) < 0;
	printf("refused %u\nrefusedtheirs %u\n", refused, refused_theirs);
}

static void
bench_digest(unsigned blocks, unsigned rounds)
{
	size_t n = 4096; /* in cache */
	struct seki_block *key = random_keys(n * blocks);
	volatile uint64_t sink;
	size_t bytes = blocks * sizeof(*key);

	for (unsigned r = 0; r < rounds; r++) {
		double ns[3];

		for (unsigned i = 0; i < 3; i++) {
			unsigned which = (i + r) % 3;
			double begin = bench_now_ns();
			uint64_t sum = 0;

			for (unsigned pass = 0; pass < 200; pass++) {
				for (size_t k = 0; k < n; k += BURST) {
					uint64_t out[BURST];

					if (which == 0)
						seki_digest_burst(&digest_key, &key[k * blocks], blocks, out, BURST);
					for (unsigned j = 0; which == 1 && j < BURST; j++)
						out[j] = rte_hash_crc(&key[(k + j) * blocks], (uint32_t)bytes, 0);
					for (unsigned j = 0; which == 2 && j < BURST; j++)
						out[j] = rte_jhash(&key[(k + j) * blocks], (uint32_t)bytes, 0);
					for (unsigned j = 0; j < BURST; j++)
						sum ^= out[j];
				}
			}
			sink = sum;
			ns[which] = (bench_now_ns() - begin) / (double)(200 * n);
		}
		printf("%.3f %.3f %.3f\n", ns[0], ns[1], ns[2]);
	}
	(void)sink;
}

static void
bench_memory(void)
{
	uint64_t slots = 1 << 22;
	struct seki_cuckoo *t = make_table(slots);
	uint64_t n = 0, digest;
	struct seki_block key;

	do {
		key = random_key();
		seki_digest_burst(&digest_key, &key, 1, &digest, 1);
		n++;
	} while (seki_cuckoo_build(t, digest, seki_cuckoo_until(0, 30000)));
	printf("bytes %.2f\nload %.2f\n", (double)seki_cuckoo_bytes(slots) / ((double)slots * LOAD),
		100.0 * (double)(n - 1) / (double)seki_cuckoo_slots(t));
}

/* "32k", "1m", "8m" slots. */
static size_t
size_of(const char *text)
{
	char *end;
	size_t n = strtoul(text, &end, 10);

	return *end == 'k' ? n << 10 : *end == 'm' ? n << 20 : n;
}

int
main(int argc, char **argv)
{
	const struct seki_key secret = {{0x8f3a9c2b11d7e645, 0x5e0b7d42c6a8f913}};
	const char *mode = argc > 3 ? argv[1] : "";
	unsigned rounds = argc > 3 ? (unsigned)atoi(argv[3]) : 0;

	if (rounds == 0) {
		fprintf(stderr, "usage: bench_table MODE SIZE ROUNDS [HUGEDIR]\n");
		return 2;
	}
	bench_start_eal(MEMORY_MB, argc > 4 ? argv[4] : NULL);
	seki_digest_init(&digest_key, &secret);
	seki_rng_init(&rng, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(mode, "hit") == 0)
		bench_look(size_of(argv[2]), 16, rounds);
	else if (strcmp(mode, "miss") == 0)
		bench_look(size_of(argv[2]), 0, rounds);
	else if (strcmp(mode, "half") == 0)
		bench_look(size_of(argv[2]), 8, rounds);
	else if (strcmp(mode, "churn") == 0 || strcmp(mode, "add") == 0)
		bench_churn((unsigned)size_of(argv[2]), mode[0] == 'a', rounds);
	else if (strcmp(mode, "flood") == 0)
		bench_flood(rounds);
	else if (strcmp(mode, "digest") == 0)
		bench_digest((unsigned)size_of(argv[2]), rounds);
	else if (strcmp(mode, "memory") == 0)
		bench_memory();
	else
		bench_die("no such mode");
	rte_eal_cleanup();
	return 0;
}
