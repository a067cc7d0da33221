/* SPDX-License-Identifier: BSD-3-Clause */
#include "xsk.h"

#include <linux/if_xdp.h>
#include <sys/socket.h>

void
xsk_find(struct sockets *sockets)
{
	sockets_find(sockets, AF_XDP, SOCK_RAW);
}

uint64_t
xsk_ring_full(const struct sockets *sockets)
{
	uint64_t full = 0;

	for (unsigned i = 0; i < sockets->n; i++) {
		struct xdp_statistics statistics = {0};
		socklen_t size = sizeof(statistics);

		/* A kernel before 5.9 knows three of the six numbers and leaves this one 0. */
		if (getsockopt(sockets->fd[i], SOL_XDP, XDP_STATISTICS, &statistics, &size) == 0)
			full += statistics.rx_ring_full;
	}
	return full;
}
