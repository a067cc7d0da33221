/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SAMPLE_H
#define SEKI_SAMPLE_H

/*
 * Samples of headers: what a few packets of each zone look like, handed by an RX core to management through a ring.
 * They are what signatures are found in, and what `explain` speaks of.
 *
 * At most one packet a burst, and of each zone one in SEKI_SAMPLE_EVERY_NS, so that no zone crowds out another and a
 * flood costs no more than a quiet hour: a look at one word for each burst. Strangers, and packets of known flows whose
 * source is charged for. There is no payload in it and no address of a client: a source is a digest of 32 bits under
 * this process's secret, good for telling how many there are.
 */

#include "feature.h"
#include "stats.h"

#define SEKI_SAMPLE_EVERY_NS UINT64_C(250000)
#define SEKI_SAMPLES_IN_RING 1024

struct seki_sample {
	uint64_t time_ns; /* mono_ns */
	uint64_t net;     /* inside: IPv4 in the upper 32 bits, the upper half of IPv6 */
	struct seki_features features;
	uint32_t source; /* digest; 0: not known */
	uint16_t zone;
	uint16_t src_set; /* lists that hold the source, by the policy in force; 0: none, or nobody has asked */
	uint8_t family;
	uint8_t flow; /* enum pkt_flow */
	uint8_t verdict, reason, observed;
};

/* One core's. Zeroed memory is ready. */
struct seki_sampler {
	uint64_t next_ns[SEKI_ZONES_MAX];
	uint32_t turn;                              /* of the packets of a burst */
	uint64_t lost;                              /* there was no room */
	uint32_t head __attribute__((aligned(64))); /* written by the core */
	uint32_t tail __attribute__((aligned(64))); /* written by management */
	struct seki_sample ring[SEKI_SAMPLES_IN_RING];
};

/* May take one of the packets that `which` names, a bit each, not 0: decided ones, to zones. RX core; about 2 ns a
 * burst. */
void seki_sample_burst(struct seki_sampler *s, const struct pkt *pkt, uint32_t which);

/* Takes the oldest sample out. False: there is none. Management core. */
bool seki_sample_take(struct seki_sampler *s, struct seki_sample *out);

#endif
