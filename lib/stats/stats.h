/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_STATS_H
#define SEKI_STATS_H

/*
 * Counters: one block per core, written by that core alone with plain stores, read by management at any time.
 *
 * A u64 that one core increments and another reads needs no lock on the 64-bit machines DPDK supports; the
 * reader may be one burst behind. Totals are sums over cores. A packet is counted where its life ends: a drop by
 * the core that drops it, a pass by the core whose tx_burst was accepted. So every packet ends under exactly one
 * (zone, direction, reason) and one (port, direction, reason), once, and the accounting identity is a plain sum:
 *
 *     rx + generated == tx + drops + challenged        (exact whenever nothing is in flight)
 *
 * It holds in bytes as in packets: a frame leaves as long as it came.
 */

#include "pkt.h"
#include "verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Zone ids are 1..SEKI_ZONES_MAX - 1 and stable across reloads; 0 (SEKI_ZONE_NONE) counts traffic of no zone. */
#define SEKI_ZONES_MAX 1024
#define SEKI_PORTS_MAX 32

struct seki_count {
	uint64_t packets;
	uint64_t bytes; /* frames without FCS */
};

struct seki_stats_zone {
	struct seki_count by_reason[SEKI_N_DIRECTIONS][SEKI_N_REASONS]; /* ended */
	struct seki_count observed[SEKI_N_REASONS];                     /* what observe mode would drop, */
	struct seki_count spared[SEKI_N_REASONS];                       /* and what of that passed */
	struct seki_count vector[SEKI_N_VECTORS];                       /* inbound, offered */
};

struct seki_stats_port {
	struct seki_count rx;        /* received on this port */
	struct seki_count tx;        /* accepted by this port's tx_burst */
	struct seki_count generated; /* frames that Seki itself made, by the port they leave */
	struct seki_count by_reason[SEKI_N_DIRECTIONS][SEKI_N_REASONS]; /* ended, by the port they came in by */
};

/* One core's block: zeroed, 64-byte aligned, near the core. Untouched zones cost no memory until touched. */
struct seki_stats {
	struct seki_stats_port port[SEKI_PORTS_MAX];
	struct seki_stats_zone zone[SEKI_ZONES_MAX];
} __attribute__((aligned(64)));

/* Terms of the accounting identity over all ports. */
struct seki_balance {
	struct seki_count rx, generated, tx, dropped, challenged;
};

/*
 * Counts a decided burst, n > 0: rx of the receiving port, the zone's vectors (inbound) and observed drops, and the
 * end of those that are dropped. `sum` is of these packets: those that are alike cost one update of each counter.
 * Owner core, once per burst. No branch depends on the mix of traffic but the one on drops: with random vectors a
 * mispredicted run would cost more than two increments.
 */
void seki_stats_burst(struct seki_stats *stats, const struct pkt *pkt, unsigned n, const struct pkt_sum *sum);

/* Counts the end of one packet of `bytes` under its fate: after tx_burst took it, or when it is dropped late. */
static inline void
seki_stats_end(struct seki_stats *stats, struct seki_fate fate, uint32_t bytes)
{
	struct seki_count *zone = &stats->zone[fate.zone].by_reason[fate.direction][fate.reason];
	struct seki_count *port = &stats->port[fate.in_port].by_reason[fate.direction][fate.reason];

	zone->packets++;
	zone->bytes += bytes;
	port->packets++;
	port->bytes += bytes;
}

/* Adds `from` into `sum`, field by field. Management core. */
void seki_stats_add(struct seki_stats *sum, const struct seki_stats *from);

/* The identity's terms over all ports of `stats`. */
void seki_stats_balance(const struct seki_stats *stats, struct seki_balance *out);

/* Whether it holds, in packets and in bytes. */
bool seki_balance_holds(const struct seki_balance *balance);

#endif
