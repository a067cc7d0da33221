/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_POLICY_RIG_H
#define SEKI_TEST_POLICY_RIG_H

/* Specifications as lib/conf would leave them, written in a line or two, and the policies that come of them. */
#include "eal.h"
#include "lpm_rig.h"
#include "policy.h"

#include <stdio.h>
#include <unistd.h>

#define POLICY_MEMORY_MB 1024

/* Adds a zone given as "name prefix prefix ...", its line 10 times its number, its prefixes on those after. */
static inline void
add_zone(struct seki_spec *spec, const char *text)
{
	struct seki_spec_zone *zone;
	char copy[256], *save = NULL;

	spec->zone = realloc(spec->zone, (spec->n_zones + 1) * sizeof(*spec->zone));
	zone = &spec->zone[spec->n_zones++];
	*zone = (struct seki_spec_zone){.mode = CM_MODE_ENFORCE, .line = (int)spec->n_zones * 10};
	zone->prefix = calloc(8, sizeof(*zone->prefix));
	zone->prefix_line = calloc(8, sizeof(*zone->prefix_line));
	snprintf(copy, sizeof(copy), "%s", text);
	snprintf(zone->name, sizeof(zone->name), "%s", strtok_r(copy, " ", &save));
	for (char *word = strtok_r(NULL, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		zone->prefix_line[zone->n_prefixes] = zone->line + 1 + (int)zone->n_prefixes;
		zone->prefix[zone->n_prefixes++] = prefix_of(word);
	}
	for (unsigned cm = 0; cm < CM_N; cm++) {
		zone->cm_mode[cm] = cm_default_mode[cm];
		for (unsigned i = 0; i < cm_ops[cm]->n_params; i++)
			zone->cm_param[cm][i] = cm_ops[cm]->params[i].def;
	}
}

/* One pair of ports, one domain, nothing else. */
static inline void
spec_init(struct seki_spec *spec)
{
	cm_init();
	*spec = (struct seki_spec){.file = strdup("seki.conf"), .n_ports = 2, .n_domains = 1};
	spec->port = calloc(4, sizeof(*spec->port));
	spec->port[0] = (struct seki_spec_port){.side = SEKI_SIDE_OUTSIDE, .peer = 1, .mtu = 1500};
	spec->port[1] = (struct seki_spec_port){.side = SEKI_SIDE_INSIDE, .peer = 0, .mtu = 9000};
	strcpy(spec->domain[0].name, "default");
}

/* Writes a list's file; its path is freed with the spec, the file removed by spec_done. */
static inline void
add_list(struct seki_spec *spec, const char *text)
{
	char path[] = "/tmp/seki-test-policy-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	spec->list = realloc(spec->list, (spec->n_lists + 1) * sizeof(*spec->list));
	spec->list[spec->n_lists] = (struct seki_spec_list){.path = strdup(path)};
	snprintf(spec->list[spec->n_lists].name, SEKI_NAME_MAX, "list%u", spec->n_lists);
	spec->n_lists++;
}

static inline void
spec_done(struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->n_lists; i++)
		unlink(spec->list[i].path);
	seki_spec_fini(spec);
}

/* Adds an expression to the zone that was added last, a line for each. */
static inline void
add_filter(struct seki_spec *spec, const char *expression)
{
	struct seki_spec_zone *zone = &spec->zone[spec->n_zones - 1];
	struct seki_spec_filter filter = {.text = strdup(expression), .line = zone->line + 5 + (int)zone->n_filters};

	zone->filter[zone->n_filters++] = filter;
}

static inline struct seki_policy *
create_good(const struct seki_spec *spec, const struct seki_policy *before)
{
	struct seki_policy *policy;
	struct seki_err err;

	seki_err_init(&err);
	policy = seki_policy_create(spec, before, &(struct seki_key){{1, 2}}, 0, &err);
	check_silent(&err);
	ck_assert_ptr_nonnull(policy);
	return policy;
}

/* A policy after `before` (NULL: none) is refused, with `n` sentences; the first is at `line` and contains `text`. */
static inline void
check_refused(const struct seki_spec *spec, const struct seki_policy *before, unsigned n, int line, const char *text)
{
	size_t used = test_eal_used();
	struct seki_err err;

	seki_err_init(&err);
	ck_assert_ptr_null(seki_policy_create(spec, before, &(struct seki_key){{1, 2}}, 0, &err));
	check_said(&err, n, line, text);
	ck_assert_uint_eq(test_eal_used(), used);
}

static inline uint16_t
zone_of(const struct seki_policy *policy, uint16_t domain, const char *text)
{
	struct seki_prefix addr = prefix_of(text);

	return lpm_value(policy->zone_lpm[domain], &addr);
}

#endif
