/* SPDX-License-Identifier: BSD-3-Clause */
/* Place: where a packet belongs. Domain, direction, zone; and the memory of its flow is asked for. */
#include "ends.h"
#include "pipeline.h"

static __attribute__((noinline, cold)) void
routed_control_slow(struct seki_pipeline *pipe, const struct seki_policy *policy, struct pkt *pkt)
{
	if (!seki_policy_peers(policy, pkt) || !seki_control_budget_take(&pipe->routed, policy, pkt))
		return;
	pkt->flags |= PKT_F_CONTROL;
	pkt->vector = SEKI_VECTOR_NONE; /* as the parser has it for all control traffic */
}

/* Untagged is as VLAN 0. */
static inline uint16_t
domain_of(const struct seki_policy *policy, const struct pkt *p)
{
	return policy->vlan_domain[p->in_port][p->vlan[0] & 0xfff];
}

/* Where the packets came from: their domains; and control between peers. */
static inline void
find_domains(struct seki_pipeline *pipe, const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	uint16_t others = 0;
	uint8_t not4 = 0, not6 = 0;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];

		p->zone = SEKI_ZONE_NONE;
		p->domain = domain_of(policy, p);
		others |= p->domain ^ pkt[0].domain;
		not4 |= p->l3 ^ PKT_L3_IP4;
		not6 |= p->l3 ^ PKT_L3_IP6;
		if (__builtin_expect(p->flags & PKT_F_ROUTED_CONTROL, 0))
			routed_control_slow(pipe, policy, p);
	}
	pipe->one_domain = others == 0;
	pipe->family = not4 == 0 ? PKT_L3_IP4 : not6 == 0 ? PKT_L3_IP6 : PKT_L3_NONE;
}

/* Live: the port says which end is inside. */
static void
zone_by_direction(const struct seki_lpm *lpm, struct pkt *pkt, unsigned n)
{
	struct found found;
	struct ends ends;

	gather(&ends, pkt, NULL, n, END_INSIDE);
	look_up(lpm, &ends, &found);
	for (unsigned k = 0; k < ends.n4; k++)
		pkt[ends.at4[k]].zone = (uint16_t)found.value4[k];
	for (unsigned k = 0; k < ends.n6; k++)
		pkt[ends.at6[k]].zone = (uint16_t)found.value6[k];
}

/* The same of packets that are all of one family, as in most bursts. */
static void
zone_by_direction6(const struct seki_lpm *lpm, struct pkt *pkt, unsigned n)
{
	uint8_t addr[PKT_BURST][16];
	uint64_t zone[PKT_BURST] = {0}; /* SEKI_ZONE_NONE */

	for (unsigned i = 0; i < n; i++)
		memcpy(addr[i], end_of(&pkt[i], END_INSIDE)->b, sizeof(addr[i]));
	if (lpm != NULL)
		seki_lpm_lookup6_burst(lpm, (const uint8_t(*)[16])addr, zone, n);
	for (unsigned i = 0; i < n; i++)
		pkt[i].zone = (uint16_t)zone[i];
}

static void
zone_by_direction4(const struct seki_lpm *lpm, struct pkt *pkt, unsigned n)
{
	uint32_t addr[PKT_BURST] = {0};
	uint64_t zone[PKT_BURST] = {0}; /* SEKI_ZONE_NONE */

	for (unsigned i = 0; i < n; i++)
		addr[i] = be32toh(end_of(&pkt[i], END_INSIDE)->v4_be);
	if (lpm != NULL)
		seki_lpm_lookup4_burst(lpm, addr, zone, n);
	for (unsigned i = 0; i < n; i++)
		pkt[i].zone = (uint16_t)zone[i];
}

/* [source in a zone][destination in a zone] */
static const uint8_t guess[2][2] = {
	{SEKI_DIR_TRANSIT, SEKI_DIR_INBOUND},
	{SEKI_DIR_OUTBOUND, SEKI_DIR_LOCAL},
};

/* Offline: the zones say which end is inside, but for packets that a router's MAC address vouches for. */
static void
zone_by_guess(const struct seki_lpm *lpm, struct pkt *pkt, unsigned n)
{
	uint16_t src_zone[PKT_BURST] = {0}, dst_zone[PKT_BURST] = {0};
	struct found found = {.value4 = {0}}; /* a family that no packet is of is not looked up */
	struct ends ends;

	gather(&ends, pkt, NULL, n, END_SRC);
	look_up(lpm, &ends, &found);
	scatter(&ends, &found, src_zone);
	gather(&ends, pkt, NULL, n, END_DST);
	look_up(lpm, &ends, &found);
	scatter(&ends, &found, dst_zone);
	for (unsigned i = 0; i < n; i++) {
		if (!(pkt[i].flags & PKT_F_REAL_DIR))
			pkt[i].direction = guess[src_zone[i] != 0][dst_zone[i] != 0];
		pkt[i].zone = pkt[i].direction == SEKI_DIR_OUTBOUND ? src_zone[i] : dst_zone[i];
	}
}

static void
find_zones(const struct seki_pipeline *pipe, const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	const struct seki_lpm *zones = policy->zone_lpm[pkt->domain];

	if (pipe->guess_direction)
		zone_by_guess(zones, pkt, n);
	else if (pipe->family == PKT_L3_IP4)
		zone_by_direction4(zones, pkt, n);
	else if (pipe->family == PKT_L3_IP6)
		zone_by_direction6(zones, pkt, n);
	else
		zone_by_direction(zones, pkt, n);
}

void
seki_guess_burst(const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		pkt[i].domain = domain_of(policy, &pkt[i]);
	for (unsigned at = 0, end; at < n; at = end) {
		end = end_of_run(pkt, at, n, false);
		zone_by_guess(policy->zone_lpm[pkt[at].domain], &pkt[at], end - at);
	}
}

/* A new policy: flows must know its zones, and that its lists are others. */
static __attribute__((noinline, cold)) void
use_policy_slow(struct seki_pipeline *pipe, const struct seki_policy *policy)
{
	pipe->policy_seen = policy->generation;
	if (pipe->blocks != NULL)
		seki_blocks_use(pipe->blocks, policy->n_zones);
	if (pipe->flows == NULL)
		return;
	seki_flows_use(pipe->flows, policy->flow_zone, policy->n_zones, policy->generation);
	seki_sources_use(pipe->sources, policy->n_zones, policy->names_sources);
}

void
seki_place_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n)
{
	const struct seki_policy *policy = snap->policy;

	if (__builtin_expect(pipe->policy_seen != policy->generation, 0))
		use_policy_slow(pipe, policy);
	find_domains(pipe, policy, pkt, n);
	/* Flows first, since they are waited for longest; zones are looked up meanwhile. */
	if (pipe->flows != NULL)
		seki_flow_look_burst(pipe->flows, pkt, n, &pipe->burst);
	for (unsigned at = 0, end; at < n; at = end) {
		end = end_of_run(pkt, at, n, pipe->one_domain);
		find_zones(pipe, policy, &pkt[at], end - at);
	}
}
