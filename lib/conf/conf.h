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

#include <sched.h>
#include <stddef.h>
#include <stdio.h>

/* No larger file is read. */
#define SEKI_CONF_BYTES_MAX (16 << 20)

/*
 * Reads `path` into `spec`. Returns 0; or -EINVAL with at least one entry in `err` and a spec that holds nothing but
 * the lists whose files are there, so that their mistakes can be said too; or -errno of reading the file, likewise. Free
 * it in any case. Any control thread; no EAL needed. Lists' files are not read here, but must exist and be readable.
 * Call it once before EAL starts: the CPUs that the process may use are those of the first call, since EAL narrows what
 * a thread sees of them.
 */
int seki_conf_read(const char *path, struct seki_spec *spec, struct seki_err *err);

/* The same from memory; `name` stands in messages, relative paths are joined to `dir`. For tests and fuzzing. */
int seki_conf_parse(
	const char *name, const char *dir, const char *text, size_t size, struct seki_spec *spec, struct seki_err *err);

/* The same with the CPUs that the configuration may name, instead of those that this process may use. */
struct seki_conf_source {
	const char *name;
	const char *dir;
	const char *text;
	size_t size;
	const cpu_set_t *cpus;
};
int seki_conf_parse_source(const struct seki_conf_source *source, struct seki_spec *spec, struct seki_err *err);

/* Writes the reference (docs/config.md) from the tables. */
void seki_conf_write_reference(FILE *out);

#endif
