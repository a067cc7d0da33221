/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SOURCE_H
#define SEKI_SOURCE_H

/*
 * Sources: how much comes from whom, and who has proven to be there.
 *
 * An attacker who invents addresses sends a packet from each. So a source is first only counted in a sketch (lib/rate),
 * whose memory no flood can fill; once the sketch says that it may have sent a quarter of what it may send (of whatever
 * is limited: the sketch counts in parts of the limits), it is nominated: it gets an exact entry, and only that is held against limits. Nominations are few per burst, so a flood that blurs the sketch
 * cannot make the table work for every packet; who is heavy is soon nominated all the same.
 *
 * Packets of flows that the inside takes part in and packets of none are held to the limits apart: the latter may be
 * forged, and take nothing from the former.
 *
 * What is held against a limit is what passed: a source over its limit has its excess dropped, not all of it.
 *
 * An address is a place, not a person. Many connections at a time, all of them proven, are many people behind one address:
 * such a source is held to limits by blocks of its ports, never as a whole. IPv6 clients own a /64 at least; prefixes
 * of 56 and 48 bits have limits of their own, some times higher.
 *
 * `Known` sources are remembered by what they did: completed handshakes (verified, with the number of connections that
 * stand), answers from a reflector's port in quiet times (familiar), and blocks that expire.
 */

#include "cuckoo.h"
#include "digest.h"
#include "pkt.h"
#include "sketch.h"
#include "top.h"
#include "window.h"

/* What one source may send within a window of 2^30 ns (1.07 s); 0: no limit. Compiled from a zone's configuration. */
struct seki_source_limits {
	uint32_t packets;
	uint32_t bytes; /* in units of SEKI_SOURCE_UNIT */
	uint32_t syns;
	uint32_t flows;          /* conversations begun, not those that the inside has begun */
	uint32_t verified;       /* verified sources may send so many times that; 0: as much as they like */
	uint32_t shared_from;    /* connections at a time from which a verified source is many people; 0: never */
	uint32_t ports;          /* packets from one block of ports of such a source, instead of `packets`; 0: no limit */
	uint16_t factor[3];      /* of the limits, for IPv6 /64 (1), /56 and /48; 0: no limit at that level */
	uint16_t block_ticks;    /* how long an unverified source over four times its packets (or more than a window can
				  * count) is blocked; 0: not */
	struct {
		uint32_t packet, unit, syn, flow, port;
	} weight; /* in the sketch, from seki_source_weigh() */
};

#define SEKI_SOURCE_SHIFT 30

/* Sets the weights, by all other limits. Configuration time. */
void seki_source_weigh(struct seki_source_limits *limits);

/* Bytes are rounded up to that, packet by packet. */
#define SEKI_SOURCE_UNIT 16

/* Amounts of limits: what a rate per second comes to in a window, at least 1 for a rate above 0. */
static inline uint32_t
seki_source_amount(uint64_t per_s, unsigned unit)
{
	unsigned __int128 n = (unsigned __int128)per_s << SEKI_SOURCE_SHIFT;
	uint64_t amount = (uint64_t)(n / 1000000000 / unit);

	return per_s == 0 ? 0 : amount == 0 ? 1 : amount > UINT32_MAX ? UINT32_MAX : (uint32_t)amount;
}

/*
 * Whether sources may send so little that a round of one flow is much of it: rounds of several flows that end together
 * would then be over the limit, though what came over the window is not.
 */
static inline bool
seki_source_limits_are_small(const struct seki_source_limits *l)
{
	const uint32_t rounds = 32, packets = 32, units = 1500 / SEKI_SOURCE_UNIT;

	return (l->packets != 0 && l->packets < rounds * packets) ||
	       (l->bytes != 0 && l->bytes < rounds * packets * units);
}

enum seki_source_verdict {
	SEKI_SOURCE_WITHIN,
	SEKI_SOURCE_FULL,    /* within, but a round of its flow (PKT_FLOW_ROUND) more would not be; said of strict flows */
	SEKI_SOURCE_PACKETS, /* over the limit of ... */
	SEKI_SOURCE_BYTES,
	SEKI_SOURCE_SYNS,
	SEKI_SOURCE_FLOWS,
	SEKI_SOURCE_PORTS,
	SEKI_SOURCE_BLOCKED,
};

