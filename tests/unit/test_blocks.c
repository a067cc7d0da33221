/* SPDX-License-Identifier: BSD-3-Clause */
/* Blocks of inside addresses against a plain list that forgets nothing. */
#include "blocks.h"
#include "hash.h"
#include "suite.h"

#include <endian.h>
#include <limits.h>

#define SECRET UINT64_C(0x1234567890abcdef)

struct rig {
	struct seki_blocks b;
	void *memory;
	uint64_t now_ns;
};

static void
rig_init(struct rig *rig, uint32_t n_blocks, unsigned n_zones)
{
	size_t bytes = seki_blocks_bytes(n_blocks);

	rig->memory = aligned_alloc(4096, (bytes + 4095) / 4096 * 4096);
	memset(rig->memory, 0, bytes);
	seki_blocks_init(&rig->b, rig->memory, n_blocks, SECRET);
	seki_blocks_use(&rig->b, n_zones);
	rig->now_ns = UINT64_C(1000000000000);
}

static void
rig_fini(struct rig *rig)
{
	free(rig->memory);
}

static struct pkt
packet(const struct rig *rig, uint16_t zone, uint32_t addr, unsigned vector)
{
	struct pkt p = {
		.arrival_ns = rig->now_ns,
		.zone = zone,
		.l3 = PKT_L3_IP4,
		.vector = (uint8_t)vector,
		.batch = 1,
		.batch_bytes = 100,
		.len = 100,
		.verdict = SEKI_VERDICT_PASS,
	};

	p.dst.v4_be = htobe32(addr);
	return p;
}

static void
count(struct rig *rig, const struct pkt *p, unsigned n)
{
	struct seki_blocks_burst burst = {0};

	seki_blocks_look_burst(&rig->b, p, n == 32 ? UINT32_MAX : (1u << n) - 1, &burst);
	seki_blocks_count_burst(&rig->b, p, UINT_MAX, &burst);
	HOLDS(burst.which == 0, "a burst was not counted to its end");
}

static void
count_one(struct rig *rig, struct pkt p)
{
	count(rig, &p, 1);
}

/* The i-th place of a block, counted through all groups; NULL: there is none. */
static const struct seki_hosts *
block_at(const struct seki_blocks *b, uint32_t i)
{
	const struct seki_group *group = &b->group[i / SEKI_GROUP_BLOCKS];

	return group->tick[i % SEKI_GROUP_BLOCKS] == 0 ? NULL : &b->block[seki_group_at(group, i % SEKI_GROUP_BLOCKS)];
}

/* The block of an address, or NULL. */
static const struct seki_hosts *
block_of(const struct rig *rig, uint16_t zone, uint8_t family, uint64_t address)
{
	const struct seki_hosts *found = NULL;

	for (uint32_t i = 0; i < rig->b.room * SEKI_GROUP_BLOCKS; i++) {
		const struct seki_hosts *block = block_at(&rig->b, i);

		if (block == NULL || block->zone != zone || block->family != family || block->address != address)
			continue;
		ck_assert_msg(found == NULL, "two blocks for one address");
		found = block;
	}
	return found;
}

