/* SPDX-License-Identifier: BSD-3-Clause */
/* JSON as it is written; and that the list of CPUs is one that EAL takes. */
#include "cpus.h"
#include "json.h"
#include "suite.h"

#include <stdlib.h>
#include <string.h>

static char *text;
static size_t size;
static struct seki_json json;

static void
setup(void)
{
	json = (struct seki_json){.out = open_memstream(&text, &size), .first = true};
	ck_assert_ptr_nonnull(json.out);
}

static void
teardown(void)
{
	free(text);
}

static void
reads(const char *wanted)
{
	ck_assert_int_eq(fclose(json.out), 0);
	ck_assert_str_eq(text, wanted);
}

START_TEST(nothing)
{
	seki_json_open(&json, '{');
	seki_json_close(&json, '}');
	reads("{}");
}
END_TEST

START_TEST(members)
{
	seki_json_open(&json, '{');
	seki_json_text(&json, "none", NULL);
	seki_json_count(&json, "most", UINT64_MAX);
	seki_json_bool(&json, "is", false);
	seki_json_share(&json, "share", 0.25);
	seki_json_close(&json, '}');
	reads("{\"none\": null, \"most\": 18446744073709551615, \"is\": false, \"share\": 0.250000}");
}
END_TEST

START_TEST(nested)
{
	seki_json_open(&json, '{');
	seki_json_key(&json, "list");
	seki_json_open(&json, '[');
	for (unsigned i = 0; i < 2; i++) {
		seki_json_item(&json);
		seki_json_open(&json, '[');
		seki_json_close(&json, ']');
	}
	seki_json_close(&json, ']');
	seki_json_count(&json, "after", 1);
	seki_json_close(&json, '}');
	reads("{\"list\": [[], []], \"after\": 1}");
}
END_TEST

START_TEST(escapes)
{
	seki_json_string(&json, "a\"b\\c\n\x7f\xff");
	reads("\"a\\u0022b\\u005cc\\u000a\\u007f\\u00ff\"");
}
END_TEST

/* Numbers, of which at least one is this process's. */
START_TEST(cpus)
{
	char list[SEKI_CPUS_TEXT], *end;
	const char *at = seki_cpus_allowed(list);
	bool ours = false;

	fclose(json.out);
	ck_assert_ptr_nonnull(at);
	for (;; at = end + 1) {
		ours |= strtol(at, &end, 10) == sched_getcpu();
		ck_assert(end != at);
		if (*end == '\0')
			break;
		ck_assert_int_eq(*end, ',');
	}
	ck_assert(ours);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("json");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, nothing);
	tcase_add_test(tests, members);
	tcase_add_test(tests, nested);
	tcase_add_test(tests, escapes);
	tcase_add_test(tests, cpus);
	return suite_run("json", tests);
}
