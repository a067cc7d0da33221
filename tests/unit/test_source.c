/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * What one source may send: each limit holds what passes and drops no more than the excess; what is known of a source
 * raises it, or divides it by ports; blocks end; nobody's limit is another's.
 */
#include "known.h"
#include "source_rig.h"

#define LIMIT 1000
#define MINUTE (60 * SECOND)

static const struct seki_source_limits packets_only = {.packets = LIMIT, .factor = {1, 4, 16}};

/* Each limit alone, with packets of which that many windows' worth comes in a window. */
static const struct row {
	const char *about;
	struct seki_source_limits limits;
	struct pkt pkt; /* what differs from a plain packet */
	enum seki_source_verdict verdict;
	unsigned fit; /* packets in a window */
} rows[] = {
	{"packets", {.packets = LIMIT}, {.len = 100}, SEKI_SOURCE_PACKETS, LIMIT},
	{"bytes", {.bytes = LIMIT * 63}, {.len = 1000}, SEKI_SOURCE_BYTES, LIMIT},
	{"bytes of small packets", {.bytes = LIMIT * 7}, {.len = 100}, SEKI_SOURCE_BYTES, LIMIT},
	{"bytes, rounded up", {.bytes = LIMIT * 5}, {.len = 65}, SEKI_SOURCE_BYTES, LIMIT},
	{"SYNs", {.syns = LIMIT}, {.len = 60, .vector = SEKI_VECTOR_TCP_SYN}, SEKI_SOURCE_SYNS, LIMIT},
	{"conversations", {.flows = LIMIT}, {.len = 60, .flow = PKT_FLOW_KNOWN | PKT_FLOW_NEW}, SEKI_SOURCE_FLOWS,
		LIMIT},
	{"of two, the first to be full", {.packets = 3 * LIMIT, .syns = LIMIT},
		{.len = 60, .vector = SEKI_VECTOR_TCP_SYN}, SEKI_SOURCE_SYNS, LIMIT},
	{"of two, the other", {.packets = LIMIT, .bytes = 3 * LIMIT * 7}, {.len = 100}, SEKI_SOURCE_PACKETS, LIMIT},
};

static struct pkt
packet_of(const struct row *row, const char *client)
{
	struct pkt p = packet_from(client, ZONE_PLAIN);

	p.len = p.batch_bytes = row->pkt.len;
	p.flow = row->pkt.flow;
	p.vector = row->pkt.vector != 0 ? row->pkt.vector : p.vector;
	return p;
}

static struct sources *
sources_of(const struct row *row)
{
	struct seki_source_limits limits = row->limits;

	limits.factor[0] = 1;
	return sources_create(1000, limits);
}

START_TEST(limits_hold_what_passes)
{
	for (unsigned over = 2; over <= 20; over += 6) {
		for (unsigned ip6 = 0; ip6 < 2; ip6++) {
			const struct row *row = &rows[_i];
			struct sources *t = sources_of(row);
			struct pkt p = packet_of(row, ip6 ? "2a00::1" : "9.9.9.9");
			/* Up to where it is nominated it is not counted. */
			struct count c = offer_window(t, p, row->fit * over, NULL);

			ck_assert_msg(c.passed <= row->fit * 5 / 4 + 8, "%s: %llu at first", row->about,
				(unsigned long long)c.passed);
			ck_assert_uint_eq(c.passed + c.of[row->verdict], c.came);
			offer_window(t, p, row->fit * over, NULL);
			for (unsigned w = 0; w < 10; w++) {
				c = offer_window(t, p, row->fit * over, NULL);
				check_near(c.passed, row->fit, 10, row->about);
				ck_assert_uint_eq(c.passed + c.of[row->verdict], c.came);
			}
			sources_destroy(t);
		}
	}
}
END_TEST

