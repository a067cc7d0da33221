/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_KEY_H
#define SEKI_FLOW_KEY_H

/*
 * Internal to lib/flow: what is known by what. A key is one block of 16 bytes, or three where addresses are IPv6; the
 * table keeps its keyed digest, never the key.
 *
 * Every key says its kind and its domain, so that equal addresses in two domains, or in two kinds of entries, are
 * different things. Keys of sources say their zone too: what one tenant learns of a client is no other's business.
 *
 * The key of a flow is the same for both directions: of its two ends the lower one comes first.
 */

#include "digest.h"
#include "pkt.h"

enum key_kind {
	KEY_FLOW4 = 1,
	KEY_FLOW6,
	KEY_FRAGMENT4, /* a packet that comes in fragments */
	KEY_FRAGMENT6,
	KEY_SOURCE,   /* a client: an IPv4 address, or the /64, /56 or /48 of an IPv6 one */
	KEY_NAMED,    /* the same, where it is asked who sends most, and not held to limits */
	KEY_PORTS,    /* a block of ports of a client */
	KEY_PORT,     /* a port of a client */
	KEY_VERIFIED, /* a client that has proven its address */
	KEY_FAMILIAR, /* a client and the reflector port that it answers from */
	KEY_BLOCKED,
	KEY_SPARED,   /* a client that has proven its address, and a vector */
};

/* The fields that all flow and fragment keys have: their place is that of the highest 32 bits of words 0 and 1. */
static inline uint64_t
key_head(enum key_kind kind, uint8_t proto)
{
	return (uint64_t)kind << 56 | (uint64_t)proto << 48;
}

static inline void
key_flow4(struct seki_block *key, const struct pkt *pkt)
{
	uint64_t a = (uint64_t)pkt->src.v4_be << 16 | pkt->sport, b = (uint64_t)pkt->dst.v4_be << 16 | pkt->dport;
	uint64_t low = a < b ? a : b;

	key->q[0] = key_head(KEY_FLOW4, pkt->proto) | low;
	key->q[1] = (uint64_t)pkt->domain << 48 | (a ^ b ^ low);
}

/* key[0..2] */
static inline void
key_flow6(struct seki_block *key, const struct pkt *pkt)
{
	const union pkt_addr *s = &pkt->src, *d = &pkt->dst;
	bool tie = s->q[0] == d->q[0] && s->q[1] == d->q[1];
	bool swap = s->q[0] > d->q[0] || (s->q[0] == d->q[0] && s->q[1] > d->q[1]) || (tie && pkt->sport > pkt->dport);
	uint32_t first = swap ? pkt->dport : pkt->sport, last = swap ? pkt->sport : pkt->dport;

	key[0].q[0] = key_head(KEY_FLOW6, pkt->proto) | first << 16 | last;
	key[0].q[1] = (uint64_t)pkt->domain << 48;
	memcpy(&key[1], swap ? d : s, sizeof(key[1]));
	memcpy(&key[2], swap ? s : d, sizeof(key[2]));
}

/* Of either family. Returns how many blocks the key has. */
static inline unsigned
key_flow(struct seki_block key[3], const struct pkt *pkt)
{
	if (pkt->l3 == PKT_L3_IP4) {
		key_flow4(key, pkt);
		return 1;
	}
	key_flow6(key, pkt);
	return 3;
}

/* As RFC 791 and RFC 8200 know the fragments of one packet; IPv6 leaves the protocol out, which later ones may not say. */
static inline void
key_fragment4(struct seki_block *key, const struct pkt *pkt, uint32_t id)
{
	key->q[0] = (uint64_t)KEY_FRAGMENT4 << 56 | (uint64_t)pkt->proto << 48 | (uint64_t)pkt->src.v4_be << 16 | id;
	key->q[1] = (uint64_t)pkt->domain << 48 | pkt->dst.v4_be;
}

static inline void
key_fragment6(struct seki_block *key, const struct pkt *pkt, uint32_t id)
{
	key[0].q[0] = (uint64_t)KEY_FRAGMENT6 << 56 | id;
	key[0].q[1] = (uint64_t)pkt->domain << 48;
	memcpy(&key[1], &pkt->src, sizeof(key[1]));
	memcpy(&key[2], &pkt->dst, sizeof(key[2]));
}

/* Likewise. The packet is a fragment. */
static inline unsigned
key_fragment(struct seki_block key[3], const struct pkt *pkt)
{
	if (pkt->l3 == PKT_L3_IP4) {
		key_fragment4(key, pkt, pkt_frag_id(pkt));
		return 1;
	}
	key_fragment6(key, pkt, pkt_frag_id(pkt));
	return 3;
}

/* Whether a packet has a key of any kind: sound IP that is not the network's own. */
static inline bool
key_has(const struct pkt *pkt)
{
	return (pkt->l3 != PKT_L3_NONE) & (pkt->defect == 0) & ((pkt->flags & PKT_F_CONTROL) == 0);
}

/* Prefix lengths at which an IPv6 client is known. */
enum key_level {
	KEY_64,
	KEY_56,
	KEY_48,
	KEY_N_LEVELS,
};

/* The address of a client in one word: IPv4 whole, IPv6 cut to a level. Network order, as it lies in memory. */
static inline uint64_t
key_client(const union pkt_addr *addr, bool ip6, enum key_level level)
{
	static const uint64_t keep[KEY_N_LEVELS] = {
		UINT64_MAX, UINT64_C(0x00ffffffffffffff), UINT64_C(0x0000ffffffffffff)};

	return ip6 ? addr->q[0] & keep[level] : addr->v4_be;
}

/* The outside end of a packet whose direction is known. */
static inline const union pkt_addr *
key_client_of(const struct pkt *pkt)
{
	return pkt->direction == SEKI_DIR_OUTBOUND ? &pkt->dst : &pkt->src;
}

/* A bit of word 1 that key_source leaves 0. */
#define KEY_SOURCE_FREE_BIT 32

/* The packet's client in its zone; `more` tells apart what is known of it by port or otherwise. */
static inline void
key_source(struct seki_block *key, enum key_kind kind, const struct pkt *pkt, enum key_level level, uint16_t more)
{
	bool ip6 = pkt->l3 == PKT_L3_IP6;

	key->q[0] = key_client(key_client_of(pkt), ip6, level);
	key->q[1] = (uint64_t)kind << 56 | (uint64_t)(ip6 << 4 | level) << 48 | (uint64_t)pkt->domain << 40 |
		    (uint64_t)pkt->zone << 16 | more;
}

#endif
