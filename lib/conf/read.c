/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* More keys than this in one group of the schema are not foreseen. */
#define KNOWN_MAX CM_PARAMS_MAX

static void read_group(struct conf_reader *r, const struct conf_section *section, config_setting_t *at, void *object);

/* A group in place of the i-th value of a list. */
static void
read_item_group(struct conf_reader *r, const struct conf_row *row, config_setting_t *at, int i)
{
	size_t n = strlen(r->path);

	snprintf(r->path + n, sizeof(r->path) - n, ".%s #%d", row->key, i + 1);
	read_group(r, row->item, at, row->item->add(r, at));
	r->path[n] = '\0';
}

static void
read_items(struct conf_reader *r, const struct conf_row *row, config_setting_t *at, void *object)
{
	int n = config_setting_length(at), line = (int)config_setting_source_line(at);
	struct conf_value alone;

	if (row->single && !config_setting_is_aggregate(at)) {
		alone = conf_value_of(at);
		if (alone.kind != CONF_KIND_BAD)
			row->set(r, object, &alone);
		return;
	}
	if (config_setting_type(at) != CONFIG_TYPE_ARRAY && config_setting_type(at) != CONFIG_TYPE_LIST) {
		conf_error(r, conf_line(config_setting_parent(at), row->key), row->key, "a list is wanted, such as %s",
			row->example);
		return;
	}
	if (n < (int)row->min)
		conf_error(r, line, row->key, "the list is empty; leave the key out, or write at least one, such as %s",
			row->example);
	if (n > (int)row->max) {
		conf_error(r, line, row->key, "%d entries; at most %" PRIu64 " are allowed", n, row->max);
		return;
	}
	for (int i = 0; i < n; i++) {
		config_setting_t *item = config_setting_get_elem(at, (unsigned)i);
		struct conf_value v = conf_value_of(item);

		if (row->item != NULL && config_setting_type(item) == CONFIG_TYPE_GROUP)
			read_item_group(r, row, item, i);
		else if (config_setting_is_aggregate(item))
			conf_error(r, v.line, row->key,
				row->item != NULL ? "values or groups are wanted, such as %s"
						  : "plain values are wanted, such as %s",
				row->example);
		else if (v.kind != CONF_KIND_BAD)
			row->set(r, object, &v);
	}
}

static void
read_default(struct conf_reader *r, const struct conf_row *row, config_setting_t *group, void *object)
{
	struct conf_value v = {.kind = CONF_KIND_TEXT, .text = row->def, .line = conf_line(group, NULL)};

	if (row->def == NULL && row->optional == NULL) {
		conf_error(
			r, v.line, row->key, "the key is missing; write for example %s = %s;", row->key, row->example);
		return;
	}
	if (row->def == NULL)
		return;
	if (row->type == CONF_BOOL)
		v.kind = CONF_KIND_BOOL;
	if (row->type == CONF_NUMBER)
		v.kind = CONF_KIND_NUMBER;
	if (conf_read_scalar(r, row, &v, (char *)object + row->offset) == 0 && row->set != NULL)
		row->set(r, object, &v);
}

static void
read_row(struct conf_reader *r, const struct conf_row *row, config_setting_t *at, void *object)
{
	struct conf_value v;

	if (row->type == CONF_ITEMS) {
		read_items(r, row, at, object);
		return;
	}
	if (config_setting_is_aggregate(at)) {
		conf_error(r, (int)config_setting_source_line(at), row->key, "a single value is wanted%s%s",
			row->example == NULL ? "" : ", such as ", row->example == NULL ? "" : row->example);
		return;
	}
	v = conf_value_of(at);
	if (conf_read_scalar(r, row, &v, (char *)object + row->offset) == 0 && row->set != NULL)
		row->set(r, object, &v);
}

static void
read_group(struct conf_reader *r, const struct conf_section *section, config_setting_t *at, void *object)
{
	const char *known[KNOWN_MAX] = {0};

	for (unsigned i = 0; i < section->n_rows; i++)
		known[i] = section->row[i].key;
	conf_refuse_unknown(r, at, known, section->n_rows);
	for (unsigned i = 0; i < section->n_rows; i++) {
		const struct conf_row *row = &section->row[i];
		config_setting_t *member = at == NULL ? NULL : config_setting_get_member(at, row->key);

		if (row->type == CONF_GROUPS) {
			struct seki_spec_zone *zone = object;

			conf_read_cms(r, member, zone->cm_mode, zone->cm_param);
		} else if (member == NULL) {
			read_default(r, row, at, object);
		} else {
			read_row(r, row, member, object);
		}
	}
}

