/* SPDX-License-Identifier: BSD-3-Clause */

/* The incident file: docs/incident.md. */
#include "incident.h"

#include "feature.h"
#include "json.h"

#include <inttypes.h>

/* 0: null. */
static void
put_time(struct seki_json *j, const char *name, uint64_t wall_ns)
{
	char text[SEKI_WALL_TEXT];

	seki_json_text(j, name, wall_ns == 0 ? NULL : seki_wall_text(wall_ns, text));
}

static void
put_since(struct seki_json *j, const char *name, uint64_t from_ns, uint64_t to_ns)
{
	if (to_ns == 0)
		seki_json_text(j, name, NULL);
	else
		seki_json_count(j, name, to_ns < from_ns ? 0 : (to_ns - from_ns) / 1000000);
}

static void
put_steps(struct seki_json *j, const char *name, uint32_t steps)
{
	seki_json_key(j, name);
	seki_json_open(j, '[');
	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++)
		if (steps & SEKI_STEP_BIT(s)) {
			seki_json_item(j);
			seki_json_string(j, seki_step_name(s));
		}
	seki_json_close(j, ']');
}

static uint64_t
attack_packets(const struct seki_incident *in)
{
	uint64_t sum = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		sum += in->vector[v].packets;
	return sum;
}

static double
ratio(uint64_t part, uint64_t of)
{
	return of == 0 ? 0 : (double)part / (double)of;
}

static void
put_vectors(struct seki_json *j, const struct seki_incident *in)
{
	uint64_t all = attack_packets(in);

	seki_json_key(j, "vectors");
	seki_json_open(j, '[');
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		const struct seki_incident_vector *x = &in->vector[v];

		if (!x->seen)
			continue;
		seki_json_item(j);
		seki_json_open(j, '{');
		seki_json_text(j, "name", seki_vector_name(v));
		seki_json_text(j, "description", seki_vector_description(v));
		seki_json_count(j, "limit_pps", x->limit_pps);
		seki_json_count(j, "limit_bps", x->limit_bps);
		seki_json_text(j, "limit_from", seki_limit_from_name(x->from));
		seki_json_count(j, "peak_pps", x->peak_pps);
		seki_json_count(j, "peak_bps", x->peak_bps);
		seki_json_share(j, "share", ratio(x->packets, all));
		put_time(j, "began", x->began_ns);
		put_time(j, "ended", x->ended_ns);
		put_steps(j, "steps", x->steps);
		seki_json_close(j, '}');
	}
	seki_json_close(j, ']');
}

static void
put_targets(struct seki_json *j, const struct seki_incident *in)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < in->n_targets; i++)
		all += in->target[i].packets;
	seki_json_key(j, "targets");
	seki_json_open(j, '[');
	for (unsigned i = 0; i < in->n_targets; i++) {
		const struct seki_incident_target *t = &in->target[i];
		char text[SEKI_TARGET_TEXT];

		seki_json_item(j);
		seki_json_open(j, '{');
		seki_json_text(j, "prefix", seki_target_text(t->prefix, text));
		seki_json_count(j, "hosts", t->hosts);
		seki_json_share(j, "share", all == 0 ? 1.0 / in->n_targets : ratio(t->packets, all));
		seki_json_key(j, "vectors");
		seki_json_open(j, '[');
		for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
			if (t->vectors >> v & 1) {
				seki_json_item(j);
				seki_json_string(j, seki_vector_name(v));
			}
		seki_json_close(j, ']');
		seki_json_close(j, '}');
	}
	seki_json_close(j, ']');
}

static void
put_decisions(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "decisions");
	seki_json_open(j, '[');
	for (unsigned i = 0; i < in->n_decisions; i++) {
		const struct seki_decision *x = &in->decision[i];

		seki_json_item(j);
		seki_json_open(j, '{');
		put_time(j, "at", x->at_ns);
		seki_json_text(j, "vector", seki_vector_name(x->vector));
		seki_json_text(j, "action", seki_decision_action_name(x->action));
		seki_json_text(j, "step", x->step == SEKI_STEP_NONE ? NULL : seki_step_name(x->step));
		seki_json_text(j, "before", x->before == SEKI_STEP_NONE ? NULL : seki_step_name(x->before));
		seki_json_text(j, "seen", x->seen);
		seki_json_count(j, "rate_pps", x->rate_pps);
		seki_json_count(j, "limit_pps", x->limit_pps);
		seki_json_count(j, "passed_pps", x->passed_pps);
		seki_json_text(j, "why", x->why);
		put_steps(j, "tried", x->tried);
		seki_json_close(j, '}');
	}
	seki_json_close(j, ']');
}

