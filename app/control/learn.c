/* SPDX-License-Identifier: BSD-3-Clause */
#include "learn.h"

#include "saver.h"
#include "say.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECOND_NS UINT64_C(1000000000)
#define HOUR_NS (3600 * SECOND_NS)
#define TICKS_A_SECOND (SECOND_NS / SEKI_DETECT_TICK_NS)

/* A crash costs so much of what was learned, at most; an hour of it is learned again in a week. */
#define SAVE_NS (2 * HOUR_NS)

struct learn_zone {
	char name[SEKI_NAME_MAX];
	const struct seki_limits *base; /* of the policy; NULL: there is no such zone */
	struct seki_limits *own;        /* what holds instead; NULL: there never was anything else */
	bool differs;                   /* `own` holds, and not `base` */
	uint64_t until_ns;              /* wall: then it is time to look again */
	uint64_t fed_tick;              /* the last tick of the second that was learned last */
	unsigned n_events;              /* vectors that an event limits now */
};

struct learn {
	struct seki_baseline *baseline; /* NULL: nothing is learned */
	struct seki_saver *saver;       /* NULL: nothing is written */
	char *path;
	uint64_t saved_ns; /* mono: when that was last asked for; 0: not yet */
	bool failing;      /* the last file could not be written, and that was said */
	bool offline;
	enum seki_learn mode;
	const struct seki_calendar *calendar;
	struct learn_zone zone[SEKI_ZONES_MAX];
};

static bool
check_directory(const char *path, struct seki_err *err)
{
	char *copy = strdup(path);
	bool good = copy != NULL && access(dirname(copy), W_OK | X_OK) == 0;

	if (!good)
		seki_err_add(err, path, 0, "what is learned cannot be kept there: %s", strerror(errno));
	free(copy);
	return good;
}

/* A file that is damaged must not keep Seki from running, and must not be lost to who wants to look at it. */
static bool
set_aside(const char *path, const struct seki_err *why, struct seki_err *err)
{
	char *bad;

	if (asprintf(&bad, "%s.bad", path) < 0)
		return seki_err_add(err, NULL, 0, "no memory for what is learned") == 0;
	for (unsigned i = 0; i < why->n; i++)
		say("WARNING: %s: %s", path, why->entry[i].text == NULL ? "damaged" : why->entry[i].text);
	if (rename(path, bad) != 0) {
		seki_err_add(err, path, 0, "it is damaged, and cannot be set aside as %s: %s", bad, strerror(errno));
		free(bad);
		return false;
	}
	say("WARNING: what was learned is lost: the file is now %s, and learning begins anew; until an hour of the week "
	    "was learned four times its limits are those of the configuration",
		bad);
	free(bad);
	return true;
}

static bool
read_file(struct learn *learn, const char *path, struct seki_err *err)
{
	struct seki_err why;
	bool good = true;
	int rc;

	seki_err_init(&why);
	rc = seki_baseline_load(learn->baseline, path, &why);
	if (!learn->offline && (rc == -EBADMSG || rc == -EINVAL || rc == -EPROTONOSUPPORT)) {
		good = set_aside(path, &why, err);
	} else if (rc < 0 && rc != -ENOENT) {
		good = false;
		for (unsigned i = 0; i < why.n; i++)
			seki_err_add(err, why.entry[i].file, why.entry[i].line, "%s",
				why.entry[i].text == NULL ? "out of memory" : why.entry[i].text);
	}
	seki_err_fini(&why);
	return good;
}

static bool
open_baseline(struct learn *learn, const struct learn_conf *conf, struct seki_err *err)
{
	learn->baseline = seki_baseline_create(&seki_baseline_defaults, NULL, err);
	if (learn->baseline == NULL)
		return false;
	if (conf->path == NULL)
		return true;
	if (!read_file(learn, conf->path, err))
		return false;
	if (learn->offline)
		return true;
	learn->path = strdup(conf->path);
	if (learn->path == NULL || !check_directory(conf->path, err))
		return false;
	learn->saver = seki_saver_create(learn->baseline, conf->path, err);
	return learn->saver != NULL;
}

struct learn *
learn_create(const struct learn_conf *conf, struct seki_err *err)
{
	struct learn *learn = calloc(1, sizeof(*learn));

	if (learn == NULL) {
		seki_err_add(err, NULL, 0, "no memory for what is learned");
		return NULL;
	}
	learn->offline = conf->offline;
	if (!conf->learns || open_baseline(learn, conf, err))
		return learn;
	learn_destroy(learn);
	return NULL;
}

/* The saver's last file may be of an hour ago. */
static void
save_last(struct learn *learn)
{
	struct seki_err err;

	seki_err_init(&err);
	if (seki_baseline_save(learn->baseline, learn->path, &err) == 0)
		say("what was learned is in %s", learn->path);
	else
		seki_err_print(&err, stderr);
	seki_err_fini(&err);
}

