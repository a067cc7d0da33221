/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_CM_BENCH_H
#define SEKI_TEST_CM_BENCH_H

/*
 * Zones, a snapshot and one core's budgets made by hand from the countermeasures' own parameter tables: what
 * lib/policy would compile, without files, EAL or lists. Included once by each test that needs it.
 */
#include "pipeline.h"
#include "suite.h"

#include <inttypes.h>

#define ZONE 1
#define OTHER_ZONE 2
#define LAST_ZONE 3
#define MS UINT64_C(1000000)

/* Lists of the test: a source of set 1 is on list 0, of set 2 on list 1, of set 3 on both. */
static uint64_t set_mask[] = {0, 1, 2, 3};

struct setting {
	const char *name;
	uint64_t value;
};

struct config {
	struct setting set[5];
	struct cm_service service[3];
	unsigned n_services;
	uint64_t allow_lists, deny_lists;
};

/* A policy of equal zones, and one core. */
struct bench {
	struct seki_policy policy;
	struct cm_zone zone[SEKI_ZONES_MAX];
	struct seki_snapshot snap;
	struct seki_pipeline pipe;
	struct cm_served served;
	struct seki_limit *limit;
	void *conf[CM_N];
	uint64_t param[CM_N][CM_PARAMS_MAX];
};

/* Defaults, then the settings that `ops` has a parameter for; returns how many it has none for. */
static inline unsigned
fill_params(uint64_t *param, const struct cm_ops *ops, const struct config *config)
{
	unsigned unknown = 0;

	for (unsigned i = 0; i < ops->n_params; i++)
		param[i] = ops->params[i].def;
	for (unsigned s = 0; s < N(config->set) && config->set[s].name != NULL; s++) {
		unsigned i = 0;

		while (i < ops->n_params && strcmp(ops->params[i].name, config->set[s].name) != 0)
			i++;
		if (i < ops->n_params)
			param[i] = config->set[s].value;
		else
			unknown++;
	}
	return unknown;
}

static inline void
compile(struct bench *b, unsigned cm, const struct config *config)
{
	const struct cm_ops *ops = cm_ops[cm];
	struct cm_zone_spec spec = {
		.param = b->param[cm],
		.service = config->service,
		.n_services = config->n_services,
		.allow_lists = config->allow_lists,
		.deny_lists = config->deny_lists,
	};

	fill_params(b->param[cm], ops, config);
	if (ops->conf_size > 0)
		b->conf[cm] = calloc(1, ops->conf_size);
	if (ops->compile != NULL)
		ops->compile(&spec, b->conf[cm], b->limit + cm_budget_base[cm]);
}

/* Shares are leased as management would before the first packet. */
static inline void
lease(struct bench *b)
{
	for (unsigned z = ZONE; z <= LAST_ZONE; z++) {
		for (unsigned i = 0; i < cm_n_budgets; i++) {
			struct seki_budget *core = &b->pipe.budget[z * cm_n_budgets + i];
			struct seki_lease state;

			memset(&state, 0, sizeof(state));
			seki_budget_lease(&state, &b->limit[i], &core, 1);
		}
	}
}

/* Every countermeasure takes what settings it knows. */
static inline struct bench *
bench_create(const struct config *config)
{
	struct bench *b = calloc(1, sizeof(*b));

	cm_init();
	b->limit = calloc(cm_n_budgets, sizeof(*b->limit));
	b->pipe.budget = calloc(1, seki_pipeline_budget_bytes());
	cm_served_init(&b->served, config->service, config->n_services);
	for (unsigned i = 0; i < CM_N; i++)
		compile(b, i, config);
	for (unsigned z = ZONE; z <= LAST_ZONE; z++) {
		b->zone[z] = (struct cm_zone){
			.allow_lists = config->allow_lists,
			.deny_lists = config->deny_lists,
			.served = &b->served,
			.limit = b->limit,
			.id = (uint16_t)z,
		};
		memcpy(b->zone[z].conf, b->conf, sizeof(b->conf));
	}
	b->policy.cm = b->zone;
	b->policy.sets.mask = set_mask;
	b->snap.policy = &b->policy;
	lease(b);
	return b;
}

static inline void
bench_destroy(struct bench *b)
{
	for (unsigned i = 0; i < CM_N; i++)
		free(b->conf[i]);
	free(b->limit);
	free(b->pipe.budget);
	free(b);
}

static inline void
bench_mode(struct bench *b, uint32_t active, uint32_t enforce)
{
	for (unsigned z = ZONE; z <= LAST_ZONE; z++)
		b->snap.posture[z] = (struct seki_posture){.active = active, .enforce = enforce};
}

static inline void
set_addr(union pkt_addr *addr, const char *text)
{
	struct seki_prefix prefix = prefix_of(text);

	memcpy(addr->b, prefix.addr, sizeof(addr->b));
}

#endif
