/* SPDX-License-Identifier: BSD-3-Clause */
/* control.peers: an entry is an address, or a group that also says where that address is. */
#include "schema.h"

#include <errno.h>
#include <stdio.h>

static const char *const peer_sides[] = {
	[SEKI_PEER_EITHER] = "either", [SEKI_PEER_OUTSIDE] = "outside", [SEKI_PEER_INSIDE] = "inside", NULL};

static const struct conf_row peer_rows[] = {
	{.key = "address",
		.type = CONF_TEXT,
		.min = 1,
		.max = 63,
		.set = conf_set_peer_address,
		.example = "\"192.0.2.1\"",
		.help = "The router's address."},
	{.key = "side",
		.type = CONF_CHOICE,
		.choice = peer_sides,
		.def = "either",
		.offset = offsetof(struct seki_spec_peer, side),
		.size = sizeof(((struct seki_spec_peer *)0)->side),
		.example = "\"inside\"",
		.help = "Where the router is. What arrives from the other side and claims its address is no control "
			"traffic. `either`: the peer counts as inside if it lies in a zone while another peer of its "
			"domain and family does not; else it may be on both sides."},
	{.key = "domain",
		.type = CONF_TEXT,
		.min = 1,
		.max = 31,
		.optional = "all domains",
		.set = conf_set_peer_domain,
		.example = "\"tenant-a\"",
		.help = "The one address space in which the address is the router's."},
};

const struct conf_section conf_peer_section = {
	.name = "control.peers",
	.row = peer_rows,
	.n_rows = sizeof(peer_rows) / sizeof(peer_rows[0]),
	.add = conf_add_peer,
	.help = "An entry of `control.peers` is an address, or a group that also says where the address is.",
	.example = "control: { peers = (\"192.0.2.1\", { address = \"198.51.100.1\"; side = \"inside\"; }); };",
};

static int
read_address(struct conf_reader *r, const char *key, const struct conf_value *v, struct seki_spec_peer *peer)
{
	struct seki_prefix addr;

	if (conf_prefix(r, key, v, &addr) != 0)
		return -EINVAL;
	if (addr.len != (addr.family == 4 ? 32 : 128))
		return conf_error(r, v->line, key, "\"%s\" is a network; a peer is one address", v->text);
	peer->addr = addr;
	peer->line = v->line;
	return 0;
}

void *
conf_add_peer(struct conf_reader *r, config_setting_t *at)
{
	struct seki_spec_peer *peer = &r->spec->peer[r->spec->n_peers++];

	*peer = (struct seki_spec_peer){.domain = SEKI_DOMAIN_ANY, .line = conf_line(at, NULL)};
	return peer;
}

int
conf_set_peer(struct conf_reader *r, void *object, const struct conf_value *v)
{
	(void)object;
	return read_address(r, "peers", v, conf_add_peer(r, NULL));
}

int
conf_set_peer_address(struct conf_reader *r, void *object, const struct conf_value *v)
{
	return read_address(r, "address", v, object);
}

int
conf_set_peer_domain(struct conf_reader *r, void *object, const struct conf_value *v)
{
	int domain = conf_domain(r, v);

	if (domain < 0)
		return domain;
	((struct seki_spec_peer *)object)->domain = (uint16_t)domain;
	return 0;
}

/* An address may be another router's in another domain, but is one router's in each. */
void
conf_check_peers(struct conf_reader *r)
{
	const struct seki_spec *spec = r->spec;

	snprintf(r->path, sizeof(r->path), "control");
	for (unsigned i = 0; i < spec->n_peers; i++) {
		const struct seki_spec_peer *a = &spec->peer[i];

		for (unsigned k = 0; k < i; k++) {
			const struct seki_spec_peer *b = &spec->peer[k];
			char text[SEKI_PREFIX_STRLEN];

			if (a->addr.family == 0 || seki_prefix_compare(&a->addr, &b->addr) != 0 ||
				(a->domain != b->domain && a->domain != SEKI_DOMAIN_ANY &&
					b->domain != SEKI_DOMAIN_ANY))
				continue;
			conf_error(r, a->line, "peers", "\"%s\" is listed twice: see line %d",
				seki_prefix_format(&a->addr, text), b->line);
			break;
		}
	}
}
