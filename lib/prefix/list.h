/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_LIST_H
#define SEKI_LIST_H

/*
 * List files: sources that a zone allows or denies. One address or prefix a line; `#` and `;` start a comment.
 * Read as they are published: Spamhaus DROP text ("192.0.2.0/24 ; SBL1"), Spamhaus DROP NDJSON
 * ({"cidr":"192.0.2.0/24",...}, with an object of "type":"metadata", which is ignored), FireHOL .netset/.ipset.
 * IPv4 ranges ("192.0.2.1-192.0.2.9", blanks around the dash allowed) become prefixes. The format is recognised
 * line by line; a line ends with LF or CR LF; a UTF-8 byte order mark is skipped; duplicates merge.
 *
 * A bad line is named with file and line, and the list as a whole is then refused: half a block list is a
 * surprise. Bad are: host bits that are set below the length (the message says which prefix was meant), zero
 * bytes, lines over 1,024 bytes, and what is absurd: the default route and anything wider than /8 (IPv4) or /16
 * (IPv6), since no feed means it and one typo must not cut off the world. Wide prefixes are legal where no packet can
 * come from all the same, as feeds of bogons name such space whole: within 224.0.0.0/3 (FireHOL level1 has just that),
 * and in IPv6 where they have nothing in common with 2000::/3 (4000::/2, fc00::/7, ...). Overlap with own zones is the
 * policy's check. An empty list is legal: feeds are empty at times.
 */

#include "addr.h"
#include "err.h"

#include <stddef.h>
#include <stdint.h>

struct seki_list {
	struct seki_prefix *prefix; /* sorted by seki_prefix_compare, no duplicates */
	uint32_t *line;             /* where each stands in the file; for messages */
	size_t n;
};

/* More entries than this in one file are refused (memory is bounded before it is allocated). */
#define SEKI_LIST_MAX 4000000

/*
 * Reads `text` (`size` bytes, need not end in a newline or zero) as the file `name`. All bad lines are reported.
 * Returns 0, -EINVAL (err says why; list is empty), -ENOMEM. Pure function of its input.
 */
int seki_list_parse(const char *name, const char *text, size_t size, struct seki_list *list, struct seki_err *err);

/* Reads the file `path`, 512 MiB at most. As above, and -errno of open or read with a sentence in `err`. */
int seki_list_read(const char *path, struct seki_list *list, struct seki_err *err);

void seki_list_fini(struct seki_list *list);

#endif
