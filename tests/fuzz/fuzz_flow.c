/* SPDX-License-Identifier: BSD-3-Clause */

/*
 * Packets between few ends, in both directions, as flow_ops.h reads them out of any bytes, through the whole path with
 * state: everything judges, under limits that are soon met, in tables that are soon full. Then
 *
 *   - each packet has come to one end, and the accounting identity holds;
 *   - the books of all tables are right, and nobody who is verified has given way;
 *   - a connection that was verified, and that the inside has not ended, is known for two hours and four minutes;
 *   - where nobody had to give way, bursts have changed nothing.
 */
#include <stdio.h>
#include <stdlib.h>

#include <check.h>

/* The unit tests' headers ask Check, which only answers while it runs tests. */
#undef ck_assert_msg
#define ck_assert_msg(condition, ...) require(condition)
#undef ck_abort_msg
#define ck_abort_msg(...) abort()

#define require(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
			abort(); \
		} \
	} while (0)

#include "../unit/flow_net.h"
#include "flow_ops.h"

#define FRAMES_MAX 3000
#define SLOTS 870 /* for flows, of 1,024 slots */
#define TALKS_FLOODED UINT16_MAX
#define FIRM_NS ((7440 - 1) * SECOND)

/* What was meant by a frame. */
struct meant {
	uint16_t talk; /* TALKS_FLOODED: none that comes again */
	enum word_kind kind;
	bool out;
	uint8_t tcp_flags;
};

static struct bench *bench;
static struct seki_stats *stats;
static struct frame frames[FRAMES_MAX];
static struct meant meant[FRAMES_MAX];
static struct fate fates[2][FRAMES_MAX];

/* While an input is read. */
static struct {
	unsigned n;
	uint64_t now;
	bool apart, reload;
	uint32_t seq[OP_TALKS]; /* what the inside has said last */
	uint32_t strangers;
} in;

/* Each index is other ends than any other one. */
static struct talk
talk_at(unsigned i)
{
	static const uint8_t protos[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_TCP, IPPROTO_GRE};
	struct talk t = talk_of(i & 1, protos[i >> 1 & 3], 0);
	unsigned client = i >> 3 & 3;

	t.client = addr_of(t.ip6 ? clients6[client] : clients4[client]);
	if (t.ip6)
		t.inside.b[15] = (uint8_t)(1 + (i >> 5 & 1));
	else
		t.inside = addr_of(hosts4[i >> 5 & 1]);
	t.domain = i >> 6 & 1;
	t.inside_port = t.proto == IPPROTO_UDP ? (client & 1 ? 53 : 5000) : i & 4 ? 80 : 9;
	t.client_port = t.proto == IPPROTO_UDP && client < 2 ? 53 : 50000;
	return t;
}

static void
add(const struct talk *t, const struct word *w, uint16_t which)
{
	struct frame *f = &frames[in.n];

	if (in.n == FRAMES_MAX)
		return;
	frame_of(f->bytes, t, w, &f->len);
	f->arrival_ns = in.now;
	f->in_port = (uint8_t)(t->domain * 2 + w->out);
	f->apart = in.apart;
	f->reload = in.reload;
	in.apart = in.reload = false;
	meant[in.n++] = (struct meant){which, w->kind, w->out, w->tcp_flags};
}

static void
add_packet(const uint8_t *step, unsigned times)
{
	static const uint8_t flags[] = {PKT_TCP_ACK, PKT_TCP_ACK | PKT_TCP_PSH, PKT_TCP_SYN, PKT_TCP_SYN | PKT_TCP_ACK,
		PKT_TCP_FIN | PKT_TCP_ACK, PKT_TCP_RST, PKT_TCP_ACK, PKT_TCP_SYN | 0xc0};
	unsigned which = step[1] % OP_TALKS;
	struct talk t = talk_at(which);
	struct word w = {
		.out = (step[1] & OP_OUT) != 0,
		.kind = (enum word_kind)OP_KIND(step[2]),
		.tcp_flags = flags[OP_FLAGS(step[2])],
		.seq = step[3] % 4 * 1000u,
		.ack = in.seq[which] + ((step[2] & OP_RIGHT) != 0),
		.id = step[3] % 3u,
		.payload = (uint16_t)(8 * (1 + step[3] % 11)),
	};

	if (w.kind != WORD_PACKET)
		w.tcp_flags = PKT_TCP_ACK;
	if (w.out && (w.tcp_flags & PKT_TCP_SYN))
		in.seq[which] = w.seq;
	for (unsigned i = 0; i < times; i++)
		add(&t, &w, (uint16_t)which);
}

