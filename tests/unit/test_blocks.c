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
count_as(struct rig *rig, const struct pkt *p, unsigned n, bool alike)
{
	struct seki_blocks_burst burst = {0};

	seki_blocks_look_burst(&rig->b, p, n == 32 ? UINT32_MAX : (1u << n) - 1, alike, &burst);
	seki_blocks_count_burst(&rig->b, p, UINT_MAX, &burst);
	HOLDS(burst.which == 0, "a burst was not counted to its end");
}

static void
count(struct rig *rig, const struct pkt *p, unsigned n)
{
	count_as(rig, p, n, false);
}

static void
count_one(struct rig *rig, struct pkt p)
{
	count(rig, &p, 1);
}

/* A cell: whose it is, and what it has counted. */
struct found {
	struct seki_group_of of; /* of its block, not of its group; never claimed */
	bool whole;
	struct seki_cell hosts; /* zeros if there are none */
	struct seki_came came;  /* in all */
};

/* The i-th place of a cell, counted through all groups. False: there is none. */
static bool
cell_at(const struct rig *rig, uint32_t i, struct found *out)
{
	const struct seki_group *group = &rig->b.group[i / SEKI_GROUP_CELLS4];
	bool ip4 = seki_group_is_ip4(group->key);
	unsigned m = i % SEKI_GROUP_CELLS4;

	if (group->key == 0 || m >= (ip4 ? SEKI_GROUP_CELLS4 : SEKI_GROUP_CELLS6) ||
		*seki_group_tick(ip4, group, m) == 0)
		return false;
	*out = (struct found){.of = rig->b.of[i / SEKI_GROUP_CELLS4], .whole = seki_group_is_whole(ip4, group, m)};
	out->of.address += m * (ip4 ? SEKI_BLOCK_HOSTS : 1);
	out->of.claims = 0;
	memset(out->of.cell, 0, sizeof(out->of.cell));
	if (!ip4)
		out->came = group->v6.whole[m];
	if (!out->whole)
		out->hosts = rig->b.cell[seki_group_cell(&rig->b, ip4, group, m)];
	for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++) {
		out->came.packets += out->hosts.host[h].packets;
		out->came.units += out->hosts.host[h].units;
	}
	return true;
}

static uint32_t
n_places(const struct rig *rig)
{
	return rig->b.n_groups * SEKI_GROUP_CELLS4;
}

/* The cell of a row of a block, if there is one. */
static bool
find_cell(const struct rig *rig, struct seki_group_of of, struct found *out)
{
	struct found one;
	bool found = false;

	for (uint32_t i = 0; i < n_places(rig); i++) {
		if (!cell_at(rig, i, &one) || memcmp(&one.of, &of, sizeof(of)) != 0)
			continue;
		ck_assert_msg(!found, "two cells for one row of a block");
		*out = one;
		found = true;
	}
	return found;
}

static struct found
cell_of(const struct rig *rig, struct seki_group_of of)
{
	struct found out = {.whole = false};

	ck_assert_msg(find_cell(rig, of, &out), "no cell");
	return out;
}

/* One packet of each kind, and where it is to be found. */
static const struct {
	const char *what;
	uint8_t vector, flow, row;
} kinds[] = {
	{"a SYN", SEKI_VECTOR_TCP_SYN, 0, SEKI_VECTOR_TCP_SYN},
	{"a stray", SEKI_VECTOR_TCP_ACK, 0, SEKI_VECTOR_TCP_ACK},
	{"UDP", SEKI_VECTOR_UDP, 0, SEKI_VECTOR_UDP},
	{"ping", SEKI_VECTOR_ICMP_ECHO, 0, SEKI_VECTOR_ICMP_ECHO},
	{"GRE", SEKI_VECTOR_GRE, 0, SEKI_VECTOR_GRE},
	{"NTP", SEKI_VECTOR_NTP, 0, SEKI_VECTOR_NTP},
	{"a fragment", SEKI_VECTOR_FRAGMENT, 0, SEKI_VECTOR_FRAGMENT},
	{"unreadable", SEKI_VECTOR_NONE, 0, SEKI_VECTOR_NONE},
	{"a connection", SEKI_VECTOR_TCP_DATA, PKT_FLOW_KNOWN, SEKI_ROW_KNOWN + SEKI_CLASS_TCP},
	{"an answer", SEKI_VECTOR_DNS, PKT_FLOW_KNOWN | PKT_FLOW_ASKED, SEKI_ROW_KNOWN + SEKI_CLASS_REFLECTION},
};

