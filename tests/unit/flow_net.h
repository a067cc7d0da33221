/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FLOW_NET_H
#define SEKI_TEST_FLOW_NET_H

/*
 * The network of pipeline_net.h with state, and random traffic through it, fixed by a seed: conversations of all kinds
 * between few ends, in both directions, under limits so tight that each is met.
 */
#include "pipeline_net.h"

#include "flow_rig.h"
#include "hash.h"

#define N_TALKS 160
#define N_HOT 10 /* talk at a time */
#define TRAFFIC_PAYLOAD 96

/* A frame, and what the port says of it. */
struct frame {
	uint8_t bytes[FRAME_ROOM];
	uint32_t len;
	uint64_t arrival_ns;
	uint8_t in_port;
	bool apart;  /* time has passed: in no burst with those before */
	bool reload; /* the policy is another from here on */
};

struct traffic {
	struct frame *frame;
	unsigned n;

	/* While it is made. */
	struct seki_rng rng;
	struct talk talk[N_TALKS];
	uint32_t seq[N_TALKS]; /* what the inside has said last */
	unsigned hot;
	uint64_t now;
};

/* What became of a packet. */
struct fate {
	uint8_t verdict, reason, observed, flow, batch;
	uint16_t zone;
	uint32_t batch_bytes;
};

static inline uint64_t
any_of(struct traffic *t, uint64_t n)
{
	return seki_rng_below(&t->rng, n);
}

static inline bool
one_of(struct traffic *t, uint64_t n)
{
	return any_of(t, n) == 0;
}

/* Some of them listed, some reflectors, IPv6 ones near each other and far apart. */
static const char *const clients4[] = {"8.8.8.8", "8.8.4.4", "9.9.9.9", "203.0.112.5", "203.0.113.5",
	"203.0.113.200", "100.1.2.3"};
static const char *const clients6[] = {"2a00:1:2:3344::1", "2a00:1:2:3344::2", "2a00:1:2:3355::1", "2a00:1:2:9999::1",
	"2a00:1:3::1", "2001:db8:bad::1", "2001:db8:bae::1"};
static const char *const hosts4[] = {"192.0.2.9", "192.0.2.130", "198.18.7.7", "192.0.2.10"};

static inline void
make_talks(struct traffic *t)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_UDP,
		IPPROTO_ICMP, IPPROTO_GRE};
	static const uint16_t client_ports[] = {53, 123, 11211, 3000, 3001, 3300, 4000, 50000};

	for (unsigned i = 0; i < N_TALKS; i++) {
		struct talk *talk = &t->talk[i];

		*talk = talk_of(one_of(t, 2), protos[any_of(t, N(protos))], 0);
		talk->domain = one_of(t, 5);
		talk->client = addr_of(talk->ip6 ? clients6[any_of(t, N(clients6))] : clients4[any_of(t, N(clients4))]);
		if (!talk->ip6)
			talk->inside = addr_of(hosts4[any_of(t, N(hosts4))]);
		talk->inside_port = (uint16_t)(one_of(t, 3) ? 53 : one_of(t, 2) ? 80 : 9);
		talk->client_port = client_ports[any_of(t, N(client_ports))];
	}
}

static inline uint8_t
some_flags(struct traffic *t)
{
	static const uint8_t flags[] = {PKT_TCP_SYN, PKT_TCP_SYN | PKT_TCP_ACK, PKT_TCP_SYN | PKT_TCP_ACK,
		PKT_TCP_FIN | PKT_TCP_ACK, PKT_TCP_RST};

	return one_of(t, 8) ? flags[any_of(t, N(flags))] : PKT_TCP_ACK;
}

/* One in a few of an attack of one kind goes to or from anywhere: sources that are new. */
static inline struct talk
some_talk(struct traffic *t, unsigned which)
{
	struct talk talk = t->talk[which];

	if (!one_of(t, 12))
		return talk;
	if (talk.ip6)
		talk.client.b[one_of(t, 2) ? 7 : 6] ^= (uint8_t)any_of(t, 16);
	else
		talk.client.b[2] ^= (uint8_t)any_of(t, 256);
	talk.client_port = (uint16_t)(one_of(t, 2) ? talk.client_port : any_of(t, 65536));
	return talk;
}

