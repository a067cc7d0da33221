/* SPDX-License-Identifier: BSD-3-Clause */
/* Ticks in which there is no memory for the tree: what they cannot count, the next ones do, and all of them are told
 * of. */
#include "blocks_rig.h"
#include "collect.h"

#include <stdlib.h>

#define HOSTS 2048
#define PACKETS 7

/* The tree's memory comes by this. */
static bool no_memory;

void *
aligned_alloc(size_t alignment, size_t size)
{
	void *memory = NULL;

	if (no_memory || posix_memalign(&memory, alignment, size) != 0)
		return NULL;
	return memory;
}

static void
flood(struct blocks_rig *rig)
{
	for (unsigned h = 0; h < HOSTS; h++)
		come(rig, (struct place){(UINT64_C(0x0a000000) + h * 16) << 32, 4, 1}, SEKI_VECTOR_NTP, PACKETS);
}

static uint32_t
seen(const struct collect *c)
{
	const struct node *zone = c->tree.zone[1];

	return zone == NULL || zone->cell[SEKI_VECTOR_NTP] == NULL ? 0 : zone->cell[SEKI_VECTOR_NTP]->packets.in_second;
}

START_TEST(later)
{
	struct collect *c = calloc(1, sizeof(*c));
	struct seki_limits limits;
	struct blocks_rig rig;

	blocks_rig_init(&rig, HOSTS, 1);
	ck_assert_int_eq(collect_init(c, rig.core, RIG_CORES), 0);
	seki_limits_default(&limits);
	collect_watch(c, 1, &limits);
	collect_tick(c, rig.now_ns);
	no_memory = true;
	flood(&rig);
	for (unsigned tick = 1; tick <= 3; tick++) {
		rig.now_ns += RIG_TICK;
		collect_tick(c, rig.now_ns);
		ck_assert_uint_eq(c->ticks_short, tick);
		ck_assert_uint_lt(seen(c), HOSTS * PACKETS);
		flood(&rig);
	}
	no_memory = false;
	rig.now_ns += RIG_TICK;
	collect_tick(c, rig.now_ns);
	ck_assert_uint_eq(c->ticks_short, 3);
	ck_assert_uint_eq(seen(c), 4 * HOSTS * PACKETS);
	ck_assert_uint_eq(c->tree.leaves.n, HOSTS);
	collect_fini(c);
	free(c);
	blocks_rig_fini(&rig);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("collect_memory");

	tcase_add_test(tests, later);
	return suite_run("collect_memory", tests);
}
