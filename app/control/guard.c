/* SPDX-License-Identifier: BSD-3-Clause */
#include "guard.h"

#include "override.h"
#include "say.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

struct guard {
	struct seki_detect *detect;
	struct archive *archive; /* NULL: incidents are not kept on disk */
	uint64_t policy_seen;    /* generation */
	uint64_t policy_ns;      /* mono: since when */
	bool failing;            /* some file could not be written, and that was said */
	uint64_t now_ns;         /* mono, of the last tick */
	uint64_t again_ns;       /* when to try again */
	unsigned next_written;   /* the incident whose turn it is */
	uint32_t can[SEKI_ZONES_MAX];
	struct learn *learn;
};

#define BIT(cm) (UINT32_C(1) << CM_##cm)

/* What steps are made of, on each ladder. */
static void
fill_steps(struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS])
{
	static const uint32_t budget[SEKI_N_LADDERS] = {
		[SEKI_LADDER_STRAY] = BIT(TCP_STATE),
		[SEKI_LADDER_REFLECTION] = BIT(REFLECTION),
		[SEKI_LADDER_FRAGMENT] = BIT(FRAGMENT),
	};
	static const uint32_t strict[SEKI_N_LADDERS] = {
		[SEKI_LADDER_SYN] = BIT(FLOOD),
		[SEKI_LADDER_STRAY] = BIT(FLOOD),
		[SEKI_LADDER_FLOOD] = BIT(FLOOD),
		[SEKI_LADDER_REFLECTION] = BIT(REFLECTION),
		[SEKI_LADDER_FRAGMENT] = BIT(FRAGMENT),
	};

	for (unsigned l = 0; l < SEKI_N_LADDERS; l++) {
		bool spares = (strict[l] & (BIT(FLOOD) | BIT(REFLECTION))) != 0; /* proven sources, or familiar ones */

		cms[l][SEKI_STEP_SOURCE].raised = BIT(SOURCE_LIMIT);
		cms[l][SEKI_STEP_BUDGET].raised = budget[l];
		cms[l][SEKI_STEP_SIGNATURE].raised = BIT(SIGNATURE);
		cms[l][SEKI_STEP_FLOOD].raised = BIT(FLOOD);
		cms[l][SEKI_STEP_STRICT] = (struct seki_step_cms){strict[l], strict[l]};
		if (spares)
			cms[l][SEKI_STEP_PROVEN] = cms[l][SEKI_STEP_STRICT];
	}
}

/* A tick may make so many texts of incidents; the others have the next one. */
#define WRITES_A_TICK 16

/* Where one could not be written none is tried for so long. */
#define AGAIN_NS UINT64_C(1000000000)

static void
say_failing(struct guard *guard, int error)
{
	if (!guard->failing)
		say("incidents cannot be written to detection.incidents: %s", strerror(error));
	guard->failing = true;
	guard->again_ns = guard->now_ns + AGAIN_NS;
}

/* What has changed is to be written, each incident once a second at most. What is under way is asked for later. */
static void
write_incidents(struct guard *guard, unsigned most)
{
	unsigned n = 0, n_filed = 0, i;

	while (seki_detect_incident(guard->detect, n) != NULL)
		n++;
	for (unsigned k = 0; k < n && most > 0; k++) {
		const struct seki_incident *incident;

		i = guard->next_written++ % n;
		incident = seki_detect_incident(guard->detect, i);
		n_filed += incident->filed == SEKI_FILED;
		if (incident->filed != SEKI_FILED_NOT)
			continue;
		if (archive_write(guard->archive, incident)) {
			seki_detect_file_asked(guard->detect, i);
			most--;
		} else if (errno != EBUSY) {
			say_failing(guard, errno);
		}
	}
	if (n_filed == n)
		guard->failing = false;
}

/* What has become of it. What could not be written is not filed, and is tried again. */
static void
settle_incidents(struct guard *guard)
{
	struct archive_written written;

	while (archive_written(guard->archive, &written)) {
		seki_detect_file_done(guard->detect, written.id, written.error == 0);
		if (written.error != 0)
			say_failing(guard, written.error);
	}
}

/* All is on disk when Seki ends: also what changed while it was written. */
static void
write_last(struct guard *guard)
{
	for (unsigned i = 0; i < 2; i++) {
		write_incidents(guard, UINT_MAX);
		archive_flush(guard->archive);
		settle_incidents(guard);
	}
}

