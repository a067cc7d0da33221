/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Classify: what is asked about a packet before anybody judges it. Addresses are looked up a burst at a time: each
 * step gathers the ends that it needs by family, asks the table once, and scatters the answers, so that no packet
 * costs a mispredicted branch for being of the other family.
 */

#include "pipeline.h"

#include "special.h"

#include <endian.h>
#include <string.h>

/* Ends of packets to look up, by family; at4[k] is the packet that addr4[k] belongs to. */
struct ends {
	unsigned n4, n6;
	uint8_t at4[PKT_BURST], at6[PKT_BURST];
	uint32_t addr4[PKT_BURST]; /* host order */
	uint8_t addr6[PKT_BURST][16];
};

enum which_end {
	END_SRC,
	END_DST,
	END_INSIDE, /* by the packet's direction, which is inbound or outbound */
};

static_assert(offsetof(struct pkt, dst) - offsetof(struct pkt, src) == sizeof(union pkt_addr), "end_of counts on it");
static_assert(END_SRC == 0 && END_DST == 1, "end_of counts on it");

static inline const union pkt_addr *
end_of(const struct pkt *p, enum which_end which)
{
	return &p->src + (which == END_INSIDE ? p->direction == SEKI_DIR_INBOUND : which);
}

/* Sorts one end of each packet by family; those without addresses fall out. The packets are pkt[idx[0..n)]. */
static inline __attribute__((always_inline)) void
gather(struct ends *ends, const struct pkt *pkt, const uint8_t *idx, unsigned n, enum which_end which)
{
	unsigned n4 = 0, n6 = 0;

	for (unsigned k = 0; k < n; k++) {
		unsigned i = idx == NULL ? k : idx[k];
		uint8_t l3 = pkt[i].l3;

		ends->at4[n4] = (uint8_t)i;
		ends->addr4[n4] = be32toh(end_of(&pkt[i], which)->v4_be);
		n4 += l3 == PKT_L3_IP4;
		ends->at6[n6] = (uint8_t)i;
		n6 += l3 == PKT_L3_IP6;
	}
	for (unsigned k = 0; k < n6; k++)
		memcpy(ends->addr6[k], end_of(&pkt[ends->at6[k]], which)->b, sizeof(ends->addr6[k]));
	ends->n4 = n4;
	ends->n6 = n6;
}

/* What the table has for the ends of each family, in their order; 0 where there is no table. */
struct found {
	uint64_t value4[PKT_BURST], value6[PKT_BURST];
};

static inline void
look_up(const struct seki_lpm *lpm, const struct ends *ends, struct found *found)
{
	if (lpm == NULL) {
		memset(found, 0, sizeof(*found));
		return;
	}
	if (ends->n4 > 0)
		seki_lpm_lookup4_burst(lpm, ends->addr4, found->value4, ends->n4);
	if (ends->n6 > 0)
		seki_lpm_lookup6_burst(lpm, ends->addr6, found->value6, ends->n6);
}

static inline void
look_up_sets(const struct seki_sets *sets, const struct ends *ends, struct found *found)
{
	if (ends->n4 > 0)
		seki_sets_lookup4_burst(sets, ends->addr4, found->value4, ends->n4);
	if (ends->n6 > 0)
		seki_sets_lookup6_burst(sets, ends->addr6, found->value6, ends->n6);
}

/* value[packet] of every end; the others are left as they are. */
static void
scatter(const struct ends *ends, const struct found *found, uint16_t value[PKT_BURST])
{
	for (unsigned k = 0; k < ends->n4; k++)
		value[ends->at4[k]] = (uint16_t)found->value4[k];
	for (unsigned k = 0; k < ends->n6; k++)
		value[ends->at6[k]] = (uint16_t)found->value6[k];
}

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

/* What the packet's headers and its flow show of it, as enum cm_class; what is known of its source is added later. */
static inline uint32_t
classes_of(const struct pkt *p)
{
	uint32_t defect = (p->defect != 0) | ((p->flags & PKT_F_CSUM_BAD) != 0);
	bool known = (p->flow & PKT_FLOW_KNOWN) != 0, asked = (p->flow & PKT_FLOW_ASKED) != 0;
	bool error = p->vector == SEKI_VECTOR_ICMP_ERROR; /* whatever flow it quotes: who sends it is anybody */
	bool unserved = error | ((p->flow & (PKT_FLOW_ASKED | PKT_FLOW_CHECKED)) == 0);
	bool later = (p->flags & PKT_F_FRAG_LATER) != 0, tcp = (p->flags & PKT_F_TCP) != 0;
	bool stray = tcp & !known & (p->vector != SEKI_VECTOR_TCP_SYN);

	return CM_CLASS_ANY | defect * CM_CLASS_DEFECT |
	       (((p->flags & PKT_F_FRAG) != 0) & !(later & known)) * CM_CLASS_FRAGMENT |
	       ((p->vector >= SEKI_VECTOR_REFLECTOR_FIRST) & !asked) * CM_CLASS_REFLECTOR |
	       unserved * CM_CLASS_UNSERVED | stray * CM_CLASS_STRAY;
}

