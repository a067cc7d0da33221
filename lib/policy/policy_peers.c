/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy_build.h"

#include <stdlib.h>
#include <string.h>

static int
compare(const void *a, const void *b)
{
	return seki_prefix_compare(a, b);
}

void
policy_compile_peers(struct seki_policy *policy, const struct seki_spec *spec)
{
	struct seki_prefix peer[SEKI_PEERS_MAX];

	memcpy(peer, spec->peer, spec->n_peers * sizeof(*peer));
	qsort(peer, spec->n_peers, sizeof(*peer), compare);
	policy->n_peers = 0;
	for (unsigned i = 0; i < spec->n_peers; i++)
		if (policy->n_peers == 0 || !seki_prefix_covers(&policy->peer[policy->n_peers - 1], &peer[i]))
			policy->peer[policy->n_peers++] = peer[i];
}

/* Peers are disjoint, so only the last one that starts at or before the address can hold it. */
static bool
is_peer(const struct seki_policy *policy, const struct seki_prefix *addr)
{
	unsigned low = 0, high = policy->n_peers;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (seki_prefix_compare(&policy->peer[middle], addr) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && seki_prefix_covers(&policy->peer[low - 1], addr);
}

/* 224.0.0.0/24 (RFC 5771 4) and ff02::/16 (RFC 4291 2.7): no router forwards them. */
static bool
is_link_multicast(const struct seki_prefix *addr)
{
	if (addr->family == 4)
		return addr->addr[0] == 224 && addr->addr[1] == 0 && addr->addr[2] == 0;
	return addr->addr[0] == 0xff && addr->addr[1] == 0x02;
}

bool
seki_policy_peers(const struct seki_policy *policy, const struct pkt *pkt)
{
	struct seki_prefix addr = {
		.family = pkt->l3 == PKT_L3_IP4 ? 4 : 6,
		.len = pkt->l3 == PKT_L3_IP4 ? 32 : 128,
	};

	/* The source first: a flood of forged control packets ends here. */
	if (policy->n_peers == 0 || pkt->l3 == PKT_L3_NONE)
		return false;
	memcpy(addr.addr, pkt->src.b, sizeof(addr.addr));
	if (!is_peer(policy, &addr))
		return false;
	memcpy(addr.addr, pkt->dst.b, sizeof(addr.addr));
	return is_link_multicast(&addr) || is_peer(policy, &addr);
}
