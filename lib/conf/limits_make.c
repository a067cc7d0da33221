/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The limits of a zone: defaults, over them what `detection.limits` says of all vectors, then of single ones, then the
 * same of the zone's own `limits`. And what only the result can tell: hosts that may have more than their zone,
 * prefixes that may have more than what is around them, or that are in no such zone.
 */
#include "schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum unit {
	PPS,
	BPS,
	N_UNITS,
};

static const enum seki_unit units[N_UNITS] = {[PPS] = SEKI_UNIT_PPS, [BPS] = SEKI_UNIT_BPS};

/* Limits in the making, with the lines that they are from: 0 if it is the default, below 0 if it is for all zones. */
struct made {
	struct seki_limits *limits;
	int line[2][N_UNITS][SEKI_N_VECTORS]; /* of a host, of the zone */
	bool of_zone[SEKI_N_VECTORS];         /* the zone's own entries have said something */
};

enum {
	OF_HOST,
	OF_ZONE,
};

static uint64_t *
rate_in(struct seki_rate *rate, enum unit unit)
{
	return unit == PPS ? &rate->pps : &rate->bps;
}

static void
set_rate(struct made *m, unsigned which, unsigned vector, struct seki_rate rate, int line)
{
	struct seki_rate *to = &m->limits->at[which == OF_HOST ? SEKI_LEVEL_HOST : SEKI_LEVEL_ZONE][vector];

	for (enum unit u = PPS; u < N_UNITS; u++) {
		if (*rate_in(&rate, u) == SEKI_SPEC_UNSAID)
			continue;
		*rate_in(to, u) = *rate_in(&rate, u);
		m->line[which][u][vector] = line;
	}
}

static void
apply_entry(struct made *m, const struct seki_spec_limit *entry, unsigned vector, bool of_zone)
{
	int line = of_zone ? entry->line : -entry->line;

	set_rate(m, OF_HOST, vector, entry->host, line);
	set_rate(m, OF_ZONE, vector, entry->zone, line);
	if (entry->share != UINT8_MAX)
		m->limits->share_pct[vector] = entry->share;
	m->limits->from[vector] = m->limits->host_from[vector] = SEKI_LIMIT_CONFIGURED;
	m->of_zone[vector] |= of_zone;
}

static void
apply(struct made *m, const struct seki_spec_limit *entry, unsigned n, bool of_zone)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned v = SEKI_VECTOR_NONE + 1; entry[i].vector == SEKI_VECTOR_ALL && v < SEKI_N_VECTORS; v++)
			if (!entry[i].has_prefix)
				apply_entry(m, &entry[i], v, of_zone);
	for (unsigned i = 0; i < n; i++)
		if (entry[i].vector < SEKI_VECTOR_ALL && !entry[i].has_prefix)
			apply_entry(m, &entry[i], entry[i].vector, of_zone);
}

/* Of two lines that do not go together, the zone's own, or the second one. */
static int
worse_line(int a, int b)
{
	if ((a > 0) != (b > 0))
		return a > 0 ? a : b;
	return abs(a) > abs(b) ? abs(a) : abs(b);
}

/* True if something was said: then further vectors would say the same, as of an entry for all of them. */
static bool
check_host(struct conf_reader *r, struct made *m, unsigned vector, enum unit unit)
{
	uint64_t *host = rate_in(&m->limits->at[SEKI_LEVEL_HOST][vector], unit);
	uint64_t *zone = rate_in(&m->limits->at[SEKI_LEVEL_ZONE][vector], unit);
	int of_host = m->line[OF_HOST][unit][vector], of_zone = m->line[OF_ZONE][unit][vector];
	char a[32], b[32];

	if (*host == 0 || *zone == 0 || *host <= *zone)
		return false;
	conf_format(units[unit], *host, a);
	conf_format(units[unit], *zone, b);
	if (of_host == 0) {
		*host = *zone;
		return false;
	}
	if (of_zone == 0)
		conf_error(r, abs(of_host), "limits",
			"a host may have %s of %s, and the zone by default only %s; give a limit of the zone, too", a,
			seki_vector_name(vector), b);
	else
		conf_error(r, worse_line(of_host, of_zone), "limits", "a host may have %s of %s, and the zone only %s",
			a, seki_vector_name(vector), b);
	return true;
}

/* What is wrong in the entries for all zones is said once. */
static void
check_hosts(struct conf_reader *r, struct made *m, bool zones_own)
{
	for (enum unit u = PPS; u < N_UNITS; u++)
		for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++)
			if (m->of_zone[v] == zones_own && check_host(r, m, v, u))
				break;
}

/* An entry of a prefix, for one vector; or what a prefix around it has at least, because of it (line 0). */
struct own {
	struct seki_own_limit limit;
	int line;
};

struct owns {
	struct own *at;
	unsigned n;
};

