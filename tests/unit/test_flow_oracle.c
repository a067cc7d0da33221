/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Flows against a model, over random packets between few ends, so that they mean something to each other: both
 * directions, several domains and zones, fragments and errors, in bursts of any size; policies change; time stands
 * still, walks, and leaps over days. After each packet both must say the same of it.
 */
#include "flow_model.h"
#include "hash.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
#define N_PACKETS 1000000
#else
#define N_PACKETS 10000000
#endif

#define N_TALKS 256
#define N_HOT 12 /* of them at a time */

struct oracle {
	struct rig *rig;
	struct seki_rng rng;
	struct model model;
	struct talk talk[N_TALKS];
	uint16_t zone_of_host[4];
	uint64_t served[65536 / 64];
	unsigned hot;

	/* The burst. */
	struct talk said_by[PKT_BURST];
	struct word word[PKT_BURST];
	struct told told[PKT_BURST];

	uint64_t of_kind[MODEL_FRAGMENTS + 1]; /* packets in that met an entry of the kind */
	uint64_t known, doubted;
};

static uint64_t
below(struct oracle *o, uint64_t n)
{
	return seki_rng_below(&o->rng, n);
}

static bool
one_in(struct oracle *o, uint64_t n)
{
	return below(o, n) == 0;
}

static unsigned
host_of(const struct talk *t)
{
	return t->inside.b[t->ip6 ? 15 : 3] % 4u;
}

static void
make_talks(struct oracle *o)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_TCP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_UDP, IPPROTO_UDP,
		IPPROTO_GRE, IPPROTO_ESP, IPPROTO_ICMP};
	static const uint16_t inside_ports[] = {53, 123, 5000, 40000, 40001}, client_ports[] = {53, 123, 40000, 40001};

	for (unsigned i = 0; i < N_TALKS; i++) {
		struct talk *t = &o->talk[i];

		*t = talk_of(one_in(o, 2), protos[below(o, N(protos))], 0);
		t->domain = (uint16_t)below(o, 2);
		t->inside.b[t->ip6 ? 15 : 3] = (uint8_t)below(o, 4);
		t->client.b[t->ip6 ? 15 : 3] = (uint8_t)below(o, 3);
		t->inside_port = inside_ports[below(o, N(inside_ports))];
		t->client_port = client_ports[below(o, N(client_ports))];
	}
}

/* Another policy: zones, which hosts they hold, what they serve. */
static void
reload(struct oracle *o)
{
	for (unsigned z = 1; z < N_ZONES; z++)
		o->rig->zone[z] = (struct seki_flow_zone){.track = !one_in(o, 6),
			.inbound_only = one_in(o, 5),
			.udp_served = one_in(o, 2) ? o->served : NULL};
	for (unsigned p = 0; p < 3; p++)
		o->served[(const unsigned[]){53, 123, 5000}[p] / 64] ^= below(o, 2)
									<< (const unsigned[]){53, 123, 5000}[p] % 64;
	for (unsigned h = 0; h < N(o->zone_of_host); h++)
		o->zone_of_host[h] = (uint16_t)(1 + below(o, N_ZONES - 1));
	o->model.gen++;
	seki_flows_use(&o->rig->flows, o->rig->zone, one_in(o, 4) ? 1 : N_ZONES, o->model.gen);
}

/* Half of the time what is expected, else beside it or nonsense. */
static uint32_t
some_number(struct oracle *o, uint32_t right)
{
	switch (below(o, 8)) {
	case 0:
		return right + 1;
	case 1:
		return right - 1;
	case 2:
		return right ^ (1u << below(o, 24));
	case 3:
		return (uint32_t)seki_rng_next(&o->rng);
	default:
		return right | (uint32_t)below(o, 256) << 24;
	}
}

