/* SPDX-License-Identifier: BSD-3-Clause */
/* Limits that were learned or are an event's, from counters of one core to what the zone is held to; and the file. */
#include "learn.h"
#include "suite.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE 3
#define N_BLOCKS 64
#define S UINT64_C(1000000000)
#define HOUR (3600 * S)
#define WEEK (168 * HOUR)
#define V SEKI_VECTOR_UDP

/* A Monday, 00:00 UTC: 2026-01-05. */
#define MONDAY (UINT64_C(1767571200) * S)

static struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS];
static struct seki_sampler sampler;
static struct seki_blocks blocks;
static struct seki_stats *stats;
static struct seki_detect *detect;
static struct seki_limits limits;
static struct seki_policy policy;
static struct seki_policy_zone zone = {.name = "web", .limits = &limits};
static struct learn *learn;
static void *memory;
static uint64_t now_ns;
static char dir[64], path[96], bad[96];

static void
open_learn(bool offline)
{
	const struct learn_conf conf = {.path = path, .learns = true, .offline = offline};
	struct seki_err err;

	seki_err_init(&err);
	learn = learn_create(&conf, &err);
	check_silent(&err);
	ck_assert_ptr_nonnull(learn);
}

static void
tell(void)
{
	const struct seki_detect_zone told = {.name = "web", .domain = "default", .limits = learn_limits(learn, ZONE)};

	ck_assert_int_eq(seki_detect_zone(detect, ZONE, &told), 0);
}

static void
use(enum seki_learn mode)
{
	policy.learn = mode;
	learn_policy(learn, &policy);
	learn_zone(learn, ZONE, &zone, now_ns);
	tell();
}

static void
begin(void)
{
	struct seki_detect_params params = SEKI_DETECT_PARAMS;
	struct seki_detect_core core = {.blocks = &blocks, .sampler = &sampler};

	strcpy(dir, "/tmp/seki-learn-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/learned", dir);
	snprintf(bad, sizeof(bad), "%s/learned.bad", dir);
	memory = aligned_alloc(4096, (seki_blocks_bytes(N_BLOCKS) + 4095) / 4096 * 4096);
	memset(memory, 0, seki_blocks_bytes(N_BLOCKS));
	seki_blocks_init(&blocks, memory, N_BLOCKS, 1);
	stats = aligned_alloc(64, sizeof(*stats));
	memset(stats, 0, sizeof(*stats));
	core.stats = stats;
	params.core = &core;
	params.n_cores = 1;
	params.cms = cms;
	detect = seki_detect_create(&params);
	ck_assert_ptr_nonnull(detect);
	memset(&limits, 0, sizeof(limits));
	limits.at[SEKI_LEVEL_ZONE][V].pps = 1000;
	limits.at[SEKI_LEVEL_HOST][V].pps = 800;
	seki_limits_between(&limits, V);
	policy.calendar = seki_calendar_create();
	now_ns = MONDAY;
	open_learn(true);
}