/* One packet of each kind, and where it is to be found. */
static const struct {
	const char *what;
	uint8_t vector, flow, row, column;
} kinds[] = {
	{"a SYN", SEKI_VECTOR_TCP_SYN, 0, SEKI_VECTOR_TCP_SYN, SEKI_HOST_SYN},
	{"a stray", SEKI_VECTOR_TCP_ACK, 0, SEKI_VECTOR_TCP_ACK, SEKI_HOST_TCP},
	{"UDP", SEKI_VECTOR_UDP, 0, SEKI_VECTOR_UDP, SEKI_HOST_UDP},
	{"ping", SEKI_VECTOR_ICMP_ECHO, 0, SEKI_VECTOR_ICMP_ECHO, SEKI_HOST_OTHER},
	{"GRE", SEKI_VECTOR_GRE, 0, SEKI_VECTOR_GRE, SEKI_HOST_OTHER},
	{"NTP", SEKI_VECTOR_NTP, 0, SEKI_VECTOR_NTP, SEKI_HOST_REFLECTION},
	{"a fragment", SEKI_VECTOR_FRAGMENT, 0, SEKI_VECTOR_FRAGMENT, SEKI_HOST_FRAGMENT},
	{"unreadable", SEKI_VECTOR_NONE, 0, SEKI_VECTOR_NONE, SEKI_HOST_OTHER},
	{"a connection", SEKI_VECTOR_TCP_DATA, PKT_FLOW_KNOWN, SEKI_ROW_KNOWN + SEKI_CLASS_TCP, SEKI_HOST_KNOWN},
	{"an answer", SEKI_VECTOR_DNS, PKT_FLOW_KNOWN | PKT_FLOW_ASKED, SEKI_ROW_KNOWN + SEKI_CLASS_REFLECTION,
		SEKI_HOST_KNOWN},
};

START_TEST(each_kind_has_its_row_and_column)
{
	struct rig rig;
	struct pkt p;
	const struct seki_hosts *block;

	rig_init(&rig, 64, 1);
	p = packet(&rig, 3, 0xc0000215, kinds[_i].vector);
	p.flow = kinds[_i].flow;
	p.batch = 5;
	p.batch_bytes = 401;
	count(&rig, &p, 1);
	block = block_of(&rig, 3, 4, 0xc0000210);
	ck_assert_ptr_nonnull(block);
	ck_assert_msg(
		block->row[kinds[_i].row].packets == 5 && block->row[kinds[_i].row].units == 51, "%s", kinds[_i].what);
	for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
		for (unsigned c = 0; c < SEKI_HOST_UNITS; c++)
			ck_assert_msg(block->host[h].count[c] == (h == 5 && c == kinds[_i].column ? 5 : 0), "%s",
				kinds[_i].what);
	ck_assert_uint_eq(block->host[5].count[SEKI_HOST_UNITS], 51);
	rig_fini(&rig);
}
END_TEST

/* What is dropped, or would be where the zone observes, is counted for the zone by row. */
START_TEST(stopped)
{
	struct rig rig;
	struct pkt p;

	rig_init(&rig, 64, 1);
	p = packet(&rig, 2, 1, SEKI_VECTOR_NTP);
	count(&rig, &p, 1);
	ck_assert_uint_eq(rig.b.zone[2].stopped[SEKI_VECTOR_NTP].packets, 0);
	p.verdict = SEKI_VERDICT_DROP;
	count(&rig, &p, 1);
	p.verdict = SEKI_VERDICT_PASS;
	p.flags = PKT_F_HELD;
	count(&rig, &p, 1);
	ck_assert_uint_eq(rig.b.zone[2].stopped[SEKI_VECTOR_NTP].packets, 2);
	ck_assert_uint_eq(rig.b.zone[2].stopped[SEKI_VECTOR_NTP].bytes, 200);
	rig_fini(&rig);
}
END_TEST

/* What came to one end is counted at once; packets before it in the burst are not asked. */
START_TEST(stopped_alike)
{
	struct rig rig;
	struct seki_blocks_burst burst = {0};
	struct pkt p[4];

	rig_init(&rig, 64, 1);
	for (unsigned i = 0; i < 4; i++) {
		p[i] = packet(&rig, i < 2 ? 3 : 2, 1, i < 2 ? SEKI_VECTOR_DNS : SEKI_VECTOR_FRAGMENT);
		p[i].verdict = i < 2 ? SEKI_VERDICT_PASS : SEKI_VERDICT_DROP;
	}
	seki_blocks_look_burst(&rig.b, p, 0xc, &burst);
	burst.alike_bytes = 200;
	seki_blocks_count_burst(&rig.b, p, SEKI_ENDS_STOPPED, &burst);
	ck_assert_uint_eq(rig.b.zone[2].stopped[SEKI_VECTOR_FRAGMENT].packets, 2);
	ck_assert_uint_eq(rig.b.zone[2].stopped[SEKI_VECTOR_FRAGMENT].bytes, 200);
	ck_assert_uint_eq(rig.b.zone[3].stopped[SEKI_VECTOR_DNS].packets, 0);
	rig_fini(&rig);
}
END_TEST

