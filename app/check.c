/* SPDX-License-Identifier: BSD-3-Clause */
/* `seki check FILE`: every mistake of a configuration and of its lists, or what a good one means. */
#include "check_detect.h"
#include "cmd.h"
#include "conf.h"
#include "plan.h"
#include "policy.h"
#include "printable.h"
#include "state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <arpa/inet.h>

static const char *const role_name[] = {[SEKI_ROLE_RX] = "rx", [SEKI_ROLE_TX] = "tx", [SEKI_ROLE_RXTX] = "rxtx"};

static void
print_ports(const struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->n_ports; i++) {
		const struct seki_spec_port *out = &spec->port[i], *in = &spec->port[out->peer];

		if (out->side != SEKI_SIDE_OUTSIDE)
			continue;
		printf("  pair       outside %s (", out->name);
		seki_printable_put(out->device, stdout);
		printf(") to inside %s (", in->name);
		seki_printable_put(in->device, stdout);
		printf("), MTU %u\n", out->mtu);
	}
}

static void
print_cores(const struct seki_spec *spec)
{
	printf("  cores      main on CPU %u", spec->main_cpu);
	for (unsigned i = 0; i < spec->n_cores; i++)
		printf(", %s on %u", role_name[spec->core[i].role], spec->core[i].cpu);
	printf("\n");
}

static void
print_state(const struct seki_spec *spec)
{
	struct plan plan;

	plan_init(&plan, spec);
	if (spec->state.flows == 0)
		printf("  state      none: no flow and no source is remembered\n");
	else
		printf("  state      %u flows and %u sources, %zu MB on each receiving core\n", spec->state.flows,
			spec->state.sources, (state_bytes(spec, plan.n_rx) >> 20) + 1);
}

static void
print_names(const struct seki_spec *spec, const char *what, uint64_t lists)
{
	for (unsigned i = 0; i < spec->n_lists; i++)
		if ((lists >> i & 1) != 0)
			printf(", %s %s", what, spec->list[i].name);
}

/* What a countermeasure will do: a zone holds each at its own mode at most, and one that observes raises none in
 * earnest. */
static enum cm_mode
mode_in(const struct seki_spec_zone *zone, unsigned cm)
{
	if (zone->mode == CM_MODE_ENFORCE || zone->cm_mode[cm] == CM_MODE_OFF)
		return zone->cm_mode[cm];
	return zone->mode;
}

static void
print_modes(const struct seki_spec_zone *zone)
{
	static const enum cm_mode order[] = {CM_MODE_ENFORCE, CM_MODE_AUTO, CM_MODE_OBSERVE, CM_MODE_OFF};

	for (unsigned m = 0; m < sizeof(order) / sizeof(order[0]); m++) {
		bool first = true;

		for (unsigned i = 0; i < CM_N; i++) {
			if (mode_in(zone, i) != order[m])
				continue;
			printf(first ? "             %-8s %s" : "%.0s, %s", cm_mode_name(order[m]), cm_ops[i]->name);
			first = false;
		}
		if (!first)
			printf("\n");
	}
}

static void
print_zones(const struct seki_spec *spec)
{
	for (unsigned i = 0; i < spec->n_zones; i++) {
		const struct seki_spec_zone *zone = &spec->zone[i];
		char buf[SEKI_PREFIX_STRLEN];

		printf("  zone       %s: %s, %s%s", zone->name, cm_mode_name(zone->mode),
			seki_prefix_format(&zone->prefix[0], buf), zone->n_prefixes > 1 ? "" : ", ");
		if (zone->n_prefixes > 1)
			printf(" and %u more, ", zone->n_prefixes - 1);
		if (zone->n_services == 0)
			printf("every service");
		else
			printf("%u services", zone->n_services);
		if (zone->domain != 0)
			printf(", in the domain %s", spec->domain[zone->domain].name);
		print_names(spec, "allows", zone->allow_lists);
		print_names(spec, "denies", zone->deny_lists);
		print_names(spec, "shared", zone->shared_lists);
		if (zone->n_filters > 0)
			printf(", %u filter%s", zone->n_filters, zone->n_filters == 1 ? "" : "s");
		if (zone->direction == SEKI_ZONE_INBOUND_ONLY)
			printf(", inbound only");
		printf("\n");
		print_modes(zone);
		if (spec->detect.enable)
			check_print_limits(zone);
	}
	if (spec->n_zones == 0)
		printf("  zone       none: all traffic passes and is counted\n");
}

