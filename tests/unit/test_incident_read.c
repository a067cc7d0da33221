/* SPDX-License-Identifier: BSD-3-Clause */
/* What is read of an incident's file: all that was written, and nothing of what is none. */
#include "incident_read.h"
#include "suite.h"

#include <stdio.h>

static struct seki_incident incident;
static char *text;
static size_t size;

static void
setup(void)
{
	FILE *out = open_memstream(&text, &size);

	incident = (struct seki_incident){
		.id = "20261126T181300Z-web-eu.1-7",
		.zone_name = "web-eu.1",
		.domain = "default",
		.state = SEKI_INCIDENT_OPEN,
		.observes = true,
		.began_ns = UINT64_C(1764180780250000000),
		.detected_ns = UINT64_C(1764180780450000000),
		.n_targets = 2,
		.hosts_peak = 812,
		.target = {{.prefix = {UINT64_C(0xc633640000000000), 4, 22}, .hosts = 12},
			{.prefix = {UINT64_C(0x20010db8000a0001), 6, 64}}},
	};
	incident.vector[SEKI_VECTOR_UDP] = (struct seki_incident_vector){.seen = true, .limit_pps = 100};
	incident.vector[SEKI_VECTOR_NTP] = (struct seki_incident_vector){.seen = true};
	*seki_incident_decide(&incident) =
		(struct seki_decision){.why = "a \"quoted\" \\ word\n", .vector = SEKI_VECTOR_UDP};
	for (int i = 0; i < 20; i++)
		seki_incident_second(&incident, i)->offered_packets = 1000;
	seki_incident_json(&incident, out);
	fclose(out);
}

static void
teardown(void)
{
	free(text);
}

static void
check_same(const struct seki_summary *got)
{
	struct seki_summary want;

	seki_summary_of(&incident, &want);
	ck_assert_str_eq(got->id, want.id);
	ck_assert_str_eq(got->zone, want.zone);
	ck_assert_str_eq(got->domain, want.domain);
	ck_assert_str_eq(got->began, want.began);
	ck_assert_str_eq(got->detected, "2025-11-26T18:13:00.450Z");
	ck_assert_str_eq(got->mitigated, "");
	ck_assert_str_eq(got->ended, "");
	ck_assert_uint_eq(got->observes, true);
	ck_assert_uint_eq(got->state, SEKI_INCIDENT_OPEN);
	ck_assert_uint_eq(got->vectors, UINT64_C(1) << SEKI_VECTOR_UDP | UINT64_C(1) << SEKI_VECTOR_NTP);
	ck_assert_uint_eq(got->n_targets, 2);
	ck_assert_mem_eq(got->target, want.target, sizeof(got->target));
	ck_assert_uint_eq(got->hosts_peak, 812);
	ck_assert(got->state_len == 4 && memcmp(text + got->state_at, "open\"", 5) == 0);
}

START_TEST(whole)
{
	struct seki_summary got;

	ck_assert(seki_summary_read(text, size, true, &got));
	check_same(&got);
}
END_TEST

/* Its first bytes are enough; but then nothing is said of the rest, and a whole one is whole. */
START_TEST(cut_anywhere)
{
	struct seki_summary got;
	size_t enough = 0;

	for (size_t n = 0; n < size - 1; n++) { /* the last byte is the end of the line */
		HOLDS(!seki_summary_read(text, n, true, &got), "whole after %zu of %zu bytes", n, size);
		if (seki_summary_read(text, n, false, &got)) {
			enough = enough == 0 ? n : enough;
			check_same(&got);
		}
	}
	ck_assert_uint_ne(enough, 0);
	ck_assert_uint_lt(enough, size);
}
END_TEST

/* Any byte that is another: it is read or refused, and the sanitizer sees nothing. */
START_TEST(damaged_anywhere)
{
	static const char others[] = {'"', '\\', '{', ']', '\0', '9', ','};
	struct seki_summary got;
	unsigned refused = 0;

	for (size_t i = 0; i < size; i++) {
		char was = text[i];

		for (size_t k = 0; k < sizeof(others); k++) {
			text[i] = others[k];
			refused += !seki_summary_read(text, size, true, &got);
		}
		text[i] = was;
	}
	ck_assert_uint_gt(refused, size);
}
END_TEST

static const struct {
	const char *text, *what;
} junk_rows[] = {
	{"", "nothing"},
	{"{}", "an empty object"},
	{"[]", "a list"},
	{"{\"id\": \"20261126T181300Z-web-1\"}", "no format"},
	{"{\"format\": \"seki-incident/2\"}", "a later format"},
	{"{\"format\": \"seki-incident/1\"}", "no members"},
	{"{\"format\": \"seki-incident/1\", \"format\": \"seki-incident/1\"}", "twice"},
	{"{\"format\": \"seki-incident/1\", \"id\": \"../../etc/passwd\"}", "an id that leads elsewhere"},
	{"{\"format\": \"seki-incident/1\", \"x\": [[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]}", "too deep"},
	{"{\"format\": \"seki-incident/1\", \"hosts_peak\": 99999999999999999999}", "too large"},
	{"{\"format\": \"seki-incident/1\", \"targets\": [{\"prefix\": \"198.51.100.1/22\"}]}", "no prefix"},
};

START_TEST(junk)
{
	struct seki_summary got;

	ck_assert_msg(!seki_summary_read(junk_rows[_i].text, strlen(junk_rows[_i].text), true, &got), "%s",
		junk_rows[_i].what);
	ck_assert_msg(!seki_summary_read(junk_rows[_i].text, strlen(junk_rows[_i].text), false, &got), "%s",
		junk_rows[_i].what);
}
END_TEST

static const struct {
	const char *text;
	bool is;
	uint64_t number;
} id_rows[] = {
	{"20261126T181300Z-web-1", true, 1},
	{"20261126T181300Z-w-999999999999", true, 999999999999},
	{"20261126T181300Z-a-b-2-3", true, 3},
	{"20261126T181300Z-web-9999999999999", false, 0},
	{"20261126T181300Z-web-", false, 0},
	{"20261126T181300Z--1", false, 0},
	{"20261126T181300Z-1", false, 0},
	{"20261126T181300Z-web", false, 0},
	{"20261126t181300Z-web-1", false, 0},
	{"2026-11-26T18:13:00Z-web-1", false, 0},
	{"20261126T181300Z-we/b-1", false, 0},
	{"20261126T181300Z-we b-1", false, 0},
	{"", false, 0},
};

START_TEST(ids)
{
	uint64_t number = 0;

	ck_assert_msg(seki_incident_is_id(id_rows[_i].text, strlen(id_rows[_i].text), &number) == id_rows[_i].is, "%s",
		id_rows[_i].text);
	ck_assert_uint_eq(number, id_rows[_i].number);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("incident_read");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, whole);
	tcase_add_test(tests, cut_anywhere);
	tcase_add_test(tests, damaged_anywhere);
	tcase_add_loop_test(tests, junk, 0, N(junk_rows));
	tcase_add_loop_test(tests, ids, 0, N(id_rows));
	return suite_run("incident_read", tests);
}
