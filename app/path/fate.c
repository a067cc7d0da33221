/* SPDX-License-Identifier: BSD-3-Clause */
#include "fate.h"

#include <rte_errno.h>

int fate_offset = -1;

int
fate_setup(void)
{
	static const struct rte_mbuf_dynfield field = {
		.name = "seki_dynfield_fate",
		.size = sizeof(struct seki_fate),
		.align = __alignof__(struct seki_fate),
	};

	if (fate_offset >= 0)
		return 0;
	fate_offset = rte_mbuf_dynfield_register(&field);
	return fate_offset < 0 ? -rte_errno : 0;
}

void
fate_drop_unjudged(struct seki_stats *stats, struct rte_mbuf *mbuf, struct seki_fate fate, enum seki_reason reason)
{
	struct seki_count *rx = &stats->port[fate.in_port].rx;

	rx->packets++;
	rx->bytes += mbuf->pkt_len;
	fate.reason = (uint16_t)reason;
	seki_stats_end(stats, fate, mbuf->pkt_len);
	rte_pktmbuf_free(mbuf);
}
