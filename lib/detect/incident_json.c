/* SPDX-License-Identifier: BSD-3-Clause */

/* The incident file: docs/incident.md. */
#include "incident.h"

#include "feature.h"

#include <inttypes.h>
#include <stdarg.h>

/* Writes values with commas between them. */
struct writer {
	FILE *out;
	bool first; /* in this list or object */
};

static void
put_string(struct writer *w, const char *text)
{
	fputc('"', w->out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			fprintf(w->out, "\\u%04x", c);
		else
			fputc(c, w->out);
	}
	fputc('"', w->out);
}

static void
next(struct writer *w)
{
	if (!w->first)
		fputs(", ", w->out);
	w->first = false;
}

static void
key(struct writer *w, const char *name)
{
	next(w);
	fprintf(w->out, "\"%s\": ", name);
}

static void
open(struct writer *w, char bracket)
{
	fputc(bracket, w->out);
	w->first = true;
}

static void
close(struct writer *w, char bracket)
{
	fputc(bracket, w->out);
	w->first = false;
}

static void
put_text(struct writer *w, const char *name, const char *text)
{
	key(w, name);
	if (text == NULL)
		fputs("null", w->out);
	else
		put_string(w, text);
}

static void
put_count(struct writer *w, const char *name, uint64_t n)
{
	key(w, name);
	fprintf(w->out, "%" PRIu64, n);
}

static void
put_share(struct writer *w, const char *name, double x)
{
	key(w, name);
	fprintf(w->out, "%.6f", x);
}

/* 0: null. */
static void
put_time(struct writer *w, const char *name, uint64_t wall_ns)
{
	char text[SEKI_WALL_TEXT];

	put_text(w, name, wall_ns == 0 ? NULL : seki_wall_text(wall_ns, text));
}

static void
put_since(struct writer *w, const char *name, uint64_t from_ns, uint64_t to_ns)
{
	if (to_ns == 0)
		put_text(w, name, NULL);
	else
		put_count(w, name, to_ns < from_ns ? 0 : (to_ns - from_ns) / 1000000);
}

static void
put_steps(struct writer *w, const char *name, uint32_t steps)
{
	key(w, name);
	open(w, '[');
	for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++)
		if (steps & SEKI_STEP_BIT(s)) {
			next(w);
			put_string(w, seki_step_name(s));
		}
	close(w, ']');
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
put_vectors(struct writer *w, const struct seki_incident *in)
{
	uint64_t all = attack_packets(in);

	key(w, "vectors");
	open(w, '[');
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		const struct seki_incident_vector *x = &in->vector[v];

		if (!x->seen)
			continue;
		next(w);
		open(w, '{');
		put_text(w, "name", seki_vector_name(v));
		put_text(w, "description", seki_vector_description(v));
		put_count(w, "limit_pps", x->limit_pps);
		put_count(w, "limit_bps", x->limit_bps);
		put_text(w, "limit_from", seki_limit_from_name(x->from));
		put_count(w, "peak_pps", x->peak_pps);
		put_count(w, "peak_bps", x->peak_bps);
		put_share(w, "share", ratio(x->packets, all));
		put_time(w, "began", x->began_ns);
		put_time(w, "ended", x->ended_ns);
		put_steps(w, "steps", x->steps);
		close(w, '}');
	}
	close(w, ']');
}

static void
put_targets(struct writer *w, const struct seki_incident *in)
{
	uint64_t all = 0;

	for (unsigned i = 0; i < in->n_targets; i++)
		all += in->target[i].packets;
	key(w, "targets");
	open(w, '[');
	for (unsigned i = 0; i < in->n_targets; i++) {
		const struct seki_incident_target *t = &in->target[i];
		char text[SEKI_TARGET_TEXT];

		next(w);
		open(w, '{');
		put_text(w, "prefix", seki_target_text(t->prefix, text));
		put_count(w, "hosts", t->hosts);
		put_share(w, "share", all == 0 ? 1.0 / in->n_targets : ratio(t->packets, all));
		key(w, "vectors");
		open(w, '[');
		for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
			if (t->vectors >> v & 1) {
				next(w);
				put_string(w, seki_vector_name(v));
			}
		close(w, ']');
		close(w, '}');
	}
	close(w, ']');
}