START_TEST(each_kind_has_its_row)
{
	struct rig rig;
	struct pkt p;
	struct found cell;

	rig_init(&rig, 64, 1);
	p = packet(&rig, 3, 0xc0000215, kinds[_i].vector);
	p.flow = kinds[_i].flow;
	p.batch = 5;
	p.batch_bytes = 401;
	count(&rig, &p, 1);
	cell = cell_of(&rig, (struct seki_group_of){0xc0000210, 3, 4, kinds[_i].row, 0, {0}});
	for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
		ck_assert_msg(
			cell.hosts.host[h].packets == (h == 5 ? 5 : 0) && cell.hosts.host[h].units == (h == 5 ? 51 : 0),
			"%s", kinds[_i].what);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 1);
	rig_fini(&rig);
}
END_TEST

/* Whom an allow list vouches for counts as known, wherever the list is asked. */
START_TEST(allowed)
{
	struct rig rig;
	struct pkt p[2];

	rig_init(&rig, 64, 1);
	p[0] = packet(&rig, 3, 0xc0000215, SEKI_VECTOR_UDP);
	p[1] = p[0];
	p[1].reason = SEKI_REASON_ALLOWED;
	count(&rig, p, 2);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t row = i == 0 ? SEKI_VECTOR_UDP : SEKI_ROW_KNOWN + SEKI_CLASS_UDP;
		struct found cell = cell_of(&rig, (struct seki_group_of){0xc0000210, 3, 4, row, 0, {0}});

		ck_assert_uint_eq(cell.hosts.host[5].packets, 1);
	}
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
	seki_blocks_look_burst(&rig.b, p, 0xc, false, &burst);
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
	static uint32_t by_block[N_ZONES + 1][2][N_ADDRS / 16][SEKI_N_ROWS];
	struct seki_rng rng;
	struct rig rig;
	uint32_t n_rest = 0, n_whole = 0, n_turned = 0;

	memset(rows, 0, sizeof(rows));
	memset(units, 0, sizeof(units));
	memset(by_block, 0, sizeof(by_block));
	seki_rng_init(&rng, 5);
	rig_init(&rig, 1024, N_ZONES);
	for (unsigned z = 1; z <= N_ZONES; z++) /* some count hosts at once, some soon, some never */
		for (unsigned row = 0; row < SEKI_N_ROWS; row++)
			seki_blocks_whole(&rig.b, (uint16_t)z, row, z % 3 == 0 ? 0 : z % 3 == 1 ? 40 : UINT32_MAX);
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
			by_block[zone][ip6][addr / 16][p[i].vector] += p[i].batch;
		}
		count(&rig, p, n);
		rig.now_ns += round % 1000 == 0 ? SEKI_BLOCKS_TICK_NS : 0;
	}
	for (uint32_t i = 0; i < n_places(&rig); i++) {
		const struct seki_group_of *of;
		struct found cell;
		uint32_t addr;

		if (!cell_at(&rig, i, &cell))
			continue;
		of = &cell.of;
		addr = (uint32_t)(of->family == 6 ? of->address : of->address / 16);
		units[of->zone][of->row] -= cell.came.units;
		rows[of->zone][of->row] -= cell.came.packets;
		n_whole += cell.whole;
		n_turned += !cell.whole && of->family == 6 && of->zone % 3 == 1;
		/* Whoever has a cell had it from his first packet on or not at all: none ever gave way here. */
		HOLDS(cell.came.packets == by_block[of->zone][of->family == 6][addr][of->row], "%u of %u",
			cell.came.packets, by_block[of->zone][of->family == 6][addr][of->row]);
	}
	ck_assert_uint_gt(n_whole, 0);
	ck_assert_uint_gt(n_turned, 0);
	for (unsigned z = 1; z <= N_ZONES; z++)
		for (unsigned r = 0; r < SEKI_N_ROWS; r++) {
			ck_assert_uint_eq(rows[z][r], rig.b.zone[z].rest[r].packets);
			ck_assert_uint_eq(units[z][r], rig.b.zone[z].rest[r].units);
			n_rest += rig.b.zone[z].rest[r].packets;
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
	ck_assert_uint_ge(rig.b.zone[1].n_cells, 2048);
	ck_assert_uint_le(rig.b.zone[1].n_cells, 4096);
	ck_assert_uint_gt(rig.b.zone[1].rest[SEKI_VECTOR_UDP].packets, 90000);
	for (uint32_t n = 0; n < 200; n++)
		for (uint16_t zone = 2; zone <= 4; zone++)
			count_one(&rig, packet(&rig, zone, n * 16, SEKI_VECTOR_UDP));
	for (uint16_t zone = 2; zone <= 4; zone++)
		ck_assert_uint_ge(rig.b.zone[zone].n_cells, 190); /* of 200: a set of groups may be full */
	rig_fini(&rig);
}
END_TEST

