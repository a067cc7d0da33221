/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_BLOCKS_RIG_H
#define SEKI_TEST_BLOCKS_RIG_H

/* What RX cores count, without RX cores: blocks that tests of lib/detect write packets to, by a clock of their own. */
#include "blocks.h"
#include "hash.h"
#include "suite.h"

#include <endian.h>
#include <limits.h>

#define RIG_CORES 3
#define RIG_TICK SEKI_BLOCKS_TICK_NS
#define RIG_SECRET UINT64_C(0x1234567890abcdef)

struct blocks_rig {
	struct seki_blocks b[RIG_CORES];
	struct seki_blocks *core[RIG_CORES];
	void *memory[RIG_CORES];
	uint64_t now_ns;
};

/* A place that packets go to: IPv4 in the upper 32 bits, the upper half of IPv6. */
struct place {
	uint64_t net;
	uint8_t family;
	uint16_t zone;
};

static inline void
blocks_rig_init(struct blocks_rig *rig, uint32_t n_blocks, unsigned n_zones)
{
	size_t bytes = (seki_blocks_bytes(n_blocks) + 4095) / 4096 * 4096;

	rig->now_ns = UINT64_C(1000000000000);
	for (unsigned c = 0; c < RIG_CORES; c++) {
		rig->memory[c] = aligned_alloc(4096, bytes);
		ck_assert_ptr_nonnull(rig->memory[c]);
		memset(rig->memory[c], 0, bytes);
		seki_blocks_init(&rig->b[c], rig->memory[c], n_blocks, RIG_SECRET + c);
		seki_blocks_use(&rig->b[c], n_zones);
		rig->core[c] = &rig->b[c];
	}
}

static inline void
blocks_rig_fini(struct blocks_rig *rig)
{
	for (unsigned c = 0; c < RIG_CORES; c++)
		free(rig->memory[c]);
}

static inline struct place
place_of(uint16_t zone, const char *text)
{
	struct seki_prefix prefix = prefix_of(text);
	uint64_t net;

	memcpy(&net, prefix.addr, sizeof(net));
	net = be64toh(net);
	return (struct place){prefix.family == 4 ? net >> 32 << 32 : net, prefix.family, zone};
}

static inline struct pkt
packet_to(const struct blocks_rig *rig, struct place place, unsigned vector)
{
	struct pkt p = {
		.arrival_ns = rig->now_ns,
		.zone = place.zone,
		.l3 = place.family == 4 ? PKT_L3_IP4 : PKT_L3_IP6,
		.vector = (uint8_t)vector,
		.batch = 1,
		.batch_bytes = 80,
		.len = 80,
		.verdict = SEKI_VERDICT_PASS,
	};

	if (place.family == 4)
		p.dst.v4_be = htobe32((uint32_t)(place.net >> 32));
	else
		p.dst.q[0] = htobe64(place.net);
	return p;
}

/* A packet comes by a core, and may stand for more (pkt.batch). */
static inline void
comes(struct blocks_rig *rig, unsigned core, const struct pkt *p)
{
	struct seki_blocks_burst burst = {0};

	seki_blocks_look_burst(&rig->b[core], p, 1, false, &burst);
	seki_blocks_count_burst(&rig->b[core], p, UINT_MAX, &burst);
}

/* So many of a vector come to a place, by the cores in turn. */
static inline void
come(struct blocks_rig *rig, struct place place, unsigned vector, uint32_t packets)
{
	struct pkt p = packet_to(rig, place, vector);

	for (unsigned core = 0; packets > 0; core = (core + 1) % RIG_CORES) {
		p.batch = (uint8_t)(packets < 200 ? packets : 200);
		p.batch_bytes = p.batch * 80u;
		comes(rig, core, &p);
		packets -= p.batch;
	}
}

#endif
