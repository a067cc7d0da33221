/* SPDX-License-Identifier: BSD-3-Clause */

/* What is in the table of flows and what is not: who can write to it, what keeps flows apart, time that leaps. */
#include "flow_rig.h"
#include "hash.h"
#include "sweep.h"

#define START (1000 * SECOND)
#define TICK_NS (UINT64_C(1) << 28)
#define HALF_CIRCLE (32768 * TICK_NS)
#define K PKT_FLOW_KNOWN
#define A PKT_FLOW_ASKED
#define V PKT_FLOW_VERIFIED
#define NEW PKT_FLOW_NEW

#define SYN(n) (&(struct word){.out = true, .tcp_flags = PKT_TCP_SYN, .seq = (n)})
#define SYN_ACK(n) (&(struct word){.tcp_flags = PKT_TCP_SYN | PKT_TCP_ACK, .ack = (n)})
#define IN (&(struct word){.tcp_flags = PKT_TCP_ACK, .payload = 40})
#define OUT (&(struct word){.out = true, .tcp_flags = PKT_TCP_ACK, .payload = 40})
#define ERROR(from, to) (&(struct word){.kind = WORD_ERROR, .reporter = (from), .told = (to)})

static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_GRE, IPPROTO_ESP, 132};
static const uint8_t flag_sets[] = {PKT_TCP_SYN, PKT_TCP_SYN | PKT_TCP_ACK, PKT_TCP_ACK, PKT_TCP_ACK | PKT_TCP_PSH,
	PKT_TCP_ACK | PKT_TCP_FIN, PKT_TCP_RST, PKT_TCP_RST | PKT_TCP_ACK};

static void
random_addr(struct seki_rng *rng, union pkt_addr *addr, bool ip6)
{
	addr->q[0] = ip6 ? (seki_rng_next(rng) & ~UINT64_C(0xff)) | 0x2a : (seki_rng_next(rng) & 0xffffff00) | 0x5b;
	addr->q[1] = ip6 ? seki_rng_next(rng) : 0;
}

static struct talk
random_talk(struct seki_rng *rng)
{
	bool ip6 = seki_rng_below(rng, 2) != 0;
	struct talk t = talk_of(ip6, protos[seki_rng_below(rng, N(protos))], ZONE_PLAIN);

	random_addr(rng, &t.client, ip6);
	t.inside_port = (uint16_t)(1 + seki_rng_below(rng, 65535));
	t.client_port = (uint16_t)seki_rng_next(rng);
	return t;
}

/* Any packet from outside but a first fragment that passes. */
static bool
random_word(struct seki_rng *rng, struct word *w)
{
	*w = (struct word){
		.kind = (enum word_kind)seki_rng_below(rng, 4),
		.tcp_flags = flag_sets[seki_rng_below(rng, N(flag_sets))],
		.ack = (uint32_t)seki_rng_next(rng),
		.id = (uint32_t)seki_rng_below(rng, 100),
		.payload = (uint16_t)(8 * seki_rng_below(rng, 100) + 8),
	};
	return w->kind == WORD_FIRST || seki_rng_below(rng, 4) == 0;
}

START_TEST(inbound_makes_nothing)
{
	static const uint16_t zones[] = {ZONE_PLAIN, ZONE_SERVES, ZONE_UNTRACKED, 0};
	struct rig *r = rig_create(100000, START);
	struct seki_rng rng;

	seki_rng_init(&rng, 1);
	for (unsigned i = 0; i < 100000; i++) {
		struct talk talk = random_talk(&rng);
		struct word word;
		bool dropped = random_word(&rng, &word);

		talk.zone = zones[seki_rng_below(&rng, N(zones))];
		rig_add(r, &talk, &word, dropped);
		if (r->n == PKT_BURST || seki_rng_below(&rng, 20) == 0) {
			unsigned n = r->n;

			rig_run(r);
			for (unsigned k = 0; k < n; k++)
				HOLDS(r->pkt[k].flow == 0, "flow 0x%x", r->pkt[k].flow);
			r->now += seki_rng_below(&rng, SECOND / 100);
		}
		HOLDS(seki_flows_count(&r->flows) == 0, "something is in the table");
	}
	rig_run(r);
	ck_assert_uint_eq(seki_flows_count(&r->flows), 0);
	ck_assert_uint_eq(r->flows.table.stats.inserted + r->flows.stats.refused, 0);
	rig_destroy(r);
}
END_TEST