/*
 * Reads the lists, as starting would; the number of entries of each goes to `n`. Of a configuration that is wrong there
 * may be lists, too, but no zones to hold them against.
 */
static void
check_lists(const struct seki_spec *spec, size_t n[SEKI_LISTS_MAX], struct seki_err *err)
{
	for (unsigned i = 0; i < spec->n_lists; i++) {
		struct seki_list list = {0};

		if (spec->list[i].path == NULL)
			continue;
		if (seki_list_read(spec->list[i].path, &list, err) == 0)
			seki_spec_check_list(spec, i, &list, err);
		n[i] = list.n;
		seki_list_fini(&list);
	}
}

static void
print_domains(const struct seki_spec *spec)
{
	for (unsigned i = 1; i < spec->n_domains; i++) {
		const struct seki_spec_domain *domain = &spec->domain[i];

		printf("  domain     %s: ", domain->name);
		if (domain->n_vlans == 0)
			printf("all else");
		else
			printf("%u VLANs", domain->n_vlans);
		printf(" on %s\n", spec->port[domain->outside_port].name);
	}
}

/* What is taken for granted about a router is worth a look: who is on the other side cannot speak for it. */
static void
print_peers(const struct seki_spec *spec)
{
	static const char *const sides[] = {
		[SEKI_PEER_EITHER] = "on either side", [SEKI_PEER_OUTSIDE] = "outside", [SEKI_PEER_INSIDE] = "inside"};
	uint16_t inside[SEKI_PEERS_MAX];

	seki_spec_peers_inside(spec, inside);
	for (unsigned i = 0; i < spec->n_peers; i++) {
		const struct seki_spec_peer *peer = &spec->peer[i];
		char buf[SEKI_PREFIX_STRLEN];

		printf("  peer       %s: %s", seki_prefix_format(&peer->addr, buf),
			inside[i] != 0 ? "inside, since it lies in a zone" : sides[peer->side]);
		if (peer->domain != SEKI_DOMAIN_ANY)
			printf(", in the domain %s", spec->domain[peer->domain].name);
		printf("\n");
	}
}

static void
print_spec(const struct seki_spec *spec, const size_t n[SEKI_LISTS_MAX])
{
	uint64_t used = seki_spec_lists_used(spec);

	seki_printable_put(spec->file, stdout);
	printf(" is good.\n");
	print_ports(spec);
	print_cores(spec);
	print_state(spec);
	print_domains(spec);
	print_peers(spec);
	for (unsigned i = 0; i < spec->n_lists; i++) {
		printf("  list       %s: %zu prefixes from ", spec->list[i].name, n[i]);
		seki_printable_put(spec->list[i].path, stdout);
		printf("%s\n", used >> i & 1 ? "" : "; notice: no zone uses it, so it takes no room in the tables");
	}
	print_zones(spec);
	check_print_detection(spec);
	if (spec->names_sources)
		printf("  telemetry  names the addresses that send most (/seki/top)\n");
}

/* What starting would refuse for: tables that no memory holds, or not the one that is set aside. */
static void
check_memory(const struct seki_spec *spec, struct seki_err *err)
{
	size_t policy_bytes = seki_policy_bytes(spec, err);
	struct plan_memory memory;
	struct plan plan;

	if (err->n_total > 0)
		return;
	plan_init(&plan, spec);
	plan_memory(&memory, &plan, spec, policy_bytes);
	plan_check_memory(&memory, spec, err);
}

int
cmd_check(int argc, char **argv)
{
	size_t n[SEKI_LISTS_MAX] = {0};
	struct seki_spec spec;
	struct seki_err err;
	bool good;

	if (argc != 2 || argv[1][0] == '-') {
		fprintf(stderr, "usage: seki check FILE\n");
		return SEKI_EXIT_USAGE;
	}
	seki_err_init(&err);
	seki_conf_read(argv[1], &spec, &err);
	check_lists(&spec, n, &err);
	if (err.n_total == 0)
		check_memory(&spec, &err);
	good = err.n_total == 0;
	if (good)
		print_spec(&spec, n);
	else
		seki_err_print(&err, stderr);
	seki_spec_fini(&spec);
	seki_err_fini(&err);
	if (!good)
		return SEKI_EXIT_CONFIG;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		fprintf(stderr, "seki check: the file is good, but standard output cannot be written\n");
		return SEKI_EXIT_FAILURE;
	}
	return SEKI_EXIT_OK;
}
