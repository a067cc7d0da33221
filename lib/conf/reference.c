/* SPDX-License-Identifier: BSD-3-Clause */
/* docs/config.md, from the schema and cm_ops[]. */
#include "conf.h"

#include "schema.h"

#include <inttypes.h>
#include <string.h>

static const char intro[] =
	"# Configuration reference\n"
	"\n"
	"<!-- Generated from the schema by `seki-docs config`; do not edit. -->\n"
	"\n"
	"One file, read by `seki run -c FILE` and `seki replay -c FILE`, and judged by `seki check FILE`, which names\n"
	"every mistake at once with its line. Unknown keys are mistakes, and so is a key that is set twice.\n"
	"`conf/seki.conf` is a commented example to start from.\n"
	"\n"
	"## How it is written\n"
	"\n"
	"* A setting is `key = value;`, a group `key: { ... };`, a list of groups `key: ( { ... }, { ... } );` and a "
	"list\n"
	"  of values `key = [ ..., ... ];`. Comments start with `#` or `//`, or stand between `/*` and `*/`.\n"
	"* Texts stand in double quotes on one line. `\\\\` and `\\\"` are the only escapes. `@include` is refused.\n"
	"* Numbers are decimal. A quantity is a number of its unit, or a text: `\"500 kpps\"`, `\"2 Gbps\"`, `\"250 "
	"ms\"`,\n"
	"  `\"64 kB\"`, `\"9k\"`. Prefixes are powers of 1000; fractions (`\"1.5 Mpps\"`) must come out whole. A time "
	"always\n"
	"  needs its unit: `ns`, `us`, `ms`, `s`, `min` or `h`.\n"
	"* Names of ports, domains, lists and zones are 1 to 31 letters, digits, `_`, `-` and `.`, and not dots alone.\n";

/* A cell of a table must not hold a bare '|'. */
static void
put_cell(FILE *out, const char *text)
{
	for (; *text != '\0'; text++)
		fprintf(out, *text == '|' ? "\\%c" : "%c", *text);
}

static void
put_range(FILE *out, enum seki_unit unit, uint64_t min, uint64_t max)
{
	char a[32], b[32];

	if (unit == SEKI_UNIT_BOOL)
		fputs("true or false", out);
	else
		fprintf(out, "%s, %s to %s", unit == SEKI_UNIT_NS ? "time" : "number", conf_format(unit, min, a),
			conf_format(unit, max, b));
}

static void
put_choice(FILE *out, const char *const *choice)
{
	for (unsigned i = 0; choice[i] != NULL; i++)
		fprintf(out, "%s`\"%s\"`", i == 0 ? "" : choice[i + 1] == NULL ? " or " : ", ", choice[i]);
}

static void
put_type(FILE *out, const struct conf_row *row)
{
	if (row->choice != NULL) {
		put_choice(out, row->choice);
		return;
	}
	switch (row->type) {
	case CONF_BOOL:
	case CONF_NUMBER:
		put_range(out, row->unit, row->min, row->max);
		break;
	case CONF_NAME:
	case CONF_WORD:
		fputs("name", out);
		break;
	case CONF_TEXT:
		fprintf(out, "text, at most %" PRIu64 " bytes", row->max);
		break;
	case CONF_ITEMS:
		fprintf(out, "%slist, %" PRIu64 " to %" PRIu64 " entries", row->single ? "a value or a " : "", row->min,
			row->max);
		break;
	case CONF_GROUPS:
		fputs("group", out);
		break;
	case CONF_CHOICE:
		break;
	}
}

static void
put_default(FILE *out, const struct conf_row *row)
{
	/* A quantity with its unit is a text, too. */
	bool quoted = (row->type != CONF_BOOL && row->type != CONF_NUMBER) ||
		      (row->def != NULL && strchr(row->def, ' ') != NULL);

	if (row->def == NULL)
		fputs(row->optional == NULL ? "**required**" : row->optional, out);
	else if (*row->def == '\0')
		fputs("none", out);
	else
		fprintf(out, quoted ? "`\"%s\"`" : "`%s`", row->def);
}

static void
put_row(FILE *out, const struct conf_row *row)
{
	fprintf(out, "| `%s` | ", row->key);
	put_type(out, row);
	fputs(" | ", out);
	put_default(out, row);
	fputs(" | ", out);
	put_cell(out, row->help);
	if (row->example != NULL) {
		fputs(" Example: `", out);
		put_cell(out, row->example);
		fputs("`.", out);
	}
	fputs(" |\n", out);
}

static void
put_param(FILE *out, const struct cm_param *param)
{
	char def[32];

	fprintf(out, "| `%s` | ", param->name);
	put_range(out, param->unit, param->min, param->max);
	conf_format(param->unit, param->def, def);
	fprintf(out, strchr(def, ' ') == NULL ? " | `%s` | " : " | `\"%s\"` | ", def);
	put_cell(out, param->help);
	fputs(" |\n", out);
}

static void
put_cm(FILE *out, unsigned id)
{
	const struct cm_ops *ops = cm_ops[id];

	fprintf(out, "\n### `%s`\n\n%s\n\n| key | value | default | meaning |\n|---|---|---|---|\n", ops->name,
		ops->help);
	fputs("| `mode` | ", out);
	put_choice(out, conf_modes);
	fprintf(out, " | `\"%s\"` | What it may do, as far as the zone's own `mode` goes. |\n",
		conf_modes[cm_default_mode[id]]);
	for (unsigned p = 0; p < ops->n_params; p++)
		put_param(out, &ops->params[p]);
}

static void
put_rows(FILE *out, const struct conf_section *section)
{
	fputs("\n| key | value | default | meaning |\n|---|---|---|---|\n", out);
	for (unsigned i = 0; i < section->n_rows; i++)
		put_row(out, &section->row[i]);
	for (unsigned i = 0; i < section->n_rows; i++) {
		const struct conf_section *item = section->row[i].item;

		if (item == NULL)
			continue;
		fprintf(out, "\n### `%s`\n\n%s\n\n```\n%s\n```\n", item->name, item->help, item->example);
		put_rows(out, item);
	}
}

static void
put_section(FILE *out, const struct conf_section *section)
{
	fprintf(out, "\n## `%s`\n\n%s", section->name, section->help);
	if (section->shape == CONF_SHAPE_LIST)
		fprintf(out, " A list of %u to %u groups%s.", section->min, section->max,
			section->required ? ", which must be there" : "");
	fprintf(out, "\n\n```\n%s\n```\n", section->example);
	if (section->shape == CONF_SHAPE_CMS) {
		for (unsigned i = 0; i < CM_N; i++)
			put_cm(out, i);
		return;
	}
	put_rows(out, section);
}

void
seki_conf_write_reference(FILE *out)
{
	fputs(intro, out);
	for (unsigned i = 0; i < conf_n_sections; i++)
		put_section(out, &conf_sections[i]);
}
