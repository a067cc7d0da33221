/* SPDX-License-Identifier: BSD-3-Clause */
/* A denied list against the zones themselves: a feed must not cut off what the box protects. */
#include "spec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct own {
	struct seki_prefix prefix;
	const struct seki_spec_zone *zone;
};

static int
compare_own(const void *a, const void *b)
{
	return seki_prefix_compare(&((const struct own *)a)->prefix, &((const struct own *)b)->prefix);
}

/* All prefixes of zones, sorted, without those inside another one: what is left is disjoint. */
static struct own *
collect(const struct seki_spec *spec, size_t *n)
{
	size_t all = 0, at = 0, kept = 0;
	struct own *own;

	for (unsigned z = 0; z < spec->n_zones; z++)
		all += spec->zone[z].n_prefixes;
	own = calloc(all + 1, sizeof(*own));
	if (own == NULL)
		return NULL;
	for (unsigned z = 0; z < spec->n_zones; z++)
		for (unsigned p = 0; p < spec->zone[z].n_prefixes; p++)
			own[at++] = (struct own){spec->zone[z].prefix[p], &spec->zone[z]};
	qsort(own, all, sizeof(*own), compare_own);
	for (size_t i = 0; i < all; i++)
		if (kept == 0 || !seki_prefix_covers(&own[kept - 1].prefix, &own[i].prefix))
			own[kept++] = own[i];
	*n = kept;
	return own;
}

/* The prefix of a zone that the entry touches, or NULL. A prefix sorts right before what it covers. */
static const struct own *
find_touched(const struct own *own, size_t n, const struct seki_prefix *entry)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (seki_prefix_compare(&own[mid].prefix, entry) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low < n && seki_prefix_covers(entry, &own[low].prefix))
		return &own[low];
	if (low > 0 && seki_prefix_covers(&own[low - 1].prefix, entry))
		return &own[low - 1];
	return NULL;
}

static bool
is_denied(const struct seki_spec *spec, unsigned list)
{
	for (unsigned z = 0; z < spec->n_zones; z++)
		if ((spec->zone[z].deny_lists >> list & 1) != 0)
			return true;
	return false;
}

int
seki_spec_check_list(const struct seki_spec *spec, unsigned list, const struct seki_list *entries, struct seki_err *err)
{
	struct own *own;
	size_t n = 0;
	int rc = 0;

	if (!is_denied(spec, list))
		return 0;
	own = collect(spec, &n);
	if (own == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < entries->n; i++) {
		const struct own *touched = find_touched(own, n, &entries->prefix[i]);
		char entry[SEKI_PREFIX_STRLEN], zone[SEKI_PREFIX_STRLEN];

		if (touched == NULL)
			continue;
		rc = seki_err_add(err, spec->list[list].path, (int)entries->line[i],
			"%s is on a list that is denied and touches %s of the zone \"%s\"",
			seki_prefix_format(&entries->prefix[i], entry), seki_prefix_format(&touched->prefix, zone),
			touched->zone->name);
	}
	free(own);
	return rc;
}