/* Nor does an inbound packet in an inbound-only zone, but for a SYN. */
START_TEST(only_a_syn_makes_something)
{
	struct rig *r = rig_create(1000, START);

	for (size_t f = 0; f < N(flag_sets); f++) {
		struct talk talk = talk_of(f % 2, IPPROTO_TCP, ZONE_INBOUND_ONLY);
		struct word word = {.tcp_flags = flag_sets[f]};
		uint32_t before = seki_flows_count(&r->flows);

		talk.client_port = (uint16_t)(1000 + f);
		ck_assert_uint_eq(rig_say(r, &talk, &word), 0);
		ck_assert_uint_eq(seki_flows_count(&r->flows) - before, flag_sets[f] == PKT_TCP_SYN);
	}
	rig_destroy(r);
}
END_TEST

/* An answer of the zone's DNS or NTP server, an echo, an error of the inside: none leaves anything in the table. */
START_TEST(some_of_the_inside_makes_nothing)
{
	static const struct {
		uint8_t proto;
		uint16_t zone, inside_port;
		enum word_kind kind;
	} none[] = {
		{IPPROTO_UDP, ZONE_SERVES, 53, WORD_PACKET},
		{IPPROTO_UDP, ZONE_SERVES, 123, WORD_PACKET},
		{IPPROTO_ICMP, ZONE_PLAIN, 0, WORD_PACKET},
		{IPPROTO_UDP, ZONE_PLAIN, 4000, WORD_ERROR},
		{IPPROTO_UDP, ZONE_PLAIN, 4000, WORD_LATER},
		{IPPROTO_UDP, ZONE_UNTRACKED, 4000, WORD_PACKET},
		{IPPROTO_TCP, ZONE_UNTRACKED, 4000, WORD_PACKET},
	};
	struct rig *r = rig_create(1000, START);

	for (size_t i = 0; i < 2 * N(none); i++) {
		struct talk talk = talk_of(i % 2, none[i / 2].proto, none[i / 2].zone);
		struct word word = {.out = true, .kind = none[i / 2].kind, .tcp_flags = PKT_TCP_SYN, .payload = 8};

		talk.inside_port = none[i / 2].inside_port;
		rig_say(r, &talk, &word);
		ck_assert_msg(seki_flows_count(&r->flows) == 0, "row %zu", i / 2);
	}
	rig_destroy(r);
}
END_TEST

/* Whoever reports an error, it belongs to the flow; if he reports it to another than has sent what it quotes, it does
 * not. */
START_TEST(errors_are_for_the_sender)
{
	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		union pkt_addr router = addr_of(ip6 ? "2a00:9:9::9" : "198.51.100.200");
		union pkt_addr neighbour = addr_of(ip6 ? "2001:db8:a::2" : "192.0.2.2");
		struct rig *r = rig_create(1000, START);
		struct talk talk = talk_of(ip6, IPPROTO_TCP, ZONE_PLAIN);

		rig_say(r, &talk, SYN(1));
		ck_assert_uint_eq(rig_say(r, &talk, SYN_ACK(2)), K | A | V);
		ck_assert_uint_eq(rig_say(r, &talk, ERROR(NULL, NULL)), K | A);
		ck_assert_uint_eq(rig_say(r, &talk, ERROR(&router, NULL)), K | A);
		ck_assert_uint_eq(rig_say(r, &talk, ERROR(NULL, &neighbour)), 0);
		ck_assert_uint_eq(rig_say(r, &talk, ERROR(&router, &neighbour)), 0);
		rig_destroy(r);
	}
}
END_TEST

/* Of a conversation one thing is other: it is another one. */
struct other {
	const char *what;
	struct talk talk;
};

