/* SPDX-License-Identifier: BSD-3-Clause */
#include "arm.h"

#include <stdlib.h>
#include <string.h>

/* Would-be drops at most, and strays at most, to so many packets of known connections. */
#define DROP_OF UINT64_C(1000000)
#define STRAY_OF 100

/* Packets of known connections without which there is no evidence. */
#define ENOUGH UINT64_C(100000)

/* A zone on its way: since when it has been sound, and what had been counted then. */
struct arm {
	bool watched, armed;
	uint64_t since_ns;
	struct seen {
		uint64_t tcp;   /* packets that open nothing */
		uint64_t stray; /* of them, of no known connection */
		uint64_t drop;  /* of the strays, those that would have been dropped */
	} then;
};

struct arms {
	struct lease_core core[SEKI_LEASE_CORES];
	unsigned n;
	struct arm zone[SEKI_ZONES_MAX];
};

struct arms *
arms_create(const struct lease_core *core, unsigned n)
{
	struct arms *arms = calloc(1, sizeof(*arms));

	if (arms == NULL || n > SEKI_LEASE_CORES) {
		free(arms);
		return NULL;
	}
	memcpy(arms->core, core, n * sizeof(*core));
	arms->n = n;
	return arms;
}

void
arms_destroy(struct arms *arms)
{
	free(arms);
}

static uint64_t
read_count(const uint64_t *count)
{
	return __atomic_load_n(count, __ATOMIC_RELAXED);
}

static struct seen
count_zone(const struct arms *arms, unsigned zone)
{
	struct seen seen = {0};

	for (unsigned c = 0; c < arms->n; c++) {
		const struct seki_stats_zone *count = &arms->core[c].stats->zone[zone];

		for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
			if (seki_vector_class[v] == SEKI_CLASS_TCP)
				seen.tcp += read_count(&count->vector[v].packets);
		seen.stray += read_count(&arms->core[c].strays[zone]);
		seen.drop += read_count(&count->observed[SEKI_REASON_TCP_STRAY].packets);
	}
	return seen;
}

static bool
tick_zone(struct arms *arms, const struct seki_policy *policy, unsigned id, uint64_t now_ns)
{
	const struct cm_tcp_state *conf = policy->cm[id].conf[CM_TCP_STATE];
	struct arm *arm = &arms->zone[id];
	struct seen now = count_zone(arms, id);
	uint64_t tcp = now.tcp - arm->then.tcp, strays = now.stray - arm->then.stray;
	/* A core counts a stray before it counts the packet. */
	uint64_t known = tcp > strays ? tcp - strays : 0;

	if (!arm->watched || (now.drop - arm->then.drop) * DROP_OF > known || strays * STRAY_OF > known) {
		*arm = (struct arm){.watched = true, .since_ns = now_ns, .then = now};
		known = 0;
	}
	arm->armed = conf->arm_after_ns == 0 || (known >= ENOUGH && now_ns - arm->since_ns >= conf->arm_after_ns);
	return arm->armed;
}

/* The zone is there, and tcp_state looks at it. */
static bool
is_looked_at(const struct seki_policy *policy, unsigned id)
{
	return id < policy->zone_id_end && policy->zone[id].name[0] != '\0' &&
	       (policy->posture[id].active >> CM_TCP_STATE & 1) != 0;
}

bool
arms_tick(struct arms *arms, const struct seki_policy *policy, uint64_t now_ns)
{
	bool some = false;

	for (unsigned id = 1; id < SEKI_ZONES_MAX; id++) {
		if (!is_looked_at(policy, id))
			arms->zone[id] = (struct arm){.watched = false};
		else if (!arms->zone[id].armed)
			some |= tick_zone(arms, policy, id, now_ns);
	}
	return some;
}

bool
arms_is_armed(const struct arms *arms, uint16_t zone)
{
	return arms->zone[zone].armed;
}

void
arms_hold(const struct arms *arms, struct seki_snapshot *snapshot)
{
	for (unsigned id = 0; id < SEKI_ZONES_MAX; id++) {
		snapshot->posture[id] = snapshot->policy->posture[id];
		if (!arms->zone[id].armed) {
			snapshot->posture[id].enforce &= ~(1u << CM_TCP_STATE);
			snapshot->posture[id].would &= ~(1u << CM_TCP_STATE);
		}
	}
}
