/* SPDX-License-Identifier: BSD-3-Clause */
#include "heard.h"

#include <string.h>

void
flow_heard_advance(struct flow_heard *heard, uint64_t now_ns)
{
	uint64_t slice = now_ns >> HEARD_SLICE_SHIFT;

	if (slice <= heard->slice)
		return;
	memset(heard->bits[slice & 1], 0, sizeof(heard->bits[0]));
	/* After a pause both slices are old. */
	if (slice > heard->slice + 1)
		memset(heard->bits[~slice & 1], 0, sizeof(heard->bits[0]));
	heard->slice = slice;
}
