/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FLOW_MODEL_H
#define SEKI_TEST_FLOW_MODEL_H

/*
 * What flow.h says, said another way: a map from the whole tuple to what is known of it, times in nanoseconds, packets one
 * by one. Whether an entry lives is left open for a tick before and after its end, which `doubtful` says.
 */
#include "flow_rig.h"

enum model_kind {
	MODEL_NONE,
	MODEL_OPENING,
	MODEL_OPENED,
	MODEL_HEARD,
	MODEL_TCP,
	MODEL_CLOSING,
	MODEL_ASKED,
	MODEL_ANSWERED,
	MODEL_FRAGMENTS,
};

/* Everything that makes a conversation, or a packet in fragments, another one. Without holes but for zeros. */
struct model_key {
	union pkt_addr inside, client;
	uint32_t id;
	uint16_t domain, inside_port, client_port;
	uint8_t proto, ip6, fragments, reserved[3];
};

struct model_entry {
	struct model_key key;
	bool used;
	enum model_kind kind;
	bool asked, both, verified, fin_in, fin_out;
	bool strict;                /* in its first round */
	enum { MODEL_WEAK, MODEL_HALF, MODEL_FIRM } rank; /* of a TCP connection */
	uint32_t expects;
	uint64_t alive_to, dead_from; /* ns; in between it may be either */
	unsigned gen;               /* of the lists that its client was looked up in; 0: none */
	unsigned counted, bytes;    /* of the round */
	uint64_t heard_slice;       /* in which the outside last spoke first, counted from 1; 0: never */
};

#define MODEL_SLOTS 8192

struct model {
	const struct seki_flow_zone *zone;
	unsigned gen;
	unsigned n;
	struct model_entry entry[MODEL_SLOTS];
};

/* What is expected of a packet. */
struct told {
	unsigned flow;
	unsigned batch;
	unsigned round_bytes; /* where a round is charged */
};

#define MODEL_TICK (UINT64_C(1) << 28)
#define MODEL_SLICE_SHIFT 32
#define MODEL_ROUND 32
#define MODEL_FOLLOWERS 128 /* fragments after the first */

