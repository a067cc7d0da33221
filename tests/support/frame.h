/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FRAME_H
#define FRAME_H

/*
 * Frames from one line of text, for table-driven tests:
 *
 *     "eth tag:vid=7 ip4:ttl=255,dst=224.0.0.5 udp:sport=53,dport=1000 data:100 pad:4"
 *
 * A layer is a name and, after a colon, key=value pairs (numbers decimal or 0x, addresses as written; flags of TCP
 * as letters FSRPAU). What is not given is filled in: a next-layer field from the layer that follows, lengths from
 * what follows, the IPv4 checksum. What is given stands, right or wrong.
 *
 *     eth    dst (12 hex digits) type          tag    tpid vid type
 *     len    802.3: eth with a length          llc    dsap ssap ctrl
 *     snap   oui type
 *     ip4    src dst ttl proto len ver ihl off (bytes) mf df opts (bytes) opthex (digits) sum tos id
 *     ip6    src dst hl nh len ver tos label
 *     hbh rt dstopt mob hip shim   n (its length in eights, less one) nh; of a routing header: type left
 *     ah     n (in fours, less two) nh          frag   off (bytes) m nh
 *     tcp    sport dport flags doff opts (bytes) opthex (digits) window ack
 *     udp    sport dport len
 *     icmp   type code                          icmp6  type code
 *     gre    flags (16 bits)                    proto  n: a protocol without a header, by its number
 *     data   n bytes                            hex    bytes as digits
 *     pad    n bytes behind the IP packet       cut    n: the frame ends after so many bytes
 *     drop   n: the frame loses its last n bytes
 */

#include <stddef.h>
#include <stdint.h>

#define FRAME_MAX 66000

/* Writes the frame into `out` (FRAME_MAX bytes) and returns its length. A mistake in `spec` ends the process. */
uint32_t frame_build(const char *spec, uint8_t *out);

#endif
