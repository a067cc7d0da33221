/* SPDX-License-Identifier: BSD-3-Clause */
/* What seki-gen live knows packets by, and what it makes of them: digests, latencies, the time to mitigate. */
#include "frame.h"
#include "hist.h"
#include "order.h"
#include "seen.h"
#include "suite.h"
#include "tally.h"

#include <netinet/in.h>

static struct gen_seen seen;
static struct gen_tally tally;

static void
set_up(void)
{
	gen_seen_init(&seen, 42);
	gen_tally_init(&tally);
}

static void
tear_down(void)
{
	gen_seen_fini(&seen);
	gen_tally_fini(&tally);
}

/* A TCP segment without data, or a datagram of 100 bytes. */
static void
build(struct gen_frame *frame, unsigned family, uint8_t proto, unsigned vlan)
{
	struct gen_flow flow = {
		.client = gen_client(family, 1),
		.server = gen_inside(family, 10),
		.cport = 4000,
		.sport = 443,
		.family = (uint8_t)family,
		.proto = proto,
		.client_outside = true,
		.ttl = 60,
		.label = GEN_LEGIT,
	};
	struct gen_packet packet = {
		.payload = proto == IPPROTO_UDP ? 100 : 0, .tcp_flags = GEN_ACK, .seq = 7, .ack = 8, .ident = 9};

	gen_frame_build(&flow, &packet, 1, vlan, frame);
}

START_TEST(digest_of_what_a_wire_may_change)
{
	static struct gen_frame frame, tagged;
	uint64_t digest;

	for (unsigned family = 4; family <= 6; family += 2) {
		build(&frame, family, IPPROTO_TCP, 0);
		build(&tagged, family, IPPROTO_TCP, 77);
		digest = gen_seen_digest(&seen, frame.data, frame.len);
		ck_assert_uint_ne(digest, 0);
		ck_assert_uint_eq(digest, gen_seen_digest(&seen, tagged.data, tagged.len));
		memset(frame.data, 0xee, 12); /* MAC addresses */
		frame.data[frame.l3_off + (family == 4 ? 8 : 7)]--;
		if (family == 4)
			frame.data[frame.l3_off + 11] ^= 0x55;
		ck_assert_uint_eq(digest, gen_seen_digest(&seen, frame.data, frame.len));
	}
}
END_TEST

/* Every other byte of what it covers counts, and so does the length. */
START_TEST(digest_of_all_else)
{
	static struct gen_frame frame;
	uint64_t digest;

	build(&frame, 4, IPPROTO_UDP, 0);
	digest = gen_seen_digest(&seen, frame.data, frame.len);
	for (uint32_t i = frame.l3_off; i < frame.len; i++) {
		uint32_t at = i - frame.l3_off;
		bool counts = at != 8 && at != 10 && at != 11 && at < GEN_SEEN_BYTES;
		uint8_t before = frame.data[i];

		frame.data[i] ^= at == 0 ? 1 : 0x80;
		ck_assert_msg((gen_seen_digest(&seen, frame.data, frame.len) != digest) == counts, "byte %u", at);
		frame.data[i] = before;
	}
	ck_assert_uint_ne(digest, gen_seen_digest(&seen, frame.data, frame.len - 1));
}
END_TEST

START_TEST(digest_of_no_packet)
{
	uint8_t arp[60] = {[12] = 0x08, [13] = 0x06};

	ck_assert_uint_eq(gen_seen_digest(&seen, arp, sizeof(arp)), 0);
	ck_assert_uint_eq(gen_seen_digest(&seen, arp, 5), 0);
	arp[13] = 0;
	ck_assert_uint_eq(gen_seen_digest(&seen, arp, 33), 0);
	ck_assert_uint_ne(gen_seen_digest(&seen, arp, 34), 0); /* the smallest fragment there is */
}
END_TEST

