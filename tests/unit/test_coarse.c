/* SPDX-License-Identifier: BSD-3-Clause */

/* The coarse map never denies what a table knows; and what the table of special-purpose ranges says. */
#include "coarse.h"
#include "hash.h"
#include "special.h"
#include "suite.h"

#define RANDOM_PREFIXES 300
#define PROBES 20000

static union pkt_addr
random_addr(struct seki_rng *rng, unsigned family)
{
	union pkt_addr addr = {.q = {seki_rng_next(rng), seki_rng_next(rng)}};

	if (family == 4)
		memset(addr.b + 4, 0, 12);
	return addr;
}

static struct seki_prefix
random_prefix(struct seki_rng *rng)
{
	unsigned family = seki_rng_below(rng, 2) == 0 ? 4 : 6;
	union pkt_addr addr = random_addr(rng, family);
	struct seki_prefix prefix = {.family = (uint8_t)family};

	prefix.len = (uint8_t)(6 + seki_rng_below(rng, family == 4 ? 27 : 123));
	memcpy(prefix.addr, addr.b, sizeof(prefix.addr));
	seki_addr_mask(prefix.addr, prefix.len);
	return prefix;
}

/* An address in the prefix, the bits behind its length at random. */
static union pkt_addr
inside(struct seki_rng *rng, const struct seki_prefix *prefix)
{
	union pkt_addr addr = random_addr(rng, prefix->family), host = addr;

	seki_addr_mask(host.b, prefix->len);
	for (unsigned i = 0; i < sizeof(addr.b); i++)
		addr.b[i] ^= host.b[i] ^ prefix->addr[i];
	return addr;
}

static uint8_t
l3_of(const struct seki_prefix *prefix)
{
	return prefix->family == 4 ? PKT_L3_IP4 : PKT_L3_IP6;
}

START_TEST(what_was_added_is_had)
{
	static struct seki_coarse coarse;
	struct seki_prefix prefix[RANDOM_PREFIXES];
	struct seki_rng rng;

	seki_rng_init(&rng, 1);
	memset(&coarse, 0, sizeof(coarse));
	for (unsigned i = 0; i < RANDOM_PREFIXES; i++) {
		prefix[i] = random_prefix(&rng);
		seki_coarse_add(&coarse, &prefix[i]);
	}
	for (unsigned i = 0; i < PROBES; i++) {
		const struct seki_prefix *in = &prefix[i % RANDOM_PREFIXES];
		union pkt_addr addr = inside(&rng, in);

		ck_assert_msg(seki_coarse_has(&coarse, l3_of(in), &addr), "prefix %u", i % RANDOM_PREFIXES);
	}
}
END_TEST

/* One block for a long prefix, all of its blocks for a short one, and none beside them. */
START_TEST(nothing_else_is_had)
{
	static const struct {
		const char *prefix, *addr;
		uint8_t l3;
		bool had;
	} row[] = {
		{"192.0.2.1", "192.0.255.255", PKT_L3_IP4, true},
		{"192.0.2.1", "192.1.0.0", PKT_L3_IP4, false},
		{"192.0.2.1", "191.255.255.255", PKT_L3_IP4, false},
		{"198.18.0.0/15", "198.17.255.255", PKT_L3_IP4, false},
		{"198.18.0.0/15", "198.18.0.0", PKT_L3_IP4, true},
		{"198.18.0.0/15", "198.19.255.255", PKT_L3_IP4, true},
		{"198.18.0.0/15", "198.20.0.0", PKT_L3_IP4, false},
		{"0.0.0.0/0", "255.255.255.255", PKT_L3_IP4, true},
		{"2001:db8::/32", "2001::1", PKT_L3_IP6, true},
		{"2001:db8::/32", "2002::1", PKT_L3_IP6, false},
		{"fc00::/7", "fdff::1", PKT_L3_IP6, true},
		{"fc00::/7", "fe00::1", PKT_L3_IP6, false},
	};
	static struct seki_coarse coarse;

	for (unsigned i = 0; i < N(row); i++) {
		struct seki_prefix prefix = prefix_of(row[i].prefix), addr = prefix_of(row[i].addr);
		union pkt_addr probe;

		memset(&coarse, 0, sizeof(coarse));
		seki_coarse_add(&coarse, &prefix);
		memcpy(probe.b, addr.addr, sizeof(probe.b));
		ck_assert_msg(seki_coarse_has(&coarse, row[i].l3, &probe) == row[i].had, "%s in the map of %s",
			row[i].addr, row[i].prefix);
		/* The families are apart. */
		ck_assert(!seki_coarse_has(&coarse, row[i].l3 == PKT_L3_IP4 ? PKT_L3_IP6 : PKT_L3_IP4, &probe));
	}
}
END_TEST

/* Each range is what the table says at both of its ends, unless an earlier row claims that end. */
START_TEST(ranges_are_found)
{
	struct seki_prefix range, earlier;
	unsigned n = 0;

	for (; seki_special_range(n, &range); n++) {
		struct seki_prefix last = range;
		enum seki_special first = seki_special_find(range.family, range.addr);

		for (unsigned bit = range.len; bit < (range.family == 4 ? 32 : 128); bit++)
			last.addr[bit / 8] |= (uint8_t)(0x80 >> bit % 8);
		ck_assert_uint_ne(first, SEKI_SPECIAL_NONE);
		for (unsigned i = 0; i < n; i++)
			if (seki_special_range(i, &earlier) && seki_prefix_covers(&range, &earlier))
				first = SEKI_SPECIAL_NONE;
		if (first != SEKI_SPECIAL_NONE)
			ck_assert_uint_eq(seki_special_find(range.family, last.addr), first);
	}
	ck_assert_uint_eq(n, 23);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("coarse");

	tcase_add_test(tests, what_was_added_is_had);
	tcase_add_test(tests, nothing_else_is_had);
	tcase_add_test(tests, ranges_are_found);
	return suite_run("coarse", tests);
}