static void
shake_hands(const struct talk *t, uint16_t which, bool inside_begins, bool right)
{
	const uint8_t both = PKT_TCP_SYN | PKT_TCP_ACK;
	const struct word syn = {.out = inside_begins, .tcp_flags = PKT_TCP_SYN, .seq = 7};
	const struct word syn_ack = {.out = !inside_begins, .tcp_flags = both, .seq = 7, .ack = right ? 8 : 9};
	const struct word ack = {.out = inside_begins, .tcp_flags = PKT_TCP_ACK, .ack = right ? 8 : 9};

	add(t, &syn, which);
	add(t, &syn_ack, which);
	add(t, &ack, which);
}

/* One of a flood: a client and a port that nobody has seen yet. */
static void
add_stranger(struct talk t, unsigned kind)
{
	const uint8_t both = PKT_TCP_SYN | PKT_TCP_ACK;
	struct word w = {.tcp_flags = PKT_TCP_SYN, .payload = 8};

	in.strangers++;
	t.client.b[t.ip6 ? 5 : 2] = (uint8_t)(in.strangers >> 8);
	t.client.b[t.ip6 ? 4 : 1] ^= (uint8_t)in.strangers | 0x80;
	t.proto = kind == FLOOD_REFLECTION || kind == FLOOD_QUESTIONS ? IPPROTO_UDP : IPPROTO_TCP;
	t.client_port = kind == FLOOD_REFLECTION ? 11211 : 1024;
	w.out = kind == FLOOD_QUESTIONS;
	if (kind == FLOOD_ACK)
		w.tcp_flags = PKT_TCP_ACK;
	if (kind == FLOOD_HANDSHAKES) {
		shake_hands(&t, TALKS_FLOODED, false, true);
		return;
	}
	add(&t, &w, TALKS_FLOODED);
	if (kind == FLOOD_SYN) {
		w = (struct word){.out = true, .tcp_flags = both};
		add(&t, &w, TALKS_FLOODED);
	}
}

static void
take_step(const uint8_t *step)
{
	unsigned which = step[1] % OP_TALKS;
	struct talk t;

	switch (step[0] % OP_N) {
	case OP_PACKET:
		add_packet(step, 1);
		break;
	case OP_REPEAT:
		add_packet(step, 1 + step[3]);
		break;
	case OP_HANDSHAKE:
		t = talk_at(which);
		in.seq[which] = 7;
		if (t.proto == IPPROTO_TCP)
			shake_hands(&t, (uint16_t)which, step[1] & OP_OUT, step[2] & 1);
		break;
	case OP_FLOOD:
		for (unsigned i = 0; i <= step[1]; i++)
			add_stranger(talk_at(step[3] % OP_TALKS), step[2] % FLOOD_N);
		break;
	case OP_WAIT:
		in.now += step[1] * UINT64_C(8000);
		break;
	case OP_PAUSE:
		in.now += (uint64_t)step[1] << (8 + step[2] % 28);
		in.apart = true;
		break;
	default:
		in.reload = in.apart = true;
	}
}

