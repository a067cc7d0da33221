/* SPDX-License-Identifier: BSD-3-Clause */
#include "attack_make.h"

#include "verdict.h"

#include <netinet/in.h>
#include <string.h>

/*
 * Reflection: answers from servers that were asked in the victims' names. One row for each vector of
 * lib/pkt/vectors.def; sizes are what is published of such floods and of the protocols.
 */

struct gen_reflector {
	const char *name;
	uint16_t port;
};

static const struct gen_reflector reflectors[] = {
#define VECTOR(...)
#define REFLECTOR(id, name, port, ...) {name, port},
#include "vectors.def"
};
#define N_REFLECTORS (sizeof(reflectors) / sizeof(reflectors[0]))

/* UDP payloads of the answers, and of what share of them is the second, larger kind (mostly in fragments). */
static const struct answer {
	uint16_t min, max;
	uint16_t large_min, large_max;
	uint8_t large_percent;
} answers[SEKI_N_VECTORS] = {
	[SEKI_VECTOR_QOTD] = {.min = 120, .max = 512},
	[SEKI_VECTOR_CHARGEN] = {74, 512, 1024, 1024, 60},
	[SEKI_VECTOR_DNS] = {1100, 1450, 2800, 3900, 30},  /* ANY, DNSKEY, TXT made for the purpose */
	[SEKI_VECTOR_TFTP] = {.min = 516, .max = 516},     /* the first block (RFC 1350) */
	[SEKI_VECTOR_PORTMAP] = {.min = 288, .max = 1100}, /* DUMP: 20 bytes for each program */
	[SEKI_VECTOR_NTP] = {.min = 440, .max = 440},      /* monlist: six items of 72 bytes */
	[SEKI_VECTOR_NETBIOS] = {.min = 157, .max = 265},
	[SEKI_VECTOR_SNMP] = {423, 1430, 1560, 2800, 20}, /* GetBulk */
	[SEKI_VECTOR_XDMCP] = {.min = 37, .max = 80},
	[SEKI_VECTOR_CLDAP] = {1300, 1460, 2600, 3000, 70}, /* the root of a directory */
	[SEKI_VECTOR_SLP] = {.min = 350, .max = 1440},
	[SEKI_VECTOR_IKE] = {.min = 84, .max = 300},
	[SEKI_VECTOR_RIP] = {24, 504, 504, 504, 70}, /* 25 routes of 20 bytes (RFC 1058) */
	[SEKI_VECTOR_IPMI] = {.min = 28, .max = 60},
	[SEKI_VECTOR_OPENVPN] = {.min = 26, .max = 66},
	[SEKI_VECTOR_MSSQL] = {.min = 120, .max = 650},
	[SEKI_VECTOR_SSDP] = {.min = 250, .max = 420},
	[SEKI_VECTOR_ARD] = {.min = 1006, .max = 1006},
	[SEKI_VECTOR_RDP] = {.min = 1232, .max = 1232},
	[SEKI_VECTOR_STUN] = {.min = 68, .max = 132},
	[SEKI_VECTOR_WSD] = {640, 1450, 1500, 3200, 25},
	[SEKI_VECTOR_IKE_NAT] = {.min = 88, .max = 304},
	[SEKI_VECTOR_SIP] = {.min = 320, .max = 800},
	[SEKI_VECTOR_NATPMP] = {.min = 8, .max = 60},
	[SEKI_VECTOR_MDNS] = {.min = 90, .max = 620},
	[SEKI_VECTOR_COAP] = {.min = 300, .max = 1270},
	[SEKI_VECTOR_BITTORRENT] = {.min = 280, .max = 450},
	[SEKI_VECTOR_AFS] = {.min = 93, .max = 120},
	[SEKI_VECTOR_UBIQUITI] = {.min = 135, .max = 206},
	[SEKI_VECTOR_TP240] = {.min = 1027, .max = 1187},
	[SEKI_VECTOR_MEMCACHED] = {.min = 1400, .max = 1400}, /* a large value in many datagrams of this size */
	[SEKI_VECTOR_VXWORKS] = {.min = 124, .max = 420},
	[SEKI_VECTOR_STEAM] = {120, 300, 1248, 1400, 50},
	[SEKI_VECTOR_QUAKE] = {.min = 500, .max = 1300},
	[SEKI_VECTOR_PLEX] = {.min = 281, .max = 281},
	[SEKI_VECTOR_JENKINS] = {.min = 190, .max = 390},
	[SEKI_VECTOR_DVR] = {.min = 580, .max = 1390},
	[SEKI_VECTOR_CRESTRON] = {.min = 266, .max = 394},
	[SEKI_VECTOR_NETIS] = {.min = 14, .max = 46},
};

