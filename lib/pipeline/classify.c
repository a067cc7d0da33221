/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classify: what is asked about a packet before anybody judges it. Addresses are looked up a burst at a time: each
 * step gathers the ends that it needs by family, asks the table once, and scatters the answers, so that no packet
 * costs a mispredicted branch for being of the other family.
 */

#include "pipeline.h"

#include <string.h>

/* Ends of packets to look up, by family; at4[k] is the packet that addr4[k] belongs to. */
struct ends {
	unsigned n4, n6;
	uint8_t at4[PKT_BURST], at6[PKT_BURST];
	uint32_t addr4[PKT_BURST];
	uint8_t addr6[PKT_BURST][16];
};

/* Adds one end of packet `i` if `wanted` and the packet has addresses. */
static inline void
add_end(struct ends *ends, unsigned i, uint8_t l3, const union pkt_addr *addr, bool wanted)
{
	ends->at4[ends->n4] = (uint8_t)i;
	ends->addr4[ends->n4] = addr->v4_be;
	ends->n4 += wanted & (l3 == PKT_L3_IP4);
	ends->at6[ends->n6] = (uint8_t)i;
	memcpy(ends->addr6[ends->n6], addr->b, sizeof(addr->b));
	ends->n6 += wanted & (l3 == PKT_L3_IP6);
}

/* value[packet] of every end; the rest, and all where there is no table, is 0. */
static void
look_up(const struct seki_lpm *lpm, const struct ends *ends, uint16_t value[PKT_BURST])
{
	uint16_t found[PKT_BURST];

	memset(value, 0, PKT_BURST * sizeof(*value));
	if (lpm == NULL)
		return;
	if (ends->n4 > 0)
		seki_lpm_lookup4_burst(lpm, ends->addr4, found, ends->n4);
	for (unsigned k = 0; k < ends->n4; k++)
		value[ends->at4[k]] = found[k];
	if (ends->n6 > 0)
		seki_lpm_lookup6_burst(lpm, ends->addr6, found, ends->n6);
	for (unsigned k = 0; k < ends->n6; k++)
		value[ends->at6[k]] = found[k];
}

/* Where the packet came from and where it would go: domain, egress, control between peers. */
static void
place_burst(const struct seki_policy *policy, struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];

		p->egress = policy->peer_port[p->in_port];
		p->domain = policy->vlan_domain[p->in_port][p->vlan[0] & 0xfff]; /* untagged is as VLAN 0 */
		if (__builtin_expect(p->flags & PKT_F_ROUTED_CONTROL, 0) && seki_policy_peers(policy, p)) {
			p->flags |= PKT_F_CONTROL;
			p->vector = SEKI_VECTOR_NONE; /* as the parser has it for all control traffic */
		}
	}
}

/* Live: the port says which end is inside. */
static void
zone_by_direction(const struct seki_lpm *lpm, struct pkt *pkt, unsigned n)
{
	struct ends ends = {.n4 = 0};
	uint16_t zone[PKT_BURST];

	for (unsigned i = 0; i < n; i++)
		add_end(&ends, i, pkt[i].l3, pkt[i].direction == SEKI_DIR_INBOUND ? &pkt[i].dst : &pkt[i].src, true);
	look_up(lpm, &ends, zone);
	for (unsigned i = 0; i < n; i++)
		pkt[i].zone = zone[i];
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
	struct ends src = {.n4 = 0}, dst = {.n4 = 0};
	uint16_t src_zone[PKT_BURST], dst_zone[PKT_BURST];

	for (unsigned i = 0; i < n; i++) {
		add_end(&src, i, pkt[i].l3, &pkt[i].src, true);
		add_end(&dst, i, pkt[i].l3, &pkt[i].dst, true);
	}
	look_up(lpm, &src, src_zone);
	look_up(lpm, &dst, dst_zone);
	for (unsigned i = 0; i < n; i++) {
		if (!(pkt[i].flags & PKT_F_REAL_DIR))
			pkt[i].direction = guess[src_zone[i] != 0][dst_zone[i] != 0];
		pkt[i].zone = pkt[i].direction == SEKI_DIR_OUTBOUND ? src_zone[i] : dst_zone[i];
	}
}

/* Only what comes from outside to a zone is judged, and never the network's own traffic. */
static inline bool
is_judged(const struct pkt *p)
{
	return (p->direction == SEKI_DIR_INBOUND) & (p->zone != SEKI_ZONE_NONE) & !(p->flags & PKT_F_CONTROL);
}

/* What the source is: on lists, in a zone of its own. Asked only for those countermeasures that listen. */
static void
mark_sources(const struct seki_snapshot *snap, const struct seki_lpm *zones, struct pkt *pkt, unsigned n)
{
	const uint32_t lists = 1u << CM_ALLOW | 1u << CM_DENY;
	const struct seki_lpm *sets = snap->policy->sets.lpm;
	struct ends spoofed = {.n4 = 0}, listed = {.n4 = 0};
	uint16_t zone[PKT_BURST], set[PKT_BURST];

	for (unsigned i = 0; i < n; i++) {
		uint32_t active = is_judged(&pkt[i]) ? snap->posture[pkt[i].zone].active : 0;

		add_end(&spoofed, i, pkt[i].l3, &pkt[i].src, (active & 1u << CM_ANTISPOOF) != 0);
		if (sets != NULL)
			add_end(&listed, i, pkt[i].l3, &pkt[i].src, (active & lists) != 0);
	}
	look_up(zones, &spoofed, zone);
	look_up(sets, &listed, set);
	for (unsigned i = 0; i < n; i++) {
		pkt[i].flags |= (uint16_t)((zone[i] != 0) * PKT_F_SRC_IN_ZONE);
		pkt[i].src_set = set[i];
	}
}

static void
want_burst(const struct seki_snapshot *snap, struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];
		uint32_t defect = (p->defect != 0) | ((p->flags & PKT_F_CSUM_BAD) != 0);
		uint32_t classes = defect * CM_CLASS_DEFECT | CM_CLASS_ANY | (p->src_set != 0) * CM_CLASS_LISTED |
				   ((p->flags & PKT_F_FRAG) != 0) * CM_CLASS_FRAGMENT |
				   (p->vector >= SEKI_VECTOR_REFLECTOR_FIRST) * CM_CLASS_REFLECTOR;

		p->todo = is_judged(p) ? snap->posture[p->zone].active & cm_todo[classes] : 0;
	}
}

/* Packets of one domain. */
static void
classify_run(const struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n)
{
	const struct seki_lpm *zones = snap->policy->zone_lpm[pkt->domain];

	if (pipe->guess_direction)
		zone_by_guess(zones, pkt, n);
	else
		zone_by_direction(zones, pkt, n);
	mark_sources(snap, zones, pkt, n);
	want_burst(snap, pkt, n);
}

void
seki_classify_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned n)
{
	unsigned first = 0;

	place_burst(snap->policy, pkt, n);
	for (unsigned i = 1; i <= n; i++) {
		if (i < n && pkt[i].domain == pkt[first].domain)
			continue;
		classify_run(pipe, snap, &pkt[first], i - first);
		first = i;
	}
}
