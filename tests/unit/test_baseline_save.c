/* SPDX-License-Identifier: BSD-3-Clause */
/* What was learned is written: the old file or the new one, and nobody waits for it. */
#include "baseline_file_rig.h"
#include "saver.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

START_TEST(the_old_file_stays_where_the_new_one_fails)
{
	const struct rlimit little = {100, RLIM_INFINITY}, unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	struct seki_err err;
	size_t n, n_again;
	char *text, *again;

	rig_feed(V, MONDAY, 3601, 5000, 0);
	file_save();
	text = file_read(&n);
	/* The new one cannot be written to its end. */
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_save(base, path, &err), -EFBIG);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
	check_said(&err, 1, 0, "cannot be written");
	ck_assert_int_eq(access(new_path, F_OK), -1);
	/* Nor be opened, as there is a directory. */
	ck_assert_int_eq(mkdir(new_path, 0700), 0);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_save(base, path, &err), -EISDIR);
	check_said(&err, 1, 0, "cannot be written");
	rmdir(new_path);
	again = file_read(&n_again);
	ck_assert(n == n_again && memcmp(text, again, n) == 0);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_save(base, "/nowhere/learned", &err), -ENOENT);
	check_said(&err, 1, 0, "cannot be written");
	/* What is left of a crash is written over. */
	fclose(fopen(new_path, "w"));
	file_save();
	ck_assert_int_eq(access(new_path, F_OK), -1);
	/* A link is not followed to somebody's file. */
	ck_assert_int_eq(symlink(path, new_path), 0);
	seki_err_init(&err);
	ck_assert_int_eq(seki_baseline_save(base, path, &err), -ELOOP);
	check_said(&err, 1, 0, "cannot be written");
	free(text);
	free(again);
}
END_TEST

static int
wait_for(struct seki_saver *saver, struct seki_err *err)
{
	int rc = 0;

	for (unsigned i = 0; i < 20000 && rc == 0; i++) {
		rc = seki_saver_result(saver, err);
		usleep(1000);
	}
	return rc;
}

/* Saved over and over while seconds come: each file is whole, and few seconds are lost, all of them counted. */
START_TEST(saving_does_not_stop_learning)
{
	struct seki_baseline_counts counts;
	struct seki_saver *saver;
	struct seki_err err;
	unsigned saves = 0, fed = 0;

	seki_err_init(&err);
	saver = seki_saver_create(base, path, &err);
	ck_assert_int_eq(seki_saver_result(saver, &err), 0);
	for (uint64_t at = MONDAY; saves < 20; at += S) {
		saves += seki_saver_ask(saver);
		rig_feed(V, at, 1, 5000, 0);
		fed++;
		if (seki_saver_result(saver, &err) == 1) {
			struct seki_baseline *other = seki_baseline_create(&seki_baseline_defaults, NULL, &err);

			ck_assert_int_eq(seki_baseline_load(other, path, &err), 0);
			seki_baseline_destroy(other);
		}
	}
	ck_assert_int_eq(wait_for(saver, &err), 1);
	check_silent(&err);
	seki_baseline_count(base, &counts);
	ck_assert_uint_eq(counts.late_seconds, 0);
	ck_assert_uint_lt(counts.busy_seconds, fed / 2);
	/* What was asked for is written, even if the end comes first. */
	unlink(path);
	ck_assert(seki_saver_ask(saver));
	ck_assert(!seki_saver_ask(saver));
	seki_saver_destroy(saver);
	ck_assert_int_eq(access(path, R_OK), 0);
	seki_saver_destroy(NULL);
}
END_TEST

START_TEST(a_save_that_fails_says_so_once)
{
	struct seki_saver *saver;
	struct seki_err err;

	seki_err_init(&err);
	saver = seki_saver_create(base, "/nowhere/learned", &err);
	check_silent(&err);
	seki_err_init(&err);
	ck_assert(seki_saver_ask(saver));
	ck_assert_int_eq(wait_for(saver, &err), -ENOENT);
	check_said(&err, 1, 0, "cannot be written");
	seki_err_init(&err);
	ck_assert_int_eq(seki_saver_result(saver, &err), 0);
	check_silent(&err);
	seki_saver_destroy(saver);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("baseline_save");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, file_begin, file_end);
	tcase_add_test(tests, the_old_file_stays_where_the_new_one_fails);
	tcase_add_test(tests, saving_does_not_stop_learning);
	tcase_add_test(tests, a_save_that_fails_says_so_once);
	return suite_run("baseline_save", tests);
}
