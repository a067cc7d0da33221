/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Properties of the whole path with state, over random traffic: bursts of any size give the same verdicts, reasons and
 * flows as packets that come singly, and so does any other payload.
 */
#include "flow_net.h"

#if defined(__SANITIZE_ADDRESS__) || !defined(__OPTIMIZE__)
#define N_TRAFFIC 120000
#else
#define N_TRAFFIC 300000
#endif

#define ONLY_STATE (1u << CM_REFLECTION | 1u << CM_FRAGMENT | 1u << CM_TCP_STATE | 1u << CM_SOURCE_LIMIT)

/* What judges, and what of it zone 2 enforces: the rest it observes. */
static const struct {
	const char *about;
	uint32_t active, enforced_of_2;
	bool raises;
} postures[] = {
	{"all", ALL, ALL, false},
	{"state, and zone 2 observes", ONLY_STATE, 0, false},
	{"zone 2 observes what keeps no state", ALL, ONLY_STATE, false},
	{"zone 2 observes sources only", ONLY_STATE, ONLY_STATE & ~(1u << CM_SOURCE_LIMIT), false},
	{"incidents", ONLY_STATE, ONLY_STATE, true},
};

/*
 * That a client was looked up is known for the next burst, not for the next packet: it only saves looking him up again.
 */
#define TOLD(flow) ((flow) & ~PKT_FLOW_CHECKED)

static void
check_same(const struct fate *a, const struct fate *b, unsigned i, const char *about, const char *how)
{
	HOLDS(a->reason == b->reason, "%s, %s: packet %u: %s, not %s", about, how, i, seki_reason_name(b->reason),
		seki_reason_name(a->reason));
	HOLDS(a->observed == b->observed, "%s, %s: packet %u: %s is observed, not %s", about, how, i,
		seki_reason_name(b->observed), seki_reason_name(a->observed));
	HOLDS(TOLD(a->flow) == TOLD(b->flow) && a->batch == b->batch && a->batch_bytes == b->batch_bytes,
		"%s, %s: packet %u: flow 0x%x, not 0x%x; batch %u, not %u", about, how, i, b->flow, a->flow, b->batch,
		a->batch);
	HOLDS(a->verdict == b->verdict && a->zone == b->zone, "%s, %s: packet %u", about, how, i);
}

/* Where state alone judges, or it was tested on nothing: each of these, enforced or observed. */
static const enum seki_reason met[] = {SEKI_REASON_CLEAN, SEKI_REASON_OUTBOUND, SEKI_REASON_SOURCE_PPS,
	SEKI_REASON_SOURCE_BPS, SEKI_REASON_SOURCE_SYN, SEKI_REASON_SOURCE_FLOWS, SEKI_REASON_SOURCE_PORTS,
	SEKI_REASON_SOURCE_BLOCKED, SEKI_REASON_TCP_STRAY, SEKI_REASON_REFLECTION_BUDGET, SEKI_REASON_FRAGMENT_BUDGET};

static void
check_met(const struct fate *fate)
{
	unsigned ended[SEKI_N_REASONS] = {0}, observed = 0, of_flow[8] = {0};

	for (unsigned i = 0; i < N_TRAFFIC; i++) {
		ended[fate[i].reason]++;
		ended[fate[i].observed] += fate[i].observed != 0;
		observed += fate[i].observed != 0;
		for (unsigned bit = 0; bit < 8; bit++)
			of_flow[bit] += fate[i].flow >> bit & 1;
	}
	for (size_t i = 0; i < N(met); i++)
		ck_assert_msg(ended[met[i]] >= N_TRAFFIC / 100000, "%u packets ended with %s", ended[met[i]],
			seki_reason_name(met[i]));
	for (unsigned bit = 0; bit < 7; bit++)
		ck_assert_msg(of_flow[bit] >= 100, "%u packets of flows that say 0x%x", of_flow[bit], 1u << bit);
	ck_assert_uint_gt(observed, 0);
}

/* And where incidents raise: dropped in zone 1, held back in zone 2. */
static void
check_raised(const struct fate *fate)
{
	static const enum seki_reason raised[] = {
		SEKI_REASON_SIGNATURE, SEKI_REASON_FLOOD, SEKI_REASON_REFLECTION_BUDGET};

	for (size_t i = 0; i < N(raised); i++) {
		unsigned ended[4] = {0}, observed[4] = {0};

		for (unsigned k = 0; k < N_TRAFFIC; k++) {
			ended[fate[k].zone] += fate[k].reason == raised[i];
			observed[fate[k].zone] += fate[k].observed == raised[i];
		}
		ck_assert_msg(ended[1] > 10 && ended[2] == 0, "%s: %u dropped, and %u", seki_reason_name(raised[i]),
			ended[1], ended[2]);
		ck_assert_msg(observed[2] > 10, "%s: %u observed", seki_reason_name(raised[i]), observed[2]);
	}
}

