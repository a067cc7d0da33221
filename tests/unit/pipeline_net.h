/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_PIPELINE_NET_H
#define SEKI_TEST_PIPELINE_NET_H

/* A small network on real tables: two pairs of ports, two domains, three zones, lists, two peers. */
#include "cm_bench.h"
#include "eal.h"
#include "special.h"

#include <netinet/in.h>

/* Ports: 0 faces outside, 1 is its inside peer; 2 and 3 are a second pair. */
#define OUTSIDE 0
#define INSIDE 1
#define ALL ((1u << CM_N) - 1)
#define VLAN_B 100 /* domain 1 on the first pair */
#define IN SEKI_DIR_INBOUND
#define OUT SEKI_DIR_OUTBOUND

static const struct {
	const char *prefix;
	uint16_t domain, zone;
} prefixes[] = {
	{"192.0.2.0/24", 0, 1},
	{"2001:db8:a::/48", 0, 1},
	{"198.18.0.0/16", 0, 2},
	{"192.0.2.128/25", 0, 2},
	{"192.0.2.0/24", 1, 3},
};

static const struct {
	const char *prefix;
	uint16_t set;
} listed[] = {
	{"203.0.113.0/24", 1},
	{"203.0.113.128/25", 3},
	{"100.0.0.0/8", 2},
	{"2001:db8:bad::/48", 2},
};

static inline struct seki_lpm *
build_zones(uint16_t domain, const char *name)
{
	struct seki_lpm_entry entry[N(prefixes)];
	struct seki_lpm *lpm;
	size_t n = 0;

	for (size_t i = 0; i < N(prefixes); i++) {
		if (prefixes[i].domain != domain)
			continue;
		ck_assert_int_eq(seki_prefix_parse(prefixes[i].prefix, &entry[n].prefix), 0);
		entry[n++].value = prefixes[i].zone;
	}
	lpm = seki_lpm_create(name, -1, entry, n, 0, NULL);
	ck_assert_ptr_nonnull(lpm);
	return lpm;
}

static inline struct seki_lpm *
build_lists(void)
{
	struct seki_lpm_entry entry[N(listed)];
	struct seki_lpm *lpm;

	for (size_t i = 0; i < N(listed); i++) {
		ck_assert_int_eq(seki_prefix_parse(listed[i].prefix, &entry[i].prefix), 0);
		entry[i].value = listed[i].set;
	}
	lpm = seki_lpm_create("sets", -1, entry, N(listed), 0, NULL);
	ck_assert_ptr_nonnull(lpm);
	return lpm;
}

static inline void
build_known(struct seki_coarse *known)
{
	struct seki_prefix p;

	for (size_t i = 0; i < N(prefixes); i++)
		if (seki_prefix_parse(prefixes[i].prefix, &p) == 0)
			seki_coarse_add(known, &p);
	for (size_t i = 0; i < N(listed); i++)
		if (seki_prefix_parse(listed[i].prefix, &p) == 0)
			seki_coarse_add(known, &p);
	for (unsigned i = 0; seki_special_range(i, &p); i++)
		seki_coarse_add(known, &p);
}

static inline struct bench *
network_create(const struct config *config)
{
	struct bench *b = bench_create(config);
	struct seki_policy *policy = &b->policy;

	for (unsigned p = 0; p < 4; p++) {
		policy->peer_port[p] = (uint16_t)(p ^ 1);
		policy->outside[p] = p % 2 == 0;
		policy->max_frame[p] = 1514;
	}
	policy->max_frame_least = 1514;
	policy->zone_lpm[0] = build_zones(0, "zones0");
	policy->zone_lpm[1] = build_zones(1, "zones1");
	policy->vlan_domain[OUTSIDE][VLAN_B] = 1;
	policy->vlan_domain[INSIDE][VLAN_B] = 1;
	policy->vlan_domain[3][0] = 1; /* the other pair: its untagged traffic, seen from inside */
	policy->n_domains = 2;
	build_known(&policy->known);
	policy->sets.lpm = build_lists();
	policy->n_peers = 2;
	seki_prefix_parse("192.0.2.1", &policy->peer[0]);
	seki_prefix_parse("198.51.100.1", &policy->peer[1]);
	return b;
}

/* Through both stages, as one burst. */
static inline void
network_judge(struct bench *b, struct pkt *pkt, unsigned n)
{
	struct pkt_sum sum;

	seki_place_burst(&b->pipe, &b->snap, pkt, n);
	for (unsigned from = 0, end; from < n; from = end) {
		end = seki_classify_burst(&b->pipe, &b->snap, pkt, from, n, &sum);
		seki_decide_burst(&b->pipe, &b->snap, &pkt[from], end - from, &sum);
		seki_settle_burst(&b->pipe, pkt);
	}
}

static inline void
network_destroy(struct bench *b)
{
	seki_lpm_destroy(b->policy.zone_lpm[0]);
	seki_lpm_destroy(b->policy.zone_lpm[1]);
	seki_lpm_destroy(b->policy.sets.lpm);
	bench_destroy(b);
}

#endif
