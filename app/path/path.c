/* SPDX-License-Identifier: BSD-3-Clause */
#include "path.h"

#include "emit.h"
#include "steer.h"

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_prefetch.h>

static const char *const stage_names[PATH_N_STAGES] = {
	[PATH_VIEW] = "view",
	[PATH_PARSE] = "parse",
	[PATH_STEER] = "steer",
	[PATH_PLACE] = "place",
	[PATH_CLASSIFY] = "classify",
	[PATH_DECIDE] = "decide",
	[PATH_ACT] = "act",
	[PATH_EMIT] = "emit",
	[PATH_STATS] = "stats",
};

const char *
path_stage_name(unsigned stage)
{
	return stage < PATH_N_STAGES ? stage_names[stage] : "?";
}

void
path_init(struct path *path, const struct path_config *config, const struct seki_spec *spec)
{
	memset(path, 0, sizeof(*path));
	path->pipe = (struct seki_pipeline){
		.budget = config->budget,
		.flows = config->flows,
		.sources = config->sources,
		.blocks = config->blocks,
		.sampler = config->sampler,
		.guess_direction = config->guess_direction,
	};
	path->stats = config->stats;
	path->emit = config->emit;
	path->steer = config->steer;
	path->snapshot = config->snapshot;
	path->timing = config->timing;
	for (unsigned i = 0; i < spec->n_ports; i++)
		path->outside[i] = spec->port[i].side == SEKI_SIDE_OUTSIDE;
}

/* A frame in several pieces: the list of the further ones. Where the burst's room is used up, it ends early. */
static const struct pkt_seg *
view_segs_slow(struct path *path, const struct rte_mbuf *mbuf)
{
	struct pkt_seg *first = NULL, *last = NULL;

	for (mbuf = mbuf->next; mbuf != NULL && path->n_segs < PATH_SEGS; mbuf = mbuf->next) {
		struct pkt_seg *seg = &path->segs[path->n_segs++];

		*seg = (struct pkt_seg){.data = rte_pktmbuf_mtod(mbuf, const uint8_t *), .len = mbuf->data_len};
		if (last != NULL)
			last->next = seg;
		else
			first = seg;
		last = seg;
	}
	return first;
}

/* What the port says about the IPv4 header checksum. (Nobody asks it about L4: that covers payload.) */
static inline uint16_t
checksum_flags(const struct rte_mbuf *mbuf)
{
	uint64_t said = mbuf->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (said == RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN)
		return 0;
	return (uint16_t)((said == RTE_MBUF_F_RX_IP_CKSUM_GOOD) * PKT_F_CSUM_OK |
			  (said == RTE_MBUF_F_RX_IP_CKSUM_BAD) * PKT_F_CSUM_BAD);
}

void
path_view(struct path *path, uint16_t in_port, struct rte_mbuf **mbuf, unsigned n, uint64_t now_ns)
{
	uint64_t began = path->timing != NULL ? rte_rdtsc() : 0;
	uint8_t direction = path->outside[in_port] ? SEKI_DIR_INBOUND : SEKI_DIR_OUTBOUND;

	path->n_segs = 0;
	for (unsigned i = 0; i < n; i++) {
		const struct rte_mbuf *m = mbuf[i];
		struct pkt *p = &path->pkt[i];

		p->data = rte_pktmbuf_mtod(m, const uint8_t *);
		rte_prefetch0(p->data); /* parsed when the whole burst has been viewed */
		p->arrival_ns = now_ns;
		p->len = m->pkt_len;
		p->linear = m->data_len;
		p->flags = PKT_F_REAL_DIR | checksum_flags(m);
		p->in_port = (uint8_t)in_port;
		p->direction = direction;
		p->segs = likely(m->nb_segs == 1) ? NULL : view_segs_slow(path, m);
	}
	if (path->timing != NULL)
		path->timing->cycles[PATH_VIEW] += rte_rdtsc() - began;
}

/* Carries verdicts out on the mbufs: what does not pass is freed. */
static void
act_burst(struct rte_mbuf **mbuf, const struct pkt *pkt, unsigned n)
{
	struct rte_mbuf *dropped[PKT_BURST];
	unsigned n_dropped = 0;

	for (unsigned i = 0; i < n; i++) {
		dropped[n_dropped] = mbuf[i];
		n_dropped += pkt[i].verdict != SEKI_VERDICT_PASS;
	}
	rte_pktmbuf_free_bulk(dropped, n_dropped);
}

static inline __attribute__((always_inline)) unsigned
take_burst(struct path *path, struct rte_mbuf **mbuf, unsigned n, bool steered, struct path_timing *timing)
{
	const struct seki_snapshot *snap = __atomic_load_n(path->snapshot, __ATOMIC_ACQUIRE);
	uint64_t mark = timing != NULL ? rte_rdtsc() : 0;
	struct pkt *pkt = path->pkt;
	struct pkt_sum sum;

	pkt_parse_burst(pkt, n, path->headers);
	path_lap(timing, PATH_PARSE, &mark);
	if (path->steer != NULL && !steered) {
		if (unlikely(path->pipe.guess_direction))
			seki_guess_burst(snap->policy, pkt, n);
		n = steer_burst(path->steer, snap->policy, mbuf, pkt, n);
	}
	path_lap(timing, PATH_STEER, &mark);
	if (n == 0)
		return 0;
	seki_place_burst(&path->pipe, snap, pkt, n);
	path_lap(timing, PATH_PLACE, &mark);
	for (unsigned from = 0, end; from < n; from = end) { /* once, but where packets depend on each other */
		end = seki_classify_burst(&path->pipe, snap, pkt, from, n, &sum);
		path_lap(timing, PATH_CLASSIFY, &mark);
		unsigned stopped = seki_decide_burst(&path->pipe, snap, &pkt[from], end - from, &sum);
		seki_settle_burst(&path->pipe, pkt);
		path_lap(timing, PATH_DECIDE, &mark);
		if (stopped > 0)
			act_burst(&mbuf[from], &pkt[from], end - from);
		path_lap(timing, PATH_ACT, &mark);
		emit_burst(path->emit, &mbuf[from], &pkt[from], end - from, &sum);
		path_lap(timing, PATH_EMIT, &mark);
		seki_stats_burst(path->stats, &pkt[from], end - from, &sum);
		seki_count_burst(&path->pipe, pkt);
		path_lap(timing, PATH_STATS, &mark);
	}
	return n;
}

unsigned
path_burst(struct path *path, struct rte_mbuf **mbuf, unsigned n, bool steered)
{
	if (likely(path->timing == NULL))
		return take_burst(path, mbuf, n, steered, NULL);
	path->timing->bursts++;
	path->timing->packets += n;
	return take_burst(path, mbuf, n, steered, path->timing);
}
