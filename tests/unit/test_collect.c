/* SPDX-License-Identifier: BSD-3-Clause */
/* What came to whom, from the blocks of several cores, against a plain list. */
#include "collect_model.h"

static struct blocks_rig rig;
static struct collect *c;
static struct seki_limits limits[MODEL_ZONES + 1];
static struct model *model;

static void
setup(void)
{
	blocks_rig_init(&rig, 1024, MODEL_ZONES);
	c = calloc(1, sizeof(*c));
	model = calloc(1, sizeof(*model));
	ck_assert_int_eq(collect_init(c, rig.core, RIG_CORES), 0);
	for (uint16_t z = 1; z <= MODEL_ZONES; z++) {
		seki_limits_default(&limits[z]);
		collect_watch(c, z, &limits[z]);
	}
	model_init(model);
	model->tick = (uint32_t)(rig.now_ns / RIG_TICK);
}

static void
teardown(void)
{
	collect_fini(c);
	free(c);
	free(model);
	blocks_rig_fini(&rig);
}

/* The tick is read, and the next one begins. */
static void
next_tick(void)
{
	rig.now_ns += RIG_TICK;
	model_step(model);
}

static void
come_to(struct model_host *host, unsigned v, uint32_t packets)
{
	struct place place = host->place;

	come(&rig, place, model_vector[v], packets);
	host->came[model->tick % MODEL_TICKS][v] += packets;
}

/* Limits of a zone's vector, for hosts and for all of it. */
static void
limit_to(uint16_t zone, unsigned vector, struct seki_rate host, struct seki_rate all)
{
	limits[zone].at[SEKI_LEVEL_HOST][vector] = host;
	limits[zone].at[SEKI_LEVEL_ZONE][vector] = all;
	seki_limits_between(&limits[zone], vector);
	collect_watch(c, zone, &limits[zone]);
}

/* The nodes that there are below zones; the tree's buckets are many, and nearly all empty. */
static const struct node *nodes[4096];
static unsigned n_nodes;

static void
list_nodes(void)
{
	n_nodes = 0;
	for (unsigned b = 0; b < TREE_BUCKETS; b++)
		for (const struct node *node = c->tree.bucket[b]; node != NULL && n_nodes < N(nodes); node = node->next)
			nodes[n_nodes++] = node;
	ck_assert_uint_lt(n_nodes, N(nodes));
}

static const struct node *
node_at(const struct model_host *host, unsigned level)
{
	if (level == SEKI_LEVEL_ZONE)
		return c->tree.zone[host->place.zone];
	for (unsigned i = 0; i < n_nodes; i++)
		if (nodes[i]->level == level && nodes[i]->zone == host->place.zone &&
			nodes[i]->family == host->place.family && nodes[i]->address == host->at[level])
			return nodes[i];
	return NULL;
}

/* The over of a place; NULL: there is none. */
static const struct over *
over_at(const struct model_host *host, unsigned level, unsigned vector)
{
	const struct node *node = node_at(host, level == SEKI_LEVEL_HOST ? SEKI_LEVEL_BLOCK : level);
	unsigned number = (unsigned)(host->place.net >> 32) & 15;
	const struct over *found = NULL;

	for (uint32_t i = 0; i < c->n_overs; i++) {
		const struct over *o = &c->over[i];

		if (o->node != node || o->vector != vector || (o->host == HOST_NONE) != (level != SEKI_LEVEL_HOST) ||
			(level == SEKI_LEVEL_HOST && o->host != number))
			continue;
		HOLDS(found == NULL, "one place is over twice");
		found = o;
	}
	return found;
}

/* What the windows of a node's row hold is what came. */
static void
check_window(const struct node *node, unsigned v, struct model_sums wanted)
{
	const struct cell *cell = node == NULL ? NULL : node->cell[model_vector[v]];
	struct cell now = cell == NULL ? (struct cell){.at = c->tick} : *cell;

	cell_advance(&now, c->tick);
	HOLDS(now.packets.in_second == wanted.ten, "%u packets in a second, not %llu", now.packets.in_second,
		(unsigned long long)wanted.ten);
	HOLDS(now.units.in_second == wanted.ten * MODEL_UNITS, "units in a second");
	HOLDS(span_in_two(&now.packets, now.at) == wanted.two, "packets in two ticks");
}

