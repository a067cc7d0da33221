/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario.h"

#include <string.h>

#define ATTACK(name, maker, over, real, help) \
	{ \
		name, help, maker, NULL, 12000, over, real, 1 \
	}
#define CLEAN(name, add, pps, times, help) \
	{ \
		name, help, NULL, add, pps, GEN_OVER_USUAL, false, times \
	}

static const struct gen_scenario scenarios[] = {
	ATTACK("carpet", gen_make_carpet, GEN_OVER_24, true,
		"reflection off NTP, DNS, CLDAP and memcached over every host of a /24 (default)"),
	CLEAN("none", NULL, 0, 1, "no attack"),
	ATTACK("reflect", gen_make_reflect, GEN_OVER_HOST, true, "reflection off one kind of server: --vector"),
	ATTACK("tcp_syn", gen_make_syn, GEN_OVER_HOST, false,
		"SYNs as of hping3; from bots, as of Mirai; --mimic: as of people"),
	ATTACK("tcp_synack", gen_make_synack, GEN_OVER_HOST, true, "SYN-ACKs, reflected off servers"),
	ATTACK("tcp_ack", gen_make_ack, GEN_OVER_HOST, false, "ACKs without data"),
	ATTACK("tcp_finrst", gen_make_finrst, GEN_OVER_HOST, false, "RST, RST-ACK and FIN-ACK"),
	ATTACK("tcp_other", gen_make_odd, GEN_OVER_HOST, false, "no flags, PSH, URG or both, without ACK"),
	ATTACK("tcp_data", gen_make_data, GEN_OVER_HOST, true,
		"data; from bots, in connections that the inside accepts"),
	ATTACK("connection", gen_make_connections, GEN_OVER_HOST, true,
		"connections that are opened and never used up or closed"),
	ATTACK("udp", gen_make_udp, GEN_OVER_HOST, false, "UDP from and to random ports, 512 and 1024 random bytes"),
	ATTACK("icmp_echo", gen_make_icmp, GEN_OVER_HOST, false, "echo requests"),
	ATTACK("icmp_error", gen_make_icmp_error, GEN_OVER_HOST, false,
		"port unreachable, of what was never sent (BlackNurse)"),
	ATTACK("icmp_other", gen_make_icmp_other, GEN_OVER_HOST, false,
		"requests for timestamps, information and address masks"),
	ATTACK("gre", gen_make_gre, GEN_OVER_HOST, true, "GRE with UDP in IPv4 in it"),
	ATTACK("other", gen_make_other, GEN_OVER_HOST, false, "ESP, SCTP, experimental and unassigned protocols"),
	ATTACK("fragment", gen_make_fragment, GEN_OVER_HOST, false, "fragments that belong to nothing"),
	CLEAN("flash", gen_flash, 0, 10, "after a broadcast: web connections grow to 20 times in 10 s"),
	CLEAN("sale", gen_sale, 0, 23, "tickets at ten o'clock: web connections at 50 times, at once"),
	CLEAN("speedtest", gen_speedtest, 8000, 1, "one after another, 10 s down and 10 s up, six connections each"),
	CLEAN("backup", gen_backup, 8000, 1, "one TCP connection into the network at a high rate"),
	CLEAN("resolver", gen_resolver, 4000, 1,
		"a resolver inside: answers large, late, never, and some unasked (label O)"),
	CLEAN("cgnat", gen_cgnat, 8000, 1, "four thousand people behind eight addresses"),
	CLEAN("game", gen_game, 12000, 1, "a UDP game server inside, a player for each 60 packets a second"),
	CLEAN("call", gen_call, 6000, 1, "video calls: STUN, then RTP both ways, a call for each 300 packets a second"),
	CLEAN("scanner", gen_scanner, 100, 1, "scanners over all addresses and ports (label O: nobody misses them)"),
};
#define N_SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

const struct gen_scenario *
gen_scenario_row(unsigned i)
{
	return i < N_SCENARIOS ? &scenarios[i] : NULL;
}

const struct gen_scenario *
gen_scenario_find(const char *name)
{
	for (size_t i = 0; i < N_SCENARIOS; i++)
		if (strcmp(scenarios[i].name, name) == 0)
			return &scenarios[i];
	return NULL;
}

unsigned
gen_scenario_makers(const struct gen_scenario *scenario, enum gen_shape shape, gen_maker *makers[GEN_MAKERS_MAX])
{
	static gen_maker *const others[] = {gen_make_carpet, gen_make_syn, gen_make_udp, gen_make_ack, gen_make_icmp,
		gen_make_fragment, gen_make_gre, gen_make_synack, gen_make_finrst, gen_make_other};
	unsigned n = 0;

	makers[n++] = scenario->maker;
	for (size_t i = 0; shape == GEN_ROTATE && i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i] != scenario->maker)
			makers[n++] = others[i];
	return n;
}
