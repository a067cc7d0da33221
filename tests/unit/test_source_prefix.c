/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Sources among many: IPv6 prefixes, each held at its own level; floods from invented addresses, which change nothing
 * for those who are there; clients that are familiar.
 */
#include "source_rig.h"

#define LIMIT 1000

static const struct seki_source_limits limits = {.packets = LIMIT, .factor = {1, 4, 16}};

/* Bytes of the address from `first` to `last` at random. */
static void
randomize(struct sources *t, struct pkt *p, unsigned first, unsigned last)
{
	uint64_t bits = seki_rng_next(&t->rng);

	for (unsigned i = first; i <= last; i++)
		p->src.b[i] = (uint8_t)(bits >> 8 * (i - first));
}

static void
over_64(struct sources *t, struct pkt *p, unsigned i)
{
	(void)i;
	randomize(t, p, 8, 15);
}

static void
over_56(struct sources *t, struct pkt *p, unsigned i)
{
	(void)i;
	randomize(t, p, 7, 7);
	randomize(t, p, 8, 15);
}

static void
over_48(struct sources *t, struct pkt *p, unsigned i)
{
	(void)i;
	randomize(t, p, 6, 13);
}

static void
over_40(struct sources *t, struct pkt *p, unsigned i)
{
	(void)i;
	randomize(t, p, 5, 12);
}

/* An attack from one prefix, what of it passes in a window, and who beside it is untouched. */
static const struct {
	const char *about;
	void (*spread)(struct sources *t, struct pkt *p, unsigned i);
	uint16_t factor[3];
	unsigned passes;       /* of 64 limits; 0: all */
	const char *untouched; /* beside 2a00:1:2:3344:: */
} attacks[] = {
	{"one /64", over_64, {1, 4, 16}, 1, "2a00:1:2:3345::1"},
	{"one /56", over_56, {1, 4, 16}, 4, "2a00:1:2:3444::1"},
	{"one /48", over_48, {1, 4, 16}, 16, "2a00:1:3:3344::1"},
	{"one /48, other factors", over_48, {1, 2, 5}, 5, "2a00:1:3:3344::1"},
	{"one /48, held at /56 only", over_48, {1, 4, 0}, 0, "2a00:1:2:3344::1"},
	{"one /56, held at /48 only", over_56, {1, 0, 16}, 16, "2a00:1:3:3344::1"},
	{"one /40", over_40, {1, 4, 16}, 0, "2a00:1:2:3344::1"},
};

START_TEST(prefixes_are_held)
{
	struct sources *t = sources_create(10000, limits);
	struct pkt p = packet_from("2a00:1:2:3344::1", ZONE_PLAIN),
		   beside = packet_from(attacks[_i].untouched, ZONE_PLAIN);
	struct pkt verified = packet_from("2a00:1:2:3344::77", ZONE_PLAIN);

	memcpy(t->limits.factor, attacks[_i].factor, sizeof(t->limits.factor));
	verified.flow = PKT_FLOW_KNOWN | PKT_FLOW_VERIFIED;
	verified.src.b[7] = 0x99;
	for (unsigned w = 0; w < 5; w++) {
		struct count attack = {0}, untouched = {0}, proven = {0};
		uint64_t begin = t->now;

		for (unsigned i = 0; i < 64 * LIMIT; i++) {
			t->now = begin + i * WINDOW / (64 * LIMIT);
			attacks[_i].spread(t, &p, i);
			offer(t, &p, &attack);
			if (i % 80 != 0)
				continue;
			offer(t, &beside, &untouched);
			offer(t, &verified, &proven);
		}
		t->now = begin + WINDOW;
		seki_sources_sweep(&t->s, t->now, WINDOW);
		ck_assert_msg(untouched.passed == untouched.came, "%s: beside it", attacks[_i].about);
		ck_assert_msg(proven.passed == proven.came, "%s: a verified flow", attacks[_i].about);
		if (attacks[_i].passes == 0)
			ck_assert_uint_eq(attack.passed, attack.came);
		else if (w >= 2)
			check_near(attack.passed, attacks[_i].passes * LIMIT, 10, attacks[_i].about);
	}
	sources_destroy(t);
}
END_TEST

