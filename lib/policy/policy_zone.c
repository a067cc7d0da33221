/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the zones of one policy share while they are compiled. */
struct shared {
	const struct cm_served *served[SEKI_ZONES_MAX]; /* different ones; [0] serves everything */
	unsigned n_served;
};

/* The id that was given to `name`, now or under an earlier policy; with "" one that never had a name. 0: none. */
static uint16_t
id_issued(const struct seki_policy *policy, const char *name)
{
	for (uint16_t id = 1; id < SEKI_ZONES_MAX; id++)
		if (strcmp(policy->issued[id], name) == 0)
			return id;
	return 0;
}

static void
take_id(struct seki_policy *policy, const struct seki_spec_zone *zone, unsigned spec, uint16_t id)
{
	struct seki_policy_zone *out = &policy->zone[id];

	memcpy(out->name, zone->name, sizeof(out->name));
	out->name[sizeof(out->name) - 1] = '\0';
	memcpy(policy->issued[id], out->name, sizeof(out->name));
	out->mode = zone->mode;
	out->domain = zone->domain;
	out->spec = (uint16_t)spec;
	if (id >= policy->zone_id_end)
		policy->zone_id_end = id + 1;
}

/*
 * An id belongs to one name for good: counters, budgets and leases are indexed by it, and a new zone must not begin
 * with what another one left behind. A zone that comes back finds its own again.
 */
static int
assign_ids(struct seki_policy *policy, const struct seki_spec *spec, const struct seki_policy *before, uint16_t *id,
	struct seki_err *err)
{
	if (before != NULL)
		memcpy(policy->issued, before->issued, sizeof(policy->issued));
	for (unsigned i = 0; i < spec->n_zones; i++) {
		const struct seki_spec_zone *zone = &spec->zone[i];

		id[i] = id_issued(policy, zone->name);
		if (id[i] == 0)
			id[i] = id_issued(policy, "");
		if (id[i] == 0)
			return seki_err_add(err, spec->file, zone->line,
				"%d zones have had names since Seki started, and no more are possible: zone \"%s\" "
				"takes a restart",
				SEKI_ZONES_MAX - 1, zone->name);
		if (policy->zone[id[i]].name[0] != '\0')
			return seki_err_add(
				err, spec->file, zone->line, "a zone called \"%s\" is there already", zone->name);
		take_id(policy, zone, i, id[i]);
	}
	return 0;
}

/* The zone's mode caps that of each countermeasure. */
static struct seki_posture
posture_of(const struct seki_spec_zone *zone)
{
	struct seki_posture posture = {0};

	for (unsigned cm = 0; cm < CM_N && zone->mode != CM_MODE_OFF; cm++) {
		enum cm_mode mode = zone->cm_mode[cm];

		if (cm == CM_FILTER && zone->n_filters == 0)
			continue; /* so that a zone without filters spends nothing on them */
		posture.active |= (uint32_t)(mode != CM_MODE_OFF && !cm_ops[cm]->in_attacks) << cm;
		posture.enforce |= (uint32_t)(mode == CM_MODE_ENFORCE && !cm_ops[cm]->in_attacks) << cm;
		posture.automatic |= (uint32_t)(mode == CM_MODE_AUTO || mode == CM_MODE_ENFORCE) << cm;
	}
	if (zone->mode != CM_MODE_ENFORCE) {
		posture.observes = true;
		posture.would = posture.enforce;
		posture.enforce = 0;
	}
	return posture;
}

/* 16 KiB a zone, unless another one serves the same: tenants of a kind share a cache footprint. */
static const struct cm_served *
intern_served(struct seki_policy *policy, struct shared *shared, const struct seki_spec_zone *zone)
{
	struct cm_served wanted = {0}, *served;

	cm_served_init(&wanted, zone->service, zone->n_services);
	for (unsigned i = 0; i < shared->n_served; i++)
		if (memcmp(&wanted, shared->served[i], sizeof(wanted)) == 0)
			return shared->served[i];
	served = policy_alloc(policy, sizeof(*served));
	if (served == NULL)
		return NULL;
	*served = wanted;
	shared->served[shared->n_served++] = served;
	return served;
}

