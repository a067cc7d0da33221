/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LIST_JSON_H
#define SEKI_LIST_JSON_H

/*
 * Just enough JSON for a list of one object a line: the top-level members "cidr" and "type", if they are strings.
 *
 * Strings end where JSON says they end, nested values are skipped by their brackets, so a "cidr" inside another
 * string or object is not mistaken for the member. A string with an escape is taken as it stands: no prefix needs
 * one. Internal to lib/prefix.
 */

#include <stdbool.h>

struct list_json {
	const char *cidr; /* in the line, not terminated; NULL: no such string */
	int cidr_len;
	bool is_metadata; /* "type" is "metadata" */
};

/* Reads the object that starts at `line` ('{') and fills the rest of the line. False: it is no such object. */
bool list_json_read(const char *line, struct list_json *out);

#endif
