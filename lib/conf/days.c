/* SPDX-License-Identifier: BSD-3-Clause */
/* detection.holidays and detection.events: what the past does not tell. */
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELD(type, member) .offset = offsetof(struct type, member), .size = sizeof(((struct type *)0)->member)

/* Of an event, while it is not known; what was refused stays so, and is not spoken of again. */
#define UNKNOWN UINT64_MAX

static const char *const weekdays[] = {[SEKI_MONDAY] = "monday",
	[SEKI_TUESDAY] = "tuesday",
	[SEKI_WEDNESDAY] = "wednesday",
	[SEKI_THURSDAY] = "thursday",
	[SEKI_FRIDAY] = "friday",
	[SEKI_SATURDAY] = "saturday",
	[SEKI_SUNDAY] = "sunday",
	NULL};

static int
set_offset(struct conf_reader *r, const char *key, const struct conf_value *v, int *minutes)
{
	const char *wrong = seki_offset_parse(v->text, minutes);

	return wrong == NULL ? 0 : conf_error(r, v->line, key, "\"%.60s\" %s", v->text, wrong);
}

int
conf_set_utc_offset(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_offset(r, "utc_offset", v, &((struct seki_spec *)object)->detect.utc_offset);
}

static int
set_zone(struct conf_reader *r, const struct conf_value *v, const char **zone)
{
	unsigned i = 0;

	while (i < r->spec->n_zones && strcmp(r->spec->zone[i].name, v->text) != 0)
		i++;
	if (i == r->spec->n_zones)
		return conf_error(r, v->line, "zone", "there is no zone \"%.60s\"", v->text);
	*zone = strdup(v->text);
	return *zone != NULL ? 0 : seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
}

static int
set_date(struct conf_reader *r, const char *key, const struct conf_value *v, struct seki_holiday *holiday)
{
	const char *wrong = seki_date_parse(v->text, &holiday->date);

	if (v->kind != CONF_KIND_TEXT)
		return conf_error(r, v->line, key, "a date in quotes is wanted, and not %.60s", v->text);
	if (wrong != NULL)
		return conf_error(r, v->line, key, "\"%.60s\" %s", v->text, wrong);
	for (unsigned i = 0; i + 1 < r->spec->detect.n_holidays; i++) {
		const struct seki_holiday *other = &r->spec->detect.holiday[i];
		bool same_zone = other->zone == NULL || holiday->zone == NULL ? other->zone == holiday->zone
									      : strcmp(other->zone, holiday->zone) == 0;

		if (same_zone && memcmp(&other->date, &holiday->date, sizeof(other->date)) == 0)
			return conf_error(r, v->line, key, "\"%s\" is listed twice", v->text);
	}
	return 0;
}

static int
set_holiday_zone(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_zone(r, v, &((struct seki_holiday *)object)->zone);
}

static int
set_holiday_date(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_date(r, "date", v, object);
}

static int
set_holiday_offset(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_offset(r, "utc_offset", v, &((struct seki_holiday *)object)->offset_minutes);
}

static int
set_like(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)r;
	(void)v;
	((struct seki_holiday *)object)->like_known = true;
	return 0;
}

/* The zone is read before the date, which is held against the others of the zone. */
static const struct conf_row holiday_rows[] = {
	{.key = "zone",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.optional = "all zones",
		.set = set_holiday_zone,
		.example = "\"web\"",
		.help = "The zone for which it is one. It goes before a holiday of all zones."},
	{.key = "date",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.set = set_holiday_date,
		.example = "\"2026-12-25\"",
		.help = "The day: year, month, day."},
	{.key = "utc_offset",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.optional = "as in `detection.utc_offset`",
		.set = set_holiday_offset,
		.example = "\"+09:00\"",
		.help = "Of the clocks by which it begins and ends."},
	{.key = "like",
		.type = CONF_CHOICE,
		.choice = weekdays,
		.optional = "like none: the most that is usual at the hour on any day",
		FIELD(seki_holiday, like),
		.set = set_like,
		.example = "\"sunday\"",
		.help = "The weekday that it is like."},
};

static void *
add_holiday(struct conf_reader *r, config_setting_t *at)
{
	struct seki_holiday *holiday =
		conf_append(r, &r->spec->detect.holiday, &r->spec->detect.n_holidays, sizeof(*holiday));

	(void)at;
	if (holiday != NULL)
		holiday->offset_minutes = r->spec->detect.utc_offset;
	return holiday;
}

const struct conf_section conf_holiday_section = {
	.name = "detection.holidays",
	.row = holiday_rows,
	.n_rows = sizeof(holiday_rows) / sizeof(holiday_rows[0]),
	.add = add_holiday,
	.help = "An entry of `detection.holidays` is a date, or a group that says more of it.",
	.example =
		"detection: { utc_offset = \"+09:00\"; holidays = (\"2026-12-29\", { date = \"2027-01-01\"; like = \"sunday\"; }); };",
};

