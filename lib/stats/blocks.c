/* SPDX-License-Identifier: BSD-3-Clause */
#include "group.h"

#include <endian.h>

/* [known][vector]; rows of the table are a power of two apart. */
static const uint8_t row_of[2][64] = {
	{
#define VECTOR(id, name, class, ...) SEKI_VECTOR_##id,
#include "vectors.def"
	},
	{
#define VECTOR(id, name, class, ...) SEKI_ROW_KNOWN + SEKI_CLASS_##class,
#include "vectors.def"
	},
};

/* There is room for twice as many: whoever took more than his share leaves the others theirs. */
static uint32_t
room_of(uint32_t n_blocks)
{
	return 2 * n_blocks * SEKI_BLOCK_CELLS;
}

/* Most have several cells; but where blocks lie far from each other each has one, and a group for each of its rows. */
static uint32_t
groups_of(uint32_t n_blocks)
{
	return room_of(n_blocks) / 2;
}

size_t
seki_blocks_bytes(uint32_t n_blocks)
{
	return room_of(n_blocks) * (sizeof(struct seki_cell) + sizeof(uint32_t)) +
	       groups_of(n_blocks) * (sizeof(struct seki_group) + sizeof(struct seki_group_of)) +
	       SEKI_ZONES_MAX * sizeof(struct seki_block_zone);
}

void
seki_blocks_init(struct seki_blocks *b, void *memory, uint32_t n_blocks, uint64_t secret)
{
	*b = (struct seki_blocks){
		.room = room_of(n_blocks),
		.n_groups = groups_of(n_blocks),
		.factor = secret | 1,
		.shift = 64 - (unsigned)__builtin_ctz(groups_of(n_blocks)),
	};
	b->cell = memory;
	b->zone = (struct seki_block_zone *)(b->cell + b->room);
	b->group = (struct seki_group *)(b->zone + SEKI_ZONES_MAX);
	b->of = (struct seki_group_of *)(b->group + b->n_groups);
	b->free = (uint32_t *)(b->of + b->n_groups);
	seki_blocks_use(b, 1);
}

void
seki_blocks_use(struct seki_blocks *b, unsigned n_zones)
{
	b->share = b->room / 2 / (n_zones == 0 ? 1 : n_zones);
}

static_assert(SEKI_N_ROWS <= 64 && SEKI_ZONES_MAX <= 1 << 16, "keys have 6 bits for a row, and 16 for a zone");

/* What packets have in common that are counted in one row of one zone. */
struct kind {
	bool ip4;
	uint8_t row;
	uint16_t zone;
	uint64_t salt; /* of all three, secret */
};

static inline unsigned
row_of_packet(const struct pkt *p)
{
	return row_of[(p->flow & PKT_FLOW_KNOWN) != 0][p->vector];
}

static inline struct kind
kind_of(const struct seki_blocks *b, const struct pkt *p, unsigned row)
{
	bool ip4 = p->l3 == PKT_L3_IP4;
	uint64_t salt = ((uint64_t)p->zone << 7 | row << 1 | ip4) * b->factor;

	return (struct kind){ip4, (uint8_t)row, p->zone, salt ^ salt >> 29};
}

/* The number of a group among those of its family. */
static inline uint64_t
net_of(bool ip4, const struct pkt *p)
{
	return ip4 ? be32toh(p->dst.v4_be) / (SEKI_BLOCK_HOSTS * SEKI_GROUP_CELLS4)
		   : be64toh(p->dst.q[0]) / SEKI_GROUP_CELLS6;
}

static inline uint64_t
key_of(struct kind kind, uint64_t net, uint64_t factor)
{
	if (kind.ip4)
		return (uint64_t)((uint32_t)kind.row << 16 | kind.zone) << 25 | net;
	return (((net ^ (uint64_t)kind.zone << 54) * factor) >> 1 ^ (uint64_t)kind.row << 41) | SEKI_KEY_IP6;
}

/*
 * Neighbours are a run, which begins at a place of a keyed hash: none is at another's place, and the reader finds them
 * by their addresses.
 */
#define RUN 65536

/* Where a group is, if its place is not taken. */
static inline struct seki_group *
group_of(const struct seki_blocks *b, uint64_t salt, uint64_t net)
{
	uint64_t begin = ((net / RUN ^ salt) * b->factor) >> b->shift;

	return &b->group[(begin + net % RUN) & (b->n_groups - 1)];
}

/* Where a packet of that kind is counted; `group`: where that of its key is, if its place is not taken. */
static inline __attribute__((always_inline)) struct seki_came *
find(struct seki_blocks *b, uint16_t tick, struct kind kind, const struct pkt *p, uint64_t key,
	struct seki_group *group)
{
	unsigned member = group_member(kind.ip4, p);
	struct seki_came *came;

	if (__builtin_expect((group->key != key) | (*seki_group_tick(kind.ip4, group, member) != tick), 0)) {
		came = seki_group_touch_slow(b, p, kind.row, group, key, tick);
		return came == NULL ? &b->zone[kind.zone].rest[kind.row] : came;
	}
	if (seki_group_is_whole(kind.ip4, group, member))
		return &group->v6.whole[member];
	came = group_host(b, kind.ip4, group, member, p);
	__builtin_prefetch(came, 0, 1);
	return came;
}

