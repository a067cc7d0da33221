/* SPDX-License-Identifier: BSD-3-Clause */
/* What comes to a host and to the prefixes that it is in, by three windows, against sums that are done anew for each.
 */
#include "detect_rig.h"
#include "hash.h"
#include "levels.h"

#include <arpa/inet.h>

#define TICKS 1200
#define BASE 0xc6336400u /* 198.51.100.0 */
#define VECTOR SEKI_VECTOR_UDP

static struct rig rig;
static uint32_t came[TICKS + 1][512]; /* by tick, to hosts from BASE on */

static void
setup(void)
{
	rig_init(&rig);
	memset(came, 0, sizeof(came));
}

static void
teardown(void)
{
	rig_fini(&rig);
}

static struct seki_prefix
address(uint32_t v4)
{
	struct seki_prefix of = {.family = 4, .len = 32};
	uint32_t be = htonl(v4);

	memcpy(of.addr, &be, sizeof(be));
	return of;
}

/* Packets to hosts from `first` on, in ticks from..to. */
static uint64_t
sum(unsigned from, unsigned to, unsigned first, unsigned hosts)
{
	uint64_t n = 0;

	for (unsigned t = from; t <= to; t++)
		for (unsigned h = 0; h < hosts; h++)
			n += came[t][first + h];
	return n;
}

/* `at`: the tick that was the last one. Ticks of the detector's clock begin seconds where `begins` does. */
static void
check(const struct seki_level_rate *rate, unsigned at, unsigned first, unsigned hosts, uint32_t clock)
{
	unsigned ten = 90 + clock % 10 + 1;
	uint64_t in_ten = 10 * sum(at > ten ? at - ten + 1 : 1, at, first, hosts);

	ck_assert_uint_eq(rate->came[SEKI_WINDOW_FIFTH].pps, sum(at - 1, at, first, hosts) * 5);
	ck_assert_uint_eq(rate->came[SEKI_WINDOW_SECOND].pps, sum(at > 10 ? at - 9 : 1, at, first, hosts));
	ck_assert_uint_eq(rate->came[SEKI_WINDOW_TEN].pps, in_ten / ten + (in_ten % ten != 0)); /* one is not nothing */
}

/* Two blocks of one /24, and one of the next. Gaps are of up to two seconds, and some of more than ten. */
START_TEST(windows)
{
	static const unsigned host[] = {7, 9, 20, 300};
	struct seki_level_rate level[SEKI_N_LEVELS];
	struct seki_rng rng;
	unsigned gap = 0;

	seki_rng_init(&rng, (uint64_t)_i + 1);
	for (unsigned t = 1; t <= TICKS; t++) {
		uint32_t clock;

		for (unsigned h = 0; h < 4 && gap == 0; h++) {
			came[t][host[h]] = (uint32_t)seki_rng_below(&rng, 40);
			rig_packets(&rig, VECTOR, BASE + host[h], came[t][host[h]]);
		}
		if (gap > 0)
			gap--;
		else if (seki_rng_below(&rng, 10) == 0)
			gap = (unsigned)seki_rng_below(&rng, seki_rng_below(&rng, 8) == 0 ? 130 : 20);
		rig_tick(&rig);
		clock = (uint32_t)(rig.now_ns / SEKI_DETECT_TICK_NS);
		for (unsigned h = 0; h < 4; h++) {
			struct seki_prefix of = address(BASE + host[h]);

			ck_assert_uint_eq(seki_detect_levels(rig.detect, RIG_ZONE, &of, VECTOR, level), SEKI_N_LEVELS);
			check(&level[SEKI_LEVEL_HOST], t, host[h], 1, clock);
			check(&level[SEKI_LEVEL_BLOCK], t, host[h] & ~15u, 16, clock);
			check(&level[SEKI_LEVEL_NET], t, host[h] & ~255u, 256, clock);
			check(&level[SEKI_LEVEL_WIDE], t, 0, 512, clock);
			check(&level[SEKI_LEVEL_ZONE], t, 0, 512, clock);
		}
	}
}
END_TEST

