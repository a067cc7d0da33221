/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int
wrong_kind(struct conf_reader *r, const char *key, const struct conf_value *v, const char *wanted)
{
	return conf_error(r, v->line, key, "%s is wanted, and not %.60s", wanted, v->text);
}

/* What DPDK knows a device by: all before its arguments, of a PCI address without the domain if that is zero. */
static const char *
known_by(const char *device, size_t *n)
{
	size_t zeros = strspn(device, "0");

	if (zeros >= 4 && device[zeros] == ':')
		device += zeros + 1;
	*n = strcspn(device, ",");
	return device;
}

static bool
same_device(const char *a, const char *b)
{
	size_t n, m;

	a = known_by(a, &n);
	b = known_by(b, &m);
	/* Only PCI addresses have a colon, and their digits may be capitals. */
	return n == m && (memchr(a, ':', n) != NULL ? strncasecmp(a, b, n) : strncmp(a, b, n)) == 0;
}

int
conf_set_device(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	for (unsigned i = 0; i + 1 < r->spec->n_ports; i++) {
		const struct seki_spec_port *other = &r->spec->port[i];

		if (other->device == NULL || !same_device(other->device, v->text))
			continue;
		return conf_error(r, v->line, "device",
			"\"%.60s\" is the device of the port on line %d already: DPDK knows \"%.*s\" once", v->text,
			other->line, (int)strcspn(v->text, ","), v->text);
	}
	return 0;
}

int
conf_set_mac(struct conf_reader *r, void *object, const struct conf_value *v)
{
	static const uint8_t zero[6];
	struct seki_spec_port *port = object;
	unsigned byte[6];
	uint8_t mac[6];
	int end = 0;

	if (v->kind != CONF_KIND_TEXT || strlen(v->text) != 17 || strspn(v->text, "0123456789abcdefABCDEF:") != 17 ||
		sscanf(v->text, "%2x:%2x:%2x:%2x:%2x:%2x%n", &byte[0], &byte[1], &byte[2], &byte[3], &byte[4], &byte[5],
			&end) != 6 ||
		end != 17)
		return conf_error(
			r, v->line, "macs", "\"%.60s\" is no MAC address; write \"00:00:5e:00:53:01\"", v->text);
	for (unsigned i = 0; i < 6; i++)
		mac[i] = (uint8_t)byte[i];
	if ((mac[0] & 1) != 0 || memcmp(mac, zero, sizeof(mac)) == 0)
		return conf_error(r, v->line, "macs", "\"%s\" is no address of a single router", v->text);
	for (unsigned i = 0; i < port->n_macs; i++)
		if (memcmp(port->mac[i], mac, sizeof(mac)) == 0)
			return conf_error(r, v->line, "macs", "\"%s\" is listed twice", v->text);
	memcpy(port->mac[port->n_macs++], mac, sizeof(mac));
	return 0;
}

/* "3" or "4-7". */
static int
parse_cpus(struct conf_reader *r, const char *key, const struct conf_value *v, unsigned cpu[2])
{
	char rest;
	int n;

	if (v->kind == CONF_KIND_BOOL || v->kind == CONF_KIND_FLOAT)
		return wrong_kind(r, key, v, "the number of a CPU");
	if (strspn(v->text, "0123456789-") != strlen(v->text) || *v->text == '-' || strlen(v->text) > 9)
		n = 0;
	else
		n = sscanf(v->text, "%u-%u%c", &cpu[0], &cpu[1], &rest);
	if (n == 1 && strchr(v->text, '-') == NULL)
		cpu[1] = cpu[0];
	else if (n != 2)
		return conf_error(
			r, v->line, key, "\"%.60s\" is no CPU; write a number (2) or a range (\"4-7\")", v->text);
	if (cpu[0] > cpu[1])
		return conf_error(r, v->line, key, "the range \"%s\" runs backwards", v->text);
	return 0;
}

/* "0-3, 6"; into `buf`. */
static void
format_cpus(const cpu_set_t *cpus, char *buf, size_t size)
{
	size_t at = 0;

	buf[0] = '\0';
	for (int first = 0; first < CPU_SETSIZE && at < size; first++) {
		int last = first;

		if (!CPU_ISSET(first, cpus))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cpus))
			last++;
		at += (size_t)snprintf(
			buf + at, size - at, last > first ? "%s%d-%d" : "%s%d", at == 0 ? "" : ", ", first, last);
		first = last;
	}
}

