/* SPDX-License-Identifier: BSD-3-Clause */

/* What countermeasures make of state, from frames to verdicts. */
#include "flow_net.h"

#define WINDOW (UINT64_C(1) << SEKI_SOURCE_SHIFT)
#define SOURCE (1u << CM_SOURCE_LIMIT)

#define OPEN(n) ((struct word){.out = true, .tcp_flags = PKT_TCP_SYN, .seq = (n)})
#define OPENED(n) ((struct word){.tcp_flags = PKT_TCP_SYN | PKT_TCP_ACK, .ack = (n)})
#define INWARD ((struct word){.tcp_flags = PKT_TCP_ACK, .payload = 32})
#define OUTWARD ((struct word){.out = true, .tcp_flags = PKT_TCP_ACK, .payload = 32})
#define ERROR ((struct word){.kind = WORD_ERROR})
#define FIRST(n) ((struct word){.kind = WORD_FIRST, .tcp_flags = PKT_TCP_ACK, .id = (n), .payload = 96})
#define LATER(n) ((struct word){.kind = WORD_LATER, .id = (n), .payload = 96})

struct net {
	struct bench *b;
	struct seki_source_limits limits;
	uint64_t now;
	struct pkt pkt[PKT_BURST];
};

static struct net *
net_open(uint32_t active, uint32_t enforced)
{
	struct net *net = zeroed(sizeof(*net));

	net->b = net_create(active, enforced);
	net->now = 1000 * WINDOW;
	for (unsigned z = 1; z < 4; z++) {
		net->b->zone[z].conf[CM_SOURCE_LIMIT] = &net->limits;
		net->b->snap.posture[z] = (struct seki_posture){.active = active, .enforce = enforced};
	}
	seki_pipeline_sweep(&net->b->pipe, net->now);
	return net;
}

static void
net_close(struct net *net)
{
	net_destroy(net->b);
	free(net);
}

/* `n` packets alike in one burst. */
static void
say_burst(struct net *net, const struct talk *talk, struct word word, unsigned n)
{
	static uint8_t bytes[PKT_BURST][FRAME_ROOM], scratch[PKT_BURST][PKT_HEADERS_MAX];

	for (unsigned i = 0; i < n; i++) {
		struct frame f = {.arrival_ns = net->now, .in_port = (uint8_t)(talk->domain * 2 + word.out)};

		frame_of(f.bytes, talk, &word, &f.len);
		parse_frame(&net->pkt[i], &f, bytes[i], scratch);
	}
	seki_pipeline_sweep(&net->b->pipe, net->now);
	network_judge(net->b, net->pkt, n);
}

static enum seki_reason
say(struct net *net, const struct talk *talk, struct word word)
{
	say_burst(net, talk, word, 1);
	return net->pkt[0].reason;
}

static bool
passes(struct net *net, const struct talk *talk, struct word word)
{
	say(net, talk, word);
	return net->pkt[0].verdict == SEKI_VERDICT_PASS;
}

/* What passes of `n` packets in bursts of `burst`, evenly over a window. */
static unsigned
flood_window(struct net *net, const struct talk *talk, struct word word, unsigned n, unsigned burst)
{
	uint64_t begin = net->now;
	unsigned passed = 0;

	for (unsigned i = 0; i < n; i += burst) {
		net->now = begin + i * WINDOW / n;
		say_burst(net, talk, word, burst);
		for (unsigned k = 0; k < burst; k++)
			passed += net->pkt[k].verdict == SEKI_VERDICT_PASS;
	}
	net->now = begin + WINDOW;
	return passed;
}

static void
check_near(unsigned got, unsigned expected, unsigned percent, const char *about)
{
	ck_assert_msg(got * 100 >= expected * (100 - percent) && got * 100 <= expected * (100 + percent),
		"%s: %u, not %u", about, got, expected);
}

