/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CALENDAR_H
#define SEKI_CALENDAR_H

/*
 * What the past cannot know: holidays, and events that somebody has planned and somebody has approved.
 *
 * A holiday is a day that is not like its weekday. It is judged either as another weekday would be (most holidays are
 * Sundays in all but name), or, where nobody can say, by the most that is usual at this hour on any day of the week.
 * What comes on a holiday is never learned: it would spoil its weekday for two months.
 *
 * An event is a limit for a time: a ticket sale, a launch, a test of load. It overrides what was learned, up or down,
 * for one vector or all of them, in one zone or all, and it ends by itself. Nothing of its traffic is learned. It
 * names who approved it, since it is a door held open. What should stay for longer than a quarter belongs into the
 * zone's limits, where it is reviewed.
 *
 * Built by management when the configuration is read, then read by management alone. A look-up walks all rows
 * (4,096 at most), comparing two numbers for each that is not on now: some microseconds in the worst case.
 */

#include "civil.h"
#include "err.h"
#include "stats.h"

#include <stdbool.h>

#define SEKI_CALENDAR_ROWS 4096 /* of holidays, and of events */

/* An event's vector, where it is for all of them. */
#define SEKI_VECTOR_ALL SEKI_N_VECTORS

/* The longest that an event may last: a quarter. */
#define SEKI_EVENT_MAX_NS (93 * SEKI_DAY_NS)

struct seki_holiday {
	const char *zone; /* NULL: all */
	struct seki_date date;
	int offset_minutes; /* of the clocks there: when the date begins and ends; a day of 24 hours */
	bool like_known;    /* judged like `like`; else by the most that is usual at this hour on any day */
	enum seki_weekday like;
};

struct seki_event {
	const char *zone;        /* NULL: all */
	unsigned vector;         /* or SEKI_VECTOR_ALL */
	uint64_t pps, bps;       /* 0: what is learned or configured stays; not both */
	const char *approver;    /* who has allowed it */
	const char *note;        /* what for; may be NULL */
	uint64_t from, until;    /* wall_ns; until is the first that it is not for */
	const char *file;        /* where it stands, for messages */
	int line;
};

/* What kind of day it is. */
enum seki_day_rule {
	SEKI_DAY_USUAL,
	SEKI_DAY_LIKE, /* as the day `shift` days later */
	SEKI_DAY_MOST, /* the most of this hour on any day */
};

struct seki_day {
	enum seki_day_rule rule;
	unsigned shift; /* 0 to 6 */
};

struct seki_calendar;

/* An empty one. NULL: out of memory. */
struct seki_calendar *seki_calendar_create(void);
void seki_calendar_destroy(struct seki_calendar *calendar); /* NULL is legal */

/* Adds a row, and copies what it points to. Returns 0, or -EINVAL or -ENOMEM with every mistake of the row in `err`. */
int seki_calendar_add_holiday(struct seki_calendar *calendar, const struct seki_holiday *holiday, struct seki_err *err);
int seki_calendar_add_event(struct seki_calendar *calendar, const struct seki_event *event, struct seki_err *err);

/* The day of a zone. A holiday of the zone goes before one of all zones; of two such the one that was added last. */
struct seki_day seki_calendar_day(const struct seki_calendar *calendar, const char *zone, uint64_t wall_ns);

/*
 * The event that limits a vector of a zone now, or NULL; belongs to the calendar. Of several the most particular one:
 * zone and vector, then zone, then vector, then all; of equals the higher limit of packets, then of bits.
 */
const struct seki_event *seki_calendar_limit(
	const struct seki_calendar *calendar, const char *zone, unsigned vector, uint64_t wall_ns);

/* When the next event or holiday after `wall_ns` begins, or one that is on ends: what is said of `wall_ns` holds until
 * then. UINT64_MAX: for good. */
uint64_t seki_calendar_until(const struct seki_calendar *calendar, uint64_t wall_ns);

/* A bit for each vector of the zone whose traffic is not to be learned now. All: a holiday, or an event for all. */
uint64_t seki_calendar_unlearned(const struct seki_calendar *calendar, const char *zone, uint64_t wall_ns);

#endif
