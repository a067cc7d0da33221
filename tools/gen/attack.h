/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_GEN_ATTACK_H
#define SEKI_GEN_ATTACK_H

/*
 * An attack: packets one after another in order of time, never kept, so that it may be as long and as fast as it likes.
 *
 * What a packet looks like is a *maker*'s (attack_*.c): each does as one family of tools does. Where packets come from,
 * whom they meet, and how their rate goes over time is the same for all makers and here. A slot is the time at which a
 * packet is due; in each millisecond there are as many as the shape says, evenly spread. Makers may promise packets for
 * later (the rest of a handshake, the inside's answers), which wait in a heap.
 */

#include "trace.h"

enum gen_sources {
	GEN_SOURCES_USUAL,   /* as that attack has them */
	GEN_SOURCES_SPOOFED, /* a random address for each packet */
	GEN_SOURCES_REAL,    /* n_machines that keep their addresses */
};

enum gen_over {
	GEN_OVER_USUAL,
	GEN_OVER_HOST, /* one busy web server */
	GEN_OVER_24,   /* every host of the first /24, /22, /20: in turn, so each has the same */
	GEN_OVER_22,
	GEN_OVER_20,
	GEN_OVER_V6_HOST, /* from here on IPv6: the web server, */
	GEN_OVER_V6_64,   /* every host of the first /64, */
	GEN_OVER_V6_48,   /* 4096 hosts of the /48, a /64 each */
};

enum gen_shape {
	GEN_STEADY,
	GEN_PULSE,  /* 2 s at the full rate, 8 s nothing */
	GEN_RAMP,   /* from nothing to the full rate in 60 s */
	GEN_ROTATE, /* at the full rate, another maker every 3 s */
};

/* A packet on its own. */
struct gen_item {
	struct gen_flow flow;
	struct gen_packet packet;
};

struct gen_attack;

/*
 * Fills in `item`, whose time is set. Returns how many packets of the attack's rate it and what was promised with it come
 * to; 0: nothing is to be sent this time.
 */
typedef unsigned gen_maker(struct gen_attack *attack, struct gen_item *item);

#define GEN_MAKERS_MAX 16

struct gen_attack_spec {
	uint64_t seed, pps;
	uint64_t from_ns, until_ns;         /* when slots are */
	uint64_t end_ns;                    /* after which nothing is sent, promised or not */
	gen_maker *maker[GEN_MAKERS_MAX];   /* more than one: GEN_ROTATE goes round them */
	unsigned n_makers;
	unsigned n_machines;                /* bots or reflectors that there are */
	enum gen_over over;                 /* not USUAL */
	enum gen_shape shape;
	bool real;                          /* sources */
	bool mimic;                         /* SYNs look like those of people */
	const struct gen_reflector *vector; /* of gen_make_reflect */
};

/* `spec` is copied. Ends the program when memory is out. */
struct gen_attack *gen_attack_create(const struct gen_attack_spec *spec);
void gen_attack_destroy(struct gen_attack *attack);

/* The next packet; false: there is no further one. About 100 ns. */
bool gen_attack_next(struct gen_attack *attack, struct gen_item *item);

/* The makers. What each does is said where it is. */
gen_maker gen_make_carpet, gen_make_reflect;
gen_maker gen_make_syn, gen_make_synack, gen_make_ack, gen_make_finrst, gen_make_odd, gen_make_data;
gen_maker gen_make_connections;
gen_maker gen_make_icmp, gen_make_icmp_error, gen_make_icmp_other;
gen_maker gen_make_udp, gen_make_gre, gen_make_other, gen_make_fragment;

/* A reflection vector by its name in lib/pkt/vectors.def; NULL: there is none of that name. */
const struct gen_reflector *gen_reflector_find(const char *name);

/* The names, as they are in that table: 0, 1, ... until NULL. */
const char *gen_reflector_name(unsigned i);

#endif
