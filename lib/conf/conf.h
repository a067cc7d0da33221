/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CONF_H
#define SEKI_CONF_H

/*
 * The configuration file: libconfig text to a checked struct seki_spec. The only user of libconfig.
 *
 * One table (schema.c) says for every key its type, unit, range, default and help; reading, checking and
 * docs/config.md come from it. Unknown keys are errors. Every mistake is reported at once, with its line.
 * libconfig 1.5 wraps integers silently, so numbers are checked on the text; @include is refused.
 */

#include "err.h"
#include "spec.h"

/*
 * Reads `path` into `spec`. Returns 0; or -EINVAL with at least one entry in `err` and an empty spec; or -errno
 * of reading the file, likewise. Any control thread; no EAL needed. Lists' files are not read here, but must
 * exist and be readable.
 */
int seki_conf_read(const char *path, struct seki_spec *spec, struct seki_err *err);

/* The same from memory; `name` stands in messages, relative paths are joined to `dir`. For tests and fuzzing. */
int seki_conf_parse(const char *name, const char *dir, const char *text, size_t size, struct seki_spec *spec,
	struct seki_err *err);

/* Writes the reference (docs/config.md) from the tables. */
void seki_conf_write_reference(FILE *out);

#endif
