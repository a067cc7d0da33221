/* SPDX-License-Identifier: BSD-3-Clause */
/* What was learned is read: whole, or not at all. */
#include "baseline_file_rig.h"
#include "baseline_state.h"

#include <errno.h>

/* A new baseline in place of the old one, empty. */
static void
restart(void)
{
	struct seki_err err;

	rig_end();
	seki_err_init(&err);
	base = seki_baseline_create(&seki_baseline_defaults, NULL, &err);
	check_silent(&err);
}

static void
load(void)
{
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_load(base, path, &err), 0);
	check_silent(&err);
}

static uint32_t
zones(void)
{
	struct seki_baseline_counts counts;

	seki_baseline_count(base, &counts);
	return counts.zones + counts.vectors;
}

/* Reads these bytes as a file. It is refused with one sentence that has `text` in it, and nothing is left. */
static void
refused(const char *bytes, size_t n, const char *text)
{
	FILE *in = n == 0 ? fopen("/dev/null", "r") : fmemopen((char *)bytes, n, "r");
	struct seki_err err;

	seki_err_init(&err);
	HOLDS(baseline_read(base, in, "learned", &err) < 0, "%zu bytes were read: %.80s", n, bytes);
	HOLDS(err.n_total == 1 && strstr(err.entry[0].text, text) != NULL, "%u: %s", err.n_total,
		err.n_total == 0 ? "" : err.entry[0].text);
	seki_err_fini(&err);
	HOLDS(zones() == 0, "%zu bytes have left something", n);
	fclose(in);
}

static bool
is_same(const struct seki_suggestion *a, const struct seki_suggestion *b)
{
	return a->pps == b->pps && a->bps == b->bps && a->usual_pps == b->usual_pps && a->usual_bps == b->usual_bps &&
	       a->peak_pps == b->peak_pps && a->peak_bps == b->peak_bps && a->held_pps == b->held_pps &&
	       a->held_bps == b->held_bps && a->weeks == b->weeks && a->hours == b->hours && a->why == b->why;
}

START_TEST(all_is_read_back)
{
	struct seki_suggestion before[SEKI_BASELINE_HOURS];
	size_t n, n_again;
	char *text, *again;

	rig_weeks(0, 8, 100);
	rig_weeks(8, 1, 1000); /* held */
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 9 * WEEK, 7200, 600, 0);
	ck_assert_int_eq(seki_baseline_accept(base, ZONE, SEKI_VECTOR_NTP, 12345, 678901), 0);
	rig_zone(8, "quiet.zone-1");
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++)
		before[h] = rig_ask(V, MONDAY + 9 * WEEK + h * HOUR);
	ck_assert_int_eq(before[0].why, SEKI_WHY_HELD);
	file_save();
	text = file_read(&n);
	ck_assert_int_eq(access(new_path, F_OK), -1);
	restart();
	load();
	file_save();
	again = file_read(&n_again);
	ck_assert_uint_eq(n, n_again);
	ck_assert_int_eq(memcmp(text, again, n), 0);
	/* Under the same name, be the id another one. */
	rig_zone(3, "web");
	for (unsigned h = 0; h < SEKI_BASELINE_HOURS; h++) {
		struct seki_suggestion s;

		ck_assert(seki_baseline_suggest(base, 3, V, MONDAY + 9 * WEEK + h * HOUR, &s));
		ck_assert(is_same(&s, &before[h]));
	}
	ck_assert_ptr_nonnull(strstr(text, "\nvector ntp idle 0 accepted 12345/678901 held never 0/0\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nzone quiet.zone-1 last never hours 000"));
	free(text);
	free(again);
}
END_TEST

START_TEST(learning_goes_on_after_a_restart)
{
	rig_weeks(0, 5, 100);
	rig_feed(V, MONDAY + 5 * WEEK, 1, 0, 0);
	file_save();
	restart();
	load();
	rig_zone(ZONE, "web");
	rig_weeks(5, 1, 100);
	rig_feed(V, MONDAY + 6 * WEEK, 1, 0, 0);
	ck_assert_uint_eq(rig_ask(V, MONDAY + 6 * WEEK + 36 * HOUR).weeks, 6);
	rig_near(rig_ask(V, MONDAY + 6 * WEEK + 36 * HOUR).pps, 24000, 5);
}
END_TEST

START_TEST(the_first_start_has_no_file)
{
	struct seki_err err;

	seki_err_init(&err);
	restart();
	ck_assert_int_eq(seki_baseline_load(base, path, &err), -ENOENT);
	check_silent(&err);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_load(base, dir, &err), -EIO);
	check_said(&err, 1, 0, "cannot be read");
}
END_TEST

/* A file of a zone with two vectors and three hours: every byte flipped, and cut off at every byte. */
START_TEST(damage_is_refused)
{
	size_t n;
	char *text;

	rig_feed(V, MONDAY, 10800, 5000, 0);
	rig_feed(V, MONDAY + WEEK, 10801, 5555, 0);
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 2 * WEEK, 10801, 700, 0);
	file_save();
	text = file_read(&n);
	restart();
	for (size_t i = 0; i < n; i++) {
		for (unsigned bit = 0; bit < 8; bit++) {
			text[i] ^= (char)(1 << bit);
			refused(text, n, " ");
			text[i] ^= (char)(1 << bit);
		}
		refused(text, i, i == 0 ? "is empty" : " ");
	}
	/* Cut off at the end of a line. */
	refused(text, (size_t)(strstr(text, "\nend") - text) + 1, "is cut off");
	text[n - 2] ^= 1;
	refused(text, n, "damaged");
	free(text);
	/* What it is when it is not damaged. */
	load();
	ck_assert_uint_eq(zones(), 3);
}
END_TEST

