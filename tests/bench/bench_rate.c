/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_rate MODE ROUNDS: estimators against what is on the shelf, measured in turn. One line a round:
 * "<ours> <reference>...", nanoseconds an update.
 *
 *   rate     one packet more in one of 65,536 sliding windows, and what came within the last second. Reference:
 *            rte_meter_srtcm_color_blind_check, of as many meters, which says whether it is within the rate.
 *   sketch   one packet more of a source that is new, and what came from it. Reference: rte_member's sketch,
 *            which counts every packet (sample_rate 1), and one in a hundred.
 *
 * Keys are random, and made in this process for each update; that costs both sides the same, and is not taken off.
 */
#include "bench.h"
#include "digest.h"
#include "sketch.h"
#include "window.h"

#include <string.h>

#include <rte_cycles.h>
#include <rte_member.h>
#include <rte_meter.h>

#define BURST 32
#define UPDATES (1u << 22)
#define N_RATES (1u << 16)
#define N_LINES (1u << 15) /* 2 MB, as a core that counts 131,072 sources has */
#define SHIFT 30
#define PACKET_NS 60
#define PACKET_BYTES 64

static struct seki_digest digest_key;
static struct seki_rng rng;

/* What is computed and would otherwise be left out. */
static volatile uint64_t sink;

static double
rate_ours(uint64_t *word, uint64_t *clock)
{
	double begin = bench_now_ns();
	uint64_t sum = 0;

	for (unsigned n = 0; n < UPDATES; n += BURST, *clock += BURST * PACKET_NS) {
		struct seki_window_time t = seki_window_at(*clock, SHIFT);
		uint32_t at[BURST];

		for (unsigned k = 0; k < BURST; k++) {
			at[k] = (uint32_t)seki_rng_next(&rng) % N_RATES;
			__builtin_prefetch(&word[at[k]], 1);
		}
		for (unsigned k = 0; k < BURST; k++) {
			word[at[k]] = seki_window_add(seki_window_roll(word[at[k]], t), 1);
			sum += seki_window_estimate(word[at[k]], t);
		}
	}
	sink = sum;
	return (bench_now_ns() - begin) / UPDATES;
}

static double
rate_theirs(struct rte_meter_srtcm *meter, struct rte_meter_srtcm_profile *profile)
{
	double begin = bench_now_ns();
	uint64_t sum = 0;

	for (unsigned n = 0; n < UPDATES; n += BURST) {
		uint64_t now = rte_get_tsc_cycles();
		uint32_t at[BURST];

		for (unsigned k = 0; k < BURST; k++) {
			at[k] = (uint32_t)seki_rng_next(&rng) % N_RATES;
			__builtin_prefetch(&meter[at[k]], 1);
		}
		for (unsigned k = 0; k < BURST; k++)
			sum += rte_meter_srtcm_color_blind_check(&meter[at[k]], profile, now, PACKET_BYTES);
	}
	sink = sum;
	return (bench_now_ns() - begin) / UPDATES;
}

static void
bench_rate(unsigned rounds)
{
	struct rte_meter_srtcm *meter = bench_alloc(N_RATES * sizeof(*meter));
	struct rte_meter_srtcm_params params = {.cir = 1000 * PACKET_BYTES, .cbs = 65536, .ebs = 0};
	uint64_t *word = bench_alloc(N_RATES * sizeof(*word)), clock = 0;
	struct rte_meter_srtcm_profile profile;

	if (rte_meter_srtcm_profile_config(&profile, &params) != 0)
		bench_die("rte_meter_srtcm_profile_config");
	for (unsigned i = 0; i < N_RATES; i++)
		if (rte_meter_srtcm_config(&meter[i], &profile) != 0)
			bench_die("rte_meter_srtcm_config");
	for (unsigned r = 0; r < rounds; r++) {
		double ns[2] = {0, 0};

		for (unsigned i = 0; i < 2; i++) {
			if ((r + i) % 2 == 0)
				ns[0] = rate_ours(word, &clock);
			else
				ns[1] = rate_theirs(meter, &profile);
		}
		printf("%.3f %.3f\n", ns[0], ns[1]);
	}
}

