/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_JSON_CHECK_H
#define SEKI_TEST_JSON_CHECK_H

/* Whether a text is JSON as RFC 8259 has it, and no more: strict in numbers, escapes, commas, and control characters. */
#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define JSON_DEPTH 16

static const char *json_value(const char *at, unsigned depth);

static inline const char *
json_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

/* From the quote on. What follows the text; NULL: it is none. */
static inline const char *
json_string(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x7f)
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u') {
			for (unsigned i = 0; i < 4; i++)
				if (!isxdigit((unsigned char)*++at))
					return NULL;
		} else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL) {
			return NULL;
		}
	}
	return at + 1;
}

static inline const char *
json_digits(const char *at)
{
	size_t n = strspn(at, "0123456789");

	return n == 0 ? NULL : at + n;
}

static inline const char *
json_number(const char *at)
{
	at += *at == '-';
	at = *at == '0' ? at + 1 : json_digits(at);
	if (at != NULL && *at == '.')
		at = json_digits(at + 1);
	if (at != NULL && (*at == 'e' || *at == 'E')) {
		at += 1 + (at[1] == '-' || at[1] == '+');
		at = json_digits(at);
	}
	return at;
}

/* A list or an object, from its bracket on. */
static inline const char *
json_many(const char *at, unsigned depth)
{
	char end = *at == '[' ? ']' : '}';

	at = json_space(at + 1);
	if (*at == end)
		return at + 1;
	for (;;) {
		if (end == '}') {
			at = json_string(at);
			at = at == NULL ? NULL : json_space(at);
			if (at == NULL || *at != ':')
				return NULL;
			at = json_space(at + 1);
		}
		at = json_value(at, depth + 1);
		at = at == NULL ? NULL : json_space(at);
		if (at == NULL || *at == end)
			return at == NULL ? NULL : at + 1;
		if (*at != ',')
			return NULL;
		at = json_space(at + 1);
	}
}

static const char *
json_value(const char *at, unsigned depth)
{
	static const char *const words[] = {"null", "true", "false"};

	if (depth == JSON_DEPTH)
		return NULL;
	for (unsigned i = 0; i < 3; i++)
		if (strncmp(at, words[i], strlen(words[i])) == 0)
			return at + strlen(words[i]);
	if (*at == '{' || *at == '[')
		return json_many(at, depth);
	return *at == '"' ? json_string(at) : json_number(at);
}

static inline bool
is_json(const char *text)
{
	const char *end = json_value(json_space(text), 0);

	return end != NULL && *json_space(end) == '\0';
}

#endif
