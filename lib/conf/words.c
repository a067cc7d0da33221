/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int
conf_error(struct conf_reader *r, int line, const char *key, const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	seki_err_add(r->err, r->file, line, "%s%s%s%s%s", r->path, *r->path != '\0' && key != NULL ? "." : "",
		key == NULL ? "" : key, *r->path != '\0' || key != NULL ? ": " : "",
		text == NULL ? "out of memory" : text);
	free(text);
	return -EINVAL;
}

bool
conf_is_name(const char *text)
{
	size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

	/* Of dots alone are "." and "..", and names may be those of directories. */
	return n > 0 && n < SEKI_NAME_MAX && text[n] == '\0' && strspn(text, ".") < n;
}

/* Edits between two words, letter by letter; words longer than a key can be are far apart. */
static unsigned
distance(const char *a, const char *b)
{
	unsigned row[64], n = (unsigned)strlen(b);

	if (strlen(a) >= 64 || n >= 64)
		return UINT32_MAX;
	for (unsigned j = 0; j <= n; j++)
		row[j] = j;
	for (unsigned i = 1; a[i - 1] != '\0'; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= n; j++) {
			unsigned above = row[j], best = diagonal + (tolower((unsigned char)a[i - 1]) != b[j - 1]);

			best = above + 1 < best ? above + 1 : best;
			row[j] = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			diagonal = above;
		}
	}
	return row[n];
}

const char *
conf_nearest(const char *word, const char *const *known, unsigned n)
{
	const char *best = NULL;
	unsigned best_distance = 3;

	for (unsigned i = 0; i < n; i++) {
		unsigned d = distance(word, known[i]);
		size_t common = strlen(word) < strlen(known[i]) ? strlen(word) : strlen(known[i]);

		if (common >= 3 && strncmp(word, known[i], common) == 0 && d > 2)
			d = 2; /* one is how the other begins */
		if (d < best_distance && d < strlen(known[i])) {
			best = known[i];
			best_distance = d;
		}
	}
	return best;
}

/* "a, b, c or d"; heap. */
char *
conf_alternatives(const char *const *known, unsigned n)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%s%s", i == 0 ? "" : i + 1 == n ? " or " : ", ", known[i]);
	fclose(out);
	return text;
}

static void
report_unknown(struct conf_reader *r, config_setting_t *at, const char *const *known, unsigned n_known)
{
	const char *name = config_setting_name(at);
	const char *near = conf_nearest(name, known, n_known);
	int line = conf_line(config_setting_parent(at), name);
	char *all;

	if (near != NULL) {
		conf_error(r, line, NULL, "there is no key \"%.60s\"; did you mean \"%s\"?", name, near);
		return;
	}
	all = conf_alternatives(known, n_known);
	conf_error(r, line, NULL, "there is no key \"%.60s\"; known are %s", name, all == NULL ? "" : all);
	free(all);
}

void
conf_refuse_unknown(struct conf_reader *r, config_setting_t *group, const char *const *known, unsigned n_known)
{
	int n = group == NULL ? 0 : config_setting_length(group);

	for (int i = 0; i < n; i++) {
		config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
		const char *name = config_setting_name(member);
		unsigned k = 0;

		while (k < n_known && strcmp(known[k], name) != 0)
			k++;
		if (k == n_known && *name != CONF_DUPLICATE_PREFIX)
			report_unknown(r, member, known, n_known);
	}
}