static void
put_second(struct seki_json *j, const struct seki_incident_second *x)
{
	seki_json_open(j, '{');
	seki_json_key(j, "s");
	fprintf(j->out, "%" PRId32, x->s);
	seki_json_count(j, "offered_pps", x->offered_packets / x->n);
	seki_json_count(j, "offered_bps", x->offered_bytes * 8 / x->n);
	seki_json_count(j, "passed_pps", (x->offered_packets - x->dropped_packets) / x->n);
	seki_json_count(j, "passed_bps", (x->offered_bytes - x->dropped_bytes) * 8 / x->n);
	seki_json_count(j, "attack_pps", x->attack_packets / x->n);
	seki_json_key(j, "dropped");
	seki_json_open(j, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (x->dropped[r] != 0)
			seki_json_count(j, seki_reason_name(r), x->dropped[r] / x->n);
	seki_json_close(j, '}');
	seki_json_count(j, "observed_pps", x->observed_packets / x->n);
	seki_json_count(j, "hosts", x->hosts);
	seki_json_count(j, "step", x->step);
	seki_json_close(j, '}');
}

static void
put_timeline(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "timeline");
	seki_json_open(j, '[');
	for (unsigned i = 0; i < in->n_seconds; i++) {
		seki_json_item(j);
		fputc('\n', j->out);
		put_second(j, &in->second[i]);
	}
	seki_json_close(j, ']');
}

static void
put_amounts(struct seki_json *j, const char *name, const uint64_t *packets, const uint64_t *bytes)
{
	seki_json_key(j, name);
	seki_json_open(j, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		if (packets[r] == 0)
			continue;
		seki_json_key(j, seki_reason_name(r));
		seki_json_open(j, '{');
		seki_json_count(j, "packets", packets[r]);
		seki_json_count(j, "bytes", bytes[r]);
		seki_json_close(j, '}');
	}
	seki_json_close(j, '}');
}

/* Sentences travel with the file, so that an old incident keeps its meaning. */
static void
put_reasons(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "reasons");
	seki_json_open(j, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (in->drop_packets[r] != 0 || in->observed_packets[r] != 0)
			seki_json_text(j, seki_reason_name(r), seki_reason_sentence(r));
	seki_json_close(j, '}');
}

static void
put_estimate(struct seki_json *j, const char *name, struct seki_estimate e, const char *method)
{
	if (!e.known) {
		seki_json_text(j, name, NULL);
		return;
	}
	seki_json_key(j, name);
	seki_json_open(j, '{');
	seki_json_share(j, "value", e.value);
	seki_json_share(j, "low", e.low);
	seki_json_share(j, "high", e.high);
	seki_json_text(j, "method", method);
	seki_json_close(j, '}');
}

static void
put_estimates(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "estimates");
	seki_json_open(j, '{');
	put_estimate(j, "leak", seki_incident_leak(in),
		"What passed of each vector from strangers since it was mitigated (or detected, if it never was), less what was "
		"usual before; the interval is from twice what was usual to all that passed.");
	put_estimate(j, "collateral", seki_incident_collateral(in),
		"What was usual of each vector from strangers before, as far as it fell under what was raised, and what "
		"signatures hold of clean samples; the interval is from none to twice the usual or the 95 % bound.");
	seki_json_close(j, '}');
}

