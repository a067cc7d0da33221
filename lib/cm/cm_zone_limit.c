/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * The last resort: what a zone may receive at all, in packets and bits, as a whole and for each class of vectors.
 * It comes last, so only what nothing else objected to is charged. A packet is charged to every budget that it
 * falls under or to none: what the total refuses does not use up its class, and the other way round.
 */

#include "cm.h"

#include <inttypes.h>

/* Packets and bits for each class; the class "none" has no budget and its place holds the total. */
#define PPS_OF(class) (2u * (class))
#define BPS_OF(class) (2u * (class) + 1u)
#define TOTAL SEKI_CLASS_NONE
#define N_BUDGETS (2 * SEKI_N_CLASSES)

/* Parameters follow the classes: the pair of class c at 2 * (c - 1), then the total's pair, then the burst. */
enum {
	PARAM_TOTAL_PPS = 2 * (SEKI_N_CLASSES - 1),
	PARAM_TOTAL_BPS,
	PARAM_BURST,
	N_PARAMS,
};

/* With two rows in front for the class "none", which ops leaves out. */
static const struct cm_param zone_limit_rows[2 + N_PARAMS] = {
#define VECTOR_CLASS(id, name) \
	[2 * SEKI_CLASS_##id] = {name "_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 0, \
		"Packets a second of class " name " that the zone accepts; 0 is no limit."}, \
	     [2 * SEKI_CLASS_##id + 1] = {name "_bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0, \
		     "Bits a second of class " name " that the zone accepts; 0 is no limit."},
#include "vectors.def"
	[2 + PARAM_TOTAL_PPS] = {"total_pps", SEKI_UNIT_PPS, 0, CM_PPS_MAX, 0,
		"Packets a second that the zone accepts in all; 0 is no limit."},
	[2 + PARAM_TOTAL_BPS] = {"total_bps", SEKI_UNIT_BPS, 0, CM_BPS_MAX, 0,
		"Bits a second that the zone accepts in all; 0 is no limit."},
	[2 + PARAM_BURST] = {"burst", SEKI_UNIT_NS, CM_BURST_MIN_NS, CM_BURST_MAX_NS, 100000000,
		"How much of a second's budget may come at once."},
};

static_assert(SEKI_CLASS_NONE == 0, "the rows in front are those of the class none");

struct zone_limit_conf {
	uint32_t limited; /* bit per budget that has a limit */
};

static_assert(N_BUDGETS <= 32, "a bit for each");

static const char *
zone_limit_budget_name(unsigned i)
{
	/* The total's pair stands where that of the class "none" would. */
	return zone_limit_rows[i < 2 ? 2 + PARAM_TOTAL_PPS + i : i].name;
}

static int
zone_limit_check(const struct cm_zone_spec *spec, const char *file, int line, struct seki_err *err)
{
	int ret = 0;

	for (unsigned i = 0; i < PARAM_TOTAL_PPS; i++) {
		uint64_t total = spec->param[PARAM_TOTAL_PPS + i % 2];

		if (total == 0 || spec->param[i] <= total)
			continue;
		ret = seki_err_add(err, file, line,
			"zone_limit: %s is %" PRIu64 ", more than %s, which is %" PRIu64
			", so it could never be reached",
			zone_limit_rows[2 + i].name, spec->param[i], zone_limit_rows[2 + PARAM_TOTAL_PPS + i % 2].name,
			total);
	}
	return ret;
}

static void
zone_limit_compile(const struct cm_zone_spec *spec, void *conf, struct seki_limit *limit)
{
	struct zone_limit_conf *c = conf;

	for (unsigned i = 0; i < N_BUDGETS; i++) {
		uint64_t rate = spec->param[i < 2 ? PARAM_TOTAL_PPS + i : i - 2];

		limit[i] = (struct seki_limit){rate, spec->param[PARAM_BURST]};
		c->limited |= (uint32_t)(rate != 0) << i;
	}
}

/* The total is spent by every vector, a class by its own. */
static uint64_t
zone_limit_budget_vectors(unsigned i)
{
	uint64_t vectors = 0;

	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		vectors |= (uint64_t)(i / 2 == TOTAL || i / 2 == seki_vector_class[v]) << v;
	return vectors;
}

