/* SPDX-License-Identifier: BSD-3-Clause */
#include "worker.h"

#include "fate.h"

#include <rte_ethdev.h>
#include <rte_pause.h>

static unsigned
poll_ports(struct worker *w, uint64_t now_ns)
{
	struct rte_mbuf *mbuf[PKT_BURST];
	unsigned total = 0;

	for (unsigned i = 0; i < w->n_rxq; i++) {
		const struct worker_queue *q = &w->rxq[i];
		unsigned n = rte_eth_rx_burst(q->port_id, q->queue, mbuf, PKT_BURST);

		if (n == 0)
			continue;
		path_view(&w->path, q->port, mbuf, n, now_ns);
		path_burst(&w->path, mbuf, n, false);
		total += n;
	}
	return total;
}

/* What other RX cores received for clients of this one. It came in by any port, so each says which. */
static unsigned
poll_steered(struct worker *w, uint64_t now_ns)
{
	struct rte_mbuf *mbuf[PKT_BURST];
	unsigned total = 0;

	for (unsigned from = 0; from < w->n_steer; from++) {
		unsigned n = steer_take(&w->steer, from, mbuf);

		if (n == 0)
			continue;
		path_view(&w->path, 0, mbuf, n, now_ns);
		for (unsigned i = 0; i < n; i++) {
			w->path.pkt[i].in_port = fate_of(mbuf[i])->in_port;
			w->path.pkt[i].direction = fate_of(mbuf[i])->direction;
		}
		path_burst(&w->path, mbuf, n, true);
		total += n;
	}
	return total;
}

int
worker_run(void *arg)
{
	struct worker *w = arg;
	unsigned phase;

	if (w->rx_id >= 0)
		publish_join(w->publish, (unsigned)w->rx_id);
	do {
		uint64_t now_ns = clock_mono_ns(w->clock);
		unsigned n = 0;

		phase = __atomic_load_n(w->phase, __ATOMIC_ACQUIRE);
		if (w->rx_id >= 0) {
			if (phase == WORKER_RUN)
				n += poll_ports(w, now_ns);
			n += poll_steered(w, now_ns);
			seki_pipeline_sweep(&w->path.pipe, now_ns);
			rte_rcu_qsbr_quiescent(w->publish->rcu, (unsigned)w->rx_id);
		}
		n += emit_drain(&w->emit);
		__atomic_store_n(&w->phase_seen, phase, __ATOMIC_RELEASE);
		if (n == 0)
			rte_pause();
	} while (phase != WORKER_STOP);
	if (w->rx_id >= 0)
		publish_leave(w->publish, (unsigned)w->rx_id);
	return 0;
}
