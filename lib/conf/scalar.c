/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct conf_value
conf_value_of(config_setting_t *setting)
{
	const char *text = config_setting_get_string(setting);
	struct conf_value v = {.kind = CONF_KIND_BAD, .line = (int)config_setting_source_line(setting), .text = ""};
	char *end;

	if (text == NULL)
		return v;
	v.kind = (enum conf_kind)text[0];
	v.line = (int)strtol(text + 1, &end, 10);
	v.text = end + 1;
	return v;
}

int
conf_line(config_setting_t *at, const char *key)
{
	config_setting_t *member = at == NULL || key == NULL ? NULL : config_setting_get_member(at, key);

	if (member != NULL && config_setting_type(member) == CONFIG_TYPE_STRING)
		return conf_value_of(member).line;
	if (member != NULL)
		return (int)config_setting_source_line(member);
	return at == NULL ? 0 : (int)config_setting_source_line(at);
}

char *
conf_format(enum seki_unit unit, uint64_t number, char buf[32])
{
	/* Plain counts read best as digits: 16000, not "16 k". */
	if (unit == SEKI_UNIT_NONE)
		snprintf(buf, 32, "%" PRIu64, number);
	else
		seki_unit_format(unit, number, buf);
	return buf;
}

static int
number_range_error(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v)
{
	char min[32], max[32];

	return conf_error(r, v->line, row->key, "%.60s is out of range: from %s to %s", v->text,
		conf_format(row->unit, row->min, min), conf_format(row->unit, row->max, max));
}

int
conf_number(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v, uint64_t *number)
{
	static const char *const example[] = {[SEKI_UNIT_NONE] = "1500",
		[SEKI_UNIT_PPS] = "\"500 kpps\"",
		[SEKI_UNIT_BPS] = "\"2 Gbps\"",
		[SEKI_UNIT_NS] = "\"250 ms\"",
		[SEKI_UNIT_BYTES] = "\"64 kB\"",
		[SEKI_UNIT_BOOL] = "true"};
	int rc;

	if (v->kind == CONF_KIND_BAD)
		return -EINVAL;
	if (row->unit == SEKI_UNIT_BOOL && v->kind != CONF_KIND_BOOL)
		return conf_error(r, v->line, row->key, "\"%.60s\" is not true or false (without quotes)", v->text);
	if (row->unit != SEKI_UNIT_BOOL && v->kind == CONF_KIND_BOOL)
		return conf_error(r, v->line, row->key, "a number is wanted, such as %s, and not %s",
			example[row->unit], v->text);
	if (row->unit == SEKI_UNIT_BOOL) {
		*number = tolower((unsigned char)v->text[0]) == 't';
		return 0;
	}
	if (v->text[0] == '-')
		return number_range_error(r, row, v);
	if (v->kind == CONF_KIND_FLOAT)
		return conf_error(r, v->line, row->key, "%.60s is no whole number", v->text);
	rc = seki_unit_parse(row->unit, v->text, number);
	if (rc == -EINVAL && row->unit == SEKI_UNIT_NS && v->kind == CONF_KIND_NUMBER)
		return conf_error(r, v->line, row->key, "%.60s needs a unit (ns, us, ms, s, min or h), such as %s",
			v->text, example[row->unit]);
	if (rc == -EINVAL)
		return conf_error(r, v->line, row->key, "\"%.60s\" is no %s; write it like %s", v->text,
			seki_unit_name(row->unit), example[row->unit]);
	if (rc != 0 || *number < row->min || *number > row->max)
		return number_range_error(r, row, v);
	return 0;
}

static int
want_text(struct conf_reader *r, const char *key, const struct conf_value *v)
{
	if (v->kind == CONF_KIND_BAD)
		return -EINVAL;
	if (v->kind != CONF_KIND_TEXT)
		return conf_error(r, v->line, key, "a text in quotes is wanted, and not %.60s", v->text);
	return 0;
}

int
conf_choice(struct conf_reader *r, const char *key, const char *const *choice, const struct conf_value *v)
{
	unsigned n = 0;
	char *all;

	if (want_text(r, key, v) != 0)
		return -EINVAL;
	for (; choice[n] != NULL; n++)
		if (strcmp(choice[n], v->text) == 0)
			return (int)n;
	all = conf_alternatives(choice, n);
	conf_error(r, v->line, key, "\"%.60s\" is not one of %s", v->text, all == NULL ? "its values" : all);
	free(all);
	return -EINVAL;
}

static int
read_name(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v)
{
	if (want_text(r, row->key, v) != 0)
		return -EINVAL;
	if (!conf_is_name(v->text))
		return conf_error(r, v->line, row->key,
			"\"%.60s\" is no name: names are 1 to %d letters, digits, '_', '-' and '.', and not dots alone",
			v->text, SEKI_NAME_MAX - 1);
	return 0;
}

static int
read_text(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v)
{
	size_t n = strlen(v->text);

	if (want_text(r, row->key, v) != 0)
		return -EINVAL;
	if (n < row->min)
		return conf_error(r, v->line, row->key, "the text is empty");
	if (n > row->max)
		return conf_error(r, v->line, row->key, "the text is %zu bytes long; at most %" PRIu64 " are allowed",
			n, row->max);
	return 0;
}

static int
store_string(struct conf_reader *r, const struct conf_value *v, char **field)
{
	free(*field);
	*field = *v->text == '\0' ? NULL : strdup(v->text);
	if (*field == NULL && *v->text != '\0')
		return seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
	return 0;
}

static void
store_number(void *field, size_t size, uint64_t number)
{
	/* The schema's ranges fit their fields (a unit test sees to it). */
	if (size == sizeof(uint8_t))
		*(uint8_t *)field = (uint8_t)number;
	else if (size == sizeof(uint16_t))
		*(uint16_t *)field = (uint16_t)number;
	else if (size == sizeof(uint32_t))
		*(uint32_t *)field = (uint32_t)number;
	else if (size == sizeof(uint64_t))
		*(uint64_t *)field = number;
}

int
conf_read_scalar(struct conf_reader *r, const struct conf_row *row, const struct conf_value *v, void *field)
{
	uint64_t number;
	int index;

	switch (row->type) {
	case CONF_BOOL:
	case CONF_NUMBER:
		if (conf_number(r, row, v, &number) != 0)
			return -EINVAL;
		store_number(field, row->size, number);
		return 0;
	case CONF_NAME:
		if (read_name(r, row, v) == 0)
			memcpy(field, v->text, strlen(v->text) + 1);
		return *(char *)field == '\0' ? -EINVAL : 0;
	case CONF_WORD:
		index = row->choice == NULL ? read_name(r, row, v) : conf_choice(r, row->key, row->choice, v);
		return index < 0 ? -EINVAL : store_string(r, v, field);
	case CONF_TEXT:
		if (read_text(r, row, v) != 0)
			return -EINVAL;
		return row->size == 0 ? 0 : store_string(r, v, field);
	case CONF_CHOICE:
		index = conf_choice(r, row->key, row->choice, v);
		if (index >= 0)
			store_number(field, row->size, (uint64_t)index);
		return index < 0 ? -EINVAL : 0;
	case CONF_ITEMS:
	case CONF_GROUPS:
		break;
	}
	return -EINVAL;
}
