/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CM_H
#define SEKI_CM_H

/*
 * Countermeasures: one filter each, all alike, so that decide can run any of them and the documentation, the
 * configuration and the counters can be generated.
 *
 * A countermeasure says for the packets it is given how it would end (cm_end) and nothing else. It
 * does not know whether its zone observes or enforces: decide (lib/pipeline) owns modes, verdicts and counting.
 * It keeps no state of its own: what it may spend are budgets (lib/rate), per core, per zone, in a dense array,
 * so that one lease in management serves them all; what is known of flows and sources is lib/flow's. It sees packets in
 * arrival order; what it does to one packet must not depend on which others are in the burst.
 */

#include "blocks.h"
#include "budget.h"
#include "err.h"
#include "filter.h"
#include "flow.h"
#include "pkt.h"
#include "raised.h"
#include "source.h"
#include "units.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum cm_id {
#define CM(id, name, default_mode) CM_##id,
#include "cm_table.def"
	CM_N,
};

enum cm_mode {
	CM_MODE_OFF,     /* not asked */
	CM_MODE_OBSERVE, /* asked; what it says is counted apart and the packet goes on */
	CM_MODE_ENFORCE,
	CM_MODE_AUTO, /* of a countermeasure: as observe, but where an incident raises it as enforce */
};

/* Packet classes that a countermeasure cares for; a packet is in one or more. */
enum cm_class {
	CM_CLASS_DEFECT = 1u << 0, /* pkt.defect is set, or the port found the checksum wrong */
	CM_CLASS_ANY = 1u << 1,    /* every packet of a zone */
	CM_CLASS_KNOWN = 1u << 2,  /* a zone, a list or a special range lies in the block of the source, or around it */
	CM_CLASS_LISTED = 1u << 3, /* the source is on some list */
	CM_CLASS_FRAGMENT = 1u << 4,  /* PKT_F_FRAG, and the first fragment of the packet has not been seen to pass */
	CM_CLASS_REFLECTOR = 1u << 5, /* the vector is a reflector's, and the inside has not asked for it */
	CM_CLASS_UNSERVED =
		1u << 6, /* an ICMP error, or of no conversation that the inside began or that is known to be served */
	CM_CLASS_STRAY = 1u << 7,    /* a TCP segment that opens nothing and is of no connection that is known */
	CM_CLASS_CHARGED = 1u << 8,  /* its source is charged for it, or for a batch of packets that ends with it */
	CM_CLASS_STRANGER = 1u << 9, /* of no known flow */
	CM_CLASSES_END = 1u << 10,
};

/* One parameter: a row of documentation and of the configuration schema. */
struct cm_param {
	const char *name;
	enum seki_unit unit;
	uint64_t min, max, def;
	const char *help; /* one sentence */
};

/* More parameters than this in one countermeasure would be more than anybody can set. */
#define CM_PARAMS_MAX 64

/* A protocol, or a range of its ports, that a zone serves. */
struct cm_service {
	uint8_t proto;
	bool any_port; /* the protocol as a whole (always so for other than TCP and UDP) */
	uint16_t port_first, port_last;
};

/* What a zone's configuration says; input of compile. */
struct cm_zone_spec {
	const uint64_t *param; /* values of ops->params, in their order, defaults filled in */
	const struct cm_service *service;
	unsigned n_services;
	uint64_t allow_lists; /* bit per list */
	uint64_t deny_lists;
	uint64_t shared_lists;            /* of addresses with many people behind */
};

/* The ports that a zone serves, as bits; shared by all countermeasures of the zone. Filled by cm_served_init. */
struct cm_served {
	bool any;                 /* the zone names no service: everything is served */
	uint64_t proto[256 / 64]; /* some of the protocol is served; all of it, if it is neither TCP nor UDP */
	uint64_t tcp[65536 / 64];
	uint64_t udp[65536 / 64];
};

/* One zone as the packet path sees it; immutable, part of the policy. */
struct cm_zone {
	uint64_t allow_lists;
	uint64_t deny_lists;
	uint64_t shared_lists;
	const struct cm_served *served;
	struct seki_filter *filter;     /* what its operator drops; the policy's own; NULL: nothing */
	const void *conf[CM_N];         /* compiled by ops->compile; ops->conf_size bytes; NULL if that is 0 */
	const struct seki_limit *limit; /* CM_N_BUDGETS limits, see cm_budget_base */
	uint16_t id;
};

/* What a core has let pass of one vector of one zone, while something is raised against it. */
struct cm_let {
	uint16_t sum;    /* of shares: cm_flood.c */
	uint16_t n;      /* of the ration, */
	uint16_t proven; /* and of that of proven sources, */
	uint16_t tick;   /* in this tick: seki_blocks_tick() */
};

