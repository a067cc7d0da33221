/* SPDX-License-Identifier: BSD-3-Clause */

/* Classify: who wants a packet, what is known of its source, and how it ends if nobody objects. */

#include "ends.h"
#include "pipeline.h"
#include "special.h"

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
	       unserved * CM_CLASS_UNSERVED | stray * CM_CLASS_STRAY | !known * CM_CLASS_STRANGER;
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
	bool counts;      /* for detection */
	bool asks;        /* somebody would like to know what is known of its source, and it is not known yet */
};

#define WHAT \
	(PKT_WHAT(l3, UINT32_MAX) | PKT_WHAT(flags, UINT16_MAX) | \
		PKT_WHAT(flow, PKT_FLOW_KNOWN | PKT_FLOW_ASKED | PKT_FLOW_CHECKED))

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
		.where = pkt_where(p),
		.todo = active & cm_todo[classes_of(p)],
		.charged = active & cm_todo[CM_CLASS_CHARGED],
		.counts = judged && p->zone != SEKI_ZONE_NONE,
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
	uint32_t charged;           /* their sources are charged */
	uint32_t counted;           /* they are counted for detection */
	uint8_t flow_any, flow_all; /* what their flows say, or-ed, and and-ed */
	bool one_kind;              /* there was no more than one */
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
	struct asked ask = {.flow_all = UINT8_MAX, .one_kind = true};
	struct pkt_sum so_far = *sum;

	for (unsigned i = 0; i < n; i++) {
		struct pkt *p = &pkt[i];

		if (__builtin_expect((((pkt_what(p) ^ kind.what) & WHAT) | (pkt_where(p) ^ kind.where)) != 0, 0)) {
			kind = kind_of(snap, able, p);
			ask.one_kind = false;
			so_far.differs |= difference(p, &pkt[0]);
		}
		memcpy((char *)p + END_AT, &kind.end, END_BYTES);
		p->observed = p->hit = SEKI_REASON_NONE;
		p->src_set = 0;
		p->digest = 0; /* of a source that nobody charges nothing is known */
		p->todo = kind.todo;
		if (p->batch != 0) {
			ask.flow_any |= p->flow;
			ask.flow_all &= p->flow;
			p->todo |= kind.charged;
			ask.charged |= (uint32_t)(kind.charged != 0) << i;
			ask.counted |= (uint32_t)kind.counts << i;
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

static inline void
look_up_sets(const struct seki_sets *sets, const struct ends *ends, struct found *found)
{
	if (ends->n4 > 0)
		seki_sets_lookup4_burst(sets, ends->addr4, found->value4, ends->n4);
	if (ends->n6 > 0)
		seki_sets_lookup6_burst(sets, ends->addr6, found->value6, ends->n6);
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

/* No state is kept: of no packet anything is known, and each stands for itself. */
static void
track_nothing(struct pkt *pkt, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		pkt[i].flow = 0;
		pkt[i].batch = 1;
		pkt[i].batch_bytes = pkt[i].len;
	}
}

unsigned
seki_classify_burst(struct seki_pipeline *pipe, const struct seki_snapshot *snap, struct pkt *pkt, unsigned from,
	unsigned n, struct pkt_sum *sum)
{
	/* Where no state is kept, nobody knows which segments are of no connection, or what a source has sent. */
	uint32_t able =
		pipe->flows != NULL ? UINT32_MAX : ~(UINT32_C(1) << CM_TCP_STATE | UINT32_C(1) << CM_SOURCE_LIMIT);
	struct asked asked;
	uint32_t counted = 0;
	uint8_t flow_any = 0, flow_all = UINT8_MAX;
	bool alike = true;

	*sum = PKT_SUM_NONE;
	if (pipe->flows != NULL)
		n = seki_flow_track_burst(pipe->flows, pkt, from, n, &pipe->burst);
	else
		track_nothing(pkt, n);
	for (unsigned at = from, end; at < n; at = end) {
		struct pkt *run = &pkt[at];

		end = end_of_run(pkt, at, n, pipe->one_domain);
		want_burst(snap, able, run, end - at, &asked, sum);
		counted |= asked.counted << at;
		flow_any |= asked.flow_any;
		flow_all &= asked.flow_all;
		alike &= asked.one_kind && at == from && end == n;
		if (asked.charged != 0 && pipe->sources != NULL)
			seki_source_look_burst(pipe->sources, run, asked.charged);
		if (asked.known != 0)
			mark_known_slow(pipe, snap, run, asked.known, sum);
		if (asked.single != 0)
			mark_singles(pipe, snap, run, asked.single, sum);
	}
	pipe->ends = (flow_any & PKT_FLOW_NEW) != 0 ? SEKI_ENDS_MADE : 0;
	pipe->same_flow = ((flow_any ^ flow_all) & PKT_FLOW_KNOWN) == 0;
	if (counted != 0 && pipe->blocks != NULL)
		seki_blocks_look_burst(pipe->blocks, pkt, counted, alike, &pipe->to);
	if (!pipe->one_domain)
		sum->differs = UINT64_MAX; /* from run to run, nobody has compared */
	return n;
}