static void
check_over(const struct model_host *host, unsigned level, unsigned v, struct model_sums sums, bool looked_at)
{
	struct seki_rate limit = limits[host->place.zone].at[level][model_vector[v]];
	const struct over *over = over_at(host, level, model_vector[v]);
	bool wanted = looked_at && model_exceeds(sums, limit);
	uint64_t pps = sums.ten > 5 * sums.two ? sums.ten : 5 * sums.two;

	HOLDS((over != NULL) == wanted, "level %u of %s: %llu in a second, %llu in two ticks, limit %llu and %llu: %s",
		level, seki_vector_name(model_vector[v]), (unsigned long long)sums.ten, (unsigned long long)sums.two,
		(unsigned long long)limit.pps, (unsigned long long)limit.bps, over == NULL ? "not seen" : "seen");
	HOLDS(over == NULL || (over->pps == pps && over->bps == pps * MODEL_UNITS * 64), "at another rate");
}

/* The windows and overs of all levels. A place is looked at where something of the vector came in the tick, a host
 * where it came to its block. */
static void
check_all(void)
{
	list_nodes();
	for (unsigned i = 0; i < MODEL_N; i++) {
		const struct model_host *host = &model->host[i];

		if (host->place.family == 6 && i % MODEL_HOSTS != 0)
			continue; /* the same /64 again */
		for (unsigned v = 0; v < MODEL_VECTORS; v++) {
			struct model_sums sums = {0};
			bool to_block = false;

			for (unsigned l = SEKI_LEVEL_BLOCK; l < SEKI_N_LEVELS; l++) {
				sums = model_node(model, host, l, v);
				to_block |= l == SEKI_LEVEL_BLOCK && sums.now > 0;
				check_window(node_at(host, l), v, sums);
				check_over(host, l, v, sums, sums.now > 0);
			}
			if (host->place.family != 4)
				continue;
			sums = (struct model_sums){0};
			model_add(model, host, v, &sums);
			check_over(host, SEKI_LEVEL_HOST, v, sums, to_block);
		}
	}
	ck_assert_uint_eq(c->overs_lost, 0);
	ck_assert(!c->tree.out_of_memory);
}

/* Random places get random amounts around their limits; some of them nothing for a while. */
START_TEST(oracle)
{
	struct seki_rng rng;
	uint32_t n_overs = 0;

	seki_rng_init(&rng, 77 + (uint64_t)_i);
	for (unsigned v = 0; v < MODEL_VECTORS; v++)
		for (uint16_t z = 1; z <= MODEL_ZONES; z++)
			limit_to(z, model_vector[v], (struct seki_rate){z == 1 ? 400 : 0, v % 2 == 0 ? 500 * 640 : 0},
				(struct seki_rate){z == 1 ? 6400 : 5000, 0});
	for (unsigned tick = 0; tick < 120; tick++) {
		/* In half of the ticks next to nothing comes, so that windows empty. */
		unsigned busy = tick / 15 % 2 == 0 ? 150 : (unsigned)seki_rng_below(&rng, 3);

		for (unsigned k = 0; k < busy; k++)
			come_to(&model->host[seki_rng_below(&rng, MODEL_N)],
				(unsigned)seki_rng_below(&rng, MODEL_VECTORS), 1 + (uint32_t)seki_rng_below(&rng, 120));
		collect_tick(c, rig.now_ns);
		check_all();
		n_overs += c->n_overs;
		next_tick();
	}
	ck_assert_uint_gt(n_overs, 500); /* or nothing was tried */
}
END_TEST

/* What a host gets in each tick, and after how many of them it is over a limit of 1,000 a second. 0: never. */
static const struct {
	const char *about;
	uint32_t a_tick, over_after;
} rates[] = {
	{"at the limit", 100, 0},
	{"one over, in a second", 101, 10},
	{"1.5 times, not more", 150, 7},
	{"barely more than 1.5 times", 151, 2},
	{"three times", 300, 2},
	{"in one tick as much as may be in two", 301, 1},
};