static int
compile_cms(
	struct seki_policy *policy, const struct seki_spec_zone *zone, struct cm_zone *out, struct seki_limit *limit)
{
	for (unsigned cm = 0; cm < CM_N; cm++) {
		const struct cm_ops *ops = cm_ops[cm];
		struct cm_zone_spec spec = {
			.param = zone->cm_param[cm],
			.service = zone->service,
			.n_services = zone->n_services,
			.allow_lists = zone->allow_lists,
			.deny_lists = zone->deny_lists,
			.shared_lists = zone->shared_lists,
		};
		void *conf = ops->conf_size == 0 ? NULL : policy_alloc(policy, ops->conf_size);

		if (conf == NULL && ops->conf_size != 0)
			return -ENOMEM;
		if (ops->compile != NULL)
			ops->compile(&spec, conf, &limit[cm_budget_base[cm]]);
		out->conf[cm] = conf;
	}
	return 0;
}

static int
compile_zone(struct seki_policy *policy, struct shared *shared, const struct seki_spec_zone *zone, uint16_t id)
{
	struct cm_zone *out = &policy->cm[id];
	struct seki_limit *limit = policy_alloc(policy, cm_n_budgets * sizeof(*limit));
	struct seki_limits *limits = policy_alloc(policy, sizeof(*limits));

	out->served = intern_served(policy, shared, zone);
	if (limit == NULL || limits == NULL || out->served == NULL)
		return -ENOMEM;
	*limits = zone->limits;
	if (limits->n_own > 0) {
		struct seki_own_limit *own = policy_alloc(policy, limits->n_own * sizeof(*own));

		if (own == NULL)
			return -ENOMEM;
		memcpy(own, zone->limits.own, limits->n_own * sizeof(*own));
		limits->own = own;
	}
	policy->zone[id].limits = limits;
	out->id = id;
	out->allow_lists = zone->allow_lists;
	out->deny_lists = zone->deny_lists;
	out->shared_lists = zone->shared_lists;
	out->limit = limit;
	policy->flow_zone[id] = (struct seki_flow_zone){
		.track = zone->mode != CM_MODE_OFF,
		.inbound_only = zone->direction == SEKI_ZONE_INBOUND_ONLY,
		.udp_served = out->served->any ? NULL : out->served->udp,
	};
	policy->n_zones++;
	policy->posture[id] = posture_of(zone);
	if (compile_cms(policy, zone, out, limit) != 0)
		return -ENOMEM;
	policy->flow_zone[id].singly = (policy->posture[id].active >> CM_SOURCE_LIMIT & 1) != 0 &&
				       seki_source_limits_are_small(out->conf[CM_SOURCE_LIMIT]);
	return 0;
}

/* Adds a sentence for each expression that cannot be run. */
static int
compile_filters(struct seki_policy *policy, const struct seki_spec *spec, const struct seki_spec_zone *zone,
	uint16_t id, struct seki_err *err)
{
	char why[256];
	int rc = 0;

	if (zone->n_filters == 0)
		return 0;
	policy->cm[id].filter = seki_filter_create();
	if (policy->cm[id].filter == NULL)
		return -ENOMEM;
	for (unsigned i = 0; i < zone->n_filters; i++)
		if (seki_filter_add(policy->cm[id].filter, zone->filter[i].text, why, sizeof(why)) != 0)
			rc = seki_err_add(err, spec->file, zone->filter[i].line, "zones.%s.filter: \"%.60s\": %s",
				zone->name, zone->filter[i].text, why);
	return rc;
}

/* A free id limits nothing and serves everything, so that whatever still carries it does no harm. */
static int
compile_free_ids(struct seki_policy *policy, struct shared *shared)
{
	const struct seki_limit *unlimited = policy_alloc(policy, cm_n_budgets * sizeof(*unlimited));
	const struct cm_served *any = intern_served(policy, shared, &(struct seki_spec_zone){0});

	if (unlimited == NULL || any == NULL)
		return -ENOMEM;
	for (uint16_t id = 0; id < SEKI_ZONES_MAX; id++)
		policy->cm[id] = (struct cm_zone){.id = id, .served = any, .limit = unlimited};
	return 0;
}

int
policy_compile_zones(struct seki_policy *policy, const struct seki_spec *spec, const struct seki_policy *before,
	uint16_t *id, struct seki_err *err)
{
	struct shared shared = {.n_served = 0};
	int rc = assign_ids(policy, spec, before, id, err);

	if (rc < 0)
		return rc;
	rc = compile_free_ids(policy, &shared);
	for (unsigned i = 0; rc == 0 && i < spec->n_zones; i++)
		rc = compile_zone(policy, &shared, &spec->zone[i], id[i]);
	for (unsigned i = 0; rc == 0 && i < spec->n_zones; i++)
		rc = compile_filters(policy, spec, &spec->zone[i], id[i], err);
	if (rc == -ENOMEM)
		seki_err_add(err, spec->file, 0, "no memory to compile %u zones", spec->n_zones);
	return rc;
}