int
conf_set_holiday(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_holiday *holiday = add_holiday(r, NULL);

	(void)object;
	return holiday == NULL ? -ENOMEM : set_date(r, "holidays", v, holiday);
}

static int
set_event_zone(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_zone(r, v, &((struct seki_event *)object)->zone);
}

static int
set_event_vector(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return conf_vector(r, v, &((struct seki_event *)object)->vector);
}

static int
set_time(struct conf_reader *r, const char *key, const struct conf_value *v, uint64_t *wall_ns)
{
	uint64_t parsed;
	const char *wrong = seki_time_parse(v->text, &parsed);

	if (wrong != NULL)
		return conf_error(r, v->line, key, "\"%.60s\" %s", v->text, wrong);
	*wall_ns = parsed;
	return 0;
}

static int
set_from(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_time(r, "from", v, &((struct seki_event *)object)->from);
}

static int
set_until(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return set_time(r, "until", v, &((struct seki_event *)object)->until);
}

static const struct conf_row event_rows[] = {
	{.key = "zone",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.optional = "all zones",
		.set = set_event_zone,
		.example = "\"web\"",
		.help = "Where it is."},
	{.key = "vector",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.def = "all",
		.set = set_event_vector,
		.example = "\"udp\"",
		.help = "A vector of [vectors.md](vectors.md), or `all`."},
	{.key = "pps",
		.type = CONF_NUMBER,
		.unit = SEKI_UNIT_PPS,
		.max = CM_PPS_MAX,
		.def = "0",
		FIELD(seki_event, pps),
		.example = "\"300 kpps\"",
		.help = "Packets a second that may come to the zone, and to each of its hosts; 0: as without the event."},
	{.key = "bps",
		.type = CONF_NUMBER,
		.unit = SEKI_UNIT_BPS,
		.max = CM_BPS_MAX,
		.def = "0",
		FIELD(seki_event, bps),
		.example = "\"2 Gbps\"",
		.help = "The same in bits a second."},
	{.key = "approver",
		.type = CONF_TEXT,
		.min = 1,
		.max = 127,
		FIELD(seki_event, approver),
		.example = "\"K. Sato\"",
		.help = "Who has approved it."},
	{.key = "from",
		.type = CONF_TEXT,
		.min = 1,
		.max = 63,
		.set = set_from,
		.example = "\"2026-12-24T10:00:00+09:00\"",
		.help = "When it begins."},
	{.key = "until",
		.type = CONF_TEXT,
		.min = 1,
		.max = 63,
		.set = set_until,
		.example = "\"2026-12-24T12:00:00+09:00\"",
		.help = "When it ends, at most 93 days later."},
	{.key = "note",
		.type = CONF_TEXT,
		.max = 255,
		.def = "",
		FIELD(seki_event, note),
		.example = "\"ticket sale\"",
		.help = "What it is."},
};

static void *
add_event(struct conf_reader *r, config_setting_t *at)
{
	struct seki_event *event = conf_append(r, &r->spec->detect.event, &r->spec->detect.n_events, sizeof(*event));

	if (event != NULL)
		*event = (struct seki_event){.vector = SEKI_VECTOR_ALL,
			.pps = UNKNOWN,
			.bps = UNKNOWN,
			.from = UNKNOWN,
			.until = UNKNOWN,
			.file = r->spec->file,
			.line = conf_line(at, NULL)};
	return event;
}

const struct conf_section conf_event_section = {
	.name = "detection.events",
	.row = event_rows,
	.n_rows = sizeof(event_rows) / sizeof(event_rows[0]),
	.add = add_event,
	.help = "A limit for a time. Of several that are on, the one that names zone and vector goes first, then one of the zone, "
		"then one of the vector.",
	.example =
		"detection: { events = ( { zone = \"web\"; pps = \"300 kpps\"; approver = \"K. Sato\"; note = \"ticket sale\";\n"
		"  from = \"2026-12-24T10:00:00+09:00\"; until = \"2026-12-24T12:00:00+09:00\"; } ); };",
};

int
conf_set_event(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return conf_error(
		r, v->line, "events", "groups between { and } are wanted, with zone, pps, approver, from and until");
}

/* The calendar knows what an event must have; of one with a key that was refused nothing more is said. */
void
conf_check_days(struct conf_reader *r)
{
	struct seki_calendar *calendar = seki_calendar_create();

	for (unsigned i = 0; calendar != NULL && i < r->spec->detect.n_events; i++) {
		const struct seki_event *e = &r->spec->detect.event[i];

		if (e->pps != UNKNOWN && e->bps != UNKNOWN && e->from != UNKNOWN && e->until != UNKNOWN &&
			e->approver != NULL)
			seki_calendar_add_event(calendar, e, r->err);
	}
	seki_calendar_destroy(calendar);
}