static struct talk
talk_with(const char *client, uint8_t proto)
{
	struct talk talk = talk_of(false, proto, 0);

	talk.client = addr_of(client);
	return talk;
}

#define LIMIT 1024

/*
 * A known flow is charged a round at a time, and packet by packet once it is over its limit: then what passes is the
 * limit, however its packets fall into bursts and rounds. Until that is so, three rounds may pass uncharged.
 */
START_TEST(one_fast_flow_is_held)
{
	static const uint8_t protos[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_GRE};
	static const unsigned bursts[] = {1, 8, 32};
	const unsigned burst = bursts[_i % 3];
	struct talk talk = talk_with("9.9.9.9", protos[_i / 3]);

	for (unsigned offset = 0; offset < 32; offset += 9) {
		struct net *net = net_open(SOURCE, SOURCE);
		unsigned passed;

		net->limits = (struct seki_source_limits){.packets = LIMIT, .factor = {1, 0, 0}};
		seki_source_weigh(&net->limits);
		say(net, &talk, OUTWARD);
		for (unsigned i = 0; i < offset; i++)
			say(net, &talk, INWARD);
		passed = flood_window(net, &talk, INWARD, 15 * LIMIT, burst);
		ck_assert_uint_le(passed, LIMIT * 5 / 4 + 3 * 32);
		for (unsigned times = 2; times <= 20; times += 3) {
			flood_window(net, &talk, INWARD, times * LIMIT, burst);
			passed = flood_window(net, &talk, INWARD, times * LIMIT, burst);
			check_near(passed, LIMIT, 4, "a fast flow");
		}
		/* Half of it: all passes, and soon it is charged by rounds again. */
		flood_window(net, &talk, INWARD, LIMIT / 2, burst);
		passed = flood_window(net, &talk, INWARD, LIMIT / 2, burst);
		ck_assert_uint_eq(passed, LIMIT / 2);
		ck_assert_uint_eq(net->pkt[0].flow & PKT_FLOW_STRICT, 0);
		net_close(net);
	}
}
END_TEST

/* The sum of a source's flows is what is held. */
START_TEST(many_flows_are_held_together)
{
	struct net *net = net_open(SOURCE, SOURCE);
	struct talk talk = talk_with("9.9.9.9", IPPROTO_UDP);
	unsigned passed = 0;

	net->limits = (struct seki_source_limits){.packets = LIMIT, .factor = {1, 0, 0}};
	seki_source_weigh(&net->limits);
	for (unsigned w = 0; w < 4; w++) {
		uint64_t begin = net->now;

		passed = 0;
		for (unsigned i = 0; i < 5 * LIMIT; i++) {
			net->now = begin + i * WINDOW / (5 * LIMIT);
			talk.client_port = (uint16_t)(1000 + i % 8);
			if (i < 8)
				say(net, &talk, OUTWARD);
			passed += say(net, &talk, INWARD) == SEKI_REASON_CLEAN;
		}
		net->now = begin + WINDOW;
	}
	check_near(passed, LIMIT, 4, "eight flows");
	net_close(net);
}
END_TEST

/* Observing holds nothing back, and says of as many packets that it would. */
START_TEST(observing_drops_nothing)
{
	struct net *net = net_open(SOURCE, 0);
	struct talk talk = talk_with("9.9.9.9", IPPROTO_TCP);
	unsigned observed = 0;

	net->limits = (struct seki_source_limits){.packets = LIMIT, .factor = {1, 0, 0}};
	seki_source_weigh(&net->limits);
	for (unsigned w = 0; w < 3; w++) {
		uint64_t begin = net->now;

		observed = 0;
		for (unsigned i = 0; i < 4 * LIMIT; i++) {
			net->now = begin + i * WINDOW / (4 * LIMIT);
			ck_assert_int_eq(say(net, &talk, INWARD), SEKI_REASON_CLEAN);
			observed += net->pkt[0].observed == SEKI_REASON_SOURCE_PPS;
		}
		net->now = begin + WINDOW;
	}
	check_near(observed, 3 * LIMIT, 4, "observed");
	net_close(net);
}
END_TEST

