/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_SPEC_H
#define SEKI_SPEC_H

/*
 * What the configuration says, checked, with defaults filled in: plain data between lib/conf (which writes it),
 * lib/policy (which compiles zones and lists) and app (which wires ports and cores). Every item keeps the line
 * it came from. Heap strings and arrays are owned by the spec; seki_spec_fini frees them all.
 */

#include "addr.h"
#include "calendar.h"
#include "cm.h"
#include "list.h"
#include "stats.h"
#include "zone_limits.h"

#include <stdbool.h>
#include <stdint.h>

#define SEKI_NAME_MAX 32    /* bytes of a name, with the zero: zones, ports, lists, domains */
#define SEKI_DOMAINS_MAX 16 /* address spaces; each takes its own tables */
#define SEKI_CORES_MAX 64
#define SEKI_PEERS_MAX 256
#define SEKI_MACS_MAX 16

/*
 * So much longer than its MTU says may a port's frame be if it is not IP: what carries IP adds to it. MACsec adds 32
 * bytes (IEEE 802.1AE: SecTAG with SCI, ICV), MPLS 4 a label, PPPoE 8.
 */
#define SEKI_BELOW_IP_ROOM 32

enum seki_side {
	SEKI_SIDE_OUTSIDE,
	SEKI_SIDE_INSIDE,
};

struct seki_spec_port {
	char name[SEKI_NAME_MAX];
	char *device; /* PCI address ("0000:01:00.0") or DPDK virtual device ("net_tap0,iface=x") */
	enum seki_side side;
	char peer_name[SEKI_NAME_MAX];
	unsigned peer;      /* index into port[] */
	uint16_t mtu;       /* bytes of IP; frames pass up to mtu + 14 + 4 per VLAN tag, and SEKI_BELOW_IP_ROOM */
	uint16_t rx_queues; /* 0: one per RX core, as far as the port can */
	uint16_t rx_desc, tx_desc;
	bool promiscuous;
	uint8_t mac[SEKI_MACS_MAX][6]; /* routers on this side: direction by source MAC in replay */
	unsigned n_macs;
	int line;
};

enum seki_role {
	SEKI_ROLE_RX,
	SEKI_ROLE_TX,
	SEKI_ROLE_RXTX,
};

struct seki_spec_core {
	unsigned cpu;
	enum seki_role role;
};

struct seki_spec_domain {
	char name[SEKI_NAME_MAX];
	unsigned outside_port; /* index into port[]: the pair it belongs to */
	uint16_t vlan[16];     /* outermost VLAN ids */
	unsigned n_vlans;      /* 0: all of the pair, tagged or not, that no other domain claims */
	int line;
};

struct seki_spec_list {
	char name[SEKI_NAME_MAX];
	char *path; /* absolute, or relative to the configuration file, already joined; NULL: none that is good */
	int line;
};

/* Which way a zone's packets are seen. */
enum seki_zone_direction {
	SEKI_ZONE_BOTH,
	SEKI_ZONE_INBOUND_ONLY, /* what the inside sends goes another way */
};

/* An expression of what a zone drops. */
struct seki_spec_filter {
	char *text;
	int line;
};

/* A rate that an entry of `limits` does not give. */
#define SEKI_SPEC_UNSAID UINT64_MAX

/* An entry of `limits`: what it gives of a vector, for the zone and each of its hosts, or for one prefix. */
struct seki_spec_limit {
	unsigned vector; /* or SEKI_VECTOR_ALL */
	bool has_prefix;
	struct seki_prefix prefix;
	struct seki_rate host, zone; /* or SEKI_SPEC_UNSAID */
	struct seki_rate own;        /* of the prefix; likewise */
	uint8_t share;               /* UINT8_MAX: not given */
	uint32_t said;               /* lib/conf: keys that are there, a bit each */
	int line;
};

struct seki_spec_zone {
	char name[SEKI_NAME_MAX];
	uint16_t domain;   /* index into domain[] */
	enum cm_mode mode; /* OFF, OBSERVE or ENFORCE: caps every countermeasure of the zone */
	struct seki_prefix *prefix;
	int *prefix_line;
	unsigned n_prefixes;
	struct cm_service *service;
	unsigned n_services;              /* 0: everything is served */
	uint64_t allow_lists, deny_lists; /* bit per list */
	uint64_t shared_lists;            /* of addresses that many people share */
	enum seki_zone_direction direction;
	struct seki_spec_filter filter[SEKI_FILTER_MAX];
	unsigned n_filters;
	enum cm_mode cm_mode[CM_N];
	uint64_t cm_param[CM_N][CM_PARAMS_MAX];
	struct seki_spec_limit *limit;
	unsigned n_limits;
	struct seki_limits limits; /* what strangers may send: what is more is an attack. limits.own is the spec's */
	int line;
};