static int
compare_own(const void *a, const void *b)
{
	return seki_own_limit_compare(&((const struct own *)a)->limit, &((const struct own *)b)->limit);
}

static void
sort_own(struct owns *owns)
{
	if (owns->n > 0) /* else there is no array */
		qsort(owns->at, owns->n, sizeof(*owns->at), compare_own);
}

static void
push(struct conf_reader *r, struct owns *owns, struct own own)
{
	struct own *at = (owns->n & (owns->n - 1)) == 0
				 ? realloc(owns->at, (owns->n == 0 ? 1 : 2 * (size_t)owns->n) * sizeof(*at))
				 : owns->at;

	if (at == NULL) {
		seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
		return;
	}
	owns->at = at;
	owns->at[owns->n++] = own;
}

static struct own *
find_own(const struct owns *owns, unsigned n, const struct seki_own_limit *wanted)
{
	const struct own key = {.limit = *wanted};

	return n == 0 ? NULL : bsearch(&key, owns->at, n, sizeof(key), compare_own);
}

static uint64_t
address_of(const struct seki_prefix *prefix)
{
	uint64_t address = 0;

	for (unsigned i = 0; i < (prefix->family == 4 ? 4 : 8); i++)
		address = address << 8 | prefix->addr[i];
	return address;
}

static struct seki_own_limit
own_of(const struct seki_spec_limit *entry, unsigned vector)
{
	struct seki_own_limit own = {
		.address = address_of(&entry->prefix),
		.family = entry->prefix.family,
		.vector = (uint8_t)vector,
		.rate = entry->own,
	};

	static_assert(SEKI_SPEC_UNSAID == SEKI_RATE_OF_LEVEL, "what is not given is as in the level");
	while (seki_level_len(own.family, own.level) != entry->prefix.len)
		own.level++;
	return own;
}

/* What a prefix may have, its zone must be able to have. */
static void
check_own(struct conf_reader *r, const struct seki_limits *limits, const struct seki_spec_limit *entry)
{
	struct seki_rate own = entry->own, zone = limits->at[SEKI_LEVEL_ZONE][entry->vector];

	for (enum unit u = PPS; u < N_UNITS; u++) {
		uint64_t a = *rate_in(&own, u), b = *rate_in(&zone, u);
		char x[32], y[32];

		if (a == SEKI_SPEC_UNSAID || a == 0 || b == 0 || a <= b)
			continue;
		conf_error(r, entry->line, "limits", "the prefix may have %s of %s, and the zone only %s",
			conf_format(units[u], a, x), seki_vector_name(entry->vector), conf_format(units[u], b, y));
	}
}

/* The zone that an address in the prefix belongs to; the number of zones: none. */
static unsigned
zone_of(const struct seki_spec *spec, unsigned domain, const struct seki_prefix *prefix)
{
	unsigned best = spec->n_zones;
	int longest = -1;

	for (unsigned i = 0; i < spec->n_zones; i++)
		for (unsigned k = 0; spec->zone[i].domain == domain && k < spec->zone[i].n_prefixes; k++)
			if (seki_prefix_covers(&spec->zone[i].prefix[k], prefix) &&
				spec->zone[i].prefix[k].len > longest) {
				longest = spec->zone[i].prefix[k].len;
				best = i;
			}
	return best;
}

static void
check_zone_of(struct conf_reader *r, unsigned z, const struct seki_spec_limit *entry)
{
	unsigned in = zone_of(r->spec, r->spec->zone[z].domain, &entry->prefix);
	char text[SEKI_PREFIX_STRLEN];

	if (in == z)
		return;
	seki_prefix_format(&entry->prefix, text);
	if (in == r->spec->n_zones)
		conf_error(
			r, entry->line, "limits", "%s is not in the zone: it has no prefix that holds all of it", text);
	else
		conf_error(r, entry->line, "limits", "%s is in the zone \"%s\": its limits stand there", text,
			r->spec->zone[in].name);
}

/* The entries of prefixes, sorted; one that names the vector goes before one of all. */
static void
push_entries(struct conf_reader *r, unsigned z, struct owns *owns)
{
	const struct seki_spec_zone *zone = &r->spec->zone[z];

	for (unsigned i = 0; i < zone->n_limits; i++) {
		const struct seki_spec_limit *entry = &zone->limit[i];

		if (!entry->has_prefix || entry->prefix.family == 0)
			continue;
		check_zone_of(r, z, entry);
		if (entry->vector >= SEKI_VECTOR_ALL)
			continue;
		check_own(r, &zone->limits, entry);
		push(r, owns, (struct own){own_of(entry, entry->vector), entry->line});
	}
	sort_own(owns);
	for (unsigned i = 0, n = owns->n; i < zone->n_limits; i++) {
		const struct seki_spec_limit *entry = &zone->limit[i];

		for (unsigned v = SEKI_VECTOR_NONE + 1; v < SEKI_N_VECTORS; v++) {
			struct own own = {.line = entry->line};

			if (entry->vector != SEKI_VECTOR_ALL || !entry->has_prefix || entry->prefix.family == 0)
				break;
			own.limit = own_of(entry, v);
			if (find_own(owns, n, &own.limit) == NULL)
				push(r, owns, own);
		}
	}
	sort_own(owns);
}