/* A list says that a source is many people, also where no countermeasure but source_limit asks about lists. */
START_TEST(lists_of_the_shared_are_asked)
{
	struct net *net = net_open(SOURCE, SOURCE);
	struct talk shared = talk_with("203.0.113.5", IPPROTO_TCP), other = talk_with("203.0.112.5", IPPROTO_TCP);
	unsigned passed = 0;

	net->limits = (struct seki_source_limits){.packets = LIMIT, .ports = 16 * LIMIT, .factor = {1, 0, 0}};
	seki_source_weigh(&net->limits);
	for (unsigned w = 0; w < 3; w++)
		passed = flood_window(net, &shared, INWARD, 4 * LIMIT, 1);
	ck_assert_uint_eq(passed, 4 * LIMIT);
	for (unsigned w = 0; w < 3; w++)
		passed = flood_window(net, &other, INWARD, 4 * LIMIT, 1);
	check_near(passed, LIMIT, 4, "on no list");
	net_close(net);
}
END_TEST

/* An ICMP error is judged by who sends it, whatever is known of the client whose flow it quotes. */
START_TEST(errors_are_judged_by_their_sender)
{
	const uint32_t both = 1u << CM_DENY | 1u << CM_ANTISPOOF;
	struct net *net = net_open(both, both);
	const union pkt_addr denied = addr_of("100.1.2.3"), martian = addr_of("127.0.0.1"),
			     router = addr_of("203.0.112.9");
	struct talk talk = talk_with("203.0.112.5", IPPROTO_TCP);
	struct word error = ERROR;

	say(net, &talk, OPEN(1));
	say(net, &talk, OPENED(2));
	say(net, &talk, INWARD);
	say(net, &talk, INWARD);
	ck_assert_uint_ne(net->pkt[0].flow & PKT_FLOW_CHECKED, 0);
	error.reporter = &router;
	ck_assert_int_eq(say(net, &talk, error), SEKI_REASON_CLEAN);
	ck_assert_uint_ne(net->pkt[0].flow & PKT_FLOW_KNOWN, 0);
	error.reporter = &denied;
	ck_assert_int_eq(say(net, &talk, error), SEKI_REASON_DENIED);
	error.reporter = &martian;
	ck_assert_int_eq(say(net, &talk, error), SEKI_REASON_SRC_MARTIAN);
	net_close(net);
}
END_TEST

/* The budget of a countermeasure is spent by others: packets of `word` from elsewhere, until they are dropped. */
static void
spend(struct net *net, uint8_t proto, uint16_t client_port, struct word word, enum seki_reason reason)
{
	struct talk talk = talk_with("8.8.4.4", proto);
	enum seki_reason got = SEKI_REASON_NONE;

	talk.inside_port = 9;
	talk.client_port = client_port;
	for (unsigned i = 0; i < 1000 && got != reason; i++, word.id += 1000)
		got = say(net, &talk, word);
	ck_assert_msg(got == reason, "%s was not met, but %s", seki_reason_name(reason), seki_reason_name(got));
}

START_TEST(fragments_follow_the_first_one)
{
	const uint32_t fragment = 1u << CM_FRAGMENT;
	static const uint8_t protos[] = {IPPROTO_UDP, IPPROTO_TCP, IPPROTO_ICMP, IPPROTO_GRE};

	for (size_t i = 0; i < N(protos); i++) {
		struct net *net = net_open(fragment, fragment);
		struct talk talk = talk_with("9.9.9.9", protos[i]);

		ck_assert(passes(net, &talk, FIRST(7)));
		spend(net, IPPROTO_UDP, 3000, FIRST(1), SEKI_REASON_FRAGMENT_BUDGET);
		ck_assert_int_eq(say(net, &talk, LATER(8)), SEKI_REASON_FRAGMENT_BUDGET);
		ck_assert_int_eq(say(net, &talk, FIRST(9)), SEKI_REASON_FRAGMENT_BUDGET);
		ck_assert_int_eq(say(net, &talk, LATER(9)), SEKI_REASON_FRAGMENT_BUDGET);
		for (unsigned k = 0; k < 100; k++)
			ck_assert(passes(net, &talk, LATER(7)));
		net_close(net);
	}
}
END_TEST

