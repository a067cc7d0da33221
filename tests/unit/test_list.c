/* SPDX-License-Identifier: BSD-3-Clause */
/* List files: what is read, and what is said of a line that cannot be. */
#include "list.h"
#include "suite.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* The list as "prefix@line prefix@line ...", the errors as one line each. */
struct outcome {
	int rc;
	char entries[4096];
	char errors[4096];
	unsigned n_errors;
};

static void
describe(const struct seki_list *list, struct seki_err *err, struct outcome *out)
{
	char text[SEKI_PREFIX_STRLEN];
	size_t at = 0;
	FILE *file = fmemopen(out->errors, sizeof(out->errors), "w");

	out->entries[0] = '\0';
	for (size_t i = 0; i < list->n; i++)
		at += (size_t)snprintf(out->entries + at, sizeof(out->entries) - at, "%s%s@%u", i == 0 ? "" : " ",
			seki_prefix_format(&list->prefix[i], text), list->line[i]);
	seki_err_print(err, file);
	fputc('\0', file);
	fclose(file);
	out->n_errors = err->n_total;
	seki_err_fini(err);
}

static struct outcome
parse(const char *text, size_t size)
{
	struct outcome out;
	struct seki_list list;
	struct seki_err err;
	char *exact = malloc(size + (size == 0)); /* so that ASan sees a read past the end */

	memcpy(exact, text, size);
	seki_err_init(&err);
	out.rc = seki_list_parse("f", exact, size, &list, &err);
	free(exact);
	describe(&list, &err, &out);
	seki_list_fini(&list);
	return out;
}