static inline enum seki_reason
non_ip_reason(const struct pkt *p)
{
	if (p->encap == PKT_ENCAP_OPAQUE)
		return SEKI_REASON_UNSCRUBBED;
	/* Meant to be IP, but its addresses cannot be read: it cannot belong to a zone. */
	return p->defect != 0 ? SEKI_REASON_NO_ZONE : SEKI_REASON_NON_IP;
}

/* Why a packet passes that is not judged, or whose inside nobody has seen. */
static __attribute__((noinline)) enum seki_reason
other_pass_reason(const struct pkt *p)
{
	if (p->flags & PKT_F_CONTROL)
		return SEKI_REASON_CONTROL;
	if (p->direction == SEKI_DIR_OUTBOUND)
		return SEKI_REASON_OUTBOUND;
	if (p->l3 == PKT_L3_NONE)
		return non_ip_reason(p);
	if (p->direction == SEKI_DIR_INBOUND)
		return p->zone == SEKI_ZONE_NONE ? SEKI_REASON_NO_ZONE : SEKI_REASON_UNSCRUBBED;
	return p->direction == SEKI_DIR_LOCAL ? SEKI_REASON_LOCAL : SEKI_REASON_TRANSIT;
}

/*
 * Why a packet passes if nobody objects. The headers that countermeasures see are sound then, and within bounds; those
 * inside a tunnel nobody has seen.
 */
static inline enum seki_reason
pass_reason(const struct pkt *p, bool judged)
{
	if (__builtin_expect(judged & (p->zone != SEKI_ZONE_NONE) & !(p->flags & PKT_F_TUNNEL), 1))
		return SEKI_REASON_CLEAN;
	return other_pass_reason(p);
}

/*
 * A kind of packets: all that decides who wants a packet and why it passes, but for its source. Most packets are of the
 * same kind as the one before, and what follows from it is then known.
 */
struct kind {
	uint64_t what;    /* headers and flow, as far as WHAT */
	uint32_t where;   /* zone, port, direction */
	uint32_t todo;    /* who wants it */
	uint32_t charged; /* who wants it besides, where its source is charged */
	uint32_t end;     /* reason, verdict, egress: as they lie in a packet */
	bool asks;        /* somebody would like to know what is known of its source, and it is not known yet */
};

#define WHAT \
	(PKT_WHAT(l3, UINT32_MAX) | PKT_WHAT(flags, UINT16_MAX) | \
		PKT_WHAT(flow, PKT_FLOW_KNOWN | PKT_FLOW_ASKED | PKT_FLOW_CHECKED))

static inline uint32_t
where_is(const struct pkt *p)
{
	uint32_t word;

	memcpy(&word, &p->zone, sizeof(word)); /* with in_port and direction */
	return word;
}

#define END_AT offsetof(struct pkt, reason)
#define END_BYTES (offsetof(struct pkt, egress) + sizeof(uint16_t) - END_AT)
static_assert(END_BYTES == sizeof(uint32_t), "reason, verdict and egress are a word");

/*
 * Which countermeasures want such a packet, and how it ends if they have nothing to say. Only what comes from outside
 * to a zone is judged (nothing is active for SEKI_ZONE_NONE), and never the network's own traffic.
 */