/* What a countermeasure is given: all zones of the policy and this core's budgets. */
struct cm_ctx {
	const struct cm_zone *zone;   /* by zone id */
	struct seki_budget *budget;   /* [zone id * cm_n_budgets + index] */
	const uint64_t *set_mask;     /* set id -> bit per list (struct seki_sets.mask) */
	struct seki_flows *flows;     /* this core's; NULL: no state is kept */
	struct seki_sources *sources; /* likewise */
	struct cm_let (*let)[SEKI_N_VECTORS]; /* this core's, by zone id */
	uint8_t cm;           /* the countermeasure now running: enum cm_id */
	uint16_t budget_base; /* its first budget */
	uint16_t n_budgets;           /* per zone, over all countermeasures */
	unsigned n_hits;              /* packets that the countermeasure now running has said something about */
	const struct seki_raised *const *raised; /* by zone id; NULL: nothing is raised there */
	const struct pkt_sum *alike; /* of the packets that it is given, if they are all of one kind; else NULL */
};

struct cm_ops {
	const char *name;
	const char *help;  /* what it does, one or two sentences */
	const char *loses; /* what it loses where only inbound traffic is visible or there is no state yet */
	uint32_t classes;
	const struct cm_param *params;
	unsigned n_params;
	unsigned n_budgets; /* per zone */
	bool in_attacks;    /* asked only where it is raised: it has nothing to learn from quiet times */
	size_t conf_size;

	/* Cross-checks parameters of one zone; NULL: none. Adds sentences to `err`; 0 or -EINVAL. */
	int (*check)(const struct cm_zone_spec *spec, const char *file, int line, struct seki_err *err);

	/* Fills `conf` (conf_size bytes, zeroed) and `limit` (n_budgets, zeroed = unlimited). NULL: nothing to do. */
	void (*compile)(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit);

	/* Name of budget `i` ("total_pps", "ntp", ...), for telemetry; NULL if n_budgets is 0. */
	const char *(*budget_name)(unsigned i);

	/*
	 * Vectors whose packets may ask for budget `i`, a bit each: a tick looks at no budget that nothing can have
	 * asked for. NULL: any vector may ask for any of them.
	 */
	uint64_t (*budget_vectors)(unsigned i);

	/*
	 * Judges pkt[idx[0..n)], n > 0, all in a zone and in one of `classes`. Calls cm_end, at most once per
	 * packet. Bounded work, no memory, no clock (pkt.arrival_ns is the time).
	 */
	void (*apply)(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n);
};

/* By enum cm_id. */
extern const struct cm_ops *const cm_ops[CM_N];
extern const uint8_t cm_default_mode[CM_N];

/* Budgets per zone over all countermeasures, and the first one of each. Constant after cm_init(). */
extern uint16_t cm_n_budgets;
extern uint16_t cm_budget_base[CM_N];
void cm_init(void); /* idempotent; call once at start, before any other thread */

/* Countermeasures that care for a packet of these classes (enum cm_class, or-ed): bits as in pkt.todo. */
extern uint32_t cm_todo[CM_CLASSES_END];

/* "off", "observe", "enforce", "auto". */
const char *cm_mode_name(unsigned mode);

/* The packet ends for this reason, whose verdict says how: dropped, or passed without a word from those that follow. */
static inline void
cm_end(struct cm_ctx *ctx, struct pkt *pkt, enum seki_reason reason)
{
	pkt->hit = (uint8_t)reason;
	ctx->n_hits++;
}

/* Budget `i` of the running countermeasure for the packet's zone, and its tolerance. */
static inline struct seki_budget *
cm_budget(const struct cm_ctx *ctx, const struct pkt *pkt, unsigned i)
{
	return &ctx->budget[(size_t)pkt->zone * ctx->n_budgets + ctx->budget_base + i];
}

/* In an attack that the countermeasure is raised against only a tenth of what may come at once in quiet times. */
#define CM_RAISED_BURST_PART 10

static inline uint64_t
cm_burst_ns(const struct cm_ctx *ctx, const struct pkt *pkt, unsigned i)
{
	const struct seki_raised *raised = ctx->raised[pkt->zone];
	uint64_t burst_ns = ctx->zone[pkt->zone].limit[ctx->budget_base + i].burst_ns;

	if (__builtin_expect(raised != NULL, 0) && (raised->cm[pkt->vector] >> ctx->cm & 1) != 0)
		burst_ns /= CM_RAISED_BURST_PART;
	return burst_ns;
}