START_TEST(below_limits_all_passes)
{
	const struct row *row = &rows[_i];
	struct sources *t = sources_of(row);
	struct pkt p = packet_of(row, "9.9.9.9");

	for (unsigned w = 0; w < 20; w++) {
		struct count c = offer_window(t, p, row->fit * 95 / 100, NULL);

		ck_assert_msg(c.passed == c.came, "%s: window %u", row->about, w);
	}
	sources_destroy(t);
}
END_TEST

/* What is not of the kind does not count. */
START_TEST(others_do_not_count)
{
	static const struct row *const counted[] = {&rows[4], &rows[5]};

	for (size_t i = 0; i < N(counted); i++) {
		struct sources *t = sources_of(counted[i]);
		struct pkt p = packet_of(counted[1 - i], "9.9.9.9");
		struct count c = offer_window(t, p, 20 * LIMIT, NULL);

		ck_assert_uint_eq(c.passed, c.came);
		sources_destroy(t);
	}
}
END_TEST

/* Conversations that the inside began are not the source's: a resolver that answers many questions begins none. */
START_TEST(answers_are_no_conversations_begun)
{
	struct sources *t = sources_of(&rows[5]);
	struct pkt p = packet_of(&rows[5], "9.9.9.9");
	struct count c;

	p.flow |= PKT_FLOW_ASKED;
	c = offer_window(t, p, 20 * LIMIT, NULL);
	ck_assert_uint_eq(c.passed, c.came);
	sources_destroy(t);
}
END_TEST

/* Without a limit there is none, and after a pause all is as at first. */
START_TEST(no_limit_and_no_memory)
{
	struct sources *t = sources_create(1000, (struct seki_source_limits){.factor = {1, 4, 16}});
	struct count c = offer_window(t, packet_from("9.9.9.9", ZONE_PLAIN), 50 * LIMIT, NULL);

	ck_assert_uint_eq(c.passed, c.came);
	t->limits = packets_only;
	t->now += 3 * WINDOW;
	c = offer_window(t, packet_from("9.9.9.9", ZONE_PLAIN), 20 * LIMIT, NULL);
	ck_assert(c.passed >= LIMIT && c.passed <= LIMIT * 5 / 4 + 8);
	t->now += 3 * WINDOW;
	c = offer_window(t, packet_from("9.9.9.9", ZONE_PLAIN), LIMIT, NULL);
	ck_assert_uint_eq(c.passed, c.came);
	sources_destroy(t);
}
END_TEST

/* A batch is charged as what it stands for. */
START_TEST(batches_count_in_full)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);
	struct count c;

	p.batch = 32;
	offer_window(t, p, LIMIT, NULL);
	offer_window(t, p, LIMIT, NULL);
	c = offer_window(t, p, LIMIT, NULL);
	check_near(c.passed * 32, LIMIT, 10, "packets");
	t->limits = (struct seki_source_limits){.bytes = LIMIT, .factor = {1}};
	p.batch_bytes = 16 * 40;
	t->now += 3 * WINDOW;
	offer_window(t, p, LIMIT, NULL);
	offer_window(t, p, LIMIT, NULL);
	c = offer_window(t, p, LIMIT, NULL);
	check_near(c.passed * 40, LIMIT, 10, "bytes");
	sources_destroy(t);
}
END_TEST

START_TEST(verified_have_more)
{
	static const struct {
		uint32_t factor, times; /* times 0: all */
	} factors[] = {{10, 10}, {3, 3}, {1, 1}, {0, 0}};

	for (size_t i = 0; i < N(factors); i++) {
		struct sources *t = sources_create(1000, packets_only);
		struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), other = packet_from("9.9.9.8", ZONE_PLAIN);
		struct count c;

		t->limits.verified = factors[i].factor;
		t->limits.shared_from = 2;
		verify(t, &p, 1);
		ck_assert(seki_source_is_verified(&t->s, &p) && !seki_source_is_verified(&t->s, &other));
		for (unsigned w = 0; w < 3; w++)
			c = offer_window(t, p, 20 * LIMIT, NULL);
		check_near(c.passed, factors[i].times == 0 ? c.came : factors[i].times * LIMIT, 10, "verified");
		for (unsigned w = 0; w < 3; w++)
			c = offer_window(t, other, 20 * LIMIT, NULL);
		check_near(c.passed, LIMIT, 10, "its neighbour");
		sources_destroy(t);
	}
}
END_TEST

