/* SPDX-License-Identifier: BSD-3-Clause */
/* Incidents on disk: what an earlier run has left, what lies there besides, how many are kept. */
#include "archive.h"
#include "suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char directory[64];

static const char *
in_it(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void
setup(void)
{
	strcpy(directory, "/tmp/seki-archive-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(directory));
}

static void
teardown(void)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;

	while ((entry = readdir(dir)) != NULL)
		if (entry->d_type == DT_DIR)
			rmdir(in_it(entry->d_name));
		else
			unlink(in_it(entry->d_name));
	closedir(dir);
	ck_assert_int_eq(rmdir(directory), 0);
}

static struct archive *
opened(unsigned keep)
{
	struct seki_err err;
	struct archive *a;

	seki_err_init(&err);
	a = archive_open(directory, keep, &err);
	check_silent(&err);
	ck_assert_ptr_nonnull(a);
	return a;
}

static struct seki_incident incident;

/* The file that was asked for is written, or not. */
static void
settle(struct archive *a, int error)
{
	struct archive_written written;

	archive_flush(a);
	ck_assert(archive_written(a, &written));
	ck_assert_str_eq(written.id, incident.id);
	ck_assert_int_eq(written.error, error);
	ck_assert(!archive_written(a, &written));
	archive_flush(a); /* and what has to go is gone */
}

static void
write_one(struct archive *a, unsigned n, enum seki_incident_state state)
{
	incident = (struct seki_incident){
		.zone_name = "web", .domain = "default", .state = state, .began_ns = 1, .detected_ns = 1};
	snprintf(incident.id, sizeof(incident.id), "202611%02uT181300Z-web-%u", 1 + n % 30, n);
	ck_assert(archive_write(a, &incident));
	settle(a, 0);
}

static void
put(const char *name, const char *text, size_t n)
{
	FILE *out = fopen(in_it(name), "w");

	ck_assert_ptr_nonnull(out);
	fwrite(text, 1, n, out);
	fclose(out);
}

static char *
get(const char *name, size_t *n)
{
	static char text[1 << 20];
	FILE *in = fopen(in_it(name), "r");

	ck_assert_msg(in != NULL, "%s is gone", name);
	*n = fread(text, 1, sizeof(text), in);
	fclose(in);
	return text;
}

/* What the file says, which is whole, and interrupted. */
static struct seki_summary
interrupted(const char *name)
{
	struct seki_summary s;
	size_t n;
	char *text = get(name, &n);

	ck_assert(seki_summary_read(text, n, true, &s));
	ck_assert_uint_eq(s.state, SEKI_INCIDENT_INTERRUPTED);
	return s;
}

/* As a run leaves it that comes to no end: incidents 1 to `n`, the first one ended. */
static void
left_by_a_crash(unsigned n)
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct archive *a = opened(10);

		for (unsigned i = 1; i <= n; i++)
			write_one(a, i,
				i == 1       ? SEKI_INCIDENT_ENDED
				: i % 2 == 0 ? SEKI_INCIDENT_COOLING
					     : SEKI_INCIDENT_OPEN);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

START_TEST(restart)
{
	struct archive *a;

	left_by_a_crash(3);
	a = opened(10);
	ck_assert_uint_eq(archive_interrupted(a), 2);
	ck_assert_uint_eq(archive_last(a), 3);
	ck_assert_str_eq(archive_at(a, 0)->id, "20261104T181300Z-web-3");
	ck_assert_uint_eq(archive_at(a, 0)->state, SEKI_INCIDENT_INTERRUPTED);
	ck_assert_uint_eq(archive_at(a, 1)->state, SEKI_INCIDENT_INTERRUPTED);
	ck_assert_uint_eq(archive_at(a, 2)->state, SEKI_INCIDENT_ENDED);
	ck_assert_ptr_null(archive_at(a, 3));
	/* And so says the file, which is whole. */
	interrupted("20261104T181300Z-web-3.json");
	archive_close(a);
	a = opened(10);
	ck_assert_uint_eq(archive_interrupted(a), 0);
	archive_close(a);
}
END_TEST

/* A run that comes to its end says so itself. */
START_TEST(stop)
{
	struct archive *a = opened(10);

	write_one(a, 2, SEKI_INCIDENT_COOLING);
	archive_close(a);
	interrupted("20261103T181300Z-web-2.json");
	a = opened(10);
	ck_assert_uint_eq(archive_interrupted(a), 0);
	archive_close(a);
}
END_TEST

/* What is not ours, or damaged, or of another name, is left as it is, byte by byte. */
START_TEST(others)
{
	static const char *const names[] = {"notes.txt", "20261104T181300Z-web-5.json", "20261104T181300Z-web-6.json",
		"20261104T181300Z-web-7.json", "x.json", ".json", ".part", ".x.part"};
	struct archive *a;
	struct stat st;
	size_t n, m;
	char *text;
	char cut[4096];

	left_by_a_crash(3);
	unlink(in_it("20261102T181300Z-web-1.json"));
	unlink(in_it("20261103T181300Z-web-2.json"));
	text = get("20261104T181300Z-web-3.json", &n);
	memcpy(cut, text, n < sizeof(cut) ? n : sizeof(cut));
	for (unsigned i = 0; i < N(names); i++)
		put(names[i], "junk", 4);
	put("20261104T181300Z-web-3.json", cut, n - 20);
	put("20261104T181300Z-web-6.json", cut, n - 20);
	put("20261104T181300Z-web-7.json", cut, n);
	ck_assert_int_eq(mkdir(in_it("20261104T181300Z-web-8.json"), 0700), 0);
	ck_assert_int_eq(symlink("/etc/passwd", in_it("20261104T181300Z-web-9.json")), 0);
	ck_assert_int_eq(mkfifo(in_it("20261104T181300Z-web-10.json"), 0600), 0);
	put("20261104T181300Z-web-11.json", cut, n);
	ck_assert_int_eq(truncate(in_it("20261104T181300Z-web-11.json"), INT64_C(1) << 40), 0);
	put(".20261104T181300Z-web-12.json.part", "ours", 4);
	a = opened(1);
	ck_assert_ptr_null(archive_at(a, 0));
	ck_assert_uint_eq(archive_interrupted(a), 0);
	ck_assert_uint_eq(archive_strange(a), 8);
	ck_assert_uint_eq(archive_last(a), 11);
	for (unsigned i = 0; i < N(names); i++) {
		text = get(names[i], &m);
		ck_assert_msg(m == (i == 2 ? n - 20 : i == 3 ? n : 4), "%s has %zu bytes", names[i], m);
	}
	text = get("20261104T181300Z-web-3.json", &m);
	ck_assert_mem_eq(text, cut, n - 20);
	ck_assert_uint_eq(m, n - 20);
	ck_assert_int_eq(lstat(in_it("20261104T181300Z-web-9.json"), &st), 0);
	ck_assert(S_ISLNK(st.st_mode));
	ck_assert_int_ne(access(in_it(".20261104T181300Z-web-12.json.part"), F_OK), 0);
	archive_close(a);
}
END_TEST

START_TEST(so_many_are_kept)
{
	struct archive *a = opened(3);
	size_t n;

	write_one(a, 1, SEKI_INCIDENT_OPEN);
	for (unsigned i = 2; i < 8; i++)
		write_one(a, i, SEKI_INCIDENT_ENDED);
	for (unsigned i = 2; i < 5; i++) {
		char name[64];

		snprintf(name, sizeof(name), "202611%02uT181300Z-web-%u.json", 1 + i, i);
		ck_assert_int_ne(access(in_it(name), F_OK), 0);
	}
	get("20261102T181300Z-web-1.json", &n);
	get("20261106T181300Z-web-5.json", &n);
	ck_assert_ptr_nonnull(archive_at(a, 3));
	ck_assert_ptr_null(archive_at(a, 4));
	archive_close(a);
	/* Fewer are wanted: the one that was open counts now. */
	a = opened(1);
	ck_assert_str_eq(archive_at(a, 0)->id, "20261108T181300Z-web-7");
	ck_assert_ptr_null(archive_at(a, 1));
	archive_close(a);
}
END_TEST

/* A replay writes what it finds, and touches nothing else; two appliances do not share a directory. */
START_TEST(whose)
{
	struct archive *a = opened(10), *replay;
	struct seki_err err;
	char path[ARCHIVE_PATH_MAX];

	write_one(a, 3, SEKI_INCIDENT_OPEN);
	seki_err_init(&err);
	ck_assert_ptr_null(archive_open(directory, 10, &err));
	check_said(&err, 1, 0, "another Seki's");
	replay = opened(0);
	write_one(replay, 4, SEKI_INCIDENT_OPEN);
	ck_assert_ptr_null(archive_at(replay, 0));
	archive_close(replay);
	ck_assert_uint_eq(archive_at(a, 0)->state, SEKI_INCIDENT_OPEN);
	ck_assert_int_eq(access(archive_path(a, incident.id, path), R_OK), 0);
	archive_close(a);
	ck_assert_ptr_null(archive_open("/nonexistent/seki", 10, &err));
	check_said(&err, 1, 0, "No such file");
}
END_TEST

/* What is asked for while it is under way is refused; what cannot be written says so, and leaves what was there. */
START_TEST(under_way)
{
	struct archive *a = opened(10);
	size_t n;

	write_one(a, 1, SEKI_INCIDENT_OPEN);
	ck_assert(archive_write(a, &incident));
	errno = 0;
	ck_assert(!archive_write(a, &incident));
	ck_assert_int_eq(errno, EBUSY);
	settle(a, 0);
	ck_assert(archive_write(a, &incident));
	settle(a, 0);
	unlink(in_it("20261102T181300Z-web-1.json"));
	ck_assert_int_eq(mkdir(in_it("20261102T181300Z-web-1.json"), 0700), 0);
	ck_assert(archive_write(a, &incident));
	settle(a, EISDIR);
	ck_assert_int_ne(access(in_it(".20261102T181300Z-web-1.json.part"), F_OK), 0);
	ck_assert_int_eq(rmdir(in_it("20261102T181300Z-web-1.json")), 0);
	ck_assert(archive_write(a, &incident));
	settle(a, 0);
	ck_assert_str_ne(get("20261102T181300Z-web-1.json", &n), "");
	archive_close(a);
}
END_TEST

/* What was asked for is written before the archive is closed, and is interrupted then, if it goes on. */
START_TEST(closed_while_under_way)
{
	struct archive *a = opened(10);
	struct seki_summary s;

	write_one(a, 1, SEKI_INCIDENT_OPEN);
	incident.hosts_peak = 77;
	ck_assert(archive_write(a, &incident));
	archive_close(a);
	s = interrupted("20261102T181300Z-web-1.json");
	ck_assert_uint_eq(s.hosts_peak, 77);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("archive");

	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, restart);
	tcase_add_test(tests, stop);
	tcase_add_test(tests, others);
	tcase_add_test(tests, so_many_are_kept);
	tcase_add_test(tests, whose);
	tcase_add_test(tests, under_way);
	tcase_add_test(tests, closed_while_under_way);
	return suite_run("archive", tests);
}
