/* SPDX-License-Identifier: BSD-3-Clause */
#include "feed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_mbuf.h>

/* What a frame is in the capture; travels in its first buffer. */
struct tag {
	struct direction direction;
	uint32_t len;
	bool cut; /* the capture has fewer bytes of it than the wire had */
	uint64_t number;
	uint64_t now_ns;   /* what the packet path sees */
	uint64_t stamp_ns; /* what the file says, and the clean copy repeats */
};

/* A packet on its way through path_burst, after which its buffer may be gone. */
struct slot {
	const struct rte_mbuf *mbuf;
	uint64_t number, now_ns;
	bool cut;
};

static struct tag *
tag_of(struct rte_mbuf *mbuf)
{
	return rte_mbuf_to_priv(mbuf);
}

size_t
feed_priv_size(void)
{
	return RTE_ALIGN_CEIL(sizeof(struct tag), RTE_MBUF_PRIV_ALIGN);
}

/* Reads ahead. 1: there is a packet; 0: the end; -EIO. */
static int
read_ahead(struct feed *feed, struct seki_err *err)
{
	int rc = capture_next(feed->capture, &feed->next, err);

	if (rc == 1)
		feed->now_ns = stamps_next(&feed->report->stamps, feed->next.time_ns);
	return rc;
}

/* Bytes of the frame that go into the buffer which starts at `at`: small pieces only as far as headers can be. */
static uint32_t
piece_size(const struct feed *feed, uint32_t at)
{
	uint32_t room = at < PKT_HEADERS_MAX ? feed->segment : OFFLINE_DATA_ROOM;

	return feed->next.caplen - at < room ? feed->next.caplen - at : room;
}

static unsigned
count_pieces(const struct feed *feed)
{
	unsigned n = 1;

	for (uint32_t at = piece_size(feed, 0); at < feed->next.caplen; at += piece_size(feed, at))
		n++;
	return n;
}

/*
 * The frame that was read ahead, as a port would deliver it. NULL: no buffers. A frame that the capture cut short
 * keeps its length on the wire in pkt_len, with fewer bytes behind it: the parser then knows what is missing.
 */
static struct rte_mbuf *
make_frame(const struct feed *feed)
{
	const struct capture_packet *frame = &feed->next;
	struct rte_mbuf *head = NULL, **link = &head;
	uint32_t at = 0, n;
	uint16_t pieces = 0;

	do {
		struct rte_mbuf *piece = rte_pktmbuf_alloc(feed->offline->pool);

		if (piece == NULL) {
			rte_pktmbuf_free(head);
			return NULL;
		}
		n = piece_size(feed, at);
		memcpy(rte_pktmbuf_mtod(piece, void *), frame->data + at, n);
		piece->data_len = (uint16_t)n;
		*link = piece;
		link = &piece->next;
		at += n;
		pieces++;
	} while (at < frame->caplen);
	head->nb_segs = pieces;
	head->pkt_len = frame->len;
	*tag_of(head) = (struct tag){
		.direction = direction_of(feed->spec, frame->data, frame->caplen),
		.len = frame->len,
		.cut = frame->caplen < frame->len,
		.number = feed->report->packets,
		.now_ns = feed->now_ns,
		.stamp_ns = frame->time_ns,
	};
	return head;
}

/*
 * Fills a burst with frames before the next tick whose further pieces fit one burst's room, at least one frame.
 * Returns how many; `more` becomes what reading ahead said last.
 */
