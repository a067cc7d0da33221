/* SPDX-License-Identifier: BSD-3-Clause */
#include "emit.h"

#include "fate.h"

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_ethdev.h>
#include <rte_pause.h>

static_assert(PKT_BURST == 32, "a burst is a 32-bit mask here");

/* Packets for one tx_burst, with what is needed to count them when the mbufs are gone. */
struct batch {
	unsigned n;
	struct rte_mbuf *mbuf[PKT_BURST];
	struct seki_fate fate[PKT_BURST];
	uint32_t bytes[PKT_BURST];
};

void
emit_init(struct emit *emit, struct seki_stats *stats)
{
	memset(emit, 0, sizeof(*emit));
	emit->stats = stats;
	for (unsigned i = 0; i < SEKI_PORTS_MAX; i++)
		emit->egress[i].port = EMIT_NO_PORT;
}

void
emit_direct(struct emit *emit, uint16_t port, uint16_t port_id, uint16_t queue)
{
	emit->egress[port] = (struct emit_egress){.port = port, .port_id = port_id, .queue = queue};
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

/* Counts the first `sent` packets of a batch as transmitted and ended. Runs of one fate cost one update. */
static void
count_sent(struct emit *emit, const struct emit_egress *egress, const struct batch *batch, unsigned sent)
{
	struct seki_stats *stats = emit->stats;
	struct seki_count *tx = &stats->port[egress->port].tx;

	for (unsigned i = 0; i < sent;) {
		struct seki_fate fate = batch->fate[i];
		struct seki_count run = {0};
		struct seki_count *zone = &stats->zone[fate.zone].by_reason[fate.direction][fate.reason];
		struct seki_count *port = &stats->port[fate.in_port].by_reason[fate.direction][fate.reason];

		do {
			run.packets++;
			run.bytes += batch->bytes[i];
		} while (++i < sent && memcmp(&batch->fate[i], &fate, sizeof(fate)) == 0);
		zone->packets += run.packets;
		zone->bytes += run.bytes;
		port->packets += run.packets;
		port->bytes += run.bytes;
		tx->packets += run.packets;
		tx->bytes += run.bytes;
	}
}

/* Transmits and counts what the port takes; the rest stays the caller's. Returns how many it took. */
static unsigned
send_batch(struct emit *emit, const struct emit_egress *egress, struct batch *batch)
{
	unsigned sent = rte_eth_tx_burst(egress->port_id, egress->queue, batch->mbuf, (uint16_t)batch->n);

	for (unsigned try = 1; unlikely(sent < batch->n) && try < EMIT_TRIES; try++) {
		rte_pause();
		sent += rte_eth_tx_burst(
			egress->port_id, egress->queue, batch->mbuf + sent, (uint16_t)(batch->n - sent));
	}
	count_sent(emit, egress, batch, sent);
	return sent;
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

/* pkt[] of `which` leave by a port of this core. */
static void
send_direct(struct emit *emit, const struct emit_egress *egress, struct rte_mbuf **mbuf, struct pkt *pkt,
	const uint32_t which[2])
{
	struct batch batch;
	uint8_t idx[PKT_BURST];
	unsigned n = 0;

	for (unsigned class = 0; class < 2; class ++) {
		for (uint32_t mask = which[class]; mask != 0; n++) {
			uint32_t i = mask_next(&mask);

			idx[n] = (uint8_t)i;
			batch.mbuf[n] = mbuf[i];
			batch.fate[n] = seki_stats_fate(&pkt[i]);
			batch.bytes[n] = pkt[i].len;
		}
	}
	batch.n = n;
	for (unsigned i = send_batch(emit, egress, &batch); unlikely(i < n); i++)
		drop_late(batch.mbuf[i], &pkt[idx[i]], SEKI_REASON_TX_FULL);
}

/* pkt[] of `mask` go to the core at the other end of `ring`. */
static void
send_ring(struct rte_ring *ring, struct rte_mbuf **mbuf, struct pkt *pkt, uint32_t mask)
{
	struct rte_mbuf *out[PKT_BURST];
	uint8_t idx[PKT_BURST];
	unsigned n = 0, sent;

	for (; mask != 0; n++) {
		uint32_t i = mask_next(&mask);

		idx[n] = (uint8_t)i;
		out[n] = mbuf[i];
		*fate_of(mbuf[i]) = seki_stats_fate(&pkt[i]);
	}
	sent = n == 0 ? 0 : rte_ring_sp_enqueue_burst(ring, (void **)out, n, NULL);
	for (; unlikely(sent < n); sent++)
		drop_late(out[sent], &pkt[idx[sent]], SEKI_REASON_RING_FULL);
}

void
emit_burst(struct emit *emit, struct rte_mbuf **mbuf, struct pkt *pkt, unsigned n)
{
	uint32_t left = 0;

	for (unsigned i = 0; i < n; i++)
		left |= (uint32_t)(pkt[i].verdict == SEKI_VERDICT_PASS) << i;
	while (left != 0) {
		uint16_t to = pkt[__builtin_ctz(left)].egress;
		const struct emit_egress *egress = &emit->egress[to];
		uint32_t which[2] = {0, 0}; /* control, data */

		assert(to < SEKI_PORTS_MAX && egress->port != EMIT_NO_PORT);
		for (uint32_t mask = left; mask != 0;) {
			uint32_t i = mask_next(&mask);

			if (likely(pkt[i].egress == to))
				which[(pkt[i].flags & PKT_F_CONTROL) == 0] |= UINT32_C(1) << i;
		}
		left &= ~(which[0] | which[1]);
		if (egress->data == NULL) {
			send_direct(emit, egress, mbuf, pkt, which);
		} else {
			send_ring(egress->control, mbuf, pkt, which[0]);
			send_ring(egress->data, mbuf, pkt, which[1]);
		}
	}
}

/* Transmits a batch that came over a ring; what the port does not take ends here. */
static void
flush(struct emit *emit, const struct emit_egress *egress, struct batch *batch)
{
	unsigned sent = batch->n == 0 ? 0 : send_batch(emit, egress, batch);

	for (; unlikely(sent < batch->n); sent++) {
		batch->fate[sent].reason = SEKI_REASON_TX_FULL;
		seki_stats_end(emit->stats, batch->fate[sent], batch->bytes[sent]);
		rte_pktmbuf_free(batch->mbuf[sent]);
	}
	batch->n = 0;
}

/* One burst of one ring, in order; a change of egress ends a batch. */
static unsigned
drain_ring(struct emit *emit, struct rte_ring *ring)
{
	struct rte_mbuf *in[PKT_BURST];
	unsigned n = rte_ring_sc_dequeue_burst(ring, (void **)in, PKT_BURST, NULL);
	const struct emit_egress *egress = NULL;
	struct batch batch = {.n = 0};

	for (unsigned i = 0; i < n; i++)
		rte_prefetch0(in[i]);
	for (unsigned i = 0; i < n; i++) {
		const struct seki_fate *fate = fate_of(in[i]);

		if (egress != &emit->egress[fate->egress]) {
			flush(emit, egress, &batch);
			egress = &emit->egress[fate->egress];
		}
		batch.mbuf[batch.n] = in[i];
		batch.fate[batch.n] = *fate;
		batch.bytes[batch.n] = in[i]->pkt_len;
		batch.n++;
	}
	flush(emit, egress, &batch);
	return n;
}

unsigned
emit_drain(struct emit *emit)
{
	unsigned n = 0;

	for (unsigned i = 0; i < emit->n_rings; i++)
		n += drain_ring(emit, emit->control[i]);
	for (unsigned i = 0; i < emit->n_rings; i++)
		n += drain_ring(emit, emit->data[i]);
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
