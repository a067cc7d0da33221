/* SPDX-License-Identifier: BSD-3-Clause */
/* lib/base: what people write, and what they are told. Hashing: test_hash.c. */
#include "addr.h"
#include "err.h"
#include "hash.h"
#include "printable.h"
#include "suite.h"
#include "units.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static const struct {
	enum seki_unit unit;
	const char *text;
	int ret;
	uint64_t value;
} quantities[] = {
	{SEKI_UNIT_NONE, "0", 0, 0},
	{SEKI_UNIT_NONE, "1500", 0, 1500},
	{SEKI_UNIT_NONE, "007", 0, 7},
	{SEKI_UNIT_NONE, "64 k", 0, 64000},
	{SEKI_UNIT_NONE, "64k", 0, 64000},
	{SEKI_UNIT_NONE, "1.5 M", 0, 1500000},
	{SEKI_UNIT_NONE, "2.0", 0, 2},
	{SEKI_UNIT_NONE, "18446744073709551615", 0, UINT64_MAX},
	{SEKI_UNIT_NONE, "18446744073709551616", -ERANGE, 0},
	{SEKI_UNIT_NONE, "99999999999999999999999", -ERANGE, 0},
	{SEKI_UNIT_NONE, "18446744073709551615 k", -ERANGE, 0},
	{SEKI_UNIT_NONE, "0.5", -ERANGE, 0},
	{SEKI_UNIT_NONE, "0.00000000000000000000001", -ERANGE, 0},
	{SEKI_UNIT_NONE, "", -EINVAL, 0},
	{SEKI_UNIT_NONE, " 5", -EINVAL, 0},
	{SEKI_UNIT_NONE, "-5", -EINVAL, 0},
	{SEKI_UNIT_NONE, "+5", -EINVAL, 0},
	{SEKI_UNIT_NONE, "0x10", -EINVAL, 0},
	{SEKI_UNIT_NONE, "1e3", -EINVAL, 0},
	{SEKI_UNIT_NONE, "1.", -EINVAL, 0},
	{SEKI_UNIT_NONE, ".5", -EINVAL, 0},
	{SEKI_UNIT_NONE, "1,5", -EINVAL, 0},
	{SEKI_UNIT_NONE, "5 pps", -EINVAL, 0},
	{SEKI_UNIT_NONE, "5 K", -EINVAL, 0},
	{SEKI_UNIT_NONE, "5 k ", -EINVAL, 0},
	{SEKI_UNIT_NONE, "5 ", -EINVAL, 0},
	{SEKI_UNIT_PPS, "500 kpps", 0, 500000},
	{SEKI_UNIT_PPS, "500kpps", 0, 500000},
	{SEKI_UNIT_PPS, "500", 0, 500},
	{SEKI_UNIT_PPS, "0.5 Mpps", 0, 500000},
	{SEKI_UNIT_PPS, "1.0001 kpps", -ERANGE, 0},
	{SEKI_UNIT_PPS, "14.88 Mpps", 0, 14880000},
	{SEKI_UNIT_PPS, "1 Gpps", 0, 1000000000},
	{SEKI_UNIT_PPS, "500 kbps", -EINVAL, 0},
	{SEKI_UNIT_PPS, "500 k", -EINVAL, 0},
	{SEKI_UNIT_PPS, "500 PPS", -EINVAL, 0},
	{SEKI_UNIT_BPS, "2 Gbps", 0, 2000000000},
	{SEKI_UNIT_BPS, "1.6 Tbps", 0, 1600000000000},
	{SEKI_UNIT_BPS, "9600", 0, 9600},
	{SEKI_UNIT_BPS, "2 Gpps", -EINVAL, 0},
	{SEKI_UNIT_NS, "250 ms", 0, 250000000},
	{SEKI_UNIT_NS, "1.5 us", 0, 1500},
	{SEKI_UNIT_NS, "1 ns", 0, 1},
	{SEKI_UNIT_NS, "0.1 ns", -ERANGE, 0},
	{SEKI_UNIT_NS, "90 s", 0, 90000000000},
	{SEKI_UNIT_NS, "5 min", 0, 300000000000},
	{SEKI_UNIT_NS, "24 h", 0, 86400000000000},
	{SEKI_UNIT_NS, "250", -EINVAL, 0},
	{SEKI_UNIT_NS, "250 ", -EINVAL, 0},
	{SEKI_UNIT_NS, "5 m", -EINVAL, 0},
	{SEKI_UNIT_NS, "6000000 h", -ERANGE, 0},
	{SEKI_UNIT_BYTES, "64 kB", 0, 64000},
	{SEKI_UNIT_BYTES, "9000 B", 0, 9000},
	{SEKI_UNIT_BYTES, "9000", 0, 9000},
	{SEKI_UNIT_BYTES, "64 KiB", -EINVAL, 0},
	{SEKI_UNIT_BOOL, "true", 0, 1},
	{SEKI_UNIT_BOOL, "false", 0, 0},
	{SEKI_UNIT_BOOL, "yes", -EINVAL, 0},
	{SEKI_UNIT_BOOL, "1", -EINVAL, 0},
	{SEKI_UNIT_BOOL, "", -EINVAL, 0},
};