static int
gather(struct feed *feed, struct rte_mbuf **mbuf, int *more, struct seki_err *err)
{
	unsigned n = 0, pieces = 0;

	while (*more == 1 && n < feed->burst && feed->now_ns < feed->tick_ns) {
		pieces += count_pieces(feed) - 1;
		if (n > 0 && pieces > PATH_SEGS)
			break;
		feed->report->packets++;
		if (feed->report->packets == 1)
			feed->report->first_ns = feed->now_ns;
		feed->report->last_ns = feed->now_ns;
		mbuf[n] = make_frame(feed);
		if (mbuf[n] == NULL) {
			rte_pktmbuf_free_bulk(mbuf, n);
			seki_err_add(err, NULL, 0, "out of packet buffers at packet %llu",
				(unsigned long long)feed->report->packets);
			return -ENOMEM;
		}
		n++;
		*more = read_ahead(feed, err);
	}
	return (int)n;
}

static void
keep_rows(struct feed *feed, const struct pkt *pkt, unsigned n, struct rte_mbuf *const *mbuf, const struct slot *slot)
{
	for (unsigned i = 0; i < n; i++) {
		const struct pkt *p = &pkt[i];

		while (slot->mbuf != mbuf[i]) /* those that went to another core are not in mbuf[] any more */
			slot++;
		feed->row[feed->n_rows++] = (struct report_row){
			.number = slot->number,
			.time_ns = slot->now_ns,
			.zone = p->zone,
			.direction = p->direction,
			.verdict = p->verdict,
			.reason = p->reason,
			.cut = slot->cut,
		};
	}
}

/* Through the packet path of one core; keeps the rows of what stayed there. */
static void
put_burst(struct feed *feed, struct path *path, struct rte_mbuf **mbuf, unsigned n, bool steered)
{
	struct slot slot[PKT_BURST];

	seki_pipeline_sweep(&path->pipe, tag_of(mbuf[0])->now_ns);
	path_view(path, direction_default_port(feed->spec), mbuf, n, 0);
	for (unsigned i = 0; i < n; i++) {
		const struct tag *tag = tag_of(mbuf[i]);
		struct pkt *pkt = &path->pkt[i];

		slot[i] = (struct slot){.mbuf = mbuf[i], .number = tag->number, .now_ns = tag->now_ns, .cut = tag->cut};
		pkt->arrival_ns = tag->now_ns;
		pkt->in_port = tag->direction.in_port;
		pkt->direction = (uint8_t)tag->direction.dir;
		if (!tag->direction.real)
			pkt->flags &= (uint16_t)~PKT_F_REAL_DIR;
	}
	n = path_burst(path, mbuf, n, steered);
	keep_rows(feed, path->pkt, n, mbuf, slot);
}

/* What the cores handed to each other. */
static void
put_steered(struct feed *feed)
{
	struct offline *offline = feed->offline;
	struct rte_mbuf *mbuf[PKT_BURST];

	for (unsigned to = 0; to < offline->n_cores && offline->n_cores > 1; to++) {
		struct offline_core *core = &offline->core[to];

		for (unsigned from = 0; from < offline->n_cores; from++) {
			unsigned n = steer_take(&core->steer, from, mbuf);

			if (n > 0)
				put_burst(feed, core->path, mbuf, n, true);
		}
	}
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t p = tag_of(*(struct rte_mbuf *const *)a)->number;
	const uint64_t q = tag_of(*(struct rte_mbuf *const *)b)->number;

	return (p > q) - (p < q);
}

static void
write_frame(struct feed *feed, struct rte_mbuf *mbuf, uint8_t *copy)
{
	const struct tag *tag = tag_of(mbuf);
	struct capture_packet out = {.data = copy, .len = tag->len, .time_ns = tag->stamp_ns};

	for (const struct rte_mbuf *piece = mbuf; piece != NULL; piece = piece->next) {
		memcpy(copy + out.caplen, rte_pktmbuf_mtod(piece, const void *), piece->data_len);
		out.caplen += piece->data_len;
	}
	capture_writer_put(feed->writer, &out);
}

