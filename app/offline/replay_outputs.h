/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_REPLAY_OUTPUTS_H
#define SEKI_REPLAY_OUTPUTS_H

/* Where `seki replay` may write: never over what it reads, never two things into one file. */

#include "err.h"
#include "replay_options.h"
#include "spec.h"

/*
 * True if no output of any job is a file that it reads (capture, configuration), another output of any job, or
 * standard output, by whatever name; files that are not there yet, too. Else a sentence for each in `err`.
 */
bool replay_outputs_are_safe(const struct replay_jobs *jobs, struct seki_err *err);

/* True if no output of the job is a list that its configuration reads. */
bool replay_lists_are_safe(const struct replay_job *job, const struct seki_spec *spec, struct seki_err *err);

#endif
