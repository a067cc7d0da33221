/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What only the whole file can tell: pairs of ports, roles of cores, VLANs and prefixes that are claimed twice. Keys
 * that were refused on the way here have left their fields empty; nothing is said about those again.
 */
#include "schema.h"

#include <stdio.h>
#include <string.h>

static void
set_path(struct conf_reader *r, const char *section, const char *name)
{
	snprintf(r->path, sizeof(r->path), "%s.%s", section, name);
}

static bool
has_side(const struct conf_reader *r, unsigned port)
{
	config_setting_t *side = config_setting_get_member(r->port_at[port], "side");

	if (side == NULL || config_setting_is_aggregate(side))
		return false;
	return strcmp(conf_value_of(side).text, "outside") == 0 || strcmp(conf_value_of(side).text, "inside") == 0;
}

static void
check_pair(struct conf_reader *r, unsigned i, unsigned j)
{
	const struct seki_spec_port *a = &r->spec->port[i], *b = &r->spec->port[j];

	set_path(r, "ports", b->name);
	if (has_side(r, i) && has_side(r, j) && a->side == b->side)
		conf_error(r, conf_line(r->port_at[j], "side"), "side",
			"both ports of the pair \"%s\" and \"%s\" face %s; one faces outside, the other inside",
			a->name, b->name, a->side == SEKI_SIDE_OUTSIDE ? "outside" : "inside");
	if (a->mtu != 0 && b->mtu != 0 && a->mtu != b->mtu)
		conf_error(r, conf_line(r->port_at[j], "mtu"), "mtu",
			"%u, but the peer \"%s\" has %u: what fits into one port must fit into the other", b->mtu,
			a->name, a->mtu);
	for (unsigned m = 0; m < b->n_macs; m++)
		for (unsigned k = 0; k < a->n_macs; k++)
			if (memcmp(a->mac[k], b->mac[m], 6) == 0)
				conf_error(r, conf_line(r->port_at[j], "macs"), "macs",
					"the address %02x:%02x:%02x:%02x:%02x:%02x is on the side of \"%s\", too",
					b->mac[m][0], b->mac[m][1], b->mac[m][2], b->mac[m][3], b->mac[m][4],
					b->mac[m][5], a->name);
}

static unsigned
find_port(const struct seki_spec *spec, const char *name)
{
	unsigned i = 0;

	while (i < spec->n_ports && strcmp(spec->port[i].name, name) != 0)
		i++;
	return i;
}

/* What the peer says of its own peer is wrong in itself, and reported there. */
static bool
is_astray(const struct seki_spec *spec, unsigned port)
{
	unsigned peer = find_port(spec, spec->port[port].peer_name);

	return *spec->port[port].peer_name == '\0' || peer == spec->n_ports || peer == port;
}

static void
check_ports(struct conf_reader *r)
{
	struct seki_spec *spec = r->spec;

	for (unsigned i = 0; i < spec->n_ports; i++) {
		struct seki_spec_port *port = &spec->port[i];
		int line = conf_line(r->port_at[i], "peer");
		unsigned peer;

		if (*port->name == '\0' || *port->peer_name == '\0')
			continue;
		set_path(r, "ports", port->name);
		peer = find_port(spec, port->peer_name);
		if (peer == i) {
			conf_error(r, line, "peer", "the port is its own peer; name the port of the other side");
		} else if (peer == spec->n_ports) {
			conf_error(r, line, "peer", "there is no port \"%s\"", port->peer_name);
		} else if (strcmp(spec->port[peer].peer_name, port->name) != 0) {
			if (is_astray(spec, peer))
				continue;
			conf_error(r, line, "peer", "\"%s\" has the peer \"%s\", and not \"%s\"; pairs name each other",
				port->peer_name, spec->port[peer].peer_name, port->name);
		} else {
			port->peer = peer;
			if (i < peer)
				check_pair(r, i, peer);
		}
	}
}

/* With no role given: the second CPU does everything, or the only one. */
static void
default_cores(struct conf_reader *r)
{
	struct seki_spec *spec = r->spec;
	unsigned cpu = 0, first = 0;

	while (first + 1 < CPU_SETSIZE && !CPU_ISSET(first, r->cpus))
		first++;
	if (!r->main_set)
		spec->main_cpu = first;
	while (cpu < CPU_SETSIZE && (!CPU_ISSET(cpu, r->cpus) || cpu == spec->main_cpu))
		cpu++;
	if (cpu == CPU_SETSIZE)
		cpu = spec->main_cpu;
	spec->core[0] = (struct seki_spec_core){.cpu = cpu, .role = SEKI_ROLE_RXTX};
	spec->n_cores = 1;
}

