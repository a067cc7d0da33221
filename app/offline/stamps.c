/* SPDX-License-Identifier: BSD-3-Clause */
#include "stamps.h"

#include <inttypes.h>
#include <stdio.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

/* "12.345 s" */
#define SECONDS "%" PRIu64 ".%03u s"
#define SECONDS_OF(ns) (ns) / NS_PER_S, (unsigned)((ns) % NS_PER_S / NS_PER_MS)

/* Returns true if this is the largest so far. */
static bool
note(struct stamps_oddity *oddity, uint64_t ns, uint64_t packet)
{
	oddity->n++;
	if (ns <= oddity->largest_ns)
		return false;
	oddity->largest_ns = ns;
	oddity->packet = packet;
	return true;
}

uint64_t
stamps_next(struct stamps *stamps, uint64_t stamp_ns)
{
	stamps->n++;
	if (stamps->n > 1 && stamp_ns < stamps->now_ns) {
		if (note(&stamps->back, stamps->now_ns - stamp_ns, stamps->n)) {
			stamps->ahead_packet = stamps->leader;
			stamps->ahead_ns = stamps->leap_ns;
		}
	} else if (stamps->n == 1 || stamp_ns > stamps->now_ns) {
		stamps->leap_ns = stamps->n == 1 ? 0 : stamp_ns - stamps->now_ns;
		stamps->leader = stamps->n;
		stamps->now_ns = stamp_ns;
		if (stamps->leap_ns > STAMPS_GAP_NS)
			note(&stamps->gap, stamps->leap_ns, stamps->n);
	}
	return stamps->now_ns;
}

void
stamps_warn(const struct stamps *stamps, const char *file, struct seki_err *warnings)
{
	const struct stamps_oddity *back = &stamps->back;
	char leap[64] = "";

	if (back->largest_ns <= STAMPS_WARN_NS)
		return;
	if (stamps->ahead_ns > 0)
		snprintf(leap, sizeof(leap), ", which leaps ahead by " SECONDS, SECONDS_OF(stamps->ahead_ns));
	seki_err_add(warnings, file, 0,
		"warning: packet %" PRIu64 " is stamped " SECONDS " before packet %" PRIu64
		"%s; the clock of a replay never runs backwards: it stood still for the %" PRIu64
		" packets with a stamp earlier than one before them, and budgets got nothing back meanwhile",
		back->packet, SECONDS_OF(back->largest_ns), stamps->ahead_packet, leap, back->n);
}
