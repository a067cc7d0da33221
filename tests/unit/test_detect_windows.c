/* SPDX-License-Identifier: BSD-3-Clause */
/* Sliding sums against all that ever came, kept in a list. */
#include "hash.h"
#include "span.h"
#include "suite.h"
#include "tree.h"

#define N_TICKS 3000

static uint32_t packets[N_TICKS], units[N_TICKS]; /* what came, by ticks since `first` */
static uint32_t first;

/* What came in the ticks from..to, both included. */
static uint64_t
sum_of(const uint32_t *came, int64_t from, int64_t to)
{
	uint64_t sum = 0;

	for (int64_t i = from < 0 ? 0 : from; i <= to; i++)
		sum += came[i];
	return sum;
}

/* The last two and ten ticks, and the ten seconds of which the last is not over. */
static void
check_span(const struct span *s, const uint32_t *came, uint32_t at)
{
	int64_t now = at - first, seconds = (int64_t)(first + now) / 10 * 10 - 90 - first;

	HOLDS(span_in_two(s, at) == sum_of(came, now - 1, now), "two ticks at %u", at);
	HOLDS(s->in_second == sum_of(came, now - 9, now), "a second at %u", at);
	HOLDS(s->in_ten == sum_of(came, seconds, now), "ten seconds at %u", at);
}

static void
check_cell(const struct cell *cell)
{
	check_span(&cell->packets, packets, cell->at);
	check_span(&cell->units, units, cell->at);
}

/* Ticks that are stepped to, and after how many more something comes: every gap at least once, most of them small. */
START_TEST(sums)
{
	struct cell cell = {.at = 0};
	struct seki_rng rng;
	uint32_t tick;

	seki_rng_init(&rng, (uint64_t)_i);
	first = tick = 1000 + (uint32_t)_i;
	memset(packets, 0, sizeof(packets));
	memset(units, 0, sizeof(units));
	cell.at = tick;
	while (tick - first < N_TICKS) {
		for (unsigned n = (unsigned)seki_rng_below(&rng, 4); n > 0; n--) {
			uint32_t p = (uint32_t)seki_rng_below(&rng, 100000),
				 u = (uint32_t)seki_rng_below(&rng, 1000000);

			cell_add(&cell, p, u);
			packets[tick - first] += p;
			units[tick - first] += u;
		}
		check_cell(&cell);
		tick += seki_rng_below(&rng, 10) != 0 ? 1 : 1 + (uint32_t)seki_rng_below(&rng, 120);
		if (tick - first >= N_TICKS)
			break;
		cell_advance(&cell, tick);
		check_cell(&cell);
	}
}
END_TEST

/* Every gap there can be, from a second in which each tick is full: what is left is what is young enough. */
START_TEST(gaps)
{
	first = 5000;
	for (uint32_t gap = 0; gap < 250; gap++) {
		struct cell cell = {.at = first};

		memset(packets, 0, sizeof(packets));
		memset(units, 0, sizeof(units));
		for (uint32_t i = 0; i < 137; i++) {
			cell_advance(&cell, first + i);
			cell_add(&cell, packets[i] = i + 1, units[i] = 7);
		}
		cell_advance(&cell, first + 136 + gap);
		check_cell(&cell);
	}
}
END_TEST

/* A cell that is brought to where it is loses nothing. */
START_TEST(stands_still)
{
	struct cell cell = {.at = 77};

	cell_add(&cell, 3, 4);
	cell_advance(&cell, 77);
	ck_assert_uint_eq(cell.packets.in_second, 3);
	ck_assert_uint_eq(cell.units.in_ten, 4);
}
END_TEST

/* Ticks have 32 bits. Once in 13 years their number begins anew, in the middle of a second: then sums may hold what is
 * up to a second too old, never twice, and ten seconds after that they are exact again. */
START_TEST(ticks_begin_anew)
{
	struct cell cell = {.at = UINT32_MAX - 500};

	for (uint32_t i = 0; i < 1000; i++) {
		cell_advance(&cell, UINT32_MAX - 500 + i);
		cell_add(&cell, 1, 1);
		ck_assert_uint_le(cell.packets.in_second, 10);
		ck_assert_uint_le(cell.packets.in_ten, 100);
		if (i > 600 || i < 500) {
			ck_assert_uint_eq(cell.packets.in_second, i < 10 ? i + 1 : 10);
			ck_assert_uint_eq(span_in_two(&cell.packets, cell.at), i == 0 ? 1 : 2);
		}
	}
	for (uint32_t i = 0; i < 100; i++)
		cell_advance(&cell, cell.at + 1);
	ck_assert_uint_eq(cell.packets.in_second, 0);
	ck_assert_uint_eq(cell.packets.in_ten, 0);
}
END_TEST

/* The hosts of a block's vector have the same windows: here each tick brings one packet to one of them. */
START_TEST(hosts_step_over_quiet_ticks)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	struct node *block;

	tree_init(tree, UINT64_C(0x9e3779b97f4a7c15));
	block = tree_block(tree, 1, 4, 0xc0000200);
	for (uint32_t gap = 1; gap < 130; gap++) {
		uint32_t at = 1000 * gap;
		struct hosts *h = tree_cell(tree, block, SEKI_VECTOR_UDP, true, at)->hosts;

		hosts_open(h, at);
		h->tick[at % SPAN_SLOTS][3]++;
		h->in_second[3]++;
		h = tree_cell(tree, block, SEKI_VECTOR_UDP, true, at + gap)->hosts;
		/* It is at the tick before, whose place the tick will take. */
		ck_assert_uint_eq(h->at, at + gap == h->at ? at + gap : at + gap - 1);
		ck_assert_msg(h->in_second[3] == (gap <= 10 ? 1u : 0u), "%u ticks after", gap);
	}
	tree_fini(tree);
	free(tree);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("detect_windows");

	tcase_set_timeout(tests, 60);
	tcase_add_loop_test(tests, sums, 0, 40);
	tcase_add_test(tests, gaps);
	tcase_add_test(tests, stands_still);
	tcase_add_test(tests, ticks_begin_anew);
	tcase_add_test(tests, hosts_step_over_quiet_ticks);
	return suite_run("detect_windows", tests);
}
