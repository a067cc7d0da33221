/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_CAPTURE_H
#define SEKI_CAPTURE_H

/*
 * Captures in and out, on libpcap: pcap and pcapng, micro- and nanoseconds, Ethernet.
 *
 * Other link types (raw IP, Linux cooked, loopback) are refused by name: they have lost the Ethernet header, and
 * with it the MACs, VLAN tags and EtherType that Seki judges by; a made-up one would test something else. Output
 * is pcap with nanosecond stamps, so no time is rounded.
 *
 * Everything that a damaged file can say is bounded here: a stamp becomes a time below 2^63 ns, a frame has no
 * more than CAPTURE_FRAME_MAX bytes in the file. What it claims to have had on the wire is passed on as it is.
 */

#include "err.h"

#include <stdbool.h>
#include <stdint.h>

/* Most bytes of one frame in a file: libpcap's own bound. */
#define CAPTURE_FRAME_MAX 262144u

struct capture;
struct capture_writer;

struct capture_packet {
	const uint8_t *data; /* valid until the next capture_next */
	uint32_t caplen;     /* bytes at data */
	uint32_t len;        /* bytes the frame had on the wire, >= caplen */
	uint64_t time_ns;    /* since 1970, as the file says: may run backwards */
};

/* Opens `path` ("-": standard input). NULL with a sentence in `err` that names the file. */
struct capture *capture_open(const char *path, struct seki_err *err);
void capture_close(struct capture *capture); /* NULL is legal */

/* 1: `packet` is filled. 0: the file ends well. -EIO: it is cut off or damaged here, with a sentence in `err`. */
int capture_next(struct capture *capture, struct capture_packet *packet, struct seki_err *err);

/* True if both paths name one existing file: writing the second would destroy the first. */
bool capture_same_file(const char *a, const char *b);

/* Creates or empties `path`. NULL with a sentence in `err`. */
struct capture_writer *capture_writer_open(const char *path, struct seki_err *err);

/* Adds one frame. Errors of the disk show at close. */
void capture_writer_put(struct capture_writer *writer, const struct capture_packet *packet);

/* Flushes, closes and frees. 0, or -EIO with a sentence: the file is then incomplete. NULL is legal. */
int capture_writer_close(struct capture_writer *writer, struct seki_err *err);

#endif