static void
end(void)
{
	learn_destroy(learn);
	seki_detect_destroy(detect);
	seki_calendar_destroy(policy.calendar);
	free(stats);
	free(memory);
	unlink(path);
	unlink(bad);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void
put(uint32_t address, unsigned n)
{
	struct pkt pkt = {
		.arrival_ns = now_ns, .zone = ZONE, .l3 = PKT_L3_IP4, .batch = 1, .batch_bytes = 1000, .vector = V};

	pkt.dst.v4_be = htobe32(address);
	for (unsigned i = 0; i < n; i++) {
		struct seki_blocks_burst burst = {0};

		seki_blocks_look_burst(&blocks, &pkt, 1, false, &burst);
		seki_blocks_count_burst(&blocks, &pkt, 0, &burst);
	}
}

/* A tick; true: limits have changed, and the detector was told. */
static bool
tick(void)
{
	const struct learn_now now = {now_ns / SEKI_DETECT_TICK_NS, now_ns};
	bool changed;

	seki_detect_tick(detect, now_ns, now_ns);
	changed = learn_tick(learn, detect, ZONE, now);
	if (changed)
		tell();
	return changed;
}

/* `pps` packets in each of `n` seconds, to ten hosts. */
static void
seconds(unsigned n, unsigned pps)
{
	for (unsigned i = 0; i < 10 * n; i++) {
		put(0xc6336400 + i % 10, pps / 10);
		tick();
		now_ns += S / 10;
	}
}

/* Learns that 600 packets a second are usual from 09:00 to 10:00 on Mondays. */
static void
mondays(unsigned weeks)
{
	for (unsigned w = 0; w < weeks; w++) {
		now_ns = MONDAY + w * WEEK + 9 * HOUR;
		seconds(3600, 600);
	}
	now_ns = MONDAY + weeks * WEEK + 9 * HOUR - S;
	tick();
}

static uint64_t
limit_now(enum seki_level level)
{
	return learn_limits(learn, ZONE)->at[level][V].pps;
}

START_TEST(learned_limits_are_applied)
{
	struct seki_suggestion s;
	uint64_t learned;

	use(SEKI_LEARN_APPLY);
	mondays(3);
	now_ns += S;
	tick();
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert(s.pps >= 1150 && s.pps <= 1350 && !s.may_apply && s.confidence == SEKI_CONFIDENCE_LOW);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	seconds(3600, 600);
	now_ns = MONDAY + 4 * WEEK + 9 * HOUR - 1801 * S;
	tick();
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	now_ns = MONDAY + 4 * WEEK + 9 * HOUR;
	ck_assert(tick());
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert(s.may_apply && s.confidence == SEKI_CONFIDENCE_MEDIUM && s.weeks == 4);
	learned = limit_now(SEKI_LEVEL_ZONE);
	ck_assert_uint_eq(learned, s.pps);
	ck_assert_uint_gt(learned, 1100);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_HOST), 800);
	ck_assert_uint_gt(limit_now(SEKI_LEVEL_WIDE), limits.at[SEKI_LEVEL_WIDE][V].pps);
	ck_assert_uint_eq(learn_limits(learn, ZONE)->from[V], SEKI_LIMIT_LEARNED);
	ck_assert_uint_eq(learn_limits(learn, ZONE)->host_from[V], SEKI_LIMIT_DEFAULT);
	/* Two hours later nothing was learned of the hour or those beside it. */
	now_ns += 2 * HOUR;
	ck_assert(tick());
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	ck_assert_ptr_eq(learn_limits(learn, ZONE), &limits);
}
END_TEST

START_TEST(learned_limits_are_only_suggested)
{
	struct seki_suggestion s;

	use(SEKI_LEARN_SUGGEST);
	mondays(4);
	now_ns += S;
	ck_assert(!tick());
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert(s.may_apply && s.pps > 1100);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	/* A reload that wants them has them at once, and one with a higher limit has that. */
	use(SEKI_LEARN_APPLY);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), s.pps);
	limits.at[SEKI_LEVEL_ZONE][V].pps = 5000;
	use(SEKI_LEARN_APPLY);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 5000);
	ck_assert(!learn_suggest(learn, ZONE + 1, V, now_ns, &s));
}
END_TEST

static void
add_event(uint64_t pps, uint64_t from, uint64_t until)
{
	const struct seki_event event = {.vector = V, .pps = pps, .approver = "Sato", .from = from, .until = until};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_int_eq(seki_calendar_add_event(policy.calendar, &event, &err), 0);
}

START_TEST(events_hold_while_they_last)
{
	add_event(3000, MONDAY + 90 * S, MONDAY + 150 * S);
	use(SEKI_LEARN_OFF);
	for (unsigned i = 0; i < 1800; i++, now_ns += S / 10) {
		bool on = now_ns >= MONDAY + 90 * S && now_ns < MONDAY + 150 * S;

		ck_assert_int_eq(tick(), i == 900 || i == 1500);
		ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), on ? 3000 : 1000);
		ck_assert_uint_eq(limit_now(SEKI_LEVEL_HOST), on ? 3000 : 800);
		ck_assert_uint_eq(limit_now(SEKI_LEVEL_BLOCK), on ? 3000 : limits.at[SEKI_LEVEL_BLOCK][V].pps);
		ck_assert_uint_eq(learn_limits(learn, ZONE)->from[V], on ? SEKI_LIMIT_EVENT : SEKI_LIMIT_DEFAULT);
	}
}
END_TEST

