/* SPDX-License-Identifier: BSD-3-Clause */
#include "group.h"

#include <endian.h>
#include <stddef.h>

/* IPv6 keys have this bit, so that no IPv4 key is like one. */
#define KEY_IP6 (UINT64_C(1) << 63)

#define COLUMN_NONE SEKI_HOST_OTHER /* headers that cannot be read */
#define COLUMN_SYN SEKI_HOST_SYN
#define COLUMN_TCP SEKI_HOST_TCP
#define COLUMN_UDP SEKI_HOST_UDP
#define COLUMN_ICMP SEKI_HOST_OTHER
#define COLUMN_REFLECTION SEKI_HOST_REFLECTION
#define COLUMN_FRAGMENT SEKI_HOST_FRAGMENT
#define COLUMN_OTHER SEKI_HOST_OTHER

const uint8_t seki_host_column[SEKI_N_ROWS] = {
#define VECTOR(id, name, class, ...) [SEKI_VECTOR_##id] = COLUMN_##class,
#define VECTOR_CLASS(id, name) [SEKI_ROW_KNOWN + SEKI_CLASS_##id] = SEKI_HOST_KNOWN,
#include "vectors.def"
};

/* Where a packet is counted. */
struct place {
	uint8_t row, column;
};

/* [known][vector] */
static const struct place place_of[2][SEKI_N_VECTORS] = {
	{
#define VECTOR(id, name, class, ...) {SEKI_VECTOR_##id, COLUMN_##class},
#include "vectors.def"
	},
	{
#define VECTOR(id, name, class, ...) {SEKI_ROW_KNOWN + SEKI_CLASS_##class, SEKI_HOST_KNOWN},
#include "vectors.def"
	},
};