#define HEAD "seki-baseline 1\n"
#define DIGITS_42 "000000000000000000000000000000000000000000"
#define ZONE_LINE "zone web last never hours " DIGITS_42 DIGITS_42 DIGITS_42 DIGITS_42 "\n"
#define VECTOR_LINE "vector udp idle 0 accepted 0/0 held never 0/0\n"

/* Texts, and what is said of them. */
static const struct {
	const char *text, *said;
} texts[] = {
	{"\n", "no file of baselines"},
	{"hello\n", "no file of baselines"},
	{"seki-baseline\n", "no file of baselines"},
	{"seki-baseline one\n", "no file of baselines"},
	{"seki-baseline 2\n", "is of format 2, and this version of Seki reads format 1"},
	{"seki-baseline 0\n", "is of format 0"},
	{HEAD, "cut off"},
	{HEAD "\n", "begins no line"},
	{HEAD "zone web\n", "does not begin a line as those of zones"},
	{HEAD "zone web last now hours 0\n", "is no time"},
	{HEAD "zone web last never hours 0\n", "168 digits"},
	{HEAD "zone web last never hours 9" DIGITS_42 "\n", "168 digits"},
	{HEAD "zone a/b last never hours 0\n", "is no name of a zone"},
	{HEAD ZONE_LINE ZONE_LINE, "is there twice"},
	{HEAD VECTOR_LINE, "does not begin a line as those of vectors"},
	{HEAD ZONE_LINE "vector udp\n", "does not begin a line as those of vectors"},
	{HEAD ZONE_LINE VECTOR_LINE VECTOR_LINE, "is there twice"},
	{HEAD ZONE_LINE "vector warp idle 0 accepted 0/0 held never 0/0\n", "is no vector"},
	{HEAD ZONE_LINE "vector udp idle 9999 accepted 0/0 held never 0/0\n", "is no number of hours"},
	{HEAD ZONE_LINE "vector udp idle -1 accepted 0/0 held never 0/0\n", "is no number of hours"},
	{HEAD ZONE_LINE "vector udp idle 0 accepted 0 held never 0/0\n", "has rates"},
	{HEAD ZONE_LINE "vector udp idle 0 accepted 0/0 held never 0/99999999999999999\n", "has rates"},
	{HEAD ZONE_LINE "vector udp idle 0 accepted 0/0 held ever 0/0\n", "is no time"},
	{HEAD ZONE_LINE "mon 00 -/- 0/0/0/0\n", "is the hour of no vector"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 24 -/- 0/0/0/0\n", "begins no line"},
	{HEAD ZONE_LINE VECTOR_LINE "moon 01 -/- 0/0/0/0\n", "begins no line"},
	{HEAD ZONE_LINE VECTOR_LINE "tue 00 -/- 0/0/0/0\nmon 00 -/- 0/0/0/0\n", "out of order"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 -/-\n", "without rates"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 - 0/0/0/0\n", "is no pair of limits"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 x/- 0/0/0/0\n", "is no limit"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 -/- 0/0/0\n", "is not four rates"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 -/- 0/0/0/0/0\n", "is not four rates"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 -/- 0/0/0/\n", "is no rate"},
	{HEAD ZONE_LINE VECTOR_LINE "mon 00 -/- 1 2 3 4 5 6 7 8 9\n", "is one word too many"},
	{HEAD "end\n", "damaged"},
	{HEAD "end zones 0 vectors 0 sum 0123456789abcdef\n", "damaged"},
	{HEAD "no newline", "no whole line"},
};

START_TEST(what_is_no_such_file_is_refused)
{
	char *longest = calloc(1, 5000);

	restart();
	for (size_t i = 0; i < N(texts); i++)
		refused(texts[i].text, strlen(texts[i].text), texts[i].said);
	memset(longest, 'x', 4999);
	longest[4998] = '\n';
	refused(longest, 4999, "no whole line");
	free(longest);
}
END_TEST

/* A good end, and then something: refused for that. */
START_TEST(nothing_comes_after_the_end)
{
	size_t n;
	char *text;

	file_save();
	text = file_read(&n);
	text = realloc(text, n + 10);
	memcpy(text + n, HEAD, 10);
	text[n + 9] = '\n';
	restart();
	refused(text, n + 10, "after the end");
	free(text);
}
END_TEST

/* Fewer vectors than the file has: refused, not cut down in silence. */
START_TEST(a_file_that_is_too_large_is_refused)
{
	struct seki_baseline_params params = seki_baseline_defaults;
	struct seki_err err;

	rig_feed(V, MONDAY, 3601, 5000, 0);
	rig_feed(SEKI_VECTOR_NTP, MONDAY + 2 * HOUR, 3601, 5000, 0);
	file_save();
	rig_end();
	params.max_vectors = 1;
	base = seki_baseline_create(&params, NULL, NULL);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_load(base, path, &err), -ENOSPC);
	check_said(&err, 1, 6, "is beyond the vectors that are to be learned");
	ck_assert_uint_eq(zones(), 0);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline_file");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, file_begin, file_end);
	tcase_add_test(tests, all_is_read_back);
	tcase_add_test(tests, learning_goes_on_after_a_restart);
	tcase_add_test(tests, the_first_start_has_no_file);
	tcase_add_test(tests, damage_is_refused);
	tcase_add_test(tests, what_is_no_such_file_is_refused);
	tcase_add_test(tests, nothing_comes_after_the_end);
	tcase_add_test(tests, a_file_that_is_too_large_is_refused);
	return suite_run("baseline_file", tests);
}
