/* SPDX-License-Identifier: BSD-3-Clause */
#include "blocks.h"

#include <endian.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

/* IPv6 keys have this bit, so that no IPv4 key is like one. */
#define KEY_IP6 (UINT64_C(1) << (SEKI_BLOCKS_KEY_BITS - 1))

/* [known][vector]: the row. */
static const uint8_t row_of[2][SEKI_N_VECTORS] = {
	{
#define VECTOR(id, name, class, ...) SEKI_VECTOR_##id,
#include "vectors.def"
	},
	{
#define VECTOR(id, name, class, ...) SEKI_ROW_KNOWN + SEKI_CLASS_##class,
#include "vectors.def"
	},
};

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

static size_t
aligned(size_t bytes)
{
	return (bytes + 63) / 64 * 64;
}

static uint32_t
slots_of(uint32_t n_blocks)
{
	return 2 * n_blocks;
}

size_t
seki_blocks_bytes(uint32_t n_blocks)
{
	return slots_of(n_blocks) * (sizeof(uint64_t) + sizeof(struct seki_hosts)) +
	       aligned(SEKI_ZONES_MAX * sizeof(struct seki_block_zone));
}

void
seki_blocks_init(struct seki_blocks *b, void *memory, uint32_t n_blocks, uint64_t secret)
{
	char *at = memory;

	*b = (struct seki_blocks){
		.n_slots = slots_of(n_blocks),
		.factor = secret | 1,
		.shift = 64 - (unsigned)__builtin_ctz(slots_of(n_blocks) / SEKI_BLOCKS_IN_BUCKET),
		.share = n_blocks,
	};
	b->block = (struct seki_hosts *)at;
	at += b->n_slots * sizeof(*b->block);
	b->zone = (struct seki_block_zone *)at;
	at += aligned(SEKI_ZONES_MAX * sizeof(*b->zone));
	b->key = (uint64_t *)at;
}

void
seki_blocks_use(struct seki_blocks *b, unsigned n_zones)
{
	uint32_t n_blocks = b->n_slots / 2;

	b->share = n_zones == 0 ? n_blocks : n_blocks / n_zones;
}

/* What a block's key is made of. */
static inline uint64_t
address_of(const struct pkt *p)
{
	return p->l3 == PKT_L3_IP4 ? be32toh(p->dst.v4_be) & ~UINT32_C(15) : be64toh(p->dst.q[0]);
}

static inline uint64_t
key4_of(const struct pkt *p)
{
	return (uint64_t)p->zone << 28 | be32toh(p->dst.v4_be) >> 4;
}

static inline uint64_t
key6_of(uint64_t factor, const struct pkt *p)
{
	uint64_t net = be64toh(p->dst.q[0]) ^ (uint64_t)p->zone << 54;

	return (net * factor) >> (65 - SEKI_BLOCKS_KEY_BITS) | KEY_IP6;
}

static inline unsigned
host6_of(uint64_t factor, const struct pkt *p)
{
	return (unsigned)((p->dst.q[1] * factor) >> 60);
}

/* First slot of the key's bucket. Twice multiplied, since the /28s of a prefix are a row, and rows clump under one
 * factor. */
static inline uint32_t
bucket_of(uint64_t factor, unsigned shift, uint64_t key)
{
	uint64_t x = key * factor;

	x = (x ^ x >> 29) * factor;
	return (uint32_t)(x >> shift) * SEKI_BLOCKS_IN_BUCKET;
}

/* Slots of a bucket that hold the key, a bit each: one or none. */
static inline uint32_t
slots_with(const uint64_t *bucket, uint64_t key)
{
#ifdef __AVX512F__
	__m512i differs = _mm512_xor_si512(_mm512_load_si512(bucket), _mm512_set1_epi64((long long)key));

	return _mm512_testn_epi64_mask(differs, _mm512_set1_epi64((long long)SEKI_BLOCKS_KEY_MASK));
#elif defined(__AVX2__)
	__m256i mask = _mm256_set1_epi64x((long long)SEKI_BLOCKS_KEY_MASK), of = _mm256_set1_epi64x((long long)key);
	__m256i low = _mm256_and_si256(_mm256_load_si256((const __m256i *)bucket), mask);
	__m256i high = _mm256_and_si256(_mm256_load_si256((const __m256i *)bucket + 1), mask);

	return (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(low, of))) |
	       (uint32_t)_mm256_movemask_pd(_mm256_castsi256_pd(_mm256_cmpeq_epi64(high, of))) << 4;
