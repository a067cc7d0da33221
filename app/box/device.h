/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_DEVICE_H
#define SEKI_DEVICE_H

/* What can be told from a port's device text ("0000:01:00.0", "net_tap0,iface=x") before EAL has opened it. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Room for the name of a device. */
#define DEVICE_NAME_MAX 64

/* True for a PCI address, with or without arguments after a comma. */
bool device_is_pci(const char *device);

/*
 * True for shared memory (net_memif). DPDK 22.11's driver does not guard a queue for which the partner has none: it
 * reads and writes the partner's first ring a second time, without a lock. So such a port must have no more queues than
 * its partner, which nobody but the operator knows.
 */
bool device_is_memif(const char *device);

/* The name by which EAL finds the port: what stands before the first comma. Returns `name`. */
char *device_name(const char *device, char name[DEVICE_NAME_MAX]);

/*
 * False where the driver shows every link as up (AF_PACKET, AF_XDP and live pcap, DPDK 22.11), so that a failure of the
 * interface behind it is not seen.
 */
bool device_sees_link(const char *device);

/*
 * Packet buffers that the driver itself keeps beyond its descriptors, per RX queue unless it says otherwise:
 * net_pcap with infinite_rx=1 loads the whole capture; net_af_xdp fills rings of its own size.
 */
size_t device_keeps_mbufs(const char *device);

#endif
