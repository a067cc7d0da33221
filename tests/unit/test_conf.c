/* SPDX-License-Identifier: BSD-3-Clause */
#include "conf.h"

#include "scan.h"
#include "schema.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <check.h>

/* Parses `text` on a machine of CPUs 0 to 7. */
static int
parse(const char *text, struct seki_spec *spec, struct seki_err *err)
{
	struct seki_conf_source source = {.name = "test.conf", .dir = "", .text = text, .size = strlen(text)};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (int i = 0; i < 8; i++)
		CPU_SET(i, &cpus);
	source.cpus = &cpus;
	seki_err_init(err);
	return seki_conf_parse_source(&source, spec, err);
}

static void
parse_good(const char *text, struct seki_spec *spec)
{
	struct seki_err err;
	int rc = parse(text, spec, &err);

	seki_err_print(&err, stderr);
	ck_assert_int_eq(rc, 0);
	ck_assert_uint_eq(err.n, 0);
	seki_err_fini(&err);
}

/* Parses `text`, wants it refused, and leaves its sentences in `err`. */
static void
parse_bad(const char *text, struct seki_err *err)
{
	static const struct seki_spec empty;
	struct seki_spec spec;

	ck_assert_int_eq(parse(text, &spec, err), -EINVAL);
	ck_assert_uint_gt(err->n, 0);
	ck_assert_int_eq(memcmp(&spec, &empty, sizeof(spec)), 0);
}

#define PAIR \
	"ports: ({ name = \"o\"; device = \"d0\"; side = \"outside\"; peer = \"i\"; }," \
	" { name = \"i\"; device = \"d1\"; side = \"inside\"; peer = \"o\"; });\n"

START_TEST(defaults)
{
	struct seki_spec s;

	parse_good(PAIR, &s);
	ck_assert(!s.eal.huge);
	ck_assert_uint_eq(s.eal.memory_mb, 0);
	ck_assert_str_eq(s.eal.file_prefix, "seki");
	ck_assert_str_eq(s.eal.log_level, "notice");
	ck_assert_ptr_null(s.eal.extra);
	ck_assert_uint_eq(s.n_ports, 2);
	ck_assert_uint_eq(s.port[0].peer, 1);
	ck_assert_uint_eq(s.port[1].peer, 0);
	ck_assert_uint_eq(s.port[0].mtu, 1500);
	ck_assert_uint_eq(s.port[0].rx_queues, 0);
	ck_assert_uint_eq(s.port[0].rx_desc, 1024);
	ck_assert_uint_eq(s.port[0].tx_desc, 1024);
	ck_assert(s.port[0].promiscuous);
	ck_assert_uint_eq(s.main_cpu, 0);
	ck_assert_uint_eq(s.n_cores, 1);
	ck_assert_uint_eq(s.core[0].cpu, 1);
	ck_assert_uint_eq(s.core[0].role, SEKI_ROLE_RXTX);
	ck_assert_uint_eq(s.ring_size, 4096);
	ck_assert_uint_eq(s.n_domains, 1);
	ck_assert_str_eq(s.domain[0].name, "default");
	ck_assert_uint_eq(s.n_lists + s.n_zones + s.n_peers, 0);
	ck_assert(s.telemetry);
	seki_spec_fini(&s);
}
END_TEST

static const char everything[] =
	"eal: { huge = true; memory_mb = \"2k\"; file_prefix = \"x1\"; extra = \"--no-pci \\\"a\\\" \\\\\"; log_level "
	"= \"debug\"; };\n"
	"ports = (\n"
	"  { name = \"i\"; device = \"net_tap0,iface=t\"; side = \"inside\"; peer = \"o\"; mtu = \"9k\"; rx_queues = "
	"4;\n"
	"    rx_desc = 64; tx_desc = 32768; promiscuous = FALSE; macs = (\"00:00:5E:00:53:ff\", "
	"\"00:00:5e:00:53:02\",); },\n"
	"  { name = \"o\", device = \"0000:01:00.0\", side = \"outside\", peer = \"i\", mtu = 9000 }\n"
	");\n"
	"cores: { main = 3; rx = [1, \"4-5\"]; tx = [2]; ring_size = 64; };\n"
	"domains: ( { name = \"a\"; port = \"o\"; vlans = [1, 4094]; }, { name = \"b\"; port = \"o\"; vlans = [2]; }, "
	"{ name = \"rest\"; port = \"o\"; } );\n"
	"control: { peers = [\"192.0.2.1\", \"2001:db8::1\"]; };\n"
	"countermeasures: { zone_limit: { mode = \"observe\"; total_pps = \"2 Mpps\"; burst = \"20 ms\"; };\n"
	"  fragment: { deny = true; }; };\n"
	"zones: (\n"
	"  { name = \"web\"; domain = \"b\"; mode = \"enforce\"; prefixes = [\"192.0.2.0/24\", \"2001:db8::/32\",\n"
	"    \"192.0.2.128/25\"];\n"
	"    services = [\"tcp/80\", \"udp/4000-4010\", \"tcp\", \"icmp\", \"gre\", \"proto/132\"];\n"
	"    countermeasures: { zone_limit: { total_pps = 7; }; antispoof: { mode = \"enforce\"; }; }; },\n"
	"  { name = \"other\"; mode = \"off\"; prefixes = [\"192.0.2.0/24\"]; }\n"
	");\n"
	"telemetry: { enable = false; };\n";