#define N_ADDRS 4000
#define N_ZONES 7

/* Random packets to random places, more of them than there is room for: nothing is lost, and nobody gets what is
 * another's. */
START_TEST(oracle)
{
	static uint64_t rows[N_ZONES + 1][SEKI_N_ROWS], units[N_ZONES + 1][SEKI_N_ROWS];
	static uint64_t by_block[N_ZONES + 1][2][N_ADDRS / 16];
	struct seki_rng rng;
	struct rig rig;
	uint32_t n_rest = 0;

	memset(rows, 0, sizeof(rows));
	memset(units, 0, sizeof(units));
	memset(by_block, 0, sizeof(by_block));
	seki_rng_init(&rng, 5);
	rig_init(&rig, 1024, N_ZONES);
	for (unsigned round = 0; round < 20000; round++) {
		struct pkt p[PKT_BURST];
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, PKT_BURST);

		for (unsigned i = 0; i < n; i++) {
			uint16_t zone = (uint16_t)(1 + seki_rng_below(&rng, N_ZONES));
			uint32_t addr = (uint32_t)seki_rng_below(&rng, N_ADDRS);
			bool ip6 = seki_rng_below(&rng, 3) == 0;

			p[i] = packet(&rig, zone, addr, (unsigned)seki_rng_below(&rng, SEKI_N_VECTORS));
			p[i].batch = (uint8_t)(1 + seki_rng_below(&rng, 32));
			p[i].batch_bytes = (uint32_t)seki_rng_below(&rng, 50000);
			if (ip6) {
				p[i].l3 = PKT_L3_IP6;
				p[i].dst.q[0] = htobe64(addr / 16);
				p[i].dst.q[1] = seki_rng_next(&rng);
			}
			rows[zone][p[i].vector] += p[i].batch;
			units[zone][p[i].vector] += (p[i].batch_bytes + 7) / 8;
			by_block[zone][ip6][addr / 16] += p[i].batch;
		}
		count(&rig, p, n);
	}
	ck_assert_uint_lt(seki_blocks_used(&rig.b), 1024);
	for (uint32_t i = 0; i < rig.b.room * SEKI_GROUP_BLOCKS; i++) {
		const struct seki_hosts *block = block_at(&rig.b, i);
		bool ip6 = block != NULL && block->family == 6;
		uint64_t in_rows = 0, in_hosts = 0;

		if (block == NULL)
			continue;
		for (unsigned r = 0; r < SEKI_N_ROWS; r++) {
			rows[block->zone][r] -= block->row[r].packets;
			units[block->zone][r] -= block->row[r].units;
			in_rows += block->row[r].packets;
		}
		for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
			for (unsigned c = 0; c < SEKI_HOST_UNITS; c++)
				in_hosts += block->host[h].count[c];
		HOLDS(in_rows == in_hosts, "rows have %llu packets, hosts %llu", (unsigned long long)in_rows,
			(unsigned long long)in_hosts);
		/* Whoever has a block had it from his first packet on or not at all: none ever gave way here. */
		ck_assert_uint_le(in_rows, by_block[block->zone][ip6][ip6 ? block->address : block->address / 16]);
	}
	for (unsigned z = 1; z <= N_ZONES; z++)
		for (unsigned r = 0; r < SEKI_N_ROWS; r++) {
			ck_assert_uint_eq(rows[z][r], rig.b.zone[z].rest.row[r].packets);
			ck_assert_uint_eq(units[z][r], rig.b.zone[z].rest.row[r].units);
			n_rest += rig.b.zone[z].rest.row[r].packets;
		}
	ck_assert_uint_gt(n_rest, 0); /* or the shares were not tried */
	rig_fini(&rig);
}
END_TEST

