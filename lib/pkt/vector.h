/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PKT_VECTOR_H
#define SEKI_PKT_VECTOR_H

/*
 * Internal to lib/pkt: which vector a TCP segment or a UDP datagram has (tables in vector.c).
 *
 * Ports are found in tables of {port, what} indexed by a multiplicative hash that has no collisions among the
 * ports of interest, so a lookup is one load and one compare, without a branch, and a kilobyte of cache where a
 * plain array over all ports would take 64 and push the packets out.
 */

#include "view.h"

#define VECTOR_PORT_MUL 0x9e4bu
#define VECTOR_PORT_SLOT(port) ((uint16_t)((port)*VECTOR_PORT_MUL) >> 8)

struct vector_port {
	uint16_t port;
	uint8_t vector;
};

extern const struct vector_port pkt_vector_ports[256];

/* Vector of TCP flags (the lower six bits) where no data follows, and where some does. */
extern const uint8_t pkt_vector_tcp[128];

static inline uint8_t
vector_udp(uint32_t sport)
{
	struct vector_port slot = pkt_vector_ports[VECTOR_PORT_SLOT(sport)];

	return slot.port == sport ? slot.vector : SEKI_VECTOR_UDP;
}

/* SEKI_VECTOR_TCP_OTHER: no TCP sends such flags. */
static inline uint8_t
vector_tcp(uint32_t flags, bool has_data)
{
	return pkt_vector_tcp[(flags & 0x3f) | (uint32_t)has_data << 6];
}

#endif