/* Those of earlier runs are known from here on, and their numbers do not come again. */
static bool
open_archive(struct guard *guard, const struct guard_conf *conf, struct seki_err *err)
{
	if (conf->incidents == NULL)
		return true;
	guard->archive = archive_open(conf->incidents, conf->keep, err);
	if (guard->archive == NULL)
		return false;
	seki_detect_number_from(guard->detect, archive_last(guard->archive) + 1);
	return true;
}

struct guard *
guard_create(const struct guard_conf *conf, struct seki_err *err)
{
	struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS] = {0};
	struct seki_detect_params params = SEKI_DETECT_PARAMS;
	struct guard *guard = calloc(1, sizeof(*guard));

	fill_steps(cms);
	params.core = conf->core;
	params.n_cores = conf->n_cores;
	params.cms = cms;
	params.collateral_max = conf->signature_pct / 100.0;
	if (guard != NULL)
		guard->detect = seki_detect_create(&params);
	if (guard == NULL || guard->detect == NULL) {
		seki_err_add(err, NULL, 0, "no memory for detection");
		guard_destroy(guard);
		return NULL;
	}
	guard->learn = learn_create(&conf->learn, err);
	if (guard->learn == NULL || !open_archive(guard, conf, err)) {
		guard_destroy(guard);
		return NULL;
	}
	return guard;
}

void
guard_destroy(struct guard *guard)
{
	if (guard == NULL)
		return;
	learn_destroy(guard->learn);
	if (guard->archive != NULL)
		write_last(guard);
	archive_close(guard->archive);
	seki_detect_destroy(guard->detect);
	free(guard);
}

/* Countermeasures that may be raised in a zone: tcp_state only where its table has shown that it knows the connections.
 */
static uint32_t
can_raise(const struct seki_policy *policy, const struct arms *arms, uint16_t id)
{
	return policy->posture[id].automatic & (arms_is_armed(arms, id) ? UINT32_MAX : ~BIT(TCP_STATE));
}

static bool
is_there(const struct seki_policy *policy, uint16_t id)
{
	return id < policy->zone_id_end && policy->zone[id].name[0] != '\0' && policy->zone[id].mode != CM_MODE_OFF;
}

static void
tell_budgets(const struct seki_policy *policy, uint16_t id, uint64_t budget_pps[SEKI_N_VECTORS])
{
	const struct seki_limit *limit = policy->cm[id].limit;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		unsigned class = seki_vector_class[v];

		if (class == SEKI_CLASS_REFLECTION)
			budget_pps[v] =
				limit[cm_budget_base[CM_REFLECTION] + 2 * (v - SEKI_VECTOR_REFLECTOR_FIRST)].rate_per_s;
		else if (class == SEKI_CLASS_FRAGMENT)
			budget_pps[v] = limit[cm_budget_base[CM_FRAGMENT]].rate_per_s;
		else if (class == SEKI_CLASS_TCP)
			budget_pps[v] = limit[cm_budget_base[CM_TCP_STATE]].rate_per_s;
	}
}

static void
tell_zone(struct guard *guard, const struct seki_policy *policy, uint16_t id)
{
	const struct seki_policy_zone *zone = &policy->zone[id];
	bool there = is_there(policy, id);
	struct seki_detect_zone told = {
		.name = zone->name,
		.domain = policy->domain_name[zone->domain],
		.limits = learn_limits(guard->learn, id),
		.observes = policy->posture[id].observes,
		.can = guard->can[id],
	};

	if (there)
		tell_budgets(policy, id, told.budget_pps);
	if (seki_detect_zone(guard->detect, id, there ? &told : NULL) != 0)
		say("no memory to watch zone \"%s\": attacks on it are not seen", zone->name);
}

static void
use_policy(struct guard *guard, const struct seki_policy *policy, const struct arms *arms, uint64_t mono_ns,
	uint64_t wall_ns)
{
	bool other = guard->policy_seen != policy->generation;

	if (other)
		learn_policy(guard->learn, policy);
	for (uint16_t id = 1; id < SEKI_ZONES_MAX; id++) {
		uint32_t can = can_raise(policy, arms, id);

		if (other)
			learn_zone(guard->learn, id, is_there(policy, id) ? &policy->zone[id] : NULL, wall_ns);
		if (!other && guard->can[id] == can)
			continue;
		guard->can[id] = can;
		tell_zone(guard, policy, id);
	}
	if (other)
		guard->policy_ns = mono_ns;
	guard->policy_seen = policy->generation;
}