static void
put_features(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "features");
	seki_json_open(j, '[');
	for (unsigned i = 0; i < in->n_features; i++) {
		const struct seki_incident_feature *f = &in->feature[i];
		char text[SEKI_FEATURE_TEXT];

		seki_json_item(j);
		seki_json_open(j, '{');
		seki_json_text(j, "feature", seki_feature_name(f->feature));
		seki_json_text(j, "value", seki_feature_format(f->feature, f->value, text));
		seki_json_share(j, "share", f->share);
		seki_json_close(j, '}');
	}
	seki_json_close(j, ']');
	seki_json_key(j, "signatures");
	seki_json_open(j, '[');
	for (unsigned i = 0; i < in->n_signatures; i++) {
		const struct seki_incident_signature *s = &in->signature[i];

		seki_json_item(j);
		seki_json_open(j, '{');
		seki_json_text(j, "expression", s->expression);
		seki_json_text(j, "state", s->expired ? "expired" : s->enforced ? "enforced" : "shadow");
		seki_json_share(j, "attack_share", s->attack_share);
		seki_json_count(j, "clean_hits", s->clean_hits);
		seki_json_count(j, "clean_samples", s->clean_samples);
		put_time(j, "from", s->from_ns);
		put_time(j, "until", s->until_ns);
		seki_json_close(j, '}');
	}
	seki_json_close(j, ']');
}

static void
put_sources(struct seki_json *j, const struct seki_incident *in)
{
	seki_json_key(j, "sources");
	seki_json_open(j, '{');
	seki_json_count(j, "seen", in->sources_seen);
	seki_json_count(j, "samples", in->source_samples);
	seki_json_share(j, "top1_share", in->top1_share);
	seki_json_share(j, "top10_share", in->top10_share);
	seki_json_key(j, "families");
	seki_json_open(j, '{');
	seki_json_share(j, "IPv4", in->source_samples == 0 ? 0 : in->ip4_share);
	seki_json_share(j, "IPv6", in->source_samples == 0 ? 0 : 1 - in->ip4_share);
	seki_json_close(j, '}');
	seki_json_close(j, '}');
}

static void
put_lost(struct seki_json *j, const struct seki_incident *in)
{
	uint64_t packets = 0, bytes = 0;

	for (unsigned i = 0; i < in->n_seconds; i++) {
		packets += in->second[i].offered_packets;
		bytes += in->second[i].offered_bytes;
	}
	if (in->sums.legit <= 0) {
		seki_json_text(j, "lost", NULL);
		return;
	}
	seki_json_key(j, "lost");
	seki_json_open(j, '{');
	seki_json_count(j, "packets", (uint64_t)(in->sums.lost + 0.5));
	seki_json_count(
		j, "bytes", packets == 0 ? 0 : (uint64_t)(in->sums.lost * (double)bytes / (double)packets + 0.5));
	seki_json_close(j, '}');
}

void
seki_incident_json(const struct seki_incident *in, FILE *out)
{
	struct seki_json json = {.out = out, .first = true}, *j = &json;

	seki_json_open(j, '{');
	seki_json_text(j, "format", "seki-incident/1");
	seki_json_text(j, "id", in->id);
	seki_json_text(j, "zone", in->zone_name);
	seki_json_text(j, "domain", in->domain);
	seki_json_text(j, "mode", in->observes ? "observe" : "enforce");
	seki_json_text(j, "state", seki_incident_state_name(in->state));
	put_time(j, "began", in->began_ns);
	put_time(j, "detected", in->detected_ns);
	put_time(j, "mitigated", in->mitigated_ns);
	put_time(j, "ended", in->ended_ns);
	put_since(j, "time_to_detect_ms", in->began_ns, in->detected_ns);
	put_since(j, "time_to_mitigate_ms", in->began_ns, in->mitigated_ns);
	seki_json_count(j, "unheld_ms", in->unheld_ms);
	put_vectors(j, in);
	put_targets(j, in);
	seki_json_count(j, "hosts_peak", in->hosts_peak);
	put_decisions(j, in);
	seki_json_count(j, "decisions_lost", in->decisions_lost);
	put_timeline(j, in);
	put_amounts(j, "drops", in->drop_packets, in->drop_bytes);
	put_amounts(j, "observed", in->observed_packets, in->observed_bytes);
	put_reasons(j, in);
	put_estimates(j, in);
	put_features(j, in);
	put_sources(j, in);
	put_lost(j, in);
	seki_json_close(j, '}');
	fputc('\n', out);
}
