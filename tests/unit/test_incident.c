/* SPDX-License-Identifier: BSD-3-Clause */
/* The record of an incident: bounded, and JSON whatever is in it. */
#include "hash.h"
#include "incident.h"
#include "json_check.h"
#include "suite.h"

#define WALL UINT64_C(1767225600000000000) /* 2026-01-01 */

static struct seki_incident *in;

static void
setup(void)
{
	in = calloc(1, sizeof(*in));
}

static void
teardown(void)
{
	free(in);
}

/* The file's text, the caller's. */
static char *
text_of(const struct seki_incident *incident)
{
	char *text = NULL;
	size_t bytes;
	FILE *out = open_memstream(&text, &bytes);

	seki_incident_json(incident, out);
	fclose(out);
	ck_assert_uint_eq(strlen(text), bytes);
	return text;
}

/* The checker itself. */
static const struct {
	const char *text;
	bool good;
} texts[] = {
	{"{}", true},
	{"[1, -0.5e+3, \"a\\u00e4\\n\", null, {\"k\": []}]\n", true},
	{"", false},
	{"[1,]", false},
	{"[1 2]", false},
	{"{\"a\": 1,}", false},
	{"{\"a\" 1}", false},
	{"{a: 1}", false},
	{"[01]", false},
	{"[nan]", false},
	{"[.5]", false},
	{"[1.]", false},
	{"[inf]", false},
	{"[\"\t\"]", false},
	{"[\"\xc3\xa4\"]", false},
	{"[\"\\x\"]", false},
	{"[\"\\u12\"]", false},
	{"[1]]", false},
	{"[1", false},
};

START_TEST(checker)
{
	ck_assert_msg(is_json(texts[_i].text) == texts[_i].good, "%s", texts[_i].text);
}
END_TEST

/* Any bytes, ended. */
static void
any_text(struct seki_rng *rng, char *text, size_t room)
{
	size_t n = (size_t)seki_rng_below(rng, room);

	for (size_t i = 0; i < n; i++)
		text[i] = (char)(1 + seki_rng_below(rng, 255));
	text[n] = '\0';
}

static uint64_t
any_number(struct seki_rng *rng)
{
	return seki_rng_next(rng) >> seki_rng_below(rng, 64);
}

static void
fill_lists(struct seki_rng *rng)
{
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		in->vector[v] = (struct seki_incident_vector){seki_rng_below(rng, 3) == 0,
			(uint8_t)seki_rng_below(rng, SEKI_N_LIMIT_FROM), (uint32_t)seki_rng_below(rng, 64),
			any_number(rng), any_number(rng), any_number(rng), any_number(rng), any_number(rng),
			any_number(rng), any_number(rng)};
	in->n_targets = (unsigned)seki_rng_below(rng, SEKI_TARGETS_MAX + 1);
	for (unsigned i = 0; i < in->n_targets; i++) {
		uint8_t family = seki_rng_below(rng, 2) == 0 ? 4 : 6;
		uint8_t len = (uint8_t)seki_rng_below(rng, family == 4 ? 33 : 65);
		uint64_t net = family == 4 ? seki_rng_next(rng) >> 32 << 32 : seki_rng_next(rng);

		in->target[i] = (struct seki_incident_target){
			{net, family, len}, seki_rng_next(rng), (uint32_t)any_number(rng), any_number(rng)};
	}
	in->n_signatures = (unsigned)seki_rng_below(rng, SEKI_INCIDENT_SIGNATURES + 1);
	for (unsigned i = 0; i < in->n_signatures; i++) {
		in->signature[i].expired = seki_rng_below(rng, 2) == 0;
		in->signature[i].until_ns = any_number(rng);
		any_text(rng, in->signature[i].expression, sizeof(in->signature[i].expression));
	}
	in->n_features = (unsigned)seki_rng_below(rng, SEKI_INCIDENT_FEATURES + 1);
	for (unsigned i = 0; i < in->n_features; i++)
		in->feature[i] = (struct seki_incident_feature){(uint8_t)i, (uint32_t)any_number(rng), 0.75};
}

