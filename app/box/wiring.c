/* SPDX-License-Identifier: BSD-3-Clause */
#include "box.h"

#include "near.h"
#include "wiring.h"

#include <errno.h>
#include <stdio.h>

#include <rte_errno.h>
#include <rte_lcore.h>

/* A ring between two cores, on the node of the one that empties it and would wait for its memory. */
static struct rte_ring *
make_ring(const char *kind, const struct worker *from, const struct worker *to, unsigned size, struct seki_err *err)
{
	char name[RTE_RING_NAMESIZE];
	struct rte_ring *ring;

	snprintf(name, sizeof(name), "seki_%s_%u_%u", kind, from->core, to->core);
	ring = rte_ring_create(name, size, to->node, RING_F_SP_ENQ | RING_F_SC_DEQ);
	if (ring == NULL)
		seki_err_add(err, NULL, 0, "no memory on NUMA node %d for a ring of %u packets between cores: %s",
			to->node, size, rte_strerror(rte_errno));
	return ring;
}

static struct worker *
make_worker(struct box *box, unsigned core, struct seki_err *err)
{
	unsigned cpu = box->spec.core[core].cpu;
	struct worker *w = near_alloc(sizeof(*w), cpu);

	if (w != NULL) {
		w->core = core;
		w->node = cpu_node(cpu);
		w->rx_id = box->plan.rx_of[core];
		w->tx_id = box->plan.tx_of[core];
		w->clock = &box->clock;
		w->publish = &box->publish;
		w->phase = &box->phase;
		w->stats = near_alloc(sizeof(*w->stats), cpu);
		w->budget = near_alloc(seki_pipeline_budget_bytes(), cpu);
		w->timing = box->timed ? near_alloc(sizeof(*w->timing), cpu) : NULL;
		box->worker[core] = w;
		box->n_workers = core + 1;
		emit_init(&w->emit, w->stats);
	}
	if (w == NULL || w->stats == NULL || w->budget == NULL || (box->timed && w->timing == NULL))
		seki_err_add(err, NULL, 0, "no memory for the counters and budgets of CPU %u", cpu);
	else if (w->rx_id >= 0 && state_open(&w->state, &box->spec, box->plan.n_rx, cpu, &box->digest) != 0)
		seki_err_add(err, NULL, 0, "no memory for the state of CPU %u: %zu MB for flows and sources", cpu,
			state_bytes(&box->spec, box->plan.n_rx) >> 20);
	return w;
}

static void
deal_queues(struct box *box)
{
	unsigned n_rx = box->plan.n_rx;

	for (unsigned p = 0; p < box->n_ports; p++) {
		const struct port *port = &box->port[p];
		unsigned first = port->n_rxq == n_rx ? 0 : p;

		for (uint16_t q = 0; q < port->n_rxq; q++) {
			struct worker *w = box->worker[box->plan.rx_core[(first + q) % n_rx]];

			w->rxq[w->n_rxq++] = (struct worker_queue){(uint16_t)p, port->port_id, q};
		}
	}
}

/* TX queue of TX core `t` on a port, or -1. Where queues are few, each port begins with another core. */
static int
tx_queue(const struct box *box, const struct port *port, unsigned t)
{
	unsigned n_tx = box->plan.n_tx;
	unsigned turn = (t + n_tx - port->index % n_tx) % n_tx;

	return turn < port->n_txq ? (int)turn : -1;
}

/* The rings from one core to another, made when first wanted. */
static int
connect_by_rings(struct box *box, struct worker *from, struct worker *to, unsigned port, struct seki_err *err)
{
	struct rte_ring *control = NULL, *data = NULL;

	for (unsigned p = 0; p < port && data == NULL; p++) {
		const struct emit_egress *row = &from->emit.egress[p];

		for (unsigned i = 0; i < to->emit.n_rings && row->data != NULL; i++) {
			if (to->emit.data[i] == row->data) {
				control = row->control;
				data = row->data;
			}
		}
	}
	if (data == NULL) {
		control = make_ring("control", from, to, PLAN_CONTROL_RING, err);
		data = make_ring("data", from, to, box->spec.ring_size, err);
		if (control == NULL || data == NULL)
			return -ENOMEM;
		emit_add_source(&to->emit, control, data);
	}
	emit_by_rings(&from->emit, (uint16_t)port, control, data);
	return 0;
}

/* The TX core that sends for RX core r on a port where r has no queue. */
static struct worker *
sender_for(const struct box *box, const struct port *port, unsigned r)
{
	unsigned turn = r % port->n_txq;

	return box->worker[box->plan.tx_core[(turn + port->index) % box->plan.n_tx]];
}

