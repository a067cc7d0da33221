/* SPDX-License-Identifier: BSD-3-Clause */
/* Prefixes put together: nothing is lost, little is added. */
#include "hash.h"
#include "suite.h"
#include "target.h"

#include <endian.h>

#define MAX_IN 300

static struct seki_target
target(const char *text)
{
	struct seki_prefix prefix = prefix_of(text);
	uint64_t net;

	memcpy(&net, prefix.addr, sizeof(net));
	net = be64toh(net);
	return (struct seki_target){prefix.family == 4 ? net >> 32 << 32 : net, prefix.family, prefix.len};
}

/* What goes in, and what comes out, with room for so many. */
static const struct {
	const char *about, *in, *out;
	unsigned max;
} rows[] = {
	{"nothing", "", "", 16},
	{"one host", "192.0.2.7/32", "192.0.2.7/32", 16},
	{"the same twice", "192.0.2.7/32 192.0.2.7/32", "192.0.2.7/32", 16},
	{"neighbours", "192.0.2.6/32 192.0.2.7/32", "192.0.2.6/31", 16},
	{"two of four are half", "192.0.2.4/32 192.0.2.7/32", "192.0.2.4/30", 16},
	{"two of eight are not", "192.0.2.0/32 192.0.2.7/32", "192.0.2.0/32 192.0.2.7/32", 16},
	{"in any order", "192.0.2.128/25 192.0.2.0/25", "192.0.2.0/24", 16},
	{"one in the other", "192.0.2.0/24 192.0.2.9/32", "192.0.2.0/24", 16},
	{"three blocks of four", "192.0.2.0/28 192.0.2.16/28 192.0.2.48/28", "192.0.2.0/26", 16},
	{"far apart, with room", "192.0.2.1/32 198.51.100.1/32", "192.0.2.1/32 198.51.100.1/32", 16},
	{"far apart, without", "192.0.2.1/32 198.51.100.1/32", "192.0.0.0/5", 1},
	{"the closest pair first", "192.0.2.1/32 192.0.2.200/32 198.51.100.1/32", "192.0.2.0/24 198.51.100.1/32", 2},
	{"families stay apart", "192.0.2.1/32 2001:db8::/64", "192.0.2.1/32 2001:db8::/64", 2},
	{"/64s of a /56", "2001:db8::/57 2001:db8:0:80::/58", "2001:db8::/56", 16},
	{"two far /64s", "2001:db8::/64 2001:db8:0:9::/64", "2001:db8::/64 2001:db8:0:9::/64", 16},
	{"two far /64s, without room", "2001:db8::/64 2001:db8:0:9::/64", "2001:db8::/60", 1},
	{"all there is", "0.0.0.0/1 128.0.0.0/1", "0.0.0.0/0", 16},
	{"all of both halves of IPv6", "::/1 8000::/1", "::/0", 16},
};

START_TEST(merged)
{
	struct target_item item[16];
	char copy[256], text[SEKI_TARGET_TEXT], out[512] = "", *save = NULL;
	unsigned n = 0;

	snprintf(copy, sizeof(copy), "%s", rows[_i].in);
	for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
		item[n++] = target_item_of(target(word));
	n = target_merge(item, n, rows[_i].max);
	for (unsigned i = 0; i < n; i++) {
		strcat(out, i == 0 ? "" : " ");
		strcat(out, seki_target_text(item[i].prefix, text));
	}
	ck_assert_msg(strcmp(out, rows[_i].out) == 0, "%s: %s", rows[_i].about, out);
}
END_TEST

static struct target_item
random_item(struct seki_rng *rng, unsigned spread)
{
	bool ip6 = seki_rng_below(rng, 3) == 0;
	unsigned bits = ip6 ? 64 : 32, len = bits - (unsigned)seki_rng_below(rng, 6);
	uint64_t host = seki_rng_below(rng, UINT64_C(1) << spread);
	uint64_t net = ip6 ? UINT64_C(0x20010db800000000) + host : (UINT64_C(0xc6120000) + host) << 32;

	return target_item_of((struct seki_target){net & seki_target_mask(len), ip6 ? 6 : 4, (uint8_t)len});
}

