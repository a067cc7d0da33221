/* SPDX-License-Identifier: BSD-3-Clause */
#include "box.h"

#include "eal.h"
#include "fate.h"
#include "say.h"
#include "wiring.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <rte_launch.h>
#include <rte_lcore.h>

/* Longest that box_stop lets packets find their way out. */
#define DRAIN_NS UINT64_C(1000000000)

static int
open_ports(struct box *box, struct seki_err *err)
{
	const struct seki_spec *spec = &box->spec;
	int ret = 0;

	for (unsigned i = 0; i < spec->n_ports; i++, box->n_ports++) {
		ret = port_find(&box->port[i], spec, &box->plan, i, err);
		if (ret != 0)
			return ret;
	}
	for (unsigned i = 0; i < spec->n_ports; i++)
		port_meet_peer(&box->port[i], &box->port[spec->port[i].peer]);
	port_choose_rss(box->port, box->n_ports, box->plan.n_rx, &box->rss);
	for (unsigned i = 0; i < spec->n_ports; i++) {
		unsigned n_txq_peer = port_tx_queues(&box->port[spec->port[i].peer]);

		ret = port_configure(&box->port[i], spec, &box->plan, n_txq_peer, &box->rss, err);
		if (ret != 0)
			return ret;
	}
	return 0;
}

/* The secrets of this run. */
static int
choose_secrets(struct box *box, struct seki_err *err)
{
	struct seki_key key[3];

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		return seki_err_add(err, NULL, 0, "the kernel has no random numbers: %s", strerror(errno));
	steer_owner_init(&box->owner, box->plan.n_rx, &key[0]);
	seki_digest_init(&box->digest, &key[1]);
	box->list_secret = key[2];
	if (box->rss.reta_size != 0)
		steer_owner_use_rss(&box->owner, box->rss.key, sizeof(box->rss.key), box->rss.reta_size);
	return 0;
}

/* Detection reads what the RX cores count. */
static int
open_guard(struct box *box, struct seki_err *err)
{
	struct seki_detect_core core[SEKI_CORES_MAX];
	struct guard_conf conf;
	const struct archive *archive;

	if (!box->spec.detect.enable)
		return 0;
	for (unsigned r = 0; r < box->plan.n_rx; r++) {
		struct worker *w = box->worker[box->plan.rx_core[r]];

		core[r] = (struct seki_detect_core){
			.blocks = &w->state.blocks,
			.stats = w->stats,
			.sampler = w->state.sampler,
			.picked_up = state_picked_up(&w->state),
		};
	}
	conf = (struct guard_conf){
		.core = core,
		.n_cores = box->plan.n_rx,
		.incidents = box->spec.detect.incidents,
		.keep = box->spec.detect.keep,
		.signature_pct = box->spec.detect.signature_pct,
		.learn = {.path = box->spec.detect.baseline, .learns = box->spec.detect.learn != SEKI_LEARN_OFF},
	};
	box->guard = guard_create(&conf, err);
	if (box->guard == NULL)
		return -ENOMEM;
	archive = guard_archive(box->guard);
	if (archive != NULL && archive_interrupted(archive) > 0)
		say("incidents: %u that an earlier run has left open are interrupted now",
			archive_interrupted(archive));
	if (archive != NULL && archive_strange(archive) > 0)
		say("incidents: %u files have the name of an incident and are none, or damaged: they are left alone",
			archive_strange(archive));
	return 0;
}

/* The first snapshot, and leases before the first packet. */
static int
publish_first(struct box *box, struct seki_err *err)
{
	struct seki_policy *policy = seki_policy_create(&box->spec, NULL, &box->list_secret, box->table_node, err);
	struct seki_snapshot *snapshot;
	struct lease_core core[SEKI_CORES_MAX];

	if (policy == NULL)
		return -EINVAL;
	for (unsigned r = 0; r < box->plan.n_rx; r++) {
		const struct worker *w = box->worker[box->plan.rx_core[r]];

		core[r] = (struct lease_core){w->budget, w->stats, w->path.pipe.strays};
	}
	snapshot = seki_snapshot_create(policy, 1);
	seki_policy_put(policy);
	box->arms = arms_create(core, box->plan.n_rx);
	if (snapshot == NULL || box->arms == NULL) {
		seki_snapshot_destroy(snapshot);
		return seki_err_add(err, NULL, 0, "no memory for the first snapshot");
	}
	arms_tick(box->arms, policy, clock_mono_ns(&box->clock));
	arms_hold(box->arms, snapshot);
	publish_swap(&box->publish, snapshot);
	if (open_guard(box, err) < 0)
		return -ENOMEM;
	box->leases = leases_create(core, box->plan.n_rx);
	if (box->leases == NULL || leases_tick(box->leases, box_policy(box)) < 0)
		return seki_err_add(err, NULL, 0, "no memory for the leases of budgets");
	return 0;
}

/* Both sides of a policy's life, the first and every reload, put its tables there. */
static void
choose_table_node(struct box *box)
{
	uint64_t nodes;

	box->table_node = plan_table_node(&box->plan, &box->spec, &nodes);
	if ((nodes & (nodes - 1)) != 0)
		say("receiving cores are on several NUMA nodes: zones and lists are on node %d, the others read across",
			box->table_node);
}