/* Where a router is, as far as the configuration says. */
enum seki_peer_side {
	SEKI_PEER_EITHER,
	SEKI_PEER_OUTSIDE,
	SEKI_PEER_INSIDE,
};

/* In place of an index into domain[]: all of them. */
#define SEKI_DOMAIN_ANY UINT16_MAX

/* A router whose routed control traffic goes first. */
struct seki_spec_peer {
	struct seki_prefix addr;
	enum seki_peer_side side;
	uint16_t domain; /* index into domain[], or SEKI_DOMAIN_ANY */
	int line;
};

/* What becomes of what is learned. */
enum seki_learn {
	SEKI_LEARN_OFF,     /* nothing is learned */
	SEKI_LEARN_SUGGEST, /* limits are suggested */
	SEKI_LEARN_APPLY,   /* and applied, where enough is known */
};

/* As the configuration calls it; NULL behind the last. */
extern const char *const seki_learn_name[];

struct seki_spec {
	char *file;

	struct {                    /* eal */
		bool huge;          /* false: --no-huge, memory computed */
		uint32_t memory_mb; /* 0: computed */
		int memory_line;    /* of memory_mb or of the group */
		char *file_prefix;  /* EAL runtime directory name */
		char *extra;        /* further EAL arguments, split at blanks; NULL: none */
		char *log_level;    /* EAL log level word; default "notice" */
	} eal;

	struct seki_spec_port *port;
	unsigned n_ports;

	unsigned main_cpu; /* sleeps between ticks, so it may share a CPU with another core */
	struct seki_spec_core core[SEKI_CORES_MAX];
	unsigned n_cores;
	uint32_t ring_size; /* packets per RX→TX and steer ring, a power of two */

	struct {                  /* state */
		uint32_t flows;   /* of all cores; 0: no state is kept */
		uint32_t sources; /* counted exactly, of all cores */
	} state;

	struct { /* detection */
		bool enable;
		uint32_t blocks; /* /28s and /64s that each core counts at a time: a power of two */
		uint32_t keep;   /* incidents on disk, at most */
		uint32_t signature_pct; /* of clean traffic, that signatures may hold */
		char *incidents; /* directory, relative to the file or absolute; NULL: incidents are not kept on disk */
		enum seki_learn learn;
		char *baseline;                /* file; NULL: what is learned is kept until Seki stops */
		struct seki_spec_limit *limit; /* of all zones */
		unsigned n_limits;
		int utc_offset;               /* minutes: of the clocks by which holidays begin */
		struct seki_holiday *holiday; /* the texts are the spec's */
		unsigned n_holidays;
		struct seki_event *event;
		unsigned n_events;
	} detect;

	struct seki_spec_domain domain[SEKI_DOMAINS_MAX]; /* [0] is "default": every packet of no other domain */
	unsigned n_domains;

	struct seki_spec_list *list; /* at most SEKI_LISTS_MAX */
	unsigned n_lists;

	struct seki_spec_zone *zone;
	unsigned n_zones;

	struct seki_spec_peer peer[SEKI_PEERS_MAX];
	unsigned n_peers;
	struct seki_limit routed; /* packets between peers: of each RX core, domain and direction */

	bool telemetry;     /* open the telemetry socket */
	bool names_sources; /* which may name who sends most */
};

void seki_spec_fini(struct seki_spec *spec);

/*
 * Zones of one domain must not claim the same prefix; a smaller zone inside a larger one is legal, and its
 * addresses are in the smaller one alone (longest match). Adds a sentence for each prefix that is claimed again, at
 * its line. Returns 0, -EINVAL, -ENOMEM. Control thread.
 */
int seki_spec_check_overlap(const struct seki_spec *spec, struct seki_err *err);

/*
 * Domains, a bit each, in which peer i counts as inside though its side is not given: those in which it lies in a zone,
 * and in which some other peer of its family does not and is not inside either. (The box stands between routers. Where
 * all of them lie in zones one of them is outside nevertheless, and nothing tells which.) Control thread.
 */
void seki_spec_peers_inside(const struct seki_spec *spec, uint16_t inside[SEKI_PEERS_MAX]);

/* The lists that some zone allows or denies, a bit each. The others are read and checked, but nothing asks for them. */
uint64_t seki_spec_lists_used(const struct seki_spec *spec);

/*
 * Checks what was read from the file of spec->list[i]: where zones deny or allow the list, no entry may cover or lie in
 * a prefix of any zone of their domains. Denying one's own addresses is never meant, and from outside nobody has them
 * but who forges them, so to allow them is to let him in. Adds a sentence for each entry, at its line of the list's
 * file. Returns 0, -EINVAL, -ENOMEM. Control thread.
 */
int seki_spec_check_list(const struct seki_spec *spec, unsigned i, const struct seki_list *list, struct seki_err *err);

#endif