/* For an hour after the last handshake, in its zone. */
START_TEST(verified_for_an_hour)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), other = p;

	verify(t, &p, 1);
	other.zone = ZONE_SERVES;
	other.arrival_ns = t->now;
	ck_assert(!seki_source_is_verified(&t->s, &other));
	p.arrival_ns = t->now + 59 * MINUTE;
	ck_assert(seki_source_is_verified(&t->s, &p));
	t->now = p.arrival_ns;
	verify(t, &p, 1);
	p.arrival_ns = t->now + 59 * MINUTE;
	ck_assert(seki_source_is_verified(&t->s, &p));
	p.arrival_ns = t->now + 61 * MINUTE;
	ck_assert(!seki_source_is_verified(&t->s, &p));
	sources_destroy(t);
}
END_TEST

/* Sixteen blocks of ports in turn. */
static void
spread_ports(struct sources *t, struct pkt *p, unsigned i)
{
	(void)t;
	p->sport = (uint16_t)((i % 16) << 8 | (i * 37 & 255));
}

/* One block has three quarters of all, the other fifteen the rest. */
static void
crowd_ports(struct sources *t, struct pkt *p, unsigned i)
{
	spread_ports(t, p, i);
	if (i % 4 != 0)
		p->sport = (uint16_t)(77 << 8 | (i & 255));
}

/* Many people behind one address, as a list says or as many connections show: held by blocks of ports, never as a
 * whole. */
START_TEST(shared_are_held_by_ports)
{
	for (unsigned how = 0; how < 4; how++) {
		struct sources *t = sources_create(1000, packets_only);
		struct pkt p = packet_from(how & 1 ? "2a00::1" : "9.9.9.9", ZONE_PLAIN);
		struct count c;

		t->limits.verified = 2;
		t->limits.shared_from = 100;
		t->limits.ports = LIMIT;
		t->limits.factor[1] = t->limits.factor[2] = 0;
		t->shared = how >= 2;
		verify(t, &p, t->shared ? 0 : 100);
		for (unsigned w = 0; w < 4; w++) {
			c = offer_window(t, p, 14 * LIMIT, spread_ports);
			ck_assert_msg(c.passed == c.came, "spread over ports, of %llu passed %llu",
				(unsigned long long)c.came, (unsigned long long)c.passed);
		}
		for (unsigned w = 0; w < 3; w++)
			c = offer_window(t, p, 16 * LIMIT, crowd_ports);
		check_near(c.passed, 4 * LIMIT + LIMIT, 10, "one crowded block");
		ck_assert_uint_eq(c.passed + c.of[SEKI_SOURCE_PORTS], c.came);
		t->limits.ports = 0;
		c = offer_window(t, p, 16 * LIMIT, crowd_ports);
		ck_assert_uint_eq(c.passed, c.came);
		sources_destroy(t);
	}
}
END_TEST

/* It takes that many connections at a time. */
START_TEST(few_connections_are_one_person)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);
	struct count c;

	t->limits.verified = 2;
	t->limits.shared_from = 100;
	verify(t, &p, 99);
	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, 14 * LIMIT, spread_ports);
	check_near(c.passed, 2 * LIMIT, 10, "99 connections");
	verify(t, &p, 1);
	c = offer_window(t, p, 14 * LIMIT, spread_ports);
	ck_assert_uint_eq(c.passed, c.came);
	p.arrival_ns = t->now;
	seki_source_closed(&t->s, &p);
	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, 14 * LIMIT, spread_ports);
	check_near(c.passed, 2 * LIMIT, 10, "one has ended");
	verify(t, &p, 1);
	t->limits.shared_from = 0;
	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, 14 * LIMIT, spread_ports);
	check_near(c.passed, 2 * LIMIT, 10, "never shared");
	sources_destroy(t);
}
END_TEST

