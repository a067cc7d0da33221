/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEL_COUNTS_H
#define SEKI_TEL_COUNTS_H

/* Replies made of counters: `/seki/stats`, `/seki/zones`, `/seki/reasons`, `/seki/port_reasons`, `/seki/vectors`. */

#include "box.h"
#include "tel_reply.h"

/* What one reply is made from. Under the box's lock. */
struct tel_view {
	struct box *box;
	const struct seki_stats *sum; /* the counters of all cores, where the command asks for them */
	char name[SEKI_NAME_MAX];     /* the zone, port or list that was asked for; "": all */
	unsigned first, end;          /* ids from `first` on, up to `end`: those that the reply is about */
	unsigned vector;              /* the only one that it is about; SEKI_VECTOR_NONE: all */
};

/* Adds the totals of the box to `d`. 0 or -ENOMEM, as all that add. */
int tel_totals(const struct tel_view *v, struct rte_tel_data *d);

/* How many items a list has, and one of them. Reason 0, "none", comes too: above 0 it is a bug that must be seen. */
unsigned tel_ports(const struct tel_view *v);
int tel_port(const struct tel_view *v, struct rte_tel_data *list, unsigned index);
unsigned tel_zones(const struct tel_view *v);
int tel_zone(const struct tel_view *v, struct rte_tel_data *list, unsigned index);
unsigned tel_reasons(const struct tel_view *v);
int tel_reason(const struct tel_view *v, struct rte_tel_data *list, unsigned reason);
int tel_port_reason(const struct tel_view *v, struct rte_tel_data *list, unsigned reason);
unsigned tel_vectors(const struct tel_view *v);
int tel_vector(const struct tel_view *v, struct rte_tel_data *list, unsigned vector);

#endif
