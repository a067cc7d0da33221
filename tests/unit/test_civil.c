/* SPDX-License-Identifier: BSD-3-Clause */
/* Dates and times as people write them, and the scale of rates. */
#include "civil.h"
#include "scale.h"
#include "suite.h"
#include "units.h"

#include <time.h>

#define S SEKI_SECOND_NS

/* Texts, and nanoseconds; or a part of what is said to be wrong. */
static const struct {
	const char *text;
	uint64_t wall_ns;
	const char *wrong;
} times[] = {
	{"1970-01-01T00:00:00Z", 0, NULL},
	{"2026-12-24T01:00:00Z", 1798074000 * S, NULL},
	{"2026-12-24T10:00:00+09:00", 1798074000 * S, NULL},
	{"2026-12-23T21:30:00-03:30", 1798074000 * S, NULL},
	{"2026-12-24t01:00:00z", 1798074000 * S, NULL},
	{"2026-12-24T01:00:00.25Z", 1798074000 * S + 250000000, NULL},
	{"2026-12-24T01:00:00.123456789Z", 1798074000 * S + 123456789, NULL},
	{"2000-02-29T12:00:00Z", 951825600 * S, NULL},
	{"2024-02-29T00:00:00Z", 1709164800 * S, NULL},
	{"2024-03-01T00:00:00Z", 1709251200 * S, NULL},
	{"2023-03-01T00:00:00Z", 1677628800 * S, NULL},
	{"2500-12-31T23:59:59Z", UINT64_C(16756761599) * S, NULL},
	{"2023-02-29T00:00:00Z", 0, "no such day"},
	{"2100-02-29T00:00:00Z", 0, "no such day"},
	{"2026-04-31T00:00:00Z", 0, "no such day"},
	{"2026-01-00T00:00:00Z", 0, "no such day"},
	{"2026-13-01T00:00:00Z", 0, "no such month"},
	{"2026-00-01T00:00:00Z", 0, "no such month"},
	{"1969-12-31T23:59:59Z", 0, "too far away"},
	{"2501-01-01T00:00:00Z", 0, "too far away"},
	{"1970-01-01T00:00:00+09:00", 0, "before 1970"},
	{"2026-12-24", 0, "has no time"},
	{"2026-12-24 10:00:00Z", 0, "has no time"},
	{"2026-12-24T10:00Z", 0, "has no time that can be read"},
	{"2026-12-24T24:00:00Z", 0, "no such time"},
	{"2026-12-24T10:60:00Z", 0, "no such time"},
	{"2026-12-31T23:59:60Z", 0, "leap seconds"},
	{"2026-12-24T10:00:00", 0, "offset from UTC"},
	{"2026-12-24T10:00:00+9:00", 0, "offset from UTC that can be read"},
	{"2026-12-24T10:00:00+0900", 0, "offset from UTC that can be read"},
	{"2026-12-24T10:00:00+24:00", 0, "no time"},
	{"2026-12-24T10:00:00.Z", 0, "no fraction"},
	{"2026-12-24T10:00:00.1234567890Z", 0, "finer than"},
	{"2026-12-24T10:00:00Z ", 0, "something follows"},
	{"2026-12-24T10:00:00ZZ", 0, "something follows"},
	{"26-12-24T10:00:00Z", 0, "is no date"},
	{"2026-12-240T10:00:00Z", 0, "is no date"},
	{"+026-12-24T10:00:00Z", 0, "is no date"},
	{"2026/12/24T10:00:00Z", 0, "is no date"},
	{"", 0, "is no date"},
	{"tomorrow", 0, "is no date"},
};

START_TEST(times_are_read)
{
	for (size_t i = 0; i < N(times); i++) {
		uint64_t got = 42;
		const char *wrong = seki_time_parse(times[i].text, &got);

		if (times[i].wrong == NULL) {
			ck_assert_msg(wrong == NULL, "\"%s\" %s", times[i].text, wrong);
			ck_assert_msg(got == times[i].wall_ns, "%s is %lu", times[i].text, got);
			continue;
		}
		ck_assert_msg(wrong != NULL, "\"%s\" was read", times[i].text);
		ck_assert_msg(strstr(wrong, times[i].wrong) != NULL, "\"%s\" %s", times[i].text, wrong);
		ck_assert_uint_eq(got, 42);
	}
}
END_TEST