/* Bits are counted in units of SEKI_BLOCK_UNIT bytes, 8. */
START_TEST(places_and_limits)
{
	const struct seki_own_limit own[] = {
		{.address = BASE + 16, .family = 4, .level = SEKI_LEVEL_BLOCK, .vector = VECTOR, .rate = {1234, 0}},
	};
	struct seki_level_rate level[SEKI_N_LEVELS];
	struct seki_prefix of = address(BASE + 17);

	rig.limits.own = own;
	rig.limits.n_own = 1;
	rig.limits.at[SEKI_LEVEL_HOST][VECTOR] = (struct seki_rate){77, 88};
	rig.limits.host_from[VECTOR] = SEKI_LIMIT_LEARNED;
	rig_zone(&rig, RIG_ZONE, UINT32_MAX);
	rig_run(&rig, 10, VECTOR, BASE + 17, 100);
	ck_assert_uint_eq(seki_detect_levels(rig.detect, RIG_ZONE, &of, VECTOR, level), SEKI_N_LEVELS);
	for (unsigned l = 0; l < SEKI_N_LEVELS; l++) {
		static const unsigned len[] = {32, 28, 24, 20, 0};

		ck_assert_uint_eq(level[l].level, l);
		ck_assert_uint_eq(level[l].prefix.len, len[l]);
		ck_assert_uint_eq(level[l].prefix.net >> 32,
			l == SEKI_LEVEL_ZONE ? 0 : (BASE + 17) & UINT32_MAX << (32 - len[l]));
		ck_assert_uint_eq(level[l].came[SEKI_WINDOW_SECOND].pps, 100);
		ck_assert_uint_eq(level[l].came[SEKI_WINDOW_SECOND].bps, 100 * 8 * 504);
		ck_assert_uint_eq(level[l].limit.pps, l == SEKI_LEVEL_BLOCK ? 1234 : rig.limits.at[l][VECTOR].pps);
		ck_assert_uint_eq(level[l].limit_from, l == SEKI_LEVEL_BLOCK  ? SEKI_LIMIT_CONFIGURED
						       : l == SEKI_LEVEL_HOST ? SEKI_LIMIT_LEARNED
									      : SEKI_LIMIT_DEFAULT);
	}
	ck_assert_uint_eq(level[SEKI_LEVEL_HOST].limit.bps, 88);
	/* Where nothing came, limits hold as well. */
	of = address(BASE + 30);
	seki_detect_levels(rig.detect, RIG_ZONE, &of, SEKI_VECTOR_NTP, level);
	ck_assert_uint_eq(level[SEKI_LEVEL_BLOCK].came[SEKI_WINDOW_TEN].pps, 0);
	ck_assert_uint_eq(level[SEKI_LEVEL_BLOCK].limit.pps, rig.limits.at[SEKI_LEVEL_BLOCK][SEKI_VECTOR_NTP].pps);
	of = address(0x01020304);
	seki_detect_levels(rig.detect, RIG_ZONE, &of, VECTOR, level);
	ck_assert_uint_eq(level[SEKI_LEVEL_WIDE].came[SEKI_WINDOW_TEN].pps, 0);
	ck_assert_uint_eq(level[SEKI_LEVEL_WIDE].limit.pps, rig.limits.at[SEKI_LEVEL_WIDE][VECTOR].pps);
	ck_assert_uint_eq(seki_detect_levels(rig.detect, RIG_ZONE + 1, &of, VECTOR, level), 0);
	ck_assert_uint_eq(seki_detect_levels(rig.detect, UINT16_MAX, &of, VECTOR, level), 0);
}
END_TEST

static void
packets6(const struct seki_prefix *to, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct seki_blocks_burst burst = {0};
		struct pkt pkt = {.arrival_ns = rig.now_ns,
			.zone = RIG_ZONE,
			.l3 = PKT_L3_IP6,
			.batch = 1,
			.batch_bytes = 500,
			.vector = VECTOR};

		memcpy(pkt.dst.b, to->addr, 16);
		seki_blocks_look_burst(&rig.blocks, &pkt, 1, false, &burst);
		seki_blocks_count_burst(&rig.blocks, &pkt, 0, &burst);
	}
}

/* Of an address the host that it is counted with, where hosts are told apart, else all of its /64; of a /64 no host. */
START_TEST(ip6)
{
	struct seki_prefix one = {.family = 6, .len = 128, .addr = {0x20, 1, 0xd, 0xb8, 0, 7, 1, 2, [15] = 1}},
			   other = one;
	struct seki_level_rate level[SEKI_N_LEVELS];
	uint64_t factor = rig.blocks.factor;

	while (seki_blocks_host(false, other.addr, factor) == seki_blocks_host(false, one.addr, factor))
		other.addr[15]++;
	packets6(&one, 3000);
	rig_tick(&rig);
	seki_detect_levels(rig.detect, RIG_ZONE, &other, VECTOR, level);
	ck_assert_uint_eq(level[SEKI_LEVEL_HOST].came[SEKI_WINDOW_SECOND].pps, 3000);
	for (unsigned t = 0; t < 10; t++)
		rig_tick(&rig);
	packets6(&one, 30);
	packets6(&other, 3);
	rig_tick(&rig);
	ck_assert_uint_eq(seki_detect_levels(rig.detect, RIG_ZONE, &one, VECTOR, level), SEKI_N_LEVELS);
	ck_assert_uint_eq(level[SEKI_LEVEL_HOST].came[SEKI_WINDOW_SECOND].pps, 30);
	ck_assert_uint_eq(level[SEKI_LEVEL_HOST].prefix.len, 64);
	ck_assert_uint_eq(level[SEKI_LEVEL_BLOCK].came[SEKI_WINDOW_SECOND].pps, 33);
	ck_assert_uint_eq(level[SEKI_LEVEL_WIDE].prefix.len, 48);
	ck_assert_uint_eq(level[SEKI_LEVEL_WIDE].prefix.net, UINT64_C(0x20010db800070000));
	seki_detect_levels(rig.detect, RIG_ZONE, &other, VECTOR, level);
	ck_assert_uint_eq(level[SEKI_LEVEL_HOST].came[SEKI_WINDOW_SECOND].pps, 3);
	other.len = 64;
	ck_assert_uint_eq(seki_detect_levels(rig.detect, RIG_ZONE, &other, VECTOR, level), SEKI_N_LEVELS - 1);
	ck_assert_uint_eq(level[0].level, SEKI_LEVEL_BLOCK);
	ck_assert_uint_eq(level[0].came[SEKI_WINDOW_SECOND].pps, 33);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("levels");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, windows, 0, 10);
	tcase_add_test(tests, places_and_limits);
	tcase_add_test(tests, ip6);
	return suite_run("levels", tests);
}
