/* SPDX-License-Identifier: BSD-3-Clause */

/* Counters against a model that counts every packet the slow way, and the accounting identity. */
#include "hash.h"
#include "sum.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#define N_PACKETS 20000
#define N_ZONES 4
#define N_PORTS 3

static struct seki_stats *
stats_create(void)
{
	struct seki_stats *stats = aligned_alloc(64, sizeof(*stats));

	ck_assert_ptr_nonnull(stats);
	memset(stats, 0, sizeof(*stats));
	return stats;
}

/* A decided packet; about half of them dropped, some observed. */
static struct pkt
random_packet(struct seki_rng *rng)
{
	struct pkt p = {
		.len = (uint32_t)(60 + seki_rng_below(rng, 1500)),
		.in_port = (uint16_t)seki_rng_below(rng, N_PORTS),
		.zone = (uint16_t)seki_rng_below(rng, N_ZONES),
		.vector = (uint8_t)seki_rng_below(rng, SEKI_N_VECTORS),
		.direction = (uint8_t)seki_rng_below(rng, SEKI_N_DIRECTIONS),
		.reason = (uint8_t)(1 + seki_rng_below(rng, SEKI_N_REASONS - 1)),
		.observed = (uint8_t)(seki_rng_below(rng, 4) == 0 ? seki_rng_below(rng, SEKI_N_REASONS) : 0),
	};

	p.verdict = (uint8_t)seki_reason_verdict(p.reason);
	return p;
}

static void
model_count(struct seki_count *c, const struct pkt *p)
{
	c->packets += 1;
	c->bytes += p->len;
}

/* Straight from the header's words. */
static void
model_burst(struct seki_stats *s, const struct pkt *p)
{
	model_count(&s->port[p->in_port].rx, p);
	if (p->direction == SEKI_DIR_INBOUND)
		model_count(&s->zone[p->zone].vector[p->vector], p);
	if (p->observed != 0)
		model_count(&s->zone[p->zone].observed[p->observed], p);
	if (p->observed != 0 && p->verdict == SEKI_VERDICT_PASS)
		model_count(&s->zone[p->zone].spared[p->observed], p);
	if (p->verdict == SEKI_VERDICT_DROP) {
		model_count(&s->zone[p->zone].by_reason[p->direction][p->reason], p);
		model_count(&s->port[p->in_port].by_reason[p->direction][p->reason], p);
	}
}

START_TEST(bursts_follow_the_model)
{
	struct seki_stats *real = stats_create(), *model = stats_create();
	struct pkt pkt[PKT_BURST];
	struct seki_rng rng;

	seki_rng_init(&rng, 3);
	for (unsigned done = 0; done < N_PACKETS;) {
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, PKT_BURST);
		bool alike = seki_rng_below(&rng, 2) == 0;

		for (unsigned i = 0; i < n; i++) {
			pkt[i] = i > 0 && alike ? pkt[0] : random_packet(&rng);
			model_burst(model, &pkt[i]);
		}
		count_burst(real, pkt, n);
		done += n;
	}
	ck_assert_int_eq(memcmp(real, model, sizeof(*real)), 0);
	free(real);
	free(model);
}
END_TEST

/* A box: drops at the decision, passes at transmission, a few late drops, a few frames of Seki's own. */
START_TEST(identity_holds_when_quiet)
{
	struct seki_stats *core[2] = {stats_create(), stats_create()}, *sum = stats_create();
	uint64_t dropped = 0, sent = 0;
	struct seki_balance balance;
	struct seki_rng rng;

	seki_rng_init(&rng, 4);
	for (unsigned i = 0; i < N_PACKETS; i++) {
		struct pkt p = random_packet(&rng);
		struct seki_fate fate = pkt_fate(&p);
		struct seki_stats *tx = core[seki_rng_below(&rng, 2)];

		count_burst(core[seki_rng_below(&rng, 2)], &p, 1);
		if (p.verdict == SEKI_VERDICT_DROP) {
			dropped++;
			continue;
		}
		if (seki_rng_below(&rng, 10) == 0) {
			fate.reason = SEKI_REASON_RING_FULL;
			dropped++;
		} else {
			model_count(&tx->port[(p.in_port + 1) % N_PORTS].tx, &p);
			sent++;
		}
		seki_stats_end(tx, fate, p.len);
	}
	for (unsigned i = 0; i < 7; i++) {
		struct pkt p = {.len = 60 + i};

		model_count(&core[1]->port[2].generated, &p);
		model_count(&core[1]->port[2].tx, &p);
	}
	seki_stats_add(sum, core[0]);
	seki_stats_add(sum, core[1]);
	seki_stats_balance(sum, &balance);
	ck_assert_uint_eq(balance.rx.packets, N_PACKETS);
	ck_assert_uint_eq(balance.generated.packets, 7);
	ck_assert_uint_eq(balance.tx.packets, sent + 7);
	ck_assert_uint_eq(balance.dropped.packets, dropped);
	ck_assert_uint_eq(balance.challenged.packets, 0);
	ck_assert_uint_gt(balance.dropped.bytes, 60 * dropped);
	ck_assert(seki_balance_holds(&balance));
	free(core[0]);
	free(core[1]);
	free(sum);
}
END_TEST

