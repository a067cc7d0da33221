/* SPDX-License-Identifier: BSD-3-Clause */
#include "sockets.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

static bool
is(int fd, int option, int wanted)
{
	int value = -1;
	socklen_t size = sizeof(value);

	return getsockopt(fd, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

void
sockets_find(struct sockets *sockets, int domain, int type)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	sockets->n = 0;
	while (dir != NULL && sockets->n < SOCKETS_MAX && (entry = readdir(dir)) != NULL) {
		char *end;
		long fd = strtol(entry->d_name, &end, 10);

		if (end != entry->d_name && *end == '\0' && is((int)fd, SO_DOMAIN, domain) &&
			is((int)fd, SO_TYPE, type))
			sockets->fd[sockets->n++] = (int)fd;
	}
	if (dir != NULL)
		closedir(dir);
}

static bool
has(const struct sockets *sockets, int fd)
{
	for (unsigned i = 0; i < sockets->n; i++)
		if (sockets->fd[i] == fd)
			return true;
	return false;
}

void
sockets_subtract(struct sockets *sockets, const struct sockets *others)
{
	unsigned n = 0;

	for (unsigned i = 0; i < sockets->n; i++)
		if (!has(others, sockets->fd[i]))
			sockets->fd[n++] = sockets->fd[i];
	sockets->n = n;
}