static int
connect_outputs(struct box *box, struct seki_err *err)
{
	const struct plan *plan = &box->plan;
	int ret = 0;

	for (unsigned p = 0; p < box->n_ports; p++) {
		const struct port *port = &box->port[p];

		for (unsigned t = 0; t < plan->n_tx; t++) {
			int queue = tx_queue(box, port, t);

			if (queue >= 0)
				emit_direct(&box->worker[plan->tx_core[t]]->emit, (uint16_t)p, port->port_id,
					(uint16_t)queue, port_control_queue(port, (uint16_t)queue));
		}
	}
	for (unsigned r = 0; r < plan->n_rx; r++) {
		struct worker *w = box->worker[plan->rx_core[r]];

		for (unsigned p = 0; p < box->n_ports && ret == 0; p++)
			if (w->emit.egress[p].port == EMIT_NO_PORT)
				ret = connect_by_rings(box, w, sender_for(box, &box->port[p], r), p, err);
	}
	return ret;
}

static int
connect_steering(struct box *box, struct seki_err *err)
{
	const struct plan *plan = &box->plan;

	for (unsigned r = 0; r < plan->n_rx; r++) {
		struct worker *w = box->worker[plan->rx_core[r]];

		w->n_steer = plan->n_rx > 1 ? plan->n_rx : 0;
		w->steer.owner = &box->owner;
		w->steer.id = r;
		w->steer.stats = w->stats;
		for (unsigned to = 0; to < plan->n_rx; to++) {
			struct worker *owner = box->worker[plan->rx_core[to]];

			if (owner == w)
				continue;
			w->steer.to[to] = make_ring("steer", w, owner, box->spec.ring_size, err);
			if (w->steer.to[to] == NULL)
				return -ENOMEM;
			owner->steer.from[r] = w->steer.to[to];
		}
	}
	return 0;
}

int
wire_workers(struct box *box, struct seki_err *err)
{
	int ret;

	for (unsigned i = 0; i < box->spec.n_cores; i++) {
		const struct worker *w = make_worker(box, i, err);

		if (w == NULL || err->n > 0)
			return -ENOMEM;
	}
	deal_queues(box);
	ret = connect_outputs(box, err);
	if (ret == 0)
		ret = connect_steering(box, err);
	for (unsigned r = 0; r < box->plan.n_rx && ret == 0; r++) {
		struct worker *w = box->worker[box->plan.rx_core[r]];

		path_init(&w->path,
			&(struct path_config){
				.stats = w->stats,
				.flows = w->state.flows,
				.sources = w->state.sources,
				.blocks = state_blocks(&w->state),
				.sampler = w->state.sampler,
				.budget = w->budget,
				.emit = &w->emit,
				.steer = w->n_steer > 0 ? &w->steer : NULL,
				.snapshot = &box->publish.current,
				.timing = w->timing,
			},
			&box->spec);
	}
	return ret;
}

void
wire_probes(struct box *box)
{
	for (unsigned r = 0; r < box->plan.n_rx; r++) {
		struct steer *steer = &box->worker[box->plan.rx_core[r]]->steer;

		for (unsigned p = 0; p < box->n_ports; p++) {
			uint8_t trust = box->port[p].rss ? STEER_TRUST_PROBING : STEER_TRUST_NO;

			steer->probe[p][0].trust = steer->probe[p][1].trust = trust;
		}
	}
}

bool
wire_is_empty(const struct box *box)
{
	for (unsigned i = 0; i < box->n_workers; i++) {
		const struct worker *w = box->worker[i];

		for (unsigned k = 0; k < w->emit.n_rings; k++)
			if (!rte_ring_empty(w->emit.control[k]) || !rte_ring_empty(w->emit.data[k]))
				return false;
		for (unsigned k = 0; k < w->n_steer; k++)
			if (w->steer.from[k] != NULL && !rte_ring_empty(w->steer.from[k]))
				return false;
	}
	return true;
}

void
unwire_workers(struct box *box)
{
	for (unsigned i = 0; i < box->n_workers; i++) {
		struct worker *w = box->worker[i];

		if (w == NULL)
			continue;
		for (unsigned k = 0; k < w->emit.n_rings; k++) {
			rte_ring_free(w->emit.control[k]);
			rte_ring_free(w->emit.data[k]);
		}
		for (unsigned k = 0; k < SEKI_CORES_MAX; k++)
			rte_ring_free(w->steer.from[k]);
		near_free(w->stats, sizeof(*w->stats));
		near_free(w->budget, seki_pipeline_budget_bytes());
		state_close(&w->state);
		near_free(w->timing, sizeof(*w->timing));
		near_free(w, sizeof(*w));
		box->worker[i] = NULL;
	}
}
