/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_INCIDENT_H
#define SEKI_TEL_INCIDENT_H

/* `/seki/incident`: one incident, and its parts by pages. */

#include "box.h"
#include "tel_reply.h"

/*
 * "ID[,PART[,OFFSET[,LIMIT]]]": what a list says of it, how much there is of each part, and where its file is; then a page of a
 * part: vectors, targets, decisions, timeline, drops. Of incidents of earlier runs there are no parts: they are in the
 * file. 0, -ENOENT (no such incident, no such part), -EINVAL (no page), -ENOMEM.
 */
int tel_one_incident(struct box *box, const char *params, struct rte_tel_data *d);

#endif
