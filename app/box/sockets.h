/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SOCKETS_H
#define SEKI_SOCKETS_H

/*
 * This process's own sockets of one kind. Some drivers keep theirs to themselves and tell less through ethdev than
 * the kernel would tell through the socket.
 */

/* More than any box has ports and queues for. */
#define SOCKETS_MAX 256

struct sockets {
	unsigned n;
	int fd[SOCKETS_MAX];
};

/* Finds the open sockets of `domain` and `type`, as far as SOCKETS_MAX goes. A few microseconds per open file. */
void sockets_find(struct sockets *sockets, int domain, int type);

/* Leaves those that are not in `others`. */
void sockets_subtract(struct sockets *sockets, const struct sockets *others);

#endif
