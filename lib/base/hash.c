/* SPDX-License-Identifier: BSD-3-Clause */
#include "hash.h"

#include <string.h>

static inline uint64_t
rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl(v[1], 13) ^ v[0];
	v[3] = rotl(v[3], 16) ^ v[2];
	v[0] = rotl(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotl(v[3], 21) ^ v[0];
	v[1] = rotl(v[1], 17) ^ v[2];
	v[2] = rotl(v[2], 32);
}

static inline uint64_t
load_le64(const uint8_t *p, size_t n)
{
	uint64_t x = 0;

	memcpy(&x, p, n); /* x86 and arm64 as DPDK builds them are little-endian */
	return x;
}

uint64_t
seki_siphash(const struct seki_key *key, const void *data, size_t n)
{
	const uint8_t *p = data;
	uint64_t v[4] = {
		key->k[0] ^ 0x736f6d6570736575,
		key->k[1] ^ 0x646f72616e646f6d,
		key->k[0] ^ 0x6c7967656e657261,
		key->k[1] ^ 0x7465646279746573,
	};
	uint64_t word;

	for (size_t left = n; left >= 8; left -= 8, p += 8) {
		word = load_le64(p, 8);
		v[3] ^= word;
		sip_round(v);
		sip_round(v);
		v[0] ^= word;
	}
	word = load_le64(p, n % 8) | (uint64_t)n << 56;
	v[3] ^= word;
	sip_round(v);
	sip_round(v);
	v[0] ^= word;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
seki_rng_init(struct seki_rng *rng, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = seed += 0x9e3779b97f4a7c15;

		z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
		z = (z ^ z >> 27) * 0x94d049bb133111eb;
		rng->s[i] = z ^ z >> 31;
	}
}

uint64_t
seki_rng_next(struct seki_rng *rng)
{
	uint64_t *s = rng->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

uint64_t
seki_rng_below(struct seki_rng *rng, uint64_t bound)
{
	unsigned __int128 m = (unsigned __int128)seki_rng_next(rng) * bound;
	uint64_t threshold = -bound % bound;

	while ((uint64_t)m < threshold)
		m = (unsigned __int128)seki_rng_next(rng) * bound;
	return (uint64_t)(m >> 64);
}