static uint64_t
param(const struct seki_spec_zone *zone, unsigned cm, const char *name)
{
	for (unsigned p = 0; p < cm_ops[cm]->n_params; p++)
		if (strcmp(cm_ops[cm]->params[p].name, name) == 0)
			return zone->cm_param[cm][p];
	ck_abort_msg("no parameter %s", name);
	return 0;
}

START_TEST(every_key_arrives)
{
	static const uint8_t mac[6] = {0, 0, 0x5e, 0, 0x53, 0xff};
	struct seki_spec s;

	parse_good(everything, &s);
	ck_assert(s.eal.huge);
	ck_assert_uint_eq(s.eal.memory_mb, 2000);
	ck_assert_str_eq(s.eal.file_prefix, "x1");
	ck_assert_str_eq(s.eal.extra, "--no-pci \"a\" \\");
	ck_assert_str_eq(s.eal.log_level, "debug");
	ck_assert_str_eq(s.port[0].device, "net_tap0,iface=t");
	ck_assert_uint_eq(s.port[0].side, SEKI_SIDE_INSIDE);
	ck_assert_uint_eq(s.port[0].peer, 1);
	ck_assert_uint_eq(s.port[0].mtu, 9000);
	ck_assert_uint_eq(s.port[0].rx_queues, 4);
	ck_assert_uint_eq(s.port[0].rx_desc, 64);
	ck_assert_uint_eq(s.port[0].tx_desc, 32768);
	ck_assert(!s.port[0].promiscuous);
	ck_assert_uint_eq(s.port[0].n_macs, 2);
	ck_assert_mem_eq(s.port[0].mac[0], mac, 6);
	ck_assert_int_eq(s.port[0].line, 3);
	ck_assert_int_eq(s.port[1].line, 5);
	ck_assert_uint_eq(s.main_cpu, 3);
	ck_assert_uint_eq(s.n_cores, 4);
	ck_assert_uint_eq(s.core[2].cpu, 5);
	ck_assert_uint_eq(s.core[2].role, SEKI_ROLE_RX);
	ck_assert_uint_eq(s.core[3].cpu, 2);
	ck_assert_uint_eq(s.core[3].role, SEKI_ROLE_TX);
	ck_assert_uint_eq(s.ring_size, 64);
	ck_assert_uint_eq(s.n_domains, 4);
	ck_assert_uint_eq(s.domain[0].outside_port, 1);
	ck_assert_uint_eq(s.domain[1].outside_port, 1);
	ck_assert_uint_eq(s.domain[1].n_vlans, 2);
	ck_assert_uint_eq(s.domain[1].vlan[1], 4094);
	ck_assert_str_eq(s.domain[3].name, "rest");
	ck_assert_uint_eq(s.domain[3].outside_port, 1);
	ck_assert_uint_eq(s.domain[3].n_vlans, 0);
	ck_assert_uint_eq(s.n_peers, 2);
	ck_assert_uint_eq(s.peer[0].len, 32);
	ck_assert_uint_eq(s.peer[1].family, 6);
	ck_assert(!s.telemetry);
	seki_spec_fini(&s);
}
END_TEST

