/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SEKI_TEST_FLOW_ROWS_H
#define SEKI_TEST_FLOW_ROWS_H

/*
 * The state machine of flow.h, a row for each thing that it says. A script is steps with semicolons between them:
 *
 *     [+seconds] (< inbound | > outbound) what [number] [! it is dropped] [= what its flow says]
 *
 * what    letters of TCP flags; u: a packet of another protocol; e: an ICMP error about one; 1, 2: a first, a later fragment
 * number  sequence number of what goes out, what is acknowledged of what comes in, the number of a fragmented packet
 * says    K known, A the inside spoke first, V verified, N made a conversation by this packet; -: nothing
 */
#include "flow_rig.h"

struct row {
	const char *about;
	uint8_t proto;
	const char *script;
	uint16_t zone; /* 0: ZONE_PLAIN */
	uint16_t inside_port, client_port; /* 0: no service's */
};

#define TCP IPPROTO_TCP
#define UDP IPPROTO_UDP

static const struct row rows[] = {
	/* The inside opens. */
	{"SYN, SYN-ACK with the right number", TCP, .script = "> S 100; < SA 101 = KAV; > A; < PA = KAV"},
	{"one too much, one too little, none", TCP, .script = "> S 100; < SA 102 =-; < SA 100 =-; < SA 0 =-; < SA 101 = KAV"},
	{"a number that differs in a middle bit", TCP, .script = "> S 100; < SA 8388709 =-; < SA 101 = KAV"},
	{"a number that differs in its highest bit", TCP, .script = "> S 100; < SA 2147483749 =-; < SA 101 = KAV"},
	{"the number goes round", TCP, .script = "> S 0xffffffff; < SA 1 =-; < SA 0 = KAV"},
	{"a SYN alone, an ACK alone, an RST prove nothing", TCP, .script = "> S 100; < S =-; < A 101 =-; < RA 102 =-; < R =-; < SA 101 = KAV"},
	{"it is refused by the right number", TCP, .script = "> S 100; < RA 101 = KA; < RA 101 = KA; < SA 101 = KAV"},
	{"the answer is sent again", TCP, .script = "> S 7; < SA 8 = KAV; < SA 8 = KAV; < S =-"},
	{"of a connection that the outside began, a SYN-ACK is none of its", TCP, .script = "> SA 7; < A 8 = KVN; < SA 8 =-"},
	{"the inside's bare ACK before the proof", TCP, .script = "> SA 5; > A 6; < A 0 =-; < A 6 = KVN"},
	{"one FIN, and the ports are used again", TCP, .script = "> SA 5; < A 6 = KVN; < FA = KV; > SA 9; < A 10 = KVN; > FA; < A = KV; +70 < A = KV"},
	{"a SYN with ECN", TCP, .script = "> SEC 7; < SAE 8 = KAV"},
	{"a SYN that is sent again", TCP, .script = "> S 7; +3 > S 7; < SA 8 = KAV"},
	{"the inside acknowledges what has gone another way", TCP, .script = "> S 7; > A; < A = KA; < PA = KA"},
	{"a SYN with another number", TCP, .script = "> S 7; > S 70; < SA 8 =-; < SA 71 = KAV"},
	{"SYN-ACK after 58 seconds", TCP, .script = "> S 7; +58 < SA 8 = KAV"},
	{"SYN-ACK after 61 seconds", TCP, .script = "> S 7; +61 < SA 8 =-; < A =-"},
	{"wrong answers do not prolong an opening", TCP, .script = "> S 7; +40 < SA 9 =-; +21 < SA 8 =-"},
	{"an error about a SYN", TCP, .script = "> S 7; < e = KA; < SA 8 = KAV"},

	/* The outside opens. */
	{"SYN, SYN-ACK, ACK with the right number", TCP, .script = "< S =-; > SA 500; < A 501 = KVN; < A = KV"},
	{"with data", TCP, .script = "< S =-; > SA 500; < PA 501 = KVN"},
	{"with the end of the connection", TCP, .script = "< S =-; > SA 500; < FA 501 = KVN; > FA; +55 < A = K; +6 < A =-"},
	{"one too much, one too little, none", TCP, .script = "< S =-; > SA 5; < A 7 =-; < A 5 =-; < A 0 =-; < A 6 = KVN"},
	{"the number goes round", TCP, .script = "> SA 0xffffffff; < A 0 = KVN"},
	{"a SYN-ACK, an RST prove nothing", TCP, .script = "> SA 5; < SA 6 =-; < RA 6 =-; < A 6 = KVN"},
	{"the inside's data before the proof", TCP, .script = "> SA 5; > PA 6; < A 0 = K; < A 6 = K"},
	{"a SYN-ACK that is sent again", TCP, .script = "> SA 5; +3 > SA 5; < A 6 = KVN"},
	{"a SYN-ACK with another number", TCP, .script = "> SA 5; > SA 50; < A 6 =-; < A 51 = KVN"},
	{"a SYN-ACK that is sent again since the ACK got lost behind", TCP, .script = "> SA 5; < A 6 = KVN; > SA 5; < A = KV"},
	{"ACK after 58 seconds", TCP, .script = "> SA 5; +58 < A 6 = KVN"},
	{"ACK after 61 seconds", TCP, .script = "> SA 5; +61 < A 6 =-"},
	{"wrong ACKs do not prolong it", TCP, .script = "> SA 5; +40 < A 9 =-; +21 < A 6 =-"},

	/* In the middle. */
	{"the inside's segment", TCP, .script = "< A =-; > A; < A = K; < PA = K"},
	{"the inside's data", TCP, .script = "> PA; < A = K"},
	{"the inside's end, then the outside's", TCP, .script = "> FA; < A = K; < FA = K; +61 < A =-"},
	{"the inside's RST is of nothing", TCP, .script = "< A =-; > R; < A =-; > RA; < A =-"},
	{"a connection that is known does not prove", TCP, .script = "> A; < SA 1 =-; < A 1 = K"},
	{"a SYN belongs to no connection, and ends none", TCP, .script = "> A; < S =-; < A = K"},

	/* The end. */
	{"RST from outside ends nothing", TCP, .script = "> S 1; < SA 2 = KAV; < R = KAV; < RA = KA; +3600 < A = KA; > A; < A = KA"},
	{"FIN from outside ends nothing", TCP, .script = "> S 1; < SA 2 = KAV; < FA = KAV; +3600 < A = KAV; +3600 > A; < A = KAV"},
	{"FIN from inside ends nothing", TCP, .script = "> S 1; < SA 2 = KAV; > FA; < A = KAV; +3600 < A = KAV"},
	{"RST from inside closes", TCP, .script = "> S 1; < SA 2 = KAV; > R; +4 < A = KA; +2 < A =-"},
	{"RST from inside with ACK", TCP, .script = "> A; > RA; < A = K; +6 < A =-"},
	{"RST from inside in place of a handshake", TCP, .script = "> SA 5; > R; < A 6 = K; +6 < A 6 =-"},
	{"FIN from outside, then from inside", TCP, .script = "> A; < FA = K; > FA; +58 < A = K; +3 < A =-"},
	{"FIN from inside, then from outside", TCP, .script = "> A; > FA; < FA = K; +58 < A = K; +3 < A =-"},
	{"FIN from inside twice", TCP, .script = "> A; > FA; > FA; +600 < A = K"},
	{"what belongs to the end does not prolong it", TCP, .script = "> A; > FA; < FA = K; +30 > A; +28 < A = K; > A; +3 < A =-"},
	{"a SYN after the end", TCP, .script = "> A; > FA; < FA = K; < S =-; > SA 9; < A 10 = KVN; +600 < A = KV"},
	{"the inside opens anew after the end", TCP, .script = "> A; > R; > S 9; < A =-; < SA 10 = KAV"},
	{"the inside opens anew where a connection stood", TCP, .script = "> S 1; < SA 2 = KAV; > S 9; < A =-; < SA 10 = KAV"},
	{"a connection picked up is opened anew", TCP, .script = "> A; < S =-; > SA 9; < A 1 =-; < A 10 = KVN"},

	/* Two hours and four minutes, from either side's last packet. */
	{"silent for 7440 s", TCP, .script = "> S 1; < SA 2 = KAV; +7440 < A = KAV; +7440 < A = KAV"},
	{"the inside speaks", TCP, .script = "> A; +7440 > A; +7440 > A; +7440 < A = K"},
	{"silent for more", TCP, .script = "> S 1; < SA 2 = KAV; +7510 < A =-"},
	{"picked up, silent for more", TCP, .script = "> A; +7510 < A =-"},

	/* ICMP errors belong to the flow, and are no sign of life. */
	{"an error about nothing", TCP, .script = "< e =-; < A =-"},
	{"an error about a connection", TCP, .script = "> S 1; < SA 2 = KAV; < e = KA; +4000 < e = KA; +3510 < e =-; < A =-"},
	{"an error about a connection of the outside", TCP, .script = "> SA 1; < A 2 = KVN; < e = K"},
	{"an error of the inside makes nothing", TCP, .script = "> e; < A =-; < e =-"},
	{"an error about a pinhole", UDP, .script = "> u; < e = KA; +50 < e = KA; +11 < u =-"},
	{"an error about an answer", UDP, .script = "< u =-; > u; < e = K"},

	/* Other protocols: the inside asks. */
	{"UDP", UDP, .script = "> u; < u = KAN; < u = KA; > u; < u = KA"},
	{"answer after 58 seconds", UDP, .script = "> u; +58 < u = KAN"},
	{"answer after 61 seconds", UDP, .script = "> u; +61 < u =-"},
	{"asked again", UDP, .script = "> u; +50 > u; +50 < u = KAN"},
	{"both have spoken: five minutes", UDP, .script = "> u; < u = KAN; +298 < u = KA; +298 < u = KA; +301 < u =-"},
	{"both have spoken, the inside speaks on", UDP, .script = "> u; < u = KAN; +298 > u; +298 < u = KA"},
	{"a question of DNS: half a minute, answers do not prolong it", UDP,
		.script = "> u; < u = KAN; +28 < u = KA; +3 < u =-", .client_port = 53},
	{"a question of NTP", UDP, .script = "> u; +31 < u =-", .client_port = 123},
	{"another question of NTP", UDP, .script = "> u; +28 > u; +28 < u = KAN", .client_port = 123},
	{"GRE", IPPROTO_GRE, .script = "> u; < u = KAN; < u = KA"},
	{"ESP", IPPROTO_ESP, .script = "< u =-; +9 > u; < u = KAN"},

	/* The inside answers. */
	{"what came first earns no pinhole", UDP, .script = "< u =-; > u; < u = KN; < u = K"},
	{"no more does what is said on", UDP, .script = "< u =-; > u; +9 > u; < u = KN; +9 > u; < u = K"},
	{"answered: half a minute", UDP, .script = "< u =-; > u; +28 < u = KN"},
	{"answered, and no more came", UDP, .script = "< u =-; > u; +31 < u =-"},
	{"answered, then both speak", UDP, .script = "< u =-; > u; < u = KN; +298 < u = K; +301 < u =-"},
	{"forgotten after two slices of time", UDP, .script = "< u =-; +9 > u; < u = KAN"},
	{"remembered for one", UDP, .script = "< u =-; +4 > u; < u = KN"},
	{"what was dropped has not come", UDP, .script = "< u ! =-; > u; < u = KAN"},
	{"what was dropped, and came again", UDP, .script = "< u ! =-; < u =-; > u; < u = KN"},
	{"GRE that came first", IPPROTO_GRE, .script = "< u =-; > u; < u = KN"},
	{"a first fragment that came first", UDP, .script = "< 1 7 =-; > u; < u = KN"},

	/* Zones that name what they serve over UDP. */
	{"a served port never asks", UDP, .script = "> u; < u = KN; < u = K", .zone = ZONE_SERVES, .inside_port = 5000},
	{"a port that is not served does", UDP, .script = "> u; < u = KAN", .zone = ZONE_SERVES, .inside_port = 5001},
	{"an answer of the zone's DNS leaves nothing", UDP, .script = "< u =-; > u; < u =-; > u; +9 > u; < u =-", .zone = ZONE_SERVES,
		.inside_port = 53},
	{"an answer of the zone's NTP leaves nothing", UDP, .script = "> u; < u =-", .zone = ZONE_SERVES, .inside_port = 123},
	{"a zone that names nothing", UDP, .script = "< u =-; > u; < u = KN", .inside_port = 53},
	{"served over UDP says nothing about GRE", IPPROTO_GRE, .script = "> u; < u = KAN", .zone = ZONE_SERVES},

	/* ICMP opens nothing. */
	{"echo", IPPROTO_ICMP, .script = "> u; < u =-; < u =-"},
	{"echo that is answered", IPPROTO_ICMP, .script = "< u =-; > u; < u =-"},

	/* Fragments. */
	{"later ones follow a first one that passed", UDP, .script = "< 1 7 =-; < 2 7 = K; < 2 7 = K"},
	{"of a pinhole", UDP, .script = "> u; < 1 7 = KAN; < 2 7 = KA; < 1 8 = KA; < 2 8 = KA"},
	{"of a connection", TCP, .script = "> A; < 1 7 = K; < 2 7 = K"},
	{"of GRE", IPPROTO_GRE, .script = "< 1 7 =-; < 2 7 = K"},
	{"of ESP that the inside has asked for", IPPROTO_ESP, .script = "> u; < 1 7 = KAN; < 2 7 = KA"},
	{"of ESP that came first", IPPROTO_ESP, .script = "< 1 7 =-; < 2 7 = K; > u; < u = KN"},
	{"of ICMP", IPPROTO_ICMP, .script = "< 1 7 =-; < 2 7 = K"},
	{"none follows one that was dropped", UDP, .script = "< 1 7 ! =-; < 2 7 =-"},
	{"of a known flow, dropped", UDP, .script = "> u; < 1 7 ! = KAN; < 2 7 =-"},
	{"dropped, then sent again", UDP, .script = "< 1 7 ! =-; < 1 7 =-; < 2 7 = K"},
	{"dropped after one that passed", UDP, .script = "< 1 7 =-; < 1 8 ! =-; < 2 7 = K; < 2 8 =-"},
	{"those before the first one", UDP, .script = "< 2 7 =-; < 1 7 =-; < 2 7 = K"},
	{"of another packet", UDP, .script = "< 1 7 =-; < 2 8 =-; < 2 7 = K"},
	{"for a minute, which they do not prolong", UDP, .script = "< 1 7 =-; +58 < 2 7 = K; +3 < 2 7 =-"},
	{"for a minute from the last first one of that number", UDP, .script = "< 1 7 =-; +50 < 1 7 =-; +50 < 2 7 = K"},
	{"a later one of the inside", UDP, .script = "> 2 7; < 2 7 =-; < u =-"},
	{"a first one of the inside asks", UDP, .script = "> 1 7; > 2 7; < 2 7 =-; < u = KAN"},
	{"of ICMP, dropped", IPPROTO_ICMP, .script = "< 1 7 ! =-; < 2 7 =-"},

	/* Where only inbound packets are seen. */
	{"a SYN, then a segment", TCP, .script = "< S =-; < A = KN; < A = K; < PA = K", .zone = ZONE_INBOUND_ONLY},
	{"for ten seconds", TCP, .script = "< S =-; +9 < A = KN; +55 < A = K; +55 < A = K; +65 < A =-", .zone = ZONE_INBOUND_ONLY},
	{"not for more", TCP, .script = "< S =-; +11 < A =-", .zone = ZONE_INBOUND_ONLY},
	{"the same SYN again gives no more time", TCP, .script = "< S =-; +6 < S =-; +5 < A =-", .zone = ZONE_INBOUND_ONLY},
	{"a segment without a SYN", TCP, .script = "< A =-; < A =-; < SA 1 =-; < A =-", .zone = ZONE_INBOUND_ONLY},
	{"an RST after a SYN", TCP, .script = "< S =-; < R =-; < A = KN", .zone = ZONE_INBOUND_ONLY},
	{"neither RST nor FIN ends it", TCP, .script = "< S =-; < A = KN; < R = K; < FA = K; +55 < A = K", .zone = ZONE_INBOUND_ONLY},
	{"UDP is never known", UDP, .script = "< u =-; < u =-; +1 < u =-", .zone = ZONE_INBOUND_ONLY},
	{"fragments are", UDP, .script = "< 1 7 =-; < 2 7 = K", .zone = ZONE_INBOUND_ONLY},

	/* Nothing of a zone that is not tracked. */
	{"not tracked, TCP", TCP, .script = "> S 1; < SA 2 =-; > A; < A =-; < e =-", .zone = ZONE_UNTRACKED},
	{"not tracked, UDP", UDP, .script = "> u; < u =-; < 1 7 =-; < 2 7 =-", .zone = ZONE_UNTRACKED},
};

#undef TCP
#undef UDP

#endif