/* Nothing is left of the input before. */
static struct rig *
begin(uint8_t posture)
{
	static const uint32_t state =
		1u << CM_REFLECTION | 1u << CM_FRAGMENT | 1u << CM_TCP_STATE | 1u << CM_SOURCE_LIMIT;
	static const uint32_t postures[][2] = {{ALL, ALL}, {state, state}, {ALL, state}, {state, 0}};
	struct rig *rig = rig_create(SLOTS, 0);

	memset(bench->pipe.budget, 0, (size_t)(LAST_ZONE + 1) * cm_n_budgets * sizeof(*bench->pipe.budget));
	memset(&bench->pipe.routed, 0, sizeof(bench->pipe.routed));
	lease(bench);
	bench->pipe.policy_seen = 0;
	bench->policy.generation = 1;
	bench->pipe.flows = &rig->flows;
	bench->pipe.sources = &rig->sources;
	memset(bench->snap.raised, 0, sizeof(bench->snap.raised));
	for (unsigned z = 1; z <= LAST_ZONE; z++)
		bench->snap.posture[z] = (struct seki_posture){
			.active = postures[posture % 4][0], .enforce = postures[posture % 4][z == 2]};
	if (posture & 4)
		net_raise(bench);
	memset(stats->port, 0, sizeof(stats->port));
	memset(stats->zone, 0, (LAST_ZONE + 1) * sizeof(*stats->zone));
	return rig;
}

/* As the packet path has it, with ports that take all. */
static void
judge(struct pkt *pkt, unsigned n)
{
	struct pkt_sum sum;

	seki_place_burst(&bench->pipe, &bench->snap, pkt, n);
	for (unsigned from = 0, end; from < n; from = end) {
		end = seki_classify_burst(&bench->pipe, &bench->snap, pkt, from, n, &sum);
		require(end > from && end <= n);
		seki_decide_burst(&bench->pipe, &bench->snap, &pkt[from], end - from, &sum);
		seki_settle_burst(&bench->pipe, pkt);
		seki_stats_burst(stats, &pkt[from], end - from, &sum);
	}
	for (unsigned i = 0; i < n; i++) {
		const struct pkt *p = &pkt[i];

		require(p->reason != SEKI_REASON_NONE && p->reason < SEKI_N_REASONS);
		require((seki_reason_verdict(p->reason) == SEKI_VERDICT_PASS) == (p->verdict == SEKI_VERDICT_PASS));
		if (p->verdict != SEKI_VERDICT_PASS)
			continue;
		seki_stats_end(stats, pkt_fate(p), p->len);
		stats->port[p->egress].tx.packets++;
		stats->port[p->egress].tx.bytes += p->len;
	}
}

static void
run(unsigned burst, struct fate *fate)
{
	static uint8_t bytes[PKT_BURST][FRAME_ROOM], scratch[PKT_BURST][PKT_HEADERS_MAX];
	static struct pkt pkt[PKT_BURST];
	unsigned n;

	for (unsigned i = 0; i < in.n; i += n) {
		bench->policy.generation += frames[i].reload;
		for (n = 0; n < burst && i + n < in.n && (n == 0 || !frames[i + n].apart); n++)
			parse_frame(&pkt[n], &frames[i + n], bytes[n], scratch);
		seki_pipeline_sweep(&bench->pipe, pkt[0].arrival_ns);
		judge(pkt, n);
		for (unsigned k = 0; k < n; k++)
			fate[i + k] = (struct fate){.verdict = pkt[k].verdict,
				.reason = pkt[k].reason,
				.observed = pkt[k].observed,
				.flow = pkt[k].flow,
				.batch = pkt[k].batch,
				.zone = pkt[k].zone,
				.batch_bytes = pkt[k].batch_bytes};
	}
}

static void
check_books(const struct rig *rig)
{
	struct seki_balance balance;

	seki_stats_balance(stats, &balance);
	require(seki_balance_holds(&balance) && balance.rx.packets == in.n);
	require(seki_cuckoo_check(&rig->flows.table) == NULL);
	require(seki_cuckoo_check(&rig->sources.rates) == NULL);
	require(seki_cuckoo_check(&rig->sources.known) == NULL);
	require(rig->flows.table.stats.evicted[3] == 0 && rig->sources.known.stats.evicted[3] == 0);
}

