/* SPDX-License-Identifier: BSD-3-Clause */
#include "explain_judge.h"

#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

/* Of the tables that it is judged with: there is one packet. */
#define FEW 64

#define PAYLOAD 32
#define FRAME_MAX 128

/* One packet, and what judges it. */
struct judge {
	struct pkt pkt; /* aligned */
	uint8_t frame[FRAME_MAX];
	uint8_t scratch[1][PKT_HEADERS_MAX];
	struct seki_digest digest;
	struct seki_flows flows;
	struct seki_sources sources;
	struct seki_pipeline pipe;
	void *flow_memory, *source_memory;
	struct seki_budget *budget;
};

static uint16_t
checksum(const uint8_t *at, unsigned n)
{
	uint32_t sum = 0;

	for (unsigned i = 0; i < n; i += 2)
		sum += (uint32_t)at[i] << 8 | at[i + 1];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static uint8_t *
put16(uint8_t *at, unsigned value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
	return at + 2;
}

static uint8_t *
put_ip(uint8_t *at, const struct explain_flow *flow, unsigned l4_len)
{
	if (flow->src.family == 4) {
		uint8_t head[20] = {0x45, [8] = 64, [9] = flow->proto};

		put16(head + 2, 20 + l4_len);
		memcpy(head + 12, flow->src.addr, 4);
		memcpy(head + 16, flow->dst.addr, 4);
		put16(head + 10, checksum(head, sizeof(head)));
		memcpy(at, head, sizeof(head));
		return at + sizeof(head);
	}
	memset(at, 0, 40);
	at[0] = 0x60;
	put16(at + 4, l4_len);
	at[6] = flow->proto;
	at[7] = 64;
	memcpy(at + 8, flow->src.addr, 16);
	memcpy(at + 24, flow->dst.addr, 16);
	return at + 40;
}

/* The header of the transport, and payload of zeros. `at` has room for both, and is zeroed. Returns how long they are.
 */
static unsigned
put_l4(uint8_t *at, const struct explain_flow *flow, uint8_t tcp_flags)
{
	switch (flow->proto) {
	case IPPROTO_TCP:
		put16(put16(at, flow->sport), flow->dport);
		at[7] = 1;                               /* sequence */
		at[11] = (tcp_flags & PKT_TCP_ACK) != 0; /* acknowledgment */
		at[12] = 5 << 4;
		at[13] = tcp_flags;
		put16(at + 14, 65535);
		return 20 + (tcp_flags == PKT_TCP_SYN ? 0 : PAYLOAD);
	case IPPROTO_UDP:
		put16(put16(put16(at, flow->sport), flow->dport), 8 + PAYLOAD);
		return 8 + PAYLOAD;
	case IPPROTO_ICMP:
		at[0] = 8;
		return 8 + PAYLOAD;
	case IPPROTO_ICMPV6:
		at[0] = 128;
		return 8 + PAYLOAD;
	default:
		return PAYLOAD;
	}
}

void
judge_frame(struct judge *j, const struct explain_flow *flow, const struct place *place, uint8_t tcp_flags)
{
	uint8_t l4[64] = {0}, *at = j->frame + 12;
	unsigned n = put_l4(l4, flow, tcp_flags);

	memset(j->frame, 0, sizeof(j->frame));
	j->frame[0] = j->frame[6] = 2; /* unicast, locally administered */
	if (place->vlan != 0)
		at = put16(put16(at, 0x8100), place->vlan);
	at = put16(at, flow->src.family == 4 ? 0x0800 : 0x86dd);
	at = put_ip(at, flow, n);
	memcpy(at, l4, n);
	j->pkt.data = j->frame;
	j->pkt.len = (uint32_t)(at + n - j->frame);
	j->pkt.linear = (uint16_t)j->pkt.len;
}

/* `spent`: no budget of the zone has any room left, nor has what is let pass of a flood; else all have. */
static void
set_budgets(struct judge *j, const struct seki_policy *policy, uint16_t zone, bool spent, uint64_t now_ns)
{
	struct seki_budget *budget = j->budget + (size_t)zone * cm_n_budgets;

	for (unsigned i = 0; i < cm_n_budgets; i++) {
		budget[i] = (struct seki_budget){0};
		if (!spent || policy->cm[zone].limit[i].rate_per_s == 0)
			continue;
		budget[i].cost_q24 = budget[i].cost_seen = 1;
		budget[i].tat_ns = UINT64_MAX;
	}
	/* Of what `flood` thins out this is one that passes, or one that does not; and the last of a ration, or one
	 * more. */
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		j->pipe.let[zone][v] = spent ? (struct cm_let){0, UINT16_MAX, UINT16_MAX, seki_blocks_tick(now_ns)}
					     : (struct cm_let){UINT16_MAX, 0, 0, 0};
}

void
judge_close(struct judge *j)
{
	if (j == NULL)
		return;
	free(j->flow_memory);
	free(j->source_memory);
	free(j->budget);
	free(j);
}

static void *
zeroed(size_t bytes)
{
	void *memory = aligned_alloc(64, (bytes + 63) / 64 * 64);

	return memory == NULL ? NULL : memset(memory, 0, (bytes + 63) / 64 * 64);
}

struct judge *
judge_open(void)
{
	const struct seki_key no_secret = {{0}}; /* nothing is kept, and nobody can send it anything */
	struct judge *j = zeroed(sizeof(*j));

	if (j == NULL)
		return NULL;
	j->flow_memory = zeroed(seki_flows_bytes(FEW));
	j->source_memory = zeroed(seki_sources_bytes(FEW));
	j->budget = calloc(1, seki_pipeline_budget_bytes());
	if (j->flow_memory == NULL || j->source_memory == NULL || j->budget == NULL) {
		judge_close(j);
		return NULL;
	}
	seki_digest_init(&j->digest, &no_secret);
	seki_flows_init(&j->flows, j->flow_memory, FEW, &j->digest);
	seki_sources_init(&j->sources, j->source_memory, FEW, &j->digest);
	j->flows.sources = &j->sources;
	j->pipe = (struct seki_pipeline){.budget = j->budget, .flows = &j->flows, .sources = &j->sources};
	return j;
}

/* One way through the stages; nothing is left behind. */
const struct pkt *
judge_packet(struct judge *j, const struct explain_world *world, const struct place *place, bool spent)
{
	struct pkt_sum sum;

	set_budgets(j, world->snap->policy, place->zone, spent, world->now_ns);
	j->pkt.arrival_ns = world->now_ns;
	j->pkt.flags = PKT_F_REAL_DIR;
	j->pkt.in_port = (uint8_t)place->port;
	j->pkt.direction = SEKI_DIR_INBOUND;
	j->pkt.segs = NULL;
	j->pkt.data = j->frame;
	pkt_parse_burst(&j->pkt, 1, j->scratch);
	seki_place_burst(&j->pipe, world->snap, &j->pkt, 1);
	seki_classify_burst(&j->pipe, world->snap, &j->pkt, 0, 1, &sum);
	seki_decide_burst(&j->pipe, world->snap, &j->pkt, 1, &sum);
	return &j->pkt;
}