START_TEST(rule)
{
	struct model_host *host = &model->host[0];
	unsigned after = 0;

	limit_to(1, SEKI_VECTOR_NTP, (struct seki_rate){1000, 0}, (struct seki_rate){0, 0});
	for (unsigned tick = 1; tick <= 30 && after == 0; tick++) {
		come_to(host, 4, rates[_i].a_tick);
		collect_tick(c, rig.now_ns);
		check_all();
		after = c->n_overs > 0 ? tick : 0;
		next_tick();
	}
	ck_assert_msg(after == rates[_i].over_after, "%s: after %u", rates[_i].about, after);
}
END_TEST

/* A vector that is long over says nothing of another one. */
START_TEST(what_is_over_is_forgotten)
{
	struct model_host *host = &model->host[0];

	for (unsigned tick = 0; tick < 20; tick++) {
		come(&rig, host->place, SEKI_VECTOR_NTP, 900);
		collect_tick(c, rig.now_ns);
		rig.now_ns += RIG_TICK;
	}
	for (unsigned tick = 0; tick < 50; tick++) {
		come(&rig, host->place, SEKI_VECTOR_UDP, 1);
		collect_tick(c, rig.now_ns);
		rig.now_ns += RIG_TICK;
	}
	ck_assert_uint_eq(c->n_overs, 0);
	for (unsigned tick = 0; tick < 10; tick++) {
		come(&rig, host->place, SEKI_VECTOR_DNS, 150);
		collect_tick(c, rig.now_ns);
		rig.now_ns += RIG_TICK;
	}
	list_nodes();
	ck_assert_ptr_nonnull(over_at(host, SEKI_LEVEL_HOST, SEKI_VECTOR_DNS));
	ck_assert_ptr_null(over_at(host, SEKI_LEVEL_HOST, SEKI_VECTOR_NTP));
	ck_assert_uint_eq(over_at(host, SEKI_LEVEL_HOST, SEKI_VECTOR_DNS)->pps, 1500);
}
END_TEST

/* A block gives way to another one after half a minute; each has what came to it, also where counters wrap. */
START_TEST(blocks_give_way)
{
	struct place place = model->host[0].place;

	for (unsigned core = 0; core < RIG_CORES; core++) {
		memset(rig.b[core].cell, 0xff, rig.b[core].room * sizeof(struct seki_cell));
		memset(c->core[core].before, 0xff, rig.b[core].room * sizeof(struct seki_cell));
	}
	for (unsigned turn = 0; turn < 8; turn++) {
		/* As many blocks as a zone has room for: in each turn others take the slots. */
		for (uint32_t n = 0; n < 1024; n++) {
			place.net = (uint64_t)(0x0a000000 + turn * 0x100000 + n * 16) << 32;
			come(&rig, place, SEKI_VECTOR_UDP, 3 + turn);
		}
		collect_tick(c, rig.now_ns);
		for (uint32_t i = 0; i < c->tree.leaves.n; i++) {
			const struct node *block = c->tree.leaves.at[i].node;

			ck_assert_uint_eq(block->address >> 20, 0x0a0 + turn);
			ck_assert_uint_eq(block->cell[SEKI_VECTOR_UDP]->packets.in_second, 3 + turn);
			ck_assert_uint_eq(block->cell[SEKI_VECTOR_UDP]->hosts->in_second[0], 3 + turn);
		}
		ck_assert_uint_gt(c->tree.leaves.n, 500);
		ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->packets.in_second, (3 + turn) * 1024);
		rig.now_ns += (SEKI_BLOCKS_IDLE + 1) * RIG_TICK;
		seki_blocks_sweep(&rig.b[0], rig.now_ns);
		collect_tick(c, rig.now_ns); /* nothing came since */
		ck_assert_uint_eq(c->tree.leaves.n, 0);
		rig.now_ns += RIG_TICK;
	}
}
END_TEST

/* In each turn groups of the other family take places, IPv6 ones counted as a whole: nothing of what was there is read.
 */
