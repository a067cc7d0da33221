/* SPDX-License-Identifier: BSD-3-Clause */
/* The first call of a burst: keys of its packets, their digests, and the memory of what may be known of them. */
#include "flow.h"
#include "key.h"

#include <string.h>

/* Keys of a burst, by family. */
struct keys {
	unsigned n4, n6;
	uint8_t of6[PKT_BURST]; /* place -> packet */
	struct seki_block key4[PKT_BURST];
	struct seki_block key6[PKT_BURST][3];
};

static inline bool
same_addr(const union pkt_addr *a, const union pkt_addr *b)
{
	return a->q[0] == b->q[0] && a->q[1] == b->q[1];
}

/*
 * The packet that an ICMP error quotes, as far as a key needs it. False: it names no flow, or one of somebody else: an
 * error goes to him who has sent what it quotes (RFC 792, RFC 4443 2.2).
 */
static __attribute__((noinline, cold)) bool
quoted_slow(const struct pkt *pkt, struct pkt *quoted)
{
	*quoted = *pkt;
	return pkt_quoted_addrs(pkt, &quoted->src, &quoted->dst) && same_addr(&quoted->src, &pkt->dst) &&
	       pkt_quoted_ports(pkt, &quoted->proto, &quoted->sport, &quoted->dport);
}

/* Packets whose key is not simply that of their ends and ports. False: there is none. */
static __attribute__((noinline, cold)) bool
key_slow(const struct pkt *pkt, struct seki_block key[3])
{
	struct pkt quoted;

	if (pkt->flags & PKT_F_FRAG_LATER) {
		key_fragment(key, pkt);
		return true;
	}
	if (pkt->flags & PKT_F_ICMP) {
		if (pkt->vector != SEKI_VECTOR_ICMP_ERROR || !quoted_slow(pkt, &quoted))
			return false;
		pkt = &quoted;
	}
	key_flow(key, pkt);
	return true;
}

static __attribute__((noinline, cold)) uint8_t
add_key_slow(struct keys *keys, const struct pkt *pkt, unsigned i)
{
	bool ip4 = pkt->l3 == PKT_L3_IP4;

	if (!key_has(pkt) || !key_slow(pkt, ip4 ? &keys->key4[keys->n4] : keys->key6[keys->n6]))
		return FLOW_NO_KEY;
	if (ip4)
		return (uint8_t)keys->n4++;
	keys->of6[keys->n6] = (uint8_t)i;
	return (uint8_t)keys->n6++;
}

/* True of what has a key, has ports, and is of that family. */
static inline bool
is_plain(const struct pkt *pkt, enum pkt_l3 family)
{
	const uint64_t mask =
		PKT_WHAT(l3, UINT8_MAX) | PKT_WHAT(defect, UINT8_MAX) | PKT_WHAT(flags, PKT_F_CONTROL | PKT_F_PORTS);

	return (pkt_what(pkt) & mask) == (PKT_WHAT(l3, family) | PKT_WHAT(flags, PKT_F_PORTS));
}

/* The packet's key and its place among those of its family; FLOW_NO_KEY: it has none. */
static inline uint8_t
add_key(struct keys *keys, const struct pkt *pkt, unsigned i)
{
	if (is_plain(pkt, PKT_L3_IP4)) {
		key_flow4(&keys->key4[keys->n4], pkt);
		return (uint8_t)keys->n4++;
	}
	if (is_plain(pkt, PKT_L3_IP6)) {
		key_flow6(keys->key6[keys->n6], pkt);
		keys->of6[keys->n6] = (uint8_t)i;
		return (uint8_t)keys->n6++;
	}
	return add_key_slow(keys, pkt, i);
}

void
seki_flow_look_burst(const struct seki_flows *f, const struct pkt *pkt, unsigned n, struct seki_flow_burst *burst)
{
	struct keys keys;

	keys.n4 = keys.n6 = 0;
	for (unsigned i = 0; i < n; i++)
		burst->at[i] = add_key(&keys, &pkt[i], i);
	/* Those of IPv6 come behind those of IPv4. */
	for (unsigned k = 0; k < keys.n6; k++)
		burst->at[keys.of6[k]] = (uint8_t)(keys.n4 + k);
	burst->n = keys.n4 + keys.n6;
	burst->moved = false;
	burst->strangers = burst->proven = burst->ended = 0;
	if (keys.n4 > 0)
		seki_digest_burst(f->digest, keys.key4, 1, burst->digest, keys.n4);
	if (keys.n6 > 0)
		seki_digest_burst(f->digest, keys.key6[0], 3, burst->digest + keys.n4, keys.n6);
	seki_cuckoo_look_burst(&f->table, burst->digest, burst->n, &burst->look);
}