START_TEST(quantities_read)
{
	uint64_t value = 0;
	int ret = seki_unit_parse(quantities[_i].unit, quantities[_i].text, &value);

	ck_assert_msg(ret == quantities[_i].ret, "'%s' gives %d, not %d", quantities[_i].text, ret, quantities[_i].ret);
	if (ret == 0)
		ck_assert_msg(value == quantities[_i].value, "'%s' is %" PRIu64, quantities[_i].text, value);
}
END_TEST

/* What is written is read back as the same value, in every unit. */
START_TEST(quantities_round_trip)
{
	struct seki_rng rng;
	char text[32];

	seki_rng_init(&rng, 7);
	for (int i = 0; i < 20000; i++) {
		enum seki_unit unit = (enum seki_unit)seki_rng_below(&rng, SEKI_UNIT_BYTES + 1);
		uint64_t value = seki_rng_next(&rng) >> seki_rng_below(&rng, 64), back = 0;

		for (uint64_t zeros = seki_rng_below(&rng, 6); zeros > 0 && value < UINT64_MAX / 1000; zeros--)
			value *= 10;
		seki_unit_format(unit, value, text);
		ck_assert_msg(
			seki_unit_parse(unit, text, &back) == 0 && back == value, "%" PRIu64 ": '%s'", value, text);
	}
}
END_TEST

START_TEST(quantities_written)
{
	char text[32];

	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_PPS, 500000, text), "500 kpps");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_PPS, 0, text), "0 pps");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_PPS, 1234, text), "1234 pps");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_BPS, 2000000000, text), "2 Gbps");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_NS, 3600000000000, text), "1 h");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_NS, 250000000, text), "250 ms");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_NONE, 1500, text), "1500");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_BOOL, 1, text), "true");
	ck_assert_str_eq(seki_unit_format(SEKI_UNIT_BOOL, 0, text), "false");
	ck_assert_str_eq(seki_unit_name(SEKI_UNIT_PPS), "pps");
	ck_assert_str_eq(seki_unit_name(SEKI_UNIT_NS), "time");
}
END_TEST

static const struct {
	const char *text;
	int ret;
	const char *canonical; /* of what is filled in, with 0 and -EDOM */
} prefixes[] = {
	{"192.0.2.0/24", 0, "192.0.2.0/24"},
	{"192.0.2.1", 0, "192.0.2.1"},
	{"192.0.2.1/32", 0, "192.0.2.1"},
	{"0.0.0.0/0", 0, "0.0.0.0/0"},
	{"128.0.0.0/1", 0, "128.0.0.0/1"},
	{"255.255.255.255", 0, "255.255.255.255"},
	{"192.0.2.1/24", -EDOM, "192.0.2.0/24"},
	{"192.0.2.1/31", -EDOM, "192.0.2.0/31"},
	{"10.1.2.3/0", -EDOM, "0.0.0.0/0"},
	{"2001:db8::/32", 0, "2001:db8::/32"},
	{"2001:DB8:0:0:0:0:0:1", 0, "2001:db8::1"},
	{"2001:db8:0:1:1:1:1:1", 0, "2001:db8:0:1:1:1:1:1"},
	{"2001:db8:0:0:1:0:0:1/128", 0, "2001:db8::1:0:0:1"},
	{"::/0", 0, "::/0"},
	{"::1", 0, "::1"},
	{"::ffff:192.0.2.1", 0, "::ffff:192.0.2.1"},
	{"2001:db8::1/64", -EDOM, "2001:db8::/64"},
	{"2001:db8::8/125", 0, "2001:db8::8/125"},
	{"2001:db8::c/125", -EDOM, "2001:db8::8/125"},
	{"", -EINVAL, NULL},
	{"/24", -EINVAL, NULL},
	{"192.0.2.0/", -EINVAL, NULL},
	{"192.0.2.0/33", -EINVAL, NULL},
	{"192.0.2.0/024", -EINVAL, NULL},
	{"192.0.2.0/-1", -EINVAL, NULL},
	{"192.0.2.0/+8", -EINVAL, NULL},
	{"192.0.2.0/2 4", -EINVAL, NULL},
	{"192.0.2.0/24 ", -EINVAL, NULL},
	{" 192.0.2.0/24", -EINVAL, NULL},
	{"192.0.2.0/24/8", -EINVAL, NULL},
	{"192.0.2/24", -EINVAL, NULL},
	{"192.0.2.256", -EINVAL, NULL},
	{"192.0.2.01", -EINVAL, NULL},
	{"192.0.2.0/4294967320", -EINVAL, NULL},
	{"2001:db8::/129", -EINVAL, NULL},
	{"2001:db8::1::2", -EINVAL, NULL},
	{"fe80::1%eth0", -EINVAL, NULL},
	{"[2001:db8::1]", -EINVAL, NULL},
	{"example.net", -EINVAL, NULL},
	{"0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000", -EINVAL, NULL},
};

