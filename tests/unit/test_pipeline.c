/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Properties of classify and decide together, over random traffic with all countermeasures at work on tiny budgets:
 * bursts of 1, 7 and 32 give the same verdicts, every packet is counted once, and zones share no budget.
 */
#include "hash.h"
#include "pipeline_net.h"
#include "sum.h"

#define N_TRAFFIC 30000

static const char *const sources[] = {
	"8.8.8.8",
	"127.0.0.1",
	"224.0.0.9",
	"203.0.113.1",
	"203.0.113.200",
	"100.1.1.1",
	"198.18.0.1",
	"9.8.7.6",
};
static const char *const targets[] = {"192.0.2.1", "192.0.2.129", "198.18.3.4", "9.9.9.9"};

/* Enough of everything that every reason of every countermeasure turns up. */
static struct pkt
random_packet(struct seki_rng *rng, uint64_t now)
{
	static const uint8_t defects[] = {SEKI_REASON_IP_LENGTH, SEKI_REASON_TCP_FLAGS, SEKI_REASON_FRAG_TINY};
	bool inbound = seki_rng_below(rng, 5) != 0;
	bool tagged = seki_rng_below(rng, 8) == 0;
	struct pkt p = {
		.arrival_ns = now,
		.len = (uint32_t)(60 + seki_rng_below(rng, 1460)),
		.in_port = inbound ? OUTSIDE : INSIDE,
		.direction = inbound ? IN : OUT,
		.flags = PKT_F_REAL_DIR,
		.l3 = PKT_L3_IP4,
		.vector = (uint8_t)(1 + seki_rng_below(rng, SEKI_N_VECTORS - 1)),
		.proto = seki_rng_below(rng, 2) ? IPPROTO_TCP : IPPROTO_UDP,
		.dport = (uint16_t)(seki_rng_below(rng, 2) ? 80 : 9),
		.n_vlan = tagged,
		.vlan = {tagged ? VLAN_B : 0},
		.defect = seki_rng_below(rng, 20) == 0 ? defects[seki_rng_below(rng, N(defects))] : 0,
	};

	if (p.vector == SEKI_VECTOR_FRAGMENT)
		p.flags |= PKT_F_FRAG | PKT_F_FRAG_LATER;
	else
		p.flags |= PKT_F_PORTS;
	if (seki_rng_below(rng, 50) == 0)
		p.flags |= PKT_F_CONTROL;
	set_addr(&p.src, sources[seki_rng_below(rng, 3) == 0 ? seki_rng_below(rng, N(sources)) : 0]);
	set_addr(&p.dst, targets[seki_rng_below(rng, N(targets))]);
	return p;
}

static const struct config tiny = {
	.set = {{"pps", 3}, {"total_pps", 900}, {"udp_pps", 20}, {"tcp_bps", 100000}, {"burst", 4 * MS}},
	.service = {{IPPROTO_TCP, false, 80, 80}},
	.n_services = 1,
	.allow_lists = 1,
	.deny_lists = 2,
};

static struct bench *
traffic_bench(bool guess)
{
	struct bench *b = network_create(&tiny);

	b->pipe.guess_direction = guess;
	b->snap.posture[1] = (struct seki_posture){.active = ALL, .enforce = ALL};
	b->snap.posture[2] = (struct seki_posture){.active = ALL, .enforce = 1u << CM_ZONE_LIMIT};
	b->snap.posture[3] = (struct seki_posture){.active = ALL & ~(1u << CM_SERVICE), .enforce = ALL};
	return b;
}

static void
make_traffic(struct pkt *traffic, unsigned n, bool guess)
{
	uint64_t now = 1000 * MS;
	unsigned alike = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 17);
	for (unsigned i = 0; i < n; i++) {
		/* Now and then a run of equal packets, which is charged and counted as one. */
		alike = alike != 0 ? alike - 1 : seki_rng_below(&rng, 100) == 0 ? 80 : 0;
		traffic[i] = alike != 0 && i > 0 ? traffic[i - 1] : random_packet(&rng, now);
		if (alike != 0)
			continue;
		if (guess && seki_rng_below(&rng, 2) == 0)
			traffic[i].flags &= (uint16_t)~PKT_F_REAL_DIR;
		/* Live, the packets of a burst have one time. */
		if (seki_rng_below(&rng, 8) == 0)
			now += seki_rng_below(&rng, 4 * MS);
	}
}

static void
run_traffic(struct bench *b, struct pkt *pkt, unsigned n, unsigned burst)
{
	for (unsigned i = 0; i < n; i += burst) {
		unsigned m = n - i < burst ? n - i : burst;

		network_judge(b, &pkt[i], m);
	}
}

/* What the random traffic must have met, or the properties were tested on nothing. */
static const enum seki_reason met[] = {SEKI_REASON_CLEAN, SEKI_REASON_OUTBOUND, SEKI_REASON_CONTROL,
	SEKI_REASON_NO_ZONE, SEKI_REASON_ALLOWED, SEKI_REASON_IP_LENGTH, SEKI_REASON_TCP_FLAGS, SEKI_REASON_SRC_MARTIAN,
	SEKI_REASON_SRC_MULTICAST, SEKI_REASON_SRC_OWN_ZONE, SEKI_REASON_DENIED, SEKI_REASON_SERVICE_BUDGET,
	SEKI_REASON_REFLECTION_BUDGET, SEKI_REASON_FRAGMENT_BUDGET, SEKI_REASON_CLASS_PPS, SEKI_REASON_CLASS_BPS};