int
box_open(struct box *box, struct seki_spec *spec, bool timed, struct seki_err *err)
{
	int ret;

	memset(box, 0, sizeof(*box));
	pthread_mutex_init(&box->lock, NULL);
	box->spec = *spec;
	memset(spec, 0, sizeof(*spec));
	box->timed = timed;
	clock_init(&box->clock);
	plan_init(&box->plan, &box->spec);
	choose_table_node(box);
	ret = fate_setup();
	if (ret != 0)
		return seki_err_add(err, NULL, 0, "no room in the mbuf for 8 bytes: %s", strerror(-ret));
	ret = publish_init(&box->publish, box->plan.n_rx);
	if (ret != 0)
		return seki_err_add(err, NULL, 0, "no memory to publish snapshots");
	ret = open_ports(box, err);
	if (ret == 0)
		ret = choose_secrets(box, err);
	if (ret == 0)
		ret = wire_workers(box, err);
	if (ret == 0)
		ret = publish_first(box, err);
	return ret;
}

int
box_start(struct box *box, struct seki_err *err)
{
	const struct seki_spec *spec = &box->spec;
	int ret = 0;

	for (unsigned i = 0; i < box->n_ports; i++) {
		ret = port_start(&box->port[i], spec, &box->plan, &box->rss, err);
		if (ret != 0)
			return ret;
		port_describe(&box->port[i], spec);
	}
	for (unsigned i = 0; i < box->n_ports; i++)
		if (spec->port[i].side == SEKI_SIDE_OUTSIDE)
			link_init(&box->link[i], box->port[i].can_set_link, box->port[spec->port[i].peer].can_set_link);
	ret = park_start(box, err);
	if (ret != 0)
		return ret;
	wire_probes(box);
	box->running = true;
	for (unsigned i = 0; i < box->n_workers && ret == 0; i++)
		ret = rte_eal_remote_launch(worker_run, box->worker[i], eal_lcore(i));
	if (ret != 0)
		return seki_err_add(err, NULL, 0, "a packet core does not start: %s", strerror(-ret));
	return 0;
}

/* Every core has made a full round since `phase` was ordered. */
static bool
all_at(const struct box *box, unsigned phase)
{
	for (unsigned i = 0; i < box->n_workers; i++)
		if (__atomic_load_n(&box->worker[i]->phase_seen, __ATOMIC_ACQUIRE) < phase)
			return false;
	return true;
}

/* Orders a phase and waits until all cores are there and the rings are seen empty, or the time is up. */
static void
order(struct box *box, enum worker_phase phase, uint64_t until_ns)
{
	__atomic_store_n(&box->phase, phase, __ATOMIC_RELEASE);
	while (clock_mono_ns(&box->clock) < until_ns && !(all_at(box, phase) && wire_is_empty(box)))
		rte_delay_us_sleep(1000);
}

/*
 * A packet takes two rings at most, steering and output. Rings are not all looked at in one instant, so one that
 * changes rings meanwhile may be overlooked once, but then it is in the second: hence NO_RX, then FLUSH.
 */
void
box_stop(struct box *box)
{
	uint64_t until_ns = clock_mono_ns(&box->clock) + DRAIN_NS;
	unsigned left = 0;

	if (!box->running)
		return;
	order(box, WORKER_NO_RX, until_ns);
	order(box, WORKER_FLUSH, until_ns);
	__atomic_store_n(&box->phase, WORKER_STOP, __ATOMIC_RELEASE);
	rte_eal_mp_wait_lcore();
	box->running = false;
	for (unsigned i = 0; i < box->n_workers; i++)
		left += steer_discard(&box->worker[i]->steer) + emit_discard(&box->worker[i]->emit);
	if (left > 0)
		say("%u packets were still inside and are counted as shutdown", left);
}

void
box_close(struct box *box)
{
	box_stop(box);
	leases_destroy(box->leases);
	guard_destroy(box->guard);
	arms_destroy(box->arms);
	publish_fini(&box->publish);
	park_stop(box);
	for (unsigned i = 0; i < box->n_ports; i++)
		port_close(&box->port[i]);
	unwire_workers(box);
	seki_spec_fini(&box->spec);
	pthread_mutex_destroy(&box->lock);
}

unsigned
box_trust(const struct box *box, unsigned p, bool ip6)
{
	unsigned least = STEER_TRUST_YES;

	for (unsigned r = 0; r < box->plan.n_rx; r++) {
		const struct steer *steer = &box->worker[box->plan.rx_core[r]]->steer;

		least = RTE_MIN(least, __atomic_load_n(&steer->probe[p][ip6].trust, __ATOMIC_RELAXED));
	}
	return least;
}

void
box_count(const struct box *box, struct seki_stats *sum)
{
	memset(sum, 0, sizeof(*sum));
	for (unsigned i = 0; i < box->n_workers; i++)
		seki_stats_add(sum, box->worker[i]->stats);
}
