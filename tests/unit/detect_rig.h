/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef DETECT_RIG_H
#define DETECT_RIG_H

/* A detector with one core and one zone, and a clock of its own: traffic is counted as an RX core would, ticks are 100 ms. */

#include "detect.h"
#include "suite.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define RIG_ZONE 1
#define RIG_BLOCKS 256
#define RIG_TICKS_A_SECOND 10

/* The countermeasure of a step has the step's number as its bit; that of strict is flood's. */
#define RIG_CM(step) SEKI_STEP_BIT(step)

struct rig {
	struct seki_detect *detect;
	struct seki_blocks blocks;
	struct seki_stats *stats;
	struct seki_sampler *sampler;
	struct seki_limits limits;
	void *memory;
	uint64_t now_ns;
	bool changed; /* what is raised, in the last tick */
};

static inline void
rig_zone(struct rig *rig, uint16_t id, uint32_t can)
{
	struct seki_detect_zone zone = {.name = "web", .domain = "default", .limits = &rig->limits, .can = can};

	ck_assert_int_eq(seki_detect_zone(rig->detect, id, &zone), 0);
}

static inline void
rig_init(struct rig *rig)
{
	struct seki_step_cms cms[SEKI_N_LADDERS][SEKI_N_STEPS] = {0};
	struct seki_detect_params params = SEKI_DETECT_PARAMS;
	struct seki_detect_core core;

	memset(rig, 0, sizeof(*rig));
	for (unsigned l = 0; l < SEKI_N_LADDERS; l++)
		for (unsigned s = SEKI_STEP_NONE + 1; s < SEKI_N_STEPS; s++)
			cms[l][s].raised = RIG_CM(s == SEKI_STEP_STRICT ? SEKI_STEP_FLOOD : s);
	for (unsigned l = 0; l < SEKI_N_LADDERS; l++)
		cms[l][SEKI_STEP_STRICT].strict = RIG_CM(SEKI_STEP_FLOOD);
	rig->memory = aligned_alloc(4096, (seki_blocks_bytes(RIG_BLOCKS) + 4095) / 4096 * 4096);
	memset(rig->memory, 0, seki_blocks_bytes(RIG_BLOCKS));
	seki_blocks_init(&rig->blocks, rig->memory, RIG_BLOCKS, UINT64_C(0x9e3779b97f4a7c15));
	rig->stats = aligned_alloc(64, sizeof(*rig->stats));
	memset(rig->stats, 0, sizeof(*rig->stats));
	rig->sampler = aligned_alloc(64, sizeof(*rig->sampler));
	memset(rig->sampler, 0, sizeof(*rig->sampler));
	core = (struct seki_detect_core){.blocks = &rig->blocks, .stats = rig->stats, .sampler = rig->sampler};
	params.core = &core;
	params.n_cores = 1;
	params.cms = cms;
	seki_limits_default(&rig->limits);
	rig->detect = seki_detect_create(&params);
	ck_assert_ptr_nonnull(rig->detect);
	rig_zone(rig, RIG_ZONE, UINT32_MAX);
	rig->now_ns = UINT64_C(100000000000);
}

static inline void
rig_fini(struct rig *rig)
{
	seki_detect_destroy(rig->detect);
	free(rig->memory);
	free(rig->stats);
	free(rig->sampler);
}

/* `n` packets of strangers to one inside address come, and pass. */
static inline void
rig_packets(struct rig *rig, uint8_t vector, uint32_t to, unsigned n)
{
	struct pkt pkt[PKT_BURST];

	for (; n > 0; n -= n < PKT_BURST ? n : PKT_BURST) {
		struct seki_blocks_burst burst = {0};
		unsigned m = n < PKT_BURST ? n : PKT_BURST;

		for (unsigned i = 0; i < m; i++) {
			pkt[i] = (struct pkt){.arrival_ns = rig->now_ns, .zone = RIG_ZONE, .l3 = PKT_L3_IP4, .batch = 1,
				.batch_bytes = 500, .vector = vector};
			pkt[i].dst.v4_be = htobe32(to);
		}
		seki_blocks_look_burst(&rig->blocks, pkt, m == 32 ? UINT32_MAX : (UINT32_C(1) << m) - 1, false, &burst);
		seki_blocks_count_burst(&rig->blocks, pkt, 0, &burst);
	}
}

static inline uint64_t
rig_wall(const struct rig *rig)
{
	return UINT64_C(1700000000000000000) + rig->now_ns;
}

static inline void
rig_tick(struct rig *rig)
{
	rig->now_ns += SEKI_DETECT_TICK_NS;
	rig->changed = seki_detect_tick(rig->detect, rig->now_ns, rig_wall(rig));
}

/* So many ticks, each with packets of a rate. */
static inline void
rig_run(struct rig *rig, unsigned ticks, uint8_t vector, uint32_t to, unsigned pps)
{
	for (unsigned i = 0; i < ticks; i++) {
		rig_packets(rig, vector, to, pps / RIG_TICKS_A_SECOND);
		rig_tick(rig);
	}
}

#endif
