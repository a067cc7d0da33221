/* SPDX-License-Identifier: BSD-3-Clause */
/* Parameters of telemetry commands: words, numbers, pages. */
#include "suite.h"
#include "tel_params.h"

#include <errno.h>

static const struct page_row {
	const char *params;
	int ret;
	uint64_t offset, limit, end; /* of 50 items, at most 20 a page */
} page_rows[] = {
	{NULL, 0, 0, 20, 20},
	{"", 0, 0, 20, 20},
	{"10", 0, 10, 20, 30},
	{"10,5", 0, 10, 5, 15},
	{",5", 0, 0, 5, 5},
	{"40,20", 0, 40, 20, 50},
	{"49", 0, 49, 20, 50},
	{"50", 0, 50, 20, 50},
	{"4000000000", 0, 50, 20, 50},
	{"0,1000", 0, 0, 20, 20},
	{"0,0", 0, 0, 20, 20},
	{"-1", -EINVAL, 0, 0, 0},
	{"1x", -EINVAL, 0, 0, 0},
	{" 1", -EINVAL, 0, 0, 0},
	{"0,abc", -EINVAL, 0, 0, 0},
	{"99999999999999999999", -EINVAL, 0, 0, 0},
	{"18446744073709551617", -EINVAL, 0, 0, 0},
};

START_TEST(page_of_list)
{
	const struct page_row *row = &page_rows[_i];
	const char *params = row->params;
	struct params_page page;

	ck_assert_int_eq(params_page(&params, 50, 20, &page), row->ret);
	if (row->ret != 0)
		return;
	ck_assert_uint_eq(page.offset, row->offset);
	ck_assert_uint_eq(page.limit, row->limit);
	ck_assert_uint_eq(page.end, row->end);
	ck_assert_uint_eq(page.total, 50);
}
END_TEST

START_TEST(words)
{
	const char *params = "a-long-name,,x";
	char buf[7];

	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "a-long");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "x");
	params_word(&params, buf, sizeof(buf));
	ck_assert_str_eq(buf, "");
}
END_TEST

/* What does not fit is no number, not the largest one. */
START_TEST(numbers)
{
	const char *largest = "18446744073709551615", *above = "18446744073709551616";
	const char *zeros = "0000000000000000000000000007", *last = "7";
	uint64_t value;

	ck_assert_int_eq(params_number(&largest, 0, UINT64_MAX, &value), 0);
	ck_assert_uint_eq(value, UINT64_MAX);
	ck_assert_int_eq(params_number(&above, 0, UINT64_MAX, &value), -EINVAL);
	ck_assert_int_eq(params_number(&zeros, 0, UINT64_MAX, &value), -EINVAL);
	ck_assert_int_eq(params_number(&last, 0, 7, &value), 0);
	ck_assert_uint_eq(value, 7);
	ck_assert_int_eq(params_number(&last, 3, 7, &value), 0); /* nothing left: the default */
	ck_assert_uint_eq(value, 3);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_params");

	tcase_add_loop_test(tests, page_of_list, 0, N(page_rows));
	tcase_add_test(tests, words);
	tcase_add_test(tests, numbers);
	return suite_run("app_params", tests);
}
