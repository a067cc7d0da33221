/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_DETECT_WORLD_H
#define SEKI_TEST_DETECT_WORLD_H

/*
 * A detector and a data plane that obeys it: streams of packets come tick by tick, what is raised stops them, and the
 * counters and samples tell the detector so.
 */
#include "blocks_rig.h"
#include "watch.h"

#define WORLD_ZONE 1
#define WORLD_WALL UINT64_C(1767225600000000000)

/* What the steps of all ladders are made of here. */
#define WORLD_SOURCE 1u
#define WORLD_BUDGET 2u
#define WORLD_SIGNATURE 4u
#define WORLD_FLOOD 8u
#define WORLD_ALL 15u

/* Packets of which samples come, whatever their streams, about. */
#define SAMPLES_A_TICK 300

/* Handshakes take fewer ticks. */
#define WORLD_AFTER_MAX 16

/* Strangers of a vector, to `hosts` addresses in a row. */
struct stream {
	unsigned vector;
	const char *to; /* the first of them */
	unsigned hosts;
	uint32_t pps;
	uint32_t len;           /* the one feature that tells tools from clients; 0: any of many */
	unsigned strong_pct;    /* of its packets, from sources above their limits */
	unsigned immune_pct;    /* of its packets, those that no budget stops */
	bool proven;            /* its sources have proven their addresses */
	unsigned few_sources;   /* it comes from so many; 0: from very many */
	bool completes;         /* SYNs: each that passes makes a connection, */
	unsigned after;         /* so many ticks later */
	bool small;             /* its packets have a tenth of the bytes of others */
	unsigned picked_up_pct; /* of its packets that pass, those of connections that are then known */
};

/* Nothing comes to those but the first. */
#ifndef WORLD_CORES
#define WORLD_CORES 1
#endif

struct world {
	struct blocks_rig rig;
	struct seki_stats *stats;
	struct seki_stats *no_stats; /* of cores but the first, to which nothing comes */
	struct seki_sampler *sampler[RIG_CORES];
	struct seki_detect *d;
	struct seki_limits limits;
	struct seki_detect_zone zone;
	struct seki_rng rng;
	uint64_t turn; /* packets so far */
	uint32_t budget_left[SEKI_N_VECTORS];
	uint32_t rationed[SEKI_N_VECTORS]; /* let pass in the last tick */
	uint32_t passed, in_tick; /* of the last tick */
	unsigned n_changes;
	uint64_t jitter_ns; /* ticks are late by so much, at most */
	uint64_t picked_up[SEKI_ZONES_MAX];
	unsigned completing[WORLD_AFTER_MAX]; /* connections, by ticks */
};

#define SECOND 10 /* ticks */

static inline uint64_t
world_wall(const struct world *w)
{
	return WORLD_WALL + w->rig.now_ns;
}

static inline void
world_init(struct world *w)
{
	struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS] = {0};
	struct seki_detect_params params = SEKI_DETECT_PARAMS;
	struct seki_detect_core core[RIG_CORES];

	memset(w, 0, sizeof(*w));
	blocks_rig_init(&w->rig, 1024, 1);
	w->stats = aligned_alloc(64, sizeof(*w->stats));
	memset(w->stats, 0, sizeof(*w->stats));
	w->no_stats = aligned_alloc(64, sizeof(*w->no_stats));
	memset(w->no_stats, 0, sizeof(*w->no_stats));
	seki_rng_init(&w->rng, 3);
	for (unsigned c = 0; c < RIG_CORES; c++) {
		w->sampler[c] = aligned_alloc(64, sizeof(struct seki_sampler));
		memset(w->sampler[c], 0, sizeof(struct seki_sampler));
		core[c] = (struct seki_detect_core){.blocks = w->rig.core[c],
			.stats = c == 0 ? w->stats : w->no_stats,
			.sampler = w->sampler[c],
			.picked_up = c == 0 ? w->picked_up : NULL};
	}
	for (unsigned l = 0; l < SEKI_N_LADDERS; l++) {
		bool floods = l != SEKI_LADDER_REFLECTION && l != SEKI_LADDER_FRAGMENT;
		uint32_t strict = floods ? WORLD_FLOOD : WORLD_BUDGET;

		cms[l][SEKI_STEP_SOURCE].raised = WORLD_SOURCE;
		cms[l][SEKI_STEP_BUDGET].raised = WORLD_BUDGET;
		cms[l][SEKI_STEP_SIGNATURE].raised = WORLD_SIGNATURE;
		cms[l][SEKI_STEP_FLOOD].raised = WORLD_FLOOD;
		cms[l][SEKI_STEP_STRICT] = (struct seki_step_cms){strict, strict};
		if (floods)
			cms[l][SEKI_STEP_PROVEN] = cms[l][SEKI_STEP_STRICT];
	}
	params.core = core;
	params.n_cores = WORLD_CORES;
	params.cms = cms;
	w->d = seki_detect_create(&params);
	ck_assert_ptr_nonnull(w->d);
	seki_limits_default(&w->limits);
	w->zone = (struct seki_detect_zone){
		.name = "campus", .domain = "default", .limits = &w->limits, .can = WORLD_ALL};
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		w->zone.budget_pps[v] = 2;
	ck_assert_int_eq(seki_detect_zone(w->d, WORLD_ZONE, &w->zone), 0);
}

