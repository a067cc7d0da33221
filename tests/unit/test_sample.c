/* SPDX-License-Identifier: BSD-3-Clause */
/* Samples of headers: the ring, and which packets are taken. */
#include "hash.h"
#include "sample.h"
#include "suite.h"

#include <endian.h>

#define T0 UINT64_C(1000000000000)
#define N_PACKETS 20000
#define N_ZONES 5

static struct seki_sampler *s;
static uint8_t frame[64];

static void
setup(void)
{
	s = aligned_alloc(64, sizeof(*s));
	memset(s, 0, sizeof(*s));
}

static void
teardown(void)
{
	free(s);
}

/* The n-th packet, as parse and decide would leave one. */
static struct pkt
packet(uint64_t time_ns, uint16_t zone, uint16_t number)
{
	struct pkt p = {
		.arrival_ns = time_ns,
		.data = frame,
		.linear = sizeof(frame),
		.l3 = PKT_L3_IP4,
		.zone = zone,
		.flags = PKT_F_PORTS,
		.sport = number,
		.l3_len = 40,
		.digest = (uint64_t)number << 32,
		.vector = SEKI_VECTOR_UDP,
		.verdict = SEKI_VERDICT_DROP,
		.reason = SEKI_REASON_FLOOD,
		.observed = SEKI_REASON_SOURCE_PPS,
		.flow = PKT_FLOW_STRICT,
	};

	p.dst.v4_be = htobe32(0xc6120000u + number);
	return p;
}

static void
burst(const struct pkt *p, unsigned n)
{
	seki_sample_burst(s, p, n == PKT_BURST ? UINT32_MAX : (1u << n) - 1);
}

START_TEST(what_is_told)
{
	struct pkt p = packet(T0, 3, 77);
	struct seki_sample out;

	ck_assert(!seki_sample_take(s, &out));
	burst(&p, 1);
	ck_assert(seki_sample_take(s, &out));
	ck_assert(!seki_sample_take(s, &out));
	ck_assert_uint_eq(out.time_ns, T0);
	ck_assert_uint_eq(out.net, UINT64_C(0xc612004d) << 32);
	ck_assert_uint_eq(out.source, 77);
	ck_assert_uint_eq(out.zone, 3);
	ck_assert_uint_eq(out.family, 4);
	ck_assert_uint_eq(out.flow, PKT_FLOW_STRICT);
	ck_assert_uint_eq(out.verdict, SEKI_VERDICT_DROP);
	ck_assert_uint_eq(out.reason, SEKI_REASON_FLOOD);
	ck_assert_uint_eq(out.observed, SEKI_REASON_SOURCE_PPS);
	ck_assert_uint_eq(out.features.vector, SEKI_VECTOR_UDP);
	ck_assert_uint_eq(out.features.sport, 77);
	p.l3 = PKT_L3_IP6;
	p.arrival_ns += SEKI_SAMPLE_EVERY_NS;
	p.dst.q[0] = htobe64(UINT64_C(0x20010db800510000));
	burst(&p, 1);
	ck_assert(seki_sample_take(s, &out));
	ck_assert_uint_eq(out.net, UINT64_C(0x20010db800510000));
	ck_assert_uint_eq(out.family, 6);
}
END_TEST

/* In the order in which they came, also where the ring's numbers wrap; what finds it full is lost, and counted. */
START_TEST(ring)
{
	uint64_t now_ns = T0;
	struct seki_sample out;
	uint16_t next = 0, number = 0;
	uint64_t lost = 0;

	s->head = s->tail = UINT32_MAX - 700;
	for (unsigned turn = 0; turn < 10; turn++) {
		unsigned n = turn % 2 == 0 ? 300 : SEKI_SAMPLES_IN_RING + 50;
		struct pkt p;

		for (unsigned i = 0; i < n; i++) {
			now_ns += SEKI_SAMPLE_EVERY_NS;
			p = packet(now_ns, 1, number);
			number += i < SEKI_SAMPLES_IN_RING;
			burst(&p, 1);
		}
		lost += n > SEKI_SAMPLES_IN_RING ? n - SEKI_SAMPLES_IN_RING : 0;
		ck_assert_uint_eq(s->lost, lost);
		for (unsigned i = 0; i < (n < SEKI_SAMPLES_IN_RING ? n : SEKI_SAMPLES_IN_RING); i++) {
			ck_assert(seki_sample_take(s, &out));
			ck_assert_uint_eq(out.features.sport, next++);
		}
		ck_assert(!seki_sample_take(s, &out));
	}
	ck_assert_uint_eq(lost, 5 * 50);
}
END_TEST

