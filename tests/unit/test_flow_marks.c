/* SPDX-License-Identifier: BSD-3-Clause */

/* What a flow remembers beside its state: under which lists its client was looked up, and what its source is charged.
 */
#include "flow_rig.h"
#include "hash.h"

#define START (1000 * SECOND)
#define K PKT_FLOW_KNOWN
#define A PKT_FLOW_ASKED
#define V PKT_FLOW_VERIFIED
#define CHECKED PKT_FLOW_CHECKED
#define ROUND PKT_FLOW_ROUND
#define STRICT PKT_FLOW_STRICT

/* Longer than a round of the sweep. */
#define SWEEP_ROUND (5 * SECOND)

#define SYN(n) (&(struct word){.out = true, .tcp_flags = PKT_TCP_SYN, .seq = (n)})
#define SYN_ACK(n) (&(struct word){.tcp_flags = PKT_TCP_SYN | PKT_TCP_ACK, .ack = (n)})
#define IN (&(struct word){.tcp_flags = PKT_TCP_ACK, .payload = 40})
#define OUT (&(struct word){.out = true, .tcp_flags = PKT_TCP_ACK, .payload = 40})
#define OUT_RST (&(struct word){.out = true, .tcp_flags = PKT_TCP_RST})
#define ERROR (&(struct word){.kind = WORD_ERROR})
#define FIRST (&(struct word){.kind = WORD_FIRST, .tcp_flags = PKT_TCP_ACK, .id = 5, .payload = 160})
#define LATER (&(struct word){.kind = WORD_LATER, .id = 5, .payload = 160})

static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_GRE, IPPROTO_ESP};

/* What a packet is told, but for how its source is charged: the first round is strict. */
static unsigned
say(struct rig *r, const struct talk *t, const struct word *w)
{
	return rig_say(r, t, w) & ~(unsigned)STRICT;
}

/* What is left of the first round, in which each packet is charged at once. */
static unsigned
left_of_first_round(const struct talk *t)
{
	return t->proto == IPPROTO_TCP ? 31 : 32; /* the packet that opens another flow is not counted */
}

static void
reload(struct rig *r, uint64_t list_gen)
{
	seki_flows_use(&r->flows, r->zone, N_ZONES, list_gen);
}

/* Says something inbound, and that nothing was found in the lists about the source. */
static unsigned
look_up(struct rig *r, const struct talk *t)
{
	unsigned told = say(r, t, IN);

	seki_flow_checked(&r->flows, &r->pkt[0]);
	return told;
}

/* A connection or a pinhole of which a packet has come in. */
static void
open_flow(struct rig *r, const struct talk *t)
{
	say(r, t, OUT);
	say(r, t, IN);
}

START_TEST(checked_until_a_reload)
{
	for (unsigned how = 0; how < 2 * N(protos); how++) {
		struct talk talk = talk_of(how % 2, protos[how / 2], ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);

		open_flow(r, &talk);
		ck_assert_uint_eq(look_up(r, &talk) & CHECKED, 0);
		ck_assert_uint_eq(say(r, &talk, IN) & CHECKED, CHECKED);
		say(r, &talk, OUT);
		ck_assert_uint_eq(say(r, &talk, IN) & CHECKED, CHECKED);
		reload(r, 2);
		ck_assert_uint_eq(say(r, &talk, IN) & CHECKED, 0);
		ck_assert_uint_eq(look_up(r, &talk) & CHECKED, 0);
		ck_assert_uint_eq(say(r, &talk, IN) & CHECKED, CHECKED);
		rig_destroy(r);
	}
}
END_TEST

