/* SPDX-License-Identifier: BSD-3-Clause */

/* What is written down of an attack while it lasts. */
#include "watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* From an incident's end on: files are written once a second. */
#define FILED_WITHIN_NS UINT64_C(10000000000)

/* What has come to the zone and been dropped there, or passed and would be dropped, over all cores. */
static void
read_told(const struct seki_detect *d, uint16_t zone, struct told *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned c = 0; c < d->params.n_cores; c++) {
		const struct seki_stats_zone *z = &d->core[c].stats->zone[zone];

		for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
			out->offered_packets += z->vector[v].packets;
			out->offered_bytes += z->vector[v].bytes;
		}
		for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
			out->observed_packets[r] += z->spared[r].packets;
			out->observed_bytes[r] += z->spared[r].bytes;
			if (seki_reason_verdict(r) != SEKI_VERDICT_DROP)
				continue;
			out->drop_packets[r] += z->by_reason[SEKI_DIR_INBOUND][r].packets;
			out->drop_bytes[r] += z->by_reason[SEKI_DIR_INBOUND][r].bytes;
		}
	}
}

/* Ticks in a row up to now in which the vector came faster than the limit: since when it is over. */
static unsigned
ticks_over(const struct seki_detect *d, uint16_t zone, const struct finding *finding)
{
	const struct cell *cell = d->collect.tree.zone[zone]->cell[finding->vector];
	uint64_t limit_pps = seki_rate_in_packets(finding->limit, finding->pps, finding->bps);
	unsigned n = 0;

	while (cell != NULL && n < SPAN_SLOTS &&
		(uint64_t)cell->packets.tick[(cell->at + SPAN_SLOTS - n) % SPAN_SLOTS] * SPAN_TICKS_A_SECOND >
			limit_pps)
		n++;
	return n == 0 ? 1 : n;
}

/* The seconds before the incident, from the windows of the zone. */
static void
record_before(struct seki_detect *d, uint16_t zone, struct seki_incident *in)
{
	const struct node *node = d->collect.tree.zone[zone];
	uint32_t now = d->collect.tick / SPAN_TICKS_A_SECOND;

	for (unsigned back = SPAN_SLOTS - 1; back > 0; back--) {
		struct seki_incident_second *s = seki_incident_second(in, -(int32_t)back);

		for (unsigned row = 0; row < SEKI_N_ROWS; row++) {
			const struct cell *cell = node->cell[row];

			if (cell == NULL || d->collect.tick - cell->at >= SPAN_SLOTS * (SPAN_SLOTS - back))
				continue;
			s->offered_packets += cell->packets.second[(now + SPAN_SLOTS - back) % SPAN_SLOTS];
			s->offered_bytes +=
				(uint64_t)cell->units.second[(now + SPAN_SLOTS - back) % SPAN_SLOTS] * SEKI_BLOCK_UNIT;
		}
	}
}

/*
 * The first second begins before anything was seen: what has passed in these ticks, this one too, is told of it; of the
 * attack what is not of this tick, which is gathered. What was dropped by then was so for other reasons.
 */
static void
add_unseen(struct seki_detect *d, uint16_t zone, unsigned vector, uint32_t ticks)
{
	struct watch *w = d->zone[zone];

	for (unsigned row = 0; row < SEKI_N_ROWS; row++) {
		struct cell *cell = d->collect.tree.zone[zone]->cell[row];

		if (cell == NULL)
			continue;
		cell_advance(cell, d->collect.tick);
		for (uint32_t k = 0; k < ticks; k++) {
			uint32_t slot = (d->collect.tick - k) % SPAN_SLOTS, packets = cell->packets.tick[slot];
			uint32_t dropped = row < SEKI_N_VECTORS && !w->observes ? w->stopped_in[slot][row] : 0;
			uint32_t passed = packets > dropped ? packets - dropped : 0;
			double attack = passed - watch_calm_in_tick(w, vector);

			w->told.offered_packets -= passed;
			w->told.offered_bytes -=
				packets == 0 ? 0
					     : (uint64_t)cell->units.tick[slot] * SEKI_BLOCK_UNIT * passed / packets;
			if (row == vector && k > 0 && attack > 0)
				w->second_attack += attack;
		}
	}
}

static void
name_incident(struct seki_detect *d, struct seki_incident *in)
{
	char text[SEKI_WALL_TEXT], id[SEKI_WALL_TEXT];
	unsigned n = 0;

	seki_wall_text(in->began_ns, text);
	for (const char *p = text; *p != '\0' && *p != '.'; p++)
		if (*p != '-' && *p != ':')
			id[n++] = *p;
	id[n] = '\0';
	snprintf(in->id, sizeof(in->id), "%sZ-%s-%" PRIu64, id, in->zone_name, ++d->n_ever);
}