START_TEST(families_give_way)
{
	for (unsigned turn = 0; turn < 8; turn++) {
		for (uint32_t n = 0; n < 1024; n++) {
			uint64_t at = turn * 1024 + n;
			struct place place = {turn % 2 == 0
						      ? UINT64_C(0x20010db800000000) + at * SEKI_GROUP_CELLS6
						      : (0x0a000000 + at * SEKI_BLOCK_HOSTS * SEKI_GROUP_CELLS4) << 32,
				turn % 2 == 0 ? 6 : 4, 1};

			come(&rig, place, SEKI_VECTOR_UDP, 3 + turn);
		}
		collect_tick(c, rig.now_ns);
		ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->packets.in_second, (3 + turn) * 1024);
		ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->units.in_second, (3 + turn) * 1024 * 10);
		rig.now_ns += (SEKI_BLOCKS_IDLE + 1) * RIG_TICK;
		seki_blocks_sweep(&rig.b[0], rig.now_ns);
		ck_assert_uint_eq(seki_blocks_used(&rig.b[0]), 0);
		collect_tick(c, rig.now_ns);
		rig.now_ns += RIG_TICK;
	}
}
END_TEST

/* Also to a neighbour, of the same line of the table. */
START_TEST(blocks_give_way_to_neighbours)
{
	struct place place = model->host[0].place;

	for (uint32_t n = 0; n < 8; n++) {
		place.net = (uint64_t)(0x0a000000 + n * 16) << 32;
		come(&rig, place, SEKI_VECTOR_UDP, 1 + n);
		collect_tick(c, rig.now_ns);
		ck_assert_uint_eq(c->tree.leaves.n, 1);
		ck_assert_uint_eq(c->tree.leaves.at[0].node->address, 0x0a000000 + n * 16);
		ck_assert_uint_eq(c->tree.leaves.at[0].node->cell[SEKI_VECTOR_UDP]->packets.in_second, 1 + n);
		rig.now_ns += (SEKI_BLOCKS_IDLE + 1) * RIG_TICK;
		seki_blocks_sweep(&rig.b[0], rig.now_ns);
		ck_assert_uint_eq(rig.b[0].n_ever, 1);
	}
}
END_TEST

/* Cores go on while they are read: their clocks may be in the next tick already, also where numbers of ticks begin
 * anew. */
START_TEST(cores_ahead)
{
	struct model_host *host = &model->host[0];
	uint32_t came = 0;

	rig.now_ns = ((uint64_t)UINT16_MAX * 4 - 5) * RIG_TICK;
	for (unsigned tick = 0; tick < 10; tick++) {
		rig.now_ns += RIG_TICK;
		come(&rig, host->place, SEKI_VECTOR_NTP, 70);
		came += 70;
		collect_tick(c, rig.now_ns - RIG_TICK);
		ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_NTP]->packets.in_second, came);
	}
}
END_TEST

/* What finds no block is counted for the zone, and held against its limit. */
START_TEST(rest)
{
	struct place place = model->host[0].place;

	for (uint32_t n = 0; n < 40000; n++) {
		place.net = (uint64_t)(0x0a000000 + n * 16) << 32;
		come(&rig, place, SEKI_VECTOR_NTP, 1);
	}
	collect_tick(c, rig.now_ns);
	ck_assert_uint_gt(rig.b[0].zone[1].rest[SEKI_VECTOR_NTP].packets, 1000);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_NTP]->packets.in_second, 40000);
	ck_assert_uint_eq(c->over[c->n_overs - 1].pps, 200000);
	ck_assert_ptr_eq(c->over[c->n_overs - 1].node, c->tree.zone[1]);
}
END_TEST

/* Many places that are over their limits use up what a zone may report in a tick: half of it for hosts and blocks. In
 * the next tick it has as much again. */
START_TEST(quota)
{
	struct place place = model->host[0].place;

	limit_to(1, SEKI_VECTOR_NTP, (struct seki_rate){10, 0}, (struct seki_rate){1000000000, 0});
	for (unsigned tick = 0; tick < 3; tick++) {
		for (uint32_t n = 0; n < COLLECT_OVERS; n++) {
			place.net = (uint64_t)(0xc6121000 + n) << 32;
			come(&rig, place, SEKI_VECTOR_NTP, 5);
		}
		collect_tick(c, rig.now_ns);
		ck_assert_uint_ge(c->n_overs, COLLECT_OVERS / 2);
		ck_assert_uint_lt(c->n_overs, COLLECT_OVERS);
		ck_assert_uint_gt(c->overs_lost, 0);
		rig.now_ns += RIG_TICK;
	}
}
END_TEST

