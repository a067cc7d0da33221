/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_STEER_H
#define SEKI_STEER_H

/*
 * To the owner core: all packets of one client, both directions, are judged by one RX core, so that its state has
 * a single writer.
 *
 * The client is the outside end: the source of what comes in, the destination of what goes out, and for an ICMP
 * error that comes in the destination of the packet it quotes. The owner is a keyed function of that address. (The
 * domain is not mixed in: equal addresses of two domains meet on one core, which is all that ownership needs, and
 * no NIC could hash it.)
 *
 * Two functions, one of them fixed at start. Where some port can hash in hardware (RSS over the source only outside,
 * the destination only inside, one random key) it is that Toeplitz hash, and such a port has already chosen the right
 * queue. Elsewhere it is SipHash. A NIC is believed only after a probe: the first packets' hashes are compared with
 * the same computed in software, per port and address family; until then, after a single mismatch, and for packets
 * that carry no hash, the software computes the owner. The owner is the same either way, so nothing moves when the
 * probe succeeds. Nor is it believed, then or later, for packets of another kind than the probe has tested: NICs
 * differ in what they hash of fragments, tunnels, extension headers, stacked tags and what is defective, so only
 * sound TCP and UDP with at most one tag counts, and no tunnels, whose inner addresses it may take.
 *
 * Of an IPv6 address SipHash takes the /48, the widest prefix that is limited, proven or blocked as one (lib/flow/source.h):
 * else one /64 would have a limit on each core. A NIC hashes whole addresses, so with RSS the limits, proofs and blocks of
 * IPv6 prefixes hold per core.
 *
 * A packet whose owner is another core goes over an SPSC ring as an mbuf and is viewed and parsed again there: the
 * second parse finds the headers in cache and costs less than moving two more lines. A full ring is
 * STEER_FULL.
 *
 * Packets without an IP address belong to the core that received them, and so does control traffic, routed
 * control between peers included: no countermeasure judges it, so no state hangs on its owner, and on a ring it
 * would compete with the flood. Nobody gains by that who may not: what counts as control cannot be sent from afar.
 */

#include "hash.h"
#include "pkt.h"
#include "policy.h"
#include "spec.h"
#include "stats.h"

#include <rte_mbuf.h>
#include <rte_ring.h>

/* In software, an IPv6 client is owned by its /48. */
#define STEER_IP6_BYTES 6

#define STEER_RETA_MAX 512
#define STEER_RSS_KEY_MAX 64

/* Matches that the probe wants before it believes a port, per family. */
#define STEER_PROBE_MATCHES 64

/* From the least trust to the most. */
enum steer_trust {
	STEER_TRUST_NO, /* the port does not hash, or it hashed differently */
	STEER_TRUST_PROBING,
	STEER_TRUST_YES,
};

/* What the probe knows of one port and family, on one core. */
struct steer_probe {
	uint8_t trust; /* enum steer_trust; read by management for the log */
	uint8_t matches;
};

/* The owner function: the same on all cores, constant after start. */
struct steer_owner {
	unsigned n_cores;
	bool toeplitz;
	struct seki_key key;                     /* SipHash */
	uint32_t rss_key[STEER_RSS_KEY_MAX / 4]; /* Toeplitz, words in host order as rte_softrss_be wants them */
	uint32_t reta_mask;
	uint8_t reta[STEER_RETA_MAX]; /* low bits of the hash -> core */
};

/* One core's part. The rings need fate_setup. */
struct steer {
	const struct steer_owner *owner;
	unsigned id; /* of this core */
	struct seki_stats *stats;
	struct rte_ring *to[SEKI_CORES_MAX];         /* [core]; NULL for itself */
	struct rte_ring *from[SEKI_CORES_MAX];       /* [core]; NULL for itself */
	struct steer_probe probe[SEKI_PORTS_MAX][2]; /* [port][IPv6] */
};

/* SipHash under `key` over n_cores. */
void steer_owner_init(struct steer_owner *owner, unsigned n_cores, const struct seki_key *key);

/* Changes to Toeplitz under `key` (key_len <= STEER_RSS_KEY_MAX, a multiple of 4), reta[i] = i mod n_cores. */
void steer_owner_use_rss(struct steer_owner *owner, const uint8_t *key, unsigned key_len, unsigned reta_size);

/* The Toeplitz hash of one address under the RSS key. */
uint32_t steer_toeplitz(const struct steer_owner *owner, const union pkt_addr *addr, bool ip6);

/*
 * The core that owns a parsed packet; `self` for packets that have no client address. `hash`: the
 * client's Toeplitz hash where it is known, NULL: computed. Any core.
 */
unsigned steer_owner_core(const struct steer_owner *owner, const struct pkt *pkt, unsigned self, const uint32_t *hash);

/*
 * Hands packets of other owners to them and closes the gaps in mbuf and pkt. Those that find a full ring are
 * counted (received, STEER_FULL) and freed. `policy` knows the peers. Returns how many stay. RX core.
 */
unsigned steer_burst(
	struct steer *steer, const struct seki_policy *policy, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n);

/*
 * Takes up to PKT_BURST mbufs that core `from` handed over; fate_of says in_port and direction of each, the rest
 * of the fate is not set. RX core.
 */
unsigned steer_take(struct steer *steer, unsigned from, struct rte_mbuf **mbuf);

/* Frees what is left in the rings to this core and counts it as received and SHUTDOWN. No core may run. */
unsigned steer_discard(struct steer *steer);

#endif