static uint8_t
vector_of(const struct gen_reflector *reflector)
{
	/* As in vectors.def, one after another. */
	return (uint8_t)(SEKI_VECTOR_REFLECTOR_FIRST + (reflector - reflectors));
}

const struct gen_reflector *
gen_reflector_find(const char *name)
{
	for (size_t i = 0; i < N_REFLECTORS; i++)
		if (strcmp(reflectors[i].name, name) == 0)
			return &reflectors[i];
	return NULL;
}

const char *
gen_reflector_name(unsigned i)
{
	return i < N_REFLECTORS ? reflectors[i].name : NULL;
}

bool
gen_is_reflector(uint16_t port)
{
	for (size_t i = 0; i < N_REFLECTORS; i++)
		if (reflectors[i].port == port)
			return true;
	return false;
}

/* IP packets that a UDP payload becomes. Behind IPv6 headers nothing here is fragmented. */
static unsigned
pieces(unsigned payload)
{
	const unsigned room = (GEN_MTU - 20) / 8 * 8;

	return payload + 8 + 20 <= GEN_MTU ? 1 : (payload + 8 + room - 1) / room;
}

/* The victim's port is the one that the forged request came from: anything, often 80. */
static uint16_t
victims_port(struct gen_attack *attack)
{
	return attack_between(attack, 0, 3) == 0 ? 80 : (uint16_t)attack_between(attack, 1024, 65535);
}

static unsigned
reflect(struct gen_attack *attack, struct gen_item *item, const struct gen_reflector *reflector)
{
	static const uint8_t ttl[] = {64, 64, 128, 255};
	const struct answer *answer = &answers[vector_of(reflector)];
	bool large = attack_between(attack, 1, 100) <= answer->large_percent;
	unsigned machine = attack_machine(attack);
	uint16_t payload = (uint16_t)(large ? attack_between(attack, answer->large_min, answer->large_max)
					    : attack_between(attack, answer->min, answer->max));

	attack_aim_from(attack, item, IPPROTO_UDP, ttl[gen_mix(machine) % 4], machine);
	if (!attack->spec.real)
		item->flow.client = gen_forged(&attack->rng, item->flow.family);
	if (item->flow.family == 6 && payload > 1232)
		payload = 1232; /* what IPv6 servers keep to */
	item->flow.cport = reflector->port;
	item->flow.sport = victims_port(attack);
	item->packet.payload = payload;
	return pieces(payload);
}

/* One vector. */
unsigned
gen_make_reflect(struct gen_attack *attack, struct gen_item *item)
{
	return reflect(attack, item, attack->spec.vector);
}

/* What booters mix: NTP, DNS, CLDAP and memcached. */
unsigned
gen_make_carpet(struct gen_attack *attack, struct gen_item *item)
{
	static const struct {
		uint8_t vector, share;
	} mix[] = {{SEKI_VECTOR_NTP, 40}, {SEKI_VECTOR_DNS, 30}, {SEKI_VECTOR_CLDAP, 17}, {SEKI_VECTOR_MEMCACHED, 13}};
	unsigned at = (unsigned)attack_between(attack, 0, 99), i = 0;

	while (at >= mix[i].share)
		at -= mix[i++].share;
	return reflect(attack, item, &reflectors[mix[i].vector - SEKI_VECTOR_REFLECTOR_FIRST]);
}
