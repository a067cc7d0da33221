/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_BASELINE_H
#define SEKI_BASELINE_H

/*
 * Baselines: what is usual, by zone, vector and hour of the week, and what limit that suggests.
 *
 * Learning. Once a second the caller says how much of each vector came to a zone. In each hour the rates of all its
 * seconds, silence too, go into a histogram (scale.h); at its end two numbers of it are kept, for packets and for bits:
 * the *usual* rate, a quantile (99 % of the seconds were at or below), and the *peak*, the most that came in one
 * second. A rate of an hour of the week (UTC) is kept for the last eight times that it was learned.
 *
 * Suggesting. What is usual now is the upper quartile of up to 24 numbers: this hour, the one before and the one
 * after it, in eight weeks. Two whole weeks of nonsense do not move it, and clocks that change by an hour in summer
 * do not either. The limit is the greater of `headroom` times the usual rate and 1.25 times the peak, so a job that
 * comes for a second in each hour is not an attack. It is never below the *floor* that the caller gives (what is safe
 * to let pass whatever the hour), and a unit whose floor is 0 has no limit. Until an hour was learned four times the
 * limit is only suggested; from then on it may be applied. DST, leap seconds and time zones do not matter: all hours
 * are of UTC.
 *
 * Who teaches slowly. An attacker who stays below the limit is learned; how far he gets is bounded.
 *  - From the second time on an hour may teach no more than `growth` (1.25) times what was usual of this hour of the
 *    week, or what the floor is for. As it takes three weeks of eight to move its quartile, traffic that grows by 5 %
 *    a day (15-fold in eight weeks), that keeps just below the limit, or that is a flood which nothing else noticed,
 *    all move the limit by half in eight weeks; within the first weeks in which it may be applied, by less than
 *    twice. What an hour asked beyond is *held*, and reported.
 *  - No limit is above the greatest of 10 floors and 4 times what it was when the hour was first learned four times;
 *    but an operator can vouch for more (seki_baseline_accept).
 *  - What comes in incidents is not learned, nor on holidays and in events (calendar.h). An hour of which less than
 *    half is left teaches nothing.
 *
 * So honest growth within the headroom is followed in weeks, and a leap beyond it takes a person, once.
 *
 * Time is taken as it comes. Seconds that come twice, or up to an hour late, count once. After any other step,
 * forwards or backwards, learning goes on at the new time; no step makes anything forgotten, since weeks are counted
 * as they are learned. An hour teaches no second time within a week. What was learned last more than eight weeks ago,
 * or lies more than a week ahead, is suggested and not applied.
 *
 * Cost. A zone 1.6 KiB; a vector 14 KiB, from when a second of it first reaches a sixteenth of its floor (before
 * that, and again after nine weeks without, it is as good as silent unless an operator has vouched for it) up to
 * `max_vectors`: 220 MiB at the default of 16,384; 53 vectors in 1,000 zones are 713 MiB. A second of a zone takes 0.2 to 0.4 us where ten vectors come, and
 * the one that ends an hour 2 to 7 us for each vector that is known: feed a tenth of the zones in each tick of 100
 * ms. No float.
 *
 * Threads: all is management's, but seki_baseline_save, which may run in one other thread (saver.h). It copies zone
 * by zone; a second that comes to a zone just then is not waited for but lost, and counted.
 */

#include "calendar.h"
#include "err.h"
#include "stats.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEKI_BASELINE_HOURS 168
#define SEKI_BASELINE_WEEKS 8

/* The greatest rate that there is for it, of packets or of bits a second; what is beyond counts as this. */
#define SEKI_BASELINE_RATE_MAX ((UINT64_C(1) << 44) - 1)

/* Bytes of a zone's name, with the zero. */
#define SEKI_BASELINE_NAME_MAX 32

