/* SPDX-License-Identifier: BSD-3-Clause */
/* Entries of `limits`: { vector = "ntp"; zone = "2 kpps"; host = "200 pps"; }, of all zones or of one. */
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIELD(member) \
	.offset = offsetof(struct seki_spec_limit, member), .size = sizeof(((struct seki_spec_limit *)0)->member)

/* An entry whose vector or prefix was refused: nothing more is said about it. */
#define VECTOR_BAD (SEKI_VECTOR_ALL + 1)

static const char *const vectors[] = {
#define VECTOR(id, name, ...) name,
#include "vectors.def"
};

int
conf_vector(struct conf_reader *r, const struct conf_value *v, unsigned *vector)
{
	const char *near;

	if (strcmp(v->text, "all") == 0) {
		*vector = SEKI_VECTOR_ALL;
		return 0;
	}
	for (unsigned i = SEKI_VECTOR_NONE + 1; i < SEKI_N_VECTORS; i++) {
		if (strcmp(v->text, vectors[i]) != 0)
			continue;
		*vector = i;
		return 0;
	}
	near = conf_nearest(v->text, &vectors[SEKI_VECTOR_NONE + 1], SEKI_N_VECTORS - 1);
	if (near != NULL)
		return conf_error(
			r, v->line, "vector", "there is no vector \"%.60s\"; did you mean \"%s\"?", v->text, near);
	return conf_error(
		r, v->line, "vector", "there is no vector \"%.60s\"; docs/vectors.md has all of them", v->text);
}

static int
set_vector(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return conf_vector(r, v, &((struct seki_spec_limit *)object)->vector);
}

/* What is counted apart has a limit, and nothing else can have one. */
static bool
has_level(const struct seki_prefix *prefix)
{
	for (enum seki_level l = SEKI_LEVEL_HOST; l < SEKI_LEVEL_ZONE; l++)
		if (prefix->len == seki_level_len(prefix->family, l) && (l != SEKI_LEVEL_HOST || prefix->family == 4))
			return true;
	return false;
}

static int
set_prefix(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_limit *limit = object;
	struct seki_prefix prefix;

	if (conf_prefix(r, "prefix", v, &prefix) != 0)
		return -EINVAL;
	if (!has_level(&prefix))
		return conf_error(r, v->line, "prefix",
			"\"%s\": limits are for an IPv4 address, /28, /24 or /20, and for an IPv6 /64, /56 or /48",
			v->text);
	limit->prefix = prefix;
	return 0;
}

#define RATE(name, member, quantity, text, words) \
	{ \
		.key = (name), .type = CONF_NUMBER, .unit = (quantity), \
		.max = (quantity) == SEKI_UNIT_PPS ? CM_PPS_MAX : CM_BPS_MAX, .optional = "not set here", \
		FIELD(member), .example = (text), .help = (words) \
	}

/* Those of one prefix are last, since the limits of all zones have none. */
static const struct conf_row rows[] = {
	{.key = "vector",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.set = set_vector,
		.example = "\"ntp\"",
		.help = "A vector of [vectors.md](vectors.md), or `all`. An entry that names the vector goes before one of all."},
	RATE("zone", zone.pps, SEKI_UNIT_PPS, "\"2 kpps\"",
		"Packets a second to all of the zone; 0: no limit. Where it is lower than the default of a host, that "
		"is as low."),
	RATE("host", host.pps, SEKI_UNIT_PPS, "\"200 pps\"", "Packets a second to one address; 0: no limit."),
	RATE("zone_bps", zone.bps, SEKI_UNIT_BPS, "\"1 Gbps\"", "Bits a second to all of the zone; 0: no limit."),
	RATE("host_bps", host.bps, SEKI_UNIT_BPS, "\"200 Mbps\"", "Bits a second to one address; 0: no limit."),
	{.key = "share",
		.type = CONF_NUMBER,
		.max = 100,
		.optional = "not set here",
		FIELD(share),
		.example = "20",
		.help = "Percent of all packets to the zone, known ones included, that the vector may be within a second; 0: no limit. "
			"Below 100 packets a second no share is too much."},
	{.key = "prefix",
		.type = CONF_TEXT,
		.min = 1,
		.max = 63,
		.optional = "none: the limits are of the zone and of each host",
		.set = set_prefix,
		.example = "\"198.51.100.16/28\"",
		.help = "The limits are of this prefix of the zone, in place of what such a prefix has otherwise: an IPv4 address, /28, "
			"/24 or /20, or an IPv6 /64, /56 or /48. Larger prefixes around it may have as much."},
	RATE("limit", own.pps, SEKI_UNIT_PPS, "\"50 kpps\"", "Packets a second to the prefix; 0: no limit of its own."),
	RATE("limit_bps", own.bps, SEKI_UNIT_BPS, "\"500 Mbps\"",
		"Bits a second to the prefix; 0: no limit of its own."),
};

/* Rows, as bits of said. */
enum {
	ROW_VECTOR,
	ROW_ZONE,
	ROW_HOST,
	ROW_ZONE_BPS,
	ROW_HOST_BPS,
	ROW_SHARE,
	ROW_PREFIX,
	ROW_LIMIT,
	ROW_LIMIT_BPS,
	N_ROWS,
};
static_assert(sizeof(rows) / sizeof(rows[0]) == N_ROWS, "a bit for each row");

