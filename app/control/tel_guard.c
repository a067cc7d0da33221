/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_guard.h"

#include "compat.h"
#include "drops.h"
#include "guard.h"
#include "override.h"
#include "posture.h"
#include "tel_subject.h"

#include <errno.h>
#include <string.h>

const struct seki_incident *
tel_incident_here(const struct box *box, const char *id)
{
	const struct seki_incident *in;

	for (unsigned i = 0; box->guard != NULL; i++) {
		in = seki_detect_incident(guard_detect(box->guard), i);
		if (in == NULL || strcmp(in->id, id) == 0)
			return in;
	}
	return NULL;
}

/* Incidents that are not on disk, or not yet; under the lock that guards all replies. */
static unsigned unfiled[SEKI_INCIDENTS_MAX], n_unfiled;

static void
find_unfiled(const struct box *box)
{
	const struct archive *archive = guard_archive(box->guard);
	const struct seki_incident *in;

	n_unfiled = 0;
	for (unsigned i = 0; (in = seki_detect_incident(guard_detect(box->guard), i)) != NULL; i++)
		if (archive == NULL || archive_find(archive, in->id) == NULL)
			unfiled[n_unfiled++] = i;
}

unsigned
tel_incidents(const struct tel_view *v)
{
	const struct archive *archive = v->box->guard == NULL ? NULL : guard_archive(v->box->guard);

	if (v->box->guard == NULL)
		return 0;
	find_unfiled(v->box);
	return n_unfiled + (archive == NULL ? 0 : archive_count(archive));
}

static int
add_targets(struct rte_tel_data *d, const struct seki_target *target, unsigned n)
{
	struct rte_tel_data *list = tel_array(d, "targets");
	char text[SEKI_TARGET_TEXT];

	for (unsigned i = 0; i < n && list != NULL; i++)
		rte_tel_data_add_array_string(list, seki_target_text(target[i], text));
	return list == NULL ? -ENOMEM : 0;
}

int
tel_summary(struct rte_tel_data *d, const struct seki_summary *s)
{
	struct rte_tel_data *vectors = tel_array(d, "vectors");

	if (vectors == NULL || add_targets(d, s->target, s->n_targets) != 0)
		return -ENOMEM;
	for (unsigned i = 0; i < SEKI_N_VECTORS; i++)
		if (s->vectors >> i & 1)
			rte_tel_data_add_array_string(vectors, seki_vector_name(i));
	rte_tel_data_add_dict_string(d, "id", s->id);
	rte_tel_data_add_dict_string(d, "zone", s->zone);
	rte_tel_data_add_dict_string(d, "domain", s->domain);
	rte_tel_data_add_dict_string(d, "mode", s->observes ? "observe" : "enforce");
	rte_tel_data_add_dict_string(d, "state", seki_incident_state_name(s->state));
	rte_tel_data_add_dict_string(d, "began", s->began);
	rte_tel_data_add_dict_string(d, "detected", s->detected);
	rte_tel_data_add_dict_string(d, "mitigated", s->mitigated);
	rte_tel_data_add_dict_string(d, "ended", s->ended);
	tel_number(d, "hosts_peak", s->hosts_peak);
	return 0;
}

int
tel_incident(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	struct rte_tel_data *item = tel_item(list, "incident", index);
	const struct seki_incident *in;
	struct seki_summary summary;

	if (item == NULL)
		return -ENOMEM;
	if (index < n_unfiled) {
		in = seki_detect_incident(guard_detect(v->box->guard), unfiled[n_unfiled - 1 - index]);
	} else {
		summary = *archive_at(guard_archive(v->box->guard), index - n_unfiled);
		in = tel_incident_here(v->box, summary.id);
	}
	if (in != NULL)
		seki_summary_of(in, &summary); /* it may be younger than its file */
	return tel_summary(item, &summary);
}

/* What there is to tell of; under the lock that guards all replies. */
static struct {
	uint16_t zone;
	uint8_t vector;
} news[SEKI_ZONES_MAX * SEKI_N_VECTORS];