/* A zone that is flooded all over its space leaves the others their shares. */
START_TEST(shares)
{
	struct rig rig;

	rig_init(&rig, 1024, 4);
	for (uint32_t n = 0; n < 100000; n++)
		count_one(&rig, packet(&rig, 1, n * 16, SEKI_VECTOR_UDP));
	ck_assert_uint_ge(rig.b.zone[1].n_blocks, 256);
	ck_assert_uint_le(rig.b.zone[1].n_blocks, 512);
	ck_assert_uint_gt(rig.b.zone[1].rest.row[SEKI_VECTOR_UDP].packets, 90000);
	for (uint32_t n = 0; n < 200; n++)
		for (uint16_t zone = 2; zone <= 4; zone++)
			count_one(&rig, packet(&rig, zone, n * 16, SEKI_VECTOR_UDP));
	for (uint16_t zone = 2; zone <= 4; zone++)
		ck_assert_uint_ge(rig.b.zone[zone].n_blocks, 190); /* of 200: a bucket may be full */
	rig_fini(&rig);
}
END_TEST

/* What nobody sends to gives way, by itself or to a newcomer; what is busy never does. */
START_TEST(idle_ones_give_way)
{
	struct rig rig;

	rig_init(&rig, 64, 1);
	for (uint32_t n = 0; n < 1000; n++)
		count_one(&rig, packet(&rig, 1, n * 16, SEKI_VECTOR_UDP));
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 64); /* all that the one zone may have */
	for (unsigned t = 0; t < SEKI_BLOCKS_IDLE; t += 100) {
		rig.now_ns += 100 * SEKI_BLOCKS_TICK_NS;
		count_one(&rig, packet(&rig, 1, 0, SEKI_VECTOR_UDP));
		for (unsigned k = 0; k < rig.b.room; k++)
			seki_blocks_sweep(&rig.b, rig.now_ns);
		ck_assert_uint_eq(seki_blocks_used(&rig.b), 64);
	}
	rig.now_ns += SEKI_BLOCKS_TICK_NS;
	for (unsigned k = 0; k < rig.b.room; k++)
		seki_blocks_sweep(&rig.b, rig.now_ns);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 1);
	ck_assert_uint_eq(rig.b.zone[1].n_blocks, 1);
	ck_assert_ptr_nonnull(block_of(&rig, 1, 4, 0));
	rig_fini(&rig);
}
END_TEST

/* A newcomer that finds its bucket full of idle ones takes the place of one, and the accounts stay right. */
START_TEST(newcomers_take_the_place_of_idle_ones)
{
	uint32_t n_keys[4] = {0};
	struct rig rig;

	rig_init(&rig, 64, 1);
	for (uint16_t zone = 1; zone <= 3; zone++) {
		for (uint32_t n = 0; n < 500; n++)
			count_one(&rig, packet(&rig, zone, n * 16, SEKI_VECTOR_UDP));
		rig.now_ns += (zone == 2) * (SEKI_BLOCKS_IDLE + 1) * SEKI_BLOCKS_TICK_NS;
	}
	ck_assert_uint_eq(rig.b.zone[3].n_blocks, 64);
	for (uint32_t i = 0; i < rig.b.room * SEKI_GROUP_BLOCKS; i++)
		n_keys[block_at(&rig.b, i) == NULL ? 0 : block_at(&rig.b, i)->zone]++;
	for (uint16_t zone = 1; zone <= 3; zone++)
		ck_assert_uint_eq(rig.b.zone[zone].n_blocks, n_keys[zone]);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), n_keys[1] + n_keys[2] + n_keys[3]);
	ck_assert_uint_lt(n_keys[1] + n_keys[2], 2 * 64); /* or nobody gave way */
	rig_fini(&rig);
}
END_TEST

