/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_H
#define SEKI_FLOW_H

/*
 * Flows: which conversations are under way, as their owner core knows them.
 *
 * The inside is trusted, the outside is not. So what an inbound packet claims creates nothing (a flood of invented
 * tuples finds a table that it cannot write to); it is what the inside sends that opens, confirms and ends a flow:
 *
 *     inside sends            makes                          then an inbound packet
 *     SYN                     opening                        SYN-ACK with the right number: a connection, verified
 *     SYN-ACK                 opened                         ACK with the right number: a connection, verified
 *     other TCP               a connection picked up         belongs to it
 *     UDP and others          asked, a pinhole               is an answer
 *       ... to what may have  answered: known, but no        is more of the same
 *       come first            pinhole
 *     RST                     closing                        belongs to it, for five seconds
 *     FIN, when both have     closing                        belongs to it, for a minute
 *
 * "Verified" means that the client returned a number of 32 bits that it could only know by receiving it. A client's RST
 * ends nothing, but until the inside speaks again the connection gives way like one that nobody has answered in. ICMP
 * opens nothing; its errors belong to the flow that they quote. Later fragments belong to the first one, if that passed.
 * Where only inbound packets are seen (`inbound_only`), a SYN that passes is kept for ten seconds and a segment after it
 * makes a connection that gives way to all others, until a round of packets has come; UDP is never known.
 *
 * A burst goes through three calls: look (keys, digests, memory is asked for), track (state changes, in order, and what
 * is known goes into each packet) and, when verdicts are reached, settle. Where a packet needs to know what became of one
 * before it in the burst, track stops, and goes on from there after settle: so a burst is only an optimisation. State is
 * one word in lib/cuckoo. A packet of a connection costs one cold line; a packet of none costs tags only.
 */

#include "cuckoo.h"
#include "digest.h"
#include "pkt.h"

/* What lib/flow must know of a zone, by zone id. Constant while a policy lives. */
struct seki_flow_zone {
	bool track;                 /* false: its packets are neither looked up nor remembered */
	bool inbound_only;          /* what the inside sends does not come this way */
	const uint64_t *udp_served; /* bit per UDP port that the zone serves; NULL: it names none */
	bool singly;                /* sources are held to so little that each packet is charged at once */
};

/* Counters, since start. Written by the owner. */
struct seki_flow_stats {
	uint64_t verified;   /* connections whose handshake was seen to its end */
	uint64_t asked;      /* pinholes */
	uint64_t answered;   /* answers of the inside */
	uint64_t closed;     /* connections that ended */
	uint64_t fragmented; /* packets whose first fragment passed */
	uint64_t refused;    /* flows that found no room, and are not tracked */
};

struct flow_heard;
struct seki_sources;

/* One core's. */
struct seki_flows {
	const struct seki_digest *digest;
	const struct seki_flow_zone *zone; /* of the policy now in force, by zone id */
	struct seki_sources *sources;      /* hears of verified clients; NULL: nobody does */
	struct flow_heard *heard;
	unsigned list_gen;   /* of the policy now in force, 1 to 255 */
	uint64_t swept_ns;   /* up to when the table was swept */
	uint64_t sweep_rest; /* of a block that is due */
	uint32_t forget_left; /* blocks whose flows have not heard yet that the policy is another */
	uint32_t forget_at;   /* the next of them */
	struct seki_flow_stats stats;
	uint64_t picked_up[SEKI_CUCKOO_GROUPS]; /* by zone id: connections that the inside was in the middle of */
	struct seki_cuckoo table;
};

/* Bytes of memory for a core that tracks n_flows flows at 85 % load. */
size_t seki_flows_bytes(uint64_t n_flows);

/* In `memory` (64-byte aligned, zeroed, seki_flows_bytes(n_flows)), the caller's. `digest` is one for all cores. */
void seki_flows_init(struct seki_flows *f, void *memory, uint64_t n_flows, const struct seki_digest *digest);

/*
 * Another policy is in force: its zones, how many there are, and its number. Owner core, between bursts; a
 * walk over 1,024 zones if their number changes.
 */
void seki_flows_use(struct seki_flows *f, const struct seki_flow_zone *zone, unsigned n_zones, uint64_t list_gen);

/* A burst between look and settle. */
struct seki_flow_burst {
	uint64_t digest[PKT_BURST]; /* of those that have a key: IPv4, then IPv6 */
	uint32_t index[PKT_BURST];  /* where the entry was when the burst was looked up */
	uint8_t at[PKT_BURST];      /* packet -> place in digest[], or FLOW_NO_KEY */
	unsigned n;                 /* digests */
	bool moved;                 /* entries have come, or changed places, since then */
	uint32_t strangers;         /* packets that leave a mark if they pass, a bit each */
	uint32_t proven, ended;     /* packets that completed, or ended, a connection of a proven client */
	struct seki_cuckoo_look look;
};

#define FLOW_NO_KEY UINT8_MAX

/* Builds keys and asks for their entries. Reads what parse wrote and pkt.domain. RX core. */
void seki_flow_look_burst(const struct seki_flows *f, const struct pkt *pkt, unsigned n, struct seki_flow_burst *burst);

/*
 * Carries pkt[from..n) of the burst through the state machine, packet by packet at its arrival_ns, and writes pkt.flow,
 * batch and batch_bytes. Reads zone and direction, which are known by now. Returns up to where, at least from + 1 and
 * mostly n: those up to there are to be decided and settled before the rest is tracked.
 */
unsigned seki_flow_track_burst(
	struct seki_flows *f, struct pkt *pkt, unsigned from, unsigned n, struct seki_flow_burst *burst);

/*
 * What was tracked has been decided. What passes leaves its marks: first fragments, and what the outside has opened. What
 * clients have proven is made known.
 */
void seki_flow_settle_burst(struct seki_flows *f, const struct pkt *pkt, struct seki_flow_burst *burst);

/*
 * Under the policy in force nothing is known of the packet's source, and its flow is one that the inside asked for or
 * serves: it will be PKT_FLOW_CHECKED. Cold.
 */
void seki_flow_checked(struct seki_flows *f, const struct pkt *pkt);

/*
 * The packet is the last one of a round of its flow (PKT_FLOW_ROUND), and its source is over a limit, or is not. From the
 * end of the next round on, the flow is charged packet by packet, or as usual. A whole round passes in between so that
 * it does not matter which packets came in one burst. Cold.
 */
void seki_flow_set_over(struct seki_flows *f, const struct pkt *pkt, bool over);

/*
 * The part of a sweep that is due at `now_ns`: a whole round takes 4 seconds. After a leap in time all that is due at
 * once. RX core, once per round of its loop; a few lines each time.
 */
void seki_flows_sweep(struct seki_flows *f, uint64_t now_ns);

/* Entries of the table that are alive, or not yet cleared. */
static inline uint32_t
seki_flows_count(const struct seki_flows *f)
{
	return f->table.used;
}

#endif
