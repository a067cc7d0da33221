/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_ROOM_H
#define SEKI_ROOM_H

/* Arrays that grow. Internal to lib/detect. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* `array` points to the pointer to one of `*room` items of `size` bytes, of which `n` are there: is there room for one
 * more? It may move. False: there is no memory, and it is as it was. */
static inline bool
room_for(void *array, uint32_t *room, uint32_t n, size_t size)
{
	void **at = array, *more;
	uint32_t wanted = 2 * (n + 128);

	if (n < *room)
		return true;
	more = realloc(*at, wanted * size);
	if (more == NULL)
		return false;
	*at = more;
	*room = wanted;
	return true;
}

#endif
