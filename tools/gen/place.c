/* SPDX-License-Identifier: BSD-3-Clause */
#include "place.h"

#include <string.h>

/* Where the clients' part of 198.18.0.0/16 begins, and how many there are; as many in IPv6. */
#define CLIENTS_FIRST 0x4000u
#define N_CLIENTS 0xc000u

uint64_t
gen_between(struct seki_rng *rng, uint64_t min, uint64_t max)
{
	return min + seki_rng_below(rng, max - min + 1);
}

uint64_t
gen_mix(uint64_t x)
{
	x = (x ^ x >> 31) * UINT64_C(0x7fb5d329728ea185);
	x = (x ^ x >> 27) * UINT64_C(0x81dadef4bc2dd44d);
	return x ^ x >> 33;
}

/* The first `fixed` bytes of an address and a number in its last four. */
static struct gen_addr
address(unsigned family, const uint8_t *prefix, unsigned fixed, uint32_t host)
{
	struct gen_addr addr = {{0}};
	unsigned size = family == 4 ? 4 : 16;

	memcpy(addr.b, prefix, fixed);
	for (unsigned i = 0; i < 4 && size - 1 - i >= fixed; i++)
		addr.b[size - 1 - i] = (uint8_t)(host >> 8 * i);
	return addr;
}

/* 2001:db8:`high`, and below these 48 bits a /64 and an interface that follows from `n`. */
static struct gen_addr
own_subnet(uint16_t high, uint32_t n)
{
	const uint8_t prefix[] = {
		0x20, 0x01, 0x0d, 0xb8, (uint8_t)(high >> 8), (uint8_t)(high | n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
	uint64_t interface = gen_mix(n + 1);
	struct gen_addr addr = address(6, prefix, sizeof(prefix), 0);

	memcpy(addr.b + 8, &interface, sizeof(interface));
	return addr;
}

struct gen_addr
gen_inside(unsigned family, unsigned host)
{
	static const uint8_t v4[] = {198, 18};
	unsigned k = host >> 8;
	const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x51, (uint8_t)(k << 4), (uint8_t)k};

	return family == 4 ? address(4, v4, sizeof(v4), (16u << 8) + host) : address(6, v6, sizeof(v6), host & 0xff);
}

struct gen_addr
gen_inside_spread(unsigned i)
{
	const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x00, 0x51, (uint8_t)(i >> 8 << 4), (uint8_t)i};

	return address(6, v6, sizeof(v6), 10);
}

struct gen_addr
gen_client(unsigned family, unsigned n)
{
	static const uint8_t v4[] = {198, 18};

	n %= N_CLIENTS;
	return family == 4 ? address(4, v4, sizeof(v4), CLIENTS_FIRST + n) : own_subnet(0x0080, n);
}

struct gen_addr
gen_outside_client(struct seki_rng *rng, unsigned family)
{
	return gen_client(family, (unsigned)gen_between(rng, 1, N_CLIENTS - 1));
}

struct gen_addr
gen_outside_server(struct seki_rng *rng, unsigned family)
{
	static const uint8_t v4[] = {203, 0, 113};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x90};
	uint32_t host = (uint32_t)gen_between(rng, 1, 254);

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_known_server(unsigned family, unsigned host)
{
	static const uint8_t v4[] = {192, 0, 2};
	static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0xa0};

	return family == 4 ? address(4, v4, sizeof(v4), host) : address(6, v6, sizeof(v6), host);
}

struct gen_addr
gen_machine(unsigned family, unsigned n)
{
	static const uint8_t v4[] = {198, 19};

	/* An odd stride goes round all 65,536 before it comes back, and spreads few over the whole. */
	return family == 4 ? address(4, v4, sizeof(v4), (n * 20021 + 1) & 0xffff) : own_subnet(0xb000, n);
}

struct gen_addr
gen_forged(struct seki_rng *rng, unsigned family)
{
	uint64_t r = seki_rng_next(rng), low = seki_rng_next(rng);
	uint8_t v6[16] = {0x20, 0x01, 0x0d, 0xb8, (uint8_t)(0xc0 | (r & 0x3f))};
	uint32_t host = (uint32_t)r;
	uint8_t v4[] = {0};

	if (family == 6) {
		memcpy(v6 + 5, (uint8_t *)&r + 1, 3);
		memcpy(v6 + 8, &low, 8);
		return address(6, v6, sizeof(v6), 0);
	}
	/* 1 to 223, less loopback and what is inside: nobody would carry those in. */
	while (host >> 24 == 0 || host >> 24 == 127 || host >> 24 >= 224 || host >> 12 == (198u << 12 | 18u << 4 | 1))
		host = (uint32_t)seki_rng_next(rng);
	return address(4, v4, 0, host);
}