static inline void
world_fini(struct world *w)
{
	seki_detect_destroy(w->d);
	for (unsigned c = 0; c < RIG_CORES; c++)
		free(w->sampler[c]);
	free(w->stats);
	free(w->no_stats);
	blocks_rig_fini(&w->rig);
}

/* Takes one of what a core may let pass in a tick, if there is any left. */
static inline bool
world_rations(struct world *w, const struct seki_raised *raised, unsigned vector)
{
	if (raised->ration[vector] != SEKI_RATION_ALL && w->rationed[vector] >= raised->ration[vector])
		return false;
	w->rationed[vector]++;
	return true;
}

/* Whether what is raised stops a packet of a stream, as countermeasures would. */
static inline bool
world_stops(struct world *w, const struct stream *s, const struct pkt *p, const struct seki_sample *sample)
{
	const struct seki_raised *raised = seki_detect_raised(w->d, WORLD_ZONE);
	bool strong = w->turn % 100 < s->strong_pct, immune = w->turn * 37 % 100 < s->immune_pct;
	uint32_t cms;

	if (raised == NULL || !seki_raised_holds(raised, p))
		return false;
	cms = raised->cm[s->vector];
	if ((cms & WORLD_SOURCE) != 0 && strong)
		return true;
	if ((cms & WORLD_FLOOD) != 0 && s->proven && (raised->proven >> s->vector & 1) == 0)
		return false;
	if (raised->strict[s->vector] != 0)
		return !world_rations(w, raised, s->vector);
	for (unsigned i = 0; (cms & WORLD_SIGNATURE) != 0 && i < raised->n_signatures; i++)
		if (raised->signature[i].vector == s->vector &&
			seki_signature_match(&raised->signature[i], &sample->features))
			return true;
	if ((cms & WORLD_FLOOD) != 0 && (seki_rng_below(&w->rng, UINT16_MAX) >= raised->pass_q16[s->vector] ||
						!world_rations(w, raised, s->vector)))
		return true;
	if ((cms & WORLD_BUDGET) == 0 || immune)
		return false;
	if (w->budget_left[s->vector] == 0)
		return true;
	w->budget_left[s->vector]--;
	return false;
}

static inline struct seki_sample
world_sample(struct world *w, const struct stream *s, const struct pkt *p, uint64_t time_ns)
{
	struct seki_sample sample = {
		.time_ns = time_ns,
		.net = (uint64_t)be32toh(p->dst.v4_be) << 32,
		.source = 1 + (uint32_t)seki_rng_below(&w->rng, s->few_sources != 0 ? s->few_sources : UINT32_MAX - 1),
		.zone = WORLD_ZONE,
		.family = 4,
		.verdict = p->verdict,
	};

	sample.features.vector = (uint8_t)s->vector;
	sample.features.l3 = 4;
	sample.features.l3_len = (uint16_t)(s->len != 0 ? s->len : 60 + seki_rng_below(&w->rng, 700));
	sample.features.ip_id = (uint16_t)seki_rng_next(&w->rng);
	if (w->turn % 100 < s->strong_pct)
		sample.observed = SEKI_REASON_SOURCE_PPS;
	return sample;
}

static inline void
world_put_sample(struct world *w, const struct seki_sample *sample)
{
	struct seki_sampler *sampler = w->sampler[0];

	if (sampler->head - sampler->tail < SEKI_SAMPLES_IN_RING)
		sampler->ring[sampler->head++ % SEKI_SAMPLES_IN_RING] = *sample;
}