/* What an attack is held to does not move under it: an event that begins has to wait for its end. */
START_TEST(incidents_freeze_limits)
{
	struct seki_detect_second second;
	unsigned i = 0;

	add_event(9000, MONDAY + 10 * S, MONDAY + 1000 * S);
	use(SEKI_LEARN_APPLY);
	for (; i < 300; i++, now_ns += S / 10) {
		put(0xc6336401, 200);
		ck_assert(!tick());
	}
	ck_assert(seki_detect_second(detect, ZONE, &second));
	ck_assert(second.incident && second.frozen == UINT64_MAX);
	ck_assert_uint_eq(second.pps[V], 2000);
	ck_assert_uint_eq(second.bps[V], 2000 * 8000);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	while (!tick() && i++ < 600)
		now_ns += S / 10;
	ck_assert_uint_lt(i, 600);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 9000);
	ck_assert(seki_detect_second(detect, ZONE, &second));
	ck_assert(!second.incident && second.frozen == 0);
}
END_TEST

START_TEST(silence_is_known)
{
	use(SEKI_LEARN_APPLY);
	tick();
	ck_assert(seki_detect_is_silent(detect));
	put(0xc6336401, 1);
	/* A core's clock may be two ticks behind. */
	for (unsigned i = 0; i < 12; i++, now_ns += S / 10) {
		tick();
		ck_assert(!seki_detect_is_silent(detect));
	}
	tick();
	ck_assert(seki_detect_is_silent(detect));
}
END_TEST

/* What was learned is in the file at the end, and there at the next start. */
START_TEST(the_file_lasts)
{
	struct seki_suggestion s;

	learn_destroy(learn);
	open_learn(false);
	use(SEKI_LEARN_SUGGEST);
	for (unsigned w = 0; w < 4; w++) {
		now_ns = MONDAY + w * WEEK + 9 * HOUR;
		seconds(3600, 600);
	}
	seconds(3, 0);
	learn_destroy(learn);
	ck_assert_int_eq(access(path, R_OK), 0);
	open_learn(true);
	use(SEKI_LEARN_APPLY);
	ck_assert(learn_suggest(learn, ZONE, V, MONDAY + 4 * WEEK + 9 * HOUR, &s));
	ck_assert(s.may_apply && s.pps > 1100);
}
END_TEST

/* Eight Mondays at nine, of which the last four asked for more than the ceiling; and a file of that. */
static void
write_learned(void)
{
	static const struct seki_baseline_floor floor[SEKI_N_VECTORS] = {[V] = {.pps = 1000}};
	uint64_t pps[SEKI_N_VECTORS] = {0}, bps[SEKI_N_VECTORS] = {0};
	struct seki_baseline *b;
	struct seki_err err;

	seki_err_init(&err);
	b = seki_baseline_create(&seki_baseline_defaults, NULL, &err);
	ck_assert_ptr_nonnull(b);
	ck_assert_int_eq(seki_baseline_zone(b, ZONE, "web", floor), 0);
	ck_assert_int_eq(seki_baseline_accept(b, ZONE, V, 8000, 0), 0);
	for (unsigned w = 0; w < 8; w++) {
		uint64_t at = MONDAY + w * WEEK + 9 * HOUR;
		struct seki_baseline_second hour = {.wall_ns = at, .n = 3600, .pps = pps, .bps = bps};
		struct seki_baseline_second next = {.wall_ns = at + HOUR, .n = 1, .pps = pps, .bps = bps};

		pps[V] = w < 4 ? 600 : 8000;
		seki_baseline_feed(b, ZONE, &hour);
		seki_baseline_feed(b, ZONE, &next);
	}
	ck_assert_int_eq(seki_baseline_accept(b, ZONE, V, 0, 0), 0);
	ck_assert_int_eq(seki_baseline_save(b, path, &err), 0);
	check_silent(&err);
	seki_baseline_destroy(b);
}

static void
begin_learned(enum seki_learn mode)
{
	learn_destroy(learn);
	write_learned();
	now_ns = MONDAY + 8 * WEEK + 9 * HOUR;
	open_learn(false);
	use(mode);
	tick();
}

/* A tick later, whatever the hour. */
static bool
next_tick(void)
{
	now_ns += S / 10;
	return tick();
}

