/* SPDX-License-Identifier: BSD-3-Clause */
/* What a configuration says arrives: defaults, every key, zones, CPUs; and mistakes are bounded. */
#include "conf_rig.h"

#include <stdio.h>

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
	ck_assert_uint_eq(s.routed.rate_per_s, 20000);
	ck_assert_uint_eq(s.routed.burst_ns, 100000000);
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
	"control: { peers = (\"192.0.2.1\", { address = \"2001:db8::1\"; side = \"inside\"; domain = \"b\"; }); "
	"pps = \"1 kpps\"; burst = \"1 s\"; };\n"
	"countermeasures: { zone_limit: { mode = \"observe\"; total_pps = \"2 Mpps\"; burst = \"20 ms\"; };\n"
	"  fragment: { deny = true; }; };\n"
	"zones: (\n"
	"  { name = \"web\"; domain = \"b\"; mode = \"enforce\"; prefixes = [\"192.0.2.0/24\", \"2001:db8::/32\",\n"
	"    \"192.0.2.128/25\"];\n"
	"    services = [\"tcp/80\", \"udp/4000-4010\", \"tcp\", \"icmp\", \"gre\", \"proto/132\"]; filter = [\"udp\",\n"
	"    \"less 28\"];\n"
	"    countermeasures: { zone_limit: { total_pps = 7; }; antispoof: { mode = \"enforce\"; }; }; },\n"
	"  { name = \"other\"; mode = \"off\"; filter = \"tcp\"; prefixes = [\"192.0.2.0/24\"]; }\n"
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
	ck_assert_uint_eq(s.peer[0].addr.len, 32);
	ck_assert_uint_eq(s.peer[0].side, SEKI_PEER_EITHER);
	ck_assert_uint_eq(s.peer[0].domain, SEKI_DOMAIN_ANY);
	ck_assert_uint_eq(s.peer[1].addr.family, 6);
	ck_assert_uint_eq(s.peer[1].side, SEKI_PEER_INSIDE);
	ck_assert_uint_eq(s.peer[1].domain, 2);
	ck_assert_uint_eq(s.routed.rate_per_s, 1000);
	ck_assert_uint_eq(s.routed.burst_ns, 1000000000);
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
	ck_assert_uint_eq(web->n_services, N(services));
	for (unsigned i = 0; i < web->n_services; i++) {
		ck_assert_uint_eq(web->service[i].proto, services[i].proto);
		ck_assert_uint_eq(web->service[i].any_port, services[i].any_port);
		ck_assert_uint_eq(web->service[i].port_first, services[i].port_first);
		ck_assert_uint_eq(web->service[i].port_last, services[i].port_last);
	}
	ck_assert_uint_eq(web->n_filters, 2);
	ck_assert_str_eq(web->filter[1].text, "less 28");
	ck_assert_int_eq(web->filter[0].line, 15);
	ck_assert_int_eq(web->filter[1].line, 16);
	ck_assert_uint_eq(other->n_filters, 1);
	ck_assert_str_eq(other->filter[0].text, "tcp");
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

int
main(void)
{
	TCase *tests = tcase_create("conf");

	tcase_set_timeout(tests, 60);
	tcase_add_test(tests, defaults);
	tcase_add_test(tests, every_key_arrives);
	tcase_add_test(tests, zones_and_their_countermeasures);
	tcase_add_test(tests, cpus_are_injected);
	tcase_add_test(tests, one_cpu_is_enough);
	tcase_add_test(tests, mistakes_are_bounded);
	return suite_run("conf", tests);
}
