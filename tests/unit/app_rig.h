/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_APP_RIG_H
#define SEKI_TEST_APP_RIG_H

/* What tests of the packet path share: EAL, a pool whose buffers must all come back, a burst, counters. */
#include "../support/eal.h" /* not app/box/eal.h */
#include "fate.h"
#include "policy.h" /* its names come before ours of the same name */

#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <rte_ring.h>

#define N_MBUFS 511

static struct rte_mempool *pool;
static struct seki_stats counters, *const stats = &counters;
static struct pkt pkt[PKT_BURST];
static struct rte_mbuf *mbuf[PKT_BURST];

/* Once, before the tests: aborts where there is no memory. */
static inline void
rig_open(void)
{
	test_eal_start(64);
	pool = rte_pktmbuf_pool_create("test", N_MBUFS, 0, 0, 512, SOCKET_ID_ANY);
	if (pool == NULL || fate_setup() != 0)
		abort();
}

/* A ring between two cores that holds n - 1. */
static inline struct rte_ring *
rig_ring(const char *name, unsigned n)
{
	struct rte_ring *ring = rte_ring_create(name, n, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);

	if (ring == NULL)
		abort();
	return ring;
}

static inline void
rig_zero(void)
{
	memset(&counters, 0, sizeof(counters));
}

/* All mbufs are back: nothing leaked, nothing freed twice. */
static inline void
check_pool(void)
{
	ck_assert_uint_eq(rte_mempool_avail_count(pool), N_MBUFS);
}

/* n decided packets for port `egress`; packet i is i + 60 bytes long and says so. */
static inline void
make_burst(unsigned n, uint16_t egress)
{
	memset(pkt, 0, sizeof(pkt));
	ck_assert_int_eq(rte_pktmbuf_alloc_bulk(pool, mbuf, n), 0);
	for (unsigned i = 0; i < n; i++) {
		ck_assert_ptr_nonnull(rte_pktmbuf_append(mbuf[i], (uint16_t)(60 + i)));
		pkt[i].len = 60 + i;
		pkt[i].egress = egress;
		pkt[i].zone = 3;
		pkt[i].verdict = SEKI_VERDICT_PASS;
		pkt[i].reason = SEKI_REASON_CLEAN;
	}
}

#endif
