/* SPDX-License-Identifier: BSD-3-Clause */
#include "stats.h"

#include <assert.h>
#include <string.h>

static inline void
count(struct seki_count *c, uint32_t bytes)
{
	c->packets++;
	c->bytes += bytes;
}

static inline void
add(struct seki_count *c, struct seki_count more)
{
	c->packets += more.packets;
	c->bytes += more.bytes;
}

/* What the receiving port got. A burst is of one port but for what other cores steered here. */
static void
count_received(struct seki_stats *stats, const struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n;) {
		uint16_t port = pkt[i].in_port;
		struct seki_count sum = {0, 0};

		for (; i < n && pkt[i].in_port == port; i++)
			count(&sum, pkt[i].len);
		add(&stats->port[port].rx, sum);
	}
}

static __attribute__((noinline)) void
count_observed(struct seki_stats_zone *zone, const struct pkt *p)
{
	count(&zone->observed[p->observed], p->len);
	if (p->verdict == SEKI_VERDICT_PASS)
		count(&zone->spared[p->observed], p->len);
}

static void
count_any(struct seki_stats *stats, const struct pkt *pkt, unsigned n)
{
	count_received(stats, pkt, n);
	for (unsigned i = 0; i < n; i++) {
		const struct pkt *p = &pkt[i];
		struct seki_stats_zone *zone = &stats->zone[p->zone];

		if (p->direction == SEKI_DIR_INBOUND)
			count(&zone->vector[p->vector], p->len);
		if (__builtin_expect(p->observed != SEKI_REASON_NONE, 0))
			count_observed(zone, p);
		if (p->verdict == SEKI_VERDICT_DROP)
			seki_stats_end(stats, pkt_fate(p), p->len);
	}
}

void
seki_stats_burst(struct seki_stats *stats, const struct pkt *pkt, unsigned n, const struct pkt_sum *sum)
{
	struct seki_count all = {n, sum->bytes};
	struct seki_fate fate = pkt_fate(pkt);

	if (sum->differs != 0) {
		count_any(stats, pkt, n);
		return;
	}
	add(&stats->port[fate.in_port].rx, all);
	if (fate.direction == SEKI_DIR_INBOUND)
		add(&stats->zone[fate.zone].vector[pkt->vector], all);
	if (fate.verdict == SEKI_VERDICT_DROP) {
		add(&stats->zone[fate.zone].by_reason[fate.direction][fate.reason], all);
		add(&stats->port[fate.in_port].by_reason[fate.direction][fate.reason], all);
	}
}

static_assert(sizeof(struct seki_stats) % sizeof(uint64_t) == 0, "counters and nothing else");

void
seki_stats_add(struct seki_stats *sum, const struct seki_stats *from)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *with = (const uint64_t *)from;

	/* Zones that nobody uses stay untouched, and so cost no memory, in both. */
	for (size_t i = 0; i < sizeof(*sum) / sizeof(*to); i++) {
		uint64_t n = __atomic_load_n(&with[i], __ATOMIC_RELAXED);

		if (n != 0)
			to[i] += n;
	}
}

void
seki_stats_balance(const struct seki_stats *stats, struct seki_balance *out)
{
	memset(out, 0, sizeof(*out));
	for (unsigned p = 0; p < SEKI_PORTS_MAX; p++) {
		const struct seki_stats_port *port = &stats->port[p];

		add(&out->rx, port->rx);
		add(&out->generated, port->generated);
		add(&out->tx, port->tx);
		for (unsigned d = 0; d < SEKI_N_DIRECTIONS; d++) {
			for (unsigned r = 0; r < SEKI_N_REASONS; r++) {
				if (seki_reason_verdict(r) == SEKI_VERDICT_DROP)
					add(&out->dropped, port->by_reason[d][r]);
				else if (seki_reason_verdict(r) == SEKI_VERDICT_CHALLENGE)
					add(&out->challenged, port->by_reason[d][r]);
			}
		}
	}
}

bool
seki_balance_holds(const struct seki_balance *b)
{
	return b->rx.packets + b->generated.packets == b->tx.packets + b->dropped.packets + b->challenged.packets &&
	       b->rx.bytes + b->generated.bytes == b->tx.bytes + b->dropped.bytes + b->challenged.bytes;
}
