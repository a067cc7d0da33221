/* SPDX-License-Identifier: BSD-3-Clause */

/* What comes to a host, and to each prefix that it is in, against what each may have. */
#include "explain.h"

#include <inttypes.h>

#define AMOUNT_TEXT EXPLAIN_RATE_TEXT
#define WINDOWS_TEXT (3 * AMOUNT_TEXT + 64)

const char *
explain_rate(struct seki_rate limit, char text[EXPLAIN_RATE_TEXT])
{
	char pps[32], bps[32];

	seki_unit_format(SEKI_UNIT_PPS, limit.pps, pps);
	seki_unit_format(SEKI_UNIT_BPS, limit.bps, bps);
	snprintf(text, AMOUNT_TEXT, "%s%s%s", limit.pps != 0 || limit.bps == 0 ? pps : "",
		limit.pps != 0 && limit.bps != 0 ? " and " : "", limit.bps != 0 ? bps : "");
	return limit.pps == 0 && limit.bps == 0 ? "none" : text;
}

/* Bits are told where they are limited. */
static const char *
came_text(const struct seki_level_rate *level, enum seki_window window, char text[AMOUNT_TEXT])
{
	const struct seki_rate *came = &level->came[window];

	if (level->limit.bps == 0)
		snprintf(text, AMOUNT_TEXT, "%" PRIu64, came->pps);
	else
		snprintf(text, AMOUNT_TEXT, "%" PRIu64 " (%" PRIu64 " bps)", came->pps, came->bps);
	return text;
}

static const char *
place_text(const struct seki_level_rate *level, const char *host, char text[SEKI_TARGET_TEXT])
{
	if (level->level == SEKI_LEVEL_HOST)
		return host;
	return level->level == SEKI_LEVEL_ZONE ? "the zone" : seki_target_text(level->prefix, text);
}

static const char *
windows_text(const struct seki_level_rate *level, char text[WINDOWS_TEXT])
{
	char fifth[AMOUNT_TEXT], second[AMOUNT_TEXT], ten[AMOUNT_TEXT];

	if ((level->came[SEKI_WINDOW_FIFTH].pps | level->came[SEKI_WINDOW_SECOND].pps |
		    level->came[SEKI_WINDOW_TEN].pps) == 0)
		return "nothing within 10 s";
	snprintf(text, WINDOWS_TEXT, "packets a second %s over 200 ms, %s over 1 s, %s over 10 s",
		came_text(level, SEKI_WINDOW_FIFTH, fifth), came_text(level, SEKI_WINDOW_SECOND, second),
		came_text(level, SEKI_WINDOW_TEN, ten));
	return text;
}

void
explain_levels(const struct seki_level_rate *level, unsigned n, const char *host, struct explanation *out)
{
	for (unsigned i = 0; i < n; i++) {
		char windows[WINDOWS_TEXT], limit[AMOUNT_TEXT], place[SEKI_TARGET_TEXT];

		explain_say(out, "To %s: %s, from strangers; the limit there is %s (%s).",
			place_text(&level[i], host, place), windows_text(&level[i], windows),
			explain_rate(level[i].limit, limit), seki_limit_from_name(level[i].limit_from));
	}
}