static void
fresh_keys(struct seki_block key[BURST])
{
	for (unsigned k = 0; k < BURST; k++)
		key[k] = (struct seki_block){{seki_rng_next(&rng), UINT64_C(0x0500000000010000)}};
}

static double
sketch_ours(const struct seki_sketch *sketch, uint64_t *clock, unsigned updates)
{
	double begin = bench_now_ns();
	uint64_t sum = 0;

	for (unsigned n = 0; n < updates; n += BURST, *clock += BURST * PACKET_NS) {
		struct seki_window_time t = seki_window_at(*clock, SHIFT);
		struct seki_block key[BURST];
		uint64_t digest[BURST];

		fresh_keys(key);
		seki_digest_burst(&digest_key, key, 1, digest, BURST);
		for (unsigned k = 0; k < BURST; k++)
			__builtin_prefetch(seki_sketch_line(sketch, digest[k]), 1);
		for (unsigned k = 0; k < BURST; k++)
			sum += seki_sketch_add(seki_sketch_line(sketch, digest[k]), digest[k], t, 1);
	}
	sink = sum;
	return (bench_now_ns() - begin) / updates;
}

static double
sketch_theirs(struct rte_member_setsum *set, unsigned updates)
{
	double begin = bench_now_ns();

	for (unsigned n = 0; n < updates; n += BURST) {
		struct seki_block key[BURST];

		fresh_keys(key);
		for (unsigned k = 0; k < BURST; k++)
			rte_member_add(set, &key[k], 1);
	}
	return (bench_now_ns() - begin) / updates;
}

static struct rte_member_setsum *
make_member(const char *name, float sample_rate)
{
	struct rte_member_parameters p = {
		.name = name,
		.type = RTE_MEMBER_TYPE_SKETCH,
		.key_len = sizeof(struct seki_block),
		.prim_hash_seed = 1,
		.sec_hash_seed = 2,
		.error_rate = 0.0001f,
		.sample_rate = sample_rate,
		.top_k = 32,
		.socket_id = 0,
	};
	struct rte_member_setsum *set = rte_member_create(&p);

	if (set == NULL)
		bench_die("rte_member_create");
	return set;
}

static void
bench_sketch(unsigned rounds)
{
	struct seki_sketch sketch = {bench_alloc(N_LINES * sizeof(*sketch.line)), N_LINES};
	struct rte_member_setsum *every = make_member("every", 1), *sampled = make_member("sampled", 0.01f);
	unsigned updates = UPDATES / 8;
	uint64_t clock = 0;

	for (unsigned r = 0; r < rounds; r++) {
		double ns[3] = {0, 0, 0};

		for (unsigned i = 0; i < 3; i++) {
			unsigned which = (r + i) % 3;

			ns[which] = which == 0   ? sketch_ours(&sketch, &clock, updates)
				    : which == 1 ? sketch_theirs(every, updates)
						 : sketch_theirs(sampled, updates);
		}
		printf("%.3f %.3f %.3f\n", ns[0], ns[1], ns[2]);
	}
}

int
main(int argc, char **argv)
{
	const struct seki_key secret = {{0x8f3a9c2b11d7e645, 0x5e0b7d42c6a8f913}};
	unsigned rounds = argc == 3 ? (unsigned)atoi(argv[2]) : 0;

	if (rounds == 0) {
		fprintf(stderr, "usage: bench_rate rate|sketch ROUNDS\n");
		return 2;
	}
	bench_start_eal("1024", NULL);
	seki_digest_init(&digest_key, &secret);
	seki_rng_init(&rng, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[1], "rate") == 0)
		bench_rate(rounds);
	else if (strcmp(argv[1], "sketch") == 0)
		bench_sketch(rounds);
	else
		bench_die("no such mode");
	rte_eal_cleanup();
	return 0;
}