void
learn_destroy(struct learn *learn)
{
	if (learn == NULL)
		return;
	if (learn->saver != NULL) {
		seki_saver_destroy(learn->saver);
		save_last(learn);
	}
	seki_baseline_destroy(learn->baseline);
	for (unsigned id = 0; id < SEKI_ZONES_MAX; id++)
		free(learn->zone[id].own);
	free(learn->path);
	free(learn);
}

void
learn_policy(struct learn *learn, const struct seki_policy *policy)
{
	learn->mode = policy->learn;
	learn->calendar = policy->calendar;
	if (learn->baseline != NULL)
		seki_baseline_set_calendar(learn->baseline, policy->calendar);
}

/* Learned limits are never below the policy's, so one that differs is above. */
static void
apply_learned(const struct learn *learn, uint16_t id, uint64_t wall_ns, struct seki_limits *limits)
{
	for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++) {
		struct seki_rate *zone = &limits->at[SEKI_LEVEL_ZONE][v];
		struct seki_suggestion s;

		if (!seki_baseline_suggest(learn->baseline, id, v, wall_ns, &s) || !s.may_apply ||
			(s.pps == zone->pps && s.bps == zone->bps))
			continue;
		*zone = (struct seki_rate){s.pps, s.bps};
		limits->from[v] = SEKI_LIMIT_LEARNED;
		seki_limits_between(limits, v);
	}
}

static unsigned
apply_events(const struct learn *learn, const char *name, uint64_t wall_ns, struct seki_limits *limits)
{
	unsigned n = 0;

	for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++) {
		const struct seki_event *e = seki_calendar_limit(learn->calendar, name, v, wall_ns);

		if (e == NULL)
			continue;
		if (e->pps != 0)
			limits->at[SEKI_LEVEL_ZONE][v].pps = limits->at[SEKI_LEVEL_HOST][v].pps = e->pps;
		if (e->bps != 0)
			limits->at[SEKI_LEVEL_ZONE][v].bps = limits->at[SEKI_LEVEL_HOST][v].bps = e->bps;
		limits->from[v] = limits->host_from[v] = SEKI_LIMIT_EVENT;
		seki_limits_between(limits, v);
		n++;
	}
	return n;
}

static void
say_events(const struct learn *learn, struct learn_zone *zone, unsigned n)
{
	if (!learn->offline && n != zone->n_events)
		say("zone \"%s\": an event limits %u of its vectors now, instead of %u", zone->name, n, zone->n_events);
	zone->n_events = n;
}

/* Makes the limits that hold from now on. Returns whether they differ from those before. */
static bool
renew(struct learn *learn, uint16_t id, uint64_t wall_ns)
{
	struct learn_zone *zone = &learn->zone[id];
	struct seki_limits limits = *zone->base;
	uint64_t next = seki_calendar_until(learn->calendar, wall_ns), hour = (wall_ns / HOUR_NS + 1) * HOUR_NS;
	bool differs, changed;

	if (learn->mode == SEKI_LEARN_APPLY && learn->baseline != NULL)
		apply_learned(learn, id, wall_ns, &limits);
	say_events(learn, zone, apply_events(learn, zone->name, wall_ns, &limits));
	zone->until_ns = next < hour ? next : hour;
	differs = memcmp(&limits, zone->base, sizeof(limits)) != 0;
	if (differs && zone->own == NULL)
		zone->own = calloc(1, sizeof(*zone->own));
	if (differs && zone->own == NULL) {
		say("no memory for the limits of zone \"%s\": those of the configuration hold", zone->name);
		differs = false;
	}
	changed = differs != zone->differs || (differs && memcmp(&limits, zone->own, sizeof(limits)) != 0);
	if (differs)
		*zone->own = limits;
	zone->differs = differs;
	return changed;
}

void
learn_zone(struct learn *learn, uint16_t id, const struct seki_policy_zone *policy_zone, uint64_t wall_ns)
{
	struct seki_baseline_floor floor[SEKI_N_VECTORS];
	struct learn_zone *zone = &learn->zone[id];

	zone->base = policy_zone == NULL ? NULL : policy_zone->limits;
	zone->differs = false;
	if (policy_zone == NULL)
		return;
	snprintf(zone->name, sizeof(zone->name), "%s", policy_zone->name);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		floor[v] = (struct seki_baseline_floor){
			zone->base->at[SEKI_LEVEL_ZONE][v].pps, zone->base->at[SEKI_LEVEL_ZONE][v].bps};
	if (learn->baseline != NULL && seki_baseline_zone(learn->baseline, id, zone->name, floor) != 0)
		say("no memory to learn what is usual of zone \"%s\"", zone->name);
	renew(learn, id, wall_ns);
}

