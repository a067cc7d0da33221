/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The detector against who knows how it works: what an attacker may send in peace to be spared later, where he may aim
 * so that others are hit or the tick never ends; and against a management core that is late.
 */
#include "hash.h"
#include "suite.h"
#include "watch.h"

#include <endian.h>
#include <limits.h>
#include <time.h>

#define ZONES 2
#define HOST UINT64_C(0xc6120a05) /* 198.18.10.5 */

struct rig {
	struct seki_blocks b;
	struct seki_limits limits;
	struct seki_detect_core core;
	struct seki_detect *d;
	void *memory;
	uint64_t now_ns;
};

static void *
zeroed(size_t bytes)
{
	void *memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);

	return memset(memory, 0, bytes);
}

static void
watch_zone(struct rig *rig, uint16_t zone)
{
	const struct seki_detect_zone told = {.name = "z", .domain = "d", .limits = &rig->limits, .can = UINT32_MAX};

	ck_assert_int_eq(seki_detect_zone(rig->d, zone, &told), 0);
}

static void
rig_init(struct rig *rig, uint32_t n_blocks)
{
	struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS] = {0};
	struct seki_detect_params params = SEKI_DETECT_PARAMS;

	*rig = (struct rig){.memory = zeroed(seki_blocks_bytes(n_blocks)), .now_ns = UINT64_C(1000000000000)};
	seki_blocks_init(&rig->b, rig->memory, n_blocks, UINT64_C(0x1234567890abcdef));
	seki_blocks_use(&rig->b, ZONES);
	rig->core = (struct seki_detect_core){
		.blocks = &rig->b,
		.stats = zeroed(sizeof(struct seki_stats)),
		.sampler = zeroed(sizeof(struct seki_sampler)),
	};
	for (unsigned l = 0; l < SEKI_N_LADDERS; l++)
		for (unsigned s = SEKI_STEP_SOURCE; s < SEKI_N_STEPS; s++)
			cms[l][s].raised = SEKI_STEP_BIT(s);
	params.core = &rig->core;
	params.n_cores = 1;
	params.cms = cms;
	rig->d = seki_detect_create(&params);
	seki_limits_default(&rig->limits);
	for (uint16_t z = 1; z <= ZONES; z++)
		watch_zone(rig, z);
}

static void
rig_fini(struct rig *rig)
{
	seki_detect_destroy(rig->d);
	free((void *)(uintptr_t)rig->core.stats);
	free(rig->core.sampler);
	free(rig->memory);
}

/* `n` packets of a vector to an address (of an IPv6 one the upper half). */
static void
put(struct rig *rig, uint16_t zone, struct pkt like, unsigned n)
{
	struct seki_blocks_burst burst = {0};

	like.zone = zone;
	like.arrival_ns = rig->now_ns - 1;
	like.len = 100;
	for (; n > 0; n -= like.batch) {
		like.batch = (uint8_t)(n < 200 ? n : 200);
		like.batch_bytes = like.batch * 100u;
		seki_blocks_look_burst(&rig->b, &like, 1, false, &burst);
		seki_blocks_count_burst(&rig->b, &like, UINT_MAX, &burst);
		if (like.verdict == SEKI_VERDICT_DROP)
			rig->b.zone[zone].stopped[like.vector].packets += like.batch - 1u;
	}
}

static struct pkt
to4(unsigned vector, uint64_t address)
{
	struct pkt p = {.l3 = PKT_L3_IP4, .vector = (uint8_t)vector};

	p.dst.v4_be = htobe32((uint32_t)address);
	return p;
}

static struct pkt
to6(unsigned vector, uint64_t net)
{
	struct pkt p = {.l3 = PKT_L3_IP6, .vector = (uint8_t)vector};

	p.dst.q[0] = htobe64(net);
	return p;
}

static void
tick(struct rig *rig)
{
	seki_detect_tick(rig->d, rig->now_ns, UINT64_C(1700000000000000000) + rig->now_ns);
	seki_blocks_sweep(&rig->b, rig->now_ns);
	rig->now_ns += SEKI_BLOCKS_TICK_NS;
}

static const struct track *
track_of(const struct rig *rig, uint16_t zone, unsigned vector)
{
	return &rig->d->zone[zone]->track[vector];
}

static bool
is_target(const struct track *t, struct seki_target who)
{
	for (unsigned i = 0; i < t->n_targets; i++)
		if (seki_target_holds(t->target[i], who))
			return true;
	return false;
}

/* Seconds of this thread's time that a tick takes. */
static double
cost(struct rig *rig)
{
	struct timespec from, to;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
	tick(rig);
	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) * 1e-9;
}

/* --- evasion ------------------------------------------------------------------------------------------------- */

