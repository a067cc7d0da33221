/* SPDX-License-Identifier: BSD-3-Clause */
/* Detection as the appliance runs it: what steps are made of, what budgets let pass, and incidents on disk. */
#include "blocks_rig.h"
#include "calendar.h"
#include "guard.h"
#include "json_check.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE 1
#define WALL UINT64_C(1767225600000000000)
#define BIT(cm) (1u << CM_##cm)
#define STEPS (BIT(REFLECTION) | BIT(FRAGMENT) | BIT(TCP_STATE) | BIT(SIGNATURE) | BIT(SOURCE_LIMIT) | BIT(FLOOD))

static struct blocks_rig rig;
static struct seki_stats *stats;
static struct seki_sampler *sampler;
static struct seki_policy *policy;
static struct seki_snapshot *snapshot;
static struct seki_limit *budget;
static struct seki_limits limits;
static struct cm_tcp_state tcp_state;
static uint64_t strays[SEKI_ZONES_MAX];
static struct lease_core core;
static struct arms *arms;
static struct guard *guard;
static char dir[64];

static void
fill_policy(void)
{
	cm_init();
	policy = calloc(1, sizeof(*policy));
	policy->cm = calloc(SEKI_ZONES_MAX, sizeof(*policy->cm));
	policy->zone = calloc(SEKI_ZONES_MAX, sizeof(*policy->zone));
	policy->posture = calloc(SEKI_ZONES_MAX, sizeof(*policy->posture));
	budget = calloc(cm_n_budgets, sizeof(*budget));
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		policy->cm[z].limit = budget;
	policy->cm[ZONE].conf[CM_TCP_STATE] = &tcp_state;
	policy->calendar = seki_calendar_create();
	policy->generation = 1;
	policy->zone_id_end = ZONE + 1;
	strcpy(policy->domain_name[0], "default");
	strcpy(policy->zone[ZONE].name, "campus");
	policy->zone[ZONE].mode = CM_MODE_ENFORCE;
	policy->zone[ZONE].limits = &limits;
	policy->posture[ZONE] = (struct seki_posture){.active = STEPS, .automatic = STEPS, .enforce = BIT(TCP_STATE)};
	snapshot = calloc(1, sizeof(*snapshot));
	snapshot->policy = policy;
}

static unsigned keep; /* 0: files are written at once, as in a replay; else by a thread */

static struct guard *
create(const char *incidents, struct seki_err *err)
{
	const struct seki_detect_core of = {.blocks = &rig.b[0], .stats = stats, .sampler = sampler};
	const struct guard_conf conf = {
		.core = &of, .n_cores = 1, .incidents = incidents, .keep = keep, .signature_pct = 5};

	return guard_create(&conf, err);
}

