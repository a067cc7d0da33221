/* SPDX-License-Identifier: BSD-3-Clause */
#include "posture.h"

#include "levels.h"
#include "watch.h"

const char *
seki_track_state_name(unsigned state)
{
	static const char *const names[N_TRACK_STATES] = {
		[TRACK_IDLE] = "idle",
		[TRACK_ALERT] = "alert",
		[TRACK_MITIGATING] = "mitigating",
		[TRACK_COOLING] = "cooling",
	};

	return state < N_TRACK_STATES ? names[state] : "?";
}

const struct seki_incident *
seki_detect_incident_in(const struct seki_detect *d, uint16_t zone)
{
	return zone < SEKI_ZONES_MAX && d->zone[zone] != NULL ? d->zone[zone]->incident : NULL;
}

/* When the step was taken that is in force: the incident's decisions say it. */
static uint64_t
step_since(const struct seki_incident *in, unsigned vector, unsigned step)
{
	for (unsigned i = in == NULL ? 0 : in->n_decisions; i > 0; i--) {
		const struct seki_decision *x = &in->decision[i - 1];

		if (x->vector == vector && x->step == step && x->before != step)
			return x->at_ns;
	}
	return 0;
}

bool
seki_detect_posture(const struct seki_detect *d, uint16_t zone, unsigned vector, struct seki_vector_posture *out)
{
	const struct watch *w = zone < SEKI_ZONES_MAX && vector < SEKI_N_VECTORS ? d->zone[zone] : NULL;
	const struct seki_override *o;
	const struct track *t;
	struct seki_rate came[SEKI_N_WINDOWS];
	struct flow_rate rate;
	bool held; /* to a limit that was exceeded */

	if (w == NULL)
		return false;
	o = seki_detect_override_of(d, zone, vector);
	t = &w->track[vector];
	rate = watch_rate(d, w, zone, vector);
	levels_came(&d->collect, d->collect.tree.zone[zone], vector, came);
	held = t->limit.pps != 0 || t->limit.bps != 0;
	*out = (struct seki_vector_posture){
		.state = t->state,
		.step = (uint8_t)watch_step(d, zone, vector),
		.own_step = t->step,
		.overridden = o != NULL,
		.guarded = (w->raised.guarded >> vector & 1) != 0,
		.state_ns = t->state_ns,
		.until_ns = o == NULL ? 0 : o->until_ns,
		.limit = held ? t->limit : w->limits->at[SEKI_LEVEL_ZONE][vector],
		.limit_from = held ? t->limit_from : w->limits->from[vector],
		.offered_pps = rate.offered,
		.passed_pps = rate.passed,
		.second_pps = came[SEKI_WINDOW_SECOND].pps,
		.ten_pps = came[SEKI_WINDOW_TEN].pps,
		.hosts = t->hosts,
	};
	out->step_ns = out->step == SEKI_STEP_NONE ? 0 : step_since(w->incident, vector, out->step);
	out->n_targets = watch_targets(d, zone, vector, &out->target);
	return true;
}
