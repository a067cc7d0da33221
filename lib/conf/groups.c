/* SPDX-License-Identifier: BSD-3-Clause */
/* Where the values of each group of the schema go: room in the spec, made when the group is met. */
#include "schema.h"

#include <stdlib.h>
#include <string.h>

void *
conf_the_spec(struct conf_reader *r, config_setting_t *at)
{
	(void)at;
	return r->spec;
}

void *
conf_the_eal(struct conf_reader *r, config_setting_t *at)
{
	r->eal_at = at;
	r->spec->eal.memory_line = conf_line(at, "memory_mb");
	return r->spec;
}

void *
conf_the_cores(struct conf_reader *r, config_setting_t *at)
{
	r->cores_at = at;
	return r->spec;
}

/* `array` is the address of the pointer to a heap array. */
void *
conf_append(struct conf_reader *r, void *array, unsigned *n, size_t size)
{
	void **at = array;
	char *grown = realloc(*at, (*n + 1) * size);

	if (grown == NULL) {
		seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
		return NULL;
	}
	*at = grown;
	return memset(grown + (*n)++ * size, 0, size);
}

void *
conf_add_port(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_port *port = conf_append(r, &r->spec->port, &r->spec->n_ports, sizeof(*port));

	if (port == NULL)
		return NULL;
	port->line = conf_line(at, NULL);
	r->port_at[r->spec->n_ports - 1] = at;
	return port;
}

void *
conf_add_domain(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_domain *domain = &r->spec->domain[r->spec->n_domains];

	domain->line = conf_line(at, NULL);
	r->domain_at[r->spec->n_domains++] = at;
	return domain;
}

void *
conf_add_list(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_list *list = conf_append(r, &r->spec->list, &r->spec->n_lists, sizeof(*list));

	if (list != NULL)
		list->line = conf_line(at, NULL);
	return list;
}

void *
conf_add_zone(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_zone *zone = conf_append(r, &r->spec->zone, &r->spec->n_zones, sizeof(*zone));

	if (zone == NULL)
		return NULL;
	zone->line = conf_line(at, NULL);
	memcpy(zone->cm_mode, r->cms.mode, sizeof(zone->cm_mode));
	memcpy(zone->cm_param, r->cms.param, sizeof(zone->cm_param));
	seki_limits_default(&zone->limits);
	r->zone_at[r->spec->n_zones - 1] = at;
	return zone;
}
