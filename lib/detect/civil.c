/* SPDX-License-Identifier: BSD-3-Clause */
#include "civil.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* 1970-01-01 was a Thursday. */
#define EPOCH_WEEKDAY SEKI_THURSDAY

static const char *const weekdays[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

/* Days since 1970-01-01. Years begin in March, so that the leap day is their last: then months are a linear formula. */
static uint64_t
days_of(struct seki_date date)
{
	unsigned year = date.year - (date.month <= 2);
	unsigned day_of_year = (153 * ((date.month + 9u) % 12) + 2) / 5 + date.day - 1;

	return UINT64_C(365) * year + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

static unsigned
days_in(unsigned year, unsigned month)
{
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month == 2)
		return leap ? 29 : 28;
	return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* `n` digits at `*at`, which then moves behind them. */
static bool
read_digits(const char **at, unsigned n, unsigned *value)
{
	*value = 0;
	for (; n > 0; n--, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		*value = *value * 10 + (unsigned)(**at - '0');
	}
	return true;
}

static bool
read_char(const char **at, char c)
{
	if (**at != c)
		return false;
	(*at)++;
	return true;
}

static const char *
read_date(const char **at, struct seki_date *date)
{
	unsigned year, month, day;

	if (!read_digits(at, 4, &year) || !read_char(at, '-') || !read_digits(at, 2, &month) || !read_char(at, '-') ||
		!read_digits(at, 2, &day) || isdigit((unsigned char)**at))
		return "is no date: dates are written as 2026-12-24";
	if (year < SEKI_YEAR_FIRST || year > SEKI_YEAR_LAST)
		return "is too far away: years go from 1970 to 2500";
	if (month < 1 || month > 12)
		return "has no such month: months go from 01 to 12";
	if (day < 1 || day > days_in(year, month))
		return "has no such day: the month is shorter, or the year is no leap year";
	*date = (struct seki_date){(uint16_t)year, (uint8_t)month, (uint8_t)day};
	return NULL;
}

const char *
seki_date_parse(const char *text, struct seki_date *date)
{
	struct seki_date read;
	const char *wrong = read_date(&text, &read);

	if (wrong == NULL && *text != '\0')
		wrong = "is no date: something follows the day";
	if (wrong == NULL)
		*date = read;
	return wrong;
}

static const char *
read_offset(const char **at, int *minutes)
{
	unsigned h, m;
	bool west = **at == '-';

	if (read_char(at, 'Z') || read_char(at, 'z')) {
		*minutes = 0;
		return NULL;
	}
	if (**at != '+' && **at != '-')
		return "does not say its offset from UTC: end it with Z or +09:00";
	(*at)++;
	if (!read_digits(at, 2, &h) || !read_char(at, ':') || !read_digits(at, 2, &m))
		return "has no offset from UTC that can be read: offsets are written as Z or +09:00";
	if (h > 23 || m > 59)
		return "has an offset from UTC that is no time: they go from -23:59 to +23:59";
	*minutes = (int)(h * 60 + m) * (west ? -1 : 1);
	return NULL;
}

const char *
seki_offset_parse(const char *text, int *minutes)
{
	int read;
	const char *wrong = read_offset(&text, &read);

	if (wrong == NULL && *text != '\0')
		wrong = "is no offset from UTC: something follows it";
	if (wrong == NULL)
		*minutes = read;
	return wrong;
}

/* "10:00:00" with an optional fraction of up to nine digits; nanoseconds since midnight. */
static const char *
read_clock(const char **at, uint64_t *ns)
{
	unsigned h, m, s;
	uint64_t fraction = 0, unit = SEKI_SECOND_NS;

	if (!read_digits(at, 2, &h) || !read_char(at, ':') || !read_digits(at, 2, &m) || !read_char(at, ':') ||
		!read_digits(at, 2, &s))
		return "has no time that can be read: times are written as 10:00:00";
	if (h > 23 || m > 59)
		return "has no such time: hours go from 00 to 23, minutes from 00 to 59";
	if (s > 59)
		return "has no such second: they go from 00 to 59, and leap seconds are not counted";
	if (read_char(at, '.')) {
		if (!isdigit((unsigned char)**at))
			return "has a point and no fraction of a second behind it";
		for (; isdigit((unsigned char)**at); (*at)++) {
			unit /= 10;
			if (unit == 0)
				return "is finer than a nanosecond";
			fraction += (uint64_t)(**at - '0') * unit;
		}
	}
	*ns = (h * UINT64_C(3600) + m * 60 + s) * SEKI_SECOND_NS + fraction;
	return NULL;
}

const char *
seki_time_parse(const char *text, uint64_t *wall_ns)
{
	struct seki_date date;
	uint64_t clock, at;
	int minutes;
	int64_t east;
	const char *wrong = read_date(&text, &date);

	if (wrong != NULL)
		return wrong;
	if (!read_char(&text, 'T') && !read_char(&text, 't'))
		return "has no time: write it as 2026-12-24T10:00:00Z";
	wrong = read_clock(&text, &clock);
	if (wrong == NULL)
		wrong = read_offset(&text, &minutes);
	if (wrong != NULL)
		return wrong;
	if (*text != '\0')
		return "is no time: something follows the offset";
	at = days_of(date) * SEKI_DAY_NS + clock;
	east = minutes * INT64_C(60000000000);
	if (east > 0 && at < (uint64_t)east)
		return "is before 1970 in UTC";
	*wall_ns = at - (uint64_t)east;
	return NULL;
}

const char *
seki_weekday_parse(const char *text, enum seki_weekday *day)
{
	for (unsigned i = 0; i < 7; i++)
		if (strcmp(text, weekdays[i]) == 0) {
			*day = i;
			return NULL;
		}
	return "is no day of the week: write monday, tuesday, ... sunday";
}

const char *
seki_weekday_name(enum seki_weekday day)
{
	return day <= SEKI_SUNDAY ? weekdays[day] : "?";
}

uint64_t
seki_date_begin(struct seki_date date, int offset_minutes)
{
	uint64_t midnight = days_of(date) * SEKI_DAY_NS;
	int64_t east = offset_minutes * INT64_C(60000000000);

	return east > 0 && midnight < (uint64_t)east ? 0 : midnight - (uint64_t)east;
}

enum seki_weekday
seki_date_weekday(struct seki_date date)
{
	return (days_of(date) + EPOCH_WEEKDAY) % 7;
}

char *
seki_time_format(uint64_t wall_ns, char buf[SEKI_TIME_STRLEN])
{
	static const struct seki_date end = {SEKI_YEAR_LAST, 12, 31};
	uint64_t last = (days_of(end) + 1) * 86400 - 1;
	uint64_t s = wall_ns / SEKI_SECOND_NS < last ? wall_ns / SEKI_SECOND_NS : last;
	uint64_t days = s / 86400 + 719468, era = days / 146097, of_era = days % 146097;
	uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	uint64_t m = (5 * of_year + 2) / 153; /* from March */
	unsigned month = (unsigned)(m < 10 ? m + 3 : m - 9);

	year += era * 400 + (month <= 2);
	snprintf(buf, SEKI_TIME_STRLEN, "%04u-%02u-%02uT%02u:%02u:%02uZ", (unsigned)year % 10000, month % 100,
		(unsigned)(of_year - (153 * m + 2) / 5 + 1) % 100, (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60),
		(unsigned)(s % 60));
	return buf;
}

unsigned
seki_hour_of_week(uint64_t wall_ns)
{
	uint64_t hours = wall_ns / (3600 * SEKI_SECOND_NS);

	return (unsigned)((hours + EPOCH_WEEKDAY * 24) % 168);
}
