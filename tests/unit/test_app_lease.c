/* SPDX-License-Identifier: BSD-3-Clause */
/* A tick that looks only at what may have been asked for leases as one that looks at everything. */
#include "cm_packets.h"
#include "hash.h"
#include "lease.h"

#define N_CORES 3
#define ALL_CMS ((1u << CM_N) - 1)

/* Cores of one side: that of leases_tick, or that of the walk over everything. */
struct side {
	struct seki_budget *budget[N_CORES];
	struct seki_stats *stats[N_CORES];
};

static struct side ours, oracle;
static struct seki_lease *walked;
static struct leases *leases;
static struct bench *bench;
static struct seki_policy_zone names[SEKI_ZONES_MAX];

static void
side_open(struct side *side)
{
	for (unsigned c = 0; c < N_CORES; c++) {
		side->budget[c] = calloc(1, seki_pipeline_budget_bytes());
		side->stats[c] = aligned_alloc(64, sizeof(*side->stats[c]));
		memset(side->stats[c], 0, sizeof(*side->stats[c]));
	}
}

static void
side_close(struct side *side)
{
	for (unsigned c = 0; c < N_CORES; c++) {
		free(side->budget[c]);
		free(side->stats[c]);
	}
}

static void
setup(void)
{
	static const struct config config = {
		.set = {{"pps", 50}, {"total_pps", 300}, {"syn_pps", 40}, {"udp_bps", 90000}, {"error_pps", 20}},
		.service = {{IPPROTO_TCP, false, 80, 80}},
		.n_services = 1,
	};
	struct lease_core core[N_CORES];

	bench = bench_create(&config);
	bench_mode(bench, ALL_CMS, ALL_CMS);
	bench->policy.zone = names;
	bench->policy.zone_id_end = LAST_ZONE + 1;
	bench->policy.generation = 1;
	for (unsigned z = ZONE; z <= LAST_ZONE; z++)
		strcpy(names[z].name, "zone");
	side_open(&ours);
	side_open(&oracle);
	for (unsigned c = 0; c < N_CORES; c++)
		core[c] = (struct lease_core){.budget = ours.budget[c], .stats = ours.stats[c]};
	leases = leases_create(core, N_CORES);
	walked = calloc((size_t)SEKI_ZONES_MAX * cm_n_budgets, sizeof(*walked));
}

static void
teardown(void)
{
	leases_destroy(leases);
	leases_destroy(NULL);
	side_close(&ours);
	side_close(&oracle);
	bench_destroy(bench);
	free(walked);
}

static bool
walk(void)
{
	bool changed = false;

	for (unsigned z = ZONE; z <= LAST_ZONE; z++) {
		for (unsigned b = 0; b < cm_n_budgets; b++) {
			size_t at = (size_t)z * cm_n_budgets + b;
			struct seki_budget *core[N_CORES];

			for (unsigned c = 0; c < N_CORES; c++)
				core[c] = &oracle.budget[c][at];
			changed |= seki_budget_lease(&walked[at], &bench->limit[b], core, N_CORES);
		}
	}
	return changed;
}

/* Both sides tick and are in the same state. */
static void
check_tick(void)
{
	ck_assert_int_eq(leases_tick(leases, &bench->policy), walk());
	for (unsigned c = 0; c < N_CORES; c++)
		ck_assert_mem_eq(ours.budget[c], oracle.budget[c], seki_pipeline_budget_bytes());
}

static void
judge(const struct side *side, unsigned core, struct pkt p)
{
	struct seki_budget *own = bench->pipe.budget;

	bench->pipe.budget = side->budget[core];
	bench_decide(bench, &p, 1);
	count_burst(side->stats[core], &p, 1);
	bench->pipe.budget = own;
}

/* Of any vector, as parser and classify may leave it. */
static struct pkt
random_packet(struct seki_rng *rng, uint64_t now_ns)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_GRE};
	struct pkt p = {.zone = (uint16_t)(ZONE + seki_rng_below(rng, LAST_ZONE)),
		.vector = (uint8_t)seki_rng_below(rng, SEKI_N_VECTORS),
		.proto = protos[seki_rng_below(rng, sizeof(protos))],
		.dport = seki_rng_below(rng, 2) == 0 ? 80 : 9,
		.len = (uint32_t)(60 + seki_rng_below(rng, 1400)),
		.flags = seki_rng_below(rng, 4) == 0 ? PKT_F_FRAG : PKT_F_PORTS};

	p = inbound(p, "198.51.100.7", "192.0.2.1");
	p.arrival_ns = now_ns;
	return p;
}