static uint8_t
some_flags(struct oracle *o, bool out)
{
	static const uint8_t often[] = {PKT_TCP_ACK, PKT_TCP_ACK, PKT_TCP_ACK, PKT_TCP_ACK | PKT_TCP_PSH, PKT_TCP_SYN,
		PKT_TCP_SYN | PKT_TCP_ACK, PKT_TCP_SYN | PKT_TCP_ACK, PKT_TCP_SYN | PKT_TCP_ACK | 0x40,
		PKT_TCP_SYN | 0xc0};
	static const uint8_t seldom[] = {PKT_TCP_FIN | PKT_TCP_ACK, PKT_TCP_FIN | PKT_TCP_ACK | PKT_TCP_PSH,
		PKT_TCP_RST, PKT_TCP_RST | PKT_TCP_ACK};

	if (one_in(o, out ? 20 : 10))
		return seldom[below(o, N(seldom))];
	return one_in(o, 3) ? often[below(o, N(often))] : PKT_TCP_ACK;
}

static void
some_word(struct oracle *o, struct model_entry *e, const struct seki_flow_zone *zone, struct word *w)
{
	static const union pkt_addr router = {.b = {8, 8, 8, 8}}, nobody = {.b = {9, 9, 9, 9}};
	uint64_t dice = below(o, 20);

	*w = (struct word){
		.out = zone->inbound_only ? one_in(o, 20) : below(o, 5) < 2,
		.kind = dice < 15   ? WORD_PACKET
			: dice < 17 ? WORD_FIRST
			: dice < 19 ? WORD_LATER
				    : WORD_ERROR,
		.seq = one_in(o, 3) ? UINT32_MAX - (uint32_t)below(o, 2) : (uint32_t)seki_rng_next(&o->rng),
		.id = (uint32_t)below(o, 3),
		.payload = (uint16_t)(8 * (1 + below(o, 180))),
		.told = one_in(o, 4) ? &nobody : NULL,
		.reporter = one_in(o, 2) ? &router : NULL,
	};
	w->tcp_flags = w->kind == WORD_FIRST && one_in(o, 2) ? PKT_TCP_ACK : some_flags(o, w->out);
	w->ack = some_number(o, e->expects);
}

static void
add_packet(struct oracle *o)
{
	struct rig *r = o->rig;
	unsigned i = r->n;
	struct talk *t = &o->said_by[i];
	struct word *w = &o->word[i];
	bool passes = !one_in(o, 4);
	struct pkt *p;

	*t = o->talk[(o->hot + below(o, N_HOT)) % N_TALKS];
	t->zone = o->zone_of_host[host_of(t)];
	some_word(o, model_flow(&o->model, t), &r->zone[t->zone], w);
	if (is_doubtful(model_of(&o->model, t, w), r->now)) {
		o->doubted++;
		return;
	}
	p = rig_add(r, t, w, !passes);
	bury(model_of(&o->model, t, w), r->now);
	o->of_kind[model_of(&o->model, t, w)->kind] += !w->out;
	o->told[i] = model_say(&o->model, t, w, r->now, p->len, passes);
}

static void
check_packet(struct oracle *o, unsigned i)
{
	const struct pkt *p = &o->rig->pkt[i];
	const struct told *told = &o->told[i];
	const struct word *w = &o->word[i];

	HOLDS(p->flow == told->flow && p->batch == told->batch,
		"proto %u, zone %u, %s, kind %u, flags 0x%x: flow 0x%x and not 0x%x, batch %u and not %u",
		o->said_by[i].proto, o->said_by[i].zone, w->out ? "outbound" : "inbound", w->kind, w->tcp_flags,
		p->flow, told->flow, p->batch, told->batch);
	HOLDS(p->batch_bytes >= (told->batch == 1 ? p->len : told->round_bytes) &&
			p->batch_bytes <= (told->batch == 1 ? p->len : told->round_bytes + told->batch * 63),
		"charged %u bytes of %u", p->batch_bytes, told->batch == 1 ? p->len : told->round_bytes);
	o->known += p->flow != 0;
}