static const struct {
	const char *description;
	const char *text;
	const char *entries;
} good[] = {
	{"nothing", "", ""},
	{"blank lines", "\n\n  \t\n", ""},
	{"comments only", "# a\n; b\n  # c\n", ""},
	{"one address", "192.0.2.1\n", "192.0.2.1@1"},
	{"no newline at the end", "192.0.2.1", "192.0.2.1@1"},
	{"one of each family", "2001:db8::/32\n192.0.2.0/24\n", "192.0.2.0/24@2 2001:db8::/32@1"},
	{"CR LF", "192.0.2.1\r\n\r\n198.51.100.0/24\r\n", "192.0.2.1@1 198.51.100.0/24@3"},
	{"byte order mark",
		"\xef\xbb\xbf"
		"192.0.2.1\n",
		"192.0.2.1@1"},
	{"blanks around", "  192.0.2.1\t\n\t192.0.2.2  # x\n", "192.0.2.1@1 192.0.2.2@2"},
	{"comment right behind", "192.0.2.1#x\n192.0.2.2;y\n", "192.0.2.1@1 192.0.2.2@2"},
	{"Spamhaus DROP text", "; Spamhaus DROP List\n192.0.2.0/24 ; SBL1\n198.51.100.0/24 ; SBL2\n",
		"192.0.2.0/24@2 198.51.100.0/24@3"},
	{"Spamhaus DROP NDJSON",
		"{\"cidr\":\"192.0.2.0/24\",\"sblid\":\"SBL1\",\"rir\":\"ripencc\"}\n"
		"{\"cidr\":\"2001:db8::/32\",\"sblid\":\"SBL2\",\"rir\":\"apnic\"}\n"
		"{\"type\":\"metadata\",\"timestamp\":1700000000,\"size\":2,\"copyright\":\"(c) a\",\"terms\":\"x\"}\n",
		"192.0.2.0/24@1 2001:db8::/32@2"},
	{"NDJSON with blanks and other order", " { \"sblid\" : \"S\" , \"cidr\" : \"192.0.2.0/24\" } \r\n",
		"192.0.2.0/24@1"},
	{"a comment sign in a JSON string", "{\"note\":\"a # b ; c\",\"cidr\":\"192.0.2.1\"}\n", "192.0.2.1@1"},
	{"a cidr in a JSON string or object is none",
		"{\"note\":\"\\\"cidr\\\":\\\"10.0.0.0/8\\\"\",\"x\":{\"cidr\":\"11.0.0.0/"
		"8\"},\"cidr\":\"192.0.2.1\"}\n",
		"192.0.2.1@1"},
	{"nested JSON is skipped", "{\"a\":[1,{\"b\":\"]}\"}],\"n\":null,\"cidr\":\"192.0.2.1\",\"z\":-1.5e3}\n",
		"192.0.2.1@1"},
	{"FireHOL netset", "#\n# firehol_level1\n#\n192.0.2.0/24\n198.51.100.7\n", "192.0.2.0/24@4 198.51.100.7@5"},
	{"duplicates merge under the first line", "192.0.2.1\n198.51.100.1\n192.0.2.1\n192.0.2.1/32\n",
		"192.0.2.1@1 198.51.100.1@2"},
	{"covered prefixes stay", "10.1.0.0/16\n10.0.0.0/8\n", "10.0.0.0/8@2 10.1.0.0/16@1"},
	{"range", "192.0.2.1-192.0.2.9\n", "192.0.2.1@1 192.0.2.2/31@1 192.0.2.4/30@1 192.0.2.8/31@1"},
	{"range with blanks", "192.0.2.0 - 192.0.2.255 # all\n", "192.0.2.0/24@1"},
	{"range of one", "192.0.2.5-192.0.2.5\n", "192.0.2.5@1"},
	{"range to the last address", "255.255.255.254-255.255.255.255\n", "255.255.255.254/31@1"},
	{"range from the first address", "0.0.0.0-0.0.0.2\n", "0.0.0.0/31@1 0.0.0.2@1"},
	{"range of a whole /8", "10.0.0.0-10.255.255.255\n", "10.0.0.0/8@1"},
	{"range across a /8", "9.255.255.255-10.0.0.0\n", "9.255.255.255@1 10.0.0.0@1"},
	{"the widest that is legal", "10.0.0.0/8\n2001::/16\n", "10.0.0.0/8@1 2001::/16@2"},
	{"wide, where nothing can come from: FireHOL level1", "0.0.0.0/8\n224.0.0.0/3\n", "0.0.0.0/8@1 224.0.0.0/3@2"},
	{"parts of it", "224.0.0.0/4\n240.0.0.0/5\n254.0.0.0/7\n", "224.0.0.0/4@1 240.0.0.0/5@2 254.0.0.0/7@3"},
	{"the same as a range", "224.0.0.0-255.255.255.255\n", "224.0.0.0/3@1"},
	{"Team Cymru's bogons of IPv6", "::/8\n200::/7\n400::/6\n1000::/4\n4000::/2\n8000::/1\nfc00::/7\n",
		"::/8@1 200::/7@2 400::/6@3 1000::/4@4 4000::/2@5 8000::/1@6 fc00::/7@7"},
	{"a mapped address stays IPv6", "::ffff:192.0.2.1\n", "::ffff:192.0.2.1@1"},
};

START_TEST(test_good)
{
	struct outcome out = parse(good[_i].text, strlen(good[_i].text));

	ck_assert_msg(out.rc == 0, "%s: %s", good[_i].description, out.errors);
	ck_assert_msg(strcmp(out.entries, good[_i].entries) == 0, "%s: %s", good[_i].description, out.entries);
	ck_assert_uint_eq(out.n_errors, 0);
}
END_TEST

