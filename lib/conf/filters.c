/* SPDX-License-Identifier: BSD-3-Clause */
/* What a zone's operator drops by expressions: "udp and src port 53 and greater 1200". */
#include "schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of an expression: what is longer is a list of addresses, and lists are for those. */
#define EXPRESSION_MAX 1023

int
conf_set_filter(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_zone *zone = object;
	char *copy, why[256];

	if (v->kind != CONF_KIND_TEXT)
		return conf_error(
			r, v->line, "filter", "an expression between quotes is wanted, and not %.60s", v->text);
	if (strlen(v->text) > EXPRESSION_MAX)
		return conf_error(r, v->line, "filter", "\"%.60s...\": an expression has at most %d bytes", v->text,
			EXPRESSION_MAX);
	for (unsigned i = 0; i < zone->n_filters; i++)
		if (strcmp(zone->filter[i].text, v->text) == 0)
			return conf_error(r, v->line, "filter", "\"%.60s\" is listed twice", v->text);
	if (seki_filter_check(v->text, why, sizeof(why)) != 0)
		return conf_error(r, v->line, "filter", "\"%.60s\": %s", v->text, why);
	copy = strdup(v->text);
	if (copy == NULL)
		return seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
	zone->filter[zone->n_filters++] = (struct seki_spec_filter){.text = copy, .line = v->line};
	return 0;
}