static void
learn_zones(struct guard *guard, const struct seki_policy *policy, uint64_t mono_ns, uint64_t wall_ns)
{
	const struct learn_now now = {mono_ns / SEKI_DETECT_TICK_NS, wall_ns};

	for (uint16_t id = 1; id < policy->zone_id_end; id++) {
		if (learn_tick(guard->learn, guard->detect, id, now))
			tell_zone(guard, policy, id);
	}
	learn_save(guard->learn, mono_ns);
}

bool
guard_tick(struct guard *guard, const struct seki_policy *policy, const struct arms *arms, uint64_t mono_ns,
	uint64_t wall_ns)
{
	bool changed;

	use_policy(guard, policy, arms, mono_ns, wall_ns);
	changed = seki_detect_tick(guard->detect, mono_ns, wall_ns);
	learn_zones(guard, policy, mono_ns, wall_ns);
	guard->now_ns = mono_ns;
	if (guard->archive != NULL) {
		settle_incidents(guard);
		write_incidents(guard, mono_ns < guard->again_ns ? 0 : WRITES_A_TICK);
	}
	return changed;
}

/* What operators have asked for, and that it is over. */
static void
say_overrides(struct guard *guard, const struct seki_policy *policy)
{
	const struct seki_override *o;

	for (unsigned i = 0; (o = seki_detect_override_at(guard->detect, i)) != NULL; i++) {
		const char *zone = policy->issued[o->zone], *vector = seki_vector_name(o->vector);

		if (o->over)
			say("override: %s of zone \"%s\" is the detector's again", vector, zone);
		else if (!o->said)
			say("override: an operator sets %s of zone \"%s\" to \"%s\"", vector, zone,
				seki_step_name(o->step));
	}
	seki_detect_overrides_said(guard->detect);
}

static void
say_decision(const struct seki_incident *in, const struct seki_decision *x)
{
	bool stepped = x->step != x->before && x->step != SEKI_STEP_NONE;

	say("incident %s: %s: %s%s%s%s: %s; %s", in->id, seki_vector_name(x->vector),
		seki_decision_action_name(x->action), stepped ? " " : "", stepped ? seki_step_name(x->step) : "",
		in->observes ? " (observed only)" : "", x->seen, x->why);
}

static void
say_end(const struct seki_incident *in)
{
	char more[64] = "";

	if (in->decisions_lost > 0)
		snprintf(more, sizeof(more), "; decisions that were only counted: %u", in->decisions_lost);
	say("incident %s: %s%s", in->id, seki_incident_state_name(in->state), more);
}

void
guard_say(struct guard *guard, const struct seki_policy *policy)
{
	const struct seki_incident *in;

	say_overrides(guard, policy);
	for (unsigned i = 0; (in = seki_detect_incident(guard->detect, i)) != NULL; i++) {
		unsigned n = in->n_decisions;

		for (unsigned k = in->n_said; k < n; k++)
			say_decision(in, &in->decision[k]);
		if (in->decisions_lost > 0 && !in->lost_said)
			say("incident %s: has as many decisions as it has room for; more are only counted", in->id);
		if (in->state >= SEKI_INCIDENT_ENDED && in->n_said <= n)
			say_end(in);
		seki_detect_said(guard->detect, i);
	}
}

int
guard_raise(const struct guard *guard, struct seki_snapshot *snapshot)
{
	int ret = 0;

	for (uint16_t id = 1; id < SEKI_ZONES_MAX && ret == 0; id++)
		ret = seki_snapshot_raise(snapshot, id, seki_detect_raised(guard->detect, id));
	return ret;
}

bool
guard_is_quiet(const struct guard *guard)
{
	return seki_detect_is_quiet(guard->detect) &&
	       (!learn_learns(guard->learn) || seki_detect_is_silent(guard->detect));
}

struct seki_detect *
guard_detect(const struct guard *guard)
{
	return guard->detect;
}

struct learn *
guard_learn(const struct guard *guard)
{
	return guard->learn;
}

const struct archive *
guard_archive(const struct guard *guard)
{
	return guard->archive;
}

uint64_t
guard_policy_ns(const struct guard *guard)
{
	return guard->policy_ns;
}
