/* SPDX-License-Identifier: BSD-3-Clause */
/* Who gives way to whom where the table of flows is full: by what the inside has said, and the outside proven. */
#include "flow_rig.h"
#include "flow_state.h"

#define START (1000 * SECOND)
#define BOTH (PKT_TCP_SYN | PKT_TCP_ACK)

#define OUT(flags) \
	{ \
		.out = true, .tcp_flags = (flags), .seq = 1, .payload = 8 \
	}
#define IN(flags) \
	{ \
		.tcp_flags = (flags), .ack = 2, .payload = 8 \
	}
#define FIRST \
	{ \
		.kind = WORD_FIRST, .tcp_flags = PKT_TCP_ACK, .id = 7, .payload = 800 \
	}

/* A flow, by the packets that make it; all in a zone that sees inbound packets only, where all kinds can be. */
static const struct kind {
	const char *about;
	uint8_t proto;
	unsigned n;
	struct word word[4];
	enum flow_rank rank;
} kinds[] = {
	{"a SYN from outside", IPPROTO_TCP, 1, {IN(PKT_TCP_SYN)}, RANK_WEAK},
	{"a packet in fragments", IPPROTO_GRE, 1, {FIRST}, RANK_WEAK},
	{"an answer of the inside", IPPROTO_UDP, 2, {IN(0), OUT(0)}, RANK_WEAK},
	{"a handshake that the inside has cut off", IPPROTO_TCP, 2, {OUT(BOTH), OUT(PKT_TCP_RST)}, RANK_WEAK},
	{"a SYN of the inside", IPPROTO_TCP, 1, {OUT(PKT_TCP_SYN)}, RANK_HALF},
	{"a SYN-ACK of the inside", IPPROTO_TCP, 1, {OUT(BOTH)}, RANK_HALF},
	{"a question of the inside", IPPROTO_UDP, 1, {OUT(0)}, RANK_HALF},
	{"answered, and more came", IPPROTO_UDP, 3, {IN(0), OUT(0), IN(0)}, RANK_HALF},
	{"a connection that one side is seen of", IPPROTO_TCP, 2, {IN(PKT_TCP_SYN), IN(PKT_TCP_ACK)}, RANK_WEAK},
	{"a connection that was reset", IPPROTO_TCP, 3, {OUT(PKT_TCP_SYN), IN(BOTH), OUT(PKT_TCP_RST)}, RANK_HALF},
	{"a connection that has ended", IPPROTO_TCP, 4,
		{OUT(PKT_TCP_SYN), IN(BOTH), IN(PKT_TCP_FIN | PKT_TCP_ACK), OUT(PKT_TCP_FIN | PKT_TCP_ACK)}, RANK_HALF},
	{"a connection that was picked up", IPPROTO_TCP, 1, {OUT(PKT_TCP_ACK)}, RANK_OPEN},
	{"a question and its answer", IPPROTO_UDP, 2, {OUT(0), IN(0)}, RANK_OPEN},
	{"a connection that the inside began", IPPROTO_TCP, 2, {OUT(PKT_TCP_SYN), IN(BOTH)}, RANK_VERIFIED},
	{"a connection that the outside began", IPPROTO_TCP, 2, {OUT(BOTH), IN(PKT_TCP_ACK)}, RANK_VERIFIED},
};

static struct talk
talk_number(unsigned i, uint8_t proto)
{
	struct talk t = talk_of(i & 1, proto, ZONE_INBOUND_ONLY);

	t.client.b[1] = (uint8_t)i;
	t.client.b[2] = (uint8_t)(i >> 8);
	return t;
}

/* `n` flows of a kind, of clients from `first` on. */
static void
make(struct rig *r, const struct kind *kind, unsigned first, unsigned n)
{
	for (unsigned i = first; i < first + n; i++) {
		struct talk talk = talk_number(i, kind->proto);

		for (unsigned w = 0; w < kind->n; w++)
			rig_say(r, &talk, &kind->word[w]);
	}
}

static uint64_t
evicted(const struct rig *r)
{
	uint64_t n = 0;

	for (unsigned rank = 0; rank < SEKI_CUCKOO_RANKS; rank++)
		n += r->flows.table.stats.evicted[rank];
	return n;
}

/* 800 flows of one kind, then as many newcomers of another, in 1,024 slots. */
START_TEST(the_weaker_gives_way)
{
	const struct kind *kind = &kinds[_i];

	for (size_t k = 0; k < N(kinds); k++) {
		const struct kind *other = &kinds[k];
		struct rig *r;
		uint64_t gone;

		if (other->n > 1)
			continue; /* what makes a flow is its first packet */
		r = rig_create(800, START);
		seki_flows_use(&r->flows, r->zone, 1, 1);
		make(r, kind, 0, 800);
		ck_assert_uint_eq(evicted(r), 0);
		make(r, other, 1000, 1500);
		gone = r->flows.table.stats.evicted[kind->rank];
		if (other->rank > kind->rank)
			ck_assert_msg(gone > 100, "%s does not give way to %s", kind->about, other->about);
		else if (other->rank < kind->rank || kind->rank >= RANK_OPEN)
			ck_assert_msg(gone == 0, "%s gives way to %s", kind->about, other->about);
		else
			ck_assert_msg(gone > 0, "%s does not give way to its like, %s", kind->about, other->about);
		rig_destroy(r);
	}
}
END_TEST

