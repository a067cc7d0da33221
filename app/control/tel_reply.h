/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_REPLY_H
#define SEKI_TEL_REPLY_H

/* The parts of a telemetry reply: numbers, counts, dicts in dicts, what page of a list it is. */

#include "stats.h"
#include "tel_params.h"

#include <rte_telemetry.h>

/* "name": value */
void tel_number(struct rte_tel_data *d, const char *name, uint64_t value);

/* "name_packets" and "name_bytes" */
void tel_count(struct rte_tel_data *d, const char *name, struct seki_count count);

/* A dict in a dict, which the library frees. NULL: no memory, or `d` is full. */
struct rte_tel_data *tel_dict(struct rte_tel_data *d, const char *name);

/* The same by the name of `kind` and `id`: "zone7". */
struct rte_tel_data *tel_item(struct rte_tel_data *list, const char *kind, unsigned id);

/* A list of strings in a dict; likewise. */
struct rte_tel_data *tel_array(struct rte_tel_data *d, const char *name);

/*
 * A text of any length: a list of pieces that are to be joined as they are, since no string of the library has more than 127
 * bytes. 0 or -ENOMEM.
 */
int tel_text(struct rte_tel_data *d, const char *name, const char *text);

/* The page as it was understood, and where the next one begins. */
void tel_page(struct rte_tel_data *d, const struct params_page *page);

#endif
