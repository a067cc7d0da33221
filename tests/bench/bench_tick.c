/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_tick quiet|mixed|attack ROUNDS: one line a round, "<ours> <reference>", microseconds for one tick of the leases
 * with 1,000 zones of the default configuration and 16 RX cores. The reference leases every budget of every zone.
 * Between ticks, on every core,
 *
 *   quiet    nothing comes in;
 *   mixed    every zone gets the ordinary mix: TCP, QUIC, DNS and NTP answers, ping;
 *   attack   one zone gets reflection of every kind.
 *
 * bench_tick.py runs it. Both sides have budgets and counters of their own and see the same packets. One thread plays
 * all cores, but their memory is far larger than its caches, so the tick finds it as cold as other cores would leave
 * it.
 */
#include "../support/eal.h" /* not app/box/eal.h */
#include "conf.h"
#include "lease.h"
#include "pipeline.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>

#define N_ZONES 1000
#define N_CORES 16
#define N_TICKS 8 /* in one round; the median counts */

enum traffic {
	QUIET,
	MIXED,
	ATTACK,
};

/* What is leased: one side's cores. */
struct side {
	struct seki_pipeline pipe[N_CORES];
	struct seki_stats *stats[N_CORES];
	struct leases *leases;     /* ours */
	struct seki_lease *walked; /* the reference's */
};

static struct seki_policy *policy;
static struct seki_snapshot *snapshot;

static void *
must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "bench_tick: no memory\n");
		exit(1);
	}
	return p;
}

static void
make_policy(void)
{
	struct seki_spec spec;
	struct seki_err err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("ports: ({name=\"o\"; device=\"d0\"; side=\"outside\"; peer=\"i\";},"
	      " {name=\"i\"; device=\"d1\"; side=\"inside\"; peer=\"o\";});\nzones: (\n",
		out);
	for (unsigned z = 0; z < N_ZONES; z++)
		fprintf(out,
			"%s{name=\"z%u\"; mode=\"enforce\"; prefixes=[\"10.%u.%u.0/24\"]; services=[\"tcp/443\"];"
			" countermeasures: {zone_limit: {total_pps=\"1 Mpps\"; syn_pps=\"20 kpps\";};};}",
			z == 0 ? "" : ",\n", z, z >> 8, z & 255);
	fputs(");\n", out);
	fclose(out);
	seki_err_init(&err);
	if (seki_conf_parse("bench", "", text, size, &spec, &err) == 0)
		policy = seki_policy_create(&spec, NULL, &(struct seki_key){{1, 2}}, 0, &err);
	seki_err_print(&err, stderr);
	snapshot = must(policy == NULL ? NULL : seki_snapshot_create(policy, 1));
	free(text);
	seki_spec_fini(&spec);
}

static void
side_open(struct side *side)
{
	struct lease_core core[N_CORES];

	for (unsigned c = 0; c < N_CORES; c++) {
		side->pipe[c].budget = must(calloc(1, seki_pipeline_budget_bytes()));
		side->stats[c] = must(aligned_alloc(64, sizeof(*side->stats[c])));
		memset(side->stats[c], 0, sizeof(*side->stats[c]));
		core[c] = (struct lease_core){.budget = side->pipe[c].budget, .stats = side->stats[c]};
	}
	side->leases = must(leases_create(core, N_CORES));
	side->walked = must(calloc((size_t)SEKI_ZONES_MAX * cm_n_budgets, sizeof(*side->walked)));
}

static struct pkt
packet(unsigned zone, unsigned vector, unsigned proto, unsigned dport)
{
	struct pkt p = {.l3 = PKT_L3_IP4,
		.zone = (uint16_t)zone,
		.vector = (uint8_t)vector,
		.proto = (uint8_t)proto,
		.dport = (uint16_t)dport,
		.direction = SEKI_DIR_INBOUND,
		.verdict = SEKI_VERDICT_PASS,
		.reason = SEKI_REASON_CLEAN,
		.len = 400,
		.flags = PKT_F_PORTS};
	uint32_t classes = CM_CLASS_ANY | (vector >= SEKI_VECTOR_REFLECTOR_FIRST ? CM_CLASS_REFLECTOR : 0);

	p.todo = snapshot->posture[zone].active & cm_todo[classes];
	return p;
}

