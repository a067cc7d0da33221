/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_FRAME_L4_H
#define SEKI_GEN_FRAME_L4_H

/* Internal to frame.c: what comes behind the IP header. */

#include "frame.h"
#include "stack.h"

#include <assert.h>
#include <string.h>

/* Where the next bytes go; NULL: zeros. */
static inline uint8_t *
gen_put(struct gen_frame *frame, const void *data, size_t n)
{
	uint8_t *at = frame->data + frame->len;

	assert(frame->len + n <= sizeof(frame->data));
	if (data == NULL)
		memset(at, 0, n);
	else
		memcpy(at, data, n);
	frame->len += (uint32_t)n;
	return at;
}

/* The stack of who sends this segment. */
const struct gen_stack *gen_stack_of(const struct gen_flow *flow, const struct gen_packet *packet);

/* Bytes of the header that gen_put_l4 puts. */
uint32_t gen_l4_size(const struct gen_flow *flow, const struct gen_packet *packet);

/* TCP, UDP, ICMP echo, or GRE and what is in it up to the inner UDP header; nothing for other protocols. */
void gen_put_l4(struct gen_frame *frame, const struct gen_flow *flow, const struct gen_packet *packet);

/* `n` bytes that differ from packet to packet and mean nothing; the mark goes first where there is room. */
void gen_put_payload(struct gen_frame *frame, char label, uint64_t number, uint32_t n);

/* Sets the checksum of the TCP, UDP or ICMP packet that begins at `l4_off` and ends with the frame. */
void gen_l4_sum(struct gen_frame *frame, const struct gen_flow *flow, uint8_t proto, uint32_t l4_off);

#endif
