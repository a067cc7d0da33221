/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BASELINE_STATE_H
#define SEKI_BASELINE_STATE_H

/* Internal to lib/detect: what a baseline remembers. */

#include "baseline.h"
#include "scale.h"

#include <pthread.h>
#include <stdio.h>

enum baseline_unit {
	BASELINE_PPS,
	BASELINE_BPS,
	BASELINE_UNITS,
};

/* The numbers that an hour leaves behind, in the order of the file. */
enum baseline_number {
	BASELINE_USUAL_PPS,
	BASELINE_PEAK_PPS,
	BASELINE_USUAL_BPS,
	BASELINE_PEAK_BPS,
	BASELINE_NUMBERS,
};

static inline enum baseline_number
baseline_usual(unsigned unit)
{
	return 2 * unit;
}

static inline enum baseline_number
baseline_peak(unsigned unit)
{
	return 2 * unit + 1;
}

/* Of the most usual peak, what the limit is at least. */
#define BASELINE_PEAK_PCT 125

#define BASELINE_HOUR_NS (3600 * SEKI_SECOND_NS)

/* A vector is worth its memory from this part of its floor on, ... */
#define BASELINE_WORTH 16
/* ... and until so many hours were learned without: nine weeks. */
#define BASELINE_IDLE_HOURS (9 * SEKI_BASELINE_HOURS)

/* Hours of an hour of the week and its neighbours, in all weeks. */
#define BASELINE_POOL (3 * SEKI_BASELINE_WEEKS)

/* What one hour was like, in codes of scale.h; all SCALE_NONE: not learned. */
struct baseline_hour {
	uint16_t code[BASELINE_NUMBERS];
};

/* What a file keeps of a vector. */
struct baseline_kept {
	struct baseline_hour hour[SEKI_BASELINE_HOURS][SEKI_BASELINE_WEEKS]; /* newest first, without gaps */
	uint16_t first[SEKI_BASELINE_HOURS][BASELINE_UNITS]; /* the first limit that could be applied; SCALE_NONE: none */
	uint64_t accepted[BASELINE_UNITS];
	uint64_t held[BASELINE_UNITS]; /* what the hour `held_hour` asked, and was not let teach */
	uint32_t held_hour;            /* since 1970; 0: never */
	uint32_t idle_hours;           /* learned since a second was last worth it */
};

struct baseline_vector {
	struct baseline_kept kept;
	uint16_t seconds[BASELINE_UNITS][SCALE_N]; /* of the running hour, by code; silent ones are not in it */
};

static_assert(sizeof(struct baseline_vector) <= 14336, "baseline.h promises 14 KiB");

struct baseline_zone {
	char name[SEKI_BASELINE_NAME_MAX]; /* empty: the place is free */
	struct baseline_vector *vector[SEKI_N_VECTORS]; /* NULL: silent */
	struct seki_baseline_floor floor[SEKI_N_VECTORS];
	uint16_t frozen[SEKI_N_VECTORS];      /* seconds of the running hour that are not learned */
	uint8_t learned[SEKI_BASELINE_HOURS]; /* how often, at most 8 */
	uint64_t next_s;                      /* the first second that was not counted yet, since 1970; 0: none was */
	uint32_t hour;                        /* the running one, since 1970 */
	uint32_t seconds;                     /* of it that were counted */
	uint32_t last_hour;                   /* learned, since 1970; 0: none */
	uint64_t refused;                     /* vectors that there was no room for: not silent, but unknown */
	bool has_id;
};

/* One zone, and whoever touches it meanwhile; a place is taken for good once it is. */
struct baseline_place {
	pthread_mutex_t lock;
	struct baseline_zone *zone; /* NULL: never taken */
};

struct seki_baseline {
	struct seki_baseline_params params;
	const struct seki_calendar *calendar;
	struct baseline_place place[SEKI_ZONES_MAX];
	uint16_t place_of[SEKI_ZONES_MAX]; /* by zone id, counted from 1; 0: none */
	uint32_t n_zones, n_vectors;
	uint64_t refused_vectors, late_seconds, busy_seconds;
};

/* baseline.c */

/* The place of a zone that is new or known by its name, or -1: no memory, or a name that is no name. Holds no lock. */
int baseline_place(struct seki_baseline *b, const char *name);

/* Frees the zones. */
void baseline_clear(struct seki_baseline *b);

/*
 * A vector of a zone, made if it is not there: silent in every hour that was learned, unless it was refused then. NULL:
 * -ENOMEM or -ENOSPC in `rc`.
 */
struct baseline_vector *baseline_vector(
	struct seki_baseline *b, struct baseline_zone *zone, unsigned vector, int *rc);

/* The zone of an id, or NULL. */
struct baseline_zone *baseline_zone_of(const struct seki_baseline *b, uint16_t id);

/* baseline_learn.c */

/* Ends the running hour of a zone: learns it, if there is enough of it. Under its lock. */
void baseline_end_hour(struct seki_baseline *b, struct baseline_zone *zone);

/* Counts `n` equal seconds of a rate (pps, bps) into the running hour. */
void baseline_count(struct baseline_vector *v, uint64_t pps, uint64_t bps, uint32_t n);

/* How often an hour was learned of a vector. */
unsigned baseline_weeks(const struct baseline_vector *v, unsigned hour);

/* The upper quartile of a number over an hour and its neighbours; SCALE_NONE: none was learned. */
uint16_t baseline_quartile(const struct baseline_vector *v, unsigned hour, enum baseline_number number);

/* What an hour asks for as a limit, without floor and ceiling. */
uint64_t baseline_asks(
	const struct seki_baseline_params *p, const struct baseline_vector *v, unsigned hour, unsigned unit);

static inline uint64_t
baseline_floor(const struct baseline_zone *zone, unsigned vector, unsigned unit)
{
	return unit == BASELINE_PPS ? zone->floor[vector].pps : zone->floor[vector].bps;
}

/* x * pct / 100; never beyond 2^63, as rates are below 2^44 and floors are cut there. */
static inline uint64_t
baseline_pct(uint64_t x, uint32_t pct)
{
	return x * pct / 100;
}

/* The file. */

#define BASELINE_MAGIC "seki-baseline"
#define BASELINE_VERSION 1
#define BASELINE_LINE_MAX 1024

/* The checksum with one line more (its newline included). It begins as 0. */
uint64_t baseline_sum(uint64_t sum, const char *line, size_t n);

/* Reads a file that is open; `name` for messages. As seki_baseline_load. */
int baseline_read(struct seki_baseline *b, FILE *in, const char *name, struct seki_err *err);

#endif