/* What nobody sends to gives way by itself, within the time of a sweep; what is busy never does. */
START_TEST(idle_ones_give_way)
{
	const unsigned sweep_ticks = SEKI_BLOCKS_SWEEP_NS / SEKI_BLOCKS_TICK_NS;
	struct rig rig;

	rig_init(&rig, 64, 1);
	for (uint32_t n = 0; n < 1000; n++)
		count_one(&rig, packet(&rig, 1, n * 16, SEKI_VECTOR_UDP));
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 64 * SEKI_BLOCK_CELLS); /* all that the one zone may have */
	for (unsigned t = 0; t < SEKI_BLOCKS_IDLE + sweep_ticks; t++) {
		if (t <= SEKI_BLOCKS_IDLE)
			ck_assert_uint_eq(seki_blocks_used(&rig.b), 64 * SEKI_BLOCK_CELLS);
		rig.now_ns += SEKI_BLOCKS_TICK_NS;
		count_one(&rig, packet(&rig, 1, 0, SEKI_VECTOR_UDP));
		seki_blocks_sweep(&rig.b, rig.now_ns);
	}
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 1);
	ck_assert_uint_eq(rig.b.zone[1].n_cells, 1);
	cell_of(&rig, (struct seki_group_of){0, 1, 4, SEKI_VECTOR_UDP, 0, {0}});
	rig_fini(&rig);
}
END_TEST

/* A newcomer that finds its set full of idle ones takes the place of one, and the accounts stay right. */
START_TEST(newcomers_take_the_place_of_idle_ones)
{
	uint32_t n_cells[4] = {0};
	struct found cell;
	struct rig rig;

	rig_init(&rig, 64, 1);
	for (uint16_t zone = 1; zone <= 3; zone++) {
		for (uint32_t n = 0; n < 4000; n++)
			count_one(&rig, packet(&rig, zone, n * 16, SEKI_VECTOR_UDP));
		rig.now_ns += (zone == 2) * (SEKI_BLOCKS_IDLE + 1) * SEKI_BLOCKS_TICK_NS;
	}
	ck_assert_uint_eq(rig.b.zone[3].n_cells, 64 * SEKI_BLOCK_CELLS);
	for (uint32_t i = 0; i < n_places(&rig); i++)
		if (cell_at(&rig, i, &cell))
			n_cells[cell.of.zone]++;
	for (uint16_t zone = 1; zone <= 3; zone++)
		ck_assert_uint_eq(rig.b.zone[zone].n_cells, n_cells[zone]);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), n_cells[1] + n_cells[2] + n_cells[3]);
	ck_assert_uint_lt(n_cells[1] + n_cells[2], 2 * 64 * SEKI_BLOCK_CELLS); /* or nobody gave way */
	rig_fini(&rig);
}
END_TEST

