/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct seki_detect *
seki_detect_create(const struct seki_detect_params *params)
{
	struct seki_detect *d = calloc(1, sizeof(*d));
	struct seki_blocks *blocks[SEKI_DETECT_CORES];

	if (d == NULL || params->n_cores > SEKI_DETECT_CORES) {
		free(d);
		return NULL;
	}
	d->params = *params;
	for (unsigned c = 0; c < params->n_cores; c++) {
		d->core[c] = params->core[c];
		blocks[c] = params->core[c].blocks;
	}
	memcpy(d->cms, params->cms, sizeof(d->cms));
	d->params.core = d->core; /* the caller's may be gone */
	d->params.cms = d->cms;
	d->scratch = malloc(seki_find_scratch_bytes());
	d->few = calloc(SEKI_FIND_ATTACK_MAX, sizeof(*d->few));
	d->many = calloc(SEKI_FIND_CLEAN_MAX, sizeof(*d->many));
	if (collect_init(&d->collect, blocks, params->n_cores) != 0 || d->scratch == NULL || d->few == NULL ||
		d->many == NULL) {
		seki_detect_destroy(d);
		return NULL;
	}
	return d;
}

static void
free_watch(struct watch *w)
{
	if (w == NULL)
		return;
	for (unsigned c = 0; c < SEKI_N_CLASSES; c++)
		free(w->clean[c]);
	free(w->fresh);
	free(w->attack);
	free(w);
}

void
seki_detect_destroy(struct seki_detect *d)
{
	if (d == NULL)
		return;
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		free_watch(d->zone[z]);
	for (unsigned i = 0; i < d->n_incidents; i++)
		free(d->incident[i]);
	findings_fini(&d->findings);
	collect_fini(&d->collect);
	free(d->scratch);
	free(d->few);
	free(d->many);
	free(d);
}

uint32_t
watch_steps(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	const struct seki_step_cms *cms = d->cms[seki_ladder_of(vector)];
	uint32_t steps = 0;

	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++)
		if (cms[s].raised != 0 && (cms[s].raised & ~w->cms) == 0)
			steps |= SEKI_STEP_BIT(s);
	return steps;
}

uint32_t
watch_can(const struct seki_detect *d, const struct watch *w, unsigned vector)
{
	uint32_t steps = watch_steps(d, w, vector);

	return w->track[vector].hunt == HUNT_READY ? steps : steps & ~SEKI_STEP_BIT(SEKI_STEP_SIGNATURE);
}

/* A zone that is gone leaves its incident behind as it is. */
static void
interrupt(struct seki_detect *d, struct watch *w)
{
	if (w->incident != NULL) {
		w->incident->state = SEKI_INCIDENT_INTERRUPTED;
		w->incident->ended_ns = d->wall_ns;
		w->incident->filed = SEKI_FILED_NOT;
		w->incident->gone_ns = d->now_ns;
	}
	d->changed |= w->raised.vectors != 0;
}

/* What of a zone's packets was stopped in this tick. */
static void
read_stopped(struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];
	uint32_t *slot = w->stopped_in[d->collect.tick % SPAN_SLOTS];

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		uint64_t stopped = 0;

		for (unsigned c = 0; c < d->params.n_cores; c++)
			stopped += d->core[c].blocks->zone[zone].stopped[v].packets;
		slot[v] = (uint32_t)(stopped - w->stopped[v]);
		w->stopped[v] = stopped;
	}
}

static void
add_known(struct became_known *known, uint32_t tick, uint64_t sum)
{
	known->in[tick % SPAN_SLOTS] = (uint32_t)(sum - known->sum);
	known->sum = sum;
}