START_TEST(looking_less_leases_the_same)
{
	unsigned idle = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 0x1ea5e);
	check_tick();
	for (unsigned tick = 1; tick < 300; tick++) {
		/* Bursts of traffic and pauses, now here, now there. */
		unsigned n = seki_rng_below(&rng, 3) == 0 ? (unsigned)seki_rng_below(&rng, 200) : 0;
		unsigned hot = (unsigned)seki_rng_below(&rng, N_CORES);

		for (unsigned i = 0; i < n; i++) {
			unsigned core = seki_rng_below(&rng, 4) != 0 ? hot : (unsigned)seki_rng_below(&rng, N_CORES);
			struct pkt p = random_packet(&rng, tick * LEASE_TICK_NS + i * 1000);

			judge(&ours, core, p);
			judge(&oracle, core, p);
		}
		idle += n == 0;
		check_tick();
	}
	ck_assert_uint_gt(idle, 100);
	ck_assert_int_eq(leases_tick(leases, &bench->policy), 0);
}
END_TEST

/* Each vector alone, so that no other one's packet makes up for a budget that was overlooked. */
START_TEST(every_vector_is_looked_after)
{
	struct pkt p = inbound((struct pkt){.vector = (uint8_t)_i, .proto = IPPROTO_UDP, .flags = PKT_F_PORTS},
		"198.51.100.7", "192.0.2.1");

	check_tick();
	judge(&ours, 1, p);
	judge(&oracle, 1, p);
	check_tick();
	check_tick();
}
END_TEST

/* A reload's limits are in force after one tick, packets or not. */
START_TEST(a_new_policy_is_leased_at_once)
{
	check_tick();
	ck_assert_int_eq(leases_tick(leases, &bench->policy), 0);
	for (unsigned b = 0; b < cm_n_budgets; b++)
		bench->limit[b].rate_per_s = b % 3 == 0 ? 0 : 7 * bench->limit[b].rate_per_s + b;
	bench->policy.generation++;
	check_tick();
	ck_assert_int_eq(leases_tick(leases, &bench->policy), 0);
}
END_TEST

/* What flood may let pass follows the limits that hold now; its budgets are all that do. The policy has none. */
START_TEST(flood_follows_other_limits)
{
	size_t zone = (size_t)ZONE * cm_n_budgets, flood = zone + cm_budget_base[CM_FLOOD] + 2 * SEKI_VECTOR_UDP;
	const struct pkt p = {.zone = ZONE, .vector = SEKI_VECTOR_UDP};
	struct seki_limits limits;
	uint64_t packets, bits;

	check_tick();
	ck_assert_uint_eq(ours.budget[0][flood].cost_q24, 0);
	memset(&limits, 0, sizeof(limits));
	limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP] = (struct seki_rate){7000, 70000};
	leases_follow(leases, ZONE, &limits);
	leases_tick(leases, &bench->policy);
	packets = ours.budget[0][flood].cost_q24;
	bits = ours.budget[0][flood + 1].cost_q24;
	ck_assert(bits > 0 && packets / bits >= 9 && packets / bits <= 10);
	for (unsigned b = 0; b < cm_n_budgets; b++)
		if (zone + b != flood && zone + b != flood + 1)
			ck_assert_uint_eq(ours.budget[0][zone + b].cost_q24, oracle.budget[0][zone + b].cost_q24);
	/* The same limits with other numbers count when packets come. */
	limits.at[SEKI_LEVEL_ZONE][SEKI_VECTOR_UDP].pps = 70000;
	count_burst(ours.stats[0], &p, 1);
	leases_tick(leases, &bench->policy);
	ck_assert(packets / ours.budget[0][flood].cost_q24 >= 9);
	leases_follow(leases, ZONE, NULL);
	leases_tick(leases, &bench->policy);
	ck_assert_uint_eq(ours.budget[0][flood].cost_q24, 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_lease");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, flood_follows_other_limits);
	tcase_add_test(tests, looking_less_leases_the_same);
	tcase_add_loop_test(tests, every_vector_is_looked_after, 0, SEKI_N_VECTORS);
	tcase_add_test(tests, a_new_policy_is_leased_at_once);
	return suite_run("app_lease", tests);
}