static inline bool
cm_offer(struct cm_ctx *ctx, const struct pkt *pkt, unsigned i, uint32_t units)
{
	return seki_budget_offer(cm_budget(ctx, pkt, i), cm_burst_ns(ctx, pkt, i), pkt->arrival_ns, units);
}

static inline void
cm_take(struct cm_ctx *ctx, const struct pkt *pkt, unsigned i, uint32_t units)
{
	seki_budget_take(cm_budget(ctx, pkt, i), pkt->arrival_ns, units);
}

/*
 * Charges the packet to budget `i` (packets) and budget `i + 1` (bits of the frame), to both or to neither.
 * False: one of them is spent.
 */
static inline bool
cm_charge(struct cm_ctx *ctx, const struct pkt *pkt, unsigned i)
{
	bool conforms = (int)cm_offer(ctx, pkt, i, 1) & (int)cm_offer(ctx, pkt, i + 1, pkt->len * 8);

	if (conforms) {
		cm_take(ctx, pkt, i, 1);
		cm_take(ctx, pkt, i + 1, pkt->len * 8);
	}
	return conforms;
}

/* Countermeasure `cm` is raised for the packet. */
static inline bool
cm_is_raised(const struct cm_ctx *ctx, const struct pkt *pkt, enum cm_id cm)
{
	const struct seki_raised *raised = ctx->raised[pkt->zone];

	return raised != NULL && (raised->cm[pkt->vector] >> cm & 1) != 0 && seki_raised_holds(raised, pkt);
}

/* ... and strict: its budget is nothing, and only who is exempt passes, or is of a ration. */
static inline bool
cm_is_strict(const struct cm_ctx *ctx, const struct pkt *pkt, enum cm_id cm)
{
	const struct seki_raised *raised = ctx->raised[pkt->zone];

	return raised != NULL && (raised->strict[pkt->vector] >> cm & 1) != 0 && seki_raised_holds(raised, pkt);
}

static inline bool
cm_take_of(uint16_t *n, uint16_t ration)
{
	if (*n >= ration)
		return ration == SEKI_RATION_ALL;
	++*n;
	return true;
}

/*
 * True if there is something left of what may pass of the raised packet's vector in this tick, or of what proven sources
 * may send of it; it takes one of it.
 */
static inline bool
cm_take_ration(struct cm_ctx *ctx, const struct pkt *pkt, bool proven)
{
	const struct seki_raised *raised = ctx->raised[pkt->zone];
	struct cm_let *let = &ctx->let[pkt->zone][pkt->vector];
	uint16_t tick = seki_blocks_tick(pkt->arrival_ns);

	if (let->tick != tick) {
		let->tick = tick;
		let->n = let->proven = 0;
	}
	return proven ? cm_take_of(&let->proven, raised->ration_proven[pkt->vector])
		      : cm_take_of(&let->n, raised->ration[pkt->vector]);
}

/* Strict, and nothing is left of the ration either, which there is while the attack pauses. */
static inline bool
cm_is_shut(struct cm_ctx *ctx, const struct pkt *pkt, enum cm_id cm)
{
	return cm_is_strict(ctx, pkt, cm) && !cm_take_ration(ctx, pkt, false);
}

/* Fills `served` (zeroed) from a zone's services; no service: everything is served. */
void cm_served_init(struct cm_served *served, const struct cm_service *service, unsigned n_services);

/*
 * True if the zone serves the packet's protocol and destination port. A later fragment shows no port: it is
 * served if anything of its protocol is.
 */
static inline bool
cm_is_served(const struct cm_served *served, const struct pkt *pkt)
{
	const uint64_t *bits = served->proto;
	unsigned i = pkt->proto;

	if (served->any)
		return true;
	if (pkt->flags & PKT_F_PORTS) {
		bits = pkt->flags & PKT_F_TCP ? served->tcp : served->udp;
		i = pkt->dport;
	}
	return bits[i / 64] >> (i % 64) & 1;
}

/* What management must know of tcp_state in a zone: the compiled form of its configuration. */
struct cm_tcp_state {
	uint64_t arm_after_ns; /* it enforces only when next to no segment was a stray for so long */
};

/* Parameters that several tables share: upper bounds that leave every sum inside 64 bits, and names. */
#define CM_PPS_MAX UINT64_C(100000000000)     /* 100 Gpps */
#define CM_BPS_MAX UINT64_C(10000000000000)   /* 10 Tbps */
#define CM_BURST_MIN_NS UINT64_C(1000000)     /* 1 ms */
#define CM_BURST_MAX_NS UINT64_C(60000000000) /* 1 min */

/* Writes docs/countermeasures.md, all of it from the tables. */
void cm_write_reference(FILE *out);

#endif
