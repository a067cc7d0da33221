/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_STATE_H
#define SEKI_TEL_STATE_H

/* Replies about what the RX cores remember: `/seki/state`, and `/seki/top`, the only one that names addresses. */

#include "box.h"
#include "tel_reply.h"

/* Tables, flows and sources of the index-th RX core. 0 or -ENOMEM. */
int tel_state_core(const struct box *box, struct rte_tel_data *list, unsigned index);

/*
 * Who sends most on any core, of the lists [first, end) of enum seki_top_list: collected now, the heaviest first. Returns
 * how many rows; none where the policy names nobody. tel_top_row says one of those collected last.
 */
unsigned tel_top_collect(const struct box *box, unsigned first, unsigned end);
int tel_top_row(const struct box *box, struct rte_tel_data *list, unsigned index);

/* Number of the list of that name, or -1. */
int tel_top_find(const char *name);

#endif