static void
check_cores(struct conf_reader *r)
{
	static const char *const role[] = {"rxtx", "rx", "tx"};
	bool has[3];

	snprintf(r->path, sizeof(r->path), "cores");
	for (unsigned i = 0; i < 3; i++)
		has[i] = r->cores_at != NULL && config_setting_get_member(r->cores_at, role[i]) != NULL;
	if (!r->main_set && (has[0] || has[1] || has[2]))
		for (r->spec->main_cpu = 0; r->spec->main_cpu + 1 < CPU_SETSIZE; r->spec->main_cpu++)
			if (CPU_ISSET(r->spec->main_cpu, r->cpus))
				break;
	if (!has[0] && !has[1] && !has[2])
		default_cores(r);
	else if (has[1] && !has[2])
		conf_error(r, conf_line(r->cores_at, "rx"), "rx",
			"no core transmits for these; name CPUs under tx, or use rxtx instead");
	else if (has[2] && !has[1])
		conf_error(r, conf_line(r->cores_at, "tx"), "tx",
			"no core receives for these; name CPUs under rx, or use rxtx instead");
}

/* Without VLANs a domain is what is left of its pair, and there is only one such rest. */
static void
check_whole_pair(struct conf_reader *r, unsigned i)
{
	const struct seki_spec *spec = r->spec;

	if (spec->n_ports == 0 || config_setting_get_member(r->domain_at[i], "vlans") != NULL)
		return; /* without ports there are worse mistakes */
	for (unsigned k = 1; k < i; k++) {
		if (spec->domain[k].outside_port != spec->domain[i].outside_port ||
			config_setting_get_member(r->domain_at[k], "vlans") != NULL)
			continue;
		conf_error(r, spec->domain[i].line, NULL,
			"without vlans it would be all else of the port \"%s\", which the domain \"%s\" is already",
			spec->port[spec->domain[i].outside_port].name, spec->domain[k].name);
		return;
	}
}

static void
check_domains(struct conf_reader *r)
{
	struct seki_spec *spec = r->spec;
	unsigned first_outside = 0;

	while (first_outside + 1 < spec->n_ports && spec->port[first_outside].side != SEKI_SIDE_OUTSIDE)
		first_outside++;
	spec->domain[0].outside_port = first_outside;
	for (unsigned i = 1; i < spec->n_domains; i++) {
		const struct seki_spec_domain *a = &spec->domain[i];

		set_path(r, "domains", a->name);
		if (strcmp(a->name, "default") == 0)
			conf_error(r, conf_line(r->domain_at[i], "name"), "name",
				"\"default\" is the domain of all that no other claims; choose another name");
		check_whole_pair(r, i);
		for (unsigned v = 0; v < a->n_vlans * i; v++) {
			const struct seki_spec_domain *b = &spec->domain[v / a->n_vlans];
			uint16_t vlan = a->vlan[v % a->n_vlans];

			for (unsigned k = 0; k < b->n_vlans; k++)
				if (b->vlan[k] == vlan && b->outside_port == a->outside_port)
					conf_error(r, conf_line(r->domain_at[i], "vlans"), "vlans",
						"VLAN %u of this port belongs to the domain \"%s\" already", vlan,
						b->name);
		}
	}
}

/* What Seki tells EAL itself, or what makes EAL end or serve another process. */
static const char *const not_extra[] = {
	"-h",
	"--help",
	"-v",
	"--version",
	"-l",
	"-c",
	"--lcores",
	"--main-lcore",
	"--coremask",
	"-m",
	"--socket-mem",
	"--no-huge",
	"--in-memory",
	"--proc-type",
	"--file-prefix",
	"--no-telemetry",
	"--telemetry",
	"--no-shconf",
};

/*
 * Short options take their value in the same word ("-l0-3"), long ones after an equals sign; and long ones may be cut
 * short ("--hel"), down to "--", which would end them all.
 */
static bool
is_option(const char *word, size_t n, const char *option)
{
	const char *equals = memchr(word, '=', n);

	if (option[1] != '-')
		return strncmp(word, option, strlen(option)) == 0;
	if (equals != NULL)
		n = (size_t)(equals - word);
	return n >= strlen("--") && strncmp(word, option, n) == 0;
}

static bool
is_for_seki(const char *word, size_t n)
{
	for (size_t i = 0; i < sizeof(not_extra) / sizeof(not_extra[0]); i++)
		if (is_option(word, n, not_extra[i]))
			return true;
	return false;
}

static void
check_extra(struct conf_reader *r)
{
	int line = conf_line(r->eal_at, "extra");
	const char *rest = r->spec->eal.extra;
	bool first = true;

	snprintf(r->path, sizeof(r->path), "eal");
	while (rest != NULL && *(rest += strspn(rest, " \t")) != '\0') {
		size_t n = strcspn(rest, " \t");

		if (is_for_seki(rest, n))
			conf_error(r, line, "extra",
				"\"%.*s\" is not for here: Seki tells DPDK itself, or DPDK would not run Seki", (int)n,
				rest);
		/* A later one may be an argument's value. */
		if (first && *rest != '-')
			conf_error(r, line, "extra", "\"%.*s\" is no argument: those of EAL begin with \"-\"", (int)n,
				rest);
		first = false;
		rest += n;
	}
}

void
conf_cross_check(struct conf_reader *r)
{
	check_extra(r);
	check_ports(r);
	check_cores(r);
	check_domains(r);
	conf_check_peers(r);
	seki_spec_check_overlap(r->spec, r->err);
	conf_check_limits(r);
	conf_make_limits(r);
	conf_check_days(r);
	r->path[0] = '\0';
	conf_check_cms(r);
}
