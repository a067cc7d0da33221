/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef PKT_PROPS_H
#define PKT_PROPS_H

/*
 * What must hold for the parser, and for what is read of features, on any frame whatever; used on crafted frames,
 * captures and fuzzed bytes.
 *
 *   sane      offsets are inside the frame and in order, enums in range, control has no vector
 *   payload   whatever stands from payload_off on, the result is the same
 *   blind     nothing from payload_off on is read: it may just as well not be there
 *   split     cut at any byte of the headers into two pieces, or into pieces of one byte, the result is the same,
 *             what is gathered is the headers and no more, and the piece with the payload is never touched
 *
 * Pieces end where a heap block ends, so that the address sanitizer sees a read of one byte too many.
 */

#include "pkt.h"

#include <stddef.h>

/* Parses `frame` (n bytes, in a block of its own) as one piece and tests all of the above. `flags`: the wire's.
 * Returns NULL, or what is wrong, in a static buffer. `pkt`: the result; its data is gone. */
const char *pkt_props_check(const uint8_t *frame, uint32_t n, uint16_t flags, struct pkt *pkt);

#endif