static struct pkt stream[N_PACKETS];

/* Random zones; `same_pct` of the packets have the time of the one before. */
static void
make_stream(uint64_t seed, unsigned same_pct)
{
	uint64_t now_ns = T0;
	struct seki_rng rng;

	seki_rng_init(&rng, seed);
	for (unsigned i = 0; i < N_PACKETS; i++) {
		if (seki_rng_below(&rng, 100) >= same_pct)
			now_ns += seki_rng_below(&rng, 60000);
		stream[i] = packet(now_ns, (uint16_t)(1 + seki_rng_below(&rng, N_ZONES)), (uint16_t)i);
	}
}

/* The numbers of the packets that are taken, where bursts have `size`. Returns how many. */
static unsigned
taken(unsigned size, uint16_t *number)
{
	struct seki_sample out;
	unsigned n = 0;

	memset(s, 0, sizeof(*s));
	s->each = true;
	for (unsigned i = 0; i < N_PACKETS; i += size) {
		burst(&stream[i], i + size < N_PACKETS ? size : N_PACKETS - i);
		while (seki_sample_take(s, &out))
			number[n++] = out.features.sport;
	}
	return n;
}

/* Offline the choice is the same however packets are put into bursts, also where many of them have one time. */
START_TEST(bursts_do_not_matter)
{
	static uint16_t one[N_PACKETS], other[N_PACKETS];
	static const unsigned same_pct[] = {0, 30, 90, 98};
	unsigned n;

	make_stream((uint64_t)_i, same_pct[_i % N(same_pct)]);
	n = taken(1, one);
	ck_assert_uint_gt(n, 20);
	for (unsigned size = 2; size <= PKT_BURST; size++) {
		ck_assert_uint_eq(taken(size, other), n);
		ck_assert_msg(memcmp(one, other, n * sizeof(one[0])) == 0, "bursts of %u", size);
	}
}
END_TEST

/* Of each zone one in an interval, the first that comes after it; no zone takes another one's. */
START_TEST(one_in_an_interval)
{
	uint64_t last[N_ZONES + 1] = {0};
	static uint16_t number[N_PACKETS];
	unsigned n, at = 0;

	make_stream(5, 20);
	n = taken(32, number);
	for (unsigned i = 0; i < N_PACKETS; i++) {
		const struct pkt *p = &stream[i];
		bool due = last[p->zone] == 0 || p->arrival_ns >= last[p->zone] + SEKI_SAMPLE_EVERY_NS;

		if (due)
			last[p->zone] = p->arrival_ns;
		ck_assert_msg(due == (at < n && number[at] == (uint16_t)i), "packet %u", i);
		at += due;
	}
	ck_assert_uint_eq(at, n);
}
END_TEST

/* Live a burst has one time: it gives one sample at most, of the packets that are named, and each of them has its turn.
 */
START_TEST(live)
{
	unsigned count[PKT_BURST] = {0};
	const uint32_t which = 0x8001ff10;

	for (unsigned round = 0; round < 320; round++) {
		struct pkt p[PKT_BURST];
		struct seki_sample out;

		for (unsigned i = 0; i < PKT_BURST; i++)
			p[i] = packet(T0 + round * SEKI_SAMPLE_EVERY_NS, 1, (uint16_t)i);
		seki_sample_burst(s, p, which);
		ck_assert(seki_sample_take(s, &out));
		ck_assert(!seki_sample_take(s, &out));
		count[out.features.sport]++;
		if (round % 100 != 0)
			continue;
		seki_sample_burst(s, p, which);
		ck_assert(!seki_sample_take(s, &out)); /* the interval is not over */
	}
	for (unsigned i = 0; i < PKT_BURST; i++)
		ck_assert_msg((count[i] > 0) == (which >> i & 1), "packet %u has been taken %u times", i, count[i]);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("sample");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, what_is_told);
	tcase_add_test(tests, ring);
	tcase_add_loop_test(tests, bursts_do_not_matter, 0, 12);
	tcase_add_test(tests, one_in_an_interval);
	tcase_add_test(tests, live);
	return suite_run("sample", tests);
}
