/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_GUARD_H
#define SEKI_TEL_GUARD_H

/* Replies about attacks: `/seki/incidents`, `/seki/posture`, `/seki/detect`, and `/seki/override`, which changes something. */

#include "tel_counts.h"

/* Incidents, the youngest first, those of earlier runs as far as they are on disk. As all lists: how many, and one. */
unsigned tel_incidents(const struct tel_view *v);
int tel_incident(const struct tel_view *v, struct rte_tel_data *list, unsigned index);

/* Vectors that are not idle, or set by an operator, of the zones that were asked for. */
unsigned tel_postures(const struct tel_view *v);
int tel_posture(const struct tel_view *v, struct rte_tel_data *list, unsigned index);

/* Figures of the detector itself. */
int tel_detect(struct box *box, const char *params, struct rte_tel_data *d);

/*
 * "ZONE,VECTOR,STEP,SECONDS": sets a step, or, as "auto", gives it back. Says what it was understood as, and whether it was
 * done or why not. Telling it the same again changes nothing but when it ends.
 */
int tel_override(struct box *box, const char *params, struct rte_tel_data *d);

/* Parts that other replies have too: what a list says of an incident. */
int tel_summary(struct rte_tel_data *d, const struct seki_summary *s);

/* The incident of an id among those that are here, or NULL. */
const struct seki_incident *tel_incident_here(const struct box *box, const char *id);

#endif
