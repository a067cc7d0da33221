/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_POLICY_BUILD_H
#define SEKI_POLICY_BUILD_H

/* The parts that a policy is compiled of. Internal to lib/policy; a policy is written here and nowhere else. */

#include "policy.h"

/*
 * `size` zeroed bytes on cache lines of their own, freed with the policy. NULL: no memory.
 */
void *policy_alloc(struct seki_policy *policy, size_t size);
void policy_free_blocks(struct seki_policy *policy);

/*
 * Gives each zone of the spec its id (id[i] is that of spec->zone[i]) and compiles it. Returns 0, -EINVAL or -ENOMEM
 * with sentences.
 */
int policy_compile_zones(struct seki_policy *policy, const struct seki_spec *spec, const struct seki_policy *before,
	uint16_t *id, struct seki_err *err);

/* Keeps the peers of the spec and their limit, as seki_policy_peers wants them. */
void policy_compile_peers(struct seki_policy *policy, const struct seki_spec *spec);

#endif
