/* SPDX-License-Identifier: BSD-3-Clause */

/* Why a packet that was sampled has ended as it did. */
#include "explain.h"

#include "incident.h"
#include "posture.h"

#include <inttypes.h>
#include <string.h>

#include <netinet/in.h>

static void
say_packet(const struct seki_drop *drop, const struct seki_policy *policy, struct explanation *out)
{
	const struct seki_sample *s = &drop->sample;
	const struct seki_features *f = &s->features;
	struct seki_target inside = {.net = s->net, .family = s->family, .len = s->family == 4 ? 32 : 64};
	char when[SEKI_WALL_TEXT], to[SEKI_TARGET_TEXT], ports[48] = "", flags[SEKI_FEATURE_TEXT];

	if (f->proto == IPPROTO_TCP || f->proto == IPPROTO_UDP)
		snprintf(ports, sizeof(ports), ", from port %u to port %u", f->sport, f->dport);
	explain_say(out, "At %s a packet came to zone \"%s\" of domain \"%s\", for %s.",
		seki_wall_text(drop->wall_ns, when), policy->issued[s->zone],
		policy->domain_name[policy->zone[s->zone].domain], seki_target_text(inside, to));
	explain_say(out, "It was of vector %s (IP protocol %u, %u bytes, TTL %u%s%s%s).", seki_vector_name(f->vector),
		f->proto, f->l3_len, f->ttl, ports, f->proto == IPPROTO_TCP ? ", flags " : "",
		f->proto == IPPROTO_TCP ? seki_feature_format(SEKI_FEATURE_TCP_FLAGS, f->tcp_flags, flags) : "");
	explain_say(out, (s->flow & PKT_FLOW_KNOWN) != 0 ? "Its flow was known: the inside takes part in it."
							 : "It belonged to no known flow.");
}

static void
say_end(const struct seki_drop *drop, struct explanation *out)
{
	unsigned reason = seki_drop_reason(drop), cm = explain_cm(reason);
	const char *name = cm < CM_N ? cm_ops[cm]->name : "the box itself";

	if (drop->sample.verdict == SEKI_VERDICT_DROP) {
		explain_say(out, "It was dropped by %s, reason \"%s\": %s", name, seki_reason_name(reason),
			seki_reason_sentence(reason));
		return;
	}
	explain_say(out, "It passed (\"%s\"), and would have been dropped by %s, reason \"%s\": %s",
		seki_reason_name(drop->sample.reason), name, seki_reason_name(reason), seki_reason_sentence(reason));
	explain_say(out,
		drop->observes
			? "It was held back since the zone only observes: zones.mode."
			: "It was held back since that countermeasure only observes, or was not raised for the packet.");
}

static void
say_posture(const struct seki_drop *drop, struct explanation *out)
{
	explain_say(out,
		"In that tenth of a second strangers sent %" PRIu64
		" packets a second of the vector to the zone, and %" PRIu64 " passed.",
		drop->offered_pps, drop->passed_pps);
	explain_say(out, "The detector's state was \"%s\"; the step in force, %s, was \"%s\": %s.",
		seki_track_state_name(drop->state), drop->overridden ? "set by an operator" : "the detector's own",
		seki_step_name(drop->step), seki_step_sentence(drop->step));
	explain_levels(drop->level, drop->n_levels, "the host", out);
	if (drop->guarded)
		explain_say(out, "%s", explain_guard);
}

/* Numbers of sets mean something under one policy only. */
static void
say_lists(const struct explain_world *world, const struct seki_drop *drop, struct explanation *out)
{
	const struct seki_policy *policy = world->snap->policy;
	uint64_t lists;

	if (drop->sample.src_set == 0)
		return;
	if (drop->sample.time_ns < world->policy_ns || drop->sample.src_set >= policy->sets.n) {
		explain_say(out, "Its source was on a list, of a configuration that is no longer in force.");
		return;
	}
	lists = policy->sets.mask[drop->sample.src_set];
	for (unsigned i = 0; i < world->spec->n_lists; i++)
		if (lists >> i & 1)
			explain_say(out, "Its source was on the list \"%s\".", world->spec->list[i].name);
}

void
explain_drop(const struct explain_world *world, const struct seki_drop *drop, struct explanation *out)
{
	memset(out, 0, sizeof(*out));
	out->zone = drop->sample.zone;
	out->vector = drop->sample.features.vector;
	out->verdict = drop->sample.verdict;
	out->reason = drop->sample.reason;
	out->observed = drop->sample.observed;
	say_packet(drop, world->snap->policy, out);
	say_end(drop, out);
	say_lists(world, drop, out);
	say_posture(drop, out);
	explain_cause(world, out->zone, out->vector, seki_drop_reason(drop), out);
}