/* Nearly every place is found, whether neighbours come or strangers: the /28s of a /12, a row of numbers, or one of
 * each /24 or /20; in IPv6 the /64s of a /52, or one of each /60, /56, /48 or /40. */
static const struct {
	uint8_t family;
	uint64_t step;
} steps[] = {{4, 16}, {4, 256}, {4, 4096}, {6, 1}, {6, 16}, {6, 256}, {6, 65536}, {6, 1 << 24}};

START_TEST(places_are_found)
{
	for (uint64_t secret = 1; secret < 2000; secret += 99) {
		struct rig rig;

		rig_init(&rig, 4096, 1);
		seki_blocks_init(&rig.b, rig.memory, 4096, secret * UINT64_C(0x9e3779b97f4a7c15));
		for (uint32_t n = 0; n < 4096; n++) {
			struct pkt p = packet(&rig, 1, 0x0a000000 + (uint32_t)(n * steps[_i].step), SEKI_VECTOR_UDP);

			if (steps[_i].family == 6) {
				p.l3 = PKT_L3_IP6;
				p.dst.q[0] = htobe64(UINT64_C(0x2001000000000000) + n * steps[_i].step);
			}
			count_one(&rig, p);
		}
		ck_assert_uint_gt(seki_blocks_used(&rig.b), 4096 * 97 / 100);
		rig_fini(&rig);
	}
}
END_TEST

/* One block in each group, neighbours. */
static void
flood_groups(struct rig *rig, uint16_t zone, uint32_t net, uint32_t groups)
{
	for (uint32_t n = 0; n < groups; n++)
		count_one(rig, packet(rig, zone, net + n * SEKI_BLOCK_HOSTS * SEKI_GROUP_CELLS4, SEKI_VECTOR_UDP));
}

