/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_POLICY_H
#define SEKI_POLICY_H

/*
 * A policy: zones, lists and parameters, compiled, immutable, reference-counted. And the snapshot: the small
 * posture block over it that the packet path reads once per burst.
 *
 * Two objects because they change at different speeds. A policy takes seconds to compile (tables of prefixes)
 * and changes when an operator says so. A posture, which countermeasures are active for a zone and whether they
 * observe or enforce, changes as often as ten times a second; publishing one is a pointer store. Reclamation is
 * the caller's (rte_rcu_qsbr in app): a retired snapshot is freed once every core has reported quiescence.
 */

#include "cm.h"
#include "coarse.h"
#include "lpm.h"
#include "raised.h"
#include "sets.h"
#include "spec.h"

/*
 * Which countermeasures judge a zone's packets: a bit each, by enum cm_id. Where an attack raises some
 * (snapshot->raised), they are active and stand, too, for its packets.
 */
struct seki_posture {
	uint32_t active;    /* asked */
	uint32_t enforce;   /* of them, those whose word stands */
	uint32_t would;     /* where the zone observes: those whose word would stand if it did not */
	uint32_t automatic; /* those that an attack may raise */
	bool observes;
};

struct seki_policy_zone {
	char name[SEKI_NAME_MAX]; /* empty: the id is free */
	enum cm_mode mode;
	uint16_t domain;
	uint16_t spec;                    /* index of the zone in the spec it came from */
	const struct seki_limits *limits; /* NULL: the id is free */
};

/*
 * What holds for the peer of the same index: a bit for each domain. All zero: either side, in every domain.
 */
struct seki_peer_rule {
	uint16_t up;      /* the nearest peer that holds this one too, counted from 1; 0: none */
	uint16_t strange; /* domains that it does not belong to */
	uint16_t outside; /* domains in which it is outside, and so nothing from inside is from it */
	uint16_t inside;
};

struct seki_policy {
	struct cm_zone *cm;                              /* [SEKI_ZONES_MAX], by zone id */
	struct seki_policy_zone *zone;                   /* [SEKI_ZONES_MAX], by zone id */
	struct seki_posture *posture;                    /* [SEKI_ZONES_MAX]: what the configuration asks for */
	uint16_t zone_id_end;                            /* ids in use are below this */
	uint16_t n_zones;                                /* ids in use */
	struct seki_flow_zone flow_zone[SEKI_ZONES_MAX]; /* what lib/flow must know, by zone id */
	char issued[SEKI_ZONES_MAX][SEKI_NAME_MAX];      /* id -> the one name that it was given since start */

	struct seki_lpm *zone_lpm[SEKI_DOMAINS_MAX]; /* inside address -> zone id, by domain; NULL: no zones */
	struct seki_coarse known; /* blocks of prefixes of zones or lists, and of special-purpose ranges */
	uint16_t n_domains;
	char domain_name[SEKI_DOMAINS_MAX][SEKI_NAME_MAX];
	uint16_t vlan_domain[SEKI_PORTS_MAX][4096]; /* [port, either of the pair][outer VLAN id, 0: none] -> domain */
	uint16_t peer_port[SEKI_PORTS_MAX];         /* port index -> the other port of its pair */
	bool outside[SEKI_PORTS_MAX];               /* port index -> it faces outside */
	uint32_t max_frame[SEKI_PORTS_MAX];         /* port index -> largest untagged frame it sends: mtu + 14 */
	uint32_t max_frame_least;                   /* the smallest of them */

	struct seki_sets sets;
	struct seki_prefix peer[SEKI_PEERS_MAX]; /* sorted */
	struct seki_peer_rule peer_rule[SEKI_PEERS_MAX];
	unsigned n_peers;
	struct seki_limit routed; /* routed control of one RX core, domain and direction */
	uint64_t routed_cost_q24; /* of one packet under that limit; 0: unlimited */

	enum seki_learn learn;
	struct seki_calendar *calendar; /* holidays and events */

	bool names_sources;  /* telemetry may name who sends most */
	uint64_t generation; /* counts policies since start */
	unsigned refs;       /* management core only */

	void *blocks; /* what compile allocated, for destroy */
};

struct seki_snapshot {
	struct seki_policy *policy;
	uint64_t generation; /* counts snapshots since start */
	struct seki_posture posture[SEKI_ZONES_MAX];
	struct seki_raised *raised[SEKI_ZONES_MAX]; /* its own; NULL: nothing is raised */
};

/*
 * Compiles `spec`: reads the lists' files, refuses entries that cover or lie in own zones
 * (seki_spec_check_list) and prefixes that two zones claim (seki_spec_check_overlap; a smaller zone inside a larger
 * one is legal, longest match), assigns zone ids (a name keeps its id for good, also while the zone is away,
 * and no other gets it, since counters and budgets are indexed by it), builds tables. `before` NULL: first policy.
 * `secret`: for the digests of single addresses, see lib/base/digest.h.
 * Returns NULL with every problem in `err`. Control thread; needs EAL. The result has one reference.
 */
struct seki_policy *seki_policy_create(const struct seki_spec *spec, const struct seki_policy *before,
	const struct seki_key *secret, int socket, struct seki_err *err);

/* Drops a reference; the last one frees. NULL is legal. No core may still read it. */
void seki_policy_put(struct seki_policy *policy);

/*
 * A snapshot that holds the policy's own posture and a reference to it. With seki_snapshot_raise what attacks have
 * raised in a zone is added, before it is published (a copy of `raised`; NULL: nothing): 0 or -ENOMEM. Management core.
 */
struct seki_snapshot *seki_snapshot_create(struct seki_policy *policy, uint64_t generation);
int seki_snapshot_raise(struct seki_snapshot *snapshot, uint16_t zone, const struct seki_raised *raised);
void seki_snapshot_destroy(struct seki_snapshot *snapshot); /* puts the policy; NULL is legal */

/*
 * Bytes of EAL memory (huge or not) that one compiled policy of this spec takes, upper bound; EAL need not run. Reads
 * the lists' files. 0 with sentences in `err` where seki_policy_create would refuse; without zones and lists 0 is the
 * answer. Leave room beside it: what frees and allocates tables over and over leaves gaps.
 */
size_t seki_policy_bytes(const struct seki_spec *spec, struct seki_err *err);

/*
 * True if the packet goes from one configured peer of its domain to another, or to a multicast group of the link
 * (224.0.0.0/24, ff02::/16), which no router forwards; and where the packet's direction is a port's or a MAC address's,
 * only if it comes from a side where its source can be and goes to one where its destination can be. Between a peer
 * and itself there is only the way back of a BFD echo (RFC 5881 4), which one hop returns with a TTL of 254.
 *
 * For steer and classify, RX core; reads in_port, vlan, direction and what parse wrote. 2 x log2(peers) comparisons,
 * half of that for a forged source. Whether the packet's privilege is within its budget is not asked here
 * (control_budget.h).
 */
bool seki_policy_peers(const struct seki_policy *policy, const struct pkt *pkt);

#endif
