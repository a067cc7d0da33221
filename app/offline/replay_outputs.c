/* SPDX-License-Identifier: BSD-3-Clause */
#include "replay_outputs.h"

#include "capture.h"
#include "outfile.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTPUTS = 3 };

/* The outputs of one job: as they are named, and where they are. NULL: not wanted. */
struct outputs {
	const char *name[OUTPUTS];
	char *target[OUTPUTS];
};

/* JSON for standard output is as good as the table that stands there otherwise, so it is no file here. */
static void
name_outputs(const struct replay_job *job, const char *name[OUTPUTS])
{
	name[0] = job->write;
	name[1] = job->verdicts;
	name[2] = job->json != NULL && strcmp(job->json, "-") != 0 ? job->json : NULL;
}

static bool
refuse(struct seki_err *err, const char *path, const char *why)
{
	seki_err_add(err, path, 0, "%s", why);
	return false;
}

/* By this or another name ("-", /dev/stdout, what the shell redirected it to). Into the bin everything may go. */
static bool
is_standard_output(const char *name, const char *target)
{
	struct stat a, b;

	if (strcmp(name, "-") == 0)
		return true;
	return strcmp(target, "/dev/null") != 0 && fstat(STDOUT_FILENO, &a) == 0 && stat(target, &b) == 0 &&
	       a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static bool
job_is_safe(const struct replay_job *job, const struct outputs *out, struct seki_err *err)
{
	bool safe = true;

	for (unsigned i = 0; i < OUTPUTS; i++) {
		const char *name = out->name[i];

		if (name == NULL)
			continue;
		if (is_standard_output(name, out->target[i]))
			safe = refuse(err, name, "is not written to standard output, where the report goes");
		if (capture_same_file(job->input, name) || capture_same_file(job->conf, name))
			safe = refuse(err, name, "would overwrite what is read");
		for (unsigned k = 0; k < i; k++)
			if (out->name[k] != NULL && (seki_outfile_equal(out->target[i], out->target[k]) ||
							    capture_same_file(name, out->name[k])))
				safe = refuse(err, name, "is named for two different outputs");
	}
	return safe;
}

/* By their places only: of many jobs, asking the file system for each pair would take minutes. */
static bool
jobs_are_apart(const struct outputs *out, size_t j, struct seki_err *err)
{
	bool safe = true;

	for (size_t k = 0; k < j; k++)
		for (unsigned i = 0; i < OUTPUTS * OUTPUTS; i++)
			if (seki_outfile_equal(out[j].target[i / OUTPUTS], out[k].target[i % OUTPUTS]))
				safe = refuse(err, out[j].name[i / OUTPUTS], "is named as the output of two captures");
	return safe;
}

static void
free_outputs(struct outputs *out, size_t n)
{
	for (size_t j = 0; out != NULL && j < n; j++)
		for (unsigned i = 0; i < OUTPUTS; i++)
			free(out[j].target[i]);
	free(out);
}

/* NULL: no memory. */
static struct outputs *
find_outputs(const struct replay_jobs *jobs)
{
	struct outputs *out = calloc(jobs->n + 1, sizeof(*out));
	bool complete = out != NULL;

	for (size_t j = 0; complete && j < jobs->n; j++) {
		name_outputs(&jobs->job[j], out[j].name);
		for (unsigned i = 0; i < OUTPUTS; i++) {
			out[j].target[i] = out[j].name[i] == NULL ? NULL : seki_outfile(out[j].name[i]);
			complete &= (out[j].name[i] == NULL) == (out[j].target[i] == NULL);
		}
	}
	if (complete)
		return out;
	free_outputs(out, jobs->n);
	return NULL;
}

bool
replay_outputs_are_safe(const struct replay_jobs *jobs, struct seki_err *err)
{
	struct outputs *out = find_outputs(jobs);
	bool safe = out != NULL;

	if (out == NULL)
		seki_err_add(err, NULL, 0, "out of memory");
	for (size_t j = 0; out != NULL && j < jobs->n; j++)
		safe = job_is_safe(&jobs->job[j], &out[j], err) && jobs_are_apart(out, j, err) && safe;
	free_outputs(out, jobs->n);
	return safe;
}

bool
replay_lists_are_safe(const struct replay_job *job, const struct seki_spec *spec, struct seki_err *err)
{
	const char *name[OUTPUTS];
	bool safe = true;

	name_outputs(job, name);
	for (unsigned i = 0; i < OUTPUTS; i++)
		for (unsigned l = 0; name[i] != NULL && l < spec->n_lists; l++)
			if (capture_same_file(spec->list[l].path, name[i]))
				safe = refuse(err, name[i], "is a list that the configuration reads");
	return safe;
}
