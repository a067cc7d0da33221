/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_APP_SPEC_H
#define SEKI_TEST_APP_SPEC_H

/* A small box, as a configuration would describe it. */
#include "spec.h"

#include <stdio.h>
#include <string.h>

static struct seki_spec_port two_ports[2];

/* Two ports of 1024 descriptors, `n` cores of `role`. */
static inline struct seki_spec
small_spec(unsigned n, enum seki_role role)
{
	struct seki_spec spec = {.file = "test.conf", .n_ports = 2, .port = two_ports, .n_cores = n, .ring_size = 4096};

	memset(two_ports, 0, sizeof(two_ports));
	for (unsigned i = 0; i < 2; i++) {
		struct seki_spec_port *port = &two_ports[i];

		snprintf(port->name, sizeof(port->name), "p%u", i);
		port->device = "net_null0";
		port->peer = 1 - i;
		port->mtu = 1500;
		port->rx_desc = port->tx_desc = 1024;
		port->side = i == 0 ? SEKI_SIDE_OUTSIDE : SEKI_SIDE_INSIDE;
	}
	for (unsigned i = 0; i < n; i++) {
		spec.core[i].cpu = i;
		spec.core[i].role = role;
	}
	return spec;
}

#endif