/* Counters, since start. Written by the owner. */
struct seki_source_stats {
	uint64_t nominated;
	uint64_t not_nominated; /* for now: too many in one burst, or no room */
	uint64_t verified;      /* sources that became verified */
	uint64_t blocked;       /* blocks imposed */
};

struct source_side;

/* One core's. */
struct seki_sources {
	const struct seki_digest *digest;
	struct seki_sketch sketch;
	struct seki_cuckoo rates; /* windows of packets; the rest of what is counted is in `side`, by the same index */
	struct source_side *side;
	struct seki_cuckoo known;
	uint64_t blocked_until_ns; /* no block lasts longer */
	uint64_t nominated_ns;     /* the burst of ... */
	unsigned nominated;        /* ... in which so many were nominated */
	uint64_t rates_rest, known_rest;
	struct seki_source_stats stats;
	bool names;                        /* the policy lets addresses of the heaviest be written down */
	struct seki_top top[SEKI_N_TOPS]; /* all zero where it does not */
};

/* Bytes of memory for a core that counts n_sources exactly, and knows as many. */
size_t seki_sources_bytes(uint64_t n_sources);

/* In `memory` (64-byte aligned, zeroed), the caller's. */
void seki_sources_init(
	struct seki_sources *s, void *memory, uint64_t n_sources, const struct seki_digest *digest);

/*
 * Another policy is in force: zones that share the tables, and whether the heaviest may be known by name. What is written
 * down is forgotten where they may not. Owner core.
 */
void seki_sources_use(struct seki_sources *s, unsigned n_zones, bool names);

/* The packets of `which`, a bit each: digest = that of the source, and its line of the sketch is asked for. RX core. */
void seki_source_look_burst(const struct seki_sources *s, struct pkt *pkt, uint32_t which);

/*
 * Charges the packet's batch to its source, and at IPv6 to the prefixes around it: to all or to none. What is not within
 * has not been charged. `shared`: a list says that many people share the source. RX core, after look. About 30 cycles
 * for a source that is not nominated.
 */
enum seki_source_verdict seki_source_charge(
	struct seki_sources *s, const struct pkt *pkt, const struct seki_source_limits *limits, bool shared);

/* The packet's client has completed a handshake; a connection of such a client has ended. Cold. */
void seki_source_verified(struct seki_sources *s, const struct pkt *pkt);
void seki_source_closed(struct seki_sources *s, const struct pkt *pkt);

bool seki_source_is_verified(const struct seki_sources *s, const struct pkt *pkt);

/*
 * Answers from a reflector's port that nobody was seen to ask for. A source that sent such in quiet times, and again ten
 * seconds later or more, is familiar, for two hours after the last one. Once is not enough: when a flood begins it is quiet
 * still, and its sources would be familiar before it shows. RX core.
 */
void seki_source_make_familiar(struct seki_sources *s, const struct pkt *pkt);

/*
 * Charges the packet to what its source may send if it is familiar: one packet in `interval` units of 2^12 ns, a second's
 * worth at once (GCRA, as lib/rate/budget.h). False: it is not familiar, or over that. RX core.
 */
bool seki_source_charge_familiar(struct seki_sources *s, const struct pkt *pkt, uint32_t interval);
#define SEKI_FAMILIAR_SHIFT 12

/*
 * The same of a source that has proven its address, for each vector: what it may send while such sources are held back, too.
 * False: it has proven nothing, or is over that, or there is no room to count it. RX core.
 */
bool seki_source_charge_proven(struct seki_sources *s, const struct pkt *pkt, uint32_t interval);

/* Units from packet to packet of a source that may send so many a second; 0 is none at all. */
static inline uint32_t
seki_source_interval(uint64_t pps)
{
	return pps == 0 ? 0 : (uint32_t)((1000000000 / pps) >> SEKI_FAMILIAR_SHIFT);
}

/* Called by seki_flows_sweep. */
void seki_sources_sweep(struct seki_sources *s, uint64_t now_ns, uint64_t elapsed_ns);

#endif
