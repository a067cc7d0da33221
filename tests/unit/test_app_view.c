/* SPDX-License-Identifier: BSD-3-Clause */
/* Wire: what the packet path sees of an mbuf. */
#include "app_rig.h"
#include "app_spec.h"
#include "path.h"
#include "suite.h"

#define PIECE 4u /* bytes of each piece */

static struct path path;

static void
setup(void)
{
	struct seki_spec spec = small_spec(1, SEKI_ROLE_RXTX);

	path_init(&path, &(struct path_config){0}, &spec);
}

/* A frame in n pieces of PIECE bytes. */
static struct rte_mbuf *
frame_of(unsigned n)
{
	struct rte_mbuf *piece[N_MBUFS];

	ck_assert_int_eq(rte_pktmbuf_alloc_bulk(pool, piece, n), 0);
	for (unsigned i = 0; i < n; i++) {
		memset(rte_pktmbuf_append(piece[i], PIECE), (int)i, PIECE);
		if (i > 0)
			piece[i - 1]->next = piece[i];
	}
	piece[0]->nb_segs = (uint16_t)n;
	piece[0]->pkt_len = n * PIECE;
	return piece[0];
}

/* Of the frame's pieces, the first `n` are seen. */
static void
check_pieces(const struct pkt *p, const struct rte_mbuf *m, unsigned n)
{
	const struct pkt_seg *seg = p->segs;

	ck_assert_ptr_eq(p->data, rte_pktmbuf_mtod(m, const uint8_t *));
	ck_assert_uint_eq(p->len, m->pkt_len);
	ck_assert_uint_eq(p->linear, PIECE);
	for (unsigned i = 1; i < n; i++, seg = seg->next) {
		m = m->next;
		ck_assert_msg(seg != NULL, "piece %u of %u is missing", i, n);
		ck_assert_ptr_eq(seg->data, rte_pktmbuf_mtod(m, const uint8_t *));
		ck_assert_uint_eq(seg->len, PIECE);
	}
	ck_assert_ptr_null(seg);
}

/* All frames of a burst share the room for pieces. Where it is used up, a frame ends for whoever reads it. */
START_TEST(pieces_have_room_for_so_many)
{
	static const unsigned n_pieces[] = {100, 60, 1, 2};

	ck_assert_uint_eq(PATH_SEGS, 128);
	for (unsigned i = 0; i < N(n_pieces); i++)
		mbuf[i] = frame_of(n_pieces[i]);
	path_view(&path, 0, mbuf, N(n_pieces), 5);
	check_pieces(&path.pkt[0], mbuf[0], 100);
	check_pieces(&path.pkt[1], mbuf[1], 1 + PATH_SEGS - 99);
	check_pieces(&path.pkt[2], mbuf[2], 1);
	check_pieces(&path.pkt[3], mbuf[3], 1);
	ck_assert_uint_eq(path.n_segs, PATH_SEGS);
	pkt_parse_burst(path.pkt, N(n_pieces), path.headers);
	ck_assert_uint_eq(path.pkt[3].defect, SEKI_REASON_L2_TRUNCATED);

	path_view(&path, 0, &mbuf[1], 1, 5); /* the next burst has it all again */
	check_pieces(&path.pkt[0], mbuf[1], 60);
	rte_pktmbuf_free_bulk(mbuf, N(n_pieces));
	check_pool();
}
END_TEST

/* What the port says of the IPv4 header's checksum counts; nobody asks what it says of the payload's. */
static const struct said_row {
	const char *what;
	uint64_t ol_flags;
	uint16_t flags;
} said_rows[] = {
	{"nothing", 0, 0},
	{"good", RTE_MBUF_F_RX_IP_CKSUM_GOOD, PKT_F_CSUM_OK},
	{"bad", RTE_MBUF_F_RX_IP_CKSUM_BAD, PKT_F_CSUM_BAD},
	{"not there to be checked", RTE_MBUF_F_RX_IP_CKSUM_NONE, 0},
	{"L4 bad", RTE_MBUF_F_RX_L4_CKSUM_BAD, 0},
	{"L4 good", RTE_MBUF_F_RX_L4_CKSUM_GOOD, 0},
	{"good, L4 bad", RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD, PKT_F_CSUM_OK},
	{"bad, L4 good", RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD, PKT_F_CSUM_BAD},
	{"good, and more", RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_VLAN, PKT_F_CSUM_OK},
};

START_TEST(checksums_are_the_ports_word)
{
	const struct said_row *row = &said_rows[_i];

	mbuf[0] = frame_of(1);
	mbuf[0]->ol_flags = row->ol_flags;
	path.pkt[0].flags = UINT16_MAX; /* of the packet that was here before */
	path_view(&path, 1, mbuf, 1, 5);
	ck_assert_msg(path.pkt[0].flags == (PKT_F_REAL_DIR | row->flags), "%s: %x", row->what, path.pkt[0].flags);
	ck_assert_uint_eq(path.pkt[0].in_port, 1);
	ck_assert_uint_eq(path.pkt[0].direction, SEKI_DIR_OUTBOUND);
	ck_assert_uint_eq(path.pkt[0].arrival_ns, 5);
	rte_pktmbuf_free(mbuf[0]);
	check_pool();
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_view");

	rig_open();
	tcase_add_checked_fixture(tests, setup, NULL);
	tcase_add_test(tests, pieces_have_room_for_so_many);
	tcase_add_loop_test(tests, checksums_are_the_ports_word, 0, N(said_rows));
	return suite_run("app_view", tests);
}