/* One packet of a stream, the i-th of n in this tick. */
static inline void
world_packet(struct world *w, const struct stream *s, unsigned i, unsigned n)
{
	struct seki_stats_zone *stats = &w->stats->zone[WORLD_ZONE];
	struct place place = place_of(WORLD_ZONE, s->to);
	struct seki_sample sample;
	struct pkt p;

	place.net += (uint64_t)(i % s->hosts) << 32;
	p = packet_to(&w->rig, place, s->vector);
	if (s->small)
		p.batch_bytes /= 10;
	w->turn++;
	sample = world_sample(w, s, &p, w->rig.now_ns - RIG_TICK + RIG_TICK * i / n);
	if (world_stops(w, s, &p, &sample)) {
		p.verdict = w->zone.observes ? SEKI_VERDICT_PASS : SEKI_VERDICT_DROP;
		p.flags |= w->zone.observes ? PKT_F_HELD : 0;
		if (!w->zone.observes)
			stats->by_reason[SEKI_DIR_INBOUND][SEKI_REASON_FLOOD].packets++;
	} else {
		w->passed++;
		w->picked_up[WORLD_ZONE] += w->turn % 100 < s->picked_up_pct;
	}
	stats->vector[s->vector].packets++;
	stats->vector[s->vector].bytes += 80;
	if (seki_rng_below(&w->rng, w->in_tick) < SAMPLES_A_TICK)
		world_put_sample(w, &sample);
	comes(&w->rig, 0, &p);
	if (s->completes && p.verdict != SEKI_VERDICT_DROP)
		w->completing[(w->rig.now_ns / RIG_TICK + s->after) % WORLD_AFTER_MAX]++;
}

/* Handshakes that are due in this tick. */
static inline void
world_complete(struct world *w)
{
	unsigned *due = &w->completing[w->rig.now_ns / RIG_TICK % WORLD_AFTER_MAX];
	struct pkt p = packet_to(&w->rig, place_of(WORLD_ZONE, "198.18.16.9/32"), SEKI_VECTOR_TCP_ACK);

	p.flow = PKT_FLOW_KNOWN | PKT_FLOW_NEW;
	p.flags |= PKT_F_TCP;
	for (; *due > 0; --*due)
		comes(&w->rig, 0, &p);
}

/* What of a rate comes in this tick. */
static inline uint32_t
world_in_tick(const struct world *w, uint64_t pps)
{
	uint64_t tick = w->rig.now_ns / RIG_TICK;

	return (uint32_t)((tick + 1) * pps / 10 - tick * pps / 10);
}

/* A tick with these streams. */
static inline void
world_tick(struct world *w, const struct stream *s, unsigned n)
{
	w->rig.now_ns += RIG_TICK;
	w->passed = w->in_tick = 0;
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		w->budget_left[v] = world_in_tick(w, w->zone.budget_pps[v]);
	memset(w->rationed, 0, sizeof(w->rationed));
	for (unsigned k = 0; k < n; k++)
		w->in_tick += world_in_tick(w, s[k].pps);
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < world_in_tick(w, s[k].pps); i++)
			world_packet(w, &s[k], i, world_in_tick(w, s[k].pps));
	world_complete(w);
	w->n_changes += seki_detect_tick(
		w->d, w->rig.now_ns + seki_rng_below(&w->rng, w->jitter_ns + 1), world_wall(w));
}

static inline void
world_run(struct world *w, const struct stream *s, unsigned n, unsigned ticks)
{
	for (unsigned t = 0; t < ticks; t++)
		world_tick(w, s, n);
}

/* The youngest incident. */
static inline const struct seki_incident *
world_incident(const struct world *w)
{
	const struct seki_incident *in, *last = NULL;

	for (unsigned i = 0; (in = seki_detect_incident(w->d, i)) != NULL; i++)
		last = in;
	return last;
}

/* Ticks until something is being mitigated, at most so many; 0: it was not. */
static inline unsigned
world_until_raised(struct world *w, const struct stream *s, unsigned n, unsigned ticks)
{
	for (unsigned t = 1; t <= ticks; t++) {
		world_tick(w, s, n);
		if (seki_detect_raised(w->d, WORLD_ZONE) != NULL)
			return t;
	}
	return 0;
}

static inline const struct track *
world_track(const struct world *w, unsigned vector)
{
	return &w->d->zone[WORLD_ZONE]->track[vector];
}

static inline unsigned
world_incidents(const struct world *w)
{
	unsigned n = 0;

	while (seki_detect_incident(w->d, n) != NULL)
		n++;
	return n;
}

/* Decisions of a kind of the last incident. */
static inline unsigned
world_decided(const struct world *w, enum seki_decision_action action)
{
	const struct seki_incident *in = seki_detect_incident(w->d, world_incidents(w) - 1);
	unsigned n = 0;

	for (unsigned i = 0; in != NULL && i < in->n_decisions; i++)
		n += in->decision[i].action == action;
	return n;
}

/* The world of a test program; each test has it anew. */
static struct world w;

static inline void
world_setup(void)
{
	world_init(&w);
}

static inline void
world_teardown(void)
{
	world_fini(&w);
}

#endif
