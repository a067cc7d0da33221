/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_detect HOSTS ROUNDS [KINDS [6]]: one line a round, "<ours> <reference> <MiB>": microseconds that a tick takes
 * with the counters of one core, where so many hosts of one zone have all had packets since the last one, of so many
 * vectors (default 2), each of them an attack on all of the zone (6: of IPv6, each host in a /64 of its own); and the
 * memory that it takes by then. The reference copies the cells' bytes, which a tick has to read at least. Without the
 * search for signatures, which has a benchmark of its own. bench_detect.py runs it.
 */
#include "bench.h"
#include "hash.h"
#include "watch.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICKS 20 /* in one round; the median counts */
#define WALL_NS UINT64_C(1700000000000000000)

static void *
must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "bench_detect: no memory\n");
		exit(1);
	}
	return p;
}

/* A packet to every host, some to some of them twice. */
static void
traffic(struct seki_blocks *b, uint32_t hosts, unsigned kinds, bool ip6, uint64_t now_ns)
{
	static const uint8_t vector[] = {SEKI_VECTOR_NTP, SEKI_VECTOR_TCP_SYN, SEKI_VECTOR_UDP, SEKI_VECTOR_DNS,
		SEKI_VECTOR_TCP_ACK, SEKI_VECTOR_ICMP_ECHO, SEKI_VECTOR_FRAGMENT, SEKI_VECTOR_CLDAP};
	struct pkt pkt[PKT_BURST];

	for (uint32_t n = 0; n < hosts; n += PKT_BURST) {
		struct seki_blocks_burst burst = {0};

		for (unsigned i = 0; i < PKT_BURST; i++) {
			pkt[i] = (struct pkt){.arrival_ns = now_ns,
				.zone = 1,
				.l3 = ip6 ? PKT_L3_IP6 : PKT_L3_IP4,
				.batch = 1,
				.batch_bytes = 500,
				.vector = vector[(n / PKT_BURST + i) % kinds % sizeof(vector)]};
			if (ip6)
				pkt[i].dst.q[0] = htobe64(UINT64_C(0x20010db800000000) + (n + i) % hosts);
			else
				pkt[i].dst.v4_be = htobe32(0xc6120000u + (n + i) % hosts);
		}
		seki_blocks_look_burst(b, pkt, UINT32_MAX, false, &burst);
		seki_blocks_count_burst(b, pkt, 0, &burst);
	}
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static struct seki_detect *
detector(struct seki_blocks *blocks)
{
	static struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS];
	static struct seki_limits limits;
	const struct seki_detect_zone zone = {
		.name = "bench", .domain = "default", .limits = &limits, .can = UINT32_MAX};
	struct seki_detect_params params = SEKI_DETECT_PARAMS;
	struct seki_detect_core core = {.blocks = blocks,
		.stats = must(calloc(1, sizeof(struct seki_stats))),
		.sampler = must(calloc(1, sizeof(struct seki_sampler)))};
	struct seki_detect *d;

	for (unsigned l = 0; l < SEKI_N_LADDERS; l++)
		for (unsigned step = SEKI_STEP_NONE + 1; step < SEKI_N_STEPS; step++)
			cms[l][step].raised = SEKI_STEP_BIT(step);
	seki_limits_default(&limits);
	params.core = &core;
	params.n_cores = 1;
	params.cms = cms;
	d = must(seki_detect_create(&params));
	if (seki_detect_zone(d, 1, &zone) != 0)
		must(NULL);
	return d;
}

/* Of what is set aside only what came to be is ever touched. */
static double
megabytes(const struct seki_detect *d, const struct seki_blocks *blocks)
{
	size_t cell = 2 * sizeof(struct seki_cell) + sizeof(struct seen);

	const struct leaves *leaves = &d->collect.tree.leaves;
	size_t sorted = ((size_t)leaves->room + leaves->spare_room) * sizeof(struct leaf);

	return (double)(d->collect.tree.bytes + sorted + seki_blocks_used(blocks) * cell) / (1 << 20);
}

int
main(int argc, char **argv)
{
	uint32_t hosts = argc > 1 ? (uint32_t)atoi(argv[1]) : 0, n_blocks = 64;
	unsigned kinds = argc > 3 ? (unsigned)atoi(argv[3]) : 2;
	bool ip6 = argc > 4 && strcmp(argv[4], "6") == 0;
	uint32_t in_block = ip6 ? 1 : SEKI_BLOCK_HOSTS;
	struct seki_blocks blocks;
	struct seki_detect *detect;
	uint64_t now_ns = UINT64_C(1000000000000);
	void *memory;
	char *copy;

	if (argc < 3 || argc > 5 || (argc == 5 && !ip6) || hosts == 0 || kinds == 0) {
		fprintf(stderr, "usage: bench_detect HOSTS ROUNDS [KINDS [6]]\n");
		return 2;
	}
	while (n_blocks * in_block * SEKI_BLOCK_CELLS < hosts * kinds || n_blocks * in_block < hosts)
		n_blocks *= 2;
	memory = must(aligned_alloc(4096, (seki_blocks_bytes(n_blocks) + 4095) / 4096 * 4096));
	memset(memory, 0, seki_blocks_bytes(n_blocks));
	seki_blocks_init(&blocks, memory, n_blocks, UINT64_C(0x9e3779b97f4a7c15));
	detect = detector(&blocks);
	copy = must(malloc(blocks.room * sizeof(struct seki_cell)));
	for (int r = 0; r < atoi(argv[2]); r++) {
		double ours[TICKS], reference[TICKS];

		for (unsigned t = 0; t < TICKS; t++) {
			now_ns += SEKI_BLOCKS_TICK_NS;
			traffic(&blocks, hosts, kinds, ip6, now_ns);
			ours[t] = bench_now_ns();
			seki_detect_tick(detect, now_ns, WALL_NS + now_ns);
			ours[t] = bench_now_ns() - ours[t];
			reference[t] = bench_now_ns();
			memcpy(copy, blocks.cell, blocks.n_ever * sizeof(struct seki_cell));
			reference[t] = bench_now_ns() - reference[t];
		}
		qsort(ours, TICKS, sizeof(double), by_value);
		qsort(reference, TICKS, sizeof(double), by_value);
		printf("%.1f %.1f %.1f\n", ours[TICKS / 2] / 1e3, reference[TICKS / 2] / 1e3,
			megabytes(detect, &blocks));
	}
	return copy[0] == 127;
}
