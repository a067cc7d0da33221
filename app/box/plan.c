/* SPDX-License-Identifier: BSD-3-Clause */
#include "plan.h"

#include "device.h"
#include "near.h"
#include "pkt.h"
#include "state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

/* What EAL, the ethdev and the drivers allocate for themselves; measured at 6 MB with two virtual ports. */
#define EAL_BYTES ((size_t)24 << 20)
#define EAL_PORT_BYTES ((size_t)2 << 20)

/* A reload may bring larger lists than the start. */
#define RELOAD_ROOM ((size_t)32 << 20)

/* Of a buffer beside its data room: struct rte_mbuf, the mempool's header and trailer, alignment. */
#define MBUF_OVERHEAD (sizeof(struct rte_mbuf) + 128)

void
plan_init(struct plan *plan, const struct seki_spec *spec)
{
	memset(plan, 0, sizeof(*plan));
	for (unsigned i = 0; i < spec->n_cores; i++) {
		bool rx = spec->core[i].role != SEKI_ROLE_TX;
		bool tx = spec->core[i].role != SEKI_ROLE_RX;

		plan->rx_of[i] = rx ? (int)plan->n_rx : -1;
		plan->tx_of[i] = tx ? (int)plan->n_tx : -1;
		if (rx)
			plan->rx_core[plan->n_rx++] = i;
		if (tx)
			plan->tx_core[plan->n_tx++] = i;
	}
	for (unsigned i = 0; i < spec->n_ports; i++) {
		plan->keeps[i] = device_keeps_mbufs(spec->port[i].device);
		plan->rx_desc[i] = (uint16_t)spec->port[i].rx_desc;
		plan->tx_desc[i] = (uint16_t)spec->port[i].tx_desc;
	}
}

int
plan_table_node(const struct plan *plan, const struct seki_spec *spec, uint64_t *nodes)
{
	*nodes = 0;
	for (unsigned r = 0; r < plan->n_rx; r++)
		*nodes |= UINT64_C(1) << (cpu_node(spec->core[plan->rx_core[r]].cpu) & 63);
	return plan->n_rx > 0 ? cpu_node(spec->core[plan->rx_core[0]].cpu) : 0;
}

/* Queues that port `i` may have at most, by what is configured; 0: any number. */
static unsigned
queue_limit(const struct seki_spec *spec, unsigned i)
{
	unsigned asked = spec->port[i].rx_queues;

	return asked == 0 && device_is_memif(spec->port[i].device) ? 1 : asked;
}

unsigned
plan_rx_queues(const struct plan *plan, const struct seki_spec *spec, unsigned i)
{
	unsigned limit = queue_limit(spec, i);

	return limit == 0 || limit > plan->n_rx ? plan->n_rx : limit;
}

unsigned
plan_tx_queues(const struct plan *plan, const struct seki_spec *spec, unsigned i)
{
	unsigned limit = device_is_memif(spec->port[i].device) ? queue_limit(spec, i) : plan->n_tx;

	return limit > plan->n_tx ? plan->n_tx : limit;
}

size_t
plan_mbufs(const struct plan *plan, const struct seki_spec *spec, unsigned i, unsigned n_rxq, unsigned n_txq)
{
	size_t descriptors = (size_t)n_rxq * plan->rx_desc[i] + (size_t)n_txq * plan->tx_desc[spec->port[i].peer];
	size_t tx_rings = (size_t)plan->n_rx * (spec->ring_size + PLAN_CONTROL_RING);
	size_t steer_rings = (size_t)plan->n_rx * (plan->n_rx - 1) * spec->ring_size;
	/* A mempool cache is flushed at one and a half times its size; the main lcore has one too. */
	size_t per_core = PLAN_POOL_CACHE * 3 / 2 + 4 * PKT_BURST;

	if (n_txq >= plan->n_tx && plan->n_tx == spec->n_cores)
		tx_rings = 0; /* every core transmits itself */
	return descriptors + n_rxq * plan->keeps[i] + tx_rings + steer_rings + (spec->n_cores + 1) * per_core;
}

unsigned
plan_frame_bytes(const struct seki_spec *spec, unsigned i)
{
	return spec->port[i].mtu + RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + SEKI_BELOW_IP_ROOM + RTE_ETHER_CRC_LEN;
}

unsigned
plan_data_room(const struct seki_spec *spec, unsigned i)
{
	unsigned frame = RTE_ALIGN_CEIL(plan_frame_bytes(spec, i), RTE_CACHE_LINE_SIZE);

	return RTE_PKTMBUF_HEADROOM + (frame > RTE_MBUF_DEFAULT_DATAROOM ? frame : RTE_MBUF_DEFAULT_DATAROOM);
}