/* A rate that is at least both; 0 is no limit. */
static uint64_t
higher(uint64_t a, uint64_t b)
{
	if (a == SEKI_RATE_OF_LEVEL || b == SEKI_RATE_OF_LEVEL)
		return a == SEKI_RATE_OF_LEVEL ? b : a;
	return a == 0 || b == 0 ? 0 : a > b ? a : b;
}

/* A prefix that holds a smaller one whose limit was given by hand must allow as much. True: it does. */
static bool
check_around(struct conf_reader *r, const struct own *inner, const struct own *outer)
{
	struct seki_rate in = inner->limit.rate, out = outer->limit.rate;
	char a[32], b[32];

	for (enum unit u = PPS; u < N_UNITS; u++) {
		uint64_t x = *rate_in(&in, u), y = *rate_in(&out, u);

		if (x == SEKI_RATE_OF_LEVEL || y == SEKI_RATE_OF_LEVEL || y == 0 || (x != 0 && x <= y))
			continue;
		conf_error(r, inner->line, "limits",
			"the prefix may have %s of %s, and the larger one around it on line %d only %s",
			x == 0 ? "any amount" : conf_format(units[u], x, a), seki_vector_name(inner->limit.vector),
			outer->line, conf_format(units[u], y, b));
		return false;
	}
	return true;
}

/*
 * What is said of a prefix would be in vain if those around it kept the limits of their levels: they have at least as
 * much, unless they have limits of their own.
 */
static void
push_around(struct conf_reader *r, struct owns *owns)
{
	bool good = true;

	for (unsigned i = 0, n = owns->n; i < n && good; i++) {
		struct own own = owns->at[i];

		for (unsigned l = own.limit.level + 1u; l < SEKI_LEVEL_ZONE; l++) {
			unsigned shift = (own.limit.family == 4 ? 32 : 64) - seki_level_len(own.limit.family, l);
			struct own around = {.limit = own.limit};
			const struct own *given;

			around.limit.level = (uint8_t)l;
			around.limit.address = own.limit.address >> shift << shift;
			around.limit.at_least = true;
			given = find_own(owns, n, &around.limit);
			if (given == NULL)
				push(r, owns, around);
			else
				good = good && check_around(r, &own, given);
		}
	}
	sort_own(owns);
}

/* Leaves one limit of each place, the highest, in the zone. */
static void
keep(struct conf_reader *r, struct seki_limits *limits, const struct owns *owns)
{
	struct seki_own_limit *own = owns->n == 0 ? NULL : calloc(owns->n, sizeof(*own));
	unsigned n = 0;

	if (owns->n == 0)
		return;
	if (own == NULL) {
		seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
		return;
	}
	for (unsigned i = 0; i < owns->n; i++) {
		const struct seki_own_limit *next = &owns->at[i].limit;

		if (n == 0 || seki_own_limit_compare(&own[n - 1], next) != 0) {
			own[n++] = *next;
			continue;
		}
		own[n - 1].rate.pps = higher(own[n - 1].rate.pps, next->rate.pps);
		own[n - 1].rate.bps = higher(own[n - 1].rate.bps, next->rate.bps);
	}
	limits->own = own;
	limits->n_own = n;
}

static void
make_zone(struct conf_reader *r, unsigned z)
{
	struct seki_spec_zone *zone = &r->spec->zone[z];
	struct made made = {.limits = &zone->limits};
	struct owns owns = {0};

	snprintf(r->path, sizeof(r->path), "zones.%s", zone->name);
	apply(&made, r->spec->detect.limit, r->spec->detect.n_limits, false);
	apply(&made, zone->limit, zone->n_limits, true);
	check_hosts(r, &made, true);
	for (unsigned v = 0; v < SEKI_N_VECTORS; v++)
		seki_limits_between(&zone->limits, v);
	push_entries(r, z, &owns);
	push_around(r, &owns);
	keep(r, &zone->limits, &owns);
	free(owns.at);
}

void
conf_make_limits(struct conf_reader *r)
{
	struct seki_limits limits;
	struct made made = {.limits = &limits};

	seki_limits_default(&limits);
	snprintf(r->path, sizeof(r->path), "detection");
	apply(&made, r->spec->detect.limit, r->spec->detect.n_limits, false);
	check_hosts(r, &made, false);
	for (unsigned i = 0; i < r->spec->n_zones; i++)
		make_zone(r, i);
	r->path[0] = '\0';
}