/* A packet that is neither sent nor dropped must unbalance the books: the identity is no tautology. */
START_TEST(lost_packet_unbalances)
{
	struct seki_stats *stats = stats_create();
	struct pkt p = {.len = 60, .verdict = SEKI_VERDICT_PASS, .reason = SEKI_REASON_CLEAN};
	struct seki_balance b;

	count_burst(stats, &p, 1);
	seki_stats_balance(stats, &b);
	ck_assert(!seki_balance_holds(&b));

	/* Nor may it leave longer or shorter than it came. */
	stats->port[1].tx = (struct seki_count){1, 59};
	seki_stats_balance(stats, &b);
	ck_assert(!seki_balance_holds(&b));
	stats->port[1].tx.bytes = 60;
	seki_stats_balance(stats, &b);
	ck_assert(seki_balance_holds(&b));
	free(stats);
}
END_TEST

START_TEST(every_end_is_in_one_zone_and_one_port)
{
	struct seki_stats *stats = stats_create();
	uint64_t by_zone = 0, by_port = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 5);
	for (unsigned i = 0; i < N_PACKETS; i++) {
		struct pkt p = random_packet(&rng);

		count_burst(stats, &p, 1);
		if (p.verdict == SEKI_VERDICT_PASS)
			seki_stats_end(stats, pkt_fate(&p), p.len);
	}
	for (unsigned d = 0; d < SEKI_N_DIRECTIONS; d++) {
		for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
			for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
				by_zone += stats->zone[z].by_reason[d][r].packets;
			for (unsigned p = 0; p < SEKI_PORTS_MAX; p++)
				by_port += stats->port[p].by_reason[d][r].packets;
		}
	}
	ck_assert_uint_eq(by_zone, N_PACKETS);
	ck_assert_uint_eq(by_port, N_PACKETS);
	free(stats);
}
END_TEST

START_TEST(add_is_field_by_field)
{
	struct seki_stats *sum = stats_create(), *from = stats_create();
	uint64_t *s = (uint64_t *)sum, *f = (uint64_t *)from;
	size_t n = sizeof(*sum) / sizeof(*s);

	for (size_t i = 0; i < n; i++) {
		s[i] = i;
		f[i] = i % 3 == 0 ? 0 : 2 * i;
	}
	seki_stats_add(sum, from);
	for (size_t i = 0; i < n; i++)
		ck_assert_uint_eq(s[i], i % 3 == 0 ? i : 3 * i);
	free(sum);
	free(from);
}
END_TEST

START_TEST(fate_carries_what_ends_need)
{
	struct pkt p = {
		.zone = 9, .in_port = 3, .direction = SEKI_DIR_OUTBOUND, .reason = SEKI_REASON_OUTBOUND, .egress = 4};
	struct seki_fate fate = pkt_fate(&p);

	ck_assert(fate.zone == 9 && fate.in_port == 3 && fate.direction == SEKI_DIR_OUTBOUND);
	ck_assert(fate.reason == SEKI_REASON_OUTBOUND && fate.egress == 4);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stats");
	SRunner *runner = srunner_create(suite);
	TCase *all = tcase_create("stats");
	int failed;

	tcase_set_timeout(all, 60);
	tcase_add_test(all, bursts_follow_the_model);
	tcase_add_test(all, identity_holds_when_quiet);
	tcase_add_test(all, lost_packet_unbalances);
	tcase_add_test(all, every_end_is_in_one_zone_and_one_port);
	tcase_add_test(all, add_is_field_by_field);
	tcase_add_test(all, fate_carries_what_ends_need);
	suite_add_tcase(suite, all);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
