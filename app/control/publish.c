/* SPDX-License-Identifier: BSD-3-Clause */
#include "publish.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

int
publish_init(struct publish *publish, unsigned n_rx)
{
	size_t bytes = rte_rcu_qsbr_get_memsize(n_rx);

	memset(publish, 0, sizeof(*publish));
	publish->rcu = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(bytes, RTE_CACHE_LINE_SIZE));
	if (publish->rcu == NULL || rte_rcu_qsbr_init(publish->rcu, n_rx) != 0)
		return -ENOMEM;
	return 0;
}

void
publish_fini(struct publish *publish)
{
	for (unsigned i = 0; i < publish->n_retired; i++)
		seki_snapshot_destroy(publish->retired[i].snapshot);
	seki_snapshot_destroy((struct seki_snapshot *)(uintptr_t)publish->current);
	free(publish->rcu);
	memset(publish, 0, sizeof(*publish));
}

int
publish_swap(struct publish *publish, struct seki_snapshot *snapshot)
{
	struct seki_snapshot *old = (struct seki_snapshot *)(uintptr_t)publish->current;

	if (old != NULL && publish->n_retired == PUBLISH_RETIRED_MAX)
		return -EBUSY;
	publish->generation = snapshot->generation;
	__atomic_store_n(&publish->current, snapshot, __ATOMIC_RELEASE);
	if (old == NULL)
		return 0;
	/* The token is taken after the store: whoever reports from now on has seen the new pointer. */
	publish->retired[publish->n_retired].snapshot = old;
	publish->retired[publish->n_retired].token = rte_rcu_qsbr_start(publish->rcu);
	publish->n_retired++;
	return 0;
}

unsigned
publish_reclaim(struct publish *publish)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < publish->n_retired; i++) {
		if (rte_rcu_qsbr_check(publish->rcu, publish->retired[i].token, false) == 1)
			seki_snapshot_destroy(publish->retired[i].snapshot);
		else
			publish->retired[kept++] = publish->retired[i];
	}
	publish->n_retired = kept;
	return kept;
}

unsigned
publish_old_policies(const struct publish *publish)
{
	unsigned n = 0;

	for (unsigned i = 0; i < publish->n_retired; i++)
		n += publish->retired[i].snapshot->policy != publish->current->policy;
	return n;
}

void
publish_join(struct publish *publish, unsigned id)
{
	rte_rcu_qsbr_thread_register(publish->rcu, id);
	rte_rcu_qsbr_thread_online(publish->rcu, id);
}

void
publish_leave(struct publish *publish, unsigned id)
{
	rte_rcu_qsbr_thread_offline(publish->rcu, id);
	rte_rcu_qsbr_thread_unregister(publish->rcu, id);
}
