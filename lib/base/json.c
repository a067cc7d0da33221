/* SPDX-License-Identifier: BSD-3-Clause */
#include "json.h"

#include <inttypes.h>

void
seki_json_string(struct seki_json *j, const char *text)
{
	fputc('"', j->out);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x20 || c == '"' || c == '\\' || c >= 0x7f)
			fprintf(j->out, "\\u%04x", c);
		else
			fputc(c, j->out);
	}
	fputc('"', j->out);
}

void
seki_json_item(struct seki_json *j)
{
	if (!j->first)
		fputs(", ", j->out);
	j->first = false;
}

void
seki_json_key(struct seki_json *j, const char *name)
{
	seki_json_item(j);
	seki_json_string(j, name);
	fputs(": ", j->out);
}

void
seki_json_open(struct seki_json *j, char bracket)
{
	fputc(bracket, j->out);
	j->first = true;
}

void
seki_json_close(struct seki_json *j, char bracket)
{
	fputc(bracket, j->out);
	j->first = false;
}

void
seki_json_text(struct seki_json *j, const char *name, const char *text)
{
	seki_json_key(j, name);
	if (text == NULL)
		fputs("null", j->out);
	else
		seki_json_string(j, text);
}

void
seki_json_count(struct seki_json *j, const char *name, uint64_t n)
{
	seki_json_key(j, name);
	fprintf(j->out, "%" PRIu64, n);
}

void
seki_json_bool(struct seki_json *j, const char *name, bool is)
{
	seki_json_key(j, name);
	fputs(is ? "true" : "false", j->out);
}

void
seki_json_share(struct seki_json *j, const char *name, double x)
{
	seki_json_key(j, name);
	fprintf(j->out, "%.6f", x);
}
