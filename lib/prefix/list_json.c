/* SPDX-License-Identifier: BSD-3-Clause */
#include "list_json.h"

#include <stddef.h>
#include <string.h>

struct string {
	const char *text;
	size_t n;
};

static const char *
skip_blanks(const char *at)
{
	return at + strspn(at, " \t\r");
}

/* `at` is at the opening quote. Returns what follows the closing one, or NULL if there is none. */
static const char *
read_string(const char *at, struct string *out)
{
	out->text = ++at;
	for (; *at != '"'; at++) {
		if (*at == '\\')
			at++;
		if (*at == '\0')
			return NULL;
	}
	out->n = (size_t)(at - out->text);
	return at + 1;
}

/* Skips a value that is no string: up to the ',' or '}' that ends it. NULL: the line ends first. */
static const char *
skip_value(const char *at)
{
	const char *start = at;
	struct string ignored;
	int depth = 0;

	while (*at != '\0') {
		if (depth == 0 && (*at == ',' || *at == '}'))
			return at == start ? NULL : at;
		if (*at == '"') {
			at = read_string(at, &ignored);
			if (at == NULL)
				return NULL;
			continue;
		}
		depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
		at++;
	}
	return NULL;
}

static bool
is(const struct string *string, const char *text)
{
	return string->n == strlen(text) && memcmp(string->text, text, string->n) == 0;
}

/* One member: name, colon, value. `value->text` is NULL where the value is no string. NULL: malformed. */
static const char *
read_member(const char *at, struct string *name, struct string *value)
{
	*value = (struct string){0};
	if (*at != '"')
		return NULL;
	at = read_string(at, name);
	if (at == NULL)
		return NULL;
	at = skip_blanks(at);
	if (*at != ':')
		return NULL;
	at = skip_blanks(at + 1);
	at = *at == '"' ? read_string(at, value) : skip_value(at);
	return at == NULL ? NULL : skip_blanks(at);
}

bool
list_json_read(const char *line, struct list_json *out)
{
	struct string name, value, type = {0};
	const char *at = line;

	*out = (struct list_json){0};
	do {
		at = read_member(skip_blanks(at + 1), &name, &value);
		if (at == NULL)
			return false;
		if (is(&name, "cidr")) {
			out->cidr = value.text;
			out->cidr_len = (int)value.n;
		}
		if (is(&name, "type"))
			type = value;
	} while (*at == ',');
	out->is_metadata = type.text != NULL && is(&type, "metadata");
	return *at == '}' && *skip_blanks(at + 1) == '\0';
}