static struct kind
kind_of(const struct seki_snapshot *snap, uint32_t able, struct pkt *p)
{
	const struct seki_policy *policy = snap->policy;
	bool judged = (p->direction == SEKI_DIR_INBOUND) & !(p->flags & PKT_F_CONTROL);
	bool listed = policy->sets.singles != NULL || policy->sets.lpm != NULL;
	uint32_t active = snap->posture[judged ? p->zone : SEKI_ZONE_NONE].active & able;
	bool known = (p->flow & PKT_FLOW_KNOWN) != 0;
	/* Whether many people share a source, lists say too; that a flow is served is found when it is checked. */
	uint32_t asking = cm_todo[CM_CLASS_KNOWN | CM_CLASS_LISTED | known * CM_CLASS_UNSERVED] |
			  (uint32_t)listed << CM_SOURCE_LIMIT;
	struct kind kind = {
		.what = pkt_what(p),
		.where = where_is(p),
		.todo = active & cm_todo[classes_of(p)],
		.charged = active & cm_todo[CM_CLASS_CHARGED],
		.asks = (active & asking) != 0 && (p->flow & PKT_FLOW_CHECKED) == 0,
	};

	pkt_set_fate(p,
		seki_fate_with(pkt_fate(p), SEKI_VERDICT_PASS, pass_reason(p, judged), policy->peer_port[p->in_port]));
	memcpy(&kind.end, (const char *)p + END_AT, END_BYTES);
	return kind;
}

/* Packets of a burst that somebody has to be asked about, a bit each. */
struct asked {
	uint32_t known;  /* in the tables of zones and lists, for something may be known of their sources */
	uint32_t single; /* among the single addresses of lists, and nowhere else; or it is of a flow not checked yet */
	uint32_t charged; /* their sources are charged */
};

/* How packets differ that are of two kinds. */
static inline uint64_t
difference(const struct pkt *a, const struct pkt *b)
{
	return (seki_fate_word(pkt_fate(a)) ^ seki_fate_word(pkt_fate(b))) | (uint64_t)(a->vector ^ b->vector);
}

/* Where to look for the source of packet i. */
static inline void
ask_of(struct asked *ask, const struct seki_policy *policy, const struct pkt *p, unsigned i)
{
	bool known = seki_coarse_has(&policy->known, p->l3, &p->src);
	bool single = policy->sets.singles != NULL || (p->flow & PKT_FLOW_KNOWN) != 0;

	ask->known |= (uint32_t)known << i;
	ask->single |= (uint32_t)(!known & single) << i;
}

/* `able`: countermeasures that can judge. */
static void
want_burst(const struct seki_snapshot *snap, uint32_t able, struct pkt *pkt, unsigned n, struct asked *asked,
	struct pkt_sum *sum)
{
	struct kind kind = kind_of(snap, able, &pkt[0]);
	struct asked ask = {0};
	struct pkt_sum so_far = *sum;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];

		if (__builtin_expect((((pkt_what(p) ^ kind.what) & WHAT) | (where_is(p) ^ kind.where)) != 0, 0)) {
			kind = kind_of(snap, able, p);
			so_far.differs |= difference(p, &pkt[0]);
		}
		memcpy((char *)p + END_AT, &kind.end, END_BYTES);
		p->observed = p->hit = SEKI_REASON_NONE;
		p->src_set = 0;
		p->todo = kind.todo;
		if (p->batch != 0 && kind.charged != 0) {
			p->todo |= kind.charged;
			ask.charged |= UINT32_C(1) << i;
		}
		pkt_sum_count(&so_far, &pkt[0], p);
		if (kind.asks)
			ask_of(&ask, snap->policy, p, i);
	}
	*asked = ask;
	*sum = so_far;
}

/* The packets of a mask, one after the other. Returns how many. */
static unsigned
list_of(uint32_t mask, uint8_t idx[PKT_BURST])
{
	unsigned n = 0;

	for (; mask != 0; mask &= mask - 1)
		idx[n++] = (uint8_t)__builtin_ctz(mask);
	return n;
}

/* PKT_FLOW_CHECKED: neither zones nor lists nor special-purpose ranges hold the source, and the zone serves it. */
static bool
is_beyond_question(const struct seki_policy *policy, const struct pkt *p)
{
	return p->src_set == 0 && (p->flags & PKT_F_SRC_IN_ZONE) == 0 &&
	       seki_special_find(p->l3 == PKT_L3_IP4 ? 4 : 6, p->src.b) == SEKI_SPECIAL_NONE &&
	       ((p->flow & PKT_FLOW_ASKED) != 0 || cm_is_served(policy->cm[p->zone].served, p));
}

/* What the tables said of the source of a packet: the id of a zone that it is in, and of the set of lists that hold it.
 */
