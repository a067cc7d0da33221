/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer.h"

#include "fate.h"

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_thash.h>

void
steer_owner_init(struct steer_owner *owner, unsigned n_cores, const struct seki_key *key)
{
	memset(owner, 0, sizeof(*owner));
	owner->n_cores = n_cores;
	owner->key = *key;
}

void
steer_owner_use_rss(struct steer_owner *owner, const uint8_t *key, unsigned key_len, unsigned reta_size)
{
	assert(key_len <= STEER_RSS_KEY_MAX && reta_size <= STEER_RETA_MAX && (reta_size & (reta_size - 1)) == 0);
	owner->toeplitz = true;
	memset(owner->rss_key, 0, sizeof(owner->rss_key));
	for (unsigned i = 0; i < key_len / 4; i++)
		owner->rss_key[i] = (uint32_t)key[4 * i] << 24 | (uint32_t)key[4 * i + 1] << 16 |
				    (uint32_t)key[4 * i + 2] << 8 | key[4 * i + 3];
	owner->reta_mask = reta_size - 1;
	for (unsigned i = 0; i < reta_size; i++)
		owner->reta[i] = (uint8_t)(i % owner->n_cores);
}

uint32_t
steer_toeplitz(const struct steer_owner *owner, const union pkt_addr *addr, bool ip6)
{
	uint32_t word[4];
	unsigned n = ip6 ? 4 : 1;

	for (unsigned i = 0; i < n; i++) {
		memcpy(&word[i], &addr->b[4 * i], sizeof(word[i]));
		word[i] = rte_be_to_cpu_32(word[i]);
	}
	return rte_softrss_be(word, n, (const uint8_t *)owner->rss_key);
}

/* The outside end. An ICMP error that comes in is about a packet that an inside host sent to the client. */
static bool
client_address(const struct pkt *pkt, union pkt_addr *client)
{
	union pkt_addr quoted_src;

	if (pkt->l3 == PKT_L3_NONE)
		return false;
	if (pkt->direction == SEKI_DIR_OUTBOUND) {
		*client = pkt->dst;
		return true;
	}
	if (pkt->encap != PKT_ENCAP_ICMP_QUOTE || !pkt_quoted_addrs(pkt, &quoted_src, client))
		*client = pkt->src;
	return true;
}

unsigned
steer_owner_core(const struct steer_owner *owner, const struct pkt *pkt, unsigned self, const uint32_t *hash)
{
	union pkt_addr client;
	uint64_t digest;

	if (hash != NULL)
		return owner->reta[*hash & owner->reta_mask];
	if (!client_address(pkt, &client))
		return self;
	if (owner->toeplitz)
		return owner->reta[steer_toeplitz(owner, &client, pkt->l3 == PKT_L3_IP6) & owner->reta_mask];
	if (pkt->l3 == PKT_L3_IP6)
		memset(&client.b[STEER_IP6_BYTES], 0, sizeof(client) - STEER_IP6_BYTES);
	digest = seki_siphash(&owner->key, &client, sizeof(client));
	return (unsigned)((digest >> 32) * owner->n_cores >> 32);
}

/* Compares one hardware hash with the same in software; a single mismatch ends the port's chance for good. */
static void
probe_slow(const struct steer_owner *owner, struct steer_probe *probe, const struct pkt *pkt, uint32_t hash)
{
	const union pkt_addr *addr = pkt->direction == SEKI_DIR_OUTBOUND ? &pkt->dst : &pkt->src;

	if (hash != steer_toeplitz(owner, addr, pkt->l3 == PKT_L3_IP6))
		probe->trust = STEER_TRUST_NO;
	else if (++probe->matches >= STEER_PROBE_MATCHES)
		probe->trust = STEER_TRUST_YES;
}

/* A packet of the kind that every NIC hashes alike: TCP or UDP over plain IP, whole and sound. */
static inline bool
is_plain(const struct pkt *pkt)
{
	const uint16_t doubts = PKT_F_FRAG | PKT_F_IP_OPTIONS | PKT_F_CSUM_BAD | PKT_F_TUNNEL;

	return (pkt->flags & (PKT_F_PORTS | doubts)) == PKT_F_PORTS && pkt->n_vlan <= 1 && pkt->defect == 0;
}

/* The hash of the packet's client if the port computed one and is believed. */
static inline const uint32_t *
trusted_hash(struct steer *steer, const struct rte_mbuf *mbuf, const struct pkt *pkt)
{
	struct steer_probe *probe = &steer->probe[pkt->in_port][pkt->l3 == PKT_L3_IP6];

	if (probe->trust == STEER_TRUST_NO || (mbuf->ol_flags & RTE_MBUF_F_RX_RSS_HASH) == 0 || !is_plain(pkt))
		return NULL;
	if (unlikely(probe->trust == STEER_TRUST_PROBING)) {
		probe_slow(steer->owner, probe, pkt, mbuf->hash.rss);
		return NULL;
	}
	return &mbuf->hash.rss;
}

/* Control traffic has no client. Routed control is confirmed here, since classify comes only after steering. */
static bool
is_control_slow(const struct seki_policy *policy, const struct pkt *pkt)
{
	return (pkt->flags & PKT_F_CONTROL) != 0 || seki_policy_peers(policy, pkt);
}

static inline unsigned
owner_of(struct steer *steer, const struct seki_policy *policy, const struct rte_mbuf *mbuf, const struct pkt *pkt)
{
	if (unlikely(pkt->flags & (PKT_F_CONTROL | PKT_F_ROUTED_CONTROL)) && is_control_slow(policy, pkt))
		return steer->id;
	return steer_owner_core(steer->owner, pkt, steer->id, trusted_hash(steer, mbuf, pkt));
}

unsigned
steer_burst(struct steer *steer, const struct seki_policy *policy, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n)
{
	unsigned stay = 0;

	for (unsigned i = 0; i < n; i++) {
		unsigned owner = owner_of(steer, policy, mbuf[i], &pkt[i]);
		struct seki_fate fate;

		if (owner == steer->id) {
			if (stay != i) {
				mbuf[stay] = mbuf[i];
				pkt[stay] = pkt[i];
			}
			stay++;
			continue;
		}
		fate = (struct seki_fate){.in_port = pkt[i].in_port, .direction = pkt[i].direction};
		*fate_of(mbuf[i]) = fate;
		if (unlikely(rte_ring_sp_enqueue(steer->to[owner], mbuf[i]) != 0))
			fate_drop_unjudged(steer->stats, mbuf[i], fate, SEKI_REASON_STEER_FULL);
	}
	return stay;
}

unsigned
steer_take(struct steer *steer, unsigned from, struct rte_mbuf **mbuf)
{
	if (steer->from[from] == NULL)
		return 0;
	return rte_ring_sc_dequeue_burst(steer->from[from], (void **)mbuf, PKT_BURST, NULL);
}

unsigned
steer_discard(struct steer *steer)
{
	struct rte_mbuf *mbuf;
	unsigned n = 0;

	for (unsigned from = 0; from < SEKI_CORES_MAX; from++) {
		while (steer->from[from] != NULL && rte_ring_sc_dequeue(steer->from[from], (void **)&mbuf) == 0) {
			fate_drop_unjudged(steer->stats, mbuf, *fate_of(mbuf), SEKI_REASON_SHUTDOWN);
			n++;
		}
	}
	return n;
}