/* Zones, domains and families do not share limits. */
START_TEST(limits_are_apart)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt p[5] = {packet_from("32.1.13.184", ZONE_PLAIN), packet_from("32.1.13.184", ZONE_SERVES),
		packet_from("32.1.13.184", ZONE_PLAIN), packet_from("32.1.13.185", ZONE_PLAIN),
		packet_from("2001:db8::1", ZONE_PLAIN)};
	struct count c[5];

	p[2].domain = 1;
	for (unsigned w = 0; w < 4; w++) {
		uint64_t begin = t->now;

		memset(c, 0, sizeof(c));
		for (unsigned i = 0; i < 10 * LIMIT; i++) {
			t->now = begin + i * WINDOW / (10 * LIMIT);
			for (unsigned k = 0; k < N(p); k++)
				if (k == 0 || i % 11 == 0)
					offer(t, &p[k], &c[k]);
		}
		t->now = begin + WINDOW;
	}
	check_near(c[0].passed, LIMIT, 10, "the flood");
	for (unsigned k = 1; k < N(p); k++)
		ck_assert_msg(c[k].passed == c[k].came, "neighbour %u", k);
	sources_destroy(t);
}
END_TEST

/* Blocks. */
static struct sources *
sources_with_blocks(void)
{
	struct sources *t = sources_create(1000, packets_only);

	t->limits.block_ticks = (uint16_t)(30 * SECOND >> 28);
	t->limits.verified = 2;
	t->limits.shared_from = 100;
	t->limits.ports = LIMIT;
	return t;
}

START_TEST(blocks_end)
{
	struct sources *t = sources_with_blocks();
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), known = p, zone = packet_from("9.9.9.9", ZONE_SERVES);
	struct count c;

	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, 3 * LIMIT, NULL);
	check_near(c.passed, LIMIT, 10, "three times too much is no block");
	ck_assert_uint_eq(t->s.stats.blocked, 0);
	offer_window(t, p, 10 * LIMIT, NULL);
	ck_assert_uint_eq(t->s.stats.blocked, 1);
	t->now += 20 * SECOND;
	ck_assert_int_eq(charge(t, &p), SEKI_SOURCE_BLOCKED);
	known.flow = PKT_FLOW_KNOWN;
	ck_assert_int_eq(charge(t, &known), SEKI_SOURCE_WITHIN);
	ck_assert_int_eq(charge(t, &zone), SEKI_SOURCE_WITHIN);
	t->now += 12 * SECOND;
	ck_assert_int_eq(charge(t, &p), SEKI_SOURCE_WITHIN);
	sources_destroy(t);
}
END_TEST

START_TEST(the_proven_are_not_blocked)
{
	struct sources *t = sources_with_blocks();
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), later = packet_from("9.9.9.8", ZONE_PLAIN);
	struct count c;

	verify(t, &p, 1);
	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, 20 * LIMIT, NULL);
	check_near(c.passed, 2 * LIMIT, 10, "verified");
	ck_assert_uint_eq(t->s.stats.blocked, 0);
	t->shared = true;
	offer_window(t, packet_from("9.9.9.7", ZONE_PLAIN), 20 * LIMIT, NULL);
	t->shared = false;
	ck_assert_uint_eq(t->s.stats.blocked, 0);
	/* Blocked, and then it proves itself: by a connection that the inside has opened. */
	offer_window(t, later, 20 * LIMIT, NULL);
	t->now += 5 * SECOND;
	ck_assert_int_eq(charge(t, &later), SEKI_SOURCE_BLOCKED);
	verify(t, &later, 1);
	ck_assert_int_eq(charge(t, &later), SEKI_SOURCE_WITHIN);
	sources_destroy(t);
}
END_TEST

