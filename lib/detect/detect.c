/* SPDX-License-Identifier: BSD-3-Clause */
#include "watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What follows an attack is too much at such a part of a host's limit, if it is so many times what is usual. */
#define FOLLOW_PART 10
#define FOLLOW_TIMES 4

struct seki_detect *
seki_detect_create(const struct seki_detect_params *params)
{
	struct seki_detect *d = calloc(1, sizeof(*d));
	const struct seki_blocks *blocks[SEKI_DETECT_CORES];

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

size_t
seki_detect_bytes(const struct seki_detect_params *params)
{
	size_t bytes = sizeof(struct seki_detect) + seki_find_scratch_bytes();

	for (unsigned c = 0; c < params->n_cores; c++)
		bytes += collect_core_bytes(params->core[c].blocks);
	return bytes;
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
		w->incident->filed = false;
	}
	d->changed |= w->raised.vectors != 0;
}

int
seki_detect_zone(struct seki_detect *d, uint16_t id, const struct seki_detect_zone *zone)
{
	struct watch *w = d->zone[id];

	if (zone == NULL) {
		if (w != NULL)
			interrupt(d, w);
		free_watch(w);
		d->zone[id] = NULL;
		collect_watch(&d->collect, id, NULL);
		return 0;
	}
	if (w == NULL) {
		w = d->zone[id] = calloc(1, sizeof(*w));
		if (w == NULL)
			return -ENOMEM;
	}
	w->used = true;
	w->limits = zone->limits;
	w->observes = zone->observes;
	w->cms = zone->can;
	memcpy(w->budget_pps, zone->budget_pps, sizeof(w->budget_pps));
	snprintf(w->name, sizeof(w->name), "%s", zone->name);
	snprintf(w->domain, sizeof(w->domain), "%s", zone->domain);
	collect_watch(&d->collect, id, zone->limits);
	d->zone_end = id >= d->zone_end ? id + 1u : d->zone_end;
	return 0;
}

static uint64_t
calm_of(const struct watch *w, unsigned vector)
{
	return w->calm[vector] / 16;
}

struct flow_rate
watch_rate(const struct seki_detect *d, const struct watch *w, uint16_t zone, unsigned vector)
{
	const struct node *node = d->collect.tree.zone[zone];
	const struct cell *cell = node == NULL ? NULL : node->cell[vector];
	uint32_t tick = d->collect.tick;
	struct flow_rate rate = {.calm = calm_of(w, vector)};
	uint64_t stopped = collect_rate(&d->collect, w->stopped_in[tick % SPAN_SLOTS][vector]), rest;

	if (cell == NULL || cell->at != tick)
		return rate;
	rate.offered = collect_rate(&d->collect, cell->packets.tick[tick % SPAN_SLOTS]);
	rate.passed = rate.offered > stopped ? rate.offered - stopped : 0;
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

/* What of a zone's packets was stopped in this tick, and the connections that were made. */
static void
read_stopped(struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];
	uint32_t *slot = w->stopped_in[d->collect.tick % SPAN_SLOTS];
	uint64_t completed = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		uint64_t stopped = 0;

		for (unsigned c = 0; c < d->params.n_cores; c++)
			stopped += d->core[c].blocks->zone[zone].stopped[v].packets;
		slot[v] = (uint32_t)(stopped - w->stopped[v]);
		w->stopped[v] = stopped;
	}
	for (unsigned c = 0; c < d->params.n_cores; c++)
		completed += d->core[c].blocks->zone[zone].completed;
	w->completed_in[d->collect.tick % COMPLETED_TICKS] = (uint32_t)(completed - w->completed);
	w->completed = completed;
}

/*
 * What is usual of each vector that nothing is wrong with: a mean that forgets in a quarter of a minute. Once a second;
 * ticks that were left out, since nothing came, are made up for.
 */
static void
learn_calm(struct seki_detect *d, uint16_t zone, uint32_t seconds)
{
	struct watch *w = d->zone[zone];
	const struct node *node = d->collect.tree.zone[zone];

	for (unsigned v = 0; v < SEKI_N_VECTORS && node != NULL; v++) {
		const struct cell *cell = node->cell[v];
		uint64_t now = cell == NULL || d->collect.tick - cell->at >= SPAN_SLOTS ? 0 : cell->packets.in_second;

		if (w->track[v].state != TRACK_IDLE)
			continue;
		for (uint32_t s = 1; s < seconds && w->calm[v] > 15; s++)
			w->calm[v] -= (w->calm[v] + 15) / 16;
		w->calm[v] = (uint32_t)((15 * (uint64_t)w->calm[v] + 16 * now) / 16);
	}
}

