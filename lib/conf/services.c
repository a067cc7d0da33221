/* SPDX-License-Identifier: BSD-3-Clause */
/* What a zone serves, as people write it: "tcp/80", "udp/4000-4010", "icmp", "proto/47". */
#include "schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <netinet/in.h>

static const struct {
	const char *name;
	uint8_t proto[2]; /* a second one if it is not 0 */
	bool ports;
} protocols[] = {
	{"tcp", {IPPROTO_TCP, 0}, true},
	{"udp", {IPPROTO_UDP, 0}, true},
	{"icmp", {IPPROTO_ICMP, IPPROTO_ICMPV6}, false},
	{"gre", {IPPROTO_GRE, 0}, false},
	{"esp", {IPPROTO_ESP, 0}, false},
	{"ah", {IPPROTO_AH, 0}, false},
	{"sctp", {IPPROTO_SCTP, 0}, false},
	{"ipip", {IPPROTO_IPIP, 0}, false},
	{"ip6", {IPPROTO_IPV6, 0}, false},
};
#define N_PROTOCOLS (sizeof(protocols) / sizeof(protocols[0]))

/* A number of at most five digits at *text, which then points behind it; -1 if there is none. */
static int
take_number(const char **text)
{
	size_t n = strspn(*text, "0123456789");
	int number = n == 0 || n > 5 ? -1 : atoi(*text);

	*text += n;
	return number;
}

static int
bad_service(struct conf_reader *r, const struct conf_value *v)
{
	return conf_error(r, v->line, "services",
		"\"%.60s\" is no service; write \"tcp/80\", \"udp/4000-4010\", \"icmp\", \"gre\" or \"proto/132\"",
		v->text);
}

static int
parse_ports(struct conf_reader *r, const struct conf_value *v, const char *text, struct cm_service *service)
{
	int first = take_number(&text), last = first;

	if (*text == '-') {
		text++;
		last = take_number(&text);
	}
	if (*text != '\0' || first < 0 || last < 0)
		return bad_service(r, v);
	if (first == 0 || last == 0 || first > 65535 || last > 65535)
		return conf_error(r, v->line, "services", "\"%s\": ports are from 1 to 65535", v->text);
	if (first > last)
		return conf_error(r, v->line, "services", "\"%s\": the range of ports runs backwards", v->text);
	service->any_port = false;
	service->port_first = (uint16_t)first;
	service->port_last = (uint16_t)last;
	return 0;
}

static int
parse_protocol_number(struct conf_reader *r, const struct conf_value *v, const char *text, struct cm_service *service)
{
	int number = take_number(&text);

	if (*text != '\0' || number < 0)
		return bad_service(r, v);
	if (number > 255)
		return conf_error(r, v->line, "services", "\"%s\": protocol numbers are from 0 to 255", v->text);
	service->proto = (uint8_t)number;
	return 0;
}

static int
append_service(
	struct conf_reader *r, struct seki_spec_zone *zone, const struct conf_value *v, struct cm_service service)
{
	struct cm_service *grown;

	for (unsigned i = 0; i < zone->n_services; i++) {
		const struct cm_service *s = &zone->service[i];

		if (s->proto == service.proto && s->any_port == service.any_port &&
			s->port_first == service.port_first && s->port_last == service.port_last)
			return conf_error(r, v->line, "services", "\"%s\" is listed twice", v->text);
	}
	grown = realloc(zone->service, (zone->n_services + 1) * sizeof(*grown));
	if (grown == NULL)
		return seki_err_add(r->err, r->file, 0, "not enough memory for the configuration");
	zone->service = grown;
	zone->service[zone->n_services++] = service;
	return 0;
}

int
conf_set_service(struct conf_reader *r, void *object, const struct conf_value *v)
{
	struct cm_service service = {.any_port = true};
	size_t n = strcspn(v->text, "/");
	const char *after = v->text[n] == '\0' ? NULL : v->text + n + 1;
	size_t p = 0;

	if (v->kind != CONF_KIND_TEXT)
		return bad_service(r, v);
	if (n == 5 && strncmp(v->text, "proto", 5) == 0 && after != NULL)
		return parse_protocol_number(r, v, after, &service) != 0 ? -EINVAL
									 : append_service(r, object, v, service);
	while (p < N_PROTOCOLS && (strlen(protocols[p].name) != n || strncmp(protocols[p].name, v->text, n) != 0))
		p++;
	if (p == N_PROTOCOLS)
		return bad_service(r, v);
	if (after != NULL && !protocols[p].ports)
		return conf_error(r, v->line, "services", "\"%.60s\": %s has no ports that Seki tells apart", v->text,
			protocols[p].name);
	service.proto = protocols[p].proto[0];
	if (after != NULL && parse_ports(r, v, after, &service) != 0)
		return -EINVAL;
	if (append_service(r, object, v, service) != 0)
		return -EINVAL;
	service.proto = protocols[p].proto[1];
	return service.proto == 0 ? 0 : append_service(r, object, v, service);
}