#else
	uint32_t equal = 0;

	for (unsigned k = 0; k < SEKI_BLOCKS_IN_BUCKET; k++)
		equal |= (uint32_t)(((bucket[k] ^ key) & SEKI_BLOCKS_KEY_MASK) == 0) << k;
	return equal;
#endif
}

static void
free_slot(struct seki_blocks *b, uint32_t slot)
{
	b->zone[b->block[slot].zone].n_blocks--;
	b->used--;
	__atomic_store_n(&b->key[slot], 0, __ATOMIC_RELEASE);
}

/* A slot of the bucket that is free, or is made so; n_slots: none is. */
static uint32_t
room_in(struct seki_blocks *b, uint32_t bucket, uint16_t tick)
{
	for (uint32_t slot = bucket; slot < bucket + SEKI_BLOCKS_IN_BUCKET; slot++)
		if (b->key[slot] == 0)
			return slot;
	for (uint32_t slot = bucket; slot < bucket + SEKI_BLOCKS_IN_BUCKET; slot++)
		if (seki_blocks_age(b->key[slot], tick) > SEKI_BLOCKS_IDLE) {
			free_slot(b, slot);
			return slot;
		}
	return b->n_slots;
}

/* The first packet to a block: that, or the zone's rest. */
static __attribute__((noinline)) struct seki_hosts *
claim_slow(struct seki_blocks *b, const struct pkt *p, uint64_t key, uint16_t tick)
{
	struct seki_block_zone *zone = &b->zone[p->zone];
	uint32_t slot;

	if (b->used >= b->n_slots / 4 && zone->n_blocks >= b->share)
		return &zone->rest;
	slot = room_in(b, bucket_of(b->factor, b->shift, key), tick);
	if (slot == b->n_slots)
		return &zone->rest;
	b->block[slot].address = address_of(p);
	b->block[slot].zone = p->zone;
	b->block[slot].family = p->l3 == PKT_L3_IP4 ? 4 : 6;
	zone->n_blocks++;
	b->used++;
	__atomic_store_n(&b->key[slot], (uint64_t)tick << SEKI_BLOCKS_KEY_BITS | key, __ATOMIC_RELEASE);
	return &b->block[slot];
}

/* Packets to look up, as they lie in `which`, and their keys. */
struct keys {
	unsigned n;
	uint8_t at[PKT_BURST];
	uint64_t key[PKT_BURST];
	uint32_t bucket[PKT_BURST];
};

static inline void
make_keys(const struct seki_blocks *b, const struct pkt *pkt, uint32_t which, struct keys *keys)
{
	const uint64_t factor = b->factor;
	const unsigned shift = b->shift;
	unsigned n = 0;

	for (; which != 0; which &= which - 1) {
		unsigned i = (unsigned)__builtin_ctz(which);

		keys->at[n] = (uint8_t)i;
		keys->key[n++] = pkt[i].l3 == PKT_L3_IP4 ? key4_of(&pkt[i]) : key6_of(factor, &pkt[i]);
	}
	for (unsigned k = 0; k < n; k++)
		keys->bucket[k] = bucket_of(factor, shift, keys->key[k]);
	keys->n = n;
}

