/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_SEEN_H
#define SEKI_GEN_SEEN_H

/*
 * Packets under way: what was sent, by a digest of it, so that what comes back is known for what it is.
 *
 * A mark in the payload would do for most, but a SYN has none, a later fragment has none, and writing a number into
 * the identification or the sequence number would make packets look alike that are not. So nothing is written: a frame
 * is known by 64 bits of a keyed hash over the first 96 bytes from its IP header on, and its length. A bump in the wire
 * changes none of them but, maybe, TTL and header checksum, which are left out; MAC addresses and VLAN tags are not in
 * it either. Where there is a mark, its number is among those bytes. Two packets with the same digest are the same
 * packet twice, for whoever sees them, and have the same label; otherwise two agree with a chance of 2^-64.
 *
 * The table has a million places in lines of four; a newcomer takes the place of the oldest of its line. At a million
 * packets a second, all of them dropped on the way, a packet is remembered for a second; what takes longer to come back
 * than that is unknown.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of the IP packet that the digest covers. */
#define GEN_SEEN_BYTES 96u

struct gen_seen_entry {
	uint64_t digest; /* 0: nothing here */
	uint64_t stamp;  /* time << 8 | label */
};

struct gen_seen {
	struct gen_seen_entry *entry;
	uint64_t key;
};

void gen_seen_init(struct gen_seen *seen, uint64_t key);
void gen_seen_fini(struct gen_seen *seen);

/*
 * Digest of a frame of `len` bytes, of which at least the first min(len, 22 + GEN_SEEN_BYTES) are at `frame`. 0: it is
 * not IP. About 20 ns.
 */
uint64_t gen_seen_digest(const struct gen_seen *seen, const uint8_t *frame, uint32_t len);

/* Remembers a packet that is about to be sent. */
void gen_seen_put(struct gen_seen *seen, uint64_t digest, uint64_t time_ns, char label);

/* Takes the oldest packet of that digest out. False: there is none. */
bool gen_seen_take(struct gen_seen *seen, uint64_t digest, uint64_t *time_ns, char *label);

#endif
