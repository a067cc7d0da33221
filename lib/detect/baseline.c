/* SPDX-License-Identifier: BSD-3-Clause */
#include "baseline_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static_assert(SEKI_N_VECTORS <= 64, "a bit for each vector");
static_assert(SEKI_BASELINE_RATE_MAX == (UINT64_C(1) << SCALE_BITS) - 1, "what the scale ends with");

#define HOUR_S 3600

const struct seki_baseline_params seki_baseline_defaults = {
	.quantile_permille = 990,
	.headroom_pct = 200,
	.growth_pct = 125,
	.ceiling_floors = 10,
	.ceiling_firsts = 4,
	.min_seconds = HOUR_S / 2,
	.apply_weeks = 4,
	.max_vectors = 16384,
};

static void
check_range(const char *what, uint32_t value, uint32_t min, uint32_t max, struct seki_err *err)
{
	if (value < min || value > max)
		seki_err_add(err, NULL, 0, "%s of baselines is %u, which is not from %u to %u", what, value, min, max);
}

static bool
params_are_good(const struct seki_baseline_params *p, struct seki_err *err)
{
	struct seki_err found;
	bool good;

	seki_err_init(&found);
	check_range("the quantile (in thousandths)", p->quantile_permille, 500, 1000, &found);
	check_range("the headroom (in percent)", p->headroom_pct, 100, 1000, &found);
	check_range("the growth (in percent)", p->growth_pct, 100, 200, &found);
	check_range("the ceiling in floors", p->ceiling_floors, 1, 1000, &found);
	check_range("the ceiling in first limits", p->ceiling_firsts, 1, 1000, &found);
	check_range("the least of an hour (in seconds)", p->min_seconds, 1, HOUR_S, &found);
	check_range("the number of weeks", p->apply_weeks, 1, SEKI_BASELINE_WEEKS, &found);
	check_range("the number of vectors", p->max_vectors, 1, SEKI_ZONES_MAX * SEKI_N_VECTORS, &found);
	good = found.n_total == 0;
	for (unsigned i = 0; i < found.n; i++)
		seki_err_add(err, NULL, 0, "%s", found.entry[i].text);
	seki_err_fini(&found);
	return good;
}

struct seki_baseline *
seki_baseline_create(
	const struct seki_baseline_params *params, const struct seki_calendar *calendar, struct seki_err *err)
{
	struct seki_baseline *b;

	if (!params_are_good(params, err))
		return NULL;
	b = calloc(1, sizeof(*b));
	if (b == NULL) {
		seki_err_add(err, NULL, 0, "no memory for baselines");
		return NULL;
	}
	b->params = *params;
	b->calendar = calendar;
	for (unsigned i = 0; i < SEKI_ZONES_MAX; i++)
		pthread_mutex_init(&b->place[i].lock, NULL);
	return b;
}

static void
free_vectors(struct seki_baseline *b, struct baseline_zone *zone)
{
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		b->n_vectors -= zone->vector[v] != NULL;
		free(zone->vector[v]);
	}
}

void
baseline_clear(struct seki_baseline *b)
{
	for (unsigned i = 0; i < SEKI_ZONES_MAX; i++) {
		if (b->place[i].zone == NULL)
			continue;
		free_vectors(b, b->place[i].zone);
		free(b->place[i].zone);
		b->place[i].zone = NULL;
	}
	memset(b->place_of, 0, sizeof(b->place_of));
	b->n_zones = 0;
}

void
seki_baseline_destroy(struct seki_baseline *b)
{
	if (b == NULL)
		return;
	baseline_clear(b);
	for (unsigned i = 0; i < SEKI_ZONES_MAX; i++)
		pthread_mutex_destroy(&b->place[i].lock);
	free(b);
}

void
seki_baseline_set_calendar(struct seki_baseline *b, const struct seki_calendar *calendar)
{
	b->calendar = calendar;
}

/* What names may have in them: as in the configuration, so that they need no quotes in the file. */
static bool
is_name(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

	return n > 0 && n < SEKI_BASELINE_NAME_MAX && name[n] == '\0';
}

/* The place to take for a new zone: a free one, or that of the zone without an id that was learned longest ago; or -1.
 */
