/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_AFP_H
#define SEKI_AFP_H

/*
 * What the kernel lost before an AF_PACKET port. Its ring has `framecnt` places, and what comes while the core that polls
 * it is away and finds them taken is dropped by the kernel. DPDK's driver (22.11) does not add that to imissed; the
 * sockets know it. The driver opens them as EAL starts, so they are told apart by the interface that they are bound to.
 */

#include "sockets.h"

#include <stdint.h>

/* The AF_PACKET sockets of this process that are bound to the interface of this index. */
void afp_find(struct sockets *sockets, unsigned if_index);

/*
 * Frames that found the receive rings of `sockets` full since this was last asked: the kernel, which counts in 32 bits,
 * begins anew. Any thread; of several at once, each loss is told to one.
 */
uint64_t afp_lost(const struct sockets *sockets);

#endif
