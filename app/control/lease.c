/* SPDX-License-Identifier: BSD-3-Clause */
#include "lease.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct leases {
	struct seki_lease *zone[SEKI_ZONES_MAX]; /* [cm_n_budgets] each, made when the zone is first seen */
	struct seki_budget *core[SEKI_LEASE_CORES];
	unsigned n;
};

struct leases *
leases_create(struct seki_budget *const *core, unsigned n)
{
	struct leases *leases = calloc(1, sizeof(*leases));

	if (leases == NULL || n == 0 || n > SEKI_LEASE_CORES) {
		free(leases);
		return NULL;
	}
	memcpy(leases->core, core, n * sizeof(*core));
	leases->n = n;
	return leases;
}

void
leases_destroy(struct leases *leases)
{
	if (leases == NULL)
		return;
	for (unsigned z = 0; z < SEKI_ZONES_MAX; z++)
		free(leases->zone[z]);
	free(leases);
}

static bool
tick_zone(struct leases *leases, const struct cm_zone *zone)
{
	bool changed = false;

	for (unsigned b = 0; b < cm_n_budgets; b++) {
		struct seki_lease *lease = &leases->zone[zone->id][b];
		struct seki_budget *core[SEKI_LEASE_CORES];

		for (unsigned c = 0; c < leases->n; c++)
			core[c] = &leases->core[c][(size_t)zone->id * cm_n_budgets + b];
		changed |= seki_budget_lease(lease, &zone->limit[b], core, leases->n);
	}
	return changed;
}

int
leases_tick(struct leases *leases, const struct seki_policy *policy)
{
	bool changed = false;

	for (unsigned z = 1; z < policy->zone_id_end; z++) {
		if (policy->zone[z].name[0] == '\0')
			continue;
		if (leases->zone[z] == NULL)
			leases->zone[z] = calloc(cm_n_budgets, sizeof(struct seki_lease));
		if (leases->zone[z] == NULL)
			return -ENOMEM;
		changed |= tick_zone(leases, &policy->cm[z]);
	}
	return changed;
}