static int
place_to_take(const struct seki_baseline *b)
{
	int oldest = -1;

	for (int i = 0; i < SEKI_ZONES_MAX; i++) {
		const struct baseline_zone *zone = b->place[i].zone;

		if (zone == NULL)
			return i;
		if (!zone->has_id && (oldest < 0 || zone->last_hour < b->place[oldest].zone->last_hour))
			oldest = i;
	}
	return oldest;
}

int
baseline_place(struct seki_baseline *b, const char *name)
{
	struct baseline_zone *zone, *old;
	int place;

	if (!is_name(name))
		return -1;
	for (int i = 0; i < SEKI_ZONES_MAX && b->place[i].zone != NULL; i++)
		if (strcmp(b->place[i].zone->name, name) == 0)
			return i;
	place = place_to_take(b);
	zone = place < 0 ? NULL : calloc(1, sizeof(*zone));
	if (zone == NULL)
		return -1;
	memcpy(zone->name, name, strlen(name) + 1);
	pthread_mutex_lock(&b->place[place].lock);
	old = b->place[place].zone;
	b->place[place].zone = zone;
	pthread_mutex_unlock(&b->place[place].lock);
	if (old == NULL) {
		b->n_zones++;
		return place;
	}
	free_vectors(b, old);
	free(old);
	return place;
}

int
seki_baseline_zone(struct seki_baseline *b, uint16_t id, const char *name, const struct seki_baseline_floor *floor)
{
	const uint64_t most = SEKI_BASELINE_RATE_MAX;
	struct baseline_zone *zone;
	int place;

	if (id == SEKI_ZONE_NONE || id >= SEKI_ZONES_MAX || !is_name(name))
		return -EINVAL;
	place = baseline_place(b, name);
	if (place < 0)
		return -ENOMEM;
	zone = b->place[place].zone;
	if (b->place_of[id] != 0)
		b->place[b->place_of[id] - 1].zone->has_id = false;
	zone->has_id = true;
	b->place_of[id] = (uint16_t)(place + 1);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		zone->floor[v].pps = floor[v].pps < most ? floor[v].pps : most;
		zone->floor[v].bps = floor[v].bps < most ? floor[v].bps : most;
	}
	return 0;
}

struct baseline_zone *
baseline_zone_of(const struct seki_baseline *b, uint16_t id)
{
	if (id >= SEKI_ZONES_MAX || b->place_of[id] == 0)
		return NULL;
	return b->place[b->place_of[id] - 1].zone;
}

struct baseline_vector *
baseline_vector(struct seki_baseline *b, struct baseline_zone *zone, unsigned vector, int *rc)
{
	static const struct baseline_hour silent = {{SCALE_ZERO, SCALE_ZERO, SCALE_ZERO, SCALE_ZERO}};
	struct baseline_vector *v = zone->vector[vector];

	if (v != NULL)
		return v;
	*rc = b->n_vectors == b->params.max_vectors ? -ENOSPC : -ENOMEM;
	v = *rc == -ENOSPC ? NULL : calloc(1, sizeof(*v));
	if (v == NULL) {
		zone->refused |= UINT64_C(1) << vector;
		return NULL;
	}
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		for (unsigned w = 0; w < zone->learned[h] && !(zone->refused >> vector & 1); w++)
			v->kept.hour[h][w] = silent;
	zone->refused &= ~(UINT64_C(1) << vector);
	zone->vector[vector] = v;
	b->n_vectors++;
	return v;
}

/* A vector of a zone, with the zone's lock held; NULL: there is none, *rc says why, and nothing is held. */
static struct baseline_vector *
take_vector(struct seki_baseline *b, uint16_t id, unsigned vector, pthread_mutex_t **lock, int *rc)
{
	struct baseline_zone *zone = baseline_zone_of(b, id);
	struct baseline_vector *v;

	*rc = -EINVAL;
	if (zone == NULL || vector >= SEKI_N_VECTORS)
		return NULL;
	*lock = &b->place[b->place_of[id] - 1].lock;
	pthread_mutex_lock(*lock);
	v = baseline_vector(b, zone, vector, rc);
	if (v == NULL)
		pthread_mutex_unlock(*lock);
	return v;
}

int
seki_baseline_accept(struct seki_baseline *b, uint16_t id, unsigned vector, uint64_t pps, uint64_t bps)
{
	const uint64_t most = SEKI_BASELINE_RATE_MAX;
	pthread_mutex_t *lock;
	int rc;
	struct baseline_vector *v = take_vector(b, id, vector, &lock, &rc);

	if (v == NULL)
		return rc;
	v->kept.accepted[BASELINE_PPS] = pps < most ? pps : most;
	v->kept.accepted[BASELINE_BPS] = bps < most ? bps : most;
	pthread_mutex_unlock(lock);
	return 0;
}