/* Of what the clock has jumped over nothing is known live, and all in a replay: it was silence. */
static void
feed(struct learn *learn, uint16_t id, const struct seki_detect_second *second, struct learn_now now)
{
	static const uint64_t silence[SEKI_N_VECTORS];
	struct learn_zone *zone = &learn->zone[id];
	uint64_t gone = (now.tick - zone->fed_tick) / TICKS_A_SECOND, end_ns;
	bool first = zone->fed_tick == 0;
	struct seki_baseline_second s = {.n = 1, .pps = second->pps, .bps = second->bps, .frozen = second->frozen};

	/* Zones keep the tick in which it is their turn, so that not all are fed in one. */
	zone->fed_tick = first ? now.tick - (now.tick - id % TICKS_A_SECOND) % TICKS_A_SECOND
			       : zone->fed_tick + gone * TICKS_A_SECOND;
	end_ns = now.wall_ns - (now.tick - zone->fed_tick) * SEKI_DETECT_TICK_NS;
	if (first || end_ns < gone * SECOND_NS)
		return;
	for (uint64_t left = learn->offline ? gone - 1 : 0; left > 0;) {
		uint32_t n = left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
		struct seki_baseline_second quiet = {.n = n, .pps = silence, .bps = silence};

		quiet.wall_ns = end_ns - (left + 1) * SECOND_NS;
		seki_baseline_feed(learn->baseline, id, &quiet);
		left -= n;
	}
	s.wall_ns = end_ns - SECOND_NS;
	seki_baseline_feed(learn->baseline, id, &s);
}

bool
learn_tick(struct learn *learn, struct seki_detect *detect, uint16_t id, struct learn_now now)
{
	struct learn_zone *zone = &learn->zone[id];
	struct seki_detect_second second;
	bool due = learn->baseline != NULL && now.tick - zone->fed_tick >= TICKS_A_SECOND;
	bool renews = now.wall_ns >= zone->until_ns;

	/* A clock that was set back by more than an hour: what was for then is not for now. */
	renews |= zone->until_ns != UINT64_MAX && zone->until_ns > now.wall_ns + HOUR_NS;
	if (zone->base == NULL || !(due || renews) || !seki_detect_second(detect, id, &second))
		return false;
	if (due)
		feed(learn, id, &second, now);
	return renews && !second.incident && renew(learn, id, now.wall_ns);
}

const struct seki_limits *
learn_limits(const struct learn *learn, uint16_t id)
{
	return learn->zone[id].differs ? learn->zone[id].own : learn->zone[id].base;
}

bool
learn_learns(const struct learn *learn)
{
	return learn->baseline != NULL;
}

static void
say_saved(struct learn *learn, int rc, struct seki_err *err)
{
	if (rc < 0 && !learn->failing)
		for (unsigned i = 0; i < err->n; i++)
			say("%s: %s", learn->path, err->entry[i].text == NULL ? "out of memory" : err->entry[i].text);
	if (rc > 0 && learn->failing)
		say("what was learned is in %s again", learn->path);
	if (rc != 0)
		learn->failing = rc < 0;
}

void
learn_save(struct learn *learn, uint64_t mono_ns)
{
	struct seki_err err;

	if (learn->saver == NULL)
		return;
	seki_err_init(&err);
	say_saved(learn, seki_saver_result(learn->saver, &err), &err);
	seki_err_fini(&err);
	if (learn->saved_ns == 0)
		learn->saved_ns = mono_ns;
	if (mono_ns - learn->saved_ns >= SAVE_NS && seki_saver_ask(learn->saver))
		learn->saved_ns = mono_ns;
}

bool
learn_suggest(const struct learn *learn, uint16_t id, unsigned vector, uint64_t wall_ns, struct seki_suggestion *out)
{
	return learn->baseline != NULL && seki_baseline_suggest(learn->baseline, id, vector, wall_ns, out);
}

bool
learn_knows(const struct learn *learn, uint16_t id, unsigned vector)
{
	return learn->baseline != NULL && learn->zone[id].base != NULL &&
	       seki_baseline_knows(learn->baseline, id, vector);
}

/* Whether an operator may say something of a vector: 0, or why not. */
static int
may_be_told(const struct learn *learn, uint16_t id, unsigned vector)
{
	if (learn->baseline == NULL)
		return -EPERM;
	if (learn->zone[id].base == NULL)
		return -ENOENT;
	return vector > SEKI_VECTOR_NONE && vector < SEKI_N_VECTORS ? 0 : -EINVAL;
}

int
learn_accept(struct learn *learn, uint16_t id, unsigned vector, struct seki_rate rate)
{
	struct learn_zone *zone = &learn->zone[id];
	int rc = may_be_told(learn, id, vector);

	if (rc == 0 && ((rate.pps != 0 && zone->base->at[SEKI_LEVEL_ZONE][vector].pps == 0) ||
			       (rate.bps != 0 && zone->base->at[SEKI_LEVEL_ZONE][vector].bps == 0)))
		rc = -EDOM;
	if (rc == 0)
		rc = seki_baseline_accept(learn->baseline, id, vector, rate.pps, rate.bps);
	if (rc == 0)
		zone->until_ns = 0; /* the next tick looks again */
	return rc;
}

int
learn_forget(struct learn *learn, uint16_t id, unsigned vector)
{
	int rc = may_be_told(learn, id, vector);

	if (rc == 0)
		rc = seki_baseline_forget(learn->baseline, id, vector);
	if (rc == 0)
		learn->zone[id].until_ns = 0;
	return rc;
}
