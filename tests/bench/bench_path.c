/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_path TRAFFIC N ROUNDS [-t | -d]: the packet path without ports, on frames that a generator in this process
 * makes: what a packet costs, and in which stage.
 *
 *   established4 | established6   segments of N live connections, in random order
 *   flood4 | flood6               a fresh source and port for every packet, N live connections beside
 *   floodwide6                    likewise, but each of the hosts in a /64 of its own
 *
 * One line a round: "<path> <macswap> <generator>", nanoseconds a packet, each with the generator's price in it; -t:
 * cycles a packet by stage, at the end. -d: "<path> <path without detection> <generator>". `bench_path cold TRAFFIC N
 * PACKETS` only runs so many packets: bench_path.py counts under cachegrind what they touch.
 */
#include "bench.h"
#include "conf.h"
#include "eal.h"
#include "hash.h"
#include "held.h"
#include "path.h"
#include "pipeline.h"
#include "state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <rte_cycles.h>

#define MEMORY_MB 1024
#define FRAME_BYTES 128
#define PER_ROUND (1u << 21)

static const char config[] =
	"ports: ({name=\"o\"; device=\"d0\"; side=\"outside\"; peer=\"i\";},"
	" {name=\"i\"; device=\"d1\"; side=\"inside\"; peer=\"o\";});\n"
	"zones: ({name=\"lab\"; mode=\"enforce\"; prefixes=[\"198.18.0.0/15\", \"2001:db8::/32\"];"
	" services=[\"udp/443\", \"tcp/443\", \"icmp\"]; countermeasures: {antispoof: {mode=\"enforce\";};"
	" tcp_state: {mode=\"enforce\"; arm_after=\"0 s\";}; source_limit: {mode=\"enforce\"; bps=\"1 Gbps\"; block=\"1 min\";};"
	" reflection: {mode=\"enforce\";}; fragment: {mode=\"enforce\";};"
	" zone_limit: {total_pps=\"500 Mpps\"; total_bps=\"900 Gbps\";};};});\n";

/* The path of one core, and the traffic. */
struct bench {
	struct seki_spec spec;
	struct seki_policy *policy;
	struct seki_snapshot *snap;
	struct seki_pipeline pipe;
	struct seki_digest digest;
	struct seki_stats *stats;
	struct state state;
	struct path_timing timing;
	struct seki_rng rng;
	bool ip6, fresh, wide;
	uint32_t n_flows;
	uint64_t now_ns;
	uint8_t frame[PKT_BURST][FRAME_BYTES];
	uint8_t headers[PKT_BURST][PKT_HEADERS_MAX];
	struct pkt pkt[PKT_BURST];
};

static struct bench bench;

static void *
must(void *p)
{
	if (p == NULL) {
		fprintf(stderr, "bench_path: no memory\n");
		exit(1);
	}
	return p;
}

static void
start(struct bench *b)
{
	const struct seki_key secret = {{UINT64_C(0x243f6a8885a308d3), UINT64_C(0x13198a2e03707344)}};
	struct seki_err err;

	seki_err_init(&err);
	if (seki_conf_parse("bench", "", config, strlen(config), &b->spec, &err) == 0)
		b->policy = seki_policy_create(&b->spec, NULL, &secret, 0, &err);
	seki_err_print(&err, stderr);
	b->snap = must(b->policy == NULL ? NULL : seki_snapshot_create(b->policy, 1));
	b->spec.state.flows = b->n_flows * 2;
	b->spec.state.sources = b->n_flows * 2;
	seki_digest_init(&b->digest, &secret);
	if (state_open(&b->state, &b->spec, 1, 0, &b->digest) != 0)
		must(NULL);
	b->pipe.flows = b->state.flows;
	b->pipe.sources = b->state.sources;
	b->pipe.blocks = state_blocks(&b->state);
	b->pipe.sampler = b->state.sampler;
	b->pipe.budget = must(calloc(1, seki_pipeline_budget_bytes()));
	b->stats = must(aligned_alloc(64, sizeof(*b->stats)));
	memset(b->stats, 0, sizeof(*b->stats));
	b->now_ns = 1000000000;
}

/* One core has all of each budget. */
static void
lease(struct bench *b)
{
	for (unsigned i = 0; i < cm_n_budgets; i++) {
		struct seki_budget *core = &b->pipe.budget[cm_n_budgets + i];
		struct seki_lease state;

		memset(&state, 0, sizeof(state));
		seki_budget_lease(&state, &b->policy->cm[1].limit[i], &core, 1);
	}
}

