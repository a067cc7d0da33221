/* SPDX-License-Identifier: BSD-3-Clause */
/* The schema: its own soundness, the range of every parameter, the scan in front of libconfig, the reference. */
#include "conf_rig.h"
#include "scan.h"
#include "schema.h"

#include <inttypes.h>
#include <stdio.h>

/* Each row's range fits its field, its default is in it, and what must be there is there. */
START_TEST(schema_is_sound)
{
	for (unsigned s = 0; s < conf_n_sections; s++) {
		const struct conf_section *section = &conf_sections[s];

		ck_assert_msg(section->help != NULL && section->example != NULL, "%s", section->name);
		for (unsigned i = 0; i < section->n_rows; i++) {
			const struct conf_row *row = &section->row[i];
			uint64_t number;

			ck_assert_msg(row->help != NULL, "%s.%s: help", section->name, row->key);
			ck_assert_msg(
				row->def != NULL || row->example != NULL, "%s.%s: example", section->name, row->key);
			ck_assert_msg(
				row->type != CONF_ITEMS || row->set != NULL, "%s.%s: set", section->name, row->key);
			if (row->type != CONF_NUMBER || row->size == 0)
				continue;
			ck_assert_msg(row->size == 8 || row->max >> (8 * row->size) == 0,
				"%s.%s: %" PRIu64 " in %zu bytes", section->name, row->key, row->max, row->size);
			ck_assert_int_eq(seki_unit_parse(row->unit, row->def, &number), 0);
			ck_assert_msg(
				number >= row->min && number <= row->max, "%s.%s: default", section->name, row->key);
		}
	}
	for (unsigned i = 0; i < CM_N; i++)
		for (unsigned p = 0; p < cm_ops[i]->n_params; p++) {
			const struct cm_param *param = &cm_ops[i]->params[p];

			ck_assert_msg(param->def >= param->min && param->def <= param->max, "%s.%s", cm_ops[i]->name,
				param->name);
			ck_assert_msg(strcmp(param->name, "mode") != 0, "%s: a parameter called mode", cm_ops[i]->name);
		}
}
END_TEST

/* A parameter at its limits is taken, one beyond is not: for every parameter of every countermeasure. */
START_TEST(parameters_keep_their_ranges)
{
	for (unsigned i = 0; i < CM_N; i++)
		for (unsigned p = 0; p < cm_ops[i]->n_params; p++) {
			const struct cm_param *param = &cm_ops[i]->params[p];
			const char *unit = param->unit == SEKI_UNIT_NS ? " ns" : "";
			struct seki_err err;
			struct seki_spec spec;
			char text[512];

			if (param->unit == SEKI_UNIT_BOOL)
				continue;
			snprintf(text, sizeof(text), PAIR "countermeasures: { %s: { %s = \"%" PRIu64 "%s\"; }; };",
				cm_ops[i]->name, param->name, param->max, unit);
			parse_good(text, &spec);
			seki_spec_fini(&spec);
			snprintf(text, sizeof(text), PAIR "countermeasures: { %s: { %s = \"%" PRIu64 "%s\"; }; };",
				cm_ops[i]->name, param->name, param->max + 1, unit);
			parse_bad(text, &err);
			check_said(&err, 1, 2, "is out of range");
		}
}
END_TEST

/* What the scan writes for libconfig: kinds, lines, brackets; no comments. */
START_TEST(scan_keeps_lines)
{
	static const char text[] = "# c\na = [1,\n  \"x\\\"\" /* y\n */, true, 1.5,\n];\nb: { a = -7 }";
	static const char wanted[] =
		"\n a = [ \"n2:1\"\n, \"s3:x\\\"\"\n, \"b4:true\", \"f4:1.5\"\n ];\n b = { a = \"n6:-7\" }";
	struct seki_err err;
	char *out;

	seki_err_init(&err);
	out = conf_scan("t", text, sizeof(text) - 1, &err);
	ck_assert_uint_eq(err.n, 0);
	ck_assert_ptr_nonnull(out);
	ck_assert_str_eq(out, wanted);
	free(out);
}
END_TEST

START_TEST(reference_names_every_key)
{
	char *text = NULL, row[128];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	seki_conf_write_reference(out);
	fclose(out);
	for (unsigned s = 0; s < conf_n_sections; s++)
		for (unsigned i = 0; i < conf_sections[s].n_rows; i++) {
			snprintf(row, sizeof(row), "\n| `%s` | ", conf_sections[s].row[i].key);
			ck_assert_msg(strstr(text, row) != NULL, "%s", row);
		}
	for (unsigned i = 0; i < CM_N; i++)
		for (unsigned p = 0; p < cm_ops[i]->n_params; p++) {
			snprintf(row, sizeof(row), "\n| `%s` | ", cm_ops[i]->params[p].name);
			ck_assert_msg(strstr(text, row) != NULL, "%s", row);
		}
	free(text);
}
END_TEST

int
main(void)
{
	TCase *tests = tcase_create("conf_schema");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, schema_is_sound);
	tcase_add_test(tests, parameters_keep_their_ranges);
	tcase_add_test(tests, scan_keeps_lines);
	tcase_add_test(tests, reference_names_every_key);
	return suite_run("conf_schema", tests);
}