static void
fill_history(struct seki_rng *rng)
{
	for (unsigned n = (unsigned)seki_rng_below(rng, 600); n > 0; n--) {
		struct seki_decision *x = seki_incident_decide(in);

		if (x == NULL)
			continue;
		*x = (struct seki_decision){.at_ns = any_number(rng),
			.vector = (uint8_t)seki_rng_below(rng, SEKI_N_VECTORS),
			.action = (uint8_t)seki_rng_below(rng, SEKI_N_DECISION_ACTIONS),
			.step = (uint8_t)seki_rng_below(rng, SEKI_N_STEPS),
			.tried = (uint32_t)seki_rng_below(rng, 64)};
		any_text(rng, x->seen, sizeof(x->seen));
		any_text(rng, x->why, sizeof(x->why));
	}
	for (int32_t s = -9; s < (int32_t)seki_rng_below(rng, 3000); s++) {
		struct seki_incident_second *x = seki_incident_second(in, s);

		x->offered_packets = any_number(rng) >> 16;
		x->dropped_packets = x->offered_packets / 2;
		x->dropped[seki_rng_below(rng, SEKI_N_REASONS)] = (uint32_t)any_number(rng);
	}
	for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
		in->drop_packets[r] = seki_rng_below(rng, 3) == 0 ? any_number(rng) : 0;
		in->observed_packets[r] = seki_rng_below(rng, 3) == 0 ? any_number(rng) : 0;
	}
}

/* Nothing that may stand in an incident makes it another thing than JSON. */
START_TEST(json)
{
	struct seki_rng rng;
	char *text;

	seki_rng_init(&rng, (uint64_t)_i);
	if (_i > 0) { /* the first one is empty */
		any_text(&rng, in->id, sizeof(in->id));
		any_text(&rng, in->zone_name, sizeof(in->zone_name));
		in->state = (enum seki_incident_state)seki_rng_below(&rng, 4);
		in->began_ns = any_number(&rng);
		in->detected_ns = any_number(&rng);
		in->mitigated_ns = any_number(&rng);
		fill_lists(&rng);
		fill_history(&rng);
		in->sums.attack = (double)seki_rng_below(&rng, 2) * 1e9;
		in->sums.legit = (double)seki_rng_below(&rng, 2) * 1e9;
		in->sums.lost_high = 1e12;
		in->source_samples = (unsigned)seki_rng_below(&rng, 2) * 100;
	}
	text = text_of(in);
	ck_assert_msg(is_json(text), "%.200s", text);
	free(text);
}
END_TEST

START_TEST(decisions_are_bounded)
{
	for (unsigned i = 0; i < SEKI_INCIDENT_DECISIONS; i++)
		ck_assert_ptr_eq(seki_incident_decide(in), &in->decision[i]);
	for (unsigned i = 0; i < 10; i++)
		ck_assert_ptr_null(seki_incident_decide(in));
	ck_assert_uint_eq(in->n_decisions, SEKI_INCIDENT_DECISIONS);
	ck_assert_uint_eq(in->decisions_lost, 10);
}
END_TEST

/* However long it lasts, sums are those of all seconds, in order, without a gap, and none joins what was before the
 * incident with what was after. */
START_TEST(seconds_are_bounded)
{
	uint64_t packets = 0, drops = 0;
	uint32_t hosts = 0;
	struct seki_rng rng;

	seki_rng_init(&rng, 9);
	for (int32_t s = -9; s < 20000; s++) {
		struct seki_incident_second *x = seki_incident_second(in, s);
		uint64_t seen_packets = 0, seen_drops = 0;
		uint32_t seen_hosts = 0;
		int32_t next = -9;

		x->offered_packets = seki_rng_below(&rng, 1000);
		x->dropped[SEKI_REASON_FLOOD] = (uint32_t)seki_rng_below(&rng, 1000);
		x->hosts = (uint32_t)seki_rng_below(&rng, 1000000);
		x->step = (uint8_t)(s % 3);
		packets += x->offered_packets;
		drops += x->dropped[SEKI_REASON_FLOOD];
		hosts = x->hosts > hosts ? x->hosts : hosts;
		if (s % 97 != 0)
			continue;
		HOLDS(in->n_seconds <= SEKI_INCIDENT_SECONDS, "%u", in->n_seconds);
		for (unsigned i = 0; i < in->n_seconds; i++) {
			const struct seki_incident_second *y = &in->second[i];

			HOLDS(y->s == next && y->n > 0, "%d follows, not %d", y->s, next);
			next += (int32_t)y->n;
			HOLDS(y->s >= 0 || next <= 0, "before and after are one");
			seen_packets += y->offered_packets;
			seen_drops += y->dropped[SEKI_REASON_FLOOD];
			seen_hosts = y->hosts > seen_hosts ? y->hosts : seen_hosts;
		}
		HOLDS(next == s + 1 && seen_packets == packets && seen_drops == drops && seen_hosts == hosts,
			"after %d seconds", s);
	}
	ck_assert_uint_ge(in->n_seconds, SEKI_INCIDENT_SECONDS / 2);
}
END_TEST