/* Nodes go ten seconds after the last packet, and come back empty; of the memory none is lost. */
START_TEST(nodes_go)
{
	size_t bytes = 0;

	for (unsigned turn = 0; turn < 5; turn++) {
		for (unsigned i = 0; i < MODEL_N; i++)
			come_to(&model->host[i], 2, 5);
		collect_tick(c, rig.now_ns);
		check_all();
		ck_assert_uint_eq(c->tree.n_nodes[SEKI_LEVEL_BLOCK], MODEL_N / MODEL_HOSTS);
		ck_assert_uint_eq(c->tree.n_nodes[SEKI_LEVEL_WIDE], MODEL_ZONES * 2 * MODEL_WIDES);
		ck_assert_uint_eq(c->tree.n_nodes[SEKI_LEVEL_ZONE], MODEL_ZONES);
		if (turn == 0)
			bytes = c->tree.bytes;
		ck_assert_uint_eq(c->tree.bytes, bytes);
		for (unsigned tick = 0; tick < 170; tick++) {
			next_tick();
			collect_tick(c, rig.now_ns);
			ck_assert_uint_eq(c->n_overs, 0);
			if (tick == 90)
				ck_assert_uint_eq(c->tree.n_nodes[SEKI_LEVEL_BLOCK], MODEL_N / MODEL_HOSTS);
		}
		for (unsigned l = SEKI_LEVEL_BLOCK; l < SEKI_LEVEL_ZONE; l++)
			ck_assert_uint_eq(c->tree.n_nodes[l], 0);
	}
}
END_TEST

/* A zone that is held to nothing is counted, and never over; limits that change hold at once. */
START_TEST(watched_or_not)
{
	struct model_host *host = &model->host[0];

	collect_watch(c, 1, NULL);
	come_to(host, 4, 5000);
	collect_tick(c, rig.now_ns);
	ck_assert_uint_eq(c->n_overs, 0);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_NTP]->packets.in_second, 5000);
	next_tick();
	collect_watch(c, 1, &limits[1]);
	come_to(host, 4, 1);
	collect_tick(c, rig.now_ns);
	check_all();
	ck_assert_uint_gt(c->n_overs, 0);
	next_tick();
	limit_to(1, SEKI_VECTOR_NTP, (struct seki_rate){0, 0}, (struct seki_rate){0, 0});
	come_to(host, 4, 1);
	collect_tick(c, rig.now_ns);
	check_all();
	ck_assert_uint_eq(c->n_overs, 0);
}
END_TEST

/* Known packets are a row of their own, under no limit; and a stall of the management core loses nothing. */
START_TEST(known_ones_and_stalls)
{
	struct pkt p = packet_to(&rig, model->host[0].place, SEKI_VECTOR_TCP_DATA);

	p.flow = PKT_FLOW_KNOWN;
	p.batch = 32;
	for (unsigned i = 0; i < 5000; i++)
		comes(&rig, i % RIG_CORES, &p);
	collect_tick(c, rig.now_ns);
	ck_assert_uint_eq(c->n_overs, 0);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_ROW_KNOWN + SEKI_CLASS_TCP]->packets.in_second, 160000);
	ck_assert_ptr_null(c->tree.zone[1]->cell[SEKI_VECTOR_TCP_DATA]);
	for (unsigned i = 0; i < 7; i++) {
		rig.now_ns += RIG_TICK;
		p.arrival_ns = rig.now_ns;
		comes(&rig, 0, &p);
	}
	collect_tick(c, rig.now_ns);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_ROW_KNOWN + SEKI_CLASS_TCP]->packets.in_second, 160000 + 7 * 32);
}
END_TEST

/* What came at the beginning of a stall, and then no more, is read after it. */
START_TEST(early_in_a_stall)
{
	const struct cell *cell;

	collect_tick(c, rig.now_ns);
	rig.now_ns += RIG_TICK;
	come(&rig, model->host[0].place, SEKI_VECTOR_UDP, 500);
	rig.now_ns += (unsigned)_i * RIG_TICK;
	collect_tick(c, rig.now_ns);
	cell = c->tree.zone[1] == NULL ? NULL : c->tree.zone[1]->cell[SEKI_VECTOR_UDP];
	ck_assert_ptr_nonnull(cell);
	ck_assert_uint_eq(cell->packets.in_second, 500);
}
END_TEST

