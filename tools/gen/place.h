/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_PLACE_H
#define SEKI_GEN_PLACE_H

/*
 * Who is where. The addresses are those reserved for documentation and benchmarks (RFC 5737, 2544, 3849), so nothing in a
 * trace names anybody; only the forged sources of a spoofed flood are random numbers, as they are in reality.
 *
 *   inside     198.18.16.0/20        2001:db8:51::/48     4096 hosts, a /24 (IPv6: a /64) for each 256
 *   clients    198.18.64.0 - .255.255  2001:db8:80::/48   people out there, an IPv6 /64 each
 *   servers    203.0.113.0/24        2001:db8:9000::/64
 *   own        192.0.2.0/24          2001:db8:a000::/64   the operator's resolvers and clocks outside
 *   machines   198.19.0.0/16         2001:db8:b000::/48   reflectors and bots
 *   forged     any unicast           2001:db8:c000::/34
 */

#include "hash.h"

#include <stdbool.h>
#include <stdint.h>

/* Hosts inside: host n of IPv4 is 198.18.16.0 + n. */
#define GEN_INSIDE_HOSTS 4096u

struct gen_addr {
	uint8_t b[16]; /* IPv4: the first four bytes */
};

/* Uniform in [min, max]. */
uint64_t gen_between(struct seki_rng *rng, uint64_t min, uint64_t max);

/* Any bits to any other bits, one to one: for what must be the same each time without being kept. */
uint64_t gen_mix(uint64_t x);

/* `host` counts from 0. The IPv6 /64 of the hosts 256k and on is 2001:db8:51:k00k. */
struct gen_addr gen_inside(unsigned family, unsigned host);

/* Address `i` (below GEN_INSIDE_HOSTS) of a carpet over the whole /48: each in a /64 of its own. */
struct gen_addr gen_inside_spread(unsigned i);

struct gen_addr gen_client(unsigned family, unsigned n);
struct gen_addr gen_outside_client(struct seki_rng *rng, unsigned family);
struct gen_addr gen_outside_server(struct seki_rng *rng, unsigned family);
struct gen_addr gen_known_server(unsigned family, unsigned host);
struct gen_addr gen_machine(unsigned family, unsigned n);
struct gen_addr gen_forged(struct seki_rng *rng, unsigned family);

#endif
