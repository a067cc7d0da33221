/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_FRAME_H
#define SEKI_GEN_FRAME_H

/* From a packet's description to the bytes of its frames, checksums right. */

#include "trace.h"

/* Room for any frame before it is fragmented. */
#define GEN_FRAME_MAX (14 + 4 + 40 + 60 + GEN_PAYLOAD_MAX)

/* The routers on both sides of Seki; the configuration names them (ports.macs), so that direction is known. */
#define GEN_MAC_OUTSIDE "\x02\x00\x00\x00\x0a\x01"
#define GEN_MAC_INSIDE "\x02\x00\x00\x00\x0b\x01"

struct gen_frame {
	uint32_t len;
	uint16_t l3_off;
	uint8_t data[GEN_FRAME_MAX];
};

/* True for what comes from outside. */
static inline bool
gen_inbound(const struct gen_flow *flow, const struct gen_packet *packet)
{
	return packet->from_server != flow->client_outside;
}

/*
 * Builds packet number `number` of the trace, in one piece whatever its size. `vlan` 0: untagged. 100 ns and a tenth of a
 * nanosecond for each byte.
 */
void gen_frame_build(const struct gen_flow *flow, const struct gen_packet *packet, uint64_t number, unsigned vlan,
	struct gen_frame *frame);

/* Pieces that the frame leaves in: 1, or more where its IPv4 packet is larger than GEN_MTU. */
unsigned gen_frame_pieces(const struct gen_frame *frame);

/* Cuts out piece `i`. */
void gen_frame_piece(const struct gen_frame *frame, unsigned i, struct gen_frame *piece);

#endif
