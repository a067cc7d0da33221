/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_APP_FATE_H
#define SEKI_APP_FATE_H

/* What travels with an mbuf from core to core, in a dynamic field: struct seki_fate (lib/pkt). */

#include "stats.h"

#include <rte_mbuf.h>
#include <rte_mbuf_dyn.h>

/* Offset of the field, fixed by fate_setup. */
extern int fate_offset;

/* Registers the field. Once per process after rte_eal_init, idempotent. 0 or -errno. */
int fate_setup(void);

static inline struct seki_fate *
fate_of(struct rte_mbuf *mbuf)
{
	return RTE_MBUF_DYNFIELD(mbuf, fate_offset, struct seki_fate *);
}

/* Ends a packet that no owner core has judged: counts it as received and dropped, and frees it. */
void fate_drop_unjudged(
	struct seki_stats *stats, struct rte_mbuf *mbuf, struct seki_fate fate, enum seki_reason reason);

#endif
