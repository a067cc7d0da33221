/* SPDX-License-Identifier: BSD-3-Clause */
/* A link that fails on one side is passed on to the other, and taken back. */
#include "link.h"
#include "suite.h"

#define SECOND UINT64_C(1000000000)

/* Steps of one story: what the ports say, and what Seki must then order. */
static const struct link_row {
	const char *what;
	bool can_set[2];
	struct {
		unsigned at_s;
		bool up[2];
		enum link_order order[2];
	} step[6];
} link_rows[] = {
	{"both up: nothing to do", {true, true}, {{1, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
	{"a failure is passed on and taken back", {true, true},
		{{1, {true, true}, {LINK_KEEP, LINK_KEEP}}, {2, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}},
			{3, {false, false}, {LINK_KEEP, LINK_KEEP}}, {4, {true, false}, {LINK_KEEP, LINK_RELEASE}},
			{5, {true, false}, {LINK_KEEP, LINK_KEEP}}, {6, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
	{"a side that Seki holds down holds nobody down", {true, true},
		{{1, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}, {2, {false, false}, {LINK_KEEP, LINK_KEEP}},
			{3, {false, false}, {LINK_KEEP, LINK_KEEP}}, {4, {false, true}, {LINK_RELEASE, LINK_KEEP}}}},
	{"a released side may take its time", {true, true},
		{{1, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}}, {2, {true, false}, {LINK_KEEP, LINK_RELEASE}},
			{11, {true, false}, {LINK_KEEP, LINK_KEEP}},
			{12, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}}},
	{"down at start is down", {true, true},
		{{0, {false, true}, {LINK_KEEP, LINK_FORCE_DOWN}}, {1, {true, false}, {LINK_KEEP, LINK_RELEASE}}}},
	{"a port that cannot is left alone", {true, false},
		{{1, {false, true}, {LINK_KEEP, LINK_KEEP}}, {2, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}}}},
	{"both down at once hold each other for good? no: each comes back by itself", {true, true},
		{{1, {false, false}, {LINK_KEEP, LINK_KEEP}}, {2, {true, false}, {LINK_FORCE_DOWN, LINK_KEEP}},
			{3, {false, true}, {LINK_RELEASE, LINK_KEEP}}, {4, {true, true}, {LINK_KEEP, LINK_KEEP}}}},
};

START_TEST(link_orders)
{
	const struct link_row *row = &link_rows[_i];
	struct link_pair pair;

	link_init(&pair, row->can_set[0], row->can_set[1]);
	for (unsigned s = 0; s < 6; s++) {
		enum link_order order[2];
		bool changed[2];

		if (s > 0 && row->step[s].at_s == 0)
			break;
		link_step(&pair, row->step[s].up, row->step[s].at_s * SECOND, order, changed);
		for (unsigned i = 0; i < 2; i++)
			ck_assert_msg(order[i] == row->step[s].order[i], "%s: step %u, side %u: order %d, not %d",
				row->what, s, i, order[i], row->step[s].order[i]);
	}
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("app_link");

	tcase_add_loop_test(tests, link_orders, 0, N(link_rows));
	return suite_run("app_link", tests);
}
