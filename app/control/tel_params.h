/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_PARAMS_H
#define SEKI_TEL_PARAMS_H

/* Parameters of telemetry commands: fields between commas, read without strtok (clients' threads share that). */

#include <stddef.h>
#include <stdint.h>

/* Takes the next field into `buf` (cut to fit, empty if there is none) and moves *params behind it. */
void params_word(const char **params, char *buf, size_t size);

/* The next field as a number; `def` if it is missing or empty. Returns 0 or -EINVAL (no number, or above `max`). */
int params_number(const char **params, uint64_t def, uint64_t max, uint64_t *value);

/* A page of a list of `total` items. */
struct params_page {
	uint64_t offset, limit, total;
	uint64_t end; /* first item that is not on the page */
};

/* "OFFSET,LIMIT", both optional; limit is at most `limit_max`, which is also the default. 0 or -EINVAL. */
int params_page(const char **params, uint64_t total, uint64_t limit_max, struct params_page *page);

#endif