/* The group's name; NULL if it has none or a bad one. */
static const char *
own_name(config_setting_t *group)
{
	config_setting_t *name = NULL;
	struct conf_value v;

	if (config_setting_type(group) == CONFIG_TYPE_GROUP)
		name = config_setting_get_member(group, "name");
	if (name == NULL)
		return NULL;
	v = conf_value_of(name);
	return v.kind == CONF_KIND_TEXT && conf_is_name(v.text) ? v.text : NULL;
}

/* Names are unique among the groups of a list. */
static void
refuse_same_name(struct conf_reader *r, config_setting_t *at, int i)
{
	const char *name = own_name(config_setting_get_elem(at, (unsigned)i));

	for (int k = 0; name != NULL && k < i; k++) {
		config_setting_t *other = config_setting_get_elem(at, (unsigned)k);
		const char *taken = own_name(other);

		if (taken != NULL && strcmp(name, taken) == 0) {
			conf_error(r, conf_line(config_setting_get_elem(at, (unsigned)i), "name"), "name",
				"\"%s\" is taken: see line %d", name, conf_line(other, "name"));
			return;
		}
	}
}

static void
read_list(struct conf_reader *r, const struct conf_section *section, config_setting_t *at)
{
	int n = config_setting_length(at), line = (int)config_setting_source_line(at);

	if (config_setting_type(at) != CONFIG_TYPE_LIST && !(config_setting_type(at) == CONFIG_TYPE_ARRAY && n == 0)) {
		conf_error(r, conf_line(config_setting_parent(at), section->name), NULL,
			"a list of groups is wanted: %s", section->example);
		return;
	}
	if (n < (int)section->min)
		conf_error(r, line, NULL, "%d entries; at least %u are needed: %s", n, section->min, section->example);
	if (n > (int)section->max) {
		conf_error(r, line, NULL, "%d entries; at most %u are allowed", n, section->max);
		return;
	}
	for (int i = 0; i < n; i++) {
		config_setting_t *group = config_setting_get_elem(at, (unsigned)i);
		void *object;

		snprintf(r->path, sizeof(r->path), "%s #%d", section->name, i + 1);
		if (config_setting_type(group) != CONFIG_TYPE_GROUP) {
			conf_error(r, conf_value_of(group).line, NULL, "a group between { and } is wanted");
			continue;
		}
		if (own_name(group) != NULL)
			snprintf(r->path, sizeof(r->path), "%s.%s", section->name, own_name(group));
		refuse_same_name(r, at, i);
		object = section->add(r, group);
		if (object == NULL)
			return;
		read_group(r, section, group, object);
	}
}

static void
read_section(struct conf_reader *r, const struct conf_section *section, config_setting_t *at)
{
	snprintf(r->path, sizeof(r->path), "%s", section->name);
	if (at == NULL && section->required) {
		conf_error(r, 0, NULL, "the section is missing; write %s", section->example);
	} else if (section->shape == CONF_SHAPE_LIST) {
		if (at != NULL)
			read_list(r, section, at);
	} else if (at != NULL && config_setting_type(at) != CONFIG_TYPE_GROUP) {
		conf_error(r, conf_line(config_setting_parent(at), section->name), NULL, "a group is wanted: %s",
			section->example);
	} else if (section->shape == CONF_SHAPE_CMS) {
		r->cms_at = at;
		conf_read_cms(r, at, r->cms.mode, r->cms.param);
	} else {
		read_group(r, section, at, section->add(r, at));
	}
	r->path[0] = '\0';
}

void
conf_read_tree(struct conf_reader *r, config_setting_t *root)
{
	const char *known[KNOWN_MAX] = {0};

	for (unsigned i = 0; i < conf_n_sections; i++)
		known[i] = conf_sections[i].name;
	conf_refuse_unknown(r, root, known, conf_n_sections);
	for (unsigned i = 0; i < conf_n_sections; i++)
		read_section(r, &conf_sections[i], config_setting_get_member(root, conf_sections[i].name));
}
