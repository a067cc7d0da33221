/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_ATTACK_MAKE_H
#define SEKI_GEN_ATTACK_MAKE_H

/* Internal to attack*.c: what makers share. */

#include "attack.h"

/* A bot and the one connection that it has at a time. */
struct gen_bot {
	uint64_t ready_ns; /* when its handshake's answer is back */
	uint32_t seq, ack;
	uint32_t host;
	uint16_t port;
	uint16_t left; /* segments until it closes */
	uint8_t phase;
};

struct gen_attack {
	struct gen_attack_spec spec;
	struct seki_rng rng;
	uint64_t slice_ns; /* begin of the millisecond whose slots are being handed out */
	unsigned slot, n_slots;
	unsigned owed;     /* slots that packets before have used up */
	uint32_t turn;     /* of the carpet: whose turn it is */
	struct gen_bot *bot; /* of gen_make_data */
	bool have;
	struct gen_item next;
	struct gen_item *heap; /* what was promised, soonest first */
	size_t n_heap, heap_room;
};

/* Family of the attacked. */
static inline unsigned
attack_family(const struct gen_attack *attack)
{
	return attack->spec.over >= GEN_OVER_V6_HOST ? 6 : 4;
}

static inline uint64_t
attack_between(struct gen_attack *attack, uint64_t min, uint64_t max)
{
	return gen_between(&attack->rng, min, max);
}

/* Any of the machines. */
unsigned attack_machine(struct gen_attack *attack);

/*
 * Sets all of the flow but ports and stack, and the packet's identification: to the next host, from a random address or a
 * machine, as the spec says. `ttl` is what packets start with. Returns the machine; a random one where sources are forged,
 * since somebody sends those, too, and the TTL is his.
 */
unsigned attack_aim(struct gen_attack *attack, struct gen_item *item, uint8_t proto, uint8_t ttl);

/* The same from this machine, whatever the spec says. */
void attack_aim_from(struct gen_attack *attack, struct gen_item *item, uint8_t proto, uint8_t ttl, unsigned machine);

/* True for the port of a vector of reflection. */
bool gen_is_reflector(uint16_t port);

/* Number `i` of the attacked hosts (taken modulo how many there are). */
struct gen_addr attack_host(const struct gen_attack *attack, unsigned i);

/* Sends a copy of `item` later. */
void attack_promise(struct gen_attack *attack, const struct gen_item *item);

#endif