/* How many connections became known in this tick. */
static void
read_known(struct seki_detect *d, uint16_t zone)
{
	uint64_t completed = 0, picked_up = 0;

	for (unsigned c = 0; c < d->params.n_cores; c++) {
		const struct seki_detect_core *core = &d->core[c];

		completed += core->blocks->zone[zone].completed;
		picked_up += core->picked_up == NULL ? 0 : core->picked_up[zone];
	}
	add_known(&d->zone[zone]->completed, d->collect.tick, completed);
	add_known(&d->zone[zone]->picked_up, d->collect.tick, picked_up);
}

/* What was counted before the zone is watched is not of its first tick. */
static void
begin_watch(struct seki_detect *d, uint16_t id)
{
	struct watch *w = d->zone[id];

	read_stopped(d, id);
	read_known(d, id);
	memset(w->stopped_in, 0, sizeof(w->stopped_in));
	memset(w->completed.in, 0, sizeof(w->completed.in));
	memset(w->picked_up.in, 0, sizeof(w->picked_up.in));
}

int
seki_detect_zone(struct seki_detect *d, uint16_t id, const struct seki_detect_zone *zone)
{
	struct watch *w = d->zone[id];

	if (zone == NULL) {
		if (w != NULL)
			interrupt(d, w);
		override_forget(d, id);
		free_watch(w);
		d->zone[id] = NULL;
		collect_watch(&d->collect, id, NULL);
		return 0;
	}
	if (w == NULL) {
		w = d->zone[id] = calloc(1, sizeof(*w));
		if (w == NULL)
			return -ENOMEM;
		begin_watch(d, id);
		calm_begin(w);
	}
	w->used = true;
	w->limits = zone->limits;
	w->observes = zone->observes;
	w->stale |= w->cms != zone->can;
	w->cms = zone->can;
	memcpy(w->budget_pps, zone->budget_pps, sizeof(w->budget_pps));
	snprintf(w->name, sizeof(w->name), "%s", zone->name);
	snprintf(w->domain, sizeof(w->domain), "%s", zone->domain);
	collect_watch(&d->collect, id, zone->limits);
	d->zone_end = id >= d->zone_end ? id + 1u : d->zone_end;
	return 0;
}

struct flow_rate
watch_rate(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector)
{
	const struct node *node = d->collect.tree.zone[zone];
	const struct cell *cell = node == NULL ? NULL : node->cell[vector];
	uint32_t tick = d->collect.tick;
	struct flow_rate rate = {.calm = watch_calm(w, vector)};
	uint64_t rest;

	rate.stopped = collect_rate(&d->collect, w->stopped_in[tick % SPAN_SLOTS][vector]);
	if (cell == NULL || cell->at != tick)
		return rate;
	rate.offered = collect_rate(&d->collect, cell->packets.tick[tick % SPAN_SLOTS]);
	rate.passed = rate.offered > rate.stopped ? rate.offered - rate.stopped : 0;
	/* What is over the limits of some place is not what is usual, though less may come to all others. */
	rest = rate.offered > w->track[vector].excess ? rate.offered - w->track[vector].excess : 0;
	rate.calm = rate.calm < rest ? rate.calm : rest;
	return rate;
}

uint64_t
watch_attack(struct flow_rate rate)
{
	return rate.offered > rate.calm ? rate.offered - rate.calm : 0;
}

/* Of what is usual as much passes as of the rest; or all of it, where signatures tell them apart. */
uint64_t
watch_leak(struct flow_rate rate)
{
	return rate.passed > rate.calm ? rate.passed - rate.calm : 0;
}

/* Ticks that were left out have nothing in them. */
static void
skip_ticks(struct seki_detect *d, struct watch *w)
{
	uint32_t skipped = d->last_tick == 0 ? 0 : d->collect.tick - d->last_tick - 1;

	for (uint32_t i = 1; i <= skipped && i <= SPAN_SLOTS; i++) {
		memset(w->stopped_in[(d->last_tick + i) % SPAN_SLOTS], 0, sizeof(w->stopped_in[0]));
		w->completed.in[(d->last_tick + i) % SPAN_SLOTS] = 0;
		w->picked_up.in[(d->last_tick + i) % SPAN_SLOTS] = 0;
	}
}

