/* SPDX-License-Identifier: BSD-3-Clause */
#include "offline.h"

#include "eal.h"
#include "fate.h"
#include "hash.h"
#include "near.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>

/* A burst of one-piece frames, the further pieces that one burst may have, and those of one huge frame. */
#define N_MBUFS 511

/* Beside policies: EAL, the ethdev, pool and rings. Measured at 9 MB. */
#define BASE_BYTES ((size_t)32 << 20)

/* More than a burst. */
#define RING_SIZE (2 * PKT_BURST)

static struct rte_ring *
make_ring(const char *name, struct seki_err *err)
{
	struct rte_ring *ring = rte_ring_create(name, RING_SIZE, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);

	if (ring == NULL)
		seki_err_add(err, NULL, 0, "no memory for the ring %s", name);
	return ring;
}

/* One port for all egress rows, a TX queue per core, all queues into the sink. */
static int
make_sink(struct offline *offline, struct seki_err *err)
{
	struct rte_ring *queues[OFFLINE_CORES_MAX];
	struct rte_eth_conf conf = {0};
	int port, rc;

	offline->sink = make_ring("seki_sink", err);
	if (offline->sink == NULL)
		return -ENOMEM;
	for (unsigned c = 0; c < OFFLINE_CORES_MAX; c++)
		queues[c] = offline->sink;
	/* net_ring wants an RX ring too; nobody receives from it. */
	port = rte_eth_from_rings("seki_sink", &offline->sink, 1, queues, OFFLINE_CORES_MAX, 0);
	if (port < 0)
		return seki_err_add(err, NULL, 0, "the sink of the replay cannot be made");
	offline->port_id = (uint16_t)port;
	offline->has_port = true;
	rc = rte_eth_dev_configure(offline->port_id, 0, OFFLINE_CORES_MAX, &conf);
	for (unsigned c = 0; c < OFFLINE_CORES_MAX && rc == 0; c++)
		rc = rte_eth_tx_queue_setup(offline->port_id, (uint16_t)c, RING_SIZE, SOCKET_ID_ANY, NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(offline->port_id);
	if (rc < 0)
		return seki_err_add(err, NULL, 0, "the sink of the replay does not start: %s", strerror(-rc));
	return 0;
}

static int
make_steer_rings(struct offline *offline, struct seki_err *err)
{
	char name[RTE_RING_NAMESIZE];

	for (unsigned from = 0; from < OFFLINE_CORES_MAX; from++) {
		for (unsigned to = 0; to < OFFLINE_CORES_MAX; to++) {
			if (from == to)
				continue;
			snprintf(name, sizeof(name), "steer%u_%u", from, to);
			offline->ring[from][to] = make_ring(name, err);
			if (offline->ring[from][to] == NULL)
				return -ENOMEM;
		}
	}
	return 0;
}

int
offline_start(struct offline *offline, const struct seki_spec *spec, size_t memory_bytes, size_t priv_size,
	struct seki_err *err)
{
	const struct eal_request request = {.spec = spec, .memory_bytes = memory_bytes + BASE_BYTES, .offline = true};
	int rc = eal_start(&request, err);

	if (rc < 0)
		return rc;
	offline->started = true;
	rmdir(rte_eal_get_runtime_dir()); /* of this process alone, empty, and EAL would leave it behind */
	cm_init();
	if (fate_setup() < 0)
		return seki_err_add(err, NULL, 0, "DPDK has no room for Seki's field in packet buffers");
	offline->pool = rte_pktmbuf_pool_create("seki_replay", N_MBUFS, 0, (uint16_t)priv_size,
		RTE_PKTMBUF_HEADROOM + OFFLINE_DATA_ROOM, SOCKET_ID_ANY);
	if (offline->pool == NULL)
		return seki_err_add(err, NULL, 0, "no memory for packet buffers");
	rc = make_sink(offline, err);
	return rc < 0 ? rc : make_steer_rings(offline, err);
}

void
offline_stop(struct offline *offline)
{
	if (!offline->started)
		return;
	seki_policy_put(offline->policy);
	if (offline->has_port) {
		rte_eth_dev_stop(offline->port_id);
		rte_eth_dev_close(offline->port_id);
	}
	rte_eal_cleanup();
}

static int
open_core(struct offline *offline, unsigned c, const struct seki_spec *spec, struct seki_err *err)
{
	struct offline_core *core = &offline->core[c];
	struct path_config config = {
		.emit = &core->emit,
		.steer = offline->n_cores > 1 ? &core->steer : NULL,
		.snapshot = (const struct seki_snapshot *const *)&offline->snapshot,
		.guess_direction = true,
	};

	core->path = near_alloc(sizeof(*core->path), 0);
	core->stats = near_alloc(sizeof(*core->stats), 0);
	core->budget = near_alloc(seki_pipeline_budget_bytes(), 0);
	if (core->path == NULL || core->stats == NULL || core->budget == NULL) {
		seki_err_add(err, NULL, 0, "no memory for the state of a core");
		return -ENOMEM;
	}
	if (state_open(&core->state, spec, offline->n_cores, 0, &offline->digest) != 0) {
		seki_err_add(err, NULL, 0, "no memory for flows and sources");
		return -ENOMEM;
	}
	config.flows = core->state.flows;
	config.sources = core->state.sources;
	config.blocks = state_blocks(&core->state);
	config.sampler = core->state.sampler;
	if (config.sampler != NULL)
		config.sampler->each = true;
	config.stats = core->stats;
	config.budget = core->budget;
	path_init(core->path, &config, spec);
	emit_init(&core->emit, core->stats);
	for (unsigned p = 0; p < spec->n_ports; p++)
		emit_direct(&core->emit, (uint16_t)p, offline->port_id, (uint16_t)c, (uint16_t)c);
	core->steer = (struct steer){.owner = &offline->owner, .id = c, .stats = core->stats};
	for (unsigned o = 0; o < offline->n_cores; o++) {
		core->steer.to[o] = offline->ring[c][o];
		core->steer.from[o] = offline->ring[o][c];
	}
	return 0;
}

/* Captures hold no attacker who could have waited for it. */
static const struct seki_key list_secret = {{0x73656b692073656b, 0x6c69737420736574}};

int
offline_load(struct offline *offline, const struct seki_spec *spec, struct seki_err *err)
{
	if (offline->spec == spec)
		return 0;
	seki_policy_put(offline->policy);
	offline->policy = seki_policy_create(spec, NULL, &list_secret, SOCKET_ID_ANY, err);
	offline->spec = offline->policy == NULL ? NULL : spec;
	return offline->policy == NULL ? -EINVAL : 0;
}

int
offline_open(
	struct offline *offline, const struct seki_spec *spec, unsigned n_cores, uint64_t seed, struct seki_err *err)
{
	struct lease_core core[OFFLINE_CORES_MAX];
	struct seki_rng rng;
	struct seki_key key;
	int rc;

	offline->n_cores = n_cores;
	seki_rng_init(&rng, seed);
	key.k[0] = seki_rng_next(&rng);
	key.k[1] = seki_rng_next(&rng);
	steer_owner_init(&offline->owner, offline->n_cores, &key);
	key.k[0] = seki_rng_next(&rng);
	key.k[1] = seki_rng_next(&rng);
	seki_digest_init(&offline->digest, &key);
	for (unsigned c = 0; c < offline->n_cores; c++) {
		rc = open_core(offline, c, spec, err);
		if (rc < 0)
			return rc;
		core[c] = (struct lease_core){
			offline->core[c].budget, offline->core[c].stats, offline->core[c].path->pipe.strays};
	}
	offline->snapshot = seki_snapshot_create(offline->policy, 1);
	offline->leases = leases_create(core, offline->n_cores);
	offline->arms = arms_create(core, offline->n_cores);
	if (offline->snapshot == NULL || offline->leases == NULL || offline->arms == NULL) {
		seki_err_add(err, NULL, 0, "no memory for the replay");
		return -ENOMEM;
	}
	return 0;
}

int
offline_guard(struct offline *offline, const char *incidents, struct seki_err *err)
{
	const struct seki_spec *spec = offline->spec;
	struct seki_detect_core core[OFFLINE_CORES_MAX];
	struct guard_conf conf;

	if (!spec->detect.enable)
		return 0;
	for (unsigned c = 0; c < offline->n_cores; c++)
		core[c] = (struct seki_detect_core){
			.blocks = &offline->core[c].state.blocks,
			.stats = offline->core[c].stats,
			.sampler = offline->core[c].state.sampler,
			.picked_up = state_picked_up(&offline->core[c].state),
		};
	conf = (struct guard_conf){
		.core = core,
		.n_cores = offline->n_cores,
		.incidents = incidents,
		.signature_pct = spec->detect.signature_pct,
		.learn = {.path = spec->detect.baseline,
			.learns = spec->detect.learn != SEKI_LEARN_OFF,
			.offline = true},
	};
	offline->guard = guard_create(&conf, err);
	return offline->guard == NULL ? -ENOMEM : 0;
}

void
offline_close(struct offline *offline)
{
	guard_destroy(offline->guard);
	offline->guard = NULL;
	for (unsigned c = 0; c < offline->n_cores; c++) {
		struct offline_core *core = &offline->core[c];

		near_free(core->path, sizeof(*core->path));
		near_free(core->stats, sizeof(*core->stats));
		near_free(core->budget, seki_pipeline_budget_bytes());
		state_close(&core->state);
		*core = (struct offline_core){0};
	}
	near_free(offline->sum, sizeof(*offline->sum));
	leases_destroy(offline->leases);
	arms_destroy(offline->arms);
	seki_snapshot_destroy(offline->snapshot);
	offline->sum = NULL;
	offline->leases = NULL;
	offline->arms = NULL;
	offline->snapshot = NULL;
}

const struct seki_stats *
offline_total(struct offline *offline)
{
	if (offline->n_cores == 1)
		return offline->core[0].stats; /* a block is megabytes wide: not read twice for nothing */
	offline->sum = near_alloc(sizeof(*offline->sum), 0);
	for (unsigned c = 0; c < offline->n_cores && offline->sum != NULL; c++)
		seki_stats_add(offline->sum, offline->core[c].stats);
	return offline->sum;
}