/* What detection asks of the counters, as the tick does. */
static void
ask(struct bench *b)
{
	struct watched w = {.limits = NULL};

	held_watch(&w, b->policy->zone[1].limits);
	for (unsigned row = 0; row < SEKI_N_ROWS; row++)
		seki_blocks_whole(b->pipe.blocks, 1, row, held_whole(&w, row));
}

static uint16_t
checksum(const uint8_t *ip)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < 20; i += 2)
		sum += i == 10 ? 0 : (uint32_t)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* What does not change from frame to frame. */
static void template(struct bench *b)
{
	for (unsigned i = 0; i < PKT_BURST; i++) {
		uint8_t *f = b->frame[i], *l4 = f + (b->ip6 ? 54 : 34);

		memset(f, 2, 6);
		memset(f + 6, 4, 6);
		if (b->ip6)
			memcpy(f + 12, "\x86\xdd\x60\0\0\0\0\x14\x06\x40", 10);
		else
			memcpy(f + 12, "\x08\0\x45\0\0\x28\0\0\0\0\x40\x06", 12);
		memcpy(l4 + 4, "\0\0\0\1\0\0\0\1\x50\x10\xff\xff\x12\x34\0\0", 16);
	}
}

/* Writes the ends of flow n into a frame; beyond the live ones they are a stranger's. */
static inline void
write_ends(struct bench *b, uint8_t *f, uint64_t n, bool inbound)
{
	unsigned at = b->ip6 ? 22 : 26, len = b->ip6 ? 16 : 4;
	uint8_t *client = f + (inbound ? at : at + len), *server = f + (inbound ? at + len : at);
	uint8_t *ports = f + at + 2 * len;
	uint16_t cport = htons((uint16_t)(40000 + n % 1000)), sport = htons(443), sum;
	uint32_t word = htonl((11u << 24) + (uint32_t)n),
		 dst = htonl((198u << 24) + (18u << 16) + (uint32_t)(n & 0xffff));

	if (b->ip6) {
		uint64_t net[2] = {htobe64(UINT64_C(0x2a00000000000000) + (n << 16)), htobe64(1)};
		uint64_t in_64 = b->wide ? 1 : 16;
		uint64_t host[2] = {htobe64(UINT64_C(0x20010db800000000) + (n & 0xffff) / in_64), htobe64(n % in_64)};

		memcpy(client, net, 16);
		memcpy(server, host, 16);
	} else {
		memcpy(client, &word, 4);
		memcpy(server, &dst, 4);
		sum = htons(checksum(f + 14));
		memcpy(f + 24, &sum, 2);
	}
	memcpy(ports, inbound ? &cport : &sport, 2);
	memcpy(ports + 2, inbound ? &sport : &cport, 2);
}

static void
generate(struct bench *b)
{
	for (unsigned i = 0; i < PKT_BURST; i++) {
		uint64_t random = seki_rng_next(&b->rng);
		/* 2^26 clients, of whom the first are the live ones. */
		uint64_t n = b->fresh ? b->n_flows + (random & 0x3ffffff) : (random >> 32) * b->n_flows >> 32;

		write_ends(b, b->frame[i], n, true);
	}
}

static void
view(struct bench *b, bool inbound)
{
	for (unsigned i = 0; i < PKT_BURST; i++) {
		struct pkt *p = &b->pkt[i];

		p->data = b->frame[i];
		p->arrival_ns = b->now_ns;
		p->len = b->ip6 ? 74 : 60;
		p->linear = (uint16_t)p->len;
		p->flags = PKT_F_REAL_DIR;
		p->in_port = !inbound;
		p->direction = inbound ? SEKI_DIR_INBOUND : SEKI_DIR_OUTBOUND;
		p->segs = NULL;
	}
}

/* As path.c:take_burst, without ports. */
static inline void
judge(struct bench *b, bool inbound, struct path_timing *timing)
{
	uint64_t mark = rte_rdtsc();
	struct pkt *pkt = b->pkt;
	struct pkt_sum sum;

	view(b, inbound);
	path_lap(timing, PATH_VIEW, &mark);
	pkt_parse_burst(pkt, PKT_BURST, b->headers);
	path_lap(timing, PATH_PARSE, &mark);
	seki_place_burst(&b->pipe, b->snap, pkt, PKT_BURST);
	path_lap(timing, PATH_PLACE, &mark);
	for (unsigned from = 0, end; from < PKT_BURST; from = end) {
		end = seki_classify_burst(&b->pipe, b->snap, pkt, from, PKT_BURST, &sum);
		path_lap(timing, PATH_CLASSIFY, &mark);
		seki_decide_burst(&b->pipe, b->snap, &pkt[from], end - from, &sum);
		seki_settle_burst(&b->pipe, pkt);
		path_lap(timing, PATH_DECIDE, &mark);
		seki_stats_burst(b->stats, &pkt[from], end - from, &sum);
		seki_count_burst(&b->pipe, pkt);
		path_lap(timing, PATH_STATS, &mark);
	}
	seki_pipeline_sweep(&b->pipe, b->now_ns);
	b->now_ns += PKT_BURST * 30;
}

