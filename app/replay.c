/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * `seki replay`: a capture through the packet path, offline. This file is the command line and the order of things;
 * feed.c drives the packets, offline.c stands in for the ports, report.c tells the result.
 */

#include "cmd.h"
#include "conf.h"
#include "feed.h"
#include "replay_options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int
fail(struct seki_err *err, int exit_code)
{
	seki_err_print(err, stderr);
	seki_err_fini(err);
	return exit_code;
}

/* Outputs that would overwrite what is being read. */
static bool
outputs_are_safe(const struct replay_job *job, struct seki_err *err)
{
	const char *outputs[] = {job->write, job->verdicts, job->json};
	bool safe = true;

	for (size_t i = 0; i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (outputs[i] == NULL)
			continue;
		if (!capture_same_file(job->input, outputs[i]) && !capture_same_file(job->conf, outputs[i]))
			continue;
		seki_err_add(err, outputs[i], 0, "would overwrite what is read");
		safe = false;
	}
	return safe;
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
		return 0;
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

/* One capture, EAL running. Returns an exit code; what went wrong is said. */
static int
replay(struct offline *offline, const struct replay_options *options, const struct replay_job *job,
	const struct seki_spec *spec)
{
	struct report report = {.input = job->input, .seed = options->seed};
	struct feed feed = {
		.offline = offline,
		.spec = spec,
		.report = &report,
		.burst = (unsigned)options->burst,
		.segment = (uint32_t)options->segment,
	};
	int exit_code = SEKI_EXIT_OK;
	struct seki_err err;

	seki_err_init(&err);
	if (offline_open(offline, spec, options->seed, &err) < 0) {
		offline_close(offline);
		return fail(&err, SEKI_EXIT_CONFIG);
	}
	if (feed_job(job, &feed, &err) < 0)
		exit_code = SEKI_EXIT_FAILURE;
	offline_total(offline);
	report.policy = offline->policy;
	report.stats = offline->total;
	if (!report_check(&report, stderr))
		exit_code = SEKI_EXIT_FAILURE;
	/* Of a damaged capture, what was processed is told too. */
	if ((exit_code == SEKI_EXIT_OK || report.packets > 0) && tell(job, &report, &err) < 0)
		exit_code = SEKI_EXIT_FAILURE;
	offline_close(offline);
	return fail(&err, exit_code);
}

static int
start(struct offline *offline, const struct replay_options *options, const struct seki_spec *spec, size_t memory_bytes)
{
	struct seki_err err;

	seki_err_init(&err);
	if (offline_start(offline, spec, memory_bytes, (unsigned)options->cores, feed_priv_size(), &err) < 0)
		return fail(&err, SEKI_EXIT_FAILURE);
	return SEKI_EXIT_OK;
}

/* Reads a job's configuration and says how much memory its policy may take. An exit code. */
static int
read_conf(const struct replay_job *job, struct seki_spec *spec, size_t *memory_bytes)
{
	struct seki_err err;
	size_t bytes;

	seki_err_init(&err);
	if (!outputs_are_safe(job, &err))
		return fail(&err, SEKI_EXIT_USAGE);
	if (seki_conf_read(job->conf, spec, &err) < 0)
		return fail(&err, SEKI_EXIT_CONFIG);
	bytes = seki_policy_bytes(spec, &err);
	if (err.n_total > 0) {
		seki_spec_fini(spec);
		return fail(&err, SEKI_EXIT_CONFIG);
	}
	if (bytes > *memory_bytes)
		*memory_bytes = bytes;
	return SEKI_EXIT_OK;
}

static int
replay_one(const struct replay_options *options)
{
	const struct replay_job job = {
		.conf = options->conf,
		.input = options->input,
		.write = options->write,
		.verdicts = options->verdicts,
		.json = options->json ? "-" : NULL,
	};
	struct offline offline = {0};
	struct seki_spec spec;
	size_t memory_bytes = 0;
	int exit_code = read_conf(&job, &spec, &memory_bytes);

	if (exit_code != SEKI_EXIT_OK)
		return exit_code;
	exit_code = start(&offline, options, &spec, memory_bytes);
	if (exit_code == SEKI_EXIT_OK)
		exit_code = replay(&offline, options, &job, &spec);
	offline_stop(&offline);
	seki_spec_fini(&spec);
	return exit_code;
}

static int
worse(int a, int b)
{
	return a > b ? a : b;
}

/* All configurations are read first: memory can be asked for only once. */
static int
replay_jobs(const struct replay_options *options, const struct replay_jobs *jobs)
{
	struct seki_spec *spec = calloc(jobs->n + 1, sizeof(*spec));
	struct offline offline = {0};
	size_t memory_bytes = 0, n = 0;
	int exit_code = spec == NULL ? SEKI_EXIT_FAILURE : SEKI_EXIT_OK;

	for (; n < jobs->n && exit_code == SEKI_EXIT_OK; n++) {
		exit_code = read_conf(&jobs->job[n], &spec[n], &memory_bytes);
		if (exit_code != SEKI_EXIT_OK)
			break;
	}
	/* A table's memory comes back in pieces: some room to spare. */
	if (exit_code == SEKI_EXIT_OK && n > 0)
		exit_code = start(&offline, options, &spec[0], memory_bytes + memory_bytes / 2);
	for (size_t i = 0; i < n && offline.pool != NULL; i++) {
		exit_code = worse(exit_code, replay(&offline, options, &jobs->job[i], &spec[i]));
		fflush(stdout);
	}
	offline_stop(&offline);
	for (size_t i = 0; i < n; i++)
		seki_spec_fini(&spec[i]);
	free(spec);
	return exit_code;
}

static int
replay_list(const struct replay_options *options)
{
	struct replay_jobs jobs = {0};
	int exit_code = replay_jobs_read(options->list, &jobs);

	if (exit_code == SEKI_EXIT_OK)
		exit_code = replay_jobs(options, &jobs);
	replay_jobs_fini(&jobs);
	return exit_code;
}

int
cmd_replay(int argc, char **argv)
{
	struct replay_options options = {0};
	int rc = replay_options_read(argc, argv, &options);

	if (rc != 0)
		return rc < 0 ? SEKI_EXIT_USAGE : SEKI_EXIT_OK;
	return options.list != NULL ? replay_list(&options) : replay_one(&options);
}