/* Packets of a tick to two hosts of an IPv6 block, by one core. */
static void
come6(unsigned core, uint8_t one, unsigned to_one, uint8_t other, unsigned to_other)
{
	struct pkt p = packet_to(&rig, place_of(1, "2001:db8:1::/64"), SEKI_VECTOR_UDP);

	for (unsigned i = 0; i < to_one + to_other; i++) {
		p.dst.b[15] = i < to_one ? one : other;
		comes(&rig, core, &p);
	}
}

static const struct cell *
udp_cell6(void)
{
	struct node *block = tree_look(&c->tree, 1, 6, SEKI_LEVEL_BLOCK, UINT64_C(0x20010db800010000));

	ck_assert_ptr_nonnull(block);
	return block->cell[SEKI_VECTOR_UDP];
}

/* The host of an IPv6 block that is over its limit in this tick, or HOST_NONE. */
static unsigned
host_over(void)
{
	unsigned host = HOST_NONE;

	for (uint32_t i = 0; i < c->n_overs; i++)
		if (c->over[i].host != HOST_NONE) {
			ck_assert_uint_eq(host, HOST_NONE);
			host = c->over[i].host;
		}
	return host;
}

static void
tick6(void)
{
	collect_tick(c, rig.now_ns);
	next_tick();
}

/* Slots of IPv6 hosts, which two addresses have each its own of. */
static unsigned
slot_of(uint8_t last)
{
	return seki_blocks_host(false, (const uint8_t[16]){[15] = last}, rig.b[0].factor);
}

/* As all cores of a process have: a host is the same one for each. */
static void
one_secret(void)
{
	for (unsigned core = 1; core < RIG_CORES; core++)
		rig.b[core].factor = rig.b[0].factor;
}

/*
 * While little comes to an IPv6 block nobody tells its hosts apart. One is flooded: in the next tick they are, and what
 * came in the first one counts, too. What other cores do not tell apart goes to them in proportion.
 */
START_TEST(ip6_hosts_are_told_apart_in_time)
{
	const uint32_t *in_second;
	uint8_t one = 1, other = 2;
	uint32_t sum = 0;

	one_secret();
	while (slot_of(other) == slot_of(one))
		other++;
	limit_to(1, SEKI_VECTOR_UDP, (struct seki_rate){1000, 0}, (struct seki_rate){1000000, 0});
	for (unsigned t = 0; t < 3; t++) {
		come6(0, one, 8, other, 8);
		tick6();
		ck_assert_ptr_null(udp_cell6()->hosts);
	}
	come6(0, one, 280, other, 20);
	tick6();
	ck_assert_ptr_null(udp_cell6()->hosts);
	come6(0, one, 280, other, 20);
	tick6();
	ck_assert_uint_eq(host_over(), slot_of(one));
	in_second = udp_cell6()->hosts->in_second;
	ck_assert_uint_eq(in_second[2 * slot_of(one)], 560);
	ck_assert_uint_eq(in_second[2 * slot_of(other)], 40);
	come6(0, one, 280, other, 20);
	come6(1, other, 15, one, 0);
	tick6();
	ck_assert_uint_eq(in_second[2 * slot_of(one)], 560 + 280 + 14);
	ck_assert_uint_eq(in_second[2 * slot_of(other)], 40 + 20 + 1);
	for (unsigned t = 0; t < 3; t++) {
		come6(2, one, 60, other, 0);
		tick6();
	}
	/* The first of these was of a core that told nobody apart, when nobody else did. */
	ck_assert_uint_eq(in_second[2 * slot_of(one)], 560 + 280 + 14 + 3 * 60);
	for (unsigned h = 0; h < SEKI_BLOCK_HOSTS; h++)
		sum += in_second[2 * h];
	ck_assert_uint_eq(udp_cell6()->packets.in_second, sum + 3 * 16);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->packets.in_second, sum + 3 * 16);
}
END_TEST

/*
 * An IPv6 cell gives way while its neighbours of the same line stay, and comes back: what it had counted as a whole is
 * not read again, whether its number has become another's (1), or is its own again (0).
 */
