/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_PORT_H
#define SEKI_GEN_PORT_H

/*
 * DPDK as seki-gen uses it: an ordinary user's process without huge pages, whose ports are virtual devices by the names
 * that --vdev has for them, with a queue each way. Its runtime directory is its own, and gone at the end.
 */

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <stdbool.h>
#include <stdint.h>

#define GEN_PORTS_MAX 2u

struct gen_ports {
	unsigned n;
	uint16_t id[GEN_PORTS_MAX];
	bool running[GEN_PORTS_MAX];
	struct rte_mempool *pool;
	char own_dir[128]; /* made for EAL in TMPDIR or /tmp; empty: not made */
	bool started;      /* EAL is */
	char *runtime_dir; /* where EAL puts what it has; heap */
};

/*
 * Starts EAL and prepares the ports. 0, or -1 after saying on stderr what went wrong. gen_ports_close is due in either
 * case.
 */
int gen_ports_open(struct gen_ports *ports, const char *const device[GEN_PORTS_MAX]);

/*
 * Starts what has not started yet: a port of shared memory does not before its other end is there. True if all have
 * started and have their links up.
 */
bool gen_ports_start(struct gen_ports *ports);

/* Stops and closes all, and removes what was made in the file system. */
void gen_ports_close(struct gen_ports *ports);

#endif
