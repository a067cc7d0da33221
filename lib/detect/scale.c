/* SPDX-License-Identifier: BSD-3-Clause */
#include "scale.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t
scale_value(uint16_t code)
{
	unsigned step = code <= SCALE_ZERO ? 0 : code - SCALE_ZERO;
	unsigned up = step < 32 ? 0 : step / 16 - 1;

	return ((uint64_t)(step - 16 * up) << up) + (up == 0 ? 0 : UINT64_C(1) << (up - 1));
}

uint16_t
scale_code_below(uint64_t value)
{
	uint16_t code = scale_code(value);

	return scale_value(code) > value ? code - 1 : code;
}

void
scale_text(uint16_t code, char text[SCALE_TEXT_MAX])
{
	static const char prefix[] = "kMG";
	uint64_t value = scale_value(code), unit = 1000;
	unsigned p = 0, part;

	if (value < unit) {
		snprintf(text, SCALE_TEXT_MAX, "%u", (unsigned)value);
		return;
	}
	while (value / unit >= 1000 && p < 2) {
		unit *= 1000;
		p++;
	}
	/* Cut, not rounded: by one percent at most, where the edge of the step is one and a half away. */
	part = (unsigned)(value % unit / (unit / 100));
	if (value / unit < 10)
		snprintf(text, SCALE_TEXT_MAX, "%u.%02u%c", (unsigned)(value / unit) % 10, part % 100, prefix[p]);
	else if (value / unit < 100)
		snprintf(text, SCALE_TEXT_MAX, "%u.%u%c", (unsigned)(value / unit) % 100, part / 10 % 10, prefix[p]);
	else
		snprintf(text, SCALE_TEXT_MAX, "%u%c", (unsigned)(value / unit) % 100000, prefix[p]);
}