static struct bench *
open_net(unsigned posture)
{
	struct bench *b = net_create(postures[posture].active, postures[posture].enforced_of_2);

	if (postures[posture].raises)
		net_raise(b);
	return b;
}

START_TEST(bursts_and_payload_change_nothing)
{
	static const struct {
		const char *how;
		struct cut cut;
	} runs[] = {{"bursts of 7", {7, false}}, {"bursts of 32", {32, false}}, {"bursts of any size", {0, false}},
		{"other payload", {1, true}}, {"other payload in bursts of 32", {32, true}}};
	struct fate *singly = zeroed(N_TRAFFIC * sizeof(*singly)), *fate = zeroed(N_TRAFFIC * sizeof(*fate));
	struct traffic traffic;
	struct bench *b;

	make_traffic(&traffic, N_TRAFFIC, 40 + (uint64_t)_i);
	b = open_net((unsigned)_i);
	run_traffic(b, &traffic, (struct cut){1, false}, singly);
	net_destroy(b);
	for (size_t r = 0; r < N(runs); r++) {
		b = open_net((unsigned)_i);
		run_traffic(b, &traffic, runs[r].cut, fate);
		net_destroy(b);
		for (unsigned i = 0; i < N_TRAFFIC; i++)
			check_same(&singly[i], &fate[i], i, postures[_i].about, runs[r].how);
	}
	if (postures[_i].enforced_of_2 == 0)
		check_met(singly);
	if (postures[_i].raises)
		check_raised(singly);
	free(singly);
	free(fate);
	free(traffic.frame);
}
END_TEST

static void
say(struct traffic *t, const struct talk *talk, bool out, uint8_t flags, uint32_t number)
{
	struct frame *f = &t->frame[t->n++];
	const struct word w = {.out = out, .tcp_flags = flags, .seq = number, .ack = number + 1, .payload = 8};

	t->now += 20000;
	frame_of(f->bytes, talk, &w, &f->len);
	f->arrival_ns = t->now;
	f->in_port = out;
}

/*
 * A client far over its limit ends a connection at about the end of a round, and opens the same one again: what was
 * found of the old one is not told of the new one, though both are in one burst.
 */
START_TEST(reopening_begins_anew)
{
	enum { N_CONNECTIONS = 2000 };
	struct traffic t = {.frame = zeroed((size_t)N_CONNECTIONS * 210 * sizeof(struct frame)), .now = 1000 * SECOND};
	static const unsigned bursts[] = {1, 7, 32, 0};
	struct talk talk = talk_of(false, IPPROTO_TCP, 0);
	struct fate *fate[N(bursts)];
	uint32_t strict = 0;

	talk.inside = addr_of("192.0.2.9");
	seki_rng_init(&t.rng, 3);
	for (unsigned i = 0; i < N_CONNECTIONS; i++) {
		unsigned n = 32 * (1 + (unsigned)any_of(&t, 5)) + (unsigned)any_of(&t, 9);

		say(&t, &talk, true, PKT_TCP_SYN, i);
		if (i % 2 == 0)
			say(&t, &talk, false, PKT_TCP_SYN | PKT_TCP_ACK, i);
		else
			say(&t, &talk, true, PKT_TCP_ACK, i);
		for (unsigned k = 0; k < n; k++)
			say(&t, &talk, false, PKT_TCP_ACK, 0);
		say(&t, &talk, true, PKT_TCP_RST, 0);
	}
	for (size_t r = 0; r < N(bursts); r++) {
		struct bench *b = net_create(ONLY_STATE, ONLY_STATE);

		fate[r] = zeroed(t.n * sizeof(*fate[r]));
		run_traffic(b, &t, (struct cut){bursts[r], false}, fate[r]);
		net_destroy(b);
		for (unsigned i = 0; i < t.n; i++)
			check_same(&fate[0][i], &fate[r][i], i, "reopened", r == 0 ? "singly" : "in bursts");
	}
	for (unsigned i = 0; i < t.n; i++)
		strict += (fate[0][i].flow & PKT_FLOW_STRICT) != 0;
	ck_assert_uint_gt(strict, t.n / 20);
	for (size_t r = 0; r < N(bursts); r++)
		free(fate[r]);
	free(t.frame);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_burst");

	test_eal_start(512);
	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, bursts_and_payload_change_nothing, 0, N(postures));
	tcase_add_test(tests, reopening_begins_anew);
	return suite_run("flow_burst", tests);
}