START_TEST(strays_have_a_budget_and_connections_do_not)
{
	const uint32_t tcp_state = 1u << CM_TCP_STATE;
	struct net *net = net_open(tcp_state, tcp_state);
	struct talk proven = talk_with("9.9.9.9", IPPROTO_TCP), old = talk_with("9.9.9.8", IPPROTO_TCP);

	say(net, &proven, OPEN(1));
	say(net, &proven, OPENED(2));
	spend(net, IPPROTO_TCP, 3000, INWARD, SEKI_REASON_TCP_STRAY);
	ck_assert_int_eq(say(net, &old, INWARD), SEKI_REASON_TCP_STRAY);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(say(net, &proven, INWARD), SEKI_REASON_CLEAN);
	say(net, &old, OUTWARD);
	ck_assert_int_eq(say(net, &old, INWARD), SEKI_REASON_CLEAN);
	ck_assert_int_eq(say(net, &old, (struct word){.tcp_flags = PKT_TCP_SYN}), SEKI_REASON_CLEAN);
	net_close(net);
}
END_TEST

START_TEST(answers_pass_and_the_familiar_have_their_own)
{
	const uint32_t reflection = 1u << CM_REFLECTION;
	struct net *net = net_open(reflection, reflection);
	struct talk asked = talk_with("9.9.9.9", IPPROTO_UDP), familiar = talk_with("9.9.9.8", IPPROTO_UDP);
	struct talk stranger = talk_with("9.9.9.7", IPPROTO_UDP), other = familiar;

	asked.client_port = familiar.client_port = stranger.client_port = 53;
	other.client_port = 123;
	for (unsigned i = 0; i < 2; i++, net->now += 10 * SECOND) /* in quiet times */
		ck_assert_int_eq(say(net, &familiar, INWARD), SEKI_REASON_CLEAN);
	say(net, &asked, OUTWARD);
	spend(net, IPPROTO_UDP, 53, INWARD, SEKI_REASON_REFLECTION_BUDGET);
	spend(net, IPPROTO_UDP, 123, INWARD, SEKI_REASON_REFLECTION_BUDGET);
	for (unsigned i = 0; i < 100; i++)
		ck_assert_int_eq(say(net, &asked, INWARD), SEKI_REASON_CLEAN);
	ck_assert_int_eq(say(net, &stranger, INWARD), SEKI_REASON_REFLECTION_BUDGET);
	ck_assert_int_eq(say(net, &other, INWARD), SEKI_REASON_REFLECTION_BUDGET);
	for (unsigned i = 0; i < 20; i++) /* familiar_pps, a second's worth */
		ck_assert_int_eq(say(net, &familiar, INWARD), SEKI_REASON_CLEAN);
	ck_assert_int_eq(say(net, &familiar, INWARD), SEKI_REASON_REFLECTION_BUDGET);
	net_close(net);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_cm");

	test_eal_start(512);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, one_fast_flow_is_held, 0, 9);
	tcase_add_test(tests, many_flows_are_held_together);
	tcase_add_test(tests, observing_drops_nothing);
	tcase_add_test(tests, lists_of_the_shared_are_asked);
	tcase_add_test(tests, errors_are_judged_by_their_sender);
	tcase_add_test(tests, fragments_follow_the_first_one);
	tcase_add_test(tests, strays_have_a_budget_and_connections_do_not);
	tcase_add_test(tests, answers_pass_and_the_familiar_have_their_own);
	return suite_run("flow_cm", tests);
}
