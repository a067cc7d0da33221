/* SPDX-License-Identifier: BSD-3-Clause */
#include "sample.h"

#include <endian.h>

static __attribute__((noinline)) void
put(struct seki_sampler *s, const struct pkt *p)
{
	uint32_t head = s->head;
	struct seki_sample *out = &s->ring[head % SEKI_SAMPLES_IN_RING];

	if (head - __atomic_load_n(&s->tail, __ATOMIC_ACQUIRE) == SEKI_SAMPLES_IN_RING) {
		s->lost++;
		return;
	}
	*out = (struct seki_sample){
		.time_ns = p->arrival_ns,
		.net = p->l3 == PKT_L3_IP4 ? (uint64_t)be32toh(p->dst.v4_be) << 32 : be64toh(p->dst.q[0]),
		.source = (uint32_t)(p->digest >> 32),
		.zone = p->zone,
		.src_set = p->src_set,
		.family = p->l3 == PKT_L3_IP4 ? 4 : 6,
		.flow = p->flow,
		.verdict = p->verdict,
		.reason = p->reason,
		.observed = p->observed,
	};
	seki_features_read(p, &out->features);
	__atomic_store_n(&s->head, head + 1, __ATOMIC_RELEASE);
}

static inline void
consider(struct seki_sampler *s, const struct pkt *p)
{
	if (__builtin_expect(p->arrival_ns < s->next_ns[p->zone], 1))
		return;
	s->next_ns[p->zone] = p->arrival_ns + SEKI_SAMPLE_EVERY_NS;
	put(s, p);
}

void
seki_sample_burst(struct seki_sampler *s, const struct pkt *pkt, uint32_t which)
{
	unsigned first = (unsigned)__builtin_ctz(which), last = 31 - (unsigned)__builtin_clz(which);
	unsigned turn = s->turn++ % PKT_BURST;
	uint32_t turned = which >> turn | (turn == 0 ? 0 : which << (PKT_BURST - turn));

	if (pkt[first].arrival_ns == pkt[last].arrival_ns) {
		consider(s, &pkt[((unsigned)__builtin_ctz(turned) + turn) % PKT_BURST]);
		return;
	}
	/* Offline each packet has its own time, and the choice must not depend on how they are put into bursts. */
	for (; which != 0; which &= which - 1)
		consider(s, &pkt[__builtin_ctz(which)]);
}

bool
seki_sample_take(struct seki_sampler *s, struct seki_sample *out)
{
	uint32_t tail = s->tail;

	if (tail == __atomic_load_n(&s->head, __ATOMIC_ACQUIRE))
		return false;
	*out = s->ring[tail % SEKI_SAMPLES_IN_RING];
	__atomic_store_n(&s->tail, tail + 1, __ATOMIC_RELEASE);
	return true;
}
