/* SPDX-License-Identifier: BSD-3-Clause */
/* Holidays and events: which one holds, when, for whom, and what is refused. */
#include "calendar.h"
#include "suite.h"

#include <errno.h>

static uint64_t
at(const char *text)
{
	uint64_t wall_ns = 0;
	const char *wrong = seki_time_parse(text, &wall_ns);

	ck_assert_msg(wrong == NULL, "\"%s\" %s", text, wrong);
	return wall_ns;
}

static struct seki_calendar *calendar;

static void
begin(void)
{
	calendar = seki_calendar_create();
}

static void
end(void)
{
	seki_calendar_destroy(calendar);
}

static void
add_holiday(struct seki_holiday holiday)
{
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_eq(seki_calendar_add_holiday(calendar, &holiday, &err), 0);
	check_silent(&err);
}

static void
add_event(const char *zone, unsigned vector, uint64_t pps, uint64_t bps)
{
	struct seki_event event = {.zone = zone,
		.vector = vector,
		.pps = pps,
		.bps = bps,
		.approver = "Sato",
		.note = "ticket sale",
		.from = at("2026-12-24T10:00:00+09:00"),
		.until = at("2026-12-24T12:00:00+09:00"),
		.file = "seki.conf",
		.line = 7};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_eq(seki_calendar_add_event(calendar, &event, &err), 0);
	check_silent(&err);
}

static void
check_day(const char *zone, const char *when, enum seki_day_rule rule, unsigned shift)
{
	struct seki_day day = seki_calendar_day(calendar, zone, at(when));

	ck_assert_msg(
		day.rule == rule && day.shift == shift, "%s at %s: rule %d, shift %u", zone, when, day.rule, day.shift);
}

START_TEST(holidays_last_a_day_of_their_clocks)
{
	/* A Thursday, like a Sunday: three days later. */
	add_holiday((struct seki_holiday){
		.date = {2026, 12, 24}, .offset_minutes = 540, .like_known = true, .like = SEKI_SUNDAY});
	/* A Wednesday like the Tuesday before it: six days later. */
	add_holiday((struct seki_holiday){.date = {2026, 12, 30}, .like_known = true, .like = SEKI_TUESDAY});
	check_day("web", "2026-12-23T23:59:59+09:00", SEKI_DAY_USUAL, 0);
	check_day("web", "2026-12-24T00:00:00+09:00", SEKI_DAY_LIKE, 3);
	check_day("web", "2026-12-24T23:59:59+09:00", SEKI_DAY_LIKE, 3);
	check_day("web", "2026-12-25T00:00:00+09:00", SEKI_DAY_USUAL, 0);
	check_day("web", "2026-12-29T23:59:59Z", SEKI_DAY_USUAL, 0);
	check_day("web", "2026-12-30T00:00:00Z", SEKI_DAY_LIKE, 6);
}
END_TEST

START_TEST(holidays_of_a_zone_go_before_those_of_all)
{
	add_holiday((struct seki_holiday){.zone = "web", .date = {2026, 12, 24}});
	add_holiday((struct seki_holiday){.date = {2026, 12, 24}, .like_known = true, .like = SEKI_SATURDAY});
	check_day("web", "2026-12-24T12:00:00Z", SEKI_DAY_MOST, 0);
	check_day("mail", "2026-12-24T12:00:00Z", SEKI_DAY_LIKE, 2);
	add_holiday(
		(struct seki_holiday){.zone = "web", .date = {2026, 12, 24}, .like_known = true, .like = SEKI_FRIDAY});
	check_day("web", "2026-12-24T12:00:00Z", SEKI_DAY_LIKE, 1);
	ck_assert_uint_eq(seki_calendar_unlearned(calendar, "mail", at("2026-12-24T12:00:00Z")), UINT64_MAX);
	ck_assert_uint_eq(seki_calendar_unlearned(calendar, "mail", at("2026-12-25T12:00:00Z")), 0);
}
END_TEST

START_TEST(events_end)
{
	const struct seki_event *e;

	add_event("web", SEKI_VECTOR_TCP_SYN, 5000, 0);
	ck_assert_ptr_null(seki_calendar_limit(calendar, "web", SEKI_VECTOR_TCP_SYN, at("2026-12-24T00:59:59Z")));
	e = seki_calendar_limit(calendar, "web", SEKI_VECTOR_TCP_SYN, at("2026-12-24T01:00:00Z"));
	ck_assert_ptr_nonnull(e);
	ck_assert_uint_eq(e->pps, 5000);
	ck_assert_str_eq(e->approver, "Sato");
	ck_assert_str_eq(e->note, "ticket sale");
	ck_assert_ptr_nonnull(seki_calendar_limit(calendar, "web", SEKI_VECTOR_TCP_SYN, at("2026-12-24T02:59:59Z")));
	ck_assert_ptr_null(seki_calendar_limit(calendar, "web", SEKI_VECTOR_TCP_SYN, at("2026-12-24T03:00:00Z")));
	ck_assert_ptr_null(seki_calendar_limit(calendar, "mail", SEKI_VECTOR_TCP_SYN, at("2026-12-24T01:00:00Z")));
	ck_assert_ptr_null(seki_calendar_limit(calendar, "web", SEKI_VECTOR_UDP, at("2026-12-24T01:00:00Z")));
	ck_assert_uint_eq(seki_calendar_unlearned(calendar, "web", at("2026-12-24T01:00:00Z")),
		UINT64_C(1) << SEKI_VECTOR_TCP_SYN);
	ck_assert_uint_eq(seki_calendar_unlearned(calendar, "web", at("2026-12-24T03:00:00Z")), 0);
}
END_TEST