START_TEST(an_operators_word_moves_limits_at_once)
{
	struct seki_suggestion s;

	begin_learned(SEKI_LEARN_APPLY);
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert_int_eq(s.why, SEKI_WHY_CEILING);
	ck_assert_uint_eq(s.accepted_pps, 0);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 10000);
	ck_assert_int_eq(learn_accept(learn, ZONE, V, (struct seki_rate){8000, 0}), 0);
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 10000);
	ck_assert(next_tick());
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert_uint_eq(s.accepted_pps, 8000);
	ck_assert_uint_eq(s.accepted_bps, 0);
	ck_assert(limit_now(SEKI_LEVEL_ZONE) > 15000 && limit_now(SEKI_LEVEL_ZONE) <= 16000);
	ck_assert(!next_tick());
	/* Told again it changes nothing; taken back, all. */
	ck_assert_int_eq(learn_accept(learn, ZONE, V, (struct seki_rate){8000, 0}), 0);
	ck_assert(!next_tick());
	ck_assert_int_eq(learn_accept(learn, ZONE, V, (struct seki_rate){0, 0}), 0);
	ck_assert(next_tick());
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 10000);
	ck_assert_int_eq(learn_forget(learn, ZONE, V), 0);
	ck_assert(next_tick());
	ck_assert_ptr_eq(learn_limits(learn, ZONE), &limits);
	ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
	ck_assert_int_eq(s.why, SEKI_WHY_UNKNOWN);
	ck_assert(learn_knows(learn, ZONE, V));
	ck_assert_int_eq(learn_forget(learn, ZONE, V), 0);
	ck_assert(!next_tick());
}
END_TEST

START_TEST(an_operators_word_lasts)
{
	struct seki_suggestion s;

	begin_learned(SEKI_LEARN_SUGGEST);
	ck_assert_int_eq(learn_accept(learn, ZONE, V, (struct seki_rate){8000, 0}), 0);
	ck_assert(!next_tick());
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 1000);
	for (unsigned forgotten = 0; forgotten < 2; forgotten++) {
		learn_destroy(learn);
		open_learn(false);
		use(SEKI_LEARN_SUGGEST);
		ck_assert(learn_knows(learn, ZONE, V));
		ck_assert(learn_suggest(learn, ZONE, V, now_ns, &s));
		ck_assert_uint_eq(s.accepted_pps, forgotten ? 0 : 8000);
		ck_assert_uint_eq(s.weeks, forgotten ? 0 : 8);
		ck_assert_int_eq(learn_forget(learn, ZONE, V), 0);
	}
}
END_TEST

/* What an attack is held to does not move under it, not even by an operator's word; he has overrides for that. */
START_TEST(an_operators_word_waits_for_the_end_of_an_incident)
{
	struct seki_detect_second second;
	unsigned i = 0;

	begin_learned(SEKI_LEARN_APPLY);
	for (; i < 300; i++, now_ns += S / 10) {
		put(0xc6336401, 2000);
		tick();
	}
	ck_assert(seki_detect_second(detect, ZONE, &second));
	ck_assert(second.incident);
	ck_assert_int_eq(learn_accept(learn, ZONE, V, (struct seki_rate){8000, 0}), 0);
	for (; i < 400; i++, now_ns += S / 10) {
		put(0xc6336401, 2000);
		ck_assert(!tick());
	}
	ck_assert_uint_eq(limit_now(SEKI_LEVEL_ZONE), 10000);
	while (!tick() && i++ < 1000)
		now_ns += S / 10;
	ck_assert_uint_lt(i, 1000);
	ck_assert_uint_gt(limit_now(SEKI_LEVEL_ZONE), 15000);
}
END_TEST

START_TEST(what_operators_cannot_say)
{
	const struct learn_conf nothing = {.learns = false};
	const struct seki_rate packets = {5, 0}, bits = {0, 5};
	struct seki_err err;

	ck_assert_int_eq(learn_accept(learn, ZONE, V, packets), -ENOENT);
	ck_assert_int_eq(learn_forget(learn, ZONE, V), -ENOENT);
	use(SEKI_LEARN_APPLY);
	ck_assert(!learn_knows(learn, ZONE, V));
	ck_assert_int_eq(learn_accept(learn, ZONE + 1, V, packets), -ENOENT);
	ck_assert_int_eq(learn_accept(learn, ZONE, SEKI_N_VECTORS, packets), -EINVAL);
	ck_assert_int_eq(learn_accept(learn, ZONE, SEKI_VECTOR_NONE, packets), -EINVAL);
	ck_assert_int_eq(learn_forget(learn, ZONE, SEKI_N_VECTORS), -EINVAL);
	ck_assert_int_eq(learn_accept(learn, ZONE, V, bits), -EDOM);
	ck_assert_int_eq(learn_accept(learn, ZONE, SEKI_VECTOR_NTP, packets), -EDOM);
	ck_assert(!learn_knows(learn, ZONE, V));
	ck_assert_int_eq(learn_accept(learn, ZONE, V, packets), 0);
	ck_assert(learn_knows(learn, ZONE, V));
	learn_zone(learn, ZONE, NULL, now_ns);
	ck_assert(!learn_knows(learn, ZONE, V));
	ck_assert_int_eq(learn_forget(learn, ZONE, V), -ENOENT);
	learn_destroy(learn);
	seki_err_init(&err);
	learn = learn_create(&nothing, &err);
	ck_assert_ptr_nonnull(learn);
	use(SEKI_LEARN_OFF);
	ck_assert(!learn_knows(learn, ZONE, V));
	ck_assert_int_eq(learn_accept(learn, ZONE, V, packets), -EPERM);
	ck_assert_int_eq(learn_forget(learn, ZONE, V), -EPERM);
}
END_TEST