void
seki_blocks_look_burst(struct seki_blocks *b, const struct pkt *pkt, uint32_t which, struct seki_blocks_burst *burst)
{
	const uint64_t tick = (uint64_t)seki_blocks_tick(pkt->arrival_ns) << SEKI_BLOCKS_KEY_BITS, factor = b->factor;
	struct seki_hosts *const blocks = b->block;
	uint64_t *const words = b->key;
	struct keys keys;

	burst->which = which;
	make_keys(b, pkt, which, &keys);
	for (unsigned k = 0; k < keys.n; k++) {
		const struct pkt *p = &pkt[keys.at[k]];
		uint32_t equal = slots_with(&words[keys.bucket[k]], keys.key[k]);
		uint32_t slot = keys.bucket[k] + (uint32_t)__builtin_ctz(equal | 1u << 31);
		unsigned row = row_of[(p->flow & PKT_FLOW_KNOWN) != 0][p->vector];
		struct seki_hosts *block = &blocks[slot];
		unsigned host;

		if (__builtin_expect(equal == 0, 0))
			block = claim_slow(b, p, keys.key[k], (uint16_t)(tick >> SEKI_BLOCKS_KEY_BITS));
		else if (__builtin_expect(words[slot] != (tick | keys.key[k]), 0))
			__atomic_store_n(&words[slot], tick | keys.key[k], __ATOMIC_RELAXED);
		host = p->l3 == PKT_L3_IP4 ? p->dst.b[3] & (SEKI_BLOCK_HOSTS - 1) : host6_of(factor, p);
		burst->host[k] = &block->host[host];
		burst->row[k] = &block->row[row];
		burst->column[k] = seki_host_column[row];
		__builtin_prefetch(burst->host[k], 1);
		__builtin_prefetch(burst->row[k], 1);
	}
}

/* What of a zone's packets is dropped, or would be; and what has made a connection. */
static __attribute__((noinline)) void
count_ends(struct seki_blocks *b, const struct pkt *pkt, uint32_t which)
{
	for (; which != 0; which &= which - 1) {
		const struct pkt *p = &pkt[__builtin_ctz(which)];
		unsigned row = row_of[(p->flow & PKT_FLOW_KNOWN) != 0][p->vector];
		struct seki_block_zone *zone = &b->zone[p->zone];

		zone->completed +=
			(p->flow & (PKT_FLOW_NEW | PKT_FLOW_ASKED)) == PKT_FLOW_NEW && (p->flags & PKT_F_TCP) != 0;
		if (p->verdict == SEKI_VERDICT_DROP || (p->flags & PKT_F_HELD) != 0) {
			zone->stopped[row].packets++;
			zone->stopped[row].bytes += p->len;
		}
	}
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
		burst->row[k] += row_of[1][p->vector] - row_of[0][p->vector];
		burst->column[k] = SEKI_HOST_KNOWN;
	}
}

void
seki_blocks_count_burst(struct seki_blocks *b, const struct pkt *pkt, bool ends, struct seki_blocks_burst *burst)
{
	unsigned k = 0;

	if (__builtin_expect(ends, 0))
		know_allowed(pkt, burst);
	for (uint32_t which = burst->which; which != 0; which &= which - 1, k++) {
		const struct pkt *p = &pkt[__builtin_ctz(which)];
		uint32_t packets = p->batch, units = (p->batch_bytes + SEKI_BLOCK_UNIT - 1) / SEKI_BLOCK_UNIT;

		burst->host[k]->count[burst->column[k]] += packets;
		burst->host[k]->count[SEKI_HOST_UNITS] += units;
		burst->row[k]->packets += packets;
		burst->row[k]->units += units;
	}
	if (__builtin_expect(ends, 0))
		count_ends(b, pkt, burst->which);
	burst->which = 0;
}

void
seki_blocks_sweep(struct seki_blocks *b, uint64_t now_ns)
{
	uint16_t tick = seki_blocks_tick(now_ns);

	for (uint32_t slot = b->swept; slot < b->swept + SEKI_BLOCKS_IN_BUCKET; slot++)
		if (b->key[slot] != 0 && seki_blocks_age(b->key[slot], tick) > SEKI_BLOCKS_IDLE)
			free_slot(b, slot);
	b->swept = (b->swept + SEKI_BLOCKS_IN_BUCKET) % b->n_slots;
}