static int
check_cpu(struct conf_reader *r, const char *key, int line, unsigned cpu)
{
	char usable[128];

	if (cpu < CPU_SETSIZE && CPU_ISSET(cpu, r->cpus))
		return 0;
	format_cpus(r->cpus, usable, sizeof(usable));
	return conf_error(r, line, key, "there is no CPU %u here that Seki may use; there are %s", cpu, usable);
}

int
conf_set_main(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec *spec = object;
	unsigned cpu[2];

	r->main_set = true;
	if (parse_cpus(r, "main", v, cpu) != 0)
		return -EINVAL;
	if (cpu[0] != cpu[1])
		return conf_error(r, v->line, "main", "\"%s\" is more than one CPU", v->text);
	spec->main_cpu = cpu[0];
	return check_cpu(r, "main", v->line, cpu[0]);
}

static int
add_cores(struct conf_reader *r, const char *key, enum seki_role role, const struct conf_value *v)
{
	static const char *const role_name[] = {
		[SEKI_ROLE_RX] = "rx", [SEKI_ROLE_TX] = "tx", [SEKI_ROLE_RXTX] = "rxtx"};
	struct seki_spec *spec = r->spec;
	unsigned cpu[2];

	if (parse_cpus(r, key, v, cpu) != 0)
		return -EINVAL;
	for (unsigned c = cpu[0]; c <= cpu[1]; c++) {
		unsigned i = 0;

		if (check_cpu(r, key, v->line, c) != 0)
			return -EINVAL;
		while (i < spec->n_cores && spec->core[i].cpu != c)
			i++;
		if (i < spec->n_cores)
			return conf_error(r, v->line, key, "CPU %u has the role %s already; a CPU has one role", c,
				role_name[spec->core[i].role]);
		if (spec->n_cores == SEKI_CORES_MAX)
			return conf_error(r, v->line, key, "more than %d cores", SEKI_CORES_MAX);
		spec->core[spec->n_cores++] = (struct seki_spec_core){.cpu = c, .role = role};
	}
	return 0;
}

int
conf_set_rxtx(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return add_cores(r, "rxtx", SEKI_ROLE_RXTX, v);
}

int
conf_set_rx(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return add_cores(r, "rx", SEKI_ROLE_RX, v);
}

int
conf_set_tx(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return add_cores(r, "tx", SEKI_ROLE_TX, v);
}

static int
power_of_two(struct conf_reader *r, const char *key, uint32_t size, const struct conf_value *v)
{
	uint32_t up = 64;

	if ((size & (size - 1)) == 0)
		return 0;
	while (up < size)
		up *= 2;
	return conf_error(r, v->line, key, "%s is no power of two; the nearest are %u and %u", v->text, up / 2, up);
}

int
conf_set_ring_size(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return power_of_two(r, "ring_size", ((struct seki_spec *)object)->ring_size, v);
}

int
conf_set_blocks(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return power_of_two(r, "blocks", ((struct seki_spec *)object)->detect.blocks, v);
}

int
conf_set_domain_port(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_domain *domain = object;

	for (unsigned i = 0; i < r->spec->n_ports; i++) {
		if (strcmp(r->spec->port[i].name, v->text) != 0)
			continue;
		domain->outside_port = i;
		if (r->spec->port[i].side == SEKI_SIDE_OUTSIDE)
			return 0;
		return conf_error(
			r, v->line, "port", "the port \"%s\" faces inside; name the outside port of the pair", v->text);
	}
	return conf_error(r, v->line, "port", "there is no port \"%s\"", v->text);
}

int
conf_set_vlan(struct conf_reader *r, void *object, const struct conf_value *v)
{
	static const struct conf_row row = {.key = "vlans", .min = 1, .max = 4094};
	struct seki_spec_domain *domain = object;
	uint64_t vlan;

	if (conf_number(r, &row, v, &vlan) != 0)
		return -EINVAL;
	for (unsigned i = 0; i < domain->n_vlans; i++)
		if (domain->vlan[i] == vlan)
			return conf_error(r, v->line, "vlans", "VLAN %s is listed twice", v->text);
	domain->vlan[domain->n_vlans++] = (uint16_t)vlan;
	return 0;
}

