/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_JSON_H
#define SEKI_JSON_H

/*
 * Writes JSON (RFC 8259), value by value, with commas between them. Any thread, one writer each. Errors are those of the
 * stream: ask ferror() at the end.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct seki_json {
	FILE *out;
	bool first; /* in this list or object */
};

/* Begins and ends an object or a list: '{' and '}', '[' and ']'. */
void seki_json_open(struct seki_json *j, char bracket);
void seki_json_close(struct seki_json *j, char bracket);

/* The next value of a list, or the next member of an object: what follows is its value. */
void seki_json_item(struct seki_json *j);
void seki_json_key(struct seki_json *j, const char *name);

/* A string, as a value. Whatever is not printable ASCII is escaped, byte by byte: it is for names and for English. */
void seki_json_string(struct seki_json *j, const char *text);

/* Members. `text` NULL: null. */
void seki_json_text(struct seki_json *j, const char *name, const char *text);
void seki_json_count(struct seki_json *j, const char *name, uint64_t n);
void seki_json_bool(struct seki_json *j, const char *name, bool is);
void seki_json_share(struct seki_json *j, const char *name, double x); /* six decimals */

#endif