static void
setup_all(void)
{
	struct seki_err err;

	blocks_rig_init(&rig, 256, 1);
	seki_limits_default(&limits);
	stats = aligned_alloc(64, sizeof(*stats));
	memset(stats, 0, sizeof(*stats));
	sampler = aligned_alloc(64, sizeof(*sampler));
	memset(sampler, 0, sizeof(*sampler));
	fill_policy();
	core = (struct lease_core){.stats = stats, .strays = strays};
	arms = arms_create(&core, 1);
	strcpy(dir, "/tmp/seki-test-guard-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	seki_err_init(&err);
	guard = create(dir, &err);
	check_silent(&err);
	ck_assert_ptr_nonnull(guard);
}

static void
setup(void)
{
	keep = 0;
	setup_all();
}

static void
setup_threaded(void)
{
	keep = 10;
	setup_all();
}

/* Files in the directory, but for those that begin with a dot, and `other`, those that do. */
static unsigned
count_files(unsigned *other)
{
	DIR *at = opendir(dir);
	struct dirent *entry;
	unsigned n = 0;

	*other = 0;
	while (at != NULL && (entry = readdir(at)) != NULL) {
		n += entry->d_name[0] != '.';
		*other += entry->d_name[0] == '.' && strlen(entry->d_name) > 2;
	}
	if (at != NULL)
		closedir(at);
	return n;
}

static void
file_of(unsigned i, char path[256])
{
	snprintf(path, 256, "%s/%s.json", dir, seki_detect_incident(guard_detect(guard), i)->id);
}

static void
teardown(void)
{
	char path[256];

	for (unsigned i = 0; seki_detect_incident(guard_detect(guard), i) != NULL; i++) {
		file_of(i, path);
		unlink(path);
	}
	rmdir(dir);
	guard_destroy(guard);
	guard_destroy(NULL);
	seki_calendar_destroy(policy->calendar);
	arms_destroy(arms);
	free(snapshot->raised[ZONE]);
	free(snapshot);
	free(budget);
	free(policy->posture);
	free(policy->zone);
	free(policy->cm);
	free(policy);
	free(sampler);
	free(stats);
	blocks_rig_fini(&rig);
}

/* A tick in which so many of a vector come to one host. */
static bool
tick(unsigned vector, uint32_t packets)
{
	struct pkt p = packet_to(&rig, place_of(ZONE, "198.18.16.9/32"), vector);
	bool changed;

	rig.now_ns += RIG_TICK;
	p.arrival_ns = rig.now_ns;
	for (uint32_t i = 0; i < packets; i++)
		comes(&rig, 0, &p);
	stats->zone[ZONE].vector[vector].packets += packets;
	arms_tick(arms, policy, rig.now_ns);
	changed = guard_tick(guard, policy, arms, rig.now_ns, WALL + rig.now_ns);
	archive_flush((struct archive *)(uintptr_t)guard_archive(guard));
	if (changed)
		ck_assert_int_eq(guard_raise(guard, snapshot), 0);
	return changed;
}

/* What an attack of a vector has raised for it, with a budget of its own, or of another vector. */
static const struct {
	const char *about;
	unsigned vector;
	unsigned budget_of; /* enum cm_id; CM_N: none has a small one */
	unsigned reflector;
	bool armed;
	uint32_t may, raised, strict;
} rows[] = {
	{"NTP, small budget", SEKI_VECTOR_NTP, CM_REFLECTION, SEKI_VECTOR_NTP, false, STEPS, BIT(REFLECTION), 0},
	{"the last reflector, small budget", SEKI_VECTOR_NETIS, CM_REFLECTION, SEKI_VECTOR_NETIS, false, STEPS,
		BIT(REFLECTION), 0},
	{"NTP, the budget of DNS", SEKI_VECTOR_NTP, CM_REFLECTION, SEKI_VECTOR_DNS, false, STEPS, BIT(REFLECTION),
		BIT(REFLECTION)},
	{"NTP, no budget", SEKI_VECTOR_NTP, CM_N, 0, false, STEPS, BIT(REFLECTION), BIT(REFLECTION)},
	{"NTP, may not", SEKI_VECTOR_NTP, CM_REFLECTION, SEKI_VECTOR_NTP, false, STEPS & ~BIT(REFLECTION), 0, 0},
	{"fragments, small budget", SEKI_VECTOR_FRAGMENT, CM_FRAGMENT, 0, false, STEPS, BIT(FRAGMENT), 0},
	{"fragments, no budget", SEKI_VECTOR_FRAGMENT, CM_N, 0, false, STEPS, BIT(FRAGMENT), BIT(FRAGMENT)},
	{"strays, armed", SEKI_VECTOR_TCP_ACK, CM_TCP_STATE, 0, true, STEPS, BIT(TCP_STATE), 0},
	{"strays, not armed", SEKI_VECTOR_TCP_ACK, CM_TCP_STATE, 0, false, STEPS, BIT(FLOOD), BIT(FLOOD)},
	{"UDP", SEKI_VECTOR_UDP, CM_N, 0, false, STEPS, BIT(SOURCE_LIMIT) | BIT(FLOOD), BIT(FLOOD)},
	{"UDP, may not thin out", SEKI_VECTOR_UDP, CM_N, 0, false, STEPS & ~BIT(FLOOD), BIT(SOURCE_LIMIT), 0},
	{"SYNs", SEKI_VECTOR_TCP_SYN, CM_N, 0, false, STEPS, BIT(SOURCE_LIMIT) | BIT(FLOOD), BIT(FLOOD)},
	{"GRE", SEKI_VECTOR_GRE, CM_N, 0, false, STEPS, BIT(SOURCE_LIMIT) | BIT(FLOOD), BIT(FLOOD)},
};

START_TEST(raised)
{
	unsigned at = rows[_i].budget_of == CM_N ? 0 : cm_budget_base[rows[_i].budget_of];
	uint32_t packets = (uint32_t)limits.at[SEKI_LEVEL_HOST][rows[_i].vector].pps / 2;
	const struct seki_raised *is;

	for (unsigned i = 0; i < cm_n_budgets; i++)
		budget[i].rate_per_s = 1000000;
	if (rows[_i].reflector != 0)
		at += 2 * (rows[_i].reflector - SEKI_VECTOR_REFLECTOR_FIRST);
	if (rows[_i].budget_of != CM_N)
		budget[at].rate_per_s = 1;
	tcp_state.arm_after_ns = rows[_i].armed ? 0 : UINT64_MAX;
	policy->posture[ZONE].automatic = rows[_i].may;
	ck_assert(!tick(rows[_i].vector, 0));
	ck_assert(guard_is_quiet(guard));
	tick(rows[_i].vector, packets);
	ck_assert(!guard_is_quiet(guard));
	for (unsigned i = 0; i < 7 && rows[_i].strict != 0; i++)
		tick(rows[_i].vector, packets); /* nothing is stopped: what was tried was not enough */
	is = snapshot->raised[ZONE];
	ck_assert_msg((is == NULL) == (rows[_i].raised == 0), "%s", rows[_i].about);
	if (is == NULL)
		return;
	ck_assert_msg(is->cm[rows[_i].vector] == rows[_i].raised, "%s: %x", rows[_i].about, is->cm[rows[_i].vector]);
	ck_assert_msg(is->strict[rows[_i].vector] == rows[_i].strict, "%s: strict %x", rows[_i].about,
		is->strict[rows[_i].vector]);
	ck_assert_uint_eq(is->vectors, UINT64_C(1) << rows[_i].vector);
	ck_assert_uint_eq(snapshot->posture[ZONE].active & rows[_i].raised, rows[_i].raised);
}
END_TEST

/* The whole of a file; NULL: there is none. The caller's. */
static char *
read_whole(const char *path)
{
	int fd = open(path, O_RDONLY);
	char *text;
	ssize_t n;

	if (fd < 0)
		return NULL;
	text = calloc(1, 1 << 20);
	n = read(fd, text, (1 << 20) - 1);
	ck_assert_int_ge((int)n, 0);
	close(fd);
	return text;
}

static void
check_file(unsigned i, const char *state)
{
	char path[256], wanted[64];
	char *text;

	file_of(i, path);
	text = read_whole(path);
	ck_assert_msg(text != NULL, "%s", path);
	ck_assert(is_json(text));
	snprintf(wanted, sizeof(wanted), "\"state\": \"%s\"", state);
	ck_assert_msg(strstr(text, wanted) != NULL, "%.300s is not %s", text, state);
	free(text);
}

/* A file is there within a second of the beginning, always whole, anew in each second, and at the end as it ended. */
START_TEST(files)
{
	ino_t last = 0;
	unsigned other, renewed = 0;
	char path[256];

	for (unsigned n = 0; n < 50; n++) {
		struct stat st;

		tick(SEKI_VECTOR_NTP, 300);
		ck_assert_uint_eq(count_files(&other) <= 1, 1);
		ck_assert_uint_eq(other, 0);
		ck_assert(n < 12 || count_files(&other) == 1);
		if (count_files(&other) == 0)
			continue;
		check_file(0, "open");
		file_of(0, path);
		ck_assert_int_eq(stat(path, &st), 0);
		renewed += st.st_ino != last;
		last = st.st_ino;
	}
	ck_assert_uint_ge(renewed, 4);
	ck_assert_uint_le(renewed, 6);
	for (unsigned n = 0; n < 40; n++)
		tick(SEKI_VECTOR_NTP, 0);
	check_file(0, "cooling");
	for (unsigned n = 0; n < 220; n++)
		tick(SEKI_VECTOR_NTP, 0);
	check_file(0, "ended");
	ck_assert(guard_is_quiet(guard));
	ck_assert_ptr_null(snapshot->raised[ZONE]);
	for (unsigned n = 0; n < 12; n++)
		tick(SEKI_VECTOR_NTP, 300);
	ck_assert_uint_eq(count_files(&other), 2);
	check_file(0, "ended");
	check_file(1, "open");
}
END_TEST

/* Who reads a file while it is written anew has the old one to its end. */
START_TEST(readers_see_whole_files)
{
	char path[256], *before, now[4096];
	int fd;

	for (unsigned n = 0; n < 15; n++)
		tick(SEKI_VECTOR_NTP, 300);
	file_of(0, path);
	before = read_whole(path);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq((int)read(fd, now, 10), 10);
	for (unsigned n = 0; n < 25; n++)
		tick(SEKI_VECTOR_NTP, 300);
	for (size_t at = 10; at < strlen(before);) {
		ssize_t got = read(fd, now, sizeof(now));

		ck_assert_int_gt((int)got, 0);
		ck_assert_int_eq(memcmp(now, before + at, (size_t)got), 0);
		at += (size_t)got;
	}
	close(fd);
	free(before);
}
END_TEST

/* A directory that is gone for a while costs no incident: it is written when the directory is back. */
START_TEST(directory_goes)
{
	unsigned other;

	ck_assert_int_eq(rmdir(dir), 0);
	for (unsigned n = 0; n < 25; n++)
		tick(SEKI_VECTOR_NTP, 300);
	ck_assert_int_eq(mkdir(dir, 0700), 0);
	for (unsigned n = 0; n < 11; n++)
		tick(SEKI_VECTOR_NTP, n == 0 ? 300 : 0);
	ck_assert_uint_eq(count_files(&other), 1);
	check_file(0, "open");
}
END_TEST

/* What cannot be written to is refused at the start, with a sentence. */
START_TEST(unusable_directories)
{
	struct seki_err err;
	char file[128];
	int fd;

	seki_err_init(&err);
	ck_assert_ptr_null(create("/nonexistent/incidents", &err));
	check_said(&err, 1, 0, "cannot be written to: No such file");
	snprintf(file, sizeof(file), "%s/file", dir);
	fd = open(file, O_CREAT | O_WRONLY, 0755);
	close(fd);
	seki_err_init(&err);
	ck_assert_ptr_null(create(file, &err));
	check_said(&err, 1, 0, "cannot be written to: Not a directory");
	unlink(file);
}
END_TEST

/* A zone that is switched off by another policy is no longer watched; its incident is told as interrupted. */
START_TEST(zone_switched_off)
{
	for (unsigned n = 0; n < 12; n++)
		tick(SEKI_VECTOR_NTP, 300);
	ck_assert_ptr_nonnull(snapshot->raised[ZONE]);
	policy->generation++;
	policy->zone[ZONE].mode = CM_MODE_OFF;
	ck_assert(tick(SEKI_VECTOR_NTP, 300));
	ck_assert_ptr_null(snapshot->raised[ZONE]);
	for (unsigned n = 0; n < 11; n++)
		ck_assert(!tick(SEKI_VECTOR_NTP, 300));
	check_file(0, "interrupted");
	ck_assert(guard_is_quiet(guard));
}
END_TEST

/* Another policy with the same zone keeps what is going on. */
START_TEST(reload)
{
	for (unsigned n = 0; n < 12; n++)
		tick(SEKI_VECTOR_NTP, 300);
	policy->generation++;
	for (unsigned n = 0; n < 12; n++)
		ck_assert(!tick(SEKI_VECTOR_NTP, 300));
	ck_assert_ptr_nonnull(snapshot->raised[ZONE]);
	ck_assert_ptr_null(seki_detect_incident(guard_detect(guard), 1));
	check_file(0, "open");
}
END_TEST

/* What the log is told now; the caller's. */
static char *
log_of_now(void)
{
	char path[] = "/tmp/seki-test-guard-log-XXXXXX", *text;
	int fd = mkstemp(path), before = dup(STDERR_FILENO);

	fflush(stderr);
	dup2(fd, STDERR_FILENO);
	guard_say(guard, policy);
	fflush(stderr);
	dup2(before, STDERR_FILENO);
	close(before);
	close(fd);
	text = read_whole(path);
	unlink(path);
	return text;
}

static bool
log_says(const char *what)
{
	char *text = log_of_now();
	bool says = strstr(text, what) != NULL;

	free(text);
	return says;
}

/* Each decision is logged once; that there is no room for more of them once, and how many there were at the end. */
START_TEST(logged)
{
	struct seki_incident *in;

	tick(SEKI_VECTOR_NTP, 0);
	tick(SEKI_VECTOR_NTP, 500);
	in = (struct seki_incident *)(uintptr_t)seki_detect_incident(guard_detect(guard), 0);
	ck_assert(log_says(": ntp: raise "));
	ck_assert(!log_says("seki: "));
	while (seki_incident_decide(in) != NULL)
		;
	in->n_said = in->n_decisions;
	ck_assert(log_says("has as many decisions as it has room for; more are only counted"));
	seki_incident_decide(in);
	ck_assert(!log_says("seki: "));
	for (unsigned i = 0; in->state < SEKI_INCIDENT_ENDED; i++) {
		ck_assert_uint_lt(i, 1000);
		tick(SEKI_VECTOR_NTP, 0);
	}
	ck_assert(log_says(": ended; decisions that were only counted: "));
	ck_assert(!log_says("seki: "));
}
END_TEST

/* What is on disk is the same whoever writes it. */
static TCase *
files_case(const char *name, void (*begin)(void))
{
	TCase *tests = tcase_create(name);

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, begin, teardown);
	tcase_add_test(tests, files);
	tcase_add_test(tests, readers_see_whole_files);
	tcase_add_test(tests, directory_goes);
	tcase_add_test(tests, unusable_directories);
	return tests;
}

int
main(void)
{
	TCase *tests = tcase_create("guard");

	tcase_set_timeout(tests, 60);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, raised, 0, N(rows));
	tcase_add_test(tests, zone_switched_off);
	tcase_add_test(tests, reload);
	tcase_add_test(tests, logged);
	return suite_run_cases(
		"guard", (TCase *[]){tests, files_case("at_once", setup), files_case("threaded", setup_threaded)}, 3);
}