/* Every place is found, whether neighbours come or strangers: the /28s of a /12, a row of numbers, or one of each /24.
 */
START_TEST(places_are_found)
{
	for (uint64_t secret = 1; secret < 2000; secret += 99) {
		struct rig rig;

		rig_init(&rig, 4096, 1);
		seki_blocks_init(&rig.b, rig.memory, 4096, secret * UINT64_C(0x9e3779b97f4a7c15));
		for (uint32_t n = 0; n < 4096; n++)
			count_one(&rig, packet(&rig, 1, 0x0a000000 + n * (_i == 0 ? 16 : 256), SEKI_VECTOR_UDP));
		ck_assert_uint_gt(seki_blocks_used(&rig.b), 4096 * 97 / 100);
		rig_fini(&rig);
	}
}
END_TEST

#define N_TICKS 40
#define A_TICK 500

/* The same packets in bursts of a size, none of which spans two ticks: as they come offline. */
static void
count_in_bursts(struct rig *rig, unsigned size)
{
	struct seki_rng rng;

	seki_rng_init(&rng, 21);
	for (unsigned tick = 0; tick < N_TICKS; tick++) {
		struct pkt p[A_TICK];

		rig->now_ns += (tick == N_TICKS / 2 ? SEKI_BLOCKS_IDLE + 2 : 1) * SEKI_BLOCKS_TICK_NS;
		for (unsigned i = 0; i < A_TICK; i++) {
			/* More blocks than there is room for, and half a minute in which all may give way. */
			p[i] = packet(rig, (uint16_t)(1 + seki_rng_below(&rng, 3)),
				(uint32_t)seki_rng_below(&rng, 8000), (unsigned)seki_rng_below(&rng, SEKI_N_VECTORS));
			p[i].flow = seki_rng_below(&rng, 4) == 0 ? PKT_FLOW_KNOWN | PKT_FLOW_NEW : 0;
			p[i].flags = PKT_F_TCP;
			p[i].verdict = seki_rng_below(&rng, 3) == 0 ? SEKI_VERDICT_DROP : SEKI_VERDICT_PASS;
			p[i].batch_bytes = (uint32_t)seki_rng_below(&rng, 1500);
		}
		for (unsigned i = 0; i < A_TICK; i += size)
			count(rig, &p[i], i + size < A_TICK ? size : A_TICK - i);
	}
}

/* What is counted, and which blocks there are, does not depend on how packets are put into bursts. */
START_TEST(bursts_do_not_matter)
{
	struct rig one, other;

	rig_init(&one, 256, 3);
	rig_init(&other, 256, 3);
	count_in_bursts(&one, 1);
	count_in_bursts(&other, (unsigned)_i);
	ck_assert_uint_gt(one.b.zone[1].rest.row[SEKI_VECTOR_UDP].packets, 0);
	ck_assert_uint_gt(one.b.zone[1].completed, 0);
	ck_assert_uint_eq(seki_blocks_used(&one.b), seki_blocks_used(&other.b));
	ck_assert_msg(memcmp(one.memory, other.memory, seki_blocks_bytes(256)) == 0, "bursts of %d", _i);
	rig_fini(&one);
	rig_fini(&other);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("blocks");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, each_kind_has_its_row_and_column, 0, N(kinds));
	tcase_add_test(tests, stopped);
	tcase_add_test(tests, stopped_alike);
	tcase_add_test(tests, oracle);
	tcase_add_test(tests, shares);
	tcase_add_test(tests, idle_ones_give_way);
	tcase_add_test(tests, newcomers_take_the_place_of_idle_ones);
	tcase_add_loop_test(tests, places_are_found, 0, 2);
	tcase_add_loop_test(tests, bursts_do_not_matter, 2, PKT_BURST + 1);
	return suite_run("blocks", tests);
}