START_TEST(prefixes_read)
{
	struct seki_prefix prefix;
	char text[SEKI_PREFIX_STRLEN];
	int ret = seki_prefix_parse(prefixes[_i].text, &prefix);

	ck_assert_msg(ret == prefixes[_i].ret, "'%s' gives %d", prefixes[_i].text, ret);
	if (prefixes[_i].canonical != NULL)
		ck_assert_str_eq(seki_prefix_format(&prefix, text), prefixes[_i].canonical);
}
END_TEST

START_TEST(masks)
{
	uint8_t addr[16];

	for (unsigned len = 0; len <= 128; len++) {
		memset(addr, 0xff, sizeof(addr));
		seki_addr_mask(addr, (uint8_t)len);
		for (unsigned bit = 0; bit < 128; bit++)
			ck_assert_uint_eq(addr[bit / 8] >> (7 - bit % 8) & 1, bit < len);
	}
}
END_TEST

static struct seki_prefix
prefix(const char *text)
{
	struct seki_prefix out;

	ck_assert_int_eq(seki_prefix_parse(text, &out), 0);
	return out;
}

START_TEST(order_and_cover)
{
	/* In order; the third column: the first covers the second. */
	static const struct {
		const char *a, *b;
		bool covers;
	} pairs[] = {
		{"10.0.0.0/8", "10.0.0.0/9", true},
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0/8", false},
		{"10.0.0.0/8", "2001:db8::/32", false},
		{"0.0.0.0/0", "::/0", false},
		{"0.0.0.0/0", "255.0.0.0/8", true},
		{"2001:db8::/32", "2001:db8:ffff::/48", true},
		{"2001:db8::/64", "2001:db8:0:1::/64", false},
		{"2001:db8::", "2001:db8::1", false},
	};

	for (size_t i = 0; i < N(pairs); i++) {
		struct seki_prefix a = prefix(pairs[i].a), b = prefix(pairs[i].b);

		ck_assert_int_lt(seki_prefix_compare(&a, &b), 0);
		ck_assert_int_gt(seki_prefix_compare(&b, &a), 0);
		ck_assert_int_eq(seki_prefix_compare(&a, &a), 0);
		ck_assert_msg(seki_prefix_covers(&a, &b) == pairs[i].covers, "%s, %s", pairs[i].a, pairs[i].b);
		ck_assert(!seki_prefix_covers(&b, &a));
		ck_assert(seki_prefix_covers(&a, &a));
	}
}
END_TEST

START_TEST(errors_are_listed)
{
	struct seki_err err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	seki_err_init(&err);
	ck_assert_int_eq(seki_err_add(&err, "a.conf", 3, "%s is no %s", "x", "number"), -EINVAL);
	ck_assert_int_eq(seki_err_add(&err, "a.conf", 0, "It is empty."), -EINVAL);
	ck_assert_int_eq(seki_err_add(&err, NULL, 0, "No file."), -EINVAL);
	ck_assert_int_eq(seki_err_add(NULL, "a.conf", 1, "Nobody listens."), -EINVAL);
	seki_err_print(&err, out);
	fclose(out);
	ck_assert_str_eq(text, "a.conf:3: x is no number\na.conf: It is empty.\nNo file.\n");
	free(text);
	seki_err_fini(&err);
	ck_assert_uint_eq(err.n, 0);
}
END_TEST

START_TEST(errors_are_bounded)
{
	struct seki_err err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	seki_err_init(&err);
	for (unsigned i = 0; i < SEKI_ERR_MAX + 5; i++)
		seki_err_add(&err, "a.conf", (int)i + 1, "Wrong.");
	ck_assert_uint_eq(err.n, SEKI_ERR_MAX);
	ck_assert_uint_eq(err.n_total, SEKI_ERR_MAX + 5);
	seki_err_print(&err, out);
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "... and 5 more\n"));
	free(text);
	seki_err_fini(&err);
	seki_err_fini(&err);
}
END_TEST

