/* SPDX-License-Identifier: BSD-3-Clause */
#include "tel_baseline.h"

#include "guard.h"
#include "posture.h"
#include "say.h"
#include "tel_subject.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

int
tel_baseline_head(const struct tel_view *v, struct rte_tel_data *d)
{
	bool learns = v->box->guard != NULL && learn_learns(guard_learn(v->box->guard));

	rte_tel_data_add_dict_string(d, "enabled", v->box->guard == NULL ? "no" : "yes");
	rte_tel_data_add_dict_string(d, "learn", seki_learn_name[learns ? box_policy(v->box)->learn : SEKI_LEARN_OFF]);
	return 0;
}

/* What there is to tell of; under the lock that guards all replies. */
static struct {
	uint16_t zone;
	uint8_t vector;
} known[SEKI_ZONES_MAX * SEKI_N_VECTORS];

unsigned
tel_baselines(const struct tel_view *v)
{
	unsigned n = 0;

	for (unsigned z = v->first; z < v->end && v->box->guard != NULL; z++)
		for (unsigned i = SEKI_VECTOR_NONE + 1; i < SEKI_N_VECTORS; i++)
			if ((v->vector == SEKI_VECTOR_NONE || v->vector == i) &&
				learn_knows(guard_learn(v->box->guard), (uint16_t)z, i)) {
				known[n].zone = (uint16_t)z;
				known[n++].vector = (uint8_t)i;
			}
	return n;
}

static void
add_suggestion(struct rte_tel_data *d, const struct seki_suggestion *s)
{
	tel_number(d, "suggested_pps", s->pps);
	tel_number(d, "suggested_bps", s->bps);
	tel_number(d, "usual_pps", s->usual_pps);
	tel_number(d, "usual_bps", s->usual_bps);
	tel_number(d, "peak_pps", s->peak_pps);
	tel_number(d, "peak_bps", s->peak_bps);
	tel_number(d, "held_pps", s->held_pps);
	tel_number(d, "held_bps", s->held_bps);
	tel_number(d, "accepted_pps", s->accepted_pps);
	tel_number(d, "accepted_bps", s->accepted_bps);
	tel_number(d, "weeks", s->weeks);
	tel_number(d, "hours", s->hours);
	rte_tel_data_add_dict_string(d, "confidence", seki_confidence_name(s->confidence));
	rte_tel_data_add_dict_string(d, "may_apply", s->may_apply ? "yes" : "no");
}

int
tel_baseline(const struct tel_view *v, struct rte_tel_data *list, unsigned index)
{
	const struct learn *learn = guard_learn(v->box->guard);
	struct rte_tel_data *item = tel_item(list, "baseline", index);
	uint16_t zone = known[index].zone;
	unsigned vector = known[index].vector;
	const struct seki_limits *limits = learn_limits(learn, zone);
	struct seki_suggestion s;

	if (item == NULL || !learn_suggest(learn, zone, vector, clock_wall_ns(), &s))
		return -ENOMEM;
	rte_tel_data_add_dict_string(item, "zone", box_policy(v->box)->zone[zone].name);
	rte_tel_data_add_dict_string(item, "vector", seki_vector_name(vector));
	add_suggestion(item, &s);
	rte_tel_data_add_dict_string(item, "applied", limits->from[vector] == SEKI_LIMIT_LEARNED ? "yes" : "no");
	tel_number(item, "limit_pps", limits->at[SEKI_LEVEL_ZONE][vector].pps);
	tel_number(item, "limit_bps", limits->at[SEKI_LEVEL_ZONE][vector].bps);
	rte_tel_data_add_dict_string(item, "limit_from", seki_limit_from_name(limits->from[vector]));
	return tel_text(item, "why", seki_suggestion_why_text(s.why));
}

/* What was asked for, as far as it was understood. */
struct wish {
	struct tel_subject about;
	char word[16];
	struct seki_rate rate;
};

/* NULL, or what is wrong with it. `word`: which it must be. */
static const char *
read_wish(const struct box *box, const char **params, const char *word, struct wish *w)
{
	const char *wrong = tel_subject(box, params, &w->about);

	params_word(params, w->word, sizeof(w->word));
	if (wrong == NULL && strcmp(w->word, word) != 0)
		return "after zone and vector comes the word \"accept\" or \"forget\", as the command is called";
	return wrong;
}