static inline struct model_entry *
model_at(struct model *m, const struct model_key *key)
{
	const uint8_t *bytes = (const uint8_t *)key;
	uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a */

	for (size_t i = 0; i < sizeof(*key); i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	for (size_t i = (hash >> 20) % MODEL_SLOTS;; i = (i + 1) % MODEL_SLOTS) {
		struct model_entry *e = &m->entry[i];

		if (e->used && memcmp(&e->key, key, sizeof(*key)) == 0)
			return e;
		if (e->used)
			continue;
		HOLDS(++m->n < MODEL_SLOTS / 2, "too many tuples for the model");
		e->used = true;
		e->key = *key;
		return e;
	}
}

static inline bool
has_ports(uint8_t proto)
{
	return proto == IPPROTO_TCP || proto == IPPROTO_UDP;
}

static inline bool
is_icmp(uint8_t proto)
{
	return proto == IPPROTO_ICMP || proto == IPPROTO_ICMPV6;
}

static inline struct model_entry *
model_flow(struct model *m, const struct talk *t)
{
	struct model_key key = {.inside = t->inside, .client = t->client, .domain = t->domain, .proto = t->proto};

	key.ip6 = t->ip6;
	if (has_ports(t->proto)) {
		key.inside_port = t->inside_port;
		key.client_port = t->client_port;
	}
	return model_at(m, &key);
}

/* RFC 791: the protocol is part of what names a fragmented packet; RFC 8200: it is not. */
static inline struct model_entry *
model_fragments(struct model *m, const struct talk *t, uint32_t id)
{
	struct model_key key = {.inside = t->inside, .client = t->client, .domain = t->domain, .id = id};

	key.ip6 = t->ip6;
	key.fragments = 1;
	key.proto = t->ip6 ? 0 : t->proto;
	return model_at(m, &key);
}

static inline struct model_entry *
model_of(struct model *m, const struct talk *t, const struct word *w)
{
	return w->kind == WORD_LATER ? model_fragments(m, t, w->id) : model_flow(m, t);
}

static inline bool
is_doubtful(const struct model_entry *e, uint64_t now)
{
	return e->kind != MODEL_NONE && now > e->alive_to && now < e->dead_from;
}

static inline void
bury(struct model_entry *e, uint64_t now)
{
	if (e->kind != MODEL_NONE && now >= e->dead_from)
		e->kind = MODEL_NONE;
}

static inline void
live(struct model_entry *e, uint64_t now, unsigned seconds)
{
	e->alive_to = now + seconds * SECOND - MODEL_TICK;
	e->dead_from = now + seconds * SECOND + MODEL_TICK;
}

/* Another state; nothing of the one before is left but what the outside has begun. */
static inline void
become(struct model_entry *e, enum model_kind kind, uint64_t now, unsigned seconds)
{
	struct model_entry fresh = {.key = e->key, .used = true, .kind = kind, .heard_slice = e->heard_slice};

	*e = fresh;
	live(e, now, seconds);
}

static inline void
become_tcp(struct model_entry *e, uint64_t now, unsigned rank)
{
	become(e, MODEL_TCP, now, 7500);
	e->rank = rank;
	e->strict = true;
}

static inline unsigned
says(const struct model *m, const struct model_entry *e)
{
	return PKT_FLOW_KNOWN | e->asked * PKT_FLOW_ASKED |
	       (e->verified && e->kind == MODEL_TCP && e->rank == MODEL_FIRM) * PKT_FLOW_VERIFIED | (e->gen == m->gen) * PKT_FLOW_CHECKED;
}

/* A packet that its source is charged for with the round. */
static inline void
model_count(struct model_entry *e, uint32_t len, struct told *told)
{
	bool strict = e->strict;

	if (strict)
		told->flow |= PKT_FLOW_STRICT;
	else
		e->bytes += len;
	told->batch = strict;
	if (++e->counted < MODEL_ROUND)
		return;
	told->flow |= PKT_FLOW_ROUND;
	if (!strict) {
		told->batch = MODEL_ROUND;
		told->round_bytes = e->bytes;
	}
	e->counted = e->bytes = 0;
	e->strict = false;
	e->rank = e->rank == MODEL_WEAK ? MODEL_HALF : e->rank;
}

static inline void
model_close(struct model_entry *e, uint64_t now, unsigned seconds)
{
	e->kind = MODEL_CLOSING;
	live(e, now, seconds);
}

static inline void
model_out_tcp(struct model_entry *e, const struct word *w, uint64_t now)
{
	bool syn = w->tcp_flags & PKT_TCP_SYN, ack = w->tcp_flags & PKT_TCP_ACK;

	if (w->tcp_flags & PKT_TCP_RST) {
		if (e->kind == MODEL_TCP)
			model_close(e, now, 5);
		else if (e->kind != MODEL_NONE)
			become(e, MODEL_CLOSING, now, 5);
	} else if (syn && ack && e->kind == MODEL_TCP && e->verified && e->rank == MODEL_FIRM && !e->fin_in && !e->fin_out) {
		return; /* the connection stands */
	} else if (syn) {
		become(e, ack ? MODEL_OPENED : MODEL_OPENING, now, 60);
		e->expects = w->seq + 1;
	} else if (e->kind != MODEL_CLOSING && (e->kind != MODEL_OPENED || w->payload > 0)) {
		bool asked = e->kind == MODEL_OPENING;

		if (e->kind != MODEL_TCP)
			become_tcp(e, now, MODEL_FIRM);
		if (e->rank != MODEL_FIRM)
			e->verified = false;
		e->rank = MODEL_FIRM;
		e->asked |= asked;
		live(e, now, 7500);
		e->fin_out |= (w->tcp_flags & PKT_TCP_FIN) != 0;
		if (e->fin_out && e->fin_in)
			model_close(e, now, 60);
	}
}

static inline bool
is_question(const struct talk *t)
{
	return t->proto == IPPROTO_UDP && (t->client_port == 53 || t->client_port == 123);
}

static inline void
model_out_other(const struct model *m, struct model_entry *e, const struct talk *t, uint64_t now)
{
	const uint64_t *served = m->zone[t->zone].udp_served;
	bool serves = served != NULL && t->proto == IPPROTO_UDP && (served[t->inside_port / 64] >> t->inside_port % 64 & 1);

	if (e->kind != MODEL_NONE) {
		live(e, now, is_question(t) ? 30 : e->both ? 300 : e->kind == MODEL_ASKED ? 60 : 30);
	} else if (serves && (t->inside_port == 53 || t->inside_port == 123)) {
		return;
	} else if (serves || (e->heard_slice != 0 && (now >> MODEL_SLICE_SHIFT) + 1 - e->heard_slice <= 1)) {
		become(e, MODEL_ANSWERED, now, 30);
	} else {
		become(e, MODEL_ASKED, now, is_question(t) ? 30 : 60);
		e->asked = true;
	}
}

static inline void
model_proven(const struct model *m, struct model_entry *e, bool asked, uint64_t now, struct told *told)
{
	become_tcp(e, now, MODEL_FIRM);
	e->asked = asked;
	e->verified = true;
	told->flow = says(m, e) | (asked ? 0 : PKT_FLOW_NEW);
}

static inline void
model_in_tcp(const struct model *m, struct model_entry *e, const struct word *w, uint64_t now, uint32_t len,
	struct told *told)
{
	bool syn = w->tcp_flags & PKT_TCP_SYN, ack = w->tcp_flags & PKT_TCP_ACK, rst = w->tcp_flags & PKT_TCP_RST;
	bool right = w->ack == e->expects, fin = w->tcp_flags & PKT_TCP_FIN;

	switch (e->kind) {
	case MODEL_OPENING:
		if (rst && ack && right)
			told->flow = PKT_FLOW_KNOWN | PKT_FLOW_ASKED;
		else if (syn && ack && right)
			model_proven(m, e, true, now, told);
		break;
	case MODEL_OPENED:
		if (!syn && ack && !rst && right)
			model_proven(m, e, false, now, told);
		e->fin_in |= e->kind == MODEL_TCP && fin;
		break;
	case MODEL_HEARD:
		if (syn || rst)
			break;
		become_tcp(e, now, MODEL_WEAK);
		live(e, now, 60);
		told->flow = says(m, e) | PKT_FLOW_NEW;
		break;
	case MODEL_TCP:
		if (syn) {
			told->flow = ack && e->asked ? says(m, e) : 0;
			break;
		}
		told->flow = says(m, e);
		if (rst && e->rank == MODEL_FIRM)
			e->rank = MODEL_HALF;
		model_count(e, len, told);
		live(e, now, e->rank == MODEL_WEAK ? 60 : 7500);
		e->fin_in |= fin;
		if (e->fin_in && e->fin_out)
			model_close(e, now, 60);
		break;
	case MODEL_CLOSING:
		told->flow = syn ? 0 : says(m, e);
		break;
	default:
		break;
	}
}

static inline void
model_in_other(const struct model *m, struct model_entry *e, const struct talk *t, uint64_t now, uint32_t len,
	struct told *told)
{
	if (e->kind == MODEL_NONE)
		return;
	told->flow = says(m, e) | (e->both ? 0 : PKT_FLOW_NEW);
	if (e->both)
		model_count(e, len, told);
	else
		e->strict = true;
	if (!e->both || !is_question(t))
		live(e, now, is_question(t) ? 30 : 300);
	e->both = true;
}

/* An error about a packet that the inside has sent; `meant` for him who has sent it. */
static inline unsigned
model_error(const struct model_entry *e, const struct talk *t, bool meant)
{
	bool asked = e->asked || e->kind == MODEL_OPENING;

	if (!meant || !has_ports(t->proto) || e->kind == MODEL_NONE || e->kind == MODEL_HEARD)
		return 0;
	return PKT_FLOW_KNOWN | asked * PKT_FLOW_ASKED;
}

/* One packet, `len` bytes long, that passes or does not. The entry that it is about is not doubtful. */
static inline struct told
model_say(struct model *m, const struct talk *t, const struct word *w, uint64_t now, uint32_t len, bool passes)
{
	const struct seki_flow_zone *zone = &m->zone[t->zone];
	struct model_entry *e = model_of(m, t, w);
	struct told told = {.batch = 1};

	if (!zone->track)
		return told;
	bury(e, now);
	if (w->kind == WORD_ERROR) {
		told.flow = w->out ? 0 : model_error(e, t, w->told == NULL);
		return told;
	}
	if (w->kind == WORD_LATER) {
		if (!w->out && e->kind == MODEL_FRAGMENTS && e->counted < MODEL_FOLLOWERS) {
			told.flow = PKT_FLOW_KNOWN | e->asked * PKT_FLOW_ASKED;
			e->counted++;
		}
		return told;
	}
	if (is_icmp(t->proto)) {
		/* nothing but its fragments */
	} else if (w->out && t->proto == IPPROTO_TCP) {
		model_out_tcp(e, w, now);
	} else if (w->out) {
		model_out_other(m, e, t, now);
	} else if (t->proto != IPPROTO_TCP) {
		model_in_other(m, e, t, now, len, &told);
		if (told.flow == 0 && passes)
			e->heard_slice = (now >> MODEL_SLICE_SHIFT) + 1;
	} else if (e->kind != MODEL_NONE) {
		model_in_tcp(m, e, w, now, len, &told);
	} else if (zone->inbound_only && passes && (w->tcp_flags & (PKT_TCP_SYN | PKT_TCP_ACK)) == PKT_TCP_SYN) {
		become(e, MODEL_HEARD, now, 10);
	}
	if (!w->out && w->kind == WORD_FIRST && passes) {
		e = model_fragments(m, t, w->id);
		become(e, MODEL_FRAGMENTS, now, 60);
		e->asked = (told.flow & PKT_FLOW_ASKED) != 0;
	}
	return told;
}

/* Nothing was found about a packet that its flow said it is of: that the inside has asked for it, or not. */
static inline void
model_checked(struct model *m, const struct talk *t, const struct word *w, bool asked)
{
	struct model_entry *e = model_flow(m, t);

	if (w->kind == WORD_ERROR || w->kind == WORD_LATER || is_icmp(t->proto))
		return;
	if (e->kind >= MODEL_TCP && e->kind <= MODEL_ANSWERED && (e->asked || !asked))
		e->gen = m->gen;
}

#endif
