/* SPDX-License-Identifier: BSD-3-Clause */
/* The parser's properties (support/pkt_props.h) on arbitrary bytes. The first byte sets what the port said. */
#include "pkt_props.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pkt pkt;
	const char *wrong;

	if (size == 0 || size > 65535)
		return 0;
	/* Mostly with the checksum excused, or few frames would get past it. */
	wrong = pkt_props_check(data + 1, (uint32_t)size - 1, data[0] == 0 ? 0 : PKT_F_CSUM_OK, &pkt);
	if (wrong != NULL) {
		fprintf(stderr, "%s\n", wrong);
		abort();
	}
	return 0;
}