/* One core's packets of one zone. Returns how many. */
static unsigned
make_burst(struct pkt *pkt, enum traffic traffic, unsigned zone)
{
	unsigned n = 0;

	if (traffic == MIXED) {
		pkt[n++] = packet(zone, SEKI_VECTOR_TCP_SYN, IPPROTO_TCP, 443);
		pkt[n++] = packet(zone, SEKI_VECTOR_TCP_ACK, IPPROTO_TCP, 443);
		pkt[n++] = packet(zone, SEKI_VECTOR_TCP_DATA, IPPROTO_TCP, 443);
		pkt[n++] = packet(zone, SEKI_VECTOR_TCP_FINRST, IPPROTO_TCP, 443);
		pkt[n++] = packet(zone, SEKI_VECTOR_UDP, IPPROTO_UDP, 40000);
		pkt[n++] = packet(zone, SEKI_VECTOR_DNS, IPPROTO_UDP, 40000);
		pkt[n++] = packet(zone, SEKI_VECTOR_NTP, IPPROTO_UDP, 40000);
		pkt[n++] = packet(zone, SEKI_VECTOR_ICMP_ECHO, IPPROTO_ICMP, 0);
	} else if (traffic == ATTACK && zone == 1) {
		for (; n < PKT_BURST; n++)
			pkt[n] = packet(zone, SEKI_VECTOR_REFLECTOR_FIRST + n, IPPROTO_UDP, 40000);
	}
	return n;
}

static void
play(struct side *side, enum traffic traffic, uint64_t now_ns)
{
	for (unsigned c = 0; c < N_CORES; c++) {
		for (unsigned z = 1; z <= N_ZONES && traffic != QUIET; z++) {
			struct pkt pkt[PKT_BURST];
			unsigned n = make_burst(pkt, traffic, z);
			struct pkt_sum sum = PKT_SUM_NONE;

			if (n == 0)
				continue;
			for (unsigned i = 0; i < n; i++) {
				pkt[i].arrival_ns = now_ns;
				pkt_sum_add(&sum, &pkt[0], &pkt[i]);
			}
			seki_decide_burst(&side->pipe[c], snapshot, pkt, n, &sum);
			seki_stats_burst(side->stats[c], pkt, n, &sum);
		}
	}
}

static void
tick_ours(struct side *side)
{
	if (leases_tick(side->leases, policy) < 0)
		exit(1);
}

static void
tick_all(struct side *side)
{
	for (unsigned z = 1; z <= N_ZONES; z++) {
		for (unsigned b = 0; b < cm_n_budgets; b++) {
			size_t at = (size_t)z * cm_n_budgets + b;
			struct seki_budget *core[N_CORES];

			for (unsigned c = 0; c < N_CORES; c++)
				core[c] = &side->pipe[c].budget[at];
			seki_budget_lease(&side->walked[at], &policy->cm[z].limit[b], core, N_CORES);
		}
	}
}

static double
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int
compare_times(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The median of N_TICKS ticks, packets before each. */
static double
measure(struct side *side, void (*tick)(struct side *side), enum traffic traffic)
{
	static uint64_t now_ns = LEASE_TICK_NS;
	double took[N_TICKS];

	for (unsigned i = 0; i < N_TICKS; i++) {
		double start;

		play(side, traffic, now_ns += LEASE_TICK_NS);
		start = now_us();
		tick(side);
		took[i] = now_us() - start;
	}
	qsort(took, N_TICKS, sizeof(took[0]), compare_times);
	return took[N_TICKS / 2];
}

static int
traffic_of(const char *word)
{
	static const char *const words[] = {[QUIET] = "quiet", [MIXED] = "mixed", [ATTACK] = "attack"};

	for (int i = QUIET; i <= ATTACK; i++)
		if (strcmp(word, words[i]) == 0)
			return i;
	return -1;
}

int
main(int argc, char **argv)
{
	static struct side ours, all;
	int traffic = argc == 3 ? traffic_of(argv[1]) : -1;

	if (traffic < 0) {
		fprintf(stderr, "usage: bench_tick quiet|mixed|attack ROUNDS\n");
		return 2;
	}
	test_eal_start(512);
	make_policy();
	side_open(&ours);
	side_open(&all);
	tick_ours(&ours);
	tick_all(&all);
	for (int r = 0; r < atoi(argv[2]); r++) {
		double reference = r % 2 == 0 ? measure(&all, tick_all, (enum traffic)traffic) : 0;
		double value = measure(&ours, tick_ours, (enum traffic)traffic);

		if (r % 2 != 0)
			reference = measure(&all, tick_all, (enum traffic)traffic);
		printf("%.1f %.1f\n", value, reference);
	}
	return 0;
}
