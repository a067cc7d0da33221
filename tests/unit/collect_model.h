/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_COLLECT_MODEL_H
#define SEKI_TEST_COLLECT_MODEL_H

/*
 * What collect is to find, found plainly: every packet of the last ten ticks in one list for each place, and sums over
 * it. A few hundred hosts of two zones and both families, of one vector of each column, so that what a host's line says
 * is exact.
 */
#include "blocks_rig.h"
#include "collect.h"

#define MODEL_ZONES 2
#define MODEL_WIDES 2  /* /20s, IPv6: /48s, of a zone and family */
#define MODEL_NETS 2   /* /24s or /56s of each */
#define MODEL_BLOCKS 3 /* /28s or /64s of each */
#define MODEL_HOSTS 3  /* IPv4: of each; the hosts of a /64 are one */
#define MODEL_TICKS 10
#define MODEL_UNITS 10u /* of each packet */

static const uint8_t model_vector[] = {SEKI_VECTOR_TCP_SYN, SEKI_VECTOR_TCP_ACK, SEKI_VECTOR_UDP, SEKI_VECTOR_ICMP_ECHO,
	SEKI_VECTOR_NTP, SEKI_VECTOR_FRAGMENT};
#define MODEL_VECTORS N(model_vector)

#define MODEL_N (MODEL_ZONES * 2 * MODEL_WIDES * MODEL_NETS * MODEL_BLOCKS * MODEL_HOSTS)

/* A host, and what came to it in each of the last ticks. */
struct model_host {
	struct place place;
	uint64_t at[SEKI_N_LEVELS]; /* the address of the node of each level, from SEKI_LEVEL_BLOCK on */
	uint32_t came[MODEL_TICKS][MODEL_VECTORS];
};

struct model {
	struct model_host host[MODEL_N];
	uint32_t tick;
};

/* The address of a place's node as nodes have it. */
static inline uint64_t
model_cut(struct place p, unsigned level)
{
	static const uint8_t bits[2][SEKI_N_LEVELS] = {{0, 4, 8, 12, 32}, {0, 0, 8, 16, 63}};
	uint64_t address = p.family == 4 ? p.net >> 32 : p.net;
	unsigned off = bits[p.family == 6][level];

	return level == SEKI_LEVEL_ZONE ? 0 : address >> off << off;
}

static inline struct place
model_place(unsigned n)
{
	unsigned host = n % MODEL_HOSTS, block = n / MODEL_HOSTS % MODEL_BLOCKS;
	unsigned net = n / MODEL_HOSTS / MODEL_BLOCKS % MODEL_NETS;
	unsigned wide = n / MODEL_HOSTS / MODEL_BLOCKS / MODEL_NETS % MODEL_WIDES;
	unsigned family = n / MODEL_HOSTS / MODEL_BLOCKS / MODEL_NETS / MODEL_WIDES % 2;
	uint16_t zone = (uint16_t)(1 + n / MODEL_HOSTS / MODEL_BLOCKS / MODEL_NETS / MODEL_WIDES / 2);

	if (family == 0)
		return (struct place){
			(uint64_t)(0xc6120000u + wide * 4096 + net * 512 + block * 32 + host * 5) << 32, 4, zone};
	return (struct place){
		UINT64_C(0x20010db800000000) + ((uint64_t)wide << 16) + ((uint64_t)net << 9) + block * 3, 6, zone};
}

static inline void
model_init(struct model *m)
{
	memset(m, 0, sizeof(*m));
	for (unsigned i = 0; i < MODEL_N; i++) {
		m->host[i].place = model_place(i);
		for (unsigned l = SEKI_LEVEL_BLOCK; l < SEKI_N_LEVELS; l++)
			m->host[i].at[l] = model_cut(m->host[i].place, l);
	}
}

/* Another tick begins. */
static inline void
model_step(struct model *m)
{
	m->tick++;
	for (unsigned i = 0; i < MODEL_N; i++)
		memset(m->host[i].came[m->tick % MODEL_TICKS], 0, sizeof(m->host[i].came[0]));
}

/* Packets of a vector in this tick, the last two, and ten. */
struct model_sums {
	uint64_t now, two, ten;
};

static inline void
model_add(const struct model *m, const struct model_host *h, unsigned v, struct model_sums *sums)
{
	for (unsigned t = 0; t < MODEL_TICKS; t++) {
		unsigned age = (m->tick % MODEL_TICKS + MODEL_TICKS - t) % MODEL_TICKS;
		uint64_t n = h->came[t][v];

		sums->ten += n;
		sums->now += age < 1 ? n : 0;
		sums->two += age < 2 ? n : 0;
	}
}

/* Of the node of a level that a host is in. */
static inline struct model_sums
model_node(const struct model *m, const struct model_host *of, unsigned level, unsigned v)
{
	struct model_sums sums = {0};

	for (unsigned i = 0; i < MODEL_N; i++) {
		const struct model_host *h = &m->host[i];

		if (h->place.zone == of->place.zone && h->at[level] == of->at[level] &&
			(level == SEKI_LEVEL_ZONE || h->place.family == of->place.family))
			model_add(m, h, v, &sums);
	}
	return sums;
}

/* At 1.5 times the limit over two ticks, or at once it over a second. Units are of 64 bits. */
static inline bool
model_exceeds(struct model_sums s, struct seki_rate limit)
{
	double packets = (double)limit.pps, units = (double)(limit.bps / 64);

	return (limit.pps != 0 && ((double)s.ten > packets || (double)s.two / 0.2 > 1.5 * packets)) ||
	       (limit.bps != 0 &&
		       ((double)(s.ten * MODEL_UNITS) > units || (double)(s.two * MODEL_UNITS) / 0.2 > 1.5 * units));
}

#endif
