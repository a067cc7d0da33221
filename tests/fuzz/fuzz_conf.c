/* SPDX-License-Identifier: BSD-3-Clause */
/* Any text as a configuration: it is refused with a sentence, or what it says keeps its promises. */
#include "conf.h"
#include "sets.h"

#include <stdlib.h>
#include <string.h>

#define require(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

static void
require_sound_ports(const struct seki_spec *spec)
{
	require(spec->n_ports >= 2 && spec->n_ports <= SEKI_PORTS_MAX);
	for (unsigned i = 0; i < spec->n_ports; i++) {
		const struct seki_spec_port *port = &spec->port[i], *peer = &spec->port[port->peer];

		require(port->peer < spec->n_ports && port->peer != i && peer->peer == i);
		require(port->side != peer->side && port->mtu == peer->mtu && port->mtu >= 576);
		require(port->device != NULL && *port->name != '\0' && port->n_macs <= SEKI_MACS_MAX);
		require(port->rx_desc >= 64 && port->tx_desc >= 64 && port->line > 0);
	}
}

static void
require_sound_cores(const struct seki_spec *spec)
{
	unsigned n_rx = 0, n_tx = 0;

	require(spec->main_cpu < 8 && spec->n_cores >= 1 && spec->n_cores <= SEKI_CORES_MAX);
	require((spec->ring_size & (spec->ring_size - 1)) == 0 && spec->ring_size >= 64);
	for (unsigned i = 0; i < spec->n_cores; i++) {
		require(spec->core[i].cpu < 8);
		n_rx += spec->core[i].role != SEKI_ROLE_TX;
		n_tx += spec->core[i].role != SEKI_ROLE_RX;
		for (unsigned k = 0; k < i; k++)
			require(spec->core[k].cpu != spec->core[i].cpu);
	}
	require(n_rx > 0 && n_tx > 0);
}

static void
require_sound_zone(const struct seki_spec *spec, const struct seki_spec_zone *zone)
{
	uint64_t lists = spec->n_lists == 64 ? UINT64_MAX : (UINT64_C(1) << spec->n_lists) - 1;

	require(*zone->name != '\0' && strlen(zone->name) < SEKI_NAME_MAX);
	require(zone->domain < spec->n_domains && zone->n_prefixes > 0 && zone->mode <= CM_MODE_ENFORCE);
	require(((zone->allow_lists | zone->deny_lists) & ~lists) == 0 && (zone->allow_lists & zone->deny_lists) == 0);
	for (unsigned i = 0; i < zone->n_prefixes; i++)
		require(zone->prefix[i].len > 0 && zone->prefix_line[i] > 0);
	for (unsigned i = 0; i < zone->n_services; i++)
		require(zone->service[i].any_port ||
			(zone->service[i].port_first > 0 && zone->service[i].port_first <= zone->service[i].port_last));
	require(zone->n_filters <= SEKI_FILTER_MAX);
	for (unsigned i = 0; i < zone->n_filters; i++)
		require(*zone->filter[i].text != '\0' && zone->filter[i].line > 0);
	for (unsigned i = 0; i < CM_N; i++) {
		require(zone->cm_mode[i] <= CM_MODE_AUTO);
		for (unsigned p = 0; p < cm_ops[i]->n_params; p++)
			require(zone->cm_param[i][p] >= cm_ops[i]->params[p].min &&
				zone->cm_param[i][p] <= cm_ops[i]->params[p].max);
	}
}

static void
require_sound(const struct seki_spec *spec)
{
	require_sound_ports(spec);
	require_sound_cores(spec);
	require(spec->n_domains >= 1 && spec->n_domains <= SEKI_DOMAINS_MAX && spec->n_lists <= SEKI_LISTS_MAX);
	require(spec->n_zones < SEKI_ZONES_MAX && spec->n_peers <= SEKI_PEERS_MAX);
	require(spec->eal.file_prefix != NULL && spec->eal.log_level != NULL);
	for (unsigned i = 1; i < spec->n_domains; i++)
		for (unsigned v = 0; v < spec->domain[i].n_vlans; v++)
			require(spec->domain[i].vlan[v] >= 1 && spec->domain[i].vlan[v] <= 4094);
	for (unsigned i = 0; i < spec->n_zones; i++)
		require_sound_zone(spec, &spec->zone[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct seki_spec empty;
	struct seki_conf_source source = {.name = "f", .dir = "/etc", .text = (const char *)data, .size = size};
	struct seki_spec spec;
	struct seki_err err;
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	for (int i = 0; i < 8; i++)
		CPU_SET(i, &cpus);
	source.cpus = &cpus;
	seki_err_init(&err);
	if (seki_conf_parse_source(&source, &spec, &err) == 0) {
		require(err.n_total == 0);
		require_sound(&spec);
		seki_spec_fini(&spec);
	} else {
		require(err.n > 0 && spec.n_lists <= SEKI_LISTS_MAX);
		for (unsigned i = 0; i < spec.n_lists; i++)
			free(spec.list[i].path);
		free(spec.list);
		spec.list = NULL;
		spec.n_lists = 0;
		require(memcmp(&spec, &empty, sizeof(spec)) == 0);
		for (unsigned i = 0; i < err.n; i++)
			require(err.entry[i].text != NULL && strchr(err.entry[i].text, '\n') == NULL);
	}
	seki_err_fini(&err);
	return 0;
}
