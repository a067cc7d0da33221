/* SPDX-License-Identifier: BSD-3-Clause */
#include "calendar.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(SEKI_N_VECTORS <= 64, "a bit for each vector");

struct holiday {
	char *zone; /* NULL: all */
	uint64_t from, until;
	struct seki_day day;
};

struct seki_calendar {
	struct holiday *holiday;
	struct seki_event *event;
	unsigned n_holidays, n_events;
};

struct seki_calendar *
seki_calendar_create(void)
{
	return calloc(1, sizeof(struct seki_calendar));
}

static void
free_event(struct seki_event *event)
{
	free((char *)event->zone);
	free((char *)event->approver);
	free((char *)event->note);
	free((char *)event->file);
}

void
seki_calendar_destroy(struct seki_calendar *calendar)
{
	if (calendar == NULL)
		return;
	for (unsigned i = 0; i < calendar->n_holidays; i++)
		free(calendar->holiday[i].zone);
	for (unsigned i = 0; i < calendar->n_events; i++)
		free_event(&calendar->event[i]);
	free(calendar->holiday);
	free(calendar->event);
	free(calendar);
}

/* Copies a text that may be NULL. False: no memory. */
static bool
copy(const char **to, const char *text)
{
	*to = text == NULL ? NULL : strdup(text);
	return text == NULL || *to != NULL;
}

static int
no_memory(const char *file, int line, struct seki_err *err)
{
	seki_err_add(err, file, line, "no memory for the calendar");
	return -ENOMEM;
}

int
seki_calendar_add_holiday(struct seki_calendar *calendar, const struct seki_holiday *h, struct seki_err *err)
{
	unsigned n = calendar->n_holidays, weekday = seki_date_weekday(h->date);
	struct holiday *rows, *row;
	const char *zone;

	if (n == SEKI_CALENDAR_ROWS)
		return seki_err_add(err, NULL, 0, "more than %d holidays", SEKI_CALENDAR_ROWS);
	rows = realloc(calendar->holiday, (n + 1) * sizeof(*rows));
	if (rows == NULL)
		return no_memory(NULL, 0, err);
	calendar->holiday = rows;
	if (!copy(&zone, h->zone))
		return no_memory(NULL, 0, err);
	row = &rows[n];
	*row = (struct holiday){.zone = (char *)zone, .day.rule = SEKI_DAY_MOST};
	row->from = seki_date_begin(h->date, h->offset_minutes);
	row->until = row->from + SEKI_DAY_NS;
	if (h->like_known)
		row->day = (struct seki_day){SEKI_DAY_LIKE, (7 + h->like - weekday) % 7};
	calendar->n_holidays++;
	return 0;
}

/* Adds a sentence for each thing that is wrong with an event. */
static void
check_event(const struct seki_event *e, struct seki_err *err)
{
	if (e->vector > SEKI_VECTOR_ALL)
		seki_err_add(err, e->file, e->line, "the event is for a vector that does not exist");
	if (e->pps == 0 && e->bps == 0)
		seki_err_add(err, e->file, e->line, "the event has no limit: give it packets, bits or both a second");
	if (e->approver == NULL || *e->approver == '\0')
		seki_err_add(err, e->file, e->line, "the event does not say who approved it");
	if (e->until == 0)
		seki_err_add(err, e->file, e->line, "the event has no end");
	else if (e->until <= e->from)
		seki_err_add(err, e->file, e->line, "the event ends before it begins");
	else if (e->until - e->from > SEKI_EVENT_MAX_NS)
		seki_err_add(err, e->file, e->line,
			"the event lasts for more than 93 days: what stays belongs into the limits of the zone");
}