/* Whoever forges a client's address takes nothing from the flows that stand, be the client proven or not. */
START_TEST(the_forged_take_nothing_from_flows)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt forged = packet_from("9.9.9.9", ZONE_PLAIN), real = forged;
	struct count c = {0}, of_forged = {0};

	real.flow = PKT_FLOW_KNOWN;
	t->limits.verified = 2;
	if (_i > 0)
		verify(t, &real, 1);
	for (unsigned i = 0; i < 30 * LIMIT; i++, t->now += 3 * WINDOW / (30 * LIMIT)) {
		offer(t, &forged, &of_forged);
		if (i % 20 == 0)
			offer(t, &real, &c);
	}
	ck_assert_uint_eq(c.passed, c.came);
	check_near(of_forged.passed, (_i > 0 ? 6 : 3) * LIMIT, 15, "forged");
	sources_destroy(t);
}
END_TEST

/* Near a limit is who has sent a quarter of it, of whichever: no source of many small packets for a limit of SYNs. */
START_TEST(only_who_comes_near_is_counted)
{
	const struct seki_source_limits limits = {.packets = 50000, .syns = 500, .flows = 500, .factor = {1, 4, 16}};
	struct sources *t = sources_create(1000, limits);
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), syn = packet_from("9.9.9.8", ZONE_PLAIN);

	p.batch = 32;
	p.batch_bytes = 32 * 100;
	offer_window(t, p, 5000 / 32, NULL);
	ck_assert_uint_eq(t->s.stats.nominated, 0);
	syn.vector = SEKI_VECTOR_TCP_SYN;
	offer_window(t, syn, 100, NULL);
	ck_assert_uint_eq(t->s.stats.nominated, 0);
	offer_window(t, syn, 150, NULL);
	ck_assert_uint_eq(t->s.stats.nominated, 1);
	offer_window(t, p, 20000 / 32, NULL);
	ck_assert_uint_eq(t->s.stats.nominated, 2);
	sources_destroy(t);
}
END_TEST

/* Of the proven, those without a connection give way; those with one stay for as long as it is used. */
START_TEST(proofs_live_with_connections)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), q = p;
	unsigned known = 0;

	for (unsigned i = 0; i < 5000; i++) { /* more than there is room for: each comes and goes */
		q.src.v4_be = htonl((11u << 24) + i);
		verify(t, &q, 1);
		seki_source_closed(&t->s, &q);
	}
	for (unsigned i = 0; i < 500; i++) {
		q.src.v4_be = htonl((12u << 24) + i);
		verify(t, &q, 1);
		known += seki_source_is_verified(&t->s, &q);
	}
	ck_assert_uint_ge(known, 400); /* of 500, beside those in a share of four */
	verify(t, &p, 1);
	p.flow = PKT_FLOW_KNOWN | PKT_FLOW_VERIFIED | PKT_FLOW_ROUND;
	for (unsigned i = 0; i < 5; i++) {
		t->now += 3000 * SECOND;
		ck_assert_int_eq(charge(t, &p), SEKI_SOURCE_WITHIN);
		ck_assert_msg(seki_source_is_verified(&t->s, &p), "after %u rounds", i);
	}
	t->now += 3700 * SECOND;
	p.arrival_ns = t->now;
	ck_assert(!seki_source_is_verified(&t->s, &p));
	sources_destroy(t);
}
END_TEST

/* Limits above a quarter of what a window can count: blocked near the end of what it can. */
START_TEST(large_limits_block_too)
{
	struct sources *t = sources_with_blocks();
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);

	t->limits.packets = 300000;
	for (unsigned w = 0; w < 2; w++)
		offer_window(t, p, 350000, NULL);
	ck_assert_uint_eq(t->s.stats.blocked, 0);
	offer_window(t, p, 2000000, NULL);
	ck_assert_uint_eq(t->s.stats.blocked, 1);
	sources_destroy(t);
}
END_TEST

