/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench_signature MODE ROUNDS: what signatures cost, one line a round.
 *
 *   match    "<ours> <reference>": nanoseconds to read the features of a parsed packet and to ask a signature of three
 *            tests, and for the same expression compiled by libpcap and translated to machine code by rte_bpf. A
 *            third of 1,024 packets has what the signature asks for.
 *   find     "<ours>": milliseconds to find the signatures of 512 samples against 1,024, the slowest of several
 * attacks. largest  "<ours>": the same for as many samples as are looked at.
 */
#include "../unit/detect_traffic.h"
#include "bench.h"
#include "find.h"

#include <pcap/pcap.h>
#include <rte_bpf.h>
#include <rte_mbuf.h>

#define PACKETS 1024
#define PASSES 256
#define ETH 14
#define FRAME 1100

#define EXPRESSION \
	"udp and ip[2:2] >= 1042 and ip[2:2] <= 1050 and ip[8] >= 240 and not dst port 53 and not dst port 443 and not dst " \
	"port 27015"

static struct seki_rng rng;
static uint8_t frame[PACKETS][FRAME];
static struct pkt pkt[PACKETS];
static struct rte_mbuf *mbuf[PACKETS];

static volatile uint64_t sink;

static void
store_16(uint8_t *p, uint32_t x)
{
	p[0] = (uint8_t)(x >> 8);
	p[1] = (uint8_t)x;
}

/* A UDP frame: each test of the signature holds for most of them. */
static void
make_frame(uint8_t *f)
{
	uint32_t len = chance(&rng, 70) ? between(&rng, 1042, 1050) : between(&rng, 60, 1000);
	uint8_t *ip = f + ETH;

	memset(f, 2, ETH - 2);
	store_16(f + 12, 0x0800);
	ip[0] = 0x45;
	store_16(ip + 2, len);
	ip[8] = (uint8_t)(chance(&rng, 70) ? between(&rng, 240, 255) : between(&rng, 30, 120));
	ip[9] = 17;
	ip[12] = 192;
	ip[16] = 198;
	store_16(ip + 20, between(&rng, 1024, 65535));
	store_16(ip + 22, chance(&rng, 70) ? between(&rng, 1024, 65535) : 443);
	store_16(ip + 24, len - 20);
}

static void
make_packets(void)
{
	static uint8_t scratch[PKT_BURST][PKT_HEADERS_MAX];
	struct rte_mempool *pool = rte_pktmbuf_pool_create("bench", PACKETS + 1, 0, 0, 2048, 0);

	if (pool == NULL)
		bench_die("rte_pktmbuf_pool_create");
	for (unsigned i = 0; i < PACKETS; i++) {
		make_frame(frame[i]);
		pkt[i] = (struct pkt){.data = frame[i], .len = FRAME, .linear = FRAME, .flags = PKT_F_CSUM_OK};
		mbuf[i] = rte_pktmbuf_alloc(pool);
		if (mbuf[i] == NULL)
			bench_die("rte_pktmbuf_alloc");
		memcpy(rte_pktmbuf_append(mbuf[i], FRAME - ETH), frame[i] + ETH, FRAME - ETH);
	}
	for (unsigned i = 0; i < PACKETS; i += PKT_BURST)
		pkt_parse_burst(&pkt[i], PKT_BURST, scratch);
}

static struct rte_bpf_jit
make_bpf(void)
{
	pcap_t *pcap = pcap_open_dead(DLT_RAW, FRAME);
	struct bpf_program program;
	struct rte_bpf_prm *prm;
	struct rte_bpf_jit jit;

	if (pcap_compile(pcap, &program, EXPRESSION, 1, PCAP_NETMASK_UNKNOWN) != 0)
		bench_die(pcap_geterr(pcap));
	prm = rte_bpf_convert(&program);
	if (prm == NULL)
		bench_die("rte_bpf_convert");
	if (rte_bpf_get_jit(rte_bpf_load(prm), &jit) != 0 || jit.func == NULL)
		bench_die("rte_bpf_get_jit");
	return jit;
}

static struct seki_signature
make_signature(void)
{
	static const uint32_t ports[] = {53, 443, 27015};
	struct seki_signature signature = {.vector = SEKI_VECTOR_UDP, .n_tests = 3};

	signature.test[0] = seki_test_range(SEKI_FEATURE_LEN, 1042, 1050);
	signature.test[1] = seki_test_range(SEKI_FEATURE_TTL, 240, 255);
	signature.test[2] = seki_test_values(SEKI_FEATURE_DPORT, SEKI_TEST_NOT_IN, ports, 3);
	return signature;
}