/* With alignment and the heap's own headers. */
static size_t
padded(size_t bytes)
{
	return bytes + bytes / 16;
}

/* What a buffer takes of a pool. Without huge pages none lies across the end of a page, so of most pages some is lost.
 */
static size_t
buffer_bytes(bool huge, size_t object)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (huge)
		return object;
	return object > page ? (object + page - 1) / page * page : page / (page / object);
}

void
plan_memory(struct plan_memory *memory, const struct plan *plan, const struct seki_spec *spec, size_t policy_bytes)
{
	size_t n_steer = (size_t)plan->n_rx * (plan->n_rx - 1);
	size_t n_pairs = (size_t)plan->n_rx * plan->n_tx;
	size_t buffers = 0, rings;

	for (unsigned i = 0; i < spec->n_ports; i++) {
		/* A NIC may have queues for control beside those for data: port_find. */
		unsigned n_txq = device_is_pci(spec->port[spec->port[i].peer].device) ? 2 * plan->n_tx : plan->n_tx;
		size_t n = plan_mbufs(plan, spec, i, plan_rx_queues(plan, spec, i), n_txq);

		/* Rings if a port has fewer TX queues than cores: not known yet, so counted. */
		n += (size_t)plan->n_rx * (spec->ring_size + PLAN_CONTROL_RING);
		buffers += n * (buffer_bytes(spec->eal.huge, plan_data_room(spec, i) + MBUF_OVERHEAD) + sizeof(void *));
	}
	rings = n_steer * (size_t)rte_ring_get_memsize(spec->ring_size);
	rings += n_pairs * (size_t)(rte_ring_get_memsize(spec->ring_size) + rte_ring_get_memsize(PLAN_CONTROL_RING));
	*memory = (struct plan_memory){
		.eal = padded(EAL_BYTES + spec->n_ports * EAL_PORT_BYTES),
		.buffers = padded(buffers),
		.rings = padded(rings),
		.policy = padded(policy_bytes),
		.reload = padded(policy_bytes + RELOAD_ROOM),
		.state = plan->n_rx * state_bytes(spec, plan->n_rx),
		.machine = (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE),
	};
}

size_t
plan_memory_least(const struct plan_memory *memory)
{
	return memory->eal + memory->buffers + memory->rings + memory->policy;
}

size_t
plan_memory_full(const struct plan_memory *memory)
{
	return plan_memory_least(memory) + memory->reload;
}

/* Rounded up, as memory_mb would have to be. */
static size_t
megabytes(size_t bytes)
{
	return (bytes >> 20) + 1;
}

static int
check_machine(const struct plan_memory *memory, const struct seki_spec *spec, struct seki_err *err)
{
	size_t machine = memory->machine >> 20, full = megabytes(plan_memory_full(memory));

	if (spec->eal.memory_mb > machine)
		return seki_err_add(err, spec->file, spec->eal.memory_line,
			"eal.memory_mb: %u is more than the %zu MB that this machine has", spec->eal.memory_mb,
			machine);
	if (memory->state >> 20 > machine)
		return seki_err_add(err, spec->file, 0,
			"state: %u flows and %u sources take %zu MB, which is more than the %zu MB that this machine has",
			spec->state.flows, spec->state.sources, megabytes(memory->state), machine);
	if (spec->eal.huge || spec->eal.memory_mb != 0 || full + (memory->state >> 20) <= machine)
		return 0;
	return seki_err_add(err, spec->file, spec->eal.memory_line,
		"eal.memory_mb: it takes %zu MB to start (%zu for packet buffers, %zu for the tables of zones and lists) and "
		"%zu MB to reload, too, and %zu MB for the state of flows and sources, which is more than the %zu MB that this "
		"machine has",
		megabytes(plan_memory_least(memory)), megabytes(memory->buffers), megabytes(memory->policy), full,
		megabytes(memory->state), machine);
}

int
plan_check_memory(const struct plan_memory *memory, const struct seki_spec *spec, struct seki_err *err)
{
	size_t least = megabytes(plan_memory_least(memory));

	if (spec->eal.huge || spec->eal.memory_mb == 0 || spec->eal.memory_mb >= least)
		return check_machine(memory, spec, err);
	seki_err_add(err, spec->file, spec->eal.memory_line,
		"eal.memory_mb: %u is too little: it takes %zu MB to start (%zu for packet buffers, %zu for rings between "
		"cores, %zu for the tables of zones and lists, %zu for DPDK itself) and %zu MB to reload, too; 0 has it "
		"computed",
		spec->eal.memory_mb, least, megabytes(memory->buffers), megabytes(memory->rings),
		megabytes(memory->policy), megabytes(memory->eal), megabytes(plan_memory_full(memory)));
	return -EINVAL;
}