/* A port of a shared source, which is one person's, may take half of its block. */
START_TEST(one_flow_leaves_room_in_its_block)
{
	struct sources *t = sources_create(1000, packets_only);
	struct pkt one = packet_from("9.9.9.9", ZONE_PLAIN), other = one;
	struct count c[2] = {{0}, {0}};

	t->limits.ports = 2 * LIMIT;
	t->shared = true;
	other.sport++;
	for (unsigned i = 0; i < 30 * LIMIT; i++, t->now += 3 * WINDOW / (30 * LIMIT)) {
		offer(t, &one, &c[0]);
		if (i % 20 == 0)
			offer(t, &other, &c[1]);
	}
	check_near(c[0].passed, 4 * LIMIT + LIMIT / 2, 10, "one"); /* twice that in the first window */
	ck_assert_uint_ge(c[1].passed * 100, c[1].came * 95);
	sources_destroy(t);
}
END_TEST

/* Who sends most, and how much, however much it is; and nobody any more two windows after he has sent. */
START_TEST(who_sends_most_is_told)
{
	struct sources *t = sources_create(1000, (struct seki_source_limits){.factor = {1, 0, 0}});
	struct seki_top_rate rate[SEKI_TOP_ROWS];
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);

	seki_sources_use(&t->s, 4, true);
	p.batch = 200;
	p.batch_bytes = 200 * 1500;
	for (unsigned w = 0; w < 3; w++)
		offer_window(t, p, 10000, NULL); /* 2 Mpps, 24 Gbps within a window of 1.07 s */
	ck_assert_uint_eq(seki_top_read(&t->s.top[SEKI_TOP_SOURCES], t->now, rate), 1);
	check_near(rate[0].pps, UINT64_C(2000000) * 1000 / 1074, 3, "packets");
	check_near(rate[0].bps, UINT64_C(24000000000) * 1000 / 1074, 3, "bits");
	t->now += 3 * WINDOW;
	seki_sources_sweep(&t->s, t->now, 3 * WINDOW);
	ck_assert_uint_eq(t->s.top[SEKI_TOP_SOURCES].row[0].client.v4_be, 0);
	sources_destroy(t);
}
END_TEST

/* Connections as flows see them begin and end. */
START_TEST(connections_are_counted)
{
	static const uint8_t S = PKT_TCP_SYN, A = PKT_TCP_ACK, R = PKT_TCP_RST, F = PKT_TCP_FIN;
	static const struct {
		bool out;
		uint8_t flags;
		unsigned port, number, stand;
	} steps[] = {{true, S, 1, 10, 0}, {false, S | A, 1, 11, 1}, {true, A, 1, 0, 1}, {true, S | A, 2, 20, 1},
		{false, A, 2, 21, 2}, {false, A, 2, 0, 2}, {true, S | A, 2, 20, 2}, {true, A, 3, 0, 2},
		{false, A, 3, 0, 2}, {true, R, 3, 0, 2}, {true, R, 1, 0, 1}, {true, R, 1, 0, 1},
		{false, F | A, 2, 0, 1}, {false, R, 2, 0, 0}, {true, F | A, 2, 0, 0}, {true, F | A, 2, 0, 0},
		{true, S, 4, 40, 0}, {false, S | A, 4, 41, 1}, {true, S, 4, 40, 0}, {false, S | A, 4, 41, 1},
		{true, S | A, 5, 50, 1}, {false, F | A, 5, 51, 2}, {true, F | A, 5, 0, 1}};

	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		struct rig *r = rig_create(1000, 1000 * SECOND);

		for (size_t i = 0; i < N(steps); i++) {
			struct talk talk = talk_of(ip6, IPPROTO_TCP, ZONE_PLAIN);
			struct word w = {.out = steps[i].out, .tcp_flags = steps[i].flags, .seq = steps[i].number};

			w.ack = steps[i].number;
			talk.client_port = (uint16_t)steps[i].port;
			rig_say(r, &talk, &w);
			ck_assert_msg(
				known_source(&r->sources, &r->pkt[0]).connections == steps[i].stand, "step %zu", i);
		}
		rig_destroy(r);
	}
}
END_TEST

