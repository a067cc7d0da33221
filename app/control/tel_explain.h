/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_EXPLAIN_H
#define SEKI_TEL_EXPLAIN_H

/* `/seki/samples`: what was dropped lately; `/seki/explain`: why, and what would become of other packets. */

#include "tel_counts.h"

/* Samples of the zones that were asked for, the youngest first. As all lists: how many, and one. */
unsigned tel_samples(const struct tel_view *v);
int tel_sample(const struct tel_view *v, struct rte_tel_data *list, unsigned index);

/*
 * "NUMBER" of a sample, or "PROTO,SRC,SPORT,DST,DPORT[,DOMAIN]" of an inbound packet; PROTO is tcp, udp, icmp, icmp6, gre, esp or a
 * number. Sentences, or in "why" what is wrong with the question.
 */
int tel_explain(struct box *box, const char *params, struct rte_tel_data *d);

#endif