static const struct {
	const char *what, *text, *shown;
} names[] = {
	{"empty", "", ""},
	{"an ordinary path", "/etc/seki/a b-c_1.conf~", "/etc/seki/a b-c_1.conf~"},
	{"a backslash stays", "a\\x1b", "a\\x1b"},
	{"escape sequence", "\033[2J\033]0;root\007", "\\x1b[2J\\x1b]0;root\\x07"},
	{"a forged line", "a.conf\n12:00 all is well\r\t", "a.conf\\x0a12:00 all is well\\x0d\\x09"},
	{"first and last control, DEL", "\001\037\177", "\\x01\\x1f\\x7f"},
	{"their printable neighbours", " ~", " ~"},
	{"UTF-8 of two, three and four bytes", "\u00e9\u95a2\U0001f6a7", "\u00e9\u95a2\U0001f6a7"},
	{"C1 control, as UTF-8",
		"a\xc2\x9b"
		"31m",
		"a\\xc2\\x9b31m"},
	{"C1 control, as a byte",
		"a\x9b"
		"31m",
		"a\\x9b31m"},
	{"first visible after C1", "\u00a0", "\u00a0"},
	{"direction override", "a\u202ebc", "a\\xe2\\x80\\xaebc"},
	{"line separator", "a\u2028b", "a\\xe2\\x80\\xa8b"},
	{"no room: zero width, byte order mark", "\u200b\ufeff", "\\xe2\\x80\\x8b\\xef\\xbb\\xbf"},
	{"overlong slash", "\xc0\xaf", "\\xc0\\xaf"},
	{"overlong escape", "\xe0\x80\x9b", "\\xe0\\x80\\x9b"},
	{"overlong in four bytes", "\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
	{"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
	{"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
	{"last of Unicode", "\xf4\x8f\xbf\xbd", "\xf4\x8f\xbf\xbd"},
	{"five bytes, which UTF-8 has not", "\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
	{"a lead that UTF-8 has not", "\xfc\x80\x80\x80", "\\xfc\\x80\\x80\\x80"},
	{"cut off in a character", "a\xe9\x96", "a\\xe9\\x96"},
	{"a lead without its continuation", "\xe9\x96z", "\\xe9\\x96z"},
	{"a lone continuation", "\xa2\xbf", "\\xa2\\xbf"},
};

START_TEST(names_are_printable)
{
	const char *text = names[_i].text, *shown = names[_i].shown;
	char buf[128], *put = NULL;
	size_t size, length = strlen(shown);
	FILE *out = open_memstream(&put, &size);

	ck_assert_uint_lt(length, sizeof(buf));
	ck_assert_uint_eq(seki_printable(text, NULL, 0), length);
	ck_assert_uint_eq(seki_printable(text, buf, sizeof(buf)), length);
	ck_assert_msg(strcmp(buf, shown) == 0, "%s: '%s'", names[_i].what, buf);
	seki_printable_put(text, out);
	fclose(out);
	ck_assert_msg(strcmp(put, shown) == 0, "%s: put '%s'", names[_i].what, put);
	free(put);
}
END_TEST

/* Whatever the room: what fits is a beginning of the whole, ends with zero, and no escape or character is cut. */
START_TEST(printable_text_is_cut_between_characters)
{
	/* By the room. */
	static const char *const cuts[] = {NULL, "", "a", "a", "a", "a", "a\\x1b", "a\\x1b", "a\\x1b", "a\\x1b\u95a2",
		"a\\x1b\u95a2b", "a\\x1b\u95a2b"};
	char buf[16];

	for (size_t room = 1; room < N(cuts); room++) {
		memset(buf, '#', sizeof(buf));
		ck_assert_uint_eq(seki_printable("a\033\u95a2b", buf, room), 9);
		ck_assert_str_eq(buf, cuts[room]);
		for (size_t at = room; at < sizeof(buf); at++)
			ck_assert_int_eq(buf[at], '#');
	}
}
END_TEST

START_TEST(errors_are_printable)
{
	struct seki_err err;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	seki_err_init(&err);
	seki_err_add(&err, "\033[1m.conf", 1, "'%s' is no number", "1\n2");
	ck_assert_str_eq(err.entry[0].file, "\\x1b[1m.conf");
	seki_err_print(&err, out);
	fclose(out);
	ck_assert_str_eq(text, "\\x1b[1m.conf:1: '1\\x0a2' is no number\n");
	free(text);
	seki_err_fini(&err);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("base");

	tcase_add_loop_test(tests, quantities_read, 0, N(quantities));
	tcase_add_test(tests, quantities_round_trip);
	tcase_add_test(tests, quantities_written);
	tcase_add_loop_test(tests, prefixes_read, 0, N(prefixes));
	tcase_add_test(tests, masks);
	tcase_add_test(tests, order_and_cover);
	tcase_add_test(tests, errors_are_listed);
	tcase_add_test(tests, errors_are_bounded);
	tcase_add_loop_test(tests, names_are_printable, 0, N(names));
	tcase_add_test(tests, printable_text_is_cut_between_characters);
	tcase_add_test(tests, errors_are_printable);
	return suite_run("base", tests);
}
