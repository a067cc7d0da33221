/* SPDX-License-Identifier: BSD-3-Clause */
#include "baseline_state.h"

#include "units.h"

#include <stdio.h>
#include <string.h>

/* What was learned longer ago is only suggested. */
#define STALE_HOURS (SEKI_BASELINE_WEEKS * SEKI_BASELINE_HOURS)
/* Where it is of a time that is so far ahead, the clock is not what it was. */
#define AHEAD_HOURS SEKI_BASELINE_HOURS
/* From so many weeks on there is no doubt but what they say. */
#define SURE_WEEKS 6
/* So much may the weeks of an hour differ. */
#define SPREAD 2

/* What is asked for. */
struct moment {
	uint32_t now; /* hours since 1970: what is old */
	unsigned how; /* the hour of the week that it is like */
};

static uint64_t
greater(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The limit of a unit at an hour of the week; `cut` is set where it is the ceiling. */
static uint64_t
limit(const struct seki_baseline *b, const struct baseline_zone *zone, unsigned vector, unsigned how, unsigned unit,
	bool *cut)
{
	const struct seki_baseline_params *p = &b->params;
	const struct baseline_vector *v = zone->vector[vector];
	uint64_t floor = baseline_floor(zone, vector, unit), asks, ceiling;

	if (v == NULL || floor == 0)
		return floor;
	asks = greater(floor, baseline_asks(p, v, how, unit));
	if (v->kept.first[how][unit] == SCALE_NONE)
		return asks;
	ceiling = greater(p->ceiling_floors * floor, p->ceiling_firsts * scale_value(v->kept.first[how][unit]));
	ceiling = greater(ceiling, baseline_pct(v->kept.accepted[unit], p->headroom_pct));
	*cut |= asks > ceiling;
	return asks < ceiling ? asks : ceiling;
}

/* Whether an hour's weeks differ by more than a factor, where that matters: above the floor. */
static bool
is_spread(const struct seki_baseline *b, const struct baseline_zone *zone, unsigned vector, unsigned how)
{
	const struct baseline_vector *v = zone->vector[vector];
	unsigned weeks = v == NULL ? 0 : baseline_weeks(v, how);

	for (unsigned u = 0; u < BASELINE_UNITS; u++) {
		uint64_t least = UINT64_MAX, most = 0, floor = baseline_floor(zone, vector, u);

		if (floor == 0)
			continue;
		for (unsigned w = 0; w < weeks; w++) {
			uint64_t usual = scale_value(v->kept.hour[how][w].code[baseline_usual(u)]);

			usual = greater(usual, floor * 100 / b->params.headroom_pct);
			least = usual < least ? usual : least;
			most = greater(most, usual);
		}
		if (weeks > 0 && most > SPREAD * least)
			return true;
	}
	return false;
}

static bool
is_stale(const struct baseline_zone *zone, uint32_t now_hour)
{
	return now_hour > zone->last_hour + STALE_HOURS || zone->last_hour > now_hour + AHEAD_HOURS;
}

static bool
is_held(const struct baseline_vector *v, uint32_t now_hour)
{
	return v != NULL && v->kept.held_hour != 0 && now_hour >= v->kept.held_hour &&
	       now_hour - v->kept.held_hour <= SEKI_BASELINE_HOURS;
}

static void
fill_numbers(const struct baseline_vector *v, unsigned how, struct seki_suggestion *out)
{
	out->usual_pps = scale_value(baseline_quartile(v, how, BASELINE_USUAL_PPS));
	out->usual_bps = scale_value(baseline_quartile(v, how, BASELINE_USUAL_BPS));
	out->peak_pps = scale_value(baseline_quartile(v, how, BASELINE_PEAK_PPS));
	out->peak_bps = scale_value(baseline_quartile(v, how, BASELINE_PEAK_BPS));
	out->accepted_pps = v->kept.accepted[BASELINE_PPS];
	out->accepted_bps = v->kept.accepted[BASELINE_BPS];
}

/* How often an hour of the week was learned; a silent vector, as often as its zone. */
static unsigned
weeks_of(const struct baseline_zone *zone, unsigned vector, unsigned how)
{
	return zone->vector[vector] == NULL ? zone->learned[how] : baseline_weeks(zone->vector[vector], how);
}

/* What keeps an hour of the week from being trusted; `cut`: by its ceiling. */
static enum seki_suggestion_why
why_not(const struct seki_baseline *b, const struct baseline_zone *zone, unsigned vector, struct moment at, bool cut)
{
	unsigned weeks = weeks_of(zone, vector, at.how);

	if (zone->refused >> vector & 1)
		return SEKI_WHY_NO_ROOM;
	if (weeks == 0)
		return SEKI_WHY_UNKNOWN;
	if (weeks < b->params.apply_weeks)
		return SEKI_WHY_FEW_WEEKS;
	if (is_stale(zone, at.now))
		return SEKI_WHY_STALE;
	if (is_held(zone->vector[vector], at.now))
		return SEKI_WHY_HELD;
	if (cut)
		return SEKI_WHY_CEILING;
	if (is_spread(b, zone, vector, at.how))
		return SEKI_WHY_SPREAD;
	return weeks < SURE_WEEKS ? SEKI_WHY_WEEKS : SEKI_WHY_NOTHING;
}

/* What one hour of the week suggests. */
static void
suggest(const struct seki_baseline *b, const struct baseline_zone *zone, unsigned vector, struct moment at,
	struct seki_suggestion *out)
{
	const struct baseline_vector *v = zone->vector[vector];
	bool cut = false;

	*out = (struct seki_suggestion){.quantile_permille = b->params.quantile_permille};
	for (unsigned beside = 0; beside < 3; beside++)
		out->hours += weeks_of(zone, vector, (at.how + SEKI_BASELINE_HOURS - 1 + beside) % SEKI_BASELINE_HOURS);
	out->weeks = weeks_of(zone, vector, at.how);
	out->pps = limit(b, zone, vector, at.how, BASELINE_PPS, &cut);
	out->bps = limit(b, zone, vector, at.how, BASELINE_BPS, &cut);
	if (v != NULL)
		fill_numbers(v, at.how, out);
	if (is_held(v, at.now)) {
		out->held_pps = v->kept.held[BASELINE_PPS];
		out->held_bps = v->kept.held[BASELINE_BPS];
	}
	out->why = why_not(b, zone, vector, at, cut);
	if (out->why == SEKI_WHY_UNKNOWN)
		out->confidence = SEKI_CONFIDENCE_NONE;
	else if (out->why <= SEKI_WHY_STALE)
		out->confidence = SEKI_CONFIDENCE_LOW;
	else
		out->confidence = out->why == SEKI_WHY_NOTHING ? SEKI_CONFIDENCE_HIGH : SEKI_CONFIDENCE_MEDIUM;
	out->may_apply = out->confidence >= SEKI_CONFIDENCE_MEDIUM;
}

/* Whether a day's suggestion goes before another's, where the most of a week is looked for. */
static bool
is_more(const struct seki_suggestion *a, const struct seki_suggestion *b)
{
	if (a->may_apply != b->may_apply)
		return a->may_apply;
	return a->pps != b->pps ? a->pps > b->pps : a->bps > b->bps;
}

/* The most that this hour suggests on any day: of packets and of bits, be they of different days. */
static void
suggest_most(const struct seki_baseline *b, const struct baseline_zone *zone, unsigned vector, struct moment at,
	struct seki_suggestion *out)
{
	struct seki_suggestion day;

	suggest(b, zone, vector, at, out);
	for (unsigned d = 1; d < 7; d++) {
		struct moment then = {at.now, (at.how + 24 * d) % SEKI_BASELINE_HOURS};
		uint64_t bps;

		suggest(b, zone, vector, then, &day);
		bps = day.may_apply == out->may_apply ? greater(out->bps, day.bps) : 0;
		if (is_more(&day, out))
			*out = day;
		out->bps = greater(out->bps, bps);
	}
}

bool
seki_baseline_suggest(
	const struct seki_baseline *b, uint16_t id, unsigned vector, uint64_t wall_ns, struct seki_suggestion *out)
{
	const struct baseline_zone *zone = baseline_zone_of(b, id);
	struct moment at = {(uint32_t)(wall_ns / BASELINE_HOUR_NS), seki_hour_of_week(wall_ns)};
	struct seki_day day = {SEKI_DAY_USUAL, 0};

	if (zone == NULL || vector >= SEKI_N_VECTORS)
		return false;
	if (b->calendar != NULL)
		day = seki_calendar_day(b->calendar, zone->name, wall_ns);
	at.how = (at.how + 24 * day.shift) % SEKI_BASELINE_HOURS;
	if (day.rule == SEKI_DAY_MOST)
		suggest_most(b, zone, vector, at, out);
	else
		suggest(b, zone, vector, at, out);
	return true;
}

bool
seki_baseline_knows(const struct seki_baseline *b, uint16_t id, unsigned vector)
{
	const struct baseline_zone *zone = baseline_zone_of(b, id);

	return zone != NULL && vector < SEKI_N_VECTORS && zone->vector[vector] != NULL;
}

const char *
seki_confidence_name(enum seki_confidence confidence)
{
	static const char *const name[] = {"none", "low", "medium", "high"};

	return confidence <= SEKI_CONFIDENCE_HIGH ? name[confidence] : "?";
}

const char *
seki_suggestion_why_text(enum seki_suggestion_why why)
{
	switch (why) {
	case SEKI_WHY_NO_ROOM:
		return "as many vectors are learned as there is room for, and this is none of them";
	case SEKI_WHY_UNKNOWN:
		return "this hour was never learned";
	case SEKI_WHY_FEW_WEEKS:
		return "it takes more weeks before it may be applied";
	case SEKI_WHY_STALE:
		return "it was learned too long ago, or the clock has been set";
	case SEKI_WHY_HELD:
		return "traffic has grown faster than it may teach: an operator should look, and accept it or not";
	case SEKI_WHY_CEILING:
		return "it is held at its ceiling: an operator should look, and accept more or not";
	case SEKI_WHY_SPREAD:
		return "its weeks differ by more than a factor of two";
	case SEKI_WHY_WEEKS:
		return "it is the work of a few weeks";
	case SEKI_WHY_NOTHING:
		break;
	}
	return "its weeks agree";
}

/* "24.0 kpps", or that there is no limit. Returns `buf` of 48 bytes. */
static char *
rate_text(enum seki_unit unit, uint64_t rate, char *buf)
{
	char text[SCALE_TEXT_MAX];
	int digits;

	if (rate == 0) {
		snprintf(buf, 48, "any %s", seki_unit_name(unit));
		return buf;
	}
	scale_text(scale_code(rate), text);
	digits = (int)strspn(text, "0123456789.");
	snprintf(buf, 48, "%.*s %s%s", digits, text, text + digits, seki_unit_name(unit));
	return buf;
}

char *
seki_suggestion_text(const struct seki_suggestion *s, char buf[SEKI_SUGGESTION_TEXT_MAX])
{
	char pps[48], bps[48];

	snprintf(buf, SEKI_SUGGESTION_TEXT_MAX,
		"%s and %s, from %u weeks of this hour (%u hours with those beside it, quantile %u.%u %%); confidence is %s: %s.",
		rate_text(SEKI_UNIT_PPS, s->pps, pps), rate_text(SEKI_UNIT_BPS, s->bps, bps), s->weeks, s->hours,
		s->quantile_permille / 10, s->quantile_permille % 10, seki_confidence_name(s->confidence),
		seki_suggestion_why_text(s->why));
	return buf;
}