static double
match_ours(const struct seki_signature *signature, uint64_t *hits)
{
	double begin = bench_now_ns();

	for (unsigned pass = 0; pass < PASSES; pass++) {
		for (unsigned i = 0; i < PACKETS; i++) {
			struct seki_features features;

			seki_features_read(&pkt[i], &features);
			*hits += seki_signature_match(signature, &features);
		}
	}
	return (bench_now_ns() - begin) / (PASSES * PACKETS);
}

static double
match_theirs(struct rte_bpf_jit jit, uint64_t *hits)
{
	double begin = bench_now_ns();

	for (unsigned pass = 0; pass < PASSES; pass++)
		for (unsigned i = 0; i < PACKETS; i++)
			*hits += jit.func(mbuf[i]) != 0;
	return (bench_now_ns() - begin) / (PASSES * PACKETS);
}

static void
bench_match(unsigned rounds)
{
	struct seki_signature signature = make_signature();
	struct rte_bpf_jit jit;

	make_packets();
	jit = make_bpf();
	for (unsigned r = 0; r < rounds; r++) {
		uint64_t hits[2] = {0, 0};
		double ns[2] = {0, 0};

		for (unsigned i = 0; i < 2; i++) {
			if ((r + i) % 2 == 0)
				ns[0] = match_ours(&signature, &hits[0]);
			else
				ns[1] = match_theirs(jit, &hits[1]);
		}
		if (hits[0] != hits[1] || hits[0] == 0)
			bench_die("both do not say the same");
		printf("%.3f %.3f\n", ns[0], ns[1]);
	}
}

/* The CPU's time that this thread had: who else wants the core does not count, since finding is rare. */
static double
cpu_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* An attack's samples among clean ones, and the time to find what it has in common. */
static double
find_once(const struct seki_samples *attack, const struct seki_samples *clean, struct seki_find_scratch *scratch)
{
	struct seki_find_params params = SEKI_FIND_DEFAULTS;
	struct seki_found found;
	double begin = cpu_now_ns();

	sink = (uint64_t)seki_signature_find(attack, clean, &params, scratch, &found);
	return cpu_now_ns() - begin;
}

/* Two tools, each with half. */
static struct seki_features
two_tools(struct seki_rng *r)
{
	return chance(r, 50) ? mirai_udp(r) : sized_udp(r);
}

static void
bench_find(unsigned rounds, unsigned n_attack, unsigned n_clean)
{
	static const struct {
		struct seki_features (*tool)(struct seki_rng *);
		struct seki_features (*client)(struct seki_rng *);
	} kinds[] = {{hping_syn, client_syn}, {bot_syn, client_syn}, {mirai_udp, client_udp}, {two_tools, client_udp},
		{random_udp, client_udp}, {hidden_udp, client_udp}, {reflected_dns, server_dns}};
	struct seki_find_scratch *scratch = bench_alloc(seki_find_scratch_bytes());
	static struct seki_features attack[SEKI_FIND_ATTACK_MAX], clean[SEKI_FIND_CLEAN_MAX];
	const struct seki_samples attacks = {attack, n_attack}, cleans = {clean, n_clean};

	for (unsigned r = 0; r < rounds; r++) {
		double worst = 0;

		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			double ns;

			for (unsigned k = 0; k < n_attack; k++)
				attack[k] = chance(&rng, 10) ? kinds[i].client(&rng) : kinds[i].tool(&rng);
			for (unsigned k = 0; k < n_clean; k++)
				clean[k] = kinds[i].client(&rng);
			ns = find_once(&attacks, &cleans, scratch);
			worst = ns > worst ? ns : worst;
		}
		printf("%.3f\n", worst / 1e6);
	}
}

int
main(int argc, char **argv)
{
	unsigned rounds = argc == 3 ? (unsigned)atoi(argv[2]) : 0;

	if (rounds == 0) {
		fprintf(stderr, "usage: bench_signature match|find|largest ROUNDS\n");
		return 2;
	}
	bench_start_eal("64", NULL);
	seki_rng_init(&rng, 1);
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (strcmp(argv[1], "match") == 0)
		bench_match(rounds);
	else if (strcmp(argv[1], "find") == 0)
		bench_find(rounds, 512, 1024);
	else if (strcmp(argv[1], "largest") == 0)
		bench_find(rounds, SEKI_FIND_ATTACK_MAX, SEKI_FIND_CLEAN_MAX);
	else
		bench_die("no such mode");
	rte_eal_cleanup();
	return 0;
}
