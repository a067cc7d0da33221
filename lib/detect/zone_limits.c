/* SPDX-License-Identifier: BSD-3-Clause */
#include "zone_limits.h"

#include <string.h>

static const struct {
	uint32_t host_pps, zone_pps;
} floors[SEKI_N_VECTORS] = {
#define VECTOR(id, name, class, ladder, host_pps, zone_pps, ...) {host_pps, zone_pps},
#include "vectors.def"
};

/* The fourth root, rounded down. */
static uint64_t
fourth_root(uint64_t x)
{
	uint64_t low = 0, high = 65536;

	while (high - low > 1) {
		uint64_t middle = (low + high) / 2;

		if (middle * middle * middle * middle <= x)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* host * (zone / host)^(step / 4), to a part in a thousand. */
static uint64_t
between(uint64_t host, uint64_t zone, unsigned step)
{
	/* The ratio of two levels, in 1/1024: fourth root of the ratio in 1/1024^4, which is kept below 2^64. */
	uint64_t ratio = zone / host >= (UINT64_C(1) << 23) ? UINT64_C(1) << 23 : zone / host;
	unsigned __int128 x = (unsigned __int128)(ratio == zone / host ? zone : ratio * host) << 40;
	uint64_t root = fourth_root((uint64_t)(x / host >> 64 ? UINT64_MAX : x / host));
	unsigned __int128 limit = (unsigned __int128)host << 10;

	for (unsigned s = 0; s < step; s++)
		limit = limit * root >> 10;
	return (uint64_t)(limit >> 10);
}

/* Where only one of the two has a limit, the prefixes between have that of the zone, or none. */
static uint64_t
level_limit(uint64_t host, uint64_t zone, enum seki_level level)
{
	if (host == 0 || zone == 0 || zone <= host)
		return zone;
	return between(host, zone, level);
}

void
seki_limits_between(struct seki_limits *limits, unsigned vector)
{
	struct seki_rate host = limits->at[SEKI_LEVEL_HOST][vector], zone = limits->at[SEKI_LEVEL_ZONE][vector];

	for (enum seki_level l = SEKI_LEVEL_BLOCK; l < SEKI_LEVEL_ZONE; l++)
		limits->at[l][vector] =
			(struct seki_rate){level_limit(host.pps, zone.pps, l), level_limit(host.bps, zone.bps, l)};
}

void
seki_limits_default(struct seki_limits *limits)
{
	memset(limits, 0, sizeof(*limits));
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++) {
		limits->at[SEKI_LEVEL_HOST][v].pps = floors[v].host_pps;
		limits->at[SEKI_LEVEL_ZONE][v].pps = floors[v].zone_pps;
		seki_limits_between(limits, v);
	}
}

unsigned
seki_level_len(unsigned family, enum seki_level level)
{
	static const uint8_t len[2][SEKI_N_LEVELS] = {{32, 28, 24, 20, 0}, {128, 64, 56, 48, 0}};

	return len[family == 6][level];
}

int
seki_own_limit_compare(const struct seki_own_limit *a, const struct seki_own_limit *b)
{
	if (a->family != b->family)
		return a->family < b->family ? -1 : 1;
	if (a->level != b->level)
		return a->level < b->level ? -1 : 1;
	if (a->address != b->address)
		return a->address < b->address ? -1 : 1;
	return (a->vector > b->vector) - (a->vector < b->vector);
}

const char *
seki_limit_from_name(unsigned from)
{
	static const char *const names[SEKI_N_LIMIT_FROM] = {
		[SEKI_LIMIT_DEFAULT] = "default",
		[SEKI_LIMIT_CONFIGURED] = "configured",
		[SEKI_LIMIT_LEARNED] = "learned",
		[SEKI_LIMIT_EVENT] = "event",
		[SEKI_LIMIT_COMPANION] = "companion",
	};

	return from < SEKI_N_LIMIT_FROM ? names[from] : "?";
}