/* How to learn. Constant for the life of a baseline. */
struct seki_baseline_params {
	uint32_t quantile_permille; /* what is usual: 500 to 1000 */
	uint32_t headroom_pct;      /* of the usual rate: 100 to 1000 */
	uint32_t growth_pct;        /* what one time may teach, of what was usual: 100 to 200 */
	uint32_t ceiling_floors;    /* no limit above so many floors, ... */
	uint32_t ceiling_firsts;    /* ... or so many times the first limit that could be applied: at least 1 */
	uint32_t min_seconds;       /* of an hour, or it is not learned: 1 to 3600 */
	uint32_t apply_weeks;       /* how often an hour is learned before its limit may be applied: 1 to 8 */
	uint32_t max_vectors;       /* of all zones, at most */
};

/* 0.99, 200 %, 125 %, 10, 4, 1800, 4, 16384. */
extern const struct seki_baseline_params seki_baseline_defaults;

/* What may pass at any hour. 0: no limit of this unit. */
struct seki_baseline_floor {
	uint64_t pps, bps;
};

/* What came to a zone. */
struct seki_baseline_second {
	uint64_t wall_ns;    /* when it began */
	uint32_t n;          /* so many seconds from then on were alike; live: 1 */
	const uint64_t *pps; /* [SEKI_N_VECTORS] */
	const uint64_t *bps; /* [SEKI_N_VECTORS] */
	uint64_t frozen;     /* a bit for each vector that is in an incident: not learned */
};

enum seki_confidence {
	SEKI_CONFIDENCE_NONE,   /* nothing was learned of this hour */
	SEKI_CONFIDENCE_LOW,    /* too few weeks, or too old: not to be applied */
	SEKI_CONFIDENCE_MEDIUM, /* may be applied; few weeks, or they differ, or learning is held back */
	SEKI_CONFIDENCE_HIGH,
};

/* Why it is no more than that; the first that is true. */
enum seki_suggestion_why {
	SEKI_WHY_NO_ROOM,   /* `max_vectors` are learned, and this is not one of them: its floor */
	SEKI_WHY_UNKNOWN,   /* never learned: its floor, or what the hours beside it say */
	SEKI_WHY_FEW_WEEKS, /* fewer than `apply_weeks` */
	SEKI_WHY_STALE,     /* learned last more than eight weeks ago, or the clock is behind */
	SEKI_WHY_HELD,      /* within a week an hour asked for more than it may teach */
	SEKI_WHY_CEILING,   /* the limit would be above the ceiling */
	SEKI_WHY_SPREAD,    /* the weeks differ by more than a factor of two */
	SEKI_WHY_WEEKS,     /* fewer than six weeks */
	SEKI_WHY_NOTHING,   /* nothing is against it */
};

struct seki_suggestion {
	uint64_t pps, bps;             /* the limit; 0: none, as the floor is 0 */
	uint64_t usual_pps, usual_bps; /* what is usual at this hour */
	uint64_t peak_pps, peak_bps;   /* the most in one second that is usual at this hour */
	uint64_t held_pps, held_bps;   /* what the last hour asked that was held back within a week; 0: none */
	uint64_t accepted_pps, accepted_bps; /* what an operator has vouched for; 0: no more than was learned */
	uint32_t weeks;                /* how often this hour was learned, 0 to 8 */
	uint32_t hours;                /* how many hours it stands on, 0 to 24 */
	uint32_t quantile_permille;
	enum seki_confidence confidence;
	enum seki_suggestion_why why;
	bool may_apply;
};

/* How it goes. */
struct seki_baseline_counts {
	uint32_t zones, vectors;  /* that are known */
	size_t bytes;             /* of memory */
	uint64_t refused_vectors; /* seconds of vectors that were not learned as there was no room for them */
	uint64_t late_seconds;    /* not counted, since they had been, or by a clock that went back */
	uint64_t busy_seconds;    /* lost, since the zone was being saved */
};

struct seki_baseline;

/*
 * An empty one. NULL with sentences in `err`: out of memory, or a parameter out of its range. `calendar` NULL: every
 * day is usual. It stays the caller's, and must outlive the baseline or its replacement by
 * seki_baseline_set_calendar.
 */
struct seki_baseline *seki_baseline_create(
	const struct seki_baseline_params *params, const struct seki_calendar *calendar, struct seki_err *err);
void seki_baseline_destroy(struct seki_baseline *b); /* NULL is legal */

