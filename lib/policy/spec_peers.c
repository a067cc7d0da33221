/* SPDX-License-Identifier: BSD-3-Clause */
/* What addresses tell about the side of a peer whose side is not given. */
#include "spec.h"

#include <string.h>

static_assert(SEKI_DOMAINS_MAX <= 16, "a bit for each domain in 16");

/* Domains that the peer belongs to, a bit each. */
static uint16_t
domains_of(const struct seki_spec_peer *peer)
{
	return peer->domain == SEKI_DOMAIN_ANY ? UINT16_MAX : (uint16_t)(1u << peer->domain);
}

/* Domains in which the address lies in a zone. */
static uint16_t
zone_domains(const struct seki_spec *spec, const struct seki_prefix *addr)
{
	uint16_t domains = 0;

	for (unsigned i = 0; i < spec->n_zones; i++) {
		const struct seki_spec_zone *zone = &spec->zone[i];
		bool inside = (domains >> zone->domain & 1) != 0;

		for (unsigned k = 0; !inside && k < zone->n_prefixes; k++)
			inside = seki_prefix_covers(&zone->prefix[k], addr);
		domains |= (uint16_t)(inside << zone->domain);
	}
	return domains;
}

void
seki_spec_peers_inside(const struct seki_spec *spec, uint16_t inside[SEKI_PEERS_MAX])
{
	uint16_t outside_left[2] = {0, 0}; /* by family: domains in which some peer may well be outside */

	for (unsigned i = 0; i < spec->n_peers; i++) {
		const struct seki_spec_peer *peer = &spec->peer[i];
		uint16_t mine = domains_of(peer);

		inside[i] = 0;
		if (peer->side == SEKI_PEER_EITHER)
			inside[i] = mine & zone_domains(spec, &peer->addr);
		if (peer->side != SEKI_PEER_INSIDE)
			outside_left[peer->addr.family == 6] |= (uint16_t)(mine & ~inside[i]);
	}
	for (unsigned i = 0; i < spec->n_peers; i++)
		inside[i] &= outside_left[spec->peer[i].addr.family == 6];
}
