/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CONF_SCAN_H
#define SEKI_CONF_SCAN_H

/*
 * The first pass over a configuration file: characters, tokens and brackets, before libconfig sees it.
 *
 * libconfig 1.5 wraps integers silently, names the wrong line for the last element of an array, joins
 * neighbouring strings where a comma was forgotten, follows @include, recurses as deep as the file nests, and
 * stops at the first mistake with "syntax error". So the text is scanned here and written anew, line for line,
 * in the part of the language that has none of these: every value becomes a string that says what it was and
 * where it stood, "<kind><line>:<text>", kinds below. What comes out is always good libconfig; every number is
 * still the text that the user wrote.
 */

#include "err.h"

#include <stddef.h>

/* Brackets within brackets, at most: zones ( { countermeasures { name { is 4. */
#define CONF_DEPTH_MAX 8
/* Keys of one group and values of one file, at most: bounds on what libconfig is given. */
#define CONF_KEYS_MAX 128
#define CONF_VALUES_MAX 500000

enum conf_kind {
	CONF_KIND_NUMBER = 'n', /* digits with an optional sign */
	CONF_KIND_FLOAT = 'f',
	CONF_KIND_TEXT = 's',
	CONF_KIND_BOOL = 'b',
	CONF_KIND_BAD = 'x', /* already reported: say nothing more about it */
};

/* Keys that were set twice come out under a name that starts so; no user's key can. */
#define CONF_DUPLICATE_PREFIX '*'

/*
 * Scans `text`. Returns the text for libconfig (heap, zero-terminated, the caller frees it), or NULL if the file
 * is broken beyond its first mistake; either way every mistake seen is in `err`.
 */
char *conf_scan(const char *name, const char *text, size_t size, struct seki_err *err);

#endif