START_TEST(twins_are_taken_in_order)
{
	uint64_t sent_ns;
	char label;

	gen_seen_put(&seen, 5, 100, 'A');
	gen_seen_put(&seen, 5, 200, 'A');
	gen_seen_put(&seen, 6, 150, 'L');
	ck_assert(gen_seen_take(&seen, 5, &sent_ns, &label));
	ck_assert_uint_eq(sent_ns, 100);
	ck_assert(gen_seen_take(&seen, 6, &sent_ns, &label));
	ck_assert(sent_ns == 150 && label == 'L');
	ck_assert(gen_seen_take(&seen, 5, &sent_ns, &label));
	ck_assert(sent_ns == 200 && label == 'A');
	ck_assert(!gen_seen_take(&seen, 5, &sent_ns, &label));
}
END_TEST

/* Packets that never came back make room, the oldest first. */
START_TEST(the_oldest_is_forgotten)
{
	const uint64_t apart = UINT64_C(1) << 40; /* one line */
	uint64_t sent_ns;
	char label;

	for (uint64_t i = 1; i <= 6; i++)
		gen_seen_put(&seen, i * apart, i, 'A');
	for (uint64_t i = 1; i <= 6; i++)
		ck_assert(gen_seen_take(&seen, i * apart, &sent_ns, &label) == (i > 2));
}
END_TEST

START_TEST(percentiles)
{
	static struct gen_hist hist;

	ck_assert_uint_eq(gen_hist_at(&hist, 500), 0);
	for (uint64_t i = 1; i <= 100000; i++)
		gen_hist_add(&hist, i * 10);
	ck_assert_uint_eq(hist.min, 10);
	for (unsigned permille = 10; permille <= 1000; permille += 10) {
		uint64_t exact = permille * 1000, told = gen_hist_at(&hist, permille);

		ck_assert_msg(told * 100 > exact * 96 && told * 100 < exact * 104, "%u: %lu", permille, told);
	}
	gen_hist_add(&hist, UINT64_MAX);
	ck_assert_uint_gt(gen_hist_at(&hist, 1000), UINT64_MAX / 2);
}
END_TEST

/* A thousand packets in the tenth `i` of the attack, of which so many pass. */
static void
tenth(unsigned i, unsigned passed)
{
	uint64_t at = 77 + i * GEN_TENTH_NS;

	for (unsigned n = 0; n < 1000; n++)
		gen_tally_sent(&tally, GEN_ATTACK, 60, at);
	for (unsigned n = 0; n < passed; n++)
		gen_tally_passed(&tally, GEN_ATTACK, 60, at, at + 5);
}

START_TEST(mitigated_when_it_stays_so)
{
	ck_assert_uint_eq(gen_tally_mitigated(&tally), UINT64_MAX);
	tenth(0, 1000);
	tenth(1, 9); /* for a moment */
	for (unsigned i = 2; i < 7; i++)
		tenth(i, 10);
	for (unsigned i = 7; i < 16; i++)
		tenth(i, 9);
	ck_assert_uint_eq(gen_tally_mitigated(&tally), UINT64_MAX);
	tenth(16, 9);
	ck_assert_uint_eq(gen_tally_mitigated(&tally), 7 * GEN_TENTH_NS);
	tenth(17, 1000); /* what comes later is another matter */
	ck_assert_uint_eq(gen_tally_mitigated(&tally), 7 * GEN_TENTH_NS);
}
END_TEST

/* Silence between pulses is no mitigation. */
START_TEST(pauses_say_nothing)
{
	for (unsigned i = 0; i < 5; i++)
		tenth(i, 0);
	ck_assert_uint_eq(gen_tally_mitigated(&tally), UINT64_MAX);
	for (unsigned i = 50; i < 55; i++)
		tenth(i, 0);
	ck_assert_uint_eq(gen_tally_mitigated(&tally), 0);
}
END_TEST