static const struct {
	const char *text;
	size_t size; /* 0: up to the zero */
	const char *errors;
} bad[] = {
	{"192.0.2.1/24\n", 0, "f:1: '192.0.2.1/24': host bits are set; did you mean 192.0.2.0/24?\n"},
	{"\n2001:db8::1/32\n", 0, "f:2: '2001:db8::1/32': host bits are set; did you mean 2001:db8::/32?\n"},
	{"0.0.0.0/0\n", 0, "f:1: '0.0.0.0/0' is the default route: a list of every address there is\n"},
	{"::/0\n", 0, "f:1: '::/0' is the default route: a list of every address there is\n"},
	{"10.0.0.0/7\n", 0, "f:1: '10.0.0.0/7' is wider than a /8, which no list can mean\n"},
	{"192.0.0.0/2\n", 0, "f:1: '192.0.0.0/2' is wider than a /8, which no list can mean\n"},
	{"192.0.0.0/3\n", 0, "f:1: '192.0.0.0/3' is wider than a /8, which no list can mean\n"},
	{"2000::/3\n", 0, "f:1: '2000::/3' is wider than a /16, which no list can mean\n"},
	{"2c00::/8\n", 0, "f:1: '2c00::/8' is wider than a /16, which no list can mean\n"},
	{"::/1\n", 0, "f:1: '::/1' is wider than a /16, which no list can mean\n"},
	{"::/2\n", 0, "f:1: '::/2' is wider than a /16, which no list can mean\n"},
	{"{\"cidr\":\"0.0.0.0/0\"}\n", 0, "f:1: '0.0.0.0/0' is the default route: a list of every address there is\n"},
	{"{\"cidr\":\"192.0.2.1/24\"}", 0, "f:1: '192.0.2.1/24': host bits are set; did you mean 192.0.2.0/24?\n"},
	{"0.0.0.0-255.255.255.255\n", 0, "f:1: '0.0.0.0-255.255.255.255' is wider than a /8, which no list can mean\n"},
	{"10.0.0.0-11.0.0.0\n", 0, "f:1: '10.0.0.0-11.0.0.0' is wider than a /8, which no list can mean\n"},
	{"223.255.255.255-255.255.255.255\n", 0,
		"f:1: '223.255.255.255-255.255.255.255' is wider than a /8, which no list can mean\n"},
	{"192.0.2.9-192.0.2.1\n", 0, "f:1: '192.0.2.9-192.0.2.1': the range ends before it starts\n"},
	{"192.0.2.1-\n", 0, "f:1: '192.0.2.1-' is no range of two IPv4 addresses\n"},
	{"-192.0.2.1\n", 0, "f:1: '-192.0.2.1' is no range of two IPv4 addresses\n"},
	{"2001:db8::1-2001:db8::2\n", 0, "f:1: '2001:db8::1-2001:db8::2' is no range of two IPv4 addresses\n"},
	{"192.0.2.1-192.0.2.2-192.0.2.3\n", 0,
		"f:1: '192.0.2.1-192.0.2.2-192.0.2.3' is no range of two IPv4 addresses\n"},
	{"192.0.2.1/33\n", 0, "f:1: '192.0.2.1/33' is no address, prefix or range\n"},
	{"192.0.2.256\n", 0, "f:1: '192.0.2.256' is no address, prefix or range\n"},
	{"192.0.2\n", 0, "f:1: '192.0.2' is no address, prefix or range\n"},
	{"example.com\n", 0, "f:1: 'example.com' is no address, prefix or range\n"},
	{"fe80::1%eth0\n", 0, "f:1: 'fe80::1%eth0' is no address, prefix or range\n"},
	{"192.0.2.1 192.0.2.2\n", 0,
		"f:1: '192.0.2.1 192.0.2.2': one address or prefix a line; what follows it must be a comment\n"},
	{"192.0.2.1\n\x01\x7f\xff\n", 0, "f:2: '?\?\?' is no address, prefix or range\n"},
	{"192.0.2.1\0\n198.51.100.1\n", 24, "f:1: the line holds a zero byte: is this a text file?\n"},
	{"{\"cidr\":\"192.0.2.1\"\n", 0, "f:1: '{\"cidr\":\"192.0.2.1\"' is no complete JSON object\n"},
	{"{\"cidr\":\"192.0.2.1\n", 0, "f:1: '{\"cidr\":\"192.0.2.1' is no complete JSON object\n"},
	{"{\"cidr\":\"192.0.2.1\"} x\n", 0, "f:1: '{\"cidr\":\"192.0.2.1\"} x' is no complete JSON object\n"},
	{"{\"cidr\":}\n", 0, "f:1: '{\"cidr\":}' is no complete JSON object\n"},
	{"{\"a\":\"\\\n", 0, "f:1: '{\"a\":\"\\' is no complete JSON object\n"},
	{"{\n", 0, "f:1: '{' is no complete JSON object\n"},
	{"{}\n", 0, "f:1: '{}' is no complete JSON object\n"},
	{"{\"cidr\":7}\n", 0, "f:1: '{\"cidr\":7}': the object has no string \"cidr\"\n"},
	{"{\"type\":\"data\"}\n", 0, "f:1: '{\"type\":\"data\"}': the object has no string \"cidr\"\n"},
	{"{\"cidr\":\"\"}\n", 0, "f:1: '' is no address, prefix or range\n"},
	{"a\n192.0.2.1\nb\n", 0, "f:1: 'a' is no address, prefix or range\nf:3: 'b' is no address, prefix or range\n"},
	{"aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffg\n", 0,
		"f:1: 'aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffff...' is no address, prefix or "
		"range\n"},
};

