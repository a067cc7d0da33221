/* SPDX-License-Identifier: BSD-3-Clause */
#include "spec.h"

#include <errno.h>
#include <stdlib.h>

const char *const seki_learn_name[] = {
	[SEKI_LEARN_OFF] = "off", [SEKI_LEARN_SUGGEST] = "suggest", [SEKI_LEARN_APPLY] = "apply", NULL};

/* One prefix of a zone, with where it stands. */
struct own {
	struct seki_prefix prefix;
	uint16_t domain;
	uint16_t zone; /* index into spec->zone */
	int line;
};

static void
free_detect(struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->detect.n_holidays; i++)
		free((char *)spec->detect.holiday[i].zone);
	for (unsigned i = 0; i < spec->detect.n_events; i++) {
		free((char *)spec->detect.event[i].zone);
		free((char *)spec->detect.event[i].approver);
		free((char *)spec->detect.event[i].note);
	}
	free(spec->detect.holiday);
	free(spec->detect.event);
	free(spec->detect.limit);
	free(spec->detect.incidents);
	free(spec->detect.baseline);
}

void
seki_spec_fini(struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->n_ports; i++)
		free(spec->port[i].device);
	for (unsigned i = 0; i < spec->n_lists; i++)
		free(spec->list[i].path);
	for (unsigned i = 0; i < spec->n_zones; i++) {
		free(spec->zone[i].prefix);
		free(spec->zone[i].prefix_line);
		free(spec->zone[i].service);
		free(spec->zone[i].limit);
		free((void *)spec->zone[i].limits.own);
		for (unsigned f = 0; f < spec->zone[i].n_filters; f++)
			free(spec->zone[i].filter[f].text);
	}
	free(spec->port);
	free(spec->list);
	free(spec->zone);
	free(spec->eal.file_prefix);
	free(spec->eal.extra);
	free(spec->eal.log_level);
	free_detect(spec);
	free(spec->file);
	*spec = (struct seki_spec){0};
}

static int
compare_own(const void *a, const void *b)
{
	const struct own *x = a, *y = b;
	int order = seki_prefix_compare(&x->prefix, &y->prefix);

	if (x->domain != y->domain)
		return x->domain < y->domain ? -1 : 1;
	return order != 0 ? order : (x->line > y->line) - (x->line < y->line);
}

/* All prefixes of the zones of `domains` (a bit each), by domain, then sorted. NULL: no memory. */
static struct own *
collect_own(const struct seki_spec *spec, uint64_t domains, size_t *n)
{
	struct own *own;
	size_t total = 1;

	for (unsigned i = 0; i < spec->n_zones; i++)
		total += spec->zone[i].n_prefixes;
	own = malloc(total * sizeof(*own));
	*n = 0;
	if (own == NULL)
		return NULL;
	for (unsigned i = 0; i < spec->n_zones; i++) {
		const struct seki_spec_zone *zone = &spec->zone[i];

		for (unsigned j = 0; (domains >> zone->domain & 1) != 0 && j < zone->n_prefixes; j++)
			own[(*n)++] = (struct own){zone->prefix[j], zone->domain, (uint16_t)i,
				zone->prefix_line == NULL ? zone->line : zone->prefix_line[j]};
	}
	qsort(own, *n, sizeof(*own), compare_own);
	return own;
}

static int
no_memory(const struct seki_spec *spec, struct seki_err *err)
{
	seki_err_add(err, spec->file, 0, "no memory for the prefixes of the zones");
	return -ENOMEM;
}

int
seki_spec_check_overlap(const struct seki_spec *spec, struct seki_err *err)
{
	char text[SEKI_PREFIX_STRLEN];
	struct own *own;
	size_t n;
	int rc = 0;

	own = collect_own(spec, UINT64_MAX, &n);
	if (own == NULL)
		return no_memory(spec, err);
	for (size_t i = 1; i < n; i++) {
		const struct own *a = &own[i - 1], *b = &own[i];

		if (a->domain != b->domain || seki_prefix_compare(&a->prefix, &b->prefix) != 0)
			continue;
		rc = seki_err_add(err, spec->file, b->line,
			"%s of the zone \"%s\" is in the zone \"%s\" already (line %d)",
			seki_prefix_format(&b->prefix, text), spec->zone[b->zone].name, spec->zone[a->zone].name,
			a->line);
	}
	free(own);
	return rc;
}

/* Leaves only prefixes that no other one covers, so that an address is in one at most. */
static size_t
keep_widest(struct own *own, size_t n)
{
	size_t kept = 0;

	qsort(own, n, sizeof(*own), compare_own);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || !seki_prefix_covers(&own[kept - 1].prefix, &own[i].prefix))
			own[kept++] = own[i];
	return kept;
}

/* The prefix of `own` (sorted, disjoint) that covers `entry` or lies in it; NULL if they have nothing in common. */
static const struct own *
find_own(const struct own *own, size_t n, const struct seki_prefix *entry)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (seki_prefix_compare(&own[middle].prefix, entry) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low > 0 && seki_prefix_covers(&own[low - 1].prefix, entry))
		return &own[low - 1];
	if (low < n && seki_prefix_covers(entry, &own[low].prefix))
		return &own[low];
	return NULL;
}

uint64_t
seki_spec_lists_used(const struct seki_spec *spec)
{
	uint64_t used = 0;

	for (unsigned i = 0; i < spec->n_zones; i++)
		used |= spec->zone[i].allow_lists | spec->zone[i].deny_lists | spec->zone[i].shared_lists;
	return used;
}

/* Domains in which a zone denies or allows the list. */
static uint64_t
domains_of(const struct seki_spec *spec, unsigned list)
{
	uint64_t domains = 0;

	for (unsigned i = 0; i < spec->n_zones; i++)
		domains |= ((spec->zone[i].deny_lists | spec->zone[i].allow_lists) >> list & 1) << spec->zone[i].domain;
	return domains;
}

int
seki_spec_check_list(const struct seki_spec *spec, unsigned i, const struct seki_list *list, struct seki_err *err)
{
	uint64_t domains = domains_of(spec, i);
	char entry[SEKI_PREFIX_STRLEN], text[SEKI_PREFIX_STRLEN];
	struct own *own;
	size_t n;
	int rc = 0;

	if (domains == 0)
		return 0;
	own = collect_own(spec, domains, &n);
	if (own == NULL)
		return no_memory(spec, err);
	for (size_t k = 0; k < n; k++)
		own[k].domain = 0; /* from here on they are one set */
	n = keep_widest(own, n);
	for (size_t k = 0; k < list->n; k++) {
		const struct seki_prefix *prefix = &list->prefix[k];
		const struct own *hit = find_own(own, n, prefix);

		if (hit == NULL)
			continue;
		rc = seki_err_add(err, spec->list[i].path, (int)list->line[k],
			"%s %s %s of the zone \"%s\": a list that is denied or allowed must not hold own addresses",
			seki_prefix_format(prefix, entry), hit->prefix.len <= prefix->len ? "lies in" : "covers",
			seki_prefix_format(&hit->prefix, text), spec->zone[hit->zone].name);
	}
	free(own);
	return rc;
}