/* One flow's client is looked up, not his neighbour's, nor that of the next connection between the same ends. */
START_TEST(checked_is_one_flow)
{
	struct talk talk = talk_of(false, IPPROTO_TCP, ZONE_PLAIN), other = talk;
	struct rig *r = rig_create(1000, START);

	other.client_port++;
	open_flow(r, &talk);
	open_flow(r, &other);
	look_up(r, &talk);
	ck_assert_uint_eq(say(r, &other, IN), K);
	say(r, &talk, SYN(1));
	ck_assert_uint_eq(say(r, &talk, SYN_ACK(2)), K | A | V);
	rig_destroy(r);
}
END_TEST

/* Who reports an error, and who sends later fragments, need not be the client that was looked up. */
START_TEST(others_are_not_checked)
{
	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		struct talk talk = talk_of(ip6, IPPROTO_TCP, ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);

		say(r, &talk, SYN(1));
		say(r, &talk, SYN_ACK(2));
		look_up(r, &talk);
		ck_assert_uint_eq(say(r, &talk, IN), K | A | V | CHECKED);
		ck_assert_uint_eq(say(r, &talk, ERROR), K | A);
		seki_flow_checked(&r->flows, &r->pkt[0]);
		reload(r, 2);
		say(r, &talk, ERROR);
		seki_flow_checked(&r->flows, &r->pkt[0]); /* the reporter's address says nothing of the client's */
		ck_assert_uint_eq(say(r, &talk, IN), K | A | V);
		say(r, &talk, FIRST);
		ck_assert_uint_eq(say(r, &talk, LATER), K | A);
		seki_flow_checked(&r->flows, &r->pkt[0]);
		ck_assert_uint_eq(say(r, &talk, LATER), K | A);
		rig_destroy(r);
	}
}
END_TEST

/* Of any two policies in a row the later one is another, whatever their numbers. */
START_TEST(every_reload_counts)
{
	struct talk talk = talk_of(false, IPPROTO_TCP, ZONE_PLAIN);
	struct rig *r = rig_create(1000, START);

	open_flow(r, &talk);
	for (uint64_t gen = UINT32_MAX - 600; gen < UINT64_C(1) + UINT32_MAX; gen++) {
		reload(r, gen);
		ck_assert_msg((look_up(r, &talk) & CHECKED) == 0, "generation %llu", (unsigned long long)gen);
		ck_assert_uint_eq(say(r, &talk, IN) & CHECKED, CHECKED);
	}
	rig_destroy(r);
}
END_TEST

/* A silent flow was looked up under lists whose number comes round: it is not taken for looked up again. */
START_TEST(numbers_come_round)
{
	struct rig *r = rig_create(1000, START);
	struct talk talk[64];

	for (unsigned i = 0; i < N(talk); i++) {
		talk[i] = talk_of(i % 2, IPPROTO_TCP, ZONE_PLAIN);
		talk[i].client_port = (uint16_t)(1 + i);
		open_flow(r, &talk[i]);
		look_up(r, &talk[i]);
		ck_assert_uint_eq(say(r, &talk[i], IN), K | CHECKED);
	}
	for (unsigned gen = 2; gen < 400; gen++) {
		reload(r, gen);
		r->now += SWEEP_ROUND;
		seki_flows_sweep(&r->flows, r->now);
		/* Each is silent for long; one of them speaks now. */
		ck_assert_msg(say(r, &talk[gen % N(talk)], IN) == K, "generation %u", gen);
	}
	rig_destroy(r);
}
END_TEST

/* Packets in: sizes that vary, in bursts of `burst`. Leaves what they say in `pkt`. */
static void
say_many(struct rig *r, const struct talk *t, struct pkt *pkt, unsigned n, unsigned burst)
{
	for (unsigned i = 0; i < n;) {
		unsigned m = 0;

		for (; m < burst && i + m < n; m++)
			rig_add(r, t,
				&(struct word){.tcp_flags = PKT_TCP_ACK, .payload = (uint16_t)((i + m) * 37 % 1400)},
				false);
		rig_run(r);
		memcpy(&pkt[i], r->pkt, m * sizeof(*pkt));
		i += m;
	}
}