static void
put_decisions(struct writer *w, const struct seki_incident *in)
{
	key(w, "decisions");
	open(w, '[');
	for (unsigned i = 0; i < in->n_decisions; i++) {
		const struct seki_decision *x = &in->decision[i];

		next(w);
		open(w, '{');
		put_time(w, "at", x->at_ns);
		put_text(w, "vector", seki_vector_name(x->vector));
		put_text(w, "action", seki_decision_action_name(x->action));
		put_text(w, "step", x->step == SEKI_STEP_NONE ? NULL : seki_step_name(x->step));
		put_text(w, "before", x->before == SEKI_STEP_NONE ? NULL : seki_step_name(x->before));
		put_text(w, "seen", x->seen);
		put_count(w, "rate_pps", x->rate_pps);
		put_count(w, "limit_pps", x->limit_pps);
		put_count(w, "passed_pps", x->passed_pps);
		put_text(w, "why", x->why);
		put_steps(w, "tried", x->tried);
		close(w, '}');
	}
	close(w, ']');
}

static void
put_second(struct writer *w, const struct seki_incident_second *x)
{
	open(w, '{');
	key(w, "s");
	fprintf(w->out, "%" PRId32, x->s);
	put_count(w, "offered_pps", x->offered_packets / x->n);
	put_count(w, "offered_bps", x->offered_bytes * 8 / x->n);
	put_count(w, "passed_pps", (x->offered_packets - x->dropped_packets) / x->n);
	put_count(w, "passed_bps", (x->offered_bytes - x->dropped_bytes) * 8 / x->n);
	put_count(w, "attack_pps", x->attack_packets / x->n);
	key(w, "dropped");
	open(w, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (x->dropped[r] != 0)
			put_count(w, seki_reason_name(r), x->dropped[r] / x->n);
	close(w, '}');
	put_count(w, "observed_pps", x->observed_packets / x->n);
	put_count(w, "hosts", x->hosts);
	put_count(w, "step", x->step);
	close(w, '}');
}

static void
put_timeline(struct writer *w, const struct seki_incident *in)
{
	key(w, "timeline");
	open(w, '[');
	for (unsigned i = 0; i < in->n_seconds; i++) {
		next(w);
		fputc('\n', w->out);
		put_second(w, &in->second[i]);
	}
	close(w, ']');
}

static void
put_amounts(struct writer *w, const char *name, const uint64_t *packets, const uint64_t *bytes)
{
	key(w, name);
	open(w, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		if (packets[r] == 0)
			continue;
		key(w, seki_reason_name(r));
		open(w, '{');
		put_count(w, "packets", packets[r]);
		put_count(w, "bytes", bytes[r]);
		close(w, '}');
	}
	close(w, '}');
}

/* Sentences travel with the file, so that an old incident keeps its meaning. */
static void
put_reasons(struct writer *w, const struct seki_incident *in)
{
	key(w, "reasons");
	open(w, '{');
	for (unsigned r = 0; r < SEKI_N_REASONS; r++)
		if (in->drop_packets[r] != 0 || in->observed_packets[r] != 0)
			put_text(w, seki_reason_name(r), seki_reason_sentence(r));
	close(w, '}');
}

static void
put_estimate(struct writer *w, const char *name, struct seki_estimate e, const char *method)
{
	if (!e.known) {
		put_text(w, name, NULL);
		return;
	}
	key(w, name);
	open(w, '{');
	put_share(w, "value", e.value);
	put_share(w, "low", e.low);
	put_share(w, "high", e.high);
	put_text(w, "method", method);
	close(w, '}');
}

static void
put_estimates(struct writer *w, const struct seki_incident *in)
{
	key(w, "estimates");
	open(w, '{');
	put_estimate(w, "leak", seki_incident_leak(in),
		"What passed of each vector from strangers since it was mitigated, less what was usual before; the interval is from "
		"twice what was usual to all that passed.");
	put_estimate(w, "collateral", seki_incident_collateral(in),
		"What was usual of each vector from strangers before, as far as it fell under what was raised, and what "
		"signatures hold of clean samples; the interval is from none to twice the usual or the 95 % bound.");
	close(w, '}');
}

static void
put_features(struct writer *w, const struct seki_incident *in)
{
	key(w, "features");
	open(w, '[');
	for (unsigned i = 0; i < in->n_features; i++) {
		const struct seki_incident_feature *f = &in->feature[i];
		char text[SEKI_FEATURE_TEXT];

		next(w);
		open(w, '{');
		put_text(w, "feature", seki_feature_name(f->feature));
		put_text(w, "value", seki_feature_format(f->feature, f->value, text));
		put_share(w, "share", f->share);
		close(w, '}');
	}
	close(w, ']');
	key(w, "signatures");
	open(w, '[');
	for (unsigned i = 0; i < in->n_signatures; i++) {
		const struct seki_incident_signature *s = &in->signature[i];

		next(w);
		open(w, '{');
		put_text(w, "expression", s->expression);
		put_text(w, "state", s->expired ? "expired" : s->enforced ? "enforced" : "shadow");
		put_share(w, "attack_share", s->attack_share);
		put_count(w, "clean_hits", s->clean_hits);
		put_count(w, "clean_samples", s->clean_samples);
		put_time(w, "from", s->from_ns);
		put_time(w, "until", s->until_ns);
		close(w, '}');
	}
	close(w, ']');
}

static void
put_sources(struct writer *w, const struct seki_incident *in)
{
	key(w, "sources");
	open(w, '{');
	put_count(w, "seen", in->sources_seen);
	put_count(w, "samples", in->source_samples);
	put_share(w, "top1_share", in->top1_share);
	put_share(w, "top10_share", in->top10_share);
	key(w, "families");
	open(w, '{');
	put_share(w, "IPv4", in->source_samples == 0 ? 0 : in->ip4_share);
	put_share(w, "IPv6", in->source_samples == 0 ? 0 : 1 - in->ip4_share);
	close(w, '}');
	close(w, '}');
}

static void
put_lost(struct writer *w, const struct seki_incident *in)
{
	uint64_t packets = 0, bytes = 0;

	for (unsigned i = 0; i < in->n_seconds; i++) {
		packets += in->second[i].offered_packets;
		bytes += in->second[i].offered_bytes;
	}
	if (in->sums.legit <= 0) {
		put_text(w, "lost", NULL);
		return;
	}
	key(w, "lost");
	open(w, '{');
	put_count(w, "packets", (uint64_t)(in->sums.lost + 0.5));
	put_count(w, "bytes", packets == 0 ? 0 : (uint64_t)(in->sums.lost * (double)bytes / (double)packets + 0.5));
	close(w, '}');
}

void
seki_incident_json(const struct seki_incident *in, FILE *out)
{
	struct writer writer = {.out = out, .first = true}, *w = &writer;

	open(w, '{');
	put_text(w, "format", "seki-incident/1");
	put_text(w, "id", in->id);
	put_text(w, "zone", in->zone_name);
	put_text(w, "domain", in->domain);
	put_text(w, "mode", in->observes ? "observe" : "enforce");
	put_text(w, "state", seki_incident_state_name(in->state));
	put_time(w, "began", in->began_ns);
	put_time(w, "detected", in->detected_ns);
	put_time(w, "mitigated", in->mitigated_ns);
	put_time(w, "ended", in->ended_ns);
	put_since(w, "time_to_detect_ms", in->began_ns, in->detected_ns);
	put_since(w, "time_to_mitigate_ms", in->began_ns, in->mitigated_ns);
	put_vectors(w, in);
	put_targets(w, in);
	put_count(w, "hosts_peak", in->hosts_peak);
	put_decisions(w, in);
	put_timeline(w, in);
	put_amounts(w, "drops", in->drop_packets, in->drop_bytes);
	put_amounts(w, "observed", in->observed_packets, in->observed_bytes);
	put_reasons(w, in);
	put_estimates(w, in);
	put_features(w, in);
	put_sources(w, in);
	put_lost(w, in);
	close(w, '}');
	fputc('\n', out);
}
