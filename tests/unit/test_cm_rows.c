/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Every countermeasure against a table of packets, each row in all three modes through seki_decide_burst: off must
 * leave no trace, observe must record and pass, enforce must end the packet. Zones are made by hand from the
 * countermeasures' own parameter tables, so a default that changes shows here.
 */
#include "cm_rows.h"

static struct pkt
row_packet(const struct row *row, unsigned i)
{
	const char *src = row->src != NULL ? row->src : "198.51.100.7";
	struct pkt p = inbound(row->pkt, src, strchr(src, ':') != NULL ? "2001:db8:a::1" : "192.0.2.1");

	p.arrival_ns += i * row->gap_ns;
	return p;
}

static void
check_packet(const struct row *row, unsigned i, enum cm_mode mode, const struct pkt *p)
{
	bool hit = mode != CM_MODE_OFF && i >= row->count - row->hits;
	enum seki_reason ends = hit && mode == CM_MODE_ENFORCE ? row->reason : SEKI_REASON_CLEAN;
	bool held_back = hit && mode == CM_MODE_OBSERVE && seki_reason_verdict(row->reason) == SEKI_VERDICT_DROP;
	enum seki_reason observed = held_back ? row->reason : SEKI_REASON_NONE;

	ck_assert_msg(p->reason == ends, "%s: %s, %s: packet %u ends with %s", cm_ops[row->cm]->name, row->about,
		cm_mode_name(mode), i, seki_reason_name(p->reason));
	ck_assert_msg(p->verdict == seki_reason_verdict(ends), "%s: %s, %s: packet %u gets %s", cm_ops[row->cm]->name,
		row->about, cm_mode_name(mode), i, seki_verdict_name(p->verdict));
	ck_assert_msg(p->observed == observed, "%s: %s, %s: packet %u is observed as %s", cm_ops[row->cm]->name,
		row->about, cm_mode_name(mode), i, seki_reason_name(p->observed));
	ck_assert_uint_eq(p->hit, 0);
}

START_TEST(row_in_every_mode)
{
	const struct row *row = &rows[_i];
	uint64_t param[CM_PARAMS_MAX];

	ck_assert_msg(fill_params(param, cm_ops[row->cm], &row->config) == 0, "%s: no such parameter", row->about);
	for (enum cm_mode mode = CM_MODE_OFF; mode <= CM_MODE_ENFORCE; mode++) {
		struct bench *b = bench_create(&row->config);
		uint32_t bit = 1u << row->cm;

		bench_mode(b, mode == CM_MODE_OFF ? 0 : bit, mode == CM_MODE_ENFORCE ? bit : 0);
		for (unsigned i = 0; i < row->count; i++) {
			struct pkt p = row_packet(row, i);

			bench_decide(b, &p, 1);
			check_packet(row, i, mode, &p);
		}
		bench_destroy(b);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("cm_rows");

	tcase_add_loop_test(tests, row_in_every_mode, 0, N(rows));
	return suite_run("cm_rows", tests);
}
