/* SPDX-License-Identifier: BSD-3-Clause */
#include "attack_make.h"

#include <netinet/in.h>
#include <netinet/ip.h>

/* Floods of other protocols than TCP, sent by bots; forged addresses change nothing about what they look like. */

/* As bots of the Mirai family: random ports and bytes, 512 of them or 1024. */
unsigned
gen_make_udp(struct gen_attack *attack, struct gen_item *item)
{
	attack_aim(attack, item, IPPROTO_UDP, 64);
	item->flow.cport = (uint16_t)attack_between(attack, 1, 65535);
	/* Their source ports are any, but those of reflectors are another vector. */
	while (gen_is_reflector(item->flow.cport))
		item->flow.cport = (uint16_t)attack_between(attack, 1, 65535);
	item->flow.sport = (uint16_t)attack_between(attack, 1, 65535);
	item->packet.payload = attack_between(attack, 0, 3) == 0 ? 1024 : 512;
	return 1;
}

/* ping -f, every fourth of them as large as fits. */
unsigned
gen_make_icmp(struct gen_attack *attack, struct gen_item *item)
{
	attack_aim(attack, item, IPPROTO_ICMP, 64);
	if (item->flow.family == 6)
		item->flow.proto = IPPROTO_ICMPV6;
	item->packet.icmp_type = item->flow.family == 6 ? 128 : 8;
	item->flow.cport = (uint16_t)attack_between(attack, 0, 65535);
	item->packet.seq = (uint32_t)attack_between(attack, 0, 65535);
	item->packet.payload = attack_between(attack, 0, 3) == 0 ? 1400 : 56;
	return 1;
}

/* BlackNurse: "port unreachable", of a datagram that the attacked one never sent. */
unsigned
gen_make_icmp_error(struct gen_attack *attack, struct gen_item *item)
{
	struct gen_flow *flow = &item->flow;
	struct gen_addr attacker;

	attack_aim(attack, item, IPPROTO_UDP, 64);
	attacker = flow->client;
	flow->client = flow->server;
	flow->server = attacker;
	flow->client_outside = false;
	flow->cport = (uint16_t)attack_between(attack, 1024, 65535);
	flow->sport = (uint16_t)attack_between(attack, 1, 65535);
	item->packet.kind = GEN_ICMP_ERROR;
	item->packet.from_server = true;
	item->packet.icmp_type = flow->family == 6 ? 1 : 3;
	item->packet.icmp_code = flow->family == 6 ? 4 : 3;
	return 1;
}

/* Questions that no host should answer: timestamp, information, address mask (RFC 792, 950); node information (RFC
 * 4620). */
unsigned
gen_make_icmp_other(struct gen_attack *attack, struct gen_item *item)
{
	static const uint8_t types[] = {13, 15, 17};

	attack_aim(attack, item, IPPROTO_ICMP, 64);
	if (item->flow.family == 6)
		item->flow.proto = IPPROTO_ICMPV6;
	item->packet.icmp_type = item->flow.family == 6 ? 139 : types[attack_between(attack, 0, 2)];
	item->flow.cport = (uint16_t)attack_between(attack, 0, 65535);
	item->packet.seq = (uint32_t)attack_between(attack, 0, 65535);
	item->packet.payload = 12;
	return 1;
}

/* As bots of the Mirai family: IPv4 and UDP with 512 random bytes in GRE. */
unsigned
gen_make_gre(struct gen_attack *attack, struct gen_item *item)
{
	attack_aim(attack, item, IPPROTO_GRE, 64);
	item->flow.cport = (uint16_t)attack_between(attack, 1, 65535);
	item->flow.sport = (uint16_t)attack_between(attack, 1, 65535);
	item->packet.payload = 512;
	return 1;
}

/* Protocols that nobody filters by port: ESP, SCTP, those for experiments (RFC 3692) and unassigned ones. */
unsigned
gen_make_other(struct gen_attack *attack, struct gen_item *item)
{
	uint64_t kind = attack_between(attack, 0, 9);
	uint8_t proto = kind < 3   ? IPPROTO_ESP
			: kind < 5 ? IPPROTO_SCTP
			: kind < 7 ? 253
				   : (uint8_t)attack_between(attack, 150, 252);

	attack_aim(attack, item, proto, 64);
	item->packet.payload = (uint16_t)attack_between(attack, 64, 1400);
	return 1;
}

/* Later fragments of datagrams that were never sent: mostly full ones, some small. */
unsigned
gen_make_fragment(struct gen_attack *attack, struct gen_item *item)
{
	attack_aim(attack, item, IPPROTO_UDP, 64);
	item->packet.kind = GEN_PIECE;
	item->packet.payload = attack_between(attack, 0, 3) == 0 ? 512 : 1440;
	item->packet.fragment = (uint16_t)(attack_between(attack, 1, 40) * 185);
	if (attack_between(attack, 0, 1) == 0)
		item->packet.fragment |= IP_MF;
	return 1;
}