static int
parse_prefix(struct conf_reader *r, const char *key, const struct conf_value *v, struct seki_prefix *prefix)
{
	char buf[SEKI_PREFIX_STRLEN];
	int rc = v->kind == CONF_KIND_TEXT ? seki_prefix_parse(v->text, prefix) : -EINVAL;

	if (rc == -EDOM)
		return conf_error(r, v->line, key, "\"%.60s\" has host bits set; did you mean \"%s\"?", v->text,
			seki_prefix_format(prefix, buf));
	if (rc != 0)
		return conf_error(r, v->line, key,
			"\"%.60s\" is no address or prefix; write \"192.0.2.0/24\" or \"2001:db8::/32\"", v->text);
	return 0;
}

/* No single host can have these addresses, so none can be a router or be protected. */
static int
refuse_special(struct conf_reader *r, const char *key, const struct conf_value *v, const struct seki_prefix *prefix)
{
	static const struct {
		const char *prefix, *what;
	} special[] = {
		{"0.0.0.0/8", "\"this network\""},
		{"127.0.0.0/8", "the loopback network"},
		{"224.0.0.0/4", "multicast"},
		{"240.0.0.0/4", "reserved"},
		{"::/128", "the unspecified address"},
		{"::1/128", "the loopback address"},
		{"::ffff:0:0/96", "IPv4-mapped, which no packet carries"},
		{"ff00::/8", "multicast"},
	};

	for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++) {
		struct seki_prefix s;

		if (seki_prefix_parse(special[i].prefix, &s) == 0 && seki_prefix_covers(&s, prefix))
			return conf_error(r, v->line, key, "\"%s\" is %s", v->text, special[i].what);
	}
	return 0;
}

int
conf_prefix(struct conf_reader *r, const char *key, const struct conf_value *v, struct seki_prefix *prefix)
{
	if (parse_prefix(r, key, v, prefix) != 0 || refuse_special(r, key, v, prefix) != 0)
		return -EINVAL;
	return 0;
}

int
conf_domain(struct conf_reader *r, const struct conf_value *v)
{
	for (unsigned i = 0; i < r->spec->n_domains; i++)
		if (strcmp(r->spec->domain[i].name, v->text) == 0)
			return (int)i;
	return conf_error(r, v->line, "domain", "there is no domain \"%s\"", v->text);
}

int
conf_set_zone_domain(struct conf_reader *r, void *object, const struct conf_value *v)
{
	int domain = conf_domain(r, v);

	if (domain < 0)
		return domain;
	((struct seki_spec_zone *)object)->domain = (uint16_t)domain;
	return 0;
}

int
conf_set_prefix(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_zone *zone = object;
	struct seki_prefix prefix, *prefixes;
	int *lines;

	if (conf_prefix(r, "prefixes", v, &prefix) != 0)
		return -EINVAL;
	if (prefix.len == 0)
		return conf_error(
			r, v->line, "prefixes", "\"%s\" is the default route; name the networks to protect", v->text);
	prefixes = realloc(zone->prefix, (zone->n_prefixes + 1) * sizeof(*prefixes));
	if (prefixes != NULL)
		zone->prefix = prefixes;
	lines = realloc(zone->prefix_line, (zone->n_prefixes + 1) * sizeof(*lines));
	if (lines != NULL)
		zone->prefix_line = lines;
	if (prefixes == NULL || lines == NULL)
		return seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
	zone->prefix[zone->n_prefixes] = prefix;
	zone->prefix_line[zone->n_prefixes++] = v->line;
	return 0;
}

static int
add_list(struct conf_reader *r, const char *key, const struct conf_value *v, uint64_t *lists)
{
	for (unsigned i = 0; i < r->spec->n_lists; i++) {
		if (strcmp(r->spec->list[i].name, v->text) != 0)
			continue;
		if ((*lists & 1ull << i) != 0)
			return conf_error(r, v->line, key, "the list \"%s\" is named twice", v->text);
		*lists |= 1ull << i;
		return 0;
	}
	return conf_error(r, v->line, key, "there is no list \"%.60s\"", v->text);
}

int
conf_set_allow(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return add_list(r, "allow", v, &((struct seki_spec_zone *)object)->allow_lists);
}

int
conf_set_deny(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct seki_spec_zone *zone = object;
	uint64_t before = zone->deny_lists;

	if (add_list(r, "deny", v, &zone->deny_lists) != 0)
		return -EINVAL;
	if (((zone->deny_lists & ~before) & zone->allow_lists) != 0)
		return conf_error(r, v->line, "deny", "the zone allows the list \"%s\", so it cannot deny it", v->text);
	return 0;
}

int
conf_set_shared(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return add_list(r, "shared", v, &((struct seki_spec_zone *)object)->shared_lists);
}