#define SAID_OF_ZONE (1u << ROW_ZONE | 1u << ROW_HOST | 1u << ROW_ZONE_BPS | 1u << ROW_HOST_BPS | 1u << ROW_SHARE)
#define SAID_UNKNOWN (1u << N_ROWS) /* keys that are refused, and may have been meant to be any of these */
#define SAID_OF_PREFIX (1u << ROW_LIMIT | 1u << ROW_LIMIT_BPS)

static void *
begin(struct seki_spec_limit *limit, config_setting_t *at)
{
	const struct seki_rate unsaid = {SEKI_SPEC_UNSAID, SEKI_SPEC_UNSAID};

	if (limit == NULL)
		return NULL;
	*limit = (struct seki_spec_limit){.vector = VECTOR_BAD,
		.host = unsaid,
		.zone = unsaid,
		.own = unsaid,
		.share = UINT8_MAX,
		.line = conf_line(at, NULL)};
	for (unsigned i = 0; i < N_ROWS; i++)
		limit->said |= (uint32_t)(config_setting_get_member(at, rows[i].key) != NULL) << i;
	if (config_setting_length(at) > __builtin_popcount(limit->said))
		limit->said |= SAID_UNKNOWN;
	limit->has_prefix = (limit->said >> ROW_PREFIX & 1) != 0;
	return limit;
}

static void *
add_zone_limit(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_zone *zone = &r->spec->zone[r->spec->n_zones - 1];

	return begin(conf_append(r, &zone->limit, &zone->n_limits, sizeof(*zone->limit)), at);
}

static void *
add_limit(struct conf_reader *r, config_setting_t *at)
{
	return begin(
		conf_append(r, &r->spec->detect.limit, &r->spec->detect.n_limits, sizeof(*r->spec->detect.limit)), at);
}

const struct conf_section conf_zone_limit_section = {
	.name = "zones.limits",
	.row = rows,
	.n_rows = N_ROWS,
	.add = add_zone_limit,
	.help = "Limits of one vector, or of all: for the zone and for each of its hosts, with limits between for prefixes "
		"between; or for one prefix.",
	.example =
		"limits = ( { vector = \"ntp\"; zone = \"2 kpps\"; host = \"200 pps\"; }, { vector = \"dns\"; share = 20; },\n"
		"  { vector = \"udp\"; prefix = \"198.51.100.16/28\"; limit = \"50 kpps\"; } );",
};

const struct conf_section conf_limit_section = {
	.name = "detection.limits",
	.row = rows,
	.n_rows = ROW_PREFIX,
	.add = add_limit,
	.help = "Limits of one vector, or of all, in every zone that does not say otherwise.",
	.example =
		"detection: { limits = ( { vector = \"udp\"; zone_bps = \"1 Gbps\"; host_bps = \"200 Mbps\"; } ); };",
};

/* An entry is always a group. */
int
conf_set_limit(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return conf_error(r, v->line, "limits",
		"groups between { and } are wanted, such as { vector = \"ntp\"; zone = \"2 kpps\"; }");
}

static bool
same_place(const struct seki_spec_limit *a, const struct seki_spec_limit *b)
{
	return a->vector == b->vector && a->has_prefix == b->has_prefix &&
	       (!a->has_prefix || seki_prefix_compare(&a->prefix, &b->prefix) == 0);
}

static bool
is_bad(const struct seki_spec_limit *limit)
{
	return limit->vector == VECTOR_BAD || (limit->has_prefix && limit->prefix.family == 0);
}

static void
check_entry(struct conf_reader *r, const struct seki_spec_limit *limit, bool of_zone)
{
	if (!of_zone && (limit->said & (SAID_OF_PREFIX | 1u << ROW_PREFIX)) != 0)
		return; /* no keys of this section, which was said */
	if (limit->has_prefix && (limit->said & SAID_OF_ZONE) != 0)
		conf_error(r, limit->line, "limits",
			"an entry with a prefix gives `limit`, `limit_bps` or both, and nothing for zone and hosts");
	else if (!limit->has_prefix && (limit->said & SAID_OF_PREFIX) != 0)
		conf_error(r, limit->line, "limits",
			"`limit` is of a prefix, which is missing; or write `zone` or `host`");
	else if ((limit->said & (SAID_UNKNOWN | (limit->has_prefix ? SAID_OF_PREFIX : SAID_OF_ZONE))) == 0 &&
		 !is_bad(limit))
		conf_error(r, limit->line, "limits", "the entry gives no limit; write for example %s",
			limit->has_prefix ? "limit = \"50 kpps\";" : "zone = \"2 kpps\";");
}

static void
check_entries(struct conf_reader *r, const struct seki_spec_limit *limit, unsigned n, bool of_zone)
{
	for (unsigned i = 0; i < n; i++) {
		check_entry(r, &limit[i], of_zone);
		for (unsigned k = 0; k < i && !is_bad(&limit[i]); k++) {
			if (!same_place(&limit[i], &limit[k]))
				continue;
			conf_error(r, limit[i].line, "limits", "\"%s\"%s is listed twice: see line %d",
				limit[i].vector == SEKI_VECTOR_ALL ? "all" : vectors[limit[i].vector],
				limit[i].has_prefix ? " of this prefix" : "", limit[k].line);
			break;
		}
	}
}

void
conf_check_limits(struct conf_reader *r)
{
	snprintf(r->path, sizeof(r->path), "detection");
	check_entries(r, r->spec->detect.limit, r->spec->detect.n_limits, false);
	for (unsigned i = 0; i < r->spec->n_zones; i++) {
		snprintf(r->path, sizeof(r->path), "zones.%s", r->spec->zone[i].name);
		check_entries(r, r->spec->zone[i].limit, r->spec->zone[i].n_limits, true);
	}
}