/*
 * Every packet in is charged to its source, most of them with others at the end of a round: never is more charged than
 * has come, nor is more owed than a round less one.
 */
START_TEST(rounds_are_charged)
{
	enum { N_PACKETS = 32 * 20 + 11 };
	static const unsigned bursts[] = {1, 7, 32};
	static struct pkt pkt[N_PACKETS];

	for (unsigned how = 0; how < 4 * N(bursts); how++) {
		struct talk talk = talk_of(how % 2, how % 4 < 2 ? IPPROTO_TCP : IPPROTO_UDP, ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);
		uint64_t came = 0, charged = 0, owed = 0;
		unsigned rounds = 0;

		open_flow(r, &talk);
		say_many(r, &talk, pkt, left_of_first_round(&talk), 1);
		say_many(r, &talk, pkt, N_PACKETS, bursts[how / 4]);
		for (unsigned i = 0; i < N_PACKETS; i++) {
			bool last = i % 32 == 31;

			came += pkt[i].len;
			owed++;
			ck_assert_uint_eq(pkt[i].batch, last ? 32 : 0);
			ck_assert_uint_eq((pkt[i].flow & ROUND) != 0, last);
			ck_assert_uint_eq(pkt[i].flow & STRICT, 0);
			owed -= pkt[i].batch;
			charged += pkt[i].batch_bytes;
			rounds += last;
			ck_assert(!last || (charged >= came && charged <= came + rounds * 32 * 15));
		}
		ck_assert_uint_eq(owed, 11);
		rig_destroy(r);
	}
}
END_TEST

/* Wherever in the table a flow is: after as many reloads as there are numbers it is not taken for checked. */
START_TEST(numbers_come_round_everywhere)
{
	enum { N_FLOWS = 850, GENS = 255 };
	struct rig *r = rig_create(800, START);

	seki_flows_use(&r->flows, r->zone, 1, 1);
	for (unsigned i = 0; i < N_FLOWS; i++) {
		struct talk talk = talk_of(i % 2, IPPROTO_TCP, ZONE_PLAIN);

		talk.client_port = (uint16_t)(1 + i);
		rig_say(r, &talk, OUT);
		look_up(r, &talk);
		ck_assert_uint_eq(say(r, &talk, IN), K | CHECKED);
	}
	seki_flows_use(&r->flows, r->zone, 1, 2);
	r->now += SWEEP_ROUND;
	seki_flows_sweep(&r->flows, r->now);
	seki_flows_use(&r->flows, r->zone, 1, 1 + GENS);
	for (unsigned i = 0; i < N_FLOWS; i++) {
		struct talk talk = talk_of(i % 2, IPPROTO_TCP, ZONE_PLAIN);

		talk.client_port = (uint16_t)(1 + i);
		ck_assert_uint_eq(rig_say(r, &talk, IN) & CHECKED, 0);
	}
	rig_destroy(r);
}
END_TEST

/* A round ends early where its bytes are more than can be counted: none is lost. */
START_TEST(large_packets_make_short_rounds)
{
	const struct word large = {.tcp_flags = PKT_TCP_ACK, .payload = 65000};
	static struct pkt pkt[32];

	for (unsigned how = 0; how < 4; how++) {
		struct talk talk = talk_of(how % 2, how < 2 ? IPPROTO_TCP : IPPROTO_UDP, ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);

		open_flow(r, &talk);
		say_many(r, &talk, pkt, left_of_first_round(&talk), 1);
		for (unsigned i = 0; i < 30; i++) {
			bool last = i % 3 == 2;

			ck_assert_uint_eq(rig_say(r, &talk, &large), K | (how < 2 ? 0 : A) | (last ? ROUND : 0));
			ck_assert_uint_eq(r->pkt[0].batch, last ? 3 : 0);
			ck_assert_uint_eq(r->pkt[0].batch_bytes, last ? 3 * ((r->pkt[0].len + 15) / 16 * 16) : 0);
		}
		rig_destroy(r);
	}
}
END_TEST