static void
check_one(const struct target_item *in, unsigned n_in, const struct target_item *out, unsigned n_out)
{
	for (unsigned i = 0; i < n_in; i++) {
		unsigned held = 0;

		for (unsigned k = 0; k < n_out; k++)
			held += seki_target_holds(out[k].prefix, in[i].prefix);
		HOLDS(held == 1, "a prefix is in %u of what it became", held);
	}
	for (unsigned k = 0; k < n_out; k++) {
		bool some = false;

		for (unsigned i = 0; i < n_in; i++)
			some |= seki_target_holds(out[k].prefix, in[i].prefix);
		HOLDS(some, "a prefix came from nowhere");
		HOLDS((out[k].prefix.net & ~seki_target_mask(out[k].prefix.len)) == 0, "bits beyond the prefix");
		HOLDS(out[k].covered <= UINT64_C(1) << ((out[k].prefix.family == 4 ? 32 : 64) - out[k].prefix.len),
			"more is target than there is");
		HOLDS(k == 0 || out[k - 1].prefix.family < out[k].prefix.family ||
				(out[k - 1].prefix.family == out[k].prefix.family &&
					out[k - 1].prefix.net < out[k].prefix.net),
			"not sorted");
	}
}

/* Addresses (IPv6: /64s) of the prefix that went in: each counted once. */
static uint64_t
really_in(struct seki_target prefix, const struct target_item *in, unsigned n)
{
	unsigned bits = prefix.family == 4 ? 32 : 64;
	uint64_t size = UINT64_C(1) << (bits - prefix.len), count = 0;

	for (uint64_t a = 0; a < size; a++) {
		struct seki_target one = {prefix.net + (a << (64 - bits)), prefix.family, (uint8_t)bits};
		bool some = false;

		for (unsigned i = 0; i < n && !some; i++)
			some = seki_target_holds(in[i].prefix, one);
		count += some;
	}
	return count;
}

/* Whatever goes in is in what comes out, once; and with room for all, half of what comes out went in. */
START_TEST(random_ones)
{
	struct target_item in[MAX_IN], out[MAX_IN];
	struct seki_rng rng;

	seki_rng_init(&rng, (uint64_t)_i);
	for (unsigned round = 0; round < 200; round++) {
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, MAX_IN),
			 spread = 4 + (unsigned)seki_rng_below(&rng, 13);
		unsigned max = 2 + (unsigned)seki_rng_below(&rng, 20), n_out;

		for (unsigned i = 0; i < n; i++)
			in[i] = random_item(&rng, spread);
		memcpy(out, in, sizeof(in));
		n_out = target_merge(out, n, max);
		HOLDS(n_out <= max, "%u of at most %u", n_out, max);
		check_one(in, n, out, n_out);
		memcpy(out, in, sizeof(in));
		n_out = target_merge(out, n, MAX_IN);
		check_one(in, n, out, n_out);
		for (unsigned k = 0; k < n_out && round < 10; k++) {
			uint64_t size = UINT64_C(1) << ((out[k].prefix.family == 4 ? 32 : 64) - out[k].prefix.len);

			HOLDS(really_in(out[k].prefix, in, n) >= size / 2, "most of a prefix is no target");
		}
	}
}
END_TEST

static const struct {
	const char *outer, *inner;
	bool holds;
} pairs[] = {
	{"192.0.2.0/24", "192.0.2.0/24", true},
	{"192.0.2.0/24", "192.0.2.255/32", true},
	{"192.0.2.0/25", "192.0.2.128/25", false},
	{"192.0.2.128/25", "192.0.2.0/24", false},
	{"0.0.0.0/0", "192.0.2.0/24", true},
	{"0.0.0.0/0", "::/0", false},
	{"2001:db8::/63", "2001:db8:0:1::/64", true},
	{"2001:db8::/63", "2001:db8:0:2::/64", false},
};

START_TEST(holds)
{
	ck_assert_msg(seki_target_holds(target(pairs[_i].outer), target(pairs[_i].inner)) == pairs[_i].holds, "%s, %s",
		pairs[_i].outer, pairs[_i].inner);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("target");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, merged, 0, N(rows));
	tcase_add_loop_test(tests, random_ones, 0, 20);
	tcase_add_loop_test(tests, holds, 0, N(pairs));
	return suite_run("target", tests);
}
