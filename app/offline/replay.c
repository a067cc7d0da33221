/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * `seki replay`: a capture through the packet path, offline. This file is the command line and the order of things;
 * feed.c drives the packets, offline.c stands in for the ports, report.c tells the result.
 */

#include "cmd.h"
#include "conf.h"
#include "feed.h"
#include "replay_options.h"
#include "replay_outputs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Says what there is to say. */
static int
fail(struct seki_err *err, int exit_code)
{
	seki_err_print(err, stderr);
	seki_err_fini(err);
	return exit_code;
}

static FILE *
open_output(const char *path, struct seki_err *err)
{
	FILE *out = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");

	if (out == NULL)
		seki_err_add(err, path, 0, "cannot be written: %s", strerror(errno));
	return out;
}

/* Closes; a full disk may show only now. */
static int
close_output(FILE *out, const char *path, struct seki_err *err)
{
	bool bad;

	if (out == NULL)
		return 0;
	bad = fflush(out) != 0 || ferror(out);
	if (out != stdout)
		bad |= fclose(out) != 0;
	return bad ? seki_err_add(err, path, 0, "is incomplete: it could not be written to the end") : 0;
}

static int
tell(const struct replay_job *job, const struct report *report, struct seki_err *err)
{
	FILE *out;

	if (job->json == NULL) {
		report_print(report, stdout);
		return close_output(stdout, "the report on standard output", err);
	}
	out = open_output(job->json, err);
	if (out == NULL)
		return -EIO;
	report_json(report, out);
	return close_output(out, job->json, err);
}

/* Opens what the job reads and writes, feeds, closes. 0, or -errno with sentences. */
static int
feed_job(const struct replay_job *job, struct feed *feed, struct seki_err *err)
{
	int rc = -EIO;

	feed->capture = capture_open(job->input, err);
	if (feed->capture != NULL && job->write != NULL)
		feed->writer = capture_writer_open(job->write, err);
	if (feed->capture != NULL && job->verdicts != NULL)
		feed->rows = open_output(job->verdicts, err);
	if (err->n_total == 0)
		rc = feed_run(feed, err);
	capture_close(feed->capture);
	if (capture_writer_close(feed->writer, err) < 0 || close_output(feed->rows, job->verdicts, err) < 0)
		rc = -EIO;
	return rc;
}

/* Feeds what is open and tells what came of it. An exit code. */
static int
replay_open(struct offline *offline, const struct replay_job *job, const struct seki_spec *spec, struct seki_err *err)
{
	struct report report = {.input = job->input, .seed = job->tuning.seed};
	struct feed feed = {
		.offline = offline,
		.spec = spec,
		.report = &report,
		.burst = (unsigned)job->tuning.burst,
		.segment = (uint32_t)job->tuning.segment,
	};
	int exit_code = SEKI_EXIT_OK;

	if (feed_job(job, &feed, err) < 0)
		exit_code = SEKI_EXIT_FAILURE;
	stamps_warn(&report.stamps, job->input, err);
	report.policy = offline->policy;
	report.stats = offline_total(offline);
	report.detect = offline->guard == NULL ? NULL : guard_detect(offline->guard);
	if (report.stats == NULL) {
		seki_err_add(err, NULL, 0, "no memory for the totals");
		return SEKI_EXIT_FAILURE;
	}
	if (!report_check(&report, stderr))
		exit_code = SEKI_EXIT_FAILURE;
	/* Of a damaged capture, what was processed is told too. */
	if ((exit_code == SEKI_EXIT_OK || report.packets > 0) && tell(job, &report, err) < 0)
		exit_code = SEKI_EXIT_FAILURE;
	return exit_code;
}

/* One capture, EAL running. An exit code; what went wrong is said. */
static int
replay(struct offline *offline, const struct replay_job *job, const struct seki_spec *spec)
{
	int exit_code = SEKI_EXIT_FAILURE;
	struct seki_err err;

	seki_err_init(&err);
	if (offline_load(offline, spec, &err) < 0)
		return fail(&err, SEKI_EXIT_CONFIG);
	if (offline_open(offline, spec, (unsigned)job->tuning.cores, job->tuning.seed, &err) == 0 &&
		offline_guard(offline, job->incidents, &err) == 0)
		exit_code = replay_open(offline, job, spec, &err);
	offline_close(offline);
	return fail(&err, exit_code);
}