START_TEST(test_bad)
{
	size_t size = bad[_i].size != 0 ? bad[_i].size : strlen(bad[_i].text);
	struct outcome out = parse(bad[_i].text, size);

	ck_assert_int_eq(out.rc, -EINVAL);
	ck_assert_str_eq(out.errors, bad[_i].errors);
	ck_assert_str_eq(out.entries, ""); /* half a list is a surprise */
}
END_TEST

START_TEST(test_long_lines)
{
	char line[1100];
	struct outcome out;

	memset(line, ' ', sizeof(line));
	memcpy(line, "192.0.2.1", 9);
	line[1024] = '\n';
	out = parse(line, 1025); /* the longest that is read */
	ck_assert_str_eq(out.entries, "192.0.2.1@1");
	line[1024] = ' ';
	out = parse(line, 1025);
	ck_assert_str_eq(out.errors, "f:1: the line has more than 1024 bytes: is this a list?\n");
	memset(line, '{', sizeof(line)); /* deep, and never closed */
	out = parse(line, 1024);
	ck_assert_int_eq(out.rc, -EINVAL);
}
END_TEST

/* Every line of a file of the wrong kind is wrong: they are counted, and the first ones kept. */
START_TEST(test_many_errors)
{
	char text[2 * 1000];
	struct outcome out;

	for (size_t i = 0; i < sizeof(text); i += 2)
		memcpy(text + i, "x\n", 2);
	out = parse(text, sizeof(text));
	ck_assert_uint_eq(out.n_errors, 1000);
	ck_assert_ptr_nonnull(strstr(out.errors, "f:1: "));
}
END_TEST

START_TEST(test_too_many_entries)
{
	size_t n = SEKI_LIST_MAX + 1, room = n * 16, at = 0;
	char *text = malloc(room);
	struct outcome out;

	for (size_t i = 0; i < n; i++)
		at += (size_t)snprintf(text + at, room - at, "10.%zu.%zu.%zu\n", i >> 16, i >> 8 & 255, i & 255);
	out = parse(text, at);
	ck_assert_int_eq(out.rc, -EINVAL);
	ck_assert_str_eq(out.errors, "f:4000001: more than 4000000 entries in one list\n");
	free(text);
}
END_TEST

START_TEST(test_files)
{
	char path[] = "/tmp/seki-test-list-XXXXXX";
	int fd = mkstemp(path);
	struct outcome out;
	struct seki_list list;
	struct seki_err err;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, "192.0.2.1\nx\n", 12), 12);
	seki_err_init(&err);
	out.rc = seki_list_read(path, &list, &err);
	describe(&list, &err, &out);
	ck_assert_int_eq(out.rc, -EINVAL);
	ck_assert_ptr_nonnull(strstr(out.errors, ":2: 'x' is no address, prefix or range"));

	ck_assert_int_eq(ftruncate(fd, 10), 0);
	ck_assert_int_eq(seki_list_read(path, &list, &err), 0);
	ck_assert_uint_eq(list.n, 1);
	seki_list_fini(&list);
	close(fd);
	unlink(path);

	out.rc = seki_list_read(path, &list, &err);
	describe(&list, &err, &out);
	ck_assert_int_eq(out.rc, -ENOENT);
	ck_assert_ptr_nonnull(strstr(out.errors, ": the list cannot be read: No such file or directory"));
	out.rc = seki_list_read("/", &list, &err);
	describe(&list, &err, &out);
	ck_assert_int_eq(out.rc, -EISDIR);
	ck_assert_str_eq(out.errors, "/: the list cannot be read: Is a directory\n");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("list");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, test_good, 0, N(good));
	tcase_add_loop_test(tests, test_bad, 0, N(bad));
	tcase_add_test(tests, test_long_lines);
	tcase_add_test(tests, test_many_errors);
	tcase_add_test(tests, test_too_many_entries);
	tcase_add_test(tests, test_files);
	return suite_run("list", tests);
}