static size_t
aligned(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

/* There is room for twice as many, and for as many groups: whoever took more than his share leaves the others theirs.
 */
static uint32_t
room_of(uint32_t n_blocks)
{
	return 2 * n_blocks;
}

size_t
seki_blocks_bytes(uint32_t n_blocks)
{
	return room_of(n_blocks) * (sizeof(struct seki_hosts) + sizeof(struct seki_group) + sizeof(uint32_t)) +
	       aligned(SEKI_ZONES_MAX * sizeof(struct seki_block_zone));
}

void
seki_blocks_init(struct seki_blocks *b, void *memory, uint32_t n_blocks, uint64_t secret)
{
	char *at = memory;

	*b = (struct seki_blocks){
		.room = room_of(n_blocks),
		.factor = secret | 1,
		.shift = 64 - (unsigned)__builtin_ctz(room_of(n_blocks)),
		.share = n_blocks,
	};
	b->block = (struct seki_hosts *)at;
	at += b->room * sizeof(*b->block);
	b->zone = (struct seki_block_zone *)at;
	at += aligned(SEKI_ZONES_MAX * sizeof(*b->zone));
	b->group = (struct seki_group *)at;
	at += b->room * sizeof(*b->group);
	b->free = (uint32_t *)at;
}

void
seki_blocks_use(struct seki_blocks *b, unsigned n_zones)
{
	uint32_t n_blocks = b->room / 2;

	b->share = n_zones == 0 ? n_blocks : n_blocks / n_zones;
}

static inline uint64_t
key4_of(const struct pkt *p)
{
	return (uint64_t)p->zone << 25 | be32toh(p->dst.v4_be) >> 7;
}

static inline uint64_t
key6_of(uint64_t factor, const struct pkt *p)
{
	uint64_t net = be64toh(p->dst.q[0]) >> 3 ^ (uint64_t)p->zone << 54;

	return (net * factor) >> 1 | KEY_IP6;
}

static inline unsigned
host6_of(uint64_t factor, const struct pkt *p)
{
	return (unsigned)((p->dst.q[1] * factor) >> 60);
}

/* Where the group with that key is, if its place is not taken. Twice multiplied, since groups of a prefix are a row,
 * and rows clump under one factor. */
static inline struct seki_group *
group_of(const struct seki_blocks *b, uint64_t key)
{
	uint64_t x = key * b->factor;

	x = (x ^ x >> 29) * b->factor;
	return &b->group[x >> b->shift];
}

/* The k-th packet that is to be counted: where its counters are. */
static inline void
look(struct seki_blocks *b, const struct pkt *p, uint16_t tick, struct seki_blocks_burst *burst, unsigned k)
{
	bool ip4 = p->l3 == PKT_L3_IP4;
	uint64_t key = ip4 ? key4_of(p) : key6_of(b->factor, p);
	struct seki_group *group = group_of(b, key);
	struct place place = place_of[(p->flow & PKT_FLOW_KNOWN) != 0][p->vector];
	unsigned member = group_member(p);
	unsigned host = ip4 ? p->dst.b[3] & (SEKI_BLOCK_HOSTS - 1) : host6_of(b->factor, p);
	struct seki_hosts *block = (struct seki_hosts *)((char *)b->block + (size_t)group->at[member] * 64);

	if (__builtin_expect((group->key != key) | (group->tick[member] != tick), 0))
		block = seki_group_touch_slow(b, p, group, key, tick);
	burst->host[k] = &block->host[host].count[place.column];
	burst->row[k] = &block->row[place.row];
	__builtin_prefetch(burst->host[k], 1);
	__builtin_prefetch(burst->row[k], 1);
}

/* The packets of a burst are the first ones, and there is no gap between them: mostly so where strangers come. */
static inline bool
is_dense(uint32_t which)
{
	return (which & (which + 1)) == 0;
}

void
seki_blocks_look_burst(struct seki_blocks *b, const struct pkt *pkt, uint32_t which, struct seki_blocks_burst *burst)
{
	uint16_t tick = seki_blocks_tick(pkt->arrival_ns);
	unsigned n = (unsigned)__builtin_popcount(which);

	burst->which = which;
	if (is_dense(which)) {
		for (unsigned k = 0; k < n; k++)
			look(b, &pkt[k], tick, burst, k);
		return;
	}
	for (unsigned k = 0; which != 0; which &= which - 1)
		look(b, &pkt[__builtin_ctz(which)], tick, burst, k++);
}

/* What of packets that are counted alike was stopped, and how many connections they made. */
struct ended {
	uint64_t made, packets, bytes;
};

static inline unsigned
row_of(const struct pkt *p)
{
	return place_of[(p->flow & PKT_FLOW_KNOWN) != 0][p->vector].row;
}

static inline const struct pkt *
first_of(const struct pkt *pkt, uint32_t which)
{
	return &pkt[__builtin_ctz(which)];
}

/* They are counted where packet `p` is. */
static inline void
add_ended(struct seki_blocks *b, const struct pkt *p, const struct ended *ended)
{
	struct seki_block_zone *zone = &b->zone[p->zone];

	zone->completed += ended->made;
	zone->stopped[row_of(p)].packets += ended->packets;
	zone->stopped[row_of(p)].bytes += ended->bytes;
}

/* What of a zone's packets is dropped, or would be; and what has made a connection. */
static __attribute__((noinline)) void
count_ends(struct seki_blocks *b, const struct pkt *pkt, uint32_t which)
{
	const struct pkt *like = first_of(pkt, which);
	struct ended ended = {0};

	for (; which != 0; which &= which - 1) {
		const struct pkt *p = first_of(pkt, which);
		bool stopped = (p->verdict == SEKI_VERDICT_DROP) | ((p->flags & PKT_F_HELD) != 0);

		if (__builtin_expect((row_of(p) != row_of(like)) | (p->zone != like->zone), 0)) {
			add_ended(b, like, &ended);
			ended = (struct ended){0};
			like = p;
		}
		ended.made +=
			((p->flow & (PKT_FLOW_NEW | PKT_FLOW_ASKED)) == PKT_FLOW_NEW) & ((p->flags & PKT_F_TCP) != 0);
		ended.packets += stopped;
		ended.bytes += stopped ? p->len : 0;
	}
	add_ended(b, like, &ended);
}

static inline struct seki_block_host *
host_of(uint32_t *count)
{
	static_assert(
		sizeof(struct seki_block_host) == 32 && offsetof(struct seki_hosts, host) == 0, "so they are aligned");
	return (struct seki_block_host *)((uintptr_t)count & ~(uintptr_t)31);
}

/* Who is on an allow list is no stranger: nothing that is raised would hold him back. */
static __attribute__((noinline)) void
know_allowed(const struct pkt *pkt, struct seki_blocks_burst *burst)
{
	unsigned k = 0;

	for (uint32_t which = burst->which; which != 0; which &= which - 1, k++) {
		const struct pkt *p = &pkt[__builtin_ctz(which)];

		if (p->reason != SEKI_REASON_ALLOWED || (p->flow & PKT_FLOW_KNOWN) != 0)
			continue;
		burst->row[k] += place_of[1][p->vector].row - place_of[0][p->vector].row;
		burst->host[k] = &host_of(burst->host[k])->count[SEKI_HOST_KNOWN];
	}
}

static inline void
count(const struct pkt *p, struct seki_blocks_burst *burst, unsigned k)
{
	uint32_t packets = p->batch, units = (p->batch_bytes + SEKI_BLOCK_UNIT - 1) / SEKI_BLOCK_UNIT;

	*burst->host[k] += packets;
	host_of(burst->host[k])->count[SEKI_HOST_UNITS] += units;
	burst->row[k]->packets += packets;
	burst->row[k]->units += units;
}

void
seki_blocks_count_burst(struct seki_blocks *b, const struct pkt *pkt, unsigned ends, struct seki_blocks_burst *burst)
{
	uint32_t which = burst->which;
	unsigned n = (unsigned)__builtin_popcount(which);

	if (__builtin_expect(ends & SEKI_ENDS_ALLOWED, 0))
		know_allowed(pkt, burst);
	if (is_dense(which))
		for (unsigned k = 0; k < n; k++)
			count(&pkt[k], burst, k);
	else
		for (unsigned k = 0; which != 0; which &= which - 1)
			count(&pkt[__builtin_ctz(which)], burst, k++);
	if (__builtin_expect(burst->alike_bytes != 0, 0))
		add_ended(b, first_of(pkt, burst->which), &(struct ended){.packets = n, .bytes = burst->alike_bytes});
	else if (__builtin_expect(ends & (SEKI_ENDS_STOPPED | SEKI_ENDS_MADE), 0))
		count_ends(b, pkt, burst->which);
	burst->which = 0;
}