START_TEST(the_most_particular_event_holds)
{
	static const struct {
		const char *zone;
		unsigned vector;
		uint64_t pps;
	} asked[] = {
		{"web", SEKI_VECTOR_UDP, 4},
		{"web", SEKI_VECTOR_DNS, 3},
		{"mail", SEKI_VECTOR_UDP, 2},
		{"mail", SEKI_VECTOR_DNS, 1},
	};

	add_event("web", SEKI_VECTOR_UDP, 4, 0);
	add_event(NULL, SEKI_VECTOR_ALL, 1, 0);
	add_event("web", SEKI_VECTOR_ALL, 3, 0);
	add_event(NULL, SEKI_VECTOR_UDP, 2, 0);
	for (size_t i = 0; i < N(asked); i++)
		ck_assert_uint_eq(
			seki_calendar_limit(calendar, asked[i].zone, asked[i].vector, at("2026-12-24T01:30:00Z"))->pps,
			asked[i].pps);
	ck_assert_uint_eq(seki_calendar_unlearned(calendar, "mail", at("2026-12-24T01:30:00Z")), UINT64_MAX);
	/* Of equals the higher one. */
	add_event("web", SEKI_VECTOR_UDP, 9, 0);
	add_event("web", SEKI_VECTOR_UDP, 9, 8);
	add_event("web", SEKI_VECTOR_UDP, 5, 99);
	ck_assert_uint_eq(seki_calendar_limit(calendar, "web", SEKI_VECTOR_UDP, at("2026-12-24T01:30:00Z"))->bps, 8);
}
END_TEST

START_TEST(bad_events_are_refused)
{
	static const struct seki_event good = {.vector = SEKI_VECTOR_ALL,
		.pps = 1,
		.approver = "Sato",
		.from = 100,
		.until = 200,
		.file = "seki.conf",
		.line = 7};
	struct seki_event bad[7] = {good, good, good, good, good, good, good};
	const char *const text[7] = {"does not exist", "has no limit", "who approved", "who approved", "has no end",
		"before it begins", "93 days"};
	struct seki_event all = {.vector = 99, .file = "seki.conf", .line = 8};
	struct seki_err err;

	bad[0].vector = SEKI_VECTOR_ALL + 1;
	bad[1].pps = 0;
	bad[2].approver = NULL;
	bad[3].approver = "";
	bad[4].until = 0;
	bad[5].until = 100;
	bad[6].until = 101 + SEKI_EVENT_MAX_NS;
	for (size_t i = 0; i < N(bad); i++) {
		seki_err_init(&err);
		ck_assert_int_eq(seki_calendar_add_event(calendar, &bad[i], &err), -EINVAL);
		check_said(&err, 1, 7, text[i]);
	}
	ck_assert_ptr_null(seki_calendar_limit(calendar, "web", SEKI_VECTOR_UDP, 150));
	seki_err_init(&err);
	ck_assert_int_eq(seki_calendar_add_event(calendar, &all, &err), -EINVAL);
	check_said(&err, 4, 8, "does not exist");
	/* Exactly a quarter is good, and a caller may want no sentences. */
	bad[6].until = 100 + SEKI_EVENT_MAX_NS;
	ck_assert_int_eq(seki_calendar_add_event(calendar, &bad[6], NULL), 0);
	ck_assert_int_eq(seki_calendar_add_event(calendar, &bad[5], NULL), -EINVAL);
}
END_TEST

START_TEST(rows_are_bounded)
{
	struct seki_holiday holiday = {.date = {2026, 12, 24}};
	struct seki_err err;

	for (unsigned i = 0; i < SEKI_CALENDAR_ROWS; i++) {
		add_holiday(holiday);
		add_event("web", SEKI_VECTOR_UDP, 1, 0);
	}
	seki_err_init(&err);
	ck_assert_int_eq(seki_calendar_add_holiday(calendar, &holiday, &err), -EINVAL);
	check_said(&err, 1, 0, "more than 4096 holidays");
	seki_err_init(&err);
	ck_assert_int_eq(
		seki_calendar_add_event(calendar,
			&(struct seki_event){.pps = 1, .approver = "x", .until = 1, .file = "f", .line = 3}, &err),
		-EINVAL);
	check_said(&err, 1, 3, "more than 4096 events");
}
END_TEST

/* What is said of a time holds until the next of these. */
START_TEST(nothing_changes_between)
{
	static const char *const times[] = {"2026-12-24T00:00:00Z", "2026-12-24T01:00:00Z", "2026-12-24T03:00:00Z",
		"2026-12-25T15:00:00Z", "2026-12-26T15:00:00Z"};

	ck_assert_uint_eq(seki_calendar_until(calendar, at(times[0])), UINT64_MAX);
	add_event("web", SEKI_VECTOR_UDP, 1, 0);
	add_holiday((struct seki_holiday){.date = {2026, 12, 26}, .offset_minutes = 540});
	for (unsigned i = 0; i + 1 < 5; i++) {
		ck_assert_uint_eq(seki_calendar_until(calendar, at(times[i])), at(times[i + 1]));
		ck_assert_uint_eq(seki_calendar_until(calendar, at(times[i + 1]) - 1), at(times[i + 1]));
	}
	ck_assert_uint_eq(seki_calendar_until(calendar, at(times[4])), UINT64_MAX);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("calendar");

	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, holidays_last_a_day_of_their_clocks);
	tcase_add_test(tests, holidays_of_a_zone_go_before_those_of_all);
	tcase_add_test(tests, events_end);
	tcase_add_test(tests, nothing_changes_between);
	tcase_add_test(tests, the_most_particular_event_holds);
	tcase_add_test(tests, bad_events_are_refused);
	tcase_add_test(tests, rows_are_bounded);
	return suite_run("calendar", tests);
}
