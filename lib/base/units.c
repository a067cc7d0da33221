/* SPDX-License-Identifier: BSD-3-Clause */
#include "units.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct suffix {
	enum seki_unit unit;
	const char *text;
	uint64_t scale;
};

/* Per unit from small to large; the first row of a unit is what a bare number means (times are never bare). */
static const struct suffix suffixes[] = {
	{SEKI_UNIT_NONE, "", 1},
	{SEKI_UNIT_NONE, "k", 1000},
	{SEKI_UNIT_NONE, "M", 1000000},
	{SEKI_UNIT_NONE, "G", 1000000000},
	{SEKI_UNIT_PPS, "pps", 1},
	{SEKI_UNIT_PPS, "kpps", 1000},
	{SEKI_UNIT_PPS, "Mpps", 1000000},
	{SEKI_UNIT_PPS, "Gpps", 1000000000},
	{SEKI_UNIT_BPS, "bps", 1},
	{SEKI_UNIT_BPS, "kbps", 1000},
	{SEKI_UNIT_BPS, "Mbps", 1000000},
	{SEKI_UNIT_BPS, "Gbps", 1000000000},
	{SEKI_UNIT_BPS, "Tbps", 1000000000000},
	{SEKI_UNIT_NS, "ns", 1},
	{SEKI_UNIT_NS, "us", 1000},
	{SEKI_UNIT_NS, "ms", 1000000},
	{SEKI_UNIT_NS, "s", 1000000000},
	{SEKI_UNIT_NS, "min", 60000000000},
	{SEKI_UNIT_NS, "h", 3600000000000},
	{SEKI_UNIT_BYTES, "B", 1},
	{SEKI_UNIT_BYTES, "kB", 1000},
	{SEKI_UNIT_BYTES, "MB", 1000000},
	{SEKI_UNIT_BYTES, "GB", 1000000000},
};
#define N_SUFFIXES (sizeof(suffixes) / sizeof(suffixes[0]))

static const struct suffix *
find_suffix(enum seki_unit unit, const char *text)
{
	for (size_t i = 0; i < N_SUFFIXES; i++) {
		const struct suffix *s = &suffixes[i];

		if (s->unit != unit)
			continue;
		if (strcmp(text, s->text) == 0)
			return s;
		if (*text == '\0')
			return unit == SEKI_UNIT_NS ? NULL : s;
	}
	return NULL;
}

const char *
seki_unit_name(enum seki_unit unit)
{
	switch (unit) {
	case SEKI_UNIT_PPS:
		return "pps";
	case SEKI_UNIT_BPS:
		return "bps";
	case SEKI_UNIT_NS:
		return "time";
	case SEKI_UNIT_BYTES:
		return "bytes";
	case SEKI_UNIT_BOOL:
		return "true or false";
	case SEKI_UNIT_NONE:
		break;
	}
	return "number";
}

static int
parse_bool(const char *text, uint64_t *value)
{
	*value = strcmp(text, "true") == 0;
	return *value == 1 || strcmp(text, "false") == 0 ? 0 : -EINVAL;
}

int
seki_unit_parse(enum seki_unit unit, const char *text, uint64_t *value)
{
	unsigned __int128 scaled, number = 0;
	uint64_t divisor = 1;
	const struct suffix *suffix;
	bool blank;

	if (unit == SEKI_UNIT_BOOL)
		return parse_bool(text, value);
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	for (; isdigit((unsigned char)*text); text++) {
		number = number * 10 + (unsigned)(*text - '0');
		if (number > UINT64_MAX)
			return -ERANGE;
	}
	if (*text == '.') {
		if (!isdigit((unsigned char)*++text))
			return -EINVAL;
		for (; isdigit((unsigned char)*text); text++) {
			number = number * 10 + (unsigned)(*text - '0');
			divisor *= 10;
			if (number > UINT64_MAX || divisor > UINT64_MAX / 100)
				return -ERANGE;
		}
	}
	blank = *text == ' ';
	while (*text == ' ')
		text++;
	suffix = find_suffix(unit, text);
	if (suffix == NULL || (blank && *text == '\0'))
		return -EINVAL;
	scaled = number * suffix->scale;
	if (scaled % divisor != 0 || scaled / divisor > UINT64_MAX)
		return -ERANGE;
	*value = (uint64_t)(scaled / divisor);
	return 0;
}

char *
seki_unit_format(enum seki_unit unit, uint64_t value, char *buf)
{
	const struct suffix *best = NULL;

	if (unit == SEKI_UNIT_BOOL)
		return strcpy(buf, value != 0 ? "true" : "false");
	for (size_t i = 0; i < N_SUFFIXES; i++) {
		const struct suffix *s = &suffixes[i];

		if (s->unit == unit && (best == NULL || (value >= s->scale && value % s->scale == 0)))
			best = s;
	}
	snprintf(buf, 32, "%" PRIu64 "%s%s", value / best->scale, *best->text == '\0' ? "" : " ", best->text);
	return buf;
}