static inline void
make_frame(struct traffic *t, struct frame *f)
{
	unsigned which = (unsigned)(t->hot + any_of(t, N_HOT)) % N_TALKS;
	struct talk talk = some_talk(t, which);
	uint64_t dice = any_of(t, 40);
	struct word w = {
		.out = any_of(t, 3) == 0,
		.kind = dice < 34 ? WORD_PACKET : dice < 36 ? WORD_FIRST : dice < 39 ? WORD_LATER : WORD_ERROR,
		.tcp_flags = some_flags(t),
		.seq = (uint32_t)any_of(t, 4) * 1000,
		.ack = t->seq[which] + !one_of(t, 8),
		.id = (uint32_t)any_of(t, 3),
		.payload = (uint16_t)(8 * (1 + any_of(t, TRAFFIC_PAYLOAD / 8 - 1))),
	};

	if (w.kind != WORD_PACKET)
		w.tcp_flags = PKT_TCP_ACK;
	if (w.out && (w.tcp_flags & PKT_TCP_SYN))
		t->seq[which] = w.seq;
	frame_of(f->bytes, &talk, &w, &f->len);
	f->arrival_ns = t->now;
	f->in_port = (uint8_t)(talk.domain * 2 + w.out);
}

/* Live, the packets of a burst have one time; offline, they lie within a tenth of a second. */
static inline void
make_traffic(struct traffic *t, unsigned n, uint64_t seed)
{
	*t = (struct traffic){.n = n, .now = 1000 * SECOND};
	seki_rng_init(&t->rng, seed);
	t->frame = zeroed(n * sizeof(*t->frame));
	make_talks(t);
	for (unsigned i = 0; i < n; i++) {
		struct frame *f = &t->frame[i];

		f->apart = one_of(t, 100);
		if (f->apart)
			t->now += any_of(t, one_of(t, 200) ? 400 * SECOND : one_of(t, 40) ? 2 * SECOND : SECOND / 100);
		else if (one_of(t, 3))
			t->now += any_of(t, SECOND / 2000);
		f->reload = f->apart && one_of(t, 20);
		if (one_of(t, 200))
			t->hot += 1 + (unsigned)any_of(t, 3);
		make_frame(t, f);
	}
}

/* Each zone has limits that others of its kind are met under. */
static struct seki_source_limits zone_limits[4] = {
	[1] = {.packets = 20, .verified = 2, .shared_from = 3, .ports = 30, .factor = {1, 2, 3}, .block_ticks = 8},
	[2] = {.bytes = 80, .flows = 2, .verified = 2, .factor = {1, 2, 3}},
	[3] = {.syns = 1, .flows = 1, .verified = 2, .factor = {1, 2, 3}},
};

/* Zone 1 enforces all, zone 2 a part and observes the rest, zone 3 is inbound-only. */
static inline struct bench *
net_create(uint32_t active, uint32_t enforced_of_2)
{
	static const struct config config = {
		.set = {{"pps", 40}, {"burst", 50 * MS}, {"familiar_pps", 20}},
		.service = {{IPPROTO_TCP, false, 80, 80}, {IPPROTO_UDP, false, 53, 53}},
		.n_services = 2,
		.allow_lists = 1,
		.deny_lists = 2,
	};
	struct bench *b = network_create(&config);
	struct rig *r = rig_create(20000, 0);

	b->policy.generation = 1;
	b->policy.n_zones = 4;
	b->policy.vlan_domain[2][0] = 1;
	for (unsigned z = 1; z < 4; z++) {
		b->policy.flow_zone[z].track = true;
		seki_source_weigh(&zone_limits[z]);
		b->zone[z].conf[CM_SOURCE_LIMIT] = &zone_limits[z];
		b->zone[z].shared_lists = 1;
		b->snap.posture[z] = (struct seki_posture){.active = active, .enforce = z == 2 ? enforced_of_2 : active};
	}
	b->policy.flow_zone[2].udp_served = b->served.udp;
	b->policy.flow_zone[3].inbound_only = true;
	b->pipe.flows = &r->flows;
	b->pipe.sources = &r->sources;
	return b;
}

/* What waits for an incident. */
#define NET_LADDER \
	(1u << CM_REFLECTION | 1u << CM_FRAGMENT | 1u << CM_TCP_STATE | 1u << CM_SIGNATURE | 1u << CM_SOURCE_LIMIT | \
		1u << CM_FLOOD)

/*
 * Incidents of zones 1 and 2, which observes: all of the ladder is raised for every vector, strictly for every other one,
 * to some of the hosts. Without it, what was enforced by net_create stays so.
 */