static inline struct seki_came *
find_one(struct seki_blocks *b, uint16_t tick, struct kind kind, const struct pkt *p)
{
	uint64_t net = net_of(kind.ip4, p);

	return find(b, tick, kind, p, key_of(kind, net, b->factor), group_of(b, kind.salt, net));
}

/* The first `n` packets, all of that kind: a flood, whose groups may be cold, too. */
static inline __attribute__((always_inline)) void
find_alike(struct seki_blocks *b, uint16_t tick, struct kind kind, const struct pkt *pkt, unsigned n,
	struct seki_came *came[PKT_BURST])
{
	struct seki_group *group[PKT_BURST];
	uint64_t key[PKT_BURST];

	for (unsigned k = 0; k < n; k++) {
		uint64_t net = net_of(kind.ip4, &pkt[k]);

		key[k] = key_of(kind, net, b->factor);
		group[k] = group_of(b, kind.salt, net);
		__builtin_prefetch(group[k], 1);
	}
	for (unsigned k = 0; k < n; k++)
		came[k] = find(b, tick, kind, &pkt[k], key[k], group[k]);
}

/* The packets of a burst are the first ones, and there is no gap between them: mostly so where strangers come. */
static inline bool
is_dense(uint32_t which)
{
	return (which & (which + 1)) == 0;
}

void
seki_blocks_look_burst(
	struct seki_blocks *b, const struct pkt *pkt, uint32_t which, bool alike, struct seki_blocks_burst *burst)
{
	uint16_t tick = seki_blocks_tick(pkt->arrival_ns);
	unsigned n = (unsigned)__builtin_popcount(which);
	struct kind kind = kind_of(b, pkt, row_of_packet(pkt));

	burst->which = which;
	if (alike && is_dense(which)) {
		/* What is the same for all is found once. */
		if (kind.ip4)
			find_alike(b, tick, (struct kind){true, kind.row, kind.zone, kind.salt}, pkt, n, burst->came);
		else
			find_alike(b, tick, (struct kind){false, kind.row, kind.zone, kind.salt}, pkt, n, burst->came);
		return;
	}
	for (unsigned k = 0; which != 0; which &= which - 1) {
		const struct pkt *p = &pkt[__builtin_ctz(which)];

		burst->came[k++] = find_one(b, tick, kind_of(b, p, row_of_packet(p)), p);
	}
}

/* What of packets that are counted alike was stopped, and how many connections they made. */
struct ended {
	uint64_t made, packets, bytes;
};

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
	zone->stopped[row_of_packet(p)].packets += ended->packets;
	zone->stopped[row_of_packet(p)].bytes += ended->bytes;
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

		if (__builtin_expect((row_of_packet(p) != row_of_packet(like)) | (p->zone != like->zone), 0)) {
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

/* Who is on an allow list is no stranger: nothing that is raised would hold him back. A stranger's cell was asked for
 * by then, and stays empty. */
static __attribute__((noinline)) void
know_allowed(struct seki_blocks *b, const struct pkt *pkt, struct seki_blocks_burst *burst)
{
	uint16_t tick = seki_blocks_tick(pkt->arrival_ns);
	unsigned k = 0;

	for (uint32_t which = burst->which; which != 0; which &= which - 1, k++) {
		const struct pkt *p = first_of(pkt, which);

		if (p->reason == SEKI_REASON_ALLOWED && (p->flow & PKT_FLOW_KNOWN) == 0)
			burst->came[k] = find_one(b, tick, kind_of(b, p, row_of[1][p->vector]), p);
	}
}

static inline void
count(const struct pkt *p, struct seki_came *came)
{
	came->packets += p->batch;
	came->units += (p->batch_bytes + SEKI_BLOCK_UNIT - 1) / SEKI_BLOCK_UNIT;
}

void
seki_blocks_count_burst(struct seki_blocks *b, const struct pkt *pkt, unsigned ends, struct seki_blocks_burst *burst)
{
	uint32_t which = burst->which;
	unsigned n = (unsigned)__builtin_popcount(which);

	if (__builtin_expect(ends & SEKI_ENDS_ALLOWED, 0))
		know_allowed(b, pkt, burst);
	if (is_dense(which))
		for (unsigned k = 0; k < n; k++)
			count(&pkt[k], burst->came[k]);
	else
		for (unsigned k = 0; which != 0; which &= which - 1)
			count(&pkt[__builtin_ctz(which)], burst->came[k++]);
	if (__builtin_expect(burst->alike_bytes != 0, 0))
		add_ended(b, first_of(pkt, burst->which), &(struct ended){.packets = n, .bytes = burst->alike_bytes});
	else if (__builtin_expect(ends & (SEKI_ENDS_STOPPED | SEKI_ENDS_MADE), 0))
		count_ends(b, pkt, burst->which);
	burst->which = 0;
}
