/* SPDX-License-Identifier: BSD-3-Clause */

/* What was decided, and the sentence of what was seen. */
#include "watch.h"

#include <inttypes.h>

static char *
amount_text(uint64_t amount, const char *unit, char text[RATE_TEXT])
{
	static const struct {
		uint64_t from, unit;
		const char *prefix;
	} units[] = {{10000000000, 1000000000, "G"}, {10000000, 1000000, "M"}, {10000, 1000, "k"}, {0, 1, ""}};
	unsigned u = 0;

	while (amount < units[u].from)
		u++;
	if (units[u].unit == 1 || amount / units[u].unit >= 100)
		snprintf(text, RATE_TEXT, "%" PRIu64 " %s%s", amount / units[u].unit, units[u].prefix, unit);
	else
		snprintf(text, RATE_TEXT, "%" PRIu64 ".%" PRIu64 " %s%s", amount / units[u].unit,
			amount * 10 / units[u].unit % 10, units[u].prefix, unit);
	return text;
}

char *
rate_text(uint64_t pps, char text[RATE_TEXT])
{
	return amount_text(pps, "pps", text);
}

/* What came, and the limit by which the attack was found: of bits, if those are what it has too much of. */
static void
rates_text(const struct seki_detect *d, uint16_t zone, unsigned vector, uint64_t came_pps, char came[RATE_TEXT],
	char allowed[RATE_TEXT])
{
	const struct track *t = &d->zone[zone]->track[vector];
	struct seki_rate limit = t->limit_pps != 0 ? t->limit : d->zone[zone]->limits->at[SEKI_LEVEL_ZONE][vector];
	uint64_t pps, bps;

	watch_sizes(d, zone, vector, &pps, &bps);
	if (limit.bps == 0 || pps == 0 || (limit.pps != 0 && (t->limit_pps == 0 || t->limit_pps >= limit.pps))) {
		rate_text(came_pps, came);
		rate_text(limit.pps, allowed);
		return;
	}
	amount_text((uint64_t)((double)came_pps * (double)bps / (double)pps), "bps", came);
	amount_text(limit.bps, "bps", allowed);
}

static void
say_seen(const struct seki_detect *d, uint16_t zone, unsigned vector, struct seki_decision *x)
{
	const struct watch *w = d->zone[zone];
	const struct track *t = &w->track[vector];
	uint32_t hosts = targets_count_hosts(&d->collect, zone, vector, t->target, t->n_targets);
	char rate[RATE_TEXT], limit[RATE_TEXT], target[SEKI_TARGET_TEXT] = "the zone";
	bool first = t->start_ns == d->now_ns && (x->action == SEKI_DECISION_RAISE || x->action == SEKI_DECISION_NONE);

	rates_text(d, zone, vector, x->rate_pps, rate, limit);
	if (t->n_targets > 0)
		seki_target_text(t->target[0], target);
	snprintf(x->seen, sizeof(x->seen), "%s of %s to %s%s, %" PRIu32 " host%s; the limit there is %s (%s)%s", rate,
		seki_vector_name(vector), target, t->n_targets > 1 ? " and others" : "", hosts, hosts == 1 ? "" : "s",
		limit, seki_limit_from_name(t->limit_pps != 0 ? t->limit_from : w->limits->from[vector]),
		first ? evidence_tells(d, zone, vector) : "");
}

void
record_decision(struct seki_detect *d, uint16_t zone, unsigned vector, enum seki_decision_action action,
	enum seki_step before, const char *why)
{
	struct watch *w = d->zone[zone];
	struct track *t = &w->track[vector];
	struct flow_rate rate = watch_rate(d, w, zone, vector);
	struct seki_decision *x = w->incident == NULL ? NULL : seki_incident_decide(w->incident);
	/* An operator's step, while the track keeps its own; and what guards against other vectors is none of this
	 * one's. */
	enum seki_step step = action == SEKI_DECISION_OVERRIDE ? watch_step(d, zone, vector)
			      : action == SEKI_DECISION_GUARD  ? SEKI_STEP_NONE
							       : (enum seki_step)t->step;

	if (w->incident != NULL) {
		w->incident->vector[vector].steps |= step == SEKI_STEP_NONE ? 0 : SEKI_STEP_BIT(step);
		if (action == SEKI_DECISION_END)
			w->incident->vector[vector].ended_ns = d->wall_ns - (d->now_ns - t->hot_ns);
	}
	if (x == NULL)
		return;
	*x = (struct seki_decision){
		.at_ns = d->wall_ns,
		.vector = (uint8_t)vector,
		.action = (uint8_t)action,
		.step = (uint8_t)step,
		.before = (uint8_t)before,
		.tried = seki_steps_up_to(vector, step, t->tried) & ~SEKI_STEP_BIT(step),
		.rate_pps = rate.offered,
		.limit_pps = t->limit_pps,
		.passed_pps = rate.passed,
	};
	say_seen(d, zone, vector, x);
	snprintf(x->why, sizeof(x->why), "%s", why);
}
