/* SPDX-License-Identifier: BSD-3-Clause */
#include "lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALL_VECTORS UINT64_MAX

static_assert(SEKI_N_VECTORS <= 64, "a bit for each");

/* What one zone's packets asked for. */
struct zone_leases {
	uint64_t seen[SEKI_N_VECTORS]; /* packets of each vector on all cores, at the last tick */
	struct seki_lease lease[];     /* [cm_n_budgets] */
};

struct leases {
	struct zone_leases *zone[SEKI_ZONES_MAX];         /* made when the zone is first seen */
	const struct seki_limits *follow[SEKI_ZONES_MAX]; /* see leases_follow; NULL: what the policy says */
	bool other[SEKI_ZONES_MAX];                       /* that has changed: all budgets are leased anew */
	struct lease_core core[SEKI_LEASE_CORES];
	unsigned n;
	uint64_t generation; /* of the policy that all budgets were last leased for; 0: none */
	uint64_t *vectors;   /* [cm_n_budgets]: bit per vector whose packets may ask for the budget */
	uint16_t *asked;     /* [cm_n_budgets + 1]: scratch */
};

static void
map_vectors(uint64_t *vectors)
{
	for (unsigned cm = 0; cm < CM_N; cm++)
		for (unsigned i = 0; i < cm_ops[cm]->n_budgets; i++)
			vectors[cm_budget_base[cm] + i] =
				cm_ops[cm]->budget_vectors == NULL ? ALL_VECTORS : cm_ops[cm]->budget_vectors(i);
}

struct leases *
leases_create(const struct lease_core *core, unsigned n)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	if (leases == NULL)
		return NULL;
	leases->vectors = calloc(cm_n_budgets, sizeof(*leases->vectors));
	leases->asked = calloc(cm_n_budgets + 1u, sizeof(*leases->asked));
	if (leases->vectors == NULL || leases->asked == NULL || n == 0 || n > SEKI_LEASE_CORES) {
		leases_destroy(leases);
		return NULL;
	}
	memcpy(leases->core, core, n * sizeof(*core));
	leases->n = n;
	map_vectors(leases->vectors);
	return leases;
}

void
leases_destroy(struct leases *leases)
{
	if (leases == NULL)
		return;
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		free(leases->zone[z]);
	free(leases->vectors);
	free(leases->asked);
	free(leases);
}

/* The counters lie apart, a zone's on each core; asked for one after the other they would be waited for one by one. */
static void
prefetch_counters(const struct leases *leases, unsigned id)
{
	for (unsigned c = 0; c < leases->n; c++) {
		const struct seki_count *count = leases->core[c].stats->zone[id].vector;

		for (unsigned v = 0; v < SEKI_N_VECTORS; v += 64 / sizeof(*count))
			__builtin_prefetch(&count[v]);
		__builtin_prefetch(&count[SEKI_N_VECTORS - 1]);
	}
}

/* Vectors of which the zone got packets since the last call. */
static uint64_t
new_vectors(const struct leases *leases, unsigned id)
{
	uint64_t *seen = leases->zone[id]->seen, sum[SEKI_N_VECTORS] = {0}, vectors = 0;

	for (unsigned c = 0; c < leases->n; c++) {
		const struct seki_count *count = leases->core[c].stats->zone[id].vector;

		for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
			sum[v] += __atomic_load_n(&count[v].packets, __ATOMIC_RELAXED);
	}
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		vectors |= (uint64_t)(sum[v] != seen[v]) << v;
	memcpy(seen, sum, sizeof(sum));
	return vectors;
}

static struct seki_budget *
core_budget(const struct leases *leases, unsigned core, unsigned id, unsigned b)
{
	return &leases->core[core].budget[(size_t)id * cm_n_budgets + b];
}

/* Those of flood are by vector: packets, then bits. */
static uint64_t
rate_of(const struct leases *leases, const struct cm_zone *zone, unsigned b)
{
	const struct seki_limits *limits = leases->follow[zone->id];
	unsigned i = b - cm_budget_base[CM_FLOOD];

	if (limits == NULL || b < cm_budget_base[CM_FLOOD] || i >= 2 * SEKI_N_VECTORS)
		return zone->limit[b].rate_per_s;
	return i % 2 == 0 ? limits->at[SEKI_LEVEL_ZONE][i / 2].pps : limits->at[SEKI_LEVEL_ZONE][i / 2].bps;
}

static bool
lease_one(struct leases *leases, const struct cm_zone *zone, unsigned b)
{
	const struct seki_limit limit = {rate_of(leases, zone, b), zone->limit[b].burst_ns};
	struct seki_budget *core[SEKI_LEASE_CORES];

	for (unsigned c = 0; c < leases->n; c++)
		core[c] = core_budget(leases, c, zone->id, b);
	return seki_budget_lease(&leases->zone[zone->id]->lease[b], &limit, core, leases->n);
}

/* All budgets of a zone: its limits may be new, and none of them is there any more. */
static bool
lease_all(struct leases *leases, const struct cm_zone *zone)
{
	bool changed = false;

	for (unsigned b = 0; b < cm_n_budgets; b++)
		changed |= lease_one(leases, zone, b);
	return changed;
}

/* Those that have a limit and that packets of `vectors` may have asked for. */
static bool
lease_asked(struct leases *leases, const struct cm_zone *zone, uint64_t vectors)
{
	uint16_t *asked = leases->asked;
	unsigned n = 0;
	bool changed = false;

	for (unsigned b = 0; b < cm_n_budgets; b++) {
		asked[n] = (uint16_t)b;
		n += (leases->vectors[b] & vectors) != 0 && rate_of(leases, zone, b) != 0;
	}
	for (unsigned i = 0; i < n; i++) {
		__builtin_prefetch(leases->zone[zone->id]->lease[asked[i]].offered);
		for (unsigned c = 0; c < leases->n; c++)
			__builtin_prefetch(&core_budget(leases, c, zone->id, asked[i])->offered);
	}
	for (unsigned i = 0; i < n; i++)
		changed |= lease_one(leases, zone, asked[i]);
	return changed;
}

static struct zone_leases *
zone_leases(struct leases *leases, unsigned id)
{
	struct zone_leases **zone = &leases->zone[id];

	if (*zone == NULL)
		*zone = calloc(1, sizeof(**zone) + cm_n_budgets * sizeof((*zone)->lease[0]));
	return *zone;
}

void
leases_follow(struct leases *leases, uint16_t zone, const struct seki_limits *limits)
{
	leases->follow[zone] = limits;
	leases->other[zone] = true;
}

int
leases_tick(struct leases *leases, const struct seki_policy *policy)
{
	bool all = policy->generation != leases->generation, changed = false;

	for (unsigned z = 1; z < policy->zone_id_end; z++) {
		uint64_t vectors;

		if (policy->zone[z].name[0] == '\0')
			continue;
		if (zone_leases(leases, z) == NULL)
			return -ENOMEM;
		if (z + 1 < policy->zone_id_end)
			prefetch_counters(leases, z + 1);
		vectors = new_vectors(leases, z);
		if (all || leases->other[z])
			changed |= lease_all(leases, &policy->cm[z]);
		else if (vectors != 0)
			changed |= lease_asked(leases, &policy->cm[z], vectors);
	}
	memset(leases->other, 0, sizeof(leases->other));
	leases->generation = policy->generation;
	return changed;
}