/* Neither more than can be counted nor ends that nobody saw begin make another number of it. */
START_TEST(connections_saturate)
{
	struct sources *t = sources_create(1000, (struct seki_source_limits){.packets = 10});
	struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);

	verify(t, &p, 1);
	for (unsigned i = 0; i < 5; i++)
		seki_source_closed(&t->s, &p);
	ck_assert_uint_eq(known_source(&t->s, &p).connections, 0);
	ck_assert(seki_source_is_verified(&t->s, &p));
	verify(t, &p, 70000);
	ck_assert_uint_eq(known_source(&t->s, &p).connections, 65535);
	sources_destroy(t);
}
END_TEST

/* However long nobody came: what would be dead by then is dead, where ticks and windows come round, and elsewhere. */
START_TEST(leaps_revive_no_source)
{
	static const uint64_t circles[] = {UINT64_C(1) << (16 + SEKI_SOURCE_SHIFT), UINT64_C(1) << (16 + 28)};

	for (unsigned step = 0; step < 40; step++) {
		struct sources *t = sources_create(1000, (struct seki_source_limits){.packets = 4, .factor = {1}});
		struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN), proven = packet_from("9.9.9.8", ZONE_PLAIN);
		uint64_t quiet = circles[step % 2] * (1 + step / 20) + step / 2 % 10 * SECOND - 5 * SECOND;
		struct count c = {0};

		seki_sources_sweep(&t->s, t->now, 1);
		verify(t, &proven, 1);
		for (unsigned i = 0; i < 10; i++)
			offer(t, &p, &c);
		ck_assert_uint_eq(c.passed, 4);
		t->now += quiet;
		seki_sources_sweep(&t->s, t->now, quiet);
		proven.arrival_ns = t->now;
		ck_assert_msg(
			!seki_source_is_verified(&t->s, &proven), "after %llu s", (unsigned long long)(quiet / SECOND));
		for (unsigned i = 0; i < 10; i++)
			offer(t, &p, &c);
		ck_assert_msg(c.passed == 8, "after %llu s", (unsigned long long)(quiet / SECOND));
		sources_destroy(t);
	}
}
END_TEST

/* What is dead is cleared, so that no table fills with it. */
START_TEST(the_dead_are_swept)
{
	struct sources *t = sources_create(1000, (struct seki_source_limits){.packets = 4, .factor = {1}});

	for (unsigned i = 0; i < 200; i++) {
		struct pkt p = packet_from("9.9.9.0", ZONE_PLAIN);

		p.src.b[3] = (uint8_t)i;
		t->now++;
		verify(t, &p, 1);
		charge(t, &p);
	}
	ck_assert(t->s.known.used == 200 && t->s.rates.used == 200);
	for (unsigned i = 0; i < 10; i++, t->now += SECOND)
		seki_sources_sweep(&t->s, t->now, SECOND);
	ck_assert_uint_eq(t->s.rates.used, 0);
	ck_assert_uint_eq(t->s.known.used, 200);
	t->now += 3601 * SECOND;
	for (unsigned i = 0; i < 10; i++, t->now += SECOND)
		seki_sources_sweep(&t->s, t->now, SECOND);
	ck_assert_uint_eq(t->s.known.used, 0);
	sources_destroy(t);
}
END_TEST

/* Of so small a limit the first packet is a quarter, so that all are counted exactly: as many pass, and not one less.
 */
START_TEST(small_limits_are_exact)
{
	for (unsigned limit = 1; limit <= 4; limit++) {
		const struct seki_source_limits each[] = {
			{.packets = limit}, {.bytes = 7 * limit}, {.syns = limit}, {.flows = limit}};

		for (size_t i = 0; i < N(each); i++) {
			struct sources *t = sources_create(1000, each[i]);
			struct pkt p = packet_from("9.9.9.9", ZONE_PLAIN);
			struct count c = {0};

			t->limits.factor[0] = 1;
			p.vector = SEKI_VECTOR_TCP_SYN;
			p.flow = PKT_FLOW_NEW;
			for (unsigned k = 0; k < 20; k++)
				offer(t, &p, &c);
			ck_assert_uint_eq(c.passed, limit);
			sources_destroy(t);
		}
	}
}
END_TEST

