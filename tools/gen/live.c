/* SPDX-License-Identifier: BSD-3-Clause */
#include "live.h"

#include "order.h"
#include "port.h"
#include "report.h"
#include "seen.h"
#include "stream.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BURST 32u

/* Of one port, before it is the other's turn and what is due is sent. */
#define RECEIVE_BURSTS 4u

/* How long what comes from outside waits for what went before it from inside (order.h). */
#define ORDER_PATIENCE_NS UINT64_C(100000000)

/* How long a port may refuse a burst before the rest of it counts as not sent. */
#define PATIENCE_NS UINT64_C(250000000)

enum {
	OUTSIDE,
	INSIDE,
};

/* Frames for one port, in order. */
struct burst {
	unsigned n, port;
	struct rte_mbuf *mbuf[BURST];
	uint64_t due_ns[BURST];
	uint64_t digest[BURST];
	char label[BURST];
};

struct live {
	const struct gen_options *options;
	struct gen_ports ports;
	struct gen_seen seen;
	struct gen_stream stream;
	struct gen_tally tally;
	struct gen_tally_mark mark; /* as of the last line of --interval */
	struct burst burst;
	struct gen_order order;
	uint64_t held_ns;              /* since when the next packet waits for its turn; 0: it does not */
	uint64_t start_ns, first_ns;   /* the clock, and the trace's time, when sending begins */
	const struct gen_frame *frame; /* the next one; NULL: there is no more */
};

static volatile sig_atomic_t stop;

static void
on_signal(int signal)
{
	(void)signal;
	stop = 1;
}

static uint64_t
clock_ns(clockid_t which)
{
	struct timespec now;

	clock_gettime(which, &now);
	return (uint64_t)now.tv_sec * GEN_NS_PER_S + (uint64_t)now.tv_nsec;
}

/* Since sending began. */
static uint64_t
now_of(const struct live *live)
{
	return clock_ns(CLOCK_MONOTONIC) - live->start_ns;
}

static void
receive_one(struct live *live, unsigned port, const struct rte_mbuf *mbuf, uint64_t now_ns)
{
	uint8_t copy[14 + 4 + 4 + GEN_SEEN_BYTES];
	uint32_t len = rte_pktmbuf_pkt_len(mbuf), n = len < sizeof(copy) ? len : (uint32_t)sizeof(copy);
	const uint8_t *head = rte_pktmbuf_read(mbuf, 0, n, copy);
	uint64_t digest = head != NULL ? gen_seen_digest(&live->seen, head, len) : 0, sent_ns;
	char label;

	if (digest == 0 || !gen_seen_take(&live->seen, digest, &sent_ns, &label)) {
		live->tally.unknown++;
		return;
	}
	gen_tally_passed(&live->tally, label, len, sent_ns, now_ns);
	if (port == OUTSIDE && live->ports.n == GEN_PORTS_MAX)
		gen_order_passed(&live->order);
}

/* Takes in what is there, of each port no more than would keep the next packet waiting. */
static void
receive(struct live *live)
{
	struct rte_mbuf *mbuf[BURST];

	for (unsigned p = 0; p < live->ports.n; p++) {
		uint16_t n = BURST;

		for (unsigned i = 0; i < RECEIVE_BURSTS && n == BURST; i++) {
			uint64_t now_ns;

			n = rte_eth_rx_burst(live->ports.id[p], 0, mbuf, BURST);
			if (n == 0)
				break;
			now_ns = now_of(live);
			for (uint16_t j = 0; j < n; j++)
				receive_one(live, p, mbuf[j], now_ns);
			rte_pktmbuf_free_bulk(mbuf, n);
		}
	}
}

/* `first` to `end` were sent at that time. */
static void
count_sent(struct live *live, const uint32_t *bytes, unsigned first, unsigned end, uint64_t now_ns)
{
	const struct burst *burst = &live->burst;

	for (unsigned i = first; i < end; i++) {
		uint64_t behind_ns = now_ns > burst->due_ns[i] ? now_ns - burst->due_ns[i] : 0;

		gen_tally_sent(&live->tally, burst->label[i], bytes[i], now_ns);
		if (burst->port == INSIDE)
			gen_order_sent(&live->order, burst->due_ns[i]);
		live->tally.late += behind_ns > GEN_LATE_NS;
		if (behind_ns > live->tally.worst_late_ns)
			live->tally.worst_late_ns = behind_ns;
	}
}

/* Sends the burst. While the port takes nothing, what comes in is taken in: whoever is in between may wait for that. */
static void
flush(struct live *live)
{
	struct burst *burst = &live->burst;
	uint64_t began_ns = now_of(live), now_ns = began_ns;
	uint32_t bytes[BURST];
	unsigned done = 0;

	for (unsigned i = 0; i < burst->n; i++) {
		bytes[i] = rte_pktmbuf_pkt_len(burst->mbuf[i]);
		gen_seen_put(&live->seen, burst->digest[i], now_ns, burst->label[i]);
	}
	while (done < burst->n && now_ns - began_ns < PATIENCE_NS && !stop) {
		unsigned sent = rte_eth_tx_burst(
			live->ports.id[burst->port], 0, &burst->mbuf[done], (uint16_t)(burst->n - done));

		count_sent(live, bytes, done, done + sent, began_ns);
		done += sent;
		if (done < burst->n) {
			receive(live);
			now_ns = now_of(live);
		}
	}
	live->tally.unsent += burst->n - done;
	rte_pktmbuf_free_bulk(&burst->mbuf[done], burst->n - done);
	burst->n = 0;
}