static void
drop_incident(struct seki_detect *d, unsigned i)
{
	free(d->incident[i]);
	d->n_incidents--;
	memmove(&d->incident[i], &d->incident[i + 1], (d->n_incidents - i) * sizeof(d->incident[0]));
}

/* It is on disk as it is here, or has had the time to get there. */
static bool
may_go(const struct seki_detect *d, const struct seki_incident *in)
{
	return in->state >= SEKI_INCIDENT_ENDED &&
	       (in->filed == SEKI_FILED || d->now_ns > in->gone_ns + FILED_WITHIN_NS);
}

/* Of those that have ended the oldest go, if there are enough of them. Each zone has one that goes on at most, so there
 * is room unless none may go. */
static bool
make_room(struct seki_detect *d)
{
	unsigned n_ended = 0;

	for (unsigned i = 0; i < d->n_incidents; i++)
		n_ended += d->incident[i]->state >= SEKI_INCIDENT_ENDED;
	for (unsigned i = 0; i < d->n_incidents && n_ended >= SEKI_INCIDENTS_ENDED;) {
		if (!may_go(d, d->incident[i])) {
			i++;
			continue;
		}
		drop_incident(d, i);
		n_ended--;
	}
	return d->n_incidents < SEKI_INCIDENTS_MAX;
}

void
record_open(struct seki_detect *d, uint16_t zone, const struct finding *finding)
{
	struct watch *w = d->zone[zone];
	uint64_t before = (uint64_t)ticks_over(d, zone, finding) * SEKI_DETECT_TICK_NS;
	struct seki_incident *in = calloc(1, sizeof(*in));

	if (in == NULL || !make_room(d)) {
		free(in);
		return; /* what is done does not depend on what is written down */
	}
	w->incident = d->incident[d->n_incidents++] = in;
	memcpy(in->zone_name, w->name, sizeof(in->zone_name));
	memcpy(in->domain, w->domain, sizeof(in->domain));
	in->zone = zone;
	in->observes = w->observes;
	in->began_ns = d->wall_ns - before;
	in->detected_ns = d->wall_ns;
	w->began_mono_ns = d->now_ns - before;
	w->next_second = 0;
	name_incident(d, in);
	record_before(d, zone, in);
	read_told(d, zone, &w->told);
	add_unseen(d, zone, finding->vector, (uint32_t)(before / SEKI_DETECT_TICK_NS));
	pool_settle(d, w);
}

static void
note_peak(struct seki_incident_vector *v, uint64_t pps, uint64_t bps)
{
	v->peak_pps = pps > v->peak_pps ? pps : v->peak_pps;
	v->peak_bps = bps > v->peak_bps ? bps : v->peak_bps;
}

/* What goes on below limits of its own, too: in the last second, but for what is usual. */
static void
watch_peak(const struct seki_detect *d, struct watch *w, uint16_t zone, unsigned vector)
{
	uint64_t pps, bps, calm = watch_calm(w, vector);

	watch_sizes(d, zone, vector, &pps, &bps);
	if (pps > calm)
		note_peak(&w->incident->vector[vector], pps - calm,
			(uint64_t)((double)bps * (double)(pps - calm) / (double)pps));
}

void
record_track(struct seki_detect *d, uint16_t zone, const struct finding *finding)
{
	struct watch *w = d->zone[zone];
	struct seki_incident *in = w->incident;
	struct seki_incident_vector *v;

	if (in == NULL)
		return;
	v = &in->vector[finding->vector];
	if (!v->seen)
		*v = (struct seki_incident_vector){
			.seen = true,
			.from = finding->limit_from,
			.began_ns = d->wall_ns,
			.limit_pps = finding->limit.pps,
			.limit_bps = finding->limit.bps,
		};
	v->ended_ns = 0;
	note_peak(v, finding->pps, finding->bps);
	record_targets_add(in, w, finding->vector);
}

/* How the attack fares in a tick. */
enum fares {
	FARES_PAUSES,
	FARES_HELD, /* of every vector no more passes than its limit, and of some it would have been more */
	FARES_LEAKS,
};

static enum fares
how_it_fares(const struct seki_detect *d, const struct watch *w, uint16_t zone)
{
	enum fares fares = FARES_PAUSES;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		const struct track *t = &w->track[v];
		struct flow_rate rate = watch_rate(d, w, zone, v);

		if (t->state != TRACK_MITIGATING)
			continue;
		if (watch_leak(rate) > t->limit_pps)
			return FARES_LEAKS;
		if (rate.stopped > 0 && rate.offered > t->least_pps)
			fares = FARES_HELD;
	}
	return fares;
}

/* When it was held first; since then, how long it was not. */
static void
tell_held(struct seki_detect *d, uint16_t zone)
{
	struct seki_incident *in = d->zone[zone]->incident;
	enum fares fares = how_it_fares(d, d->zone[zone], zone);

	if (in->mitigated_ns == 0 && d->wall_ns > in->detected_ns && fares == FARES_HELD) {
		in->mitigated_ns = d->wall_ns;
		record_leak_from_now(in);
	} else if (in->mitigated_ns != 0 && fares == FARES_LEAKS) {
		in->unheld_ms += SEKI_DETECT_TICK_NS / 1000000;
	}
}

