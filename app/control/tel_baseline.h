/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_BASELINE_H
#define SEKI_TEL_BASELINE_H

/* Replies about what was learned: `/seki/baseline`, and `/seki/baseline_accept` and `/seki/baseline_forget`, which change it. */

#include "tel_counts.h"

/* Whether anything is learned, and what becomes of it. */
int tel_baseline_head(const struct tel_view *v, struct rte_tel_data *d);

/* Vectors of which something is kept, of the zones that were asked for. As all lists: how many, and one. */
unsigned tel_baselines(const struct tel_view *v);
int tel_baseline(const struct tel_view *v, struct rte_tel_data *list, unsigned index);

/*
 * "ZONE,VECTOR,accept,PPS[,BPS]" and "ZONE,VECTOR,forget". The word is there as clients may get each other's parameters
 * (telemetry.h): without it a question about a vector could have it forgotten. Both say what they were understood as, whether it
 * was done, why not, or what keeps limits as they are; told again they change nothing more.
 */
int tel_baseline_accept(struct box *box, const char *params, struct rte_tel_data *d);
int tel_baseline_forget(struct box *box, const char *params, struct rte_tel_data *d);

#endif