/* A clock that jumps has left out silence in a replay, and live nobody knows what: half an hour of it teaches nothing.
 */
START_TEST(jumps_are_silence_in_replay)
{
	struct seki_suggestion s;

	learn_destroy(learn);
	open_learn(_i == 1);
	use(SEKI_LEARN_SUGGEST);
	seconds(600, 600);
	seconds(2, 0);
	now_ns = MONDAY + 2 * HOUR;
	tick();
	ck_assert(learn_suggest(learn, ZONE, V, MONDAY + WEEK, &s));
	ck_assert_uint_eq(s.weeks, _i);
	ck_assert_int_eq(s.usual_pps > 550, _i);
}
END_TEST

static void
write_file(const char *text)
{
	FILE *out = fopen(path, "w");

	ck_assert_ptr_nonnull(out);
	fputs(text, out);
	fclose(out);
}

/* A damaged file is set aside live, and learning begins anew; a replay leaves it where it is, and refuses. */
START_TEST(damaged_files_are_set_aside)
{
	const struct learn_conf conf = {.path = path, .learns = true, .offline = true};
	struct seki_err err;
	char text[32] = "";
	FILE *in;

	learn_destroy(learn);
	write_file("seki-baseline 1\nzone web las");
	seki_err_init(&err);
	ck_assert_ptr_null(learn_create(&conf, &err));
	ck_assert_uint_gt(err.n_total, 0);
	seki_err_fini(&err);
	ck_assert_int_ne(access(bad, F_OK), 0);
	open_learn(false);
	use(SEKI_LEARN_APPLY);
	in = fopen(bad, "r");
	ck_assert_ptr_nonnull(in);
	ck_assert_ptr_nonnull(fgets(text, sizeof(text), in));
	ck_assert_str_eq(text, "seki-baseline 1\n");
	fclose(in);
	ck_assert_int_ne(access(path, F_OK), 0);
}
END_TEST

START_TEST(replay_writes_nothing)
{
	use(SEKI_LEARN_APPLY);
	seconds(5, 100);
	learn_save(learn, 1);
	learn_save(learn, 1000 * HOUR);
	learn_destroy(learn);
	ck_assert_int_ne(access(path, F_OK), 0);
	open_learn(true);
}
END_TEST

START_TEST(directories_must_take_it)
{
	struct learn_conf conf = {.path = "/nowhere/learned", .learns = true};
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(learn_create(&conf, &err));
	ck_assert_uint_gt(err.n_total, 0);
	seki_err_fini(&err);
	conf.learns = false; /* then nobody writes */
	learn_destroy(learn);
	learn = learn_create(&conf, &err);
	ck_assert_ptr_nonnull(learn);
	ck_assert(!learn_learns(learn));
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_learn");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, begin, end);
	tcase_add_test(tests, learned_limits_are_applied);
	tcase_add_test(tests, learned_limits_are_only_suggested);
	tcase_add_test(tests, events_hold_while_they_last);
	tcase_add_test(tests, incidents_freeze_limits);
	tcase_add_test(tests, silence_is_known);
	tcase_add_loop_test(tests, jumps_are_silence_in_replay, 0, 2);
	tcase_add_test(tests, the_file_lasts);
	tcase_add_test(tests, damaged_files_are_set_aside);
	tcase_add_test(tests, an_operators_word_moves_limits_at_once);
	tcase_add_test(tests, an_operators_word_lasts);
	tcase_add_test(tests, an_operators_word_waits_for_the_end_of_an_incident);
	tcase_add_test(tests, what_operators_cannot_say);
	tcase_add_test(tests, replay_writes_nothing);
	tcase_add_test(tests, directories_must_take_it);
	return suite_run("app_learn", tests);
}