static double
up_to(struct seki_rng *rng, double max)
{
	return max * (double)seki_rng_below(rng, 1001) / 1000;
}

/* A share is within its interval, and that within 0 to 1; without an attack, or with next to no traffic, nothing is
 * known. */
START_TEST(estimates)
{
	struct seki_rng rng;

	seki_rng_init(&rng, 4);
	ck_assert(!seki_incident_leak(in).known);
	ck_assert(!seki_incident_collateral(in).known);
	in->sums.legit = 99;
	ck_assert(!seki_incident_collateral(in).known);
	for (unsigned n = 0; n < 100000; n++) {
		struct seki_incident_sums *s = &in->sums;
		struct seki_estimate leak, collateral;

		s->attack_high = 1 + up_to(&rng, 1e9);
		s->attack = 1 + up_to(&rng, s->attack_high - 1);
		s->attack_low = up_to(&rng, s->attack);
		s->leaked_high = up_to(&rng, s->attack_high);
		s->leaked = up_to(&rng, s->leaked_high);
		s->leaked_low = up_to(&rng, s->leaked);
		s->legit = 100 + up_to(&rng, 1e9);
		s->lost_high = up_to(&rng, 2 * s->legit);
		s->lost = up_to(&rng, s->lost_high);
		leak = seki_incident_leak(in);
		collateral = seki_incident_collateral(in);
		HOLDS(leak.known && 0 <= leak.low && leak.low <= leak.value && leak.value <= leak.high &&
				leak.high <= 1,
			"leak %f in %f to %f", leak.value, leak.low, leak.high);
		HOLDS(collateral.known && 0 <= collateral.low && collateral.low <= collateral.value &&
				collateral.value <= collateral.high && collateral.high <= 1,
			"collateral %f in %f to %f", collateral.value, collateral.low, collateral.high);
	}
}
END_TEST

static const struct {
	uint64_t ns;
	const char *text;
} times[] = {
	{0, "1970-01-01T00:00:00.000Z"},
	{WALL, "2026-01-01T00:00:00.000Z"},
	{WALL - 1, "2025-12-31T23:59:59.999Z"},
	{WALL + 1999999, "2026-01-01T00:00:00.001Z"},
	{UINT64_C(1709164800000000000), "2024-02-29T00:00:00.000Z"},
};

START_TEST(wall)
{
	char text[SEKI_WALL_TEXT];

	ck_assert_str_eq(seki_wall_text(times[_i].ns, text), times[_i].text);
}
END_TEST

START_TEST(names)
{
	ck_assert_str_eq(seki_incident_state_name(SEKI_INCIDENT_INTERRUPTED), "interrupted");
	ck_assert_str_eq(seki_incident_state_name(99), "?");
	ck_assert_str_eq(seki_decision_action_name(SEKI_DECISION_OVERRIDE), "override");
	ck_assert_str_eq(seki_decision_action_name(SEKI_N_DECISION_ACTIONS), "?");
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("incident");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, checker, 0, N(texts));
	tcase_add_loop_test(tests, json, 0, 60);
	tcase_add_test(tests, decisions_are_bounded);
	tcase_add_test(tests, seconds_are_bounded);
	tcase_add_test(tests, estimates);
	tcase_add_loop_test(tests, wall, 0, N(times));
	tcase_add_test(tests, names);
	return suite_run("incident", tests);
}