static_assert(SEKI_BASELINE_RATE_MAX == UINT64_C(17592186044415), "which the sentences below say");

/* NULL, or what is wrong with them. Bits may be left out: no more of them than is learned. */
static const char *
read_rate(const char **params, struct seki_rate *rate)
{
	const char *text = *params;

	if (params_number(params, 0, SEKI_BASELINE_RATE_MAX, &rate->pps) != 0 || *text == ',' || *text == '\0')
		return "how many packets a second, from 0 (no more than is learned) to 17592186044415?";
	if (params_number(params, 0, SEKI_BASELINE_RATE_MAX, &rate->bps) != 0)
		return "how many bits a second, from 0 (no more than is learned) to 17592186044415?";
	return NULL;
}

/* The sentence of what learn_accept and learn_forget return. A zone is known from the first tick with its policy on. */
static const char *
refusal(int rc, enum cm_mode mode)
{
	switch (rc) {
	case -EPERM:
		return "nothing is learned: detection.learn is \"off\"";
	case -ENOENT:
		return mode == CM_MODE_OFF ? "the zone is not watched: its mode is off"
					   : "the zone is not watched yet: try again in a second";
	case -EDOM:
		return "the zone has no limit of the vector in this unit, so none is learned: give it one (zones.limits)";
	case -ENOSPC:
		return "as many vectors are learned as there is room for";
	default:
		return "no memory";
	}
}

/* Why limits are not moved by what was said, or not now; "": they are, in the next tick. */
static const char *
standstill(const struct box *box, uint16_t zone)
{
	if (box_policy(box)->learn != SEKI_LEARN_APPLY)
		return "limits stay those of the configuration: detection.learn is \"suggest\"";
	if (seki_detect_incident_in(guard_detect(box->guard), zone) != NULL)
		return "limits stay until the attack on the zone is over";
	return "";
}

/* 0, or as learn_accept and learn_forget. What was done is said. */
static int
carry_out(struct learn *learn, const struct wish *w)
{
	uint16_t zone = (uint16_t)w->about.zone_id;
	unsigned vector = (unsigned)w->about.vector_id;
	bool accepts = strcmp(w->word, "accept") == 0;
	int rc = accepts ? learn_accept(learn, zone, vector, w->rate) : learn_forget(learn, zone, vector);

	if (rc == 0 && accepts)
		say("baseline: an operator accepts %" PRIu64 " pps and %" PRIu64 " bps of %s of zone \"%s\"",
			w->rate.pps, w->rate.bps, w->about.vector, w->about.zone);
	else if (rc == 0)
		say("baseline: an operator has what was learned of %s of zone \"%s\" forgotten", w->about.vector,
			w->about.zone);
	return rc;
}

/* `wrong`: what is wrong with the wish; else it is carried out. */
static int
answer(struct box *box, const struct wish *w, const char *wrong, struct rte_tel_data *d)
{
	uint16_t zone = (uint16_t)w->about.zone_id;
	int rc;

	if (wrong == NULL && box->guard == NULL)
		wrong = "nothing is learned: detection.enable is false";
	if (wrong == NULL) {
		rc = carry_out(guard_learn(box->guard), w);
		wrong = rc == 0 ? NULL : refusal(rc, box_policy(box)->zone[zone].mode);
	}
	rte_tel_data_add_dict_string(d, "zone", w->about.zone);
	rte_tel_data_add_dict_string(d, "vector", w->about.vector);
	rte_tel_data_add_dict_string(d, "word", w->word);
	rte_tel_data_add_dict_string(d, "done", wrong == NULL ? "yes" : "no");
	return tel_text(d, "why", wrong != NULL ? wrong : standstill(box, zone));
}

int
tel_baseline_accept(struct box *box, const char *params, struct rte_tel_data *d)
{
	struct wish w = {0};
	const char *wrong = read_wish(box, &params, "accept", &w);

	if (wrong == NULL)
		wrong = read_rate(&params, &w.rate);
	tel_number(d, "pps", w.rate.pps);
	tel_number(d, "bps", w.rate.bps);
	return answer(box, &w, wrong, d);
}

int
tel_baseline_forget(struct box *box, const char *params, struct rte_tel_data *d)
{
	struct wish w = {0};
	const char *wrong = read_wish(box, &params, "forget", &w);

	return answer(box, &w, wrong, d);
}