static void
tick_zone(struct seki_detect *d, uint16_t zone, const struct finding *const found[SEKI_N_VECTORS], bool some)
{
	struct watch *w = d->zone[zone];
	bool changed = d->changed;
	struct finding finding;

	d->changed = override_tick(d, zone) | (w->stale && w->n_busy > 0);
	w->stale = false;
	pool_settle(d, w);
	for (unsigned v = 1; v < SEKI_N_VECTORS && (some || w->n_busy > 0); v++)
		if (found[v] != NULL || w->track[v].state != TRACK_IDLE)
			track_tick(d, zone, v, found[v]);
	if (d->changed)
		raise_zone(d, zone);
	for (unsigned v = 1; v < SEKI_N_VECTORS && w->raised.vectors != 0; v++)
		if (found[v] == NULL && w->track[v].state < TRACK_MITIGATING && follow_find(d, zone, v, &finding)) {
			track_tick(d, zone, v, &finding);
			raise_zone(d, zone);
		}
	if (w->incident != NULL)
		record_tick(d, zone);
	d->changed |= changed;
}

/* One of each core in turn: a zone keeps so many in a tick, and they are to be of all cores. */
static void
take_samples(struct seki_detect *d)
{
	struct seki_sample sample;
	bool some = true;

	for (unsigned n = 0; some && n < SEKI_SAMPLES_IN_RING; n++) {
		some = false;
		for (unsigned c = 0; c < d->params.n_cores; c++) {
			if (!seki_sample_take(d->core[c].sampler, &sample))
				continue;
			pool_add(d, &sample);
			drops_keep(d, &sample);
			some = true;
		}
	}
}

/* What has come of each zone's packets in this tick. */
static void
read_zones(struct seki_detect *d)
{
	for (uint16_t z = 1; z < d->zone_end; z++) {
		if (d->zone[z] == NULL)
			continue;
		skip_ticks(d, d->zone[z]);
		read_stopped(d, z);
		read_known(d, z);
	}
}

bool
seki_detect_tick(struct seki_detect *d, uint64_t mono_ns, uint64_t wall_ns)
{
	uint32_t second = (uint32_t)(mono_ns / 1000000000), seconds = d->last_tick == 0 ? 0 : second - d->last_second;
	unsigned at = 0;
	bool changed;

	if (mono_ns / SEKI_DETECT_TICK_NS == d->last_tick)
		return false; /* the one before was late; what came since is the next one's */
	d->now_ns = mono_ns;
	d->wall_ns = wall_ns;
	d->hunted = false;
	collect_tick(&d->collect, mono_ns);
	findings_make(&d->findings, &d->collect);
	read_zones(d);
	take_samples(d);
	for (uint16_t z = 1; z < d->zone_end; z++) {
		const struct finding *found[SEKI_N_VECTORS] = {NULL};
		bool some = false;

		for (; at < d->findings.n && d->findings.at[at].zone <= z; at++)
			if (d->findings.at[at].zone == z && d->findings.at[at].n_targets > 0) {
				found[d->findings.at[at].vector] = &d->findings.at[at];
				some = true;
			}
		if (d->zone[z] == NULL)
			continue;
		tick_zone(d, z, found, some);
		if (seconds > 0)
			calm_learn(d, z, seconds);
	}
	d->last_tick = d->collect.tick;
	d->last_second = second;
	changed = d->changed;
	d->changed = false;
	return changed;
}

const struct seki_raised *
seki_detect_raised(const struct seki_detect *d, uint16_t zone)
{
	const struct watch *w = d->zone[zone];

	return w != NULL && w->raised.vectors != 0 ? &w->raised : NULL;
}

bool
seki_detect_is_quiet(const struct seki_detect *d)
{
	for (uint32_t z = 1; z < d->zone_end; z++)
		if (d->zone[z] != NULL && d->zone[z]->n_busy > 0)
			return false;
	return d->n_overrides == 0;
}