static unsigned
others_of(const struct talk *t, struct other other[8])
{
	struct talk c[8];
	const char *const what[] = {"domain", "protocol", "host", "client", "host's port", "client's port",
		"ports swapped", "addresses swapped"};

	for (unsigned i = 0; i < 8; i++)
		c[i] = *t;
	c[0].domain = 1;
	c[1].proto = t->proto == IPPROTO_TCP ? IPPROTO_UDP : IPPROTO_TCP;
	c[2].inside.b[t->ip6 ? 15 : 3] ^= 1;
	c[3].client.b[t->ip6 ? 15 : 3] ^= 1;
	c[4].inside_port ^= 1;
	c[5].client_port ^= 1;
	c[6].inside_port = t->client_port;
	c[6].client_port = t->inside_port;
	c[7].inside = t->client;
	c[7].client = t->inside;
	for (unsigned i = 0; i < 8; i++)
		other[i] = (struct other){what[i], c[i]};
	return 8;
}

START_TEST(flows_are_kept_apart)
{
	for (unsigned how = 0; how < 4; how++) {
		struct talk talk = talk_of(how % 2, how < 2 ? IPPROTO_UDP : IPPROTO_TCP, ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);
		struct other other[8];
		unsigned n = others_of(&talk, other);

		rig_say(r, &talk, OUT);
		for (unsigned i = 0; i < n; i++)
			ck_assert_msg(rig_say(r, &other[i].talk, IN) == 0, "another %s", other[i].what);
		ck_assert_uint_ne(rig_say(r, &talk, IN), 0);
		rig_destroy(r);
	}
}
END_TEST

/* Fragments of one number are those of one packet only between the same ends, in one domain. */
START_TEST(fragments_are_kept_apart)
{
	const struct word first = {.kind = WORD_FIRST, .id = 9, .payload = 800};
	const struct word later = {.kind = WORD_LATER, .id = 9, .payload = 800};

	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		struct talk talk = talk_of(ip6, IPPROTO_UDP, ZONE_PLAIN), other[4] = {talk, talk, talk, talk};
		struct rig *r = rig_create(1000, START);

		other[0].domain = 1;
		other[1].inside.b[2] ^= 1;
		other[2].client.b[2] ^= 1;
		other[3].inside = talk.client;
		other[3].client = talk.inside;
		rig_say(r, &talk, &first);
		for (unsigned i = 0; i < N(other); i++)
			ck_assert_msg(rig_say(r, &other[i], &later) == 0, "other %u", i);
		ck_assert_uint_eq(rig_say(r, &talk, &later), K);
		/* IPv4 packets of two protocols may have one number (RFC 791). */
		talk.proto = IPPROTO_TCP;
		ck_assert_uint_eq(rig_say(r, &talk, &later), ip6 ? K : 0);
		rig_destroy(r);
	}
}
END_TEST

/* A first fragment is followed by as many as one packet can have, and no more, until another first one has passed. */
START_TEST(followers_are_of_one_packet)
{
	const struct word first = {.kind = WORD_FIRST, .id = 9, .payload = 800};
	const struct word later = {.kind = WORD_LATER, .id = 9, .payload = 800};

	for (unsigned ip6 = 0; ip6 < 2; ip6++) {
		struct talk talk = talk_of(ip6, IPPROTO_UDP, ZONE_PLAIN);
		struct rig *r = rig_create(1000, START);

		for (unsigned packet = 0; packet < 2; packet++) {
			rig_say(r, &talk, &first);
			for (unsigned i = 0; i < 128; i++)
				ck_assert_uint_eq(rig_say(r, &talk, &later), K);
			ck_assert_uint_eq(rig_say(r, &talk, &later), 0);
		}
		rig_destroy(r);
	}
}
END_TEST

/* One flow's memory of each kind, of those that inbound packets can show. */
static void
make_one_of_each(struct rig *r, struct talk talk[4])
{
	const struct word first = {.kind = WORD_FIRST, .tcp_flags = PKT_TCP_ACK, .id = 3, .payload = 800};

	for (unsigned i = 0; i < 4; i++) {
		talk[i] = talk_of(i % 2, i < 2 ? IPPROTO_UDP : IPPROTO_TCP, ZONE_PLAIN);
		rig_say(r, &talk[i], OUT);
		rig_say(r, &talk[i], IN);
		rig_say(r, &talk[i], &first);
	}
	talk[3].client_port = 9;
	rig_say(r, &talk[3], SYN(1));
}