/* Each day of 531 years against the C library, which knows the calendar too. */
START_TEST(days_are_those_of_the_c_library)
{
	const struct seki_date end = {SEKI_YEAR_LAST, 12, 31};
	uint64_t last = seki_date_begin(end, 0);

	for (uint64_t at = 0; at <= last; at += SEKI_DAY_NS) {
		time_t t = (time_t)(at / S) + 86399;
		char text[SEKI_TIME_STRLEN], expected[SEKI_TIME_STRLEN];
		struct seki_date date;
		uint64_t read;
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &tm);
		HOLDS(strcmp(seki_time_format((uint64_t)t * S, text), expected) == 0, "%s is not %s", text, expected);
		HOLDS(seki_time_parse(text, &read) == NULL && read == (uint64_t)t * S, "%s", text);
		text[10] = '\0';
		HOLDS(seki_date_parse(text, &date) == NULL && seki_date_begin(date, 0) == at, "%s", text);
		HOLDS((seki_date_weekday(date) + 1u) % 7 == (unsigned)tm.tm_wday, "%s is no such weekday", text);
		HOLDS(seki_hour_of_week((uint64_t)t * S) == seki_date_weekday(date) * 24u + 23, "hour of %s", text);
	}
}
END_TEST

START_TEST(dates_begin_by_their_clocks)
{
	struct seki_date date, first = {1970, 1, 1};
	int minutes;

	ck_assert(seki_date_parse("2026-12-24", &date) == NULL);
	ck_assert_uint_eq(seki_date_begin(date, 540), (1798070400 - 9 * 3600) * S);
	ck_assert_uint_eq(seki_date_begin(date, -210), (1798070400 + 12600) * S);
	ck_assert_uint_eq(seki_date_begin(first, 540), 0);
	ck_assert_int_eq(seki_date_weekday(date), SEKI_THURSDAY);
	ck_assert_ptr_nonnull(strstr(seki_date_parse("2026-12-24T", &date), "something follows"));
	ck_assert_ptr_nonnull(strstr(seki_date_parse("2026-02-30", &date), "no such day"));
	ck_assert(seki_offset_parse("-03:30", &minutes) == NULL);
	ck_assert_int_eq(minutes, -210);
	ck_assert(seki_offset_parse("Z", &minutes) == NULL);
	ck_assert_int_eq(minutes, 0);
	ck_assert_ptr_nonnull(strstr(seki_offset_parse("+09:00 ", &minutes), "something follows"));
	ck_assert_ptr_nonnull(strstr(seki_offset_parse("JST", &minutes), "does not say"));
	ck_assert_ptr_nonnull(strstr(seki_offset_parse("+09:60", &minutes), "no time"));
}
END_TEST

START_TEST(weekdays_have_names)
{
	enum seki_weekday day;

	for (enum seki_weekday d = SEKI_MONDAY; d <= SEKI_SUNDAY; d++) {
		ck_assert(seki_weekday_parse(seki_weekday_name(d), &day) == NULL);
		ck_assert_int_eq(day, d);
	}
	ck_assert_ptr_nonnull(strstr(seki_weekday_parse("Sunday", &day), "no day of the week"));
	ck_assert_ptr_nonnull(strstr(seki_weekday_parse("", &day), "no day of the week"));
}
END_TEST

START_TEST(times_beyond_the_last_year_are_its_end)
{
	char text[SEKI_TIME_STRLEN];

	ck_assert_str_eq(seki_time_format(UINT64_MAX, text), "2500-12-31T23:59:59Z");
}
END_TEST

START_TEST(scale_is_within_a_thirtysecond)
{
	uint16_t before = SCALE_NONE;

	for (uint64_t value = 0; value < UINT64_C(1) << SCALE_BITS; value += value / 97 + 1) {
		uint16_t code = scale_code(value);
		uint64_t read = scale_value(code), off = read > value ? read - value : value - read;

		HOLDS(code >= before && code < SCALE_N, "%lu is out of order", value);
		HOLDS(off * 31 <= value, "%lu is read as %lu", value, read);
		HOLDS(value >= 32 || off == 0, "%lu is not exact", value);
		HOLDS(scale_value(scale_code_below(value)) <= value, "not below %lu", value);
		HOLDS(scale_code_below(value) + 1 >= code, "far below %lu", value);
		before = code;
	}
	ck_assert_uint_eq(scale_code(0), SCALE_ZERO);
	ck_assert_uint_eq(scale_code(UINT64_MAX), SCALE_N - 1);
	ck_assert_uint_eq(scale_value(SCALE_NONE), 0);
}
END_TEST

START_TEST(scale_is_read_back_from_text)
{
	for (uint16_t code = SCALE_ZERO; code < SCALE_N; code++) {
		char text[SCALE_TEXT_MAX];
		uint64_t value;

		scale_text(code, text);
		ck_assert_int_eq(seki_unit_parse(SEKI_UNIT_NONE, text, &value), 0);
		ck_assert_msg(
			scale_code(value) == code && scale_code(scale_value(code)) == code, "%u is %s", code, text);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("civil");

	tcase_add_test(tests, times_are_read);
	tcase_add_test(tests, days_are_those_of_the_c_library);
	tcase_add_test(tests, dates_begin_by_their_clocks);
	tcase_add_test(tests, weekdays_have_names);
	tcase_add_test(tests, times_beyond_the_last_year_are_its_end);
	tcase_add_test(tests, scale_is_within_a_thirtysecond);
	tcase_add_test(tests, scale_is_read_back_from_text);
	return suite_run("civil", tests);
}