static void
mark_source(const struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *p, uint16_t zone,
	uint16_t set, bool known, struct pkt_sum *sum)
{
	uint32_t classes = (known || set != 0) * CM_CLASS_KNOWN | (set != 0) * CM_CLASS_LISTED;

	p->flags |= (uint16_t)((zone != 0) * PKT_F_SRC_IN_ZONE);
	p->src_set = set;
	p->todo |= snap->posture[p->zone].active & cm_todo[classes];
	sum->todo_any |= p->todo;
	if ((p->flow & PKT_FLOW_KNOWN) != 0 && is_beyond_question(snap->policy, p))
		seki_flow_checked(pipe->flows, p);
}

/* The few sources of which something may be known: are they on lists, are they in a zone of their own? */
static __attribute__((noinline)) void
mark_known_slow(const struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, uint32_t which,
	struct pkt_sum *sum)
{
	const struct seki_lpm *zones = snap->policy->zone_lpm[pkt->domain];
	uint16_t zone[PKT_BURST], set[PKT_BURST];
	struct found found = {.value4 = {0}};
	uint8_t idx[PKT_BURST];
	unsigned n = list_of(which, idx);
	struct ends ends;

	gather(&ends, pkt, idx, n, END_SRC);
	look_up(zones, &ends, &found);
	scatter(&ends, &found, zone);
	look_up_sets(&snap->policy->sets, &ends, &found);
	scatter(&ends, &found, set);
	for (unsigned k = 0; k < n; k++)
		mark_source(pipe, snap, &pkt[idx[k]], zone[idx[k]], set[idx[k]], true, sum);
}

/* Sources of which no table of prefixes knows anything: some list may still name them. */
static __attribute__((noinline)) void
mark_singles(const struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, uint32_t which,
	struct pkt_sum *sum)
{
	const struct seki_singles *singles = snap->policy->sets.singles;
	struct found found = {.value4 = {0}, .value6 = {0}};
	uint16_t set[PKT_BURST];
	uint8_t idx[PKT_BURST];
	unsigned n = list_of(which, idx);
	struct ends ends;

	gather(&ends, pkt, idx, n, END_SRC);
	if (singles != NULL) {
		seki_singles_lookup4_burst(singles, ends.addr4, found.value4, ends.n4);
		seki_singles_lookup6_burst(singles, ends.addr6, found.value6, ends.n6);
	}
	scatter(&ends, &found, set);
	for (unsigned k = 0; k < n; k++) {
		struct pkt *p = &pkt[idx[k]];

		if (set[idx[k]] != 0 || (p->flow & PKT_FLOW_KNOWN) != 0)
			mark_source(pipe, snap, p, 0, set[idx[k]], false, sum);
	}
}

/* The end of the run of packets that are of one domain with pkt[from]. */
static unsigned
end_of_run(const struct pkt *pkt, unsigned from, unsigned n, bool one_domain)
{
	unsigned end = from + 1;

	if (__builtin_expect(one_domain, 1))
		return n;
	while (end < n && pkt[end].domain == pkt[from].domain)
		end++;
	return end;
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

/* No state is kept: of no packet anything is known, and no source is charged. */
static void
track_nothing(struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		pkt[i].flow = 0;
		pkt[i].batch = 0;
	}
}

/* A new policy: flows must know its zones, and that its lists are others. */
static __attribute__((noinline, cold)) void
use_policy_slow(struct seki_pipeline *pipe, const struct seki_policy *policy)
{
	pipe->policy_seen = policy->generation;
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

unsigned
seki_classify_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned from,
	unsigned n, struct pkt_sum *sum)
{
	/* Where no state is kept, nobody knows which segments are of no connection. */
	uint32_t able = pipe->flows != NULL ? UINT32_MAX : ~(UINT32_C(1) << CM_TCP_STATE);
	struct asked asked;

	*sum = PKT_SUM_NONE;
	if (pipe->flows != NULL)
		n = seki_flow_track_burst(pipe->flows, pkt, from, n, &pipe->burst);
	else
		track_nothing(pkt, n);
	for (unsigned at = from, end; at < n; at = end) {
		struct pkt *run = &pkt[at];

		end = end_of_run(pkt, at, n, pipe->one_domain);
		want_burst(snap, able, run, end - at, &asked, sum);
		if (asked.charged != 0 && pipe->sources != NULL)
			seki_source_look_burst(pipe->sources, run, asked.charged);
		if (asked.known != 0)
			mark_known_slow(pipe, snap, run, asked.known, sum);
		if (asked.single != 0)
			mark_singles(pipe, snap, run, asked.single, sum);
	}
	if (!pipe->one_domain)
		sum->differs = UINT64_MAX; /* from run to run, nobody has compared */
	return n;
}
