/* SPDX-License-Identifier: BSD-3-Clause */
#include "direction.h"

#include <string.h>

#define MAC_LEN 6
#define ETHERNET_LEN 14 /* what is shorter has no header, and so no addresses */

/* Index of the port on whose side `mac` is, or -1. */
static int
port_of_mac(const struct seki_spec *spec, const uint8_t *mac)
{
	for (unsigned p = 0; p < spec->n_ports; p++)
		for (unsigned i = 0; i < spec->port[p].n_macs; i++)
			if (memcmp(spec->port[p].mac[i], mac, MAC_LEN) == 0)
				return (int)p;
	return -1;
}

static struct direction
received_on(const struct seki_spec *spec, unsigned port)
{
	bool outside = spec->port[port].side == SEKI_SIDE_OUTSIDE;

	return (struct direction){
		.in_port = (uint16_t)port, .dir = outside ? SEKI_DIR_INBOUND : SEKI_DIR_OUTBOUND, .real = true};
}

uint16_t
direction_default_port(const struct seki_spec *spec)
{
	for (unsigned p = 0; p < spec->n_ports; p++)
		if (spec->port[p].side == SEKI_SIDE_OUTSIDE)
			return (uint16_t)p;
	return 0;
}

struct direction
direction_of(const struct seki_spec *spec, const uint8_t *frame, uint32_t n)
{
	int port;

	if (n >= ETHERNET_LEN) {
		port = port_of_mac(spec, frame + MAC_LEN);
		if (port >= 0)
			return received_on(spec, (unsigned)port);
		port = port_of_mac(spec, frame);
		if (port >= 0)
			return received_on(spec, spec->port[port].peer);
	}
	return (struct direction){.in_port = direction_default_port(spec), .dir = SEKI_DIR_TRANSIT};
}