static void
tell_second(struct seki_detect *d, uint16_t zone, struct seki_incident_second *x)
{
	struct watch *w = d->zone[zone];
	struct seki_incident *in = w->incident;
	struct told now;

	read_told(d, zone, &now);
	x->offered_packets = now.offered_packets - w->told.offered_packets;
	x->offered_bytes = now.offered_bytes - w->told.offered_bytes;
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		uint64_t packets = now.drop_packets[r] - w->told.drop_packets[r];
		uint64_t bytes = now.drop_bytes[r] - w->told.drop_bytes[r];

		x->dropped[r] = (uint32_t)packets;
		x->dropped_packets += packets;
		x->dropped_bytes += bytes;
		in->drop_packets[r] += packets;
		in->drop_bytes[r] += bytes;
		x->observed_packets += now.observed_packets[r] - w->told.observed_packets[r];
		in->observed_packets[r] += now.observed_packets[r] - w->told.observed_packets[r];
		in->observed_bytes[r] += now.observed_bytes[r] - w->told.observed_bytes[r];
	}
	w->told = now;
}

/* The tick's part of what is told of a second: how much was attack, who was hit, what was raised. */
static void
gather(struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];
	bool cooling = true;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		const struct track *t = &w->track[v];

		if (t->state < TRACK_MITIGATING && (w->raised.guarded >> v & 1) != 0)
			record_guarded(d, zone, v);
		if (t->state < TRACK_MITIGATING)
			continue;
		w->second_attack += record_add_up(d, zone, v);
		cooling &= t->state == TRACK_COOLING;
		if (watch_step(d, zone, v) > w->second_step)
			w->second_step = (uint8_t)watch_step(d, zone, v);
		if (t->hot_ns != d->now_ns)
			continue;
		watch_peak(d, w, zone, v);
		w->second_hosts = t->hosts > w->second_hosts ? t->hosts : w->second_hosts;
	}
	w->incident->state = cooling ? SEKI_INCIDENT_COOLING : SEKI_INCIDENT_OPEN;
}

void
record_tick(struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];
	struct seki_incident *in = w->incident;
	struct seki_incident_second *x;

	gather(d, zone);
	tell_held(d, zone);
	if (d->now_ns < w->began_mono_ns + (uint64_t)(w->next_second + 1) * 1000000000)
		return;
	x = seki_incident_second(in, w->next_second++);
	tell_second(d, zone, x);
	x->attack_packets = (uint64_t)w->second_attack;
	x->hosts = w->second_hosts;
	x->step = w->second_step;
	if ((double)x->offered_packets > w->second_attack)
		in->sums.legit += (double)x->offered_packets - w->second_attack;
	in->hosts_peak = x->hosts > in->hosts_peak ? x->hosts : in->hosts_peak;
	in->filed = SEKI_FILED_NOT;
	w->second_attack = 0;
	w->second_hosts = 0;
	w->second_step = SEKI_STEP_NONE;
	if (in->state == SEKI_INCIDENT_OPEN)
		record_targets_count(d, zone);
	pool_tell(w);
}

void
record_close(struct seki_detect *d, uint16_t zone)
{
	struct watch *w = d->zone[zone];

	if (w->incident == NULL)
		return;
	pool_tell(w);
	w->n_attack = 0; /* they say nothing of who comes now */
	w->incident->state = SEKI_INCIDENT_ENDED;
	w->incident->filed = SEKI_FILED_NOT;
	w->incident->gone_ns = d->now_ns;
	w->incident->ended_ns = d->wall_ns;
	w->incident = NULL;
}

const struct seki_incident *
seki_detect_incident(const struct seki_detect *d, unsigned i)
{
	return i < d->n_incidents ? d->incident[i] : NULL;
}

void
seki_detect_file_asked(struct seki_detect *d, unsigned i)
{
	d->incident[i]->filed = SEKI_FILED_ASKED;
}

void
seki_detect_file_done(struct seki_detect *d, const char *id, bool good)
{
	for (unsigned i = 0; i < d->n_incidents; i++)
		if (strcmp(d->incident[i]->id, id) == 0 && d->incident[i]->filed == SEKI_FILED_ASKED)
			d->incident[i]->filed = good ? SEKI_FILED : SEKI_FILED_NOT;
}

void
seki_detect_number_from(struct seki_detect *d, uint64_t n)
{
	d->n_ever = n - 1;
}

void
seki_detect_said(struct seki_detect *d, unsigned i)
{
	struct seki_incident *in = d->incident[i];

	in->n_said = in->n_decisions + (in->state >= SEKI_INCIDENT_ENDED);
	in->lost_said = in->decisions_lost > 0;
}
