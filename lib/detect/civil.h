/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CIVIL_H
#define SEKI_CIVIL_H

/*
 * Dates and times as people write them (RFC 3339), to and from `wall_ns`: nanoseconds since 1970 in UTC, without leap
 * seconds, as clocks of computers count. Gregorian calendar, years 1970 to 2500. Pure functions, no time zone tables:
 * an offset is written in the text, or given. Days are counted by the method of Hinnant's "chrono-compatible
 * low-level date algorithms".
 *
 * The parsers return NULL, or what is wrong, as a part of a sentence to be put after the quoted text; the result is
 * then left alone.
 */

#include <stdint.h>

#define SEKI_SECOND_NS UINT64_C(1000000000)
#define SEKI_DAY_NS (86400 * SEKI_SECOND_NS)

#define SEKI_YEAR_FIRST 1970
#define SEKI_YEAR_LAST 2500

/* Room for what seki_time_format writes, with the zero. */
#define SEKI_TIME_STRLEN sizeof("2026-12-24T10:00:00Z")

struct seki_date {
	uint16_t year;
	uint8_t month, day; /* from 1 */
};

enum seki_weekday {
	SEKI_MONDAY,
	SEKI_TUESDAY,
	SEKI_WEDNESDAY,
	SEKI_THURSDAY,
	SEKI_FRIDAY,
	SEKI_SATURDAY,
	SEKI_SUNDAY,
};

/* "2026-12-24". */
const char *seki_date_parse(const char *text, struct seki_date *date);

/* "2026-12-24T10:00:00+09:00", "2026-12-24T01:00:00.250Z": what RFC 3339 allows, but no second 60. */
const char *seki_time_parse(const char *text, uint64_t *wall_ns);

/* "Z", "+09:00", "-03:30", from -23:59 to +23:59: minutes east of UTC. */
const char *seki_offset_parse(const char *text, int *minutes);

/* "monday" ... "sunday". */
const char *seki_weekday_parse(const char *text, enum seki_weekday *day);
const char *seki_weekday_name(enum seki_weekday day);

/*
 * When a date begins where clocks are `offset_minutes` ahead of UTC. 1970-01-01 begins before `wall_ns` does east of
 * Greenwich: then 0.
 */
uint64_t seki_date_begin(struct seki_date date, int offset_minutes);

enum seki_weekday seki_date_weekday(struct seki_date date);

/* "2026-12-24T01:00:00Z", cut to seconds. Returns `buf`. Times after the last year are shown as its end. */
char *seki_time_format(uint64_t wall_ns, char buf[SEKI_TIME_STRLEN]);

/* The hour of the week in UTC, 0 to 167; 0 is Monday, 00:00 to 01:00. */
unsigned seki_hour_of_week(uint64_t wall_ns);

#endif
