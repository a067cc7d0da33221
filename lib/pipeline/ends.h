/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_PIPELINE_ENDS_H
#define SEKI_PIPELINE_ENDS_H

/*
 * Internal to lib/pipeline: addresses are looked up a burst at a time. Each step gathers the ends that it needs by family,
 * asks the table once, and scatters the answers, so that no packet costs a mispredicted branch for being of the other
 * family.
 */

#include "lpm.h"
#include "pkt.h"

#include <endian.h>
#include <string.h>

/* Ends of packets to look up, by family; at4[k] is the packet that addr4[k] belongs to. */
struct ends {
	unsigned n4, n6;
	uint8_t at4[PKT_BURST], at6[PKT_BURST];
	uint32_t addr4[PKT_BURST]; /* host order */
	uint8_t addr6[PKT_BURST][16];
};

enum which_end {
	END_SRC,
	END_DST,
	END_INSIDE, /* by the packet's direction, which is inbound or outbound */
};

static_assert(offsetof(struct pkt, dst) - offsetof(struct pkt, src) == sizeof(union pkt_addr), "end_of counts on it");
static_assert(END_SRC == 0 && END_DST == 1, "end_of counts on it");

static inline const union pkt_addr *
end_of(const struct pkt *p, enum which_end which)
{
	return &p->src + (which == END_INSIDE ? p->direction == SEKI_DIR_INBOUND : which);
}

/* Sorts one end of each packet by family; those without addresses fall out. The packets are pkt[idx[0..n)]. */
static inline __attribute__((always_inline)) void
gather(struct ends *ends, const struct pkt *pkt, const uint8_t *idx, unsigned n, enum which_end which)
{
	unsigned n4 = 0, n6 = 0;

	for (unsigned k = 0; k < n; k++) {
		unsigned i = idx == NULL ? k : idx[k];
		uint8_t l3 = pkt[i].l3;

		ends->at4[n4] = (uint8_t)i;
		ends->addr4[n4] = be32toh(end_of(&pkt[i], which)->v4_be);
		n4 += l3 == PKT_L3_IP4;
		ends->at6[n6] = (uint8_t)i;
		n6 += l3 == PKT_L3_IP6;
	}
	for (unsigned k = 0; k < n6; k++)
		memcpy(ends->addr6[k], end_of(&pkt[ends->at6[k]], which)->b, sizeof(ends->addr6[k]));
	ends->n4 = n4;
	ends->n6 = n6;
}

/* What the table has for the ends of each family, in their order; 0 where there is no table. */
struct found {
	uint64_t value4[PKT_BURST], value6[PKT_BURST];
};

static inline void
look_up(const struct seki_lpm *lpm, const struct ends *ends, struct found *found)
{
	if (lpm == NULL) {
		memset(found, 0, sizeof(*found));
		return;
	}
	if (ends->n4 > 0)
		seki_lpm_lookup4_burst(lpm, ends->addr4, found->value4, ends->n4);
	if (ends->n6 > 0)
		seki_lpm_lookup6_burst(lpm, ends->addr6, found->value6, ends->n6);
}

/* value[packet] of every end; the others are left as they are. */
static inline void
scatter(const struct ends *ends, const struct found *found, uint16_t value[PKT_BURST])
{
	for (unsigned k = 0; k < ends->n4; k++)
		value[ends->at4[k]] = (uint16_t)found->value4[k];
	for (unsigned k = 0; k < ends->n6; k++)
		value[ends->at6[k]] = (uint16_t)found->value6[k];
}

/* The end of the run of packets that are of one domain with pkt[from]. */
static inline unsigned
end_of_run(const struct pkt *pkt, unsigned from, unsigned n, bool one_domain)
{
	unsigned end = from + 1;

	if (__builtin_expect(one_domain, 1))
		return n;
	while (end < n && pkt[end].domain == pkt[from].domain)
		end++;
	return end;
}

#endif
