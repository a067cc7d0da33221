/* SPDX-License-Identifier: BSD-3-Clause */
#include "err.h"

#include "printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void
seki_err_init(struct seki_err *err)
{
	*err = (struct seki_err){0};
}

void
seki_err_fini(struct seki_err *err)
{
	for (unsigned i = 0; i < err->n; i++) {
		free(err->entry[i].file);
		free(err->entry[i].text);
	}
	free(err->entry);
	seki_err_init(err);
}

/* A copy of `text`, on the heap. NULL: out of memory, or nothing to copy. */
static char *
printable(const char *text)
{
	size_t room = text == NULL ? 0 : seki_printable(text, NULL, 0) + 1;
	char *copy = room == 0 ? NULL : malloc(room);

	if (copy != NULL)
		seki_printable(text, copy, room);
	return copy;
}

int
seki_err_add(struct seki_err *err, const char *file, int line, const char *fmt, ...)
{
	struct seki_err_entry entry = {.line = line};
	char *text;
	va_list args;

	if (err == NULL)
		return -EINVAL;
	err->n_total++;
	if (err->n == SEKI_ERR_MAX)
		return -EINVAL;
	if (err->entry == NULL)
		err->entry = calloc(SEKI_ERR_MAX, sizeof(*err->entry));
	if (err->entry == NULL)
		return -EINVAL;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	entry.text = printable(text);
	free(text);
	entry.file = printable(file);
	err->entry[err->n++] = entry;
	return -EINVAL;
}

void
seki_err_print(const struct seki_err *err, FILE *out)
{
	for (unsigned i = 0; i < err->n; i++) {
		const struct seki_err_entry *entry = &err->entry[i];
		const char *text = entry->text == NULL ? "out of memory" : entry->text;

		if (entry->file == NULL)
			fprintf(out, "%s\n", text);
		else if (entry->line == 0)
			fprintf(out, "%s: %s\n", entry->file, text);
		else
			fprintf(out, "%s:%d: %s\n", entry->file, entry->line, text);
	}
	if (err->n_total > err->n)
		fprintf(out, "... and %u more\n", err->n_total - err->n);
}