int
seki_calendar_add_event(struct seki_calendar *calendar, const struct seki_event *e, struct seki_err *err)
{
	struct seki_err found;
	struct seki_event *rows, *row;
	unsigned n = calendar->n_events;
	bool wrong;

	seki_err_init(&found);
	check_event(e, &found);
	wrong = found.n_total > 0;
	for (unsigned i = 0; i < found.n; i++)
		seki_err_add(err, e->file, e->line, "%s", found.entry[i].text);
	seki_err_fini(&found);
	if (wrong)
		return -EINVAL;
	if (n == SEKI_CALENDAR_ROWS)
		return seki_err_add(err, e->file, e->line, "more than %d events", SEKI_CALENDAR_ROWS);
	rows = realloc(calendar->event, (n + 1) * sizeof(*rows));
	if (rows == NULL)
		return no_memory(e->file, e->line, err);
	calendar->event = rows;
	row = &rows[n];
	*row = *e;
	row->zone = row->approver = row->note = row->file = NULL;
	if (!copy(&row->zone, e->zone) || !copy(&row->approver, e->approver) || !copy(&row->note, e->note) ||
		!copy(&row->file, e->file)) {
		free_event(row);
		return no_memory(e->file, e->line, err);
	}
	calendar->n_events++;
	return 0;
}

static bool
is_now(uint64_t from, uint64_t until, uint64_t wall_ns)
{
	return wall_ns >= from && wall_ns < until;
}

static bool
is_for(const char *row_zone, const char *zone)
{
	return row_zone == NULL || strcmp(row_zone, zone) == 0;
}

struct seki_day
seki_calendar_day(const struct seki_calendar *calendar, const char *zone, uint64_t wall_ns)
{
	const struct holiday *found = NULL;

	for (unsigned i = 0; i < calendar->n_holidays; i++) {
		const struct holiday *row = &calendar->holiday[i];

		if (!is_now(row->from, row->until, wall_ns) || !is_for(row->zone, zone))
			continue;
		if (found == NULL || found->zone == NULL || row->zone != NULL)
			found = row;
	}
	return found == NULL ? (struct seki_day){SEKI_DAY_USUAL, 0} : found->day;
}

/* Whether `a` goes before `b`, both being for the same vector of the same zone now. */
static bool
goes_before(const struct seki_event *a, const struct seki_event *b)
{
	unsigned a_rank = 2 * (a->zone != NULL) + (a->vector != SEKI_VECTOR_ALL);
	unsigned b_rank = 2 * (b->zone != NULL) + (b->vector != SEKI_VECTOR_ALL);

	if (a_rank != b_rank)
		return a_rank > b_rank;
	return a->pps != b->pps ? a->pps > b->pps : a->bps > b->bps;
}

const struct seki_event *
seki_calendar_limit(const struct seki_calendar *calendar, const char *zone, unsigned vector, uint64_t wall_ns)
{
	const struct seki_event *found = NULL;

	for (unsigned i = 0; i < calendar->n_events; i++) {
		const struct seki_event *row = &calendar->event[i];

		if (!is_now(row->from, row->until, wall_ns) || !is_for(row->zone, zone))
			continue;
		if (row->vector != vector && row->vector != SEKI_VECTOR_ALL)
			continue;
		if (found == NULL || goes_before(row, found))
			found = row;
	}
	return found;
}

static uint64_t
earlier(uint64_t best, uint64_t when, uint64_t wall_ns)
{
	return when > wall_ns && when < best ? when : best;
}

uint64_t
seki_calendar_until(const struct seki_calendar *calendar, uint64_t wall_ns)
{
	uint64_t until = UINT64_MAX;

	for (unsigned i = 0; i < calendar->n_holidays; i++) {
		until = earlier(until, calendar->holiday[i].from, wall_ns);
		until = earlier(until, calendar->holiday[i].until, wall_ns);
	}
	for (unsigned i = 0; i < calendar->n_events; i++) {
		until = earlier(until, calendar->event[i].from, wall_ns);
		until = earlier(until, calendar->event[i].until, wall_ns);
	}
	return until;
}

uint64_t
seki_calendar_unlearned(const struct seki_calendar *calendar, const char *zone, uint64_t wall_ns)
{
	uint64_t vectors = 0;

	if (seki_calendar_day(calendar, zone, wall_ns).rule != SEKI_DAY_USUAL)
		return UINT64_MAX;
	for (unsigned i = 0; i < calendar->n_events; i++) {
		const struct seki_event *row = &calendar->event[i];

		if (is_now(row->from, row->until, wall_ns) && is_for(row->zone, zone))
			vectors |= row->vector == SEKI_VECTOR_ALL ? UINT64_MAX : UINT64_C(1) << row->vector;
	}
	return vectors;
}
