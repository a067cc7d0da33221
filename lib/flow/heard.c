/* SPDX-License-Identifier: BSD-3-Clause */
#include "heard.h"

#include <string.h>

static void
clear(struct flow_heard *heard, unsigned slice)
{
	memset(heard->bits[slice], 0, sizeof(heard->bits[0]));
	memset(heard->marks[slice], 0, sizeof(heard->marks[0]));
}

void
flow_heard_advance(struct flow_heard *heard, uint64_t now_ns)
{
	uint64_t slice = now_ns >> HEARD_SLICE_SHIFT;

	if (slice <= heard->slice)
		return;
	clear(heard, slice & 1);
	/* After a pause both slices are old. */
	if (slice > heard->slice + 1)
		clear(heard, ~slice & 1);
	heard->slice = slice;
}
