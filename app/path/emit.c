/* SPDX-License-Identifier: BSD-3-Clause */
#include "emit.h"

#include "fate.h"

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ethdev.h>
#include <rte_pause.h>

static_assert(PKT_BURST == 32, "a burst is a 32-bit mask here");

void
emit_init(struct emit *emit, struct seki_stats *stats)
{
	memset(emit, 0, sizeof(*emit));
	emit->stats = stats;
	for (unsigned i = 0; i < SEKI_PORTS_MAX; i++)
		emit->egress[i].port = EMIT_NO_PORT;
}

void
emit_direct(struct emit *emit, uint16_t port, uint16_t port_id, uint16_t data_queue, uint16_t control_queue)
{
	emit->egress[port] = (struct emit_egress){
		.port = port,
		.port_id = port_id,
		.queue = {[EMIT_CONTROL] = control_queue, [EMIT_DATA] = data_queue},
	};
}

void
emit_by_rings(struct emit *emit, uint16_t port, struct rte_ring *control, struct rte_ring *data)
{
	emit->egress[port] = (struct emit_egress){.port = port, .control = control, .data = data};
}

void
emit_add_source(struct emit *emit, struct rte_ring *control, struct rte_ring *data)
{
	assert(emit->n_rings < EMIT_RINGS_MAX);
	emit->control[emit->n_rings] = control;
	emit->data[emit->n_rings] = data;
	emit->n_rings++;
}

/* Transmitted packets of one fate, not yet counted: runs cost one update. */
struct run {
	struct seki_fate fate;
	struct seki_count count;
};

static void
run_end(struct emit *emit, const struct run *run, uint16_t port)
{
	struct seki_stats *stats = emit->stats;
	struct seki_fate fate = run->fate;
	struct seki_count *count[3] = {
		&stats->zone[fate.zone].by_reason[fate.direction][fate.reason],
		&stats->port[fate.in_port].by_reason[fate.direction][fate.reason],
		&stats->port[port].tx,
	};

	for (unsigned i = 0; i < 3; i++) {
		count[i]->packets += run->count.packets;
		count[i]->bytes += run->count.bytes;
	}
}

static inline void
run_add(struct emit *emit, struct run *run, uint16_t port, struct seki_fate fate, uint32_t bytes)
{
	if (unlikely(!seki_fate_equal(run->fate, fate))) {
		run_end(emit, run, port);
		*run = (struct run){.fate = fate};
	}
	run->count.packets++;
	run->count.bytes += bytes;
}

/* Returns how many the port took; the rest stays the caller's. */
static unsigned
transmit(const struct emit_egress *egress, enum emit_class class, struct rte_mbuf **mbuf, unsigned n)
{
	uint16_t queue = egress->queue[class];
	unsigned sent = rte_eth_tx_burst(egress->port_id, queue, mbuf, (uint16_t)n);

	for (unsigned try = 1; unlikely(sent < n) && try < EMIT_TRIES; try++) {
		rte_pause();
		sent += rte_eth_tx_burst(egress->port_id, queue, mbuf + sent, (uint16_t)(n - sent));
	}
	return sent;
}

/* What goes first. */
static inline bool
is_control(const struct pkt *p)
{
	return p->reason == SEKI_REASON_CONTROL;
}

static inline uint32_t
mask_next(uint32_t *mask)
{
	uint32_t i = (uint32_t)__builtin_ctz(*mask);

	*mask &= *mask - 1;
	return i;
}

static void
drop_late(struct rte_mbuf *mbuf, struct pkt *pkt, enum seki_reason reason)
{
	pkt->verdict = SEKI_VERDICT_DROP;
	pkt->reason = (uint8_t)reason;
	rte_pktmbuf_free(mbuf);
}

/* Packets of one burst that go the same way: mbuf[i] is that of pkt[idx[i]]. All are of one class. */
struct way {
	unsigned n;
	struct rte_mbuf *mbuf[PKT_BURST];
	uint8_t idx[PKT_BURST];
};

