/* SPDX-License-Identifier: BSD-3-Clause */
#include "say.h"

#include "printable.h"

#include <stdarg.h>
#include <stdio.h>

void
say(const char *fmt, ...)
{
	char line[1024], shown[2 * sizeof(line)];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	seki_printable(line, shown, sizeof(shown));
	/* One call, so that lines of two threads do not mix. */
	fprintf(stderr, "seki: %s\n", shown);
}