/* By the packets of a talk and what was said of them: how long its connection must be known, unless the inside ends it.
 */
struct firm {
	uint64_t until;
	bool ended;
};

static void
note_outbound(struct firm *firm, uint8_t tcp_flags)
{
	if ((tcp_flags & (PKT_TCP_SYN | PKT_TCP_FIN | PKT_TCP_RST)) == 0)
		return;
	firm->until = 0;
	firm->ended |= (tcp_flags & (PKT_TCP_FIN | PKT_TCP_RST)) != 0;
	/* That opens another one for certain. (One that answers may be said again, while the old one stands.) */
	if ((tcp_flags & (PKT_TCP_SYN | PKT_TCP_ACK | PKT_TCP_RST)) == PKT_TCP_SYN)
		firm->ended = false;
}

static void
check_firm(const struct fate *fate)
{
	static struct firm talks[OP_TALKS];

	memset(talks, 0, sizeof(talks));
	for (unsigned i = 0; i < in.n; i++) {
		const struct meant *m = &meant[i];
		bool middle = !m->out && m->kind == WORD_PACKET && (m->tcp_flags & PKT_TCP_SYN) == 0;
		struct firm *firm = &talks[m->talk % OP_TALKS];

		if (m->talk == TALKS_FLOODED)
			continue;
		if (m->out)
			note_outbound(firm, m->tcp_flags);
		if (middle && frames[i].arrival_ns < firm->until)
			require(fate[i].flow & PKT_FLOW_VERIFIED);
		/* The client has given it up, so it is known still, but nobody vouches for it any more. */
		if (middle && (m->tcp_flags & PKT_TCP_RST) != 0) {
			firm->until = 0;
			continue;
		}
		firm->ended &= (fate[i].flow & PKT_FLOW_NEW) == 0;
		if ((fate[i].flow & PKT_FLOW_VERIFIED) != 0 && !firm->ended)
			firm->until = frames[i].arrival_ns + FIRM_NS;
	}
}

/* Nobody gave way, or was refused; who does may hang on when the dead were cleared. */
static bool
had_room(const struct rig *rig)
{
	const struct seki_cuckoo *tables[] = {&rig->flows.table, &rig->sources.rates, &rig->sources.known};
	uint64_t n = 0;

	for (unsigned t = 0; t < N(tables); t++) {
		n += tables[t]->stats.refused;
		for (unsigned r = 0; r < SEKI_CUCKOO_RANKS; r++)
			n += tables[t]->stats.evicted[r];
	}
	return n == 0;
}

static void
check_same(void)
{
	for (unsigned i = 0; i < in.n; i++) {
		const struct fate *a = &fates[0][i], *b = &fates[1][i];

		require(a->reason == b->reason && a->verdict == b->verdict && a->observed == b->observed);
		/* That a client was looked up is known for the next burst, not for the next packet. */
		require(((a->flow ^ b->flow) & ~PKT_FLOW_CHECKED) == 0);
		require(a->batch == b->batch && a->batch_bytes == b->batch_bytes && a->zone == b->zone);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	test_eal_start(512);
	bench = net_create(ALL, ALL);
	rig_destroy((struct rig *)((char *)bench->pipe.flows - offsetof(struct rig, flows)));
	stats = zeroed(sizeof(*stats));
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool room = true;

	if (size < OPS_HEAD)
		return 0;
	memset(&in, 0, sizeof(in));
	in.now = 1000 * SECOND;
	for (size_t at = OPS_HEAD; at + OPS_STEP <= size && in.n < FRAMES_MAX; at += OPS_STEP)
		take_step(data + at);
	for (unsigned r = 0; r < 2; r++) {
		struct rig *rig = begin(data[1]);

		run(r == 0 ? 1 : 1 + data[0] % PKT_BURST, fates[r]);
		check_books(rig);
		check_firm(fates[r]);
		room &= had_room(rig);
		rig_destroy(rig);
	}
	if (room)
		check_same();
	return 0;
}