/* From this core. Returns whether all of them went. */
static bool
send_direct(struct emit *emit, uint16_t to, enum emit_class class, struct way *way, struct pkt *pkt)
{
	const struct emit_egress *egress = &emit->egress[to];
	unsigned sent = transmit(egress, class, way->mbuf, way->n);
	struct run run = {.fate = pkt_fate(&pkt[way->idx[0]])};

	for (unsigned i = 0; i < sent; i++) {
		const struct pkt *p = &pkt[way->idx[i]];

		run_add(emit, &run, egress->port, pkt_fate(p), p->len);
	}
	run_end(emit, &run, egress->port);
	for (unsigned i = sent; unlikely(i < way->n); i++)
		drop_late(way->mbuf[i], &pkt[way->idx[i]], SEKI_REASON_TX_FULL);
	return sent == way->n;
}

/* By the core at the other end of `ring`. Returns whether all of them went. */
static bool
send_ring(struct rte_ring *ring, struct way *way, struct pkt *pkt)
{
	unsigned sent, left;

	for (unsigned i = 0; i < way->n; i++)
		*fate_of(way->mbuf[i]) = pkt_fate(&pkt[way->idx[i]]);
	sent = rte_ring_sp_enqueue_burst(ring, (void **)way->mbuf, way->n, NULL);
	for (left = sent; unlikely(left < way->n); left++)
		drop_late(way->mbuf[left], &pkt[way->idx[left]], SEKI_REASON_RING_FULL);
	return sent == way->n;
}

/* Control packets among them, or several ways out: control first, one egress after the other. As send_direct. */
static bool
emit_mixed(struct emit *emit, struct rte_mbuf **mbuf, struct pkt *pkt, uint32_t left)
{
	bool all = true;

	while (left != 0) {
		uint16_t to = pkt[__builtin_ctz(left)].egress;
		const struct emit_egress *egress = &emit->egress[to];
		struct way way[2]; /* [enum emit_class] */
		uint32_t mask = left;

		way[EMIT_CONTROL].n = way[EMIT_DATA].n = 0;
		while (mask != 0) {
			uint32_t i = mask_next(&mask);
			struct way *w = &way[is_control(&pkt[i]) ? EMIT_CONTROL : EMIT_DATA];

			if (pkt[i].egress != to)
				continue;
			w->mbuf[w->n] = mbuf[i];
			w->idx[w->n++] = (uint8_t)i;
			left &= ~(UINT32_C(1) << i);
		}
		for (enum emit_class class = EMIT_CONTROL; class <= EMIT_DATA; class ++) {
			if (way[class].n == 0)
				continue;
			if (egress->data == NULL)
				all &= send_direct(emit, to, class, &way[class], pkt);
			else
				all &= send_ring(
					class == EMIT_CONTROL ? egress->control : egress->data, &way[class], pkt);
		}
	}
	return all;
}

/* Whatever the burst is made of. As send_direct. */
static bool
emit_any(struct emit *emit, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n)
{
	uint32_t passed = 0, mixed = 0;
	struct way way;
	uint16_t to = 0;

	way.n = 0;
	for (unsigned i = 0; i < n; i++) {
		bool pass = pkt[i].verdict == SEKI_VERDICT_PASS;

		to = way.n == 0 ? pkt[i].egress : to;
		way.mbuf[way.n] = mbuf[i];
		way.idx[way.n] = (uint8_t)i;
		way.n += pass;
		passed |= (uint32_t)pass << i;
		mixed |= pass & ((pkt[i].egress != to) | is_control(&pkt[i]));
	}
	if (way.n == 0)
		return true;
	assert(to < SEKI_PORTS_MAX && emit->egress[to].port != EMIT_NO_PORT);
	if (unlikely(mixed != 0))
		return emit_mixed(emit, mbuf, pkt, passed);
	if (emit->egress[to].data == NULL)
		return send_direct(emit, to, EMIT_DATA, &way, pkt);
	return send_ring(emit->egress[to].data, &way, pkt);
}