/* Charges all `limited` budgets that the packet falls under, or none; the reason of the first that is spent. */
static enum seki_reason
charge(struct cm_ctx *ctx, const struct pkt *p, uint32_t limited)
{
	static const struct {
		uint8_t total, own;
	} reason[2] = {
		{SEKI_REASON_ZONE_PPS, SEKI_REASON_CLASS_PPS},
		{SEKI_REASON_ZONE_BPS, SEKI_REASON_CLASS_BPS},
	};
	enum seki_reason spent = SEKI_REASON_NONE;
	uint32_t units[2] = {1, p->len * 8};

	for (uint32_t left = limited; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (!cm_offer(ctx, p, i, units[i % 2]))
			spent = i < 2 ? reason[i % 2].total : reason[i % 2].own;
	}
	for (uint32_t left = spent == SEKI_REASON_NONE ? limited : 0; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		cm_take(ctx, p, i, units[i % 2]);
	}
	return spent;
}

static inline uint32_t
limits_of(const struct cm_ctx *ctx, const struct pkt *p)
{
	const struct zone_limit_conf *c = ctx->zone[p->zone].conf[CM_ZONE_LIMIT];

	return c->limited & (3u << PPS_OF(TOTAL) | 3u << PPS_OF(seki_vector_class[p->vector]));
}

/* Packets of one time that fall under the same budgets. */
struct run {
	unsigned n;
	uint32_t limited;
	uint64_t units[2]; /* packets, bits */
	uint32_t last[2];  /* those of the last packet */
};

static inline struct run
next_run(const struct cm_ctx *ctx, const struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	const struct pkt *first = &pkt[idx[0]];
	uint32_t limited = limits_of(ctx, first), bits = 0;
	uint64_t sum = 0;
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct pkt *p = &pkt[idx[i]];

		if ((p->zone ^ first->zone) | (p->arrival_ns ^ first->arrival_ns))
			break;
		if (p->vector != first->vector && limits_of(ctx, p) != limited)
			break;
		bits = p->len * 8;
		sum += bits;
	}
	return (struct run){.n = i, .limited = limited, .units = {i, sum}, .last = {1, bits}};
}

/* True if all packets of the run are within all their budgets; then they are charged. Else nothing has happened. */
static bool
charge_run(struct cm_ctx *ctx, const struct pkt *p, const struct run *run)
{
	for (uint32_t left = run->limited; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		if (!seki_budget_fits(cm_budget(ctx, p, i), cm_burst_ns(ctx, p, i), p->arrival_ns,
			    run->units[i % 2] - run->last[i % 2]))
			return false;
	}
	for (uint32_t left = run->limited; left != 0; left &= left - 1) {
		unsigned i = (unsigned)__builtin_ctz(left);

		seki_budget_take_run(cm_budget(ctx, p, i), p->arrival_ns, run->units[i % 2]);
	}
	return true;
}

static void
charge_singly(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, const struct run *run)
{
	for (unsigned i = 0; i < run->n; i++) {
		enum seki_reason spent = charge(ctx, &pkt[idx[i]], run->limited);

		if (spent != SEKI_REASON_NONE)
			cm_end(ctx, &pkt[idx[i]], spent);
	}
}

/* A burst of packets that are alike is one run. */
static inline struct run
alike_run(const struct cm_ctx *ctx, const struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	return (struct run){
		.n = n,
		.limited = limits_of(ctx, &pkt[idx[0]]),
		.units = {n, ctx->alike->bytes * 8},
		.last = {1, pkt[idx[n - 1]].len * 8},
	};
}

/* Below its limits a zone's burst costs one charge for each budget, and not one for each packet. */
static void
zone_limit_apply(struct cm_ctx *ctx, struct pkt *pkt, const uint16_t *idx, unsigned n)
{
	while (n > 0) {
		struct run run = ctx->alike != NULL ? alike_run(ctx, pkt, idx, n) : next_run(ctx, pkt, idx, n);

		if (run.limited != 0 && !charge_run(ctx, &pkt[idx[0]], &run))
			charge_singly(ctx, pkt, idx, &run);
		idx += run.n;
		n -= run.n;
	}
}

const struct cm_ops cm_zone_limit_ops = {
	.name = "zone_limit",
	.help = "Holds a zone to budgets of packets and bits, as a whole and for each class of traffic.",
	.loses = "Nothing that it has: but a budget does not tell attack from customer, and over it both are dropped. "
		 "It protects the link and the neighbours; it is the last step, not the first.",
	.classes = CM_CLASS_ANY,
	.params = zone_limit_rows + 2,
	.n_params = N_PARAMS,
	.n_budgets = N_BUDGETS,
	.conf_size = sizeof(struct zone_limit_conf),
	.check = zone_limit_check,
	.compile = zone_limit_compile,
	.budget_name = zone_limit_budget_name,
	.budget_vectors = zone_limit_budget_vectors,
	.apply = zone_limit_apply,
};