/* A zone whose neighbours take half of the places, wherever they lie to its own: it finds nearly all that it wants. */
START_TEST(runs_that_meet)
{
	for (uint64_t secret = 1; secret < 4000; secret += 99) {
		struct rig rig;
		uint32_t wanted;

		rig_init(&rig, 4096, 2);
		seki_blocks_init(&rig.b, rig.memory, 4096, secret * UINT64_C(0x9e3779b97f4a7c15));
		seki_blocks_use(&rig.b, 2);
		wanted = rig.b.n_groups / 16;
		flood_groups(&rig, 1, 0x0a000000, rig.b.n_groups / 2);
		flood_groups(&rig, 2, 0x0b000000, wanted);
		ck_assert_msg(rig.b.zone[2].n_cells >= wanted * 97 / 100, "secret %llu: %u of %u",
			(unsigned long long)secret, rig.b.zone[2].n_cells, wanted);
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
	for (unsigned row = 0; row < SEKI_N_ROWS; row++)
		seki_blocks_whole(&rig->b, 2, row, 4);
	for (unsigned tick = 0; tick < N_TICKS; tick++) {
		struct pkt p[A_TICK];

		rig->now_ns += (tick == N_TICKS / 2 ? SEKI_BLOCKS_IDLE + 2 : 1) * SEKI_BLOCKS_TICK_NS;
		for (unsigned i = 0; i < A_TICK; i++) {
			/* More blocks than there is room for, and half a minute in which all may give way. */
			p[i] = packet(rig, (uint16_t)(1 + seki_rng_below(&rng, 3)),
				(uint32_t)seki_rng_below(&rng, 8000), (unsigned)seki_rng_below(&rng, SEKI_N_VECTORS));
			if (seki_rng_below(&rng, 2) == 0) {
				p[i].l3 = PKT_L3_IP6;
				p[i].dst.q[0] = htobe64(seki_rng_below(&rng, 8));
				p[i].dst.q[1] = seki_rng_next(&rng);
				p[i].vector = (uint8_t)seki_rng_below(&rng, 2);
			}
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
	ck_assert_uint_gt(one.b.zone[1].rest[SEKI_VECTOR_UDP].packets, 0);
	ck_assert_uint_gt(one.b.zone[1].completed, 0);
	ck_assert_uint_eq(seki_blocks_used(&one.b), seki_blocks_used(&other.b));
	ck_assert_msg(memcmp(one.memory, other.memory, seki_blocks_bytes(256)) == 0, "bursts of %d", _i);
	rig_fini(&one);
	rig_fini(&other);
}
END_TEST

/* What is said to be alike is counted as it would be anyway. */
START_TEST(alike)
{
	struct rig one, other;
	struct seki_rng rng;

	seki_rng_init(&rng, 31 + (uint64_t)_i);
	rig_init(&one, 256, 1);
	rig_init(&other, 256, 1);
	for (unsigned round = 0; round < 2000; round++) {
		unsigned n = 1 + (unsigned)seki_rng_below(&rng, PKT_BURST), vector = round % SEKI_N_VECTORS;
		struct pkt p[PKT_BURST];

		for (unsigned i = 0; i < n; i++) {
			uint32_t addr = (uint32_t)seki_rng_below(&rng, N_ADDRS);

			p[i] = packet(&one, 3, addr, vector);
			p[i].flow = _i % 2 == 0 ? 0 : PKT_FLOW_KNOWN;
			if (_i < 2)
				continue;
			p[i].l3 = PKT_L3_IP6;
			p[i].dst.q[0] = htobe64(addr);
			p[i].dst.q[1] = seki_rng_next(&rng);
		}
		count_as(&one, p, n, true);
		count_as(&other, p, n, false);
		one.now_ns = other.now_ns += SEKI_BLOCKS_TICK_NS / 7;
	}
	ck_assert_uint_gt(seki_blocks_used(&one.b), 100);
	ck_assert_msg(memcmp(one.memory, other.memory, seki_blocks_bytes(256)) == 0, "not the same");
	rig_fini(&one);
	rig_fini(&other);
}
END_TEST

/* `n` packets to one host of an IPv6 block, in a tick of their own. */
static void
come6(struct rig *rig, uint64_t net, uint64_t host, unsigned n)
{
	struct pkt p = packet(rig, 1, 0, SEKI_VECTOR_UDP);

	rig->now_ns += SEKI_BLOCKS_TICK_NS;
	p.arrival_ns = rig->now_ns;
	p.l3 = PKT_L3_IP6;
	p.dst.q[0] = htobe64(net);
	p.dst.q[1] = htobe64(host);
	while (n-- > 0)
		count_one(rig, p);
}

static struct found
cell6(const struct rig *rig, uint64_t net)
{
	return cell_of(rig, (struct seki_group_of){net, 1, 6, SEKI_VECTOR_UDP, 0, {0}});
}

/* An IPv6 block is counted as a whole until more came to it in a tick than was asked for; from then on by hosts, until
 * it is idle. Its neighbours do not matter. */
START_TEST(hosts_are_told_apart_where_much_comes)
{
	struct found cell;
	struct rig rig;

	rig_init(&rig, 64, 1);
	seki_blocks_whole(&rig.b, 1, SEKI_VECTOR_UDP, 10);
	for (unsigned t = 0; t < 5; t++)
		come6(&rig, 0x20010db800000001, t, 10);
	come6(&rig, 0x20010db800000002, 1, 1000);
	cell = cell6(&rig, 0x20010db800000001);
	ck_assert(cell.whole && cell.came.packets == 50);
	ck_assert(cell6(&rig, 0x20010db800000002).whole);
	come6(&rig, 0x20010db800000001, 7, 11);
	ck_assert(cell6(&rig, 0x20010db800000001).whole);
	come6(&rig, 0x20010db800000001, 7, 1);
	cell = cell6(&rig, 0x20010db800000001);
	ck_assert(!cell.whole && cell.came.packets == 62);
	ck_assert_uint_eq(
		cell.hosts.host[seki_blocks_host(false, (const uint8_t[16]){[15] = 7}, rig.b.factor)].packets, 1);
	ck_assert(cell6(&rig, 0x20010db800000002).whole);
	for (unsigned t = 0; t < 5; t++)
		come6(&rig, 0x20010db800000001, t, 1);
	ck_assert(!cell6(&rig, 0x20010db800000001).whole);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), 2);
	rig.now_ns += (SEKI_BLOCKS_IDLE + 1) * SEKI_BLOCKS_TICK_NS;
	come6(&rig, 0x20010db800000003, 1, 1);
	seki_blocks_sweep(&rig.b, rig.now_ns);
	come6(&rig, 0x20010db800000001, 1, 1);
	ck_assert(cell6(&rig, 0x20010db800000001).whole);
	ck_assert_uint_eq(seki_blocks_used(&rig.b), rig.b.zone[1].n_cells);
	rig_fini(&rig);
}
END_TEST

/* A place that was IPv6's becomes IPv4's, and back: nothing of what was there is left. */
START_TEST(families_take_each_others_places)
{
	struct rig rig;

	rig_init(&rig, 64, 1);
	seki_blocks_whole(&rig.b, 1, SEKI_VECTOR_UDP, UINT32_MAX);
	for (unsigned round = 0; round < 6; round++) {
		for (uint32_t n = 0; n < 4000; n++) {
			if (round % 2 == 0)
				come6(&rig, 0x20010db800000000 + (round * 4000 + n) * 64, n, 3);
			else
				count_one(&rig, packet(&rig, 1, n * 1024 + 5, SEKI_VECTOR_UDP));
			rig.now_ns -= round % 2 == 0 ? SEKI_BLOCKS_TICK_NS : 0;
		}
		for (uint32_t i = 0; i < n_places(&rig); i++) {
			struct found cell;

			if (!cell_at(&rig, i, &cell) || (cell.of.family == 6) != (round % 2 == 0))
				continue;
			/* A cell's hosts go on from where another's were. */
			if (cell.of.family == 6)
				ck_assert_uint_eq(cell.came.packets, 3);
			ck_assert_uint_eq(cell.whole, cell.of.family == 6);
		}
		ck_assert_uint_ge(seki_blocks_used(&rig.b), 32 * SEKI_BLOCK_CELLS);
		ck_assert_uint_eq(seki_blocks_used(&rig.b), rig.b.zone[1].n_cells);
		rig.now_ns += (SEKI_BLOCKS_IDLE + 2) * SEKI_BLOCKS_TICK_NS;
	}
	rig_fini(&rig);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("blocks");

	tcase_set_timeout(tests, 120);
	tcase_add_loop_test(tests, each_kind_has_its_row, 0, N(kinds));
	tcase_add_test(tests, allowed);
	tcase_add_test(tests, stopped);
	tcase_add_test(tests, stopped_alike);
	tcase_add_test(tests, oracle);
	tcase_add_test(tests, shares);
	tcase_add_test(tests, idle_ones_give_way);
	tcase_add_test(tests, newcomers_take_the_place_of_idle_ones);
	tcase_add_test(tests, hosts_are_told_apart_where_much_comes);
	tcase_add_test(tests, families_take_each_others_places);
	tcase_add_loop_test(tests, places_are_found, 0, N(steps));
	tcase_add_test(tests, runs_that_meet);
	tcase_add_loop_test(tests, alike, 0, 4);
	tcase_add_loop_test(tests, bursts_do_not_matter, 2, PKT_BURST + 1);
	return suite_run("blocks", tests);
}