/* All pass as data by one port of this core and are counted alike: as in peace. Returns whether all of them went. */
static bool
send_alike(struct emit *emit, const struct emit_egress *egress, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n,
	uint64_t bytes)
{
	struct run run = {.fate = pkt_fate(&pkt[0])};
	unsigned sent = transmit(egress, EMIT_DATA, mbuf, n);

	for (unsigned i = sent; unlikely(i < n); i++) {
		bytes -= pkt[i].len;
		drop_late(mbuf[i], &pkt[i], SEKI_REASON_TX_FULL);
	}
	run.count = (struct seki_count){sent, bytes};
	run_end(emit, &run, egress->port);
	return sent == n;
}

void
emit_burst(struct emit *emit, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n, struct pkt_sum *sum)
{
	const struct emit_egress *egress = &emit->egress[pkt[0].egress];
	bool all = true;

	if (sum->differs != 0 || is_control(&pkt[0]) || egress->data != NULL)
		all = emit_any(emit, mbuf, pkt, n);
	else if (pkt[0].verdict == SEKI_VERDICT_PASS)
		all = send_alike(emit, egress, mbuf, pkt, n, sum->bytes);
	if (unlikely(!all))
		sum->differs = UINT64_MAX;
}

/* Transmits a part of a burst that came over a ring; what the port does not take ends here. */
static void
flush(struct emit *emit, const struct emit_egress *egress, enum emit_class class, struct rte_mbuf **mbuf, unsigned n)
{
	struct seki_fate fate[PKT_BURST];
	uint32_t bytes[PKT_BURST];
	struct run run;
	unsigned sent;

	for (unsigned i = 0; i < n; i++) {
		fate[i] = *fate_of(mbuf[i]);
		bytes[i] = mbuf[i]->pkt_len;
	}
	sent = transmit(egress, class, mbuf, n);
	run = (struct run){.fate = fate[0]};
	for (unsigned i = 0; i < sent; i++)
		run_add(emit, &run, egress->port, fate[i], bytes[i]);
	run_end(emit, &run, egress->port);
	for (unsigned i = sent; unlikely(i < n); i++) {
		fate[i].reason = SEKI_REASON_TX_FULL;
		seki_stats_end(emit->stats, fate[i], bytes[i]);
		rte_pktmbuf_free(mbuf[i]);
	}
}

/* One burst of one ring, in order; a change of egress ends a part. */
static unsigned
drain_ring(struct emit *emit, struct rte_ring *ring, enum emit_class class)
{
	struct rte_mbuf *in[PKT_BURST];
	unsigned n = rte_ring_sc_dequeue_burst(ring, (void **)in, PKT_BURST, NULL);

	for (unsigned i = 0; i < n; i++)
		rte_prefetch0(in[i]);
	for (unsigned first = 0, end; first < n; first = end) {
		uint16_t to = fate_of(in[first])->egress;

		for (end = first + 1; end < n && fate_of(in[end])->egress == to;)
			end++;
		flush(emit, &emit->egress[to], class, in + first, end - first);
	}
	return n;
}

unsigned
emit_drain(struct emit *emit)
{
	unsigned n = 0;

	for (unsigned i = 0; i < emit->n_rings; i++)
		n += drain_ring(emit, emit->control[i], EMIT_CONTROL);
	for (unsigned i = 0; i < emit->n_rings; i++)
		n += drain_ring(emit, emit->data[i], EMIT_DATA);
	return n;
}

static unsigned
discard_ring(struct emit *emit, struct rte_ring *ring)
{
	struct rte_mbuf *mbuf;
	unsigned n = 0;

	for (; rte_ring_sc_dequeue(ring, (void **)&mbuf) == 0; n++) {
		struct seki_fate fate = *fate_of(mbuf);

		fate.reason = SEKI_REASON_SHUTDOWN;
		seki_stats_end(emit->stats, fate, mbuf->pkt_len);
		rte_pktmbuf_free(mbuf);
	}
	return n;
}

unsigned
emit_discard(struct emit *emit)
{
	unsigned n = 0;

	for (unsigned i = 0; i < emit->n_rings; i++)
		n += discard_ring(emit, emit->control[i]) + discard_ring(emit, emit->data[i]);
	return n;
}