unsigned
tel_postures(const struct tel_view *v)
{
	struct seki_vector_posture p;
	unsigned n = 0;

	for (unsigned z = v->first; z < v->end && v->box->guard != NULL; z++)
		for (unsigned i = 1; i < SEKI_N_VECTORS; i++)
			if (seki_detect_posture(guard_detect(v->box->guard), (uint16_t)z, i, &p) &&
				seki_posture_is_news(&p)) {
				news[n].zone = (uint16_t)z;
				news[n++].vector = (uint8_t)i;
			}
	return n;
}

/* Milliseconds from one mono time to another; 0 where the first is none. */
static uint64_t
ms_between(uint64_t from_ns, uint64_t to_ns)
{
	return from_ns == 0 || from_ns > to_ns ? 0 : (to_ns - from_ns) / 1000000;
}

static void
add_step(struct rte_tel_data *d, const struct seki_vector_posture *p, uint64_t now_ns)
{
	char text[SEKI_WALL_TEXT] = "";

	rte_tel_data_add_dict_string(d, "state", seki_track_state_name(p->state));
	tel_number(d, "state_ms", ms_between(p->state_ns, now_ns));
	rte_tel_data_add_dict_string(d, "step", seki_step_name(p->step));
	rte_tel_data_add_dict_string(d, "since", p->step_ns == 0 ? text : seki_wall_text(p->step_ns, text));
	rte_tel_data_add_dict_string(d, "own_step", seki_step_name(p->own_step));
	rte_tel_data_add_dict_string(d, "guarded", p->guarded ? "yes" : "no");
	rte_tel_data_add_dict_string(d, "override", p->overridden ? "yes" : "no");
	tel_number(d, "override_left_ms", p->overridden ? ms_between(now_ns, p->until_ns) : 0);
	tel_number(d, "limit_pps", p->limit.pps);
	tel_number(d, "limit_bps", p->limit.bps);
	rte_tel_data_add_dict_string(d, "limit_from", seki_limit_from_name(p->limit_from));
	tel_number(d, "offered_pps", p->offered_pps);
	tel_number(d, "offered_1s_pps", p->second_pps);
	tel_number(d, "offered_10s_pps", p->ten_pps);
	tel_number(d, "passed_pps", p->passed_pps);
	tel_number(d, "hosts", p->hosts);
	rte_tel_data_add_dict_string(d, "whole_zone", p->step != SEKI_STEP_NONE && p->n_targets == 0 ? "yes" : "no");
}

int
tel_posture(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	const struct seki_detect *detect = guard_detect(v->box->guard);
	struct rte_tel_data *item = tel_item(list, "posture", index);
	const struct seki_incident *in;
	struct seki_vector_posture p;
	uint16_t zone = news[index].zone;

	if (item == NULL || !seki_detect_posture(detect, zone, news[index].vector, &p))
		return -ENOMEM;
	in = seki_detect_incident_in(detect, zone);
	rte_tel_data_add_dict_string(item, "zone", box_policy(v->box)->zone[zone].name);
	rte_tel_data_add_dict_string(item, "vector", seki_vector_name(news[index].vector));
	rte_tel_data_add_dict_string(item, "mode", box_policy(v->box)->posture[zone].observes ? "observe" : "enforce");
	rte_tel_data_add_dict_string(item, "incident", in == NULL ? "" : in->id);
	add_step(item, &p, clock_mono_ns(&v->box->clock));
	return add_targets(item, p.target, p.n_targets);
}

int
tel_detect(struct box *box, const char *params, struct rte_tel_data *d)
{
	struct seki_detect_figures f;
	const struct seki_detect *detect;
	uint64_t first, last;
	unsigned open = 0, overrides = 0;

	(void)params;
	rte_tel_data_add_dict_string(d, "enabled", box->guard == NULL ? "no" : "yes");
	if (box->guard == NULL)
		return 0;
	detect = guard_detect(box->guard);
	seki_detect_figures(detect, &f);
	seki_detect_drops(detect, &first, &last);
	for (unsigned i = 0; seki_detect_incident(detect, i) != NULL; i++)
		open += seki_detect_incident(detect, i)->state < SEKI_INCIDENT_ENDED;
	for (unsigned i = 0; seki_detect_override_at(detect, i) != NULL; i++)
		overrides += !seki_detect_override_at(detect, i)->over;
	tel_number(d, "bytes", f.bytes);
	tel_number(d, "nodes_block", f.blocks);
	tel_number(d, "nodes_net", f.nets);
	tel_number(d, "nodes_wide", f.wides);
	tel_number(d, "nodes_zone", f.zones);
	tel_number(d, "overs_lost", f.overs_lost);
	tel_number(d, "ticks_short_of_memory", f.ticks_short);
	tel_number(d, "samples", f.samples);
	tel_number(d, "samples_lost", f.samples_lost);
	tel_number(d, "drop_samples", last);
	tel_number(d, "ticks", box->guard_ticks.n);
	tel_number(d, "tick_last_ns", box->guard_ticks.last_ns);
	tel_number(d, "tick_max_ns", box->guard_ticks.max_ns);
	tel_number(d, "incidents_open", open);
	tel_number(d, "overrides", overrides);
	return 0;
}