/* To where an entry of the burst is about to die, or has just died. */
static uint64_t
near_an_end(struct oracle *o, uint64_t now)
{
	const struct model_entry *e = model_flow(&o->model, &o->talk[(o->hot + below(o, N_HOT)) % N_TALKS]);
	uint64_t then = one_in(o, 2) ? e->alive_to : e->dead_from;

	return e->kind != MODEL_NONE && then > now ? then : now;
}

static void
pass_time(struct oracle *o)
{
	struct rig *r = o->rig;
	uint64_t dice = below(o, 4000);

	if (dice < 1000)
		r->now += below(o, UINT64_C(1) << below(o, 30));
	else if (dice < 1200)
		r->now += below(o, 4 * SECOND);
	else if (dice < 1300)
		r->now = near_an_end(o, r->now);
	else if (dice < 1330)
		r->now += below(o, 310 * SECOND);
	else if (dice < 1340)
		r->now += below(o, 8000 * SECOND);
	else if (dice < 1342)
		r->now += below(o, 500000 * SECOND);
	else if (dice < 1344)
		r->now += (32768 - 100 + below(o, 200)) * MODEL_TICK * (1 + below(o, 3));
	else if (dice < 1354)
		reload(o);
	if (dice % 50 == 0)
		o->hot++;
}

/* Returns how many packets. */
static unsigned
run_burst(struct oracle *o)
{
	unsigned n = 1 + (unsigned)below(o, PKT_BURST), i;

	for (unsigned k = 0; k < n; k++) {
		add_packet(o);
		if (one_in(o, 8))
			o->rig->now += below(o, UINT64_C(1) << below(o, 33));
	}
	n = o->rig->n;
	rig_run(o->rig);
	for (i = 0; i < n; i++)
		check_packet(o, i);
	if (n == 0 || !one_in(o, 4))
		return n;
	i = (unsigned)below(o, n);
	if (is_doubtful(model_flow(&o->model, &o->said_by[i]), o->rig->pkt[i].arrival_ns))
		return n;
	if (o->rig->pkt[i].flow & PKT_FLOW_KNOWN) {
		seki_flow_checked(&o->rig->flows, &o->rig->pkt[i]);
		model_checked(&o->model, &o->said_by[i], &o->word[i], (o->rig->pkt[i].flow & PKT_FLOW_ASKED) != 0);
	}
	return n;
}

/* Every kind of digest that the CPU has: the table must not care. */
static void
use_digest(struct oracle *o, enum seki_digest_kind kind)
{
	const struct seki_key secret = {{3, 4}};

	if (!seki_digest_init_kind(&o->rig->digest, &secret, kind))
		seki_digest_init(&o->rig->digest, &secret);
}

START_TEST(model_agrees)
{
	struct oracle *o = calloc(1, sizeof(*o));
	uint64_t packets = 0;

	seki_rng_init(&o->rng, 500 + (uint64_t)_i);
	o->rig = rig_create(3000, 65500 * MODEL_TICK);
	use_digest(o, (enum seki_digest_kind)(_i % SEKI_N_DIGESTS));
	o->model.zone = o->rig->zone;
	make_talks(o);
	reload(o);
	while (packets < N_PACKETS / 4) {
		packets += run_burst(o);
		pass_time(o);
	}
	ck_assert_uint_eq(o->rig->flows.stats.refused, 0);
	for (unsigned r = 0; r < SEKI_CUCKOO_RANKS; r++)
		ck_assert_uint_eq(o->rig->flows.table.stats.evicted[r], 0);
	/* Or it was tested on nothing. */
	for (unsigned k = 0; k <= MODEL_FRAGMENTS; k++)
		ck_assert_msg(o->of_kind[k] > packets / 20000, "%u: %llu", k, (unsigned long long)o->of_kind[k]);
	ck_assert_uint_gt(o->known, packets / 5);
	ck_assert_uint_lt(o->doubted, packets / 50);
	rig_destroy(o->rig);
	free(o);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("flow_oracle");

	tcase_set_timeout(tests, 240);
	tcase_add_loop_test(tests, model_agrees, 0, 4);
	return suite_run("flow_oracle", tests);
}