/* Empties the sink: in the order of the capture, whatever order cores and control traffic gave it. */
static int
drain_sink(struct feed *feed, uint8_t *copy)
{
	struct rte_mbuf *mbuf[PKT_BURST];
	unsigned n = rte_ring_sc_dequeue_burst(feed->offline->sink, (void **)mbuf, PKT_BURST, NULL);

	qsort(mbuf, n, sizeof(mbuf[0]), by_number);
	for (unsigned i = 0; i < n && feed->writer != NULL; i++)
		write_frame(feed, mbuf[i], copy);
	rte_pktmbuf_free_bulk(mbuf, n);
	feed->report->written += n;
	return (int)n;
}

static int
row_by_number(const void *a, const void *b)
{
	const struct report_row *p = a, *q = b;

	return (p->number > q->number) - (p->number < q->number);
}

static void
write_rows(struct feed *feed)
{
	qsort(feed->row, feed->n_rows, sizeof(feed->row[0]), row_by_number);
	for (unsigned i = 0; i < feed->n_rows; i++) {
		report_count(feed->report, &feed->row[i]);
		if (feed->rows != NULL)
			report_row(feed->rows, feed->offline->policy, &feed->row[i]);
	}
	feed->n_rows = 0;
}

/* The tick's view of postures; one thread reads and writes the snapshot. 0 or -ENOMEM. */
static int
tick_postures(struct feed *feed, uint64_t now_ns)
{
	struct offline *offline = feed->offline;

	arms_tick(offline->arms, offline->policy, now_ns);
	arms_hold(offline->arms, offline->snapshot);
	if (offline->guard == NULL)
		return 0;
	guard_tick(offline->guard, offline->policy, offline->arms, now_ns, now_ns);
	guard_lease(offline->guard, offline->leases);
	return guard_raise(offline->guard, offline->snapshot);
}

static bool
is_quiet(const struct feed *feed)
{
	return feed->offline->guard == NULL || guard_is_quiet(feed->offline->guard);
}

/*
 * All ticks up to now_ns. Once one of them changes nothing, and nothing is going on that time alone would end, none
 * will until packets come: then the last one says what time has made of it.
 */
static int
run_ticks(struct feed *feed, struct seki_err *err)
{
	while (feed->tick_ns <= feed->now_ns) {
		int changed = leases_tick(feed->offline->leases, feed->offline->policy);

		if (changed < 0 || tick_postures(feed, feed->tick_ns) < 0) {
			seki_err_add(err, NULL, 0, "no memory for the budgets of the zones");
			return -ENOMEM;
		}
		feed->tick_ns += LEASE_TICK_NS;
		if (changed != 0 || !is_quiet(feed) || feed->tick_ns > feed->now_ns)
			continue;
		feed->tick_ns += (feed->now_ns - feed->tick_ns) / LEASE_TICK_NS * LEASE_TICK_NS;
	}
	return 0;
}

int
feed_run(struct feed *feed, struct seki_err *err)
{
	uint8_t *copy = malloc(CAPTURE_FRAME_MAX);
	struct rte_mbuf *mbuf[PKT_BURST];
	int more, n, rc = 0;

	more = read_ahead(feed, err);
	feed->tick_ns = feed->now_ns;
	if (feed->rows != NULL)
		report_row_header(feed->rows);
	while (more == 1 && copy != NULL) {
		rc = run_ticks(feed, err);
		n = rc < 0 ? rc : gather(feed, mbuf, &more, err);
		if (n < 0) {
			rc = n;
			break;
		}
		put_burst(feed, feed->offline->core[feed->n_bursts++ % feed->offline->n_cores].path, mbuf, (unsigned)n,
			false);
		put_steered(feed);
		while (drain_sink(feed, copy) > 0)
			;
		write_rows(feed);
	}
	/* What came after the last tick is seen by one more: some attacks are over sooner. */
	if (rc == 0 && more == 0 && feed->report->packets > 0) {
		feed->now_ns = feed->tick_ns;
		rc = run_ticks(feed, err);
	}
	free(copy);
	feed->report->complete = more == 0 && rc == 0;
	return copy == NULL ? -ENOMEM : rc < 0 ? rc : more;
}