static bool
remembers_any(struct rig *r, const struct talk talk[4])
{
	const struct word later = {.kind = WORD_LATER, .id = 3, .payload = 800};
	unsigned told = 0;

	for (unsigned i = 0; i < 4; i++)
		told |= rig_say(r, &talk[i], IN) | rig_say(r, &talk[i], &later);
	return (told | rig_say(r, &talk[3], SYN_ACK(2))) != 0;
}

/* However long nobody came, what would be dead by then is dead: through the circle of ticks, half of it, and beyond. */
START_TEST(leaps_revive_nobody)
{
	for (unsigned step = 0; step < 1000; step++) {
		uint64_t quiet = 7505 * SECOND + step * HALF_CIRCLE / 250;
		struct rig *r = rig_create(1000, START);
		struct talk talk[4];

		make_one_of_each(r, talk);
		r->now += quiet;
		ck_assert_msg(!remembers_any(r, talk), "after %llu s", (unsigned long long)(quiet / SECOND));
		rig_destroy(r);
	}
}
END_TEST

/* Until `until`, as an idle core: it sweeps, and nothing comes. */
static void
idle(struct rig *r, uint64_t until)
{
	for (; r->now < until; r->now += TICK_NS)
		seki_flows_sweep(&r->flows, r->now);
}

/* What has died shortly before a leap, and the sweep has not come round to: half a circle later it is still dead. */
START_TEST(leaps_revive_no_dead)
{
	enum { N_FLOWS = 300 };

	for (unsigned ticks = 32768 - 20; ticks < 32768 + 20; ticks++) {
		struct rig *r = rig_create(1000, START);
		struct talk talk = talk_of(false, IPPROTO_UDP, ZONE_PLAIN);
		unsigned left;

		for (talk.client_port = 1; talk.client_port <= N_FLOWS; talk.client_port++) {
			rig_say(r, &talk, OUT);
			rig_say(r, &talk, IN);
		}
		idle(r, START + 302 * SECOND);
		left = seki_flows_count(&r->flows);
		ck_assert(left > N_FLOWS / 3 && left < N_FLOWS);
		r->now += ticks * TICK_NS;
		for (talk.client_port = 1; talk.client_port <= N_FLOWS; talk.client_port++)
			ck_assert_msg(rig_say(r, &talk, IN) == 0, "after %u ticks", ticks);
		rig_destroy(r);
	}
}
END_TEST

/* However short the steps are, a round is done in 2^32 ns; and however long, no more than all is due. */
START_TEST(sweeps_keep_their_pace)
{
	static const uint32_t blocks[] = {1, 16, 1000, 200000};
	static const uint64_t steps[] = {1000, 77777, 3000000, UINT64_C(900000000)};

	for (unsigned i = 0; i < N(blocks) * N(steps); i++) {
		uint32_t n = blocks[i / N(steps)];
		uint64_t step = steps[i % N(steps)], rest = 0, due = 0, elapsed = 0;

		for (unsigned k = 0; k < 20000; k++, elapsed += step)
			due += sweep_due(n, step, &rest);
		ck_assert_uint_eq(due, (unsigned __int128)elapsed * n >> 32);
		ck_assert_uint_eq(sweep_due(n, UINT64_C(1) << 32, &rest), n);
		ck_assert_uint_eq(sweep_due(n, UINT64_MAX, &rest), n);
		ck_assert_uint_eq(rest, 0);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_table");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, inbound_makes_nothing);
	tcase_add_test(tests, only_a_syn_makes_something);
	tcase_add_test(tests, some_of_the_inside_makes_nothing);
	tcase_add_test(tests, errors_are_for_the_sender);
	tcase_add_test(tests, flows_are_kept_apart);
	tcase_add_test(tests, fragments_are_kept_apart);
	tcase_add_test(tests, followers_are_of_one_packet);
	tcase_add_test(tests, leaps_revive_nobody);
	tcase_add_test(tests, leaps_revive_no_dead);
	tcase_add_test(tests, sweeps_keep_their_pace);
	return suite_run("flow_table", tests);
}
