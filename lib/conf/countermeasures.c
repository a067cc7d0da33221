/* SPDX-License-Identifier: BSD-3-Clause */
/* The groups of the countermeasures: keys, ranges and defaults are those of cm_ops[]; nothing is listed here. */
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

const char *const conf_modes[] = {[CM_MODE_OFF] = "off",
	[CM_MODE_OBSERVE] = "observe",
	[CM_MODE_ENFORCE] = "enforce",
	[CM_MODE_AUTO] = "auto",
	NULL};

void
conf_cms_default(struct conf_cms *cms)
{
	memset(cms, 0, sizeof(*cms));
	for (unsigned i = 0; i < CM_N; i++) {
		cms->mode[i] = (enum cm_mode)cm_default_mode[i];
		for (unsigned p = 0; p < cm_ops[i]->n_params; p++)
			cms->param[i][p] = cm_ops[i]->params[p].def;
	}
}

static void
read_mode(struct conf_reader *r, config_setting_t *at, enum cm_mode *mode)
{
	struct conf_value v = conf_value_of(at);
	int index;

	if (config_setting_is_aggregate(at)) {
		conf_error(r, v.line, "mode", "a single value is wanted, such as \"observe\"");
		return;
	}
	index = conf_choice(r, "mode", conf_modes, &v);
	if (index >= 0)
		*mode = (enum cm_mode)index;
}

static void
read_param(struct conf_reader *r, config_setting_t *at, const struct cm_param *param, uint64_t *value)
{
	struct conf_row row = {.key = param->name, .unit = param->unit, .min = param->min, .max = param->max};
	struct conf_value v = conf_value_of(at);
	uint64_t number;

	if (config_setting_is_aggregate(at))
		conf_error(r, v.line, param->name, "a single value is wanted");
	else if (conf_number(r, &row, &v, &number) == 0)
		*value = number;
}

static void
read_cm(struct conf_reader *r, const struct cm_ops *ops, config_setting_t *at, enum cm_mode *mode, uint64_t *value)
{
	const char *known[CM_PARAMS_MAX + 1] = {"mode"};
	config_setting_t *member;

	if (config_setting_type(at) != CONFIG_TYPE_GROUP) {
		conf_error(r, conf_line(config_setting_parent(at), ops->name), NULL,
			"a group is wanted: %s: { mode = \"observe\"; };", ops->name);
		return;
	}
	for (unsigned p = 0; p < ops->n_params; p++)
		known[p + 1] = ops->params[p].name;
	conf_refuse_unknown(r, at, known, ops->n_params + 1);
	member = config_setting_get_member(at, "mode");
	if (member != NULL)
		read_mode(r, member, mode);
	for (unsigned p = 0; p < ops->n_params; p++) {
		member = config_setting_get_member(at, ops->params[p].name);
		if (member != NULL)
			read_param(r, member, &ops->params[p], &value[p]);
	}
}

void
conf_read_cms(struct conf_reader *r, config_setting_t *at, enum cm_mode *mode, uint64_t (*param)[CM_PARAMS_MAX])
{
	const char *known[CM_N];
	size_t n = strlen(r->path), inner;

	if (at == NULL)
		return;
	if (strcmp(r->path, "countermeasures") != 0)
		snprintf(r->path + n, sizeof(r->path) - n, ".countermeasures");
	inner = strlen(r->path);
	if (config_setting_type(at) != CONFIG_TYPE_GROUP) {
		conf_error(r, conf_line(config_setting_parent(at), "countermeasures"), NULL,
			"a group is wanted: countermeasures: { zone_limit: { mode = \"observe\"; }; };");
	} else {
		for (unsigned i = 0; i < CM_N; i++)
			known[i] = cm_ops[i]->name;
		conf_refuse_unknown(r, at, known, CM_N);
		for (unsigned i = 0; i < CM_N; i++) {
			config_setting_t *member = config_setting_get_member(at, known[i]);

			snprintf(r->path + inner, sizeof(r->path) - inner, ".%s", known[i]);
			if (member != NULL)
				read_cm(r, cm_ops[i], member, &mode[i], param[i]);
			r->path[inner] = '\0';
		}
	}
	r->path[n] = '\0';
}

/* Where the countermeasure is set for the zone: in its own group, in the common one, or by default. */
static int
cm_line(struct conf_reader *r, unsigned zone, const char *cm)
{
	config_setting_t *own = config_setting_get_member(r->zone_at[zone], "countermeasures");

	if (own != NULL && config_setting_get_member(own, cm) != NULL)
		return conf_line(own, cm);
	if (r->cms_at != NULL && config_setting_get_member(r->cms_at, cm) != NULL)
		return conf_line(r->cms_at, cm);
	return r->spec->zone[zone].line;
}

/* A mistake in the common group shows in every zone that inherits it: say it once. */
static void
merge_new(struct seki_err *err, const struct seki_err *found)
{
	for (unsigned i = 0; i < found->n; i++) {
		const struct seki_err_entry *f = &found->entry[i];
		unsigned k = 0;

		while (k < err->n && (err->entry[k].line != f->line || err->entry[k].text == NULL || f->text == NULL ||
					     strcmp(err->entry[k].text, f->text) != 0))
			k++;
		if (k == err->n)
			seki_err_add(err, f->file, f->line, "%s", f->text == NULL ? "out of memory" : f->text);
	}
}

void
conf_check_cms(struct conf_reader *r)
{
	for (unsigned z = 0; z < r->spec->n_zones; z++) {
		const struct seki_spec_zone *zone = &r->spec->zone[z];
		struct seki_err found;

		seki_err_init(&found);
		for (unsigned i = 0; i < CM_N; i++) {
			struct cm_zone_spec spec = {.param = zone->cm_param[i],
				.service = zone->service,
				.n_services = zone->n_services,
				.allow_lists = zone->allow_lists,
				.shared_lists = zone->shared_lists,
				.deny_lists = zone->deny_lists};

			if (cm_ops[i]->check != NULL)
				cm_ops[i]->check(&spec, r->file, cm_line(r, z, cm_ops[i]->name), &found);
		}
		merge_new(r->err, &found);
		seki_err_fini(&found);
	}
}
