/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_FLOW_KNOWN_H
#define SEKI_FLOW_KNOWN_H

/* Internal to lib/flow: what clients have proven, and blocks. */

#include "source.h"

/*
 * Whoever has proven most stays; then whoever is forgotten last. Who has proven himself, and has no connection left, gives
 * way to newcomers.
 */
uint32_t known_worth(uint64_t state, uint16_t now);

/* What is known of a packet's source. */
struct known_source {
	bool verified;
	uint32_t connections; /* that it has, as far as their ends were seen */
};

/* A connection in which the packet's client has proven itself is in use. */
void known_lives(struct seki_sources *s, const struct pkt *pkt);

struct known_source known_source(const struct seki_sources *s, const struct pkt *pkt);

/* Blocks the packet's source for `ticks`; one that has proven its address is never blocked. */
void known_block(struct seki_sources *s, const struct pkt *pkt, uint16_t ticks);
bool known_blocked(const struct seki_sources *s, const struct pkt *pkt);

#endif
