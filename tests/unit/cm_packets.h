/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_CM_PACKETS_H
#define SEKI_TEST_CM_PACKETS_H

/* Packets as parser and classify would leave them, and decide over them. */
#include "cm_bench.h"
#include "sum.h"

#include <netinet/in.h>

/* As classify does for a source of which something may be known. */
static inline uint32_t
classes_of(const struct pkt *p)
{
	uint32_t classes = CM_CLASS_ANY | CM_CLASS_KNOWN;

	if (p->defect != 0 || p->flags & PKT_F_CSUM_BAD)
		classes |= CM_CLASS_DEFECT;
	if (p->src_set != 0)
		classes |= CM_CLASS_LISTED;
	if (p->flags & PKT_F_FRAG)
		classes |= CM_CLASS_FRAGMENT;
	if (p->vector >= SEKI_VECTOR_REFLECTOR_FIRST)
		classes |= CM_CLASS_REFLECTOR;
	if (!(p->flow & PKT_FLOW_ASKED) || p->vector == SEKI_VECTOR_ICMP_ERROR)
		classes |= CM_CLASS_UNSERVED;
	if ((p->flags & PKT_F_TCP) && !(p->flow & PKT_FLOW_KNOWN) && p->vector != SEKI_VECTOR_TCP_SYN)
		classes |= CM_CLASS_STRAY;
	if (!(p->flow & PKT_FLOW_KNOWN))
		classes |= CM_CLASS_STRANGER;
	if (p->batch != 0)
		classes |= CM_CLASS_CHARGED;
	return classes;
}

/* As classify leaves a packet that is judged. */
static inline void
bench_open(const struct bench *b, struct pkt *p)
{
	p->verdict = SEKI_VERDICT_PASS;
	p->reason = SEKI_REASON_CLEAN;
	p->observed = SEKI_REASON_NONE;
	p->todo = b->snap.posture[p->zone].active & cm_todo[classes_of(p)];
}

static inline void
bench_decide(struct bench *b, struct pkt *pkt, unsigned n)
{
	struct pkt_sum sum;

	for (unsigned i = 0; i < n; i++)
		bench_open(b, &pkt[i]);
	sum = sum_of(pkt, n);
	seki_decide_burst(&b->pipe, &b->snap, pkt, n, &sum);
}

/* Inbound to the zone, 100 bytes, sound. */
static inline struct pkt
inbound(struct pkt p, const char *src, const char *dst)
{
	p.zone = p.zone != 0 ? p.zone : ZONE;
	p.direction = SEKI_DIR_INBOUND;
	p.len = p.len != 0 ? p.len : 100;
	p.arrival_ns = 1000 * MS;
	if (p.l3 == PKT_L3_NONE)
		p.l3 = strchr(src, ':') != NULL ? PKT_L3_IP6 : PKT_L3_IP4;
	set_addr(&p.src, src);
	set_addr(&p.dst, dst);
	return p;
}

#define FIELDS_TCP(to) \
	.proto = IPPROTO_TCP, .flags = PKT_F_PORTS | PKT_F_TCP, .dport = (to), .vector = SEKI_VECTOR_TCP_SYN
#define FIELDS_UDP(to) .proto = IPPROTO_UDP, .flags = PKT_F_PORTS, .dport = (to), .vector = SEKI_VECTOR_UDP
#define FIELDS_FROM(reflector, to) \
	.proto = IPPROTO_UDP, .flags = PKT_F_PORTS, .dport = (to), .vector = SEKI_VECTOR_##reflector
#define FIELDS_LATER(protocol) \
	.proto = (protocol), .flags = PKT_F_FRAG | PKT_F_FRAG_LATER, .vector = SEKI_VECTOR_FRAGMENT
#define FIELDS_ICMP(protocol, type, kind) \
	.proto = (protocol), .flags = PKT_F_ICMP, .icmp_type = (type), .vector = SEKI_VECTOR_##kind

#endif