/* Reads a job's configuration and says how much memory its policy may take. An exit code. */
static int
read_conf(const struct replay_job *job, struct seki_spec *spec, size_t *memory_bytes)
{
	struct seki_err err;
	size_t bytes;

	seki_err_init(&err);
	bytes = seki_conf_read(job->conf, spec, &err) == 0 ? seki_policy_bytes(spec, &err) : 0;
	if (err.n_total > 0) {
		seki_spec_fini(spec);
		return fail(&err, SEKI_EXIT_CONFIG);
	}
	if (bytes > *memory_bytes)
		*memory_bytes = bytes;
	return SEKI_EXIT_OK;
}

/* Configurations of jobs: neighbours that name the same file share one, read and compiled once. */
struct confs {
	struct seki_spec *spec;
	size_t *of; /* job -> index of spec */
	size_t n;
	size_t memory_bytes; /* of the largest policy */
};

static int
read_confs(const struct replay_jobs *jobs, struct confs *confs)
{
	struct seki_err err;
	int exit_code;

	seki_err_init(&err);
	confs->spec = calloc(jobs->n + 1, sizeof(*confs->spec));
	confs->of = calloc(jobs->n + 1, sizeof(*confs->of));
	if (confs->spec == NULL || confs->of == NULL) {
		seki_err_add(&err, NULL, 0, "out of memory");
		return fail(&err, SEKI_EXIT_FAILURE);
	}
	if (!replay_outputs_are_safe(jobs, &err))
		return fail(&err, SEKI_EXIT_USAGE);
	for (size_t i = 0; i < jobs->n; i++) {
		const struct replay_job *job = &jobs->job[i];

		if (i == 0 || strcmp(job->conf, jobs->job[i - 1].conf) != 0) {
			exit_code = read_conf(job, &confs->spec[confs->n], &confs->memory_bytes);
			if (exit_code != SEKI_EXIT_OK)
				return exit_code;
			confs->n++;
		}
		confs->of[i] = confs->n - 1;
		if (!replay_lists_are_safe(job, &confs->spec[confs->of[i]], &err))
			return fail(&err, SEKI_EXIT_USAGE);
	}
	return SEKI_EXIT_OK;
}

static void
free_confs(struct confs *confs)
{
	for (size_t i = 0; i < confs->n; i++)
		seki_spec_fini(&confs->spec[i]);
	free(confs->spec);
	free(confs->of);
}

static int
run_jobs(const struct replay_jobs *jobs, const struct confs *confs)
{
	/* The memory of one policy comes back in pieces before the next is made: some room to spare. */
	size_t memory_bytes = confs->n > 1 ? confs->memory_bytes / 2 * 3 : confs->memory_bytes;
	struct offline offline = {0};
	int exit_code = SEKI_EXIT_OK;
	struct seki_err err;

	seki_err_init(&err);
	if (offline_start(&offline, &confs->spec[0], memory_bytes, feed_priv_size(), &err) < 0) {
		offline_stop(&offline);
		return fail(&err, SEKI_EXIT_FAILURE);
	}
	for (size_t i = 0; i < jobs->n; i++) {
		int code = replay(&offline, &jobs->job[i], &confs->spec[confs->of[i]]);

		exit_code = code > exit_code ? code : exit_code;
		fflush(stdout);
	}
	offline_stop(&offline);
	return exit_code;
}

/* All configurations are read first: EAL's memory can be asked for only once. */
static int
replay_jobs(const struct replay_jobs *jobs)
{
	struct confs confs = {0};
	int exit_code = read_confs(jobs, &confs);

	if (exit_code == SEKI_EXIT_OK && jobs->n > 0)
		exit_code = run_jobs(jobs, &confs);
	free_confs(&confs);
	return exit_code;
}

int
cmd_replay(int argc, char **argv)
{
	struct replay_options options = {0};
	struct replay_jobs jobs = {0};
	struct seki_err err;
	int rc;

	seki_err_init(&err);
	rc = replay_options_read(argc, argv, &options, &err);
	if (rc != 0)
		return fail(&err, rc < 0 ? SEKI_EXIT_USAGE : SEKI_EXIT_OK);
	rc = replay_jobs_read(&options, &jobs, &err);
	if (rc == SEKI_EXIT_OK)
		rc = replay_jobs(&jobs);
	replay_jobs_fini(&jobs);
	return fail(&err, rc);
}
