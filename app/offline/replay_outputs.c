/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_outputs.h"

#include "capture.h"

#include <string.h>

enum { OUTPUTS = 3 };

/* JSON for standard output is as good as the table that stands there otherwise, so it is no file here. */
static void
outputs_of(const struct replay_job *job, const char *out[OUTPUTS])
{
	out[0] = job->write;
	out[1] = job->verdicts;
	out[2] = job->json != NULL && strcmp(job->json, "-") != 0 ? job->json : NULL;
}

static bool
refuse(struct seki_err *err, const char *path, const char *why)
{
	seki_err_add(err, path, 0, "%s", why);
	return false;
}

/* Files that are not there yet have only their names to compare. Two may share the bin. */
static bool
same_name(const char *a, const char *b)
{
	return strcmp(a, b) == 0 && strcmp(a, "/dev/null") != 0;
}

static bool
job_is_safe(const struct replay_job *job, struct seki_err *err)
{
	const char *out[OUTPUTS];
	bool safe = true;

	outputs_of(job, out);
	if (job->write != NULL && strcmp(job->write, "-") == 0)
		return refuse(err, "--write -", "a capture is not written to standard output, where the report goes");
	if (job->verdicts != NULL && strcmp(job->verdicts, "-") == 0)
		return refuse(
			err, "--verdicts -", "verdicts are not written to standard output, where the report goes");
	for (unsigned i = 0; i < OUTPUTS; i++) {
		if (out[i] == NULL)
			continue;
		if (capture_same_file(job->input, out[i]) || capture_same_file(job->conf, out[i]))
			safe = refuse(err, out[i], "would overwrite what is read");
		for (unsigned k = 0; k < i; k++)
			if (out[k] != NULL && (same_name(out[i], out[k]) || capture_same_file(out[i], out[k])))
				safe = refuse(err, out[i], "is named for two different outputs");
	}
	return safe;
}

/* By name only: of many jobs, asking the file system for each pair would take minutes. */
static bool
jobs_are_apart(const struct replay_jobs *jobs, size_t j, struct seki_err *err)
{
	const char *mine[OUTPUTS], *other[OUTPUTS];
	bool safe = true;

	outputs_of(&jobs->job[j], mine);
	for (size_t k = 0; k < j; k++) {
		outputs_of(&jobs->job[k], other);
		for (unsigned i = 0; i < OUTPUTS * OUTPUTS; i++) {
			const char *a = mine[i / OUTPUTS], *b = other[i % OUTPUTS];

			if (a != NULL && b != NULL && same_name(a, b))
				safe = refuse(err, a, "is named as the output of two captures");
		}
	}
	return safe;
}

bool
replay_outputs_are_safe(const struct replay_jobs *jobs, struct seki_err *err)
{
	bool safe = true;

	for (size_t j = 0; j < jobs->n; j++)
		safe = job_is_safe(&jobs->job[j], err) && jobs_are_apart(jobs, j, err) && safe;
	return safe;
}

bool
replay_lists_are_safe(const struct replay_job *job, const struct seki_spec *spec, struct seki_err *err)
{
	const char *out[OUTPUTS];
	bool safe = true;

	outputs_of(job, out);
	for (unsigned i = 0; i < OUTPUTS; i++)
		for (unsigned l = 0; out[i] != NULL && l < spec->n_lists; l++)
			if (capture_same_file(spec->list[l].path, out[i]))
				safe = refuse(err, out[i], "is a list that the configuration reads");
	return safe;
}