/* The inside speaks once in each connection: from then on it is known. */
static void
establish(struct bench *b)
{
	for (uint32_t n = 0; n < b->n_flows; n += PKT_BURST) {
		for (unsigned i = 0; i < PKT_BURST; i++)
			write_ends(b, b->frame[i], n + i, false);
		judge(b, false, NULL);
	}
}

static double
run_path(struct bench *b, struct path_timing *timing, uint32_t packets)
{
	double begin = bench_now_ns();

	for (uint32_t n = 0; n < packets; n += PKT_BURST) {
		generate(b);
		judge(b, true, timing);
	}
	return (bench_now_ns() - begin) / packets;
}

/* What testpmd does in that mode, and no more. */
static double
run_macswap(struct bench *b, bool swap, uint32_t packets)
{
	double begin = bench_now_ns();

	for (uint32_t n = 0; n < packets; n += PKT_BURST) {
		generate(b);
		for (unsigned i = 0; i < PKT_BURST && swap; i++) {
			uint8_t mac[6];

			memcpy(mac, b->frame[i], 6);
			memcpy(b->frame[i], b->frame[i] + 6, 6);
			memcpy(b->frame[i] + 6, mac, 6);
		}
		__asm__ volatile("" ::: "memory");
	}
	return (bench_now_ns() - begin) / packets;
}

static double
run_blind(struct bench *b, uint32_t packets)
{
	double took;

	b->pipe.blocks = NULL;
	took = run_path(b, NULL, packets);
	b->pipe.blocks = state_blocks(&b->state);
	return took;
}

static void
tell_stages(const struct path_timing *timing, uint64_t packets)
{
	for (unsigned s = 0; s < PATH_N_STAGES; s++)
		if (timing->cycles[s] != 0)
			printf("%s %.1f\n", path_stage_name(s), (double)timing->cycles[s] / (double)packets);
}

static int
set_traffic(struct bench *b, const char *word)
{
	b->ip6 = word[0] != '\0' && word[strlen(word) - 1] == '6';
	b->fresh = strncmp(word, "flood", 5) == 0;
	b->wide = strcmp(word, "floodwide6") == 0;
	return b->fresh || strncmp(word, "established", 11) == 0 ? 0 : -1;
}

int
main(int argc, char **argv)
{
	bool cold = argc == 5 && strcmp(argv[1], "cold") == 0, timed = argc == 5 && strcmp(argv[4], "-t") == 0;
	bool blind = argc == 5 && strcmp(argv[4], "-d") == 0;
	struct bench *b = &bench;

	if ((argc != 4 && !cold && !timed && !blind) || set_traffic(b, argv[1 + cold]) != 0) {
		fprintf(stderr, "usage: bench_path [cold] TRAFFIC N ROUNDS [-t | -d]\n");
		return 2;
	}
	b->n_flows = (uint32_t)atoi(argv[2 + cold]) / PKT_BURST * PKT_BURST;
	test_eal_start(MEMORY_MB);
	seki_rng_init(&b->rng, 1);
	start(b);
	lease(b);
	ask(b);
	template(b);
	establish(b);
	if (cold) {
		run_path(b, NULL, (uint32_t)atoi(argv[4]));
		return 0;
	}
	for (int r = 0; r < atoi(argv[3]); r++) {
		double path = 0, other = 0, generator = run_macswap(b, false, PER_ROUND);

		for (int i = 0; i < 2; i++) {
			if ((r + i) % 2 == 0)
				path = run_path(b, NULL, PER_ROUND);
			else
				other = blind ? run_blind(b, PER_ROUND) : run_macswap(b, true, PER_ROUND);
		}
		printf("%.2f %.2f %.2f\n", path, other, generator);
	}
	if (timed) {
		run_path(b, &b->timing, PER_ROUND);
		tell_stages(&b->timing, PER_ROUND);
	}
	return 0;
}