/* Bytes, SYNs and conversations of a prefix are held likewise. */
START_TEST(prefixes_are_held_to_all_limits)
{
	static const struct seki_source_limits each[] = {
		{.bytes = LIMIT * 7, .factor = {1, 4, 16}},
		{.syns = LIMIT, .factor = {1, 4, 16}},
		{.flows = LIMIT, .factor = {1, 4, 16}},
	};

	for (size_t i = 0; i < N(each); i++) {
		struct sources *t = sources_create(10000, each[i]);
		struct pkt p = packet_from("2a00:1:2::1", ZONE_PLAIN);
		struct count c;

		p.vector = SEKI_VECTOR_TCP_SYN;
		p.flow = PKT_FLOW_NEW;
		for (unsigned w = 0; w < 3; w++)
			c = offer_window(t, p, 64 * LIMIT, over_48);
		check_near(c.passed, 16 * LIMIT, 10, "a /48");
		sources_destroy(t);
	}
}
END_TEST

/* What is dropped for the prefix is not charged to the source: when the attack is over, it has its limit at once. */
START_TEST(all_or_none_are_charged)
{
	struct sources *t = sources_create(10000, limits);
	struct pkt p = packet_from("2a00:1:2:3344::1", ZONE_PLAIN),
		   victim = packet_from("2a00:1:2:9999::1", ZONE_PLAIN);
	struct count attack = {0}, during = {0}, after;

	for (unsigned i = 0; i < 4 * 64 * LIMIT; i++) {
		t->now = START + i * WINDOW / (64 * LIMIT);
		over_48(t, &p, i);
		p.src.b[6] &= 0x7f; /* not the victim's */
		offer(t, &p, &attack);
		if (i % 8 == 0)
			offer(t, &victim, &during);
	}
	ck_assert_uint_lt(during.passed, during.came / 2);
	t->limits.factor[1] = t->limits.factor[2] = 0;
	after = offer_window(t, victim, LIMIT / 4, NULL);
	ck_assert_uint_eq(after.passed, after.came);
	sources_destroy(t);
}
END_TEST

/* Limits of every size that a zone can have are held, also where they are times a factor. */
static const struct {
	const char *about;
	struct seki_source_limits limits;
	unsigned verified; /* handshakes */
	void (*spread)(struct sources *t, struct pkt *p, unsigned i);
	uint64_t offered, passes;
} large[] = {
	{"50 kpps", {.packets = 53687}, 0, over_64, 400000, 53687},
	{"450 kpps", {.packets = 483183}, 0, over_64, 2000000, 483183},
	{"50 kSYN/s", {.syns = 53687}, 0, over_64, 400000, 53687},
	{"a /56 of 50 kpps", {.packets = 53687}, 0, over_56, 1000000, 4 * 53687},
	{"a /48 of 50 kpps", {.packets = 53687}, 0, over_48, 3000000, 16 * 53687},
	{"a /56 of 5 kSYN/s, of 5000 conversations", {.syns = 5368, .flows = 5368}, 0, over_56, 200000, 4 * 5368},
	{"a /48 of 50 kSYN/s", {.syns = 53687}, 0, over_48, 3000000, 16 * 53687},
	{"a verified source of 50 kpps", {.packets = 53687}, 1, NULL, 2000000, 10 * 53687},
	{"a verified source of 50 kSYN/s", {.syns = 53687}, 1, NULL, 2000000, 10 * 53687},
	{"a verified source of 10,000 conversations/s", {.flows = 10737}, 1, NULL, 1000000, 10 * 10737},
};

START_TEST(large_limits_hold)
{
	struct sources *t = sources_create(10000, large[_i].limits);
	struct pkt p = packet_from(large[_i].spread != NULL ? "2a00:1:2::1" : "9.9.9.9", ZONE_PLAIN);
	struct count c;

	t->limits.verified = 10;
	t->limits.factor[0] = 1;
	t->limits.factor[1] = 4;
	t->limits.factor[2] = 16;
	p.vector = SEKI_VECTOR_TCP_SYN;
	p.flow = PKT_FLOW_NEW;
	verify(t, &p, large[_i].verified);
	for (unsigned w = 0; w < 3; w++)
		c = offer_window(t, p, (unsigned)large[_i].offered, large[_i].spread);
	check_near(c.passed, large[_i].passes, 10, large[_i].about);
	sources_destroy(t);
}
END_TEST