/* Ticks that were left out have nothing in them. */
static void
skip_ticks(struct seki_detect *d, struct watch *w)
{
	uint32_t skipped = d->last_tick == 0 ? 0 : d->collect.tick - d->last_tick - 1;

	for (uint32_t i = 1; i <= skipped && i <= SPAN_SLOTS; i++) {
		memset(w->stopped_in[(d->last_tick + i) % SPAN_SLOTS], 0, sizeof(w->stopped_in[0]));
		w->completed_in[(d->last_tick + i) % COMPLETED_TICKS] = 0;
	}
}

static void
raise_steps(const struct seki_detect *d, struct watch *w, unsigned vector)
{
	const struct track *t = &w->track[vector];
	enum seki_ladder ladder = seki_ladder_of(vector);
	uint32_t steps = seki_steps_up_to(vector, (enum seki_step)t->step, watch_can(d, w, vector));

	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++) {
		if ((steps & SEKI_STEP_BIT(s)) == 0)
			continue;
		w->raised.cm[vector] |= d->cms[ladder][s].raised;
		w->raised.strict[vector] |= d->cms[ladder][s].strict;
	}
	w->raised.pass_q16[vector] = t->pass_q16;
	if (w->raised.cm[vector] != 0)
		w->raised.vectors |= UINT64_C(1) << vector;
	w->raised.any |= w->raised.cm[vector];
}

/* The targets of all tracks, put together where they are too many. */
static void
raise_scopes(struct watch *w)
{
	struct target_item item[SEKI_N_VECTORS * SEKI_TARGETS_MAX];
	unsigned n = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		for (unsigned i = 0; (w->raised.vectors >> v & 1) != 0 && i < w->track[v].n_targets; i++)
			item[n++] = target_item_of(w->track[v].target[i]);
	n = target_merge(item, n, SEKI_TARGETS_MAX);
	w->raised.n_scopes = (uint16_t)n;
	for (unsigned i = 0; i < n; i++) {
		struct seki_scope *scope = &w->raised.scope[i];

		*scope = (struct seki_scope){.target = item[i].prefix};
		for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
			for (unsigned k = 0; (w->raised.vectors >> v & 1) != 0 && k < w->track[v].n_targets; k++)
				if (seki_target_holds(scope->target, w->track[v].target[k]))
					scope->vectors |= UINT64_C(1) << v;
	}
}

static void
make_raised(const struct seki_detect *d, struct watch *w)
{
	w->raised.vectors = 0;
	w->raised.any = 0;
	memset(w->raised.cm, 0, sizeof(w->raised.cm));
	memset(w->raised.strict, 0, sizeof(w->raised.strict));
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		if (w->track[v].step != SEKI_STEP_NONE)
			raise_steps(d, w, v);
	raise_scopes(w);
}

/* What of a vector came to the targets of a zone's incident in the last tick, a second. */
static uint64_t
rate_at_targets(const struct seki_detect *d, uint16_t zone, unsigned vector)
{
	const struct seki_raised *raised = &d->zone[zone]->raised;
	const struct tree *tree = &d->collect.tree;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < tree->n_list[SEKI_LEVEL_BLOCK]; i++) {
		const struct node *block = tree->list[SEKI_LEVEL_BLOCK][i];
		const struct cell *cell = block->cell[vector];
		bool in = false;

		if (block->zone != zone || cell == NULL || cell->at != d->collect.tick)
			continue;
		for (unsigned t = 0; t < raised->n_scopes; t++)
			in |= seki_target_holds(raised->scope[t].target, node_prefix(block)) ||
			      seki_target_holds(node_prefix(block), raised->scope[t].target);
		sum += in ? cell->packets.tick[cell->at % SPAN_SLOTS] : 0;
	}
	return collect_rate(&d->collect, sum);
}

/*
 * An attack seldom comes alone: large answers come in fragments, and who sees one vector fail tries the next. So while
 * one is mitigated, a part of a host's limit suffices for the others, if they come to its targets and are far more than
 * usual.
 */
