/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_XSK_H
#define SEKI_XSK_H

/*
 * What the kernel lost before an AF_XDP port. Its ring is short (XSK_FRAMES_MAX), and what comes while the core
 * that polls it is away is dropped by the kernel, as `rx_ring_full`. DPDK's driver (22.11 to 25.11) does not add those
 * to imissed, so they would be missing from every account; the socket itself knows them.
 */

#include "sockets.h"

#include <stdint.h>

/* Most frames that wait in one receive queue, whatever `rx_desc` asks for: the driver's fill ring has so many. */
#define XSK_FRAMES_MAX 2048u

/* The AF_XDP sockets that this process has now. */
void xsk_find(struct sockets *sockets);

/* Frames that found the receive rings of `sockets` full, ever. Any thread. */
uint64_t xsk_ring_full(const struct sockets *sockets);

#endif