/* Another calendar, as after a reload; NULL: none. */
void seki_baseline_set_calendar(struct seki_baseline *b, const struct seki_calendar *calendar);

/*
 * Says that zone id `id`, 1 to SEKI_ZONES_MAX - 1, is called `name` and has these floors, [SEKI_N_VECTORS]: before it
 * is first fed, and whenever floors change. What was learned under the name, here or in a file, goes on. Where all
 * places are taken, the zone without an id that was learned longest ago gives way. Returns 0, -EINVAL (no such id, or
 * a name that is too long), -ENOMEM (it is then not learned).
 */
int seki_baseline_zone(struct seki_baseline *b, uint16_t id, const char *name, const struct seki_baseline_floor *floor);

/* A second of a zone, in order of time. Ids that were not named are ignored. */
void seki_baseline_feed(struct seki_baseline *b, uint16_t id, const struct seki_baseline_second *second);

/*
 * What the hour of `wall_ns` suggests. False: no such zone or vector. Some 5 us, seven times that on a holiday that
 * is like no weekday; it changes at the end of an hour, so once an hour and after floors or calendar change is often
 * enough.
 */
bool seki_baseline_suggest(
	const struct seki_baseline *b, uint16_t id, unsigned vector, uint64_t wall_ns, struct seki_suggestion *out);

/*
 * Whether anything is kept of a vector: it was worth it within nine weeks, or an operator has said something of it. Else
 * it is silent, and its suggestion the floor.
 */
bool seki_baseline_knows(const struct seki_baseline *b, uint16_t id, unsigned vector);

/* Why, as a part of a sentence: "it takes more weeks before it may be applied". */
const char *seki_suggestion_why_text(enum seki_suggestion_why why);

/* One sentence for an operator: what is suggested, from how much, and why with this confidence. Returns `buf`. */
#define SEKI_SUGGESTION_TEXT_MAX 320
char *seki_suggestion_text(const struct seki_suggestion *s, char buf[SEKI_SUGGESTION_TEXT_MAX]);

/* "none", "low", "medium", "high". */
const char *seki_confidence_name(enum seki_confidence confidence);

/*
 * An operator vouches that clean traffic of a vector may come to this at any hour; 0: no more than was learned. What
 * is learned may then follow it at once, up to that, and the ceiling is headroom times that. It lowers nothing, and
 * lasts until it is given anew or forgotten. Returns 0, -EINVAL (no such zone or vector), -ENOMEM, -ENOSPC
 * (`max_vectors`).
 */
int seki_baseline_accept(struct seki_baseline *b, uint16_t id, unsigned vector, uint64_t pps, uint64_t bps);

/* Forgets what was learned of a vector, as after a change of the network: it is learned as on the first day. */
int seki_baseline_forget(struct seki_baseline *b, uint16_t id, unsigned vector);

void seki_baseline_count(const struct seki_baseline *b, struct seki_baseline_counts *out);

/*
 * The file: text that a person can read and compare, one line for each hour of a vector. Its first line names format
 * and version, its last one says how much it holds and has a checksum (SipHash chained over lines; against damage,
 * not against malice). Zones go by name. What the running hour has counted is not in it. Some 34 KiB for a vector
 * that is eight weeks old; 1,000 vectors are written in 0.3 s and read in half a second. docs/baseline.md describes
 * it.
 */

/*
 * Writes `<path>.new`, syncs it, renames it to `path` and syncs the directory: whatever happens, `path` is the old
 * file or the new one, whole. Zones are copied one after the other while learning goes on. Takes as long as the disk
 * does. One other thread, one save at a time. Returns 0, or -errno with a sentence in `err`.
 */
int seki_baseline_save(struct seki_baseline *b, const char *path, struct seki_err *err);

/*
 * Reads a file into a baseline that has no zones yet. Returns 0; -ENOENT (there is none: the first start, and no
 * sentence); -errno with a sentence in `err` where it cannot be read, is cut off, damaged, or of a newer version: the
 * baseline is then as empty as before.
 */
int seki_baseline_load(struct seki_baseline *b, const char *path, struct seki_err *err);

#endif