/* One of a million that never come again. */
static struct pkt
stranger(struct sources *t)
{
	bool ip6 = seki_rng_below(&t->rng, 2) != 0;
	struct pkt p = packet_from(ip6 ? "2a00::" : "1.2.3.4", ZONE_PLAIN);

	randomize(t, &p, ip6 ? 2 : 0, ip6 ? 9 : 3);
	return p;
}

enum { N_HONEST = 40, FLOOD = 1000000, FLOOD_WINDOWS = 4 };

/* Sources of all sorts that send 0.8 of what they may. */
static void
make_honest(struct pkt honest[N_HONEST])
{
	for (unsigned i = 0; i < N_HONEST; i++) {
		honest[i] = packet_from(i % 2 ? "2a01:5::7" : "8.8.4.4", i % 3 == 0 ? ZONE_SERVES : ZONE_PLAIN);
		honest[i].src.b[i % 2 ? 5 : 2] = (uint8_t)i;
	}
}

START_TEST(floods_change_nothing)
{
	static const uint64_t sizes[] = {1000, 100000};
	struct sources *t = sources_create(sizes[_i], limits);
	struct count honest_count = {0}, flood_count = {0}, heavy_count = {0};
	struct pkt honest[N_HONEST], heavy = packet_from("77.7.7.7", ZONE_PLAIN),
				     late = packet_from("77.7.7.8", ZONE_PLAIN);
	const unsigned per_window = FLOOD / FLOOD_WINDOWS, apart = per_window / (LIMIT * 8 / 10);

	make_honest(honest);
	for (unsigned i = 0; i < FLOOD; i++) {
		struct pkt p = stranger(t);

		t->now = START + i * WINDOW / per_window;
		offer(t, &p, &flood_count);
		for (unsigned k = 0; k < N_HONEST; k++)
			if ((i + k) % apart == 0)
				offer(t, &honest[k], &honest_count);
		if (i % 25 == 0)
			offer(t, &heavy, &heavy_count);
		if (i % 64 == 0)
			seki_sources_sweep(&t->s, t->now, 64 * WINDOW / per_window);
	}
	ck_assert_uint_eq(honest_count.passed, honest_count.came);
	ck_assert_uint_gt(honest_count.came, N_HONEST * LIMIT * 3);
	ck_assert_uint_eq(flood_count.passed, flood_count.came);
	ck_assert_uint_le(heavy_count.passed, FLOOD_WINDOWS * LIMIT * 3 / 2);
	ck_assert_uint_ge(heavy_count.passed, FLOOD_WINDOWS * LIMIT * 9 / 10);
	ck_assert_uint_eq(t->s.rates.stats.refused, 0);
	/* Heavy after the flood, or in it: it finds room. */
	for (unsigned w = 0; w < 3; w++)
		heavy_count = offer_window(t, late, 10 * LIMIT, NULL);
	check_near(heavy_count.passed, LIMIT, 10, "heavy later");
	sources_destroy(t);
}
END_TEST

/* Familiar clients. */
#define KPPS_INTERVAL (1000000 >> SEKI_FAMILIAR_SHIFT)

static unsigned
charge_familiar(struct sources *t, struct pkt *p, unsigned n, uint64_t apart)
{
	unsigned passed = 0;

	for (unsigned i = 0; i < n; i++, t->now += apart) {
		p->arrival_ns = t->now;
		passed += seki_source_charge_familiar(&t->s, p, KPPS_INTERVAL);
	}
	return passed;
}

static void
answer_in_quiet(struct sources *t, struct pkt *p)
{
	p->arrival_ns = t->now;
	seki_source_make_familiar(&t->s, p);
}

static void
make_familiar(struct sources *t, struct pkt *p)
{
	answer_in_quiet(t, p);
	t->now += 10 * SECOND;
	answer_in_quiet(t, p);
}