START_TEST(whole_ones_come_back)
{
	struct place one = place_of(1, "2001:db8:1::/64"), busy = place_of(1, "2001:db8:1:1::/64"),
		     thief = place_of(1, "2001:db8:99::/64");

	come(&rig, one, SEKI_VECTOR_UDP, 5);
	for (unsigned t = 0; t < SEKI_BLOCKS_IDLE + SEKI_BLOCKS_SWEEP_NS / SEKI_BLOCKS_TICK_NS + 2; t++) {
		come(&rig, busy, SEKI_VECTOR_UDP, 1);
		seki_blocks_sweep(&rig.b[0], rig.now_ns);
		tick6();
	}
	ck_assert_uint_eq(rig.b[0].n_free, 1); /* or it did not give way */
	if (_i == 1)
		come(&rig, thief, SEKI_VECTOR_UDP, 2);
	come(&rig, one, SEKI_VECTOR_UDP, 7);
	tick6();
	ck_assert_uint_eq(udp_cell6()->packets.in_second, 7);
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->packets.in_second, 7 + 9 + _i * 2);
	come(&rig, busy, SEKI_VECTOR_UDP, 1);
	tick6();
	ck_assert_uint_eq(c->tree.zone[1]->cell[SEKI_VECTOR_UDP]->packets.in_second, 7 + 9 + _i * 2);
}
END_TEST

/* What was owed to hosts and nobody asked for in the next tick is not given to them later. */
START_TEST(old_debts_are_forgotten)
{
	one_secret();
	limit_to(1, SEKI_VECTOR_UDP, (struct seki_rate){1000, 0}, (struct seki_rate){1000000, 0});
	for (unsigned t = 0; t < 2; t++) {
		come6(0, 1, 100, 2, 0);
		tick6();
	}
	come6(1, 1, 60, 2, 0);
	tick6();
	tick6();
	tick6();
	come6(1, 1, 60, 2, 0);
	tick6();
	ck_assert_uint_eq(udp_cell6()->hosts->in_second[2 * slot_of(1)], 200 + 60);
	ck_assert_uint_eq(udp_cell6()->packets.in_second, 200 + 120);
}
END_TEST

/* In the tick in which one core tells hosts apart, what others have counted as a whole is theirs as well, whichever
 * core is read first. */
START_TEST(ip6_hosts_by_any_core)
{
	unsigned telling = (unsigned)_i, whole = 1 - telling;
	uint8_t one = 1, other = 2;

	one_secret();
	while (slot_of(other) == slot_of(one))
		other++;
	limit_to(1, SEKI_VECTOR_UDP, (struct seki_rate){1000, 0}, (struct seki_rate){1000000, 0});
	come6(telling, one, 200, other, 0);
	tick6();
	ck_assert_ptr_null(udp_cell6()->hosts);
	come6(telling, one, 200, other, 0);
	come6(whole, one, 40, other, 0);
	tick6();
	ck_assert_ptr_nonnull(udp_cell6()->hosts);
	ck_assert_uint_eq(udp_cell6()->hosts->in_second[2 * slot_of(one)], 440);
	ck_assert_uint_eq(udp_cell6()->hosts->in_second[2 * slot_of(one) + 1], 440 * MODEL_UNITS);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("collect");

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_loop_test(tests, oracle, 0, 3);
	tcase_add_loop_test(tests, rule, 0, N(rates));
	tcase_add_test(tests, what_is_over_is_forgotten);
	tcase_add_test(tests, blocks_give_way);
	tcase_add_test(tests, blocks_give_way_to_neighbours);
	tcase_add_test(tests, families_give_way);
	tcase_add_test(tests, cores_ahead);
	tcase_add_test(tests, rest);
	tcase_add_test(tests, quota);
	tcase_add_test(tests, nodes_go);
	tcase_add_test(tests, watched_or_not);
	tcase_add_test(tests, known_ones_and_stalls);
	tcase_add_loop_test(tests, early_in_a_stall, 0, 200);
	tcase_add_test(tests, ip6_hosts_are_told_apart_in_time);
	tcase_add_loop_test(tests, ip6_hosts_by_any_core, 0, 2);
	tcase_add_loop_test(tests, whole_ones_come_back, 0, 2);
	tcase_add_test(tests, old_debts_are_forgotten);
	return suite_run("collect", tests);
}