/* A minute of traffic to many hosts, below all limits, does not make a flood of one host usual. */
START_TEST(calm_is_no_cover)
{
	struct rig rig;

	rig_init(&rig, 1024);
	for (unsigned t = 0; t < 600; t++) {
		for (unsigned h = 0; h < 256; h++)
			put(&rig, 1, to4(SEKI_VECTOR_UDP, 0xc6120000u + 64 * h), 23);
		tick(&rig);
	}
	for (unsigned t = 0; t < 20; t++) {
		put(&rig, 1, to4(SEKI_VECTOR_UDP, HOST), 5000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->step, SEKI_STEP_PROVEN); /* nothing here drops */
	rig_fini(&rig);
}
END_TEST

/* An attack on 10,000 hosts of one zone does not hide a carpet that only the whole of another zone shows. */
START_TEST(zones_are_reported_apart)
{
	struct rig rig;

	rig_init(&rig, 65536);
	for (unsigned t = 0; t < 15; t++) {
		for (unsigned h = 0; h < 10000; h++)
			put(&rig, 1, to4(SEKI_VECTOR_SSDP, 0x0a000000u + 16 * h), 160);
		for (unsigned h = 0; h < 64; h++)
			put(&rig, 2, to4(SEKI_VECTOR_NTP, 0xc0000000u + 4096 * h), 10);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 2, SEKI_VECTOR_NTP)->state, TRACK_MITIGATING);
	rig_fini(&rig);
}
END_TEST

/* Who fills the zone's share of blocks first, and then floods a host that has none, does not make it the others'. */
START_TEST(flood_without_a_block)
{
	const uint64_t net = UINT64_C(0x20010db800000000), victim = net | 0xffff1234;
	struct seki_rng rng;
	struct rig rig;

	rig_init(&rig, 4096);
	seki_rng_init(&rng, 1);
	for (unsigned t = 0; t < 70; t++) {
		for (unsigned i = 0; i < 100; i++)
			put(&rig, 1, to6(SEKI_VECTOR_UDP, net | seki_rng_below(&rng, 1u << 31)), 1);
		for (unsigned h = 0; h < 20; h++)
			put(&rig, 1, to6(SEKI_VECTOR_UDP, net | 0xaaaa0000 | 7919 * h % 65536), 5);
		if (t >= 50)
			put(&rig, 1, to6(SEKI_VECTOR_UDP, victim), 20000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->state, TRACK_MITIGATING);
	ck_assert(is_target(track_of(&rig, 1, SEKI_VECTOR_UDP), (struct seki_target){victim, 6, 64}));
	rig_fini(&rig);
}
END_TEST

/* --- clean traffic ------------------------------------------------------------------------------------------- */

/* 95 % of a host's limit is no attack, however late a tick is. */
START_TEST(late_ticks)
{
	struct rig rig;

	rig_init(&rig, 1024);
	for (unsigned t = 0; t < 100; t++) {
		put(&rig, 1, to4(SEKI_VECTOR_UDP, HOST), 950);
		if (t > 50 && t <= 50 + (unsigned)_i)
			rig.now_ns += SEKI_BLOCKS_TICK_NS;
		else
			tick(&rig);
		ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->state, TRACK_IDLE);
	}
	rig_fini(&rig);
}
END_TEST

/* A vector that has ceased to come is not kept alive by another one that hosts count in the same column. */
START_TEST(ceased_vectors_end)
{
	struct rig rig;

	rig_init(&rig, 1024);
	for (unsigned t = 0; t < 700; t++) {
		put(&rig, 1, to4(t < 30 ? SEKI_VECTOR_DNS : SEKI_VECTOR_NTP, HOST), t < 30 ? 5000 : 300);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_NTP)->state, TRACK_MITIGATING);
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_DNS)->state, TRACK_IDLE);
	rig_fini(&rig);
}
END_TEST

/* Who had a crowd of visitors an hour ago is no target of a flood that comes to another host. */
START_TEST(crowds_leave_no_targets)
{
	struct rig rig;

	rig_init(&rig, 1024);
	for (unsigned t = 0; t < 60; t++) {
		put(&rig, 1, to4(SEKI_VECTOR_TCP_SYN, HOST), 400);
		rig.b.zone[1].completed += 390;
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_TCP_SYN)->state, TRACK_ALERT);
	for (unsigned t = 0; t < 600; t++)
		tick(&rig);
	for (unsigned t = 0; t < 5; t++) {
		put(&rig, 1, to4(SEKI_VECTOR_TCP_SYN, HOST + 0x10000), 4000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_TCP_SYN)->state, TRACK_MITIGATING);
	ck_assert(!is_target(track_of(&rig, 1, SEKI_VECTOR_TCP_SYN), (struct seki_target){HOST << 32, 4, 32}));
	rig_fini(&rig);
}
END_TEST