static void
next_frame(struct live *live)
{
	do
		live->frame = gen_stream_next(&live->stream);
	while (live->frame != NULL && !live->stream.inbound && live->ports.n < GEN_PORTS_MAX);
}

static uint64_t
due_of(const struct live *live)
{
	return live->stream.time_ns - live->first_ns;
}

/* Puts the next frame into the burst. False: there is no buffer. */
static bool
append(struct live *live)
{
	struct burst *burst = &live->burst;
	const struct gen_frame *frame = live->frame;
	struct rte_mbuf *mbuf = rte_pktmbuf_alloc(live->ports.pool);

	if (mbuf == NULL)
		return false;
	memcpy(rte_pktmbuf_append(mbuf, (uint16_t)frame->len), frame->data, frame->len);
	burst->mbuf[burst->n] = mbuf;
	burst->due_ns[burst->n] = due_of(live);
	burst->digest[burst->n] = gen_seen_digest(&live->seen, frame->data, frame->len);
	burst->label[burst->n] = live->stream.label;
	burst->n++;
	return true;
}

/* True if the next frame may go. If it has waited for too long, what it waited for is lost. */
static bool
has_its_turn(struct live *live, uint64_t now_ns)
{
	if (!live->stream.inbound || gen_order_ready(&live->order, due_of(live))) {
		live->held_ns = 0;
		return true;
	}
	if (live->held_ns == 0)
		live->held_ns = now_ns;
	if (now_ns - live->held_ns < ORDER_PATIENCE_NS)
		return false;
	gen_order_give_up(&live->order);
	live->held_ns = 0;
	return true;
}

/* Sends what is due, up to one burst for each change of port, and no more than two of them. */
static void
send_due(struct live *live)
{
	uint64_t now_ns = now_of(live);

	for (unsigned i = 0; i < 2 * BURST && live->frame != NULL && due_of(live) <= now_ns; i++) {
		unsigned port = live->stream.inbound ? OUTSIDE : INSIDE;

		if (!has_its_turn(live, now_ns))
			break;
		if (live->burst.n == BURST || (live->burst.n > 0 && live->burst.port != port))
			flush(live);
		live->burst.port = port;
		if (!append(live))
			break;
		next_frame(live);
	}
	if (live->burst.n > 0)
		flush(live);
}

static void
say_interval(struct live *live, uint64_t *next_ns, uint64_t now_ns)
{
	if (!live->options->interval || now_ns < *next_ns)
		return;
	gen_report_interval(live->options->json ? stderr : stdout, &live->tally, &live->mark, now_ns);
	*next_ns = (now_ns / GEN_NS_PER_S + 1) * GEN_NS_PER_S;
}

/* Until all is sent or a signal comes; returns how long that took. */
static uint64_t
send_all(struct live *live)
{
	uint64_t next_line_ns = GEN_NS_PER_S, now_ns;

	live->start_ns = clock_ns(CLOCK_MONOTONIC);
	live->tally.start_wall_ns = clock_ns(CLOCK_REALTIME);
	live->first_ns = live->stream.trace.start_ns;
	next_frame(live);
	while (live->frame != NULL && !stop) {
		send_due(live);
		receive(live);
		say_interval(live, &next_line_ns, now_of(live));
	}
	now_ns = now_of(live);
	while (now_of(live) - now_ns < live->options->linger_ns)
		receive(live);
	return now_ns;
}

static bool
wait_for_links(struct live *live)
{
	uint64_t end_ns = clock_ns(CLOCK_MONOTONIC) + live->options->wait_ns;

	while (!gen_ports_start(&live->ports) && !stop) {
		if (clock_ns(CLOCK_MONOTONIC) >= end_ns) {
			fprintf(stderr,
				"seki-gen: not every port has started and has its link up: is the other end there?\n");
			return false;
		}
		usleep(10000);
	}
	return true;
}

/* A second signal does no more than the first: what was made must be removed. */
static void
catch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	sigaction(SIGHUP, &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* whoever reads the report may go away */
}

int
gen_live(const struct gen_options *options)
{
	static struct live live;
	int rc = 1;

	catch_signals();
	live.options = options;
	gen_tally_init(&live.tally);
	gen_seen_init(&live.seen, gen_mix(options->seed + 1));
	gen_stream_init(&live.stream, options);
	if (gen_ports_open(&live.ports, options->device) == 0 && wait_for_links(&live)) {
		live.tally.length_ns = send_all(&live);
		live.tally.given_up = live.order.given_up;
		rc = gen_report(options, &live.tally, stop != 0);
	}
	gen_ports_close(&live.ports);
	gen_stream_fini(&live.stream);
	gen_seen_fini(&live.seen);
	gen_tally_fini(&live.tally);
	return rc;
}
