/* SPDX-License-Identifier: BSD-3-Clause */
#include "afp.h"

#include <linux/if_packet.h>
#include <stdbool.h>
#include <sys/socket.h>

static bool
is_bound(int fd, unsigned if_index)
{
	struct sockaddr_ll address = {0};
	socklen_t size = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &size) == 0 && address.sll_ifindex == (int)if_index;
}

void
afp_find(struct sockets *sockets, unsigned if_index)
{
	unsigned n = 0;

	sockets_find(sockets, AF_PACKET, SOCK_RAW);
	for (unsigned i = 0; i < sockets->n; i++)
		if (is_bound(sockets->fd[i], if_index))
			sockets->fd[n++] = sockets->fd[i];
	sockets->n = n;
}

uint64_t
afp_lost(const struct sockets *sockets)
{
	uint64_t lost = 0;

	for (unsigned i = 0; i < sockets->n; i++) {
		struct tpacket_stats statistics = {0};
		socklen_t size = sizeof(statistics);

		if (getsockopt(sockets->fd[i], SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
			lost += statistics.tp_drops;
	}
	return lost;
}