static void
check_met(const struct pkt *pkt, unsigned n)
{
	unsigned ended[SEKI_N_REASONS] = {0}, observed[SEKI_N_REASONS] = {0};

	for (unsigned i = 0; i < n; i++) {
		ended[pkt[i].reason]++;
		observed[pkt[i].observed]++;
	}
	ck_assert_uint_eq(ended[SEKI_REASON_NONE], 0);
	for (size_t i = 0; i < N(met); i++)
		ck_assert_msg(ended[met[i]] > 0, "no packet ended with %s", seki_reason_name(met[i]));
	ck_assert(observed[SEKI_REASON_DENIED] > 0 && observed[SEKI_REASON_SERVICE_BUDGET] > 0);
}

START_TEST(burst_size_changes_nothing)
{
	static const unsigned bursts[] = {1, 7, 32};
	struct pkt *run[N(bursts)];
	bool guess = _i != 0;

	for (size_t r = 0; r < N(bursts); r++) {
		struct bench *b = traffic_bench(guess);

		run[r] = aligned_alloc(64, N_TRAFFIC * sizeof(struct pkt));
		make_traffic(run[r], N_TRAFFIC, guess);
		for (unsigned i = 0; i < N_TRAFFIC; i++)
			run[r][i].digest = bursts[r]; /* of the packet that was here before */
		run_traffic(b, run[r], N_TRAFFIC, bursts[r]);
		network_destroy(b);
		for (unsigned i = 0; i < N_TRAFFIC; i++)
			ck_assert_msg(memcmp(&run[r][i], &run[0][i], sizeof(struct pkt)) == 0,
				"packet %u: %s singly, %s in bursts of %u", i, seki_reason_name(run[0][i].reason),
				seki_reason_name(run[r][i].reason), bursts[r]);
	}
	check_met(run[0], N_TRAFFIC);
	for (size_t r = 0; r < N(bursts); r++)
		free(run[r]);
}
END_TEST

/* The accounting identity over the pipeline, every pass sent but a few that die late. */
START_TEST(identity_holds)
{
	struct bench *b = traffic_bench(false);
	struct seki_stats *stats = aligned_alloc(64, sizeof(*stats));
	struct pkt *pkt = aligned_alloc(64, N_TRAFFIC * sizeof(*pkt));
	struct seki_balance balance;
	uint64_t observed = 0, counted = 0;

	memset(stats, 0, sizeof(*stats));
	make_traffic(pkt, N_TRAFFIC, false);
	run_traffic(b, pkt, N_TRAFFIC, PKT_BURST);
	for (unsigned i = 0; i < N_TRAFFIC; i++) {
		struct seki_fate fate = pkt_fate(&pkt[i]);

		count_burst(stats, &pkt[i], 1);
		observed += pkt[i].observed != 0;
		if (pkt[i].verdict != SEKI_VERDICT_PASS)
			continue;
		if (i % 100 == 0) {
			fate.reason = SEKI_REASON_TX_FULL;
		} else {
			stats->port[pkt[i].egress].tx.packets++;
			stats->port[pkt[i].egress].tx.bytes += pkt[i].len;
		}
		seki_stats_end(stats, fate, pkt[i].len);
	}
	seki_stats_balance(stats, &balance);
	ck_assert_uint_eq(balance.rx.packets, N_TRAFFIC);
	ck_assert_uint_gt(balance.dropped.packets, N_TRAFFIC / 10);
	ck_assert(seki_balance_holds(&balance));
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		for (unsigned r = 0; r < SEKI_N_REASONS; r++)
			counted += stats->zone[z].observed[r].packets;
	ck_assert_uint_eq(counted, observed);
	free(stats);
	free(pkt);
	network_destroy(b);
}
END_TEST

/* One zone's flood takes nothing from another zone: its packets meet the same verdicts with and without. */
START_TEST(zones_do_not_share_budgets)
{
	struct pkt *traffic = aligned_alloc(64, N_TRAFFIC * sizeof(*traffic));
	struct pkt *alone = aligned_alloc(64, N_TRAFFIC * sizeof(*alone));
	struct bench *b = traffic_bench(false), *c;
	unsigned n = 0;

	make_traffic(traffic, N_TRAFFIC, false);
	make_traffic(alone, N_TRAFFIC, false);
	run_traffic(b, traffic, N_TRAFFIC, PKT_BURST);
	network_destroy(b);
	c = traffic_bench(false);
	for (unsigned i = 0; i < N_TRAFFIC; i++) {
		if (traffic[i].zone != 1)
			continue;
		run_traffic(c, &alone[i], 1, 1);
		ck_assert_int_eq(alone[i].reason, traffic[i].reason);
		n++;
	}
	ck_assert_uint_gt(n, N_TRAFFIC / 10);
	network_destroy(c);
	free(traffic);
	free(alone);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("pipeline");

	test_eal_start(512);
	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, burst_size_changes_nothing, 0, 2);
	tcase_add_test(tests, identity_holds);
	tcase_add_test(tests, zones_do_not_share_budgets);
	return suite_run("pipeline", tests);
}