/* What is of no flow, and what makes one, is charged by itself. */
START_TEST(others_are_charged_singly)
{
	const struct word *const words[] = {IN, ERROR, FIRST, LATER, SYN_ACK(9)};
	struct rig *r = rig_create(1000, START);

	for (unsigned i = 0; i < 2 * N(words); i++) {
		struct talk talk = talk_of(i % 2, IPPROTO_TCP, ZONE_PLAIN);

		say(r, &talk, words[i / 2]);
		ck_assert_uint_eq(r->pkt[0].batch, 1);
		ck_assert_uint_eq(r->pkt[0].batch_bytes, r->pkt[0].len);
	}
	for (unsigned i = 0; i < 4; i++) {
		struct talk talk = talk_of(i % 2, i < 2 ? IPPROTO_UDP : IPPROTO_TCP, ZONE_PLAIN);

		say(r, &talk, SYN(8));
		ck_assert_uint_ne(say(r, &talk, SYN_ACK(9)), 0);
		ck_assert_uint_eq(r->pkt[0].batch, 1);
		ck_assert_uint_eq(r->pkt[0].batch_bytes, r->pkt[0].len);
		say(r, &talk, ERROR);
		ck_assert_uint_eq(r->pkt[0].batch, 1);
		say(r, &talk, FIRST);
		say(r, &talk, LATER);
		ck_assert_uint_eq(r->pkt[0].batch, 1);
		say(r, &talk, OUT_RST);
	}
	rig_destroy(r);
}
END_TEST

/* What was said at the end of each round, and what follows from the end of the next one on. */
static const struct {
	bool over, strict;
} said[] = {{true, false}, {true, false}, {false, true}, {true, true}, {false, false}, {false, true}, {true, false},
	{false, false}, {false, true}, {false, false}};

START_TEST(strict_after_the_next_round)
{
	static struct pkt pkt[32];

	for (unsigned how = 0; how < 6 * N(protos); how++) {
		static const unsigned bursts[] = {1, 8, 32};
		struct talk talk = talk_of(how % 2, protos[how / 6], ZONE_PLAIN), other = talk;
		struct rig *r = rig_create(1000, START);

		other.client.b[3] ^= 1;
		open_flow(r, &talk);
		say_many(r, &talk, pkt, left_of_first_round(&talk), 1);
		for (unsigned round = 0; round < N(said); round++) {
			bool strict = said[round].strict;

			say_many(r, &talk, pkt, 32, bursts[how / 2 % 3]);
			for (unsigned i = 0; i < 32; i++) {
				ck_assert_uint_eq(
					pkt[i].flow & (STRICT | ROUND), (strict ? STRICT : 0) | (i == 31 ? ROUND : 0));
				ck_assert_uint_eq(pkt[i].batch, strict ? 1 : i == 31 ? 32 : 0);
				ck_assert(!strict || pkt[i].batch_bytes == pkt[i].len);
			}
			seki_flow_set_over(&r->flows, &pkt[31], said[round].over);
		}
		open_flow(r, &other);
		ck_assert_uint_eq(rig_say(r, &other, IN) & STRICT, STRICT);
		rig_destroy(r);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_marks");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, checked_until_a_reload);
	tcase_add_test(tests, checked_is_one_flow);
	tcase_add_test(tests, others_are_not_checked);
	tcase_add_test(tests, every_reload_counts);
	tcase_add_test(tests, numbers_come_round);
	tcase_add_test(tests, numbers_come_round_everywhere);
	tcase_add_test(tests, rounds_are_charged);
	tcase_add_test(tests, large_packets_make_short_rounds);
	tcase_add_test(tests, others_are_charged_singly);
	tcase_add_test(tests, strict_after_the_next_round);
	return suite_run("flow_marks", tests);
}