static bool
follows(const struct seki_detect *d, uint16_t zone, unsigned vector, struct finding *finding)
{
	const struct watch *w = d->zone[zone];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	struct seki_rate limit = w->limits->at[SEKI_LEVEL_HOST][vector];

	limit.pps /= FOLLOW_PART;
	if (limit.pps == 0 || watch_attack(rate) <= limit.pps || watch_attack(rate) < FOLLOW_TIMES * rate.calm ||
		w->raised.n_scopes == 0 || rate_at_targets(d, zone, vector) <= limit.pps + rate.calm)
		return false;
	*finding = (struct finding){.zone = zone,
		.vector = (uint8_t)vector,
		.limit = limit,
		.pps = watch_attack(rate),
		.n_targets = (uint8_t)w->raised.n_scopes};
	for (unsigned t = 0; t < w->raised.n_scopes; t++)
		finding->target[t] = w->raised.scope[t].target;
	finding_count_hosts(finding, &d->collect);
	return true;
}

static void
tick_zone(struct seki_detect *d, uint16_t zone, const struct finding *const found[SEKI_N_VECTORS], bool some)
{
	struct watch *w = d->zone[zone];
	bool changed = d->changed;
	struct finding finding;

	d->changed = false;
	hunt_settle(d, w);
	for (unsigned v = 1; v < SEKI_N_VECTORS && (some || w->n_busy > 0); v++)
		if (found[v] != NULL || w->track[v].state != TRACK_IDLE)
			track_tick(d, zone, v, found[v]);
	if (d->changed)
		make_raised(d, w);
	for (unsigned v = 1; v < SEKI_N_VECTORS && w->raised.vectors != 0; v++)
		if (found[v] == NULL && w->track[v].state == TRACK_IDLE && follows(d, zone, v, &finding)) {
			track_tick(d, zone, v, &finding);
			make_raised(d, w);
		}
	if (w->incident != NULL)
		record_tick(d, zone);
	d->changed |= changed;
}

static void
take_samples(struct seki_detect *d)
{
	struct seki_sample sample;

	for (unsigned c = 0; c < d->params.n_cores; c++)
		for (unsigned n = 0; n < SEKI_SAMPLES_IN_RING && seki_sample_take(d->core[c].sampler, &sample); n++)
			hunt_sample(d, &sample);
}

bool
seki_detect_tick(struct seki_detect *d, uint64_t mono_ns, uint64_t wall_ns)
{
	uint32_t second = (uint32_t)(mono_ns / 1000000000), seconds = d->last_tick == 0 ? 1 : second - d->last_second;
	unsigned at = 0;

	d->now_ns = mono_ns;
	d->wall_ns = wall_ns;
	d->hunted = d->changed = false;
	collect_tick(&d->collect, mono_ns);
	findings_make(&d->findings, &d->collect);
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
		skip_ticks(d, d->zone[z]);
		read_stopped(d, z);
		tick_zone(d, z, found, some);
		if (seconds > 0)
			learn_calm(d, z, seconds);
	}
	d->last_tick = d->collect.tick;
	d->last_second = second;
	return d->changed;
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
	return true;
}

const struct seki_incident *
seki_detect_incident(const struct seki_detect *d, unsigned i)
{
	return i < d->n_incidents ? d->incident[i] : NULL;
}

void
seki_detect_filed(struct seki_detect *d, unsigned i)
{
	d->incident[i]->filed = true;
}

void
seki_detect_said(struct seki_detect *d, unsigned i)
{
	d->incident[i]->n_said = d->incident[i]->n_decisions + (d->incident[i]->state >= SEKI_INCIDENT_ENDED);
}

void
seki_detect_figures(const struct seki_detect *d, struct seki_detect_figures *out)
{
	const struct tree *tree = &d->collect.tree;

	*out = (struct seki_detect_figures){
		.bytes = seki_detect_bytes(&d->params) + tree->bytes,
		.blocks = tree->n_nodes[SEKI_LEVEL_BLOCK],
		.nets = tree->n_nodes[SEKI_LEVEL_NET],
		.wides = tree->n_nodes[SEKI_LEVEL_WIDE],
		.zones = tree->n_nodes[SEKI_LEVEL_ZONE],
		.overs_lost = d->collect.overs_lost,
		.samples = d->samples,
	};
	for (unsigned c = 0; c < d->params.n_cores; c++)
		out->samples_lost += d->core[c].sampler->lost;
}