START_TEST(counts_and_shares)
{
	gen_tally_sent(&tally, GEN_LEGIT, 100, 1);
	gen_tally_sent(&tally, GEN_LEGIT, 50, 2);
	gen_tally_sent(&tally, GEN_OTHER, 70, 3);
	gen_tally_passed(&tally, GEN_LEGIT, 50, 2, 5);
	ck_assert_uint_eq(tally.offered[GEN_ROW_LEGIT].packets, 2);
	ck_assert_uint_eq(tally.offered[GEN_ROW_LEGIT].bytes, 150);
	ck_assert_uint_eq(tally.passed[GEN_ROW_LEGIT].bytes, 50);
	ck_assert_uint_eq(tally.offered[GEN_ROW_OTHER].bytes, 70);
	ck_assert_uint_eq(tally.offered[GEN_ROW_ATTACK].packets, 0);
	ck_assert_uint_eq(tally.latency[GEN_ROW_LEGIT].min, 3);
	ck_assert_uint_eq(gen_tally_share(1, 3), 3334);
	ck_assert_uint_eq(gen_tally_share(1, 1000000000), 1);
	ck_assert_uint_eq(gen_tally_share(0, 5), 0);
	ck_assert_uint_eq(gen_tally_share(5, 5), 10000);
}
END_TEST

#define MS UINT64_C(1000000)

/* From outside, what is more than the guard time younger than what went before it from inside must wait for that. */
START_TEST(answers_wait_for_questions)
{
	static struct gen_order order;

	ck_assert(gen_order_ready(&order, 0));
	gen_order_sent(&order, 10 * MS);
	gen_order_sent(&order, 10 * MS + MS / 2);
	gen_order_sent(&order, 20 * MS);
	ck_assert(gen_order_ready(&order, 12 * MS));
	ck_assert(!gen_order_ready(&order, 14 * MS)); /* the soonest that an answer to the first comes */
	gen_order_passed(&order);
	ck_assert(!gen_order_ready(&order, 14 * MS));
	gen_order_passed(&order);
	ck_assert(gen_order_ready(&order, 14 * MS));
	ck_assert(!gen_order_ready(&order, 24 * MS));
	gen_order_passed(&order);
	ck_assert(gen_order_ready(&order, 24 * MS));
}
END_TEST

START_TEST(what_is_lost_is_given_up)
{
	static struct gen_order order;

	/* More milliseconds than there are points for. */
	for (unsigned i = 0; i < 3 * GEN_ORDER_POINTS; i++)
		gen_order_sent(&order, i * MS);
	for (unsigned i = 0; i < 3 * GEN_ORDER_POINTS - 1; i++)
		gen_order_passed(&order);
	ck_assert(!gen_order_ready(&order, 10000 * MS));
	gen_order_give_up(&order);
	ck_assert(gen_order_ready(&order, 10000 * MS));
	ck_assert_uint_eq(order.given_up, 1);
	gen_order_sent(&order, 10000 * MS);
	ck_assert(!gen_order_ready(&order, 10010 * MS));
	gen_order_passed(&order);
	ck_assert(gen_order_ready(&order, 10010 * MS));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("gen_live");

	tcase_add_checked_fixture(tests, set_up, tear_down);
	tcase_add_test(tests, digest_of_what_a_wire_may_change);
	tcase_add_test(tests, digest_of_all_else);
	tcase_add_test(tests, digest_of_no_packet);
	tcase_add_test(tests, twins_are_taken_in_order);
	tcase_add_test(tests, the_oldest_is_forgotten);
	tcase_add_test(tests, percentiles);
	tcase_add_test(tests, mitigated_when_it_stays_so);
	tcase_add_test(tests, pauses_say_nothing);
	tcase_add_test(tests, counts_and_shares);
	tcase_add_test(tests, answers_wait_for_questions);
	tcase_add_test(tests, what_is_lost_is_given_up);
	return suite_run("gen_live", tests);
}
