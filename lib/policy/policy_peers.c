/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy_build.h"

#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

#define BFD_ECHO_PORT 3785
#define BFD_ECHO_TTL 254 /* at least: sent with 255, returned by one hop */

static int
compare(const void *a, const void *b)
{
	const struct seki_spec_peer *x = *(const struct seki_spec_peer *const *)a;
	const struct seki_spec_peer *y = *(const struct seki_spec_peer *const *)b;
	int order = seki_prefix_compare(&x->addr, &y->addr);

	return order != 0 ? order : (x->domain > y->domain) - (x->domain < y->domain);
}

/* Entry i - 1 starts at or before entry i. If it does not hold it, only what holds both can. */
static uint16_t
find_up(const struct seki_policy *policy, unsigned i)
{
	uint16_t up = (uint16_t)i;

	while (up > 0 && !seki_prefix_covers(&policy->peer[up - 1], &policy->peer[i]))
		up = policy->peer_rule[up - 1].up;
	return up;
}

void
policy_compile_peers(struct seki_policy *policy, const struct seki_spec *spec)
{
	const struct seki_spec_peer *sorted[SEKI_PEERS_MAX];
	uint16_t inside[SEKI_PEERS_MAX];

	seki_spec_peers_inside(spec, inside);
	for (unsigned i = 0; i < spec->n_peers; i++)
		sorted[i] = &spec->peer[i];
	qsort(sorted, spec->n_peers, sizeof(sorted[0]), compare);
	for (unsigned i = 0; i < spec->n_peers; i++) {
		const struct seki_spec_peer *peer = sorted[i];

		policy->peer[i] = peer->addr;
		policy->peer_rule[i] = (struct seki_peer_rule){
			.up = find_up(policy, i),
			.strange = peer->domain == SEKI_DOMAIN_ANY ? 0 : (uint16_t) ~(1u << peer->domain),
			.outside = peer->side == SEKI_PEER_OUTSIDE ? UINT16_MAX : 0,
			.inside = peer->side == SEKI_PEER_INSIDE ? UINT16_MAX : inside[peer - spec->peer],
		};
	}
	policy->n_peers = spec->n_peers;
	policy->routed = spec->routed;
	policy->routed_cost_q24 = seki_budget_cost_q24(spec->routed.rate_per_s, SEKI_SHARE_WHOLE);
}

/* Rule of the narrowest peer that holds the address and belongs to the domain; NULL: none. */
static const struct seki_peer_rule *
find_peer(const struct seki_policy *policy, const struct seki_prefix *addr, unsigned domain)
{
	unsigned low = 0, high = policy->n_peers;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (seki_prefix_compare(&policy->peer[middle], addr) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (unsigned at = low; at > 0; at = policy->peer_rule[at - 1].up)
		if (seki_prefix_covers(&policy->peer[at - 1], addr) &&
			(policy->peer_rule[at - 1].strange >> domain & 1) == 0)
			return &policy->peer_rule[at - 1];
	return NULL;
}

/* 224.0.0.0/24 (RFC 5771 4) and ff02::/16 (RFC 4291 2.7): no router forwards them. */
static bool
is_link_multicast(const struct seki_prefix *addr)
{
	if (addr->family == 4)
		return addr->addr[0] == 224 && addr->addr[1] == 0 && addr->addr[2] == 0;
	return addr->addr[0] == 0xff && addr->addr[1] == 0x02;
}

static bool
is_echo(const struct pkt *pkt)
{
	return pkt->proto == IPPROTO_UDP && pkt->dport == BFD_ECHO_PORT && pkt->ttl >= BFD_ECHO_TTL;
}

/* Domains in which the peer cannot be where the packet comes from (`source`), or goes to. */
static uint16_t
wrong_side(const struct seki_peer_rule *rule, const struct pkt *pkt, bool source)
{
	if ((pkt->flags & PKT_F_REAL_DIR) == 0)
		return 0;
	return (pkt->direction == SEKI_DIR_INBOUND) == source ? rule->inside : rule->outside;
}

bool
seki_policy_peers(const struct seki_policy *policy, const struct pkt *pkt)
{
	unsigned domain = policy->vlan_domain[pkt->in_port][pkt->vlan[0] & 0xfff];
	struct seki_prefix addr = {
		.family = pkt->l3 == PKT_L3_IP4 ? 4 : 6,
		.len = pkt->l3 == PKT_L3_IP4 ? 32 : 128,
	};
	bool same = memcmp(&pkt->src, &pkt->dst, sizeof(pkt->src)) == 0;
	const struct seki_peer_rule *rule;

	if (policy->n_peers == 0 || pkt->l3 == PKT_L3_NONE || (same && !is_echo(pkt)))
		return false;
	/* The source first: a flood of forged control packets ends here. What a neighbour returns has no side. */
	memcpy(addr.addr, pkt->src.b, sizeof(addr.addr));
	rule = find_peer(policy, &addr, domain);
	if (rule == NULL || (!same && (wrong_side(rule, pkt, true) >> domain & 1) != 0))
		return false;
	memcpy(addr.addr, pkt->dst.b, sizeof(addr.addr));
	if (is_link_multicast(&addr))
		return true;
	rule = find_peer(policy, &addr, domain);
	return rule != NULL && (wrong_side(rule, pkt, false) >> domain & 1) == 0;
}
