/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FLOW_RIG_H
#define SEKI_TEST_FLOW_RIG_H

/* One core's flows, without a pipeline: frames are parsed, tracked, and pass or not as the test says. */
#include "flow.h"
#include "flow_frames.h"
#include "source.h"
#include "suite.h"

#define SECOND UINT64_C(1000000000)
#define N_ZONES 5

/* Zones of the rig, by id; 0 is none. */
enum {
	ZONE_PLAIN = 1,     /* names no services */
	ZONE_SERVES,        /* UDP 53, 123, 5000 */
	ZONE_INBOUND_ONLY,
	ZONE_UNTRACKED,
};

struct rig {
	struct seki_digest digest;
	struct seki_flow_zone zone[SEKI_CUCKOO_GROUPS];
	uint64_t served[65536 / 64];
	struct seki_flows flows;
	struct seki_sources sources;
	void *memory[2];
	uint64_t now;

	/* The burst that is being gathered. */
	unsigned n;
	bool dropped[PKT_BURST];
	struct pkt pkt[PKT_BURST];
	uint8_t frame[PKT_BURST][FRAME_ROOM];
	uint8_t scratch[PKT_BURST][PKT_HEADERS_MAX];
	struct seki_flow_burst burst;
};

static inline void *
zeroed(size_t bytes)
{
	void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);

	memset(memory, 0, bytes);
	return memory;
}

static inline void
rig_serve(struct rig *r, uint16_t port)
{
	r->served[port / 64] |= UINT64_C(1) << port % 64;
}

static inline struct rig *
rig_create(uint64_t n_flows, uint64_t now)
{
	struct rig *r = zeroed(sizeof(*r));
	const struct seki_key secret = {{1, 2}};

	seki_digest_init(&r->digest, &secret);
	r->memory[0] = zeroed(seki_flows_bytes(n_flows));
	seki_flows_init(&r->flows, r->memory[0], n_flows, &r->digest);
	r->memory[1] = zeroed(seki_sources_bytes(1000));
	seki_sources_init(&r->sources, r->memory[1], 1000, &r->digest);
	r->flows.sources = &r->sources;
	rig_serve(r, 53);
	rig_serve(r, 123);
	rig_serve(r, 5000);
	for (unsigned z = 1; z < N_ZONES; z++)
		r->zone[z].track = z != ZONE_UNTRACKED;
	r->zone[ZONE_SERVES].udp_served = r->served;
	r->zone[ZONE_INBOUND_ONLY].inbound_only = true;
	seki_flows_use(&r->flows, r->zone, N_ZONES, 1);
	seki_sources_use(&r->sources, N_ZONES, false);
	r->now = now;
	seki_flows_sweep(&r->flows, now);
	return r;
}

static inline void
rig_destroy(struct rig *r)
{
	const char *wrong = seki_cuckoo_check(&r->flows.table);

	ck_assert_msg(wrong == NULL, "%s", wrong);
	free(r->memory[0]);
	free(r->memory[1]);
	free(r);
}

/* Adds a packet to the burst, at the time that it is now. */
static inline struct pkt *
rig_add(struct rig *r, const struct talk *t, const struct word *w, bool dropped)
{
	struct pkt *p = &r->pkt[r->n];

	memset(p, 0, sizeof(*p));
	pkt_of(p, r->frame[r->n], t, w, r->now);
	p->domain = t->domain;
	p->zone = t->zone;
	r->dropped[r->n++] = dropped;
	return p;
}

/* The burst, in as many parts as track wants. What was told is in r->pkt[0..n); the next rig_add begins anew. */
static inline void
rig_run(struct rig *r)
{
	unsigned n = r->n;

	r->n = 0;
	if (n == 0)
		return;
	seki_flows_sweep(&r->flows, r->pkt[0].arrival_ns);
	pkt_parse_burst(r->pkt, n, r->scratch);
	for (unsigned i = 0; i < n; i++) {
		HOLDS(r->pkt[i].defect == 0, "%s", seki_reason_name(r->pkt[i].defect));
		r->pkt[i].verdict = r->dropped[i] ? SEKI_VERDICT_DROP : SEKI_VERDICT_PASS;
	}
	seki_flow_look_burst(&r->flows, r->pkt, n, &r->burst);
	for (unsigned from = 0, end; from < n; from = end) {
		end = seki_flow_track_burst(&r->flows, r->pkt, from, n, &r->burst);
		HOLDS(end > from && end <= n, "from %u to %u of %u", from, end, n);
		seki_flow_settle_burst(&r->flows, r->pkt, &r->burst);
	}
}

/* One packet, alone; what its flow says of it. */
static inline unsigned
rig_say(struct rig *r, const struct talk *t, const struct word *w)
{
	rig_run(r);
	rig_add(r, t, w, false);
	rig_run(r);
	return r->pkt[0].flow;
}

static inline union pkt_addr
addr_of(const char *text)
{
	struct seki_prefix prefix = prefix_of(text);
	union pkt_addr addr;

	memcpy(addr.b, prefix.addr, sizeof(addr.b));
	return addr;
}

/* A host of a zone and a client, of either family. */
static inline struct talk
talk_of(bool ip6, uint8_t proto, uint16_t zone)
{
	return (struct talk){
		.ip6 = ip6,
		.proto = proto == IPPROTO_ICMP && ip6 ? IPPROTO_ICMPV6 : proto,
		.zone = zone,
		.inside = addr_of(ip6 ? "2001:db8:a::1" : "192.0.2.1"),
		.client = addr_of(ip6 ? "2a00:1:2:3::4" : "198.51.100.9"),
		.inside_port = 40001,
		.client_port = 40002,
	};
}

#endif