START_TEST(zones_and_their_countermeasures)
{
	static const struct cm_service services[] = {{6, false, 80, 80}, {17, false, 4000, 4010}, {6, true, 0, 0},
		{1, true, 0, 0}, {58, true, 0, 0}, {47, true, 0, 0}, {132, true, 0, 0}};
	const struct seki_spec_zone *web, *other;
	struct seki_spec s;

	parse_good(everything, &s);
	ck_assert_uint_eq(s.n_zones, 2);
	web = &s.zone[0];
	other = &s.zone[1];
	ck_assert_str_eq(web->name, "web");
	ck_assert_uint_eq(web->domain, 2);
	ck_assert_uint_eq(web->mode, CM_MODE_ENFORCE);
	ck_assert_uint_eq(web->n_prefixes, 3);
	ck_assert_uint_eq(web->prefix[2].len, 25);
	ck_assert_int_eq(web->prefix_line[1], 13);
	ck_assert_int_eq(web->prefix_line[2], 14);
	ck_assert_uint_eq(web->n_services, sizeof(services) / sizeof(services[0]));
	for (unsigned i = 0; i < web->n_services; i++) {
		ck_assert_uint_eq(web->service[i].proto, services[i].proto);
		ck_assert_uint_eq(web->service[i].any_port, services[i].any_port);
		ck_assert_uint_eq(web->service[i].port_first, services[i].port_first);
		ck_assert_uint_eq(web->service[i].port_last, services[i].port_last);
	}
	/* Key by key: the zone's own, then the common group's, then the default. */
	ck_assert_uint_eq(param(web, CM_ZONE_LIMIT, "total_pps"), 7);
	ck_assert_uint_eq(param(web, CM_ZONE_LIMIT, "burst"), 20000000);
	ck_assert_uint_eq(web->cm_mode[CM_ZONE_LIMIT], CM_MODE_OBSERVE);
	ck_assert_uint_eq(web->cm_mode[CM_ANTISPOOF], CM_MODE_ENFORCE);
	ck_assert_uint_eq(param(other, CM_ZONE_LIMIT, "total_pps"), 2000000);
	ck_assert_uint_eq(param(other, CM_FRAGMENT, "deny"), 1);
	ck_assert_uint_eq(other->mode, CM_MODE_OFF);
	ck_assert_uint_eq(other->domain, 0);
	for (unsigned i = 0; i < CM_N; i++)
		if (i != CM_ZONE_LIMIT)
			ck_assert_uint_eq(other->cm_mode[i], cm_default_mode[i]);
	seki_spec_fini(&s);
}
END_TEST

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
			ck_assert_uint_eq(err.n, 1);
			ck_assert_ptr_nonnull(strstr(err.entry[0].text, "is out of range"));
			seki_err_fini(&err);
		}
}
END_TEST

/* The CPUs are those that the caller says. */
START_TEST(cpus_are_injected)
{
	static const char text[] = PAIR "cores: { main = 40; rxtx = [\"40-41\"]; };";
	struct seki_conf_source source = {.name = "t", .dir = "", .text = text, .size = sizeof(text) - 1};
	struct seki_spec spec;
	struct seki_err err;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(40, &cpus);
	source.cpus = &cpus;
	seki_err_init(&err);
	ck_assert_int_eq(seki_conf_parse_source(&source, &spec, &err), -EINVAL);
	ck_assert_uint_eq(err.n, 1);
	ck_assert_str_eq(err.entry[0].text, "cores.rxtx: there is no CPU 41 here that Seki may use; there are 40");
	seki_err_fini(&err);
	CPU_SET(41, &cpus);
	ck_assert_int_eq(seki_conf_parse_source(&source, &spec, &err), 0);
	ck_assert_uint_eq(spec.main_cpu, 40);
	ck_assert_uint_eq(spec.n_cores, 2);
	seki_spec_fini(&spec);
	seki_err_fini(&err);
}
END_TEST

START_TEST(one_cpu_is_enough)
{
	struct seki_conf_source source = {.name = "t", .dir = "", .text = PAIR, .size = sizeof(PAIR) - 1};
	struct seki_spec spec;
	struct seki_err err;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(5, &cpus);
	source.cpus = &cpus;
	seki_err_init(&err);
	ck_assert_int_eq(seki_conf_parse_source(&source, &spec, &err), 0);
	ck_assert_uint_eq(spec.main_cpu, 5);
	ck_assert_uint_eq(spec.core[0].cpu, 5);
	seki_spec_fini(&spec);
	seki_err_fini(&err);
}
END_TEST

/* More mistakes than are kept are counted, and the spec is empty all the same. */
START_TEST(mistakes_are_bounded)
{
	char *text = NULL;
	struct seki_err err;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	fputs("control: { peers = [", out);
	for (int i = 0; i < 250; i++)
		fprintf(out, "\"x%d\",\n", i);
	fputs("]; };", out);
	fclose(out);
	parse_bad(text, &err);
	ck_assert_uint_le(err.n, SEKI_ERR_MAX);
	ck_assert_uint_gt(err.n_total, SEKI_ERR_MAX);
	seki_err_fini(&err);
	free(text);
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
	Suite *suite = suite_create("conf");
	TCase *all = tcase_create("all");
	SRunner *runner;
	int failed;

	tcase_set_timeout(all, 60);
	tcase_add_test(all, defaults);
	tcase_add_test(all, every_key_arrives);
	tcase_add_test(all, zones_and_their_countermeasures);
	tcase_add_test(all, schema_is_sound);
	tcase_add_test(all, parameters_keep_their_ranges);
	tcase_add_test(all, cpus_are_injected);
	tcase_add_test(all, one_cpu_is_enough);
	tcase_add_test(all, mistakes_are_bounded);
	tcase_add_test(all, scan_keeps_lines);
	tcase_add_test(all, reference_names_every_key);
	suite_add_tcase(suite, all);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