/* What was asked for; each field as it was understood, and -1 where it was not. */
struct wish {
	struct tel_subject about;
	char step[16];
	uint64_t seconds;
	int step_id;
	bool automatic;
};

static int
find_step(const char *name)
{
	for (unsigned i = SEKI_STEP_NONE; i < SEKI_N_STEPS; i++)
		if (strcmp(seki_step_name(i), name) == 0)
			return (int)i;
	return -1;
}

/* Under the lock that guards all replies. */
static const char *
no_such_step(void)
{
	static char text[160];
	size_t n = (size_t)snprintf(text, sizeof(text), "there is no such step: ");

	for (unsigned i = SEKI_STEP_NONE; i < SEKI_N_STEPS; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", seki_step_name(i),
			i + 1 == SEKI_N_STEPS ? " or auto" : ", ");
	return text;
}

/* NULL, or what is wrong with it. */
static const char *
read_wish(const struct box *box, const char **params, struct wish *w)
{
	const char *wrong = tel_subject(box, params, &w->about);

	params_word(params, w->step, sizeof(w->step));
	w->automatic = strcmp(w->step, "auto") == 0;
	w->step_id = find_step(w->step);
	if (wrong != NULL)
		return wrong;
	if (w->step_id < 0 && !w->automatic)
		return no_such_step();
	if (params_number(params, 0, SEKI_OVERRIDE_SECONDS_MAX, &w->seconds) != 0 || (w->seconds == 0 && !w->automatic))
		return "for how many seconds, from 1 to 86400?";
	return NULL;
}

static int
carry_out(struct box *box, const struct wish *w, char why[SEKI_SENTENCE_MAX])
{
	uint64_t now_ns = clock_mono_ns(&box->clock);
	struct seki_override want = {
		.zone = (uint16_t)w->about.zone_id,
		.vector = (uint8_t)w->about.vector_id,
		.step = (uint8_t)w->step_id,
		.from_ns = now_ns,
		.until_ns = now_ns + w->seconds * 1000000000,
	};

	if (!w->automatic)
		return seki_detect_override(guard_detect(box->guard), &want, why);
	if (!seki_detect_override_end(guard_detect(box->guard), want.zone, want.vector))
		snprintf(why, SEKI_SENTENCE_MAX, "it was the detector's already");
	return 0;
}

int
tel_override(struct box *box, const char *params, struct rte_tel_data *d)
{
	char why[SEKI_SENTENCE_MAX] = "";
	struct wish w = {0};
	const char *wrong = read_wish(box, &params, &w);
	int ret = wrong == NULL ? 0 : -EINVAL;

	if (ret == 0 && box->guard == NULL) {
		wrong = "attacks are not looked for: detection.enable is false";
		ret = -EPERM;
	}
	if (ret == 0)
		ret = carry_out(box, &w, why);
	rte_tel_data_add_dict_string(d, "zone", w.about.zone);
	rte_tel_data_add_dict_string(d, "vector", w.about.vector);
	rte_tel_data_add_dict_string(d, "step", w.step);
	tel_number(d, "seconds", w.seconds);
	rte_tel_data_add_dict_string(d, "done", ret == 0 ? "yes" : "no");
	rte_tel_data_add_dict_string(d, "mode",
		w.about.zone_id >= 0 && box_policy(box)->posture[w.about.zone_id].observes ? "observe" : "enforce");
	return tel_text(d, "why", wrong != NULL ? wrong : why);
}
