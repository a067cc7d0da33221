/* SPDX-License-Identifier: BSD-3-Clause */

/* What those have in common who need no budget of strangers: all of it is bounded, from frames to verdicts. */
#include "flow_net.h"

#define CLIENT "9.9.9.9"
#define OPEN ((struct word){.out = true, .tcp_flags = PKT_TCP_SYN, .seq = 1})
#define OPENED ((struct word){.tcp_flags = PKT_TCP_SYN | PKT_TCP_ACK, .ack = 2})
#define SYN ((struct word){.tcp_flags = PKT_TCP_SYN})
#define INWARD ((struct word){.tcp_flags = PKT_TCP_ACK, .payload = 32})
#define OUTWARD ((struct word){.out = true, .tcp_flags = PKT_TCP_ACK, .payload = 32})
#define ERROR ((struct word){.kind = WORD_ERROR})

static struct bench *b;
static uint64_t now;

static void
open_net(uint32_t active)
{
	b = net_create(active, active);
	now = 1000 * SECOND;
	seki_pipeline_sweep(&b->pipe, now);
}

/* Two packets at once, ten a second. */
static void
limit_to_ten(unsigned cm, const char *name)
{
	unsigned i = 0;

	while (strcmp(cm_ops[cm]->budget_name(i), name) != 0)
		ck_assert_uint_lt(++i, cm_ops[cm]->n_budgets);
	b->limit[cm_budget_base[cm] + i] = (struct seki_limit){10, 100 * MS};
	memset(b->pipe.budget, 0, seki_pipeline_budget_bytes());
	lease(b);
}

/* `n` packets alike in one burst; what became of the last. */
static enum seki_reason
say_burst(const struct talk *talk, struct word word, unsigned n)
{
	static uint8_t bytes[PKT_BURST][FRAME_ROOM], scratch[PKT_BURST][PKT_HEADERS_MAX];
	struct frame f = {.arrival_ns = now, .in_port = (uint8_t)(talk->domain * 2 + word.out)};
	struct pkt pkt[PKT_BURST];

	frame_of(f.bytes, talk, &word, &f.len);
	for (unsigned i = 0; i < n; i++)
		parse_frame(&pkt[i], &f, bytes[i], &scratch[i]);
	network_judge(b, pkt, n);
	return pkt[n - 1].reason;
}

static enum seki_reason
say(const struct talk *talk, struct word word)
{
	return say_burst(talk, word, 1);
}

static struct talk
talk_with(const char *client, uint8_t proto)
{
	struct talk talk = talk_of(false, proto, 0);

	talk.client = addr_of(client);
	return talk;
}

/* Of a connection that the inside asked for, and of one to a served port whose source has been checked. */
START_TEST(errors_about_known_flows_are_bounded)
{
	struct talk talk = talk_with(CLIENT, IPPROTO_TCP), stranger = talk_with("9.9.9.8", IPPROTO_TCP);

	open_net(1u << CM_SERVICE);
	limit_to_ten(CM_SERVICE, "known_error_pps");
	if (_i == 0) {
		talk.inside_port = 50000;
		say(&talk, OPEN);
		say(&talk, OPENED);
	} else {
		talk.inside_port = 80;
		say(&talk, SYN);
		say(&talk, OUTWARD);
	}
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(say(&talk, INWARD), SEKI_REASON_CLEAN);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(say(&talk, ERROR), i < 2 ? SEKI_REASON_CLEAN : SEKI_REASON_ICMP_ERROR_BUDGET);
	/* Nobody else pays for it. */
	ck_assert_int_eq(say(&talk, INWARD), SEKI_REASON_CLEAN);
	ck_assert_int_eq(say(&stranger, ERROR), SEKI_REASON_CLEAN);
	now += 100 * MS;
	ck_assert_int_eq(say(&talk, ERROR), SEKI_REASON_CLEAN);
	ck_assert_int_eq(say(&talk, ERROR), SEKI_REASON_ICMP_ERROR_BUDGET);
	net_destroy(b);
}
END_TEST

#define N_SEEDED 30

/* Who has time makes many reflectors familiar in peace; of two kinds here. */
static struct talk
seeded(unsigned i)
{
	struct talk talk = talk_with(CLIENT, IPPROTO_UDP);

	talk.client.b[3] = (uint8_t)(100 + i);
	talk.client_port = i % 2 == 0 ? 53 : 123;
	return talk;
}

static enum seki_reason
say_first(unsigned i)
{
	struct talk talk = seeded(i);

	return say(&talk, INWARD);
}

/* The common budgets are spent by strangers of a network, one packet each: they are familiar to nobody. */
static void
spend_common(const char *network)
{
	for (uint16_t port = 53; port <= 123; port += 70) {
		struct talk stranger = talk_with(network, IPPROTO_UDP);
		enum seki_reason last = SEKI_REASON_NONE;

		stranger.client_port = port;
		for (unsigned i = 1; i <= 50; i++) {
			stranger.client.b[3] = (uint8_t)i;
			last = say(&stranger, INWARD);
		}
		ck_assert_int_eq(last, SEKI_REASON_REFLECTION_BUDGET);
	}
}