int
seki_baseline_forget(struct seki_baseline *b, uint16_t id, unsigned vector)
{
	pthread_mutex_t *lock;
	int rc;
	/* It is kept though it knows nothing: without it the vector would have been silent so far. */
	struct baseline_vector *v = take_vector(b, id, vector, &lock, &rc);

	if (v == NULL)
		return rc;
	memset(v, 0, sizeof(*v));
	pthread_mutex_unlock(lock);
	return 0;
}

void
seki_baseline_count(const struct seki_baseline *b, struct seki_baseline_counts *out)
{
	*out = (struct seki_baseline_counts){
		.zones = b->n_zones,
		.vectors = b->n_vectors,
		.bytes = sizeof(*b) + b->n_zones * sizeof(struct baseline_zone) +
			 b->n_vectors * sizeof(struct baseline_vector),
		.refused_vectors = b->refused_vectors,
		.late_seconds = b->late_seconds,
		.busy_seconds = b->busy_seconds,
	};
}

static bool
is_worth(const struct seki_baseline_floor *floor, uint64_t pps, uint64_t bps)
{
	return (floor->pps != 0 && pps >= (floor->pps + BASELINE_WORTH - 1) / BASELINE_WORTH) ||
	       (floor->bps != 0 && bps >= (floor->bps + BASELINE_WORTH - 1) / BASELINE_WORTH);
}

/* `n` seconds of the running hour. */
static void
count_vectors(struct seki_baseline *b, struct baseline_zone *zone, const struct seki_baseline_second *s,
	uint64_t frozen, uint32_t n)
{
	for (unsigned i = 0; i < SEKI_N_VECTORS; i++) {
		struct baseline_vector *v = zone->vector[i];
		bool worth = is_worth(&zone->floor[i], s->pps[i], s->bps[i]);
		int rc;

		if (v == NULL && worth) {
			v = baseline_vector(b, zone, i, &rc);
			b->refused_vectors += v == NULL ? n : 0;
		}
		if (v != NULL && worth)
			v->kept.idle_hours = 0;
		if (frozen >> i & 1)
			zone->frozen[i] = (uint16_t)(zone->frozen[i] + n);
		else if (v != NULL)
			baseline_count(v, s->pps[i], s->bps[i], n);
	}
}

/* `n` seconds from `at` on, all of one hour. */
static void
count_seconds(struct seki_baseline *b, struct baseline_zone *zone, const struct seki_baseline_second *s, uint64_t at,
	uint32_t n)
{
	uint32_t hour = (uint32_t)(at / HOUR_S);
	uint64_t frozen = s->frozen;

	if (at < zone->next_s && zone->next_s - at <= HOUR_S) {
		uint32_t late = zone->next_s - at < n ? (uint32_t)(zone->next_s - at) : n;

		b->late_seconds += late;
		at += late;
		n -= late;
		if (n == 0)
			return;
	}
	if (hour != zone->hour) {
		baseline_end_hour(b, zone);
		zone->hour = hour;
	}
	zone->next_s = at + n;
	if (b->calendar != NULL)
		frozen |= seki_calendar_unlearned(b->calendar, zone->name, at * SEKI_SECOND_NS);
	if (frozen == UINT64_MAX)
		return;
	zone->seconds += n;
	count_vectors(b, zone, s, frozen, n);
}

void
seki_baseline_feed(struct seki_baseline *b, uint16_t id, const struct seki_baseline_second *s)
{
	uint64_t at = s->wall_ns / SEKI_SECOND_NS;
	struct baseline_place *place;
	uint32_t left = s->n;

	if (baseline_zone_of(b, id) == NULL)
		return;
	place = &b->place[b->place_of[id] - 1];
	if (pthread_mutex_trylock(&place->lock) != 0) {
		b->busy_seconds += s->n;
		return;
	}
	while (left > 0) {
		uint32_t n = HOUR_S - (uint32_t)(at % HOUR_S);

		n = n < left ? n : left;
		count_seconds(b, place->zone, s, at, n);
		at += n;
		left -= n;
	}
	pthread_mutex_unlock(&place->lock);
}