/* At one time four sources come in, whoever they are: the others are not held to anything yet. */
START_TEST(few_are_nominated_at_a_time)
{
	struct sources *t = sources_create(1000, (struct seki_source_limits){.packets = 4, .factor = {1}});

	for (unsigned round = 1; round <= 10; round++) {
		for (unsigned i = 0; i < 40; i++) {
			struct pkt p = packet_from("9.9.9.0", ZONE_PLAIN);
			struct count c = {0};

			p.src.b[3] = (uint8_t)i;
			offer(t, &p, &c);
		}
		ck_assert_uint_eq(t->s.stats.nominated, 4 * round);
		t->now++;
	}
	ck_assert_uint_gt(t->s.stats.not_nominated, 100);
	sources_destroy(t);
}
END_TEST

/* A prefix that may send twice a limit is noticed before it has; one that is not limited is never. */
START_TEST(prefixes_are_nominated_by_their_factor)
{
	const struct seki_source_limits twice = {.packets = 1000, .factor = {1, 2, 0}},
					none = {.packets = 1000, .factor = {1}};
	struct sources *t = sources_create(1000, twice);
	struct pkt p = packet_from("2a00:1:2:3300::1", ZONE_PLAIN);
	struct count c = {0};

	for (unsigned w = 0; w < 3; w++) {
		uint64_t begin = t->now;

		c = (struct count){0};
		for (unsigned i = 0; i < 3000; i++) {
			t->now = begin + i * WINDOW / 3000;
			p.src.b[7] = (uint8_t)i;
			offer(t, &p, &c);
		}
		t->now = begin + WINDOW;
	}
	check_near(c.passed, 2000, 10, "a /56");
	ck_assert_uint_eq(t->s.stats.nominated, 1);
	sources_destroy(t);
	t = sources_create(1000, none);
	for (unsigned i = 0; i < 200; i++) {
		p.src.b[7] = (uint8_t)i;
		t->now++;
		offer(t, &p, &c);
	}
	ck_assert_uint_eq(t->s.stats.nominated + t->s.stats.not_nominated, 0);
	sources_destroy(t);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("source");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, limits_hold_what_passes, 0, N(rows));
	tcase_add_loop_test(tests, below_limits_all_passes, 0, N(rows));
	tcase_add_test(tests, others_do_not_count);
	tcase_add_test(tests, answers_are_no_conversations_begun);
	tcase_add_test(tests, no_limit_and_no_memory);
	tcase_add_test(tests, batches_count_in_full);
	tcase_add_test(tests, verified_have_more);
	tcase_add_test(tests, verified_for_an_hour);
	tcase_add_test(tests, shared_are_held_by_ports);
	tcase_add_test(tests, few_connections_are_one_person);
	tcase_add_test(tests, limits_are_apart);
	tcase_add_test(tests, blocks_end);
	tcase_add_test(tests, the_proven_are_not_blocked);
	tcase_add_loop_test(tests, the_forged_take_nothing_from_flows, 0, 2);
	tcase_add_test(tests, only_who_comes_near_is_counted);
	tcase_add_test(tests, proofs_live_with_connections);
	tcase_add_test(tests, large_limits_block_too);
	tcase_add_test(tests, one_flow_leaves_room_in_its_block);
	tcase_add_test(tests, who_sends_most_is_told);
	tcase_add_test(tests, connections_are_counted);
	tcase_add_test(tests, connections_saturate);
	tcase_add_test(tests, leaps_revive_no_source);
	tcase_add_test(tests, the_dead_are_swept);
	tcase_add_test(tests, small_limits_are_exact);
	tcase_add_test(tests, few_are_nominated_at_a_time);
	tcase_add_test(tests, prefixes_are_nominated_by_their_factor);
	return suite_run("source", tests);
}