/* What lists or services stop anyway is an incident, but nothing is raised against the strangers beside it. */
START_TEST(stopped_already)
{
	struct pkt p = to4(SEKI_VECTOR_UDP, HOST);
	struct rig rig;

	rig_init(&rig, 1024);
	p.verdict = SEKI_VERDICT_DROP;
	for (unsigned t = 0; t < 30; t++) {
		put(&rig, 1, p, 5000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->state, TRACK_MITIGATING);
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->step, SEKI_STEP_NONE);
	p.verdict = SEKI_VERDICT_PASS; /* they do not any more */
	for (unsigned t = 0; t < 10; t++) {
		put(&rig, 1, p, 5000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->step, SEKI_STEP_PROVEN); /* nothing here drops */
	rig_fini(&rig);
}
END_TEST

/* A partner whom an allow list names is no attack, and no reason to shut the others out. */
START_TEST(allowed_is_no_stranger)
{
	struct pkt p = to4(SEKI_VECTOR_UDP, HOST);
	struct rig rig;

	rig_init(&rig, 1024);
	p.reason = SEKI_REASON_ALLOWED;
	for (unsigned t = 0; t < 30; t++) {
		put(&rig, 1, p, 5000);
		tick(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_UDP)->state, TRACK_IDLE);
	rig_fini(&rig);
}
END_TEST

/* --- work ---------------------------------------------------------------------------------------------------- */

/* 4,096 /24s of a /12, each of them over its limit, by hosts that are not. Some 0.2 s; what grows with the square took
 * 20 s. */
START_TEST(many_prefixes)
{
	struct rig rig;
	double last = 0;

	rig_init(&rig, 65536);
	for (unsigned t = 0; t < 3; t++) {
		for (unsigned block = 0; block < 65536; block++)
			put(&rig, 1, to4(SEKI_VECTOR_SSDP, 0x0a100000u + 16 * block), 60);
		last = cost(&rig);
	}
	ck_assert_uint_eq(track_of(&rig, 1, SEKI_VECTOR_SSDP)->state, TRACK_MITIGATING);
	ck_assert_msg(last < 1.5, "a tick took %.1f s", last);
	rig_fini(&rig);
}
END_TEST

/* Targets that have next to nothing in common. 10 ms; one after the other, each of them took half a minute. */
START_TEST(many_targets)
{
	const unsigned n = 131072;
	struct target_item *item = calloc(n, sizeof(*item));
	clock_t began = clock();
	struct seki_rng rng;

	seki_rng_init(&rng, 1);
	for (unsigned i = 0; i < n; i++)
		item[i] = target_item_of((struct seki_target){seki_rng_next(&rng), 6, 64});
	ck_assert_uint_eq(target_merge(item, n, SEKI_TARGETS_MAX), SEKI_TARGETS_MAX);
	ck_assert_msg(
		clock() - began < 3 * CLOCKS_PER_SEC, "it took %ld s", (long)((clock() - began) / CLOCKS_PER_SEC));
	free(item);
}
END_TEST

/* All zones are attacked at once, twice: each has its incident, and of those that have ended the youngest are kept. */
START_TEST(every_zone_at_once)
{
	struct rig rig;
	unsigned open = 0;

	rig_init(&rig, 2048);
	for (uint16_t z = ZONES + 1; z < SEKI_ZONES_MAX; z++)
		watch_zone(&rig, z);
	for (unsigned turn = 0; turn < 2; turn++) {
		for (unsigned t = 0; t < 3; t++) {
			for (uint16_t z = 1; z < SEKI_ZONES_MAX; z++)
				put(&rig, z, to4(SEKI_VECTOR_NTP, HOST + z * 256u), 500);
			tick(&rig);
		}
		for (unsigned i = open = 0; i < rig.d->n_incidents; i++)
			open += rig.d->incident[i]->state == SEKI_INCIDENT_OPEN;
		ck_assert_msg(open == SEKI_ZONES_MAX - 1, "%u of %u", open, rig.d->n_incidents);
		ck_assert_uint_eq(rig.d->n_incidents, open + (turn == 0 ? 0 : SEKI_INCIDENTS_ENDED - 1));
		for (unsigned t = 0; t < 400; t++)
			tick(&rig);
	}
	rig_fini(&rig);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("detect_hostile");

	tcase_add_test(tests, calm_is_no_cover);
	tcase_add_test(tests, zones_are_reported_apart);
	tcase_add_test(tests, flood_without_a_block);
	tcase_add_loop_test(tests, late_ticks, 0, 12);
	tcase_add_test(tests, ceased_vectors_end);
	tcase_add_test(tests, crowds_leave_no_targets);
	tcase_add_test(tests, stopped_already);
	tcase_add_test(tests, allowed_is_no_stranger);
	tcase_add_test(tests, many_prefixes);
	tcase_add_test(tests, many_targets);
	tcase_add_test(tests, every_zone_at_once);
	tcase_set_timeout(tests, 120);
	return suite_run("detect_hostile", tests);
}