/* _i: without a limit that they meet, and with one. */
START_TEST(the_familiar_are_bounded_together)
{
	unsigned passed = 0;

	open_net(1u << CM_REFLECTION);
	if (_i == 1)
		limit_to_ten(CM_REFLECTION, "familiar_total_pps");
	for (unsigned i = 0; i < 2 * N_SEEDED; i++, now += SECOND) /* each twice, half a minute apart */
		ck_assert_int_eq(say_first(i % N_SEEDED), SEKI_REASON_CLEAN);
	spend_common("8.8.4.0");
	for (unsigned i = 0; i < N_SEEDED; i++)
		passed += say_first(i) == SEKI_REASON_CLEAN;
	ck_assert_uint_eq(passed, _i == 0 ? N_SEEDED : 2);
	now += SECOND;
	spend_common("8.8.5.0");
	ck_assert_int_eq(say_first(0), SEKI_REASON_CLEAN);
	net_destroy(b);
}
END_TEST

/* A tick asks for it after packets of any reflector, and of nothing else. */
START_TEST(any_reflector_may_spend_what_the_familiar_share)
{
	const struct cm_ops *ops = cm_ops[CM_REFLECTION];

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		bool reflector = seki_vector_class[v] == SEKI_CLASS_REFLECTION;
		unsigned n = 0;

		for (unsigned i = 0; i < ops->n_budgets; i++)
			n += ops->budget_vectors(i) >> v & 1;
		ck_assert_uint_eq(n, reflector ? 3 : 0); /* its packets, its bits, and what the familiar share */
		ck_assert_uint_eq(ops->budget_vectors(ops->n_budgets - 1) >> v & 1, reflector);
	}
	ck_assert_str_eq(ops->budget_name(ops->n_budgets - 1), "familiar_total_pps");
	for (unsigned i = 0; i < ops->n_budgets; i++)
		for (unsigned k = 0; k < i; k++)
			ck_assert_str_ne(ops->budget_name(i), ops->budget_name(k));
}
END_TEST

/* What tcp_state is to judge is counted, whoever stops it, and whatever the budget lets pass; where it is active. */
START_TEST(strays_are_counted_as_they_are_offered)
{
	struct talk known = talk_with(CLIENT, IPPROTO_TCP), old = talk_with("9.9.9.8", IPPROTO_TCP);
	struct talk denied = talk_with("100.1.2.3", IPPROTO_TCP), other = talk_with("9.9.9.8", IPPROTO_UDP);

	open_net(1u << CM_TCP_STATE | 1u << CM_DENY);
	say(&known, OPEN);
	say(&known, OPENED);
	for (unsigned i = 0; i < 100; i++) {
		ck_assert_int_eq(say(&known, INWARD), SEKI_REASON_CLEAN);
		ck_assert_int_eq(say(&old, SYN), SEKI_REASON_CLEAN);
		ck_assert_int_eq(say(&other, INWARD), SEKI_REASON_CLEAN);
	}
	ck_assert_uint_eq(b->pipe.strays[ZONE], 0);
	ck_assert_int_eq(say(&old, INWARD), SEKI_REASON_CLEAN);
	ck_assert_uint_eq(b->pipe.strays[ZONE], 1);
	for (unsigned i = 0; i < 99; i++)
		say(&old, INWARD);
	ck_assert_int_eq(say(&old, INWARD), SEKI_REASON_TCP_STRAY);
	ck_assert_uint_eq(b->pipe.strays[ZONE], 101);
	ck_assert_int_eq(say(&denied, INWARD), SEKI_REASON_DENIED);
	ck_assert_uint_eq(b->pipe.strays[ZONE], 102);
	say_burst(&old, INWARD, 32);
	ck_assert_uint_eq(b->pipe.strays[ZONE], 134);
	ck_assert_uint_eq(b->pipe.strays[OTHER_ZONE], 0);
	b->snap.posture[ZONE].active &= ~(1u << CM_TCP_STATE);
	say(&old, INWARD);
	ck_assert_uint_eq(b->pipe.strays[ZONE], 134);
	net_destroy(b);
}
END_TEST

/* Bursts of any cut, alike or mixed, count the same. */
START_TEST(strays_are_counted_however_packets_fall_into_bursts)
{
	static const struct cut cuts[] = {{1, false}, {7, false}, {PKT_BURST, false}, {0, false}};
	const uint32_t active = 1u << CM_TCP_STATE | 1u << CM_SERVICE | 1u << CM_REFLECTION | 1u << CM_MALFORMED;
	static struct fate fate[20000];
	uint64_t strays[4] = {0};
	struct traffic t;

	make_traffic(&t, N(fate), 5);
	for (unsigned c = 0; c < N(cuts); c++) {
		open_net(active);
		run_traffic(b, &t, cuts[c], fate);
		for (unsigned z = 1; z <= LAST_ZONE; z++) {
			ck_assert_uint_gt(b->pipe.strays[z], 10);
			ck_assert(c == 0 || b->pipe.strays[z] == strays[z]);
			strays[z] = b->pipe.strays[z];
		}
		net_destroy(b);
	}
	free(t.frame);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("state_cm");

	test_eal_start(512);
	tcase_add_loop_test(tests, errors_about_known_flows_are_bounded, 0, 2);
	tcase_add_loop_test(tests, the_familiar_are_bounded_together, 0, 2);
	tcase_add_test(tests, any_reflector_may_spend_what_the_familiar_share);
	tcase_add_test(tests, strays_are_counted_as_they_are_offered);
	tcase_add_test(tests, strays_are_counted_however_packets_fall_into_bursts);
	tcase_set_timeout(tests, 60);
	return suite_run("state_cm", tests);
}