/* Whose rank is what, read off the table itself: 800 of one kind leave nothing else there. */
START_TEST(ranks_are_as_the_table_says)
{
	const struct kind *kind = &kinds[_i];
	struct rig *r = rig_create(800, START);
	unsigned n = 0;

	make(r, kind, 0, 100);
	for (uint32_t s = 0; s < seki_cuckoo_slots(&r->flows.table); s++) {
		uint64_t state = seki_cuckoo_slot(&r->flows.table, s)->state;

		if (state == 0)
			continue;
		n++;
		ck_assert_msg(flow_rank_of(state) == kind->rank, "%s: rank %u", kind->about, flow_rank_of(state));
	}
	ck_assert_uint_ge(n, 100);
	rig_destroy(r);
}
END_TEST

/* A flood of spoofed SYNs that the inside answers, and of whatever else is weak, beside connections and pinholes. */
START_TEST(floods_evict_nothing_established)
{
	static const struct word ack = IN(PKT_TCP_ACK);
	struct rig *r = rig_create(800, START);
	unsigned picked_up = 0, verified = 0;

	while (kinds[picked_up].rank != RANK_OPEN)
		picked_up++;
	while (kinds[verified].rank != RANK_VERIFIED)
		verified++;
	seki_flows_use(&r->flows, r->zone, _i == 0 ? 1 : N_ZONES, 1);
	make(r, &kinds[verified], 0, 300);
	make(r, &kinds[picked_up], 300, 100);
	for (size_t k = 0; k < N(kinds); k++)
		if (kinds[k].rank < RANK_OPEN)
			make(r, &kinds[k], 1000 + 3000 * (unsigned)k, 3000);
	ck_assert_uint_gt(r->flows.table.stats.evicted[RANK_WEAK] + r->flows.table.stats.evicted[RANK_HALF], 5000);
	ck_assert_uint_eq(r->flows.table.stats.evicted[RANK_OPEN] + r->flows.table.stats.evicted[RANK_VERIFIED], 0);
	for (unsigned i = 0; i < 400; i++) {
		struct talk talk = talk_number(i, IPPROTO_TCP);

		ck_assert_msg(rig_say(r, &talk, &ack) & PKT_FLOW_KNOWN, "connection %u", i);
	}
	rig_destroy(r);
}
END_TEST

/*
 * Connections that are picked up in the middle of a burst make others move, and come to where these were: a later
 * packet of the burst is of the connection that is its own all the same.
 */
START_TEST(who_has_moved_is_found)
{
	static const struct word begin = OUT(PKT_TCP_ACK), ack = IN(PKT_TCP_ACK);
	struct rig *r = rig_create(800, START);
	const struct kind *verified = &kinds[N(kinds) - 1];
	unsigned n_verified = 850, next = 0;

	seki_flows_use(&r->flows, r->zone, 1, 1);
	ck_assert_int_eq(verified->rank, RANK_VERIFIED);
	make(r, verified, 0, n_verified);
	ck_assert_uint_eq(r->flows.stats.refused, 0);
	for (unsigned i = 0; i < 40; i++) {
		for (unsigned k = 0; k < PKT_BURST; k++) {
			struct talk talk = talk_number(k < 4 ? 2000 + i * 4 + k : next++ % n_verified, IPPROTO_TCP);

			rig_add(r, &talk, k < 4 ? &begin : &ack, false);
		}
		rig_run(r);
		for (unsigned k = 4; k < PKT_BURST; k++)
			HOLDS((r->pkt[k].flow & PKT_FLOW_VERIFIED) != 0, "burst %u, packet %u: flow 0x%x", i, k,
				r->pkt[k].flow);
	}
	ck_assert_uint_gt(r->flows.table.stats.moved, 50);
	rig_destroy(r);
}
END_TEST

/* Of equals whoever would be forgotten first: questions that have not been repeated. */
START_TEST(of_equals_the_older_gives_way)
{
	const struct word ask = OUT(0), answer = IN(0);
	struct rig *r = rig_create(800, START);
	unsigned old = 0, young = 0;

	seki_flows_use(&r->flows, r->zone, 1, 1);
	for (unsigned i = 0; i < 800; i++) {
		struct talk talk = talk_number(i, IPPROTO_UDP);

		r->now = START + (i % 2) * 30 * SECOND;
		rig_say(r, &talk, &ask);
	}
	r->now = START + 31 * SECOND;
	for (unsigned i = 1000; i < 1400; i++) {
		struct talk talk = talk_number(i, IPPROTO_UDP);

		rig_say(r, &talk, &ask);
	}
	for (unsigned i = 0; i < 800; i++) {
		struct talk talk = talk_number(i, IPPROTO_UDP);

		*(i % 2 == 0 ? &old : &young) += rig_say(r, &talk, &answer) != 0;
	}
	ck_assert_msg(evicted(r) > 50 && young > 370 && old < 300, "%u old, %u young are left", old, young);
	rig_destroy(r);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_ranks");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, the_weaker_gives_way, 0, N(kinds));
	tcase_add_loop_test(tests, ranks_are_as_the_table_says, 0, N(kinds));
	tcase_add_loop_test(tests, floods_evict_nothing_established, 0, 2);
	tcase_add_test(tests, who_has_moved_is_found);
	tcase_add_test(tests, of_equals_the_older_gives_way);
	return suite_run("flow_ranks", tests);
}