static inline void
net_raise(struct bench *b)
{
	static const struct seki_target targets[] = {{UINT64_C(0xc0000200) << 32, 4, 24}, {UINT64_C(0x20010db8) << 32, 6, 32}};
	static struct seki_raised raised;

	raised = (struct seki_raised){.vectors = (UINT64_C(1) << SEKI_N_VECTORS) - 1,
		.any = NET_LADDER,
		.n_scopes = N(targets),
		.n_signatures = 1,
		.signature = {{SEKI_VECTOR_UDP, 1, {seki_test_range(SEKI_FEATURE_LEN, 0, 60)}}}};
	for (unsigned i = 0; i < N(targets); i++)
		raised.scope[i] = (struct seki_scope){targets[i], raised.vectors};
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		raised.cm[v] = NET_LADDER;
		raised.strict[v] = v % 2 * NET_LADDER;
	}
	for (unsigned z = 1; z < 3; z++) {
		struct seki_posture *posture = &b->snap.posture[z];
		uint32_t stands = posture->enforce & ~NET_LADDER;

		posture->active |= raised.any;
		posture->observes = z == 2;
		posture->enforce = z == 2 ? 0 : stands;
		posture->would = z == 2 ? stands : 0;
		b->snap.raised[z] = &raised;
	}
}

static inline void
net_destroy(struct bench *b)
{
	struct rig *r = (struct rig *)((char *)b->pipe.flows - offsetof(struct rig, flows));

	ck_assert_uint_eq(r->flows.stats.refused, 0);
	rig_destroy(r);
	network_destroy(b);
}

/* What may be anything, and is not looked at: payload, and the checksums that cover it. */
static inline void
scramble(struct seki_rng *rng, uint8_t *bytes, const struct pkt *p)
{
	bool transport = (p->flags & PKT_F_FRAG_LATER) == 0;
	unsigned sum = p->l4_off + (p->flags & PKT_F_TCP ? 16 : p->flags & PKT_F_ICMP ? 2 : 6);

	for (unsigned i = p->payload_off; i < p->len; i++)
		bytes[i] = (uint8_t)seki_rng_next(rng);
	if (transport && (p->flags & (PKT_F_PORTS | PKT_F_ICMP)))
		memset(&bytes[sum], (int)seki_rng_below(rng, 256), 2);
}

static inline void
parse_frame(struct pkt *p, const struct frame *f, uint8_t *bytes, uint8_t (*scratch)[PKT_HEADERS_MAX])
{
	memset(p, 0, sizeof(*p));
	memcpy(bytes, f->bytes, sizeof(f->bytes));
	p->data = bytes;
	p->len = f->len;
	p->linear = (uint16_t)f->len;
	p->arrival_ns = f->arrival_ns;
	p->in_port = f->in_port;
	p->direction = f->in_port & 1 ? SEKI_DIR_OUTBOUND : SEKI_DIR_INBOUND;
	p->flags = PKT_F_REAL_DIR;
	pkt_parse_burst(p, 1, scratch);
}

/* How the traffic is cut into bursts: of `burst`, or of any size where that is 0; `scrambled` by other payload. */
struct cut {
	unsigned burst;
	bool scrambled;
};

static inline void
run_traffic(struct bench *b, const struct traffic *t, struct cut cut, struct fate *fate)
{
	static uint8_t bytes[PKT_BURST][FRAME_ROOM], scratch[PKT_BURST][PKT_HEADERS_MAX];
	static struct pkt pkt[PKT_BURST];
	struct seki_rng rng;
	unsigned n;

	seki_rng_init(&rng, 99);
	for (unsigned i = 0; i < t->n; i += n) {
		unsigned most = cut.burst != 0 ? cut.burst : 1 + (unsigned)seki_rng_below(&rng, PKT_BURST);

		b->policy.generation += t->frame[i].reload;
		for (n = 0; n < most && i + n < t->n && (n == 0 || !t->frame[i + n].apart); n++) {
			parse_frame(&pkt[n], &t->frame[i + n], bytes[n], scratch);
			if (cut.scrambled)
				scramble(&rng, bytes[n], &pkt[n]);
		}
		seki_pipeline_sweep(&b->pipe, pkt[0].arrival_ns);
		network_judge(b, pkt, n);
		for (unsigned k = 0; k < n; k++) {
			const struct pkt *p = &pkt[k];

			fate[i + k] = (struct fate){.verdict = p->verdict, .reason = p->reason, .observed = p->observed,
				.flow = p->flow, .batch = p->batch, .zone = p->zone, .batch_bytes = p->batch_bytes};
		}
	}
}

#endif
