/* SPDX-License-Identifier: BSD-3-Clause */
#include "verdict.h"

struct reason_row {
	const char *name;
	const char *sentence;
	uint8_t verdict;
};

struct vector_row {
	const char *name;
	const char *description;
	uint16_t port;
};

static const struct reason_row reasons[SEKI_N_REASONS] = {
#define REASON(id, reason_name, kind, text) {reason_name, text, SEKI_VERDICT_##kind},
#include "reasons.def"
#undef REASON
};

static const struct vector_row vectors[SEKI_N_VECTORS] = {
#define VECTOR(id, vector_name, class, ladder, host_pps, zone_pps, match, text) {vector_name, text, 0},
#define REFLECTOR(id, vector_name, udp_port, weight, text) {vector_name, text, udp_port},
#include "vectors.def"
};

static const char *const class_names[SEKI_N_CLASSES] = {
#define VECTOR_CLASS(id, name) name,
#include "vectors.def"
};

static const char *const verdict_names[SEKI_N_VERDICTS] = {
	[SEKI_VERDICT_NONE] = "none",
	[SEKI_VERDICT_PASS] = "pass",
	[SEKI_VERDICT_DROP] = "drop",
	[SEKI_VERDICT_CHALLENGE] = "challenge",
};

static const char *const direction_names[SEKI_N_DIRECTIONS] = {
	[SEKI_DIR_INBOUND] = "inbound",
	[SEKI_DIR_OUTBOUND] = "outbound",
	[SEKI_DIR_LOCAL] = "local",
	[SEKI_DIR_TRANSIT] = "transit",
};

const char *
seki_verdict_name(unsigned verdict)
{
	return verdict < SEKI_N_VERDICTS ? verdict_names[verdict] : "?";
}

const char *
seki_direction_name(unsigned direction)
{
	return direction < SEKI_N_DIRECTIONS ? direction_names[direction] : "?";
}

const char *
seki_reason_name(unsigned reason)
{
	return reason < SEKI_N_REASONS ? reasons[reason].name : "?";
}

const char *
seki_reason_sentence(unsigned reason)
{
	return reason < SEKI_N_REASONS ? reasons[reason].sentence : "?";
}

enum seki_verdict
seki_reason_verdict(unsigned reason)
{
	return reason < SEKI_N_REASONS ? reasons[reason].verdict : reasons[SEKI_REASON_NONE].verdict;
}

const char *
seki_vector_name(unsigned vector)
{
	return vector < SEKI_N_VECTORS ? vectors[vector].name : "?";
}

const char *
seki_vector_description(unsigned vector)
{
	return vector < SEKI_N_VECTORS ? vectors[vector].description : "?";
}

uint16_t
seki_vector_port(unsigned vector)
{
	return vector < SEKI_N_VECTORS ? vectors[vector].port : 0;
}

const char *
seki_class_name(unsigned class)
{
	return class < SEKI_N_CLASSES ? class_names[class] : "?";
}