/* What came all at once, as when a flood begins, is not familiar, however much it was; what comes again later is. */
START_TEST(familiar_takes_ten_seconds)
{
	struct sources *t = sources_create(1000, limits);
	struct pkt p = packet_from("8.8.8.8", ZONE_PLAIN);

	for (unsigned i = 0; i < 100; i++, t->now += SECOND / 11) {
		answer_in_quiet(t, &p);
		ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 0);
	}
	t->now += SECOND;
	ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 0); /* a question alone changes nothing */
	answer_in_quiet(t, &p);
	check_near(charge_familiar(t, &p, 5000, 0), 1000, 1, "at once");
	/* Forgotten, it begins anew. */
	t->now += 7210 * SECOND;
	answer_in_quiet(t, &p);
	ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 0);
	sources_destroy(t);
}
END_TEST

START_TEST(familiar_have_a_rate_each)
{
	struct sources *t = sources_create(1000, limits);
	struct pkt p = packet_from("8.8.8.8", ZONE_PLAIN), q = packet_from("8.8.8.9", ZONE_PLAIN);

	ck_assert_uint_eq(charge_familiar(t, &p, 10, 0), 0);
	make_familiar(t, &p);
	make_familiar(t, &q);
	/* A second's worth at once, then one in a millisecond; units are of 4 us. */
	check_near(charge_familiar(t, &p, 5000, 0), 1000, 1, "at once");
	ck_assert_uint_eq(charge_familiar(t, &p, 10, 0), 0);
	check_near(charge_familiar(t, &p, 10000, 100000), 1000, 1, "in a second");
	answer_in_quiet(t, &p); /* once more: that gives nothing */
	ck_assert_uint_le(charge_familiar(t, &p, 100, 0), 1);
	check_near(charge_familiar(t, &q, 5000, 0), 1000, 1, "another");
	t->now += 10 * SECOND;
	check_near(charge_familiar(t, &p, 5000, 0), 1000, 1, "after a pause");
	sources_destroy(t);
}
END_TEST

START_TEST(familiar_is_who_and_from_where)
{
	struct sources *t = sources_create(1000, limits);
	struct pkt p = packet_from("8.8.8.8", ZONE_PLAIN), other[4] = {p, p, p, packet_from("8.8.8.9", ZONE_PLAIN)};

	other[0].sport++;
	other[1].zone = ZONE_SERVES;
	other[2].domain = 1;
	make_familiar(t, &p);
	for (unsigned i = 0; i < N(other); i++)
		ck_assert_msg(charge_familiar(t, &other[i], 1, 0) == 0, "other %u", i);
	ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 1);
	sources_destroy(t);
}
END_TEST

/* For two hours after the last answer, which made it familiar or was charged to it. */
START_TEST(familiar_for_two_hours)
{
	for (unsigned again = 0; again < 2; again++) {
		struct sources *t = sources_create(1000, limits);
		struct pkt p = packet_from("8.8.8.8", ZONE_PLAIN);

		make_familiar(t, &p);
		for (unsigned i = 0; i < 5; i++) {
			t->now += 7190 * SECOND;
			if (again)
				answer_in_quiet(t, &p);
			else
				ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 1);
		}
		t->now += 7190 * SECOND;
		ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 1);
		t->now += 7210 * SECOND;
		ck_assert_uint_eq(charge_familiar(t, &p, 1, 0), 0);
		sources_destroy(t);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("source_prefix");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, prefixes_are_held, 0, N(attacks));
	tcase_add_test(tests, prefixes_are_held_to_all_limits);
	tcase_add_test(tests, all_or_none_are_charged);
	tcase_add_loop_test(tests, large_limits_hold, 0, N(large));
	tcase_add_loop_test(tests, floods_change_nothing, 0, 2);
	tcase_add_test(tests, familiar_takes_ten_seconds);
	tcase_add_test(tests, familiar_have_a_rate_each);
	tcase_add_test(tests, familiar_is_who_and_from_where);
	tcase_add_test(tests, familiar_for_two_hours);
	return suite_run("source_prefix", tests);
}
